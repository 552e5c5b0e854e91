"""How far a member is trusted, what follows, and who is told of it."""

from datetime import timedelta

from django.test import SimpleTestCase
from django.utils import timezone, translation

from caisu.core.models import SiteSettings
from caisu.tests.cast import make_member
from members import trust
from members.models import Member
from members.trust import Trust

from .entrance import EntranceTestCase

NOW = timezone.now
OLD = timedelta(days=20)


class LevelTests(SimpleTestCase):
    databases = ["default"]

    def level(self, age=OLD, held=2, **changes):
        values = {"standing": Member.Standing.ACTIVE, "date_joined": NOW() - age, **changes}
        return trust.level(Member(**values), held)

    def test_newcomer_until_the_first_contributions_are_approved(self):
        for approved, level in ((0, Trust.NEWCOMER), (1, Trust.NEWCOMER), (2, Trust.MEMBER)):
            self.assertEqual(self.level(approved_count=approved), level)

    def test_trusted_after_enough_contributions_and_days(self):
        for approved, days, level in (
            (5, 14, Trust.TRUSTED),
            (4, 14, Trust.MEMBER),
            (500, 13, Trust.MEMBER),
        ):
            age = timedelta(days=days, minutes=1)
            self.assertEqual(self.level(age, approved_count=approved), level)

    def test_staff_is_trusted_and_a_vouch_gives_nothing(self):
        self.assertEqual(self.level(is_staff=True), Trust.TRUSTED)
        self.assertEqual(self.level(vouched_by=Member(pk=1)), Trust.NEWCOMER)

    def test_whoever_is_not_active_is_a_newcomer_whatever_the_record(self):
        for standing in set(Member.Standing) - {Member.Standing.ACTIVE}:
            level = self.level(standing=standing, approved_count=50, is_staff=True)
            self.assertEqual(level, Trust.NEWCOMER, standing)

    def test_number_of_first_contributions_may_be_nought(self):
        self.assertEqual(self.level(held=0), Trust.MEMBER)


class LimitsTests(EntranceTestCase):
    def limits(self, age=OLD, **changes):
        values = {"standing": Member.Standing.ACTIVE, "date_joined": NOW() - age, **changes}
        return trust.limits(Member(**values))

    def test_newcomer_has_one_link_one_picture_and_waits_half_a_minute(self):
        now = self.limits()
        self.assertEqual((now.links, now.pictures, now.links_live), (1, 1, False))
        self.assertEqual((now.comments.times, now.comments.seconds), (1, 30))
        self.assertEqual((now.posts.times, now.posts.seconds), (1, 120))
        self.assertIsNone(now.comments_today)

    def test_first_day_lasts_24_hours(self):
        for age, comments in (
            (timedelta(minutes=1), 10),
            (timedelta(hours=23, minutes=59), 10),
            (timedelta(hours=24, seconds=1), None),
        ):
            for approved in (0, 3):
                now = self.limits(age, approved_count=approved)
                self.assertEqual(now.comments_today, comments, (age, approved))
        now = self.limits(timedelta(hours=1))
        self.assertEqual(now.posts_today, 3)
        self.assertAlmostEqual(
            now.first_day_ends, NOW() + timedelta(hours=23), delta=timedelta(seconds=9)
        )

    def test_member_has_no_limit_of_links_and_waits_five_seconds(self):
        now = self.limits(approved_count=3)
        self.assertEqual((now.links, now.pictures, now.links_live), (None, None, False))
        self.assertEqual((now.comments.times, now.comments.seconds), (1, 5))

    def test_trusted_links_are_live(self):
        self.assertTrue(self.limits(approved_count=5).links_live)

    def test_staff_has_no_first_day(self):
        self.assertIsNone(self.limits(timedelta(0), is_staff=True).comments_today)

    def test_asking_costs_no_query_once_the_settings_are_cached(self):
        SiteSettings.load()
        with self.assertNumQueries(0):
            trust.limits(self.nina)
            trust.explain(self.nina)

    def test_words_come_only_to_whoever_goes_over(self):
        newcomer = make_member("newt", approved_count=0)
        with translation.override("en"):
            self.assertEqual(trust.too_many_links(1, newcomer), "")
            words = trust.too_many_links(2, newcomer)
            self.assertIn("New members may use 1 link", words)
            self.assertIn("or ask a moderator", words)
            self.assertEqual(trust.too_many_links(50, self.alice), "")
            self.assertEqual(trust.too_many_pictures(1, newcomer), "")
            self.assertIn("1 picture", trust.too_many_pictures(2, newcomer))


class ProfileTests(EntranceTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.newt = make_member(
            "newt", approved_count=1, date_joined=NOW() - timedelta(days=3, hours=1)
        )

    def html(self, member, who):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.get(self.address(member)).content.decode()

    def test_newcomer_reads_where_they_stand_and_what_is_missing(self):
        html = self.html(self.newt, self.newt)
        for words in (
            "<strong>Newcomer</strong>",
            "1 of the first 2 contributions are approved",
            "1 of 5 approved contributions, 3 of 14 days",
            "A text may have 1 link",
            "A post may have 1 picture",
        ):
            self.assertIn(words, html)
        self.assertNotIn("On the first day", html)

    def test_number_of_first_contributions_is_the_sites(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"first_contributions_held": 4})
        self.assertIn("1 of the first 4", self.html(self.newt, self.newt))

    def test_first_day_is_told_while_it_lasts(self):
        Member.objects.filter(pk=self.newt.pk).update(date_joined=NOW())
        self.assertIn("10 comments and 3 posts", self.html(self.newt, self.newt))

    def test_pending_member_reads_that_approval_comes_first(self):
        html = self.html(self.nina, self.nina)
        self.assertIn("somebody of us approves the account", html)
        self.assertIn("Pictures come with approval", html)

    def test_staff_reads_it_of_who_waits_too_and_not_of_who_is_banned(self):
        self.assertIn("somebody of us approves the account", self.html(self.nina, self.mona))
        banned = make_member("brutus", standing=Member.Standing.BANNED)
        html = self.html(banned, self.mona)
        self.assertIn("Banned", html)
        self.assertNotIn("card-trust", html)

    def test_trusted_member_reads_so(self):
        html = self.html(self.alice, self.alice)
        self.assertIn("<strong>Trusted member</strong>", html)
        self.assertIn("links are live", html)
        self.assertNotIn("On the way", html)

    def test_staff_reads_it_and_others_nothing(self):
        for who, told in {self.mona: True, self.root: True, self.bob: False, None: False}.items():
            html = self.html(self.newt, who)
            for words in ("Newcomer", "On the way to trusted member", "card-trust"):
                self.assertEqual(words in html, told, (who, words))

    def test_own_profile_seen_as_others_see_it_tells_nothing(self):
        self.login(self.newt)
        for seen_as in ("visitor", "member"):
            page = self.client.get(f"{self.address(self.newt)}?as={seen_as}")
            self.assertNotContains(page, "card-trust")
