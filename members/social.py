"""Accounts at Google, GitHub and WeChat, for who wishes to log in by one."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from .adapter import AccountAdapter
from .models import Member

# Name, and where its login is: the only other hosts that a form of ours may lead to.
PROVIDERS = {
    "google": (pgettext_lazy("provider of a login", "Google"), "https://accounts.google.com"),
    "github": (pgettext_lazy("provider of a login", "GitHub"), "https://github.com"),
    "weixin": (pgettext_lazy("provider of a login", "WeChat"), "https://open.weixin.qq.com"),
}
# Enough to show a member which account it is; the rest of what a provider tells is not kept.
KEPT = {"email", "name", "login", "nickname"}
CACHE_KEY = "members.social.enabled"


def enabled() -> list[str]:
    """The providers that the webmaster has entered keys of; no query once it is cached."""
    found = cache.get(CACHE_KEY)
    if found is None:
        known = set(SocialApp.objects.values_list("provider", flat=True))
        found = [name for name in PROVIDERS if name in known]
        cache.set(CACHE_KEY, found, 60 * 60)
    return found


def origins() -> list[str]:
    """Where a form that logs in by another account may lead to."""
    return [PROVIDERS[name][1] for name in enabled()]


def name_of(account: SocialAccount) -> str:
    """How a member knows an account again, whether or not its provider is still set up."""
    told = account.extra_data
    names = (told.get(key) for key in ("email", "login", "nickname", "name"))
    return next((name for name in names if name), "")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Where allauth's flows of other accounts meet our members."""

    def is_open_for_signup(self, request, sociallogin):
        """As open as the other door."""
        return AccountAdapter(request).is_open_for_signup(request)

    def get_provider(self, request, provider, client_id=None):
        try:
            return super().get_provider(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    def populate_user(self, request, sociallogin, data):
        account = sociallogin.account
        account.extra_data = {key: told for key, told in account.extra_data.items() if key in KEPT}
        # Only what is proven is taken over; another address is typed, and gets a code.
        sociallogin.email_addresses[:] = [a for a in sociallogin.email_addresses if a.verified][:1]
        user = super().populate_user(request, sociallogin, data)
        user.email = ""
        user.display_name = " ".join((data.get("name") or data.get("username") or "").split())[:40]
        return user

    def get_signup_form_initial_data(self, sociallogin):
        initial = super().get_signup_form_initial_data(sociallogin)
        return initial | {"display_name": sociallogin.user.display_name}

    def pre_social_login(self, request, sociallogin):
        """An address of somebody here is no way into their account: they log in and connect.

        Said only of an address that the provider has proved: whoever comes with it, owns it.
        """
        connects = sociallogin.state.get("process") == AuthProcess.CONNECT
        if sociallogin.is_existing or connects:
            return
        emails = [address.email.lower() for address in sociallogin.email_addresses]
        taken = EmailAddress.objects.filter(email__in=emails).exists()
        if taken or Member.objects.filter(email__in=emails).exists():
            name = PROVIDERS[sociallogin.account.provider][0]
            messages.warning(
                request,
                _(
                    "You already have an account with the address %(email)s. Log in to it first;"
                    " then connect %(provider)s under Settings, Security."
                )
                % {"email": emails[0], "provider": name},
            )
            raise ImmediateHttpResponse(redirect("account_login"))


def confirm_proven(request: HttpRequest, user: Member, **kwargs: Any) -> None:
    """An address that the provider has proved needs no code, and counts like one that had it."""
    if not isinstance(kwargs.get("sociallogin"), SocialLogin):
        return
    if address := EmailAddress.objects.filter(user=user, primary=True, verified=True).first():
        email_confirmed.send(sender=EmailAddress, request=request, email_address=address)


def forget_enabled(**kwargs: Any) -> None:
    cache.delete(CACHE_KEY)


def connect() -> None:
    """After members.joining, whose receivers look at a sign-up first."""
    user_signed_up.connect(confirm_proven, dispatch_uid="members.confirm_proven")
    for signal in (post_save, post_delete):
        signal.connect(forget_enabled, sender=SocialApp, dispatch_uid="members.social")
