"""Our words and rules in allauth's forms; apart from forms.py, which those import in their turn."""

import struct

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.internal.flows.email_verification import (
    handle_verification_email_rate_limit,
)
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAME = {
    "label": pgettext_lazy("passkey", "Name"),
    "help_text": _("So that you know it again, like “My phone”."),
    "max_length": 60,
}


class AddEmailForm(AllauthAddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def save(self, request):
        """Sends a code to the new address, or to somebody else's a word that it was tried.

        Whose address it is cannot be told from the page: it asks for a code either way.
        """
        email = self.cleaned_data["email"]
        if not filter_users_by_email(email):
            return super().save(request)
        state = EmailVerificationProcess.initial_state(self.user, email)
        process = EmailVerificationProcess(request, state | {"account_already_exists": True})
        handle_verification_email_rate_limit(request, email)
        get_adapter().send_mail("account/email/address_taken", email, {})
        process.persist()
        return EmailAddress(user=self.user, email=email)


# What allauth lets pass of a forged answer: keys that lack, and what is no base64 or no CBOR.
FORGED = (KeyError, TypeError, ValueError, AttributeError, IndexError, struct.error)


class AddPasskeyForm(AddWebAuthnForm):
    name = forms.CharField(required=False, **NAME)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["passwordless"]
        field.initial = True
        field.label = _("Log in by it alone, without a password")
        field.help_text = _(
            "Your device then asks for a fingerprint, your face or a PIN. Without this it only"
            " counts as a second step after the password; older security keys can do no more."
        )

    def clean(self):
        try:
            return super().clean()
        except FORGED:
            raise get_mfa_adapter().validation_error("incorrect_code") from None


class AnswerMixin:
    def clean_credential(self):
        try:
            return super().clean_credential()
        except FORGED:
            raise get_mfa_adapter().validation_error("incorrect_code") from None


class LoginByPasskeyForm(AnswerMixin, LoginWebAuthnForm):
    pass


class SecondStepByPasskeyForm(AnswerMixin, AuthenticateWebAuthnForm):
    pass


class ReauthenticateByPasskeyForm(AnswerMixin, ReauthenticateWebAuthnForm):
    pass


class EditPasskeyForm(EditWebAuthnForm):
    name = forms.CharField(**NAME)
