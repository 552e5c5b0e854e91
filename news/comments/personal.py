"""A member's comments: handed to them when they ask, and what becomes of them when they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from caisu.core import fulltext
from members import signals
from members.models import Member
from members.moderation.models import Case, State
from news.models import Article

from . import liking, telling
from .models import Comment, Like, Reading

CHUNK = 500  # rows at a time


def exported(sender: Any, member: Member, **kwargs: Any) -> dict[str, Any]:
    """A receiver of members.signals.exporting."""
    return {
        "comments.json": _comments(member),
        "likes.json": _likes(member),
        "readings.json": _readings(member),
    }


def _readings(member: Member) -> Iterator[dict[str, Any]]:
    """Which conversations they read until when, and which they follow."""
    rows = Reading.objects.filter(member=member).order_by("pk")
    for reading in rows.iterator(CHUNK):
        yield {
            "article": reading.article_id,
            "address": reverse("short_link", args=[reading.article_id]),
            "read_until": reading.seen_at,
            "follows": reading.follows,
        }


def _likes(member: Member) -> Iterator[dict[str, Any]]:
    """What they liked: where it stands, not what it says, which is somebody else's."""
    rows = Like.objects.filter(member=member).order_by("pk")
    for like in rows.iterator(CHUNK):
        yield {
            "comment": like.comment_id,
            "address": reverse("comments:permalink", args=[like.comment_id]),
            "liked_at": like.created_at,
        }


def _comments(member: Member) -> Iterator[dict[str, Any]]:
    """Their own words, and where they stand; not what they answered, which is somebody else's."""
    rows = Comment.objects.filter(author=member).select_related("article").order_by("pk")
    for comment in rows.defer("article__body_zh_hans", "article__body_en").iterator(CHUNK):
        yield {
            "id": comment.pk,
            "article": comment.article_id,
            "address": comment.get_absolute_url(),
            # What they have deleted themselves is gone for them, too.
            "text": "" if comment.deleted_at else comment.body,
            "state": comment.state,
            "written_at": comment.created_at,
            "edited_at": comment.edited_at,
            "deleted_at": comment.deleted_at,
            "reply": comment.parent_id is not None,
        }


def left(sender: Any, member: Member, removes_contributions: bool, **kwargs: Any) -> None:
    """A receiver of members.signals.member_left: what goes is emptied, and keeps its place.

    Their likes go in any case, and so does what nobody has seen, and how far they had read.
    """
    liking.forget(member)
    Reading.objects.filter(member=member).delete()
    own = Comment.objects.filter(author=member)
    going = own if removes_contributions else own.filter(state=State.HELD)
    keys = list(going.order_by("pk").values_list("pk", flat=True))
    for some in _in_batches(keys):
        empty(Comment.objects.filter(pk__in=some))


def _in_batches(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def empty(comments: QuerySet[Comment]) -> None:
    """Throws away what comments say; those that were answered keep their place."""
    now = timezone.now()
    # Of one that was deleted before, the day stays.
    comments.update(
        body=Comment.NO_TEXT,
        links_live=False,
        edited_at=None,
        deleted_at=Coalesce("deleted_at", now),
    )
    waiting = Case.objects.open().filter(
        content_type=ContentType.objects.get_for_model(Comment),
        object_id__in=comments.values("pk"),
    )
    waiting.update(closed_at=now)
    shown = Comment.objects.visible().filter(article=OuterRef("pk")).order_by().values("article")
    count = shown.annotate(count=Count("*")).values("count")
    Article.objects.filter(pk__in=comments.values("article")).update(
        comment_count=Coalesce(Subquery(count), 0)
    )
    fulltext.refresh(*comments.select_related("article__category", "root"))
    telling.withdraw(*comments)


def connect() -> None:
    signals.exporting.connect(exported, dispatch_uid="comments.exported")
    signals.member_left.connect(left, dispatch_uid="comments.left")
