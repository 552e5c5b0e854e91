"""The language of queries: words, phrases, what must not be there, and filters by name."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from .text import LONGEST_WORD, RUN, Phrase, fold, is_silent, is_word, translated

LONGEST_QUERY = 200  # characters
MOST_PHRASES = 12

# Each filter by its names; they are part of the language, so they are not translated by catalogue.
NAMES = {
    **dict.fromkeys(("author", "作者"), "author"),
    **dict.fromkeys(("category", "栏目"), "category"),
    **dict.fromkeys(("tag", "标签"), "tag"),
    **dict.fromkeys(("before", "早于"), "before"),
    **dict.fromkeys(("after", "晚于"), "after"),
    **dict.fromkeys(("title", "标题"), "title"),
    **dict.fromkeys(("in", "在"), "in"),
}
_QUOTED = r"""["“”„](?P<double>[^"“”„]+)["“”„]|「(?P<corner>[^」]+)」"""
# “F-1”, “isu.edu” and “don't” are one thing; what stands between spaces or commas is many.
_CHUNK = re.compile(
    rf"""(?P<without>(?<!\S)-(?=[\w"“「]))?(?:(?P<name>{"|".join(NAMES)}):\s?)?"""
    rf"""(?:{_QUOTED}|(?P<bare>[\w.'’@&+-]+(?:/\d+)*))""",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?年?")


@dataclass
class Asked:
    """What a query asks for; all of it must be met.

    Args:
        phrases: what must be found.
        without: what must not be there.
        author, category, tag: what of each is named so; a thing of any of them.
        before: the day on which it was not there yet.
        after: the day from which on it came.
    """

    phrases: list[Phrase] = field(default_factory=list)
    without: list[Phrase] = field(default_factory=list)
    author: list[Phrase] = field(default_factory=list)
    category: list[Phrase] = field(default_factory=list)
    tag: list[Phrase] = field(default_factory=list)
    before: date | None = None
    after: date | None = None

    def __bool__(self) -> bool:
        named = self.author or self.category or self.tag or self.before or self.after
        return bool(self.phrases or named)


def parse(query: str, typing: bool = False) -> Asked:
    """Reads a query. Anything malformed is just words; no string is an error.

    Words of three letters and more may go on; numbers, codes (F-1, 2026), what stands in quotes and
    words of two letters (CV, TA) are meant exactly.

    Args:
        typing: the last word is not finished, and may go on from two letters.
    """
    query = unicodedata.normalize("NFKC", query[:LONGEST_QUERY])
    query = "".join(char for char in query if not is_silent(char)).rstrip()
    asked = Asked()
    titles = False
    for chunk in _CHUNK.finditer(query):
        name = NAMES[chunk["name"].lower()] if chunk["name"] else ""
        value = chunk["double"] or chunk["corner"] or chunk["bare"]
        if name and not chunk["without"]:
            if name == "in" and value.lower() in {"title", "标题"}:
                titles = True
                continue
            if name in {"before", "after"} and (day := _day(value)):
                setattr(asked, name, day)
                continue
            found = list(_phrases(chunk, query, typing=False))
            if name == "title" and found:
                asked.phrases += [replace(phrase, in_title=True) for phrase in found]
                continue
            if name in {"author", "category", "tag"} and found:
                getattr(asked, name).extend(found)
                continue
        found = list(_phrases(chunk, query, typing))
        if chunk["name"]:
            found = [*_words(chunk["name"], False), *found]
        if chunk["without"] and not chunk["name"]:
            asked.without += [replace(phrase, open=False, bare=False) for phrase in found]
        else:
            asked.phrases += found
    if titles:
        asked.phrases = [replace(phrase, in_title=True) for phrase in asked.phrases]
    if not asked:  # nothing but what must not be there: then it is what is looked for
        asked.phrases, asked.without = asked.without, []
    asked.phrases = list(dict.fromkeys(asked.phrases))[:MOST_PHRASES]
    asked.without = asked.without[:MOST_PHRASES]
    return asked


def phrases(query: str) -> list[Phrase]:
    """Only the phrases that a query asks for."""
    return parse(query).phrases


def _phrases(chunk: re.Match[str], query: str, typing: bool) -> Iterator[Phrase]:
    if quoted := chunk["double"] or chunk["corner"]:
        if folded := fold(quoted):
            yield Phrase(folded)
    else:
        yield from _words(chunk["bare"], typing and chunk.end() == len(query))


def _words(chunk: str, typing: bool) -> Iterator[Phrase]:
    runs = RUN.findall(translated(chunk))
    for of_words, group in itertools.groupby(runs, key=is_word):
        some = [run[:LONGEST_WORD] if of_words else run for run in group]
        if of_words:
            last = some[-1]
            shortest = 2 if typing and last == runs[-1][:LONGEST_WORD] else 3
            goes_on = last.isalpha() and len(last) >= shortest
            bare = len(some) == 1 and last.isascii() and last.isalpha() and len(last) >= 2
            yield Phrase(" ".join(some), open=goes_on, bare=bare)
        else:
            yield from (Phrase(run, open=len(run) == 1) for run in some)


def _day(words: str) -> date | None:
    """The first day of a year (2026), a month (2026-03) or a day (2026-03-15, 2026年3月15日)."""
    if found := _DATE.fullmatch(words):
        try:
            return date(*(int(part or 1) for part in found.groups()))
        except ValueError:
            pass
    return None
