"""The list of members as a CSV file, for the webmaster: few columns.

But for the address, to which the site writes, nothing that a member hides is in it.
"""

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from caisu.core.models import Audience
from members.models import Member

from .csv_export import CsvExport


def _if_shown(name):
    """A private field, but not where its owner shows it to nobody: a file wanders."""

    def value(member):
        hidden = member.audience_of(name) == Audience.NOBODY
        return "" if hidden else getattr(member, name)

    return value


def _affiliation(member):
    return member.get_affiliation_display() if _if_shown("affiliation")(member) else ""


COLUMNS = [
    (gettext_lazy("name"), lambda member: member.shown_name),
    (gettext_lazy("handle"), lambda member: member.username),
    (gettext_lazy("e-mail"), lambda member: member.email),
    (gettext_lazy("affiliation"), _affiliation),
    (gettext_lazy("department"), _if_shown("department")),
    (gettext_lazy("hometown"), _if_shown("hometown")),
    (gettext_lazy("standing"), lambda member: member.get_standing_display()),
    (gettext_lazy("joined"), lambda member: timezone.localdate(member.date_joined).isoformat()),
    (
        pgettext_lazy("column", "last seen"),
        lambda member: member.last_seen_on.isoformat() if member.last_seen_on else "",
    ),
    (gettext_lazy("approved contributions"), lambda member: member.approved_count),
]


class MemberExport(CsvExport):
    """The part of MemberAdmin that hands out a file."""

    columns = COLUMNS
    export_title = gettext_lazy("Export members")
    export_log = gettext_lazy("Export of members")
    export_template = "admin/members/member/export.html"
    actions = ["choose_for_export"]

    @admin.action(description=gettext_lazy("Export the chosen members"), permissions=["lead"])
    def choose_for_export(self, request, queryset):
        """Leads to the page that asks who it is; all that were filtered stay a filter."""
        address = reverse("admin:members_member_export")
        if request.POST.get("select_across") == "1":
            return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}")
        pks = queryset.order_by("pk").values_list("pk", flat=True)
        return HttpResponseRedirect(f"{address}?{urlencode([('pk', pk) for pk in pks])}")

    def chosen(self, request):
        """Those of ``pk``, or all that the filters leave."""
        if "pk" in request.GET:
            pks = [pk for pk in request.GET.getlist("pk")[:500] if pk.isdecimal() and len(pk) < 19]
            return Member.objects.filter(pk__in=pks).order_by("pk")
        return super().chosen(request)
