from datetime import timedelta

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from caisu.core.roles import ROLE_NAMES
from members.models import Member

from . import deciding
from .desk import DecideForm, told
from .models import Decision


class SuspendForm(DecideForm):
    days = forms.IntegerField(label=_("for how many days"), min_value=1, max_value=3650, initial=7)


# Acts on a person: words, form, and what the verb is called with.
MEMBER_ACTS = {
    "admit": (_("Admit"), DecideForm),
    "refuse": (_("Refuse"), DecideForm),
    "suspend": (_("Suspend"), SuspendForm),
    "ban": (_("Ban"), DecideForm),
    "restore": (_("Restore"), DecideForm),
}


def member_acts(member, by):
    """The acts that fit a member's standing and the moderator's rights."""
    if not member.may_be_sanctioned_by(by):
        return []
    return {
        Member.Standing.PENDING: ["admit", "refuse", "ban"],
        Member.Standing.ACTIVE: ["suspend", "ban"],
        Member.Standing.SUSPENDED: ["restore", "ban"],
        Member.Standing.BANNED: ["restore"],
        Member.Standing.LEFT: [],
    }[member.standing]


@admin.register(Member)
class MemberAdmin(UserAdmin):
    """People. Their standing changes only by acts that leave a decision."""

    list_display = [
        "display_name",
        "username",
        "standing",
        "affiliation",
        "approved_count",
        "date_joined",
    ]
    list_filter = ["standing", "affiliation", "is_staff", "groups"]
    search_fields = ["display_name", "username", "email"]
    ordering = ["-date_joined"]
    list_per_page = 50
    show_full_result_count = False
    filter_horizontal = []
    actions = ["admit", "refuse", "ban"]
    change_form_template = "admin/members/member/change_form.html"
    readonly_fields = [
        "standing",
        "suspended_until",
        "approved_count",
        "signed_up_from",
        "vouched_by",
        "date_joined",
        "last_login",
    ]
    profile = (
        _("Profile"),
        {
            "fields": [
                "display_name",
                "username",
                "email",
                "language",
                "affiliation",
                "department",
                "hometown",
                "arrived",
                "bio",
                "visibility",
            ]
        },
    )
    standing_fields = (
        _("Standing"),
        {
            "fields": [
                "standing",
                "suspended_until",
                "approved_count",
                "vouched_by",
                "signed_up_from",
                "date_joined",
                "last_login",
            ]
        },
    )
    rights = (_("Rights"), {"fields": ["is_staff", "is_superuser", "groups", "password"]})
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "display_name",
                    "username",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        )
    ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """The roles, as boxes and in the webmaster's language."""
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label_from_instance = lambda group: str(ROLE_NAMES.get(group.name, group.name))
        return field

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        fieldsets = [self.profile, self.standing_fields]
        return [*fieldsets, self.rights] if request.user.is_superuser else fieldsets

    def has_decide_permission(self, request):
        return request.user.has_perm("moderation.decide")

    def has_change_permission(self, request, obj=None):
        """Staff is looked after by superusers; anybody's own profile has its own page."""
        allowed = super().has_change_permission(request, obj)
        if obj is not None and (obj.is_staff or obj.is_superuser):
            return allowed and request.user.is_superuser
        return allowed

    def has_delete_permission(self, request, obj=None):
        """A person leaves or is banned; what they wrote stays attached to somebody."""
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            obj.standing = Member.Standing.ACTIVE
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # Only a code shows that the new address is theirs: they get one at the next login.
            obj.emailaddress_set.all().delete()

    def user_change_password(self, request, id, form_url=""):
        """Who sets a password can be that person: for superusers. Others have a reset by mail."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def get_urls(self):
        act = self.admin_site.admin_view(self.act)
        return [
            path("<int:pk>/act/<str:name>/", act, name="members_member_act"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        member = self.get_object(request, object_id)
        context = {}
        if member is not None:
            context["acts"] = [
                (name, MEMBER_ACTS[name][0]) for name in member_acts(member, request.user)
            ]
            if self.has_decide_permission(request):
                decisions = Decision.objects.filter(case__member=member).select_related(
                    "by", "case"
                )
                context["decisions"] = decisions[:20]
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def act(self, request, pk, name):
        """One act on one person: a page that asks for the reason, then the verb."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        member = get_object_or_404(Member, pk=pk)
        if name not in member_acts(member, request.user):
            raise PermissionDenied
        words, form_class = MEMBER_ACTS[name]
        form = form_class(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            extra = {}
            if name == "suspend":
                extra["until"] = timezone.now() + timedelta(days=form.cleaned_data["days"])
            verb = getattr(deciding, name)
            done = verb(member, request.user, reason=form.cleaned_data["reason"], **extra)
            told(request, int(done), int(not done))
            return HttpResponseRedirect(reverse("admin:members_member_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": format_html("{}: {}", words, member),
            "member": member,
            "form": form,
            "words": words,
            "opts": self.model._meta,
        }
        return render(request, "admin/members/member/act.html", context)

    def bulk(self, request, queryset, name):
        done, all_of_them = 0, list(queryset)
        for member in all_of_them:
            if name in member_acts(member, request.user):
                done += getattr(deciding, name)(member, request.user)
        told(request, done, len(all_of_them) - done)

    @admin.action(description=_("Admit the chosen newcomers"), permissions=["decide"])
    def admit(self, request, queryset):
        self.bulk(request, queryset, "admit")

    @admin.action(description=_("Refuse the chosen newcomers"), permissions=["decide"])
    def refuse(self, request, queryset):
        self.bulk(request, queryset, "refuse")

    @admin.action(description=_("Ban the chosen members"), permissions=["decide"])
    def ban(self, request, queryset):
        self.bulk(request, queryset, "ban")
