"""What a closed account leaves to its owner, without a session: their data, and the way out."""

import io
import time
from unittest import mock
from urllib.parse import quote
from zipfile import ZipFile

from django.core import signing
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import override

from caisu.core.jobs import GiveUp, run_due
from caisu.tests.cast import CastTestCase, make_member
from members import exporting
from members.adapter import STANDING_SALT
from members.models import DataExport, Departure, Member
from members.moderation import deciding


class StandingActsTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.eve = make_member("eve")

    def setUp(self):
        super().setUp()
        deciding.ban(self.eve, self.mona)
        self.token = signing.dumps(self.eve.pk, salt=STANDING_SALT)
        self.page = self.path("moderation:standing", self.token)

    def path(self, name, *args):
        with override("en"):
            return reverse(name, args=args)

    def act(self, act, **changes):
        cache.clear()
        return self.client.post(self.page, {"act": act, **changes})

    def download_page(self, export, key=None):
        return f"{self.path('members:download', export.token)}?key={quote(key or self.token)}"

    def made(self):
        self.assertRedirects(self.act("export"), self.page)
        run_due()
        return DataExport.objects.get(member=self.eve)

    def test_data_are_asked_for_and_fetched_without_a_session(self):
        self.assertContains(self.client.get(self.page), "Prepare my data")
        self.act("export")
        self.assertContains(self.client.get(self.page), "Being prepared.")
        run_due()
        export = DataExport.objects.get(member=self.eve)
        self.assertContains(self.client.get(self.page), self.download_page(export))
        response = self.client.get(self.download_page(export))
        archive = ZipFile(io.BytesIO(b"".join(response.streaming_content)))
        self.assertIn("decisions.json", archive.namelist())
        self.assertIn("no-store", response["Cache-Control"])
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_a_failure_is_told_here_too(self):
        with mock.patch.object(exporting, "_write", side_effect=GiveUp):
            self.act("export")
            run_due()
        self.assertContains(self.client.get(self.page), "Something went wrong")
        self.made()

    def test_key_opens_ones_own_file_while_the_account_is_closed_and_for_half_an_hour(self):
        export = self.made()
        other = exporting.request(self.bob)
        run_due()
        other.refresh_from_db()
        login = self.path("account_login")
        for page in (
            self.path("members:download", export.token),
            self.download_page(export, "x"),
            self.download_page(export, signing.dumps(self.eve.pk)),
            self.download_page(export, signing.dumps(self.bob.pk, salt=STANDING_SALT)),
            self.download_page(other),
            self.download_page(other, signing.dumps(self.bob.pk, salt=STANDING_SALT)),
        ):
            with self.subTest(page=page):
                response = self.client.get(page)
                self.assertEqual(response.status_code, 302)
                self.assertTrue(response["Location"].startswith(login))
                self.assertNotIn("key", response["Location"])
        now = time.time()
        with mock.patch("time.time", return_value=now + 31 * 60):
            self.assertEqual(self.client.get(self.download_page(export)).status_code, 302)

    def test_leaving_and_staying(self):
        response = self.act("leave", contributions="goes")
        self.assertRedirects(response, self.page)
        departure = Departure.objects.get(member=self.eve)
        self.assertTrue(departure.removes_contributions)
        response = self.client.get(self.page)
        self.assertContains(response, "Your account will be deleted on")
        self.assertContains(response, "Keep my account")
        self.assertRedirects(self.act("stay"), self.page)
        self.assertFalse(Departure.objects.exists())
        self.assertContains(self.client.get(self.page), "Delete my account")

    def test_suspended_and_refused_too(self):
        deciding.restore(self.eve, self.mona)
        deciding.refuse(self.nina, self.mona)
        page = self.path("moderation:standing", signing.dumps(self.nina.pk, salt=STANDING_SALT))
        self.client.post(page, {"act": "leave", "contributions": "stays"})
        self.assertEqual(Departure.objects.get().member, self.nina)

    def test_bad_input_is_the_page_again(self):
        for data in (
            {},
            {"act": "restore"},
            {"act": "leave"},
            {"act": "leave", "contributions": "x"},
        ):
            with self.subTest(data=data):
                response = self.client.post(self.page, data)
                self.assertContains(response, "Your account is closed")
        self.assertFalse(Departure.objects.exists())
        self.eve.refresh_from_db()
        self.assertEqual(self.eve.standing, Member.Standing.BANNED)

    def test_forged_or_expired_link_does_nothing(self):
        forged = self.path("moderation:standing", signing.dumps(self.bob.pk))
        self.assertEqual(self.client.post(forged, {"act": "export"}).status_code, 404)
        now = time.time()
        with mock.patch("time.time", return_value=now + 31 * 60):
            self.assertEqual(self.act("export").status_code, 404)
        self.assertFalse(DataExport.objects.exists())

    def test_link_of_one_whose_account_is_open_does_nothing(self):
        page = self.path("moderation:standing", signing.dumps(self.bob.pk, salt=STANDING_SALT))
        for act in ("export", "leave"):
            self.client.post(page, {"act": act, "contributions": "goes"})
        self.assertFalse(DataExport.objects.exists())
        self.assertFalse(Departure.objects.exists())

    def test_three_files_a_day(self):
        for _n in range(3):
            self.client.post(self.page, {"act": "export"})
            run_due()
        self.assertEqual(self.client.post(self.page, {"act": "export"}).status_code, 429)
