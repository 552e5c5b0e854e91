"""One tokeniser for everything: what is kept, what is asked, what is marked.

Chinese has no spaces between words, and every dictionary misses names. So Han characters are
indexed as overlapping pairs (春节晚会 → 春节 节晚 晚会 会), words of other scripts as they are. The
pairs only narrow the search: the database then looks for the whole phrase in the kept document,
which is folded in the same way. So a phrase is found exactly where it stands.

Beside what stands there, a document keeps other forms by which it is found: the stems of English
words, and how the Chinese of a title sounds. They are marked, so that nothing else finds them.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from . import forms

# Scripts from here on are written without spaces (Han, kana) or short enough to be paired (Hangul).
PAIRED = "\u3000-\U0010ffff"
# Digits are runs of their own: F-1, F1 and F 1 are the same.
RUN = re.compile(rf"[{PAIRED}]+|[0-9]+|[^\s{PAIRED}0-9]+")
# The gap between two paragraphs, where the stop of the first is as wide as a character.
AFTER_STOP = re.compile(r"(?<=[。，、；：？！）」』》…]) ")
# Marks of terms of the title, of stems and sounds, and of what a thing is filtered by. Folded text
# never holds one, so no query can ask for it by accident. None is ASCII, where SQLite would split.
TITLE_MARK, STEM_MARK, SOUND_MARK = "·", "≈", "♪"
KIND_MARK, CATEGORY_MARK, AUTHOR_MARK, TAG_MARK = "※", "¤", "¶", "§"
LONGEST_WORD = 40  # characters; longer "words" are keys and noise, known by their beginning
LONGEST_DOCUMENT = 100_000  # characters; PostgreSQL takes 1 MB of different terms in one document
SOUND_LETTERS = 6  # by which an index knows a sound; the rest is looked for in the document
LONGEST_SOUNDED = 200  # characters; titles and names, no more, are also marked by their pinyin

Pieces = list[tuple[bool, str]]


def _simplified() -> dict[int, int]:
    lines = Path(__file__).with_name("traditional.txt").read_text("utf-8").splitlines()
    return str.maketrans(*lines[-2:])


_SIMPLIFIED = _simplified()


class _Folding(dict):
    """Code point → what it is searched as; for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(char for char in plain if not is_silent(char)).casefold()
        plain = unicodedata.normalize("NFKC", plain).translate(_SIMPLIFIED)
        folded = "".join(
            char if char.isalnum() else "" if is_silent(char) else " " for char in plain
        )
        if not folded and not is_silent(chr(code)):
            folded = " "
        if len(self) < 50_000:  # strangers choose the characters: never keep all of Unicode
            self[code] = folded
        return folded


def is_silent(char: str) -> bool:
    """An accent, or a character without width: é is searched as e, and 春\u200b节 as 春节."""
    return unicodedata.category(char) in {"Mn", "Me", "Cf"}


_folding = _Folding()


def normal(text: str) -> str:
    """Text with each letter and its accents in one character (NFC)."""
    return unicodedata.normalize("NFC", text)


def translated(text: str) -> str:
    return normal(text).translate(_folding)


def fold(text: str) -> str:
    """Text as it is searched: runs of one kind of script, one space between them.

    Compatibility forms (NFKC), case, accents and Traditional characters are folded; everything that
    is neither letter nor digit becomes a space. Any ``str`` is good, lone surrogates too.
    """
    return " ".join(
        run[:LONGEST_WORD] if is_word(run) else run for run in RUN.findall(translated(text))
    )


def is_word(run: str) -> bool:
    return run[0] < "\u3000"


def document(title: str, text: str, keys: Iterable[str] = (), about: Iterable[str] = ()) -> str:
    """What is kept of a thing, in four lines: its folded title, its folded text, and the other forms
    by which each of them is found.

    The spaces around each line let a whole word be looked for as `` word ``.

    Args:
        keys: how the title sounds, as people type it; by default its pinyin and initials.
        about: terms that it is filtered by, marked already.
    """
    title = fold(title[:1000])
    text = fold(text[:LONGEST_DOCUMENT])[:LONGEST_DOCUMENT]
    of_title = [*_stems(title), *_marked(SOUND_MARK, keys or forms.sounds(title))]
    lines = (title, text, " ".join(of_title), " ".join([*_stems(text), *about]))
    return "\n".join(f" {line} " if line else " " for line in lines)


def category_term(slug: str) -> str:
    """The term by which a thing of a category is found; SQLite would split it at a hyphen."""
    return CATEGORY_MARK + slug.replace("-", TITLE_MARK)


def _marked(mark: str, words: Iterable[object]) -> Iterator[str]:
    return (f"{mark}{word}" for word in dict.fromkeys(words))


def _stems(folded: str) -> Iterator[str]:
    """Those that are not words of the text anyway: who asks for a stem asks for both."""
    words = dict.fromkeys(word for word in folded.split() if word.isascii())
    return _marked(STEM_MARK, (root for word in words if (root := forms.stem(word)) != word))


def tokens(kept: str) -> Iterator[str]:
    """Terms of folded text: words as they are, each Han character with the one after it."""
    for run in kept.split():
        if is_word(run):
            yield run[: 1 + SOUND_LETTERS] if run[0] == SOUND_MARK else run
        else:
            for start in range(len(run)):
                yield run[start : start + 2]


def terms(kept: str) -> str:
    """All terms of a document, separated by spaces; those of its title a second time, marked, but
    for sounds, which only titles have.

    SQLite's triggers call this. PostgreSQL has the same function in its own language, and keeps
    pairs ``in_class``, see migration 0010; a change here needs one that builds both indexes anew.
    """
    found = dict.fromkeys(tokens(kept))
    of_title = tokens(" ".join(kept.split("\n")[::2]))
    found.update(dict.fromkeys(TITLE_MARK + term for term in of_title if term[0] != SOUND_MARK))
    return " ".join(found)


def in_class(term: str) -> str:
    """A term as PostgreSQL's index keeps it: of a pair of characters, the class of the second."""
    if len(term) > 1 and not is_word(term[-2:]) and not is_word(term[-1]):
        return term[:-1] + chr(256 + ord(term[-1]) % 64)
    return term


# What a form of a word is worth: as it was asked for, by its stem, by how it sounds.
EXACT, STEM, SOUND = 1.0, 0.8, 0.35


@dataclass(frozen=True)
class Form:
    """A string in a document by which a phrase is found.

    Args:
        open: it may go on.
        worth: see EXACT.
    """

    string: str
    open: bool = False
    worth: float = EXACT

    @cached_property
    def wanted(self) -> str:
        """The string that a document must hold, between whole words."""
        begins, ends = is_word(self.string), is_word(self.string.rsplit(" ", 1)[-1])
        return " " * begins + self.string + " " * (ends and not self.open)

    def count(self, line: str) -> float:
        """How often a line of a document holds it; a word that goes on counts half."""
        number = line.count(self.wanted)
        if not (number and self.open and is_word(self.string.rsplit(" ", 1)[-1])):
            return number
        return (number + line.count(self.wanted + " ")) / 2


def _term(mark: str, string: str) -> str:
    """The term by which an index has a form of a word, marked or not."""
    return string[: 1 + SOUND_LETTERS] if string[0] == SOUND_MARK else mark + string


@dataclass(frozen=True)
class Phrase:
    """Runs that must stand beside each other, as one folded string.

    Args:
        needle: folded text.
        open: the last run may go on: ``vis`` finds visa, ``节`` finds 节日.
        bare: a lone word, as it was typed: it is also found by its stem, and as pinyin or initials.
        in_title: it must stand in the title.
    """

    needle: str
    open: bool = False
    bare: bool = False
    in_title: bool = False

    @property
    def is_word(self) -> bool:
        return is_word(self.needle)

    @property
    def ends_in_word(self) -> bool:
        return is_word(self.needle.rsplit(" ", 1)[-1])

    @cached_property
    def stem(self) -> str:
        return forms.stem(self.needle) if self.bare else ""

    @cached_property
    def forms(self) -> list[Form]:
        """What it is found by; each is worth less than the one before."""
        found = [Form(self.needle, self.open)]
        if self.bare:
            if self.stem != self.needle:
                found.append(Form(self.stem, worth=STEM))
            found.append(Form(STEM_MARK + self.stem, worth=STEM))
            if forms.may_sound(self.needle):
                found.append(Form(SOUND_MARK + self.needle, open=True, worth=SOUND))
        return found

    @property
    def terms(self) -> list[list[Form]]:
        """What an index is asked for: one of each list. Four lists narrow it down enough."""
        mark = TITLE_MARK * self.in_title
        if self.bare:
            return [[replace(form, string=_term(mark, form.string)) for form in self.forms]]
        found = []
        for run in self.needle.split():
            if is_word(run):
                found.append(Form(mark + run))
            elif len(run) == 1:
                found.append(Form(mark + run, open=True))
            else:
                starts = {*range(0, len(run) - 1, 2), len(run) - 2}
                found += [Form(mark + run[i : i + 2]) for i in sorted(starts)]
        if self.open:
            found[-1] = replace(found[-1], open=True)
        return [[term] for term in found[:4]]

    @property
    def is_one_term(self) -> bool:
        """The index alone decides; nothing has to be looked for in the document."""
        if self.bare and len(self.needle) > SOUND_LETTERS:
            return self.forms[-1].worth > SOUND
        return " " not in self.needle and (self.is_word or len(self.needle) <= 2)

    @property
    def pattern(self) -> str:
        """A regular expression over translated text, where runs are not yet set apart."""
        runs = self.needle.split()
        pattern = re.escape(runs[0])
        for before, after in itertools.pairwise(runs):
            both = is_word(before) and is_word(after)
            pattern += r"\s+" if both and before.isdigit() == after.isdigit() else r"\s*"
            pattern += re.escape(after)
        if self.is_word:
            pattern = f"(?<!{_same(runs[0])}){pattern}"
        if self.ends_in_word:
            goes_on = self.open or len(runs[-1]) == LONGEST_WORD
            same = _same(runs[-1])
            pattern += f"{same}*" if goes_on else f"(?!{same})"
        return pattern


def _same(run: str) -> str:
    """The class of characters that would make a run longer."""
    return "[0-9]" if run.isascii() and run.isdigit() else rf"[^\s{PAIRED}0-9]"


def _patterns(translated: str, asked: list[Phrase]) -> Iterator[str]:
    """Regular expressions of all that stands in a text for what was asked."""
    stems = {phrase.stem for phrase in asked if phrase.bare}
    words = set(re.findall(r"[a-z]{4,}", translated)) if stems else ()
    found = [*asked, *(Phrase(word) for word in words if forms.stem(word) in stems)]
    for phrase in sorted(found, key=lambda p: -len(p.needle)):
        yield f"(?:{phrase.pattern})"
        if phrase.bare and len(translated) <= LONGEST_SOUNDED:
            heard = forms.heard(translated, phrase.needle)
            yield from (re.escape(run) for run in dict.fromkeys(heard))


def _spans(text: str, asked: list[Phrase]) -> list[tuple[int, int]]:
    """Where the phrases stand in NFC text, as (start, end) in characters."""
    if not asked:
        return []
    translated = text.translate(_folding)
    pattern = _compiled("|".join(_patterns(translated, asked)))
    spans = [hit.span() for hit in pattern.finditer(translated)]
    if not spans or len(translated) == len(text):
        return spans
    # Some character folds to none or to several (ß → ss, ¾ → 3 4): count where each one begins.
    origin = [i for i, char in enumerate(text) for _ in _folding[ord(char)]]
    spans = [(origin[start], origin[end - 1] + 1) for start, end in spans]
    # Two hits within one character are one.
    return [span for i, span in enumerate(spans) if i == 0 or span[0] >= spans[i - 1][1]]


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def language_of(text: str) -> str:
    """The language of somebody's words: Chinese, where it is not mostly Latin; empty without words."""
    han = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[a-zA-Z]{2,}", text))
    return ("zh-hans" if han >= words else "en") if han or words else ""


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
    text = AFTER_STOP.sub("", normal(" ".join(text.split())))
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
    return all(char.isalnum() and is_word(char) for char in text[at - 1 : at + 1])
