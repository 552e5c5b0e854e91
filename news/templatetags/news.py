from django import template
from django.core.cache import cache

from members.moderation.models import State
from news.models import Article, Category

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
def submissions():
    """How many posts of members wait for an editor."""
    waiting = Article.objects.filter(status=Article.Status.SUBMITTED)
    return waiting.filter(state__in=[State.HELD, State.VISIBLE]).count()
