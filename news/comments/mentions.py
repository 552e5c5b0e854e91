"""Who is mentioned in a comment: whom it leads to, who hears of it, whom one may choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.urls import reverse

from caisu.core import markup
from caisu.core.fulltext.asking import LONGEST_QUERY
from members import findable
from members.models import Member

from .models import Comment

MOST = 10  # of one comment that become links and hear of it; more is a way to bother people
OFFERED = 8


def handles(comment: Comment) -> list[str]:
    """The handles that a comment mentions, at most MOST."""
    return markup.mentions(comment.body)[:MOST]


def _by_handle(members: Any, wanted: Iterable[str]) -> Any:
    """Pairs of a handle and the primary key and handle of whose it is, or was: one query."""
    wanted = list(wanted)
    current = members.filter(username__in=wanted).annotate(called=F("username"))
    former = members.filter(former_handles__handle__in=wanted).annotate(
        called=F("former_handles__handle")
    )
    fields = ("called", "pk", "username")
    return current.values_list(*fields).union(former.values_list(*fields))


def mentioned(comment: Comment) -> set[int]:
    """Primary keys of the members whom a comment mentions in its author's own words."""
    if not (wanted := handles(comment)):
        return set()
    return {pk for _called, pk, _handle in _by_handle(Member.objects.all(), wanted)}


def link(comments: Iterable[Comment], reader: Any) -> None:
    """Lets comments link to those they mention whom ``reader`` may see; one query for all of them."""
    named = {
        comment: markup.mentions(comment.body, quoted=True)[:MOST]
        for comment in comments
        if "@" in comment.body or "＠" in comment.body
    }
    wanted = {handle for some in named.values() for handle in some}
    if not wanted:
        return
    seen = {
        called: reverse("members:profile", args=[handle])
        for called, _pk, handle in _by_handle(Member.objects.visible_to(reader), wanted)
    }
    for comment, some in named.items():
        comment.people = {handle: seen[handle] for handle in some if handle in seen}


def offered(query: str, but: Member) -> list[Member]:
    """At most OFFERED members whom any full member may see, by the beginning of handle or name.

    Args:
        query: as it was typed, of the handle, the name, its pinyin or initials.
        but: who asks, and needs not mention themselves.
    """
    query = query.replace("\0", "").strip()[:LONGEST_QUERY]  # no database takes NUL
    if not query:
        return []
    others = Member.objects.listed().exclude(pk=but.pk).only("username", "display_name")
    found = list(others.filter(username__startswith=query.lower()).order_by("username")[:OFFERED])
    if len(found) < OFFERED:
        more = findable.among(others, query).exclude(pk__in=[member.pk for member in found])
        found += more.order_by("-pk")[: OFFERED - len(found)]
    return found
