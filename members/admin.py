from django.conf import settings
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Invitation, Terms


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ["__str__", "invited_by", "created_at", "used_at", "used_by"]
    fields = ["email", "link", "invited_by", "created_at", "used_at", "used_by"]
    readonly_fields = ["link", "invited_by", "created_at", "used_at", "used_by"]
    list_select_related = ["invited_by", "used_by"]
    view_on_site = False

    @admin.display(description=_("link to hand on"))
    def link(self, invitation):
        if not invitation.pk:
            return _("You get it after saving.")
        return format_html("<code>{}{}</code>", settings.SITE_URL, invitation.get_absolute_url())

    def save_model(self, request, obj, form, change):
        if not change:
            obj.invited_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        """Stays on the page, where the link is."""
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)


@admin.register(Terms)
class TermsAdmin(admin.ModelAdmin):
    """A version that members have accepted stands as it is: a change is a new version."""

    list_display = ["version", "effective_at", "accepted_by"]
    fields = ["version", "effective_at", "body_zh_hans", "body_en"]

    @admin.display(description=pgettext_lazy("user agreement", "accepted by"))
    def accepted_by(self, terms):
        return terms.acceptances.count()

    def get_changeform_initial_data(self, request):
        latest = Terms.objects.first()
        if latest is None:
            return {"version": 1}
        return {
            "version": latest.version + 1,
            "body_zh_hans": latest.body_zh_hans,
            "body_en": latest.body_en,
        }

    def has_change_permission(self, request, obj=None):
        accepted = obj is not None and obj.acceptances.exists()
        return not accepted and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        accepted = obj is not None and obj.acceptances.exists()
        return not accepted and super().has_delete_permission(request, obj)
