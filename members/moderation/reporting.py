"""Somebody points at a thing that should be looked at; enough of them hide it until it is."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from members.models import Member

from . import deciding, profile_holding
from .filtering import Contribution, settle_reported
from .models import Case, Decision, HouseRules, Moderated
from .opening import open_case

Action = Decision.Action
Subject = Moderated | Member


def report(subject: Subject, reporter: Member, reason: str, text: str, language: str) -> bool:
    """A member points at a contribution, or at a profile. The caller has asked whether they may.

    The report that completes the number which hides, see HouseRules, hides it: a decision of nobody,
    which a moderator can take back, while the case goes on waiting. Nothing of staff is hidden, and
    nothing that a moderator has found harmless as it stands.

    Args:
        subject: read anew; afterwards it is as it was left.
        reason: a value of Report.Reason.
        text: in their own words, cleaned.
        language: of the page on which they wrote.

    Returns:
        whether that was new, see ``has_reported``.
    """
    with transaction.atomic():
        # One after the other: two who report at once would not see each other's report.
        rows: Any = type(subject)._default_manager.select_for_update()
        subject.refresh_from_db(from_queryset=rows)
        if has_reported(subject, reporter):
            return False
        author, kind, said = _author_of(subject), _kind_of(subject), _text_of(subject)
        case = settle_reported(subject, kind, Contribution(author, said, subject=subject))
        case.reports.create(
            reporter=reporter,
            reason=reason,
            text=text,
            url=subject.get_absolute_url(),
            language=language,
        )
        if _is_to_hide(subject, case):
            _hide(subject, case)
    return True


def has_reported(subject: Subject, member: Member) -> bool:
    """Whether ``member`` has reported it: once while it waits, and not again after a moderator found
    it harmless, unless it says something else by now."""
    own = Case.objects.about(subject).filter(reports__reporter=member)
    return own.open().exists() or _found_harmless(subject).filter(case__in=own).exists()


def _found_harmless(subject: Subject) -> models.QuerySet[Decision]:
    """Decisions that let what it says now be seen, though it had been reported."""
    reported = Case.objects.about(subject).filter(reports__isnull=False)
    approvals = Decision.objects.standing().filter(action=Action.APPROVE, case__in=reported)
    return approvals.filter(text=_text_of(subject))


def _author_of(subject: Subject) -> Member:
    return subject if isinstance(subject, Member) else subject.author


def _kind_of(subject: Subject) -> str:
    return Case.Kind.PROFILE if isinstance(subject, Member) else deciding.kind_of(subject)


def _text_of(subject: Subject) -> str:
    if isinstance(subject, Member):
        return profile_holding.in_question(subject)
    return subject.moderated_text


def _is_to_hide(subject: Subject, case: Case) -> bool:
    if _author_of(subject).is_staff or case.decisions.filter(action=Action.HIDE).exists():
        return False
    reporters = Member.objects.filter(reports__case=case)
    trusted = sum(reporter.is_trusted for reporter in reporters)
    return trusted >= HouseRules.load().reports_to_hide and not _found_harmless(subject).exists()


def _hide(subject: Subject, case: Case) -> None:
    text = _text_of(subject)
    hide: Any = profile_holding.hide if isinstance(subject, Member) else deciding.hide
    if before := hide(subject):
        Decision.objects.create(case=case, action=Action.HIDE, text=text, before=before)
        open_case(case.kind, subject, case.member, ["reports_hide"])
