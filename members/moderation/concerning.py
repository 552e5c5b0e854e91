"""Decisions as the member concerned is told of them: which, in which words, and what they may answer.

Nobody is named: neither who decided nor who reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Member

from .appealing import APPEALABLE
from .deciding import CLOSING
from .models import Appeal, Case, Decision

Action, Kind = Decision.Action, Case.Kind
SHOWN = {*APPEALABLE, Action.RETURN, Action.RESTORE}
# Of these the text is made of what several wrote.
WITHOUT_TEXT = {Action.SINCE, Action.RESTORE}
# What a moderator notes with spam is for the staff.
WITHOUT_REASON = {Action.SPAM}

_SPAM = _("Taken for advertising or spam, and taken down")
_SWEPT = _("Your account was closed for spam, and all that you wrote was taken down")
# By what was done, and to what; to anything else where nothing is said of that.
WORDS: dict[str, dict[str, str | Promise]] = {
    Action.REMOVE: {
        Kind.COMMENT: _("A comment of yours was removed"),
        Kind.PROFILE: _("Something was taken out of your profile"),
        "": _("A post of yours was removed"),
    },
    Action.SPAM: {"": _SPAM},
    Action.REFUSE: {
        Kind.SIGNUP: _("Your sign-up was not approved"),
        "": _("The editors did not take a post of yours"),
    },
    Action.RETURN: {"": _("An editor sent a post back to you with a note")},
    Action.SUSPEND: {"": _("Your account was suspended")},
    Action.BAN: {"": _("Your account was closed")},
    Action.SPAMMER: {"": _SWEPT},
    Action.SINCE: {"": _SWEPT},
    Action.RESTORE: {
        Kind.SIGNUP: _("Your sign-up is looked at once more"),
        Kind.MEMBER: _("Your account was opened again"),
        "": _("A post of yours is looked at once more"),
    },
}


def about(member: Member) -> QuerySet[Decision]:
    """The decisions that ``member`` is told of, the latest first."""
    rows = Decision.objects.filter(action__in=SHOWN).order_by().values("pk")
    by_case = rows.filter(case__member=member)
    swept = rows.filter(sweep__members=member)
    # Who was spared is no part of the clean-up any more.
    answered = rows.filter(appeals__member=member)
    found = Decision.objects.filter(pk__in=by_case.union(swept, answered))
    return found.select_related("case", "undone_by").order_by("-pk")


def closing(member: Member) -> Decision | None:
    """The decision that closed the account of ``member``: the latest that stands."""
    standing = Decision.objects.standing().select_related("case").order_by("-pk")
    by_hand = standing.filter(
        case__member=member, case__kind__in=[Kind.SIGNUP, Kind.MEMBER], action__in=CLOSING
    )
    found = [by_hand.first(), standing.filter(sweep__members=member).first()]
    return max(filter(None, found), key=lambda decision: decision.pk, default=None)


@dataclass(frozen=True)
class Told:
    """A decision, as the member concerned reads it."""

    decision: Decision
    words: str | Promise
    reason: str
    # Their own words as they were.
    text: str
    appeal: Appeal | None = None
    # What became of the appeal: a decision that grants or denies it.
    answer: Decision | None = None
    undone_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether an appeal waits for its answer."""
        return self.appeal is not None and self.answer is None and self.undone_at is None

    @property
    def was_granted(self) -> bool:
        return self.answer is not None and self.answer.action == Action.GRANT


def told(decisions: Sequence[Decision], member: Member) -> list[Told]:
    """Decisions in words, with what ``member`` answered and what became of it, in two queries.

    Args:
        decisions: from ``about`` or ``closing``.
    """
    own = Appeal.objects.filter(decision__in=decisions, member=member)
    appeals = {made.decision_id: made for made in own}
    answers = _answers(appeals.values())
    return [
        Told(
            decision,
            words_for(decision),
            "" if decision.action in WITHOUT_REASON else decision.reason,
            "" if decision.action in WITHOUT_TEXT else decision.text,
            appeals.get(decision.pk),
            answers.get(decision.pk),
            decision.undone_by.at if hasattr(decision, "undone_by") else None,
        )
        for decision in decisions
    ]


def _answers(appeals: Iterable[Appeal]) -> dict[int, Decision]:
    """What was decided about appeals, by the key of the decision that each answers to."""
    about = {made.pk: made.decision_id for made in appeals}
    kind = ContentType.objects.get_for_model(Appeal)
    rows = Decision.objects.filter(case__content_type=kind, case__object_id__in=about)
    return {about[cast(int, each.case.object_id)]: each for each in rows.select_related("case")}


def words_for(decision: Decision) -> str | Promise:
    """What was decided, as whoever it concerns is told."""
    words = WORDS[decision.action]
    return words.get(decision.case.kind, words[""])
