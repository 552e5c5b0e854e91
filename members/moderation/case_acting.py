"""What is done to what waits: which acts fit a case, one act on one, one act on many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from members.models import Member

from . import appealing, deciding, profile_holding
from .models import Appeal, Case, Decision, Moderated, State
from .signup_admin import UNDO, is_refused

Acts = dict[str, str | Promise]
# What a moderator may do with each kind of subject: name of the act, words on its button.
# A submission is approved by the editor who publishes it.
SUBMISSION_ACTS: Acts = {"remove": _("Remove"), "spam": _("Spam")}
CONTRIBUTION_ACTS: Acts = {"approve": _("Approve"), **SUBMISSION_ACTS}
SIGNUP_ACTS: Acts = {"admit": _("Admit"), "ask": _("Ask by mail"), "refuse": _("Refuse")}
CLOSING: Acts = {"dismiss": _("Close without an answer")}
APPEAL_ACTS: Acts = {
    "grant": pgettext_lazy("appeal", "Grant"),
    "deny": pgettext_lazy("appeal", "Deny"),
}
ISSUE_ACTS: Acts = {"answer": _("Answer"), **CLOSING}
# Acts that say nothing without words, and what their lack is called.
NEEDS_WORDS = {
    "answer": _("Write the answer first, please."),
    "ask": _("Write the question first, please."),
    "refuse": _("Write the reason first, please: it is mailed to the newcomer."),
}
# What each key of the queue does: the first of these that fits. A robot is refused without a mail.
KEYS = {
    "approve": ("approve", "admit", "answer", "grant"),
    "remove": ("remove", "refuse", "deny", "dismiss"),
    "spam": ("spam", "robot", "dismiss"),
}
ROBOT = {"robot": "refuse"}
# Reasons at hand. Whom they are mailed to reads them in their own language.
QUICK_REASONS: Acts = {
    "advertising": _("It is advertising."),
    "hurtful": _("It is hurtful."),
    "off_topic": _("It has nothing to do with the article."),
    "private": _("It tells private things about others."),
}
QUICK_REFUSALS: Acts = {
    "unclear": _("We cannot tell who is behind this account."),
    "elsewhere": _("This site is for people in and around Pocatello."),
    "double": _("You have an account already."),
}


def acts_for(case: Case) -> Acts:
    """The acts that fit what the case is about, and how it stands."""
    if not case.is_open:
        return cast(Acts, UNDO) if is_refused(case) else {}
    if isinstance(case.subject, Moderated):
        if case.subject.state in {State.REMOVED, State.SPAM}:
            return CLOSING  # reported, and taken down by somebody faster
        if "reported" in case.reasons and "submitted" not in case.reasons:
            return CONTRIBUTION_ACTS  # it was out, and a moderator may leave it there
        if "edited" in case.reasons:
            return {}  # what is out is as it was approved; an editor decides about the change
        return SUBMISSION_ACTS if case.kind == Case.Kind.SUBMISSION else CONTRIBUTION_ACTS
    if isinstance(case.subject, Appeal):
        return APPEAL_ACTS
    if isinstance(case.subject, Member):
        if case.subject.is_pending:
            return SIGNUP_ACTS
        return CONTRIBUTION_ACTS if case.kind == Case.Kind.PROFILE else CLOSING
    return ISSUE_ACTS if case.kind == Case.Kind.ISSUE else CLOSING


def meant(act: str, fitting: Acts) -> str:
    """What ``act``, or the key of that name, does among the ``fitting``; empty if nothing."""
    names = KEYS.get(act, (act,))
    return next((name for name in names if ROBOT.get(name, name) in fitting), "")


def quick_for(fitting: Acts) -> Acts:
    """The reasons at hand for what the ``fitting`` acts take away."""
    reasons = QUICK_REASONS if "remove" in fitting else {}
    return {**reasons, **(QUICK_REFUSALS if "refuse" in fitting else {})}


def _lock(row: models.Model) -> None:
    rows = type(row)._default_manager.select_for_update()
    row.refresh_from_db(fields=[row._meta.pk.attname], from_queryset=rows)


@transaction.atomic
def act_on(case: Case, act: str, by: Member, reason: str = "") -> bool:
    """Does one act on one case; whoever comes second finds it decided.

    Returns:
        whether that changed anything; False also where the act does not fit.
    """
    # The subject before its case, in the order of the verbs: two who act at once cannot lock up.
    try:
        if case.subject is not None:
            _lock(case.subject)
    except ObjectDoesNotExist:
        return False  # gone meanwhile
    case.refresh_from_db(
        fields=["closed_at", "reasons"], from_queryset=Case.objects.select_for_update()
    )
    if ROBOT.get(act, act) not in acts_for(case):
        return False
    if act in {"answer", "dismiss"}:
        return (deciding.answer if act == "answer" else deciding.dismiss)(case, by, reason)
    about: Any = profile_holding if case.kind == Case.Kind.PROFILE else deciding
    verb: Any = {
        "approve": about.approve,
        "remove": about.remove,
        "spam": about.mark_spam,
        "admit": deciding.admit,
        "ask": deciding.ask,
        "refuse": deciding.refuse,
        "robot": deciding.refuse_robot,
        "restore": deciding.restore,
        "grant": appealing.grant,
        "deny": appealing.deny,
    }[act]
    try:
        return verb(case.subject, by, reason)
    except PermissionDenied:
        return False


@dataclass
class Outcome:
    """What became of many cases in one act."""

    decided: list[Case] = field(default_factory=list)
    left: list[Case] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    # What has to be said first; then nothing was done.
    lacks: str | Promise = ""


def act_on_all(
    cases: Iterable[Case], act: str, by: Member, reason: str = "", quick: str = ""
) -> Outcome:
    """Does to each case what ``act`` means for it, each in a transaction of its own.

    Args:
        act: a name from KEYS, or of an act.
        reason: in the moderator's own words.
        quick: a name from QUICK_REASONS or QUICK_REFUSALS, said where there are no own words.
    """
    cases = list(cases)
    meanings = [(case, meant(act, acts_for(case))) for case in cases]
    quick_words = {**QUICK_REASONS, **QUICK_REFUSALS}.get(quick, "")
    outcome = Outcome()
    if not reason and not quick_words:
        lacking = [name for case, name in meanings if name in NEEDS_WORDS]
        if lacking:
            return Outcome(left=cases, lacks=NEEDS_WORDS[lacking[0]])
    last = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for case, name in meanings:
        done = bool(name) and act_on(case, name, by, reason or _said_to(case, quick_words))
        (outcome.decided if done else outcome.left).append(case)
    made = Decision.objects.filter(pk__gt=last, case__in=cases, by=by)
    outcome.decisions = list(made.order_by("pk"))
    # Approving what a newcomer wrote admits them: their sign-up beside it is decided as well.
    along = {decision.case_id for decision in outcome.decisions}
    outcome.decided += [case for case in outcome.left if case.pk in along]
    outcome.left = [case for case in outcome.left if case.pk not in along]
    return outcome


def _said_to(case: Case, words: str | Promise) -> str:
    """Words in the language of the member concerned."""
    if case.member is None:
        return str(words)
    with override(case.member.language):
        return str(words)


def decided_by_others(cases: Iterable[Case]) -> list[Decision]:
    """The last decision about each of ``cases`` that is closed: what somebody faster has done."""
    closed = [case.pk for case in cases if not case.is_open]
    rows = Decision.objects.filter(case__in=closed).select_related("by", "case")
    return list({decision.case_id: decision for decision in rows.order_by("pk")}.values())
