from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from members.moderation import deciding
from members.moderation.desk import DecidePermission, told

from .models import Comment


@admin.register(Comment)
class CommentAdmin(DecidePermission, admin.ModelAdmin):
    """All comments; what waits is in the queue of cases."""

    list_display = ["short", "author", "article", "state", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["author", "article"]
    search_fields = ["body"]  # shows the box; get_search_results does the work
    search_help_text = _("Words of the comment, its writer, before: or after: a date.")
    ordering = ["-created_at", "-pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["approve", "remove", "spam"]
    fields = [
        "author",
        "article",
        "text",
        "state",
        "created_at",
        "edited_at",
        "deleted_at",
        "place",
    ]
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).defer("article__body_zh_hans", "article__body_en")

    def get_search_results(self, request, queryset, search_term):
        """Asks the index, which also has what waits or was removed."""
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        found = fulltext.ids("comment", words, Entry.Audience.values)
        writers = fulltext.ids("member", words, Entry.Audience.values)
        return queryset.filter(Q(pk__in=found) | Q(author__in=writers)), False

    @admin.display(description=_("text"))
    def short(self, comment):
        return comment.body[:100]

    @admin.display(description=_("text"))
    def text(self, comment):
        return comment.body

    @admin.display(description=_("on the site"))
    def place(self, comment):
        return format_html('<a href="{}">{}</a>', comment.get_absolute_url(), comment.article)

    def bulk(self, request, queryset, verb):
        comments = list(queryset.select_related("author"))
        done = sum(verb(comment, request.user) for comment in comments)
        told(request, done, len(comments) - done)

    @admin.action(description=_("Approve the chosen contributions"), permissions=["decide"])
    def approve(self, request, queryset):
        self.bulk(request, queryset, deciding.approve)

    @admin.action(description=_("Remove the chosen contributions"), permissions=["decide"])
    def remove(self, request, queryset):
        self.bulk(request, queryset, deciding.remove)

    @admin.action(description=_("Mark the chosen contributions as spam"), permissions=["decide"])
    def spam(self, request, queryset):
        self.bulk(request, queryset, deciding.mark_spam)
