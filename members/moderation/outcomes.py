"""What became of reports, told to the members who made them; nobody's name is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import override

from members.models import Member
from members.notifications import telling
from members.notifications.models import Notification

from .models import Decision, Moderated, Report, State

Action = Decision.Action
DOWN = {State.REMOVED, State.SPAM}


def decided(decision: Decision) -> None:
    """Tells them what was decided about what they reported. In the transaction of the decision."""
    if "reported" in decision.case.reasons:
        tell([decision.case_id], upheld=_takes_down(decision), by=decision.by)


def _takes_down(decision: Decision) -> bool:
    if decision.action != Action.DISMISS:
        return decision.action != Action.APPROVE
    subject = decision.case.subject
    if not isinstance(subject, Moderated):
        return False
    # Read anew: somebody faster may have taken it down.
    subject.refresh_from_db(fields=["state"])
    return subject.state in DOWN


def tell(cases: Iterable[int], *, upheld: bool, by: Member | None = None) -> None:
    """Tells those who reported what some cases are about. Issues are answered by mail instead.

    Args:
        cases: primary keys.
        upheld: what they reported is gone; otherwise it stays.
        by: whoever decided, who knows.
    """
    rows = Report.objects.filter(case__in=cases, case__object_id__isnull=False)
    rows = rows.exclude(reporter=by).select_related("case", "reporter")
    members = defaultdict(list)
    for report in rows.prefetch_related("case__subject"):
        if report.reporter:
            members[report.case].append(report.reporter)
    for case, reporters in members.items():
        subject: Any = case.subject
        moderated = isinstance(subject, Moderated)
        titles = subject.titles if moderated else {}
        telling.tell(
            reporters,
            Notification.Kind.REPORT,
            _name(case.pk),
            # What is gone leads nowhere.
            _path(None if upheld else subject),
            # What stays is seen, and goes, with what it is part of.
            topic=subject.topic if moderated and not upheld else "",
            params={"act": "upheld" if upheld else "rejected", **titles},
        )


def withdraw(*cases: int) -> None:
    """Takes back what was told: these cases wait again. Primary keys."""
    telling.withdraw(*map(_name, cases))


def _name(case_id: int) -> str:
    """How notifications name the cause."""
    return f"report:{case_id}"


def _path(subject: Any) -> str:
    """Where a notification leads to, without a language; to those who are told, where there is nothing."""
    with override("en"):
        if isinstance(subject, Moderated):
            path = subject.get_permalink()
        elif subject is not None:
            path = subject.get_absolute_url()
        else:
            path = reverse("notifications:list")
    return path.removeprefix("/en")
