"""Asking: which things hold the words, in which order, and what a reader sees of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils import timezone, translation

from caisu.core.bilingual import active

from .models import Entry
from .registry import Index, Item, index_of_kind
from .text import TITLE_MARK, Phrase, Pieces, marked, phrases, snippet

MOST_HITS = 200


class Match(Func):
    """Whether the document of an entry has all terms, by the index of the database at hand."""

    output_field = BooleanField()

    def __init__(self, terms: Iterable[tuple[str, bool]]) -> None:
        super().__init__(F("pk"), F("document"))
        # Terms are letters and digits of folded text, so the quotes around them always hold.
        self.terms = list(dict.fromkeys(terms))

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        key, params = compiler.compile(self.source_expressions[0])
        query = " AND ".join(f'"{term}"{"*" * is_open}' for term, is_open in self.terms)
        found = "SELECT rowid FROM core_entry_index WHERE core_entry_index MATCH %s"
        return f"{key} IN ({found})", (*params, query)

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        document, params = compiler.compile(self.source_expressions[1])
        query = " & ".join(f"'{term}'{':*' * is_open}" for term, is_open in self.terms)
        return f"core_entry_terms({document}) @@ %s::tsquery", (*params, query)


@dataclass(frozen=True)
class Hit:
    """A thing that was found, in the language in which it will be shown."""

    kind: str
    object_id: int
    language: str


@dataclass(frozen=True)
class Results:
    """Hits, best first; ``more`` when there are others beyond MOST_HITS."""

    hits: list[Hit]
    more: bool = False


def search(query: str, audiences: Collection[str], language: str | None = None) -> Results:
    """The things that hold everything a query asks for, each once.

    Args:
        query: anything; no string is an error, and no character has a special power but quotes.
        audiences: whose things may be found, of Entry.Audience.
        language: preferred where both languages of a thing are found; by default the active one.
    """
    asked = phrases(query)
    if not asked:
        return Results([])
    terms = [term for phrase in asked for term in phrase.terms]
    rows = Entry.objects.filter(audience__in=audiences)
    for phrase in asked:
        if not phrase.is_one_term:
            # Not LIKE: the phrase is looked for as it is, character by character.
            rows = rows.filter(GreaterThan(StrIndex("document", Value(phrase.wanted)), 0))
    in_title = Match((TITLE_MARK + term, is_open) for term, is_open in terms)
    found = _newest(rows.filter(in_title), MOST_HITS + 1)
    if len(found) <= MOST_HITS:
        others = rows.filter(Match(terms)).exclude(pk__in=[row[0] for row in found])
        found += _newest(others, MOST_HITS + 1 - len(found))
    hits = _ordered(found[:MOST_HITS], asked, language or active())
    return Results(hits, more=len(found) > MOST_HITS)


def _newest(rows: QuerySet, number: int) -> list[tuple]:
    rows = rows.order_by("-published_at", "-pk")
    return list(
        rows.values_list("pk", "kind", "object_id", "language", "published_at", "document")[:number]
    )


def _ordered(found: list[tuple], asked: list[Phrase], language: str) -> list[Hit]:
    """Each thing once, best first, by arithmetic of our own: the same on both databases."""
    today = timezone.now().date()
    ranked = sorted(
        (
            -score(document, published_at.date(), asked, today),
            -published_at.timestamp(),
            -pk,
            kind,
            object_id,
            code,
        )
        for pk, kind, object_id, code, published_at, document in found
    )
    languages: dict[tuple[str, int], list[str]] = {}
    for *_rank, kind, object_id, code in ranked:
        languages.setdefault((kind, object_id), []).append(code)
    return [
        Hit(kind, object_id, language if language in codes else codes[0])
        for (kind, object_id), codes in languages.items()
    ]


def score(document: str, published: date, asked: list[Phrase], today: date) -> float:
    """How well a document answers, larger is better.

    For each phrase up to 2 when the title has it and up to 1 for how often the text does; half of
    that for words that only begin so. 1 more when the title is just what was asked, and up to 0.5
    for newness, halved after a year.
    """
    title, _newline, text = document.partition("\n")
    points = 0.0
    for phrase in asked:
        often = phrase.count(text)
        points += 2 * min(1.0, phrase.count(title)) + often / (often + 1.5)
    points /= len(asked)
    if title.split() == [run for phrase in asked for run in phrase.needle.split()]:
        points += 1
    years = max(0, (today - published).days) / 365
    return points + 0.5 / (1 + years)


@dataclass(frozen=True)
class Found:
    """What a reader sees of a hit."""

    kind: str
    label: str
    url: str
    language: str
    published_at: datetime
    title: Pieces
    passage: Pieces


def show(hits: Iterable[Hit], query: str, audiences: Collection[str]) -> list[Found]:
    """Reads the things behind some hits, one query for each kind.

    A thing that is gone, or that the audiences may not read any more, is left out, whatever the
    index says: nothing of it is shown.
    """
    hits = list(hits)
    asked = phrases(query)
    things: dict[str, dict[int, Any]] = {}
    for kind in dict.fromkeys(hit.kind for hit in hits):
        if index := index_of_kind(kind):
            ids = [hit.object_id for hit in hits if hit.kind == kind]
            things[kind] = {thing.pk: thing for thing in index.queryset().filter(pk__in=ids)}
    found = []
    for hit in hits:
        index, thing = index_of_kind(hit.kind), things.get(hit.kind, {}).get(hit.object_id)
        if index is None or thing is None:
            continue
        items = {item.language: item for item in index.entries(thing) if item.audience in audiences}
        if hit.language in items:
            found.append(_found(index, thing, items, hit.language, asked))
    return found


def _found(
    index: Index, thing: Any, items: dict[str, Item], language: str, asked: list[Phrase]
) -> Found:
    item = items[language]
    # A thing in both languages leads to the one with the words; one in a single language stays in
    # the reader's own pages, which say so.
    page = language if active() in items else active()
    with translation.override(page or active()):
        url = index.url(thing)
    return Found(
        kind=index.kind,
        label=index.label,
        url=url,
        language=language,
        published_at=item.published_at,
        title=marked(item.title, asked),
        passage=snippet(item.text, asked),
    )
