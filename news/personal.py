"""What the news hold of a member: handed to them when they ask, and what becomes of it when they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from caisu.core import fulltext, images
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image
from members import signals
from members.exporting import Stored
from members.models import Member
from members.moderation import waiting

from . import publishing, reviewing
from .models import Article, Revision, WorkingCopy
from .revisions import TEXTS

Status = Article.Status
CHUNK = 200  # rows read at a time


# --- Taking along


def exported(sender: Any, member: Member, **kwargs: Any) -> dict[str, Any]:
    """A receiver of members.signals.exporting."""
    pictures = Image.objects.filter(uploaded_by=member).order_by("pk")
    return {
        "articles.json": _articles(member),
        "revisions.json": _revisions(member),
        "unsaved.json": _unsaved(member),
        "pictures.json": map(_about, pictures.iterator(chunk_size=CHUNK)),
        **{
            f"pictures/{image.pk}.webp": Stored(images.file_path(image, images.FULL))
            for image in pictures.only("pk", "token", "version")
        },
    }


def _articles(member: Member) -> Iterator[dict[str, Any]]:
    rows = Article.objects.filter(author=member).select_related("category").order_by("pk")
    for article in rows.prefetch_related("tags").iterator(chunk_size=CHUNK):
        yield {
            "id": article.pk,
            "address": article.get_absolute_url(),
            **{name: getattr(article, name) for name in TEXTS},
            "category": article.category.slug,
            "tags": [tag.slug for tag in article.tags.all()],
            "byline": article.byline,
            "source": article.source,
            "source_url": article.source_url,
            "audience": article.audience,
            "status": article.status,
            "state": article.state,
            "own_post": article.is_post,
            "created_at": article.created_at,
            "changed_at": article.updated_at,
            "published_at": article.publish_at,
        }


def _revisions(member: Member) -> Iterator[dict[str, Any]]:
    """What the member did themselves; what others made of it is theirs."""
    rows = Revision.objects.filter(by=member).order_by("article_id", "number")
    for revision in rows.iterator(chunk_size=CHUNK):
        yield {
            "article": revision.article_id,
            "number": revision.number,
            "action": revision.action,
            "at": revision.at,
            "note": revision.note,
            **{name: revision.fields.get(name, "") for name in TEXTS},
        }


def _unsaved(member: Member) -> Iterator[dict[str, Any]]:
    rows = WorkingCopy.objects.filter(editor=member).order_by("pk")
    for copy in rows.iterator(chunk_size=CHUNK):
        yield {
            "article": copy.article_id,
            "changed_at": copy.updated_at,
            "submitted_at": copy.submitted_at,
            **{name: copy.fields.get(name, "") for name in TEXTS},
        }


def _about(image: Image) -> dict[str, Any]:
    return {
        "file": f"pictures/{image.pk}.webp",
        "name": image.name,
        "description_zh_hans": image.alt_zh_hans,
        "description_en": image.alt_en,
        "credit": image.credit,
        "uploaded_at": image.uploaded_at,
    }


# --- Leaving


def left(sender: Any, member: Member, removes_contributions: bool, **kwargs: Any) -> None:
    """A receiver of members.signals.member_left.

    What nobody has seen goes in any case. What the association published in its own name, whoever
    wrote it, is the association's and stays.
    """
    _drop_unsaved(member)
    own = Article.objects.filter(author=member, is_post=True)
    unseen = own.filter(
        status__in=[Status.DRAFT, Status.SUBMITTED], released_at=None, comment_count=0
    )
    for post in unseen.iterator(chunk_size=CHUNK):
        waiting.close(post)
        post.delete()
    if removes_contributions:
        for post in own.only("pk").iterator(chunk_size=CHUNK):
            empty(post.pk)
    elif member.display_name:
        named = Article.objects.filter(author=member, byline__icontains=member.display_name)
        keys = list(named.values_list("pk", flat=True))
        named.update(byline="")
        for article in Article.objects.select_related("category").filter(pk__in=keys):
            fulltext.refresh(article)
    if not member.is_staff:
        for image in _unused(member).iterator(chunk_size=CHUNK):
            images.discard(image)


def _drop_unsaved(member: Member) -> None:
    copies = WorkingCopy.objects.filter(editor=member)
    for post in Article.objects.filter(working_copies__in=copies.exclude(submitted_at=None)):
        reviewing.take_back_edit(post, member)
    copies.delete()


def _unused(member: Member) -> QuerySet[Image]:
    return Image.objects.unused().filter(uploaded_by=member)


def empty(pk: int) -> None:
    """Takes a post off the site with all that it said; its address answers that it is gone."""
    post = Article.objects.select_for_update(of=("self",)).get(pk=pk)
    waiting.close(post)
    for name in TEXTS:
        setattr(post, name, "")
    for code in LANGUAGES:
        setattr(post, column("title", code), Article.NO_TITLE)
    post.byline = post.source = post.source_url = ""
    post.cover = None
    post.status = Status.WITHDRAWN
    if not post.released_at:  # nobody knows its address, which says what it was called
        post.slug = ""
        publishing.name(post)
    post.is_featured = post.is_pinned = post.comments_open = False
    post.stale, post.in_step = "", 0
    post.save()
    post.tags.clear()
    Revision.objects.filter(article=post).delete()
    WorkingCopy.objects.filter(article=post).delete()
    publishing.refresh(post)
    fulltext.forget(post)  # the desk would find it by its old words until the job has run


def connect() -> None:
    signals.exporting.connect(exported, dispatch_uid="news.exported")
    signals.member_left.connect(left, dispatch_uid="news.left")
