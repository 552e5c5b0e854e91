from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "news.comments"
    label = "comments"
    verbose_name = _("Comments")

    def ready(self):
        from caisu.core import fulltext
        from news.signals import article_changed

        from . import findable, models

        fulltext.register(models.Comment, findable.CommentIndex)
        article_changed.connect(
            findable.on_article_changed, dispatch_uid="comments.article_changed"
        )
