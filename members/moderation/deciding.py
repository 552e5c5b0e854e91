"""The verbs of moderators. Each leaves a Decision in the same transaction and says whether it changed anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from members.models import Member

from . import emails, waiting
from .models import Case, Decision, Moderated, State

Action = Decision.Action
STANDING = ("standing", "suspended_until", "is_active")
CLOSING = (Action.SUSPEND, Action.BAN, Action.REFUSE)


def _decide(
    case: Case, action: str, by: Member | None, reason: str, text: str = "", **before: Any
) -> Decision:
    if case.is_open:
        case.closed_at = timezone.now()
        case.save(update_fields=["closed_at"])
    return Decision.objects.create(
        case=case, action=action, by=by, reason=reason, text=text, before=before
    )


def _lock(thing: models.Model, *fields: str) -> None:
    """Reads the fields anew and keeps others from changing them: two clicks are one decision."""
    rows = type(thing)._default_manager.select_for_update()
    thing.refresh_from_db(fields=fields, from_queryset=rows)


def _case_about(subject: models.Model, kind: str, member: Member) -> Case:
    """The open case about ``subject``, or one made for an act that nobody had asked for."""
    case = Case.objects.about(subject).open().first()
    return case or Case.objects.create(kind=kind, subject=subject, member=member)


def _kind_of(subject: Moderated) -> str:
    name = subject._meta.model_name or ""
    return Case.Kind(name) if name in Case.Kind else Case.Kind.SUBMISSION


@transaction.atomic
def approve(subject: Moderated, by: Member, reason: str = "") -> bool:
    """Lets a contribution be seen. An author's first approval also admits them as a member."""
    if subject.author_id == by.pk:
        return False
    _lock(subject, "state")
    case = Case.objects.about(subject).open().first()
    before = subject.state
    changed = subject.restore()
    if not changed and case is None:
        return False
    _decide(
        case or _case_about(subject, _kind_of(subject), subject.author),
        Action.APPROVE,
        by,
        reason,
        subject.moderated_text,
        state=before,
    )
    if changed:
        Member.objects.filter(pk=subject.author_id).update(approved_count=F("approved_count") + 1)
        subject.author.refresh_from_db()
        if subject.author.is_pending:
            _admit(subject.author, by, "")
    return True


def _take_down(subject: Moderated, state: str, action: str, by: Member, reason: str) -> bool:
    if subject.author_id == by.pk:
        return False
    _lock(subject, "state")
    before = subject.state
    if not subject.hide(state):
        return False
    case = _case_about(subject, _kind_of(subject), subject.author)
    _decide(case, action, by, reason, subject.moderated_text, state=before)
    if before == State.VISIBLE:
        counted = Member.objects.filter(pk=subject.author_id, approved_count__gt=0)
        counted.update(approved_count=F("approved_count") - 1)
    return True


@transaction.atomic
def remove(subject: Moderated, by: Member, reason: str = "") -> bool:
    """Takes a contribution down and tells its author, with the reason and how to answer."""
    if not _take_down(subject, State.REMOVED, Action.REMOVE, by, reason):
        return False
    emails.contribution_removed(subject, reason)
    return True


@transaction.atomic
def mark_spam(subject: Moderated, by: Member, reason: str = "") -> bool:
    """Takes a contribution down as spam; a spammer is not written to."""
    return _take_down(subject, State.SPAM, Action.SPAM, by, reason)


@transaction.atomic
def record(
    subject: Moderated, action: str, by: Member, reason: str = "", text: str = ""
) -> Decision | None:
    """Files what a verb of another app decides about a contribution, and closes its case.

    Called in the transaction of that verb, before it changes anything.

    Args:
        action: a value of Decision.Action.
        text: what was decided about, where that is not the contribution as it stands.

    Returns:
        the decision; None about one's own contribution, which others decide about.
    """
    if subject.author_id == by.pk:
        return None
    case = _case_about(subject, _kind_of(subject), subject.author)
    return _decide(case, action, by, reason, text or subject.moderated_text, state=subject.state)


def _admit(member: Member, by: Member, reason: str) -> bool:
    before = member.standing
    if not member.stand(Member.Standing.ACTIVE):
        return False
    case = _case_about(member, Case.Kind.SIGNUP, member)
    _decide(case, Action.ADMIT, by, reason, standing=before)
    emails.admitted(member)
    return True


def _check(member: Member, by: Member) -> None:
    if not member.may_be_sanctioned_by(by):
        raise PermissionDenied
    _lock(member, *STANDING)


@transaction.atomic
def admit(member: Member, by: Member, reason: str = "") -> bool:
    """Approves a sign-up: everything for members opens, and they are told."""
    _check(member, by)
    return member.is_pending and _admit(member, by, reason)


def _sanction(
    member: Member,
    standing: str,
    action: str,
    by: Member,
    reason: str,
    until: datetime | None = None,
) -> bool:
    _check(member, by)
    before = {"standing": member.standing}
    if member.suspended_until:
        before["suspended_until"] = member.suspended_until.isoformat()
    if member.standing == Member.Standing.LEFT or not member.stand(standing, until):
        return False
    kind = Case.Kind.SIGNUP if before["standing"] == Member.Standing.PENDING else Case.Kind.MEMBER
    _decide(_case_about(member, kind, member), action, by, reason, **before)
    emails.standing_changed(member, action, reason)
    return True


@transaction.atomic
def refuse(member: Member, by: Member, reason: str = "") -> bool:
    """Refuses a sign-up; the person is told the reason. Undone by ``restore``."""
    _check(member, by)
    return member.is_pending and _sanction(
        member, Member.Standing.BANNED, Action.REFUSE, by, reason
    )


@transaction.atomic
def suspend(member: Member, by: Member, until: datetime, reason: str = "") -> bool:
    """Closes an account until a time; open sessions end at their next request."""
    return _sanction(member, Member.Standing.SUSPENDED, Action.SUSPEND, by, reason, until)


@transaction.atomic
def ban(member: Member, by: Member, reason: str = "") -> bool:
    """Closes an account for good, until somebody restores it."""
    return _sanction(member, Member.Standing.BANNED, Action.BAN, by, reason)


@transaction.atomic
def restore(member: Member, by: Member | None, reason: str = "") -> bool:
    """Gives a suspended or banned member back what they had; ``by`` None is the clock.

    Who was not yet approved waits for that again. The clock restores nobody before their time.
    """
    if by is not None:
        _check(member, by)
    else:
        _lock(member, *STANDING)
        if member.suspended_until is None or member.suspended_until > timezone.now():
            return False
    if member.standing not in {Member.Standing.SUSPENDED, Member.Standing.BANNED}:
        return False
    before = member.standing
    member.stand(_standing_before_closing(member))
    _decide(
        _case_about(member, Case.Kind.MEMBER, member), Action.RESTORE, by, reason, standing=before
    )
    if EmailAddress.objects.filter(user=member, verified=True).exists():
        waiting.on_member_confirmed(sender=Member, member=member)
    emails.standing_changed(member, Action.RESTORE, reason)
    return True


def _standing_before_closing(member: Member) -> str:
    earlier = [Member.Standing.PENDING, Member.Standing.ACTIVE]
    closing = Decision.objects.filter(
        case__member=member, action__in=CLOSING, before__standing__in=earlier
    ).first()
    return closing.before["standing"] if closing else Member.Standing.ACTIVE


@transaction.atomic
def answer(case: Case, by: Member, text: str) -> bool:
    """Answers the reporters of an issue, as far as they left an address, and closes it."""
    _lock(case, "closed_at")
    if not case.is_open:
        return False
    _decide(
        case, Action.ANSWER, by, text, "\n\n".join(report.text for report in case.reports.all())
    )
    for report in case.reports.select_related("reporter"):
        emails.issue_answered(report, text)
    return True


@transaction.atomic
def dismiss(case: Case, by: Member, reason: str = "") -> bool:
    """Closes a case with nothing done to its subject."""
    _lock(case, "closed_at")
    if not case.is_open:
        return False
    _decide(
        case, Action.DISMISS, by, reason, "\n\n".join(report.text for report in case.reports.all())
    )
    return True
