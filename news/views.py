from datetime import datetime
from zlib import crc32

from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from caisu.core.throttling import Limit, TooManyRequests

from .models import Article, Category, Tag

PAGE = 20
HITS = Limit("hit", times=1, seconds=30 * 60)
HITS_FROM_ONE_ADDRESS = Limit("hits", times=120, seconds=60)


class ArticleList(ListView):
    """Newest first, in pages by keyset: ``?before=<id>`` continues after that article."""

    template_name = "news/list.html"
    context_object_name = "articles"

    def public_articles(self):
        return Article.objects.readable_by(self.request.user)

    def get_queryset(self):
        articles = self.public_articles().for_list().newest_first()
        before = self.request.GET.get("before", "")
        if before.isdecimal():
            last = get_object_or_404(
                Article.objects.published().only("publish_at"), pk=int(before[:18])
            )
            older = articles.filter(publish_at__lt=last.publish_at)
            articles = older | articles.filter(publish_at=last.publish_at, pk__lt=last.pk)
        return self.narrow(articles)

    def narrow(self, articles):
        return articles

    def get_context_data(self, **kwargs):
        page = list(self.object_list[: PAGE + 1])
        older = page[PAGE - 1].pk if len(page) > PAGE else None
        return super().get_context_data(
            object_list=page[:PAGE], older=older, continued="before" in self.request.GET, **kwargs
        )


class FrontPage(ArticleList):
    """One lead, then the river of news."""

    template_name = "news/front.html"

    def narrow(self, articles):
        return articles.current()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        river = list(context["articles"])
        lead = None
        if not context["continued"]:
            lead = next((a for a in river if a.is_featured and a.takes_comments), None)
            lead = lead or next((a for a in river if a.takes_comments), None)
        return {**context, "lead": lead, "river": [a for a in river if a != lead]}


class NewsIndex(ArticleList):
    """All news."""


class CategoryPage(ArticleList):
    def narrow(self, articles):
        self.category = get_object_or_404(Category, slug=self.kwargs["category"])
        return articles.filter(category=self.category)

    def get_context_data(self, **kwargs):
        return super().get_context_data(category=self.category, **kwargs)


class TagPage(ArticleList):
    def narrow(self, articles):
        self.tag = get_object_or_404(Tag, slug=self.kwargs["tag"])
        return articles.filter(tags=self.tag)

    def get_context_data(self, **kwargs):
        return super().get_context_data(tag=self.tag, **kwargs)


class ArchivePage(ArticleList):
    """A year, or a month of it, on the calendar of Pocatello."""

    def narrow(self, articles):
        year, month = self.kwargs["year"], self.kwargs.get("month")
        if month == 0:
            raise Http404
        zone = timezone.get_default_timezone()
        try:
            start = datetime(year, month or 1, 1, tzinfo=zone)
            end_year, end_month = (year + 1, 1) if month in {None, 12} else (year, month + 1)
            end = datetime(end_year, end_month, 1, tzinfo=zone)
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        self.start = start
        return articles.filter(publish_at__gte=start, publish_at__lt=end)

    def get_context_data(self, **kwargs):
        return super().get_context_data(start=self.start, month=self.kwargs.get("month"), **kwargs)


def whole_articles():
    return Article.objects.select_related("category", "author", "cover").prefetch_related("tags")


@require_safe
def article(request, year, slug):
    """One article with its conversation."""
    found = get_object_or_404(whole_articles(), slug=slug)
    gone = found.status == Article.Status.WITHDRAWN and found.released_at
    if gone and not found.is_editable_by(request.user):
        return render(request, "410.html", status=410)
    if not found.is_known_to(request.user):
        raise Http404
    if found.year != year:
        return redirect(found, permanent=found.is_public)
    return article_page(request, found)


def article_page(request, found, comment_form=None, status=200):
    """The page itself; also what a comment that needs another try comes back to."""
    readable = found.is_readable_by(request.user)
    newest = (
        Article.objects.readable_by(request.user)
        .filter(category=found.category)
        .exclude(pk=found.pk)
        .for_list()
        .newest_first()[:6]
    )
    response = render(
        request,
        "news/article.html" if readable else "news/teaser.html",
        {
            "article": found,
            "newest": newest,
            "comment_form": comment_form,
            "preview": not found.is_public,
        },
        status=status,
    )
    if not readable or not found.is_public or found.audience != Article.Audience.EVERYONE:
        response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def short_link(request, pk):
    """``/n/<id>/`` leads to the article in the reader's own language."""
    found = get_object_or_404(Article.objects.select_related("author"), pk=pk)
    if not found.is_known_to(request.user):
        raise Http404
    return redirect(found)


@csrf_exempt
@require_POST
def hit(request, pk):
    """Counts a view: a beacon from the page itself, once for each reader and half hour."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return HttpResponseForbidden()
    agent = request.headers.get("User-Agent", "").encode()
    if not Article.objects.published().filter(pk=pk).exists():
        return HttpResponse(status=204)
    try:
        HITS_FROM_ONE_ADDRESS.hit(request.META["REMOTE_ADDR"])
        HITS.hit(f"{pk}:{request.META['REMOTE_ADDR']}:{crc32(agent)}")
    except TooManyRequests:
        return HttpResponse(status=204)
    Article.objects.published().filter(pk=pk).update(view_count=F("view_count") + 1)
    return HttpResponse(status=204)
