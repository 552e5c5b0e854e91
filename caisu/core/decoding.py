"""What a sent file becomes in memory: checked before a pixel is unpacked, decoded to its end, upright.

docs/decisions/0005-pictures.md says what is taken and why; images.py keeps what comes out.
"""

from __future__ import annotations

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

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
MAX_PIXELS_WEBP = 14_000_000
FULL_SIDE = 2400

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
    check_size(upload)
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


def check_size(upload: File) -> None:
    if upload.size > MAX_BYTES:
        raise ValidationError(
            _("This picture is larger than 10 MB. Please make it smaller first."), "too_large"
        )


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


def on_white(picture: Pillow.Image) -> Pillow.Image:
    """The picture without transparency."""
    if picture.mode != "RGBA":
        return picture
    paper = Pillow.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def dominant_colour(picture: Pillow.Image) -> str:
    """The colour, as ``#rrggbb``, of the largest of six groups of like colours."""
    small = on_white(picture.resize((48, 48), Pillow.Resampling.BOX)).quantize(6)
    largest = small.histogram().index(max(small.histogram()))
    red, green, blue = (small.getpalette() or [])[3 * largest : 3 * largest + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"
