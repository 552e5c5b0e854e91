"""Full-text search in Chinese and English, the same on SQLite and PostgreSQL, without a server.

    class ArticleIndex(fulltext.Index):  # in news/fulltext.py
        kind = "article"

        def entries(self, article):
            if article.is_public:
                yield fulltext.Item(language="en", title=…, text=…, published_at=…)

    fulltext.register(Article, ArticleIndex)  # in NewsConfig.ready()

    with transaction.atomic():  # in every verb that changes the article
        article.save()
        fulltext.refresh(article)

Who may find a thing changes in that transaction; its text follows as a job. The page asks
``search()`` for hits and ``show()`` for what a reader sees of them. docs/decisions/0004-search.md
says what is stored and why.
"""

# Plain text of an article's body, for the declarations.
from caisu.core.markup import text_of as from_html

from .asking import parse, phrases
from .query import Filters, Found, Hit, Results, holds, ids, search, show, titled
from .registry import Index, Item, forget, indexes, refresh, register
from .text import language_of

__all__ = [
    "Filters",
    "Found",
    "Hit",
    "Index",
    "Item",
    "Results",
    "forget",
    "from_html",
    "holds",
    "ids",
    "indexes",
    "language_of",
    "parse",
    "phrases",
    "refresh",
    "register",
    "search",
    "show",
    "titled",
]
