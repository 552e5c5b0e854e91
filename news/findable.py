"""How articles, their tags and their categories are found."""

from datetime import UTC, datetime
from functools import partial

from django.db.models import OuterRef, Subquery

from caisu.core import fulltext
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.fulltext import Index, Item
from caisu.core.fulltext.models import Entry
from caisu.core.markup import text_of
from caisu.core.models import Audience

from .models import Article, Tag

# Categories have no date; they come after what has one.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class ArticleIndex(Index):
    kind = "article"

    def queryset(self):
        return Article.objects.select_related("category").prefetch_related("tags")

    def entries(self, article):
        for language in article.languages:
            yield Item(
                language=language,
                title=getattr(article, column("title", language)),
                text=partial(self.text, article, language),
                published_at=article.publish_at or article.created_at,
                # The desk alone finds what is not out.
                audience=article.audience if article.is_public else Entry.Audience.STAFF,
                category=article.category.slug,
                author_id=article.author_id,
            )

    def text(self, article, language):
        summary, body = (getattr(article, column(name, language)) for name in ("summary", "body"))
        return f"{summary}\n{text_of(body)}\n{article.byline}".strip()

    def tags(self, article):
        return [tag.pk for tag in article.tags.all()]


class TagIndex(Index):
    """Found by those who find an article that carries it: a tag alone would tell of a draft."""

    kind = "tag"

    def queryset(self):
        newest = Article.objects.published().filter(tags=OuterRef("pk")).order_by("-publish_at")
        everyones = newest.filter(audience=Audience.EVERYONE)
        return Tag.objects.current().annotate(
            used_at=Subquery(newest.values("publish_at")[:1]),
            used_for_everyone_at=Subquery(everyones.values("publish_at")[:1]),
        )

    def entries(self, tag):
        if tag.used_at is None:
            return
        for language in LANGUAGES:
            yield Item(
                language=language,
                title=getattr(tag, column("name", language)),
                published_at=tag.used_for_everyone_at or tag.used_at,
                audience=Audience.EVERYONE if tag.used_for_everyone_at else Audience.MEMBERS,
            )


class CategoryIndex(Index):
    kind = "category"

    def entries(self, category):
        for language in LANGUAGES:
            yield Item(
                language=language,
                title=getattr(category, column("name", language)),
                text=getattr(category, column("description", language)),
                published_at=LONG_AGO,
                category=category.slug,
            )


def on_article_changed(sender, article, **kwargs):
    """Who finds a tag depends on the articles that carry it."""
    fulltext.refresh(*TagIndex(Tag).queryset().filter(articles=article))


def on_tag_saved(sender, instance, **kwargs):
    fulltext.refresh(*TagIndex(Tag).queryset().filter(pk=instance.pk))


def on_category_saved(sender, instance, **kwargs):
    fulltext.refresh(instance)
