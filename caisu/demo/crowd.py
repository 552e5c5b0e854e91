"""A large community in a hurry, for measurements: made of the demo's own words, by bulk inserts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from allauth.account.models import EmailAddress
from django.db.models import Count
from django.utils import timezone

from caisu.core import fulltext
from caisu.core.models import Audience
from members.models import Member
from members.moderation.models import State
from news.comments.models import Comment
from news.models import Article, DailyViews, Tag

BATCH = 1000


def grow(
    members: int, articles: int, comments: int, done: Callable[[int], None] = lambda count: None
) -> None:
    """Adds so many of each, spread over the last three years; the demo must be loaded.

    Args:
        done: told how many rows each batch added.
    """
    random = Random(2027)  # noqa: S311 - the same crowd each time
    now = timezone.now()
    add_members(members, now, random, done)
    people = list(Member.objects.filter(standing=Member.Standing.ACTIVE))
    add_articles(articles, now, random, people, done)
    add_comments(comments, now, random, people, done)


def batches(count: int):
    return (range(start, min(start + BATCH, count)) for start in range(0, count, BATCH))


def add_members(count, now, random, done):
    password = Member.objects.exclude(password="").values_list("password", flat=True).first()
    first = Member.objects.count() + 1
    for batch in batches(count):
        people = Member.objects.bulk_create(
            Member(
                username=f"crowd{first + n}",
                email=f"crowd{first + n}@example.org",
                display_name=f"路人 {first + n}",
                password=password,
                standing=Member.Standing.ACTIVE,
                affiliation=random.choice(Member.Affiliation.values),
                arrived=random.randint(2005, 2026),
                date_joined=now - timedelta(days=random.random() * 1000),
                approved_count=random.randint(0, 40),
                visibility=random.choice(Audience.values[:2]),
            )
            for n in batch
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=member, email=member.email, primary=True, verified=True)
            for member in people
        )
        done(len(people))


def add_articles(count, now, random, people, done):
    models = list(Article.objects.published().filter(audience=Article.Audience.EVERYONE)[:40])
    first = Article.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    writers, tags = people[:30], list(Tag.objects.current())
    today = timezone.localdate(now)
    for batch in batches(count):
        rows = []
        for n in batch:
            model, number = random.choice(models), first + n + 1
            rows.append(
                Article(
                    slug=f"{model.slug[:60]}-{number}",
                    category_id=model.category_id,
                    author=random.choice(writers),
                    title_zh_hans=model.title_zh_hans and f"{model.title_zh_hans}（{number}）",
                    title_en=model.title_en and f"{model.title_en} ({number})",
                    summary_zh_hans=model.summary_zh_hans,
                    summary_en=model.summary_en,
                    body_zh_hans=model.body_zh_hans,
                    body_en=model.body_en,
                    cover_id=model.cover_id,
                    meant_for=model.meant_for,
                    status=Article.Status.PUBLISHED,
                    publish_at=now - timedelta(days=7 + random.random() * 1000),
                    released_at=now,
                    view_count=random.randint(0, 900),
                )
            )
        made = Article.objects.bulk_create(rows)
        add_ties(made, tags, today, random)
        fulltext.refresh(
            *Article.objects.select_related("category").filter(pk__in=[a.pk for a in made])
        )
        done(len(made))


def add_ties(articles, tags, today, random):
    """Tags, pictures and readers of the last month."""
    tagged, shown = Article.tags.through, Article.images.through
    tagged.objects.bulk_create(
        tagged(article_id=article.pk, tag_id=tag.pk)
        for article in articles
        for tag in random.sample(tags, min(len(tags), random.randint(1, 3)))
    )
    shown.objects.bulk_create(
        shown(article_id=article.pk, image_id=article.cover_id)
        for article in articles
        if article.cover_id
    )
    DailyViews.objects.bulk_create(
        DailyViews(article=article, day=today - timedelta(days=day), count=random.randint(1, 9))
        for article in articles
        for day in random.sample(range(30), 3)
    )


def add_comments(count, now, random, people, done):
    words = list(Comment.objects.visible().values_list("body", flat=True)[:200])
    targets = list(
        Article.objects.published().order_by("-pk").values_list("pk", "publish_at")[:100_000]
    )
    for batch in batches(count):
        rows = []
        for _n in batch:
            article, since = random.choice(targets)
            rows.append(
                Comment(
                    article_id=article,
                    author=random.choice(people),
                    body=random.choice(words),
                    state=State.VISIBLE,
                    created_at=since + (now - since) * random.random(),
                )
            )
        made = Comment.objects.bulk_create(rows)
        touched = Comment.objects.select_related("article__category").filter(
            pk__in=[c.pk for c in made]
        )
        fulltext.refresh(*touched)
        done(len(made))
    counts = Comment.objects.visible().values("article").annotate(count=Count("pk")).order_by()
    for start in range(0, len(rows := list(counts)), BATCH):
        chunk = [
            Article(pk=row["article"], comment_count=row["count"])
            for row in rows[start : start + BATCH]
        ]
        Article.objects.bulk_update(chunk, ["comment_count"])
