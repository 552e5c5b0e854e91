"""A large community in a hurry, for measurements: made of the demo's own words, by bulk inserts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count
from django.utils import timezone

from caisu.core import fulltext
from caisu.core.models import Audience
from caisu.core.roles import MODERATOR
from members.models import Member
from members.moderation.models import Case, Decision, State
from members.names import handle_from
from members.places import PROVINCES
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


# The most common family names in China with about their shares, per mille, and some rare ones.
SURNAMES = {
    "李": 74, "王": 72, "张": 68, "刘": 54, "陈": 45, "杨": 31, "赵": 23, "黄": 22, "周": 21,
    "吴": 20, "徐": 17, "孙": 15, "胡": 13, "朱": 13, "高": 12, "林": 12, "何": 12, "郭": 11,
    "马": 11, "罗": 9, "梁": 8, "宋": 8, "郑": 8, "谢": 7, "韩": 7, "唐": 7, "冯": 6, "于": 6,
    "吕": 5, "曾": 5, "单": 1, "仇": 1, "欧阳": 1, "尉迟": 1,
}  # fmt: skip
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂文辉建华玲雪晨宇轩梓涵思远嘉欣一诺子墨小满乐"
FIRST_NAMES = ["Amy", "Ben", "Cindy", "David", "Emma", "Frank", "Grace", "Kevin", "Lily", "Tom"]
# As people type it: in both languages, most in few of them, some in one that hardly anybody is in.
DEPARTMENTS = {
    "计算机科学": 20, "Computer Science": 12, "Pharmacy": 10, "药学": 8, "Nursing": 8,
    "机械工程": 8, "Physics": 5, "数学": 5, "化学": 5, "Biology": 5, "会计": 4, "Geosciences": 3,
    "教育": 3, "音乐": 1, "Anthropology": 1, "": 20,
}  # fmt: skip
HOSTS = ["example.org", "example.com", "example.net"]


def drawn(random, weighted):
    """One key of a dictionary, as often as its value says."""
    return random.choices(list(weighted), list(weighted.values()))[0]


def add_members(count, now, random, done):
    password = Member.objects.exclude(password="").values_list("password", flat=True).first()
    first = Member.objects.count() + 1
    for batch in batches(count):
        people = Member.objects.bulk_create(
            [make_member(first + n, password, now, random) for n in batch]
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=member, email=member.email, primary=True, verified=True)
            for member in people
        )
        fulltext.refresh(*people)
        done(len(people))


def make_member(number, password, now, random):
    """Somebody of the crowd: most are in good standing, and most show themselves to members."""
    name = drawn(random, SURNAMES) + "".join(random.choices(GIVEN, k=random.randint(1, 2)))
    handle = f"{handle_from(name)}{number}"
    if random.random() < 0.2:
        name = f"{random.choice(FIRST_NAMES)} {name}"
    standing = drawn(random, {Member.Standing.ACTIVE: 95, Member.Standing.PENDING: 3, "banned": 2})
    audiences = {Audience.EVERYONE: 10, Audience.MEMBERS: 80, Audience.NOBODY: 10}
    return Member(
        username=handle,
        email=f"{handle}@{random.choice(HOSTS)}",
        display_name=name,
        password=password,
        standing=standing,
        is_active=standing != Member.Standing.BANNED,
        affiliation=random.choice(Member.Affiliation.values),
        department=drawn(random, DEPARTMENTS),
        province=random.choice(PROVINCES)[0],
        arrived=now.year - min(random.randint(0, 30), random.randint(0, 30)),
        date_joined=now - timedelta(days=random.random() * 1000),
        approved_count=random.randint(0, 40),
        visibility=drawn(random, {Audience.EVERYONE: 40, Audience.MEMBERS: 50, "nobody": 10}),
        **{
            f"{field}_audience": drawn(random, audiences)
            for field in ("affiliation", "department", "hometown", "arrived")
        },
    )


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


def add_comments(count, now, random, people, done, searchable=True, held=10):
    """Comments of all ages, of which every third answers another.

    Args:
        searchable: whether they are found, which takes most of the time.
        held: every so many-th was held, and a moderator let it through.
    """
    words = list(Comment.objects.visible().values_list("body", flat=True)[:200])
    targets = list(
        Article.objects.published().order_by("-pk").values_list("pk", "publish_at")[:100_000]
    )
    moderators = list(Member.objects.filter(groups__name=MODERATOR))

    def comment(article, since, **more):
        return Comment(
            article_id=article,
            author=random.choice(people),
            body=random.choice(words),
            state=State.VISIBLE,
            created_at=since + (now - since) * random.random(),
            **more,
        )

    for batch in batches(count):
        replies = len(batch) // 3
        made = Comment.objects.bulk_create(
            comment(*random.choice(targets)) for _n in range(len(batch) - replies)
        )
        heads = random.choices(made, k=replies)
        made += Comment.objects.bulk_create(
            comment(head.article_id, head.created_at, parent=head, root=head) for head in heads
        )
        add_decisions(made[::held], moderators, random)
        if searchable:
            fulltext.refresh(
                *Comment.objects.select_related("article__category").filter(
                    pk__in=[comment.pk for comment in made]
                )
            )
        done(len(made))
    counts = Comment.objects.visible().values("article").annotate(count=Count("pk")).order_by()
    for start in range(0, len(rows := list(counts)), BATCH):
        chunk = [
            Article(pk=row["article"], comment_count=row["count"])
            for row in rows[start : start + BATCH]
        ]
        Article.objects.bulk_update(chunk, ["comment_count"])


def make_case(comment, **changes):
    return Case(
        kind=Case.Kind.COMMENT,
        content_type=ContentType.objects.get_for_model(Comment),
        object_id=comment.pk,
        member_id=comment.author_id,
        since=comment.created_at,
        **{"reasons": ["first"], **changes},
    )


def add_decisions(comments, moderators, random):
    """Each was approved the day after by one of the moderators, some at a second thought."""
    day, second_thought = timedelta(days=1), 200
    cases = Case.objects.bulk_create(
        make_case(comment, closed_at=comment.created_at + day) for comment in comments
    )

    def decide(case, text, action, **more):
        return Decision(case=case, action=action, by=random.choice(moderators), text=text, **more)

    def approve(case, comment):
        return decide(case, comment.body, Decision.Action.APPROVE, before={"state": State.HELD})

    pairs = list(zip(cases, comments, strict=True))
    made = Decision.objects.bulk_create(approve(*pair) for pair in pairs)
    Decision.objects.bulk_create(
        decide(one.case, one.text, Decision.Action.UNDO, undoes=one)
        for one in made[::second_thought]
    )
    Decision.objects.bulk_create(approve(*pair) for pair in pairs[::second_thought])


def add_waiting(count, now, random, people):
    """Comments that wait for a moderator, each alone, since some hour of the last two days."""
    words = list(Comment.objects.visible().values_list("body", flat=True)[:200])
    articles = list(Article.objects.published().order_by("-pk")[:100])
    made = Comment.objects.bulk_create(
        Comment(
            article=random.choice(articles),
            author=random.choice(people),
            body=random.choice(words),
            state=State.HELD,
            created_at=now - timedelta(hours=48 * random.random()),
        )
        for _n in range(count)
    )
    Case.objects.bulk_create(
        make_case(comment, score=random.randint(0, 12), reasons=["salesman"]) for comment in made
    )
