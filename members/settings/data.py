from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caisu.core.models import SiteSettings

from .. import exporting, reauthentication
from ..adapter import STANDING_SALT, STANDING_SECONDS
from ..models import DataExport


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def export(request):
    """All that the site holds of a member, on the way to them."""
    if request.method == "POST":
        if not reauthentication.is_recent(request):
            return reauthentication.ask(request)
        exporting.request(request.user)
        messages.success(request, _("Your data are being put together."))
        return redirect("members:export")
    context = {"state": exporting.state_of(request.user)}
    return render(request, "members/settings/export.html", context)


@never_cache
@require_safe
def download(request, token):
    """The file, to the member whose it is; to one whose account is closed by the page that says so."""
    made = get_object_or_404(DataExport, token=token)
    if request.user.is_authenticated:
        if made.member_id != request.user.pk:
            raise Http404
        if not reauthentication.is_recent(request):
            return reauthentication.ask(request)
    elif not opens(request.GET.get("key", ""), made):
        return redirect_to_login(request.path)
    if not made.is_ready:
        raise Http404
    return send(made)


def opens(key, made):
    """Whether somebody was let in a moment ago, and told that their account is closed."""
    try:
        pk = signing.loads(key, salt=STANDING_SALT, max_age=STANDING_SECONDS)
    except signing.BadSignature:
        return False
    return pk == made.member_id and not made.member.is_active


def send(made):
    """The file itself, by ourselves or by nginx; kept by nobody on the way."""
    name = f"{SiteSettings.load().short_name}-{timezone.localtime(made.ready_at):%Y-%m-%d}.zip"
    name = "".join(c for c in name if c.isascii() and (c.isalnum() or c in ".-")).lstrip("-.")
    if settings.MEDIA_ACCEL:
        response = HttpResponse(headers={"X-Accel-Redirect": f"{settings.MEDIA_ACCEL}{made.file}"})
    else:
        try:
            response = FileResponse(default_storage.open(made.file.name))
        except FileNotFoundError:
            raise Http404 from None
    response["Content-Type"] = "application/zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
