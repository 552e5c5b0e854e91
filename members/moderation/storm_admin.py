"""Storms: how the last hour stands against a usual one, and the word that a crowd is expected."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caisu.core.templatetags.site import date_and_time

from . import appointing, storms
from .desk import DecidePermission
from .models import HouseRules, Storm

FARTHEST = timedelta(days=60)


class CrowdForm(forms.Form):
    """Until which day more people than usual are welcome."""

    until = forms.DateField(
        label=gettext_lazy("expecting a crowd until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose a day first, please.")},
    )

    def clean_until(self):
        day, today = self.cleaned_data["until"], timezone.localdate()
        if not today <= day <= today + FARTHEST:
            raise forms.ValidationError(
                _("Choose today or a day within the next %(days)d days."),
                params={"days": FARTHEST.days},
            )
        midnight = datetime.combine(day + timedelta(days=1), time())
        return timezone.make_aware(midnight)


@admin.register(Storm)
class StormAdmin(DecidePermission, admin.ModelAdmin):
    """The last storms, and above them how things stand now. Webmasters say that a crowd is expected."""

    list_display = ["began_at", "cause", "count", "usually", "ended_at"]
    list_display_links = None
    show_full_result_count = False
    change_list_template = "admin/moderation/storm/change_list.html"

    @admin.display(description=gettext_lazy("usually"), ordering="usual")
    def usually(self, storm):
        return f"{storm.usual:g}"

    def get_urls(self):
        crowd = self.admin_site.admin_view(self.crowd)
        return [path("crowd/", crowd, name="moderation_crowd"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None, form=None):
        rules = HouseRules.load()
        context = {
            "title": _("Storms"),
            "blowing": Storm.objects.filter(ended_at=None).first(),
            "measures": storms.measure() if self.has_view_permission(request) else [],
            "crowd_until": rules.crowd_until if rules.expects_a_crowd else None,
            "form": form or CrowdForm() if appointing.is_webmaster(request.user) else None,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def crowd(self, request):
        """POST: a crowd is expected until the end of a day or, with ``act=end``, no longer."""
        if not appointing.is_webmaster(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if request.POST.get("act") == "end":
            self.expect(request, None, _("No crowd is expected any more."))
            return self.back()
        form = CrowdForm(request.POST)
        if not form.is_valid():
            # The page once more, with what was typed; as such it only shows.
            request.method = "GET"
            return self.changelist_view(request, form=form)
        until = form.cleaned_data["until"]
        words = _("A crowd is expected until %(when)s.") % {"when": date_and_time(until)}
        self.expect(request, until, words)
        return self.back()

    def expect(self, request, until, words):
        blew = storms.current() is not None
        self.log_change(request, storms.expect_a_crowd(until), words)
        messages.success(request, words)
        if blew and storms.current() is None:
            messages.info(request, _("The storm is over."))

    def back(self):
        return HttpResponseRedirect(reverse("admin:moderation_storm_changelist"))
