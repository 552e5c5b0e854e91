"""Pictures: checked, re-encoded and kept on arrival, scaled afterwards, removed with their files.

docs/decisions/0005-pictures.md says why it is done so. What a picture looks like in a page is in
``templatetags/pictures.py``, who may fetch one in ``media.py``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import ExifTags, ImageCms, ImageOps
from PIL import Image as Pillow

from . import markup
from .jobs import job
from .models import Image

FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
ACCEPT = "image/jpeg,image/png,image/webp,image/gif"
try:
    import pi_heif  # in requirements-extra.txt: what iPhones send
except ImportError:
    pass
else:
    pi_heif.register_heif_opener()
    FORMATS.append("HEIF")
    ACCEPT += ",image/heic,image/heif"

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
# Its decoder keeps several copies of the whole: 50 million would take 800 MB and seven seconds.
MAX_PIXELS_WEBP = 16_000_000
FULL_SIDE = 2400
FALLBACK_SIDE = 1200
RENDITION_WIDTHS = (480, 960, 1600)
FULL, FALLBACK = "full.webp", "1200.jpg"
WEBP = {"format": "WEBP", "quality": 82, "method": 4}
JPEG = {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True}

# Orientation as cameras write it (Exif 2.32, tag 0x0112).
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
SRGB = ImageCms.createProfile("sRGB")


# --- On arrival


def read(upload: File) -> Pillow.Image:
    """The picture in an uploaded file, decoded to its end, upright, in sRGB, with nothing else.

    Args:
        upload: a file of any kind, with its ``size`` in bytes.

    Returns:
        RGB, or RGBA where it has transparent parts; its longer side is at most FULL_SIDE pixels.
        Of an animation, the first frame.

    Raises:
        ValidationError: for more than MAX_BYTES or MAX_PIXELS, for half a picture and for what is
            none; with a message for the person who sent it.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(
            _("This picture is larger than 10 MB. Please make it smaller first."), "too_large"
        )
    try:
        upload.seek(0)
        picture = Pillow.open(upload, formats=FORMATS)
        pixels = picture.width * picture.height
        limit = MAX_PIXELS_WEBP if picture.format == "WEBP" else MAX_PIXELS
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        pixels, limit = MAX_PIXELS + 1, MAX_PIXELS
    except Exception as error:  # Pillow's readers raise anything at all when fed with garbage
        raise ValidationError(
            _("This file is not a picture that we can read. JPEG, PNG, WebP and GIF work."),
            "not_a_picture",
        ) from error
    # Asked before a single pixel is unpacked: 48 kB of PNG may hold 400 million.
    if pixels > limit:
        raise ValidationError(
            _("This picture has more than %(limit)d million pixels. Please make it smaller first."),
            "too_many_pixels",
            {"limit": limit // 1_000_000},
        )
    try:
        return _decoded(picture)
    except Exception as error:
        raise ValidationError(
            _("This picture is damaged or incomplete. Please send it again."), "damaged"
        ) from error


def _decoded(picture: Pillow.Image) -> Pillow.Image:
    """Decodes all of an opened picture with little memory; raises whatever Pillow does."""
    profile = picture.info.get("icc_profile")
    # A JPEG is scaled while it is unpacked, all of it is read nevertheless.
    picture.draft(None, (FULL_SIDE, FULL_SIDE))
    picture.load()
    exif = picture.getexif()
    picture = _reduced(picture, max(1, max(picture.size) // FULL_SIDE))
    picture.thumbnail((FULL_SIDE, FULL_SIDE), Pillow.Resampling.LANCZOS)
    turn = TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
    if turn is not None:
        picture = picture.transpose(turn)
    if profile and picture.mode != "RGBA":
        picture = _in_srgb(picture, profile)
    if picture.mode not in {"RGB", "RGBA"}:
        picture = picture.convert("RGB")
    picture.info = {}  # Pillow would write comments and profiles from here
    return picture


def _reduced(picture: Pillow.Image, factor: int) -> Pillow.Image:
    """A decoded picture in L, RGB, RGBA or CMYK, its sides divided by a whole number.

    In bands, because a converted copy of the largest picture takes 200 MB.
    """
    mode = picture.mode
    if picture.has_transparency_data:
        mode = "RGBA"
    elif mode.startswith("I"):  # 16 bits of grey
        mode = "L"
    elif mode not in {"L", "CMYK"}:
        mode = "RGB"
    if factor == 1 and mode == picture.mode:
        return picture
    width, height = picture.size
    small = Pillow.new(mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, 1_000_000 // (width * factor))
    for top in range(0, height, rows):
        band = picture.crop((0, top, width, min(height, top + rows)))
        if picture.mode.startswith("I"):
            band = band.convert("I").point(lambda value: value * (1 / 256))
        small.paste(band.convert(mode).reduce(factor), (0, top // factor))
    return small


def _in_srgb(picture: Pillow.Image, profile: bytes) -> Pillow.Image:
    """Colours as meant: phones use wider spaces, whose numbers look dull without the profile."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        translated = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):  # a broken profile, or one for another kind of picture
        return picture
    return translated or picture


def _on_white(picture: Pillow.Image) -> Pillow.Image:
    """The picture without transparency."""
    if picture.mode != "RGBA":
        return picture
    paper = Pillow.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _dominant_colour(picture: Pillow.Image) -> str:
    """The colour, as ``#rrggbb``, of the largest of six groups of like colours."""
    small = _on_white(picture.resize((48, 48), Pillow.Resampling.BOX)).quantize(6)
    largest = small.histogram().index(max(small.histogram()))
    red, green, blue = (small.getpalette() or [])[3 * largest : 3 * largest + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _encoded(picture: Pillow.Image, options: dict[str, Any]) -> ContentFile:
    buffer = BytesIO()
    picture.save(buffer, **options)
    return ContentFile(buffer.getvalue())


def receive(upload: File, by: Any) -> Image:
    """Keeps an uploaded picture; its renditions follow by job. Until it is shown, staff sees it.

    Args:
        upload: see :func:`read`; its name becomes that of the picture.
        by: the member who sent it, or None for an import.

    Raises:
        ValidationError: see :func:`read`.
    """
    return store(read(upload), Image(name=name_of(upload), uploaded_by=by))


def name_of(upload: File) -> str:
    """A file's name as the name of a picture: without folders and ending."""
    return markup.clean_text(PurePath(upload.name or "").stem)[:150]


def store(picture: Pillow.Image, image: Image) -> Image:
    """Writes the files of a picture that was read, and saves its row.

    Args:
        picture: from :func:`read`.
        image: a new row, with whatever is known about the picture already.
    """
    image.width, image.height = picture.size
    image.colour = _dominant_colour(picture)
    small = _on_white(picture).copy()
    small.thumbnail((FALLBACK_SIDE, FALLBACK_SIDE), Pillow.Resampling.LANCZOS)
    try:
        _write(image, FULL, _encoded(picture, WEBP))
        _write(image, FALLBACK, _encoded(small, JPEG))
        with transaction.atomic():
            image.save()
            make_renditions.enqueue(image.pk)
    except BaseException:
        _remove_files(image.token)
        raise
    return image


def square(upload: File, size: int = 256) -> ContentFile:
    """The middle of an uploaded picture as a square WebP with an unguessable name, for avatars.

    Args:
        upload: see :func:`read`.
        size: side in pixels.

    Raises:
        ValidationError: see :func:`read`.
    """
    picture = ImageOps.fit(_on_white(read(upload)), (size, size), Pillow.Resampling.LANCZOS)
    content = _encoded(picture, WEBP)
    content.name = f"{secrets.token_hex(16)}.webp"
    return content


# --- Renditions


@job(queue="images")
def make_renditions(pk: int) -> None:
    """Makes the widths that a picture still lacks; for a job, so it may run twice."""
    image = Image.objects.filter(pk=pk).first()
    if image is None:
        return
    missing = [
        width for width in RENDITION_WIDTHS if width < image.width and width not in image.renditions
    ]
    if not missing:
        return
    with default_storage.open(_path(image.token, FULL)) as file:
        full = Pillow.open(file, formats=["WEBP"])
        full.load()
    for width in missing:
        height = max(1, round(image.height * width / image.width))
        scaled = full.resize((width, height), Pillow.Resampling.LANCZOS)
        _write(image, f"{width}.webp", _encoded(scaled, WEBP))
    widths = sorted({*image.renditions, *missing})
    if not Image.objects.filter(pk=pk).update(renditions=widths):
        _remove_files(image.token)  # discarded meanwhile


# --- Files


def _path(token: str, name: str) -> str:
    return f"images/{token}/{name}"


def _write(image: Image, name: str, content: ContentFile) -> None:
    path = _path(image.token, name)
    default_storage.delete(path)  # from a job that was cut off; else save() would find a new name
    default_storage.save(path, content)


def _remove_files(token: str) -> None:
    for name in [FULL, FALLBACK, *(f"{width}.webp" for width in RENDITION_WIDTHS)]:
        default_storage.delete(_path(token, name))
    default_storage.delete(f"images/{token}")  # the folder, where the storage has such


def discard(image: Image) -> None:
    """Deletes a picture, and its files as soon as that is certain.

    Raises:
        django.db.models.ProtectedError: when something holds on to it.
    """
    token = image.token
    with transaction.atomic():
        image.delete()
        transaction.on_commit(lambda: _remove_files(token), robust=True)


# --- Whose they are


def set_audience(images: Iterable[Image], audience: str) -> int:
    """Says who may fetch the pictures: a value of ``Image.Audience``.

    Args:
        images: a queryset, or rows.

    Returns:
        How many changed.
    """
    keys = [image.pk for image in images]
    return Image.objects.filter(pk__in=keys).exclude(audience=audience).update(audience=audience)


def in_html(html: str) -> set[str]:
    """Tokens of our pictures in the body of an article."""
    return {match[1] for match in markup.OUR_PICTURE.finditer(html)}


# --- Addresses. Always our own view, wherever the files are: it knows who may see them.


def url(image: Image, name: str = FULL) -> str:
    """Address of one file of a picture, from the root of the site."""
    return f"{settings.MEDIA_URL}{_path(image.token, name)}"


def fallback_url(image: Image) -> str:
    """Address of the JPEG, for share cards and old readers; there from the beginning."""
    return url(image, FALLBACK)


def thumbnail_url(image: Image) -> str:
    """Address of the smallest file that there is."""
    return url(image, f"{image.renditions[0]}.webp") if image.renditions else fallback_url(image)


def srcset(image: Image) -> str:
    """The WebP files that exist, for a ``srcset`` attribute."""
    files = [(f"{width}.webp", width) for width in image.renditions]
    return ", ".join(
        f"{url(image, name)} {width}w" for name, width in [*files, (FULL, image.width)]
    )
