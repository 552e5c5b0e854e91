"""Asking: which things hold the words, in which order, and what a reader sees of them."""

from __future__ import annotations

import json
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Left, StrIndex, Trim
from django.db.models.lookups import GreaterThan
from django.utils import timezone, translation

from caisu.core.bilingual import active

from .asking import Asked, parse
from .models import Entry
from .registry import Index, Item, index_of_kind
from .text import (
    AUTHOR_MARK,
    EXACT,
    KIND_MARK,
    TAG_MARK,
    TITLE_MARK,
    Form,
    Phrase,
    Pieces,
    category_term,
    in_class,
    marked,
    snippet,
)

MOST_HITS = 200
# Rows that are looked at for totals and for order by date; of what has more, only the newest are.
MANY = 3000
OFTEN = 40_000  # what is met so often that PostgreSQL reads texts from the newest on
FEW = 2000  # rows among which suggestions are chosen
MOST_NAMED = 50  # members, categories or tags that one filter of a query may mean

Groups = list[list[Form]]


class Match(Func):
    """Whether a document has one form of each group, by the index of the database at hand.

    Args:
        one_by_one: SQLite looks each row up among those that its index found, instead of the rows
            that it found: rows are then read in the order of another index.
    """

    output_field = BooleanField()

    def __init__(self, groups: Groups, one_by_one: bool = False) -> None:
        super().__init__(F("pk"), F("document"))
        self.one_by_one = one_by_one
        # Forms are letters, digits and our own marks, so the quotes around them always hold.
        self.groups = [list(group) for group in dict.fromkeys(map(tuple, groups))]

    def written(self, term: Callable[[Form], str], or_: str, and_: str) -> str:
        """The query in the language of an index."""
        return and_.join("(" + or_.join(map(term, group)) + ")" for group in self.groups)

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        key, params = compiler.compile(self.source_expressions[0])
        found = "SELECT rowid FROM core_entry_index WHERE core_entry_index MATCH %s"
        query = self.written(lambda form: f'"{form.string}"{"*" * form.open}', " OR ", " AND ")
        return f"{'+' * self.one_by_one}{key} IN ({found})", (*params, query)

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        document, params = compiler.compile(self.source_expressions[1])
        query = self.written(
            lambda form: f"'{in_class(form.string)}'{':*' * form.open}", " | ", " & "
        )
        sql, params = f"core_entry_terms({document}) @@ %s::tsquery", (*params, query)
        for group in self.groups:
            # This index knows only the class of the second character.
            if in_class(group[0].string) != group[0].string:
                pair = group[0].string.removeprefix(TITLE_MARK)
                where = (
                    document if pair == group[0].string else f"split_part({document}, E'\\n', 1)"
                )
                sql, params = f"{sql} AND strpos({where}, %s) > 0", (*params, pair)
        return f"({sql})", params


@dataclass(frozen=True)
class Hit:
    """A thing that was found, in the language in which it will be shown."""

    kind: str
    object_id: int
    language: str


@dataclass(frozen=True)
class Filters:
    """What a reader narrows results down to, by what each row says; empty: everything."""

    kind: str = ""
    category: str = ""
    year: int = 0
    language: str = ""


@dataclass(frozen=True)
class Results:
    """Hits, best first, at most MOST_HITS.

    Args:
        total: how many things there are; None when there are more than anybody counts.
        counts: for each field of Filters, how many things have each of its values, most first.
    """

    hits: list[Hit]
    total: int | None = 0
    counts: dict[str, list[tuple[Any, int]]] = field(default_factory=dict)


# What is read of each row that was found: enough to count it, and to put it into its place in time.
# The date as the database writes it, in UTC: it has the same order, and is not made into an object.
WHEN = Cast("published_at", TextField())
LEAN = ("pk", "kind", "object_id", "language", "category", WHEN)


def search(
    query: str,
    audiences: Collection[str],
    language: str | None = None,
    filters: Filters = Filters(),
) -> Results:
    """The things that hold everything a query asks for, each once.

    Args:
        query: anything, in the language of ``asking``; no string is an error.
        audiences: whose things may be found, of Entry.Audience.
        language: preferred where both languages of a thing are found; by default the active one.
        filters: what else must be true of them.
    """
    asked = parse(query)
    named = _named(asked, audiences)
    if not asked or named is None:
        return Results([])
    if filters.kind:
        named.append([Form(KIND_MARK + filters.kind)])
    rows = _narrowed(asked, audiences, filters)
    # Of what the reader may find alone: the index counts what is hidden too, and would tell of it.
    found = list(_found_by(rows, asked.phrases, named).values_list(*LEAN)[: MANY + 1])
    best = _best(found, rows, asked, named)
    hits = _ordered(best, asked.phrases, language or active())
    if len(found) > MANY:
        return Results(hits, None)
    things = {row[1:3] for row in found}
    return Results(hits, len(things), _counted(found))


def titled(
    query: str, audiences: Collection[str], kinds: Collection[str], number: int
) -> list[Hit]:
    """Some things of those kinds whose title has all that is asked for, best first; for suggestions."""
    asked = parse(query, typing=True)
    phrases = [replace(phrase, in_title=True) for phrase in asked.phrases]
    if not phrases:
        return []
    of_kinds = [[Form(KIND_MARK + kind) for kind in kinds]]
    rows = Entry.objects.filter(audience__in=audiences)
    keys = _found_by(rows, phrases, of_kinds).values_list(WHEN, "pk")[:FEW]
    best = _documents(pk for _at, pk in sorted(keys, reverse=True)[: 5 * number])
    # How often the text has it says nothing of the title.
    titles = [(*row, "\n\n".join(document.split("\n")[::2])) for *row, document in best]
    return _ordered(titles, phrases, active())[:number]


def ids(kind: str, query: str, audiences: Collection[str]) -> QuerySet:
    """Primary keys of all things of one kind that hold everything a query asks for, in no order.

    For a page that lists that kind by an order and by filters of its own. The index is asked: the
    time grows with the number of hits.
    """
    asked = parse(query)
    named = _named(asked, audiences)
    if not asked or named is None:
        return Entry.objects.none().values_list("object_id", flat=True)
    # Not the column as it is: SQLite would go through all things of the kind by their index,
    # instead of through those that hold the words.
    rows = _narrowed(asked, audiences).alias(its_kind=Trim("kind")).filter(its_kind=kind)
    return _found_by(rows, asked.phrases, named).values_list("object_id", flat=True)


def holds(kind: str, query: str, audiences: Collection[str], key: Any) -> Exists:
    """Whether one thing of a kind holds everything that a query asks for: the same as ``ids``.

    Its kept text is read, not the index: for going through many things of which many fit.

    Args:
        key: the primary key of the thing, in the query around this.
    """
    asked = parse(query)
    rows = _narrowed(asked, audiences).filter(kind=kind, object_id=key)
    named = _named(asked, audiences)
    return Exists(Entry.objects.none() if named is None else _read_by(rows, asked.phrases, named))


def _narrowed(
    asked: Asked, audiences: Collection[str], filters: Filters = Filters()
) -> QuerySet[Entry]:
    """Rows that may be found, but for the words that they must hold."""
    rows = Entry.objects.filter(audience__in=audiences)
    for name in ("category", "language"):
        if value := getattr(filters, name):
            rows = rows.filter(**{name: value})
    first, end = [asked.after], [asked.before]
    if filters.year:
        first.append(date(filters.year, 1, 1))
        end.append(date(filters.year + 1, 1, 1))
    if any(first + end):
        # As it is written, where there are words: by no index of dates, theirs shall be asked.
        has_words = asked.phrases or asked.author or asked.category or asked.tag or filters.kind
        rows = rows.alias(at=WHEN if has_words else F("published_at"))
        moment = _written if has_words else _midnight
        rows = rows.filter(*(Q(at__gte=moment(day)) for day in first if day))
        rows = rows.filter(*(Q(at__lt=moment(day)) for day in end if day))
    for phrase in asked.without:
        rows = rows.exclude(_holding(phrase.forms))
    return rows


def _midnight(day: date) -> datetime:
    zone = timezone.get_default_timezone()
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _written(day: date) -> str:
    """When a day begins here, as both databases write it."""
    return f"{_midnight(day):%Y-%m-%d %H:%M}"


def _named(asked: Asked, audiences: Collection[str]) -> Groups | None:
    """What the filters of a query mean, as forms; None when one of them means nothing.

    Members, categories and tags are found as any others are: nobody learns by a filter of whom or
    what they could not find.
    """
    ways: list[tuple[str, list[Phrase], Callable[[int, str], str]]] = [
        ("member", asked.author, lambda key, slug: f"{AUTHOR_MARK}{key}"),
        ("category", asked.category, lambda key, slug: category_term(slug)),
        ("tag", asked.tag, lambda key, slug: f"{TAG_MARK}{key}"),
    ]
    groups = []
    for kind, phrases, term in ways:
        if phrases:
            rows = Entry.objects.filter(audience__in=audiences)
            rows = _found_by(rows, phrases, [[Form(KIND_MARK + kind)]])
            found = rows.order_by("-pk").values_list("object_id", "category").distinct()
            if not (group := [Form(term(*each)) for each in found[:MOST_NAMED]]):
                return None
            groups.append(group)
    return groups


def _groups(phrases: list[Phrase], named: Groups) -> Groups:
    return [*named, *(group for phrase in phrases for group in phrase.terms)]


def _found_by(
    rows: QuerySet[Entry], phrases: list[Phrase], named: Groups, one_by_one: bool = False
) -> QuerySet[Entry]:
    """Those that hold each phrase as it stands, by the index; what is one term it decides alone."""
    if groups := _groups(phrases, named):
        rows = rows.filter(Match(groups, one_by_one))
    for phrase in phrases:
        if not phrase.is_one_term:
            # Not LIKE: the phrase is looked for as it is, character by character.
            rows = rows.filter(_holding(phrase.forms, phrase.in_title))
    return rows


def _read_by(rows: QuerySet[Entry], phrases: list[Phrase], named: Groups) -> QuerySet[Entry]:
    """The same, by reading one document after the other."""
    for group in named:
        rows = rows.filter(_holding(group))
    for phrase in phrases:
        rows = rows.filter(_holding(phrase.forms, phrase.in_title))
    return rows


def _holding(group: Iterable[Form], in_title: bool = False) -> Q:
    """Whether a document, or its title, has one of some forms."""
    title = Left("document", StrIndex("document", Value("\n")))

    def held(form: Form) -> GreaterThan:
        # Other forms of a title stand behind the text.
        where: Any = title if in_title and form.worth == EXACT else "document"
        return GreaterThan(StrIndex(where, Value(form.wanted)), 0)

    return reduce(or_, (Q(held(form)) for form in group))


def _expected(groups: Groups) -> int:
    """How many rows PostgreSQL guesses that its index has for some groups, whoever may find them."""
    if not groups:
        return OFTEN
    explained = Entry.objects.filter(Match(groups)).explain(format="json")
    plan = json.loads(explained)[0]["Plan"]
    while "Plans" in plan:  # down to the index, before any document is read
        plan = plan["Plans"][0]
    return plan["Plan Rows"]


def _best(found: list[tuple], rows: QuerySet[Entry], asked: Asked, named: Groups) -> list[tuple]:
    """The newest rows with all words in the title, then the newest of the rest, with their documents."""
    if len(found) <= min(MANY, MOST_HITS):
        return _documents(row[0] for row in found)
    titled = [replace(phrase, in_title=True) for phrase in asked.phrases]
    keys = _newest(rows, titled, named) if titled else []
    if len(keys) < MOST_HITS:
        if len(found) > MANY:
            others = _newest_of_many(rows, asked.phrases, named)
        else:
            others = [row[0] for row in sorted(found, key=lambda row: (row[-1], row[0]))[::-1]]
        keys = list(dict.fromkeys([*keys, *others]))
    return _documents(keys[:MOST_HITS])


def _newest(rows: QuerySet[Entry], phrases: list[Phrase], named: Groups) -> list[int]:
    """Keys of the newest rows that hold all phrases, newest first."""
    found = list(_found_by(rows, phrases, named).values_list(WHEN, "pk")[: MANY + 1])
    if len(found) > MANY:
        return _newest_of_many(rows, phrases, named)
    return [pk for _at, pk in sorted(found, reverse=True)[:MOST_HITS]]


def _newest_of_many(rows: QuerySet[Entry], phrases: list[Phrase], named: Groups) -> list[int]:
    """The same of rows so frequent that one meets them when one goes from the newest on."""
    newest_first = ("-published_at", "-pk")
    if connection.vendor == "sqlite":
        some = _found_by(rows, phrases, named, one_by_one=True)
    elif _expected(_groups(phrases, named)) < OFTEN:
        some = _found_by(rows, phrases, named).alias(written_at=WHEN)
        newest_first = ("-written_at", "-pk")  # by no index: the one of the words shall be asked
    else:
        some = _read_by(rows, phrases, named)
    return list(some.order_by(*newest_first).values_list("pk", flat=True)[:MOST_HITS])


def _documents(keys: Iterable[int]) -> list[tuple]:
    rows = Entry.objects.filter(pk__in=list(keys))
    return list(rows.values_list("pk", "kind", "object_id", "language", "published_at", "document"))


def _counted(found: list[tuple]) -> dict[str, list[tuple[Any, int]]]:
    """How many things there are of each kind, in each category, year and language."""
    years = range(1990, timezone.now().year + 2)
    starts = [_written(date(year, 1, 1)) for year in years]
    things = {(row[1], row[2]): row for row in found}.values()
    counts = {
        "kind": Counter(row[1] for row in things),
        "category": Counter(row[4] for row in things),
        "year": Counter(1989 + bisect(starts, row[5]) for row in things),
        "language": Counter(row[3] for row in found),
    }
    ranked = {}
    for name, counter in counts.items():
        some = [(value, number) for value, number in counter.items() if value]
        by_number = sorted(some, key=lambda each: (-each[1], str(each[0])))
        ranked[name] = sorted(some, reverse=True) if name == "year" else by_number
    return ranked


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

    For each phrase up to 2 when the title has it and up to 1 for how often the text does; less by
    its stem, less still by its sound, and half for words that only begin so. 1 more when the title
    is just what was asked, and a quarter by how much of it is; half a point where the words stand
    together in the title as they were asked for, a fifth in the text; and up to 0.5 for newness,
    halved after a year.
    """
    title, text, title_forms, text_forms = (*document.split("\n"), "", "", "")[:4]
    points = covered = 0.0
    for phrase in asked:
        in_title = often = 0.0
        for form in phrase.forms:
            own = form.worth == EXACT  # other forms are kept beside title and text, or are a word
            there = form.count(title) + (0 if own else form.count(title_forms))
            in_title = max(in_title, form.worth * min(1.0, there))
            there = form.count(text) + (0 if own else form.count(text_forms))
            often = max(often, form.worth * there)
        points += 2 * in_title + often / (often + 1.5)
        covered += in_title * len(phrase.needle)
    points /= len(asked) or 1
    if title.split() == [run for phrase in asked for run in phrase.needle.split()]:
        points += 1
    points += min(1.0, covered / (len(title) or 1)) / 4
    if len(asked) > 1:
        together = " ".join(phrase.needle for phrase in asked)
        points += 0.5 * (together in title) or 0.2 * (together in text)
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
    asked = parse(query).phrases
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
        passage=snippet(item.read(), asked),
    )
