"""The block list: what it holds, what it meets, what is offered for it.

A block never refuses anybody: it makes a thing wait, whoever sent it, until a moderator has looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from caisu.core.models import SiteSettings
from members.mailboxes import network
from members.models import Member

from .filtering import hosts
from .filtering.folding import fold
from .models import BlockRule, Trait
from .scoring import domain_of, is_public, says_something

Kind = BlockRule.Kind
CACHE_KEY = "moderation:blocks"
CACHED = 60  # seconds; a rule that expires meets for so long at most
# Addresses change hands, and a dormitory shares one.
NETWORK_ENDS_AFTER = timedelta(hours=24)
SEEN_WITHIN = timedelta(days=90)
# Wider than a household or a gateway is a country.
WIDEST = {4: 24, 6: 48}
HOUSEHOLD = 64  # bits of an IPv6 address that one household has; it chooses the others as it likes
EXPIRED_KEPT = timedelta(days=90)
MOST_LOOKED_AT = 500


def normal(kind: str, value: str) -> str:
    """A value in the one form in which it is kept and compared.

    Raises:
        ValidationError: it is none of its kind, or would meet those who should not be met.
    """
    value = value.strip()
    if kind == Kind.NETWORK:
        return _network(value)
    if kind == Kind.PHRASE:
        phrase = " ".join(fold(value).joined.split())
        if len(phrase.replace(" ", "")) < 2:
            raise ValidationError(_("A phrase has at least two characters."))
        return phrase
    domain = hosts.normal(
        urlsplit(value).netloc if "//" in value else value.rpartition("@")[2].partition("/")[0]
    )
    try:
        validate_domain_name(domain)
    except ValidationError as error:
        raise ValidationError(_("Enter a domain, such as example.org.")) from error
    if "." not in domain:
        raise ValidationError(_("Enter a domain, such as example.org."))
    known = [hosts.normal(each) for each in SiteSettings.load().trusted_domains.split()]
    ours = hosts.normal(urlsplit(settings.SITE_URL).netloc)
    if any(hosts.is_at(each, domain) for each in [*known, ours]):
        raise ValidationError(_("This would meet our own site, or a domain that we trust."))
    if kind == Kind.MAIL_DOMAIN and is_public(domain):
        raise ValidationError(_("Everybody may have a mailbox there; it would meet too many."))
    return domain


def _network(value: str) -> str:
    try:
        net = network(value) or ip_network(value, strict=False)
    except ValueError as error:
        raise ValidationError(_("Enter a network address, such as 192.0.2.7.")) from error
    if net.version == 6 and net.prefixlen > HOUSEHOLD:
        net = net.supernet(new_prefix=HOUSEHOLD)
    if net.prefixlen < WIDEST[net.version]:
        raise ValidationError(_("That is too wide: it would meet a whole region."))
    if trusted_seen_in(str(net)):
        raise ValidationError(
            _("Trusted members were seen there of late; a dormitory shares its address.")
        )
    return str(net)


def trusted_seen_in(net: str) -> bool:
    """Whether trusted members have signed up or written from a network within the last months."""
    inside = ip_network(net)
    since = timezone.now() - SEEN_WITHIN
    begin = str(inside.network_address).rpartition("." if inside.version == 4 else "::")[0]
    wrote = Trait.objects.filter(key__startswith=f"net:{begin}", at__gte=since)
    authors = wrote.values("author").distinct()[:MOST_LOOKED_AT]
    lately = models.Q(last_seen_on__gte=since.date()) | models.Q(pk__in=authors)
    people = Member.objects.active().filter(
        lately, models.Q(signed_up_from__startswith=begin) | models.Q(pk__in=authors)
    )
    keys = {
        (trait.author_id, trait.key.removeprefix("net:"))
        for trait in wrote.order_by("-at")[:MOST_LOOKED_AT]
    }
    for member in people[:MOST_LOOKED_AT]:
        homes = [key for author, key in keys if author == member.pk]
        if member.signed_up_from:
            homes.append(str(network(member.signed_up_from)))
        if member.is_trusted and any(_covers(inside, home) for home in homes):
            return True
    return False


def _covers(net, home: str) -> bool:
    other = ip_network(home)
    return other.version == net.version and other.subnet_of(net)


def in_force() -> list[tuple[int, str, str, datetime | None]]:
    """The rules in force: key, kind, value and end; cached."""
    rules = cache.get(CACHE_KEY)
    if rules is None:
        rows = BlockRule.objects.in_force().values_list("pk", "kind", "value", "expires_at")
        rules = list(rows[:5000])
        cache.set(CACHE_KEY, rules, CACHED)
    now = timezone.now()
    return [rule for rule in rules if rule[3] is None or rule[3] > now]


def forget() -> None:
    """The list has changed: it is read anew, once that is committed."""
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def met_by(text: str, address: str = "", email: str = "") -> list[int]:
    """Keys of the rules in force that a text, a network address or an e-mail address meets.

    Their hits are counted. Without a hit it costs no query while the list is cached.
    """
    rules = in_force()
    if not rules:
        return []
    folded = fold(text)
    named = hosts.found_in(folded.text)
    joined = " ".join(folded.joined.split())
    domain = email.rpartition("@")[2].lower()
    met = []
    for pk, kind, value, _end in rules:
        if kind == Kind.HOST:
            hit = any(hosts.is_at(host, value) for host in named)
        elif kind == Kind.PHRASE:
            hit = value in joined
        elif kind == Kind.MAIL_DOMAIN:
            hit = bool(domain) and hosts.is_at(domain, value)
        else:
            hit = _is_in(address, value)
        if hit:
            met.append(pk)
    if met:
        BlockRule.objects.filter(pk__in=met).update(hits=F("hits") + 1, last_hit_at=timezone.now())
    return met


def _is_in(address: str, net: str) -> bool:
    home = network(address)
    return home is not None and _covers(ip_network(net), str(home))


def offered(members: Iterable[Member]) -> list[BlockRule]:
    """Unsaved rules that would meet what these members wrote, and nobody who is trusted."""
    members = list(members)
    traits = Trait.objects.filter(author__in=members).order_by("-at")
    keys = list(dict.fromkeys(traits.values_list("key", flat=True)[:MOST_LOOKED_AT]))
    found = [(Kind.HOST, key.removeprefix("host:")) for key in keys if key.startswith("host:")]
    found += [(Kind.NETWORK, key.removeprefix("net:")) for key in keys if key.startswith("net:")]
    for member in members:
        if says_something(domain := domain_of(member)):
            found.append((Kind.MAIL_DOMAIN, domain))
        if home := network(member.signed_up_from):
            found.append((Kind.NETWORK, str(home)))
    rules: list[BlockRule] = []
    for kind, value in dict.fromkeys(found):
        try:
            rule = BlockRule(kind=kind, value=normal(kind, value))
        except ValidationError:
            continue  # it would meet others
        if kind == Kind.NETWORK:
            rule.expires_at = timezone.now() + NETWORK_ENDS_AFTER
        there = BlockRule.objects.in_force().filter(kind=kind, value=rule.value)
        if not there.exists() and (kind, rule.value) not in [(r.kind, r.value) for r in rules]:
            rules.append(rule)
    return rules[:20]


def on_signing_up(
    sender: object, member: Member, request: object = None, **kwargs: object
) -> list[str]:
    """A receiver of members.signals.signing_up: who comes from a blocked place waits."""
    return ["blocked"] if met_by("", member.signed_up_from or "", member.email) else []


def prune() -> int:
    """Forgets rules whose end was months ago. Returns how many."""
    old = BlockRule.objects.filter(expires_at__lt=timezone.now() - EXPIRED_KEPT)
    return old.delete()[0]
