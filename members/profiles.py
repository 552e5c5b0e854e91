"""What members say of themselves: saved, renamed, given a picture."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from caisu.core import fulltext, images
from caisu.core.images import Crop

from .models import FormerHandle, Member
from .names import RESERVED, look_alike, sounds_official
from .signals import profile_changing

# Whatever a member may change of their own row, and nothing else; the picture has its own verbs.
OWN_FIELDS = frozenset(
    [
        *("display_name", "username", "bio", "affiliation", "department"),
        *("province", "hometown", "arrived", "languages", "links", "wechat", "visibility"),
        *(f"{name}_audience" for name in Member.PRIVATE_FIELDS),
    ]
)
# What others read of a member, in the member's own words: looked at before it is shown.
PUBLIC_TEXTS = Member.WRITTEN_FIELDS | {"display_name", "username"}
# A change of these changes who finds a member, and by what.
FOUND_BY = frozenset(["display_name", "username", "visibility"])


def check_name(name: str, member: Member | None = None) -> None:
    """Refuses a display name that could be taken for staff; staff may bear it.

    Args:
        member: who wants it; None for somebody who is signing up.

    Raises:
        ValidationError: with the code ``official``.
    """
    if member and member.is_staff:
        return
    staff = Member.objects.active().filter(is_staff=True).values_list("display_name", flat=True)
    if sounds_official(name) or any(look_alike(name, other) for other in staff):
        raise ValidationError(
            _("This name could be taken for the site's staff. Choose another, please."),
            code="official",
        )


def check_handle(handle: str, member: Member) -> None:
    """Refuses a handle that is not free for ``member``, or a change that comes too soon.

    Raises:
        ValidationError: with the code ``official``, ``unique`` or ``too_soon``.
    """
    if handle in RESERVED or (sounds_official(handle) and not member.is_staff):
        raise ValidationError(
            _("This handle could be taken for the site or its staff. Choose another, please."),
            code="official",
        )
    # In this order: a handle that is being given up is found in one place or in the other.
    taken = Member.objects.filter(username=handle).exclude(pk=member.pk).exists()
    former = FormerHandle.objects.filter(handle=handle).first()
    if taken or (former and former.member_id != member.pk):
        raise _taken()
    if former:
        return  # One's own of before may come back at any time.
    if next_change := handle_changes_again_at(member):
        day = date_format(timezone.localtime(next_change), pgettext("format of a date", "F j, Y"))
        raise ValidationError(
            _("You changed your handle not long ago. It can change again from %(day)s.")
            % {"day": day},
            code="too_soon",
        )


def handle_changes_again_at(member: Member) -> datetime | None:
    """When the handle may change again; None if it may now."""
    last = member.former_handles.order_by("-given_up_at").first()
    at = last.given_up_at + Member.HANDLE_STAYS if last else None
    return at if at and at > timezone.now() else None


@transaction.atomic
def save(member: Member, values: dict[str, Any], *, address: str = "") -> list[str]:
    """Changes what a member says of themselves and to whom; ``member`` is as new afterwards.

    Texts that have to wait for a moderator are kept in ``member.proposed``, and what is shown stays.

    Args:
        values: by field, checked by a form; OWN_FIELDS only.
        address: the network address that they came from.

    Returns:
        the names of the fields that changed, those that wait among them.

    Raises:
        ValidationError: for a name or a handle that is not free, see :func:`check_name` and
            :func:`check_handle`.
        ValueError: for a field that is not theirs to change.
        PermissionDenied: for who has left meanwhile.
    """
    if strange := values.keys() - OWN_FIELDS:
        raise ValueError(f"not for members to change: {', '.join(sorted(strange))}")
    row = _locked(member)
    as_typed = {name: getattr(row, name) for name in values} | row.proposed
    changed = [name for name, value in values.items() if as_typed[name] != value]
    if not changed:
        return []
    if "display_name" in changed:
        check_name(values["display_name"], row)
    if "username" in changed and values["username"] != row.username:
        check_handle(values["username"], row)
    if PUBLIC_TEXTS.intersection(changed):
        put(row, {name: values[name] for name in changed if name not in PUBLIC_TEXTS})
        texts = row.proposed | {name: values[name] for name in changed if name in PUBLIC_TEXTS}
        _say(row, texts, address)
    else:
        put(row, {name: values[name] for name in changed})
    for name in {*values, "proposed", "profile_held"}:
        setattr(member, name, getattr(row, name))
    return changed


def _say(row: Member, texts: dict[str, Any], address: str) -> None:
    """Shows ``texts``, or lets them wait, as those say who look at them."""
    texts = {name: value for name, value in texts.items() if getattr(row, name) != value}
    answers = profile_changing.send(sender=Member, member=row, texts=texts, address=address)
    held = any(answer for _receiver, answer in answers)
    row.profile_held, row.proposed = held, texts if held else {}
    row.save(update_fields=["profile_held", "proposed"])
    if not held:
        put(row, texts)


def put(row: Member, values: dict[str, Any]) -> None:
    """Writes what was checked into a member's row, which is locked; a handle leaves its trace.

    Raises:
        ValidationError: with the code ``unique``, if somebody took the handle a moment ago.
    """
    if not values:
        return
    handle = values.get("username", row.username)
    if handle != row.username:
        FormerHandle.objects.filter(handle=handle).delete()
        FormerHandle.objects.create(handle=row.username, member=row)
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(values))
    except IntegrityError as error:
        raise _taken() from error
    if FOUND_BY.intersection(values):
        fulltext.refresh(row)


def _locked(member: Member) -> Member:
    """Their row, if they are still here: who was forgotten a moment ago is not filled in again."""
    row = Member.objects.select_for_update().get(pk=member.pk)
    if row.standing == Member.Standing.LEFT:
        raise PermissionDenied
    return row


def _taken() -> ValidationError:
    return ValidationError(_("This handle is taken."), code="unique")


def set_avatar(member: Member, upload: File, crop: Crop | None = None) -> None:
    """Gives a member another picture, under a name that nobody can guess; the old file goes.

    Args:
        upload: see :func:`caisu.core.decoding.read`.
        crop: which square of it; by default its middle.

    Raises:
        ValidationError: when it is no picture that we can read.
    """
    picture = images.square(upload, crop)
    new = default_storage.save(f"avatars/{picture.name}", picture)
    try:
        _put_avatar(member, new)
    except BaseException:
        default_storage.delete(new)
        raise


def remove_avatar(member: Member) -> bool:
    """Takes a member's picture away, and its file; returns whether there was one."""
    return bool(_put_avatar(member, ""))


@transaction.atomic
def _put_avatar(member: Member, name: str) -> str:
    """Sets the file of a member's picture; returns that of the one before."""
    row = _locked(member)
    old = row.avatar.name or ""
    row.avatar.name = name
    row.save(update_fields=["avatar"])
    member.avatar.name = name
    if old:
        transaction.on_commit(lambda: default_storage.delete(old), robust=True)
    return old


def seen_by(member: Member) -> list[tuple[str, str]]:
    """Which private fields of a profile are filled in, each with who sees it in truth."""
    filled = [name for name in Member.PRIVATE_FIELDS if getattr(member, name)]
    if member.province and "hometown" not in filled:
        filled.append("hometown")
    return [(name, member.audience_of(name)) for name in filled]
