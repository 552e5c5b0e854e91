from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import fulltext
from caisu.core.models import Audience
from members import profiles
from members.models import FormerHandle, Member
from members.places import LANGUAGES

from . import member_emails, member_page
from .member_acting import MemberActing
from .member_acts import ACTS, acts_for
from .member_export import MemberExport
from .member_list import MemberList, held_by

NAMES = pgettext_lazy("list of names", ", ")


class MemberForm(forms.ModelForm):
    """What a webmaster may mend: how somebody is called and reached, and what they are."""

    class Meta:
        model = Member
        fields = ["display_name", "username", "email", "affiliation"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "email" in self.fields:  # without an address nobody can log in
            self.fields["email"].required = True

    def clean_username(self):
        handle = self.cleaned_data["username"]
        if self.instance.pk and "username" in self.changed_data:
            try:
                profiles.check_handle(handle, self.instance)
            except ValidationError as error:
                if error.code != "too_soon":  # the webmaster has a reason
                    raise
        elif FormerHandle.objects.filter(handle=handle).exists() and not self.instance.pk:
            raise ValidationError(_("This handle is taken."), code="unique")
        return handle

    def clean_email(self):
        email = Member.objects.normalize_email(self.cleaned_data["email"])
        others = EmailAddress.objects.filter(email=email).exclude(user=self.instance.pk)
        if others.exists():
            raise ValidationError(_("This e-mail address belongs to another member."))
        return email


@admin.register(Member)
class MemberAdmin(MemberActing, MemberExport, MemberList):
    """People. Standing and roles change only by acts that leave a decision; passwords are theirs."""

    form = MemberForm
    change_form_template = "admin/members/member/change_form.html"
    change_list_template = "admin/members/member/change_list.html"
    actions = [*MemberActing.actions, *MemberExport.actions]
    profile_fields = [
        "display_name",
        "username",
        "email",
        "affiliation",
        "language",
        "department",
        "home",
        "arrived",
        "spoken",
        "bio",
        "addresses_of_theirs",
        "wechat",
        "visibility",
        "audiences",
    ]
    standing_fields = [
        "standing",
        "suspended_until",
        "trusted",
        "roles_held",
        "vouched_by",
        "date_joined",
        "last_seen_on",
    ]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["display_name", "username", "email"]})]
        # The address of a computer is for whoever answers for the site.
        origin = ["signed_up_from"] if request.user.is_superuser else []
        return [
            (_("Profile"), {"fields": self.filled(obj, self.profile_fields)}),
            (_("Standing"), {"fields": self.filled(obj, [*self.standing_fields, *origin])}),
        ]

    def filled(self, member, fields):
        """Without what is only shown and has nothing to show."""

        def value(name):
            return getattr(self, name)(member) if hasattr(self, name) else getattr(member, name)

        return [name for name in fields if name in MemberForm.Meta.fields or value(name)]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        theirs = [name for name in self.profile_fields if name not in MemberForm.Meta.fields]
        return [*theirs, *self.standing_fields, "signed_up_from"]

    @admin.display(description=_("hometown"))
    def home(self, member):
        return " ".join(filter(None, [member.get_province_display(), member.hometown]))

    @admin.display(description=_("languages I speak"))
    def spoken(self, member):
        names = dict(LANGUAGES)
        return str(NAMES).join(str(names.get(code, code)) for code in member.languages)

    @admin.display(description=pgettext_lazy("profile", "links"))
    def addresses_of_theirs(self, member):
        return " ".join(member.links)

    @admin.display(description=_("who sees what"))
    def audiences(self, member):
        """Only what they chose otherwise than most: members see it."""
        chosen = []
        for name in Member.PRIVATE_FIELDS:
            audience = getattr(member, f"{name}_audience")
            if audience != Audience.MEMBERS:
                words = Member._meta.get_field(name).verbose_name
                chosen.append(f"{words} · {Audience(audience).label}")
        return str(NAMES).join(chosen) or _("Everything for members.")

    @admin.display(description=pgettext_lazy("member", "trust"))
    def trusted(self, member):
        return member_page.trust(member)

    @admin.display(description=_("roles"))
    def roles_held(self, member):
        return str(NAMES).join(held_by(member))

    # --- Who may

    def has_decide_permission(self, request):
        return request.user.has_perm("moderation.decide")

    def has_change_permission(self, request, obj=None):
        """Staff is looked after by webmasters; anybody's own profile has its own page."""
        allowed = super().has_change_permission(request, obj)
        if obj is not None and (obj.is_staff or obj.is_superuser):
            return allowed and request.user.is_superuser
        return allowed

    def has_delete_permission(self, request, obj=None):
        """A person leaves or is banned; what they wrote stays attached to somebody."""
        return False

    # --- Writing

    def save_model(self, request, obj, form, change):
        if not change:
            obj.standing = Member.Standing.ACTIVE
            obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            fulltext.refresh(obj)
            self.message_user(
                request,
                _("They log in with a code by e-mail, and may choose a password then. Tell them."),
            )
            return
        if "username" in form.changed_data:
            FormerHandle.objects.filter(handle=obj.username).delete()
            FormerHandle.objects.create(handle=form.initial["username"], member=obj)
        super().save_model(request, obj, form, change)
        fulltext.refresh(obj)
        if "email" in form.changed_data:
            # Only a code shows that the new address is theirs: they get one at the next login.
            obj.emailaddress_set.all().delete()
            member_emails.address_changed(obj, form.initial["email"])

    # --- Pages

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/act/<str:name>/", wrap(self.act), name="members_member_act"),
            path("acts/<str:name>/", wrap(self.act_on_many), name="members_member_acts"),
            path("export/", wrap(self.export), name="members_member_export"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        member = self.get_object(request, object_id)
        context = {}
        if member is not None and self.has_decide_permission(request):
            acts = acts_for(member, request.user)
            context = {
                "acts": [(name, ACTS[name].words) for name in acts],
                **member_page.facts(member, request.user),
            }
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        context = {"may_export": self.has_lead_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)
