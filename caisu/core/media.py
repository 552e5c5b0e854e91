"""What members see of uploaded files, and how editors send new ones."""

import re
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import images
from .models import Image
from .throttling import Limit

# The only files there are. Nothing else is looked for, so no path leads anywhere else.
PICTURE = re.compile(r"images/(?P<token>[0-9a-f]{32})/(?:full|[0-9]{2,4})\.(?:webp|jpg)")
AVATAR = re.compile(r"avatars/[A-Za-z0-9_-]{16,80}\.webp")
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}

PUBLIC = "public, max-age=31536000, immutable"
PERSONAL = "private, no-store"
WEEK = "public, max-age=604800"

UPLOADS = Limit("upload", times=20, seconds=60)


@require_safe
def serve(request, path):
    """A picture, to those who may see it; everything else does not exist."""
    if found := PICTURE.fullmatch(path):
        audience = (
            Image.objects.filter(token=found["token"]).values_list("audience", flat=True).first()
        )
        if audience == Image.Audience.EVERYONE:
            return _file(request, path, PUBLIC)
        return _for_some(request, path, audience)
    if AVATAR.fullmatch(path):
        # Nobody can guess its name, and a new one has a new name.
        return _file(request, path, WEEK)
    raise Http404


def _for_some(request, path, audience):
    """A picture that is not for everyone, or None's."""
    user = request.user
    if audience is None:
        raise Http404
    if not (user.is_active and user.is_staff and user.has_perm("core.view_image")):
        if audience != Image.Audience.MEMBERS:
            raise Http404
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not user.is_full_member:
            raise PermissionDenied
    response = _file(request, path, PERSONAL)
    patch_vary_headers(response, ["Cookie"])
    return response


def _file(request, path, cache_control):
    """The file itself, by ourselves or by nginx."""
    # A file never changes under its name, so the name tells its version.
    etag = quote_etag(sha256(path.encode()).hexdigest()[:16])
    if settings.MEDIA_ACCEL:
        # nginx answers conditional and partial requests itself.
        response = HttpResponse(headers={"X-Accel-Redirect": f"{settings.MEDIA_ACCEL}{path}"})
    else:
        try:
            file = default_storage.open(path)
        except FileNotFoundError:
            raise Http404 from None
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = FileResponse(file)
        else:
            file.close()
    response["ETag"] = etag
    response["Cache-Control"] = cache_control
    response["Content-Type"] = TYPES[path.rpartition(".")[2]]
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    if cache_control != PERSONAL:
        # Feed readers on the web show our public pictures in their own pages.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@never_cache
@require_POST
def upload(request):
    """Takes one picture from the editor: ``upload`` in the form, JSON back.

    400 with a plain message in the editor's language when it cannot be taken; 403 for others than
    staff who may add pictures.
    """
    user = request.user
    if not (user.is_active and user.is_staff and user.has_perm("core.add_image")):
        return _refusal(403, _("You are not logged in any more, or may not add pictures."))
    UPLOADS.hit(user.pk)
    if "upload" not in request.FILES:
        return _refusal(400, _("No picture came with the request."))
    try:
        image = images.receive(request.FILES["upload"], by=user)
    except ValidationError as error:
        return _refusal(400, error.messages[0])
    return JsonResponse(
        {
            "url": images.url(image),
            "width": image.width,
            "height": image.height,
            "token": image.token,
        }
    )


def _refusal(status, message):
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
