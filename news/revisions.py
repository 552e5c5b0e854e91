"""What an article was after each act, and how it becomes that again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Lag
from django.db.models.lookups import Exact
from django.utils.dateparse import parse_datetime

from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image
from members.models import Member

from .models import Article, Category, Revision, Tag

# Columns of one language each, heading first.
TEXTS = tuple(column(name, code) for code in LANGUAGES for name in ("title", "summary", "body"))
# What an editor writes and chooses; a working copy has these, and restoring brings them back.
CONTENT = (
    *TEXTS,
    *("meant_for", "category", "tags", "cover", "byline", "source", "source_url"),
    *("audience", "is_featured", "is_pinned", "comments_open"),
)
# All that a revision keeps.
FIELDS = (*CONTENT, "slug", "author", "status", "publish_at")
KEYS = {"category", "cover", "author"}


def fields_of(article: Article) -> dict[str, Any]:
    """The article as JSON: FIELDS, with keys for what it points at and ISO 8601 for its time."""
    fields: dict[str, Any] = {}
    for name in FIELDS:
        if name == "tags":
            fields[name] = sorted(article.tags.values_list("pk", flat=True)) if article.pk else []
        elif name in KEYS:
            fields[name] = getattr(article, f"{name}_id")
        else:
            fields[name] = getattr(article, name)
    if article.publish_at:
        fields["publish_at"] = article.publish_at.isoformat()
    return fields


def put(article: Article, fields: dict[str, Any], names: tuple[str, ...] = CONTENT) -> list[Tag]:
    """Sets on ``article`` what ``fields`` says, without saving it; returns its tags.

    What is gone meanwhile (a category, a picture, a tag) stays as it is on the article, or away.

    Args:
        names: which of FIELDS; keys that ``fields`` lacks stay as they are.
    """
    for name in names:
        if name not in fields or name == "tags":
            continue
        value: Any = fields[name]
        if name == "category":
            article.category = Category.objects.filter(pk=value or 0).first() or article.category
        elif name == "cover":
            article.cover = Image.objects.filter(pk=value).first() if value else None
        elif name == "author":
            article.author = Member.objects.filter(pk=value or 0).first() or article.author
        elif name == "publish_at":
            article.publish_at = parse_datetime(value) if value else None
        else:
            setattr(article, name, value)
    if "tags" in fields and "tags" in names:
        tags = Tag.objects.filter(pk__in=fields["tags"]).select_related("merged_into")
        return list({tag.merged_into or tag for tag in tags})
    return list(article.tags.all()) if article.pk else []


def latest(article: Article) -> Revision | None:
    """The newest revision; None for an article that nobody touched since revisions are kept."""
    return article.revisions.first()


@transaction.atomic
def record(
    article: Article,
    by: Member | None,
    action: str,
    note: str = "",
    batch: UUID | None = None,
) -> Revision | None:
    """Keeps the article as it now is in the database, unless nothing changed and nothing is said.

    Args:
        action: a value of Revision.Action.
        batch: common to all articles that one act changed.

    Returns:
        the new revision; ``article.version`` is its number.
    """
    now = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
    fields, last = fields_of(now), latest(now)
    if last and last.fields == fields and not note and action == Revision.Action.SAVED:
        article.version = now.version
        return None
    article.version = now.version + 1
    Article.objects.filter(pk=article.pk).update(version=article.version)
    return Revision.objects.create(
        article=article,
        number=article.version,
        action=action,
        by=by,
        note=note,
        fields=fields,
        batch=batch,
    )


def keep_baseline(before: Article) -> None:
    """Before its first recorded change, an article older than the revisions is kept as it was.

    Args:
        before: as it still is in the database.
    """
    if before.version or before.revisions.exists():
        return
    record(before, None, Revision.Action.BASELINE)
    Revision.objects.filter(article=before, number=before.version).update(at=before.updated_at)


# --- Reading them


@dataclass
class Entry:
    """A line of the history of an article, without its texts."""

    number: int
    action: str  # in words
    by: Member | None
    at: datetime
    note: str
    status: str  # in words
    publish_at: datetime | None
    # Number of the revision before; None for the first.
    previous: int | None = None
    # The languages whose heading, summary or text changed since that.
    changed: list[str] = field(default_factory=list)


def _same_as_before(name: str) -> Exact:
    """Whether a text is what it was in the row before, by number; decided by the database."""
    text = KT(f"fields__{name}")
    return Exact(text, Window(Lag(text), order_by=F("number").asc()))


def history(article: Article, before: int | None = None, size: int = 30) -> list[Entry]:
    """A page of the history of an article, newest first. Two queries; no text leaves the database.

    Args:
        before: number of a revision: what came earlier.
        size: revisions on a page. One more is returned where there are more pages.
    """
    revisions = article.revisions.order_by("-number")
    if before is not None:
        revisions = revisions.filter(number__lt=before)
    numbers = list(revisions.values_list("number", flat=True)[: size + 2])
    rows = (
        article.revisions.filter(number__in=numbers)
        .select_related("by")
        .defer("fields")
        .annotate(
            status=KT("fields__status"),
            publish_at=KT("fields__publish_at"),
            **{f"same_{name}": _same_as_before(name) for name in TEXTS},
        )
        .order_by("-number")
    )
    entries = [
        Entry(
            number=row.number,
            action=row.get_action_display(),
            by=row.by,
            at=row.at,
            note=row.note,
            status=str(dict(Article.Status.choices).get(row.status, row.status)),
            publish_at=parse_datetime(row.publish_at) if row.publish_at else None,
            changed=[
                code
                for code in LANGUAGES
                # None: there is nothing before it to compare with.
                if any(
                    getattr(row, f"same_{column(part, code)}") in {False}
                    for part in ("title", "summary", "body")
                )
            ],
        )
        for row in rows
    ]
    for entry, earlier in pairwise(entries):
        entry.previous = earlier.number
    return entries[: size + 1]
