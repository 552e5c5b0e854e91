"""Taking a decision back, exactly, as long as nothing was decided about the same thing since."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db import models, transaction
from django.db.models import F

from members.models import Member

from . import emails, opening, outcomes, profile_holding, sweeping, telling
from .filtering import lessons
from .models import Case, Decision, Moderated, State

Action = Decision.Action
# What each act makes of a contribution.
STATES = {
    Action.APPROVE: State.VISIBLE,
    Action.REMOVE: State.REMOVED,
    Action.SPAM: State.SPAM,
    Action.HIDE: State.HELD,
    Action.REFUSE: State.REMOVED,
}
PERSONAL = {Action.ADMIT, Action.REFUSE, Action.SUSPEND, Action.BAN, Action.RESTORE}
ABOUT_PEOPLE = {Case.Kind.SIGNUP, Case.Kind.MEMBER}
# A person hears that these are taken back, since they heard of them.
CLOSED_OUT = {Action.REFUSE, Action.SUSPEND, Action.BAN}
CLOSED_CASE = {Action.DISMISS, Action.ANSWER}
FIELDS = {Action.CLOSE, Action.REOPEN}
SWEEPS = {Action.SPAMMER, Action.SINCE}


def later(decision: Decision) -> models.QuerySet[Decision]:
    """What was decided about the same thing since, changed it, and stands."""
    since = Decision.objects.standing().filter(pk__gt=decision.pk)
    return since.exclude(action__in=Decision.ASIDE).of_same_matter(decision)


def can_undo(decision: Decision, by: Member) -> bool:
    """Whether ``by`` may take it back, and nothing stands in the way."""
    if not by.has_perm("moderation.decide") or (
        decision.by_id is None and decision.action != Action.HIDE
    ):
        return False
    if decision.purged_at or Decision.objects.filter(undoes=decision).exists():
        return False
    subject = decision.case.subject
    if decision.action in SWEEPS:
        return decision.sweep is not None and sweeping.can_undo(decision.sweep, by)
    if later(decision).exists():
        return False
    if "profile" in decision.before:
        return profile_holding.can_undo(decision, by)
    if _is_of_contribution(decision):
        return _fits_contribution(decision, subject, by)
    if decision.action in PERSONAL:
        return isinstance(subject, Member) and subject.may_be_sanctioned_by(by)
    if decision.action in CLOSED_CASE:
        return not decision.case.is_open
    return decision.action in FIELDS and subject is not None and "fields" in decision.before


def _is_of_contribution(decision: Decision) -> bool:
    """A sign-up is refused as well as a submission."""
    return decision.action in STATES and decision.case.kind not in ABOUT_PEOPLE


def _fits_contribution(decision: Decision, subject: Any, by: Member) -> bool:
    if not isinstance(subject, Moderated) or subject.author_id == by.pk:
        return False
    # What an editor has published is taken back by an editor.
    if decision.action == Action.APPROVE and decision.case.kind == Case.Kind.SUBMISSION:
        return False
    return subject.state == STATES[Action(decision.action)] and "state" in decision.before


@transaction.atomic
def undo(decision: Decision, by: Member, reason: str = "", *, quietly: bool = False) -> bool:
    """Gives back what was before, files that as a decision, and opens the case again.

    Args:
        quietly: the member concerned hears of it otherwise.

    Returns:
        False where ``can_undo`` says no; then nothing has changed.
    """
    # Read anew: the one at hand may remember how its subject was.
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if not can_undo(decision, by):
        return False
    case, subject = decision.case, cast(Any, decision.case.subject)
    Decision.objects.create(
        case=case, action=Action.UNDO, by=by, reason=reason, undoes=decision, text=""
    )
    opening.close_appeals(Decision.objects.filter(pk=decision.pk))
    if decision.action in SWEEPS:
        assert decision.sweep is not None  # noqa: S101 - can_undo() has asked
        return sweeping.undo(decision.sweep, by, quietly=quietly)
    if "profile" in decision.before:
        profile_holding.undo(decision, quietly=quietly)
    elif _is_of_contribution(decision):
        _put_back(decision, subject, quietly)
    elif decision.action in PERSONAL:
        _stand_as_before(decision, subject, reason, quietly)
    elif decision.action in FIELDS:
        fields = decision.before["fields"]
        type(subject)._default_manager.filter(pk=case.object_id).update(**fields)
    _open_again(case)
    outcomes.withdraw(case.pk)
    telling.undone(decision, quietly=quietly)
    if decision.action == Action.APPROVE:
        _undo_admission(decision, by)
    lessons.untaught_by(decision)
    return True


def _put_back(decision: Decision, subject: Any, quietly: bool) -> None:
    before = decision.before
    subject.change_state(before["state"])
    kept = before.get("kept", {})
    if kept:
        type(subject)._default_manager.filter(pk=subject.pk).update(**kept)
    if before.get("counted"):
        people = Member.objects.filter(pk=subject.author_id, approved_count__gte=before["counted"])
        people.update(approved_count=F("approved_count") - before["counted"])
    if decision.action == Action.REMOVE and before["state"] == State.VISIBLE and not quietly:
        emails.contribution_restored(subject)


def _undo_admission(decision: Decision, by: Member) -> None:
    """A newcomer's first approval admitted them; that goes with it."""
    admissions = Decision.objects.standing().filter(
        action=Action.ADMIT, case__member=decision.case.member_id, pk__gt=decision.pk
    )
    for admission in admissions:
        if admission.before.get("went_with") == decision.pk:
            undo(admission, by)


def _stand_as_before(decision: Decision, member: Member, reason: str, quietly: bool) -> None:
    until = decision.before.get("suspended_until")
    member.stand(decision.before["standing"], datetime.fromisoformat(until) if until else None)
    if decision.action in CLOSED_OUT and not quietly:
        emails.account_opened(member, reason)


def _open_again(case: Case) -> None:
    """The case waits again, unless something else about the same thing waits already."""
    if not case.waited:
        return
    others = Case.objects.open().filter(content_type=case.content_type, object_id=case.object_id)
    if case.closed_at and not (case.object_id and others.exists()):
        case.closed_at = None
        case.save(update_fields=["closed_at"])


def undo_all(decisions: list[Decision], by: Member) -> list[Decision]:
    """Takes back several, the newest first; returns those that were."""
    newest_first = sorted(decisions, key=lambda decision: -decision.pk)
    return [decision for decision in newest_first if undo(decision, by)]
