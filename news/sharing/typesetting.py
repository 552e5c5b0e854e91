"""Chinese and Latin type in pictures: what our fonts can show, broken into lines.

Line breaks follow the W3C's Requirements for Chinese Text Layout (https://www.w3.org/TR/clreq/,
3.1.3 prohibition rules, 3.1.6 adjustment of punctuation), in the little that a headline needs.
Letters are placed by ourselves, not by a shaping library that some servers have and others not.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from PIL import ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parent.parent / "fonts"
MISSING = "〓"  # what a Chinese printer put where a sort was lacking

OPENING = frozenset("（「『“‘《〈【〔［｛([{〝$¥￥#＃@")
CLOSING = frozenset("，。、；：？！）」』”’》〉】〕］｝…—⸺～·,.;:?!)]}%‰％℃°-–/／〞")
# Full-width marks whose ink fills one half of their square only.
WIDE_OPENING = frozenset("（「『“‘《〈【〔［｛〝")
WIDE_CLOSING = frozenset("，。、；：）」』”’》〉】〕］｝〞")
# As wide as a Han character in Chinese, narrow in English.
AMBIGUOUS = frozenset("“”‘’…—·")
# Stay with the number before them.
COUNTED = frozenset("年月日号时点分秒周天岁届级期次名位人个元块项条所家米度")
PAUSES = frozenset("，。、；：？！…⸺")
SMALLER = 0.65  # of the largest size, at most, for better line breaks
HAIR = 0.14  # em between Han and Latin
BREAK_INSIDE = 0.2  # price of a line that ends between two Han characters, in squared shares


@lru_cache(maxsize=2)
def _characters(name: str) -> frozenset[str]:
    return frozenset((FONTS / f"{name}.txt").read_text("utf-8")) - {"\n", "\u00ad"}


@lru_cache(maxsize=32)
def _font(family: str, script: str, size: int) -> ImageFont.FreeTypeFont:
    path = FONTS / f"{family}-{script}.otf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2048)
def _advance(family: str, script: str, size: int, text: str) -> float:
    return _font(family, script, size).getlength(text)


def clean(text: str) -> str:
    """``text`` in characters that our fonts have; never one that shows as an empty box.

    Emoji, marks and invisible characters are left out, a run of unknown letters becomes 〓.
    """
    known = _characters("characters")
    shown: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFKD", char)
        plain = "".join(part for part in parts if not unicodedata.combining(part))
        if char in known:
            shown.append(char)
        elif char.isspace():
            shown.append(" ")
        elif plain and known.issuperset(plain):
            shown.append(plain)
        elif unicodedata.category(char)[0] in "LN" and shown[-1:] != [MISSING]:
            shown.append(MISSING)
    # Two dashes in a row are one sign in Chinese, and one character draws it without a gap.
    return " ".join("".join(shown).split()).replace("——", "⸺")


@dataclass(slots=True)
class Piece:
    """A Han character, a Latin word or a space; never broken."""

    text: str
    script: str  # han, latin or space
    width: float
    gap: float = 0  # before it, when it does not begin a line
    breaks: bool = True  # whether a line may begin with it


@dataclass(slots=True)
class Line:
    """Pieces with their places in pixels from the line's beginning."""

    pieces: list[tuple[float, str, str]]
    width: float


@dataclass(slots=True)
class Block:
    """Lines of one size, ready to be drawn."""

    family: str
    size: int
    leading: float  # pixels from line to line
    lines: list[Line] = field(default_factory=list)
    is_cut: bool = False
    splits: int = 0  # lines that end neither at a space nor at a pause

    @property
    def height(self) -> float:
        """Pixels from the top of the first line to the foot of the last."""
        return len(self.lines) * self.leading

    @property
    def width(self) -> float:
        return max((line.width for line in self.lines), default=0)

    def draw(self, canvas: ImageDraw.ImageDraw, x: float, y: float, fill: str) -> None:
        """Draws it with its upper left corner at ``x``, ``y`` in pixels."""
        for number, line in enumerate(self.lines):
            # The middle of a Han character stands in the middle of its line.
            baseline = y + (number + 0.5) * self.leading + 0.38 * self.size
            for left, text, script in line.pieces:
                font = _font(self.family, script, self.size)
                canvas.text((x + left, baseline), text, fill, font, anchor="ls")


def _is_wide(char: str, before: str, after: str, language: str) -> bool:
    if char in AMBIGUOUS:
        in_a_word = char in "’·" and before.isascii() and after.isascii() and after.isalnum()
        return language != "en" and not in_a_word
    return unicodedata.east_asian_width(char) in {"W", "F"}


def _pieces(text: str, language: str, family: str, size: int, width: float) -> list[Piece]:
    """Cuts a cleaned text at every place where a line might end."""
    pieces: list[Piece] = []
    latin = _characters("latin")
    word = ""

    def end_word() -> None:
        nonlocal word
        rest = word
        while rest:
            end = len(rest)
            while end > 1 and _advance(family, "latin", size, rest[:end]) > width - size:
                end -= 1  # an address longer than the line
            part, rest = rest[:end], rest[end:]
            pieces.append(Piece(part, "latin", _advance(family, "latin", size, part)))
        word = ""

    for at, char in enumerate(text):
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if char == " ":
            end_word()
            pieces.append(Piece(char, "space", 0.25 * size))
        elif _is_wide(char, before, after, language) or char not in latin:
            end_word()
            pieces.append(Piece(char, "han", _advance(family, "han", size, char)))
        else:
            word += char
            if char in "-–/" and after.isalpha() and len(word) > 2:
                end_word()
    end_word()
    for one, two in pairwise(pieces):
        two.breaks = _may_break(one, two)
        two.gap = _gap(one, two) * size
    return pieces


def _may_break(one: Piece, two: Piece) -> bool:
    if two.script == "space" or one.script == "space":
        return one.script == "space" and two.script != "space"
    if two.text[0] in CLOSING or one.text[-1] in OPENING:
        return False
    return not (one.text[-1].isdigit() and two.text in COUNTED)


def _gap(one: Piece, two: Piece) -> float:
    """Ems between two pieces: a hair between the scripts, none of the double blank between marks."""
    marks = WIDE_OPENING | WIDE_CLOSING
    if one.script == two.script == "han":
        if (one.text in WIDE_CLOSING and two.text in marks) or (
            one.text in WIDE_OPENING and two.text in WIDE_OPENING
        ):
            return -0.5
        return 0
    scripts = {one.script, two.script}
    touching = one.text[-1].isalnum() and two.text[0].isalnum()
    return HAIR if scripts == {"han", "latin"} and touching else 0


class _Setting:
    """Pieces in a row, measured, so that any stretch of them is known as a line at once."""

    def __init__(self, pieces: list[Piece], size: int) -> None:
        self.pieces, self.size = pieces, size
        self.starts, x = [], 0.0
        for piece in pieces:
            x += piece.gap
            self.starts.append(x)
            x += piece.width
        self.places = [n for n, piece in enumerate(pieces) if n == 0 or piece.breaks]

    def indent(self, first: int) -> float:
        """How far a line that begins with a bracket moves out, so that its ink begins the line."""
        piece = self.pieces[first]
        return 0.5 * self.size if piece.script == "han" and piece.text in WIDE_OPENING else 0

    def last(self, first: int, end: int) -> int:
        """The last piece of a line before ``end``, without the space at its end."""
        end -= 1
        while end > first and self.pieces[end].script == "space":
            end -= 1
        return end

    def width(self, first: int, end: int) -> float:
        last = self.last(first, end)
        piece = self.pieces[last]
        hanging = piece.script == "han" and piece.text in WIDE_CLOSING
        return (
            self.starts[last]
            + piece.width
            - (0.5 * self.size if hanging else 0)
            - self.starts[first]
            - self.indent(first)
        )

    def line(self, first: int, end: int) -> Line:
        left = self.starts[first] + self.indent(first)
        placed = [
            (self.starts[n] - left, self.pieces[n].text, self.pieces[n].script)
            for n in range(first, self.last(first, end) + 1)
            if self.pieces[n].script != "space"
        ]
        return Line(placed, self.width(first, end))

    def greedy(self, width: float) -> list[int]:
        """Where lines begin when each takes all it can; the end of the text comes last."""
        breaks, ends = [0], [*self.places[1:], len(self.pieces)]
        for at, end in enumerate(ends):
            if self.width(breaks[-1], end) > width and at and ends[at - 1] > breaks[-1]:
                breaks.append(ends[at - 1])
        return [*breaks, len(self.pieces)]

    def balanced(self, width: float) -> list[int]:
        """As many lines, as even as can be, turning at a comma where there is one.

        Dynamic programming over squared slack, after Knuth and Plass, Breaking paragraphs into
        lines (1981), for a fixed number of lines.
        """
        count = len(self.greedy(width)) - 1
        end = len(self.pieces)
        best: dict[int, tuple[float, list[int]]] = {0: (0.0, [0])}
        for number in range(count):
            ends = [end] if number == count - 1 else self.places[1:]
            following: dict[int, tuple[float, list[int]]] = {}
            for first, (price, breaks) in best.items():
                for stop in ends:
                    if stop <= first:
                        continue
                    wide = self.width(first, stop)
                    if wide > width:
                        break
                    total = price + (1 - wide / width) ** 2 + self.price(stop)
                    if stop not in following or total < following[stop][0]:
                        following[stop] = (total, [*breaks, stop])
            best = following
        return best[end][1] if end in best else self.greedy(width)

    def price(self, stop: int) -> float:
        if stop == len(self.pieces):
            return 0
        before, after = self.pieces[stop - 1], self.pieces[stop]
        pause = before.script == "space" or before.text[-1] in PAUSES | WIDE_CLOSING
        return 0 if pause or after.text in WIDE_OPENING else BREAK_INSIDE


def set_text(
    text: str,
    language: str,
    family: str,
    size: int,
    width: float,
    lines: int,
    leading: float = 1.3,
    balance: bool = False,
) -> Block:
    """Breaks a text into lines; what does not fit ends with an ellipsis.

    Args:
        text: anything; it is cleaned first.
        language: one of LANGUAGES; decides how wide quotation marks are.
        family: ``serif`` (bold, for headings) or ``sans``.
        size: pixels to the em.
        width: of a line, in pixels.
        lines: how many at most.
        leading: distance of lines in ems.
        balance: even lines, for headings.
    """
    block = Block(family, size, leading * size)
    pieces = _pieces(clean(text), language, family, size, width)
    if not pieces or lines < 1:
        block.is_cut = bool(pieces)
        return block
    setting = _Setting(pieces, size)
    breaks = setting.greedy(width)
    if len(breaks) - 1 > lines:
        block.is_cut = True
        dots, script = ("...", "latin") if language == "en" else ("…", "han")
        ending = Piece(dots, script, _advance(family, script, size, dots), breaks=False)
        first, end = breaks[lines - 1 : lines + 1]
        kept = _shortened(setting, first, end, width - ending.width)
        setting = _Setting([*kept, ending], size)
        breaks = [*breaks[:lines], len(setting.pieces)]
    elif balance:
        breaks = setting.balanced(width)
    block.splits = sum(setting.price(stop) > 0 for stop in breaks[1:])
    block.lines = [setting.line(first, end) for first, end in pairwise(breaks)]
    return block


def _shortened(setting: _Setting, first: int, end: int, width: float) -> list[Piece]:
    """The pieces up to ``end``, or fewer, so that the line from ``first`` on is at most ``width``."""
    marks = OPENING | CLOSING
    while end > first + 1 and (
        setting.width(first, end) > width
        or setting.pieces[end - 1].script == "space"
        or setting.pieces[end - 1].text in marks
    ):
        end -= 1
    return setting.pieces[:end]


def fit(
    text: str,
    language: str,
    family: str,
    sizes: tuple[int, ...],
    width: float,
    height: float,
    lines: int,
    leading: float = 1.3,
) -> Block:
    """The largest of ``sizes`` (pixels, descending) at which a heading fits without being cut.

    Or a somewhat smaller one, at which its lines end where a reader would pause. At the smallest
    of all it is cut.
    """
    best = None
    for size in sizes:
        if best and size < SMALLER * best.size:
            break
        most = min(lines, int(height // (leading * size)))
        block = set_text(text, language, family, size, width, most, leading, balance=True)
        if not block.is_cut and not block.splits:
            return block
        if best is None or best.is_cut:
            best = block
    return best or block
