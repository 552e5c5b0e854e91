"""How well searches answer: a corpus, queries with their expected first hits, and nDCG.

The topics of relevance.toml stand among many announcements made from templates, which share most of
their everyday words.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from math import log2
from pathlib import Path

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from caisu.core.fulltext.text import KIND_MARK, TAG_MARK, document
from members.findable import name_keys

# All dates hang on this one, so that queries may name some.
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BEST, GOOD = 3, 1  # what a hit is worth
TAGGED = {"tag-visa": ["visa-f1", "visa-j1", "travel"], "tag-housing": ["housing", "dorm"]}

_CLUBS = [
    ("摄影社", "photography club"), ("话剧社", "theater club"), ("合唱团", "choir"),
    ("乒乓球队", "table tennis team"), ("舞蹈队", "dance group"), ("天文社", "astronomy club"),
    ("辩论队", "debating team"), ("读书会", "reading circle"), ("志愿者协会", "volunteers"),
    ("机器人社", "robotics club"),
]  # fmt: skip
_NEWS = [
    ("{zh}第{n}次例会", "{zh}本周在活动中心开例会，欢迎新人旁听。", "Meeting {n} of the {en}", "The {en} meets in the activity center this week; guests are welcome."),
    ("{zh}招新第{n}轮", "{zh}招收新成员，没有经验也可以来。", "The {en} looks for members, round {n}", "No experience is needed to join the {en}."),
    ("{zh}学期总结（{n}）", "{zh}回顾本学期的活动，感谢每一位参加者。", "The {en} looks back, part {n}", "Thanks to everybody who took part this semester."),
    ("{zh}周末排练安排{n}", "{zh}周末照常排练，地点改到艺术楼。", "Weekend rehearsal {n} of the {en}", "The {en} rehearses as usual, now in the arts building."),
]  # fmt: skip


def load() -> dict[int, str]:
    """Writes the corpus into the index, in place of what is there; returns the key of each number."""
    data = tomllib.loads(Path(__file__).with_name("relevance.toml").read_text("utf-8"))
    keys = [*data["topics"], *data["people"], *data["tags"]]
    numbers = {key: number for number, key in enumerate(keys, 1)}
    rows = []

    def add(kind, number, language, days, kept):
        rows.append(
            Entry(
                kind=kind,
                object_id=number,
                language=language,
                audience="everyone",
                published_at=NOW - timedelta(days=days),
                document=kept,
            )
        )

    for key, (title_zh, text_zh, title_en, text_en, days) in data["topics"].items():
        tags = [f"{TAG_MARK}{numbers[tag]}" for tag, some in TAGGED.items() if key in some]
        about = [f"{KIND_MARK}article", *tags]
        add("article", numbers[key], "zh-hans", days, document(title_zh, text_zh, (), about))
        add("article", numbers[key], "en", days, document(title_en, text_en, (), about))
    for key, name in data["people"].items():
        kept = document(name, f"@{key}", name_keys(name).split(), [f"{KIND_MARK}member"])
        add("member", numbers[key], "", 300, kept)
    for key, (zh, en) in data["tags"].items():
        add("tag", numbers[key], "zh-hans", 30, document(zh, "", (), [f"{KIND_MARK}tag"]))
        add("tag", numbers[key], "en", 30, document(en, "", (), [f"{KIND_MARK}tag"]))
    number = 10_000
    for n in range(1, 4):
        for zh, en in _CLUBS:
            for title_zh, text_zh, title_en, text_en in _NEWS:
                number += 1
                filled = [each.format(zh=zh, en=en, n=n) for each in (title_zh, text_zh, title_en, text_en)]  # fmt: skip
                about = [f"{KIND_MARK}article"]
                add("article", number, "zh-hans", number % 400, document(*filled[:2], (), about))
                add("article", number, "en", number % 400, document(*filled[2:], (), about))
    Entry.objects.all().delete()
    Entry.objects.bulk_create(rows)
    return {number: key for key, number in numbers.items()}


def queries() -> dict[str, list[str]]:
    """The queries, each with the keys of its answers, the best first; none where nothing should be found."""
    data = tomllib.loads(Path(__file__).with_name("relevance.toml").read_text("utf-8"))
    return data["queries"]


def ndcg(found: list[str], expected: list[str]) -> float:
    """Normalized discounted cumulative gain of the first ten hits, from 0 to 1.

    Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002). Where
    nothing is expected, 1 for nothing found.
    """
    if not expected:
        return float(not found)
    gains = {key: GOOD for key in expected} | {expected[0]: BEST}

    def gain(keys: list[str]) -> float:
        return sum(gains.get(key, 0) / log2(place + 2) for place, key in enumerate(keys[:10]))

    return gain(found) / gain(expected)


def measure() -> dict[str, tuple[float, list[str]]]:
    """For each query its nDCG@10, and what was found."""
    keys = load()
    figures = {}
    for query, expected in queries().items():
        hits = fulltext.search(query, ["everyone"], "zh-hans").hits
        found = [keys.get(hit.object_id, f"other {hit.object_id}") for hit in hits[:10]]
        figures[query] = ndcg(found, expected), found
    return figures
