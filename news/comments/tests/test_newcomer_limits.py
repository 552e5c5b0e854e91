"""What a newcomer may do at once: few links, some time between, less on the first day; nothing is lost."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core import throttling
from caisu.tests.cast import CastTestCase, make_comment, make_member
from news.comments.models import Comment

START = 1_900_800_000
TWO = "Look: https://one.example/ and https://two.example/ \U0001f642\n\n  indented"


class NewcomerTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.newt = make_member("newt", approved_count=0)
        cls.gus = make_member("gus", approved_count=3)

    def setUp(self):
        super().setUp()
        translation.activate("en")

    def at(self, seconds):
        return mock.patch.object(throttling, "clock", return_value=START + seconds)

    def send(self, who, body="Thank you.", token=None, **data):
        self.login(who)
        url = reverse("comments:post", args=[self.article.pk])
        return self.client.post(url, {"body": body, "token": str(token or uuid4()), **data})

    def typed(self, response):
        return response.context["comment_form"]["body"].value()


class LinkTests(NewcomerTestCase):
    def test_second_link_of_a_newcomer_is_the_form_again_with_every_character(self):
        for who in (self.newt, self.nina):
            response = self.send(who, TWO)
            self.assertContains(response, "New members may use 1 link in a text.")
            self.assertEqual(self.typed(response), TWO)
        self.assertFalse(Comment.objects.filter(author__in=[self.newt, self.nina]).exists())

    def test_one_link_is_welcome_and_waits(self):
        self.send(self.newt, "Look: https://one.example/")
        self.assertEqual(Comment.objects.get(author=self.newt).state, "held")

    def test_links_of_others_in_a_quotation_are_free(self):
        quoted = "> https://one.example/ https://two.example/\n\nThank you, https://three.example/"
        self.assertEqual(self.send(self.newt, quoted).status_code, 302)

    def test_member_may_have_two(self):
        self.assertEqual(self.send(self.gus, TWO).status_code, 302)

    def test_five_thousand_links_are_told_soon(self):
        text = "https://a.example/ " * 240
        self.assertContains(self.send(self.newt, text), "New members may use 1 link")

    def test_edit_does_not_add_them_either(self):
        comment = make_comment(self.article, self.newt, body="Without")
        self.login(self.newt)
        response = self.client.post(reverse("comments:edit", args=[comment.pk]), {"body": TWO})
        self.assertContains(response, "New members may use 1 link")
        self.assertEqual(response.context["form"]["body"].value(), TWO)
        self.assertEqual(Comment.objects.get(pk=comment.pk).body, "Without")


class PaceTests(NewcomerTestCase):
    def test_newcomer_waits_half_a_minute_and_members_five_seconds(self):
        for who, seconds in ((self.newt, 30), (self.gus, 5), (self.mona, 5)):
            with self.subTest(who=who):
                for moment, status in ((0, 302), (seconds - 1, 429), (seconds, 302)):
                    with self.at(moment):
                        self.assertEqual(self.send(who, f"At {moment}").status_code, status)

    def test_too_soon_is_the_form_again_with_the_text_and_the_time(self):
        with self.at(0):
            self.send(self.newt, "The first")
            response = self.send(self.newt, "The second,\n  as typed")
        self.assertContains(response, "Wait 31 seconds, then send it again", status_code=429)
        self.assertEqual(response["Retry-After"], "31")
        self.assertEqual(self.typed(response), "The second,\n  as typed")
        self.assertEqual(Comment.objects.filter(author=self.newt).count(), 1)

    def test_an_answer_stays_one(self):
        with self.at(0):
            self.send(self.newt, "The first")
            response = self.send(self.newt, "The second", parent=self.comment.pk)
        self.assertEqual(response.context["comment_form"].answered, self.comment)
        self.assertContains(response, "Replying to Alice", status_code=429)

    def test_same_form_sent_twice_is_one_comment_and_not_too_soon(self):
        token = uuid4()
        with self.at(0):
            for _click in range(3):
                self.assertEqual(self.send(self.newt, "Once", token).status_code, 302)
        self.assertEqual(Comment.objects.filter(author=self.newt).count(), 1)

    def test_what_was_too_soon_goes_through_later_from_the_same_form(self):
        token = uuid4()
        with self.at(0):
            self.send(self.newt, "The first")
            for _click in range(2):
                self.assertEqual(self.send(self.newt, "The second", token).status_code, 429)
        with self.at(30):
            self.assertEqual(self.send(self.newt, "The second", token).status_code, 302)

    def test_one_does_not_slow_another(self):
        with self.at(0):
            self.assertEqual(self.send(self.newt).status_code, 302)
            self.assertEqual(self.send(self.gus).status_code, 302)


class FirstDayTests(NewcomerTestCase):
    def setUp(self):
        super().setUp()
        self.today = make_member("today", approved_count=0, date_joined=timezone.now())

    def write(self, count):
        for _each in range(count):
            make_comment(self.article, self.today)

    def test_eleventh_comment_of_the_first_day_comes_back_with_its_text(self):
        self.write(9)
        self.assertEqual(self.send(self.today, "The tenth").status_code, 302)
        cache.clear()
        response = self.send(self.today, "The eleventh")
        self.assertContains(response, "new members write 10 comments", status_code=429)
        self.assertEqual(self.typed(response), "The eleventh")
        self.assertGreater(int(response["Retry-After"]), 23 * 3600)
        self.assertFalse(Comment.objects.filter(body="The eleventh").exists())

    def test_comments_taken_back_count(self):
        self.write(10)
        Comment.objects.filter(author=self.today).update(deleted_at=timezone.now())
        self.assertEqual(self.send(self.today).status_code, 429)

    def test_a_day_later_it_goes_on(self):
        self.write(10)
        self.today.date_joined -= timedelta(hours=24, minutes=1)
        self.today.save()
        self.assertEqual(self.send(self.today).status_code, 302)


class ChangeTests(NewcomerTestCase):
    def test_thirty_edits_a_day_and_the_next_comes_back_with_its_text(self):
        comment = make_comment(self.article, self.gus, body="As it was")
        self.login(self.gus)
        url = reverse("comments:edit", args=[comment.pk])
        with self.at(0):
            for number in range(30):
                response = self.client.post(url, {"body": f"Number {number}"})
                self.assertEqual(response.status_code, 302)
            response = self.client.post(url, {"body": "One more\nas typed"})
        self.assertContains(response, "changed many comments today", status_code=429)
        self.assertEqual(response.context["form"]["body"].value(), "One more\nas typed")
        self.assertIn("Retry-After", response)
        self.assertEqual(Comment.objects.get(pk=comment.pk).body, "Number 29")

    def test_two_a_minute_and_ten_a_day_are_taken_back(self):
        comments = [make_comment(self.article, self.gus) for _each in range(12)]
        self.login(self.gus)
        statuses = []
        for number, comment in enumerate(comments[:3]):
            with self.at(number):
                response = self.client.post(reverse("comments:delete", args=[comment.pk]))
                statuses.append(response.status_code)
        for number, comment in enumerate(comments[3:], 1):
            with self.at(60 * number):
                response = self.client.post(reverse("comments:delete", args=[comment.pk]))
                statuses.append(response.status_code)
        self.assertEqual(statuses, [302, 302, 429, *[302] * 8, 429])
        self.assertEqual(Comment.objects.filter(author=self.gus, deleted_at=None).count(), 2)
