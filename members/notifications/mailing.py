"""Mails about what is new: all of it in one mail, some minutes after, to whoever wants that."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core import mail
from members.models import Member

from . import listing
from .models import Notification

# Who is on the site sees it there first; and much at once comes in one mail.
AFTER = timedelta(minutes=5)
# The least time between two mails to one member.
APART = timedelta(minutes=10)
# What nobody mailed by then is no news any more.
NEWS_FOR = timedelta(days=1)
MOST = 20  # lines in a mail
Kind = Notification.Kind
DIRECT = (Kind.REPLY, Kind.MENTION, Kind.DECISION, Kind.REPORT)
WANTED = {
    Member.MailedAbout.NOTHING: (),
    Member.MailedAbout.DIRECT: DIRECT,
    Member.MailedAbout.ALL: (*DIRECT, Kind.THREAD),
}


def mail_unseen(now: datetime | None = None) -> int:
    """Writes to each member about what is new to them. Returns how many mails there were."""
    now = now or timezone.now()
    wanted = Q(pk__in=[])
    for about, kinds in WANTED.items():
        wanted |= Q(member__mailed_about=about, kind__in=kinds)
    due = _due(now).filter(wanted, created_at__lte=now - AFTER)
    members = due.order_by("member").values_list("member", flat=True).distinct()
    return sum(_mail_to(pk, now) for pk in list(members))


def _due(now: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(
        seen_at=None, mailed_at=None, quiet=False, created_at__gt=now - NEWS_FOR
    )


@transaction.atomic
def _mail_to(pk: int, now: datetime) -> bool:
    # One after the other: two workers would write the same mail.
    member = Member.objects.select_for_update().get(pk=pk)
    # To an address that somebody else may have typed, only codes go.
    proven = EmailAddress.objects.filter(user=member, email=member.email, verified=True)
    here = member.is_active and member.leaves_at is None and proven.exists()
    own = Notification.objects.filter(member=member)
    if not here or own.filter(mailed_at__gt=now - APART).exists():
        return False
    kinds = WANTED[Member.MailedAbout(member.mailed_about)]
    rows = _due(now).filter(member=member, kind__in=kinds)
    keys = list(rows.values_list("pk", flat=True))
    if not keys:
        return False
    with override(member.language):
        lines, more = listing.gathered(own.filter(pk__in=keys), MOST)
        mail.send(
            "notifications/news",
            member.email,
            member.language,
            member=member,
            lines=[(line.text, address(line.notification, member.language)) for line in lines],
            more=more,
            count=len(keys),
            page=settings.SITE_URL + reverse("notifications:list"),
            settings_page=settings.SITE_URL + reverse("members:notification_settings"),
        )
    own.filter(pk__in=keys).update(mailed_at=now)
    return True


def address(notification: Notification, language: str) -> str:
    """Where it leads, whole, in a language."""
    return f"{settings.SITE_URL}/{language}{notification.url}"
