"""Passwords that somebody guesses at: counted, and closed in the end."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed
from django.contrib.auth.signals import user_login_failed
from django.db.models import F, Q

from caisu.core import mail

from .models import Member


def count_wrong(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    """One more wrong password for whoever it was tried on; the last one closes it and says so.

    The same single query whether the account exists or not. Source: NIST SP 800-63B-4, 3.2.2.
    """
    email, handle = credentials.get("email"), credentials.get("username")
    whose = Q(username=handle.lower()) if handle else Q(pk=None)
    if email:
        whose = Q(email=email.lower()) | Q(emailaddress__email=email.lower())
    open_ones = Member.objects.filter(whose, wrong_passwords__lt=Member.MOST_WRONG_PASSWORDS)
    if not open_ones.update(wrong_passwords=F("wrong_passwords") + 1):
        return
    closed = Member.objects.filter(whose, wrong_passwords=Member.MOST_WRONG_PASSWORDS)
    for member in closed.distinct():
        mail.send("account/password_closed", member.email, member.language, member=member)


def forgive(sender: object, method: str, user: Member, **kwargs: Any) -> None:
    """The right password ends the row of wrong ones."""
    if method == "password" and user.wrong_passwords:
        Member.objects.filter(pk=user.pk).update(wrong_passwords=0)


def connect() -> None:
    user_login_failed.connect(count_wrong, dispatch_uid="members.count_wrong")
    authentication_step_completed.connect(forgive, dispatch_uid="members.forgive")
