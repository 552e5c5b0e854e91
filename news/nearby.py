"""What stands near an article: the newest of its category, what is related, what came before and after.

All of it is read with one query, so that an article costs as many queries with its neighbours as
without: the rows of a few short lists together, told apart here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from .models import Article, Category

NEWEST = 6
RELATED = 4
ON_A_GONE_PAGE = 4
# Articles with tags in common that are looked at more closely.
CANDIDATES = 50

# What a link shows; the bodies stay where they are.
SHOWN = ("slug", "category", "title_zh_hans", "title_en", "publish_at", "created_at")


@dataclass
class Nearby:
    """Articles that a reader may open, without the one that they stand near."""

    newest: list[Article] = field(default_factory=list)
    related: list[Article] = field(default_factory=list)
    earlier: Article | None = None
    later: Article | None = None


def around(article: Article, reader: Any) -> Nearby:
    """Reads with one query what ``reader`` may find near ``article``.

    Related are those with the most tags in common, then those of its category, then the newest of
    all; among equals those that do not stand beside it anyway. A draft has nothing before and after.

    Args:
        article: its tags are asked for; prefetched, they cost nothing.
        reader: a member or an anonymous user.
    """
    tags = [tag.pk for tag in article.tags.all()]
    readable = Article.objects.readable_by(reader).exclude(pk=article.pk)
    same = readable.filter(category=article.category_id)
    slices = [
        same.newest_first()[: NEWEST + RELATED],
        readable.newest_first()[:RELATED],
    ]
    if article.publish_at:
        slices.append(readable.older_than(article).newest_first()[:1])
        slices.append(readable.newer_than(article).order_by("publish_at", "pk")[:1])
    if tags:
        slices.append(_most_in_common(readable, article, tags)[:RELATED])
    found = _together(slices).only(*SHOWN).annotate(in_common=_in_common(tags))
    in_common: dict[Article, int] = {row: row.in_common for row in found}
    return _told_apart(article, in_common)


def newest_of(category: Category, reader: Any, count: int = ON_A_GONE_PAGE) -> QuerySet[Article]:
    """The newest of a category that ``reader`` may read."""
    readable = Article.objects.readable_by(reader).filter(category=category)
    return readable.only(*SHOWN).newest_first()[:count]


def _together(slices: Iterable[QuerySet[Article]]) -> QuerySet[Article]:
    """The rows of several slices, each found by its own index."""
    picked = [Article.objects.filter(pk__in=Subquery(rows.values("pk"))) for rows in slices]
    first, *others = [rows.order_by().values("pk") for rows in picked]
    return Article.objects.filter(pk__in=first.union(*others))


def _most_in_common(
    readable: QuerySet[Article], article: Article, tags: list[int]
) -> QuerySet[Article]:
    """The related ones by tags: chosen among the latest that have the most in common.

    Counted on the narrow table of tags alone. A tag of thousands would otherwise have each of its
    articles read, only to find out which of them are the newest four.
    """
    carried = Article.tags.through.objects.filter(tag__in=tags).exclude(article=article)
    counted = carried.values("article").annotate(shared=Count("pk")).order_by("-shared", "-article")
    candidates = readable.filter(pk__in=Subquery(counted.values("article")[:CANDIDATES]))
    ranked = candidates.annotate(
        shared=_in_common(tags),
        elsewhere=Case(When(category=article.category_id, then=Value(0)), default=Value(1)),
    )
    return ranked.order_by("-shared", "elsewhere", "-publish_at", "-pk")


def _in_common(tags: list[int]) -> Coalesce | Value:
    """How many of ``tags`` a row carries."""
    if not tags:
        return Value(0)
    carried = Article.tags.through.objects.filter(article=OuterRef("pk"), tag__in=tags)
    counted: Any = carried.order_by().values("article").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count"), output_field=IntegerField()), 0)


def _told_apart(article: Article, in_common: Mapping[Article, int]) -> Nearby:
    """Which of the rows is what. The nearest in time are among them, and nothing is nearer.

    Args:
        in_common: for each row how many tags it shares with the article.
    """
    rows = sorted(in_common, key=_time, reverse=True)
    newest = [row for row in rows if row.category_id == article.category_id][:NEWEST]
    earlier = later = None
    if article.publish_at:
        earlier = next((row for row in rows if _time(row) < _time(article)), None)
        later = next((row for row in reversed(rows) if _time(row) > _time(article)), None)
    beside = {row.pk for row in (*newest, earlier, later) if row}

    def nearness(row: Article) -> tuple[int, bool, bool]:
        return (-in_common[row], row.category_id != article.category_id, row.pk in beside)

    return Nearby(newest, sorted(rows, key=nearness)[:RELATED], earlier, later)


def _time(article: Article) -> tuple[Any, int]:
    return article.publish_at, article.pk
