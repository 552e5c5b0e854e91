"""The page of storms in the admin, the word that a crowd is expected, and the line on the desk."""

from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core.roles import WEBMASTER
from caisu.tests.cast import CastTestCase, make_member
from members.models import Member
from members.moderation import storms
from members.moderation.models import HouseRules, Storm


class StormAdminTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)

    def setUp(self):
        super().setUp()
        self.page = reverse("admin:moderation_storm_changelist")
        self.crowd = reverse("admin:moderation_crowd")
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def html(self, url=None, who=None):
        self.login(who or self.root)
        self.client.get("/language/en/")
        response = self.client.get(url or self.page)
        return response.content.decode()

    def expect(self, who, **data):
        self.login(who)
        return self.client.post(self.crowd, data)

    def day(self, days=7):
        return str(timezone.localdate() + timedelta(days=days))

    def blow(self):
        return Storm.objects.create(cause="signups", count=44, usual=2)

    def test_calm_site_says_so_with_numbers_and_levels(self):
        Member.objects.filter(pk=self.bob.pk).update(date_joined=timezone.now())
        html = self.html(who=self.mona)
        self.assertIn("All is calm.", html)
        for label in ("Sign-ups", "Held contributions", "Links", "Usually at this hour"):
            self.assertIn(label, html)

    def test_storm_is_told_with_the_ways_out(self):
        self.blow()
        html = self.html(who=self.mona)
        self.assertIn("A storm blows", html)
        self.assertIn(reverse("admin:moderation_since"), html)
        self.assertIn("44", html)

    def test_list_of_storms_is_for_those_who_decide(self):
        for who, status in ((None, 302), (self.bob, 403), (self.wei, 403), (self.mona, 200)):
            self.login(who)
            self.assertEqual(self.client.get(self.page).status_code, status, who)

    def test_list_costs_the_same_for_one_and_for_twenty(self):
        self.login(self.mona)
        self.blow()
        self.client.get(self.page)
        with CaptureQueriesContext(connection) as captured:
            self.client.get(self.page)
        Storm.objects.bulk_create(
            Storm(cause="held", count=n, usual=0, ended_at=timezone.now()) for n in range(20)
        )
        with self.assertNumQueries(len(captured)):
            self.client.get(self.page)

    def test_only_webmasters_see_the_button_and_may_use_it(self):
        for who in (self.root, self.mona):
            self.assertEqual(self.crowd in self.html(who=who), who == self.root, who)
        for who, status in ((None, 302), (self.bob, 403), (self.wei, 403), (self.mona, 403)):
            self.assertEqual(self.expect(who, until=self.day()).status_code, status, who)
        self.assertFalse(HouseRules.objects.exclude(crowd_until=None).exists())

    def test_crowd_is_expected_until_the_end_of_the_day(self):
        response = self.expect(self.root, until=self.day())
        self.assertRedirects(response, self.page)
        until = timezone.localtime(HouseRules.objects.get().crowd_until)
        self.assertEqual(until.date(), timezone.localdate() + timedelta(days=8))
        self.assertEqual((until.hour, until.minute), (0, 0))
        self.assertIn("ten times as much", self.html())
        self.assertEqual(storms.measure()[0].level, 100)
        self.assertEqual(LogEntry.objects.get().user, self.root)

    def test_it_can_be_taken_back(self):
        self.expect(self.root, until=self.day())
        self.expect(self.root, act="end")
        self.assertIsNone(HouseRules.objects.get().crowd_until)
        self.assertNotIn("ten times as much", self.html())

    def test_it_ends_a_storm_that_is_none_by_that(self):
        self.blow()
        response = self.expect(self.root, until=self.day())
        told = [str(message) for message in get_messages(response.wsgi_request)]
        self.assertIn("The storm is over.", told)
        self.assertIsNotNone(Storm.objects.get().ended_at)
        self.assertNotIn("A storm blows", self.html())

    def test_wrong_day_is_the_page_again_with_what_was_typed(self):
        for until, words in (
            ("", "Choose a day first"),
            ("soon", "Enter a valid date"),
            (self.day(-1), "within the next 60 days"),
            (self.day(61), "within the next 60 days"),
        ):
            self.client.get("/language/en/")
            response = self.expect(self.root, until=until)
            self.assertContains(response, words)
            self.assertContains(response, f'value="{until}"' if until else 'name="until"')
        self.assertFalse(HouseRules.objects.exclude(crowd_until=None).exists())

    def test_get_is_refused(self):
        self.login(self.root)
        self.assertEqual(self.client.get(self.crowd).status_code, 405)

    def test_storms_are_not_added_changed_or_deleted_by_hand(self):
        storm = self.blow()
        self.login(self.root)
        for name, args in (("add", []), ("delete", [storm.pk])):
            url = reverse(f"admin:moderation_storm_{name}", args=args)
            self.assertEqual(self.client.get(url).status_code, 403)

    def test_desk_has_a_line_while_it_blows(self):
        self.assertNotIn(
            "Far more than usual comes in", self.html(reverse("admin:index"), self.mona)
        )
        self.blow()
        storms._forget()
        html = self.html(reverse("admin:index"), self.mona)
        self.assertIn("Far more than usual comes in", html)
        self.assertIn(self.page, html)

    def test_both_languages(self):
        self.blow()
        self.login(self.root)
        for language in ("en", "zh-hans"):
            self.client.get(f"/language/{language}/")
            self.assertEqual(self.client.get(self.page).status_code, 200)
