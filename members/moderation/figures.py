"""The desk's numbers: how much was done of late, by whom, and how well the filter judges.

What each means stands in the moderator's guide. Undone decisions count nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db import models
from django.db.models import Case as Cases
from django.db.models import Count, Q, Value, When
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from members.models import Member

from .models import Case, Decision, State, Swept
from .telling import NOT_SHOWN

Action, Kind = Decision.Action, Case.Kind
DAYS = 30
CACHE_KEY, SECONDS = "moderation:figures:2", 600  # another number for another shape
# What decides about something that waited.
APPROVING = {Action.APPROVE, Action.ADMIT, Action.GRANT}
TAKING_DOWN = {Action.REMOVE, Action.SPAM, Action.REFUSE, Action.SPAMMER, Action.SINCE}
HANDLING = {
    *(*APPROVING, *TAKING_DOWN),
    *(Action.RETURN, Action.ANSWER, Action.DISMISS, Action.DENY),
}
# The median wait is that of so many decisions, the latest.
WAITS = 500


@dataclass(frozen=True)
class Day:
    """How much was handled on one day, and how much of it taken down."""

    on: date
    handled: int
    taken_down: int


@dataclass(frozen=True)
class Figures:
    """The last DAYS days, today among them, the oldest first."""

    days: list[Day]
    # Whoever decided, and how often, most first.
    people: list[tuple[Member, int]]
    caught: int
    missed: int
    wrongly_held: int
    median_wait: timedelta | None

    @property
    def handled(self) -> int:
        return sum(day.handled for day in self.days)


def lately() -> Figures:
    """The figures, at most SECONDS old; the names are those of now. One query when they are cached."""
    counted = _counted()
    people = Member.objects.in_bulk(counted["people"])
    return Figures(
        days=[Day(*each) for each in counted["days"]],
        people=[(people[pk], n) for pk, n in counted["people"].items() if pk in people],
        caught=sum(counted["caught"].values()),
        missed=counted["missed"],
        wrongly_held=counted["wrongly_held"],
        median_wait=counted["median_wait"],
    )


def caught_each_day(since: datetime) -> dict[date, int]:
    """How much was held, and then taken down, on each of these days. Not asked for anew."""
    return _counted()["caught"]


def _counted() -> dict[str, Any]:
    counted = cache.get(CACHE_KEY)
    if counted is None:
        counted = _count()
        cache.set(CACHE_KEY, counted, SECONDS)
    return counted


def _count() -> dict[str, Any]:
    """All of it in four queries, as plain values."""
    today = timezone.localdate()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    since = timezone.make_aware(datetime.combine(days[0], time()))
    handled: Counter[date] = Counter()
    taken_down: Counter[date] = Counter()
    people: Counter[int] = Counter()
    for day, by, action, count in _handled(since):
        handled[day] += count
        taken_down[day] += count if action in TAKING_DOWN else 0
        people[by] += count
    caught: Counter[date] = Counter()
    missed = wrongly_held = 0
    for day, action, fate, count in _fates(since):
        if action in {Action.REMOVE, Action.SPAM} and fate in {"held", "always held"}:
            caught[day] += count
        elif (action, fate) == (Action.SPAM, "seen"):
            missed += count
        elif (action, fate) == (Action.APPROVE, "held"):
            wrongly_held += count
    for day, held, seen in _swept(since):
        caught[day] += held
        missed += seen
    return {
        "days": [(day, handled[day], taken_down[day]) for day in days],
        "people": dict(people.most_common()),
        "caught": dict(caught),
        "missed": missed,
        "wrongly_held": wrongly_held,
        "median_wait": _median_wait(since),
    }


def _decided(since: datetime) -> models.QuerySet[Decision]:
    """What people have decided since then, an act of theirs once: who is admitted by the approval of a
    comment is not counted beside it."""
    rows = Decision.objects.standing().filter(at__gte=since, by__isnull=False)
    return rows.filter(action__in=HANDLING).exclude(before__has_key="went_with")


def _handled(since: datetime) -> Iterable[tuple[date, int, str, int]]:
    rows = _decided(since).order_by().annotate(day=TruncDate("at"))
    return rows.values_list("day", "by", "action").annotate(Count("pk"))


def _fates(since: datetime) -> Iterable[tuple[date, str, str, int]]:
    """What became of contributions and texts of profiles on each day, by how they had stood.

    ``held``: by the filter; ``always held``: whatever it says, since its author is new or it is a post;
    ``seen``: everybody saw it, or those who reported it did.
    """
    # As text: databases do not agree on how to look into a list.
    names = Cast("case__reasons", models.TextField())
    held = Q(before__state=State.HELD) | Q(before__profile__was__profile_held=True)
    is_new = Q(names__contains='"first"') | Q(names__contains='"pending"')
    fate = Cases(
        When(Q(names__contains='"reported"'), then=Value("seen")),
        When(held & (is_new | Q(case__kind=Kind.SUBMISSION)), then=Value("always held")),
        When(held, then=Value("held")),
        When(Q(before__state=State.VISIBLE) | Q(case__kind=Kind.PROFILE), then=Value("seen")),
        default=Value(""),
    )
    rows = _decided(since).exclude(case__kind__in=NOT_SHOWN).order_by()
    rows = rows.annotate(names=names, day=TruncDate("at")).annotate(fate=fate)
    return rows.values_list("day", "action", "fate").annotate(Count("pk"))


def _swept(since: datetime) -> Iterable[tuple[date, int, int]]:
    """What clean-ups of each day took down: what was held, and what was seen; of undone ones nothing
    is left."""
    rows = Swept.objects.filter(sweep__begun_at__gte=since).order_by()
    return rows.values_list(TruncDate("sweep__begun_at")).annotate(
        held=Count("pk", filter=Q(before__fields__state=State.HELD)),
        seen=Count("pk", filter=Q(before__fields__state=State.VISIBLE)),
    )


def _median_wait(since: datetime) -> timedelta | None:
    rows = _decided(since).exclude(case__reasons=[]).order_by("-at", "-pk")
    times = rows.values_list("at", "case__since")[:WAITS]
    waits = [(at - begun).total_seconds() for at, begun in times]
    return timedelta(seconds=median(waits)) if waits else None
