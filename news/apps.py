from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")

    def ready(self):
        from caisu.core import fulltext

        from . import contents  # noqa: F401 - listens to what changes
        from .findable import ArticleIndex
        from .models import Article

        fulltext.register(Article, ArticleIndex)
