"""The page about a closed account, by a link that is signed and lives half an hour."""

import time
from datetime import datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

from django.core import signing
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_member
from members.adapter import STANDING_SALT
from members.models import Member
from members.moderation import deciding


class StandingTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.eve = make_member("eve")

    def link(self, token=None, language="en"):
        token = token or signing.dumps(self.eve.pk, salt=STANDING_SALT)
        with override(language):
            return reverse("moderation:standing", args=[token])

    def test_it_says_why_until_when_and_how_to_answer(self):
        until = datetime(2100, 3, 9, 12, tzinfo=ZoneInfo("America/Boise"))
        deciding.suspend(self.eve, self.mona, until, "First line.\nSecond <line>.")
        SiteSettings.load()
        SiteSettings.objects.update(contact_email="board@example.org")
        cache.clear()
        response = self.client.get(self.link())
        self.assertContains(response, "First line.<br>Second &lt;line&gt;.")
        self.assertContains(response, "2100")
        self.assertContains(response, "board@example.org")
        self.assertContains(response, "/en/report/")
        chinese = self.client.get(self.link(language="zh-hans"))
        self.assertContains(chinese, "2100")
        self.assertContains(chinese, "/zh-hans/report/")

    def test_without_an_address_of_the_site_it_names_the_form(self):
        deciding.ban(self.eve, self.mona)
        self.assertContains(self.client.get(self.link()), "Report an issue")

    def test_latest_reason_counts_and_no_reason_of_a_comment(self):
        until = timezone.now() + timedelta(days=1)
        deciding.suspend(self.eve, self.mona, until, "The earlier reason.")
        deciding.ban(self.eve, self.mona, "The later reason.")
        response = self.client.get(self.link())
        self.assertContains(response, "The later reason.")
        self.assertNotContains(response, "The earlier reason.")

    def test_moderator_is_not_named(self):
        deciding.ban(self.eve, self.mona, "A reason.")
        self.assertNotContains(self.client.get(self.link()), "Mona")

    def test_refused_newcomer_reads_why(self):
        deciding.refuse(self.nina, self.mona, "We do not know you yet.")
        token = signing.dumps(self.nina.pk, salt=STANDING_SALT)
        self.assertContains(self.client.get(self.link(token)), "We do not know you yet.")

    def test_link_expires_after_half_an_hour(self):
        deciding.ban(self.eve, self.mona)
        link = self.link()
        now = time.time()
        for minutes, status in ((29, 200), (31, 404)):
            with (
                self.subTest(minutes=minutes),
                mock.patch("time.time", return_value=now + minutes * 60),
            ):
                self.assertEqual(self.client.get(link).status_code, status)

    def test_forged_link_is_not_found(self):
        deciding.ban(self.eve, self.mona)
        token = signing.dumps(self.eve.pk, salt=STANDING_SALT)
        for forged in (
            signing.dumps(self.eve.pk),
            signing.dumps(self.eve.pk, salt="another"),
            signing.dumps(self.eve.pk, key="another", salt=STANDING_SALT),
            token[:-1],
            f"x{token}",
            str(self.eve.pk),
            "%00",
        ):
            with self.subTest(token=forged):
                self.assertEqual(self.client.get(self.link(forged)).status_code, 404)

    def test_once_restored_it_leads_to_the_login(self):
        deciding.ban(self.eve, self.mona)
        link = self.link()
        deciding.restore(self.eve, self.mona)
        self.assertRedirects(self.client.get(link), "/en/accounts/login/")

    def test_link_of_somebody_who_is_gone_leads_to_the_login(self):
        token = signing.dumps(Member.objects.order_by("pk").last().pk + 100, salt=STANDING_SALT)
        self.assertRedirects(self.client.get(self.link(token)), "/en/accounts/login/")

    def test_it_is_kept_by_nobody_and_gives_no_session(self):
        deciding.ban(self.eve, self.mona)
        response = self.client.get(self.link())
        self.assertIn("no-store", response["Cache-Control"])
        self.assertContains(response, 'name="robots" content="noindex"')
        self.assertEqual(response["Referrer-Policy"], "same-origin")
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_of_a_member_who_left_there_is_no_page(self):
        self.eve.stand(Member.Standing.LEFT)
        self.assertEqual(self.client.get(self.link()).status_code, 302)
