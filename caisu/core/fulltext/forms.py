"""Other forms of a word by which it is found: its stem, and how Chinese sounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
MOST_SYLLABLES = 6  # that are typed in one go
MOST_INITIALS = 4
LONGEST_TITLE = 60  # characters of a run that are read

# Words that only look inflected.
NOT_INFLECTED = frozenset(["news", "lens", "during"])
# What readers of a university's news ask for in one form and find in the other.
IRREGULAR = {
    "children": "child", "women": "woman", "people": "person", "teeth": "tooth", "feet": "foot",
    "theses": "thesis", "analyses": "analysis", "crises": "crisis", "hypotheses": "hypothesis",
    "criteria": "criterion", "phenomena": "phenomenon",
}  # fmt: skip
_VOWEL = re.compile("[aeiouy]")


@lru_cache(20_000)
def stem(word: str) -> str:
    """What an English word has in common with its plural and its forms in -ed, -ing and -ion.

    After Porter, An algorithm for suffix stripping (1980), of whose steps most are left out: they
    make ``universal`` of university. A stem need not be a word: house and housing are ``hous``.

    Args:
        word: folded. What is no English word of four letters or more stays as it is.
    """
    word = IRREGULAR.get(word, word)
    if len(word) < 4 or not (word.isascii() and word.isalpha()) or word in NOT_INFLECTED:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ing", "ed"):
        rest = word.removesuffix(suffix)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest) and not word.endswith("eed"):
            # running → run, but selling → sell
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "aeioulsz" else rest
            break
    if word.endswith(("sion", "tion")) and len(word) > 7:
        word = word[:-3]
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if word.endswith("y") and len(word) > 2 and word[-2] not in "aeiou":
        word = word[:-1] + "i"
    return word


def sounds(folded: str) -> Iterator[str]:
    """What people type for the Chinese in a title: 春节晚会 → chunjiewanhui, cjwh, jiewanhui, jwh, …

    From each character on, so that each word is found by its beginning.
    """
    for run in HAN.findall(folded):
        syllables = _syllables(run)
        for start in range(len(syllables)):
            some = syllables[start : start + MOST_SYLLABLES]
            yield "".join(some)
            if len(some) > 1:
                yield "".join(syllable[:1] for syllable in some[:MOST_INITIALS])


def may_sound(typed: str) -> bool:
    """Whether a word may be meant as Chinese: as initials, or as pinyin whose end is still missing."""
    if len(typed) <= MOST_INITIALS:
        return True
    whole, begun = _spelling()
    ends = {0}  # where syllables may end
    for start in range(len(typed)):
        if start in ends:
            if typed[start:] in begun:
                return True
            ends.update(start + n for n in range(1, 7) if typed[start : start + n] in whole)
    return len(typed) in ends


@lru_cache(1)
def _spelling() -> tuple[frozenset[str], frozenset[str]]:
    """All syllables of pinyin without tones, and all that they begin with."""
    readings = ",".join(PINYIN_DICT.values())
    plain = normalize("NFD", readings).encode("ascii", "ignore").decode()
    # Some only hum; and ü is v on keyboards, yu in passports.
    whole = frozenset(plain.split(",")) - {"", "m", "n", "ng", "hm", "hng"}
    whole |= {"lv", "nv", "lve", "nve", "lyu", "nyu", "lyue", "nyue"}
    return whole, frozenset(each[:n] for each in whole for n in range(1, len(each) + 1))


def heard(folded: str, typed: str) -> Iterator[str]:
    """The Chinese in a text that sounds like what was typed, in pinyin or by its initials."""
    for run in HAN.findall(folded):
        syllables = _syllables(run)
        for start in range(len(syllables)):
            some = syllables[start : start + MOST_SYLLABLES]
            for number in range(1, len(some) + 1):
                if "".join(some[:number]).startswith(typed):
                    yield run[start : start + number]
                    break
            if "".join(each[:1] for each in some).startswith(typed):
                yield run[start : start + len(typed)]


@lru_cache(2000)
def _syllables(run: str) -> tuple[str, ...]:
    """One for each character; ü is u, as on most keyboards. An unknown character has none."""
    run = run[:LONGEST_TITLE]
    # A list keeps one syllable for each character; the annotation of the library knows strings only.
    nothing: Any = lambda unknown: [""] * len(unknown)  # noqa: E731
    return tuple(syllable.replace("v", "u") for syllable in lazy_pinyin(run, errors=nothing))
