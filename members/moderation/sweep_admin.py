"""Cleaning up: the page that says what will happen, the page that follows it."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from caisu.core import jobs
from members import trust
from members.models import Member

from . import blocking, sweeping, undoing
from .desk import DecidePermission
from .models import Sweep
from .queue_admin import keep

FARTHEST = timedelta(days=30)


class SweepForm(forms.Form):
    """Why, and what is blocked from now on."""

    blocks = forms.MultipleChoiceField(
        label=_("block from now on"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the decision; they read it when they try to log in."),
    )

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = {f"{rule.kind}:{rule.value}": rule for rule in offered}
        if not offered:
            del self.fields["blocks"]
            return
        self.fields["blocks"].choices = [(key, str(rule)) for key, rule in self.offered.items()]
        self.fields["blocks"].initial = list(self.offered)

    @property
    def chosen(self):
        """The rules that were left ticked."""
        return [self.offered[key] for key in self.cleaned_data.get("blocks", [])]


class SinceForm(forms.Form):
    """Since when."""

    since = forms.SplitDateTimeField(
        label=_("accounts made since"),
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": _("Date")},
            time_attrs={"type": "time", "aria-label": _("Time")},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
        help_text=_("In the time zone of the site. At most a month ago."),
    )

    def clean_since(self):
        since = self.cleaned_data["since"]
        if not timezone.now() - FARTHEST <= since <= timezone.now():
            raise forms.ValidationError(_("Choose a time within the last month."))
        return since


@admin.register(Sweep)
class SweepAdmin(DecidePermission, admin.ModelAdmin):
    """Clean-ups, how far they are, and the way back."""

    list_display = ["begun_at", "kind", "whom", "by", "done", "total", "undone_at"]
    list_filter = ["kind"]
    list_select_related = ["by"]

    @admin.display(description=_("whom"))
    def whom(self, sweep):
        return ", ".join(str(member) for member in sweep.members.all()[:3])

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("members")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("spammer/<int:pk>/", wrap(self.spammer), name="moderation_spammer"),
            path("since/", wrap(self.since), name="moderation_since"),
            *super().get_urls(),
        ]

    def spammer(self, request, pk):
        """GET says what will happen to one member; POST does it."""
        member = get_object_or_404(Member, pk=pk)
        if not sweeping.may_sweep(member, request.user):
            raise PermissionDenied
        form = SweepForm(request.POST or None, offered=blocking.offered([member]))
        if request.method == "POST" and form.is_valid():
            sweep = sweeping.after_spammer(
                member, request.user, form.cleaned_data["reason"], form.chosen
            )
            return self.follow(request, sweep)
        context = {
            "title": _("Spammer: %(name)s") % {"name": member},
            "members": [member],
            "trusted": member.is_trusted,
            "level": trust.level(member).label,
        }
        return self.ask(request, form, [member], context)

    def since(self, request):
        """GET asks since when, then says what will happen; POST does it."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        since = SinceForm(asked or None, initial={"since": timezone.now() - timedelta(hours=6)})
        if not since.is_valid():
            return self.ask(
                request, None, [], {"title": _("Clean up after new accounts"), "since": since}
            )
        from_when = since.cleaned_data["since"]
        members = [
            each
            for each in sweeping.members_since(from_when)
            if sweeping.may_sweep(each, request.user)
        ]
        form = SweepForm(
            request.POST if request.method == "POST" else None, offered=blocking.offered(members)
        )
        if request.method == "POST" and form.is_valid():
            sweep = sweeping.after_new_accounts(
                from_when, request.user, form.cleaned_data["reason"], form.chosen
            )
            return self.follow(request, sweep)
        context = {
            "title": _("Clean up after new accounts"),
            "since": since,
            "members": members,
            "left_out": sweeping.left_out_since(from_when),
        }
        return self.ask(request, form if members else None, members, context)

    def ask(self, request, form, members, context):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "form": form,
            "counts": sweeping.counts(members) if members else [],
            **context,
        }
        return TemplateResponse(request, "admin/moderation/sweep/ask.html", context)

    def follow(self, request, sweep):
        if sweep is None:
            messages.warning(
                request, _("Nothing was done: somebody was faster, or it is not yours.")
            )
            return HttpResponseRedirect(reverse("admin:moderation_case_changelist"))
        keep(request.session, [sweep.decision.pk])
        return HttpResponseRedirect(reverse("admin:moderation_sweep_change", args=[sweep.pk]))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """How far it is, and what it did; the page looks again by itself until it is done."""
        sweep = self.get_object(request, object_id)
        if sweep is None or not self.has_view_permission(request):
            return super().change_view(request, object_id, form_url, extra_context)
        undoing_ = sweep.undo_begun_at is not None
        running = sweep.undone_at is None if undoing_ else sweep.finished_at is None
        before = sweep.decision.before["members"].values()
        one = sweep.decision.case.member
        context = {
            **self.admin_site.each_context(request),
            "title": _("Spammer: %(name)s") % {"name": one} if one else sweep,
            "opts": self.model._meta,
            "sweep": sweep,
            "members": sweep.members.all()[:60],
            "accounts": len(before),
            "kinds": sweeping.swept(sweep),
            "closed": sum(len(account["cases"]) for account in before),
            "blocks": sweep.blocks.all(),
            "running": running,
            "working": not running or jobs.is_alive(),
            "undoing": undoing_,
            "learned": sweep.decision.lessons.filter(counted=True).count(),
            "can_undo": undoing.can_undo(sweep.decision, request.user),
        }
        return TemplateResponse(request, "admin/moderation/sweep/progress.html", context)
