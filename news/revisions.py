"""What an article was after each act, and how it becomes that again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
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
        value = fields.get(name)
        if name not in fields or name == "tags":
            continue
        if name == "category":
            article.category = Category.objects.filter(pk=value).first() or article.category
        elif name == "cover":
            article.cover = Image.objects.filter(pk=value).first() if value else None
        elif name == "author":
            article.author = Member.objects.filter(pk=value).first() or article.author
        elif name == "publish_at":
            article.publish_at = parse_datetime(value) if value else None
        else:
            setattr(article, name, value)
    if "tags" in fields and "tags" in names:
        return list(Tag.objects.current().filter(pk__in=fields["tags"]))
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
