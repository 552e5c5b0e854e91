"""What members are told on the site of decisions about what they wrote.

Of each thing one line, the latest: it takes the place of the one before. Where a mail says the same, or
where nobody was written to before, there is no other mail.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import override

from members.notifications import telling as notifications
from members.notifications.models import Notification

from .models import Appeal, Case, Decision, Moderated, State

Action = Decision.Action
KIND = Notification.Kind.DECISION
# What these are about is shown to nobody: a person, a report about the site, an answer.
NOT_SHOWN = {Case.Kind.SIGNUP, Case.Kind.MEMBER, Case.Kind.ISSUE, Case.Kind.APPEAL}
DOWN = {State.REMOVED, State.SPAM}


def decided(decision: Decision) -> None:
    """Tells the author, if it is news to them. Called in the transaction of the decision."""
    case, was = decision.case, _state_before(decision)
    if case.kind in NOT_SHOWN:
        return
    match decision.action:
        case Action.REMOVE:
            _tell(case, "removed", page_of(decision), quiet=True)
        case Action.REFUSE:
            _tell(case, "refused", page_of(decision), quiet=True)
        case Action.APPROVE if was in DOWN:
            _tell_where_it_is(case, "restored", quiet=False)
        case Action.APPROVE if was == State.HELD:
            # An editor who publishes a post writes to its author, and so does who admits a newcomer.
            admitted = case.member is not None and case.member.is_pending
            quiet = admitted or case.kind == Case.Kind.SUBMISSION
            _tell_where_it_is(case, "approved", quiet=quiet)
        case Action.SPAM | Action.RETURN | Action.RESTORE:
            _withdraw(case)


def undone(decision: Decision, *, quietly: bool = False) -> None:
    """Takes back what was told; if the thing is seen again, its author hears of that.

    Args:
        quietly: they hear of it otherwise.
    """
    case = decision.case
    if case.kind in NOT_SHOWN:
        return
    _withdraw(case)
    taken_down = decision.action in {Action.REMOVE, Action.SPAM}
    if taken_down and _state_before(decision) == State.VISIBLE and not quietly:
        _tell_where_it_is(case, "restored", quiet=True)


def appeal_decided(made: Appeal, granted: bool) -> None:
    """Tells whoever appealed; a mail says the same."""
    notifications.tell(
        [made.member],
        KIND,
        f"appeal:{made.pk}",
        page_of(made.decision),
        params={"act": "granted" if granted else "denied", **_titles(made.decision.case.subject)},
        quiet=True,
    )


def page_of(decision: Decision) -> str:
    """Path of the page about a decision, without a language."""
    with override("en"):
        return reverse("moderation:decision", args=[decision.pk]).removeprefix("/en")


def _state_before(decision: Decision) -> str:
    """How the thing stood before the decision, a value of State; empty where nothing changed."""
    if "profile" not in decision.before:
        return decision.before.get("state", "")
    was = decision.before["profile"]["was"]
    return State.HELD if was.get("profile_held") else State.VISIBLE if was else ""


def _cause(case: Case) -> str:
    """How notifications name what was decided about."""
    return f"{case.content_type.model}:{case.object_id}" if case.content_type else ""


def _withdraw(case: Case) -> None:
    notifications.withdraw(_cause(case), kind=KIND)


def _titles(subject: Any) -> dict[str, Any]:
    return subject.titles if isinstance(subject, Moderated) else {}


def _tell(case: Case, act: str, path: str, *, topic: str = "", quiet: bool) -> None:
    """In place of what was told of the same thing before."""
    _withdraw(case)
    notifications.tell(
        [case.member] if case.member else [],
        KIND,
        _cause(case),
        path,
        topic=topic,
        params={"act": act, **_titles(case.subject)},
        quiet=quiet,
    )


def _tell_where_it_is(case: Case, act: str, *, quiet: bool) -> None:
    """Leads to the thing: it goes with what that is part of, and is seen where that is seen."""
    subject: Any = case.subject
    moderated = isinstance(subject, Moderated)
    with override("en"):
        path = subject.get_permalink() if moderated else subject.get_absolute_url()
    topic = subject.topic if moderated else ""
    _tell(case, act, path.removeprefix("/en"), topic=topic, quiet=quiet)
