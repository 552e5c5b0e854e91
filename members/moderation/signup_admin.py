"""The newcomers among what waits: what the queue shows of them, and what is done to many at once."""

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from members.models import Member

from . import reasons, scoring
from .desk import DecideForm, told
from .models import Case, Decision, Moderated, State

# So many at once can still be read on one page.
MOST_TOGETHER = 200
NEIGHBOURS_SHOWN = 10
UNDO = {"restore": _("Undo the refusal")}
SAID = {
    "admit": ngettext_lazy(
        "%(count)d newcomer is admitted and told by mail.",
        "%(count)d newcomers are admitted and told by mail.",
        "count",
    ),
    "refuse": ngettext_lazy(
        "%(count)d sign-up is refused; the mail is on its way.",
        "%(count)d sign-ups are refused; the mails are on their way.",
        "count",
    ),
    "ask": ngettext_lazy(
        "%(count)d question is mailed. The sign-up stays here until it is answered.",
        "%(count)d questions are mailed. The sign-ups stay here until they are answered.",
        "count",
    ),
    "restore": ngettext_lazy(
        "%(count)d refusal is undone: the sign-up waits again.",
        "%(count)d refusals are undone: the sign-ups wait again.",
        "count",
    ),
}


def say(request, act, done, skipped):
    """One line on what an act did to newcomers, with the way back from a refusal."""
    if done:
        text = SAID[act] % {"count": len(done)}
        if act == "refuse":
            text = format_html('{} <a href="{}">{}</a>', text, way_back(done), _("Undo"))
        messages.success(request, text)
    told(request, 0, skipped)


def way_back(cases):
    """Where a refusal is undone: the page of the case, or the list of those decided together."""
    if len(cases) == 1:
        return reverse("admin:moderation_case_change", args=[cases[0].pk])
    numbers = ",".join(str(case.pk) for case in cases)
    queue = reverse("admin:moderation_case_changelist")
    return f"{queue}?closed=yes&kind__exact=signup&id__in={numbers}"


def is_refused(case):
    """Whether a refusal is the last that was decided about a newcomer, in this case."""
    if not isinstance(case.subject, Member) or case.subject.standing != Member.Standing.BANNED:
        return False
    last = Decision.objects.filter(case__member=case.subject).first()
    return bool(last) and (last.case_id, last.action) == (case.pk, Decision.Action.REFUSE)


def words_for(case):
    """Why something waits; a newcomer about whom something stands out also wants to join."""
    names = [name for name in case.reasons if name != "signup"] or case.reasons
    return reasons.words(names)


def application_of(member):
    """What a newcomer says, or None; costs nothing where it was selected along."""
    return getattr(member, "application", None)


def fates(members):
    """What became of what each of ``members`` wrote: {pk: [(state in words, how many), …]}."""
    counts = {}
    for model in apps.get_models():
        if issubclass(model, Moderated):
            rows = model._default_manager.filter(author__in=members).order_by()
            for author, state, count in rows.values_list("author", "state").annotate(Count("pk")):
                counts.setdefault(author, {}).setdefault(state, 0)
                counts[author][state] += count
    return {
        author: [(label, found[state]) for state, label in State.choices if state in found]
        for author, found in counts.items()
    }


def background(member):
    """What the page of a case tells about a newcomer, and about others from where they come from."""
    domain = scoring.domain_of(member)
    groups = [
        (_("From the same network address"), scoring.from_same_address(member)),
        (_("With the same mail domain"), scoring.from_same_domain(member)),
    ]
    shown = {other.pk for _title, others in groups for other in others[:NEIGHBOURS_SHOWN]}
    wrote = fates(shown) if shown else {}
    return {
        "application": application_of(member),
        "domain": domain,
        "domain_is_public": scoring.is_public(domain),
        "neighbours": [
            {
                "title": title,
                "people": [
                    {"member": other, "fate": wrote.get(other.pk, [])}
                    for other in others[:NEIGHBOURS_SHOWN]
                ],
                "more": max(0, len(others) - NEIGHBOURS_SHOWN),
            }
            for title, others in groups
            if others
        ],
    }


class SignupQueue:
    """What the list of cases shows of newcomers and does with many of them."""

    signup_list_display = ["who", "says", "points", "stands_out", "turn", "since"]

    @admin.display(description=_("who, and the mail domain"))
    def who(self, case):
        domain = scoring.domain_of(case.member) if case.member else ""
        return format_html("{} <span>{}</span>", case.member or case, domain)

    @admin.display(description=_("what stands out"))
    def stands_out(self, case):
        """What weighs most; all of it is on the page of the case."""
        words = words_for(case)
        return " ".join(words[:3]) + (f" +{len(words) - 3}" if len(words) > 3 else "")

    @admin.display(description=_("why they would like to join"))
    def says(self, case):
        application = application_of(case.member)
        return application.why[:160] if application else ""

    @admin.display(description=pgettext_lazy("case", "score"), ordering="score")
    def points(self, case):
        return f"{case.score:.0f}"

    @admin.display(description=pgettext_lazy("case", "question"))
    def turn(self, case):
        application = application_of(case.member)
        if not (application and application.asked_at):
            return ""
        if application.answered_at:
            return pgettext_lazy("case", "answered")
        return pgettext_lazy("case", "asked, waiting for an answer")

    def together(self, request, queryset, act, words):
        """An act on many newcomers: a page that shows who they are and, to refuse, asks why."""
        cases = list(queryset.select_related("member")[:MOST_TOGETHER])
        # What was decided meanwhile is not among them any more.
        chosen = max(len(cases), len(request.POST.getlist(ACTION_CHECKBOX_NAME)))
        confirmed = "confirmed" in request.POST
        form = DecideForm(request.POST if confirmed else None)
        if confirmed and form.is_valid():
            reason = form.cleaned_data["reason"]
            done = [case for case in cases if self.act(case, act, request.user, reason)]
            say(request, act, done, chosen - len(done))
            return None
        fitting = [case for case in cases if act in self.acts(case)]
        context = {
            **self.admin_site.each_context(request),
            "title": words,
            "opts": self.model._meta,
            "act": act,
            "cases": [(case, scoring.domain_of(case.member)) for case in fitting],
            "left": chosen - len(fitting),
            "form": form,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return render(request, "admin/moderation/case/together.html", context)

    @admin.action(description=_("Admit the chosen newcomers"), permissions=["decide"])
    def admit(self, request, queryset):
        return self.together(request, queryset, "admit", _("Admit the chosen newcomers"))

    @admin.action(description=_("Refuse the chosen newcomers"), permissions=["decide"])
    def refuse(self, request, queryset):
        return self.together(request, queryset, "refuse", _("Refuse the chosen newcomers"))

    @admin.action(description=_("Undo the refusal of the chosen"), permissions=["decide"])
    def restore(self, request, queryset):
        cases = list(queryset[:MOST_TOGETHER])
        done = [case for case in cases if self.act(case, "restore", request.user)]
        say(request, "restore", done, len(cases) - len(done))

    def get_actions(self, request):
        """What fits what is listed: newcomers are admitted, other things approved."""
        actions = super().get_actions(request)
        kind = request.GET.get("kind__exact")
        ours = {"restore"} if request.GET.get("closed") == "yes" else {"admit", "refuse"}
        others = {"admit", "refuse", "restore"} - ours
        if kind == Case.Kind.SIGNUP:
            return {name: action for name, action in actions.items() if name in ours}
        if kind:
            others |= ours
        return {name: action for name, action in actions.items() if name not in others}

    def get_list_display(self, request):
        if request.GET.get("kind__exact") == Case.Kind.SIGNUP:
            return self.signup_list_display
        return super().get_list_display(request)

    def get_list_display_links(self, request, list_display):
        return [list_display[0]]
