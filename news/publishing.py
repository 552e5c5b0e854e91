"""The verbs of publishing. Each is told who does it, and says whether it changed anything."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from caisu.core import fulltext, images
from caisu.core.models import Image
from members.models import Member
from members.moderation import deciding
from members.moderation.models import State

from .models import Article
from .signals import article_changed
from .slugs import free_slug, slug_from

Status = Article.Status


def name(article: Article) -> None:
    """Gives an article without an address one from its English or Chinese title."""
    if not article.slug:
        title = article.title_en or article.title_zh_hans
        base = slug_from(title)
        others = Article.objects.filter(slug__startswith=base).exclude(pk=article.pk)
        article.slug = free_slug(title, set(others.values_list("slug", flat=True)))


def audience_of(image: Image) -> str:
    """Who may fetch a picture: the widest audience among the public articles that show it."""
    public = {article.audience for article in image.articles.all() if article.is_public}
    for audience in (Image.Audience.EVERYONE, Image.Audience.MEMBERS):
        if audience in public:
            return audience
    return Image.Audience.STAFF


def open_pictures(article: Article) -> None:
    """Notes which pictures ``article`` shows, and opens or closes them and those it showed before."""
    before = set(article.images.values_list("pk", flat=True))
    article.images.set(Image.objects.filter(token__in=article.image_tokens))
    touched = Image.objects.filter(Q(pk__in=before) | Q(articles=article)).distinct()
    for image in touched.prefetch_related("articles"):
        images.set_audience([image], audience_of(image))


def refresh(article: Article) -> None:
    """Tells pictures, search and comments what may be seen of ``article`` now; inside the change's transaction."""
    open_pictures(article)
    fulltext.refresh(article)
    article_changed.send(sender=Article, article=article)
    released_at = article.released_at
    if article.is_public:
        released_at = released_at or timezone.now()
    elif article.status == Status.PUBLISHED:  # put off: its time will bring it out once more
        released_at = None
    if released_at != article.released_at:
        article.released_at = released_at
        Article.objects.filter(pk=article.pk).update(released_at=released_at)


@transaction.atomic
def save(article: Article) -> None:
    """Saves what an editor wrote, with its address and all that hangs on it."""
    name(article)
    article.save()
    refresh(article)


def _move(article: Article, status: str, *fields: str) -> bool:
    article.status = status
    article.save(update_fields=["status", "updated_at", *fields])
    refresh(article)
    return True


@transaction.atomic
def publish(article: Article, by: Member, at: datetime | None = None) -> bool:
    """Publishes now, or at a time to come; a member's own post is approved by that.

    An article that was out before keeps its date, and with it its address.
    """
    if not article.is_complete or (article.status == Status.PUBLISHED and at is None):
        return False
    if article.state == State.HELD:
        deciding.approve(article, by)
    article.publish_at = at or article.publish_at or timezone.now()
    article.released_at = None if article.publish_at > timezone.now() else article.released_at
    return _move(article, Status.PUBLISHED, "publish_at", "released_at")


@transaction.atomic
def archive(article: Article, by: Member) -> bool:
    """Moves an article to the back numbers: still readable, comments closed."""
    return (
        article.status == Status.PUBLISHED and article.is_public and _move(article, Status.ARCHIVED)
    )


@transaction.atomic
def withdraw(article: Article, by: Member) -> bool:
    """Takes an article off the site; its address answers 410."""
    out = {Status.PUBLISHED, Status.ARCHIVED}
    return article.status in out and _move(article, Status.WITHDRAWN)


@transaction.atomic
def back_to_draft(article: Article, by: Member) -> bool:
    """Makes a submission, or an article that was taken off, a draft again."""
    if article.status == Status.DRAFT or article.is_public:
        return False
    return _move(article, Status.DRAFT)


def release_due() -> int:
    """Does for scheduled articles what their publication brings; returns how many there were."""
    due = list(Article.objects.due()[:100])
    for article in due:
        with transaction.atomic():
            refresh(article)
    return len(due)
