from django.contrib import admin

from .desk.history_admin import HistoryAdmin
from .desk.list_admin import ListAdmin
from .desk.review_admin import ReviewAdmin
from .desk.taxonomy_admin import CategoryAdmin, TagAdmin
from .desk.writing_admin import WritingAdmin
from .models import Article, Category, Tag

admin.site.register(Category, CategoryAdmin)
admin.site.register(Tag, TagAdmin)


@admin.register(Article)
class ArticleAdmin(ListAdmin, WritingAdmin, ReviewAdmin, HistoryAdmin):
    """The desk for articles: its list, the page to write one, review of posts, and the history."""
