"""The rules: what in a text, or around it, makes a machine look twice.

Each has a name that cases keep, a weight in the score, words for moderators and a switch in the house
rules. A *strong* one alone holds what a member writes. What a rule sees is prepared once, in Seen.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Member

from . import hosts
from .contribution import Contribution
from .folding import LOOKED_AT, Folded, fold

FASTEST = 3  # seconds in which nobody types a comment
YOUNG = 24 * 3600  # seconds for which an account is young
MANY_LINKS = 3
# Of the signs of a text so many may be capitals before it shouts; shorter texts may.
SHOUTING, SHORT = 0.6, 30

_PHRASES = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))
PHRASES = {
    name: re.compile("|".join(f"(?:{each})" for each in entry["patterns"]), re.ASCII)
    for name, entry in _PHRASES.items()
}
MARKUP = re.compile(
    r"\[url[=\]]|\[/url\]|<a\s|href\s*=|\[[^\[\]\n]{1,100}\]\(\s*(?:https?:|www\.)|\[link"
)
# In folded text with spaced characters joined. Names of messengers, plain and in disguise, with what
# looks like a name or number there. "My wechat is broken" and "add my WeChat" name nobody.
HEART = "❤♥💚💕"
HANDLE = re.compile(
    rf"(?:微信|薇信|威信|维信|徽信|[加微薇威维v][{HEART}]|➕v|加v|加[微薇威]|扣扣|[加扣]群|企鹅|电报|飞机|[微薇](?= ?[a-z0-9_-]{{6}})"
    r"|(?<![a-z0-9])(?:v信|vx|wx|qq|tg|telegram|whatsapp|wechat|wei ?xin|skype))"
    rf"(?:号|群|同号|id|账号)?(?: ?[:：@=→>👉☞是为]+ ?@?[a-z0-9][a-z0-9_-]{{4,30}}"
    rf"|[ {HEART}]*(?:is |id )?(?:\d{{5,}}|(?=[a-z_-]{{0,20}}[\d_])[a-z][a-z0-9_-]{{4,}}))"
    r"|(?<![a-z0-9])(?:v|q|line)[:：] ?(?=[a-z_-]{0,20}\d)[a-z0-9_-]{5,}|(?<![\w.])t\.me/\w"
)
# 威信 is also standing among people, 维信 a firm: only who is asked to add it is given a contact.
DISGUISED_HANDLE = re.compile(
    rf"薇信|徽信|v信|[微薇威维v][{HEART}]|加[{HEART}][a-z0-9_-]{{5}}|➕[v微薇威]|(?:加|(?<![a-z0-9])\+)v(?![a-z])"
    r"|加薇|加(?:我|个|下)?[威维]信|[威维]信(?:号|同号|[:：])|扣扣[号:：]|企鹅号?[:：]?\d{5}|(?:qq|微|v)同号"
)
# What begins like a date is one: 2026-02-03 18:30.
PHONE = re.compile(
    r"(?<![\d/=-])(?!20[0-4]\d[01]\d[0-3]\d)(?:\+?\d{1,3}[ -]?)?1?\d{10}(?!\d)|\+\d{9,14}(?!\d)"
)
MAIL = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63} ?(?:@|[\[(]at[\])]) ?[a-z0-9-]{1,63}"
    r" ?(?:[.。]|[\[(]dot[\])]) ?[a-z]{2,}"
)
LETTER = re.compile(r"[a-zA-Z]")


@dataclass(frozen=True)
class Seen:
    """A contribution as rules look at it."""

    contribution: Contribution
    # Names of what it has in common with others, from traits.alike().
    alike: frozenset[str] = frozenset()

    @cached_property
    def folded(self) -> Folded:
        return fold(self.contribution.text)

    @cached_property
    def hosts(self) -> list[str]:
        """Hosts that are neither ours nor of somebody we know."""
        return hosts.strange_in(self.folded.text)

    @cached_property
    def hosts_before(self) -> set[str]:
        return set(hosts.found_in(fold(self.contribution.before).text))

    @property
    def author(self) -> Member | None:
        return self.contribution.author


@dataclass(frozen=True)
class Rule:
    """One thing that may stand out. ``strong`` alone holds what a member writes."""

    name: str
    weight: float
    strong: bool
    reason: Any
    holds: Callable[[Seen], bool]


def _phrase(name: str) -> Callable[[Seen], bool]:
    return lambda seen: PHRASES[name].search(seen.folded.joined) is not None


def _shouts(seen: Seen) -> bool:
    letters = LETTER.findall(seen.contribution.text[:LOOKED_AT])
    capitals = sum(letter.isupper() for letter in letters)
    return len(letters) >= SHORT and capitals > SHOUTING * len(letters)


def _young(seen: Seen) -> bool:
    author = seen.author
    return author is not None and (timezone.now() - author.date_joined).total_seconds() < YOUNG


def _fast(seen: Seen) -> bool:
    seconds = seen.contribution.seconds
    return seconds is not None and seconds < FASTEST and len(seen.contribution.text) > SHORT


def _link_later(seen: Seen) -> bool:
    return bool(seen.contribution.before) and not seen.hosts_before.issuperset(seen.hosts)


_ALL = [
    Rule(
        "shady_trade",
        5,
        True,
        _("Offers what advertisements for shady trades offer."),
        _phrase("shady_trade"),
    ),
    Rule(
        "markup",
        5,
        True,
        _("Links in a form that only works on other sites."),
        lambda seen: MARKUP.search(seen.folded.text) is not None,
    ),
    Rule(
        "same_text",
        5,
        True,
        _("Others have sent the same text."),
        lambda seen: "text" in seen.alike,
    ),
    Rule(
        "same_host",
        4,
        True,
        _("Several new accounts link to the same host."),
        lambda seen: "host" in seen.alike,
    ),
    Rule(
        "official_website",
        4,
        True,
        _("Sends readers to a website, as advertisements do."),
        _phrase("official_website"),
    ),
    Rule(
        "hidden_letters",
        4,
        True,
        _("Invisible characters hide inside words."),
        lambda seen: seen.folded.hidden > 1,
    ),
    Rule(
        "mixed_alphabets",
        4,
        True,
        _("Words mix alphabets that look alike."),
        lambda seen: seen.folded.disguised > 1,
    ),
    Rule(
        "scattered",
        4,
        True,
        _("Characters are set apart one by one."),
        lambda seen: seen.folded.scattered,
    ),
    Rule(
        "disguised_contact",
        3,
        True,
        _("A contact in disguise, such as 薇信."),
        lambda seen: DISGUISED_HANDLE.search(seen.folded.joined) is not None,
    ),
    Rule("many_links", 3, True, _("Many links."), lambda seen: len(seen.hosts) >= MANY_LINKS),
    Rule("link_later", 3, True, _("A link was added in an edit."), _link_later),
    Rule(
        "own_text",
        3,
        True,
        _("The author has sent the same text before."),
        lambda seen: "own" in seen.alike,
    ),
    Rule("fast", 3, False, _("Sent faster than people type."), _fast),
    Rule(
        "contact",
        2,
        False,
        _("Names a contact: WeChat, QQ, a phone number, an address."),
        lambda seen: any(pattern.search(seen.folded.joined) for pattern in (HANDLE, PHONE, MAIL)),
    ),
    Rule("salesman", 2, False, _("Speaks as salesmen do."), _phrase("salesman")),
    Rule(
        "other_host",
        2,
        False,
        _("Names a host that we do not know."),
        lambda seen: bool(seen.hosts),
    ),
    Rule("shouts", 1, False, _("Mostly capitals."), _shouts),
    Rule("young", 1, False, _("The account is not a day old."), _young),
]
RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}


def broken(seen: Seen, off: Iterable[str] = ()) -> list[Rule]:
    """The rules that a contribution breaks, heaviest first.

    Args:
        off: names of rules that are switched off.
    """
    without = set(off)
    return [rule for rule in _ALL if rule.name not in without and rule.holds(seen)]
