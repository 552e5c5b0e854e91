"""Quotation in plain text: lines that begin with ``> ``, as in mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A line begins so if it quotes: not “>_<”, which is a face.
MARK = re.compile(r"(?:> ?)*>(?: |$)")
MAX_LEVELS = 2  # shown; deeper ones are as the second
PASSAGE = 600  # characters of a text that an answer begins with


def levels(text: str) -> Iterator[tuple[int, str]]:
    """Clean text in pieces of one level of quotation each: 0 is what somebody says themselves."""
    lines: list[str] = []
    level = 0
    for line in text.split("\n"):
        mark = MARK.match(line)
        new = min(mark[0].count(">"), MAX_LEVELS) if mark else 0
        if new != level:
            yield level, "\n".join(lines)
            lines, level = [], new
        lines.append(line[mark.end() :] if mark else line)
    yield level, "\n".join(lines)


def own_words(text: str) -> str:
    """What somebody says themselves in a clean text; where they only quote, what they quote.

    For excerpts and search: a passage is found where it was said, not wherever it is quoted.
    """
    pieces = [(level, piece.strip("\n")) for level, piece in levels(text)]
    own = "\n\n".join(piece for level, piece in pieces if piece and not level)
    return own or "\n\n".join(piece for _level, piece in pieces if piece)


def passage(text: str) -> str:
    """What somebody says in a clean text, marked as quoted; no more than a passage of a long one.

    Returns:
        lines that begin with ``> ``, with at most PASSAGE characters of the text.
    """
    words = own_words(text)
    if len(words) > PASSAGE:
        cut = words[:PASSAGE]
        # At a space, where the script has some.
        words = (cut.rsplit(None, 1)[0] if " " in cut[-40:] else cut) + "…"
    return "\n".join(f"> {line}".rstrip() for line in words.split("\n")) if words else ""
