"""From one webmaster to the next, and the sheet that goes with it."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from caisu.tests.cast import make_member
from members.models import Appointment, Member
from members.moderation import appointing, handing_over
from members.moderation.models import Decision

from .desk_staff import DeskTestCase

PAGE = "/admin/members/appointment/hand-over/"
SHEET = "/admin/members/appointment/sheet/"


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


class VerbTests(DeskTestCase):
    def test_one_steps_down_to_nothing(self):
        appointing.hand_over(self.root, self.alice, in_days(365))
        self.assertTrue(self.fresh(self.alice).is_superuser)
        root = self.fresh(self.root)
        self.assertFalse(root.is_superuser or root.is_staff or root.groups.exists())

    def test_one_keeps_another_role_for_a_while(self):
        appointing.hand_over(self.root, self.alice, in_days(365), MODERATOR, in_days(30))
        root = self.fresh(self.root)
        self.assertFalse(root.is_superuser)
        self.assertTrue(root.has_perm("moderation.decide"))
        self.assertEqual(Appointment.objects.get(member=root).until, in_days(30))

    def test_one_stays_beside_the_next_until_a_day(self):
        appointing.hand_over(self.root, self.alice, in_days(365), WEBMASTER, in_days(30))
        self.assertTrue(self.fresh(self.root).is_superuser)
        self.assertEqual(Appointment.objects.get(member=self.root).until, in_days(30))

    def test_all_or_nothing(self):
        for to in (self.nina, self.root):
            with self.subTest(to=to), self.assertRaises(PermissionDenied):
                appointing.hand_over(self.root, to, in_days(365))
        with self.assertRaises(PermissionDenied):
            appointing.hand_over(self.mona, self.alice, in_days(365))
        self.assertTrue(self.fresh(self.root).is_superuser)
        self.assertFalse(Decision.objects.exists())


class PageTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.enter(self.root)

    def post(self, **changes):
        data = {
            "to": "alice",
            "until": in_days(365).isoformat(),
            "keeps": "",
            "keeps_until": "",
            **changes,
        }
        return self.client.post(PAGE, data)

    def test_first_it_is_only_shown(self):
        response = self.post(to="Alice@Example.org")
        self.assertContains(response, 'name="confirmed"')
        self.assertContains(response, "has no second step for logging in yet")
        self.assertFalse(self.fresh(self.alice).is_superuser)
        Authenticator.objects.create(user=self.alice, type="totp", data={})
        self.assertNotContains(self.post(), "has no second step")

    def test_confirmed_it_happens_and_the_sheet_is_there_though_one_stepped_down(self):
        response = self.post(confirmed="yes")
        self.assertContains(response, "Alice is webmaster now")
        self.assertContains(response, "Who holds what")
        self.assertTrue(self.fresh(self.alice).is_superuser)
        self.assertFalse(self.fresh(self.root).is_staff)
        self.assertEqual(self.client.get(SHEET).status_code, 403)
        mails = self.mails()
        self.assertIn(SHEET, mails["alice@example.org"].body)
        self.assertIn("root@example.org", mails)

    def test_keeping_a_role(self):
        self.post(confirmed="yes", keeps=EDITOR, keeps_until=in_days(30).isoformat())
        self.assertEqual(appointing.roles_of(self.fresh(self.root)), [EDITOR])

    def test_bad_input_is_the_form_again(self):
        for changes in (
            {"to": ""},
            {"to": "nobody"},
            {"to": "nina"},
            {"to": "root"},
            {"to": "root@example.org"},
            {"to": "x" * 300},
            {"until": ""},
            {"until": in_days(-1).isoformat()},
            {"keeps": "Emperor"},
            {"keeps": EDITOR},
            {"keeps": EDITOR, "keeps_until": in_days(-1).isoformat()},
        ):
            with self.subTest(changes=changes):
                response = self.post(confirmed="yes", **changes)
                self.assertContains(response, "errorlist")
        self.assertFalse(Decision.objects.exists())

    def test_get_changes_nothing(self):
        self.client.get(PAGE, {"to": "alice", "until": in_days(9).isoformat(), "confirmed": "yes"})
        self.assertFalse(self.fresh(self.alice).is_superuser)

    def test_it_asks_who_it_is_first(self):
        self.login(self.root)
        for method in (self.client.get, self.client.post):
            with self.subTest(method=method.__name__):
                self.assertIn("/reauthenticate/", method(PAGE)["Location"])

    def test_others_see_neither_page_nor_sheet(self):
        for who, status in {None: 302, self.alice: 403, self.wei: 403, self.mona: 403}.items():
            self.client.logout()
            if who:
                self.enter(who)
            for address in (PAGE, SHEET):
                with self.subTest(who=who, address=address):
                    self.assertEqual(self.client.get(address).status_code, status)
                    self.assertEqual(self.client.post(address).status_code, status)
        self.assertEqual(Member.objects.webmasters().count(), 2)


class SheetTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.login(self.root)

    def test_it_says_what_the_system_knows(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"contact_email": "us@example.org"})
        make_member("old", is_superuser=True, is_staff=True, display_name="Old Webmaster")
        Appointment.objects.hold(self.wei, EDITOR, in_days(30))
        text = self.client.get(SHEET).content.decode()
        for words in ("http://testserver", "us@example.org", "Django 5", "Articles", "Comments"):
            with self.subTest(words=words):
                self.assertIn(words, text)
        self.assertIn("Old Webmaster", text)
        self.assertIn("Domain: where it is registered", text)

    def test_both_languages(self):
        for language, jobs in {"en": "running, 0 failed", "zh-hans": "、0"}.items():
            self.client.get(f"/language/{language}/")
            with self.subTest(language=language):
                self.assertContains(self.client.get(SHEET), jobs)

    @override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="smtp.example.org",
        EMAIL_PORT=587,
        EMAIL_HOST_USER="canary-user",
        EMAIL_HOST_PASSWORD="canary-password",
    )
    def test_it_holds_no_secret(self):
        with self.settings(
            CACHES={
                "default": {
                    "BACKEND": "django.core.cache.backends.redis.RedisCache",
                    "LOCATION": "redis://:canary-password@cache.example.org:6379/0",
                }
            }
        ):
            words = str(handing_over.server_lines())
        self.assertIn("smtp.example.org:587", words)
        self.assertIn("cache.example.org", words)
        self.assertNotIn("canary", words)

    def test_it_costs_the_same_with_many_officers(self):
        self.client.get(SHEET)
        few = self.count()
        for number in range(20):
            make_member(f"crowd{number}", EDITOR)
        self.assertEqual(self.count(), few)

    def count(self):
        with CaptureQueriesContext(connection) as captured:
            self.client.get(SHEET)
        return len(captured)
