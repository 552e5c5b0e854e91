"""Asking who it is once more, before what would hurt in the wrong hands.

allauth asks for the password or a second factor, and takes who has neither at their word. Those
get a code by mail instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.email_verification import (
    consume_email_verification_rate_limit,
)
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .models import Member

# The order in which they are offered: the browser fills in a password by itself, a passkey needs a
# touch, a code has to be looked up.
WAYS = ["reauthenticate", "mfa_reauthenticate:webauthn", "mfa_reauthenticate", "code"]


def ways(offered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages that can ask, the best first.

    Args:
        offered: what allauth has, each with ``id``, ``description`` and ``url``; empty for who has
            neither password nor second factor.
    """
    words = {
        "reauthenticate": _("With your password"),
        "mfa_reauthenticate:webauthn": _("With a passkey"),
        "mfa_reauthenticate": _("With a one-time password or a recovery code"),
        "code": _("With a code by e-mail"),
    }
    offered = offered or [{"id": "code", "url": reverse("members:reauthenticate")}]
    named = [way | {"description": words[way["id"]]} for way in offered]
    return sorted(named, key=lambda way: WAYS.index(way["id"]))


def is_recent(request: HttpRequest) -> bool:
    """Whether the member has proved within the last minutes who they are, beside logging in."""
    records = get_authentication_records(request, request.user)
    proved = [record for record in records if record.get("reauthenticated")]
    return bool(proved) and time.time() - proved[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def ask(request: HttpRequest) -> HttpResponse:
    """Leads to the page that asks; what was about to be done goes on afterwards."""
    return suspend_request(
        request, get_adapter().get_reauthentication_methods(request.user)[0]["url"]
    )


def reauthentication_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for a member who has just proved who they are; others are asked first."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not is_recent(request):
            return ask(request)
        return view(request, *args, **kwargs)

    return wrapper


def _member(request: HttpRequest) -> Member:
    """Who is logged in: nobody else gets here."""
    return cast(Member, request.user)


class MailedCode(AbstractCodeVerificationProcess):
    """Six digits to a member's address, kept in their session: half an hour, five tries."""

    KEY = "reauthentication_code"
    SECONDS = 30 * 60
    TRIES = 5
    RESENDS = 5

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        member = request.user
        super().__init__(max_attempts=self.TRIES, timeout=self.SECONDS, state=state, user=member)

    @classmethod
    def current(cls, request: HttpRequest) -> MailedCode | None:
        """The code that was sent to this member's present address, if it is still good."""
        state = request.session.get(cls.KEY)
        if not state or state["email"] != _member(request).email:
            return None
        return cls(request, state).abort_if_invalid()

    @classmethod
    def begin(cls, request: HttpRequest) -> MailedCode | None:
        """Sends a first code; None if this address has had too many of late."""
        member = _member(request)
        process = cls(request, cls.initial_state(member, email=member.email))
        return process if process.send() else None

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(self.RESENDS)

    def send(self) -> bool:
        """Mails a new code, with half an hour and five tries of its own.

        Returns whether the pause since the last one was kept, and the address has not had too many.
        """
        email = self.state["email"]
        if not consume_email_verification_rate_limit(self.request, email):
            return False
        now = time.time()
        self.state.update(at=now, sent_at=now, failed_attempts=0)
        self.state["code"] = get_adapter().generate_login_code()
        context = {"code": self.state["code"]}
        get_adapter().send_mail("account/email/reauthentication_code", email, context)
        self.persist()
        return True

    def resend(self) -> bool:
        if not self.can_resend or not self.send():
            return False
        self.record_resend()
        self.persist()
        return True

    def finish(self, member: Member) -> None:
        """The right code was typed: it is used up, and counts as proof."""
        self.abort()
        record_authentication(self.request, member, method="code", reauthenticated=True)

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(self.KEY, None)
