"""The models of the news, by subject."""

from .article import Article
from .revision import FormerSlug, Revision, WorkingCopy
from .taxonomy import Category, Tag, validate_category_slug
from .traffic import DailyViews, Visit

__all__ = [
    "Article",
    "Category",
    "DailyViews",
    "FormerSlug",
    "Revision",
    "Tag",
    "Visit",
    "WorkingCopy",
    "validate_category_slug",
]
