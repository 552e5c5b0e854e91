"""Measures the pages of a small and of a large community, on both databases: ``make bench``.

In databases of its own, through the whole stack but the socket. ARTICLES of the environment says
how many the large one has; SMALL, how many the small one. Figures are for comparing one tree with
another on one machine; no test asserts them.

    python -m caisu.tests.bench [sqlite] [postgresql]
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr
from pathlib import Path

ROUNDS = 30
SIZES = (int(os.environ.get("SMALL", "200")), int(os.environ.get("ARTICLES", "5000")))
COMMENTS_AN_ARTICLE, ARTICLES_A_MEMBER = 4, 10


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


def grow(articles: int) -> None:
    """Loads the demo, and a crowd until there are so many articles."""
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
        members=max(0, articles // ARTICLES_A_MEMBER - Member.objects.count()),
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


def measure() -> dict[str, tuple[float, int, float]]:
    """For each page: shortest time in ms, since all that lasts longer is noise; queries; kilobytes."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from members.models import Member

    readers = {"visitor": Client(), "member": Client(), "editor": Client()}
    readers["member"].force_login(Member.objects.get(username="bob"))
    readers["editor"].force_login(Member.objects.get(username="wei"))
    found = pages()
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


def table(database: str) -> None:
    """Prints one row for each page: time, queries and size in both communities."""
    small, large = (grow(size) or measure() for size in SIZES)
    heads = [f"{size:,}" for size in SIZES]
    print(f"\n{database}, articles: {heads[0]} → {heads[1]}; shortest of {ROUNDS}")
    print(f"{'page':<24}{'ms':>18}{'×':>7}{'queries':>12}{'kB':>16}")
    for name, (ms, queries, size) in small.items():
        ms_large, queries_large, size_large = large[name]
        print(
            f"{name:<24}{ms:8.1f} → {ms_large:7.1f}{ms_large / ms:7.2f}"
            f"{queries:6} → {queries_large:3}{size:8.1f} → {size_large:5.1f}"
        )


def main() -> int:
    if database := os.environ.get("BENCH"):
        with tempfile.TemporaryDirectory(prefix="caisu-bench-") as directory:
            prepare(directory)
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            table(database)
        return 0

    from caisu.tests.postgres import server

    def run(database: str, url: str = "") -> int:
        environment = {**os.environ, "BENCH": database, "DATABASE_URL": url}
        command = [sys.executable, "-m", "caisu.tests.bench"]
        return subprocess.run(command, env=environment).returncode

    asked = sys.argv[1:] or ["sqlite", "postgresql"]
    failed = 0
    for database in asked:
        if database == "postgresql":
            with server() as url:
                failed |= run(database, url)
        else:
            failed |= run(database)
    return failed


if __name__ == "__main__":
    sys.exit(main())
