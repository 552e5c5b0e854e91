"""What members say of themselves in words: looked at when they change it, held, decided about.

What waits is in ``Member.proposed``; the row keeps what was shown before. While ``profile_held`` is
set, others see neither, see Member.audience_of(); names and handle stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members import profiles
from members.models import Member

from . import deciding, emails
from .filtering import Contribution, check, settle
from .models import Case, Decision
from .opening import close, open_case

Action = Decision.Action
# In the order in which they are read.
LABELS = {
    "display_name": _("Display name"),
    "username": _("Handle"),
    "bio": _("About me"),
    "department": _("Department"),
    "hometown": _("Hometown"),
    "links": pgettext_lazy("profile", "Links"),
    "wechat": _("WeChat ID"),
}
# Many have the same, so that it is no news when somebody else shows it.
SHARED = ("department", "hometown")
EMPTY: dict[str, Any] = {name: [] if name == "links" else "" for name in Member.WRITTEN_FIELDS}
KEPT = (*LABELS, "proposed", "profile_held")


@dataclass(frozen=True)
class Line:
    """One text of a profile: as it is shown when nothing waits, and as it is to be."""

    label: Any
    shown: str
    proposed: str


def _words(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def text_of(texts: dict[str, Any]) -> str:
    """Texts of a profile as one: what is looked at, and filed with a decision."""
    return "\n\n".join(filter(None, (_words(texts.get(name, "")) for name in LABELS)))


def _written(member: Member) -> dict[str, Any]:
    return {name: getattr(member, name) for name in Member.WRITTEN_FIELDS}


def in_question(member: Member) -> str:
    """What a moderator is to judge: what waits, or all that is shown where only reports came."""
    return text_of(member.proposed or _written(member))


def compared(member: Member) -> list[Line]:
    """What a profile shows and what is to take its place, side by side."""
    names = [name for name in LABELS if name in member.proposed] or [
        name for name in LABELS if name in EMPTY and getattr(member, name)
    ]
    return [
        Line(
            LABELS[name],
            _words(getattr(member, name)),
            _words(member.proposed.get(name, "")),
        )
        for name in names
    ]


def context_of(member: Member) -> list[tuple[str, str]]:
    """For the queue's card: what the texts that wait are to replace."""
    return [
        (_("%(field)s until now: %(text)s") % {"field": line.label, "text": line.shown}, "")
        for line in compared(member)
        if line.shown and member.proposed
    ] + [(f"@{member.username}", member.get_absolute_url())]


def on_profile_changing(
    sender: object, member: Member, texts: dict[str, Any], address: str = "", **kwargs: object
) -> bool:
    """Looks at what a member wants to say; whether it has to wait. What waits once, goes on waiting.

    Of who is not approved yet nothing is shown, so nothing is held: what stands out is told to whoever
    decides about the sign-up.
    """
    case = Case.objects.about(member).open().first()
    if not texts:
        reported = case is not None and case.reports.exists()
        if case is not None and case.kind == Case.Kind.PROFILE and not reported:
            close(member)
        return member.profile_held and reported
    news = {name: value for name, value in texts.items() if not _is_known(member, name, value)}
    contribution = Contribution(member, text_of(news), subject=member, address=address)
    verdict = check(contribution)
    if member.is_pending:
        if case is not None:
            told = [name for name in verdict.reasons if name not in {"pending", "first"}]
            open_case(case.kind, member, member, told)
        return False
    if member.profile_held or verdict.holds:
        verdict = replace(verdict, holds=True, reasons=["profile", *verdict.reasons])
    settle(member, Case.Kind.PROFILE, contribution, verdict)
    return verdict.holds


def _is_known(member: Member, name: str, value: Any) -> bool:
    """Whether others show the same department or hometown: then it says nothing about this one."""
    if not value or name not in SHARED:
        return not value
    others = Member.objects.listed().showing(name).filter(**{name: value})
    if name == "hometown":
        others = others.filter(province=member.province)
    return others.exclude(pk=member.pk).exists()


def hide(member: Member) -> dict[str, Any]:
    """Hides the texts of a profile until a moderator has looked.

    Returns:
        what the decision about it keeps as ``before``, so that it can be taken back; nothing if the
        texts were hidden already.
    """
    hidden = Member.objects.filter(pk=member.pk, profile_held=False).update(profile_held=True)
    member.profile_held = True
    kept = {"was": {"profile_held": False}, "became": {"profile_held": True}}
    return {"profile": kept} if hidden else {}


# --- Moderators


def _locked(member: Member) -> Member:
    return Member.objects.select_for_update().get(pk=member.pk)


def _fields(row: Member) -> dict[str, Any]:
    return {name: getattr(row, name) for name in KEPT}


def _file(
    row: Member, action: str, by: Member, reason: str, text: str, was: dict[str, Any]
) -> Decision:
    """The decision, with the fields that it changed, so that it can be taken back."""
    case = Case.objects.about(row).open().first() or Case.objects.create(
        kind=Case.Kind.PROFILE, subject=row, member=row
    )
    now = _fields(row)
    changed = [name for name in KEPT if was[name] != now[name]]
    kept = {
        "was": {name: was[name] for name in changed},
        "became": {name: now[name] for name in changed},
    }
    return deciding.record_on(case, action, by, reason, text, profile=kept)


def _settled(row: Member, values: dict[str, Any]) -> None:
    row.profile_held, row.proposed = False, {}
    row.save(update_fields=["profile_held", "proposed"])
    profiles.put(row, values)


@transaction.atomic
def approve(member: Member, by: Member, reason: str = "") -> bool:
    """Lets others see what a member says of themselves. Nobody approves their own.

    A handle that somebody else took meanwhile is left out: the member keeps theirs.
    """
    row = _locked(member)
    if row.pk == by.pk or not (row.profile_held or Case.objects.about(row).open().exists()):
        return False
    was, text, values = _fields(row), in_question(row), dict(row.proposed)
    if Member.objects.by_handle(values.get("username", "")) not in {None, row}:
        del values["username"]
    _settled(row, values)
    _file(row, Action.APPROVE, by, reason, text, was)
    return True


def _take_down(member: Member, action: str, by: Member, reason: str) -> Decision | None:
    """Drops what waits; where reports came, what is shown goes too."""
    row = _locked(member)
    if not row.may_be_sanctioned_by(by):
        return None
    case = Case.objects.about(row).open().first()
    was, reported = _fields(row), case is not None and case.reports.exists()
    everything = reported or not row.proposed
    parts = [text_of(row.proposed), text_of(_written(row)) if everything else ""]
    text = "\n\n".join(filter(None, parts))
    if not text and case is None:
        return None
    _settled(row, EMPTY if everything else {})
    return _file(row, action, by, reason, text, was)


@transaction.atomic
def remove(member: Member, by: Member, reason: str = "") -> bool:
    """Refuses what a member wants to say of themselves, and tells them why."""
    decision = _take_down(member, Action.REMOVE, by, reason)
    if decision is None:
        return False
    emails.profile_removed(member, decision)
    return True


@transaction.atomic
def mark_spam(member: Member, by: Member, reason: str = "") -> bool:
    """The same of spam; a spammer is not written to."""
    return _take_down(member, Action.SPAM, by, reason) is not None


def can_undo(decision: Decision, by: Member) -> bool:
    """Whether the profile is still as the decision left it, and ``by`` may judge it."""
    member = decision.case.subject
    if not isinstance(member, Member) or not member.may_be_sanctioned_by(by):
        return False
    became = decision.before["profile"]["became"]
    return all(getattr(member, name) == value for name, value in became.items())


def undo(decision: Decision, *, quietly: bool = False) -> None:
    """Gives a profile back what it was before the decision.

    Args:
        quietly: whoever it is hears of it otherwise.
    """
    row = _locked(cast(Member, decision.case.subject))
    profiles.put(row, decision.before["profile"]["was"])
    if decision.action == Action.REMOVE and not row.profile_held and not quietly:
        emails.profile_shown_again(row)
