"""What a member was told, as they read it: newest first, much of one topic in one line."""

from __future__ import annotations

from django.db.models import Count, Max, Q, QuerySet

from members.models import Member

from .models import Notification
from .wording import Line

PAGE = 30
MOST = 99  # unseen ones that are counted
Kind = Notification.Kind
# Many of these about one topic stand in one line, while nobody has looked.
GROUPED = (Kind.THREAD, Kind.LIKE)


def unseen_count(member: Member) -> int:
    """How many are new, counted to one more than MOST."""
    return Notification.objects.filter(member=member).unseen().order_by()[: MOST + 1].count()


def page(member: Member, before: int | None = None) -> tuple[list[Line], int | None]:
    """A page of lines, newest first, with three queries.

    Args:
        before: primary key of the last notification of the page before.

    Returns:
        the lines, and the ``before`` of the next page, None where this is the last.
    """
    own = Notification.objects.filter(member=member)
    lines = _lines(own if before is None else own.filter(pk__lt=before), own, PAGE + 1)
    following = lines[PAGE - 1].notification.pk if len(lines) > PAGE else None
    return lines[:PAGE], following


def gathered(rows: QuerySet[Notification], most: int) -> tuple[list[Line], int]:
    """The first lines of some notifications, and for how many more there was no room."""
    lines = _lines(rows, rows, most)
    return lines, rows.count() - sum(line.count for line in lines)


def _lines(rows: QuerySet[Notification], own: QuerySet[Notification], most: int) -> list[Line]:
    """The first lines of ``rows``; those of one topic are counted among ``own``."""
    grouped = Q(kind__in=GROUPED, seen_at=None) & ~Q(topic="")
    groups = own.filter(grouped).order_by().values("kind", "topic")
    counts = {
        group["newest"]: group["count"]
        for group in groups.annotate(newest=Max("pk"), count=Count("pk"))
    }
    found = list(rows.filter(~grouped | Q(pk__in=list(counts))).order_by("-pk")[:most])
    keys = {row.params["by"] for row in found if isinstance(row.params.get("by"), int)}
    people = Member.objects.only("display_name", "standing").in_bulk(keys)
    return [Line(row, counts.get(row.pk, 1), people.get(row.params.get("by"))) for row in found]
