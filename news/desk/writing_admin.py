"""Where articles are written."""

from datetime import timedelta
from functools import update_wrapper

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Media, Script
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caisu.core.bilingual import LANGUAGES, column
from caisu.core.throttling import Limit
from news import drafting, publishing
from news.models import Article, WorkingCopy

from . import article_page, autosave, conflict
from .acts import VERBS, ActsAdmin
from .article_form import (
    COVER_FIELDS,
    DESCRIBING,
    ArticleForm,
    SlugField,
    key_in,
    moment,
    store_cover,
    token_in,
    typed,
)

SET_ASIDE = "article-typed"
# Each is kept in the session of somebody who is logged out, or says so.
ASIDE = Limit("article-aside", times=10, seconds=600)


class WritingAdmin(ActsAdmin):
    """The page on which an article is written."""

    form = ArticleForm
    autocomplete_fields = ["tags"]
    raw_id_fields = ["cover", "author"]
    radio_fields = {"meant_for": admin.HORIZONTAL}
    change_form_template = "admin/news/article/change_form.html"
    readonly_fields = ["shown_status", "view_count", "comment_count", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["meant_for"], "classes": ["meant-for"]}),
        *(
            (
                None,
                {
                    "fields": [column(part, code) for part in ("title", "summary", "body")],
                    "classes": ["language-panel", code],
                },
            )
            for code in LANGUAGES
        ),
        (
            gettext_lazy("Where and for whom"),
            {
                "fields": [
                    *("category", "tags", "audience", "is_featured", "is_pinned", "comments_open"),
                    *("byline", "source", "source_url"),
                ]
            },
        ),
        (
            gettext_lazy("Cover"),
            {"fields": ["cover", "new_cover", *COVER_FIELDS], "classes": ["cover-of-article"]},
        ),
        (
            gettext_lazy("Publication"),
            {
                "fields": [
                    *("shown_status", "publish_at", "slug", "author"),
                    *("view_count", "comment_count", "created_at", "updated_at"),
                ]
            },
        ),
    ]

    # --- What a form starts with

    def get_urls(self):
        site = self.admin_site
        return [
            path("autosave/", autosave.view_for(self), name="news_article_autosave"),
            path(
                "copies/<int:pk>/discard/",
                site.admin_view(require_POST(self.discard)),
                name="news_copy_discard",
            ),
            path("add/", self.setting_aside(self.add_view), name="news_article_add"),
            path(
                "<path:object_id>/change/",
                self.setting_aside(self.change_view),
                name="news_article_change",
            ),
            *super().get_urls(),
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if copy := self.copy_asked_for(request, obj):
            form = type(form.__name__, (form,), {"working_copy": copy})
        return form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "source_url":
            kwargs["assume_scheme"] = "https"
        if db_field.name == "slug":
            kwargs["form_class"] = SlugField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def copy_asked_for(self, request, article):
        """The own working copy that this page goes on with, or None."""
        key = request.GET.get("copy", "")
        if request.method != "GET" or not key.isdecimal() or len(key) > 18:
            return None
        copies = WorkingCopy.objects.filter(editor=request.user, submitted_at=None)
        return copies.filter(pk=key, article=article).first()

    def get_changeform_initial_data(self, request):
        return {"author": request.user.pk, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request, obj=None):
        """Only what was never out is deleted; the rest is withdrawn, and its address answers 410."""
        never_out = {Article.Status.DRAFT, Article.Status.SUBMITTED}
        deletable = obj is None or (obj.status in never_out and obj.released_at is None)
        return deletable and super().has_delete_permission(request, obj)

    # --- Nothing typed is lost

    def setting_aside(self, view):
        """The view; what somebody sends who is logged out by now waits in their session."""
        ours = self.admin_site.admin_view(view)

        def wrapped(request, *args, **kwargs):
            # Who never had a session has written nothing here.
            had_session = settings.SESSION_COOKIE_NAME in request.COOKIES
            if request.method == "POST" and request.user.is_anonymous and had_session:
                ASIDE.hit(request.META["REMOTE_ADDR"])
                fields = typed(request.POST)
                if drafting.length_of(fields) <= drafting.MAX_LENGTH:
                    names = ("base", "draft", "copy", "writer")
                    sent = {name: request.POST.get(name, "")[:32] for name in names}
                    request.session[SET_ASIDE] = {"path": request.path, "fields": fields, **sent}
            return ours(request, *args, **kwargs)

        return update_wrapper(wrapped, ours)

    def take_back(self, request, article):
        """Keeps what was set aside for this page as a working copy of who wrote it; returns that."""
        aside = request.session.get(SET_ASIDE)
        if not aside or aside["path"] != request.path:
            return None
        del request.session[SET_ASIDE]
        if aside["writer"] != str(request.user.pk):
            return None
        return self.keep(request, aside["fields"], article, aside)

    def keep(self, request, fields, article, sent):
        """Keeps a working copy; None where there is nothing to keep, or no room for it."""
        try:
            return drafting.keep(
                request.user,
                fields,
                article,
                base=key_in(sent.get("base", "")) or 0,
                token=token_in(sent.get("draft", "")),
                key=key_in(sent.get("copy", "")),
            )
        except (drafting.TooLong, drafting.AwaitsReview):
            return None

    def discard(self, request, pk):
        copies = WorkingCopy.objects.filter(editor=request.user, submitted_at=None)
        copy = get_object_or_404(copies, pk=pk)
        drafting.discard(copy)
        messages.success(request, _("The unsaved changes are gone."))
        if copy.article_id:
            return redirect("admin:news_article_change", copy.article_id)
        return redirect("admin:news_article_add")

    # --- Saving

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        article = self.get_object(request, unquote(object_id)) if object_id else None
        writes = (
            self.has_change_permission(request, article)
            if object_id
            else self.has_add_permission(request)
        )
        known = bool(article) or not object_id
        opened = request.method == "GET" and writes and known
        if opened and (copy := self.take_back(request, article)):
            messages.info(request, _("You had been logged out. What you had typed is here again."))
            return redirect(f"{request.path}?copy={copy.pk}")
        if request.method == "POST" and writes and known:
            if "_preview" in request.POST:
                return self.preview(request, article)
            if "_resolve" in request.POST and article:
                request.POST = conflict.resolved(article, request.POST)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except publishing.Conflict as found:
            return self.show_conflict(request, article, found)

    def preview(self, request, article):
        """Shows what is in the form, kept as a working copy."""
        copy = self.keep(request, typed(request.POST), article, request.POST)
        if article:
            return redirect("admin:news_article_preview", article.pk)
        if copy is None:
            messages.info(request, _("There is nothing to show yet: write something first."))
            return redirect("admin:news_article_add")
        return redirect("admin:news_copy_preview", copy.pk)

    def show_conflict(self, request, article, found):
        """Somebody else was faster: both texts, and nothing is written but the editor's own copy."""
        form = found.form
        if cover := store_cover(form, request.user):
            form.instance.cover = cover
            request.POST = request.POST.copy()
            request.POST["cover"] = str(cover.pk)
        self.keep(request, typed(request.POST), article, request.POST)
        context = {
            **self.admin_site.each_context(request),
            **conflict.said(request, article, form, found.version),
            "opts": self.opts,
            "media": Media(css={"all": ["css/desk.css"]}),
            "is_nav_sidebar_enabled": False,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/news/article/conflict.html", context)

    def save_model(self, request, obj, form, change):
        sent = form.cleaned_data
        before = Article.objects.select_for_update(of=("self",)).get(pk=obj.pk) if change else None
        form.before = before
        if before and sent["base"] is not None and before.version != sent["base"]:
            # Asked before the picture is stored, whose row would vanish with this transaction.
            found = publishing.Conflict(before.version)
            found.form = form
            raise found
        new_cover = store_cover(form, request.user)
        obj.cover = new_cover or obj.cover
        if obj.cover and form.describe_cover(obj.cover, bool(new_cover)):
            if not request.user.has_perm("core.change_image"):
                raise PermissionDenied
            obj.cover.save(update_fields=DESCRIBING)
        form.revision = publishing.save(
            obj,
            request.user,
            tags=sent["tags"],
            base=sent["base"] if change else None,
            note=sent["note"],
            in_step=sent["in_step"],
        )

    def save_related(self, request, form, formsets, change):
        """The tags were saved with the rest; what follows is the verb of the button, and tidying up."""
        article, sent = form.instance, form.cleaned_data
        form.done = {}
        for name, (verb, _words, _done) in VERBS.items():
            if f"_{name}" in request.POST and name != "move":
                if not self.has_publish_permission(request):
                    raise PermissionDenied
                form.done[name] = verb(article, request.user)
        drafting.forget(request.user, article, token=sent["draft"], key=sent["copy"])
        autosave.mark_saved(sent["draft"])
        self.say_what_happened(request, form)

    def say_what_happened(self, request, form):
        article, before = form.instance, form.before
        title = str(article)
        if article.is_public and article.status == Article.Status.PUBLISHED:
            words = _("“%(title)s” is published.") % {"title": title}
        elif article.is_scheduled if article.publish_at else False:
            at = {"title": title, "when": moment(article.publish_at)}
            words = _("“%(title)s” is scheduled for %(when)s.") % at
        else:
            words = {
                Article.Status.ARCHIVED: _("“%(title)s” is saved. It is archived."),
                Article.Status.WITHDRAWN: _("“%(title)s” is saved. It is withdrawn."),
                Article.Status.SUBMITTED: _("“%(title)s” is saved. It waits for review."),
            }.get(article.status, _("“%(title)s” is saved as a draft.")) % {"title": title}
        link = format_html(
            '<a href="{}">{}</a>', article.get_absolute_url(), _("See it on the site")
        )
        messages.success(request, format_html("{} {}", words, link if article.is_public else ""))
        past = article.is_public and article.publish_at < timezone.now() - timedelta(minutes=5)
        if past and "publish_at" in form.changed_data:
            when = {"when": moment(article.publish_at)}
            messages.info(request, _("Its date is in the past: %(when)s.") % when)
        if before and before.released_at and before.slug != article.slug:
            messages.info(request, _("The old address leads to the new one from now on."))
        if not all(form.done.values()):
            messages.warning(request, _("Its status was left as it is."))

    def response_add(self, request, obj, post_url_continue=None):
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        if "_continue" in request.POST:
            return self.after(request, redirect("admin:news_article_change", obj.pk))
        return self.after(request, self.response_post_save_add(request, obj))

    def response_change(self, request, obj):
        if "_continue" in request.POST:
            return self.after(request, redirect("admin:news_article_change", obj.pk))
        return self.after(request, self.response_post_save_change(request, obj))

    def after(self, request, response):
        """Tells the browser which form was saved: what it kept of that is of no use any more."""
        token = token_in(request.POST.get("draft", ""))
        if autosave.was_saved(token):
            response.set_cookie(
                f"saved-{token}",
                "1",
                max_age=24 * 3600,
                path=reverse("admin:index"),
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response

    # --- The page

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        status = obj.status if obj else Article.Status.DRAFT
        fitting = {
            Article.Status.DRAFT: ["publish"],
            Article.Status.SUBMITTED: ["publish"],  # the rest stands with its review
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
        context["show_save_and_add_another"] = False
        # The page is wide already; the way back is in the breadcrumbs.
        context["is_nav_sidebar_enabled"] = False
        context["media"] += Media(
            css={"all": ["css/richtext.css", "css/desk.css"]},
            js=[Script("js/desk.js", type="module")],
        )
        form = context["adminform"].form
        saved = Article.objects.get(pk=obj.pk) if obj and form.is_bound else obj
        context |= article_page.said(request, form, list(context["adminform"]), saved)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def view_on_site(self, obj):
        """None while the form holds something that is no address."""
        try:
            return obj.get_absolute_url()
        except NoReverseMatch:
            return None
