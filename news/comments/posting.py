"""The verbs of a conversation."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from caisu.core import fulltext
from members.models import Member
from members.moderation import waiting
from members.moderation.models import Case, State
from news.models import Article

from .models import Comment


@transaction.atomic
def post_comment(
    article: Article, author: Member, body: str, token: UUID, parent: Comment | None = None
) -> tuple[Comment, bool]:
    """Adds a comment, or finds the one that the same form made before (two clicks, one comment).

    Args:
        article: takes comments from the author; the caller has asked.
        body: cleaned text.
        token: from the form, unique for its author.
        parent: a comment that is shown under the same article.

    Returns:
        the comment, and whether it is new.
    """
    reasons = waiting.reasons_to_hold(author, body)
    comment, created = Comment.objects.get_or_create(
        author=author,
        token=token,
        defaults={
            "article": article,
            "body": body,
            "parent": parent,
            "root": (parent.root or parent) if parent else None,
            "state": State.HELD if reasons else State.VISIBLE,
            "links_live": author.is_trusted,
        },
    )
    if created:
        _settle(comment, reasons)
        if not reasons:
            _count(author, +1)
    return comment, created


@transaction.atomic
def edit_comment(comment: Comment, body: str) -> bool:
    """Changes the text; it is checked again as if it were new. Returns whether anything changed."""
    # A moderator may be faster: what they decided meanwhile stands.
    comment = (
        Comment.objects.select_for_update(of=("self",)).select_related("author").get(pk=comment.pk)
    )
    if body == comment.body or not comment.is_editable_by(comment.author):
        return False
    reasons = waiting.reasons_to_hold(comment.author, body)
    if reasons and comment.state == State.VISIBLE:
        _count(comment.author, -1)  # counted again when a moderator lets it through
    comment.body = body
    comment.edited_at = timezone.now()
    comment.links_live = comment.author.is_trusted
    if reasons:
        comment.state = State.HELD
    comment.save()
    _settle(comment, reasons)
    return True


@transaction.atomic
def delete_comment(comment: Comment) -> bool:
    """Takes a comment back, for its author. It keeps its place if it was answered."""
    if comment.deleted_at:
        return False
    comment.deleted_at = timezone.now()
    comment.save(update_fields=["deleted_at"])
    waiting.close(comment)
    _settle(comment, [])
    return True


def _count(author: Member, by: int) -> None:
    """What stands without a moderator's help is a record, too: trust grows by it."""
    Member.objects.filter(pk=author.pk, approved_count__gte=-by).update(
        approved_count=F("approved_count") + by
    )


def _settle(comment: Comment, reasons: list[str]) -> None:
    if reasons:
        waiting.open_case(Case.Kind.COMMENT, comment, comment.author, reasons)
    comment.recount()
    fulltext.refresh(comment)
