from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView

from members.models import Member
from members.moderation.views import report_page

from . import contents, counting, nearby
from .models import Article, Category, Tag

PAGE = 20
PINNED = 5  # of the pinned, the newest so many stand on top
MOST_READ = 5  # in each of the short lists beside others
# What a primary key can be; the address of a beacon takes any number.
LAST_ID = 2**63 - 1


class ArticleList(ListView):
    """Newest first, in pages by keyset: ``?before=<id>`` continues after that article."""

    template_name = "news/list.html"
    context_object_name = "articles"

    def get(self, request, *args, **kwargs):
        return self.moved() or super().get(request, *args, **kwargs)

    def moved(self):
        """A redirect, where the list has another address now."""
        return None

    def public_articles(self):
        return Article.objects.readable_by(self.request.user)

    def get_queryset(self):
        articles = self.narrow(self.public_articles().for_list().newest_first())
        before = self.request.GET.get("before", "")
        if before.isdecimal():
            last = get_object_or_404(
                Article.objects.published().only("publish_at"), pk=int(before[:18])
            )
            articles = articles.older_than(last)
        return articles

    def narrow(self, articles):
        return articles

    def get_context_data(self, **kwargs):
        page = list(self.object_list[: PAGE + 1])
        older = page[PAGE - 1].pk if len(page) > PAGE else None
        return super().get_context_data(
            object_list=page[:PAGE],
            older=older,
            continued="before" in self.request.GET,
            most_read=self.most_read(),
            **kwargs,
        )

    def most_read(self):
        """The most read articles of each period, for the box beside the list."""
        wanted = {period: ids[: 2 * MOST_READ] for period, ids in counting.most_read().items()}
        rows = (
            self.public_articles()
            .only(*nearby.SHOWN)
            .in_bulk({pk for ids in wanted.values() for pk in ids})
        )
        return {
            period: [rows[pk] for pk in ids if pk in rows][:MOST_READ]
            for period, ids in wanted.items()
        }


class FrontPage(ArticleList):
    """What is pinned, one lead, then the river of news."""

    template_name = "news/front.html"

    def narrow(self, articles):
        current = articles.current()
        self.pinned = list(current.filter(is_pinned=True)[:PINNED])
        return current.exclude(pk__in=[article.pk for article in self.pinned])

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        river = list(context["articles"])
        lead, pinned = None, []
        if not context["continued"]:
            pinned = self.pinned
            lead = next((a for a in river if a.is_featured and a.takes_comments), None)
            lead = lead or next((a for a in river if a.takes_comments), None)
        return {
            **context,
            "pinned": pinned,
            "lead": lead,
            "river": [a for a in river if a != lead],
        }


class CalendarMixin:
    """Beside the list, the years and months that have articles."""

    def get_context_data(self, **kwargs):
        self.months = contents.months(self.request.user)
        year = self.kwargs.get("year") or (self.months[0].year if self.months else None)
        return super().get_context_data(calendar=contents.by_year(self.months, year), **kwargs)


class NewsIndex(CalendarMixin, ArticleList):
    """All news."""


class CategoryPage(ArticleList):
    def narrow(self, articles):
        self.category = get_object_or_404(Category, slug=self.kwargs["category"])
        return articles.filter(category=self.category)

    def get_context_data(self, **kwargs):
        return super().get_context_data(category=self.category, **kwargs)


class TagPage(ArticleList):
    def moved(self):
        self.tag = get_object_or_404(Tag, slug=self.kwargs["tag"])
        if not self.tag.merged_into_id:
            return None
        tag, seen = self.tag, set()
        while tag.merged_into_id:
            if tag.pk in seen:
                raise Http404
            seen.add(tag.pk)
            tag = tag.merged_into
        return redirect(tag, permanent=True)

    def narrow(self, articles):
        return articles.filter(tags=self.tag)

    def get_context_data(self, **kwargs):
        return super().get_context_data(tag=self.tag, **kwargs)


class AuthorPage(ArticleList):
    """What stands under a member's own name, to those who may open their profile."""

    def moved(self):
        handle = self.kwargs["username"]
        self.author = Member.objects.by_handle(handle)
        if self.author is None or not self.author.is_visible_to(self.request.user):
            raise Http404
        if self.author.username == handle:
            return None
        return redirect("news:author", self.author.username)

    def narrow(self, articles):
        return articles.filter(author=self.author, byline="")

    def get_context_data(self, **kwargs):
        return super().get_context_data(author=self.author, **kwargs)


class ArchivePage(CalendarMixin, ArticleList):
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
        month = self.kwargs.get("month")
        context = super().get_context_data(start=self.start, month=month, **kwargs)
        if month:
            here = (self.start.year, month)
            earlier = (each for each in self.months if (each.year, each.month) < here)
            later = (each for each in reversed(self.months) if (each.year, each.month) > here)
            context["earlier_month"], context["later_month"] = (
                next(earlier, None),
                next(later, None),
            )
        return context


class MostRead(ArticleList):
    """What was read most in the last days: a list that ends."""

    def get_queryset(self):
        asked = self.request.GET.get("period")
        self.period = asked if asked in counting.PERIODS else next(iter(counting.PERIODS))
        ids = counting.most_read()[self.period]
        rows = self.public_articles().for_list().in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows][:PAGE]

    def most_read(self):
        return {}

    def get_context_data(self, **kwargs):
        return super().get_context_data(period=self.period, **kwargs)


def whole_articles():
    return Article.objects.select_related("category", "author", "cover").prefetch_related("tags")


def found_under(slug):
    """The article that has this address, or had it when it was out."""
    found = whole_articles().filter(slug=slug).first()
    return found or get_object_or_404(whole_articles(), former_slugs__slug=slug)


def is_gone(found):
    """Whether it was out, and its addresses say now that it is no more."""
    return found.status == Article.Status.WITHDRAWN and found.released_at is not None


@require_safe
def article(request, year, slug):
    """One article with its conversation."""
    found = found_under(slug)
    if is_gone(found) and not found.is_readable_by(request.user):
        newest = nearby.newest_of(found.category, request.user)
        context = {"section": found.category, "newest": newest}
        return render(request, "410.html", context, status=410)
    if not found.is_known_to(request.user):
        raise Http404
    if (found.year, found.slug) != (year, slug):
        return redirect(found, permanent=found.is_public)
    return article_page(request, found)


def article_page(request, found, comment_form=None, status=200):
    """The page itself; also what a comment that needs another try comes back to."""
    readable = found.is_readable_by(request.user)
    near = nearby.around(found, request.user)
    response = render(
        request,
        "news/article.html" if readable else "news/teaser.html",
        {
            "article": found,
            "newest": near.newest,
            "related": near.related,
            "earlier": near.earlier,
            "later": near.later,
            "comment_form": comment_form,
            "preview": not found.is_public,
            "reportable": found.is_reportable_by(request.user),
        },
        status=status,
    )
    if not readable or not found.is_public or found.audience != Article.Audience.EVERYONE:
        response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, year, slug):
    """A member points at an article."""
    found = found_under(slug)
    if not found.is_readable_by(request.user):
        raise Http404
    page = report_page(request, found, _("Report this article"), found.title)
    # Where this was one report too many for it, it is not to be read any more.
    return page or redirect(found if found.is_public else found.category)


@require_safe
def short_link(request, pk):
    """``/n/<id>/`` leads to the article in the reader's own language."""
    found = get_object_or_404(Article.objects.select_related("author"), pk=pk)
    if not (found.is_known_to(request.user) or is_gone(found)):
        raise Http404
    return redirect(found)


def is_from_this_site(request):
    """Whether one of our own pages sent this, as far as the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is None and origin:  # browsers before 2023 name at least where it comes from
        return urlsplit(origin).netloc == request.get_host()
    return site in {None, "same-origin"}


@csrf_exempt
@require_POST
def hit(request, pk):
    """Counts a view: a beacon from the page itself. Nothing is asked of the database for a visitor."""
    if not is_from_this_site(request):
        return HttpResponseForbidden()
    address, day = request.META["REMOTE_ADDR"], counting.today()
    passes = pk <= LAST_ID and counting.HITS_FROM_ONE_ADDRESS.lets_pass(address)
    if passes and counting.is_reader(request):
        visitor = counting.visitor_of(address, request.headers["User-Agent"], day)
        counting.note(pk, visitor, day)
    return HttpResponse(status=204)
