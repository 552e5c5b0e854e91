"""What was decided about a member, for that member alone, and their answer to it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from . import appealing, concerning
from .appeal_form import AppealForm
from .models import Case, Moderated

PAGE = 20
LAST_ID = 2**63 - 1


@never_cache
@login_required
@require_safe
def decisions(request):
    """All that was decided about the reader, the latest first."""
    before = request.GET.get("before", "")
    if before and not before.isdecimal():
        raise Http404
    rows = concerning.about(request.user)
    if before:
        rows = rows.filter(pk__lt=min(int(before), LAST_ID))
    found = list(rows[: PAGE + 1])
    context = {
        "decisions": concerning.told(found[:PAGE], request.user),
        "following": found[PAGE - 1].pk if len(found) > PAGE else None,
        "continued": bool(before),
    }
    return render(request, "moderation/decisions.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request, pk):
    """One decision: what, when, why. POST answers it, once."""
    if pk > LAST_ID:
        raise Http404
    found = get_object_or_404(concerning.about(request.user), pk=pk)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if appealing.appeal(found, request.user, form.cleaned_data["text"]):
            messages.success(request, _("Your answer is with the moderators."))
        else:
            messages.info(request, _("Nothing was changed: to this you cannot answer any more."))
        return redirect("moderation:decision", pk=pk)
    context = {
        "told": concerning.told([found], request.user)[0],
        "place": _place(found, request.user),
        "form": form if appealing.may_appeal(found, request.user) else None,
    }
    return render(request, "moderation/decision.html", context)


def _place(decision, reader):
    """The address of what was decided about, as far as its author sees it."""
    subject = decision.case.subject
    if isinstance(subject, Moderated) and subject.is_known_to(reader):
        return subject.get_permalink()
    return reverse("members:edit_profile") if decision.case.kind == Case.Kind.PROFILE else ""
