"""The verbs of notifications: somebody is told, what was told is taken back, what is seen is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from members.models import Member

from .models import Notification

# What was seen is kept so long; what nobody looked at, for a year.
SEEN_KEPT = timedelta(days=90)
UNSEEN_KEPT = timedelta(days=365)


def tell(
    members: Iterable[Member],
    kind: str,
    subject: str,
    url: str,
    *,
    topic: str = "",
    params: dict[str, Any] | None = None,
    quiet: bool = False,
) -> int:
    """Tells each of ``members`` once; whoever was told the same before is not told again.

    Args:
        kind: a value of Notification.Kind.
        subject: names the cause; ``withdraw`` takes back all that it caused.
        url: path of the page that it leads to, without its language.
        topic: names what it is about, so that many of one topic stand together.
        params: what its words need, as JSON; see wording.py.
        quiet: on the site alone, without a mail.

    Returns:
        for how many a notification was made, or was there.
    """
    rows = [
        Notification(
            member=member,
            kind=kind,
            subject=subject,
            url=url,
            topic=topic,
            params=params or {},
            quiet=quiet,
        )
        for member in members
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def told(subject: str) -> set[int]:
    """Primary keys of the members who were told of a cause, in whatever kind."""
    return set(Notification.objects.filter(subject=subject).values_list("member", flat=True))


def withdraw(*subjects: str, kind: str = "") -> int:
    """Takes back what these causes told, read or not. Returns how many there were.

    Args:
        kind: a value of Notification.Kind, if not all of it.
    """
    told = Notification.objects.filter(subject__in=subjects)
    return (told.filter(kind=kind) if kind else told).delete()[0]


def withdraw_topics(*topics: str, but_from_members: bool = False) -> int:
    """Takes back all that was told about these topics.

    Args:
        but_from_members: from those alone who may not see what is for members alone.
    """
    about = Notification.objects.filter(topic__in=topics)
    return (_outsiders(about) if but_from_members else about).delete()[0]


def withdraw_kinds(*kinds: str) -> int:
    """Takes back all of some kinds from those who may not see what is for members alone."""
    return _outsiders(Notification.objects.filter(kind__in=kinds)).delete()[0]


def _outsiders(rows: QuerySet[Notification]) -> QuerySet[Notification]:
    return rows.exclude(member__standing=Member.Standing.ACTIVE)


def see(member: Member, up_to: int | None = None) -> int:
    """Marks what ``member`` has seen: all, or all up to a primary key. Returns how many were new."""
    unseen = Notification.objects.filter(member=member).unseen()
    if up_to is not None:
        unseen = unseen.filter(pk__lte=up_to)
    return unseen.update(seen_at=timezone.now())


def see_line(notification: Notification, grouped: Collection[str]) -> int:
    """Marks one as seen; of a kind that is ``grouped``, all older ones about the same topic too."""
    rows = Notification.objects.filter(pk=notification.pk)
    if notification.topic and notification.kind in grouped:
        rows = Notification.objects.filter(
            member=notification.member_id,
            kind=notification.kind,
            topic=notification.topic,
            pk__lte=notification.pk,
        )
    return rows.unseen().update(seen_at=timezone.now())


def see_about(member: Member, topic: str, until: datetime) -> int:
    """Marks what was told about a topic until then: ``member`` has looked at the thing itself."""
    unseen = Notification.objects.filter(member=member, topic=topic).unseen()
    return unseen.filter(created_at__lte=until).update(seen_at=timezone.now())


def prune() -> int:
    """Forgets what is old. Returns how many went."""
    now = timezone.now()
    old = Notification.objects.filter(created_at__lt=now - SEEN_KEPT).exclude(seen_at=None)
    gone = old.delete()[0]
    return gone + Notification.objects.filter(created_at__lt=now - UNSEEN_KEPT).delete()[0]
