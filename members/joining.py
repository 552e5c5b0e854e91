"""From a sign-up to a member: what stood out, who vouches, and who comes in at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.db import DatabaseError, transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from caisu.core import fulltext
from caisu.core.models import SiteSettings

from . import capping
from .mailboxes import is_at_one_of
from .models import Application, Invitation, Member
from .signals import member_confirmed, signing_up

# The code of the invitation that a visitor came by, in their session.
INVITATION_KEY = "invitation"
# Who signed up in this browser.
SIGNED_UP_KEY = "signed_up"


def invitation_of(request: HttpRequest) -> tuple[str, Invitation | None]:
    """The invitation that a visitor came by, now or before.

    Returns:
        Its code, empty if they came by none; and the invitation, if it is good.
    """
    now, before = request.GET.get("invitation", ""), request.session.get(INVITATION_KEY, "")
    usable = Invitation.objects.usable().select_related("invited_by")
    for code in (now, before):
        if code and code.isprintable() and (invitation := usable.filter(code=code).first()):
            return code, invitation
    return now or before, None


def why_unusable(code: str) -> str:
    """``used``, ``expired``, ``revoked`` or ``unknown``: why an invitation opens nothing."""
    invitation = Invitation.objects.filter(code=code).first() if code.isprintable() else None
    if invitation is None:
        return "unknown"
    if invitation.used_at:
        return "used"
    if invitation.revoked_at or invitation.is_open:  # open, but its maker is no member any more
        return "revoked"
    return "expired"


def apply(member: Member, request: HttpRequest, notes: Iterable[str] = ()) -> Application:
    """Writes down what stood out when somebody signed up; anything at all means a look first.

    Args:
        member: just made, in the transaction of this.
        notes: names of what the form noticed (``no_proof``, ``honeypot``, ``fast``).
            ``crowded_address`` and what receivers of signing_up find are added; ``unchecked``
            says that one of them failed.
    """
    found = list(notes)
    if capping.is_crowded(member.signed_up_from):
        found.append("crowded_address")
    found = list(dict.fromkeys([*found, *_found_by_others(member, request)]))
    fulltext.refresh(member)
    return Application.objects.create(member=member, notes=found, needs_a_look=bool(found))


def _found_by_others(member: Member, request: HttpRequest) -> list[str]:
    try:
        with transaction.atomic():  # a receiver's failed query must not take the account with it
            answers = signing_up.send_robust(sender=Member, member=member, request=request)
    except DatabaseError:
        return ["unchecked"]
    found: list[str] = []
    for _receiver, answer in answers:
        found += ["unchecked"] if isinstance(answer, Exception) else map(str, answer or ())
    return found


def take_up(request: HttpRequest | None, user: Member, **kwargs: Any) -> None:
    """Somebody signed up, by our form or by an account elsewhere.

    Ties the invitation to the new account. It is used up only by a proven address: one that was
    mistyped must not lock its owner out.
    """
    if request is None:
        return
    request.session[SIGNED_UP_KEY] = user.pk
    if not Application.objects.filter(member=user).exists():
        with transaction.atomic():
            apply(user, request)
    _code, invitation = invitation_of(request)
    if invitation:
        Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_by=user)


@transaction.atomic
def confirm(request: HttpRequest | None, email_address: EmailAddress, **kwargs: Any) -> None:
    """An address is proven. For some newcomers that is all that it takes to be a member."""
    member = email_address.user
    member.refresh_from_db(from_queryset=Member.objects.select_for_update())
    if request is not None:
        _close_ways_of_others(request, member, email_address)
    if member.standing != Member.Standing.PENDING:
        return
    voucher = _use_invitation(member)
    if _comes_in_at_once(member, email_address.email, voucher):
        member.stand(Member.Standing.ACTIVE)
    member_confirmed.send(sender=Member, member=member)


def _close_ways_of_others(
    request: HttpRequest, member: Member, email_address: EmailAddress
) -> None:
    """Ends a password, and accounts elsewhere, that somebody may have set before the owner came.

    Anybody can sign up with the address of somebody else, and wait until its owner logs in by a
    code. Whoever proves the first address of an account without having signed up in this browser,
    and without its password, keeps none of that. Source: Sudhodanan and Paverd, "Pre-hijacked
    accounts", USENIX Security 2022.
    """
    methods = {record["method"] for record in get_authentication_records(request, member)}
    if request.session.get(SIGNED_UP_KEY) == member.pk or methods & {"password", "socialaccount"}:
        return
    proven = EmailAddress.objects.filter(user=member, verified=True).exclude(pk=email_address.pk)
    if request.user.is_authenticated or proven.exists():
        return
    SocialAccount.objects.filter(user=member).delete()
    if member.has_usable_password():
        member.set_unusable_password()
        member.save(update_fields=["password"])
        if "code" in methods:  # others are about to choose a new one
            messages.warning(
                request,
                _(
                    "The password from the sign-up no longer counts: anybody could have chosen it"
                    " before the address was proven. You can choose one under Settings, Security."
                ),
            )


def _use_invitation(member: Member) -> Member | None:
    """Uses up the invitation that a newcomer came by; returns who vouches for them."""
    mine = Invitation.objects.usable().filter(used_by=member).select_related("invited_by")
    invitation = mine.select_for_update(of=("self",)).first()
    if invitation is None:
        return None
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    member.vouched_by = invitation.invited_by
    member.save(update_fields=["vouched_by"])
    return invitation.invited_by


def _comes_in_at_once(member: Member, email: str, voucher: Member | None) -> bool:
    if Application.objects.filter(member=member, needs_a_look=True).exists():
        return False
    site = SiteSettings.load()
    return (
        site.signup_mode == SiteSettings.SignupMode.OPEN
        or is_at_one_of(email, site.trusted_domains)
        or (voucher is not None and voucher.is_trusted)
    )


def signups_each_day(since: datetime) -> dict[date, int]:
    """How many signed up on each day and proved their address, whatever became of them."""
    proven = ~Q(standing=Member.Standing.PENDING) | Q(emailaddress__verified=True)
    rows = Member.objects.filter(proven, date_joined__gte=since).order_by()
    return dict(rows.values_list(TruncDate("date_joined")).annotate(Count("pk", distinct=True)))


def connect() -> None:
    user_signed_up.connect(take_up, dispatch_uid="members.take_up")
    email_confirmed.connect(confirm, dispatch_uid="members.confirm")
