"""What people paste into a chat: plain text with short links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import islice

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, override, pgettext

from caisu.core import markup
from caisu.core.models import SiteSettings
from news.models import Article

# A full stop ends a sentence where a space and no small letter follows: not “a.m. on Friday”.
SENTENCE = re.compile(r".+?(?:[。！？…]+[”’」』）]*|[.!?]+[\"”’)]*(?=\s+[^\sa-z]|\s*$)|$)")
SENTENCES = 2
LONGEST = 200  # characters
SEARCHED = 2000  # of a text that may have megabytes


def short_address(article: Article) -> str:
    """The absolute short link: it opens in the reader's own language."""
    return settings.SITE_URL + reverse("short_link", args=[article.pk])


def opening(article: Article) -> str:
    """The first sentences of its summary, or of its text where everyone may read that."""
    words = article.summary
    if not words and article.audience == Article.Audience.EVERYONE:
        words = markup.text_of(article.body)
    line = " ".join(words[:SEARCHED].split())
    ends = [sentence.end() for sentence in islice(SENTENCE.finditer(line), SENTENCES)]
    start = line[: max(ends, default=0)]
    return start if len(start) <= LONGEST else start[: LONGEST - 1].rstrip() + "…"


def invitation(article: Article) -> str:
    """Title, two sentences and the short link, in the language in which the article is shown now."""
    return "\n".join(
        part for part in (article.title, opening(article), short_address(article)) if part
    )


def week(articles: Iterable[Article], first: date, last: date, language: str) -> str:
    """The news of some days as one text for a group.

    Args:
        articles: public ones, in the order they are to stand in.
        first, last: the days, on the calendar of Pocatello.
        language: of the whole; a title that is missing in it stands in the other one.
    """
    with override(language):
        format_ = pgettext("format of a date", "F j, Y")
        heading = gettext("%(name)s: the week in news") % {"name": SiteSettings.load().short_name}
        lines = [heading, f"{date_format(first, format_)} – {date_format(last, format_)}"]
        for number, article in enumerate(articles, 1):
            closed = article.audience != Article.Audience.EVERYONE
            note = gettext(" (members only)") if closed else ""
            lines += ["", f"{number}. {article.title}{note}", short_address(article)]
        lines += [
            "",
            gettext("All news: %(link)s") % {"link": f"{settings.SITE_URL}{reverse('news:index')}"},
        ]
        return "\n".join(lines)
