"""Following a conversation, and how far one has read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from members.models import Member
from members.notifications import telling as notifications
from news.models import Article

from .models import Reading


def topic(article: Article) -> str:
    """How notifications name an article."""
    return article.topic


def reading(article: Article, reader: Any) -> Reading | None:
    """How far ``reader`` has read; None for who was never here."""
    if not reader.is_authenticated:
        return None
    return Reading.objects.filter(article=article, member=reader).first()


def follows(article: Article, reader: Any, known: Reading | None) -> bool:
    """Whether ``reader`` follows: as they said, or because the post is theirs."""
    if known is not None and known.follows is not None:
        return known.follows
    return article.is_own_of(reader)


def follow(article: Article, member: Member) -> None:
    """``member`` hears of new comments from now on."""
    Reading.objects.update_or_create(article=article, member=member, defaults={"follows": True})


def unfollow(article: Article, member: Member) -> None:
    """No longer, and not by commenting either."""
    Reading.objects.update_or_create(article=article, member=member, defaults={"follows": False})


def joined(article: Article, member: Member) -> None:
    """Who says something follows, unless they said that they do not want to."""
    new, created = Reading.objects.get_or_create(
        article=article, member=member, defaults={"follows": True}
    )
    if not created and new.follows is None:
        Reading.objects.filter(pk=new.pk, follows=None).update(follows=True)


def followers(article: Article) -> QuerySet[Member]:
    """Who follows, the author of a member's own post among them."""
    readings = Reading.objects.filter(article=article)
    following = Q(pk__in=readings.filter(follows=True).values("member"))
    if article.is_post:
        following |= Q(pk=article.author_id) & ~Q(
            pk__in=readings.filter(follows=False).values("member")
        )
    return Member.objects.filter(following)


@transaction.atomic
def see(article: Article, member: Member, until: datetime) -> None:
    """``member`` has seen the conversation as it was then; what they were told about it, too."""
    until = min(until, timezone.now())
    known, created = Reading.objects.get_or_create(
        article=article, member=member, defaults={"seen_at": until}
    )
    if not created:
        # Two windows: the later one counts.
        earlier = Q(seen_at=None) | Q(seen_at__lt=until)
        Reading.objects.filter(earlier, pk=known.pk).update(seen_at=until)
    notifications.see_about(member, topic(article), until)
