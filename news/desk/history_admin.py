"""Who changed what, and how an article looks before it is out."""

from django.contrib import admin


class HistoryAdmin(admin.ModelAdmin):
    """History, comparison, restoring and previews of articles."""
