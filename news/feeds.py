"""Atom feeds with the full text: of all news, of a category, of an author; each in one language.

A feed is what a visitor without an account may read, whoever asks for it: no session is looked at,
and every cache may keep it. Source: RFC 4287.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, format_html
from django.utils.http import http_date, quote_etag
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_safe

from caisu.core import images, markup
from caisu.core.bilingual import LANGUAGES, active, column, other
from caisu.core.models import Image, SiteSettings
from caisu.core.templatetags.site import html_lang
from members.models import Member

from .models import Article, Category
from .sitemaps import changed_at, public_articles

LATEST = 20
# A reader's program asks every five minutes at most; a cache that many share follows in one, so
# that what is withdrawn is gone there too.
CACHE = "public, max-age=300, s-maxage=60"

# What XML 1.0 (2.2) has no place for, even escaped. Word and old archives are full of it.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# nh3 writes attributes in double quotes and leaves no quote, < or > unescaped in them.
LINK = re.compile(r'<a((?: [a-z]+="[^"]*")*)>')
REL = re.compile(r' rel="[^"]*"')
SRC = re.compile(r' src="([^"]*)"')
ALT = re.compile(r' alt="([^"]*)"')


def _legal(value: Any) -> Any:
    """A text, or a list of such, without what XML cannot hold."""
    if isinstance(value, str):
        return NOT_XML.sub("", value)
    return [_legal(each) for each in value] if isinstance(value, list) else value


class Atom(Atom1Feed):
    """Django's, with the full text of each entry."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{name: _legal(value) for name, value in kwargs.items()})

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **{name: _legal(value) for name, value in kwargs.items()})

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


# --- Views


def _in_its_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Shows a view in the language of its address; 404 for any other than ours."""

    @wraps(view)
    def shown(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponse:
        if language not in LANGUAGES:
            raise Http404
        with override(language):
            response = view(request, **kwargs)
        response["Content-Language"] = html_lang(language)
        return response

    return require_safe(shown)


@_in_its_language
def news(request: HttpRequest) -> HttpResponse:
    """The newest of all categories."""
    site = SiteSettings.load()
    return _answer(request, _public(), site.name, site.tagline, reverse("news:front"))


@_in_its_language
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest of one category."""
    found = get_object_or_404(Category, slug=slug)
    title = f"{found.name} · {SiteSettings.load().name}"
    articles = _public().filter(category=found)
    return _answer(request, articles, title, found.description, found.get_absolute_url())


@_in_its_language
def author(request: HttpRequest, username: str) -> HttpResponse:
    """The newest that stands under the name of one member, whose profile is for everyone."""
    found = Member.objects.by_handle(username)
    if found is None or not found.is_public:
        raise Http404
    if found.username != username:
        return redirect("author_feed", active(), found.username)
    title = f"{found.display_name} · {SiteSettings.load().name}"
    articles = _public().filter(author=found, byline="")
    return _answer(request, articles, title, "", found.get_absolute_url())


# --- What is in them


def _public() -> QuerySet[Article]:
    """What a visitor may read in the active language, newest first."""
    return public_articles().exclude(**{column("title", active()): ""}).newest_first()


def _answer(
    request: HttpRequest, articles: QuerySet[Article], title: str, subtitle: str, path: str
) -> HttpResponse:
    """The feed; or 304 where the reader has it already.

    The tag is one of the text itself, so it tells of every change, also of an article that is gone
    or a picture that was replaced. A date cannot: with the newest withdrawn it would go back, and
    If-Modified-Since would hear that nothing happened. So a date is given, but not asked about.
    """
    whole = articles.select_related("category", "author", "cover").prefetch_related("tags")
    latest = list(whole.defer(column("body", other(active())))[:LATEST])
    feed = Atom(
        title=title,
        link=settings.SITE_URL + path,
        description=None,
        subtitle=subtitle or None,
        language=html_lang(active()),
        feed_url=settings.SITE_URL + request.path,
    )
    _add_entries(feed, latest)
    text = feed.writeString("utf-8").encode()
    etag = quote_etag(sha256(text).hexdigest()[:32])
    response = get_conditional_response(request, etag=etag)
    response = response or HttpResponse(text, content_type=feed.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = CACHE
    # Feed readers on the web fetch from their own pages.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if latest:
        response["Last-Modified"] = http_date(max(map(changed_at, latest)).timestamp())
    return response


def _add_entries(feed: Atom, articles: list[Article]) -> None:
    tokens = {token for article in articles for token in images.in_html(article.body)}
    # All pictures of all articles by one query; none asked for, none looked up.
    pictures = {image.token: image for image in Image.objects.filter(token__in=tokens)}
    for article in articles:
        feed.add_item(
            title=article.title,
            link=settings.SITE_URL + article.get_absolute_url(),
            description=escape(article.summary) if article.summary else None,
            unique_id=entry_id(article, active()),
            pubdate=article.publish_at,
            updateddate=changed_at(article),
            author_name=article.shown_byline,
            author_link=_author_link(article),
            categories=[article.category.name, *(tag.name for tag in article.tags.all())],
            content=content(article, pictures),
        )


def entry_id(article: Article, language: str) -> str:
    """A name for all time, whatever becomes of slug and title: a tag URI (RFC 4151)."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"tag:{host},{article.created_at:%Y-%m-%d}:article/{article.pk}/{language}"


def _author_link(article: Article) -> str | None:
    """Address of the profile, where the name is the author's own and the profile for everyone."""
    if article.byline or not article.author.is_public:
        return None
    return settings.SITE_URL + article.author.get_absolute_url()


def _picture(image: Image, alt: str | SafeString) -> SafeString:
    return format_html(
        '<img src="{}{}" alt="{}" width="{}" height="{}">',
        settings.SITE_URL,
        images.fallback_url(image),
        alt,
        image.width,
        image.height,
    )


def content(article: Article, pictures: Mapping[str, Image]) -> SafeString:
    """Cover, text and source as HTML that stands by itself: every address absolute, pictures as JPEG.

    Args:
        article: with its cover.
        pictures: those of its text, by token; others are left out.
    """

    def show(match: re.Match[str]) -> str:
        src, alt = SRC.search(match[1]), ALT.search(match[1])
        ours = markup.OUR_PICTURE.fullmatch(src[1]) if src else None
        image = pictures.get(ours[1]) if ours else None
        if image is None:
            return ""
        # The editor's words for this place go before those of the picture; escaped already.
        return _picture(image, mark_safe(alt[1]) if alt and alt[1] else image.alt)

    def link(match: re.Match[str]) -> str:
        attributes = match[1].replace(' href="/', f' href="{settings.SITE_URL}/')
        if article.is_post:  # as on the page: no credit to where a member's links lead
            attributes = f'{REL.sub("", attributes)} rel="{markup.REL}"'
        return f"<a{attributes}>"

    body = markup.PICTURE.sub(show, LINK.sub(link, article.body))
    return mark_safe(_cover(article) + body + _source(article))


def _source(article: Article) -> SafeString:
    """Where a reprint comes from, as the page says it."""
    name = article.source or article.source_url
    if not name:
        return mark_safe("")
    if article.source_url:
        name = format_html('<a href="{}" rel="noopener nofollow">{}</a>', article.source_url, name)
    return format_html("<p>{}{}</p>", pgettext("of a reprint, before its name", "Source: "), name)


def _cover(article: Article) -> SafeString:
    if article.cover is None:
        return mark_safe("")
    credit = article.cover.credit
    caption = format_html("<figcaption>{}</figcaption>", credit) if credit else ""
    return format_html("<figure>{}{}</figure>", _picture(article.cover, article.cover.alt), caption)
