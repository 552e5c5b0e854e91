"""A module of its own: allauth's forms import ours for the sign-up, and this one imports them."""

import json

from allauth.account import forms as allauth_forms
from allauth.account.fields import EmailField
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from . import joining, mailboxes, proof
from .models import Member

OPENED = signing.TimestampSigner(salt="members.signup")
# Seconds: nobody reads and fills three fields faster.
FASTEST = 3


class MailboxField(EmailField):
    def to_python(self, value):
        return mailboxes.tidy(super().to_python(value))


class SignupForm(allauth_forms.SignupForm):
    """Address, name, and a password for who wants one; and what tells people from robots.

    None of that refuses anybody: who lacks something is looked at first.
    """

    email = MailboxField(max_length=Member._meta.get_field("email").max_length)
    # A trap: see core/_fields.html.
    website = forms.CharField(
        required=False,
        label=gettext_lazy("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    # The address that somebody insists on although it looks mistyped.
    certain = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["email"].label = pgettext("sign-up form", "E-mail")
        # For static/js/signup.js, which asks before the form is sent.
        self.fields["email"].widget.attrs["data-mistyped"] = json.dumps(mailboxes.MISTYPED)
        self.fields["opened"].initial = lambda: OPENED.sign("")
        hints = [_("Without one you log in by a code that we mail you, or by a passkey.")]
        hints += password_validators_help_texts()
        self.fields["password1"].help_text = format_html_join("", "<p>{}</p>", zip(hints))

    def clean(self):
        cleaned = super().clean()
        email = cleaned.get("email", "")
        if password := cleaned.get("password1"):
            # allauth knows of the address only.
            like = Member(display_name=cleaned.get("display_name", ""), email=email)
            try:
                validate_password(password, like)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        meant = mailboxes.meant(email)
        if meant and mailboxes.tidy(cleaned.get("certain", "")).lower() != email:
            self.data = self.data.copy()
            self.data["certain"] = email
            message = _("Did you mean %(meant)s? If your address is right as it is, go on.")
            self.add_error(
                "email", forms.ValidationError(message, code="mistyped", params={"meant": meant})
            )
        return cleaned

    def notes(self):
        """Names of what does not look like a person; uses up the proof."""
        found = {
            "no_proof": not proof.is_valid(self.data.get("altcha", "")),
            "honeypot": self.cleaned_data["website"],
            "fast": not _is_ripe(self.cleaned_data["opened"]),
        }
        return [name for name, value in found.items() if value]

    def try_save(self, request):
        """allauth's, with a known address in the time that a new one takes, and races thought of."""
        self.found = self.notes()
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:
                if not Member.objects.filter(email=self.cleaned_data["email"]).exists():
                    raise
                self.account_already_exists = True  # since a moment ago
        if password := self.cleaned_data.get("password1"):
            make_password(password)  # what takes time there is the hash
        return super().try_save(request)

    def save(self, request):
        member = super().save(request)
        joining.apply(member, request, self.found)
        return member


def _is_ripe(stamp):
    """Whether a form was opened long enough ago for a person."""
    try:
        OPENED.unsign(stamp, max_age=FASTEST)
    except signing.SignatureExpired:
        return True
    except signing.BadSignature:
        return False
    return False
