"""Who hears of a comment once everybody may read it, and never before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import override

from caisu.core.jobs import job
from caisu.core.models import Audience, SiteSettings
from members import trust
from members.models import Member
from members.moderation import storms
from members.notifications import telling as notifications
from members.notifications.models import Notification
from members.notifications.wording import titles
from news.models import Article

from . import following, mentions
from .models import Comment, Reading

Kind = Notification.Kind
BATCH = 500  # followers told in one go


def subject(comment: Comment) -> str:
    """How notifications name a comment, as their cause and as the topic of likes."""
    return f"comment:{comment.pk}"


def follow(comment: Comment, *, quiet: bool = False) -> None:
    """What is told of a comment follows what became of it: a job tells, at once all is taken back.

    Args:
        quiet: tells on the site alone, without mails.
    """
    if comment.is_shown:
        spread.enqueue(comment.pk, quiet)
    else:
        withdraw(comment)


def withdraw(*comments: Comment) -> None:
    """Takes back what comments caused, and likes of them."""
    subjects = [subject(comment) for comment in comments]
    notifications.withdraw(*subjects)
    notifications.withdraw_topics(*subjects)


@job()
def spread(comment_id: int, quiet: bool) -> None:
    """Tells everybody concerned, each once, by what concerns them most; not who was told before."""
    with transaction.atomic():
        # Locked: who takes it down meanwhile waits, and then takes this back as well.
        rows = Comment.objects.select_for_update(of=("self",))
        rows = rows.select_related("article", "author", "parent")
        comment = rows.filter(pk=comment_id).first()
        if comment is None or not comment.is_shown or not comment.article.is_public:
            return
        quiet = quiet or _is_hushed(comment.author)
        done = notifications.told(subject(comment)) | {comment.author_id}
        readers = may_read(comment.article)
        if comment.parent:
            done |= _tell(comment, Kind.REPLY, readers, {comment.parent.author_id} - done, quiet)
        done |= _tell(comment, Kind.MENTION, readers, mentions.mentioned(comment) - done, quiet)
        _tell(comment, Kind.THREAD, readers, _followers(comment) - done, quiet)


def _is_hushed(author: Member) -> bool:
    """In a storm no mail goes out that a newcomer causes."""
    return storms.current() is not None and trust.level(author) == trust.Trust.NEWCOMER


def may_read(article: Article) -> QuerySet[Member]:
    """Members who may read a public article with what is said under it."""
    for_members = Audience.MEMBERS in (article.audience, SiteSettings.load().comments_audience)
    standings = [Member.Standing.ACTIVE]
    if not for_members:
        standings.append(Member.Standing.PENDING)
    return Member.objects.filter(standing__in=standings)


def _followers(comment: Comment) -> set[int]:
    """Followers but for those who have looked since it was there."""
    shown_at = comment.shown_at or comment.created_at
    seen = Reading.objects.filter(article=comment.article_id, seen_at__gte=shown_at)
    found = following.followers(comment.article).exclude(pk__in=seen.values("member"))
    return set(found.values_list("pk", flat=True))


def _tell(
    comment: Comment, kind: str, readers: QuerySet[Member], wanted: set[int], quiet: bool
) -> set[int]:
    """Tells those of some members who may read it; returns who that was."""
    keys = sorted(wanted)
    reached: set[int] = set()
    for start in range(0, len(keys), BATCH):
        members = list(readers.filter(pk__in=keys[start : start + BATCH]).only("pk"))
        notifications.tell(
            members,
            kind,
            subject(comment),
            address(comment),
            topic=following.topic(comment.article),
            params={"by": comment.author_id, **titles(comment.article)},
            quiet=quiet,
        )
        reached |= {member.pk for member in members}
    return reached


def address(comment: Comment) -> str:
    """Path of a comment's own address, without a language."""
    with override("en"):
        return comment.get_permalink().removeprefix("/en")


def liked(comment: Comment, by: Member) -> None:
    """Tells the author, if they may read it still; on the site alone."""
    notifications.tell(
        may_read(comment.article).filter(pk=comment.author_id),
        Kind.LIKE,
        _like(comment.pk, by),
        address(comment),
        topic=subject(comment),
        params={"by": by.pk, **titles(comment.article)},
        quiet=True,
    )


def unliked(by: Member, comments: Iterable[int]) -> None:
    """Takes it back.

    Args:
        comments: primary keys of what they no longer like.
    """
    notifications.withdraw(*(_like(pk, by) for pk in comments))


def _like(comment_id: int, by: Member) -> str:
    return f"like:{comment_id}:{by.pk}"


def on_article_changed(sender: Any, article: Article, **kwargs: Any) -> None:
    """Nobody is told of what they may not read any more. A receiver of news.signals.article_changed."""
    if not article.is_public:
        _withdraw_under(Q(article=article), following.topic(article))
    elif article.audience == Audience.MEMBERS:
        _withdraw_under(Q(article=article), following.topic(article), but_from_members=True)


def _withdraw_under(under: Q, *topics: str, but_from_members: bool = False) -> None:
    liked = Comment.objects.filter(under, like_count__gt=0).values_list("pk", flat=True)
    topics = (*topics, *(f"comment:{pk}" for pk in liked))
    for start in range(0, len(topics), BATCH):
        some = topics[start : start + BATCH]
        notifications.withdraw_topics(*some, but_from_members=but_from_members)


def on_settings_saved(sender: Any, instance: SiteSettings, created: bool, **kwargs: Any) -> None:
    """Once members alone read comments, others are told of none."""
    if not created and instance.comments_audience == Audience.MEMBERS:
        notifications.withdraw_kinds(Kind.REPLY, Kind.MENTION, Kind.THREAD, Kind.LIKE)


def on_comment_deleted(sender: Any, instance: Comment, **kwargs: Any) -> None:
    """A comment that goes with its article leaves nothing behind."""
    withdraw(instance)
