"""The verbs of a conversation."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import TruncDate
from django.utils import timezone

from caisu.core import fulltext
from members.models import Member
from members.moderation import waiting
from members.moderation.filtering import Contribution, Verdict, check, settle
from members.moderation.models import Case, State
from news.models import Article

from . import following, telling
from .models import Comment


@transaction.atomic
def post_comment(
    article: Article,
    author: Member,
    body: str,
    token: UUID,
    parent: Comment | None = None,
    *,
    address: str = "",
    seconds: float | None = None,
) -> tuple[Comment, bool]:
    """Adds a comment, or finds the one that the same form made before (two clicks, one comment).

    Args:
        article: takes comments from the author; the caller has asked.
        body: cleaned text.
        token: from the form, unique for its author.
        parent: a comment that is shown under the same article.
        address: the network address that it came from.
        seconds: that it took to write; None where nobody knows.

    Returns:
        the comment, and whether it is new.
    """
    contribution = Contribution(author, body, address=address, seconds=seconds)
    verdict = check(contribution)
    comment, created = Comment.objects.get_or_create(
        author=author,
        token=token,
        defaults={
            "article": article,
            "body": body,
            "parent": parent,
            "root": (parent.root or parent) if parent else None,
            "state": State.HELD if verdict.holds else State.VISIBLE,
            "links_live": author.is_trusted,
            "shown_at": None if verdict.holds else timezone.now(),
        },
    )
    if created:
        following.joined(article, author)
        _settle(comment, contribution, verdict)
        if not verdict.holds:
            _count(author, +1)
    return comment, created


@transaction.atomic
def edit_comment(comment: Comment, body: str, *, address: str = "") -> bool:
    """Changes the text; it is checked again as if it were new. Returns whether anything changed."""
    # A moderator may be faster: what they decided meanwhile stands.
    comment = (
        Comment.objects.select_for_update(of=("self",)).select_related("author").get(pk=comment.pk)
    )
    if body == comment.body or not comment.is_editable_by(comment.author):
        return False
    contribution = Contribution(
        comment.author, body, subject=comment, before=comment.body, address=address
    )
    verdict = check(contribution)
    if verdict.holds and comment.state == State.VISIBLE:
        _count(comment.author, -1)  # counted again when a moderator lets it through
    comment.body = body
    comment.edited_at = timezone.now()
    comment.links_live = comment.author.is_trusted
    if verdict.holds:
        comment.state = State.HELD
    comment.save()
    _settle(comment, contribution, verdict)
    return True


@transaction.atomic
def delete_comment(comment: Comment) -> bool:
    """Takes a comment back, for its author. It keeps its place if it was answered."""
    if comment.deleted_at:
        return False
    comment.deleted_at = timezone.now()
    comment.save(update_fields=["deleted_at"])
    waiting.close(comment)
    _tell(comment)
    return True


def comments_each_day(since: datetime) -> dict[date, int]:
    """How many comments of each day everybody may read now."""
    rows = Comment.objects.visible().filter(created_at__gte=since).order_by()
    return dict(rows.values_list(TruncDate("created_at")).annotate(Count("pk")))


def _count(author: Member, by: int) -> None:
    """What stands without a moderator's help is a record, too: trust grows by it."""
    Member.objects.filter(pk=author.pk, approved_count__gte=-by).update(
        approved_count=F("approved_count") + by
    )


def _settle(comment: Comment, contribution: Contribution, verdict: Verdict) -> None:
    settle(comment, Case.Kind.COMMENT, contribution, verdict)
    _tell(comment)


def _tell(comment: Comment) -> None:
    """What hangs on a comment follows it."""
    comment.recount()
    fulltext.refresh(comment)
    telling.follow(comment)
