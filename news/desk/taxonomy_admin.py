"""Categories and tags in the admin."""

from django.contrib import admin


class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name_zh_hans", "name_en", "slug", "order"]
    list_editable = ["order"]


class TagAdmin(admin.ModelAdmin):
    list_display = ["name_zh_hans", "name_en", "slug"]
    search_fields = ["name_zh_hans", "name_en", "slug"]
