"""The design tokens of our style sheets, and how well their colours stand out from one another.

One computation for the living page, which shows the figures, and for the test, which holds them to
WCAG 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

SCHEMES = ("light", "dark")
# WCAG 2.2: 1.4.6 for text that is read at length, 1.4.3 for other text, 1.4.11 for what shows
# where a control is and what state it is in.
AAA, AA, CONTROL = 7.0, 4.5, 3.0

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
LIGHT_DARK = re.compile(r"light-dark\(\s*([^,()]+),\s*([^,()]+)\)")
# What holds for other readers than those of the two schemes.
ELSEWHERE = re.compile(r"@media[^{]*\b(?:print|forced-colors|prefers-contrast)\b|@supports not")
ONE_SCHEME = {
    "dark": re.compile(r"prefers-color-scheme:\s*dark|(?<!not\()\[data-theme=\W?dark"),
    "light": re.compile(r"prefers-color-scheme:\s*light|(?<!not\()\[data-theme=\W?light"),
}


@dataclass(frozen=True)
class Pair:
    """Two tokens that meet on a page, and how far apart they have to be.

    Args:
        above: of the text, the edge or the mark.
        below: of what it stands on.
        least: contrast ratio, from 1 to 21.
        use: where they meet, in words.
    """

    above: str
    below: str
    least: float
    use: str


SITE = [
    *(Pair("--ink", below, AAA, "text") for below in ("--paper", "--sheet", "--tint", "--wash")),
    *(
        Pair("--ink-2", below, AA, "hints, dates, captions")
        for below in ("--paper", "--sheet", "--tint", "--wash")
    ),
    *(
        Pair("--red", below, AA, "the current section, links under the pointer, errors, focus")
        for below in ("--paper", "--sheet", "--tint", "--wash")
    ),
    *(Pair("--edge", below, CONTROL, "edges of fields") for below in ("--paper", "--sheet")),
    Pair("--on-seal", "--seal", AA, "join, danger, the urgent notice, the number of new things"),
    Pair("--paper", "--ink", AAA, "buttons"),
    Pair("--paper", "--red", AA, "buttons under the pointer"),
    Pair("--seal", "--paper", CONTROL, "the line under the current section"),
]
DESK = [
    *(
        Pair("--body-fg", below, AAA, "text")
        for below in ("--body-bg", "--darkened-bg", "--sheet", "--selected-bg", "--selected-row")
    ),
    *(
        Pair("--body-fg", below, AAA, "messages")
        for below in ("--message-success-bg", "--message-warning-bg", "--message-error-bg")
    ),
    *(
        Pair("--body-quiet-color", below, AA, "help, labels")
        for below in ("--body-bg", "--darkened-bg", "--sheet", "--selected-row")
    ),
    *(
        Pair(link, below, AA, "links")
        for link in ("--link-fg", "--link-hover-color")
        for below in ("--body-bg", "--darkened-bg", "--sheet")
    ),
    *(Pair("--error-fg", below, AA, "errors") for below in ("--body-bg", "--sheet")),
    *(
        Pair(above, "--body-bg", AA, "text of Django’s own")
        for above in ("--body-medium-color", "--body-loud-color", "--link-selected-fg")
    ),
    *(
        Pair(above, "--header-bg", AA, "head")
        for above in ("--header-color", "--header-branding-color", "--header-link-color")
    ),
    *(
        Pair(above, "--breadcrumbs-bg", AA, "the way here")
        for above in ("--breadcrumbs-fg", "--breadcrumbs-link-fg")
    ),
    *(
        Pair("--primary-fg", below, AA, "calendars and choices of Django’s own")
        for below in ("--primary", "--secondary", "--accent")
    ),
    *(
        Pair("--button-fg", below, AA, "buttons")
        for below in (
            *("--button-bg", "--button-hover-bg", "--default-button-bg"),
            *("--default-button-hover-bg", "--delete-button-bg", "--delete-button-hover-bg"),
            *("--close-button-bg", "--close-button-hover-bg"),
        )
    ),
    Pair("--seal", "--body-bg", CONTROL, "the mark of the current list"),
    *(
        Pair("--border-color", below, CONTROL, "edges of fields")
        for below in ("--body-bg", "--sheet")
    ),
]
# What only adorns: nobody has to see it to understand the page or to find a control.
ADORNING = {"--rule", "--hairline-color"}
# Our sheets with colours of their own, and their pairs.
SHEETS = {"site.css": SITE, "admin.css": DESK}


def read(name: str) -> str:
    """One of our style sheets."""
    return (Path(settings.BASE_DIR) / "static/css" / name).read_text()


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """The declarations of each block, with all that stands around it (selector and at-rules)."""
    around: list[str] = []
    for piece, end in re.findall(r"([^{}]*)([{}])", COMMENT.sub("", css)):
        if end == "{":
            head, _, prelude = piece.rpartition(";")
            if head and around:  # declarations before a nested rule
                yield " ".join(around), head
            around.append(" ".join(prelude.split()))
        else:
            yield " ".join(around), piece
            around.pop()


def tokens(css: str) -> dict[str, dict[str, str]]:
    """The custom properties of a style sheet as the reader of each scheme has them.

    A later declaration wins. What is said for print, forced colours, more contrast or old browsers
    is left out; ``light-dark()`` is taken apart.
    """
    found: dict[str, dict[str, str]] = {scheme: {} for scheme in SCHEMES}
    for around, declarations in _blocks(css):
        if ELSEWHERE.search(around):
            continue
        only = [scheme for scheme, pattern in ONE_SCHEME.items() if pattern.search(around)]
        for name, value in TOKEN.findall(declarations):
            for place, scheme in enumerate(SCHEMES, 1):
                if not only or scheme in only:
                    taken = LIGHT_DARK.sub(lambda both, place=place: both[place].strip(), value)
                    found[scheme][name] = " ".join(taken.split())
    return found


def resolve(name: str, known: dict[str, str]) -> str:
    """The colour that a token stands for, as ``#rrggbb``; a colour is itself.

    Raises:
        KeyError: for a token that is nowhere declared.
        ValueError: for one that is no plain colour.
    """
    value = known[name] if name.startswith("--") else name
    if reference := re.fullmatch(r"var\(\s*(--[\w-]+)\s*\)", value):
        return resolve(reference[1], known)
    if not HEX.fullmatch(value):
        raise ValueError(f"{name}: “{value}” is no colour in hexadecimal digits")
    digits = value[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1.

    Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    """
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21.

    Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@dataclass(frozen=True)
class Measure:
    """A pair in one scheme, with its colours and their ratio."""

    pair: Pair
    scheme: str
    above: str
    below: str
    ratio: float

    @property
    def is_enough(self) -> bool:
        return self.ratio >= self.pair.least


def measures(name: str, css: str | None = None) -> list[Measure]:
    """Every pair of a style sheet in both schemes, pair by pair.

    Args:
        name: a key of SHEETS.
        css: another text in place of the file, for tests.
    """
    known = tokens(read(name) if css is None else css)
    return [
        Measure(pair, scheme, above, below, contrast(above, below))
        for pair in SHEETS[name]
        for scheme in SCHEMES
        for above, below in [
            (resolve(pair.above, known[scheme]), resolve(pair.below, known[scheme]))
        ]
    ]
