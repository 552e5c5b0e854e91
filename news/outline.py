"""The table of contents of a long article, made from its headings."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from caisu.core import markup

from .slugs import free_slug

# Shorter ones are seen at a glance.
LEAST_HEADINGS = 3
LEAST_MINUTES = 3
MOST_HEADINGS = 200  # that have an address; nobody reads more, and a machine may write 30,000
# The sanitiser leaves no attribute on a heading, and no heading in another.
HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)


class Heading(NamedTuple):
    """One line of the contents: where it leads, its words, and its level, 2 or 3."""

    anchor: str
    text: str
    level: int


class Outline(NamedTuple):
    """A body as it is shown, and its contents; none where it is short."""

    html: SafeString
    contents: list[Heading]


def outline(html: str, minutes: int) -> Outline:
    """Gives each heading an address of its own, and lists them where the text is long.

    An address is made of the words of its heading (``s-ju-hui``), so it outlives whatever is written
    before and after. The prefix keeps it apart from all other ids of the page.

    Args:
        html: a sanitised body, perhaps with its pictures.
        minutes: how long it takes to read.
    """
    headings: list[Heading] = []
    taken: set[str] = set()

    def named(match: re.Match[str]) -> str:
        level, inner = match.groups()
        text = " ".join(markup.text_of(inner).split())
        if not text or len(headings) == MOST_HEADINGS:
            return match[0]
        taken.add(slug := free_slug(text, taken))
        headings.append(Heading(f"s-{slug}", text, int(level)))
        opened = format_html('<h{} id="{}">', level, headings[-1].anchor)
        return f"{opened}{inner}</h{level}>"

    html = HEADING.sub(named, html)
    is_long = len(headings) >= LEAST_HEADINGS and minutes >= LEAST_MINUTES
    return Outline(mark_safe(html), headings if is_long else [])
