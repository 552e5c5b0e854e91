"""Who a member says they are: the card, the picture on it, and who sees what of it."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from caisu.core.throttling import Limit
from members import profiles
from members.models import Member

from .profile_form import AvatarForm, NameForm, PrivacyForm, ProfileForm

CHANGES = Limit("profile", times=30, seconds=3600)
PICTURES = Limit("avatar", times=10, seconds=3600)

# The lines of the card, as the table of who sees them calls them.
LABELS = {
    "avatar": pgettext_lazy("of a member", "Picture"),
    "bio": _("About me"),
    "affiliation": _("Here as"),
    "department": _("Department"),
    "hometown": _("Hometown"),
    "arrived": _("Year of arrival"),
    "languages": _("Languages"),
    "links": _("Links"),
    "wechat": _("WeChat ID"),
    "email": _("E-mail address"),
}

editable = require_http_methods(["GET", "HEAD", "POST"])


def for_full_members(view):
    """A page of settings that opens once somebody is approved."""

    @login_required
    @wraps(view)
    def wrapper(request):
        if not request.user.is_full_member:
            raise PermissionDenied(_("This opens once you are approved."))
        return view(request)

    return wrapper


def _copy(member):
    """The member's row apart from ``request.user``: a form writes into it what it then refuses."""
    return Member.objects.get(pk=member.pk)


def _sent(request):
    return request.POST if request.method == "POST" else None


def _saved(request, form):
    """Saves what a valid form holds; whether the page is done with."""
    CHANGES.hit(request.user.pk)
    try:
        changed = profiles.save(
            request.user, form.cleaned_data, address=request.META["REMOTE_ADDR"]
        )
    except ValidationError as error:  # taken between the form's look and ours
        form.add_error(None, error)
        return False
    if request.user.profile_held and profiles.PUBLIC_TEXTS.intersection(changed):
        words = _("Saved. A moderator looks at it before others see it, usually within a day.")
        messages.success(request, words)
    elif changed:
        messages.success(request, _("Saved."))
    else:
        messages.info(request, _("Nothing was changed."))
    return True


@editable
@login_required
def edit(request):
    """The profile, with what waits in it; a newcomer changes their name only."""
    form_class = ProfileForm if request.user.is_full_member else NameForm
    member = _copy(request.user)
    form = form_class(_sent(request), instance=member.as_proposed(), initial=member.proposed)
    if form.is_valid() and _saved(request, form):
        return redirect("members:edit_profile")
    return render(request, "members/settings/profile.html", {"form": form})


@editable
@for_full_members
def avatar(request):
    """Choosing a picture and a square of it, or taking it away."""
    member = request.user
    if request.method == "POST" and "remove" in request.POST:
        if profiles.remove_avatar(member):
            messages.success(request, _("Your picture is removed."))
        return redirect("members:avatar")
    form = AvatarForm()
    if request.method == "POST":
        form = AvatarForm(request.POST, request.FILES)
        PICTURES.hit(member.pk)
        if form.is_valid():
            try:
                profiles.set_avatar(member, form.cleaned_data["picture"], form.crop())
            except ValidationError as error:
                form.add_error("picture", error)
            else:
                messages.success(request, _("Your new picture is in place."))
                return redirect("members:avatar")
    return render(request, "members/settings/avatar.html", {"form": form})


@editable
@for_full_members
def privacy(request):
    """Who sees the profile, and what they see of it now."""
    form = PrivacyForm(_sent(request), instance=_copy(request.user))
    if form.is_valid() and _saved(request, form):
        return redirect("members:privacy")
    seen = [(LABELS[name], audience) for name, audience in profiles.seen_by(request.user)]
    context = {"form": form, "seen": seen, "visibility": request.user.visibility}
    return render(request, "members/settings/privacy.html", context)
