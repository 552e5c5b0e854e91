from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")

    def ready(self):
        from django.db.models.signals import post_save

        from caisu.core import daily, fulltext

        from . import (
            contents,  # noqa: F401 - listens to what changes
            counting,
            findable,
            personal,
        )
        from .models import Article, Category, Tag
        from .signals import article_changed

        fulltext.register(Article, findable.ArticleIndex)
        fulltext.register(Tag, findable.TagIndex)
        fulltext.register(Category, findable.CategoryIndex)
        article_changed.connect(findable.on_article_changed, dispatch_uid="news.tags")
        post_save.connect(findable.on_tag_saved, sender=Tag, dispatch_uid="news.tag")
        post_save.connect(findable.on_category_saved, sender=Category, dispatch_uid="news.category")
        personal.connect()
        daily.register(daily.Kind("views", _("Articles read"), counting.views_each_day, place=1))
