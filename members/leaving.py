"""How a member leaves: asks for it, has some days to change their mind, and is then forgotten.

docs/decisions/0012-leaving.md says what goes, what stays, and why.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core import fulltext, mail
from caisu.core.models import Audience
from caisu.core.throttling import Limit

from . import exporting, sessions
from .models import Application, BarredAddress, Departure, FormerHandle, Invitation, Member
from .signals import member_left, signing_up

logger = logging.getLogger("caisu.members.leaving")

Standing = Member.Standing

# What says nothing about a person: it stays on the row that their contributions hang on.
KEPT = frozenset(["id", "date_joined", "language", "approved_count", "vouched_by"])
# Of the rest, what does not become the field's own default.
SCRUBBED: dict[str, Any] = {
    "display_name": "",
    "email": "",
    "avatar": "",
    "standing": Standing.LEFT,
    "is_active": False,
    "visibility": Audience.NOBODY,
    **{f"{name}_audience": Audience.NOBODY for name in Member.PRIVATE_FIELDS},
}


# Each asking sends a mail: enough to change one's mind, too few to fill a mailbox.
ASKED = Limit("leave", times=5, seconds=24 * 60 * 60)


class LastWebmaster(Exception):
    """Somebody has to be able to run the site: hand over first."""


def is_last_webmaster(member: Member) -> bool:
    """Whether nobody else who stays could run the site, and ``member`` can."""
    if not Member.objects.webmasters().filter(pk=member.pk).exists():
        return False
    return not Member.objects.webmasters().filter(leaves_at=None).exclude(pk=member.pk).exists()


@transaction.atomic
def ask(member: Member, *, removes_contributions: bool) -> Departure:
    """``member`` wants to leave: hidden at once, gone after the days of grace, told so by mail.

    Asked again meanwhile, it is the same departure; the day stays, the choice is the new one.

    Args:
        removes_contributions: whether what they wrote goes too, or stays under "former member".

    Raises:
        LastWebmaster: nothing was changed.
        PermissionDenied: they are gone already.
        caisu.core.throttling.TooManyRequests: after some in a day.
    """
    ASKED.hit(member.pk)
    # Two webmasters who leave at once wait for each other here, and the second stays.
    if _locked(member.pk).standing == Standing.LEFT:
        raise PermissionDenied
    if is_last_webmaster(member):
        raise LastWebmaster
    departure, created = Departure.objects.update_or_create(
        member=member,
        defaults={"removes_contributions": removes_contributions},
        create_defaults={
            "removes_contributions": removes_contributions,
            "due_at": timezone.now() + Departure.GRACE,
        },
    )
    member.leaves_at = departure.due_at
    member.save(update_fields=["leaves_at"])
    fulltext.refresh(member)
    if created:
        _tell(member, "leaving", departure=departure)
    return departure


@transaction.atomic
def stay(member: Member) -> bool:
    """They changed their mind: everything is as it was. Returns whether they were leaving."""
    _locked(member.pk)
    deleted, _each = Departure.objects.filter(member=member).delete()
    Member.objects.filter(pk=member.pk).update(leaves_at=None)
    member.leaves_at = None
    if deleted:
        fulltext.refresh(member)
        _tell(member, "staying")
    return bool(deleted)


def leave_due() -> int:
    """Forgets those whose days are over; returns how many. Each in a transaction of their own."""
    due = Departure.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    left, problem = 0, None
    for pk in list(due.values_list("member_id", flat=True)[:100]):
        try:
            left += leave(pk)
        except Exception as error:  # the others are not to wait for what is wrong with one
            logger.error("member %s could not leave: %s", pk, type(error).__qualname__)
            problem = error
    if problem:
        raise problem
    return left


@transaction.atomic
def leave(pk: int) -> bool:
    """Forgets the member with that key, if it is time; returns whether it was.

    Whoever became the last webmaster meanwhile stays until somebody else can run the site.
    """
    # Who changes their mind at this moment is faster, or too late.
    member = _locked(pk)
    departure = Departure.objects.filter(member=member).first()
    if departure is None or departure.due_at > timezone.now():
        return False
    if is_last_webmaster(member):
        logger.warning("member %s is due to leave and is the last webmaster", pk)
        return False
    _tell(member, "left", departure=departure)
    member_left.send(
        sender=Member, member=member, removes_contributions=departure.removes_contributions
    )
    _bar(member)
    _forget_ways_in(member)
    _forget_papers(member)
    _scrub(member)
    departure.delete()
    logger.info("member %s has left", pk)
    return True


def _locked(pk: int) -> Member:
    """The member with that key, locked; staff together with all webmasters, of whom one stays.

    It comes before any other lock, and goes by key as in appointing: nobody waits in a circle.
    """
    wanted = Q(pk=pk)
    if Member.objects.filter(pk=pk, is_staff=True).exists():
        wanted |= Q(is_superuser=True)
    rows = list(Member.objects.select_for_update().filter(wanted).order_by("pk"))
    return next(row for row in rows if row.pk == pk)


def _bar(member: Member) -> None:
    """Keeps a hash of the addresses of somebody who was closed out: leaving washes nothing off."""
    if member.standing not in {Standing.SUSPENDED, Standing.BANNED}:
        return
    addresses = {member.email, *_addresses(member).values_list("email", flat=True)} - {""}
    for address in addresses:
        BarredAddress.objects.update_or_create(
            digest=BarredAddress.digest_of(address), defaults={"until": member.suspended_until}
        )


def _addresses(member: Member) -> Any:
    return EmailAddress.objects.filter(user=member)


def _forget_ways_in(member: Member) -> None:
    sessions.end_all(member)
    _addresses(member).delete()
    Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member).delete()


def _forget_papers(member: Member) -> None:
    """What else is kept of a person beside their own row; acceptances of the agreement stay."""
    member.invitations.filter(used_at=None).delete()
    Invitation.objects.filter(Q(invited_by=member) | Q(used_by=member)).update(email="")
    Application.objects.filter(member=member).delete()
    exporting.forget(member)
    member.appointments.all().delete()
    member.groups.clear()
    member.user_permissions.clear()
    # Nobody can take their handles; nothing says any more whose they were.
    member.former_handles.update(member=None)
    FormerHandle.objects.get_or_create(handle=member.username, defaults={"member": None})
    # The desk's own log repeats their name.
    log = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Member), object_id=str(member.pk)
    )
    log.update(object_repr="")


def _scrub(member: Member) -> None:
    """Empties the row, all of it but for what is KEPT."""
    if picture := member.avatar.name:
        transaction.on_commit(lambda: default_storage.delete(picture), robust=True)
    for field in Member._meta.concrete_fields:
        if field.name not in KEPT:
            setattr(member, field.name, SCRUBBED.get(field.name, field.get_default()))
    member.username = f"gone-{secrets.token_hex(8)}"
    member.set_unusable_password()
    member.save()
    fulltext.refresh(member)


def on_signing_up(sender: Any, member: Member, **kwargs: Any) -> list[str]:
    """Whether somebody with this address was closed out before they left."""
    barred = BarredAddress.objects.filter(digest=BarredAddress.digest_of(member.email))
    still = barred.filter(Q(until=None) | Q(until__gt=timezone.now()))
    return ["banned_before"] if still.exists() else []


def forget_barred() -> int:
    """Deletes the hashes of those whose suspension would be over; returns how many."""
    return BarredAddress.objects.filter(until__lte=timezone.now()).delete()[0]


def _tell(member: Member, name: str, **context: Any) -> None:
    with override(member.language):
        page = f"{settings.SITE_URL}{reverse('members:delete')}"
    mail.send(f"members/{name}", member.email, member.language, member=member, url=page, **context)


def connect() -> None:
    signing_up.connect(on_signing_up, dispatch_uid="members.barred")
