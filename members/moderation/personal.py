"""What moderation holds of a member: handed to them as they were told it, and kept without a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.utils import timezone

from members import signals
from members.models import Member

from . import concerning
from .models import Appeal, Case, Decision, Report

Action = Decision.Action
# Of these the member heard, by a mail or by a page.
TOLD = (
    *concerning.SHOWN,
    *(Action.ADMIT, Action.ASK, Action.ANSWER, Action.WRITE, Action.APPOINT, Action.RELIEVE),
)
# … without the reason, which is a note among the staff.
WITHOUT_REASON = {Action.ADMIT, Action.APPOINT, Action.RELIEVE, *concerning.WITHOUT_REASON}
# Their own words; that of an answer may be another reporter's.
WITH_TEXT = {*(Action.REMOVE, Action.RETURN, Action.REFUSE, Action.SPAM, Action.SPAMMER)}
# Who decided is nobody's business but the staff's.
BY = "the staff"
CHUNK = 200  # rows read at a time


def exported(sender: Any, member: Member, **kwargs: Any) -> dict[str, Any]:
    """A receiver of members.signals.exporting."""
    return {
        "decisions.json": _decisions(member),
        "appeals.json": _appeals(member),
        "reports.json": _reports(member),
    }


def _decisions(member: Member) -> Iterator[dict[str, Any]]:
    told = Decision.objects.filter(action__in=TOLD).order_by().values("pk")
    keys = told.filter(case__member=member).union(told.filter(sweep__members=member))
    rows = Decision.objects.filter(pk__in=keys).order_by("at", "pk")
    for decision in rows.select_related("case").iterator(chunk_size=CHUNK):
        yield {
            "at": decision.at,
            "by": BY if decision.by_id else "the clock",
            "about": decision.case.kind,
            "decision": decision.action,
            "reason": "" if decision.action in WITHOUT_REASON else decision.reason,
            "text": decision.text if decision.action in WITH_TEXT else "",
        }


def _appeals(member: Member) -> Iterator[dict[str, Any]]:
    """What they answered to decisions, and what came of it."""
    answered = Decision.objects.filter(appeals__member=member).order_by("pk")
    rows = list(answered.select_related("case", "undone_by"))
    for each in concerning.told(rows, member):
        made = cast(Appeal, each.appeal)
        yield {
            "written_at": made.created_at,
            "about": each.decision.case.kind,
            "decision": each.decision.action,
            "decided_at": each.decision.at,
            "text": made.text,
            "outcome": each.answer.action if each.answer else "",
            "answered_at": each.answer.at if each.answer else None,
            "answer": each.answer.reason if each.answer else "",
        }


def _reports(member: Member) -> Iterator[dict[str, Any]]:
    rows = Report.objects.filter(reporter=member).select_related("case").order_by("pk")
    for report in rows.iterator(chunk_size=CHUNK):
        yield {
            "reported_at": report.created_at,
            "reason": report.reason,
            "page": report.url,
            "text": report.text,
            "name": report.name,
            "email": report.email,
            "closed": report.case.closed_at is not None,
        }


def left(sender: Any, member: Member, **kwargs: Any) -> None:
    """A receiver of members.signals.member_left: what they reported bears their name no more, and
    what they answered waits no more.

    Decisions stay as they were written: they are the log of what moderators did.
    """
    waiting = Case.objects.open().filter(kind=Case.Kind.APPEAL, member=member)
    waiting.update(closed_at=timezone.now())
    Appeal.objects.filter(member=member).delete()
    Report.objects.filter(reporter=member).update(reporter=None, name="", email="")


def connect() -> None:
    signals.exporting.connect(exported, dispatch_uid="moderation.exported")
    signals.member_left.connect(left, dispatch_uid="moderation.left")
