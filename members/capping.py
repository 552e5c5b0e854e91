"""How much one place or everybody together may cause: accounts from one address, mail to strangers."""

from __future__ import annotations

import math
import time
from datetime import timedelta

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from caisu.core.throttling import Limit, TooManyRequests

from .mailboxes import network
from .models import Member

# More accounts a day from one address (IPv6: one /64) are looked at first. A campus shares its
# addresses, so they are not refused.
ACCOUNTS_A_DAY = 3

# Mail to addresses that nobody has proven to be theirs, from the whole site in an hour: whoever
# types other people's addresses must not make a spammer of us. Sign-ups leave some for logins.
HOUR = 3600
MAILS = Limit("mail-to-unproven", times=300, seconds=HOUR)
SIGNUP_MAILS = Limit("mail-of-signups", times=200, seconds=HOUR)
# No limit, but counted in the same time: the clock tells nobody whose address is known.
MAILS_TO_PROVEN = Limit("mail-to-proven", times=10**9, seconds=HOUR)
# One place uses up no more of it than an evening of newcomers on a campus does.
SIGNUP_MAILS_OF_A_NETWORK = Limit("mail-of-signups-from", times=120, seconds=HOUR)

# Newest first; whoever is crowded by more than these is so by these.
_LOOKED_THROUGH = 500


def count_signup_mail(address: str | None) -> None:
    """Counts the one mail that each sign-up causes, whoever has the address.

    Args:
        address: the computer's; unknown behind some proxies.

    Raises:
        TooManyRequests: when sign-ups, or those from there, have used up their share of the hour.
    """
    if place := network(address):
        SIGNUP_MAILS_OF_A_NETWORK.hit(place)
    SIGNUP_MAILS.hit("all")
    MAILS.hit("all")


def count_mail(*, proven: bool = False) -> None:
    """Counts any other mail.

    Args:
        proven: whether somebody has proven the address to be theirs; it is then never too many.

    Raises:
        TooManyRequests: when that was one too many in this hour.
    """
    (MAILS_TO_PROVEN if proven else MAILS).hit("all")


def check_codes_of(email: str, request: HttpRequest) -> None:
    """Looks whether an address may have another code to prove it; counts nothing.

    allauth counts them, and refuses without a word about when it would not.

    Raises:
        TooManyRequests: with the time until then.
    """
    now, waits = time.time(), []
    what = {"app": "allauth.account", "action": "confirm_email"}
    for rate in ratelimit.get_rates(**what):
        key = ratelimit.get_cache_key(request, **what, rate=rate, key=email.lower())
        allowed, newest_first = ratelimit.apply_rate(cache.get(key, []), now, rate, dry_run=True)
        if not allowed:
            waits.append(newest_first[rate.amount - 1] + rate.duration - now)
    if waits:
        raise TooManyRequests(math.ceil(max(waits)))


def is_crowded(address: str | None) -> bool:
    """Whether more than ACCOUNTS_A_DAY accounts were made from there in the last 24 hours.

    Args:
        address: the computer's, with the newcomer's own account already among them.
    """
    place = network(address)
    if place is None:
        return False
    recent = Member.objects.filter(date_joined__gte=timezone.now() - timedelta(days=1))
    if place.version == 4:
        return recent.filter(signed_up_from=str(place[0])).count() > ACCOUNTS_A_DAY
    # The databases know no networks in common: the first half as text, the rest here.
    beginning = str(place[0]).split(":")[0]
    candidates = recent.filter(signed_up_from__startswith=f"{beginning}:").order_by("-date_joined")
    addresses = candidates.values_list("signed_up_from", flat=True)[:_LOOKED_THROUGH]
    return sum(network(each) == place for each in addresses) > ACCOUNTS_A_DAY
