"""What search engines may read, in both languages: ``/sitemap.xml`` by the protocol of sitemaps.org.

Each kind of page has a section for each language, a subclass of :class:`InLanguage`; the roof names
them. A section is read in slices, so that no answer grows with the site: what does not fit into
one file is listed in an index of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from .bilingual import LANGUAGES, column
from .models import Page
from .templatetags.site import html_lang

# Search engines take 50,000 addresses a file; a thousand are written in a quarter of a second.
LIMIT = 1000
# A page that was withdrawn is out of it within a minute.
CACHE = "public, max-age=60"


def written(moment: datetime | None) -> str:
    """A moment as the protocol has it (W3C Datetime), or nothing."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


class InLanguage(Sitemap):
    """The pages of one kind in one language.

    A subclass gives ``items()``, a queryset in a lasting order or a list; where an item may be
    missing in a language, ``languages_of()``; where changes have a date, ``lastmod()`` with
    ``get_latest_lastmod()``.
    """

    limit = LIMIT

    def __init__(self, language: str) -> None:
        self.language = language

    def languages_of(self, item: Any) -> Iterable[str]:
        """The languages that the page of an item exists in."""
        return LANGUAGES

    def neutral(self, item: Any) -> str:
        """Path that leads to the page in the reader's own language, or nothing."""
        return ""

    def address(self, item: Any, language: str) -> str:
        """Absolute address of the page in a language."""
        with override(language):
            return settings.SITE_URL + self.location(item)

    def lastmod(self, item: Any) -> datetime | None:
        """When the page of an item last changed, where that is known."""
        return None

    def get_latest_lastmod(self) -> datetime | None:
        """When any of its pages changed, for the index; without reading them all."""
        return None

    def entry(self, item: Any) -> dict[str, Any]:
        """``location``, ``lastmod`` and ``alternates`` of an item, in this language."""
        alternates = [
            (html_lang(code), self.address(item, code)) for code in self.languages_of(item)
        ]
        if neutral := self.neutral(item):
            alternates.append(("x-default", settings.SITE_URL + neutral))
        return {
            "location": self.address(item, self.language),
            "lastmod": written(self.lastmod(item)),
            "alternates": alternates,
        }


class Places(InLanguage):
    """Pages that are always there, by the names of their addresses."""

    def __init__(self, language: str, names: Iterable[str] = ()) -> None:
        super().__init__(language)
        self.names = list(names)

    def items(self) -> list[str]:
        return self.names

    def location(self, item: str) -> str:
        return reverse(item)


class Pages(InLanguage):
    """About, contact, privacy …"""

    def items(self) -> Any:
        pages = Page.objects.exclude(**{column("title", self.language): ""})
        return pages.order_by("pk").defer("body_zh_hans", "body_en")

    def languages_of(self, item: Page) -> Iterable[str]:
        return [code for code in LANGUAGES if getattr(item, column("title", code))]

    def lastmod(self, item: Page) -> datetime:
        return item.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        return self.items().order_by("-updated_at").values_list("updated_at", flat=True).first()


def in_both_languages(**kinds: Callable[[str], InLanguage]) -> dict[str, InLanguage]:
    """Sections by name: ``articles=Articles`` → ``articles-zh-hans`` and ``articles-en``."""
    return {
        f"{name}-{language}": kind(language)
        for name, kind in kinds.items()
        for language in LANGUAGES
    }


@require_safe
def sitemap(
    request: HttpRequest, sections: Mapping[str, InLanguage], section: str = ""
) -> HttpResponse:
    """All of it while it fits into one file, then an index; or one file of a section, ``?p=`` that.

    Args:
        sections: by name, from :func:`in_both_languages`.
        section: one of them.

    Raises:
        Http404: there is no such section, or file of it.
    """
    if section and section not in sections:
        raise Http404
    shown = {section: sections[section]} if section else sections
    files = {name: each.paginator for name, each in shown.items()}
    if not section and any(each.num_pages > 1 for each in files.values()):
        return _answer(request, "core/sitemap_index.xml", files=_index(sections, files))
    try:
        number = request.GET.get("p", 1) if section else 1
        entries = [
            shown[name].entry(item) for name, each in files.items() for item in each.page(number)
        ]
    except (EmptyPage, PageNotAnInteger) as error:
        raise Http404 from error
    return _answer(request, "core/sitemap.xml", entries=entries)


def _index(
    sections: Mapping[str, InLanguage], files: Mapping[str, Paginator]
) -> Iterable[dict[str, Any]]:
    for name, each in files.items():
        lastmod = written(sections[name].get_latest_lastmod())
        address = settings.SITE_URL + reverse("sitemap_section", args=[name])
        for page in each.page_range:
            yield {"location": f"{address}?p={page}" if page > 1 else address, "lastmod": lastmod}


def _answer(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    response = render(request, template, context, content_type="application/xml; charset=utf-8")
    response["Cache-Control"] = CACHE
    response["X-Robots-Tag"] = "noindex"  # the file itself is no page to find
    return response
