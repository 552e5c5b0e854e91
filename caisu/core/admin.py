from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import fulltext, image_admin  # noqa: F401 - registers
from .desk import MOMENTS, NamedCells
from .jobs import admin as jobs_admin  # noqa: F401 - registers
from .models import Page, SiteSettings


class SiteSettingsForm(forms.ModelForm):
    def clean_notice_until(self):
        until = self.cleaned_data["notice_until"]
        if until and until <= timezone.now() and "notice_until" in self.changed_data:
            raise forms.ValidationError(
                _("This time is over: nobody would see the notice."), code="over"
            )
        return until


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """One row: the list leads straight to it."""

    form = SiteSettingsForm
    formfield_overrides = MOMENTS
    fieldsets = [
        (
            None,
            {"fields": ["name_zh_hans", "name_en", "short_name", "tagline_zh_hans", "tagline_en"]},
        ),
        (_("Urgent notice"), {"fields": ["notice_zh_hans", "notice_en", "notice_until"]}),
        (
            _("Members"),
            {
                "fields": [
                    "signup_mode",
                    "trusted_domains",
                    "first_contributions_held",
                    "comments_audience",
                    "comment_edit_minutes",
                    "still_here_mail",
                ]
            },
        ),
        (_("Contact"), {"fields": ["contact_email"]}),
    ]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        site, _created = SiteSettings.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:core_sitesettings_change", args=[site.pk]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Page)
class PageAdmin(NamedCells, admin.ModelAdmin):
    list_display = ["slug", "title_zh_hans", "title_en", "in_footer", "order"]
    list_editable = ["order"]
    prepopulated_fields = {"slug": ["title_en"]}
    fieldsets = [
        (None, {"fields": ["slug", "order", "in_footer"]}),
        (_("Chinese"), {"fields": ["title_zh_hans", "body_zh_hans"]}),
        (_("English"), {"fields": ["title_en", "body_en"]}),
    ]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        fulltext.refresh(obj)

    def delete_queryset(self, request, queryset):
        for page in queryset:  # one by one: each closes the pictures that it alone has shown
            page.delete()
