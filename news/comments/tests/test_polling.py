"""“2 new comments”: what a page asks for while somebody looks at it."""

import re
from datetime import timedelta

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.models import Audience, SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation.models import State
from news.comments import polling


def path(name, *args):
    with override("en"):
        return reverse(name, args=args)


class PollingTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.url = path("comments:since", self.article.pk)
        self.at = timezone.now() - timedelta(minutes=10)
        self.after = polling.stamp(self.at)

    def say(self, author, seconds=1, article=None, **values):
        at = self.at + timedelta(seconds=seconds)
        return make_comment(article or self.article, author, shown_at=at, **values)

    def ask(self, reader=None, after=None, url=None, **headers):
        self.login(reader)
        query = {"after": self.after if after is None else after}
        return self.client.get(url or self.url, query, headers=headers)

    def test_counts_what_others_said_after_that(self):
        self.say(self.alice, seconds=0)
        self.assertEqual(self.ask().json()["count"], 0)
        first = self.say(self.alice, seconds=2)
        self.say(self.bob, seconds=3)
        answer = self.ask().json()
        self.assertEqual((answer["count"], answer["first"]), (2, first.pk))
        self.assertEqual(answer["text"], "2 new comments")
        self.assertEqual(answer["url"], path("comments:permalink", first.pk))
        self.assertEqual(self.ask(self.bob).json()["text"], "1 new comment")

    def test_not_what_is_not_for_everybody(self):
        self.say(self.alice, state=State.HELD)
        self.say(self.alice, state=State.SPAM)
        self.say(self.alice, deleted_at=timezone.now())
        self.say(self.alice, article=make_article())
        for reader in (None, self.alice, self.mona):
            self.assertEqual(self.ask(reader).json()["count"], 0)

    def test_what_is_let_through_comes_when_it_is(self):
        held = make_comment(self.article, self.nina, state=State.HELD)
        now = polling.stamp(timezone.now())
        self.assertEqual(self.ask(after=now).json()["count"], 0)
        held.restore()
        self.assertEqual(self.ask(after=now).json()["count"], 1)

    def test_304_while_nothing_changed(self):
        self.say(self.alice)
        etag = self.ask()["ETag"]
        answer = self.ask(**{"if-none-match": etag})
        self.assertEqual((answer.status_code, answer.content), (304, b""))
        self.say(self.alice, seconds=2)
        self.assertEqual(self.ask(**{"if-none-match": etag}).status_code, 200)

    def test_visitors_answer_may_be_shared_a_members_never(self):
        self.assertEqual(self.ask()["Cache-Control"], "public, max-age=15")
        self.assertIn("Cookie", self.ask()["Vary"])
        for headers in ({}, {"if-none-match": self.ask(self.bob)["ETag"]}):
            self.assertEqual(self.ask(self.bob, **headers)["Cache-Control"], "private, no-store")

    def test_what_one_may_not_read_is_not_found(self):
        members = make_article(audience=Audience.MEMBERS)
        draft = make_article(status="draft", publish_at=None)
        for article, reader, status in (
            (members, None, 404),
            (members, self.nina, 404),
            (members, self.bob, 200),
            (draft, self.bob, 404),
            (draft, self.mona, 404),
            (draft, self.wei, 200),
        ):
            answer = self.ask(reader, url=path("comments:since", article.pk))
            with self.subTest(article=article, reader=reader):
                self.assertEqual(answer.status_code, status)
                if status == 200:
                    self.assertEqual(answer["Cache-Control"], "private, no-store")
        self.assertEqual(self.ask(url=path("comments:since", 999_999)).status_code, 404)

    def test_nor_are_comments_for_members_alone(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"comments_audience": "members"})
        cache.clear()
        for reader, status in ((None, 404), (self.nina, 404), (self.bob, 200)):
            self.assertEqual(self.ask(reader).status_code, status)

    def test_nonsense_is_bad_input(self):
        for after in ("", "x", "-1", "²", "9" * 40, "9" * 18):
            with self.subTest(after=after):
                self.assertEqual(self.ask(after=after).status_code, 400)
        self.assertEqual(self.client.post(self.url).status_code, 405)

    def test_costs_the_same_at_1_and_at_20(self):
        self.ask(self.bob)
        for many in (1, 20):
            for number in range(many):
                self.say(self.alice, seconds=number + 1)
            with self.subTest(many=many), self.assertNumQueries(4):
                # session, member, article, comments
                self.client.get(self.url, {"after": self.after})

    def test_more_than_99_are_not_counted(self):
        for number in range(polling.MOST + 3):
            self.say(self.alice, seconds=number + 1)
        self.assertEqual(self.ask().json()["text"], "99+ new comments")

    def test_too_fast_is_429(self):
        self.login(self.bob)
        answers = [self.client.get(self.url, {"after": 1}).status_code for _n in range(121)]
        self.assertEqual((answers[0], answers[119], answers[120]), (200, 200, 429))


class AskingPageTests(CastTestCase):
    """Where the page says from when on to ask."""

    def since(self, reader=None, article=None, **query):
        self.login(reader)
        with override("en"):
            address = (article or self.article).get_absolute_url()
        found = re.search(r'data-since="([^"]+)"', self.client.get(address, query).content.decode())
        return found and found[1]

    def test_after_the_newest_that_stands_there(self):
        at = timezone.now()
        make_comment(self.article, self.alice, shown_at=at)
        make_comment(self.article, self.bob, shown_at=at + timedelta(seconds=5), state=State.HELD)
        for reader in (None, self.bob, self.mona):
            self.assertTrue(self.since(reader).endswith(f"?after={polling.stamp(at)}"))

    def test_of_a_long_conversation_from_now_on(self):
        before = polling.stamp(timezone.now())
        for _number in range(55):
            make_comment(self.article, self.alice, shown_at=timezone.now())
        after = int(self.since().partition("?after=")[2])
        self.assertGreater(after, before)
        self.assertLessEqual(after, polling.stamp(timezone.now()))

    def test_from_the_beginning_where_nobody_said_anything(self):
        self.assertTrue(self.since(article=make_article()).endswith("?after=0"))

    def test_not_where_nothing_more_comes(self):
        self.assertIsNone(self.since(article=make_article(comments_open=False)))
        self.assertIsNone(self.since(article=make_article(status="archived")))

    def test_stamps_are_exact(self):
        for micro in (0, 1, 499_999, 999_999):
            at = timezone.now().replace(microsecond=micro)
            self.assertEqual(polling.moment(polling.stamp(at)), at)
