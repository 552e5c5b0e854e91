"""The log of decisions, and how they are taken back."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from members.models import Member

from . import undoing
from .csv_export import CsvExport
from .desk import DecidePermission
from .models import Decision
from .queue import MOST


class ByFilter(admin.SimpleListFilter):
    """Who decided: one of the staff, somebody who was, or the clock."""

    title = _("by")
    parameter_name = "by"
    CLOCK = "clock"

    def lookups(self, request, model_admin):
        appointed = Decision.objects.filter(action=Decision.Action.APPOINT).values("case__member")
        staff = Member.objects.filter(Q(is_staff=True) | Q(pk__in=appointed))
        names = [(member.pk, str(member)) for member in staff.order_by("display_name", "pk")]
        return [*names, (self.CLOCK, pgettext_lazy("who decided", "The clock"))]

    def queryset(self, request, queryset):
        value = self.value() or ""
        if value == self.CLOCK:
            return queryset.filter(by=None)
        known = value.isdecimal() and len(value) < 19
        return queryset.filter(by=int(value)) if known else queryset


class OnePage(Paginator):
    """Reads one row more than a page, and so knows whether there is more; nobody counts a million."""

    @cached_property
    def count(self):
        self.object_list = list(self.object_list[: self.per_page + 1])
        return len(self.object_list)


class Log(ChangeList):
    """The newest first; an older page begins after a decision, the key of which is ``before``."""

    BEFORE = "before"

    def get_queryset(self, request, exclude_parameters=None):
        for params in (self.params, self.filter_params):
            params.pop(self.BEFORE, None)
        rows = super().get_queryset(request, exclude_parameters)
        before = request.GET.get(self.BEFORE, "")
        if not before.isdecimal() or len(before) > 18:
            return rows
        last = Decision.objects.filter(pk=before).values_list("at", flat=True).first()
        return rows.filter(at__lte=last).exclude(at=last, pk__gte=before) if last else rows

    def get_results(self, request):
        super().get_results(request)
        self.full_result_count = self.result_count  # so that no page says how many there are
        self.is_continued = self.BEFORE in request.GET
        rows = list(self.result_list)
        self.older = self.get_query_string({self.BEFORE: rows[-1].pk}) if self.multi_page else ""


def _day_and_time(when):
    return timezone.localtime(when).strftime("%Y-%m-%d %H:%M:%S")


def _undone_at(decision):
    return _day_and_time(decision.undone_by.at) if hasattr(decision, "undone_by") else ""


COLUMNS = [
    (_("when"), lambda decision: _day_and_time(decision.at)),
    (_("decision"), lambda decision: decision.get_action_display()),
    (_("kind"), lambda decision: decision.case.get_kind_display()),
    (_("member"), lambda decision: decision.case.member or ""),
    (_("handle"), lambda decision: decision.case.member.username if decision.case.member else ""),
    (_("by"), lambda decision: decision.by or ""),
    (_("reason"), lambda decision: decision.reason),
    (_("text as it was"), lambda decision: decision.text),
    (_("undone"), _undone_at),
]


@admin.register(Decision)
class DecisionAdmin(DecidePermission, CsvExport):
    """The log: who did what, to what, why, when. Nothing in it can be changed."""

    list_display = ["at", "action", "kind", "concerned", "by", "short_text", "reason", "was_undone"]
    list_filter = ["action", "case__kind", ByFilter, "at"]
    list_select_related = ["case__member", "by", "undone_by"]
    list_max_show_all = 0
    sortable_by = ()
    ordering = ["-at", "-pk"]
    search_fields = ["text", "reason", "case__member__username", "by__username"]
    search_help_text = _("Words of the text or the reason, or a handle.")
    fields = [
        *("at", "action", "by", "case", "concerned", "reason", "text", "purged_at"),
        *("undoes", "sweep"),
    ]
    readonly_fields = fields
    empty_value_display = ""
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = OnePage
    change_list_template = "admin/moderation/decision/change_list.html"
    change_form_template = "admin/moderation/decision/change_form.html"
    columns = COLUMNS
    export_title = _("Export decisions")
    export_log = _("Export of decisions")
    export_template = "admin/moderation/decision/export.html"

    def get_changelist(self, request, **kwargs):
        return Log

    @admin.display(description=_("kind"))
    def kind(self, decision):
        return decision.case.get_kind_display()

    @admin.display(description=_("member"))
    def concerned(self, decision):
        return decision.case.member

    @admin.display(description=_("text as it was"))
    def short_text(self, decision):
        return decision.text[:80]

    @admin.display(description=_("undone"))
    def was_undone(self, decision):
        return _("undone") if hasattr(decision, "undone_by") else None

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("undo/", wrap(self.undo), name="moderation_decision_undo"),
            path("export/", wrap(self.export), name="moderation_decision_export"),
            *super().get_urls(),
        ]

    def chosen(self, request):
        return super().chosen(request).select_related(*self.list_select_related)

    def changelist_view(self, request, extra_context=None):
        context = {"may_export": self.has_lead_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        decision = self.get_object(request, object_id)
        can = decision is not None and undoing.can_undo(decision, request.user)
        context = {"can_undo": can, "decision": decision, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def undo(self, request):
        """POST: takes back the decisions named, the newest first."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        named = ",".join(request.POST.getlist("decision")).split(",")[:MOST]
        pks = [int(pk) for pk in named if pk.isdecimal() and len(pk) < 19]
        decisions = list(Decision.objects.filter(pk__in=pks).select_related("case"))
        done = undoing.undo_all(decisions, request.user)
        tell_of_undone(request, done, len(decisions) - len(done))
        back = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
            back = reverse("admin:moderation_case_changelist")
        return HttpResponseRedirect(back)


def tell_of_undone(request, done, left):
    """One line on what was taken back, one on what stands."""
    if done:
        text = ngettext(
            "Undone: %(what)s. All is as it was before.",
            "Undone: %(count)d decisions. All is as it was before.",
            len(done),
        )
        what = done[0].get_action_display()
        messages.success(request, text % {"what": what, "count": len(done)})
    if left:
        messages.warning(
            request,
            ngettext(
                "%(count)d decision stands: something was decided about the same thing since, "
                "its text is purged, or it is not yours to undo.",
                "%(count)d decisions stand: something was decided about the same things since, "
                "their text is purged, or they are not yours to undo.",
                left,
            )
            % {"count": left},
        )
