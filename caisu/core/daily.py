"""What happens on each day, for the desk: every app says what it counts, the desk draws it.

daily.register(daily.Kind("comments", _("Comments"), comments_each_day, place=3))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

DAYS = 30
CACHE_KEY, SECONDS = "core:daily", 600


@dataclass(frozen=True)
class Kind:
    """Something that is counted.

    Args:
        name: what it is called among us.
        label: what the desk calls it, translated when it is shown.
        count: how many there were on each day since a moment, which is the beginning of a day; days
            without any may be missing.
        place: by which it stands among the others.
        permission: of those who see it; everybody at the desk does if it is empty.
    """

    name: str
    label: Any
    count: Callable[[datetime], Mapping[date, int]]
    place: int
    permission: str = ""


@dataclass(frozen=True)
class Series:
    """The numbers of a kind on DAYS days, the oldest first."""

    kind: Kind
    numbers: list[int]

    @property
    def total(self) -> int:
        return sum(self.numbers)

    @property
    def most(self) -> int:
        return max(self.numbers)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Adds a kind, once for each name."""
    _kinds[kind.name] = kind


def lately(user: Any) -> tuple[list[date], list[Series]]:
    """The last DAYS days, today among them, and what of them ``user`` may see; at most SECONDS old, and
    what a kind keeps itself as much older."""
    today = timezone.localdate()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counted = cache.get(CACHE_KEY)
    if counted is None:
        since = timezone.make_aware(datetime.combine(days[0], time()))
        counted = {name: dict(kind.count(since)) for name, kind in _kinds.items()}
        cache.set(CACHE_KEY, counted, SECONDS)
    shown = [
        Series(kind, [counted.get(kind.name, {}).get(day, 0) for day in days])
        for kind in sorted(_kinds.values(), key=lambda kind: kind.place)
        if not kind.permission or user.has_perm(kind.permission)
    ]
    return days, shown
