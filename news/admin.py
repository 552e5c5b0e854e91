from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from caisu.core import images
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image
from members.models import Member

from . import publishing
from .models import Article, Category, Tag


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name_zh_hans", "name_en", "slug", "order"]
    list_editable = ["order"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name_zh_hans", "name_en", "slug"]
    search_fields = ["name_zh_hans", "name_en", "slug"]


class ArticleForm(forms.ModelForm):
    """The article, and a cover straight from the editor's disk."""

    new_cover = forms.FileField(
        label=_("upload a new cover"),
        required=False,
        widget=forms.FileInput(attrs={"accept": images.ACCEPT}),
        help_text=_(
            "Or choose one that is here already, by its number, with the magnifying glass."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "author" in self.fields:
            allowed = Q(standing=Member.Standing.ACTIVE) | Q(pk=self.instance.author_id)
            self.fields["author"].queryset = Member.objects.filter(allowed)

    def clean_publish_at(self):
        """What is out keeps its time; a year must be one that a calendar of this site can show."""
        at = self.cleaned_data["publish_at"]
        if at is None and self.instance.status in {
            Article.Status.PUBLISHED,
            Article.Status.ARCHIVED,
        }:
            return self.instance.publish_at
        if at is not None and not 2000 <= at.year <= 2100:
            raise forms.ValidationError(
                _("A time between the years 2000 and 2100, please."), code="year"
            )
        return at

    def clean(self):
        cleaned = super().clean()
        pairs = [(column("title", code), column("body", code)) for code in LANGUAGES]
        if "_publish" in self.data and not any(cleaned.get(t) and cleaned.get(b) for t, b in pairs):
            self.add_error(
                None, _("To publish, write a title and a text in at least one language.")
            )
        return cleaned

    def clean_new_cover(self):
        upload = self.cleaned_data["new_cover"]
        return upload and (images.name_of(upload), images.read(upload))


# Buttons under the form and acts on the list: verb, words, words when done.
VERBS = {
    "publish": (publishing.publish, _("Publish"), _("published")),
    "archive": (publishing.archive, _("Archive"), _("archived")),
    "withdraw": (publishing.withdraw, _("Withdraw"), _("withdrawn")),
    "back_to_draft": (publishing.back_to_draft, _("Back to draft"), _("a draft again")),
}


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    """Where articles are written and published."""

    form = ArticleForm
    list_display = [
        "headline",
        "category",
        "shown_status",
        "in_languages",
        "author",
        "publish_at",
        "view_count",
        "comment_count",
    ]
    list_filter = ["status", "category", "audience", "is_featured"]
    list_select_related = ["category", "author"]
    search_fields = ["title_zh_hans", "title_en", "slug"]
    date_hierarchy = "publish_at"
    ordering = ["-updated_at"]
    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ["tags"]
    raw_id_fields = ["cover", "author"]
    actions = ["publish", "archive", "withdraw", "back_to_draft"]
    change_form_template = "admin/news/article/change_form.html"
    readonly_fields = [
        "cover_now",
        "shown_status",
        "view_count",
        "comment_count",
        "created_at",
        "updated_at",
    ]
    fieldsets = [
        (
            _("Chinese"),
            {
                "fields": ["title_zh_hans", "summary_zh_hans", "body_zh_hans"],
                "classes": ["language-panel"],
            },
        ),
        (
            _("English"),
            {"fields": ["title_en", "summary_en", "body_en"], "classes": ["language-panel"]},
        ),
        (
            _("Where and for whom"),
            {
                "fields": [
                    "category",
                    "tags",
                    "cover_now",
                    "new_cover",
                    "cover",
                    "audience",
                    "is_featured",
                    "comments_open",
                ]
            },
        ),
        (
            _("Publication"),
            {
                "fields": [
                    "shown_status",
                    "publish_at",
                    "slug",
                    "author",
                    "byline",
                    "view_count",
                    "comment_count",
                    "created_at",
                    "updated_at",
                ]
            },
        ),
    ]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            queryset = queryset.defer("body_zh_hans", "body_en")
        return queryset

    @admin.display(description=_("title"), ordering="title_zh_hans")
    def headline(self, article):
        return article.title

    @admin.display(description=_("cover now"))
    def cover_now(self, article):
        if not article.cover:
            return "–"
        return format_html('<img src="{}" alt="" height="90">', images.thumbnail_url(article.cover))

    @admin.display(description=_("languages"))
    def in_languages(self, article):
        names = {
            "zh-hans": pgettext_lazy("short for Chinese", "Zh"),
            "en": pgettext_lazy("short for English", "En"),
        }
        return " · ".join(str(names[code]) for code in article.languages)

    @admin.display(description=_("status"), ordering="status")
    def shown_status(self, article):
        if article.pk and article.status == Article.Status.PUBLISHED and article.is_scheduled:
            return pgettext_lazy("article", "Scheduled")
        return article.get_status_display()

    def get_changeform_initial_data(self, request):
        return {"author": request.user.pk, **super().get_changeform_initial_data(request)}

    def has_publish_permission(self, request):
        return request.user.has_perm("news.publish_article")

    def has_delete_permission(self, request, obj=None):
        """Only what was never out is deleted; the rest is withdrawn, and its address answers 410."""
        deletable = obj is None or obj.status in {Article.Status.DRAFT, Article.Status.SUBMITTED}
        return deletable and super().has_delete_permission(request, obj)

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request, obj, form, change):
        if new_cover := form.cleaned_data.get("new_cover"):
            name, picture = new_cover
            obj.cover = images.store(picture, Image(name=name, uploaded_by=request.user))
        publishing.save(obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for name in VERBS:
            if f"_{name}" in request.POST:
                if not self.has_publish_permission(request):
                    raise PermissionDenied
                self.act(request, [form.instance], name)

    def act(self, request, articles, name):
        verb, _words, done_words = VERBS[name]
        done_to = [article for article in articles if verb(article, request.user)]
        done, left = len(done_to), len(articles) - len(done_to)
        if done and all(article.is_scheduled for article in done_to):
            done_words = _("scheduled")
        if done:
            messages.success(
                request,
                ngettext(
                    "%(count)d article is now %(what)s.",
                    "%(count)d articles are now %(what)s.",
                    done,
                )
                % {"count": done, "what": done_words},
            )
        if left:
            messages.warning(
                request,
                ngettext(
                    "%(count)d article was left as it is.",
                    "%(count)d articles were left as they are.",
                    left,
                )
                % {"count": left},
            )

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        status = obj.status if obj else Article.Status.DRAFT
        fitting = {
            Article.Status.DRAFT: ["publish"],
            Article.Status.SUBMITTED: ["publish", "back_to_draft"],
            Article.Status.PUBLISHED: ["archive", "withdraw"],
            Article.Status.ARCHIVED: ["publish", "withdraw"],
            Article.Status.WITHDRAWN: ["publish", "back_to_draft"],
        }[status]
        if obj and obj.status == Article.Status.PUBLISHED and obj.is_scheduled:
            fitting = ["withdraw", "back_to_draft"]
        context["verbs"] = (
            [(name, VERBS[name][1]) for name in fitting]
            if self.has_publish_permission(request)
            else []
        )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def view_on_site(self, obj):
        return obj.get_absolute_url()

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
