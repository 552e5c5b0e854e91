"""What moderators and webmasters do for a member that is no judgement: write, help in, shut others out."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from members import sessions
from members.models import Member

from . import appointing, deciding, member_emails
from .models import Decision

# A second click, or the same page sent again, is not a second letter.
SAME_LETTER = timedelta(minutes=30)
# Mail to an address that nobody has proved to be theirs is easily too much.
CODE_AGAIN = timedelta(days=1)

# What the decisions say was done.
CODE, SESSIONS, FACTORS = "How to get a new code", "All sessions ended", "Second factors removed"


def can_be_written_to(member: Member) -> bool:
    """Whether an address of theirs is proven; who left has none."""
    if member.standing == Member.Standing.LEFT or not member.email:
        return False
    return EmailAddress.objects.filter(user=member, email=member.email, verified=True).exists()


def can_be_helped_in(member: Member) -> bool:
    """Whether a newcomer signed up and never typed the code."""
    proven = EmailAddress.objects.filter(user=member, verified=True)
    return member.is_pending and bool(member.email) and not proven.exists()


def _done_lately(member: Member, action: str, text: str, within: timedelta) -> bool:
    return Decision.objects.filter(
        case__member=member, action=action, text=text, at__gt=timezone.now() - within
    ).exists()


@transaction.atomic
def write(member: Member, by: Member, subject: str, text: str) -> bool:
    """Mails a few lines to a member, in the frame of their language; answers go to the site's contact."""
    if not by.has_perm("moderation.decide"):
        raise PermissionDenied
    letter = f"{subject}\n\n{text}"
    action = Decision.Action.WRITE
    if not can_be_written_to(member) or _done_lately(member, action, letter, SAME_LETTER):
        return False
    deciding.record_about(member, action, by, "", letter)
    member_emails.written(member, subject, text)
    return True


@transaction.atomic
def help_in(member: Member, by: Member) -> bool:
    """Tells a newcomer whose code never came to log in for a new one; once a day.

    The code itself belongs to the session that asks for it: nobody can send it from elsewhere.
    """
    if not member.may_be_sanctioned_by(by):
        raise PermissionDenied
    action, text = Decision.Action.WRITE, CODE
    if not can_be_helped_in(member) or _done_lately(member, action, text, CODE_AGAIN):
        return False
    deciding.record_about(member, action, by, "", text)
    member_emails.code_waits(member)
    return True


@transaction.atomic
def end_sessions(member: Member, by: Member, reason: str = "") -> bool:
    """Logs a member out everywhere; they are told."""
    if not (member.may_be_sanctioned_by(by) or _is_other_webmaster(by, member)):
        raise PermissionDenied
    if not sessions.end_all(member):
        return False
    deciding.record_about(member, Decision.Action.SECURE, by, reason, SESSIONS)
    member_emails.access_secured(member, "sessions", reason)
    return True


@transaction.atomic
def remove_second_factors(member: Member, by: Member, reason: str = "") -> bool:
    """For who has lost phone and recovery codes: from now on password or code by mail are enough.

    Raises:
        PermissionDenied: unless a webmaster does it for somebody else.
    """
    if not _is_other_webmaster(by, member):
        raise PermissionDenied
    gone, _by_model = Authenticator.objects.filter(user=member).delete()
    if not gone:
        return False
    deciding.record_about(member, Decision.Action.SECURE, by, reason, FACTORS)
    member_emails.access_secured(member, "factors", reason)
    return True


def _is_other_webmaster(by: Member, member: Member) -> bool:
    return appointing.is_webmaster(by) and by != member
