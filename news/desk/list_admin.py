"""The list of articles in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .acts import ActsAdmin


class ListAdmin(ActsAdmin):
    """Which articles there are, and what is done to many at once."""

    list_display = [
        "headline",
        "category",
        "shown_status",
        "in_languages",
        "author",
        "publish_at",
        "view_count",
        "comment_count",
    ]
    list_filter = ["status", "category", "audience", "is_featured"]
    list_select_related = ["category", "author"]
    search_fields = ["title_zh_hans", "title_en", "slug"]
    date_hierarchy = "publish_at"
    ordering = ["-updated_at"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["publish", "archive", "withdraw", "back_to_draft"]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            queryset = queryset.defer("body_zh_hans", "body_en")
        return queryset

    @admin.display(description=_("title"), ordering="title_zh_hans")
    def headline(self, article):
        return article.title

    @admin.display(description=_("languages"))
    def in_languages(self, article):
        names = {
            "zh-hans": pgettext_lazy("short for Chinese", "Zh"),
            "en": pgettext_lazy("short for English", "En"),
        }
        return " · ".join(str(names[code]) for code in article.languages)

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Publish the chosen articles"), permissions=["publish"])
    def publish(self, request, queryset):
        self.act(request, list(queryset), "publish")

    @admin.action(description=_("Archive the chosen articles"), permissions=["publish"])
    def archive(self, request, queryset):
        self.act(request, list(queryset), "archive")

    @admin.action(description=_("Withdraw the chosen articles"), permissions=["publish"])
    def withdraw(self, request, queryset):
        self.act(request, list(queryset), "withdraw")

    @admin.action(description=_("Make the chosen articles drafts again"), permissions=["publish"])
    def back_to_draft(self, request, queryset):
        self.act(request, list(queryset), "back_to_draft")
