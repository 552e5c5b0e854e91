"""Working copies: what somebody has typed and not saved, kept for them on the server.

One for each editor and article, and one for each article of an editor that is not there yet. Its
``fields`` are those of ``revisions.CONTENT``, the address, and whatever else the form asks (a note,
the time as typed), so that an editor finds again what they had typed, be it right or wrong.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from caisu.core import markup, richtext
from caisu.core.bilingual import LANGUAGES, column
from members.models import Member

from .models import Article, WorkingCopy
from .revisions import CONTENT, TEXTS, fields_of

# Somebody whose copy changed within this time is writing now.
WRITING = timedelta(minutes=5)
# What nobody has touched for so long was given up.
KEPT = timedelta(days=60)
# As long as an article may be, and the rest of the form; in characters.
MAX_LENGTH = 2 * richtext.MAX_LENGTH + 50_000

BODIES = tuple(column("body", code) for code in LANGUAGES)


class TooLong(Exception):
    """More than MAX_LENGTH, or a body longer than any that can be saved; nothing was kept."""


class AwaitsReview(Exception):
    """The editor's edit of this article waits for review; writing on must not change it."""


def length_of(fields: dict[str, Any]) -> int:
    """Characters in all of the texts."""
    return sum(len(value) for value in fields.values() if isinstance(value, str))


def is_empty(fields: dict[str, Any]) -> bool:
    """Whether nothing of an article was written: what is only chosen can be chosen again."""
    return not any(str(fields.get(name) or "").strip() for name in TEXTS)


def is_saved(article: Article, fields: dict[str, Any]) -> bool:
    """Whether the article says just this: there is nothing to keep."""
    now = fields_of(article)
    if fields.get("note"):
        return False
    at = timezone.localtime(article.publish_at) if article.publish_at else None
    typed_at = (fields.get("publish_at_0", ""), fields.get("publish_at_1", ""))
    if "publish_at_0" in fields and typed_at != (
        (f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}") if at else ("", "")
    ):
        return False
    names = [name for name in (*CONTENT, "slug", "author") if name in fields]
    return all(fields[name] == now[name] for name in names)


def of(editor: Member, article: Article) -> WorkingCopy | None:
    """What ``editor`` has not saved of an article."""
    return WorkingCopy.objects.filter(editor=editor, article=article, submitted_at=None).first()


def unfinished(editor: Member) -> QuerySet[WorkingCopy]:
    """What ``editor`` has begun and never saved, newest first."""
    return WorkingCopy.objects.filter(editor=editor, article=None).order_by("-updated_at", "-pk")


def writing_now(article: Article, besides: Member) -> list[str]:
    """Names of those who write in an article at this moment, but for ``besides``."""
    copies = WorkingCopy.objects.filter(
        article=article, submitted_at=None, updated_at__gte=timezone.now() - WRITING
    ).exclude(editor=besides)
    return [copy.editor.display_name for copy in copies.select_related("editor")]


def _begun(editor: Member, token: str, key: int | None) -> WorkingCopy | None:
    """The copy of a new article that a form goes on with: by its key, or by the form's own token."""
    copies = unfinished(editor).select_for_update()
    if key and (copy := copies.filter(pk=key).first()):
        return copy
    return copies.filter(fields__token=token).first() if token else None


@transaction.atomic
def keep(
    editor: Member,
    fields: dict[str, Any],
    article: Article | None = None,
    *,
    base: int = 0,
    token: str = "",
    key: int | None = None,
) -> WorkingCopy | None:
    """Keeps what was typed, in place of what the same editor had typed there before.

    Args:
        fields: see the head of this module; bodies are sanitised, since a preview shows them.
        article: None for one that is not there yet.
        base: the revision that the editor started from.
        token: of the form: tells two new articles of one editor apart.
        key: of the copy that the form was continued from, for a new article.

    Returns:
        the copy; None if there is nothing to keep.

    Raises:
        TooLong: see MAX_LENGTH.
        AwaitsReview: nothing was kept.
    """
    # No longer body could ever be saved, and cleaning it would take its time.
    bodies = [str(fields.get(name) or "") for name in BODIES]
    if length_of(fields) > MAX_LENGTH or max(map(len, bodies)) > richtext.MAX_LENGTH:
        raise TooLong
    fields = {**fields, **{name: markup.sanitise(fields.get(name) or "") for name in BODIES}}
    if article is None:
        copy = _begun(editor, token, key)
        if is_empty(fields):
            if copy:
                copy.delete()
            return None
        copy = copy or WorkingCopy(editor=editor)
        fields["token"] = token
    else:
        # The article's row makes two requests of one editor wait for each other.
        Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
        copies = WorkingCopy.objects.filter(editor=editor, article=article)
        copy = copies.first() or WorkingCopy(editor=editor, article=article)
        if copy.submitted_at:
            raise AwaitsReview
        if is_saved(article, fields):
            copies.delete()
            return None
    copy.fields, copy.base = fields, base
    copy.save()
    copy.hold_pictures()
    return copy


def discard(copy: WorkingCopy) -> bool:
    """Throws a copy away; one that waits for review stays."""
    copies = WorkingCopy.objects.filter(pk=copy.pk, submitted_at=None)
    return bool(copies.delete()[0])


@transaction.atomic
def forget(editor: Member, article: Article, *, token: str = "", key: int | None = None) -> int:
    """After an article was saved: what the editor had typed for it is in it now.

    Args:
        token, key: see keep(): the article may have been a new one.

    Returns:
        how many copies went.
    """
    copies = [of(editor, article), _begun(editor, token, key) if token or key else None]
    return sum(discard(copy) for copy in copies if copy)


def tidy() -> int:
    """Deletes copies that nobody has touched for so long as KEPT; returns how many."""
    old = WorkingCopy.objects.filter(submitted_at=None, updated_at__lt=timezone.now() - KEPT)
    return old.delete()[0]
