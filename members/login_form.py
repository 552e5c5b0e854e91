"""A module of its own: allauth's forms import ours for the sign-up, and this one imports them."""

from allauth.account import forms as allauth_forms
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
