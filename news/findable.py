"""How articles are found."""

from caisu.core.bilingual import column
from caisu.core.fulltext import Index, Item
from caisu.core.markup import text_of

from .models import Article


class ArticleIndex(Index):
    kind = "article"

    def queryset(self):
        return Article.objects.select_related("category")

    def entries(self, article):
        if not article.is_public:
            return
        for language in article.languages:
            summary, body = (
                getattr(article, column(name, language)) for name in ("summary", "body")
            )
            yield Item(
                language=language,
                title=getattr(article, column("title", language)),
                text=f"{summary}\n{text_of(body)}",
                published_at=article.publish_at,
                audience=article.audience,
                category=article.category.slug,
                author_id=article.author_id,
            )
