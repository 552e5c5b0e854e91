from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from . import counting
from .models import SearchCount


@admin.register(SearchCount)
class SearchCountAdmin(admin.ModelAdmin):
    """What is looked for, and what in vain: two tables instead of a list of rows."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("What is looked for"),
            "opts": self.opts,
            "days": counting.DAYS,
            "popular": counting.popular(),
            "fruitless": counting.fruitless(),
        }
        return render(request, "admin/search/counts.html", context)
