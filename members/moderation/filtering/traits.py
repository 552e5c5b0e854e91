"""What contributions have in common: the same words, a host, a network, the hour of sign-up.

Kept as rows of Trait for some weeks. They tell a rule that many say the same, and they let like things
stand together in the queue.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from hashlib import blake2b
from heapq import nsmallest

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from members.mailboxes import network
from members.models import Member

from ..models import Case, Trait
from ..scoring import domain_of, says_something
from . import hosts
from .contribution import Contribution
from .folding import Folded, fold

KEPT = timedelta(days=30)
# So many accounts link to a host, none of them with a record, and it is no accident.
NEWCOMERS_TO_A_HOST = 2
MOST_HOSTS = 10
# So many accounts of one hour are a crowd.
CROWD = 4
MOST_LOOKED_AT = 200  # things with the same trait; more say nothing more
# MinHash of word triples, or of five Han characters (Broder 1997): BANDS keys of ROWS minima each.
# Texts that have seven tenths of these in common share a band with a probability of 0.97, those that
# have a tenth with 0.01.
BANDS, ROWS = 8, 3
SHINGLE_OF_WORDS, SHINGLE_OF_HAN = 3, 5
MOST_SHINGLES = 400
# Shorter texts are alike by chance: "Thank you".
SHORTEST = 20
# What changes from one copy to the next.
CHANGING = re.compile(r"(?:https?://|www\.)\S+|\d+")
PIECES = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")
# The strongest first: by which things are put together in the queue.
TOGETHER = ("text", "host", "net", "hour")


def _shingles(text: str) -> set[str]:
    pieces = PIECES.findall(CHANGING.sub(" ", text))
    han = sum(len(piece) == 1 and piece > "\u3400" for piece in pieces)
    size = SHINGLE_OF_HAN if 2 * han > len(pieces) else SHINGLE_OF_WORDS
    return {" ".join(pieces[at : at + size]) for at in range(max(1, len(pieces) - size + 1))}


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


# Multipliers make of one hash as many independent ones as are wanted.
_PRIME = (1 << 61) - 1
_SEEDS = [(_number(f"a{n}") % _PRIME | 1, _number(f"b{n}") % _PRIME) for n in range(BANDS * ROWS)]


def bands(folded: Folded) -> list[str]:
    """Keys of which texts that say about the same share at least one; none for a short text."""
    text = folded.joined.strip()
    if len(text) < SHORTEST:
        return []
    # Of a long text the same sample in every process and in every copy: the lowest numbers.
    hashes = nsmallest(MOST_SHINGLES, map(_number, _shingles(text)))
    minima = [min((a * each + b) % _PRIME for each in hashes) for a, b in _SEEDS]
    rows = [minima[at : at + ROWS] for at in range(0, len(minima), ROWS)]
    return [f"text:{n}:{_number(repr(row)):016x}" for n, row in enumerate(rows)]


def of(contribution: Contribution, folded: Folded | None = None) -> list[str]:
    """The keys of a contribution."""
    folded = folded or fold(contribution.text)
    named = hosts.strange_in(folded.text)
    keys = bands(folded)
    keys += dict.fromkeys(f"host:{hosts.registered(host)}"[:120] for host in named[:MOST_HOSTS])
    if home := network(contribution.address or None):
        keys.append(f"net:{home}")
    author = contribution.author
    if author is not None and not author.approved_count:
        keys.append(f"hour:{author.date_joined:%Y%m%d%H}")
    return list(dict.fromkeys(keys))


def keep(subject: models.Model, contribution: Contribution, keys: Iterable[str]) -> None:
    """Keeps the traits of ``subject``; those of its text in place of what it said before."""
    kind = ContentType.objects.get_for_model(subject)
    if contribution.before:
        said = models.Q(key__startswith="text:") | models.Q(key__startswith="host:")
        Trait.objects.filter(said, content_type=kind, object_id=subject.pk).delete()
    Trait.objects.bulk_create(
        [
            Trait(key=key, author=contribution.author, content_type=kind, object_id=subject.pk)
            for key in keys
        ],
        ignore_conflicts=True,
    )


def alike(contribution: Contribution, keys: Iterable[str]) -> frozenset[str]:
    """What others have in common with a contribution: ``text``, ``own`` text, ``host``. One query.

    A host counts when several accounts without a record name it; a text when another account has
    sent it, ``own`` when its author has sent it elsewhere.
    """
    asked = [key for key in keys if key.startswith(("text:", "host:"))]
    if not asked:
        return frozenset()
    rows = Trait.objects.filter(key__in=asked, at__gte=timezone.now() - KEPT)
    if contribution.subject is not None and contribution.subject.pk:
        kind = ContentType.objects.get_for_model(contribution.subject)
        rows = rows.exclude(content_type=kind, object_id=contribution.subject.pk)
    author = contribution.author.pk if contribution.author else None
    found, newcomers = set(), {author}
    values = rows.order_by("-at").values_list("key", "author", "author__approved_count")
    for key, by, approved in values[:MOST_LOOKED_AT]:
        if key.startswith("text:"):
            found.add("own" if by == author and by is not None else "text")
        elif not approved:
            newcomers.add(by)
    has_record = contribution.author is not None and contribution.author.approved_count
    if not has_record and len(newcomers) >= NEWCOMERS_TO_A_HOST:
        found.add("host")
    return frozenset(found)


def group_of(case: Case, keys: Iterable[str]) -> str:
    """The group of open cases to which ``case`` belongs by its strongest trait; its own if none.

    Groups that it ties together become one. Networks where trusted members were seen tie nothing: a
    dormitory shares its address. Neither does an hour in which few came.
    """
    keys = list(keys)
    for kind in TOGETHER:
        some = [key for key in keys if key.startswith(f"{kind}:")]
        if not some or (kind == "net" and _has_trusted(some)):
            continue
        found = _open_with(some, case)
        if kind == "hour" and len({case.member_id, *(member for _g, member in found)}) < CROWD:
            continue
        groups = list(dict.fromkeys(group for group, _member in found))
        if len(groups) > 1:
            Case.objects.open().filter(group__in=groups[1:]).update(group=groups[0])
        if groups:
            return groups[0]
    return str(case.pk)


def _waits() -> models.Q:
    """Of traits: whether what they are about waits, or is itself a case that is open.

    A report about the site is about nothing that we have: its case stands for it.
    """
    kind, pk = models.OuterRef("content_type"), models.OuterRef("object_id")
    about = models.Exists(Case.objects.open().filter(content_type=kind, object_id=pk))
    itself = models.Exists(Case.objects.open().filter(pk=pk))
    of_cases = models.Q(content_type=ContentType.objects.get_for_model(Case))
    return models.Q(about) | of_cases & models.Q(itself)


def _open_with(keys: list[str], case: Case) -> list[tuple[str, int | None]]:
    """Group and member of the other open cases with one of ``keys``, the oldest first."""
    cases = ContentType.objects.get_for_model(Case).pk
    own = (case.content_type_id, case.object_id) if case.object_id else (cases, case.pk)
    rows = Trait.objects.filter(_waits(), key__in=keys)
    rows = rows.exclude(content_type=own[0], object_id=own[1]).order_by("at", "pk")
    subjects = defaultdict(set)
    for kind, pk in rows.values_list("content_type", "object_id")[:MOST_LOOKED_AT]:
        subjects[kind].add(pk)
    if not subjects:
        return []
    which = models.Q(pk__in=subjects.pop(cases, ()))
    for kind, pks in subjects.items():
        which |= models.Q(content_type=kind, object_id__in=pks)
    found = Case.objects.open().filter(which).exclude(pk=case.pk).exclude(group="")
    return list(found.order_by("since", "pk").values_list("group", "member"))


def _has_trusted(keys: list[str]) -> bool:
    rows = Trait.objects.filter(key__in=keys).select_related("author").order_by("-at")
    return any(row.author.is_trusted for row in rows[:MOST_LOOKED_AT] if row.author)


def put_in_group(case: Case, keys: Iterable[str]) -> None:
    """Files an open case among those like it."""
    group = group_of(case, keys)
    if group != case.group:
        case.group = group
        case.save(update_fields=["group"])


def of_signup(member: Member) -> list[str]:
    """The keys of a newcomer: where from, with which mail domain, in which hour."""
    keys = [f"hour:{member.date_joined:%Y%m%d%H}"]
    if home := network(member.signed_up_from):
        keys.append(f"net:{home}")
    if says_something(domain := domain_of(member)):
        keys.append(f"host:{hosts.registered(domain)}")
    return keys


def prune() -> int:
    """Forgets what is older than KEPT, unless its case is still open. Returns how many rows."""
    old = Trait.objects.filter(at__lt=timezone.now() - KEPT).exclude(_waits())
    return old.delete()[0]
