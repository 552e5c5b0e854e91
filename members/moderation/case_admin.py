from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Min
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member

from . import profile_holding, queue
from .case_acting import NEEDS_WORDS, act_on, acts_for
from .desk import DecideForm, DecidePermission, told
from .models import Appeal, Case, Moderated
from .queue_admin import QueuePages
from .signup_admin import SignupQueue, background, say, words_for
from .waiting import to_decide


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


@admin.register(Case)
class CaseAdmin(DecidePermission, SignupQueue, QueuePages, admin.ModelAdmin):
    """The queue: what waits, oldest first, decided one by one or together."""

    list_display = ["what", "kind", "member", "why", "since"]
    list_filter = [OpenFilter, "kind"]
    list_select_related = ["member__application", "content_type"]
    list_per_page = 50
    search_fields = ["member__display_name", "member__username"]
    actions = ["approve", "remove", "spam", "admit", "refuse", "restore", "dismiss"]
    show_full_result_count = False
    change_list_template = "admin/moderation/case/change_list.html"
    change_form_template = "admin/moderation/case/change_form.html"
    acts, act = staticmethod(acts_for), staticmethod(act_on)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("subject", "reports__reporter")

    @admin.display(description=_("what"))
    def what(self, case):
        if isinstance(case.subject, Member):
            return str(case.subject)
        return queue.text_of(case)[:160] or str(case)

    @admin.display(description=_("why"))
    def why(self, case):
        return " ".join(words_for(case))

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

    @admin.action(description=_("Close the chosen issue reports"), permissions=["decide"])
    def dismiss(self, request, queryset):
        self.bulk(request, queryset, "dismiss")

    def changelist_view(self, request, extra_context=None):
        """Above the list: since when the oldest in it waits."""
        response = super().changelist_view(request, extra_context)
        cl = getattr(response, "context_data", {}).get("cl")
        if cl is not None and cl.params.get("closed") != "yes":
            response.context_data["oldest"] = cl.queryset.aggregate(oldest=Min("since"))["oldest"]
        return response

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
                "text": queue.text_of(case),
                "context": queue.context_of(case)
                if isinstance(case.subject, Moderated | Appeal)
                else [],
                "acts": acts_for(case),
                "why": words_for(case),
                "decide_form": DecideForm(),
                "title": str(case),
            }
            if case.kind == Case.Kind.PROFILE and isinstance(case.subject, Member):
                context["compared"] = profile_holding.compared(case.subject)
            if case.kind == Case.Kind.SIGNUP and case.member:
                context |= {"title": str(case.member), **background(case.member)}
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
        if act in NEEDS_WORDS:
            form.fields["reason"].required = True
            form.fields["reason"].error_messages["required"] = NEEDS_WORDS[act]
        if not form.is_valid():
            messages.error(request, " ".join(form.errors["reason"]))
            # The page of the case once more, with what was typed; as such it only shows.
            request.method = "GET"
            return self.change_view(request, str(pk), extra_context={"decide_form": form})
        done = act_on(case, act, request.user, form.cleaned_data["reason"])
        if case.kind == Case.Kind.SIGNUP and act in {"admit", "ask", "refuse", "restore"}:
            say(request, act, [case] if done else [], int(not done))
        else:
            told(request, int(done), int(not done))
        return HttpResponseRedirect(self.after(case, act, done))

    def after(self, case, act, done):
        """Where a decision leads: to what waits next; an undone one to what waits again."""
        following = case
        if done and act == "restore":
            following = Case.objects.about(case.subject).open().first()
        elif done:
            following = to_decide().exclude(pk=case.pk).first()
        if following:
            return reverse("admin:moderation_case_change", args=[following.pk])
        return reverse("admin:moderation_case_changelist")
