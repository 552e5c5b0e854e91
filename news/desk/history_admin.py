"""Who changed what, and how an article looks before it is out."""

from copy import copy as copy_of

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from caisu.core.bilingual import LANGUAGES, active
from caisu.core.middleware import POLICY
from members.moderation.models import State
from news import preview_views, previewing, publishing, restoring, revisions
from news.models import Article, WorkingCopy

from . import comparing

WITH_FRAMES = f"{POLICY}; frame-src 'self'"
WIDTHS = ("phone", "desktop")
SAVED, MINE = "saved", "mine"
PAGE = 30


def number_in(query, name):
    """A number of a revision in a query, or None."""
    value = query.get(name, "")
    return int(value[:9]) if value.isascii() and value.isdigit() else None


class HistoryAdmin(admin.ModelAdmin):
    """History, comparison, restoring and previews of articles."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/history/compare/", view(self.compare_view), name="news_article_compare"),
            path(
                "<int:pk>/history/<int:number>/restore/",
                view(self.restore_view),
                name="news_article_restore",
            ),
            path("<int:pk>/preview/", view(self.preview_view), name="news_article_preview"),
            path(
                "<int:pk>/preview/page/",
                view(require_safe(self.previewed_view)),
                name="news_article_previewed",
            ),
            path(
                "copy/<int:pk>/preview/",
                view(require_safe(self.copy_preview_view)),
                name="news_copy_preview",
            ),
            path(
                "copy/<int:pk>/preview/page/",
                view(require_safe(self.copy_previewed_view)),
                name="news_copy_previewed",
            ),
            *super().get_urls(),
        ]

    def article_for(self, request, pk):
        """The article, for whoever may change it; others do not learn whether there is one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        article = self.get_object(request, str(pk))
        if article is None:
            raise Http404
        return article

    def page(self, request, template, article, title, **context):
        """A page of the desk about an article, or about one that is not there yet."""
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            f"admin/news/article/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                "subtitle": None,
                "article": article,
                **context,
            },
        )

    # — History

    def history_view(self, request, object_id, extra_context=None):
        if not object_id.isascii() or not object_id.isdigit():
            raise Http404
        article = self.article_for(request, object_id[:18])
        before = number_in(request.GET, "before")
        entries = revisions.history(article, before, PAGE)
        return self.page(
            request,
            "history",
            article,
            _("History"),
            entries=entries[:PAGE],
            older=entries[PAGE - 1].number if len(entries) > PAGE else None,
            continued=before is not None,
            **(extra_context or {}),
        )

    def compare_view(self, request, pk):
        """``?old=3&new=5``: two revisions; without ``new``, a revision and what is there now."""
        article = self.article_for(request, pk)
        numbers = [number_in(request.GET, name) for name in ("old", "new")]
        wanted = sorted(number for number in numbers if number is not None)
        found = {
            each.number: each
            for each in article.revisions.filter(number__in=wanted).select_related("by")
        }
        if not wanted or any(number not in found for number in wanted):
            raise Http404
        old, new = found[wanted[0]], found[wanted[1]] if len(wanted) > 1 else None
        before, after = old.fields, new.fields if new else revisions.fields_of(article)
        return self.page(
            request,
            "compare",
            article,
            _("Compare"),
            old=old,
            new=new,
            newest=article.version,
            panels=comparing.panels(before, after),
            others=comparing.others(before, after),
            same=before == after,
        )

    def restore_view(self, request, pk, number):
        """Shows what would change, and changes it."""
        article = self.article_for(request, pk)
        revision = get_object_or_404(article.revisions.select_related("by"), number=number)
        if request.method == "POST":
            return self.restore(request, article, revision)
        before, became = revisions.fields_of(article), copy_of(article)
        after = {**before, **restoring.restored(became, revision)}
        return self.page(
            request,
            "history_restore",
            article,
            _("Restore"),
            revision=revision,
            panels=comparing.panels(before, after),
            others=comparing.others(before, after),
            same=before == after,
            incomplete=article.status in restoring.OUT and not became.is_complete,
        )

    def restore(self, request, article, revision):
        again = redirect("admin:news_article_restore", article.pk, revision.number)
        try:
            new = restoring.restore(revision, request.user, number_in(request.POST, "base"))
        except publishing.Conflict:
            messages.warning(
                request,
                _("Somebody saved this article meanwhile. See again what would change."),
            )
            return again
        except restoring.Incomplete:
            return again  # which says why
        if new is None:
            messages.info(request, _("Nothing changed: the article says just that already."))
        else:
            messages.success(
                request,
                format_html(
                    '{} <a href="{}?old={}&amp;new={}">{}</a>',
                    _("Revision %(number)d is restored.") % {"number": revision.number},
                    reverse("admin:news_article_compare", args=[article.pk]),
                    new.number - 1,
                    new.number,
                    _("See what changed"),
                ),
            )
        return redirect("admin:news_article_history", article.pk)

    # — Preview

    def kinds(self, request, article):
        """What there is to see of an article: name, words, working copy."""
        found = []
        if mine := previewing.unsaved_by(request.user, article):
            found.append((MINE, _("What you are writing"), mine))
        found.append((SAVED, pgettext("state of an article", "Saved"), None))
        proposals = WorkingCopy.objects.filter(article=article, submitted_at__isnull=False)
        found += [
            (
                str(copy.pk),
                _("Proposed by %(name)s") % {"name": copy.editor.display_name},
                copy,
            )
            for copy in proposals.select_related("editor")
        ]
        return found

    def chosen(self, request, article):
        """Which of them: name, words, working copy; and all of them."""
        kinds = self.kinds(request, article)
        name = request.GET.get("show", "")
        return next((kind for kind in kinds if kind[0] == name), kinds[0]), kinds

    def frame(self, request, article, title, page, kinds=(), show="", **context):
        """The page around a preview, with its switches as links.

        Args:
            page: address of what is in the frame, without its query.
        """
        language = request.GET.get("language")
        language = language if language in LANGUAGES else active()
        width = request.GET.get("width")
        width = width if width in WIDTHS else "desktop"
        now = {"language": language, "width": width} | ({"show": show} if show else {})

        def switch(**change):
            return f"?{urlencode({**now, **change})}"

        names = {
            "phone": pgettext("of a screen", "Phone"),
            "desktop": pgettext("of a screen", "Desktop"),
        }
        response = self.page(
            request,
            "preview",
            article,
            title,
            shown_language=language,
            width=width,
            switches=[
                (
                    _("Language"),
                    [
                        (words, switch(language=code), code == language, code)
                        for code, words in (("zh-hans", "中文"), ("en", "English"))
                    ],
                ),
                (
                    pgettext("of a screen", "Width"),
                    [(names[name], switch(width=name), name == width, "") for name in WIDTHS],
                ),
                (
                    pgettext("of an article", "Version"),
                    [
                        (words, switch(show=name), name == show, "")
                        for name, words, _copy in kinds
                        if len(kinds) > 1
                    ],
                ),
            ],
            framed=page + "?" + urlencode({k: v for k, v in now.items() if k != "width"}),
            **context,
        )
        response["Content-Security-Policy"] = WITH_FRAMES
        return preview_views.closed(response)

    def previewed(self, request, article):
        """What stands in the frame, in the language that its query says."""
        language = request.GET.get("language")
        with translation.override(language if language in LANGUAGES else active()):
            return preview_views.framed_page(request, article)

    def article_shown(self, article, copy):
        if copy is None:
            return previewing.saved(article)
        copy.article = article
        return previewing.proposed(copy) if copy.submitted_at else previewing.written(copy)

    def preview_view(self, request, pk):
        """The article in a frame; by POST with a link for somebody without an account."""
        article = self.article_for(request, pk)
        (show, _words, copy), kinds = self.chosen(request, article)
        proposal = copy if copy and copy.submitted_at else None
        out = article.is_public and not proposal
        closed = article.status == Article.Status.WITHDRAWN or article.state not in {
            State.VISIBLE,
            State.HELD,
        }
        link = ""
        if request.method == "POST" and not closed and not out:
            token = previewing.link_token(article, request.user, proposal)
            language = request.GET.get("language")
            with translation.override(language if language in LANGUAGES else active()):
                link = settings.SITE_URL + reverse("news:preview", args=[token])
        return self.frame(
            request,
            article,
            _("Preview"),
            reverse("admin:news_article_previewed", args=[pk]),
            kinds,
            show,
            mine=show == MINE,
            proposal=proposal,
            may_link=not closed and not out,
            link=link,
        )

    def previewed_view(self, request, pk):
        article = self.article_for(request, pk)
        (_show, _words, copy), _kinds = self.chosen(request, article)
        return self.previewed(request, self.article_shown(article, copy))

    def copy_for(self, request, pk):
        """What is being written and is no article yet; for nobody but who writes it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(WorkingCopy, pk=pk, editor=request.user, submitted_at=None)

    def copy_preview_view(self, request, pk):
        copy = self.copy_for(request, pk)
        if copy.article_id:
            return redirect("admin:news_article_preview", copy.article_id)
        page = reverse("admin:news_copy_previewed", args=[pk])
        return self.frame(request, None, _("Preview"), page, mine=True)

    def copy_previewed_view(self, request, pk):
        return self.previewed(request, previewing.written(self.copy_for(request, pk)))
