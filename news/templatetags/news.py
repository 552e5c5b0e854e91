from datetime import timedelta

from django import template
from django.core.cache import cache
from django.utils.formats import date_format
from django.utils.translation import pgettext

from caisu.core.templatetags import pictures
from news import reviewing
from news.models import Article, Category
from news.outline import outline

register = template.Library()


@register.simple_tag
def sections():
    """The categories for the section bar, from the cache."""
    categories = cache.get(Category.CACHE_KEY)
    if categories is None:
        categories = list(Category.objects.all())
        cache.set(Category.CACHE_KEY, categories, 3600)
    return categories


@register.simple_tag
def article_text(article, keyed=None):
    """The body of an article for its page (``html``), and its headings if it is long (``contents``).

    Args:
        keyed: for a preview, as in ``richtext_keyed``.
    """
    if keyed:
        html = pictures.richtext_keyed(article.body, keyed)
    elif article.is_post:
        html = pictures.members_richtext(article.body)
    else:
        html = pictures.richtext(article.body)
    return outline(pictures.opening(html), article.reading_minutes)


@register.simple_tag
def submissions():
    """How many posts of members, or changes to them, wait for an editor."""
    return reviewing.awaiting_review().count()


@register.filter
def year_name(start):
    """2026年; 2026. For a heading."""
    return date_format(start, pgettext("format of a year", "Y"))


@register.filter
def month_name(start):
    """11月; November. For a list under its year."""
    return date_format(start, pgettext("format of a month", "F"))


@register.filter
def changed_later(article):
    """When an article was changed a day or more after it came out; None if it was not.

    What came from elsewhere, or into the archive, is older than its row; its row was not changed.
    """
    if article.status != Article.Status.PUBLISHED:
        return None
    came = max(article.publish_at, article.created_at)
    return article.updated_at if article.updated_at - came >= timedelta(days=1) else None
