"""One tokeniser for everything: what is kept, what is asked, what is marked.

Chinese has no spaces between words, and every dictionary misses names. So Han characters are
indexed as overlapping pairs (春节晚会 → 春节 节晚 晚会 会), words of other scripts as they are. The
pairs only narrow the search: the database then looks for the whole phrase in the kept document,
which is folded in the same way. So a phrase is found exactly where it stands.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Scripts from here on are written without spaces (Han, kana) or short enough to be paired (Hangul).
PAIRED = "\u3000-\U0010ffff"
RUN = re.compile(rf"[{PAIRED}]+|[^\s{PAIRED}]+")
# Marks a term of the title. Folded text never holds it, so no query can ask for it by accident.
TITLE_MARK = "·"
LONGEST_WORD = 40  # characters; longer "words" are keys and noise, known by their beginning
LONGEST_DOCUMENT = 100_000  # characters; PostgreSQL takes 1 MB of different terms in one document
LONGEST_QUERY = 200  # characters
MOST_PHRASES = 12

Pieces = list[tuple[bool, str]]


class _Folding(dict):
    """Code point → what it is searched as; for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(char for char in plain if not _is_silent(char)).casefold()
        plain = unicodedata.normalize("NFKC", plain)
        folded = "".join(
            char if char.isalnum() else "" if _is_silent(char) else " " for char in plain
        )
        if not folded and not _is_silent(chr(code)):
            folded = " "
        if len(self) < 50_000:  # strangers choose the characters: never keep all of Unicode
            self[code] = folded
        return folded


def _is_silent(char: str) -> bool:
    """An accent, or a character without width: é is searched as e, and 春\u200b节 as 春节."""
    return unicodedata.category(char) in {"Mn", "Me", "Cf"}


_folding = _Folding()


def normal(text: str) -> str:
    """Text with each letter and its accents in one character (NFC)."""
    return unicodedata.normalize("NFC", text)


def _translate(text: str) -> str:
    return normal(text).translate(_folding)


def fold(text: str) -> str:
    """Text as it is searched: runs of one kind of script, one space between them.

    Compatibility forms (NFKC), case and accents are folded; everything that is neither letter nor
    digit becomes a space. Any ``str`` is good, lone surrogates too.
    """
    return " ".join(
        run[:LONGEST_WORD] if _is_word(run) else run for run in RUN.findall(_translate(text))
    )


def _is_word(run: str) -> bool:
    return run[0] < "\u3000"


def document(title: str, text: str) -> str:
    """What is kept of a thing: its folded title on the first line, its folded text on the second.

    The spaces around each line let a whole word be looked for as `` word ``.
    """
    text = fold(text[:LONGEST_DOCUMENT])[:LONGEST_DOCUMENT]
    return f" {fold(title[:1000])} \n {text} "


def tokens(folded: str) -> Iterator[str]:
    """Terms of folded text: words as they are, each Han character with the one after it."""
    for run in folded.split():
        if _is_word(run):
            yield run
        else:
            for start in range(len(run)):
                yield run[start : start + 2]


def terms(kept: str) -> str:
    """All terms of a document, separated by spaces; those of its title a second time, marked.

    SQLite's triggers call this. PostgreSQL has the same function in its own language, see migration
    0002; a change here needs a migration that builds both indexes anew.
    """
    found = dict.fromkeys(tokens(kept))
    found.update(dict.fromkeys(TITLE_MARK + term for term in tokens(kept.partition("\n")[0])))
    return " ".join(found)


@dataclass(frozen=True)
class Phrase:
    """Runs that must stand beside each other, as one folded string.

    Args:
        needle: folded text.
        open: the last run may go on: ``vis`` finds visa, ``节`` finds 节日.
    """

    needle: str
    open: bool = False

    @property
    def is_word(self) -> bool:
        return _is_word(self.needle)

    @property
    def ends_in_word(self) -> bool:
        return _is_word(self.needle.rsplit(" ", 1)[-1])

    @property
    def terms(self) -> list[tuple[str, bool]]:
        """Terms that narrow the search down, each with whether it may go on. Four are plenty."""
        found = []
        for run in self.needle.split():
            if _is_word(run):
                found.append((run, False))
            elif len(run) == 1:
                found.append((run, True))
            else:
                found += [
                    (run[i : i + 2], False) for i in {*range(0, len(run) - 1, 2), len(run) - 2}
                ]
        if self.open:
            found[-1] = (found[-1][0], True)
        return found[:4]

    @property
    def is_one_term(self) -> bool:
        """The index alone decides; nothing has to be looked for in the document."""
        return " " not in self.needle and (self.is_word or len(self.needle) <= 2)

    @property
    def wanted(self) -> str:
        """The string that a document must hold."""
        return " " * self.is_word + self.needle + " " * (self.ends_in_word and not self.open)

    def count(self, line: str) -> float:
        """How often a line of a document holds it; a word that goes on counts half."""
        if not (self.open and self.ends_in_word):
            return line.count(self.wanted)
        return (line.count(self.wanted) + line.count(self.wanted + " ")) / 2

    @property
    def pattern(self) -> str:
        """A regular expression over translated text, where runs are not yet set apart."""
        word = rf"[^\s{PAIRED}]"
        runs = self.needle.split()
        pattern = re.escape(runs[0])
        for before, after in itertools.pairwise(runs):
            gap = r"\s+" if _is_word(before) and _is_word(after) else r"\s*"
            pattern += gap + re.escape(after)
        if self.is_word:
            pattern = f"(?<!{word}){pattern}"
        if self.ends_in_word:
            goes_on = self.open or len(runs[-1]) == LONGEST_WORD
            pattern += f"{word}*" if goes_on else f"(?!{word})"
        return pattern


# “F-1”, “isu.edu” and “don't” are one thing; what stands between spaces or commas is many.
_CHUNK = re.compile(
    r"""["“”„](?P<double>[^"“”„]+)["“”„]|「(?P<corner>[^」]+)」|(?P<bare>[\w.'’@&+-]+)"""
)


def phrases(query: str) -> list[Phrase]:
    """What a query asks for; all of it must be found. Anything malformed is just words.

    Words of three letters and more may go on, and one that is still being typed from two letters;
    numbers, codes (F-1, 2026) and what stands in quotes are meant exactly.
    """
    query = unicodedata.normalize("NFKC", query[:LONGEST_QUERY])
    query = "".join(char for char in query if not _is_silent(char)).rstrip()
    found: list[Phrase] = []
    for chunk in _CHUNK.finditer(query):
        if quoted := chunk["double"] or chunk["corner"]:
            if folded := fold(quoted):
                found.append(Phrase(folded))
            continue
        runs = RUN.findall(_translate(chunk["bare"]))
        for is_word, group in itertools.groupby(runs, key=_is_word):
            if is_word:
                words = [word[:LONGEST_WORD] for word in group]
                shortest = 2 if words[-1] == runs[-1] and chunk.end() == len(query) else 3
                goes_on = words[-1].isalpha() and len(words[-1]) >= shortest
                found.append(Phrase(" ".join(words), open=goes_on))
            else:
                found += [Phrase(run, open=len(run) == 1) for run in group]
    return list(dict.fromkeys(found))[:MOST_PHRASES]


def _spans(text: str, asked: list[Phrase]) -> list[tuple[int, int]]:
    """Where the phrases stand in NFC text, as (start, end) in characters."""
    if not asked:
        return []
    translated = text.translate(_folding)
    pattern = re.compile(
        "|".join(f"(?:{p.pattern})" for p in sorted(asked, key=lambda p: -len(p.needle)))
    )
    spans = [hit.span() for hit in pattern.finditer(translated)]
    if not spans or len(translated) == len(text):
        return spans
    # Some character folds to none or to several (ß → ss, ¾ → 3 4): count where each one begins.
    origin = [i for i, char in enumerate(text) for _ in _folding[ord(char)]]
    spans = [(origin[start], origin[end - 1] + 1) for start, end in spans]
    # Two hits within one character are one.
    return [span for i, span in enumerate(spans) if i == 0 or span[0] >= spans[i - 1][1]]


def marked(text: str, asked: list[Phrase]) -> Pieces:
    """The whole text in pieces, each with whether it was asked for; the template writes <mark>."""
    text = normal(text)
    pieces, at = [], 0
    for start, end in _spans(text, asked):
        pieces += [(False, text[at:start]), (True, text[start:end])]
        at = end
    pieces.append((False, text[at:]))
    return [piece for piece in pieces if piece[1]]


def snippet(text: str, asked: list[Phrase], width: int = 160) -> Pieces:
    """The passage of about ``width`` characters that shows most of what was asked, in pieces."""
    text = normal(" ".join(text.split()))
    spans = _spans(text, asked)[:50]
    start = 0
    if spans and len(text) > width:
        best = max(
            (first for first, _end in spans), key=lambda first: _shown(text, spans, first, width)
        )
        start = max(0, min(best - width // 4, len(text) - width))
    end = start + width
    # Not in the middle of a word: Chinese has none to spoil.
    while 0 < start < len(text) and _splits(text, start) and start > end - width - 20:
        start -= 1
    while end < len(text) and _splits(text, end) and end > start + width // 2:
        end -= 1
    pieces: Pieces = [(False, "…")] if start else []
    pieces += marked(text[start:end].strip(), asked)
    if end < len(text):
        pieces.append((False, "…"))
    return pieces


def _shown(text: str, spans: list[tuple[int, int]], first: int, width: int) -> int:
    """How many different hits a passage shows that has a quarter of its width before ``first``."""
    end = first + width * 3 // 4
    return len({text[a:b].casefold() for a, b in spans if first <= a < end})


def _splits(text: str, at: int) -> bool:
    """Whether a cut before ``at`` goes through a word."""
    return all(char.isalnum() and _is_word(char) for char in text[at - 1 : at + 1])
