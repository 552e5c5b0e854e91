"""What is new in a conversation: since somebody was here last, or while the page is before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from news.models import Article

from .models import Comment, Reading
from .threads import Conversation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 99  # that are counted


def stamp(moment: datetime) -> int:
    """A moment as a number for addresses and forms: microseconds since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(number: int) -> datetime | None:
    """The moment of a stamp; None where it is none."""
    try:
        return EPOCH + timedelta(microseconds=number)
    except OverflowError:
        return None


@dataclass(frozen=True)
class Fresh:
    """How many comments are new, and the key of the first of them.

    ``is_here`` says whether that one stands on the page in question; so it does if nothing is new.
    """

    count: int = 0
    first: int | None = None
    is_here: bool = True

    @property
    def shown(self) -> str:
        """The number in figures, 99+ at most."""
        return f"{MOST}+" if self.count > MOST else str(self.count)


def since(article: Article, reader: Any, after: datetime) -> Fresh:
    """What others said under an article, and everybody could read only after that; one query.

    It counts to one more than MOST.

    The caller has asked whether ``reader`` may read the conversation.
    """
    fresh = _others(Comment.objects.visible().filter(article=article), reader)
    keys = fresh.filter(shown_at__gt=after).order_by("shown_at", "pk").values_list("pk", flat=True)
    found = list(keys[: MOST + 1])
    return Fresh(len(found), found[0]) if found else Fresh()


def _others(comments: QuerySet[Comment], reader: Any) -> QuerySet[Comment]:
    return comments.exclude(author=reader.pk) if reader.is_authenticated else comments


def _comments(page: Conversation) -> list[Any]:
    return [each for thread in page.threads for each in (thread.head, *thread.replies)]


def _is_whole(page: Conversation) -> bool:
    """Whether all of the conversation stands on the page."""
    paged = page.starts_later or page.next_from
    return not paged and all(thread.begun and not thread.more for thread in page.threads)


def newest(page: Conversation, now: datetime) -> int:
    """The stamp of what was shown last on a page that holds all, so that a cache may answer many.

    Of a longer conversation that of ``now``: what is shown later is new to this page either way.
    """
    if not page.is_open:
        return 0
    if not _is_whole(page):
        return stamp(now)
    shown = [comment.shown_at for comment in _comments(page) if comment.is_shown]
    last = max(filter(None, shown), default=None)
    return stamp(last) if last else 0


def mark(page: Conversation, article: Article, reader: Any, reading: Reading | None) -> Fresh:
    """Tells each comment of a page whether it is new to ``reader``; counts those of all pages.

    Args:
        reading: theirs, from ``following.reading``; nothing is new to who was never here.
    """
    if reading is None or reading.seen_at is None or not page.is_open:
        return Fresh()
    fresh = since(article, reader, reading.seen_at)
    here = set()
    for comment in _comments(page):
        later = comment.shown_at and comment.shown_at > reading.seen_at
        if later and comment.is_shown and comment.author_id != reader.pk:
            comment.is_new = True
            here.add(comment.pk)
    return replace(fresh, is_here=not fresh.count or fresh.first in here)
