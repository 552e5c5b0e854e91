"""What a member was told: handed to them when they ask, and forgotten when they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from members import signals
from members.models import Member

from .models import Notification

CHUNK = 500  # rows at a time


def exported(sender: Any, member: Member, **kwargs: Any) -> dict[str, Any]:
    """A receiver of members.signals.exporting."""
    return {"notifications.json": _notifications(member)}


def _notifications(member: Member) -> Iterator[dict[str, Any]]:
    """When they were told of what; not who did it, which is somebody else's."""
    rows = Notification.objects.filter(member=member).order_by("pk")
    for row in rows.iterator(CHUNK):
        yield {
            "kind": row.kind,
            "address": f"/{member.language}{row.url}",
            "told_at": row.created_at,
            "seen_at": row.seen_at,
            "mailed_at": row.mailed_at,
        }


def left(sender: Any, member: Member, **kwargs: Any) -> None:
    """A receiver of members.signals.member_left."""
    Notification.objects.filter(member=member).delete()


def connect() -> None:
    signals.exporting.connect(exported, dispatch_uid="notifications.exported")
    signals.member_left.connect(left, dispatch_uid="notifications.left")
