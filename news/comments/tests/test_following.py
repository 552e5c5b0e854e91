"""Following a conversation, and what is new in it since somebody was here."""

from datetime import timedelta
from uuid import uuid4

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.models import Audience, SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members import signals
from members.notifications import telling as notifications
from members.notifications.listing import unseen_count
from news.comments import following, personal, polling, posting, threads
from news.comments.models import Reading


def path(name, *args):
    with override("en"):
        return reverse(name, args=args)


class FollowingTestCase(CastTestCase):
    def address(self, article=None):
        with override("en"):
            return (article or self.article).get_absolute_url()

    def page(self, reader, **query):
        self.login(reader)
        return self.client.get(self.address(), query)

    def reading(self, member):
        return Reading.objects.filter(member=member, article=self.article).first()


class FollowTests(FollowingTestCase):
    def setUp(self):
        super().setUp()
        self.url = path("comments:follow", self.article.pk)

    def test_a_button_on_and_off(self):
        self.assertContains(self.page(self.bob), 'name="on" value="1"')
        response = self.client.post(self.url, {"on": "1"})
        self.assertRedirects(response, f"{self.address()}#comments", fetch_redirect_response=False)
        self.assertTrue(self.reading(self.bob).follows)
        self.assertContains(self.page(self.bob), ">Following</button>")
        self.client.post(self.url, {"on": "0"})
        self.assertFalse(self.reading(self.bob).follows)

    def test_commenting_follows_unless_one_said_no(self):
        posting.post_comment(self.article, self.bob, "Hi.", uuid4(), seconds=30)
        self.assertTrue(self.reading(self.bob).follows)
        following.unfollow(self.article, self.bob)
        posting.post_comment(self.article, self.bob, "Hi again.", uuid4(), seconds=30)
        self.assertFalse(self.reading(self.bob).follows)

    def test_having_looked_is_no_answer(self):
        following.see(self.article, self.bob, timezone.now())
        self.assertIsNone(self.reading(self.bob).follows)
        following.joined(self.article, self.bob)
        self.assertTrue(self.reading(self.bob).follows)

    def test_own_post_is_followed_from_the_start(self):
        own = make_article(author=self.alice, is_post=True)
        for member, follows in ((self.alice, True), (self.bob, False)):
            known = following.reading(own, member)
            self.assertEqual(following.follows(own, member, known), follows)

    def test_who_may(self):
        for who, status in ((self.nina, True), (self.mona, True), (None, False)):
            self.login(who)
            response = self.client.post(self.url)
            self.assertEqual(response.status_code, 302)
            self.assertEqual("/accounts/login/" in response["Location"], not status)
        self.assertEqual(Reading.objects.count(), 2)

    def test_what_one_may_not_read_is_not_found(self):
        draft = make_article(status="draft", publish_at=None)
        members = make_article(audience=Audience.MEMBERS)
        for article, who in ((draft, self.bob), (members, self.nina)):
            self.login(who)
            for name in ("follow", "seen"):
                response = self.client.post(path(f"comments:{name}", article.pk), {"until": "1"})
                self.assertEqual(response.status_code, 404)
        SiteSettings.objects.update_or_create(pk=1, defaults={"comments_audience": "members"})
        cache.clear()
        self.login(self.nina)
        self.assertEqual(self.client.post(self.url).status_code, 404)
        self.assertEqual(Reading.objects.count(), 0)

    def test_get_is_refused(self):
        self.login(self.bob)
        for name in ("follow", "seen"):
            self.assertEqual(self.client.get(path(f"comments:{name}", 1)).status_code, 405)

    def test_visitors_have_no_button(self):
        self.assertNotContains(self.page(None), "keeping-up")


class NewTests(FollowingTestCase):
    def setUp(self):
        super().setUp()
        self.url = path("comments:seen", self.article.pk)
        self.before = timezone.now() - timedelta(hours=1)

    def say(self, author, minutes=1, **values):
        at = self.before + timedelta(minutes=minutes)
        return make_comment(self.article, author, shown_at=at, created_at=at, **values)

    def was_here(self, member):
        Reading.objects.create(article=self.article, member=member, seen_at=self.before)

    def test_marks_and_counts_what_others_said_since(self):
        self.was_here(self.bob)
        self.say(self.alice, minutes=-5)
        self.say(self.bob, minutes=1)
        first = self.say(self.alice, minutes=2)
        self.say(self.wei, minutes=3, parent=self.comment)
        self.say(self.wei, minutes=4, state="held")
        page = self.page(self.bob)
        self.assertContains(page, ">New</span>", count=2)
        self.assertContains(page, f'<a href="#comment-{first.pk}">2 new since your last visit</a>')

    def test_what_a_moderator_let_through_later_is_new_though_it_was_written_before(self):
        late, _new = posting.post_comment(self.article, self.nina, "Hi.", uuid4(), seconds=30)
        following.see(self.article, self.bob, timezone.now())
        self.assertNotContains(self.page(self.bob), ">New</span>")
        late.restore()
        self.assertContains(self.page(self.bob), ">New</span>", count=1)

    def test_nothing_is_new_to_who_was_never_here(self):
        self.say(self.alice)
        for who in (None, self.bob):
            self.assertNotContains(self.page(who), ">New</span>")

    def test_visit_is_noted_as_of_what_stood_there(self):
        page = self.page(self.bob)
        until = page.context["until"]
        response = self.client.post(
            self.url, {"until": until}, headers={"accept": "application/json"}
        )
        self.assertEqual(response.status_code, 204)
        self.assertEqual(polling.stamp(self.reading(self.bob).seen_at), until)
        # An older window does not take it back, and no clock goes ahead of ours.
        self.client.post(self.url, {"until": until - 10**9})
        self.assertEqual(polling.stamp(self.reading(self.bob).seen_at), until)
        self.client.post(self.url, {"until": until + 10**15})
        self.assertLessEqual(self.reading(self.bob).seen_at, timezone.now())

    def test_without_a_script_a_button_does_it(self):
        self.assertContains(self.page(self.bob), "Mark as read")
        response = self.client.post(self.url, {"until": "1"})
        self.assertRedirects(response, f"{self.address()}#comments", fetch_redirect_response=False)

    def test_looking_alone_notes_nothing(self):
        self.page(self.bob)
        self.assertIsNone(self.reading(self.bob))

    def test_visit_sees_what_was_told_of_it(self):
        for topic in (following.topic(self.article), "article:999"):
            notifications.tell([self.bob], "thread", f"comment:{topic}", "/", topic=topic)
        following.see(self.article, self.bob, timezone.now())
        self.assertEqual(unseen_count(self.bob), 1)

    def test_nonsense_is_bad_input(self):
        self.login(self.bob)
        for until in ("", "x", "-1", "1.5", "²", "9" * 40, "9" * 18):
            with self.subTest(until=until):
                self.assertEqual(self.client.post(self.url, {"until": until}).status_code, 400)
        self.assertIsNone(self.reading(self.bob))

    def test_visitor_is_sent_to_the_login(self):
        self.login(None)
        self.assertIn("/accounts/login/", self.client.post(self.url, {"until": "1"})["Location"])

    def test_new_ones_on_another_page_are_counted_led_to_and_not_yet_seen(self):
        self.was_here(self.bob)
        for minute in range(-threads.PAGE, 0):
            self.say(self.alice, minutes=minute)
        first = self.say(self.alice, minutes=1)
        self.say(self.alice, minutes=2)
        page = self.page(self.bob)
        permalink = path("comments:permalink", first.pk)
        self.assertContains(page, f'<a href="{permalink}">2 new since your last visit</a>')
        self.assertNotContains(page, "data-here")
        there = self.client.get(permalink, follow=True)
        self.assertContains(there, ">New</span>", count=2)
        self.assertContains(there, "data-here")

    def test_costs_the_same_at_1_and_at_20(self):
        self.was_here(self.bob)
        for many in (1, 20):
            for number in range(many):
                self.say(self.alice, minutes=number)
            self.page(self.bob)
            with self.subTest(many=many), self.assertNumQueries(10):
                self.client.get(self.address())


class PersonalTests(FollowingTestCase):
    def test_taken_along(self):
        following.follow(self.article, self.bob)
        following.follow(self.article, self.alice)
        (row,) = personal.exported(None, self.bob)["readings.json"]
        self.assertEqual((row["article"], row["follows"]), (self.article.pk, True))

    def test_forgotten_when_one_leaves(self):
        following.follow(self.article, self.bob)
        following.follow(self.article, self.alice)
        signals.member_left.send(None, member=self.bob, removes_contributions=False)
        self.assertEqual(Reading.objects.get().member, self.alice)
