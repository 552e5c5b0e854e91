"""Signing up by, and letting go of, an account elsewhere."""

from allauth.socialaccount import forms as allauth_forms
from allauth.socialaccount import signals
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount

from .social import PROVIDERS


class SignupForm(allauth_forms.SignupForm):
    """The same as at the other door, without what keeps robots out: the provider has done that."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - {"email", "display_name", "why"}:
            del self.fields[name]
        self.proven = next((a.email for a in self.sociallogin.email_addresses if a.verified), "")
        if self.proven:
            # The provider's word is for this address, not for another that somebody types.
            del self.fields["email"]

    def clean(self):
        cleaned_data = super().clean()
        if self.proven:
            cleaned_data["email"] = self.validate_unique_email(self.proven.lower())
        return cleaned_data


class DisconnectForm(allauth_forms.DisconnectForm):
    def clean(self):
        """Always allowed: every account has an address, and a code by mail logs in."""
        return self.cleaned_data

    def save(self):
        """Works for a provider as well that the webmaster has turned off."""
        account = self.cleaned_data["account"]
        account.delete()
        signals.social_account_removed.send(
            sender=SocialAccount, request=self.request, socialaccount=account
        )
        get_adapter().send_notification_mail(
            "socialaccount/email/account_disconnected",
            self.request.user,
            context={"provider": PROVIDERS[account.provider][0]},
        )
