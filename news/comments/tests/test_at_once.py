"""The same at the same time: what several threads, or two clicks, do to one conversation."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from django.urls import reverse

from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from news.comments import liking, posting
from news.comments.forms import LONGEST, OPENED, CommentForm
from news.comments.models import Comment
from news.models import Article

TIMES = 10


class ParallelTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        self.alice, self.bob = make_member("alice"), make_member("bob")
        self.article = make_article(author=self.alice)

    def at_once(self, do):
        """Runs ``do`` in as many threads, each with a connection of its own."""

        def one(number):
            try:
                return do(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(TIMES) as pool:
            return list(pool.map(one, range(TIMES)))

    def test_same_form_ten_times_makes_one_comment(self):
        data = {"body": "Sent by an impatient finger.", "token": str(uuid.uuid4())}
        clients = []
        for _n in range(TIMES):
            client = Client()
            client.force_login(self.bob)
            clients.append(client)
        url = reverse("comments:post", args=[self.article.pk])
        answers = self.at_once(lambda number: clients[number].post(url, data))
        self.assertEqual({answer.status_code for answer in answers}, {302})
        comment = Comment.objects.get()
        self.assertTrue(all(f"#comment-{comment.pk}" in answer["Location"] for answer in answers))
        self.assertEqual(Article.objects.get().comment_count, 1)
        self.bob.refresh_from_db()
        self.assertEqual(self.bob.approved_count, 11)

    def test_ten_comments_are_counted(self):
        self.at_once(
            lambda number: posting.post_comment(
                self.article, self.bob, f"Number {number}", uuid.uuid4()
            )
        )
        self.assertEqual(Comment.objects.count(), TIMES)
        self.assertEqual(Article.objects.get().comment_count, TIMES)

    def test_ten_likes_are_counted_and_ten_of_one_member_are_one(self):
        comment = make_comment(self.article, self.alice)
        people = [make_member(f"reader{number}") for number in range(TIMES)]
        self.at_once(lambda number: liking.like(comment, people[number]))
        self.at_once(lambda number: liking.like(comment, self.bob))
        comment.refresh_from_db()
        self.assertEqual((comment.like_count, comment.likes.count()), (TIMES + 1, TIMES + 1))
        self.at_once(lambda number: liking.unlike(comment, self.bob))
        comment.refresh_from_db()
        self.assertEqual((comment.like_count, comment.likes.count()), (TIMES, TIMES))


class StampTests(CastTestCase):
    def seconds(self, stamp):
        data = {"body": "Hello", "token": str(uuid.uuid4()), "opened": stamp}
        form = CommentForm(data, article=self.article, reader=self.alice)
        self.assertTrue(form.is_valid(), form.errors)
        return form.cleaned_data["opened"]

    def stamp(self, ago, salt=OPENED):
        return signing.dumps(time.time() - ago, salt=salt)

    def test_time_from_showing_to_sending(self):
        self.assertAlmostEqual(self.seconds(self.stamp(40)), 40, delta=2)
        shown = CommentForm(article=self.article, reader=self.alice)
        self.assertAlmostEqual(self.seconds(shown["opened"].value()), 0, delta=2)

    def test_stale_forged_and_missing_ones_say_nothing(self):
        late, early = self.stamp(LONGEST + 9), self.stamp(-60)
        foreign, torn = self.stamp(5, salt="members.signup"), self.stamp(5)[:-2]
        for stamp in (late, early, foreign, torn, "", "x", "a:b:c", "\0", "9" * 10_000):
            self.assertIsNone(self.seconds(stamp), stamp[:40])


class SpeedTests(CastTestCase):
    def test_what_is_typed_in_no_time_is_told_to_the_filter(self):
        self.login(self.bob)
        data = {
            "body": "Hello",
            "token": str(uuid.uuid4()),
            "opened": signing.dumps(time.time() - 1, salt=OPENED),
        }
        with mock.patch("news.comments.posting.check", wraps=posting.check) as check:
            self.client.post(reverse("comments:post", args=[self.article.pk]), data)
        self.assertAlmostEqual(check.call_args.args[0].seconds, 1, delta=1)

    def test_page_has_the_stamp_and_errors_keep_it(self):
        self.login(self.bob)
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, '<input type="hidden" name="opened" value="')
        stamp = signing.dumps(time.time() - 77, salt=OPENED)
        data = {"body": "", "token": str(uuid.uuid4()), "opened": stamp}
        back = self.client.post(reverse("comments:post", args=[self.article.pk]), data)
        self.assertContains(back, stamp)
