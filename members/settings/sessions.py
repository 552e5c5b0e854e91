"""Where a member is logged in, and how to end that from here."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from .. import sessions
from ..reauthentication import reauthentication_required


@require_safe
@reauthentication_required
def mine(request):
    """Every session of the member, with device, part of the net and when it was last used."""
    found = sessions.of(request.user)
    for session in found:
        session.here = session.session_key == request.session.session_key
        session.device = named(*sessions.device(session.user_agent))
        session.place = sessions.place(session.ip)
    context = {"sessions": found, "elsewhere": any(not session.here for session in found)}
    return render(request, "members/settings/sessions.html", context)


def named(browser, system):
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


@require_POST
@reauthentication_required
def end(request, pk=None):
    """Ends one session, or all but this one."""
    others = UserSession.objects.filter(user=request.user).exclude(
        session_key=request.session.session_key
    )
    if pk is not None:
        others = [get_object_or_404(others, pk=pk)]
    if ended := sessions.end(others):
        words = ngettext(
            "%(count)s device is logged out.", "%(count)s devices are logged out.", ended
        )
        messages.success(request, words % {"count": ended})
    else:
        messages.info(request, _("You are logged in nowhere else."))
    return HttpResponseRedirect(reverse("members:sessions"))
