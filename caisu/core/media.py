"""What members see of uploaded files, and how they send new ones."""

import re
from hashlib import sha256

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import images
from .models import Audience, Image
from .throttling import Limit, TooManyRequests

# The only files there are. Nothing else is looked for, so no path leads anywhere else.
PICTURE = re.compile(r"images/(?P<token>[0-9a-f]{32})/(?P<name>(?:full|[0-9]{2,4})\.(?:webp|jpg))")
AVATAR = re.compile(r"avatars/[A-Za-z0-9_-]{16,80}\.webp")
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}

PUBLIC = "public, max-age=31536000, immutable"
PERSONAL = "private, no-store"
# An avatar that is for everyone: hiding it must work soon, and a list shows many.
SOON = "public, max-age=300, must-revalidate"

UPLOADS = Limit("upload", times=20, seconds=60)
UPLOADS_OF_A_MEMBER = Limit("upload-day", times=20, seconds=24 * 60 * 60)


@require_safe
def serve(request, path):
    """A picture, to those who may see it; everything else does not exist."""
    if found := PICTURE.fullmatch(path):
        image = Image.objects.filter(token=found["token"]).first()
        if image is None:
            raise Http404
        if "key" in request.GET and images.key_opens(image.token, request.GET["key"]):
            return _picture(request, image, found["name"], PERSONAL)
        if image.audience == Image.Audience.EVERYONE:
            return _picture(request, image, found["name"], PUBLIC)
        return _for_some(request, image, found["name"])
    if AVATAR.fullmatch(path):
        return _avatar(request, path)
    raise Http404


def _avatar(request, path):
    """The picture of a member, to those who may see it there. A new one has a new name."""
    owner = get_user_model().objects.filter(avatar=path).first()
    if owner is None:
        raise Http404
    if owner.avatar_is_public:
        return _file(request, path, SOON)
    user = request.user
    if not owner.avatar_visible_to(user):
        if not user.is_authenticated and owner.audience_of("avatar") == Audience.MEMBERS:
            return redirect_to_login(request.get_full_path())
        raise Http404
    response = _file(request, path, PERSONAL)
    patch_vary_headers(response, ["Cookie"])
    return response


def _for_some(request, image, name):
    """One file of a picture that is not for everyone."""
    user = request.user
    own = user.is_active and image.uploaded_by_id == user.pk
    if not own and not _may(user, "core.view_image"):
        if image.audience != Image.Audience.MEMBERS:
            raise Http404
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not user.is_full_member:
            raise PermissionDenied
    response = _picture(request, image, name, PERSONAL)
    patch_vary_headers(response, ["Cookie"])
    return response


def _may(user, permission):
    return user.is_active and user.is_staff and user.has_perm(permission)


def _picture(request, image, name, cache_control):
    """One file of a picture, as it is now: of which version an address speaks is for caches only."""
    width = images.RENDITIONS.get(name)
    if width and width not in image.renditions:
        # A page from before a replacement asks for what is not made yet, or never will be.
        name, cache_control = images.FULL, PERSONAL
    return _file(request, images.file_path(image, name), cache_control)


def _file(request, path, cache_control):
    """The file itself, by ourselves or by nginx."""
    # A file never changes under its path, so the path tells its version.
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
    if cache_control == PUBLIC:
        # Feed readers on the web show our public pictures in their own pages.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@never_cache
@require_POST
def upload(request):
    """Takes one picture from the editor: ``upload`` in the form, JSON of ``images.described`` back.

    For staff who may add pictures, and for full members, for their own posts. 400 with a plain
    message in the sender's language when it cannot be taken, 403 for who is not logged in, 429
    for a member who has sent enough for a day.
    """
    user = request.user
    if not getattr(user, "is_full_member", False):
        return _refusal(403, _("You are not logged in any more, or may not add pictures."))
    if _may(user, "core.add_image"):
        UPLOADS.hit(user.pk)
    else:
        try:
            UPLOADS_OF_A_MEMBER.hit(user.pk)
        except TooManyRequests as error:
            return _enough_for_today(error.retry_after)
    if "upload" not in request.FILES:
        return _refusal(400, _("No picture came with the request."))
    try:
        image = images.receive(request.FILES["upload"], by=user)
    except ValidationError as error:
        return _refusal(400, error.messages[0])
    return JsonResponse(images.described(image))


def _enough_for_today(seconds):
    """429: so many pictures a day, and when there may be more."""
    hours = -(-seconds // 3600)
    message = ngettext(
        "You can send %(times)d pictures a day. There may be more in %(hours)d hour.",
        "You can send %(times)d pictures a day. There may be more in %(hours)d hours.",
        hours,
    )
    response = _refusal(429, message % {"times": UPLOADS_OF_A_MEMBER.times, "hours": hours})
    response["Retry-After"] = str(seconds)
    return response


def _refusal(status, message):
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
