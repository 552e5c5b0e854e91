"""Pictures: checked, re-encoded and kept once, scaled afterwards, replaced, removed with their files.

docs/decisions/0005-pictures.md says why it is done so. What a picture looks like in a page is in
``templatetags/pictures.py``, who may fetch one in ``media.py``.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, Signer, TimestampSigner, b62_encode
from django.db import transaction
from django.db.models import Model, TextField
from django_tasks import TaskResultStatus
from PIL import Image as Pillow

from . import markup
from .decoding import check_size, dominant_colour, on_white, read
from .jobs import job
from .jobs.running import try_again
from .models import BackgroundJob, Image

FALLBACK_SIDE = 1200
RENDITION_WIDTHS = (480, 960, 1600)
FULL, FALLBACK = "full.webp", "1200.jpg"
RENDITIONS = {f"{width}.webp": width for width in RENDITION_WIDTHS}
WEBP = {"format": "WEBP", "quality": 82, "method": 4}
# Transparency takes as long again to compress: less care, a hundredth more bytes.
WEBP_TRANSPARENT = {**WEBP, "method": 2}
JPEG = {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True}

# A link to a preview lives as long.
KEY_SECONDS = 24 * 60 * 60
SIGNER = TimestampSigner(salt="picture")


# --- On arrival


def _encoded(picture: Pillow.Image, options: dict[str, Any]) -> ContentFile:
    buffer = BytesIO()
    picture.save(buffer, **options)
    return ContentFile(buffer.getvalue())


def receive(upload: File, by: Any) -> Image:
    """Keeps an uploaded picture, once; its renditions follow by job. Until it is shown, staff sees it.

    Args:
        upload: see :func:`read`; its name becomes that of the picture.
        by: the member who sent it, or None for an import.

    Returns:
        the new picture, or the one that is there already and that ``by`` may know of.

    Raises:
        ValidationError: see :func:`read`.
    """
    digest = digest_of(upload)
    if found := find(digest, by):
        return found
    return store(read(upload), Image(name=name_of(upload), uploaded_by=by, digest=digest))


def digest_of(upload: File) -> str:
    """SHA-256 of an uploaded file, in hexadecimal digits.

    Raises:
        ValidationError: for more than MAX_BYTES.
    """
    check_size(upload)
    digest = sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def find(digest: str, by: Any) -> Image | None:
    """The oldest picture made of that file that ``by``, a member or None, may use again."""
    return Image.objects.reusable_by(by).filter(digest=digest).order_by("pk").first()


def name_of(upload: File) -> str:
    """A file's name as the name of a picture: without folders and ending."""
    return markup.clean_text(PurePath(upload.name or "").stem)[:150]


def store(picture: Pillow.Image, image: Image) -> Image:
    """Writes the files of a picture that was read, and saves its row.

    Args:
        picture: from :func:`read`.
        image: a new row, with whatever is known about the picture already.
    """
    with _written(picture, image), transaction.atomic():
        image.save()
        make_renditions.enqueue(image.pk)
    return image


def replace(image: Image, upload: File) -> Image:
    """Puts another picture in the place of one: everything that shows it shows the new one.

    The new files stand beside the old ones, which go once the change is certain: whatever fails in
    between leaves the old picture whole. What is said about it, and who may fetch it, stays.

    Args:
        image: the row, as old as it may be.
        upload: see :func:`read`.

    Returns:
        the row as it is now.

    Raises:
        ValidationError: see :func:`read`.
        Image.DoesNotExist: when it was deleted meanwhile.
    """
    picture, digest = read(upload), digest_of(upload)
    with transaction.atomic():
        # Two editors at once: the second replaces what the first has sent.
        image = Image.objects.select_for_update().get(pk=image.pk)
        token, old = image.token, image.version
        image.version, image.digest, image.renditions = old + 1, digest, []
        with _written(picture, image):
            image.save(
                update_fields=[
                    *("version", "digest", "renditions"),
                    *("width", "height", "colour", "file_size"),
                ]
            )
            make_renditions.enqueue(image.pk)
        transaction.on_commit(lambda: _remove_files(token, old), robust=True)
    return image


@contextmanager
def _written(picture: Pillow.Image, image: Image) -> Iterator[None]:
    """Writes both files of a picture, and takes them away if what is done with it then fails."""
    image.width, image.height = picture.size
    image.colour = dominant_colour(picture)
    small = on_white(picture).copy()
    small.thumbnail((FALLBACK_SIDE, FALLBACK_SIDE), Pillow.Resampling.LANCZOS)
    full = _encoded(picture, WEBP_TRANSPARENT if picture.mode == "RGBA" else WEBP)
    image.file_size = full.size
    try:
        _write(image, FULL, full)
        _write(image, FALLBACK, _encoded(small, JPEG))
        yield
    except BaseException:
        _remove_files(image.token, image.version)
        raise


@dataclass(frozen=True)
class Crop:
    """A square out of a picture, the same whatever its size; by default the largest in its middle.

    Args:
        x: where it stands in the room beside it, from 0 at the left to 1 at the right.
        y: the same from top to bottom.
        size: its side, as part of the picture's shorter side, above 0 and up to 1.
    """

    x: float = 0.5
    y: float = 0.5
    size: float = 1.0

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in a picture of so many pixels."""
        side = max(1.0, min(width, height) * self.size)
        left, top = (width - side) * self.x, (height - side) * self.y
        return left, top, left + side, top + side


def square(upload: File, crop: Crop | None = None, size: int = 256) -> ContentFile:
    """A square of an uploaded picture as WebP with an unguessable name, for avatars.

    Args:
        upload: see :func:`read`.
        crop: which square, of the picture as it is seen upright; by default its middle.
        size: side in pixels.

    Raises:
        ValidationError: see :func:`read`.
    """
    picture = on_white(read(upload))
    box = (crop or Crop()).box(*picture.size)
    picture = picture.resize((size, size), Pillow.Resampling.LANCZOS, box)
    content = _encoded(picture, WEBP)
    content.name = f"{secrets.token_hex(16)}.webp"
    return content


# --- Renditions


@job(queue="images")
def make_renditions(pk: int) -> None:
    """Makes the widths that a picture still lacks, one by one; for a job, so it may run twice."""
    image = Image.objects.filter(pk=pk).first()
    if image is None or not (missing := lacking(image)):
        return
    with default_storage.open(file_path(image, FULL)) as file:
        full = Pillow.open(file, formats=["WEBP"])
        full.load()
    this_version = Image.objects.filter(pk=pk, version=image.version)
    for width in missing:
        height = max(1, round(image.height * width / image.width))
        scaled = full.resize((width, height), Pillow.Resampling.LANCZOS)
        _write(image, f"{width}.webp", _encoded(scaled, WEBP))
        image.renditions = sorted({*image.renditions, width})
        if not this_version.update(renditions=image.renditions):
            _remove_files(image.token, image.version)  # discarded or replaced meanwhile
            return


def wanted(image: Image) -> list[int]:
    """The widths in pixels that a picture should have beside its own, ascending."""
    return [width for width in RENDITION_WIDTHS if width < image.width]


def lacking(image: Image) -> list[int]:
    """Those of them that it has not yet."""
    return [width for width in wanted(image) if width not in image.renditions]


@dataclass(frozen=True)
class Sizes:
    """How far the renditions of a picture are."""

    ready: int
    wanted: int
    # Nothing is on its way: the job gave up, or is gone.
    failed: bool = False

    @property
    def waiting(self) -> bool:
        """Some are still to come."""
        return self.ready < self.wanted and not self.failed


def sizes(images: Iterable[Image]) -> dict[int, Sizes]:
    """How far the renditions of each picture are, by its key. One query if some are not there."""
    images = list(images)
    unfinished = [image.pk for image in images if lacking(image)]
    busy: set[int] = set()
    if unfinished:
        busy = {
            row.args_kwargs["args"][0]
            for row in _jobs(unfinished).exclude(status=TaskResultStatus.FAILED)
        }
    found = {}
    for image in images:
        count, left = len(wanted(image)), len(lacking(image))
        found[image.pk] = Sizes(count - left, count, failed=bool(left) and image.pk not in busy)
    return found


def remake(images: Iterable[Image]) -> int:
    """Tries again to make the renditions of those pictures whose job has failed; returns how many."""
    images = list(images)
    state = sizes(images)
    stuck = [image.pk for image in images if state[image.pk].failed]
    if not stuck:
        return 0
    failed = _jobs(stuck).filter(status=TaskResultStatus.FAILED)
    again = {row.args_kwargs["args"][0]: row.pk for row in failed}
    with transaction.atomic():
        try_again(BackgroundJob.objects.filter(pk__in=again.values()))
        for pk in stuck:
            if pk not in again:
                make_renditions.enqueue(pk)
    return len(stuck)


def _jobs(keys: Collection[int]) -> Any:
    """The jobs that have not made the renditions of these pictures, yet or for good."""
    # Those that have forget their arguments.
    return BackgroundJob.objects.filter(
        task_path=make_renditions.module_path, args_kwargs__args__0__in=list(keys)
    ).exclude(status=TaskResultStatus.SUCCESSFUL)


# --- Files


def file_path(image: Image, name: str) -> str:
    """Where one file of a picture is in the storage: FULL, FALLBACK or one of RENDITIONS."""
    return _path(image.token, image.version, name)


def _path(token: str, version: int, name: str) -> str:
    return f"images/{token}/{version}-{name}" if version else f"images/{token}/{name}"


def _write(image: Image, name: str, content: ContentFile) -> None:
    path = file_path(image, name)
    default_storage.delete(path)  # from a job that was cut off; else save() would find a new name
    default_storage.save(path, content)


def _remove_files(token: str, version: int) -> None:
    for name in [FULL, FALLBACK, *RENDITIONS]:
        default_storage.delete(_path(token, version, name))
    # The folder, where the storage has such; it stays while another version is in it.
    with suppress(OSError):
        default_storage.delete(f"images/{token}")


def discard(image: Image) -> None:
    """Deletes a picture, and its files as soon as that is certain.

    Raises:
        django.db.models.ProtectedError: when something holds on to it.
    """
    with transaction.atomic():
        token, version = image.token, image.version
        image.delete()
        transaction.on_commit(lambda: _remove_files(token, version), robust=True)


# --- Where they are used, and whose they are by that


def uses(image: Image) -> list[Model]:
    """Whatever shows a picture: articles, pages, the rows of any model with a relation to it."""
    return uses_of([image])[image.pk]


def uses_of(images: Iterable[Image]) -> dict[int, list[Model]]:
    """What shows each of some pictures, by its key, in two queries for each relation at most.

    Long texts are left in the database until they are asked for.
    """
    found: dict[int, list[Model]] = {image.pk: [] for image in images}
    relations: Any = Image._meta.related_objects
    for relation in relations:
        model = relation.related_model
        rows = model._default_manager.defer(
            *(field.name for field in model._meta.fields if isinstance(field, TextField))
        )
        showing: dict[int, list[int]] = defaultdict(list)
        if relation.many_to_many:
            image_id = f"{relation.field.m2m_reverse_field_name()}_id"
            user_id = f"{relation.field.m2m_field_name()}_id"
            links = relation.through._default_manager.filter(**{f"{image_id}__in": [*found]})
            pairs = links.values_list(user_id, image_id)
        else:
            image_id = relation.field.attname
            pairs = rows.filter(**{f"{image_id}__in": [*found]}).values_list("pk", image_id)
        for user, shown in pairs.order_by("-pk"):
            showing[user].append(shown)
        for user, row in rows.in_bulk(showing).items() if showing else ():
            for shown in showing[user]:
                found[shown].append(row)
    return found


def follow(thing: Any) -> None:
    """Notes which pictures a thing shows now, and opens or closes them and those it showed before.

    Args:
        thing: a row with ``images``, ``image_tokens`` and ``picture_audience``, as a Page.
    """
    before = set(thing.images.all())
    thing.images.set(Image.objects.filter(token__in=thing.image_tokens))
    shown = set(thing.images.all())
    if thing.picture_audience == Image.Audience.EVERYONE:
        # Nothing is wider, however many others show them too: nobody needs to be asked.
        set_audience(shown, Image.Audience.EVERYONE)
        settle(before - shown)
    else:
        settle(before | shown)


def settle(images: Iterable[Image]) -> None:
    """Gives each picture the widest audience among what shows it; none if nothing does.

    Each thing says who may fetch what it shows by its ``picture_audience``, a value of
    ``Image.Audience``. One that says nothing leaves its pictures as they are.
    """
    images = list(images)
    if not images:
        return
    using = uses_of(images)
    widest: list[str] = [Image.Audience.EVERYONE, Image.Audience.MEMBERS, Image.Audience.STAFF]
    for image in images:
        asked = {getattr(use, "picture_audience", image.audience) for use in using[image.pk]}
        set_audience([image], min(asked, key=widest.index, default=Image.Audience.STAFF))


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


def url(image: Image, name: str = FULL, key: str = "") -> str:
    """Address of one file of a picture, from the root of the site.

    Args:
        name: FULL, FALLBACK, or one of RENDITIONS.
        key: from :func:`preview_key`, for a page whose reader may not fetch it otherwise.
    """
    query = {"v": image.version, "key": key}
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{settings.MEDIA_URL}images/{image.token}/{name}" + (f"?{asked}" if asked else "")


def fallback_url(image: Image, key: str = "") -> str:
    """Address of the JPEG, for share cards and old readers; there from the beginning."""
    return url(image, FALLBACK, key)


def thumbnail_url(image: Image) -> str:
    """Address of the smallest file that there is."""
    return url(image, f"{image.renditions[0]}.webp") if image.renditions else fallback_url(image)


def srcset(image: Image, key: str = "") -> str:
    """The WebP files that exist, for a ``srcset`` attribute."""
    files = [(f"{width}.webp", width) for width in image.renditions]
    return ", ".join(
        f"{url(image, name, key)} {width}w" for name, width in [*files, (FULL, image.width)]
    )


def described(image: Image) -> dict[str, Any]:
    """What an editor's program needs to put a picture into a text; for JSON."""
    return {
        "pk": image.pk,
        "token": image.token,
        "url": url(image),
        "thumbnail": thumbnail_url(image),
        "name": image.name,
        "alt_zh_hans": image.alt_zh_hans,
        "alt_en": image.alt_en,
        "credit": image.credit,
        "width": image.width,
        "height": image.height,
    }


def preview_key(token: str, since: datetime) -> str:
    """What opens one picture to whoever has it, in its address as ``key``.

    Args:
        since: it opens for 24 hours from then, so that it lives no longer than the link to the
            preview that shows it.
    """
    dated = f"{token}{SIGNER.sep}{b62_encode(int(since.timestamp()))}"
    return Signer.sign(SIGNER, dated).removeprefix(f"{token}{SIGNER.sep}")


def key_opens(token: str, key: str) -> bool:
    """Whether ``key`` was made for this very picture, by us, and its 24 hours are not over."""
    try:
        SIGNER.unsign(f"{token}{SIGNER.sep}{key}", max_age=KEY_SECONDS)
    except BadSignature:
        return False
    return True
