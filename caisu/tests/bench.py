"""Measures the pages of a small and of a large community: ``make bench``.

In a database of its own, through the whole stack but the socket. ARTICLES, COMMENTS and MEMBERS of
the environment say how large the large one is. Figures are for comparing one tree with another on
one machine; no test asserts them.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 30


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


def median_ms(client, path: str) -> float:
    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        response = client.get(path, headers={"host": "127.0.0.1"})
        times.append((time.perf_counter() - start) * 1000)
        assert response.status_code == 200, (path, response.status_code)
    return statistics.median(times)


def pages() -> dict[str, str]:
    from django.utils.translation import override

    from news.models import Article

    longest = (
        Article.objects.published().filter(audience="everyone").order_by("-comment_count").first()
    )
    oldest = Article.objects.published().order_by("publish_at")[19:20].get()
    with override("zh-hans"):
        return {
            "front page": "/zh-hans/",
            "category": "/zh-hans/news/local-news/",
            "last list page": f"/zh-hans/news/?before={oldest.pk}",
            f"article, {longest.comment_count} comments": longest.get_absolute_url(),
            "search 驾照": "/zh-hans/search/?q=驾照",
        }


def measure(title: str) -> None:
    from django.core.cache import cache
    from django.test import Client

    from members.models import Member

    member = Client()
    member.force_login(Member.objects.get(username="bob"))
    print(f"\n{title}: median of {ROUNDS}, ms\n{'':32}visitor  member")
    for name, path in pages().items():
        figures = []
        for client in (Client(), member):
            cache.clear()  # the limits on searching, too
            figures.append(median_ms(client, path))
        print(f"{name:<32}" + "  ".join(f"{figure:6.1f}" for figure in figures))


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="caisu-bench-") as directory:
        prepare(directory)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("demo", stdout=open(os.devnull, "w"))  # noqa: SIM115 - closed with the process
        measure("demo community")
        size = {
            name: int(os.environ.get(name.upper(), default))
            for name, default in (("members", 500), ("articles", 2000), ("comments", 20_000))
        }
        call_command("demo", stdout=open(os.devnull, "w"), **size)  # noqa: SIM115
        measure(", ".join(f"+{count} {name}" for name, count in size.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
