"""What stands out about a newcomer: names of reasons, each with a weight.

A score sorts the queue and informs whoever decides. It refuses nobody.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.db.models import Count, Q

from caisu.core import markup
from caisu.core.models import SiteSettings
from members.mailboxes import is_at_one_of, network
from members.models import Application, Member

# Names from reasons.REASONS. What no person does weighs most, what many people share least; a name
# that is not here, found while signing up, weighs one.
WEIGHTS = {
    "honeypot": 5,
    "blocked": 5,
    "banned_before": 5,
    "address_closed": 4,
    "throwaway": 4,
    "name_link": 4,
    "name_contact": 4,
    "domain_closed": 3,
    "name_disguised": 3,
    "fast": 2,
    "crowded_domain": 2,
    "address_shared": 1,
    "crowded_address": 1,
    "no_proof": 1,
    "vouched": -3,
}

LATELY = timedelta(days=7)
# Network addresses change hands: an old ban says nothing about who has the address now.
ADDRESS_REMEMBERED = timedelta(days=90)
# So many sign-ups with one mail domain in a day are no coincidence.
CROWD, CROWD_WITHIN = 5, timedelta(days=1)
# A campus signs up from one address: more than these are not looked through.
MOST_NEIGHBOURS = 500

_DOMAINS = tomllib.loads((Path(__file__).parent / "mail_domains.toml").read_text("utf-8"))
PUBLIC_DOMAINS = "\n".join(_DOMAINS["public"])
THROWAWAY_DOMAINS = "\n".join(_DOMAINS["throwaway"])

# "Dr.Li" is no link, "cheap-visa.top" is one.
LINK = re.compile(
    r"[a-z0-9-]{2,}\.(?:com|net|org|cn|top|xyz|info|biz|shop|store|vip|club|site|online|link|live|pro"
    r"|io|me|cc|ru|app)\b",
    re.I,
)
CONTACT = re.compile(
    r"(?:\d[\s().-]{0,2}){6,}\d"  # a phone number, a QQ number
    r"|[^\s@]+@[^\s@]+\.[a-z]{2,}|(?:^|\s)@[a-z0-9_]{3,}"
    r"|(?:微信|薇信|威信|v信|加v|扣扣|电报|wechat|weixin|telegram|whatsapp)\W{0,3}[a-z0-9_-]{4,}"
    r"|\b(?:vx|wx|qq|tg)\W{0,2}(?:[:：]\s*\S|\d{4,})",
    re.I,
)
ALPHABETS = frozenset(["LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"])


def domain_of(member: Member) -> str:
    """What stands after the @."""
    return member.email.rpartition("@")[2].lower()


def is_public(domain: str) -> bool:
    """Whether this is a provider where everybody may have a mailbox."""
    return is_at_one_of(domain, PUBLIC_DOMAINS)


def says_something(domain: str) -> bool:
    """Whether two people at this mail domain have more in common than a provider or the university."""
    trusted = SiteSettings.load().trusted_domains
    return bool(domain) and not is_public(domain) and not is_at_one_of(domain, trusted)


def from_same_address(member: Member) -> list[Member]:
    """Others who signed up from the computer or household of ``member``, newest first. One query."""
    home = network(member.signed_up_from)
    if home is None:
        return []
    others = Member.objects.exclude(pk=member.pk).order_by("-date_joined")
    if home.version == 4:
        return list(others.filter(signed_up_from=str(home[0]))[:MOST_NEIGHBOURS])
    # The databases know no networks in common: the beginning as text, the rest here.
    beginning = str(home[0]).partition(":")[0]
    near = others.filter(signed_up_from__startswith=f"{beginning}:")[:MOST_NEIGHBOURS]
    return [other for other in near if network(other.signed_up_from) == home]


def from_same_domain(member: Member) -> list[Member]:
    """Others with the mail domain of ``member``, newest first; nobody where that says nothing."""
    domain = domain_of(member)
    if not says_something(domain):
        return []
    others = Member.objects.exclude(pk=member.pk).filter(email__iendswith=f"@{domain}")
    return list(others.order_by("-date_joined")[:MOST_NEIGHBOURS])


def is_disguised(name: str) -> bool:
    """Whether a name is not what it looks like: alphabets mixed in one word, or both directions."""
    for word in re.findall(r"[^\W\d_]+", name):
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
        if "MATHEMATICAL" in scripts or len(scripts & ALPHABETS) > 1:
            return True
    directions = {unicodedata.bidirectional(each) for each in name}
    turned = any(unicodedata.category(each) == "Cf" for each in name)
    return turned or ("L" in directions and not directions.isdisjoint({"R", "AL"}))


def of_a_name(name: str) -> list[str]:
    """What stands out about how somebody is called."""
    plain = unicodedata.normalize("NFKC", name).replace("。", ".")
    found = {
        "name_link": bool(markup.links(plain) or LINK.search(plain)),
        "name_contact": bool(CONTACT.search(plain)),
        "name_disguised": is_disguised(name),
    }
    return [reason for reason, holds in found.items() if holds]


def _of_the_address(member: Member) -> list[str]:
    others = from_same_address(member)
    since = member.date_joined - LATELY
    remembered = member.date_joined - ADDRESS_REMEMBERED
    found = []
    if any(other.date_joined >= since for other in others):
        found.append("address_shared")
    if any(
        other.standing == Member.Standing.BANNED and other.date_joined >= remembered
        for other in others
    ):
        found.append("address_closed")
    return found


def _of_the_domain(member: Member) -> list[str]:
    domain = domain_of(member)
    found = ["throwaway"] if is_at_one_of(domain, THROWAWAY_DOMAINS) else []
    if not says_something(domain):
        return found
    near = Q(
        date_joined__gte=member.date_joined - CROWD_WITHIN,
        date_joined__lte=member.date_joined + CROWD_WITHIN,
    )
    there = Member.objects.exclude(pk=member.pk).filter(email__iendswith=f"@{domain}")
    counts = there.aggregate(
        closed=Count("pk", filter=Q(standing=Member.Standing.BANNED)),
        crowd=Count("pk", filter=near),
    )
    if counts["closed"]:
        found.append("domain_closed")
    if counts["crowd"] + 1 >= CROWD:
        found.append("crowded_domain")
    return found


def reasons(member: Member) -> list[str]:
    """What stands out about a newcomer, what weighs most first. Three queries.

    What the sign-up noticed (``Application.notes``) and what moderation knows: who else came from
    the same address and the same mail domain, and what became of them; the kind of mailbox; how the
    name looks; whether a member vouches.
    """
    application = Application.objects.filter(member=member).first()
    found = [
        *(application.notes if application else []),
        *_of_the_address(member),
        *_of_the_domain(member),
        *of_a_name(member.display_name),
        *(["vouched"] if member.vouched_by_id else []),
    ]
    return sorted(dict.fromkeys(found), key=lambda name: -abs(WEIGHTS.get(name, 1)))


def score(names: Iterable[str]) -> int:
    """The weights together; nobody is better than unremarkable."""
    return max(0, sum(WEIGHTS.get(name, 1) for name in names))
