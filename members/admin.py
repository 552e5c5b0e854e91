# From the modules that register them, so that they are registered by now.
from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialToken
from allauth.usersessions.admin import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import Group
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from caisu.core.desk import MOMENTS

from . import inviting
from .models import Invitation, Terms

# How somebody logs in, and from where, is theirs: the webmaster helps by acts on the member's page,
# which leave a decision. And an appointment finds its group by the name.
for model in (EmailAddress, Authenticator, UserSession, SocialAccount, SocialToken, Group):
    admin.site.unregister(model)


class StateFilter(admin.SimpleListFilter):
    title = pgettext_lazy("invitation", "state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return inviting.State.choices

    def queryset(self, request, queryset):
        if self.value() not in inviting.State:
            return queryset
        return queryset.filter(inviting.in_state(self.value(), timezone.now()))


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Who invited whom. An invitation is taken back, never deleted: it says who vouched."""

    list_display = ["created_at", "state", "voucher", "newcomer", "email", "expires_at"]
    list_display_links = ["created_at", "state"]
    list_filter = [StateFilter, "created_at"]
    search_fields = ["invited_by__username", "used_by__username"]
    search_help_text = _("By the handle of who invited or who came.")
    list_select_related = ["invited_by", "used_by"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["revoke"]
    made = ["state", "link", "voucher", "newcomer", "created_at", "expires_at"]
    readonly_fields = [*made, "used_at", "revoked_at"]
    view_on_site = False

    def get_fields(self, request, obj=None):
        return ["email", *self.readonly_fields] if obj else ["email"]

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=pgettext_lazy("invitation", "state"))
    def state(self, invitation):
        return inviting.state_of(invitation).label

    @admin.display(description=_("invited by"), ordering="invited_by__username")
    def voucher(self, invitation):
        return self.person(invitation.invited_by)

    @admin.display(description=_("used by"), ordering="used_by__username")
    def newcomer(self, invitation):
        return self.person(invitation.used_by)

    def person(self, member):
        if member is None:
            return self.get_empty_value_display()
        page = reverse("admin:members_member_change", args=[member.pk])
        return format_html('<a href="{}">{}</a> @{}', page, member, member.username)

    @admin.display(description=_("link to hand on"))
    def link(self, invitation):
        if inviting.state_of(invitation) != inviting.State.OPEN:
            return self.get_empty_value_display()
        return format_html("<code>{}</code>", inviting.link_to(invitation))

    def save_model(self, request, obj, form, change):
        if not change:
            obj.invited_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        """Stays on the page, where the link is."""
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)

    @admin.action(description=_("Take back the chosen invitations"), permissions=["change"])
    def revoke(self, request, queryset):
        chosen = list(queryset)
        done = sum(inviting.revoke(invitation) for invitation in chosen)
        words = ngettext(
            "%(count)d invitation taken back.", "%(count)d invitations taken back.", done
        )
        messages.success(request, words % {"count": done})
        if over := len(chosen) - done:
            words = ngettext("%(count)d was over already.", "%(count)d were over already.", over)
            messages.info(request, words % {"count": over})


@admin.register(Terms)
class TermsAdmin(admin.ModelAdmin):
    """A version that members have accepted stands as it is: a change is a new version."""

    formfield_overrides = MOMENTS
    list_display = ["version", "effective_at", "accepted_by"]
    fields = ["version", "effective_at", "body_zh_hans", "body_en"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(acceptance_count=Count("acceptances"))

    @admin.display(description=pgettext_lazy("user agreement", "accepted by"))
    def accepted_by(self, terms):
        return terms.acceptance_count

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
