"""What may be done for, with and against a person in the admin: words, form, whom it fits, the verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core.roles import ROLE_NAMES
from members.models import Appointment, Member

from . import appointing, assisting, deciding
from .desk import DecideForm

Standing = Member.Standing
# From here on a letter asks how many it goes to: a slip of the hand should not write to everybody.
MANY = 10
# So many at once; more is a newsletter, not an act.
MOST = 500
FARTHEST = timedelta(days=3 * 365)


class ActForm(DecideForm):
    """Asks for the reason, which the person reads."""

    reason_help = _("They read it in the mail that tells them.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].help_text = self.reason_help

    def about(self, members):
        """Told whom it is about, before it is shown or checked."""


class AdmitForm(ActForm):
    reason_help = _("Kept with the decision. The mail says only that they are welcome.")


class SuspendForm(ActForm):
    days = forms.IntegerField(label=_("for how many days"), min_value=1, max_value=3650, initial=7)
    field_order = ["days", "reason"]


class PlainForm(ActForm):
    """Nothing to say but yes."""

    reason = None


class WriteForm(ActForm):
    reason = None
    subject = forms.CharField(
        label=pgettext_lazy("mail", "subject"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    text = forms.CharField(
        label=pgettext_lazy("mail", "text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "Below “Hello …,” and above the site's name, in each reader's language. Your words go "
            "out as they are. Answers go to the contact address of the site."
        ),
    )
    count = forms.IntegerField(
        label=_("how many people"),
        required=False,
        help_text=_("Type the number above once more, so that nobody is written to by a slip."),
    )

    def about(self, members):
        self.expected = len(members)
        if self.expected <= MANY:
            del self.fields["count"]

    def clean_count(self):
        if self.cleaned_data["count"] != self.expected:
            raise forms.ValidationError(
                _("It goes to %(count)d people. Type this number."), params={"count": self.expected}
            )
        return self.expected


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


def usual_end():
    return timezone.localdate() + Appointment.USUAL


def check_end(until):
    """Refuses an end in the past, or one too far to be remembered."""
    today = timezone.localdate()
    if until and not today < until <= today + FARTHEST:
        raise forms.ValidationError(_("Choose a day after today, within the next three years."))
    return until


class AppointForm(ActForm):
    role = forms.ChoiceField(label=_("role"), choices=list(ROLE_NAMES.items()))
    until = forms.DateField(
        label=_("until"),
        widget=DayInput(),
        initial=usual_end,
        help_text=_("On this day it ends by itself. Two weeks before, a mail reminds both of you."),
    )
    field_order = ["role", "until", "reason"]

    def about(self, members):
        self.fields["role"].initial = "Editor"

    def clean_until(self):
        return check_end(self.cleaned_data["until"])


class RelieveForm(ActForm):
    role = forms.ChoiceField(label=_("role"))
    field_order = ["role", "reason"]

    def about(self, members):
        held = appointing.roles_of(members[0]) if members else []
        self.fields["role"].choices = [(name, ROLE_NAMES.get(name, name)) for name in held]


@dataclass(frozen=True)
class Act:
    """One act: ``fits(member, by)`` says whether it may be done, ``run(member, by, data)`` does it."""

    words: Any
    fits: Callable[[Member, Member], bool]
    run: Callable[[Member, Member, dict], bool]
    form: type[ActForm] = ActForm
    # On the list: the words for many, or nothing where it is done one by one.
    many: Any = ""
    many_by_webmaster: bool = False
    # Asks who it is once more.
    sensitive: bool = False
    # Can be taken back by ``restore``.
    undone: bool = False
    # What happens, said above the form.
    note: Any = ""


def _judged(*standings):
    """An act for a moderator who may sanction the member, by the member's standing."""
    return lambda member, by: member.standing in standings and member.may_be_sanctioned_by(by)


def _suspend(member, by, data):
    until = timezone.now() + timedelta(days=data["days"])
    return deciding.suspend(member, by, until, data["reason"])


OPEN = (Standing.PENDING, Standing.ACTIVE)
CLOSED = (Standing.SUSPENDED, Standing.BANNED)

ACTS = {
    "admit": Act(
        _("Admit"),
        _judged(Standing.PENDING),
        lambda member, by, data: deciding.admit(member, by, data["reason"]),
        AdmitForm,
        many=_("Admit the chosen newcomers"),
    ),
    "refuse": Act(
        _("Refuse"),
        _judged(Standing.PENDING),
        lambda member, by, data: deciding.refuse(member, by, data["reason"]),
        many=_("Refuse the chosen newcomers"),
        undone=True,
    ),
    "suspend": Act(
        _("Suspend"),
        _judged(Standing.ACTIVE),
        _suspend,
        SuspendForm,
        many=_("Suspend the chosen members"),
        undone=True,
        note=_("They are logged out at once, and it ends by itself."),
    ),
    "ban": Act(
        _("Ban"),
        _judged(*OPEN, Standing.SUSPENDED),
        lambda member, by, data: deciding.ban(member, by, data["reason"]),
        many=_("Ban the chosen members"),
        undone=True,
        note=_("They are logged out at once, until somebody restores them."),
    ),
    "restore": Act(
        _("Restore"),
        _judged(*CLOSED),
        lambda member, by, data: deciding.restore(member, by, data["reason"]),
        many=_("Restore the chosen members"),
        note=_("They get back what they had; who was not yet approved waits for that again."),
    ),
    "write": Act(
        pgettext_lazy("act", "Write an e-mail"),
        lambda member, by: (
            by.has_perm("moderation.decide")
            and member != by
            and assisting.can_be_written_to(member)
        ),
        lambda member, by, data: assisting.write(member, by, data["subject"], data["text"]),
        WriteForm,
        many=_("Write to the chosen members"),
        many_by_webmaster=True,
    ),
    "code": Act(
        _("Help with the code"),
        lambda member, by: member.may_be_sanctioned_by(by) and assisting.can_be_helped_in(member),
        lambda member, by, data: assisting.help_in(member, by),
        PlainForm,
        many=_("Mail the chosen newcomers how to get a new code"),
        note=_(
            "They never typed the code from the mail. A code belongs to the browser that asked for "
            "it, so they get a mail that tells them to log in for a new one. Once a day at most."
        ),
    ),
    "sessions": Act(
        _("End all sessions"),
        lambda member, by: (
            member.standing in OPEN
            and (member.may_be_sanctioned_by(by) or (appointing.is_webmaster(by) and member != by))
        ),
        lambda member, by, data: assisting.end_sessions(member, by, data["reason"]),
        note=_("They are logged out on every device, get a mail, and may log in again."),
    ),
    "factors": Act(
        _("Remove second factors"),
        lambda member, by: (
            appointing.is_webmaster(by) and member != by and member.authenticator_set.exists()
        ),
        lambda member, by, data: assisting.remove_second_factors(member, by, data["reason"]),
        sensitive=True,
        note=_(
            "For who has lost phone and recovery codes. Make sure that it is them: speak to them, "
            "do not rely on an e-mail. They get a mail."
        ),
    ),
    "appoint": Act(
        _("Appoint"),
        lambda member, by: appointing.may_appoint(by, member),
        lambda member, by, data: appointing.appoint(
            member, data["role"], data["until"], by, data["reason"]
        ),
        AppointForm,
        sensitive=True,
        note=_("The rights are theirs with the next page they open. They get a mail."),
    ),
    "relieve": Act(
        _("Relieve of a role"),
        lambda member, by: appointing.may_relieve(by, member),
        lambda member, by, data: appointing.relieve(member, data["role"], by, data["reason"]),
        RelieveForm,
        sensitive=True,
        note=_("The rights end with the next page they open. They get a mail."),
    ),
}


def acts_for(member: Member, by: Member) -> list[str]:
    """Names of the acts that fit a member's standing and the rights of ``by``."""
    return [name for name, act in ACTS.items() if act.fits(member, by)]
