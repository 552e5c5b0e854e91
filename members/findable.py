"""How members are found: by display name, its pinyin and initials, and by handle; by nothing private."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import OuterRef, Q, QuerySet
from pypinyin import Style, pinyin

from caisu.core import fulltext
from caisu.core.fulltext import Index, Item
from caisu.core.fulltext.models import Entry
from caisu.core.models import Audience

from .models import Member

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
LONGEST_RUN = 8  # characters; the longest names are two surnames and a given name, or transcribed
FEW = 500


class MemberIndex(Index):
    kind = "member"

    def entries(self, member: Member) -> Iterator[Item]:
        if member.standing == Member.Standing.LEFT:
            return
        stays = member.is_full_member and member.leaves_at is None
        is_listed = stays and member.visibility != Audience.NOBODY
        yield Item(
            language="",
            title=member.display_name,
            text=f"@{member.username}",
            keys=name_keys(member.display_name),
            published_at=member.date_joined,
            # The desk alone finds who is hidden, waits or is closed out.
            audience=member.audience if is_listed else Entry.Audience.STAFF,
        )


def name_keys(name: str) -> str:
    """What people type for the Chinese in a name: 张伟 → ``zhang wei zhangwei zw``.

    Each syllable, all that begin at one of them and go on to the end (so that the given name alone
    is found), and the initials. A surname is read in every way it can be (单: dan, shan), and ü is
    also written v, u and yu, as on keyboards and in passports.
    """
    keys: list[str] = []
    for run in HAN.findall(name):
        run = run[:LONGEST_RUN]
        readings = [_readings(char) for char in run]
        keys += [syllable for some in readings for syllable in some]
        usual = [some[0] for some in readings]
        for family_name in readings[0]:
            whole = [family_name, *usual[1:]]
            keys += ["".join(whole), "".join(syllable[:1] for syllable in whole)]
        keys += ["".join(usual[start:]) for start in range(1, len(run))]
    spelled = (key.replace("v", u) for key in keys for u in ("v", "u", "yu"))
    return " ".join(dict.fromkeys(filter(None, spelled)))


def _readings(char: str) -> list[str]:
    """All readings of a character, the usual one first; an empty one of what no dictionary has."""
    found = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    return found[0] if found else [""]


def among(members: QuerySet, query: str) -> QuerySet:
    """Those of some members whom any full member finds by a query.

    Few hits are looked up by their keys. Where there are many, the members are gone through in
    their own order, and a page of hits is soon together. Neither way grows with the community.
    """
    asked = (MemberIndex.kind, query, [Audience.EVERYONE, Audience.MEMBERS])
    hits = list(fulltext.ids(*asked)[: FEW + 1])
    if len(hits) <= FEW:
        return members.filter(pk__in=hits)
    return members.filter(fulltext.holds(*asked, OuterRef("pk")))


def at_the_desk(members: QuerySet, query: str) -> tuple[QuerySet, QuerySet]:
    """Those of some members whom staff finds by a query: also who is hidden, waits or is closed out.

    A whole handle finds its owner without the index, so from the moment it is theirs.

    Returns:
        them, once to be shown page by page and once to be counted: where there are many, neither
        database does both quickly in one way.
    """
    asked = (MemberIndex.kind, query, Entry.Audience.values)
    owners = list(Member.objects.filter(username=query.lower()).values_list("pk", flat=True))
    found = fulltext.ids(*asked)
    hits = list(found[: FEW + 1])
    if len(hits) <= FEW:
        few = members.filter(pk__in={*hits, *owners})
        return few, few
    own = Q(pk__in=owners)
    shown = members.filter(own | Q(fulltext.holds(*asked, OuterRef("pk"))))
    if not members.query.where:  # all of them: each is one row of the index, counted there
        return shown, found
    return shown, members.filter(own | Q(pk__in=found))
