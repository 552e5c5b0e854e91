"""A member's e-mail addresses: one that mails go to, and one beside it; either logs in."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset_by_code import (
    PASSWORD_RESET_VERIFICATION_SESSION_KEY,
)
from allauth.account.models import EmailAddress
from allauth.account.signals import email_added, email_removed
from django.http import HttpRequest

from caisu.core.models import SiteSettings

from . import mailboxes
from .models import Member


def belongs_to(member: Member, email: str) -> bool:
    """Whether an address is still one of ``member``'s."""
    email = email.lower()
    return (
        member.email.lower() == email
        or EmailAddress.objects.filter(user=member, email=email).exists()
    )


def drop_orphaned_reset(request: HttpRequest) -> bool:
    """Ends a reset by a code that went to an address which its account no longer has.

    Who has lost a mailbox to somebody else takes the address away; a code that was asked for just
    before must not open the account afterwards (as in Discourse's CVE-2021-37693). Returns whether
    there was one.
    """
    state = request.session.get(PASSWORD_RESET_VERIFICATION_SESSION_KEY) or {}
    if not state.get("user_id"):
        return False
    member = Member.objects.filter(pk=state["user_id"]).first()
    if member and belongs_to(member, state["email"]):
        return False
    del request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY]
    return True


def ends_with_graduation(email: str) -> bool:
    """Whether an address is one of the university's: of, or below, a domain that the site trusts."""
    return mailboxes.is_at_one_of(email, SiteSettings.load().trusted_domains)


def tell_of_added(
    request: HttpRequest, user: Member, email_address: EmailAddress, **kwargs: Any
) -> None:
    """The address that mails go to hears of one beside it."""
    context = {"added_email": email_address.email}
    get_adapter().send_notification_mail("account/email/email_added", user, context)


def tell_of_removed(
    request: HttpRequest, user: Member, email_address: EmailAddress, **kwargs: Any
) -> None:
    """The removed address hears of it too; the one that stays is told by allauth."""
    if email_address.verified:
        get_adapter().send_notification_mail(
            "account/email/email_deleted",
            user,
            {"deleted_email": email_address.email},
            email=email_address.email,
        )


def connect() -> None:
    email_added.connect(tell_of_added, dispatch_uid="members.tell_of_added")
    email_removed.connect(tell_of_removed, dispatch_uid="members.tell_of_removed")
