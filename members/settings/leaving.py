from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from .. import leaving, reauthentication
from .. import still_here as yearly
from ..leaving_form import LeavingForm


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request):
    """To leave: what happens, what one may choose, and the days to change one's mind."""
    form = LeavingForm(request.POST or None)
    last = leaving.is_last_webmaster(request.user)
    if request.method == "POST" and form.is_valid() and not last:
        if not reauthentication.is_recent(request):
            return reauthentication.ask(request)
        try:
            leaving.ask(request.user, removes_contributions=form.removes)
        except leaving.LastWebmaster:  # the other one was faster
            return redirect("members:delete")
        return redirect("members:delete")
    context = {"form": form, "last": last, "grace": leaving.Departure.GRACE.days}
    return render(request, "members/settings/delete.html", context)


@login_required
@require_POST
def stay(request):
    """To keep one's account after all."""
    if leaving.stay(request.user):
        messages.success(request, _("You stay. Everything is as it was."))
    return redirect("members:delete")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def still_here(request, token):
    """Still here, or an alumna by now? Programs that follow links in mails change nothing."""
    try:
        member, before = yearly.read(token)
    except signing.SignatureExpired:
        return render(request, "members/still_here.html", {"over": True}, status=410)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    if member is None:
        raise Http404
    answer = request.POST.get("answer", "")
    if request.method == "POST" and answer in yearly.ANSWERS:
        yearly.answer(member, answer, before)
    else:
        answer = ""
    context = {"answer": answer, "is_alumni": member.affiliation == "alumni"}
    return render(request, "members/still_here.html", context)
