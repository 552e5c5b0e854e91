"""The list of articles in the admin."""

from datetime import datetime

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Max, Min, Q
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from caisu.core import fulltext, images
from caisu.core.bilingual import LANGUAGES
from caisu.core.fulltext.models import Entry
from caisu.core.templatetags.site import html_lang
from news import reviewing
from news.models import Article, Category
from news.models.article import ArticleQuerySet

from . import translations, undoing, week
from .acts import ActsAdmin

# Found by a search; their keys go into one query.
MOST_FOUND = 500


class MoveForm(ActionForm):
    """The acts, and the category for the one that moves."""

    category = forms.ModelChoiceField(
        Category.objects.all(), required=False, label=_("to the category")
    )


class StatusFilter(admin.SimpleListFilter):
    """The status, with scheduled apart from published."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        before, after = Article.Status.choices[:2], Article.Status.choices[3:]
        published = Article.Status.choices[2]
        return [*before, ("scheduled", pgettext("article", "Scheduled")), published, *after]

    def queryset(self, request, queryset):
        if self.value() == "scheduled":
            return queryset.scheduled()
        if self.value() == Article.Status.PUBLISHED:
            return queryset.filter(status=self.value()).exclude(
                pk__in=Article.objects.scheduled().values("pk")
            )
        return queryset.filter(status=self.value()) if self.value() else queryset


class TranslationFilter(admin.SimpleListFilter):
    """What has to be translated, by language."""

    title = _("translation")
    parameter_name = "translation"

    def lookups(self, request, model_admin):
        return [("zh-hans", _("Chinese wanted")), ("en", _("English wanted"))]

    def queryset(self, request, queryset):
        if self.value() in LANGUAGES:
            return queryset.needing_translation(self.value())
        return queryset


class PostFilter(admin.SimpleListFilter):
    """Members' own posts, and those of them that wait for an editor."""

    title = _("members’ posts")
    parameter_name = "post"

    def lookups(self, request, model_admin):
        return [
            ("waiting", pgettext("state", "Awaiting review")),
            ("any", pgettext("posts", "All of them")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "waiting":
            return queryset.filter(pk__in=reviewing.awaiting_review().values("pk"))
        return queryset.filter(is_post=True) if self.value() == "any" else queryset


class TagFilter(admin.RelatedFieldListFilter):
    """The tags that there are now. Only those in use would be asked of every article."""

    def field_choices(self, field, request, model_admin):
        current = {"merged_into": None}
        return field.get_choices(include_blank=False, limit_choices_to=current)


class Listed(ArticleQuerySet):
    """Articles with the years above their list, for the template tag ``date_hierarchy``."""

    def datetimes(self, field_name, kind, order="ASC", tzinfo=None):
        """The years from the first to the last; which of them have articles only all would tell."""
        if kind != "year":
            return super().datetimes(field_name, kind, order, tzinfo)
        ends = self.aggregate(first=Min(field_name), last=Max(field_name))
        if ends["first"] is None:
            return []
        first, last = (timezone.localtime(end).year for end in ends.values())
        return [datetime(year, 1, 1) for year in range(first, last + 1)]


class ListAdmin(ActsAdmin):
    """Which articles there are, and what is done to many at once."""

    list_display = [
        "thumbnail",
        "headline",
        "shown_status",
        "in_languages",
        "published",
        "view_count",
        "comment_count",
    ]
    list_display_links = ["headline"]
    list_filter = [
        StatusFilter,
        TranslationFilter,
        "category",
        "audience",
        PostFilter,
        "is_featured",
        "is_pinned",
        ("tags", TagFilter),
    ]
    list_select_related = ["category", "author", "cover"]
    search_fields = ["slug"]  # shows the box; get_search_results does the work
    search_help_text = _(
        "Words of title and text, a writer, tag:name, or the last part of an address."
    )
    date_hierarchy = "publish_at"
    ordering = ["-updated_at", "-pk"]
    list_per_page = 50
    show_full_result_count = False
    action_form = MoveForm
    actions = ["publish", "archive", "withdraw", "back_to_draft", "move"]
    change_list_template = "admin/news/article/change_list.html"

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("undo/", view(undoing.undo), name="news_article_undo"),
            path("translations/", view(translations.board), name="news_translations"),
            path("week/", view(week.week), name="news_week"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            queryset = Listed(self.model, queryset.query)
            queryset = queryset.knowing_texts().defer("body_zh_hans", "body_en")
        return queryset

    def get_search_results(self, request, queryset, search_term):
        """Asks the index once, unless that finds very many: the list asks four times."""
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        found = fulltext.ids("article", words, Entry.Audience.values)
        writers = fulltext.ids("member", words, Entry.Audience.values)
        wanted = Q(pk__in=found) | Q(author__in=writers) | Q(slug=words)
        keys = list(Article.objects.filter(wanted).values_list("pk", flat=True)[: MOST_FOUND + 1])
        if len(keys) <= MOST_FOUND:
            return queryset.filter(pk__in=keys), False
        return queryset.filter(wanted), False

    def changelist_view(self, request, extra_context=None):
        offered = undoing.offered(request)
        return super().changelist_view(request, {**(extra_context or {}), "undo": offered})

    @admin.display(description=pgettext_lazy("column of a list", "Picture"))
    def thumbnail(self, article):
        if not article.cover:
            return mark_safe('<span class="no-picture"></span>')
        return format_html(
            '<img src="{}" alt="" width="72" height="48" loading="lazy">',
            images.thumbnail_url(article.cover),
        )

    @admin.display(description=_("title"), ordering="title_zh_hans")
    def headline(self, article):
        marks = [
            words
            for holds, words in (
                (article.is_pinned, pgettext("mark in a list", "Pinned")),
                (article.is_featured, pgettext("mark in a list", "Featured")),
                (article.is_post, pgettext("mark in a list", "Member’s post")),
                (article.audience == Article.Audience.MEMBERS, _("Members only")),
            )
            if holds
        ]
        return format_html(
            '<span lang="{}">{}</span>{}<span class="under">{} · {}</span>',
            html_lang(article.language),
            article.title,
            format_html_join("", ' <span class="mark">{}</span>', ((mark,) for mark in marks)),
            article.category,
            article.shown_byline,
        )

    @admin.display(description=_("publish at"), ordering="publish_at")
    def published(self, article):
        """Short, so that the numbers beside it stay in sight."""
        if not article.publish_at:
            return "–"
        at = timezone.localtime(article.publish_at)
        day = date_format(at, "SHORT_DATE_FORMAT")
        return format_html('<time datetime="{}">{} {}</time>', at.isoformat(), day, f"{at:%H:%M}")

    @admin.display(description=_("languages"))
    def in_languages(self, article):
        """A mark for each language that it is meant for, in the state of its translation."""
        names = {
            "zh-hans": pgettext("short for Chinese", "Zh"),
            "en": pgettext("short for English", "En"),
        }
        states = [(code, Article.Translation(article.translation(code))) for code in LANGUAGES]
        return format_html_join(
            " ",
            '<span class="translation {}" title="{}">{}<span class="words"> {}</span></span>',
            (
                (state, state.label, names[code], state.label)
                for code, state in states
                if state != Article.Translation.NOT_MEANT
            ),
        )

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Publish the chosen articles"), permissions=["publish"])
    def publish(self, request, queryset):
        self.act(request, list(queryset), "publish")

    @admin.action(description=_("Archive the chosen articles"), permissions=["publish"])
    def archive(self, request, queryset):
        self.act(request, list(queryset), "archive")

    @admin.action(description=_("Withdraw the chosen articles"), permissions=["publish"])
    def withdraw(self, request, queryset):
        self.act(request, list(queryset), "withdraw")

    @admin.action(description=_("Make the chosen articles drafts again"), permissions=["publish"])
    def back_to_draft(self, request, queryset):
        self.act(request, list(queryset), "back_to_draft")

    @admin.action(description=_("Move the chosen articles to a category"), permissions=["publish"])
    def move(self, request, queryset):
        category = Category.objects.filter(pk=request.POST.get("category") or None).first()
        if category is None:
            messages.error(request, _("Choose the category beside the act, then try again."))
            return
        self.act(request, list(queryset), "move", category=category)
