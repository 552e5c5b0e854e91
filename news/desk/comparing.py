"""Two states of an article side by side, as pages of the desk show them."""

from dataclasses import dataclass
from itertools import chain, groupby

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from caisu.core import images
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image
from members.models import Member
from news import diffing
from news.models import Article, Category, Tag
from news.revisions import FIELDS, TEXTS

# Of a row of unchanged paragraphs these stay in sight beside a change.
CONTEXT = 1
FOLDED_FROM = 4
MODELS = {"category": Category, "author": Member, "cover": Image, "tags": Tag}


@dataclass
class Run:
    """Paragraphs in a row; folded: out of sight until somebody asks, because nothing changed."""

    changes: list
    folded: bool = False


@dataclass
class Panel:
    """What changed in one language."""

    language: str
    title: str
    summary: str
    runs: list
    is_same: bool


@dataclass
class Other:
    """What changed besides the texts."""

    label: str
    before: str
    after: str


def runs(changes):
    """The changes of a body in runs, long rows of unchanged paragraphs folded."""
    found = []
    groups = [(same, list(row)) for same, row in groupby(changes, lambda c: c.kind == "same")]
    for place, (same, row) in enumerate(groups):
        before = CONTEXT if place else 0
        behind = CONTEXT if place < len(groups) - 1 else 0
        if not same or len(row) < FOLDED_FROM + before + behind:
            found.append(Run(row))
            continue
        end = len(row) - behind
        parts = [Run(row[:before]), Run(row[before:end], folded=True), Run(row[end:])]
        found += [run for run in parts if run.changes]
    return found


def around_changes(changes):
    """Changed blocks with one on either side of each; None stands for what is left out."""
    near = {
        place + step
        for place, change in enumerate(changes)
        if change.kind != "same"
        for step in (-1, 0, 1)
    }
    shown = []
    for place, change in enumerate(changes):
        if place in near:
            shown.append(change)
        elif shown and shown[-1] is not None:
            shown.append(None)
    return shown


def panels(old, new):
    """The texts of two states, as JSON, in each language that has any."""
    found = []
    for language in LANGUAGES:
        title, summary, body = (column(name, language) for name in ("title", "summary", "body"))
        texts = [(old.get(name) or "", new.get(name) or "") for name in (title, summary, body)]
        if any(map(any, texts)):
            found.append(
                Panel(
                    language,
                    diffing.words(*texts[0]),
                    diffing.words(*texts[1]),
                    runs(diffing.compare(*texts[2])),
                    all(before == after for before, after in texts),
                )
            )
    return found


def others(old, new):
    """What else differs, in words. One query for each kind of thing that changed."""
    names = [name for name in FIELDS if name not in TEXTS and old.get(name) != new.get(name)]
    rows = {}
    for name in MODELS.keys() & names:
        values = (old.get(name), new.get(name))
        keys = chain.from_iterable(v or [] for v in values) if name == "tags" else values
        rows[name] = MODELS[name].objects.in_bulk({key for key in keys if key is not None})
    return [
        Other(
            Article._meta.get_field(name).verbose_name,
            *(_in_words(name, fields.get(name), rows.get(name, {})) for fields in (old, new)),
        )
        for name in names
    ]


def _in_words(name, value, rows):
    """A value of a revision as a person reads it.

    Args:
        rows: what keys of this field lead to, as far as it still exists.
    """
    if value in (None, "", []):
        return "–"
    if name == "tags":
        return pgettext("between items of a list", ", ").join(_named(rows, key) for key in value)
    if name == "cover":
        cover = rows.get(value)
        return (
            cover
            and format_html(
                '<img src="{}" alt="{}">', images.thumbnail_url(cover), cover.alt or cover.name
            )
        ) or _named(rows, value)
    if name in MODELS:
        return _named(rows, value)
    if name == "publish_at":
        return date_format(timezone.localtime(parse_datetime(value)), "DATETIME_FORMAT")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(dict(Article._meta.get_field(name).flatchoices).get(value, value))


def _named(rows, key):
    return str(rows[key]) if key in rows else pgettext("a category, tag or picture", "deleted")
