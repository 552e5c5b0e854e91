"""What search engines may read of the news: only what everybody may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from caisu.core.bilingual import column
from caisu.core.sitemaps import InLanguage, Places

from .models import Article, Category
from .models.article import ArticleQuerySet


def public_articles() -> ArticleQuerySet:
    """What a visitor without an account may read."""
    return Article.objects.readable_by(AnonymousUser())


def changed_at(article: Article) -> datetime:
    """Since when it reads as it does: what is scheduled was written before it was there."""
    return max(article.updated_at, article.publish_at or article.updated_at)


def newest_change(articles: QuerySet[Article]) -> datetime | None:
    """When one of ``articles`` last changed or came out; two looks into an index."""
    changed = articles.order_by("-updated_at").values_list("updated_at", flat=True).first()
    out = articles.order_by("-publish_at").values_list("publish_at", flat=True).first()
    return max(changed, out) if changed and out else None


class FrontPages(Places):
    """The front page and the list of all news."""

    def __init__(self, language: str) -> None:
        super().__init__(language, ["news:front", "news:index"])

    def neutral(self, item: str) -> str:
        return reverse("root") if item == "news:front" else ""


class Categories(InLanguage):
    """The list of each category that has something to read."""

    def items(self) -> Any:
        articles = public_articles().filter(category=OuterRef("pk"))
        return Category.objects.filter(Exists(articles)).order_by("pk")


class Articles(InLanguage):
    """Each article in the languages that it is written in."""

    def items(self) -> Any:
        written = public_articles().exclude(**{column("title", self.language): ""})
        return written.order_by("pk").only(
            "slug", "publish_at", "updated_at", "title_zh_hans", "title_en"
        )

    def languages_of(self, item: Article) -> Iterable[str]:
        return item.languages

    def neutral(self, item: Article) -> str:
        return reverse("short_link", args=[item.pk])

    def lastmod(self, item: Article) -> datetime:
        return changed_at(item)

    def get_latest_lastmod(self) -> datetime | None:
        return newest_change(self.items())
