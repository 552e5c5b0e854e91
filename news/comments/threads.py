"""A conversation as a reader sees it: heads in order of time, their replies under them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q

from caisu.core.models import SiteSettings
from news.models import Article

from .models import Comment, known_to

PAGE = 50  # heads on one page


@dataclass
class Thread:
    """A head and its replies, all of them known to the reader or standing in for what is not."""

    head: Comment
    replies: list[Comment] = field(default_factory=list)


@dataclass
class Conversation:
    """One page of an article's threads; ``next_from`` is the head that begins the next page."""

    threads: list[Thread]
    starts_later: bool
    next_from: int | None


def conversation(article: Article, reader: Any, start: int | None = None) -> Conversation:
    """Reads one page with two queries, however long the conversation is.

    Args:
        reader: a member or an anonymous user; what they may not know is left out, or kept as an
            empty place where others have answered it.
        start: primary key of the head that the page begins with.
    """
    known = Comment.objects.known_to(reader)
    heads = Comment.objects.filter(article=article, root=None).select_related("author")
    # A head that the reader may not know keeps its place as long as somebody answered it.
    heads = heads.filter(known_to(reader) | Exists(known.filter(root=OuterRef("pk"))))
    if start:
        first = heads.filter(pk=start).values("created_at", "pk").first()
        if first:
            at, pk = first["created_at"], first["pk"]
            heads = heads.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gte=pk))
        else:
            start = None
    page = list(heads.order_by("created_at", "pk")[: PAGE + 1])
    threads = {head.pk: Thread(head) for head in page[:PAGE]}
    replies = (
        known.filter(root__in=threads)
        .select_related("author", "parent__author")
        .order_by("created_at", "pk")
    )
    for reply in replies:
        threads[reply.root_id].replies.append(reply)
    minutes = SiteSettings.load().comment_edit_minutes
    for thread in threads.values():
        for comment in [thread.head, *thread.replies]:
            comment.article, comment.edit_minutes = article, minutes
    following = page[PAGE].pk if len(page) > PAGE else None
    return Conversation(list(threads.values()), bool(start), following)


def address(comment: Comment) -> str:
    """Where a comment is read: on a long conversation's own page of it."""
    article = comment.article
    head = comment.root or comment
    before = Comment.objects.filter(article=article, root=None, created_at__lt=head.created_at)
    page = f"?from={head.pk}" if before[PAGE - 1 : PAGE].exists() else ""
    return f"{article.get_absolute_url()}{page}#comment-{comment.pk}"
