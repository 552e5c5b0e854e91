"""Canaries: words that stand only in what a reader may not read, looked for in every way there is."""

import os
from datetime import timedelta
from time import process_time

from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Member
from news.models import Tag

from . import without_limits

# In what each of them stands; all are found together by “snowdrift”, which is public too.
SECRETS = {
    "draft": "canaryalpha", "scheduled": "canarybravo", "withdrawn": "canarycharlie",
    "held": "canarydelta", "removed": "canaryecho", "hidden": "canaryfoxtrot",
    "tag": "canarygolf", "under a draft": "canaryhotel",
}  # fmt: skip
MEMBERS_ONLY = "canaryindia"
WAYS = [
    "{}", "“{}”", "canary", "snowdrift {}", "in:title {}", "title:{}", "author:{}", "tag:{}",
    "category:{}", "snowdrift author:{}", "snowdrift tag:{}", "after:2000 {}",
]  # fmt: skip


def hide_canaries():
    """Puts each secret into a thing of its own, and snowdrift into all of them and two more."""
    author = Member.objects.filter(username="alice").first() or make_member("alice")
    author.display_name = "Alice Snowdrift"
    author.save()

    def article(slug, word, **changes):
        texts = {"title_en": f"Snowdrift {word}", "body_en": f"<p>A snowdrift of {word}</p>"}
        return make_article(slug=slug, author=author, **{**texts, "title_zh_hans": ""}, **changes)

    public = article("public", "for everyone")
    article("closed", MEMBERS_ONLY, audience="members")
    draft = article("draft", SECRETS["draft"], status="draft", publish_at=None)
    later = timezone.now() + timedelta(days=1)
    article("scheduled", SECRETS["scheduled"], publish_at=later)
    article("withdrawn", SECRETS["withdrawn"], status="withdrawn")
    make_comment(public, author, body="Snowdrift here")
    make_comment(public, author, body=f"Snowdrift {SECRETS['held']}", state="held")
    make_comment(public, author, body=f"Snowdrift {SECRETS['removed']}", state="removed")
    make_comment(draft, author, body=f"Snowdrift {SECRETS['under a draft']}")
    name = f"Snowdrift {SECRETS['hidden']}"
    hidden = make_member(SECRETS["hidden"], display_name=name, visibility="nobody")
    make_comment(public, hidden, body="Nothing to see")
    tag = Tag.objects.create(slug="g", name_zh_hans=SECRETS["tag"], name_en=SECRETS["tag"])
    draft.tags.add(tag)
    for index in fulltext.indexes():
        if things := list(index.queryset()):
            fulltext.refresh(*things)
    run_due()


class LeakTests(CastTestCase):
    def setUp(self):
        super().setUp()
        hide_canaries()
        without_limits(self)

    def ask(self, query, **data):
        return self.client.get("/en/search/", {"q": query, **data})

    def suggested(self, query):
        answer = self.client.get("/en/search/suggestions/", {"q": query})
        return answer.json()["suggestions"]

    def test_every_canary_has_a_row_for_the_desk_alone(self):
        for word in SECRETS.values():
            if word != SECRETS["tag"]:  # nobody needs a tag of drafts
                audiences = set(
                    Entry.objects.filter(document__contains=word).values_list("audience", flat=True)
                )
                self.assertEqual(audiences, {"staff"}, word)

    def test_nobody_finds_counts_or_is_suggested_a_canary(self):
        pending = make_member("newcomer", standing="pending")
        for reader in (None, pending, self.bob):
            self.login(reader)
            secrets = [*SECRETS.values(), *([] if reader == self.bob else [MEMBERS_ONLY])]
            for secret in secrets:
                for way in WAYS:
                    query = way.format(secret)
                    with self.subTest(reader=reader, query=query):
                        response = self.ask(query)
                        shown = [
                            "".join(text for _hit, text in (*found.title, *found.passage))
                            for found in response.context.get("results", [])
                        ]
                        self.assertNotIn(secret, " ".join(shown).lower())
                        if secret in query:
                            self.assertEqual(response.context["found"].total, 0)
                            self.assertFalse(any(response.context["found"].counts.values()))
                        suggested = str(self.suggested(query)).lower()
                        self.assertNotIn(secret, suggested)

    def test_totals_and_counts_leave_out_what_is_not_shown(self):
        for reader, total, kinds in (
            (None, 2, {"article": 1, "comment": 1}),
            (self.bob, 4, {"article": 2, "comment": 1, "member": 1}),
        ):
            self.login(reader)
            found = self.ask("snowdrift").context["found"]
            self.assertEqual((found.total, dict(found.counts["kind"])), (total, kinds))
            for kind, number in kinds.items():
                narrowed = self.ask("snowdrift", kind=kind).context["found"]
                self.assertEqual(narrowed.total, number)

    def test_a_member_made_hidden_is_gone_at_once(self):
        self.login(self.bob)
        self.assertTrue(self.suggested("alice snow"))
        Member.objects.filter(username="alice").update(visibility="nobody")
        alice = Member.objects.get(username="alice")
        fulltext.refresh(alice)  # no job has run
        self.assertEqual(self.suggested("alice snow"), [])
        self.assertEqual(self.ask("author:alice").context["found"].total, 0)
        self.assertNotIn("member", dict(self.ask("snowdrift").context["found"].counts["kind"]))

    def test_hostile_filters_are_none(self):
        for data in (
            {"kind": "'"}, {"kind": "x" * 500}, {"category": "a b"}, {"year": "99999"},
            {"year": "²"}, {"language": "*"}, {"after": "'"}, {"kind": "\0"}, {"category": "※a"},
        ):  # fmt: skip
            self.assertEqual(self.ask("snowdrift", **data).status_code, 200, data)


class RandomQueryTests(HypothesisTestCase):
    """As many queries as QUERIES of the environment says; 10,000 of them take some minutes."""

    number = int(os.environ.get("QUERIES", "150"))
    tokens = [
        "snowdrift",
        "canary",
        "author:",
        "tag:",
        "category:",
        "before:",
        "after:",
        "in:title",
        "作者：",
        "标签：栏目：早于：晚于：",
        "-",
        '"',
        "“",
        "”",
        "「",
        "」",
        "(",
        ")",
        "*",
        "%",
        "_",
        "NEAR(",
        "AND",
        "OR",
        "NOT",
        "^",
        ":",
        "|",
        "&",
        "!",
        "<",
        ">",
        "~",
        "\\",
        "'",
        "\x00",
        "·",
        "≈",
        "♪",
        "※",
        "§",
        "¶",
        "¤",
        "春节",
        "節",
        "2026",
        "2026-02-30",
        "F-1",
        "é",
        "ß",
        "👩\u200d👩\u200d👧",
        "�",
        "\u202e",
        "{",
        "}",
        "[",
        "]",
        ";",
        "--",
        "/*",
        "core_entry",
    ]

    def setUp(self):
        without_limits(self)

    @classmethod
    def setUpTestData(cls):
        hide_canaries()
        Client().get("/en/search/", {"q": "snowdrift"})  # reads the templates

    @settings(max_examples=number, deadline=None)
    @given(
        st.one_of(
            st.text(max_size=250),
            st.lists(st.sampled_from(tokens), max_size=12).map("".join),
            st.lists(st.sampled_from(tokens), max_size=12).map(" ".join),
        ),
        st.booleans(),
    )
    def test_no_query_is_an_error_or_finds_a_canary(self, query, is_suggestion):
        path = "/en/search/suggestions/" if is_suggestion else "/en/search/"
        # As a browser would send it: a lone surrogate has no bytes of its own.
        query = query.encode("utf-8", "replace").decode()
        began = process_time()  # not the clock of a machine that does other things too
        response = Client().get(path, {"q": query})
        self.assertLess(process_time() - began, 0.5)
        self.assertEqual(response.status_code, 200)
        text = response.content.decode().lower()
        self.assertFalse([word for word in (*SECRETS.values(), MEMBERS_ONLY) if word in text])
