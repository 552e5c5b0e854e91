"""The verbs of moderators. Each leaves a Decision in the same transaction and says whether it changed anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from members.models import Application, Member

from . import emails, opening, outcomes, telling, waiting
from .filtering import lessons
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
    decision = Decision.objects.create(
        case=case, action=action, by=by, reason=reason, text=text, before=before
    )
    lessons.taught_by(decision)
    outcomes.decided(decision)
    telling.decided(decision)
    if action not in Decision.ASIDE and case.object_id:
        before_it = Decision.objects.of_same_matter(decision).filter(pk__lt=decision.pk)
        opening.close_appeals(before_it.filter(sweep=None))
    return decision


def _lock(thing: models.Model, *fields: str) -> None:
    """Reads the fields anew and keeps others from changing them: two clicks are one decision."""
    rows = type(thing)._default_manager.select_for_update()
    thing.refresh_from_db(fields=fields, from_queryset=rows)


def _case_about(subject: models.Model, kind: str, member: Member) -> Case:
    """The open case about ``subject``, or one made for an act that nobody had asked for.

    What a person says of themselves goes on waiting, whatever is done about the person.
    """
    case = Case.objects.about(subject).open().first()
    if case is not None and Case.Kind.PROFILE == case.kind != kind:
        return _file_about(subject, kind, member)
    return case or Case.objects.create(kind=kind, subject=subject, member=member)


def _file_about(subject: models.Model, kind: str, member: Member) -> Case:
    """A case for an act alone, beside whatever else is open."""
    return Case.objects.create(kind=kind, subject=subject, member=member, closed_at=timezone.now())


def kind_of(subject: Moderated) -> str:
    """The kind of a case about a contribution: a value of Case.Kind."""
    name = subject._meta.model_name or ""
    return Case.Kind(name) if name in Case.Kind else Case.Kind.SUBMISSION


@transaction.atomic
def approve(subject: Moderated, by: Member, reason: str = "") -> bool:
    """Lets a contribution be seen. An author's first approval also admits them as a member."""
    if subject.author_id == by.pk:
        return False
    case = Case.objects.about(subject).open().first()
    before = _before(subject)
    changed = subject.restore()
    if not changed and case is None:
        return False
    decision = _decide(
        case or _case_about(subject, kind_of(subject), subject.author),
        Action.APPROVE,
        by,
        reason,
        subject.moderated_text,
        **before,
        counted=int(changed),
    )
    if changed:
        Member.objects.filter(pk=subject.author_id).update(approved_count=F("approved_count") + 1)
        subject.author.refresh_from_db()
        if subject.author.is_pending:
            _admit(subject.author, by, "", went_with=decision.pk)
    return True


def _before(subject: Moderated) -> dict[str, Any]:
    """How a contribution is now, for whoever takes back what is about to be decided."""
    _lock(subject, "state", *subject.KEPT)
    return {"state": subject.state, "kept": {name: getattr(subject, name) for name in subject.KEPT}}


def _count_no_more(subject: Moderated) -> int:
    """What is not seen is no record of its author's. Returns what that added to it."""
    people = Member.objects.filter(pk=subject.author_id, approved_count__gt=0)
    return -people.update(approved_count=F("approved_count") - 1)


@transaction.atomic
def hide(subject: Moderated) -> dict[str, Any]:
    """Hides a contribution until a moderator has looked.

    Returns:
        what the decision about it keeps as ``before``, so that it can be taken back; nothing if it
        was not seen anyway.
    """
    before = _before(subject)
    if before["state"] != State.VISIBLE:
        return {}
    subject.hide(State.HELD)
    return {**before, "counted": _count_no_more(subject)}


def _take_down(
    subject: Moderated, state: str, action: str, by: Member, reason: str
) -> Decision | None:
    if subject.author_id == by.pk:
        return None
    before = _before(subject)
    if not subject.hide(state):
        return None
    counted = _count_no_more(subject) if before["state"] == State.VISIBLE else 0
    case = _case_about(subject, kind_of(subject), subject.author)
    return _decide(case, action, by, reason, subject.moderated_text, **before, counted=counted)


@transaction.atomic
def remove(subject: Moderated, by: Member, reason: str = "") -> bool:
    """Takes a contribution down and tells its author, with the reason and how to answer."""
    decision = _take_down(subject, State.REMOVED, Action.REMOVE, by, reason)
    if decision is None:
        return False
    emails.contribution_removed(subject, decision)
    return True


@transaction.atomic
def mark_spam(subject: Moderated, by: Member, reason: str = "") -> bool:
    """Takes a contribution down as spam; a spammer is not written to."""
    return _take_down(subject, State.SPAM, Action.SPAM, by, reason) is not None


@transaction.atomic
def record(
    subject: Moderated, action: str, by: Member, reason: str = "", text: str = ""
) -> Decision | None:
    """Files what a verb of another app decides about a contribution, and closes its case.

    What others reported about it goes on waiting. Called in the transaction of that verb, before it
    changes anything.

    Args:
        action: a value of Decision.Action.
        text: what was decided about, where that is not the contribution as it stands.

    Returns:
        the decision; None about one's own contribution, which others decide about.
    """
    if subject.author_id == by.pk:
        return None
    case = _case_about(subject, kind_of(subject), subject.author)
    if case.is_open and "reported" in case.reasons:
        case = _file_about(subject, case.kind, subject.author)
    return _decide(case, action, by, reason, text or subject.moderated_text, state=subject.state)


def _as_they_said(member: Member) -> str:
    """What a newcomer wrote about joining, for the file: it may be changed or gone later."""
    application = Application.objects.filter(member=member).first()
    if application is None:
        return ""
    said = (application.why, application.question, application.answer)
    return "\n\n".join(text for text in said if text)


def record_on(
    case: Case, action: str, by: Member, reason: str = "", text: str = "", **before: Any
) -> Decision:
    """Files what another verb decides about what waits in ``case``, and closes it.

    Called in the transaction of that verb. Arguments as of :func:`record_about`.
    """
    return _decide(case, action, by, reason, text, **before)


def record_about(
    member: Member, action: str, by: Member | None, reason: str = "", text: str = "", **before: Any
) -> Decision:
    """Files what another verb does about a person; whatever is open about them stays open.

    Called in the transaction of that verb.

    Args:
        action: a value of Decision.Action.
        by: who does it; None is the clock.
        text: what was said or changed, in words.
        before: what it was before, as far as that can be kept as JSON.
    """
    case = _file_about(member, Case.Kind.MEMBER, member)
    return _decide(case, action, by, reason, text, **before)


def _admit(member: Member, by: Member, reason: str, **more: Any) -> bool:
    before = member.standing
    if not member.stand(Member.Standing.ACTIVE):
        return False
    case = _case_about(member, Case.Kind.SIGNUP, member)
    _decide(case, Action.ADMIT, by, reason, _as_they_said(member), standing=before, **more)
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
    tell: bool = True,
) -> bool:
    _check(member, by)
    before = {"standing": member.standing}
    if member.suspended_until:
        before["suspended_until"] = member.suspended_until.isoformat()
    if member.standing == Member.Standing.LEFT or not member.stand(standing, until):
        return False
    kind = Case.Kind.SIGNUP if before["standing"] == Member.Standing.PENDING else Case.Kind.MEMBER
    text = _as_they_said(member) if kind == Case.Kind.SIGNUP else ""
    decision = _decide(_case_about(member, kind, member), action, by, reason, text, **before)
    if tell:
        emails.account_closed(member, decision)
    return True


@transaction.atomic
def refuse(member: Member, by: Member, reason: str = "") -> bool:
    """Refuses a sign-up; the person is told the reason. Undone by ``restore``."""
    _check(member, by)
    return member.is_pending and _sanction(
        member, Member.Standing.BANNED, Action.REFUSE, by, reason
    )


@transaction.atomic
def refuse_robot(member: Member, by: Member, reason: str = "") -> bool:
    """Refuses a sign-up that no person made: nobody is written to. Undone by ``restore``."""
    _check(member, by)
    return member.is_pending and _sanction(
        member, Member.Standing.BANNED, Action.REFUSE, by, reason, tell=False
    )


@transaction.atomic
def ask(member: Member, by: Member, question: str) -> bool:
    """Asks a newcomer something by mail. Their case stays open, and they keep all that they may do.

    A question before it, and what they answered, stay in the decision's text.
    """
    _check(member, by)
    if not (member.is_pending and question):
        return False
    said = _as_they_said(member)
    Application.objects.update_or_create(
        member=member,
        defaults={
            "question": question,
            "asked_at": timezone.now(),
            "answer": "",
            "answered_at": None,
        },
    )
    case = _case_about(member, Case.Kind.SIGNUP, member)
    Decision.objects.create(case=case, action=Action.ASK, by=by, reason=question, text=said)
    emails.asked(member, question)
    return True


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
    before = {"standing": member.standing}
    if member.suspended_until:
        before["suspended_until"] = member.suspended_until.isoformat()
    member.stand(_standing_before_closing(member))
    _decide(_case_about(member, Case.Kind.MEMBER, member), Action.RESTORE, by, reason, **before)
    if EmailAddress.objects.filter(user=member, verified=True).exists():
        waiting.on_member_confirmed(sender=Member, member=member)
    emails.account_opened(member, reason)
    return True


def _standing_before_closing(member: Member) -> str:
    earlier = [Member.Standing.PENDING, Member.Standing.ACTIVE]
    closing = Decision.objects.filter(
        case__member=member, action__in=CLOSING, before__standing__in=earlier
    ).first()
    swept = Decision.objects.filter(sweep__members=member).first()
    if swept and (closing is None or closing.pk < swept.pk):
        before = swept.before["members"][str(member.pk)]["standing"]
        if before in earlier:
            return before
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
