"""Measures the pages of a small and of a large community, on both databases: ``make bench``.

In databases of its own, through the whole stack but the socket. ARTICLES of the environment says
how many the large one has; SMALL, how many the small one; MEMBERS, how many members it grows to,
and COMMENTS, how many comments in the end, each of them once held and decided about; WAITING others
wait in both. Figures are for comparing one tree with another on one machine; no test asserts them.
A page that has more to show in the large one (kB) takes longer for that alone: compare it with a
full page, and "profile" with itself for how busy the machine was.

    [THINGS=search] [ARTICLES=100000] python -m caisu.tests.bench [sqlite] [postgresql]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from itertools import product
from pathlib import Path

from caisu.tests import search_bench

ROUNDS = 30
SIZES = (int(os.environ.get("SMALL", "200")), int(os.environ.get("ARTICLES", "5000")))
COMMENTS_AN_ARTICLE, ARTICLES_A_MEMBER = 4, 10
COMMENTS_FOUND = 10  # for each article, in the community that is only searched
MEMBERS = (500, int(os.environ.get("MEMBERS", "50000")))
COMMENTS = (1000, int(os.environ.get("COMMENTS", "1000000")))
WAITING = 100  # in the small community of comments and in the large one


def prepare(directory: str) -> None:
    os.environ.update(
        CAISU_ENV_FILE="",
        SECRET_KEY="a measurement",
        SITE_URL="http://127.0.0.1:8000",
        DATABASE_URL=os.environ.get("DATABASE_URL") or f"sqlite:///{directory}/bench.sqlite3",
        DJANGO_SETTINGS_MODULE="caisu.settings",
        EMAIL_URL="memorymail://",
    )
    import django
    from django.conf import settings

    settings.MEDIA_ROOT = Path(directory) / "media"
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    django.setup()


def grow(articles: int = 0, members: int = 0) -> None:
    """Loads the demo, and a crowd until there are so many articles, or so many members."""
    from django.core.management import call_command
    from django.db import connection

    from members.models import Member
    from news.comments.models import Comment
    from news.models import Article

    def quietly(**size: int) -> None:
        with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
            call_command("demo", stdout=nowhere, **size)

    quietly()
    quietly(
        articles=max(0, articles - Article.objects.count()),
        comments=max(0, articles * COMMENTS_AN_ARTICLE - Comment.objects.count()),
        members=max(0, (members or articles // ARTICLES_A_MEMBER) - Member.objects.count()),
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def talk(comments: int) -> None:
    """A community of few articles in which so much is said, and so much decided.

    What is said is not found by search, and the same number waits, however much there is.
    """
    from random import Random

    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from caisu.demo import crowd
    from members.models import Member
    from members.moderation.models import Case
    from news.comments.models import Comment

    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        call_command("demo", stdout=nowhere)
    random, now = Random(2027), timezone.now()  # noqa: S311 - the same crowd each time
    people = list(Member.objects.active())
    crowd.add_waiting(WAITING - Case.objects.open().count(), now, random, people)
    crowd.add_comments(
        comments - Comment.objects.count(),
        now,
        random,
        people,
        lambda count: None,
        searchable=False,
        held=1,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def pages() -> dict[str, tuple[str, str]]:
    """Name, who looks and address of each page, in this community."""
    from django.urls import reverse
    from django.utils import timezone
    from django.utils.translation import override

    from members.models import Member
    from news.models import Article, Tag

    public = Article.objects.published().filter(audience="everyone")
    longest = public.order_by("-comment_count").first()
    oldest = public.order_by("publish_at")[19:20].get()
    half = public.count() // 2
    month = timezone.localtime(public.order_by("-publish_at")[half : half + 1].get().publish_at)
    tag = max(Tag.objects.current(), key=lambda tag: tag.articles.count())
    writers = Member.objects.filter(visibility="everyone", articles__in=public, articles__byline="")
    writer = max(writers.distinct(), key=lambda member: member.articles.count())
    with override("zh-hans"):
        return {
            "front page": ("visitor", "/zh-hans/"),
            "front page, member": ("member", "/zh-hans/"),
            "category": ("visitor", "/zh-hans/news/local-news/"),
            "month": ("visitor", reverse("news:month", args=[month.year, month.month])),
            "tag": ("visitor", tag.get_absolute_url()),
            "author": ("visitor", reverse("news:author", args=[writer.username])),
            "last list page": ("visitor", f"/zh-hans/news/?before={oldest.pk}"),
            "most read": ("visitor", reverse("news:most_read")),
            "article, most comments": ("visitor", longest.get_absolute_url()),
            "the same, member": ("member", longest.get_absolute_url()),
            "feed": ("visitor", "/feeds/zh-hans/news.atom"),
            "search 驾照": ("visitor", "/zh-hans/search/?q=驾照"),
            "admin list": ("editor", "/admin/news/article/"),
            "admin list, 2024": ("editor", "/admin/news/article/?publish_at__year=2024"),
            "admin list, few found": ("editor", "/admin/news/article/?q=驾照"),
            "admin list, half found": ("editor", "/admin/news/article/?q=the"),
            "admin, translations": ("editor", "/admin/news/article/translations/"),
        }


def pages_of_members() -> dict[str, tuple[str, str]]:
    """The same for the pages that list people."""
    from members.models import Member

    directory, people = "/zh-hans/members/", "/admin/members/member/"
    rare = Member.objects.listed().filter(display_name__contains="欧阳").first()
    oldest = Member.objects.listed().order_by("pk")[59:60].get()
    newest = Member.objects.order_by("-pk").first()
    return {
        "directory": ("member", directory),
        "last page of it": ("member", f"{directory}?before={oldest.pk}"),
        "affiliation": ("member", f"{directory}?affiliation=student"),
        "department": ("member", f"{directory}?department=计算机科学"),
        "a small department": ("member", f"{directory}?department=Anthropology"),
        "province": ("member", f"{directory}?province=SC"),
        "year of arrival": ("member", f"{directory}?arrived=2024"),
        "three filters": (
            "member",
            f"{directory}?affiliation=student&province=SC&department=计算机科学",
        ),
        "name, every fourth: li": ("member", f"{directory}?q=li"),
        "name, frequent: 张": ("member", f"{directory}?q=张"),
        "initials: zw": ("member", f"{directory}?q=zw"),
        "name, rare: ouyang": ("member", f"{directory}?q=ouyang"),
        "handle": ("member", f"{directory}?q={rare.username if rare else 'alice'}"),
        "name and filter": ("member", f"{directory}?q=li&department=Anthropology"),
        "site search: zhang": ("member", "/zh-hans/search/?q=zhang"),
        "profile": ("member", "/zh-hans/members/alice/"),
        "admin list": ("webmaster", people),
        "admin, standing": ("webmaster", f"{people}?standing__exact=pending"),
        "admin, affiliation": ("webmaster", f"{people}?affiliation__exact=student"),
        "admin, e-mail": ("webmaster", f"{people}?q={newest.email}"),
        "admin, handle": ("webmaster", f"{people}?q={newest.username}"),
        "admin, name": ("webmaster", f"{people}?q=张伟"),
        "admin, frequent: 李": ("webmaster", f"{people}?q=李"),
        "admin, every fourth: li": ("webmaster", f"{people}?q=li"),
        "admin, name and filter": ("webmaster", f"{people}?q=李&standing__exact=pending"),
    }


def pages_of_talk() -> dict[str, tuple[str, str]]:
    """The same for the pages on which is talked, and what keeps them clean."""
    from django.utils.translation import override

    from news.comments.models import Comment
    from news.models import Article

    longest = Article.objects.published().filter(audience="everyone").order_by("-comment_count")
    heads = Comment.objects.visible().filter(article=longest[0], root=None).order_by("created_at")
    middle = heads[heads.count() // 2]
    queue, log = "/admin/moderation/case/", "/admin/moderation/decision/"
    with override("zh-hans"):
        article = longest[0].get_absolute_url()
    return {
        "front": ("visitor", "/zh-hans/"),
        "thread, visitor": ("visitor", article),
        "thread, member": ("member", article),
        "middle of it": ("member", f"{article}?from={middle.pk}"),
        "notifications": ("member", "/zh-hans/accounts/notifications/"),
        "queue": ("moderator", queue),
        "queue, a kind": ("moderator", f"{queue}?kind=comment"),
        "decision log": ("moderator", log),
        "log, an act": ("moderator", f"{log}?action__exact=approve"),
        "log, by whom": ("moderator", f"{log}?q=mona"),
        "desk": ("moderator", "/admin/"),
    }


def measure(found: dict[str, tuple[str, str]]) -> dict[str, tuple[float, int, float]]:
    """For each page: shortest time in ms, since all that lasts longer is noise; queries; kilobytes."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from caisu.core.throttling import Limit
    from members import directory
    from members.models import Member

    who = {"member": "bob", "editor": "wei", "moderator": "mona", "webmaster": "webmaster"}
    readers = {"visitor": Client(), **{name: Client() for name in who}}
    for name, username in who.items():
        readers[name].force_login(Member.objects.get(username=username))
    directory.PAGES = Limit("directory", times=100_000, seconds=3600)
    times: dict[str, list[float]] = {name: [] for name in found}
    cache.clear()  # the limits on searching, too
    # All pages in turn, so that a moment in which the machine is busy spoils one time of each.
    for _round in range(ROUNDS):
        for name, (who, path) in found.items():
            start = time.perf_counter()
            response = readers[who].get(path, headers={"host": "127.0.0.1"})
            times[name].append((time.perf_counter() - start) * 1000)
            assert response.status_code == 200, (path, response.status_code)
    figures = {}
    for name, (who, path) in found.items():
        with CaptureQueriesContext(connection) as queries:
            response = readers[who].get(path, headers={"host": "127.0.0.1"})
        body = b"".join(response) if response.streaming else response.content
        figures[name] = min(times[name]), len(queries), len(body) / 1000
    return figures


def table(database: str, things: str, sizes: tuple[int, int], found: Callable[[], dict]) -> None:
    """Prints one row for each page: time, queries and size in both communities."""
    figures = []
    for size in sizes:
        talk(size) if things == "comments" else grow(**{things: size})
        figures.append(measure(found()))
    small, large = figures
    heads = [f"{size:,}" for size in sizes]
    print(f"\n{database}, {things}: {heads[0]} → {heads[1]}; shortest of {ROUNDS}")
    print(f"{'page':<24}{'ms':>18}{'×':>7}{'queries':>12}{'kB':>16}")
    for name, (ms, queries, size) in small.items():
        ms_large, queries_large, size_large = large[name]
        print(
            f"{name:<24}{ms:8.1f} → {ms_large:7.1f}{ms_large / ms:7.2f}"
            f"{queries:6} → {queries_large:3}{size:8.1f} → {size_large:5.1f}"
        )


# What grows in one and the same community, and what is measured in one of its own.
COMMUNITIES = ("articles members", "comments", "search")


def main() -> int:
    if database := os.environ.get("BENCH"):
        with tempfile.TemporaryDirectory(prefix="caisu-bench-") as directory:
            prepare(directory)
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            tables = {
                "articles": (SIZES, pages),
                "members": (MEMBERS, pages_of_members),
                "comments": (COMMENTS, pages_of_talk),
            }
            for things in os.environ["THINGS"].split():
                if things == "search":
                    search_bench.report(database, SIZES[1], SIZES[1] * COMMENTS_FOUND)
                else:
                    table(database, things, *tables[things])
        return 0

    from caisu.tests.postgres import server

    def run(database: str, things: str, url: str = "") -> int:
        environment = {**os.environ, "BENCH": database, "THINGS": things, "DATABASE_URL": url}
        command = [sys.executable, "-m", "caisu.tests.bench"]
        return subprocess.run(command, env=environment).returncode

    asked = sys.argv[1:] or ["sqlite", "postgresql"]
    things = [os.environ["THINGS"]] if "THINGS" in os.environ else COMMUNITIES
    failed = 0
    for database, some in product(asked, things):
        if database == "postgresql":
            with server() as url:
                failed |= run(database, some, url)
        else:
            failed |= run(database, some)
    return failed


if __name__ == "__main__":
    sys.exit(main())
