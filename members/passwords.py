"""What makes a password good enough, after NIST SP 800-63B-4, section 3.1.1.

Long, of any characters, and not made of what is tried first. There are no rules of composition and
no expiry. static/js/password.js reckons in the same way while somebody types, from the same list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .names import handle_from

LEAST_LENGTH = 12
MOST_LENGTH = 1000
# Points are bits, roughly. Eleven characters that follow no pattern have as many, or three words
# that everybody uses.
ENOUGH = 33
POINTS = {
    "character": 3,
    "ideograph": 6,
    "separator": 1,
    "word": 11,
    "near": 3,
    "own": 3,
    "walk": 4,
    "step": 7,
    "repeat": 3,
    "syllable": 6,
    "year": 6,
    "date": 11,
    "phone": 16,
}
# No piece is longer, and what comes after so many characters is not looked at: that bounds the work.
LONGEST_PIECE = 32
LOOKED_AT = 128
LIST = settings.BASE_DIR / "static" / "data" / "common-passwords.txt"

# How letters are commonly disguised, twice because 1 stands for two of them; and digits with Shift.
READINGS = [
    {},
    str.maketrans("013457@$!", "oieastasi"),
    str.maketrans("013457@$!", "oleastasl"),
    str.maketrans("!@#$%^&*()", "1234567890"),
]
_YEAR, _MONTH, _DAY = "(?:19[4-9]|20[0-4])[0-9]", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
SHAPES = [
    (kind, re.compile(pattern))
    for kind, pattern in [
        ("year", _YEAR),
        ("date", f"{_YEAR}[-/.年]?{_MONTH}[-/.月]?{_DAY}"),
        ("date", f"{_YEAR}[-/.年](?:{_MONTH}|[1-9])[-/.月](?:{_DAY}|[1-9])"),
        ("date", f"{_DAY}[-/.]?{_MONTH}[-/.]?{_YEAR}"),
        ("date", f"{_MONTH}[-/.]?{_DAY}[-/.]?{_YEAR}"),
        ("date", f"[0-9][0-9]{_MONTH}{_DAY}"),
        ("phone", "1[3-9][0-9]{9}|208[0-9]{7}"),
        (
            "syllable",
            "(?:[zcs]h?|[bpmfdtnlgkhjqxryw])"
            "(?:iang|iong|uang|ang|eng|ong|ing|ian|iao|uai|uan|ai|ei|ao|ou|an|en|ia|ie|iu|in|ua|uo|ui|un|ue)",
        ),
    ]
]


@dataclass(frozen=True)
class Known:
    """What is tried first: words, those that lie near at hand here, and walks over the keyboard."""

    words: frozenset[str]
    near: frozenset[str]
    walks: str


@cache
def known() -> Known:
    """The list of ``static/data``, read once."""
    parts: dict[str, list[str]] = {"": [], "near": [], "walks": []}
    part = ""
    for line in LIST.read_text("utf-8").splitlines():
        if line.startswith("[near]") or line.startswith("[walks]"):
            part = line.strip("[]")
        elif line and not line.startswith("#"):
            parts[part].append(line)
    both_ways = [way for walk in parts["walks"] for way in (walk, walk[::-1])]
    return Known(frozenset(parts[""]), frozenset(parts["near"]), "\n".join(both_ways))


def normalise(password: str) -> str:
    """The form that is counted and hashed: one keyboard sends ``é`` in one piece, another in two.

    Source: NIST SP 800-63B-4, 3.1.1.2; Unicode Standard Annex #15, form C.
    """
    return unicodedata.normalize("NFC", password)


def fold(text: str) -> str:
    """Small letters, and one shape for letters that differ in width only."""
    return unicodedata.normalize("NFKC", text).lower()


def own_words(user: object | None) -> frozenset[str]:
    """What somebody who knows ``user`` would try: name, handle and address, and their parts."""
    name = getattr(user, "display_name", "") or ""
    texts = [name, handle_from(name) if name else ""]
    texts += [getattr(user, field, "") or "" for field in ("username", "email")]
    words = set()
    for text in map(fold, texts):
        parts = re.findall(r"[^\W_]+", text)
        words.update([text, "".join(parts), text.partition("@")[0], *parts])
    return frozenset(word for word in words if len(word) >= (3 if word.isascii() else 2))


def points(password: str, own: frozenset[str] = frozenset()) -> int:
    """How hard a password is to guess: the cheapest way to put it together from known pieces.

    Args:
        password: as typed.
        own: folded words that belong to its owner.
    """
    text = fold(password)[:LOOKED_AT]
    readings = [text.translate(table) for table in READINGS]
    best = [0, *(len(text) * POINTS["ideograph"] for _character in text)]
    for start, character in enumerate(text):
        pieces = [(_alone(character), 1)]
        pieces += _pieces(text, readings, start, own)
        for kind, length in pieces:
            cost = POINTS[kind]
            if kind == "word":
                cost = min(cost, length * POINTS["character"])
            end = start + length
            best[end] = min(best[end], best[start] + cost)
    return best[-1]


def _alone(character: str) -> str:
    """What kind a character is that belongs to no piece."""
    if character in " -_.":
        return "separator"
    return "character" if ord(character) < 0x2E80 else "ideograph"


def _pieces(
    text: str, readings: list[str], start: int, own: frozenset[str]
) -> Iterator[tuple[str, int]]:
    """The known pieces that begin at ``start``: what kind, and how many characters."""
    lists = known()
    kinds = (("own", own), ("near", lists.near), ("word", lists.words))
    longest = min(LONGEST_PIECE, len(text) - start)
    for length in range(2, longest + 1):
        for reading in readings:
            piece = reading[start : start + length]
            yield from ((kind, length) for kind, words in kinds if piece in words)
            if length > 2 and piece in lists.walks:
                # Three in a row happen by chance.
                yield ("walk" if length > 3 else "step"), length
        if length > 2 and text[start : start + length] in text[:start]:
            yield "repeat", length
    for kind, pattern in SHAPES:
        if (match := pattern.match(text, start)) and match.end() - start > 2:
            yield kind, match.end() - start


class GuessableValidator:
    """Django's hook: refuses what is too short, far too long, or easy to guess."""

    def validate(self, password: str, user: object | None = None) -> None:
        """Says in one sentence why a password is refused, and what would do.

        Raises:
            ValidationError: with the code too_short, too_long, own or common.
        """
        length = len(normalise(password))
        if length < LEAST_LENGTH:
            raise ValidationError(
                ngettext(
                    "This password is too short: it needs %(number)d more character, of any kind; three or four unrelated words make a good one.",
                    "This password is too short: it needs %(number)d more characters, of any kind; three or four unrelated words make a good one.",
                    LEAST_LENGTH - length,
                ),
                code="too_short",
                params={"number": LEAST_LENGTH - length},
            )
        if length > MOST_LENGTH:
            raise ValidationError(
                _("This password is too long: it may have %(number)d characters."),
                code="too_long",
                params={"number": MOST_LENGTH},
            )
        if points(password) < ENOUGH:
            raise ValidationError(
                _(
                    "This password is easy to guess, being made of what many people use: common words, dates or patterns; three or four unrelated words make a good one."
                ),
                code="common",
            )
        if user is not None and points(password, own_words(user)) < ENOUGH:
            raise ValidationError(
                _(
                    "This password is easy to guess for whoever knows your name or address; three or four unrelated words make a good one."
                ),
                code="own",
            )

    def get_help_text(self) -> str:
        return ngettext(
            "At least %(number)d character, of any kind. Three or four unrelated words make a good one.",
            "At least %(number)d characters, of any kind. Three or four unrelated words make a good one.",
            LEAST_LENGTH,
        ) % {"number": LEAST_LENGTH}
