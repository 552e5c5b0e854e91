"""Storm mode: far more comes in than usual, and the site is on its guard until it is over.

What counts is the last hour. The usual is the median of the same hour of the clock on each of the 28
days before: one bad night does not raise it, and on a quiet site it is nought. A storm begins when an
hour passes both FACTOR times the usual and a FLOOR. It ends by itself when no such hour was seen for
an hour, or when the webmaster says that a crowd is expected.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from statistics import median
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone

from members.models import Member

from . import emails
from .models import Case, HouseRules, Storm, Trait

Cause = Storm.Cause
Span = tuple[datetime, datetime]

WATCHED_EVERY = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAYS = 28  # as long as traits are kept, and four of each day of the week
FACTOR = 5
FLOORS = {Cause.SIGNUPS: 10, Cause.HELD: 20, Cause.LINKS: 15}
# With a crowd expected, as in orientation week, so many times more is no storm.
CROWD = 10
HELD_KINDS = [Case.Kind.COMMENT, Case.Kind.SUBMISSION, Case.Kind.PROFILE]
CACHE_KEY, CACHED = "moderation:storm", 60  # seconds


@dataclass(frozen=True)
class Measure:
    """What came in the last hour of one cause, beside what usually does."""

    cause: Storm.Cause
    count: int
    usual: float
    # More than this is a storm.
    level: float

    @property
    def is_over(self) -> bool:
        return self.count > self.level


def current() -> Storm | None:
    """The storm that blows now; cached for a minute."""
    found = cache.get(CACHE_KEY)
    if found is None:
        found = Storm.objects.filter(ended_at=None).first() or False
        cache.set(CACHE_KEY, found, CACHED)
    return found or None


def _forget() -> None:
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def measure(now: datetime | None = None) -> list[Measure]:
    """The last hour of each cause; one query for each."""
    now = now or timezone.now()
    spans = _hours(now)
    links = Trait.objects.filter(key__startswith="host:").exclude(
        content_type=ContentType.objects.get_for_model(Member)  # the domains of their mailboxes
    )
    waited = Case.objects.filter(kind__in=HELD_KINDS).exclude(reasons=[])
    # Named, the standings let an index be used that begins with them.
    joined = Member.objects.filter(standing__in=Member.Standing.values)
    counts = {
        Cause.SIGNUPS: _counts(joined, "date_joined", "pk", spans),
        Cause.HELD: _counts(waited, "since", "pk", spans),
        Cause.LINKS: _counts(links, "at", "object_id", spans),
    }
    times = CROWD if HouseRules.load().expects_a_crowd else 1
    found = []
    for cause, (count, *before) in counts.items():
        usual = median(before)
        found.append(Measure(cause, count, usual, times * max(FLOORS[cause], FACTOR * usual)))
    return found


def _hours(now: datetime) -> list[Span]:
    """The last hour, and the hour that ended at the same time by the clock on each day before.

    By the clock of the site, so that a day on which the clocks change is compared as people live it.
    """
    here = timezone.get_default_timezone()
    clock = now.astimezone(here).replace(tzinfo=None)
    ends = [now] + [(clock - timedelta(days=n)).replace(tzinfo=here) for n in range(1, DAYS + 1)]
    return [(end.astimezone(UTC) - HOUR, end.astimezone(UTC)) for end in ends]


def _counts(rows: models.QuerySet, field: str, what: str, spans: list[Span]) -> list[int]:
    """How many different ``what`` there are in each of the spans, by the time in ``field``."""
    within = [Q(**{f"{field}__gt": start, f"{field}__lte": end}) for start, end in spans]
    named: dict[str, Any] = {
        f"hour_{number}": Count(what, filter=condition, distinct=True)
        for number, condition in enumerate(within)
    }
    oldest = {f"{field}__gt": spans[-1][0], f"{field}__lte": spans[0][1]}
    found = rows.order_by().filter(**oldest).filter(reduce(operator.or_, within)).aggregate(**named)
    return [found[name] for name in named]


def watch() -> Storm | None:
    """Looks at the last hour; begins a storm, or ends it. Returns the one that blows then."""
    now = timezone.now()
    over = [each for each in measure(now) if each.is_over]
    storm = Storm.objects.filter(ended_at=None).first()
    if storm is None:
        return _begin(max(over, key=lambda each: each.count / each.level), now) if over else None
    if over:
        storm.last_over_at = now
        storm.save(update_fields=["last_over_at"])
    elif HouseRules.load().expects_a_crowd or now - storm.last_over_at >= HOUR:
        storm.ended_at = now
        storm.save(update_fields=["ended_at"])
        _forget()
        return None
    return storm


@transaction.atomic
def _begin(found: Measure, now: datetime) -> Storm:
    """The storm, and one mail to each webmaster about it."""
    storm = Storm.objects.create(
        cause=found.cause, count=found.count, usual=found.usual, began_at=now, last_over_at=now
    )
    _forget()
    emails.storm_began(storm)
    return storm


def expect_a_crowd(until: datetime | None) -> HouseRules:
    """Raises the level until a time, or lowers it again; a storm that is none by that ends at once."""
    rules, _created = HouseRules.objects.get_or_create(pk=1)
    rules.crowd_until = until
    rules.save(update_fields=["crowd_until", "updated_at"])
    cache.delete(HouseRules.CACHE_KEY)  # before anybody measures
    watch()
    return rules
