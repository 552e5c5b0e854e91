"""Members invite newcomers and vouch for them: making invitations, taking them back, and who came by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import override, pgettext_lazy

from caisu.core import mail, markup
from caisu.core.throttling import Limit, TooManyRequests

from . import capping
from .models import Invitation, Member

# For each member, by whatever way.
DAILY = Limit("invitations", times=10, seconds=24 * 3600)
# For each address, from all members together: nobody is pestered in our name.
MAILS = Limit("invitation-mail", times=1, seconds=30 * 24 * 3600)
LONGEST_WORDS = 300  # characters of the line that a mail may carry

# What programs for mail make a link of, though it has neither scheme nor www.
HOST = re.compile(r"[a-z0-9][a-z0-9-]*[.。．｡][a-z]{2,}", re.IGNORECASE)


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("invitation", "Open")
    USED = "used", pgettext_lazy("invitation", "Used")
    REVOKED = "revoked", pgettext_lazy("invitation", "Taken back")
    EXPIRED = "expired", pgettext_lazy("invitation", "Expired")
    VOID = "void", pgettext_lazy("invitation", "Void: its maker is no active member")


def state_of(invitation: Invitation) -> State:
    """What has become of an invitation; reads who made it."""
    if invitation.used_at:
        return State.USED
    if invitation.revoked_at:
        return State.REVOKED
    if not invitation.is_open:
        return State.EXPIRED
    return State.OPEN if invitation.invited_by.is_full_member else State.VOID


def in_state(state: str, now: datetime) -> Q:
    """The same as a condition on invitations."""
    unused = Q(used_at=None, revoked_at=None)
    here = Q(invited_by__standing=Member.Standing.ACTIVE)
    return {
        State.OPEN: unused & Q(expires_at__gt=now) & here,
        State.USED: ~Q(used_at=None),
        State.REVOKED: Q(used_at=None) & ~Q(revoked_at=None),
        State.EXPIRED: unused & Q(expires_at__lte=now),
        State.VOID: unused & Q(expires_at__gt=now) & ~here,
    }[State(state)]


def link_to(invitation: Invitation) -> str:
    """What is handed on: it opens in the language of whoever follows it."""
    return f"{settings.SITE_URL}{invitation.get_absolute_url()}"


def found_link(text: str) -> str:
    """The first thing in a text that a mail program would make a link of, empty if there is none."""
    if links := markup.links(text):
        return links[0]
    host = HOST.search(text)
    return host[0] if host else ""


@transaction.atomic
def invite(by: Member) -> Invitation:
    """Makes an invitation to hand on as a link.

    Raises:
        PermissionDenied: when ``by`` may not vouch for anybody.
        TooManyRequests: when they made as many as they may in a day.
    """
    if not by.may_invite:
        raise PermissionDenied
    DAILY.hit(by.pk)
    return Invitation.objects.create(invited_by=by)


@transaction.atomic
def invite_by_mail(by: Member, email: str, language: str, words: str = "") -> Invitation:
    """Makes an invitation and mails it. The address is forgotten once the invitation is over.

    Whatever is known of the address, the answer is the same: its owner, if they have an account,
    is told that they need no invitation, and an address that had such a mail in the last 30 days
    gets none.

    Args:
        language: of the mail, ``zh-hans`` or ``en``.
        words: a line of the member's own, plain text without links; not kept.

    Raises:
        PermissionDenied: when ``by`` may not vouch for anybody.
        TooManyRequests: when they made as many as they may in a day, or the site has sent as much
            mail to strangers as it may in an hour.
    """
    if not by.may_invite:
        raise PermissionDenied
    email = Member.objects.normalize_email(email)
    DAILY.hit(by.pk)
    capping.count_mail()
    invitation = Invitation.objects.create(invited_by=by, email=email)
    try:
        MAILS.hit(salted_hmac("members.inviting", email, algorithm="sha256").hexdigest())
    except TooManyRequests:
        return invitation
    known = Member.objects.filter(Q(email=email) | Q(emailaddress__email=email)).first()
    language = known.language if known else language
    with override(language):
        login, report = reverse("account_login"), reverse("moderation:report")
    mail.send(
        "members/invitation_known" if known else "members/invitation_new",
        email,
        language,
        member=known,
        by=by,
        # A name that is a link would be one in the subject of our mail.
        name=f"@{by.username}" if found_link(by.display_name) else by.display_name,
        words=words,
        invitation=invitation,
        url=link_to(invitation),
        login=f"{settings.SITE_URL}{login}",
        report=f"{settings.SITE_URL}{report}",
    )
    return invitation


def revoke(invitation: Invitation) -> bool:
    """Takes an open invitation back and forgets its address; returns whether that changed anything."""
    now = timezone.now()
    still = Invitation.objects.filter(
        pk=invitation.pk, used_at=None, revoked_at=None, expires_at__gt=now
    )
    return bool(still.update(revoked_at=now, email=""))


def forget_addresses() -> int:
    """Forgets to whom invitations were mailed that open nothing any more; returns how many."""
    usable = Invitation.objects.usable().values("pk")
    return Invitation.objects.exclude(email="").exclude(pk__in=usable).update(email="")


@dataclass(frozen=True)
class Tree:
    """Who vouched for a member, and for whom else; each list at most MOST_BRANCHES, newest first."""

    member: Member
    voucher: Member | None
    siblings: list[Member]  # the others for whom the same member vouched
    vouched_for: list[Member]
    more_siblings: bool
    more_vouched_for: bool


MOST_BRANCHES = 50


def tree(member: Member) -> Tree:
    """The people around a member by vouching. Costs at most three queries."""
    voucher = member.vouched_by
    siblings = _newest(voucher.vouched_for.exclude(pk=member.pk)) if voucher else []
    vouched_for = _newest(member.vouched_for.all())
    return Tree(
        member=member,
        voucher=voucher,
        siblings=siblings[:MOST_BRANCHES],
        vouched_for=vouched_for[:MOST_BRANCHES],
        more_siblings=len(siblings) > MOST_BRANCHES,
        more_vouched_for=len(vouched_for) > MOST_BRANCHES,
    )


def _newest(members: models.QuerySet) -> list[Member]:
    return list(members.order_by("-date_joined", "-pk")[: MOST_BRANCHES + 1])


def may_invite_from(member: Member) -> datetime:
    """When a member who is too new may vouch for others."""
    return member.date_joined + Member.MAY_INVITE_AFTER
