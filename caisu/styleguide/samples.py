"""A small community that is never there: made for one look at it, inside a transaction that fails.

The pages and partials of the site show it as they show real rows, with the same views, at a moment
that stands still. It has what is hard to set: the shortest and the longest, all and nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.utils import timezone

from caisu.core.fulltext.registry import fill_now, index_of_kind
from caisu.core.models import Audience, Image, Page, SiteSettings
from caisu.core.roles import EDITOR, MODERATOR
from members.models import Appointment, Member, Terms
from members.moderation.models import State
from members.notifications.models import Notification
from members.notifications.wording import titles
from news.comments.models import Comment, Like, Reading
from news.models import Article, Category, Tag
from news.models.traffic import DailyViews

# A Monday in the solar term of light snow; the year is over in no test.
NOW = datetime(2026, 11, 23, 13, 30, tzinfo=ZoneInfo("America/Boise"))
# A word that nothing real has: search finds the sample alone.
RARE = "雪桥"
LONG_NAME = "玛丽安娜·亚历山德罗夫娜·冯·霍恩洛厄-席林斯费斯特和她的女儿们"
PICTURE = "5a" * 16

_one_at_a_time = threading.Lock()


@contextmanager
def staged() -> Iterator[SimpleNamespace]:
    """The sample community, for as long as the block lasts. It leaves nothing behind.

    For this thread the clock stands at NOW, the cache is an empty one, and of what the database
    holds nothing is seen that could stand beside the samples.

    Yields:
        its members and articles by name; ``fill()`` writes the articles, so that before it the site
        is still empty.
    """
    with _one_at_a_time, _stopped_clock(), _own_cache(), transaction.atomic():
        try:
            yield _people()
        finally:
            transaction.set_rollback(True)


@contextmanager
def _stopped_clock() -> Iterator[None]:
    real, here = timezone.now, threading.get_ident()
    timezone.now = lambda: NOW if threading.get_ident() == here else real()
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def _own_cache() -> Iterator[None]:
    """What the pages remember of the samples is forgotten with them. Connections are a thread's own."""
    shared = caches["default"]
    caches["default"] = LocMemCache(f"styleguide-{threading.get_ident()}", {})
    caches["default"].clear()
    try:
        yield
    finally:
        caches["default"] = shared


def ago(**time: int) -> datetime:
    return NOW - timedelta(**time)


def _member(username: str, name: str, **changes: Any) -> Member:
    values = {
        "email": f"{username}@styleguide.example.org",
        "standing": Member.Standing.ACTIVE,
        "approved_count": 10,
        "date_joined": ago(days=400),
        **changes,
    }
    member = Member(username=username, display_name=name, **values)
    member.set_unusable_password()
    member.save()
    if terms := Terms.in_force():
        terms.accept(member)
    return member


def _people() -> SimpleNamespace:
    Member.objects.update(visibility=Audience.NOBODY)
    Page.objects.update(in_footer=False)
    site, _created = SiteSettings.objects.get_or_create(pk=1)
    SiteSettings.objects.filter(pk=1).update(
        **{
            field.name: field.get_default()
            for field in SiteSettings._meta.concrete_fields
            if field.name not in {"id", "updated_at"}
        }
    )
    stage = SimpleNamespace(site=site)
    for slug, chinese, english in [
        ("sample-about", "关于我们", "About us"),
        ("sample-privacy", "隐私说明", "Privacy"),
    ]:
        Page.objects.create(
            slug=slug,
            title_zh_hans=chinese,
            title_en=english,
            body_zh_hans="<p>学联由同学自己办。</p><h2>怎样加入</h2><p>注册即可，不收费。</p>",
            body_en="<p>Students run this site themselves.</p><h2>How to join</h2><p>Sign up; it is free.</p>",
        )
    everyone = {f"{name}_audience": Audience.EVERYONE for name in Member.PRIVATE_FIELDS}
    stage.lin = _member(
        "sample-lin",
        "林晓雨",
        visibility=Audience.EVERYONE,
        avatar="avatars/sample.webp",
        bio="计算机系博士生，冬天滑雪，夏天修自行车。\n\nAsk me about bus routes; I have no car.",
        affiliation=Member.Affiliation.STUDENT,
        department="Computer Science",
        hometown="浙江绍兴",
        arrived=2023,
        languages=["cmn", "yue"],
        links=["https://lin.example.org/notes/winter-in-pocatello-and-other-long-stories"],
        wechat="xiaoyu_sample",
        **everyone,
    )
    stage.bob = _member("sample-bob", "Bob")
    stage.long = _member(
        "sample-long-name-without-end",
        LONG_NAME,
        visibility=Audience.EVERYONE,
        department="Institute for Rural Health, Nutrition, Dietetics and Everything Else",
        hometown="内蒙古自治区呼伦贝尔市鄂伦春自治旗",
        affiliation=Member.Affiliation.FACULTY,
        **everyone,
    )
    stage.wei = _member("sample-wei", "韦编辑", is_staff=True, visibility=Audience.EVERYONE)
    stage.mona = _member("sample-mona", "Mona", is_staff=True)
    stage.nina = _member(
        "sample-nina",
        "Nina",
        standing=Member.Standing.PENDING,
        approved_count=0,
        date_joined=ago(hours=5),
    )
    Appointment.objects.hold(stage.wei, EDITOR)
    Appointment.objects.hold(stage.mona, MODERATOR)
    # Articles of real categories go out of sight with them.
    stage.local = Category.objects.create(
        slug="sample-local",
        name_zh_hans="本地新闻",
        name_en="Local News",
        description_zh_hans="波卡特洛和学校里的事，由住在这里的人写。",
        description_en="What happens in Pocatello and on campus, written by those who live here.",
        colour="#c3272b",
    )
    stage.life = Category.objects.create(
        slug="sample-life", name_zh_hans="生活", name_en="Life", colour="#2f6f6a", order=1
    )
    Article.objects.update(category=stage.local, state=State.REMOVED)
    Category.objects.exclude(pk__in=[stage.local.pk, stage.life.pk]).delete()
    stage.fill = lambda: _news(stage)
    return stage


def _article(stage: SimpleNamespace, slug: str, **changes: Any) -> Article:
    values = {
        "slug": f"sample-{slug}",
        "category": stage.local,
        "author": stage.wei,
        "status": Article.Status.PUBLISHED,
        "released_at": NOW,
        **changes,
    }
    article = Article.objects.create(**values)
    # auto_now and the counts
    Article.objects.filter(pk=article.pk).update(
        created_at=values.get("publish_at") or NOW,
        updated_at=values.get("publish_at") or ago(hours=2),
        view_count=values.get("view_count", 19),
    )
    return article


def _news(stage: SimpleNamespace) -> None:
    stage.picture = Image.objects.create(
        token=PICTURE,
        alt_zh_hans="雪后的波特纽夫河谷，远处是斯库特山",
        alt_en="The Portneuf valley after snow, with hills behind it",
        credit="图 / Photo: 林晓雨",
        width=1200,
        height=800,
        colour="#9fb4c4",
        renditions=[480, 960],
        audience=Image.Audience.EVERYONE,
    )
    stage.full = _article(
        stage,
        "first-snow",
        title_zh_hans="初雪封了十五号公路，接机的同学绕道走雪桥",
        title_en="First snow closes Interstate 15; drivers from the airport take the snowbridge",
        summary_zh_hans="周日夜里下了 20 厘米雪，州警提醒：没有急事，请等到中午铲雪车过了再出门。",
        summary_en="Eight inches fell on Sunday night. Stay where you are until the ploughs have passed at noon, the state police ask.",
        body_zh_hans=BODY_ZH,
        body_en=BODY_EN,
        cover=stage.picture,
        publish_at=ago(hours=3),
        is_featured=True,
        source="Portneuf Sample Journal",
        source_url="https://journal.example.org/snow",
    )
    for slug, chinese, english in [
        ("sample-snow", "雪", "snow"),
        ("sample-driving", "冬天开车与接机须知", "winter driving and airport pick-up"),
        ("sample-f1", "F-1", "F-1"),
    ]:
        tag = Tag.objects.create(slug=slug, name_zh_hans=chinese, name_en=english)
        stage.full.tags.add(tag)
    stage.short = _article(
        stage,
        "bus",
        title_zh_hans="校车停开",
        title_en="No bus today",
        body_zh_hans="<p>今天没有。</p>",
        body_en="<p>None today.</p>",
        publish_at=ago(hours=5),
        view_count=1,
    )
    stage.pictured = _article(
        stage,
        "dumplings",
        category=stage.life,
        author=stage.lin,
        title_zh_hans="三百个饺子，一个下午：冬至包饺子报名开始",
        title_en="Three hundred dumplings in one afternoon",
        summary_zh_hans="带上擀面杖。肉馅由学联出，素馅请自备。",
        summary_en="Bring a rolling pin. The association brings the filling with meat; bring your own without.",
        body_zh_hans="<p>周六下午两点。</p>",
        body_en="<p>Saturday at two.</p>",
        cover=stage.picture,
        publish_at=ago(days=1),
        view_count=204,
    )
    stage.chinese = _article(
        stage,
        "chinese-only",
        category=stage.life,
        title_zh_hans="在波卡特洛过第一个冬天：从租房、买车、办驾照到换雪胎，一位访问学者给后来人的四十条建议，请先看完再出门",
        summary_zh_hans="篇幅很长，可以分几次读。" * 8,
        body_zh_hans="<p>第一条：买一双好靴子。</p>",
        meant_for=Article.MeantFor.ZH_HANS,
        publish_at=ago(days=3),
    )
    stage.english = _article(
        stage,
        "english-only",
        title_en="Internationalisation, counterrevolutionaries and other words too long for a narrow column",
        summary_en="A short piece on long words.",
        body_en="<p>See the title.</p>",
        meant_for=Article.MeantFor.EN,
        publish_at=ago(days=40),
        byline="The Language Desk",
    )
    stage.pictured.tags.add(tag)
    stage.chinese.tags.add(tag)
    stage.closed = _article(
        stage,
        "members",
        title_zh_hans="会员互助：拼车去盐湖城",
        title_en="Sharing a car to Salt Lake City",
        summary_zh_hans="名单只给成员看。",
        summary_en="The list is for members.",
        body_zh_hans="<p>名单。</p>",
        body_en="<p>The list.</p>",
        audience=Article.Audience.MEMBERS,
        publish_at=ago(days=2),
        comments_open=False,
    )
    _article(
        stage,
        "pinned",
        title_zh_hans="学联换届：候选人名单与投票办法",
        title_en="Elections: who stands, and how to vote",
        body_zh_hans="<p>周五投票。</p>",
        body_en="<p>We vote on Friday.</p>",
        publish_at=ago(days=6),
        is_pinned=True,
    )
    for status in (Article.Status.DRAFT, Article.Status.SUBMITTED, Article.Status.PUBLISHED):
        _article(
            stage,
            f"post-{status}",
            author=stage.bob,
            is_post=True,
            title_zh_hans=f"转让电饭锅（{len(status)} 成新）",
            title_en=f"A rice cooker, used {len(status)} times",
            body_zh_hans="<p>自取。</p>",
            body_en="<p>Come and get it.</p>",
            status=status,
            publish_at=ago(days=50) if status == Article.Status.PUBLISHED else None,
        )
    DailyViews.objects.bulk_create(
        DailyViews(day=day.date(), article=article, count=count)
        for day, article, count in [
            (NOW, stage.full, 40),
            (NOW, stage.chinese, 30),
            (ago(days=20), stage.pictured, 90),
        ]
    )
    _conversation(stage)
    _notifications(stage)
    for kind, things in [("article", Article.objects.published()), ("member", [stage.lin])]:
        fill_now(index_of_kind(kind), [thing.pk for thing in things])


def _comment(article: Article, author: Member, at: datetime, body: str, **changes: Any) -> Comment:
    parent = changes.get("parent")
    root = (parent.root or parent) if parent else None
    return Comment.objects.create(
        article=article,
        author=author,
        body=body,
        root=root,
        created_at=at,
        shown_at=at,
        **changes,
    )


def _conversation(stage: SimpleNamespace) -> None:
    article = stage.full
    head = _comment(
        article,
        stage.lin,
        ago(hours=2, minutes=40),
        "昨晚从机场回来，走的就是这条路。@sample-wei 写得对：过桥之前先停一停，看清楚再走。\n\n"
        "路况：https://roads.example.org/i15/pocatello-inkom?direction=north&camera=all",
        like_count=3,
        links_live=True,
    )
    Like.objects.create(comment=head, member=stage.bob)
    reply = _comment(
        article,
        stage.wei,
        ago(hours=2),
        "> 过桥之前先停一停，看清楚再走。\n\n谢谢提醒，已经加进正文。",
        parent=head,
        edited_at=ago(hours=1),
    )
    _comment(article, stage.bob, ago(minutes=5), "+1", parent=reply)
    _comment(article, stage.long, ago(minutes=50), "广告", parent=head, state=State.REMOVED)
    gone = _comment(article, stage.long, ago(hours=1), "–", deleted_at=ago(minutes=30))
    _comment(
        article,
        stage.mona,
        ago(minutes=40),
        "Please stay on the subject. "
        + "Nobody learns anything about the state of the road from a quarrel about tyres. " * 4,
        parent=gone,
    )
    stage.held = _comment(
        article,
        stage.nina,
        ago(minutes=20),
        "Is the airport shuttle running?",
        state=State.HELD,
    )
    _comment(article, stage.long, ago(minutes=2), "supercalifragilistic" * 6, like_count=1280)
    Comment.objects.filter(article=article).first().recount()
    Reading.objects.create(member=stage.bob, article=article, seen_at=ago(hours=1))


def _notifications(stage: SimpleNamespace) -> None:
    url = stage.full.get_absolute_url().split("/", 2)[2]
    rows = [
        (Notification.Kind.REPLY, {"by": stage.lin.pk}, None),
        (Notification.Kind.MENTION, {"by": stage.long.pk}, None),
        (Notification.Kind.LIKE, {"by": stage.wei.pk}, NOW),
        (Notification.Kind.DECISION, {"act": "removed"}, NOW),
    ]
    for number, (kind, params, seen) in enumerate(rows):
        Notification.objects.create(
            member=stage.bob,
            kind=kind,
            subject=f"sample:{number}",
            topic=f"sample:{number}",
            url=f"/{url}",
            params={**params, **titles(stage.full)},
            seen_at=seen,
        )


_FIGURE = (
    '<figure><img src="/media/images/{0}/full.webp" alt=""><small>{1}</small>'
    "<figcaption>{2}</figcaption></figure>"
)
BODY_ZH = (
    "<p>星期日夜里的雪从十点下到清晨，河谷里积了 20 厘米。十五号公路在 Inkom 附近封了四小时，"
    "<strong>接机的三辆车</strong>绕道雪桥，最晚的一辆凌晨两点才到。<em>没有人受伤。</em></p>"
    '<p>州交通厅的 511 电话有录音路况，英语；也可以看<a href="https://roads.example.org/">'
    "网上的摄像头</a>。“看不清对面的山，就别上路”，学联的老司机这样说。</p>"
    "<h2>出门之前</h2>"
    "<ul><li>雪刷、毯子、手机充电线<ul><li>水和一点吃的</li></ul></li><li>半箱以上的油</li></ul>"
    "<h3>如果陷住了</h3>"
    "<ol><li>留在车里，打开双闪。</li><li>清掉排气管周围的雪，再发动。</li></ol>"
    "<h4>电话</h4>"
    "<p>紧急情况打 911，会讲中文的同学轮流值班，名单在会员页。</p>"
    "<blockquote><p>我在车里等了三个小时，最想念的是一双厚袜子。</p></blockquote>"
    + _FIGURE.format(PICTURE, "林晓雨 摄", "清晨六点的雪桥，铲雪车刚过去。")
    + "<table><thead><tr><th>地点</th><th>积雪</th><th>通车</th></tr></thead><tbody>"
    "<tr><td>Pocatello</td><td>20 厘米</td><td>周一 6:00</td></tr>"
    "<tr><td>Inkom</td><td>31 厘米</td><td>周一 9:30，大车下午</td></tr></tbody></table>"
    "<hr><pre><code>511 → 2 → 15#</code></pre>"
)
BODY_EN = (
    "<p>Snow fell from ten on Sunday night until morning and lay eight inches deep in the valley. "
    "Interstate 15 was closed near Inkom for four hours; <strong>three cars from the airport</strong> "
    "took the snowbridge, and the last of them came in at two. <em>Nobody was hurt.</em></p>"
    "<p>Call 511 for the state of the roads, or look at "
    '<a href="https://roads.example.org/">the cameras</a>. “If you cannot see the hills, stay at home”, '
    "say those who have driven here for years. The word for it in Chinese is 雪桥, a bridge of snow.</p>"
    "<h2>Before you leave</h2>"
    "<ul><li>A brush, a blanket, a cable for the telephone<ul><li>water and something to eat</li></ul>"
    "</li><li>more than half a tank</li></ul>"
    "<h3>If you are stuck</h3>"
    "<ol><li>Stay in the car, with the hazard lights on.</li><li>Clear the exhaust, then start it.</li></ol>"
    "<h4>Telephone</h4>"
    "<p>In an emergency, 911. Members who speak Chinese take turns; their names are on the members’ page.</p>"
    "<blockquote><p>Three hours in the car, and what I missed most was a pair of thick socks.</p></blockquote>"
    + _FIGURE.format(PICTURE, "Photo: Lin Xiaoyu", "The snowbridge at six, after the plough.")
    + "<table><thead><tr><th>Place</th><th>Snow</th><th>Open from</th></tr></thead><tbody>"
    "<tr><td>Pocatello</td><td>8 in</td><td>Monday 6:00</td></tr>"
    "<tr><td>Inkom</td><td>12 in</td><td>Monday 9:30, lorries in the afternoon</td></tr></tbody></table>"
    "<hr><pre><code>511 → 2 → 15#</code></pre>"
)
