"""What the webmaster's acts write to the people concerned, beside the sanctions in ``emails``."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from caisu.core import mail
from caisu.core.roles import ROLE_NAMES, WEBMASTER


def _send(name, member, **context):
    """To a member, in their language, with addresses of that language."""
    with override(member.language):
        mail.send(f"moderation/{name}", member.email, member.language, member=member, **context)


def _at(name, language, *args):
    with override(language):
        return settings.SITE_URL + reverse(name, args=args)


def appointed(member, role, until, reason):
    _send(
        "appointed",
        member,
        role=ROLE_NAMES[role],
        until=until,
        reason=reason,
        is_webmaster=role == WEBMASTER,
        second_factor=settings.STAFF_SECOND_FACTOR,
        url=f"{settings.SITE_URL}/{settings.ADMIN_PATH}",
        sheet=_at("admin:members_appointment_sheet", member.language),
    )


def relieved(member, role, reason, ended):
    _send("relieved", member, role=ROLE_NAMES.get(role, role), reason=reason, ended=ended)


def role_ends(appointment, reader):
    """To the officer, and to each webmaster, who may give it another end."""
    _send(
        "role_ends",
        reader,
        officer=appointment.member,
        own=appointment.member == reader,
        role=ROLE_NAMES.get(appointment.role.name, appointment.role.name),
        until=appointment.until,
        url=_at("admin:members_member_change", reader.language, appointment.member.pk),
    )


def last_webmaster(appointment):
    _send(
        "last_webmaster",
        appointment.member,
        until=appointment.until,
        url=_at("admin:members_appointment_hand_over", appointment.member.language),
    )


def written(member, subject, text):
    _send("written", member, subject=subject, text=text)


def code_waits(member):
    _send(
        "code_waits",
        member,
        url=_at("account_login", member.language),
    )


def access_secured(member, what, reason):
    """After all sessions were ended, or second factors removed: ``what`` is one of these two."""
    _send(
        "access_secured",
        member,
        what=what,
        reason=reason,
        url=_at("members:security", member.language),
    )


def address_changed(member, old):
    """To the address that was, in case the change was none of theirs."""
    with override(member.language):
        mail.send("moderation/address_changed", old, member.language, member=member)
