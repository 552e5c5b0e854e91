"""Our style sheets use what every browser of today understands, or say what happens where one does not."""

from pathlib import Path

import pytest
from django.conf import settings

from caisu.tests.baseline import Checker, is_wide, table

SHEETS = sorted((Path(settings.BASE_DIR) / "static/css").glob("*.css"))
# What is not widely available and stands without a fallback beside it: why nothing is lost.
POINTER = "the pointer looks as it does anywhere else; phones have none"
OLD_NAME = "the name that all browsers know it by; the one of the standard is not yet everywhere"
LINES = "lines break where the browser breaks them, as on any other site"
PLAIN = "the control looks as the system draws it"
EXCEPTIONS = {
    "at-rule page": "only its descriptors in brackets are new; margins are as old as printing",
    "at-rule view-transition": "the next page comes at once",
    "selector ::view-transition-group": "there is no transition whose pace it could set",
    "property -webkit-box-decoration-break": OLD_NAME,
    "property box-decoration-break": "a mark over two lines has one frame instead of two",
    "property -webkit-box-orient": OLD_NAME,
    "property -webkit-line-clamp": OLD_NAME,
    "property -webkit-text-size-adjust": OLD_NAME,
    "property accent-color": PLAIN,
    "property field-sizing": "the field keeps its size and scrolls",
    "property forced-color-adjust": "swatches take the colours that the reader has forced",
    "property hyphenate-limit-chars": LINES,
    "property orphans": "a printed page may end with a single line",
    "property widows": "a printed page may begin with a single line",
    "property overflow-clip-margin": "marks piled over a line of a comment are cut a little lower",
    "property overscroll-behavior-x": "a swipe at the end of the sections goes a page back, as anywhere",
    "property resize": "the field keeps its size and scrolls",
    "property scrollbar-width": "there is a thin bar under the sections",
    "property text-autospace": "no hair of space between Han and Latin; editors type none",
    "property text-spacing-trim": "a full-width bracket at the start of a line keeps its space",
    "property user-select": "the picture is marked while it is dragged",
    "selector ::-webkit-details-marker": "Safari’s own name; the others obey list-style",
    "selector ::-webkit-search-cancel-button": PLAIN,
    "selector ::marker": "markers have the colour of the text",
    "selector ::selection": "what is marked looks as the system marks it",
    "value break-after: avoid": "a printed heading may stand at the foot of a page",
    "value cursor: default": POINTER,
    "value cursor: move": POINTER,
    "value cursor: pointer": POINTER,
    "value cursor: progress": POINTER,
    "value cursor: zoom-in": POINTER,
    "value font-family: ui-monospace": "the next name of the list is taken",
    "value text-wrap: pretty": LINES,
}


@pytest.fixture(scope="module")
def found():
    checker = Checker()
    return {path.name: checker.check(path.read_text()) for path in SHEETS}


def test_nothing_is_used_that_some_browsers_lack(found):
    surprises = [
        f"{name}:{line}: {feature}"
        for name, each in found.items()
        for line, feature in each
        if feature not in EXCEPTIONS
    ]
    assert len(found) > 5
    assert surprises == [], "Give it a fallback, or a line with a reason in EXCEPTIONS."


def test_exceptions_are_still_used(found):
    used = {feature for each in found.values() for _line, feature in each}
    assert set(EXCEPTIONS) - used == set()


@pytest.mark.parametrize(
    ("css", "feature"),
    [
        ("a { text-box-trim: both; }", "property text-box-trim"),
        ("a { colour: red; }", "property colour"),
        ("@layer x { a { text-wrap: pretty; } }", "value text-wrap: pretty"),
        ("a { inset: anchor(top); }", "function anchor()"),
        ("a { inline-size: calc(1px + min(3rem, random(1px, 9px))); }", "function random()"),
        ("a { --size: random(1px, 9px); }", "function random()"),
        ("a { inline-size: 3ric; }", "unit ric"),
        ("@font-palette-shop x { a { color: red } }", "at-rule font-palette-shop"),
        (
            "@media (prefers-reduced-data: reduce) { a { color: red } }",
            "media feature prefers-reduced-data",
        ),
        ("@container style(--a: 1) { a { color: red } }", "container query style()"),
        ("p:is(a, b:target-current) { color: red }", "selector :target-current"),
        ("a::checkmark { color: red }", "selector ::checkmark"),
        ("@media (min-width: 9rem) { @container (min-width: 1rem) { a { b: c } } }", "property b"),
        ("a { color: red; &:open { reading-flow: normal } }", "property reading-flow"),
        ("@keyframes x { to { speak: none } }", "property speak"),
        ("@supports not (color: red) { a { text-box-trim: both } }", "property text-box-trim"),
        ("a { text-box-trim: both; text-box-trim: none; }", "property text-box-trim"),
        ("b { text-wrap: balance } a { text-wrap: pretty; }", "value text-wrap: pretty"),
        ("a { color red }", "error"),
    ],
)
def test_what_some_browsers_lack_is_found(css, feature):
    found = [each for _line, each in Checker().check(css)]
    assert any(each.startswith(feature) for each in found), found


@pytest.mark.parametrize(
    "css",
    [
        "a { color: light-dark(#111, #eee); }",
        "a { min-block-size: 100vh; min-block-size: 100svh; inline-size: 4cqi; }",
        "a { inline-size: 9rem; inline-size: anchor-size(inline); }",
        "a { text-wrap: balance; text-wrap: pretty; }",
        "@supports (text-box-trim: both) { a { text-box-trim: both } }",
        "@supports selector(:target-current) { a:target-current { color: red } }",
        "@page { margin: 1cm; } @media print { :root { color: #000 } }",
        "@layer a, b; @layer a { :root:has(.b) :is(c, d:nth-child(2)) { transform: translateY(-1px) } }",
        "@container page (min-width: 9rem) and (max-width: 20rem) { a { color: red } }",
        "@media (width >= 9rem) and (not (hover: none)) { a { color: red } }",
        "a { --my-own: anything at all; &:hover { color: var(--my-own) } }",
    ],
)
def test_what_all_have_or_may_do_without_passes(css):
    assert [each for _line, each in Checker().check(css) if each != "at-rule page"] == []


def test_line_is_told():
    assert Checker().check("a {\n color: red;\n text-box-trim: both;\n}") == [
        (3, "property text-box-trim")
    ]


@pytest.mark.parametrize(
    ("status", "wide"),
    [
        ({"baseline": "high"}, True),
        ({"baseline": False}, False),
        ({"baseline": "low", "baseline_low_date": "2024-05-13"}, True),
        ({"baseline": "low", "baseline_low_date": "≤2024-05-30"}, True),
        ({"baseline": "low", "baseline_low_date": "2024-06-01"}, False),
        ({}, False),
    ],
)
def test_widely_is_thirty_months(status, wide):
    assert is_wide(status, "2026-11-30") is wide


def test_table_is_made_of_the_data():
    features = {
        "x": {
            "compat_features": ["css.properties.a", "css.properties.a.new", "css.types.f", "api.A"],
            "status": {
                "baseline": "high",
                "by_compat_key": {"css.properties.a.new": {"baseline": False}},
            },
        },
        "y": {"kind": "moved", "redirect_target": "x"},
    }
    made = table(features, "2026-11-30")
    assert made["wide"] == {"functions": "a f", "properties": "a"}
    assert made["narrow"] == {"a": "new"}
