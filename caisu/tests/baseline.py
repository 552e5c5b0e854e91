"""Finds what in a style sheet not every browser of today understands.

The measure is Baseline “widely available”: in all major browsers for thirty months. ``baseline.json``
says what that is, taken from the npm package web-features, which the browsers' makers keep. Once a
year or so, and with its date:

    npm pack web-features && tar xzf web-features-*.tgz
    python -m caisu.tests.baseline package/data.json 2026-11-30
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tinycss2

TABLE = Path(__file__).with_name("baseline.json")
MONTHS = 30
# Units that the data know by their kind.
UNITS = {
    "container_query_length_units": ["cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax"],
    **{
        f"viewport_percentage_units_{kind}": [
            f"{kind[0]}v{side}" for side in ("w", "h", "i", "b", "min", "max")
        ]
        for kind in ("dynamic", "large", "small")
    },
}
# Older than the data: of every browser for longer than anybody counted.
OLD_UNITS = {"px", "pt", "pc", "cm", "mm", "in", "s", "ms", "fr"}
OLD_SELECTORS = {"root", "nth-child", "nth-last-child"}
# In their braces stand rules; in those of any other at-rule, and of a selector, declarations.
HOLD_RULES = {"layer", "media", "supports", "container", "keyframes", "scope", "starting-style"}


# --- The table


def is_wide(status: dict[str, Any], on: str) -> bool:
    """Whether a feature is widely available on a day (ISO 8601), as Baseline counts."""
    if status.get("baseline") == "high":
        return True
    since = status.get("baseline_low_date", "").lstrip("≤")
    if not since:
        return False
    year, month, day = map(int, since.split("-"))
    years, months = divmod(month - 1 + MONTHS, 12)
    return f"{year + years:04}-{months + 1:02}-{day:02}" <= on


def table(features: dict[str, Any], on: str) -> dict[str, Any]:
    """What the checker needs of the data: names that are widely available, and values that are not."""
    wide: dict[str, set[str]] = defaultdict(set)
    narrow: dict[str, set[str]] = defaultdict(set)
    for feature in features.values():
        status = feature.get("status", {})
        for key in feature.get("compat_features", []):
            area, kind, *path = key.split(".")
            if area != "css" or not path:
                continue
            is_fine = is_wide(status.get("by_compat_key", {}).get(key, status), on)
            if kind == "properties" and len(path) == 2 and not is_fine:
                narrow[path[0]].add(path[1])
            if not is_fine:
                continue
            if kind == "properties" and len(path) == 1:
                wide["properties"].add(path[0])
            elif kind == "selectors" and len(path) == 1:
                wide["selectors"].add(path[0])
            elif kind == "at-rules" and (len(path) == 1 or path[0] == "media"):
                wide["media" if len(path) > 1 else "at-rules"].add(path[-1])
            if kind == "types" and len(path) == 2 and path[0] in ("length", "angle", "resolution"):
                wide["units"].update(UNITS.get(path[1], [path[1].lower()]))
            if kind in ("types", "properties") and "_" not in path[-1]:
                # Among other words, which is no harm: nothing else is asked for as a function.
                wide["functions"].add(path[-1].lower())
    return {
        "as_of": on,
        "wide": {kind: " ".join(sorted(names)) for kind, names in sorted(wide.items())},
        "narrow": {name: " ".join(sorted(values)) for name, values in sorted(narrow.items())},
    }


def load() -> dict[str, Any]:
    """The table, its lists as sets."""
    data = json.loads(TABLE.read_text())
    return {
        part: {name: set(names.split()) for name, names in data[part].items()}
        for part in ("wide", "narrow")
    }


# --- The checker


class Checker:
    """Walks a style sheet and yields what is neither widely available nor has something before it.

    A finding is a line number and a feature by name: ``property text-autospace``,
    ``value text-wrap: pretty``, ``function anchor()``, ``unit ric``, ``at-rule view-transition``,
    ``media feature update``, ``selector :open``, or ``error …`` for what is no CSS.
    """

    def __init__(self, known: dict[str, Any] | None = None) -> None:
        known = known or load()
        self.wide, self.narrow = known["wide"], known["narrow"]
        self.units = self.wide["units"] | OLD_UNITS

    def check(self, css: str) -> list[tuple[int, str]]:
        nodes = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
        return list(self.rules(nodes))

    def rules(self, nodes: list[Any]) -> Iterator[tuple[int, str]]:
        """Rules and, where a selector is around them, declarations."""
        fine: set[str] = set()  # properties that this block has set in a way that all understand
        for node in nodes:
            if node.type == "error":
                yield node.source_line, f"error {node.message}"
            elif node.type == "declaration":
                found = [(node.source_line, each) for each in self.declaration(node)]
                if not found:
                    fine.add(node.lower_name)
                elif node.lower_name not in fine:
                    yield from found
            elif node.type == "qualified-rule":
                yield from ((node.source_line, each) for each in self.selector(node.prelude))
                yield from self.rules(_inside(node.content))
            elif node.type == "at-rule":
                yield from self.at_rule(node)

    def at_rule(self, node: Any) -> Iterator[tuple[int, str]]:
        name = node.lower_at_keyword
        if name not in self.wide["at-rules"]:
            yield node.source_line, f"at-rule {name}"
        if name in ("media", "container"):
            yield from ((node.source_line, each) for each in self.conditions(name, node.prelude))
        if node.content is None:
            return
        if name == "supports":
            # Whoever does not know what is asked for leaves it all out; “not” asks the others.
            words = [each.lower_value for each in node.prelude if each.type == "ident"]
            if words[:1] != ["not"]:
                return
        if name == "keyframes":
            for frame in tinycss2.parse_rule_list(node.content, True, True):
                yield from self.rules(_inside(frame.content))
        elif name in HOLD_RULES:
            yield from self.rules(_inside(node.content))
        else:
            declarations = _inside(node.content)
            if name == "page":
                yield from self.rules([n for n in declarations if n.type != "at-rule"])

    def conditions(self, name: str, prelude: list[Any]) -> Iterator[str]:
        for block in _blocks(prelude):
            if block.type == "function":
                yield f"{name} query {block.lower_name}()"
                continue
            asked = [each for each in block.content if each.type == "ident"]
            if name == "media" and asked:
                feature = asked[0].lower_value.removeprefix("min-").removeprefix("max-")
                if feature not in self.wide["media"]:
                    yield f"media feature {feature}"

    def selector(self, tokens: list[Any]) -> Iterator[str]:
        colons = 0
        for token in tokens:
            if token.type == "literal" and token.value == ":":
                colons += 1
                continue
            if colons and token.type in ("ident", "function"):
                name = token.lower_value if token.type == "ident" else token.lower_name
                if name not in self.wide["selectors"] | OLD_SELECTORS:
                    yield f"selector {':' * colons}{name}"
            colons = 0
            if token.type == "function":
                yield from self.selector(token.arguments)

    def declaration(self, node: Any) -> Iterator[str]:
        name = node.lower_name
        if not name.startswith("--") and name not in self.wide["properties"]:
            yield f"property {name}"
            return
        narrow = self.narrow.get(name, set())
        for token in _deep(node.value):
            if token.type == "ident" and token.lower_value in narrow:
                yield f"value {name}: {token.lower_value}"
            elif token.type == "function":
                called = token.lower_name
                if called in narrow or called not in self.wide["functions"]:
                    yield f"function {called}()"
            elif token.type == "dimension" and token.lower_unit not in self.units:
                yield f"unit {token.lower_unit}"


def _inside(content: list[Any]) -> list[Any]:
    return tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)


def _deep(tokens: list[Any]) -> Iterator[Any]:
    """All tokens of a value, those within functions and brackets too."""
    for token in tokens:
        yield token
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if inner:
            yield from _deep(inner)


def _blocks(prelude: list[Any]) -> Iterator[Any]:
    """The innermost brackets of a condition, and the functions in it."""
    for token in prelude:
        if token.type == "function":
            yield token
        elif token.type == "() block":
            within = [each for each in token.content if each.type in ("() block", "function")]
            if any(each.type == "() block" for each in within):
                yield from _blocks(token.content)
            else:
                yield token


if __name__ == "__main__":
    _program, source, on = sys.argv
    features = json.loads(Path(source).read_text())["features"]
    TABLE.write_text(json.dumps(table(features, on), indent=1) + "\n")
