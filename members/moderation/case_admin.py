from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member

from . import deciding
from .desk import DecideForm, DecidePermission, told
from .models import Case, Decision, Moderated, State
from .waiting import REASONS


class OpenFilter(admin.SimpleListFilter):
    """Waiting cases by default; the closed ones are a click away."""

    title = pgettext_lazy("case", "state")
    parameter_name = "closed"

    def lookups(self, request, model_admin):
        return [("yes", pgettext_lazy("case", "Decided"))]

    def choices(self, changelist):
        for value, title in [(None, pgettext_lazy("case", "Waiting")), *self.lookup_choices]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value} if value else {},
                    [] if value else [self.parameter_name],
                ),
                "display": title,
            }

    def queryset(self, request, queryset):
        return queryset.filter(closed_at__isnull=self.value() != "yes")


# What a moderator may do with each kind of subject: name of the act, words on its button.
# A submission is approved by the editor who publishes it.
SUBMISSION_ACTS = {"remove": _("Remove"), "spam": _("Spam")}
CONTRIBUTION_ACTS = {"approve": _("Approve"), **SUBMISSION_ACTS}
SIGNUP_ACTS = {"admit": _("Admit"), "refuse": _("Refuse")}
CLOSING = {"dismiss": _("Close without an answer")}
ISSUE_ACTS = {"answer": _("Answer"), **CLOSING}


def acts_for(case):
    """The acts that fit what the case is about."""
    if isinstance(case.subject, Moderated):
        if case.subject.state in {State.REMOVED, State.SPAM}:
            return CLOSING  # reported, and taken down by somebody faster
        if "edited" in case.reasons and "reported" not in case.reasons:
            return {}  # what is out is as it was approved; an editor decides about the change
        return SUBMISSION_ACTS if case.kind == Case.Kind.SUBMISSION else CONTRIBUTION_ACTS
    if isinstance(case.subject, Member):
        return SIGNUP_ACTS if case.subject.is_pending else {}
    return ISSUE_ACTS if case.kind == Case.Kind.ISSUE else CLOSING


def act_on(case, act, by, reason=""):
    """Does one act on one case; returns whether that changed anything, False also where it does not fit."""
    if act not in acts_for(case) or not case.is_open:
        return False
    if act in {"answer", "dismiss"}:
        return (deciding.answer if act == "answer" else deciding.dismiss)(case, by, reason)
    verb = {"approve": deciding.approve, "remove": deciding.remove, "spam": deciding.mark_spam}.get(
        act
    )
    if verb is None:
        verb = {"admit": deciding.admit, "refuse": deciding.refuse}[act]
    try:
        return verb(case.subject, by, reason)
    except PermissionDenied:
        return False


@admin.register(Case)
class CaseAdmin(DecidePermission, admin.ModelAdmin):
    """The queue: what waits, oldest first, decided one by one or together."""

    list_display = ["what", "kind", "member", "why", "since"]
    list_display_links = ["what"]
    list_filter = [OpenFilter, "kind"]
    list_select_related = ["member", "content_type"]
    list_per_page = 50
    search_fields = ["member__display_name", "member__username"]
    actions = ["approve", "remove", "spam", "admit", "refuse", "dismiss"]
    show_full_result_count = False
    change_form_template = "admin/moderation/case/change_form.html"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("subject", "reports__reporter")

    @admin.display(description=_("what"))
    def what(self, case):
        if isinstance(case.subject, Moderated):
            return case.subject.moderated_text[:160]
        if isinstance(case.subject, Member):
            return str(case.subject)
        reports = [report.text for report in case.reports.all()]
        return reports[0][:160] if reports else str(case)

    @admin.display(description=_("why"))
    def why(self, case):
        return " ".join(str(REASONS.get(name, name)) for name in case.reasons)

    def bulk(self, request, queryset, act):
        cases = list(queryset)
        done = sum(act_on(case, act, request.user) for case in cases)
        told(request, done, len(cases) - done)

    @admin.action(description=_("Approve the chosen contributions"), permissions=["decide"])
    def approve(self, request, queryset):
        self.bulk(request, queryset, "approve")

    @admin.action(description=_("Remove the chosen contributions"), permissions=["decide"])
    def remove(self, request, queryset):
        self.bulk(request, queryset, "remove")

    @admin.action(description=_("Mark the chosen contributions as spam"), permissions=["decide"])
    def spam(self, request, queryset):
        self.bulk(request, queryset, "spam")

    @admin.action(description=_("Admit the chosen newcomers"), permissions=["decide"])
    def admit(self, request, queryset):
        self.bulk(request, queryset, "admit")

    @admin.action(description=_("Refuse the chosen newcomers"), permissions=["decide"])
    def refuse(self, request, queryset):
        self.bulk(request, queryset, "refuse")

    @admin.action(description=_("Close the chosen issue reports"), permissions=["decide"])
    def dismiss(self, request, queryset):
        self.bulk(request, queryset, "dismiss")

    def get_urls(self):
        decide = self.admin_site.admin_view(self.decide)
        return [
            path("<int:pk>/decide/", decide, name="moderation_case_decide"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        case = self.get_object(request, object_id)
        context = {}
        if case is not None and self.has_view_permission(request):
            context = {
                "case": case,
                "subject": case.subject,
                "text": self.what(case)
                if not isinstance(case.subject, Moderated)
                else case.subject.moderated_text,
                "acts": acts_for(case) if case.is_open else {},
                "why": [REASONS.get(name, name) for name in case.reasons],
                "decide_form": DecideForm(),
                "title": str(case),
            }
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def decide(self, request, pk):
        """POST: one act on one case, with a reason."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = get_object_or_404(Case, pk=pk)
        act = request.POST.get("act", "")
        form = DecideForm(request.POST)
        if act == "answer":
            form.fields["reason"].required = True
            form.fields["reason"].error_messages["required"] = _("Write the answer first, please.")
        if not form.is_valid():
            messages.error(request, " ".join(form.errors["reason"]))
            # The page of the case once more, with what was typed; as such it only shows.
            request.method = "GET"
            return self.change_view(request, str(pk), extra_context={"decide_form": form})
        back = HttpResponseRedirect(reverse("admin:moderation_case_change", args=[pk]))
        done = act_on(case, act, request.user, form.cleaned_data["reason"])
        told(request, int(done), int(not done))
        following = Case.objects.open().first()
        if done and following:
            return HttpResponseRedirect(
                reverse("admin:moderation_case_change", args=[following.pk])
            )
        return HttpResponseRedirect(reverse("admin:moderation_case_changelist")) if done else back


@admin.register(Decision)
class DecisionAdmin(DecidePermission, admin.ModelAdmin):
    """The log: who did what, to what, why, when. Nothing in it can be changed."""

    list_display = ["at", "action", "case", "concerned", "by", "short_text", "reason"]
    list_filter = ["action", "at"]
    list_select_related = ["case__member", "by"]
    search_fields = ["text", "reason", "case__member__username", "by__username"]
    fields = ["at", "action", "by", "case", "concerned", "reason", "text"]
    readonly_fields = fields
    show_full_result_count = False

    @admin.display(description=_("member"))
    def concerned(self, decision):
        return decision.case.member

    @admin.display(description=_("text as it was"))
    def short_text(self, decision):
        return decision.text[:80]
