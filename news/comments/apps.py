from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "news.comments"
    label = "comments"
    verbose_name = _("Comments")

    def ready(self):
        from django.db.models.signals import post_delete, post_save

        from caisu.core import daily, fulltext
        from caisu.core.models import SiteSettings
        from news.signals import article_changed

        from . import findable, models, personal, posting, telling

        fulltext.register(models.Comment, findable.CommentIndex)
        personal.connect()
        daily.register(daily.Kind("comments", _("Comments"), posting.comments_each_day, place=3))
        article_changed.connect(
            findable.on_article_changed, dispatch_uid="comments.article_changed"
        )
        post_save.connect(
            findable.on_settings_saved, sender=SiteSettings, dispatch_uid="comments.settings_saved"
        )
        article_changed.connect(telling.on_article_changed, dispatch_uid="comments.told")
        post_save.connect(
            telling.on_settings_saved, sender=SiteSettings, dispatch_uid="comments.told"
        )
        post_delete.connect(
            telling.on_comment_deleted, sender=models.Comment, dispatch_uid="comments.told"
        )
