"""A module of its own: allauth's forms import ours for the sign-up, and this one imports them."""

import unicodedata

from allauth.account import forms as allauth_forms
from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = pgettext_lazy("login form", "E-mail or handle")
        self.fields["login"].widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs["autocomplete"] = "username"

    def user_credentials(self):
        """An address or a handle, never both.

        No handle looks like an address; trying it as one as well would take longer for an address
        that is known than for one that is not.
        """
        credentials = super().user_credentials()
        if "email" in credentials:
            credentials.pop("username", None)
        return credentials


class CodeField(forms.CharField):
    """Six digits, in whatever width and groups a keyboard writes them."""

    default_validators = [
        RegexValidator(r"^[0-9]{6}\Z", _("The code has six digits. Look at the e-mail again."))
    ]
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})

    def to_python(self, value):
        text = unicodedata.normalize("NFKC", super().to_python(value)[:100])
        return "".join(text.split()).replace("-", "")


class TypedCode(forms.Form):
    code = CodeField(label=_("Code"))


class ConfirmEmailForm(TypedCode, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmLoginForm(TypedCode, allauth_forms.ConfirmLoginCodeForm):
    pass


class ConfirmResetForm(TypedCode, allauth_forms.ConfirmPasswordResetCodeForm):
    pass
