"""All that the site holds of a member, as one ZIP file that is theirs for a week.

Each app gives its part through the signal ``exporting``. Nothing of others is in it: not who
reported them, not who decided, not what others answered.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks import TaskResultStatus

from caisu.core import mail
from caisu.core.jobs import job
from caisu.core.models import BackgroundJob, SiteSettings
from caisu.core.throttling import Limit

from . import sessions
from .models import Application, DataExport, Member
from .signals import exporting

logger = logging.getLogger("caisu.members.exporting")

ASKED = Limit("export", times=3, seconds=24 * 60 * 60)
CHUNK = 256 * 1024  # bytes copied at a time
# Already compressed: to do it again takes time and gives nothing.
PACKED = (".webp", ".jpg")

# Of the row of a member: what they said of themselves, and what the site notes about them.
PROFILE = (
    *("username", "display_name", "bio", "affiliation", "department", "province", "hometown"),
    *("arrived", "languages", "links", "wechat", "email", "language", "visibility"),
    *(f"{name}_audience" for name in Member.PRIVATE_FIELDS),
    *("standing", "suspended_until", "date_joined", "last_login", "last_seen_on"),
    *("still_here_asked_on", "approved_count", "leaves_at", "wrong_passwords"),
    *("mailed_about", "profile_held", "proposed"),
)


@dataclass(frozen=True)
class Stored:
    """A file of the storage as part of an export; opened when its turn comes."""

    path: str


@dataclass(frozen=True)
class State:
    """How far the member's latest request is: ``waiting``, ``ready`` or ``failed``."""

    name: str
    export: DataExport


def request(member: Member) -> DataExport:
    """Asks for a new file, in place of an older one; it is made by a job.

    Returns:
        the one that is being made already, if there is one.

    Raises:
        caisu.core.throttling.TooManyRequests: after some in a day.
    """
    with transaction.atomic():
        # Two clicks wait for each other here.
        Member.objects.select_for_update().get(pk=member.pk)
        state = state_of(member)
        if state and state.name == "waiting":
            return state.export
        ASKED.hit(member.pk)
        forget(member)
        export = DataExport.objects.create(member=member)
        make.enqueue(export.pk)
        return export


def state_of(member: Member) -> State | None:
    """How far the latest request is; None where there is none, or it is over."""
    export = DataExport.objects.filter(member=member).first()
    if export is None:
        return None
    if export.is_ready:
        return State("ready", export)
    if export.ready_at:
        return None
    jobs = BackgroundJob.objects.filter(
        task_path=make.module_path,
        args_kwargs__args__0=export.pk,
        status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING],
    )
    return State("waiting" if jobs.exists() else "failed", export)


def forget(member: Member) -> None:
    """Deletes the exports of a member, with their files as soon as that is certain."""
    _delete(DataExport.objects.filter(member=member))


def tidy() -> int:
    """Deletes what is older than a week, made or never made; returns how many."""
    now = timezone.now()
    over = DataExport.objects.filter(expires_at__lte=now)
    stuck = DataExport.objects.filter(ready_at=None, requested_at__lte=now - DataExport.LIVES)
    return _delete(over) + _delete(stuck)


def _delete(exports: Any) -> int:
    paths = [_path(export) for export in exports]
    deleted = exports.delete()[0]

    def delete_files() -> None:
        for path in paths:
            default_storage.delete(path)

    transaction.on_commit(delete_files, robust=True)
    return deleted


def _path(export: DataExport) -> str:
    """The same at every attempt, so that one that was cut off leaves nothing behind."""
    return f"exports/{export.token}.zip"


@job(retries=3)
def make(pk: int) -> None:
    """Puts the file together and tells the member."""
    export = DataExport.objects.select_related("member").filter(pk=pk).first()
    if export is None or export.ready_at or export.member.standing == Member.Standing.LEFT:
        return
    path = _path(export)
    with tempfile.TemporaryFile() as file:
        _write(cast(IO[bytes], file), export.member)
        size = file.tell()
        file.seek(0)
        default_storage.delete(path)
        default_storage.save(path, File(file))
    now = timezone.now()
    with transaction.atomic():
        made = DataExport.objects.filter(pk=pk, ready_at=None).update(
            file=path, size=size, ready_at=now, expires_at=now + DataExport.LIVES
        )
        if made:
            export.refresh_from_db()
            _tell(export)
    if not DataExport.objects.filter(pk=pk).exists():  # given up meanwhile
        default_storage.delete(path)


def _tell(export: DataExport) -> None:
    member = export.member
    with override(member.language):
        url = f"{settings.SITE_URL}{reverse('members:export')}"
    mail.send(
        "members/export_ready",
        member.email,
        member.language,
        member=member,
        export=export,
        url=url,
    )


# --- Writing the file. Rows are read as they are written: no export is ever in memory as a whole.


def _write(file: IO[bytes], member: Member) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        _add(archive, "README.txt", _readme(member))
        for name, content in own_data(member).items():
            _add(archive, name, content)
        for _receiver, parts in exporting.send(sender=Member, member=member):
            for name, content in cast(dict[str, Any], parts).items():
                _add(archive, name, content)
    file.seek(0, 2)


def _add(archive: ZipFile, name: str, content: Any) -> None:
    if isinstance(content, Stored):
        try:
            content = default_storage.open(content.path)
        except FileNotFoundError:  # gone meanwhile, or lost before
            logger.warning("a file of an export is not there")
            return
    info = ZipInfo(name, date_time=timezone.localtime().timetuple()[:6])
    info.compress_type = ZIP_STORED if name.endswith(PACKED) else ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as target:
        for chunk in _chunks(content):
            target.write(chunk)


def _chunks(content: Any) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif hasattr(content, "read"):
        with content:
            while chunk := content.read(CHUNK):
                yield chunk
    elif isinstance(content, Iterator):
        yield from _rows(content)
    else:
        yield _json(content)


def _rows(rows: Iterable[Any]) -> Iterator[bytes]:
    """A JSON array, row by row."""
    between = b"[\n"
    for row in rows:
        yield between + _json(row)
        between = b",\n"
    yield b"\n]\n" if between == b",\n" else b"[]\n"


def _json(value: Any) -> bytes:
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return text.encode()


def _readme(member: Member) -> bytes:
    """In both languages, the member's own first."""
    texts = []
    for language in sorted(dict(settings.LANGUAGES), key=lambda code: code != member.language):
        with override(language):
            context = {"member": member, "site": SiteSettings.load(), "now": timezone.now()}
            texts.append(render_to_string("members/export_readme.txt", context).strip())
    return "\n\n---\n\n".join(texts).encode() + b"\n"


# --- What members itself holds


def own_data(member: Member) -> dict[str, Any]:
    """File names and contents, as the signal ``exporting`` asks for them."""
    parts: dict[str, Any] = {
        "profile.json": {name: getattr(member, name) for name in PROFILE},
        "addresses.json": _values(
            EmailAddress.objects.filter(user=member), "email", "primary", "verified"
        ),
        "agreements.json": _agreements(member),
        "invitations.json": _values(
            member.invitations.order_by("pk"),
            *("email", "created_at", "expires_at", "used_at", "revoked_at"),
        ),
        "former_handles.json": _values(member.former_handles, "handle", "given_up_at"),
        "roles.json": _values(member.appointments, "role__name", "appointed_at", "until"),
        "sessions.json": _sessions(member),
        "ways_to_log_in.json": {
            "password": member.has_usable_password(),
            "second_factors": list(
                _values(
                    Authenticator.objects.filter(user=member), "type", "created_at", "last_used_at"
                )
            ),
            "connected_accounts": list(
                _values(
                    SocialAccount.objects.filter(user=member),
                    *("provider", "uid", "date_joined", "last_login", "extra_data"),
                )
            ),
        },
    }
    if application := Application.objects.filter(member=member).first():
        parts["application.json"] = {
            name: getattr(application, name)
            for name in ("created_at", "why", "question", "asked_at", "answer", "answered_at")
        }
    if picture := member.avatar.name:
        parts["picture.webp"] = Stored(picture)
    return parts


def _values(rows: Any, *names: str) -> Iterator[dict[str, Any]]:
    return cast(Iterator[dict[str, Any]], iter(rows.values(*names).iterator(chunk_size=500)))


def _agreements(member: Member) -> Iterator[dict[str, Any]]:
    for acceptance in member.acceptances.select_related("terms").order_by("pk"):
        terms = acceptance.terms
        yield {
            "version": terms.version,
            "accepted_at": acceptance.accepted_at,
            "text_zh_hans": terms.body_zh_hans,
            "text_en": terms.body_en,
        }


def _sessions(member: Member) -> Iterator[dict[str, Any]]:
    for session in UserSession.objects.filter(user=member).order_by("pk").iterator():
        yield {
            "network": sessions.network(session.ip),
            "browser": session.user_agent,
            "began": session.created_at,
            "last_seen": session.last_seen_at,
        }
