"""Passkeys, one-time passwords, recovery codes; and staff, who cannot do without."""

import json
from unittest import mock

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from caisu.tests.cast import PASSWORD
from members.models import Member
from members.second_factor import MFAAdapter

from .entrance import mails, path
from .security import (
    SecurityTestCase,
    one_time_password,
    with_passkey,
    with_totp,
    without_password,
)


class OverviewTests(SecurityTestCase):
    def setUp(self):
        super().setUp()
        self.page = path("members:security")

    def test_says_in_a_line_each_what_is_set_up(self):
        self.enter(self.bob)
        response = self.client.get(self.page)
        for words in ("None yet", "Not set up", "Change password", "bob@example.org"):
            self.assertContains(response, words)
        self.assertContains(response, "your phone or computer then logs you in")
        self.assertNotContains(response, "Connected accounts")
        with_passkey(self.bob)
        with_totp(self.bob)
        response = self.client.get(self.page)
        for words in ("1 passkey", "Set up in an app", "10 left", "All is well"):
            self.assertContains(response, words)

    def test_who_has_no_password_may_choose_one(self):
        without_password(self.bob)
        self.login(self.bob)
        self.client.get("/language/en/")
        self.assertContains(self.client.get(self.page), path("account_set_password"))

    def test_newcomers_see_theirs_in_both_languages(self):
        self.login(self.nina)
        for language in ("en", "zh-hans"):
            self.client.get(f"/language/{language}/")
            response = self.client.get(path("members:security", language=language))
            self.assertEqual(response.status_code, 200)

    def test_visitor_is_led_to_the_login(self):
        self.assertIn(path("account_login"), self.client.get(self.page)["Location"])

    def test_page_only_shows(self):
        self.enter(self.bob)
        self.assertEqual(self.client.post(self.page).status_code, 405)

    def test_list_of_allauth_leads_here(self):
        self.assertRedirects(
            self.client.get(path("mfa_index")), self.page, fetch_redirect_response=False
        )

    def test_every_page_opens_in_both_languages(self):
        secret = with_totp(self.bob)
        passkey = with_passkey(self.bob)
        self.enter(self.bob)
        pages = [
            ("mfa_deactivate_totp", []),
            ("mfa_view_recovery_codes", []),
            ("mfa_download_recovery_codes", []),
            ("mfa_generate_recovery_codes", []),
            ("mfa_list_webauthn", []),
            ("mfa_add_webauthn", []),
            ("mfa_edit_webauthn", [passkey.pk]),
            ("mfa_remove_webauthn", [passkey.pk]),
            ("mfa_reauthenticate", []),
            ("mfa_reauthenticate_webauthn", []),
            ("account_reauthenticate", []),
            ("account_change_password", []),
            ("socialaccount_connections", []),
        ]
        for language in ("en", "zh-hans"):
            for name, args in pages:
                with self.subTest(page=name, language=language):
                    response = self.client.get(path(name, *args, language=language))
                    self.assertEqual(response.status_code, 200)
                    self.assertNotContains(response, secret)

    def test_no_page_has_a_script_of_its_own(self):
        self.enter(self.bob)
        page = self.client.get(path("mfa_add_webauthn")).content.decode()
        for tag in page.split("<script")[1:]:
            self.assertRegex(tag, r'^[^>]*(src=|type="application/json")')

    def test_passkeys_of_others_are_not_there(self):
        theirs = with_passkey(self.alice)
        self.enter(self.bob)
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            url = path(name, theirs.pk)
            self.assertEqual(self.client.get(url).status_code, 404)
            self.assertEqual(self.client.post(url, {"name": "Mine"}).status_code, 404)
        self.assertTrue(Authenticator.objects.filter(pk=theirs.pk).exists())

    def test_passkey_that_is_none_is_the_form_again(self):
        self.enter(self.bob)
        self.client.get(path("mfa_add_webauthn"))
        for credential in ("", "{}", "[]", "nonsense", '{"id": "1"}'):
            with self.subTest(credential=credential):
                data = {"name": "Phone", "credential": credential}
                response = self.client.post(path("mfa_add_webauthn"), data)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
        self.assertFalse(Authenticator.objects.exists())

    def test_login_with_a_passkey_that_is_none_leads_back_to_the_login(self):
        answer = self.client.get(path("mfa_login_webauthn"), headers={"accept": "application/json"})
        self.assertIn("challenge", json.dumps(answer.json()))
        for credential in ("", "{}", "nonsense"):
            response = self.client.post(path("mfa_login_webauthn"), {"credential": credential})
            self.assertRedirects(response, path("account_login"), fetch_redirect_response=False)
        self.assertIsNone(self.is_in())


class OneTimePasswordTests(SecurityTestCase):
    def activate(self):
        self.enter(self.bob)
        self.client.get(path("mfa_activate_totp"))
        secret = self.client.session[SECRET_SESSION_KEY]
        data = {"code": one_time_password(secret)}
        return self.client.post(path("mfa_activate_totp"), data)

    def second(self, code, client):
        cache.clear()
        return client.post(path("mfa_authenticate"), {"code": code})

    def test_set_up_with_the_code_of_the_app_gives_recovery_codes_and_tells_by_mail(self):
        with self.captureOnCommitCallbacks(execute=True):
            response = self.activate()
        self.assertRedirects(response, path("mfa_view_recovery_codes"))
        self.assertEqual(mails()[-1].subject, "One-time passwords are on")
        self.assertTrue(Authenticator.objects.filter(user=self.bob, type="totp").exists())
        self.assertContains(self.client.get(path("mfa_view_recovery_codes")), "<code>", count=10)

    def test_wrong_code_sets_nothing_up(self):
        self.enter(self.bob)
        self.client.get(path("mfa_activate_totp"))
        for code in ("000000", "", "abc", "１２３４５６"):
            response = self.client.post(path("mfa_activate_totp"), {"code": code})
            self.assertEqual(response.status_code, 200)
        self.assertFalse(Authenticator.objects.exists())

    def test_login_asks_for_it_after_the_password(self):
        secret = with_totp(self.bob)
        client = Client()
        response = self.log_in("bob", client=client, next=self.story)
        self.assertRedirects(response, path("mfa_authenticate"), fetch_redirect_response=False)
        self.assertIsNone(self.is_in(client))
        self.assertEqual(client.get(path("mfa_authenticate")).status_code, 200)
        self.assertEqual(self.second("000000", client).status_code, 200)
        self.assertIsNone(self.is_in(client))
        response = self.second(one_time_password(secret), client)
        self.assertRedirects(response, self.story, fetch_redirect_response=False)
        self.assertEqual(self.is_in(client), str(self.bob.pk))

    def test_recovery_code_does_as_well_and_once(self):
        with_totp(self.bob)
        codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
        code = codes.wrap().get_unused_codes()[0]
        for attempt in (1, 2):
            client = Client()
            self.log_in("bob", client=client)
            self.second(code, client)
            self.assertEqual(self.is_in(client), str(self.bob.pk) if attempt == 1 else None)

    def test_new_recovery_codes_end_the_old_ones(self):
        with_totp(self.bob)
        codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
        old = codes.wrap().get_unused_codes()[0]
        self.enter(self.bob)
        self.client.post(path("mfa_generate_recovery_codes"))
        client = Client()
        self.log_in("bob", client=client)
        self.second(old, client)
        self.assertIsNone(self.is_in(client))

    def test_suspended_member_gets_no_session_by_it(self):
        secret = with_totp(self.bob)
        self.bob.stand(Member.Standing.BANNED)
        client = Client()
        self.log_in("bob", client=client)
        self.second(one_time_password(secret), client)
        self.assertIsNone(self.is_in(client))

    def test_turning_off_takes_the_recovery_codes_too(self):
        with_totp(self.bob)
        self.enter(self.bob)
        self.client.post(path("mfa_deactivate_totp"))
        self.assertFalse(Authenticator.objects.exists())

    def test_secrets_are_encrypted_where_they_are_kept(self):
        secret = with_totp(self.bob)
        for factor in Authenticator.objects.all():
            kept = factor.data.get("secret") or factor.data["seed"]
            self.assertNotIn(secret, kept)
            self.assertTrue(kept.startswith("gAAAA"))

    def test_former_key_still_reads_and_a_lost_one_opens_nothing(self):
        kept = MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")
        with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            self.assertEqual(MFAAdapter().decrypt(kept), "JBSWY3DPEHPK3PXP")
        with override_settings(SECRET_KEY="new"), self.assertLogs("caisu.members", "ERROR"):
            first, second = MFAAdapter().decrypt(kept), MFAAdapter().decrypt(kept)
        self.assertEqual(len(first), 32)
        self.assertNotEqual(first, second)


@override_settings(STAFF_SECOND_FACTOR=True)
class StaffTests(SecurityTestCase):
    def setUp(self):
        super().setUp()
        self.desk = reverse("admin:index")
        self.setup = path("members:security")

    def assert_led_away(self, response):
        self.assertRedirects(response, self.setup, fetch_redirect_response=False)

    def test_every_page_of_the_desk_leads_to_the_set_up_and_says_why(self):
        self.enter(self.wei)
        for name in (
            "admin:index",
            "admin:news_article_changelist",
            "admin:news_article_add",
            "admin:password_change",
        ):
            with self.subTest(page=name):
                self.assert_led_away(self.client.get(reverse(name)))
        self.assertContains(self.client.get(self.setup), "Who works at the desk")

    def test_nothing_is_done_by_a_post(self):
        self.enter(self.root)
        before = self.article.status
        self.assert_led_away(
            self.client.post(
                reverse("admin:news_article_changelist"),
                {"action": "withdraw", "_selected_action": [self.article.pk]},
            )
        )
        self.assert_led_away(
            self.client.post(
                reverse("admin:members_member_act", args=[self.bob.pk, "ban"]), {"reason": "x"}
            )
        )
        self.article.refresh_from_db()
        self.assertEqual(self.article.status, before)
        self.assertTrue(Member.objects.get(pk=self.bob.pk).is_active)

    def test_way_leads_back_once_it_is_set_up(self):
        self.enter(self.wei)
        wanted = reverse("admin:news_article_changelist") + "?q=x"
        self.client.get(wanted)
        with_passkey(self.wei)
        self.assertContains(self.client.get(self.setup), f'href="{wanted}"')
        self.assertEqual(self.client.get(wanted).status_code, 200)

    def test_with_one_the_desk_is_open(self):
        with_totp(self.root)
        self.enter(self.root)
        self.assertEqual(self.client.get(self.desk).status_code, 200)

    def test_the_rest_of_the_site_is_open_without(self):
        self.enter(self.wei)
        self.assertEqual(self.client.get("/en/").status_code, 200)

    def test_others_get_from_the_desk_what_they_got(self):
        self.login(self.bob)
        self.assertNotEqual(self.client.get(self.desk).get("Location"), self.setup)
        self.login(None)
        self.assertNotEqual(self.client.get(self.desk).get("Location"), self.setup)

    def test_off_the_desk_says_so(self):
        self.enter(self.root)
        with override_settings(STAFF_SECOND_FACTOR=False):
            self.assertContains(self.client.get(self.desk), "no second step is asked for")
        with_totp(self.root)
        self.assertNotContains(self.client.get(self.desk), "no second step is asked for")


class ResetTests(SecurityTestCase):
    def test_who_has_lost_theirs_gets_a_new_start(self):
        with_totp(self.root)
        with mock.patch("sys.stdout"):
            call_command("reset_second_factor", "Root")
        self.assertFalse(Authenticator.objects.exists())
        self.assertEqual(mails()[-1].to, [self.root.email])
        self.log_in("root", PASSWORD)
        self.assertEqual(self.is_in(), str(self.root.pk))

    def test_who_has_none_is_left_alone(self):
        with mock.patch("sys.stdout"):
            call_command("reset_second_factor", "bob")
        self.assertEqual(mails(), [])

    def test_handle_of_nobody_is_said(self):
        with self.assertRaises(CommandError):
            call_command("reset_second_factor", "nobody")
