import re

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from caisu.core.models import Audience
from caisu.core.roles import ROLE_NAMES, WEBMASTER

from . import trust
from .middleware import SESSION_KEY
from .models import Member, Terms
from .places import LANGUAGES

URL = re.compile(r"https?://")
# In whose place a member may look at their own profile.
STAND_INS = {
    "visitor": AnonymousUser,
    "member": lambda: Member(standing=Member.Standing.ACTIVE),
}


def card(member, viewer):
    """The private fields of a profile that ``viewer`` may see, as they are shown."""
    shown = {
        name: getattr(member, name)
        for name in Member.PRIVATE_FIELDS
        if member.field_visible_to(name, viewer)
    }
    if "affiliation" in shown:
        shown["affiliation"] = member.get_affiliation_display()
    if "hometown" in shown:
        shown["hometown"] = home_of(member)
    if "languages" in shown:
        comma = pgettext("between the items of a list", ", ")
        shown["languages"] = comma.join(
            str(name) for code, name in LANGUAGES if code in member.languages
        )
    if "links" in shown:
        # Whatever way they came into the row: these become links.
        shown["links"] = [
            (link, link.partition("://")[2].rstrip("/")) for link in member.links if URL.match(link)
        ]
    return {name: value for name, value in shown.items() if value}


def home_of(member):
    """Hometown and province as one line, or whichever is there."""
    province = str(member.get_province_display())
    if not (member.hometown and province) or member.hometown == province:
        return member.hometown or province
    return pgettext("a hometown and its province", "%(hometown)s, %(province)s") % {
        "hometown": member.hometown,
        "province": province,
    }


def profile(request, username):
    """A member's visiting card, for those who may see it; a former handle leads there too."""
    member = Member.objects.by_handle(username)
    viewer = request.user
    if member is None or not member.is_visible_to(viewer):
        if member and not viewer.is_authenticated and member.audience == Audience.MEMBERS:
            return redirect_to_login(request.get_full_path())
        raise Http404
    seen_as = request.GET.get("as", "") if member == viewer else ""
    if seen_as in STAND_INS:
        viewer = STAND_INS[seen_as]()
    else:
        seen_as = ""
    own = member == viewer
    told = own or viewer.has_perm("members.view_member")
    context = {
        "member": member,
        # Their author sees what waits as it would be shown; others, and staff, what is approved.
        "card": card(member.as_proposed() if own else member, viewer),
        "own": own,
        "reportable": member.is_reportable_by(request.user),
        "waits": told and member.profile_held,
        "seen_as": seen_as,
        "opens": not seen_as or member.is_visible_to(viewer),
        "roles": roles_of(member) if member.is_staff else [],
        "trust": trust.explain(member) if told else None,
    }
    if member.username == username:
        response = render(request, "members/profile.html", context)
    else:
        response = redirect(member)
    response["Cache-Control"] = "private, no-store"
    return response


def roles_of(member):
    """The offices that somebody of the staff holds, in the reader's language."""
    held = {group.name for group in member.groups.all()}
    if member.is_superuser:
        held.add(WEBMASTER)
    return [name for role, name in ROLE_NAMES.items() if role in held]


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
