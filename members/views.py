from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification_by_code import (
    EMAIL_VERIFICATION_CODE_SESSION_KEY,
)
from allauth.account.stages import EmailVerificationStage, LoginStageController
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.generic import ListView

from caisu.core.throttling import Limit

from .middleware import SESSION_KEY
from .models import Member, Terms

PAGE = 60
# Enough to find a person, too few to carry the directory away.
PAGES = Limit("directory", times=60, seconds=3600)


class Directory(LoginRequiredMixin, ListView):
    """Members who let members see them, newest first."""

    template_name = "members/directory.html"
    context_object_name = "members"

    def get_queryset(self):
        viewer = self.request.user
        if not viewer.is_full_member:
            raise PermissionDenied(_("The directory opens once you are approved."))
        PAGES.hit(viewer.pk)
        members = Member.objects.active().visible_to(viewer).order_by("-pk")
        before = self.request.GET.get("before", "")
        return members.filter(pk__lt=int(before[:18])) if before.isdecimal() else members

    def get_context_data(self, **kwargs):
        page = list(self.object_list[: PAGE + 1])
        for member in page:
            member.card = card(member, self.request.user)
        older = page[PAGE - 1].pk if len(page) > PAGE else None
        return super().get_context_data(object_list=page[:PAGE], older=older, **kwargs)


def card(member, viewer):
    """The private fields of a profile that ``viewer`` may see."""
    names = ["affiliation", "department", "hometown", "arrived", "bio", "email"]
    shown = {name: getattr(member, name) for name in names if member.field_visible_to(name, viewer)}
    if "affiliation" in shown:
        shown["affiliation"] = member.get_affiliation_display()
    return {name: value for name, value in shown.items() if value}


def profile(request, username):
    """A member's visiting card, for those who may see it."""
    member = get_object_or_404(Member, username=username)
    viewer = request.user
    if not member.is_visible_to(viewer):
        if not viewer.is_authenticated and member.is_full_member and member.visibility == "members":
            return redirect_to_login(request.get_full_path())
        raise Http404
    response = render(
        request, "members/profile.html", {"member": member, "card": card(member, viewer)}
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request):
    """The user agreement; a member who has not yet accepted it does so here."""
    current = Terms.in_force()
    member = request.user
    asked = (
        bool(current)
        and member.is_authenticated
        and not current.acceptances.filter(member=member).exists()
    )
    target = request.POST.get("next") or request.GET.get("next", "")
    if request.method == "POST":
        if not member.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if asked and request.POST.get("version", str(current.version)) != str(current.version):
            # Another version came into force while this one was being read.
            context = {"terms": current, "asked": asked, "next": target}
            return render(request, "members/terms.html", context)
        if current:
            current.accept(member)
            request.session[SESSION_KEY] = current.pk
        allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
        return HttpResponseRedirect(target if allowed else reverse("news:front"))
    return render(request, "members/terms.html", {"terms": current, "asked": asked, "next": target})


class ConfirmEmail(allauth_views.ConfirmEmailVerificationCodeView):
    """allauth's page for the code; one that is over says so instead of leading away in silence."""

    def dispatch(self, request, *args, **kwargs):
        anonymous = request.user.is_anonymous
        # Of an address that is known already allauth only pretends to have sent a code. That page
        # must end as the real one does: with the attempt to log in.
        if anonymous and not LoginStageController.enter(request, EmailVerificationStage.key):
            request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
        response = super().dispatch(request, *args, **kwargs)
        if self._process is None and anonymous:
            messages.warning(
                request,
                _(
                    "This code is no longer valid. Log in with your password and you get a new one by e-mail."
                ),
            )
        return response
