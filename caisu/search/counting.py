"""What is looked for, and how often in vain: words and numbers, and nobody's name beside them.

A request only counts in the memory of its process. What is there is written down after an answer
went out, once a minute at most; a process that is killed loses that minute.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Any

from django.core.signals import request_finished
from django.db import Error, transaction
from django.db.models import F, Q, Sum
from django.dispatch import receiver
from django.utils import timezone

from caisu.core.fulltext.text import fold

from .models import SearchCount

DAYS = 90
LONGEST = 60  # characters; what is longer was pasted
MOST_WAITING = 1000  # different queries
SECONDS = 60
# What may be somebody's: an address, the number of a telephone or a passport.
PERSONAL = re.compile(r"@|(?:\d[\s-]?){6}")

_waiting: Counter[tuple[str, bool]] = Counter()
_lock = Lock()
_written_at = monotonic()


def note(query: str, is_found: bool) -> None:
    """Counts a query, unless it may tell of a person."""
    folded = fold(query)[:LONGEST].strip()
    if not folded or PERSONAL.search(query):
        return
    with _lock:
        if len(_waiting) < MOST_WAITING or (folded, is_found) in _waiting:
            _waiting[folded, is_found] += 1


@receiver(request_finished, dispatch_uid="search.counting")
def write_now_and_then(**kwargs: Any) -> None:
    """Writes down what is waiting, when the last time was a while ago."""
    global _written_at
    if _waiting and monotonic() - _written_at > SECONDS:
        _written_at = monotonic()
        write()


def write() -> int:
    """Adds what is waiting to the counts of today; returns how many queries there were.

    Where the database does not answer they are lost: they are only counts.
    """
    with _lock:
        noted = dict(_waiting)
        _waiting.clear()
    today = timezone.localdate()
    try:
        with transaction.atomic():
            for (query, is_found), times in sorted(noted.items()):
                row, _created = SearchCount.objects.get_or_create(
                    day=today, query=query, defaults={"times": 0}
                )
                SearchCount.objects.filter(pk=row.pk).update(
                    times=F("times") + times, in_vain=F("in_vain") + (0 if is_found else times)
                )
    except Error:
        return 0
    return len(noted)


def popular(number: int = 50) -> list[tuple[str, int, int]]:
    """What is looked for most: the query, how often, and how often in vain."""
    return _ranked("times", Q(total__gt=0), number)


def fruitless(number: int = 50) -> list[tuple[str, int, int]]:
    """What is looked for in vain most."""
    return _ranked("in_vain", Q(vain__gt=0), number)


def _ranked(by: str, condition: Q, number: int) -> list[tuple[str, int, int]]:
    since = timezone.localdate() - timedelta(days=DAYS)
    rows = SearchCount.objects.filter(day__gt=since).values("query")
    rows = rows.annotate(total=Sum("times"), vain=Sum("in_vain")).filter(condition)
    order = {"times": "-total", "in_vain": "-vain"}[by]
    return list(rows.order_by(order, "query").values_list("query", "total", "vain")[:number])


def forget() -> int:
    """Deletes the counts of days that are long gone; returns how many."""
    since = timezone.localdate() - timedelta(days=DAYS)
    return SearchCount.objects.filter(day__lte=since).delete()[0]
