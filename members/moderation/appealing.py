"""Answering to a decision: once, and to another moderator where there is one."""

from __future__ import annotations

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from members.models import Member

from . import emails, sweeping, telling, undoing
from .filtering.checking import language_of
from .models import Appeal, Case, Decision
from .opening import open_case

Action = Decision.Action
# Against these somebody may have something to say.
APPEALABLE = {
    *(Action.REMOVE, Action.SPAM, Action.REFUSE, Action.SUSPEND, Action.BAN),
    *(Action.SPAMMER, Action.SINCE),
}


def concerned(decision: Decision, member: Member) -> bool:
    """Whether a decision is about ``member``."""
    if decision.sweep is not None:
        return decision.sweep.members.filter(pk=member.pk).exists()
    return decision.case.member_id == member.pk


def may_appeal(decision: Decision, member: Member) -> bool:
    """Once, by whom it concerns, as long as there is something to take back."""
    return (
        decision.action in APPEALABLE
        and decision.purged_at is None
        and concerned(decision, member)
        and not Appeal.objects.filter(decision=decision, member=member).exists()
        and not Decision.objects.filter(undoes=decision).exists()
        and (decision.sweep is not None or not undoing.later(decision).exists())
    )


def appeal(decision: Decision, member: Member, text: str) -> Appeal | None:
    """Writes an appeal and lets it wait; None where ``may_appeal`` says no."""
    try:
        with transaction.atomic():
            # Whoever takes the decision back meanwhile, or purges it, is faster or waits.
            Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
            if not may_appeal(decision, member):
                return None
            made = Appeal.objects.create(decision=decision, member=member, text=text)
            case = open_case(Case.Kind.APPEAL, made, member, ["appeal"])
            case.language = language_of(text)
            case.save(update_fields=["language"])
            return made
    except IntegrityError:  # the same form, sent twice
        return None


def may_decide(made: Appeal, by: Member) -> bool:
    """Whoever decided judges the appeal only where nobody else could."""
    if made.member_id == by.pk or not by.has_perm("moderation.decide"):
        return False
    return made.decision.by_id != by.pk or not others_decide(made)


def others_decide(made: Appeal) -> bool:
    """Whether somebody may decide about it who has not decided before, and whom it does not concern."""
    return deciders().exclude(pk__in=[made.member_id, made.decision.by_id]).exists()


def deciders() -> models.QuerySet[Member]:
    """Staff who may decide what waits."""
    permitted = Q(is_superuser=True) | Q(groups__permissions__codename="decide")
    return Member.objects.active().filter(permitted, is_staff=True)


@transaction.atomic
def grant(made: Appeal, by: Member, reason: str = "") -> bool:
    """Takes the decision back; where it cannot be undone any more, nothing happens.

    Of a clean-up after many accounts, that of the member who appealed alone.
    """
    case = _waiting(made)
    if case is None or not may_decide(made, by) or not _take_back(made, by, reason):
        return False
    _file(case, made, Action.GRANT, by, reason)
    return True


def _take_back(made: Appeal, by: Member, reason: str) -> bool:
    decision = made.decision
    if decision.action == Action.SINCE and decision.sweep is not None:
        return sweeping.spare(decision.sweep, made.member, by)
    return undoing.undo(decision, by, reason, quietly=True)


@transaction.atomic
def deny(made: Appeal, by: Member, reason: str = "") -> bool:
    """Leaves the decision as it is."""
    case = _waiting(made)
    if case is None or not may_decide(made, by):
        return False
    _file(case, made, Action.DENY, by, reason)
    return True


def _waiting(made: Appeal) -> Case | None:
    """The open case of an appeal, locked: two who decide at once are one after the other."""
    return Case.objects.about(made).open().select_for_update().first()


def _file(case: Case, made: Appeal, action: str, by: Member, reason: str) -> None:
    """Closes the case of an appeal, and tells whoever appealed."""
    case.closed_at = timezone.now()
    case.save(update_fields=["closed_at"])
    Decision.objects.create(case=case, action=action, by=by, reason=reason, text=made.text)
    emails.appeal_decided(made, granted=action == Action.GRANT, reason=reason)
    telling.appeal_decided(made, granted=action == Action.GRANT)
