from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from members import reauthentication
from members.models import Appointment, Member

from . import appointing, handing_over
from .member_acts import DayInput, check_end, usual_end
from .member_list import owners_of

KEEPS = [
    (WEBMASTER, gettext_lazy("stay webmaster beside them, until")),
    (EDITOR, gettext_lazy("be an editor until")),
    (MODERATOR, gettext_lazy("be a moderator until")),
    ("", gettext_lazy("be a member like others, at once")),
]


def a_month_from_now():
    return timezone.localdate() + timedelta(days=30)


class HandOverForm(forms.Form):
    """Who comes next, and what the one who goes wishes to be."""

    to = forms.CharField(
        label=gettext_lazy("the next webmaster"),
        max_length=254,
        help_text=gettext_lazy("Handle or e-mail address of an active member."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    until = forms.DateField(
        label=gettext_lazy("webmaster until"), widget=DayInput(), initial=usual_end
    )
    keeps = forms.ChoiceField(
        label=gettext_lazy("I myself will"),
        choices=KEEPS,
        required=False,
        initial=WEBMASTER,
        widget=forms.RadioSelect,
    )
    keeps_until = forms.DateField(
        label=pgettext_lazy("hand over", "until, for myself"),
        widget=DayInput(),
        required=False,
        initial=a_month_from_now,
        help_text=gettext_lazy("A month together is a good hand-over."),
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_to(self):
        words = self.cleaned_data["to"].strip().lstrip("@").lower()
        found = Member.objects.active()
        found = (
            found.filter(pk__in=owners_of(words)) if "@" in words else found.filter(username=words)
        )
        member = found.first()
        if member is None:
            raise forms.ValidationError(_("No active member has this handle or address."))
        if member == self.by:
            raise forms.ValidationError(_("That is you. Choose somebody else."))
        return member

    def clean_until(self):
        return check_end(self.cleaned_data["until"])

    def clean_keeps_until(self):
        return check_end(self.cleaned_data["keeps_until"])

    def clean(self):
        keeps, until = self.cleaned_data.get("keeps"), self.cleaned_data.get("keeps_until")
        if keeps and not until and "keeps_until" not in self.errors:
            self.add_error("keeps_until", _("Until when, please?"))
        return self.cleaned_data


@admin.register(Appointment)
class AppointmentAdmin(admin.ModelAdmin):
    """Who holds what until when. Given and ended on the page of the member."""

    list_display = ["who", "role_held", "until", "appointed_by", "appointed_at"]
    list_display_links = None
    list_select_related = ["member", "role", "appointed_by"]
    ordering = ["role__name", "until", "pk"]
    search_fields = ["member__username"]
    show_full_result_count = False
    empty_value_display = ""
    change_list_template = "admin/members/appointment/change_list.html"

    @admin.display(description=gettext_lazy("member"), ordering="member__display_name")
    def who(self, appointment):
        address = reverse("admin:members_member_change", args=[appointment.member_id])
        return format_html('<a href="{}">{}</a>', address, appointment.member)

    @admin.display(description=gettext_lazy("role"), ordering="role__name")
    def role_held(self, appointment):
        return appointment.role_name

    def has_module_permission(self, request):
        return appointing.is_webmaster(request.user)

    def has_view_permission(self, request, obj=None):
        return appointing.is_webmaster(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("hand-over/", wrap(self.hand_over), name="members_appointment_hand_over"),
            path("sheet/", wrap(self.sheet), name="members_appointment_sheet"),
            *super().get_urls(),
        ]

    def page(self, request, template, title, **context):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            **context,
        }
        return TemplateResponse(request, f"admin/members/appointment/{template}.html", context)

    def sheet(self, request):
        """The hand-over sheet, to be printed and filled in by hand."""
        if not appointing.is_webmaster(request.user):
            raise PermissionDenied
        return self.page(request, "sheet", _("Hand-over sheet"), **handing_over.sheet())

    def hand_over(self, request):
        """First who and what, then what will happen, then it happens and the sheet is shown."""
        if not appointing.is_webmaster(request.user):
            raise PermissionDenied
        if not reauthentication.is_recent(request):
            return reauthentication.ask(request)
        form = HandOverForm(request.POST if request.method == "POST" else None, by=request.user)
        if request.method != "POST" or not form.is_valid():
            return self.page(request, "hand_over", _("Hand over"), form=form)
        to, keeps = form.cleaned_data["to"], form.cleaned_data["keeps"]
        if "confirmed" not in request.POST:
            return self.page(
                request,
                "hand_over_confirm",
                _("Hand over"),
                form=form,
                to=to,
                keeps=dict(KEEPS)[keeps],
                keeps_something=bool(keeps),
                has_second_factor=to.authenticator_set.exists(),
            )
        appointing.hand_over(
            request.user,
            to,
            form.cleaned_data["until"],
            keeps,
            form.cleaned_data["keeps_until"] if keeps else None,
        )
        messages.success(
            request,
            _("%(name)s is webmaster now. Both of you get a mail. Print this sheet and fill it in.")
            % {"name": to},
        )
        # Shown here and now: who steps down could not open it afterwards.
        return self.page(request, "sheet", _("Hand-over sheet"), **handing_over.sheet())
