"""Closing the conversation under an article, and opening it again. Each leaves a decision."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from members.models import Member
from members.moderation.models import Case, Decision
from news.models import Article


def may(article: Article, reader: Any) -> bool:
    """Whether ``reader`` closes and reopens: moderators do, and editors, while it could be open."""
    works = reader.has_perm("moderation.decide") or reader.has_perm("news.change_article")
    could_be_open = article.is_public and article.status == Article.Status.PUBLISHED
    return works and could_be_open


def close(article: Article, by: Member, reason: str = "") -> bool:
    """Nobody adds comments from now on; those that are there stay. Returns whether it was open."""
    return _turn(article, by, reason, now=False, action=Decision.Action.CLOSE)


def reopen(article: Article, by: Member, reason: str = "") -> bool:
    """Comments are taken again. Returns whether it was closed."""
    return _turn(article, by, reason, now=True, action=Decision.Action.REOPEN)


@transaction.atomic
def _turn(article: Article, by: Member, reason: str, *, now: bool, action: str) -> bool:
    rows = Article.objects.filter(pk=article.pk, comments_open=not now)
    if not rows.update(comments_open=now):
        return False
    article.comments_open = now
    # A file of its own: what waits about the article waits on.
    case = Case.objects.create(
        kind=Case.Kind.SUBMISSION,
        subject=article,
        member=article.author,
        closed_at=timezone.now(),
    )
    Decision.objects.create(
        case=case,
        action=action,
        by=by,
        reason=reason,
        text=article.title,
        before={"fields": {"comments_open": not now}},
    )
    return True
