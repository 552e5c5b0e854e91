"""The verbs of publishing. Each is told who does it, and says whether it changed anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from caisu.core import fulltext, images
from caisu.core.bilingual import LANGUAGES, column, other
from members.models import Member
from members.moderation import deciding
from members.moderation.models import State

from . import revisions
from .models import Article, Category, FormerSlug, Revision, Tag
from .signals import article_changed
from .slugs import free_slug, slug_from

Status = Article.Status
Action = Revision.Action


# What no writer changes, though others may while somebody writes: moderators, readers, the clock.
KEPT_BY_OTHERS = (
    *("version", "stale", "in_step", "state", "released_at"),
    *("view_count", "comment_count", "is_post"),
)


class Conflict(Exception):
    """Somebody else saved since: ``version`` is what the article is at now."""

    def __init__(self, version: int) -> None:
        super().__init__(f"at version {version}")
        self.version = version


def slug_is_free(slug: str, article: Article) -> bool:
    """Whether no other article has, or had, this address."""
    others = Article.objects.filter(slug=slug).exclude(pk=article.pk)
    former = FormerSlug.objects.filter(slug=slug).exclude(article_id=article.pk)
    return not others.exists() and not former.exists()


def name(article: Article) -> None:
    """Gives an article without an address one from its English or Chinese title."""
    if not article.slug:
        title = article.title_en or article.title_zh_hans
        base = slug_from(title)
        others = Article.objects.filter(slug__startswith=base).exclude(pk=article.pk)
        former = FormerSlug.objects.filter(slug__startswith=base).exclude(article_id=article.pk)
        taken = {*others.values_list("slug", flat=True), *former.values_list("slug", flat=True)}
        article.slug = free_slug(title, taken)


def refresh(article: Article) -> None:
    """Tells pictures, search and comments what may be seen of ``article`` now; inside the change's transaction."""
    # As it is in the database: a caller who read it a moment ago would open what was closed since.
    rows = Article.objects.select_for_update(of=("self",)).select_related("category", "cover")
    now = rows.get(pk=article.pk)
    images.follow(now)
    fulltext.refresh(now)
    article_changed.send(sender=Article, article=now)
    released_at = now.released_at
    if now.is_public:
        released_at = released_at or timezone.now()
    elif now.status == Status.PUBLISHED:  # put off: its time will bring it out once more
        released_at = None
    article.released_at = released_at
    if released_at != now.released_at:
        Article.objects.filter(pk=article.pk).update(released_at=released_at)


def follow_translation(article: Article, before: Article | None, in_step: bool) -> None:
    """Notes which language is behind the other after this change, for save().

    A change in one language leaves the other behind; a change in the one that was behind, or in
    both, brings them into step, and so does an editor who says that nothing has to follow.
    """
    changed = {
        code
        for code in LANGUAGES
        for part in ("title", "summary", "body")
        if before is None
        or getattr(before, column(part, code)) != getattr(article, column(part, code))
    }
    in_both = article.is_translated and before is not None and before.is_translated
    if not in_both or in_step or len(changed) > 1 or changed == {article.stale}:
        article.stale, article.in_step = "", article.version + 1
    elif changed and not article.stale:
        article.stale, article.in_step = other(changed.pop()), article.version


def _write(article: Article, named_by_us: bool) -> None:
    """Saves the row, under the next address where somebody took ours in this very moment."""
    for _attempt in range(5 if named_by_us else 0):
        try:
            with transaction.atomic():
                return article.save()
        except IntegrityError:
            article.slug = ""
            name(article)
    return article.save()


@transaction.atomic
def save(
    article: Article,
    by: Member,
    *,
    tags: Iterable[Tag] | None = None,
    base: int | None = None,
    action: str = Action.SAVED,
    note: str = "",
    in_step: bool = False,
    batch: UUID | None = None,
) -> Revision | None:
    """Saves what somebody wrote, with its address and all that hangs on it.

    Args:
        tags: what it carries from now on; None leaves them.
        base: number of the revision that the writer started from; None: whatever is there.
        action: a value of Revision.Action.
        note: for the revision.
        in_step: the other language needs no change after this one.
        batch: see revisions.record().

    Returns:
        the revision; None if nothing changed.

    Raises:
        Conflict: somebody else saved since ``base``; nothing was written.
    """
    before = None
    if article.pk:
        before = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
        if base is not None and before.version != base:
            raise Conflict(before.version)
        revisions.keep_baseline(before)
        for kept in KEPT_BY_OTHERS:
            setattr(article, kept, getattr(before, kept))
    unnamed = not article.slug
    name(article)
    if before and before.slug != article.slug and before.released_at:
        FormerSlug.objects.get_or_create(slug=before.slug, defaults={"article": article})
    follow_translation(article, before, in_step)
    _write(article, unnamed)
    FormerSlug.objects.filter(slug=article.slug, article=article).delete()
    if tags is not None:
        article.tags.set(tags)
    refresh(article)
    return revisions.record(article, by, action, note, batch)


def lock(article: Article) -> None:
    """Reads anew what verbs ask about and keeps others from changing it: two clicks are one act."""
    rows = Article.objects.select_for_update(of=("self",))
    article.refresh_from_db(fields=["status", "state", "version"], from_queryset=rows)


def _move(
    article: Article,
    status: str,
    by: Member,
    action: str,
    *fields: str,
    note: str = "",
    batch: UUID | None = None,
) -> bool:
    """Sets the status and those fields, keeping what anybody wrote meanwhile."""
    revisions.keep_baseline(Article.objects.get(pk=article.pk))
    article.status = status
    article.save(update_fields=["status", "updated_at", *fields])
    refresh(article)
    revisions.record(article, by, action, note, batch)
    return True


@transaction.atomic
def publish(
    article: Article, by: Member, at: datetime | None = None, batch: UUID | None = None
) -> bool:
    """Publishes now, or at a time to come; a member's own post is approved by that.

    An article that was out before keeps its date, and with it its address.
    """
    lock(article)
    if not article.is_complete or (article.status == Status.PUBLISHED and at is None):
        return False
    if article.state == State.HELD:
        deciding.approve(article, by)
    article.publish_at = at or article.publish_at or timezone.now()
    scheduled = article.publish_at > timezone.now()
    article.released_at = None if scheduled else article.released_at
    action = Action.SCHEDULED if scheduled else Action.PUBLISHED
    changed = ("publish_at", "released_at")
    return _move(article, Status.PUBLISHED, by, action, *changed, batch=batch)


@transaction.atomic
def archive(article: Article, by: Member, batch: UUID | None = None) -> bool:
    """Moves an article to the back numbers: still readable, comments closed."""
    lock(article)
    if article.status != Status.PUBLISHED or not article.is_public:
        return False
    return _move(article, Status.ARCHIVED, by, Action.ARCHIVED, batch=batch)


@transaction.atomic
def withdraw(article: Article, by: Member, batch: UUID | None = None) -> bool:
    """Takes an article off the site; its address answers 410."""
    lock(article)
    if article.status not in {Status.PUBLISHED, Status.ARCHIVED}:
        return False
    return _move(article, Status.WITHDRAWN, by, Action.WITHDRAWN, batch=batch)


@transaction.atomic
def back_to_draft(article: Article, by: Member, batch: UUID | None = None) -> bool:
    """Makes a submission, or an article that was taken off, a draft again."""
    lock(article)
    if article.status == Status.DRAFT or article.is_public:
        return False
    return _move(article, Status.DRAFT, by, Action.DRAFT, batch=batch)


@transaction.atomic
def move(article: Article, by: Member, category: Category, batch: UUID | None = None) -> bool:
    """Puts an article into another category."""
    lock(article)
    if article.category_id == category.pk:
        return False
    article.category = category
    return _move(article, article.status, by, Action.MOVED, "category", batch=batch)


def release_due() -> int:
    """Does for scheduled articles what their publication brings; returns how many there were."""
    due = list(Article.objects.due().values_list("pk", flat=True)[:100])
    return sum(map(_release, due))


@transaction.atomic
def _release(key: int) -> bool:
    """Releases one of them, unless somebody took it back meanwhile."""
    article = Article.objects.due().select_for_update(of=("self",)).filter(pk=key).first()
    if article is None:
        return False
    refresh(article)
    return True
