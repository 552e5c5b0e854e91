"""How comments are found."""

from caisu.core import fulltext
from caisu.core.fulltext import Index, Item

from . import threads
from .models import Comment


class CommentIndex(Index):
    kind = "comment"

    def queryset(self):
        return Comment.objects.select_related("article__category", "root")

    def entries(self, comment):
        if comment.is_shown and comment.article.is_public:
            yield Item(
                language="",
                title="",
                text=comment.body,
                published_at=comment.created_at,
                audience=comment.article.audience,
                category=comment.article.category.slug,
                author_id=comment.author_id,
            )

    def url(self, comment):
        return threads.address(comment)


def on_article_changed(sender, article, **kwargs):
    """What is said under an article is found by those who may read the article."""
    fulltext.refresh(*CommentIndex(Comment).queryset().filter(article=article))
