"""What differs between two texts of an article, and how two changes of one text become one.

Pure functions over text and HTML. Nothing here takes longer than its text is long: the comparing
itself is E. Myers, "An O(ND) Difference Algorithm and Its Variations" (Algorithmica 1, 1986), with a
number of steps that it may take; what is not settled by then counts as replaced.
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from caisu.core import markup

# Steps of all comparing that one call may take: some tenths of a second.
STEPS = 150_000
# More paragraphs than any article has, of which a page would have as many lines: the rest is one.
MOST_BLOCKS = 2000
# Two paragraphs are one that changed when they have so much in common, from 0 to 1.
ALIKE = 0.4

HAN = markup.HAN.pattern[1:-1]
TOKEN = re.compile(rf"[{HAN}]|[^\W{HAN}]+|\s+|[^\w\s]")
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>", re.IGNORECASE)
ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
VOID = {"br", "hr", "img"}
HEADINGS = {"h2", "h3", "h4"}
PARAGRAPHS = {"p", "li", "blockquote", "figure", "tr", "pre", "figcaption", "small", *HEADINGS}
BLOCKS = {*PARAGRAPHS, "ul", "ol", "table", "thead", "tbody", "hr"}


class Edit(NamedTuple):
    """``old[start:end]`` became ``new[new_start:new_end]``."""

    start: int
    end: int
    new_start: int
    new_end: int


class _Budget:
    """How many steps are left."""

    def __init__(self, steps: int = STEPS) -> None:
        self.steps = steps

    def take(self, steps: int) -> bool:
        """Whether that many were left, which they are no longer."""
        self.steps -= steps
        return self.steps >= 0


# --- Sequences


def _paths(
    old: Sequence[Hashable], new: Sequence[Hashable], budget: _Budget
) -> list[tuple[int, int]] | None:
    """Pairs of places of a longest common subsequence; None if it is not found in time."""
    height, width = len(old), len(new)
    most = height + width
    reach = [0] * (
        2 * most + 3
    )  # how far each diagonal was followed; diagonal k is at most + 1 + k
    trail: list[list[int]] = []
    for depth in range(most + 1):
        middle, steps = most + 1, depth
        trail.append(reach[middle - depth - 1 : middle + depth + 2])
        for k in range(-depth, depth + 1, 2):
            down = k == -depth or (k != depth and reach[middle + k - 1] < reach[middle + k + 1])
            x = reach[middle + k + 1] if down else reach[middle + k - 1] + 1
            begin, y = x, x - k
            while x < height and y < width and old[x] == new[y]:
                x, y = x + 1, y + 1
            reach[middle + k] = x
            steps += x - begin
            if x >= height and y >= width:
                return _walked_back(trail, height, width)
        if not budget.take(steps):
            return None
    return []


def _walked_back(trail: list[list[int]], x: int, y: int) -> list[tuple[int, int]]:
    """The pairs on the way that _paths() found, from its end to its beginning and turned round."""
    pairs: list[tuple[int, int]] = []
    for depth in range(len(trail) - 1, -1, -1):
        before, middle, k = trail[depth], depth + 1, x - y
        down = k == -depth or (k != depth and before[middle + k - 1] < before[middle + k + 1])
        came_from = k + 1 if down else k - 1
        from_x = before[middle + came_from] if depth else 0
        from_y = from_x - came_from if depth else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]


def _edits(old: Sequence[Hashable], new: Sequence[Hashable], budget: _Budget) -> list[Edit]:
    """What turns ``old`` into ``new``, in order, with something kept between any two edits."""
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < shorter - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    end, new_end = len(old) - tail, len(new) - tail
    # What stands on one side only has no partner: leaving it out changes nothing but the time.
    known, new_known = set(new[start:new_end]), set(old[start:end])
    ours = [place for place in range(start, end) if old[place] in known]
    theirs = [place for place in range(start, new_end) if new[place] in new_known]
    pairs = _paths([old[place] for place in ours], [new[place] for place in theirs], budget)
    edits, at, new_at = [], start, start
    for one, other in [*((ours[a], theirs[b]) for a, b in pairs or []), (end, new_end)]:
        if one > at or other > new_at:
            edits.append(Edit(at, one, new_at, other))
        at, new_at = one + 1, other + 1
    return edits


# --- Words


def _tidied(edits: list[Edit], old: list[str], new: list[str]) -> list[Edit]:
    """Edits with those joined between which less was kept than either of them changes.

    Otherwise two sentences that have nothing in common but a few characters read like confetti.
    """

    def size(edit: Edit) -> int:
        return max(
            sum(map(len, old[edit.start : edit.end])),
            sum(map(len, new[edit.new_start : edit.new_end])),
        )

    joined: list[tuple[Edit, int]] = []
    for edit in edits:
        changes = size(edit)
        while joined:
            last, last_changes = joined[-1]
            kept = sum(map(len, old[last.end : edit.start]))
            if kept > min(last_changes, changes):
                break
            joined.pop()
            edit = Edit(last.start, edit.end, last.new_start, edit.new_end)
            changes += last_changes + kept
        joined.append((edit, changes))
    return [edit for edit, _changes in joined]


def _marked(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>" if text else ""


def _words(old: str, new: str, budget: _Budget) -> SafeString:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    parts, at = [], 0
    for edit in _tidied(_edits(before, after, budget), before, after):
        parts += [
            escape("".join(before[at : edit.start])),
            _marked("del", "".join(before[edit.start : edit.end])),
            _marked("ins", "".join(after[edit.new_start : edit.new_end])),
        ]
        at = edit.end
    return mark_safe("".join([*parts, escape("".join(before[at:]))]))


def words(old: str, new: str) -> SafeString:
    """Both plain texts in one, escaped, with ``<del>`` and ``<ins>`` where they differ.

    Compared are words, in Chinese characters. Without ``<del>…</del>`` it is the new text, without
    ``<ins>…</ins>`` the old one.
    """
    return _words(old, new, _Budget())


# --- Paragraphs


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, item, row or picture of a body."""

    kind: str  # p, h2, h3, h4, li, blockquote, figure, tr, pre or hr
    html: str  # what is in it, to tell whether it changed
    text: str
    told: str  # its text with the addresses that its links lead to
    picture: str = ""  # address of a small file of it, from the root of the site


@dataclass(frozen=True)
class Change:
    """One block in a comparison."""

    kind: str  # same, added, removed or changed
    block: str  # as Block.kind
    html: SafeString  # its text, with <ins> and <del>; lines are separated by newlines
    picture: str = ""  # address of a small file of the picture that it shows, or showed last
    picture_before: str = ""  # of another that was there before
    # Its words are the same: something became bold, a heading, or an item of another list.
    only_looks: bool = False


def _small(src: str) -> str:
    """Address of the file of one of our pictures that is there from the beginning, and not large."""
    return re.sub(r"/(?:full|[0-9]+)\.(?:webp|jpg)", "/1200.jpg", entities.unescape(src), count=1)


class _Reader:
    """Reads sanitised HTML block by block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.opened: list[str] = []  # of BLOCKS; a figure or row is read as one, so it is the last
        self.clear()

    def clear(self) -> None:
        self.html: list[str] = []
        self.text: list[str] = []
        self.told: list[str] = []
        self.picture = self.address = ""

    def read(self, html: str) -> list[Block]:
        at = 0
        for tag in TAG.finditer(html):
            self.say(html[at : tag.start()])
            self.tag(tag[0], bool(tag[1]), tag[2].lower())
            at = tag.end()
        self.say(html[at:])
        self.end_block()
        return self.blocks

    def tag(self, source: str, end: bool, name: str) -> None:
        if self.opened[-1:] in (["figure"], ["tr"]):
            if end and name == self.opened[-1]:
                self.end_block()
                self.opened.pop()
            else:
                self.inline(source, end, name)
        elif name == "img":
            self.end_block()
            self.opened.append("figure")
            self.inline(source, end, name)
            self.end_block()
            self.opened.pop()
        elif name == "hr":
            self.end_block()
            self.blocks.append(Block("hr", source, "—", "—"))
        elif name in BLOCKS:
            self.end_block()
            if not end:
                self.opened.append(name)
            elif name in self.opened:
                while self.opened.pop() != name:
                    pass
        else:
            self.inline(source, end, name)

    def inline(self, source: str, end: bool, name: str) -> None:
        self.html.append(source)
        attributes = dict(ATTRIBUTE.findall(source))
        if name == "img":
            self.add(entities.unescape(attributes.get("alt", "")))
            self.picture = self.picture or _small(attributes.get("src", ""))
        elif name == "br" or (name in {"figcaption", "small"} and not end):
            self.add("\n")
        elif name in {"td", "th"} and end:
            self.add(" | ")
        elif name == "a" and not end:
            self.address = entities.unescape(attributes.get("href", ""))
        elif name == "a" and self.address:
            self.told.append(f" ({self.address})")
            self.address = ""

    def say(self, source: str) -> None:
        if source:
            self.html.append(source)
            text = entities.unescape(source)
            self.add(text if "pre" in self.opened else re.sub(r"\s+", " ", text))

    def add(self, text: str) -> None:
        self.text.append(text)
        self.told.append(text)

    def end_block(self) -> None:
        inner = [name for name in self.opened if name in PARAGRAPHS]
        special = [name for name in inner if name != "p"]
        kind = special[-1] if special else "p"
        around = {"tr": " \n|", "pre": "\n"}.get(kind, " \n")
        html, picture = "".join(self.html), self.picture
        text, told = ("".join(parts).strip(around) for parts in (self.text, self.told))
        self.clear()
        if kind == "li":
            html = "".join(f"<{name}>" for name in self.opened if name in {"ul", "ol"}) + html
        if text or picture:
            self.blocks.append(Block(kind, html, text, told, picture))


def blocks(html: str) -> list[Block]:
    """The paragraphs, headings, items, rows and pictures of a sanitised body, in their order."""
    return _Reader().read(html)


def _bounded(found: list[Block]) -> list[Block]:
    """At most MOST_BLOCKS, the last of which has all the rest in it."""
    rest = found[MOST_BLOCKS - 1 :]
    if len(rest) < 2:
        return found
    html, text, told = (
        "\n".join(getattr(block, part) for block in rest) for part in ("html", "text", "told")
    )
    return [*found[: MOST_BLOCKS - 1], Block("p", html, text, told)]


def _alike(one: Block, other: Block, counts: dict[Block, Counter[str]]) -> float:
    """How much two blocks have in common, from 0 to 1: twice the tokens in both, of all tokens."""
    if (one.kind == "figure") != (other.kind == "figure"):
        return 0
    if one.text == other.text or (one.picture and one.picture == other.picture):
        return 1
    ours, theirs = counts[one], counts[other]
    return 2 * (ours & theirs).total() / ((ours.total() + theirs.total()) or 1)


def _pairs(old: list[Block], new: list[Block], budget: _Budget) -> list[tuple[int, int]]:
    """Which of the old blocks became which of the new ones, in order: those most alike together."""
    counts = {
        block: Counter(token for token in TOKEN.findall(block.text) if not token.isspace())
        for block in {*old, *new}
    }
    width = max(map(len, counts.values()), default=0)
    if not budget.take(len(old) * len(new) * (1 + width // 8)):
        if len(old) != len(new):
            return []
        both = enumerate(zip(old, new, strict=True))
        return [(at, at) for at, pair in both if _alike(*pair, counts) >= ALIKE]
    likeness = [[_alike(one, other, counts) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _row in range(len(old) + 1)]
    for a in range(len(old) - 1, -1, -1):
        for b in range(len(new) - 1, -1, -1):
            best[a][b] = max(best[a + 1][b], best[a][b + 1])
            if likeness[a][b] >= ALIKE:
                best[a][b] = max(best[a][b], likeness[a][b] + best[a + 1][b + 1])
    pairs, a, b = [], 0, 0
    while a < len(old) and b < len(new):
        if likeness[a][b] >= ALIKE and best[a][b] == likeness[a][b] + best[a + 1][b + 1]:
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _same(block: Block) -> Change:
    return Change("same", block.kind, escape(block.text), block.picture)


def _removed(block: Block) -> Change:
    return Change(
        "removed", block.kind, mark_safe(_marked("del", block.told)), picture_before=block.picture
    )


def _added(block: Block) -> Change:
    return Change("added", block.kind, mark_safe(_marked("ins", block.told)), block.picture)


def _changed(old: Block, new: Block, budget: _Budget) -> Change:
    return Change(
        "changed",
        new.kind,
        _words(old.told, new.told, budget),
        picture=new.picture,
        picture_before=old.picture if old.picture != new.picture else "",
        only_looks=old.told == new.told and old.picture == new.picture,
    )


def _replaced(old: list[Block], new: list[Block], budget: _Budget) -> Iterator[Change]:
    at, new_at = 0, 0
    for one, other in _pairs(old, new, budget):
        yield from map(_removed, old[at:one])
        yield from map(_added, new[new_at:other])
        yield _changed(old[one], new[other], budget)
        at, new_at = one + 1, other + 1
    yield from map(_removed, old[at:])
    yield from map(_added, new[new_at:])


def compare(old_html: str, new_html: str) -> list[Change]:
    """What became of each block of a body, and within those that changed, of each word.

    Args:
        old_html: a sanitised body, as RichTextField keeps it.
        new_html: another.
    """
    old, new = _bounded(blocks(old_html)), _bounded(blocks(new_html))
    budget = _Budget()
    changes: list[Change] = []
    at = 0
    for edit in _edits(old, new, budget):
        changes += map(_same, old[at : edit.start])
        changes += _replaced(old[edit.start : edit.end], new[edit.new_start : edit.new_end], budget)
        at = edit.end
    return [*changes, *map(_same, old[at:])]


# --- Two changes of one text


def _pieces(html: str) -> list[str]:
    """Sanitised HTML in pieces that can stand alone: its outermost elements, and text between."""
    pieces: list[str] = []
    start, depth = 0, 0

    def cut(place: int) -> None:
        nonlocal start
        if piece := html[start:place].strip():
            pieces.append(piece)
        start = place

    for tag in TAG.finditer(html):
        name = tag[2].lower()
        if name == "hr" and not depth:
            cut(tag.start())
            cut(tag.end())
        elif name in BLOCKS and name != "hr":
            if not tag[1]:
                if not depth:
                    cut(tag.start())
                depth += 1
            elif depth:
                depth -= 1
                if not depth:
                    cut(tag.end())
    cut(len(html))
    return pieces


def _at_odds(mine: Edit, theirs: Edit) -> bool:
    """Whether two edits of one text are about the same place."""
    if mine.start < theirs.end and theirs.start < mine.end:
        return True
    if mine.end < theirs.start or theirs.end < mine.start:
        return False
    # Side by side. Where both bring in or take out, nothing says what comes first.
    return all(edit.end - edit.start != edit.new_end - edit.new_start for edit in (mine, theirs))


def merge(base_html: str, mine_html: str, theirs_html: str) -> str | None:
    """Both changes of a body in one, sanitised; None where both changed the same place differently.

    Compared are its outermost elements: paragraphs and headings, but lists and tables as a whole.

    Args:
        base_html: what both started from.
        mine_html: what one made of it.
        theirs_html: what the other made of it.
    """
    base, mine, theirs = (
        _pieces(markup.sanitise(html)) for html in (base_html, mine_html, theirs_html)
    )
    budget = _Budget()
    ours = [(edit, mine[edit.new_start : edit.new_end]) for edit in _edits(base, mine, budget)]
    others = [
        (edit, theirs[edit.new_start : edit.new_end]) for edit in _edits(base, theirs, budget)
    ]
    both = [
        *ours,
        # What both did alike is done once.
        *((edit, pieces) for edit, pieces in others if not _done(edit, pieces, ours)),
    ]
    both.sort(key=lambda each: (each[0].start, each[0].end))
    if any(_at_odds(one[0], next_one[0]) for one, next_one in pairwise(both)):
        return None
    merged: list[str] = []
    at = 0
    for edit, pieces in both:
        merged += [*base[at : edit.start], *pieces]
        at = edit.end
    return "".join([*merged, *base[at:]])


def _done(edit: Edit, pieces: list[str], edits: list[tuple[Edit, list[str]]]) -> bool:
    """Whether one of ``edits`` puts the same in the same place."""
    return any(
        (each.start, each.end, texts) == (edit.start, edit.end, pieces) for each, texts in edits
    )
