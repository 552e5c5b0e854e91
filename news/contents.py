"""The table of contents: which months have articles. From the cache.

It changes with the articles alone, so nobody waits for the whole table to be read but the first
after a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.dispatch import receiver
from django.utils import timezone

from .models import Article
from .signals import article_changed

MONTHS_KEY = "months"
# What was changed behind the back of publishing shows by then.
SECONDS = 600


@dataclass(frozen=True)
class Month:
    """A month on the calendar of the site, with how many articles it has for one reader."""

    year: int
    month: int
    count: int

    @property
    def start(self) -> date:
        return date(self.year, self.month, 1)


@dataclass(frozen=True)
class Year:
    """A year, with how many articles it has for one reader, and perhaps its months."""

    year: int
    count: int
    months: list[Month]


def months(reader: Any) -> list[Month]:
    """The months that have articles for ``reader``, the newest first.

    Args:
        reader: a member or an anonymous user; what is for members counts only for them.
    """
    found = cache.get(MONTHS_KEY)
    if found is None:
        found = _count_months()
        cache.set(MONTHS_KEY, found, SECONDS)
    full = getattr(reader, "is_full_member", False)
    counted = (Month(year, month, all_ if full else open_) for year, month, all_, open_ in found)
    return [each for each in counted if each.count]


def by_year(months: Iterable[Month], opened: int | None) -> list[Year]:
    """The years of ``months``; those of the year ``opened`` come with it."""
    years = []
    for year, of_year in groupby(months, attrgetter("year")):
        each = list(of_year)
        count = sum(month.count for month in each)
        years.append(Year(year, count, each if year == opened else []))
    return years


def _count_months() -> list[tuple[int, int, int, int]]:
    """Year, month, how many articles there are, and how many of them are for everyone."""
    months = TruncMonth("publish_at", tzinfo=timezone.get_default_timezone())
    rows = Article.objects.published().annotate(month=months).order_by()
    counts: dict[tuple[int, int], list[int]] = {}
    for start, audience, count in rows.values_list("month", "audience").annotate(Count("pk")):
        both = counts.setdefault((start.year, start.month), [0, 0])
        both[0] += count
        both[1] += count if audience == Article.Audience.EVERYONE else 0
    ordered = sorted(counts.items(), reverse=True)
    return [(year, month, all_, open_) for (year, month), (all_, open_) in ordered]


@receiver(article_changed, dispatch_uid="news.contents")
def forget(**_kwargs: Any) -> None:
    """What is remembered is wrong now; after the commit, or somebody would remember it once more."""
    transaction.on_commit(lambda: cache.delete(MONTHS_KEY))
