"""How articles become what they were: one by a revision, many by undoing an act of the list."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from members.models import Member
from members.moderation import waiting
from members.moderation.models import Case, Decision, State

from . import publishing
from .models import Article, Revision
from .revisions import CONTENT, FIELDS, fields_of, put

# What is out must have a heading and a text.
OUT = {Article.Status.PUBLISHED, Article.Status.ARCHIVED}


class Incomplete(Exception):
    """The revision lacks a heading or a text, and the article is out."""


def restored(article: Article, revision: Revision) -> dict[str, Any]:
    """What of the article, as JSON, restoring the revision would change; CONTENT only.

    Leaves ``article`` as it becomes, not saved.
    """
    now = fields_of(article)
    tags = put(article, revision.fields)
    became = {**fields_of(article), "tags": sorted(tag.pk for tag in tags)}
    return {name: became[name] for name in CONTENT if became[name] != now[name]}


@transaction.atomic
def restore(revision: Revision, by: Member, base: int | None = None) -> Revision | None:
    """Gives the article the content that it had, as a new revision; status and address stay.

    Args:
        base: number of the revision that the editor saw as the newest; None: whatever is there.

    Returns:
        the new revision; None if the article says just that already.

    Raises:
        Incomplete: see there; nothing was written.
        publishing.Conflict: somebody else saved since ``base``; nothing was written.
    """
    article = Article.objects.select_for_update(of=("self",)).get(pk=revision.article_id)
    if base is not None and article.version != base:
        raise publishing.Conflict(article.version)
    changed = restored(article, revision)
    if not changed:
        return None
    if article.status in OUT and not article.is_complete:
        raise Incomplete
    tags = put(article, revision.fields)
    action = Revision.Action.RESTORED
    # A number reads the same in both languages.
    return publishing.save(article, by, tags=tags, action=action, note=f"#{revision.number}")


def _approval(article: Article, since: Revision, until: Revision) -> Decision | None:
    """The decision that let a held article be seen between two revisions."""
    return (
        Decision.objects.filter(
            case__in=Case.objects.about(article),
            action=Decision.Action.APPROVE,
            before__state=State.HELD,
            at__gte=since.at,
            at__lte=until.at,
        )
        .select_related("case")
        .first()
    )


def _hold_again(article: Article, case: Case) -> None:
    """A submission waits for a moderator as if nobody had approved it; its author stays admitted."""
    article.hide(State.HELD)
    waiting.open_case(case.kind, article, article.author, case.reasons)
    counted = Member.objects.filter(pk=article.author_id, approved_count__gt=0)
    counted.update(approved_count=F("approved_count") - 1)


def _undo(done: list[Revision], by: Member) -> bool:
    """Takes one article back to before the revisions of a batch, if nothing happened since.

    Args:
        done: its revisions of the batch, oldest first.
    """
    first, last = done[0], done[-1]
    article = Article.objects.select_for_update(of=("self",)).get(pk=first.article_id)
    before = article.revisions.filter(number=first.number - 1).first()
    between = last.number - first.number + 1
    if article.version != last.number or len(done) != between or before is None:
        return False
    names = tuple(name for name in FIELDS if before.fields.get(name) != last.fields.get(name))
    tags = put(article, before.fields, names)
    if "category" in names and article.category_id != before.fields["category"]:
        return False  # the category is gone: there is no way back
    publishing.save(article, by, tags=tags, action=Revision.Action.UNDONE)
    if article.state == State.VISIBLE and (approval := _approval(article, before, last)):
        _hold_again(article, approval.case)
    return True


@transaction.atomic
def undo(batch: UUID, by: Member) -> tuple[int, int]:
    """Takes the articles that one act changed back to what they were, all that it changed in them.

    Articles that were changed since are left. Mails that told somebody of the act stay sent.

    Args:
        batch: of the revisions that the act left.

    Returns:
        how many were taken back, and how many were left.
    """
    by_article: dict[int, list[Revision]] = defaultdict(list)
    for revision in Revision.objects.filter(batch=batch).order_by("article_id", "number"):
        by_article[revision.article_id].append(revision)
    undone = sum(_undo(done, by) for done in by_article.values())
    return undone, len(by_article) - undone
