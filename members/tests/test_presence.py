"""When a member was last here: by the day, seldom written, and not on pages that need no session."""

from datetime import timedelta
from unittest import mock

from django.utils import timezone

from caisu.tests.cast import CastTestCase
from members import presence
from members.models import Member


class PresenceTests(CastTestCase):
    def seen(self, member):
        return Member.objects.get(pk=member.pk).last_seen_on

    def forget(self):
        Member.objects.update(last_seen_on=None)

    def test_login_is_noted(self):
        self.login(self.alice)
        self.assertEqual(self.seen(self.alice), timezone.localdate())
        self.assertIsNone(self.seen(self.bob))

    def test_page_is_noted_once_an_hour(self):
        self.login(self.alice)
        self.forget()
        self.client.get("/en/members/")
        self.assertIsNone(self.seen(self.alice))
        later = mock.patch.object(presence.time, "time", return_value=presence.time.time() + 3601)
        with later:
            self.client.get("/en/members/")
        self.assertEqual(self.seen(self.alice), timezone.localdate())

    def test_day_is_that_of_the_site(self):
        evening = timezone.now().replace(hour=3, minute=0)  # still yesterday in Pocatello
        with mock.patch("django.utils.timezone.now", return_value=evening):
            self.login(self.alice)
        self.assertEqual(self.seen(self.alice), (evening - timedelta(days=1)).date())

    def test_strangers_leave_nothing(self):
        self.client.get("/en/")
        self.assertFalse(Member.objects.exclude(last_seen_on=None).exists())

    def test_what_needs_no_session_writes_nothing(self):
        self.login(self.alice)
        self.forget()
        later = mock.patch.object(presence.time, "time", return_value=presence.time.time() + 3601)
        with later:
            for address in ("/health/", "/robots.txt", "/sitemap.xml"):
                response = self.client.get(address)
                with self.subTest(address=address):
                    self.assertNotIn("sessionid", response.cookies)
        self.assertIsNone(self.seen(self.alice))

    def test_suspended_member_is_not_seen(self):
        self.login(self.alice)
        self.forget()
        self.alice.stand(Member.Standing.BANNED)
        later = mock.patch.object(presence.time, "time", return_value=presence.time.time() + 3601)
        with later:
            self.client.get("/en/")
        self.assertIsNone(self.seen(self.alice))
