"""The verbs of tags."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from caisu.core import fulltext

from . import findable
from .models import Article, Tag


@transaction.atomic
def merge(tags: Iterable[Tag], into: Tag) -> int:
    """Gives the articles of ``tags`` the tag ``into`` instead; the old addresses lead there.

    Args:
        into: none of ``tags``, and merged into none itself.

    Returns:
        how many articles changed.

    Raises:
        ValueError: when a tag would be merged into itself, or into one that is gone.
    """
    tags = list(tags)
    if into in tags or into.merged_into_id:
        raise ValueError("a tag is merged into another, current one")
    through = Article.tags.through
    rows = through.objects.filter(tag__in=tags)
    articles = set(rows.values_list("article_id", flat=True))
    through.objects.bulk_create(
        [through(article_id=article, tag_id=into.pk) for article in sorted(articles)],
        ignore_conflicts=True,
    )
    rows.delete()
    Tag.objects.filter(merged_into__in=tags).update(merged_into=into)
    Tag.objects.filter(pk__in=[tag.pk for tag in tags]).update(merged_into=into)
    for tag in tags:
        fulltext.forget(tag)
    fulltext.refresh(*findable.TagIndex(Tag).queryset().filter(pk=into.pk))
    changed = findable.ArticleIndex(Article).queryset().filter(pk__in=articles)
    for article in changed.iterator(chunk_size=100):
        fulltext.refresh(article)
    return len(articles)
