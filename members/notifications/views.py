from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import listing, telling
from .models import Notification

LAST_ID = 2**63 - 1


@never_cache
@login_required
@require_safe
def mine(request):
    """What the reader was told, newest first. To look at the list marks nothing as seen."""
    before = request.GET.get("before", "")
    if before and not before.isdecimal():
        raise Http404
    lines, following = listing.page(request.user, min(int(before), LAST_ID) if before else None)
    context = {
        "lines": lines,
        "following": following,
        "continued": bool(before),
        "newest": lines[0].notification.pk if lines else None,
    }
    return render(request, "notifications/list.html", context)


@require_POST
@login_required
def follow(request, pk):
    """Marks one as seen, with those that stood in its line, and goes to what it is about.

    Each line of the list is a form with a button, so that a link alone changes nothing.
    """
    if pk > LAST_ID:
        raise Http404
    notification = get_object_or_404(Notification, pk=pk, member=request.user)
    telling.see_line(notification, listing.GROUPED)
    return redirect(f"/{get_language()}{notification.url}")


@require_POST
@login_required
def see_all(request):
    """Marks as seen what the reader had before them, not what came meanwhile."""
    up_to = request.POST.get("up_to", "")
    number = min(int(up_to), LAST_ID) if up_to.isdecimal() else None
    if telling.see(request.user, number):
        messages.success(request, _("All marked as seen."))
    return redirect("notifications:list")
