"""A conversation as a reader sees it: heads in order of time, their replies under them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from caisu.core.models import SiteSettings
from news.models import Article

from . import mentions
from .models import Comment, Like, are_open_to, known_to

PAGE = 50  # comments on one page
SHOWN = 20  # replies under one head before the conversation goes on; the others have their own page
CONTEXT = 5  # replies before the one that somebody is led to


@dataclass
class Thread:
    """A head and replies to it, all of them known to the reader or standing in for what is not.

    ``more_after`` is the reply that others follow, on a page of their own; ``more`` says that there
    are such. ``earlier`` is as ``Conversation.earlier``, for replies.
    """

    head: Comment
    replies: list[Comment] = field(default_factory=list)
    more: bool = False
    more_after: int | None = None
    begun: bool = True
    earlier: int | None = None


@dataclass
class Conversation:
    """One page of an article's threads.

    ``next_from`` is the head that begins the next page. ``starts_later`` says that others precede
    it; ``earlier`` is the head that begins the page before, None where that is the first page.
    ``is_open`` says whether the reader may read what others say at all.
    """

    threads: list[Thread]
    is_open: bool = True
    starts_later: bool = False
    earlier: int | None = None
    next_from: int | None = None


def conversation(
    article: Article,
    reader: Any,
    start: int | None = None,
    after: int | None = None,
    site: SiteSettings | None = None,
) -> Conversation:
    """Reads one page of at most PAGE comments, in the same time however many there are.

    The first page takes two queries, and one for each head with more than SHOWN replies: at most
    three stand on a page.

    Args:
        reader: a member or an anonymous user; what they may not know is left out, or kept as an
            empty place where others have answered it.
        start: primary key of the head that the page begins with.
        after: primary key of a reply to that head: the page has the replies that follow it.
        site: its settings, where they are at hand.
    """
    site = site or SiteSettings.load()
    condition = known_to(reader, site.comments_audience)
    known = Comment.objects.filter(condition)
    # What the reader may not know keeps its place as long as somebody answered it.
    # Not by Exists, for which PostgreSQL would gather all answers that there are.
    below = Subquery(known.filter(root=OuterRef("pk")).values("pk")[:1])
    heads = Comment.objects.alias(answer=below).filter(condition | Q(answer__isnull=False))
    heads = heads.filter(article=article, root=None).select_related("author")
    answer = Subquery(known.filter(parent=OuterRef("pk")).values("pk")[:1])
    replies = Comment.objects.alias(answer=answer).filter(condition | Q(answer__isnull=False))
    replies = replies.select_related("author", "parent__author").order_by("created_at", "pk")
    first = heads.filter(pk=start).first() if start else None
    last = _reply(first, after)
    following = _since(heads, first) if first else heads
    if not last:
        cut = replies.filter(article=article, root=OuterRef("pk")).values("pk")[SHOWN : SHOWN + 1]
        following = following.annotate(cut=Subquery(cut))
    found = list(following.order_by("created_at", "pk")[: PAGE + 1])
    if first and last:
        page = _one_thread(found, replies.filter(article=article, root=first), last)
    else:
        page = _many_threads(found, replies, article)
    if first:
        page.starts_later, page.earlier = _step_back(heads, first)
    page.is_open = are_open_to(reader, site.comments_audience)
    _prepare(page, article, reader, site)
    return page


def _reply(head: Comment | None, pk: int | None) -> Comment | None:
    # Whatever became of it, it keeps the place from which others follow.
    return Comment.objects.filter(pk=pk, root=head).first() if head and pk else None


# The bound is what an index can seek; with an OR in its place all before it would be read.


def _since(rows: QuerySet, comment: Comment) -> QuerySet:
    at = comment.created_at
    return rows.filter(created_at__gte=at).exclude(created_at=at, pk__lt=comment.pk)


def _before(rows: QuerySet, comment: Comment) -> QuerySet:
    at = comment.created_at
    return rows.filter(created_at__lte=at).exclude(created_at=at, pk__gte=comment.pk)


def _step_back(rows: QuerySet, first: Comment) -> tuple[bool, int | None]:
    """Whether any of ``rows`` precede ``first``, and where a page that far back begins."""
    earlier = _before(rows, first).order_by("-created_at", "-pk")
    keys = list(earlier.values_list("pk", flat=True)[: PAGE + 1])
    return bool(keys), keys[PAGE - 1] if len(keys) > PAGE else None


def _one_thread(heads: list[Comment], replies: QuerySet, last: Comment) -> Conversation:
    """A head with the replies after ``last``."""
    following = _since(replies, last).exclude(pk=last.pk)
    rows = list(following[: PAGE + 1])
    thread = Thread(heads[0], rows[:PAGE], more=len(rows) > PAGE, begun=False)
    thread.earlier = _step_back(replies, rows[0] if rows else last)[1]
    thread.more_after = thread.replies[-1].pk if thread.more else None
    return Conversation([thread], next_from=heads[1].pk if len(heads) > 1 else None)


def _many_threads(heads: list[Any], replies: QuerySet, article: Article) -> Conversation:
    """Heads with the first replies of each, as far as the page reaches."""
    few = [head.pk for head in heads if not head.cut]
    under = defaultdict(list)
    # Not by the article: SQLite, without its statistics, would read all that is said there.
    rows = replies.filter(root__in=few)
    for reply in rows.order_by("root__created_at", "root", "created_at", "pk")[:PAGE]:
        under[reply.root_id].append(reply)
    page, room = Conversation([]), PAGE
    for head in heads:
        if not room:
            page.next_from = head.pk
            break
        room -= 1
        if head.cut:  # so many fill a page soon: there are no more than three such heads on it
            long = replies.filter(article=article, root=head)
            under[head.pk] = list(long[: min(room, SHOWN)])
        here = under[head.pk][:room]
        thread = Thread(head, here, more=bool(head.cut) or len(here) < len(under[head.pk]))
        thread.more_after = here[-1].pk if thread.more and here else None
        page.threads.append(thread)
        room -= len(here)
    return page


def _prepare(page: Conversation, article: Article, reader: Any, site: SiteSettings) -> None:
    """Tells all comments of a page at once what each would ask for."""
    comments: list[Any] = [
        each for thread in page.threads for each in (thread.head, *thread.replies)
    ]
    liked = set()
    if reader.is_authenticated and any(comment.like_count for comment in comments):
        likes = Like.objects.filter(member=reader, comment__in=comments)
        liked = set(likes.values_list("comment", flat=True))
    mentions.link(comments, reader)
    for comment in comments:
        comment.article = article
        comment.edit_minutes = site.comment_edit_minutes
        comment.audience = site.comments_audience
        comment.is_liked = comment.pk in liked
        if comment.root_id and comment.parent_id != comment.root_id:
            comment.parent.audience = site.comments_audience


def address(comment: Comment) -> str:
    """Where a comment is read: on its own page of a long conversation. Costs the same everywhere."""
    article = comment.article
    head = comment.root or comment
    everything = Comment.objects.filter(article=article)
    heads = _before(everything.filter(root=None), head).order_by("created_at", "pk")
    keys = list(heads.values_list("pk", flat=True)[:PAGE])
    place = len(keys)
    if 0 < place < PAGE:
        place += everything.filter(root__in=keys).order_by()[:PAGE].count()
    query = f"?from={head.pk}"
    if comment.root_id:
        before = _before(everything.filter(root=head), comment).order_by("-created_at", "-pk")
        keys = list(before.values_list("pk", flat=True)[:SHOWN])
        place += 1 + len(keys)
        if len(keys) == SHOWN:
            query += f"&after={keys[CONTEXT]}"
            place = PAGE
    # What the reader does not know takes no room, so it stands there all the more.
    return f"{article.get_absolute_url()}{query if place >= PAGE else ''}#comment-{comment.pk}"
