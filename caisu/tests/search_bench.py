"""A large community in which every word is found: texts whose words are as frequent as in nature.

Measured is the search page as a visitor asks for it, from the first query to the last byte. The
words are invented, and distributed by Zipf's law; each tenth of the texts holds COMMON.
"""

import itertools
import os
import statistics
import time
from contextlib import redirect_stderr
from datetime import timedelta
from importlib import import_module
from random import Random

COMMON = ("通知", "notice")
TITLES, TEXTS, COMMENTS = (8, 6), (150, 60), (14, 10)  # words in Chinese, in English
ROUNDS = 5
BATCH = 1000
# Characters of everyday use, in the order of the alphabet of GB 2312.
HAN = [
    bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)
]
SYLLABLES = [
    a + b
    for a in [
        "b",
        "c",
        "d",
        "f",
        "g",
        "h",
        "k",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "t",
        "v",
        "w",
        "st",
        "tr",
        "pl",
    ]
    for b in "aeiou"
]


class Words:
    """Draws words of one language, each about as often as its place in the order of frequency says."""

    def __init__(self, words: list[str], random: Random, gap: str, common: str) -> None:
        self.words, self.random, self.gap, self.common = words, random, gap, common
        self.weights = list(itertools.accumulate(1 / (n + 8) for n in range(len(words))))

    def text(self, number: int) -> str:
        drawn = self.random.choices(self.words, cum_weights=self.weights, k=number)
        if self.random.random() < 0.1:
            drawn[self.random.randrange(number)] = self.common
        return self.gap.join(drawn)


def languages() -> dict[str, Words]:
    random = Random(2027)  # noqa: S311 - the same words each time
    chinese = [
        "".join(random.choices(HAN[:3755], k=random.choice([1, 2, 2, 2, 3]))) for _ in range(30_000)
    ]
    english = [
        "".join(random.choices(SYLLABLES, k=random.choice([1, 2, 2, 3, 3, 4])))
        for _ in range(15_000)
    ]
    return {
        "zh_hans": Words(chinese, random, "", COMMON[0]),
        "en": Words(english, random, " ", COMMON[1]),
    }


def grow(articles: int, comments: int) -> None:
    """Loads the demo, and so many articles and comments with words of their own, and their entries."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from caisu.core.fulltext.registry import indexes, write
    from members.models import Member
    from news.comments.models import Comment
    from news.models import Article, Category

    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        call_command("demo", stdout=nowhere)
    words, random, now = languages(), Random(7), timezone.now()  # noqa: S311
    kinds = {index.kind: index for index in indexes()}
    people = list(Member.objects.active())
    places = list(Category.objects.all())

    def some_time_ago():
        return now - timedelta(days=random.random() * 1500)

    def article(number):
        texts = {
            f"{part}_{code}": each.text(size[code == "en"])
            for code, each in words.items()
            for part, size in (("title", TITLES), ("body", TEXTS))
        }
        texts |= {name: text[:150] for name, text in texts.items() if name.startswith("title")}
        return Article(
            slug=f"found-{number}",
            category=random.choice(places),
            author=random.choice(people),
            status=Article.Status.PUBLISHED,
            publish_at=some_time_ago(),
            released_at=now,
            **texts,
        )

    def comment(number):
        language = words[random.choice(["zh_hans", "zh_hans", "en"])]
        size = COMMENTS[language.gap == " "]
        return Comment(
            article=random.choice(targets),
            author=random.choice(people),
            body=language.text(random.randint(size // 2, size * 2)),
            state="visible",
            created_at=some_time_ago(),
        )

    def load(kind, make, manager, count):
        for start in range(0, count, BATCH):
            rows = [make(number) for number in range(start, min(start + BATCH, count))]
            made = manager.bulk_create(rows)
            if kind == "comment":
                for row in made:
                    row.audience = "everyone"
            else:
                made = list(kinds[kind].queryset().filter(pk__in=[row.pk for row in made]))
            write(kinds[kind], made, with_text=True)

    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:  # built at once it takes minutes, row by row hours
            cursor.execute("DROP INDEX core_entry_index")
    load("article", article, Article.objects, articles)
    targets = list(Article.objects.published().order_by("-pk").select_related("category")[:20_000])
    load("comment", comment, Comment.objects, comments)
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET maintenance_work_mem = '1GB'")
            cursor.execute(import_module("caisu.core.migrations.0002_fulltext_index").INDEX)
        cursor.execute("VACUUM ANALYZE" if is_postgresql else "ANALYZE")


def queries(words: dict[str, Words]) -> dict[str, list[str]]:
    """Queries of several sorts, words from all over the order of frequency."""
    zh, en = words["zh_hans"].words, words["en"].words
    places = [30, 80, 200, 500, 1000, 2000, 4000, 8000]
    return {
        "a word": [zh[n] for n in places if len(zh[n]) > 1] + [en[n] for n in places],
        "two words": [f"{zh[n]} {zh[n // 2]}" for n in places]
        + [f"{en[n]} {en[n // 2]}" for n in places],
        "a phrase": [f"“{en[n]} {en[3 * n]}”" for n in places[:4]]
        + [zh[n] + zh[2 * n] for n in places[:4]],
        "one character": [zh[n][0] for n in places],
        "a filter": [f"{zh[n]} after:2025" for n in places[:4]]
        + [f"in:title {en[n]}" for n in places[:4]],
        "very common": [*COMMON, f"{COMMON[0]} {zh[5]}", f"{COMMON[1]} -{en[40]}"],
    }


def measure() -> dict[str, tuple[float, float, float]]:
    """Median, 95th percentile and longest of the shortest times in ms, for each sort of query."""
    from django.test import Client

    from caisu.core.throttling import Limit
    from caisu.search import views

    views.ADDRESS, views.VISITORS = [], []
    views.SUGGESTIONS = Limit("bench", times=10**9, seconds=3600)
    client = Client()
    asked = queries(languages())
    times: dict[tuple[str, str], float] = {}
    for _round in range(ROUNDS):
        for sort, some in asked.items():
            for query in some:
                for page in ("", "suggestions/"):
                    start = time.perf_counter()
                    response = client.get(
                        f"/zh-hans/search/{page}", {"q": query}, headers={"host": "127.0.0.1"}
                    )
                    spent = (time.perf_counter() - start) * 1000
                    assert response.status_code == 200, (query, response.status_code)
                    key = (page or sort, query)
                    times[key] = min(spent, times.get(key, spent))
    figures = {}
    for sort in [*asked, "all", "suggestions/"]:
        some = sorted(
            ms
            for (of, _query), ms in times.items()
            if of == sort or (sort == "all" and of != "suggestions/")
        )
        figures[sort] = statistics.median(some), some[int(len(some) * 0.95)], some[-1]
    return figures


def sizes() -> dict[str, float]:
    """What searching adds to the database, in multiples of the text that is found."""
    from django.db import connection

    from caisu.core.fulltext.models import Entry

    lines = Entry.objects.extra(where=["id %% 50 = 0"]).values_list("document", flat=True)
    some = [document.split("\n")[:2] for document in lines.iterator()]
    text = 50 * sum(len("".join(each).encode()) for each in some) or 1
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_relation_size('core_entry_index'), pg_total_relation_size('core_entry')"
            )
            terms, everything = cursor.fetchone()
        else:
            cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'core_entry_index%%'")
            (terms,) = cursor.fetchone()
            cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%%core_entry%%'")
            (everything,) = cursor.fetchone()
    return {
        "text, MB": text / 1e6,
        "index of the terms, × text": terms / text,
        "rows with the folded text, × text": (everything - terms) / text,
    }


def costs() -> dict[str, float]:
    """Milliseconds that a change of an article costs more: in its transaction, and in the job."""
    from django.db import transaction

    from caisu.core import fulltext
    from caisu.core.fulltext.registry import fill_now, index_of_kind
    from news.models import Article

    index = index_of_kind("article")
    articles = list(index.queryset().order_by("-pk")[:30])
    times: dict[str, list[float]] = {"in its transaction, ms": [], "in the job, ms": []}
    for article in articles:
        start = time.perf_counter()
        with transaction.atomic():
            fulltext.refresh(article)
        times["in its transaction, ms"].append((time.perf_counter() - start) * 1000)
        Article.objects.filter(pk=article.pk).update(body_en=article.body_en + " once more")
        start = time.perf_counter()
        fill_now(index, [article.pk])
        times["in the job, ms"].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(some) for name, some in times.items()}


def relevant() -> float:
    """The mean nDCG@10 of the queries of core's relevance test."""
    from unittest.mock import patch

    from caisu.core.fulltext import query
    from caisu.core.fulltext.models import Entry
    from caisu.core.tests import relevance

    with patch.object(query.timezone, "now", return_value=relevance.NOW):
        figures = relevance.measure().values()
    Entry.objects.all().delete()
    return statistics.mean(value for value, _found in figures)


def report(database: str, articles: int, comments: int) -> None:
    """Prints how well and how fast searches are answered."""
    print(f"\n{database}, search: nDCG@10 {relevant():.3f}")
    grow(articles, comments)
    print(f"{articles:,} articles, {comments:,} comments; shortest of {ROUNDS}")
    print(f"{'query':<24}{'median ms':>12}{'95 %':>10}{'longest':>10}")
    for sort, figures in measure().items():
        print(f"{sort:<24}{figures[0]:12.1f}{figures[1]:10.1f}{figures[2]:10.1f}")
    for name, figure in {**sizes(), **costs()}.items():
        print(f"{name:<36}{figure:10.2f}")
