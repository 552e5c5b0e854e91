"""The queue: one page for everything that waits."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from caisu.core.bilingual import LANGUAGES
from caisu.core.templatetags.site import date_and_time

from . import queue, reasons
from .case_acting import KEYS, act_on_all, decided_by_others
from .filtering.rules import RULES
from .models import Case, Decision

# What a moderator said to somebody cannot be taken back.
NO_WAY_BACK = {Decision.Action.ASK, Decision.Action.GRANT, Decision.Action.DENY}
FILTERS = ("kind", "language", "reason", "order", "group")
# Whoever asks for nothing else is shown the queue; all else is a question to Django's table.
OURS = {*FILTERS, "after"}
# Acts of late that can be undone one after the other, and how many decisions at most.
UNDO_KEY, UNDO_STEPS, UNDO_DECISIONS = "queue_undo", 20, 1000
OTHERS_TOLD = 5


class CaseTable(ChangeList):
    """Django's table, asked for by ``view=table``, which narrows nothing down."""

    def get_filters_params(self, params=None):
        found = super().get_filters_params(params)
        found.pop("view", None)
        return found


class QueuePages(admin.ModelAdmin):
    """The part of CaseAdmin that shows the queue and acts in it."""

    def get_changelist(self, request, **kwargs):
        return CaseTable

    def changelist_view(self, request, extra_context=None):
        """The queue; its address with ``view=table``, or with a question to it, is the table's."""
        if set(request.GET) <= OURS:
            return self.queue(request)
        return super().changelist_view(request, extra_context)

    def queue(self, request):
        """GET shows what waits; POST does one act to the cases that were chosen."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        chosen = {name: request.GET.get(name, "")[:120] for name in FILTERS}
        if chosen["reason"] not in RULES and chosen["reason"] not in reasons.REASONS:
            chosen["reason"] = ""
        narrowed = {name: chosen[name] for name in FILTERS if name != "order"}
        cases = queue.asked(**narrowed)
        if request.method == "POST":
            return self.act_in_queue(request, cases)
        after = request.GET.get("after", "")
        page = queue.page(
            cases,
            request.user,
            by_score=chosen["order"] == "score",
            after=after,
            listed=queue.MOST if chosen["group"] else queue.LISTED,
        )
        if after and not page.groups:
            return HttpResponseRedirect(address(chosen))
        context = {
            **self.admin_site.each_context(request),
            "title": _("What waits"),
            "opts": self.model._meta,
            "page": page,
            "chosen": chosen,
            "narrowed": any(narrowed.values()),
            "here": address(chosen, after=after),
            "first": address(chosen),
            "more": address(chosen, after=page.after) if page.after else "",
            "kinds": [choice for choice in Case.Kind.choices if choice[0] != Case.Kind.MEMBER],
            "languages": languages(),
            "why": [(name, reasons.words([name])[0]) for name in (*reasons.REASONS, *RULES)],
            "most": queue.MOST,
            **said(request, cases, address(chosen, after=after)),
        }
        return TemplateResponse(request, "admin/moderation/case/queue.html", context)

    def act_in_queue(self, request, cases):
        """One act on the cases named; answers with a page, or with JSON to a script that asks for it."""
        act = request.POST.get("act", "")
        named = [*request.POST.getlist("case"), *request.POST.get("rest", "").split(",")]
        pks = {int(pk) for pk in named if pk.isdecimal() and len(pk) < 19}
        pks = sorted(pks)[: queue.MOST]
        rows = Case.objects.filter(pk__in=pks).order_by("pk").select_related("member")
        found = list(rows.prefetch_related(queue.subjects()))
        lines = []
        if not found or act not in {*KEYS, "ask"}:
            lines.append((messages.WARNING, _("Nothing was chosen.")))
            outcome = None
        else:
            reason = request.POST.get("reason", "")[:1000].strip()
            outcome = act_on_all(found, act, request.user, reason, request.POST.get("quick", ""))
            final = [each for each in outcome.decisions if each.action in NO_WAY_BACK]
            keep(request.session, [each.pk for each in outcome.decisions if each not in final])
            lines += [(messages.SUCCESS, in_words(final))] if final else []
            lines += told_of(outcome)
        if request.headers.get("Accept") == "application/json":
            return self.answer_script(request, cases, found, outcome, lines)
        for level, text in lines:
            messages.add_message(request, level, text)
        following = request.POST.get("next", "") if outcome and outcome.decided else ""
        place = following if following.isdecimal() else request.POST.get("place", "")
        fragment = f"#case-{place}" if place.isdecimal() and place != "0" else ""
        return HttpResponseRedirect(request.get_full_path() + fragment)

    def answer_script(self, request, cases, found, outcome, lines):
        """Which cases are gone from the queue, and the line about it as HTML."""
        # Approving a newcomer's comment closes their sign-up, which may stand elsewhere on the page.
        people = {case.member_id for case in found if case.member_id}
        along = Q(member__in=people, kind=Case.Kind.SIGNUP)
        asked = Q(pk__in=[case.pk for case in found])
        closed = Case.objects.filter(along | asked, closed_at__isnull=False)
        gone = {*closed.values_list("pk", flat=True)}
        if outcome:  # whoever was asked has the turn: their case is open, and waits for nobody here
            gone |= {case.pk for case in outcome.decided}
        here = request.get_full_path()
        context = {"lines": [text for _level, text in lines], **said(request, cases, here)}
        html = render_to_string("admin/moderation/case/_queue_said.html", context, request)
        return JsonResponse({"gone": sorted(gone), "said": html})


def keep(session, decisions):
    """Remembers what one act decided, so that it can be undone, and the acts before it.

    Args:
        decisions: their keys.
    """
    if not decisions:
        return
    steps = [decisions, *session.get(UNDO_KEY, [])][:UNDO_STEPS]
    while sum(map(len, steps)) > UNDO_DECISIONS and len(steps) > 1:
        steps.pop()
    session[UNDO_KEY] = steps


def said(request, cases, here):
    """For the line above the queue: how much waits, and the last act, with the way back from it."""
    steps = request.session.get(UNDO_KEY, [])
    kept = {pk for step in steps for pk in step}
    rows = Decision.objects.standing().filter(pk__in=kept).select_related("case__member", "sweep")
    standing = rows.in_bulk() if kept else {}
    steps = ([standing[pk] for pk in step if pk in standing] for step in steps)
    last = next(filter(None, steps), [])
    # A clean-up is undone when it is done.
    runs = any(each.sweep and not each.sweep.finished_at for each in last)
    return {
        "waiting": cases.count(),
        "last": in_words(last) if last else "",
        "undo": [] if runs else [each.pk for each in last],
        "back": f"{here}#case-{last[0].case_id}" if last else here,
    }


def in_words(decisions):
    """What one act decided: “Marked as spam: Nina, the first words”, or how many things."""
    comma = pgettext("between items of a list", ", ")
    acts = comma.join(dict.fromkeys(each.get_action_display() for each in decisions))
    if len(decisions) > 1:
        words = ngettext("%(act)s: %(count)d thing", "%(act)s: %(count)d things", len(decisions))
        return words % {"act": acts, "count": len(decisions)}
    first = decisions[0]
    what = [str(first.case.member or ""), " ".join(first.text.split())[:60]]
    what = comma.join(filter(None, what)) or str(first.case)
    return pgettext("what was decided", "%(act)s: %(what)s") % {"act": acts, "what": what}


def told_of(outcome):
    """What there is to say beside what was done: level and words of each line."""
    if outcome.lacks:
        return [(messages.ERROR, str(outcome.lacks))]
    lines = []
    for case in outcome.left:
        case.refresh_from_db(fields=["closed_at"])
    faster = decided_by_others(outcome.left)
    for decision in faster[:OTHERS_TOLD]:
        lines.append((messages.WARNING, faster_words(decision)))
    if more := len(faster[OTHERS_TOLD:]):
        words = ngettext(
            "%(count)d more was decided by others meanwhile.",
            "%(count)d more were decided by others meanwhile.",
            more,
        )
        lines.append((messages.WARNING, words % {"count": more}))
    if left := sum(case.is_open for case in outcome.left):
        words = ngettext(
            "%(count)d thing was left as it is: the act does not fit it, or is not yours.",
            "%(count)d things were left as they are: the act does not fit them, or is not yours.",
            left,
        )
        lines.append((messages.WARNING, words % {"count": left}))
    return lines


def faster_words(decision):
    """Who decided what, and when."""
    values = {
        "what": decision.get_action_display(),
        "by": decision.by or "",
        "when": date_and_time(decision.at),
    }
    if decision.by is None:
        return _("Decided already: %(what)s (%(when)s).") % values
    return _("Decided already: %(what)s by %(by)s (%(when)s). Your act changed nothing.") % values


def languages():
    names = {"zh-hans": _("Chinese"), "en": _("English")}
    return [(code, names[code]) for code in LANGUAGES]


def address(chosen, **more):
    """The address of the queue, narrowed down as ``chosen``."""
    query = urlencode({name: value for name, value in {**chosen, **more}.items() if value})
    return reverse("admin:moderation_case_changelist") + (f"?{query}" if query else "")
