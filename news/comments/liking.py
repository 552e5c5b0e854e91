"""Liking a comment, and no longer liking it. Who liked what is shown to nobody else."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, QuerySet

from members.models import Member

from . import telling
from .models import Comment, Like


@transaction.atomic
def like(comment: Comment, member: Member) -> bool:
    """Notes that ``member`` likes a comment; returns whether that is new, and allowed still."""
    comment = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if not comment.is_likeable_by(member):
        return False
    _like, created = Like.objects.get_or_create(comment=comment, member=member)
    if created:
        Comment.objects.filter(pk=comment.pk).update(like_count=F("like_count") + 1)
        telling.liked(comment, member)
    return created


@transaction.atomic
def unlike(comment: Comment, member: Member) -> bool:
    """Takes a like back; returns whether there was one."""
    return bool(_take_back(member, Like.objects.filter(comment=comment)))


def forget(member: Member) -> int:
    """Takes back all that somebody liked who leaves. Returns how many there were."""
    return _take_back(member, Like.objects.all())


def _take_back(member: Member, likes: QuerySet[Like]) -> int:
    likes = likes.filter(member=member)
    with transaction.atomic():
        liked = Comment.objects.filter(pk__in=likes.values("comment"), like_count__gt=0)
        # In one order, so that no two wait for each other.
        keys = list(liked.select_for_update().order_by("pk").values_list("pk", flat=True))
        gone = set(likes.filter(comment__in=keys).values_list("comment", flat=True))
        Comment.objects.filter(pk__in=gone).update(like_count=F("like_count") - 1)
        telling.unliked(member, gone)
        return likes.delete()[0]
