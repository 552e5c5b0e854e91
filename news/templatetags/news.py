from django import template
from django.core.cache import cache

from news.models import Category

register = template.Library()


@register.simple_tag
def sections():
    """The categories for the section bar, from the cache."""
    categories = cache.get(Category.CACHE_KEY)
    if categories is None:
        categories = list(Category.objects.all())
        cache.set(Category.CACHE_KEY, categories, 3600)
    return categories
