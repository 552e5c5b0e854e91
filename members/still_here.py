"""Once a year: are you still here, or an alumna by now? One click answers, without a login."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core import mail
from caisu.core.models import SiteSettings

from .addresses import ends_with_graduation
from .models import Member

SALT = "members.still-here"
LIVES = timedelta(days=60)
EVERY = timedelta(days=365)
# Nobody is asked who came only just now.
AFTER_YEARS = 2
# Mails of one run, of which there is one an hour: no wave of them, and none is taken for spam.
AT_ONCE = 50
# The day on which they were asked, of those who do not want to be asked again.
NEVER_AGAIN = date.max

Affiliation = Member.Affiliation
ASKED = (Affiliation.STUDENT, Affiliation.SCHOLAR)
HERE, MOVED_ON, NEVER = "here", "moved-on", "never"
ANSWERS = (HERE, MOVED_ON, NEVER)


def to_ask(today: date) -> Any:
    """Students and scholars of some years who have not been asked within the last one."""
    joined_before = timezone.now() - timedelta(days=365 * AFTER_YEARS)
    here_for_long = Q(arrived__lte=today.year - AFTER_YEARS) | Q(date_joined__lte=joined_before)
    turn = Q(still_here_asked_on=None) | Q(still_here_asked_on__lte=today - EVERY)
    members = Member.objects.active().filter(affiliation__in=ASKED, leaves_at=None)
    return members.filter(here_for_long, turn).order_by("pk")


def ask_some() -> int:
    """Writes to the next few whose turn it is, if the webmaster wants that; returns how many."""
    if not SiteSettings.load().still_here_mail:
        return 0
    today = timezone.localdate()
    return sum(_ask(pk, today) for pk in list(to_ask(today).values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _ask(pk: int, today: date) -> bool:
    member = to_ask(today).select_for_update().filter(pk=pk).first()
    if member is None:
        return False
    member.still_here_asked_on = today
    member.save(update_fields=["still_here_asked_on"])
    with override(member.language):
        url = f"{settings.SITE_URL}{reverse('members:still_here', args=[token_for(member)])}"
    context = {"member": member, "url": url, "days": LIVES.days}
    mail.send("members/still_here", personal_address(member), member.language, **context)
    return True


def personal_address(member: Member) -> str:
    """The proven address that is most likely to outlive a degree: not of the university, not the primary."""
    addresses = EmailAddress.objects.filter(user=member, verified=True)
    best = min(
        addresses,
        key=lambda each: (ends_with_graduation(each.email), each.primary, each.pk),
        default=None,
    )
    return best.email if best else member.email


def token_for(member: Member) -> str:
    """What the link has: who, and what they were when they were asked; good for this one purpose."""
    return signing.dumps([member.pk, member.affiliation], salt=SALT)


def read(token: str) -> tuple[Member | None, str]:
    """The member whom a token speaks of, and what they were; None if they are not there any more.

    Raises:
        django.core.signing.SignatureExpired: after LIVES.
        django.core.signing.BadSignature: when it is not from us.
    """
    pk, affiliation = signing.loads(token, salt=SALT, max_age=LIVES)
    return Member.objects.active().filter(pk=pk).first(), affiliation


@transaction.atomic
def answer(member: Member, what: str, before: str) -> None:
    """Takes an answer; a wrong click is put right by another one while the link lives.

    Args:
        what: one of ANSWERS.
        before: what the member was when they were asked.
    """
    member = Member.objects.select_for_update().get(pk=member.pk)
    if what == MOVED_ON and member.affiliation in ASKED:
        member.affiliation = Affiliation.ALUMNI
    elif what == HERE and member.affiliation == Affiliation.ALUMNI:
        member.affiliation = before
    if what == NEVER:
        member.still_here_asked_on = NEVER_AGAIN
    elif member.still_here_asked_on == NEVER_AGAIN:
        member.still_here_asked_on = timezone.localdate()
    member.save(update_fields=["affiliation", "still_here_asked_on"])
