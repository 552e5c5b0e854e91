"""The verbs of roles. Only webmasters appoint; everybody may lay down what they hold; one webmaster stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from caisu.core.roles import ROLE_NAMES, WEBMASTER
from members.models import Appointment, Member

from . import deciding, member_emails
from .models import Decision

# How long before its end a role is spoken of, and how often to the last webmaster after it.
AHEAD = timedelta(days=14)
AGAIN = timedelta(days=7)


def is_webmaster(member: Any) -> bool:
    """Whether ``member``, or an anonymous user, looks after the site and its people."""
    return member.is_active and member.is_superuser


def may_appoint(by: Member, member: Member) -> bool:
    """Nobody appoints themselves, and only who is active is appointed."""
    return is_webmaster(by) and by != member and member.is_full_member


def may_relieve(by: Member, member: Member) -> bool:
    """Of something that they hold; the last webmaster hands over instead."""
    if by != member and not is_webmaster(by):
        return False
    roles = roles_of(member)
    return bool(roles) and not (roles == [WEBMASTER] and member.is_last_webmaster)


def roles_of(member: Member) -> list[str]:
    """Names from ``core.roles``; a superuser without an appointment is a webmaster all the same."""
    names = [appointment.role.name for appointment in member.appointments.select_related("role")]
    return [WEBMASTER, *names] if member.is_superuser and WEBMASTER not in names else names


@transaction.atomic
def appoint(member: Member, role: str, until: date | None, by: Member, reason: str = "") -> bool:
    """Gives a role until a day, or another end to one that is held; the person is told.

    Args:
        role: a name from ``core.roles``.
        until: the first day on which it is no longer held; None for no end.

    Raises:
        PermissionDenied: unless a webmaster appoints somebody else who is active.
    """
    if role not in ROLE_NAMES or not may_appoint(by, member):
        raise PermissionDenied
    return _appoint(member, role, until, by, reason)


def _appoint(member: Member, role: str, until: date | None, by: Member, reason: str) -> bool:
    held = member.appointments.filter(role__name=role).first()
    before = held.until.isoformat() if held and held.until else None
    if not Appointment.objects.hold(member, role, until, by):
        return False
    text = f"{role}, {until.isoformat()}" if until else role
    deciding.record_about(
        member, Decision.Action.APPOINT, by, reason, text, role=role, until=before
    )
    member_emails.appointed(member, role, until, reason)
    return True


@transaction.atomic
def relieve(member: Member, role: str, by: Member | None, reason: str = "") -> bool:
    """Ends a role at once, at the next request; the person is told. ``by`` None is the clock.

    Returns:
        whether it was held.

    Raises:
        PermissionDenied: for who is neither webmaster nor lays down their own, and where the site
            would be left without a webmaster.
    """
    if by is not None and not may_relieve(by, member):
        raise PermissionDenied
    held = member.appointments.filter(role__name=role).first()
    before = held.until.isoformat() if held and held.until else None
    if not Appointment.objects.give_up(member, role):
        return False
    # Looked at when all webmasters are locked; what was done is undone with the transaction.
    if role == WEBMASTER and not Member.objects.webmasters().filter(leaves_at=None).exists():
        raise PermissionDenied
    deciding.record_about(
        member, Decision.Action.RELIEVE, by, reason, role, role=role, until=before
    )
    member_emails.relieved(member, role, reason, ended=by is None)
    return True


@transaction.atomic
def hand_over(
    by: Member, to: Member, until: date | None, keeps: str = "", keeps_until: date | None = None
) -> bool:
    """Makes ``to`` a webmaster, and ``by`` what they wish to be from then on, all or nothing.

    Args:
        keeps: a name from ``core.roles``; empty to be a member like others.
        keeps_until: the first day on which that is no longer held; None for no end.

    Raises:
        PermissionDenied: unless ``by`` is a webmaster and ``to`` somebody else who is active.
    """
    changed = appoint(to, WEBMASTER, until, by)
    if keeps == WEBMASTER:
        return _appoint(by, WEBMASTER, keeps_until, by, "") or changed
    if keeps:
        changed = _appoint(by, keeps, keeps_until, by, "") or changed
    return relieve(by, WEBMASTER, by) or changed


def on_member_left(sender: Any, member: Member, **kwargs: object) -> None:
    """Who leaves holds nothing any more.

    Raises:
        PermissionDenied: for the last webmaster, who hands over first.
    """
    roles = roles_of(member)
    for role in roles:
        Appointment.objects.give_up(member, role)
    if WEBMASTER in roles and not Member.objects.webmasters().exists():
        raise PermissionDenied


# --- By the clock


def remind(today: date | None = None) -> int:
    """Speaks of roles that end soon, once; returns of how many."""
    today = today or timezone.localdate()
    soon = Appointment.objects.filter(
        until__gt=today, until__lte=today + AHEAD, reminded_at=None, member__is_active=True
    )
    done = 0
    for appointment in soon.select_related("member", "role")[:100]:
        with transaction.atomic():
            done += _mark(appointment)
            _speak_of(appointment)
    return done


def end(today: date | None = None) -> int:
    """Ends the roles that are over, but not the last webmaster's, who is reminded each week.

    Returns:
        how many were ended.
    """
    today = today or timezone.localdate()
    over = Appointment.objects.filter(until__lte=today).select_related("member", "role")
    done = 0
    for appointment in over.order_by("until", "pk")[:100]:
        if appointment.role.name == WEBMASTER and appointment.member.is_last_webmaster:
            _nudge(appointment)
        else:
            done += relieve(appointment.member, appointment.role.name, by=None)
    return done


def _nudge(appointment: Appointment) -> None:
    earlier = Q(reminded_at=None) | Q(reminded_at__lte=timezone.now() - AGAIN)
    with transaction.atomic():
        if Appointment.objects.filter(earlier, pk=appointment.pk).exists():
            _mark(appointment)
            member_emails.last_webmaster(appointment)


def _mark(appointment: Appointment) -> int:
    return Appointment.objects.filter(pk=appointment.pk).update(reminded_at=timezone.now())


def _speak_of(appointment: Appointment) -> None:
    member = appointment.member
    if appointment.role.name == WEBMASTER and member.is_last_webmaster:
        member_emails.last_webmaster(appointment)
        return
    member_emails.role_ends(appointment, member)
    for webmaster in Member.objects.webmasters().exclude(pk=member.pk):
        member_emails.role_ends(appointment, webmaster)
