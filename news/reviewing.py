"""The way of a member's own post: written, submitted, decided by an editor, changed later.

A post that is out keeps its text while an edit of its author waits: that is a working copy with
``submitted_at``, of which an editor takes over what the author changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from caisu.core import markup
from caisu.core.bilingual import LANGUAGES, column
from members.models import Member
from members.moderation import deciding, waiting
from members.moderation.filtering import Contribution, check, settle
from members.moderation.models import Case, Decision, State

from . import emails, publishing, revisions
from .models import Article, Revision, Tag, WorkingCopy

Status = Article.Status

# What its author writes and chooses; all else is the editors'.
AUTHORS = (*revisions.TEXTS, "meant_for", "category", "tags", "cover", "source", "source_url")
# In the title's place of a draft that has none yet.
UNTITLED = {"zh-hans": "无题", "en": "Untitled"}
# How long a form that was sent is known again, in seconds: a day.
FORM_KNOWN = 24 * 60 * 60
# Of the note of a revision.
NOTE_LENGTH = 200
ADDRESS = re.compile(r'href="([^"]+)"')
# Taken down, by an editor or a moderator.
DOWN = {State.REMOVED, State.SPAM}


class Stale(Exception):
    """What was to be decided about is not what the editor saw."""


def awaiting_review() -> QuerySet[Article]:
    """Posts that wait for an editor: submitted ones, and those with an edit that waits."""
    edits = WorkingCopy.objects.filter(article=OuterRef("pk"), submitted_at__isnull=False)
    submitted = Q(status=Status.SUBMITTED, state__in=[State.HELD, State.VISIBLE])
    return Article.objects.filter(submitted | Q(Exists(edits)))


def publishes(author: Member) -> bool:
    """Whether what ``author`` writes is out without a review."""
    return author.has_perm("news.publish_article")


def _is_waiting(post: Article) -> bool:
    return post.status == Status.SUBMITTED and post.state in {State.HELD, State.VISIBLE}


# --- The author


def _form_key(author: Member, token: UUID) -> str:
    return f"post-form:{author.pk}:{token}"


def made_by(author: Member, token: UUID) -> Article | None:
    """The post that the same form made before; two clicks are one post."""
    pk = cache.get(_form_key(author, token))
    return Article.objects.filter(pk=pk, author=author, is_post=True).first() if pk else None


@transaction.atomic
def begin(
    post: Article, author: Member, tags: Iterable[Tag], token: UUID
) -> tuple[Article, Revision | None]:
    """Keeps a new post as a draft, or finds the one that the same form made before.

    Args:
        post: not saved yet, with what the author wrote (AUTHORS).
        token: from the form.

    Returns:
        the post, and its first revision; None if it was there.
    """
    Member.objects.select_for_update().get(pk=author.pk)  # the second click waits for the first
    if made := made_by(author, token):
        return made, None
    post.author, post.is_post = author, True
    revision = publishing.save(post, author, tags=tags)
    cache.set(_form_key(author, token), post.pk, FORM_KNOWN)
    return post, revision


@transaction.atomic
def write(post: Article, author: Member, tags: Iterable[Tag], base: int) -> bool:
    """Saves what its author changed in a post that is not out, or that needs no review.

    Args:
        post: with the changes (AUTHORS), and otherwise as it was read.
        base: number of the revision that the author started from.

    Raises:
        publishing.Conflict: somebody else saved since; nothing was written.
    """
    saved = publishing.save(post, author, tags=tags, base=base)
    forget(post, author)
    return saved is not None


@transaction.atomic
def submit(post: Article, author: Member) -> bool:
    """Hands a draft in; who may publish has it out at once."""
    publishing.lock(post)
    if post.status != Status.DRAFT or not post.is_editable_by(author) or not post.is_complete:
        return False
    if not post.released_at:
        post.slug = ""  # what it is called now is in its address
        publishing.name(post)
        post.save(update_fields=["slug"])
    if publishes(author):
        post.change_state(State.VISIBLE)
        return publishing.publish(post, author)
    post.status = Status.SUBMITTED
    post.save(update_fields=["status", "updated_at"])
    post.change_state(State.HELD)
    _let_wait(post, Contribution(author, _links_told(post), subject=post), "submitted")
    revisions.record(post, author, Revision.Action.SUBMITTED)
    return True


def _let_wait(post: Article, contribution: Contribution, why: str) -> None:
    """Opens the case of a submission; the filter only says what stands out."""
    verdict = check(contribution)
    verdict = replace(verdict, holds=True, reasons=[why, *verdict.reasons])
    settle(post, Case.Kind.SUBMISSION, contribution, verdict)


def whole_text(fields: dict[str, Any]) -> str:
    """Titles and texts in both languages, plain: what is looked at, and filed with a decision.

    Args:
        fields: as JSON, see revisions.fields_of().
    """
    parts = [fields.get(column("title", code), "") for code in LANGUAGES]
    parts += [markup.text_of(fields.get(column("body", code), "")) for code in LANGUAGES]
    return "\n\n".join(part for part in parts if part)


def _links_told(post: Article) -> str:
    """The text with the addresses that its links lead to, for whoever looks for links."""
    bodies = [getattr(post, column("body", code)) for code in LANGUAGES]
    text = whole_text(revisions.fields_of(post))
    return " ".join([text, post.summary_zh_hans, post.summary_en, *map(_addresses, bodies)])


def _addresses(html: str) -> str:
    return " ".join(unescape(address) for address in ADDRESS.findall(html))


def _to_draft(post: Article, by: Member, action: str, note: str = "") -> None:
    post.status = Status.DRAFT
    post.save(update_fields=["status", "updated_at"])
    post.change_state(State.VISIBLE)
    revisions.record(post, by, action, note[:NOTE_LENGTH])


@transaction.atomic
def take_back(post: Article, author: Member) -> bool:
    """Makes a submission its author's draft again, before anybody decided about it."""
    publishing.lock(post)
    if not _is_waiting(post):
        return False
    waiting.close(post)
    _to_draft(post, author, Revision.Action.DRAFT)
    return True


@transaction.atomic
def delete(post: Article) -> bool:
    """Deletes a draft that was never out."""
    publishing.lock(post)
    if post.status != Status.DRAFT or post.released_at:
        return False
    waiting.close(post)
    post.delete()
    return True


# --- Edits of what is out; what is only written and not sent is kept by drafting.keep()


def written_fields(post: Article, tags: Iterable[Tag]) -> dict[str, Any]:
    """What an author wrote, as JSON: AUTHORS."""
    fields = revisions.fields_of(post)
    return {name: fields[name] for name in AUTHORS} | {"tags": sorted(tag.pk for tag in tags)}


def copy_of(post: Article, author: Member) -> WorkingCopy | None:
    """What ``author`` wrote in a post and did not save, or proposed."""
    return WorkingCopy.objects.filter(article=post, editor=author).first()


@transaction.atomic
def forget(post: Article, author: Member) -> bool:
    """Throws away what was written and not saved, or an edit that waits."""
    publishing.lock(post)
    copy = copy_of(post, author)
    if copy is None:
        return False
    if copy.submitted_at:
        waiting.close(post, but_reported=True)
    copy.delete()
    return True


@transaction.atomic
def propose(
    post: Article, author: Member, changed: Article, tags: Iterable[Tag], base: int = 0
) -> bool:
    """Hands in an edit of a post that is out; its old text stays until an editor decides.

    Args:
        post: as it is in the database.
        changed: the same with the edit in it, not saved.
        base: number of the revision that the author started from; 0: the present one.
    """
    publishing.lock(post)
    tags = list(tags)
    fields = written_fields(changed, tags)
    if post.status != Status.PUBLISHED or fields == written_fields(post, post.tags.all()):
        return False
    revisions.keep_baseline(post)
    post.refresh_from_db(fields=["version"])
    copy, _created = WorkingCopy.objects.get_or_create(
        article=post, editor=author, defaults={"fields": fields, "base": base or post.version}
    )
    copy.fields, copy.submitted_at = fields, timezone.now()
    copy.save(update_fields=["fields", "submitted_at", "updated_at"])
    copy.hold_pictures()
    contribution = Contribution(
        author, _links_told(changed), subject=post, before=_links_told(post)
    )
    _let_wait(post, contribution, "edited")
    return True


@transaction.atomic
def take_back_edit(post: Article, author: Member) -> bool:
    """Takes an edit out of the queue; its text is kept for the author to go on with."""
    publishing.lock(post)
    copy = copy_of(post, author)
    if copy is None or copy.submitted_at is None:
        return False
    copy.submitted_at = None
    copy.save(update_fields=["submitted_at"])
    waiting.close(post, but_reported=True)
    return True


# --- The editor


def proposal_for(post: Article) -> WorkingCopy | None:
    """The edit that waits: of its author, or of who was that when they wrote it."""
    proposals = post.working_copies.filter(submitted_at__isnull=False)
    return proposals.select_related("editor").first()


@transaction.atomic
def publish(
    article: Article, by: Member, at: datetime | None = None, batch: UUID | None = None
) -> bool:
    """As publishing.publish(); the author of a post that waited hears of it.

    What was refused or removed is not published: reconsider() it first.
    """
    publishing.lock(article)
    if article.state in DOWN or not article.is_complete:
        return False
    waited = article.is_post and _is_waiting(article)
    if waited and article.author_id == by.pk:  # who may publish needs nobody's approval
        article.change_state(State.VISIBLE)
        waiting.close(article)
    if not publishing.publish(article, by, at, batch=batch):
        return False
    if waited and article.author_id != by.pk:
        emails.post_published(article)
    return True


@transaction.atomic
def back_to_draft(article: Article, by: Member, batch: UUID | None = None) -> bool:
    """As publishing.back_to_draft(); a post that waits is returned with a note, never in silence."""
    if article.is_post and article.status == Status.SUBMITTED:
        return article.author_id == by.pk and take_back(article, by)
    return publishing.back_to_draft(article, by, batch=batch)


def _file(post: Article, action: str, by: Member, reason: str) -> Decision | None:
    return deciding.record(post, action, by, reason, whole_text(revisions.fields_of(post)))


@transaction.atomic
def give_back(post: Article, by: Member, note: str) -> bool:
    """Returns a submission to its author with a note; they may change it and submit it again."""
    publishing.lock(post)
    if not _is_waiting(post) or not _file(post, Decision.Action.RETURN, by, note):
        return False
    _to_draft(post, by, Revision.Action.RETURNED, note)
    emails.post_returned(post, note)
    return True


@transaction.atomic
def refuse(post: Article, by: Member, reason: str) -> bool:
    """Refuses a submission for good; its author may read it and why, and write another one."""
    publishing.lock(post)
    decision = _file(post, Decision.Action.REFUSE, by, reason) if _is_waiting(post) else None
    if decision is None:
        return False
    post.hide(State.REMOVED)
    revisions.record(post, by, Revision.Action.REFUSED, reason[:NOTE_LENGTH])
    emails.post_refused(post, decision)
    return True


@transaction.atomic
def reconsider(post: Article, by: Member, note: str = "") -> bool:
    """Lets a refused or removed submission wait once more, as when its author gave a good answer."""
    publishing.lock(post)
    if post.status != Status.SUBMITTED or post.state not in DOWN:
        return False
    if not _file(post, Decision.Action.RESTORE, by, note):
        return False
    post.change_state(State.HELD)
    waiting.open_case(Case.Kind.SUBMISSION, post, post.author, ["submitted"])
    return True


@dataclass(frozen=True)
class Edited:
    """One thing that an author changed in a post that is out."""

    name: str  # of AUTHORS
    now: Any
    proposed: Any
    # Somebody else changed it too since the author began.
    at_odds: bool


def edits_in(post: Article, proposal: WorkingCopy) -> list[Edited]:
    """What an edit changes, as JSON values: what its author touched, and nothing else.

    What the editors changed since the author began stays, unless both changed the same.
    """
    now = revisions.fields_of(post)
    start = post.revisions.filter(number=proposal.base).first()
    before = start.fields if start else now
    return [
        Edited(name, now[name], proposal.fields[name], now[name] != before.get(name))
        for name in AUTHORS
        if name in proposal.fields
        and proposal.fields[name] != before.get(name)
        and proposal.fields[name] != now[name]
    ]


def seen(post: Article, proposal: WorkingCopy) -> str:
    """Names the state of a post and of its edit, so that what is accepted is what was read."""
    return f"{post.version}:{proposal.updated_at.isoformat()}"


@transaction.atomic
def accept_edit(post: Article, by: Member, state: str, note: str = "") -> bool:
    """Takes over what the author changed, and tells them.

    Args:
        state: seen() of what the editor read.
        note: for the revision, which names the author.

    Raises:
        Stale: the edit or the article changed since.
    """
    publishing.lock(post)
    article = Article.objects.select_related("author", "category", "cover").get(pk=post.pk)
    proposal = proposal_for(article)
    if proposal is None:
        return False
    if seen(article, proposal) != state:
        raise Stale
    if not deciding.record(article, Decision.Action.APPROVE, by, text=whole_text(proposal.fields)):
        return False
    fields = {each.name: each.proposed for each in edits_in(article, proposal)}
    tags = revisions.put(article, fields, AUTHORS)
    publishing.save(article, by, tags=tags, note=note[:NOTE_LENGTH])
    proposal.delete()
    emails.edit_accepted(article)
    return True


@transaction.atomic
def give_back_edit(post: Article, by: Member, note: str) -> bool:
    """Returns an edit with a note; the post stays as it is, the author keeps the text."""
    publishing.lock(post)
    proposal = proposal_for(post)
    if proposal is None or not deciding.record(
        post, Decision.Action.RETURN, by, note, whole_text(proposal.fields)
    ):
        return False
    proposal.submitted_at = None
    proposal.save(update_fields=["submitted_at"])
    emails.edit_returned(post, note)
    return True
