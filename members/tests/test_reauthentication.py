"""Before what would hurt in the wrong hands, everybody is asked once more who they are."""

from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from django.test import Client

from caisu.tests.cast import PASSWORD
from members.middleware import ReauthenticationMiddleware
from members.models import Member

from .entrance import code_in, mails, path, wrong
from .security import SecurityTestCase, later, with_passkey, with_totp, without_password

NEW = {"password1": "a whole new sentence", "password2": "a whole new sentence"}
# Those of no use without a key, or with a provider that is set up.
ELSEWHERE = {
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "google_login",
    "github_login",
    "weixin_login",
}


class AskedTests(SecurityTestCase):
    """Whoever has been logged in for a while, however they log in."""

    def pages(self):
        ours = ["members:sessions"]
        return [path(name) for name in [*ReauthenticationMiddleware.PAGES - ELSEWHERE, *ours]]

    def assert_asked(self, asks):
        for page in self.pages():
            with self.subTest(page=page):
                response = self.client.get(page)
                self.assertEqual(response.status_code, 302)
                self.assertTrue(response["Location"].startswith(path(asks)), response["Location"])

    def test_for_the_password(self):
        self.login(self.bob)
        self.assert_asked("account_reauthenticate")

    def test_for_the_passkey_without_a_password(self):
        without_password(self.bob)
        with_passkey(self.bob)
        self.login(self.bob)
        self.assert_asked("mfa_reauthenticate_webauthn")

    def test_for_the_app_without_a_password(self):
        without_password(self.bob)
        with_totp(self.bob)
        self.login(self.bob)
        self.assert_asked("mfa_reauthenticate")

    def test_for_a_mailed_code_with_neither(self):
        without_password(self.bob)
        self.login(self.bob)
        self.assert_asked("members:reauthenticate")

    def test_for_a_mailed_code_who_only_has_an_account_elsewhere(self):
        without_password(self.bob)
        SocialAccount.objects.create(user=self.bob, provider="google", uid="1")
        self.login(self.bob)
        self.assert_asked("members:reauthenticate")

    def test_newcomers_as_well(self):
        without_password(self.nina)
        self.login(self.nina)
        self.assert_asked("members:reauthenticate")

    def test_visitors_are_led_to_the_login(self):
        for page in self.pages():
            with self.subTest(page=page):
                self.assertIn(path("account_login"), self.client.get(page)["Location"])

    def test_login_itself_is_not_enough_but_lasts_for_who_proved_it(self):
        self.log_in("bob")
        self.assertEqual(self.client.get(path("account_email")).status_code, 302)
        self.prove()
        self.assertEqual(self.client.get(path("account_email")).status_code, 200)
        with later(3600):
            self.assertEqual(self.client.get(path("account_email")).status_code, 302)

    def test_proof_of_one_member_is_none_for_the_next_at_the_same_browser(self):
        self.enter(self.bob)
        self.client.logout()
        self.client.force_login(self.alice)
        self.assertEqual(self.client.get(path("account_email")).status_code, 302)

    def test_post_is_held_back_and_done_afterwards(self):
        self.login(self.bob)
        data = {"oldpassword": PASSWORD, **NEW}
        response = self.client.post(path("account_change_password"), data)
        self.assertTrue(Member.objects.get(pk=self.bob.pk).check_password(PASSWORD))
        self.client.post(response["Location"], {"password": PASSWORD})
        self.assertTrue(Member.objects.get(pk=self.bob.pk).check_password(NEW["password1"]))

    def test_wrong_password_proves_nothing(self):
        self.login(self.bob)
        self.client.post(path("account_reauthenticate"), {"password": "not the password"})
        self.assertEqual(self.client.get(path("account_email")).status_code, 302)


class MailedCodeTests(SecurityTestCase):
    def setUp(self):
        super().setUp()
        without_password(self.bob)
        self.login(self.bob)
        self.client.get("/language/en/")
        self.wanted = path("account_set_password")
        self.page = self.client.get(self.wanted)["Location"]
        self.answer = self.client.get(self.page)

    def type(self, code):
        cache.clear()
        return self.client.post(self.page, {"code": code})

    def test_right_code_leads_on(self):
        self.assertEqual(mails()[-1].to, ["bob@example.org"])
        self.assertRedirects(self.type(code_in(mails()[-1])), self.wanted)

    def test_post_goes_on_with_what_was_typed(self):
        page = self.client.post(self.wanted, NEW)["Location"]
        self.client.post(page, {"code": code_in(mails()[-1])})
        self.assertTrue(Member.objects.get(pk=self.bob.pk).check_password(NEW["password1"]))

    def test_code_works_once(self):
        code = code_in(mails()[-1])
        self.type(code)
        with later(3600):
            self.assertEqual(self.client.get(self.wanted).status_code, 302)
            self.type(code)
            self.assertEqual(self.client.get(self.wanted).status_code, 302)

    def test_page_can_be_left_and_reopened(self):
        self.client.get(self.page)
        self.assertEqual(len(mails()), 1)
        self.assertContains(self.answer, "bob@example.org")

    def test_wrong_code_is_the_form_again(self):
        for bad in (wrong(code_in(mails()[-1])), "", "abc", "\0", "9" * 5000):
            with self.subTest(code=bad[:6]):
                self.assertEqual(self.client.get(self.wanted).status_code, 302)
        self.assertContains(self.type(wrong(code_in(mails()[-1]))), "errorlist")

    def test_fifth_wrong_code_ends_it(self):
        code = code_in(mails()[-1])
        for _try in range(4):
            self.assertEqual(self.type(wrong(code)).status_code, 200)
        self.assertEqual(self.type(wrong(code)).status_code, 302)
        self.type(code)
        self.assertEqual(self.client.get(self.wanted).status_code, 302)

    def test_code_is_good_for_half_an_hour(self):
        code = code_in(mails()[-1])
        with later(29 * 60):
            self.assertRedirects(self.type(code), self.wanted)

    def test_code_is_dead_after_half_an_hour(self):
        code = code_in(mails()[-1])
        with later(31 * 60):
            self.assertNotEqual(self.type(code)["Location"], self.wanted)
            self.assertEqual(self.client.get(self.wanted).status_code, 302)

    def test_new_codes_are_not_handed_out_at_once_nor_without_end(self):
        self.client.post(self.page, {"action": "resend"})
        self.assertEqual(len(mails()), 1)
        for _click in range(8):
            cache.clear()
            self.client.post(self.page, {"action": "resend"})
        self.assertEqual(len(mails()), 1 + 5)

    def test_code_to_a_former_address_is_dead(self):
        code = code_in(mails()[-1])
        Member.objects.filter(pk=self.bob.pk).update(email="bob.new@example.org")
        self.type(code)
        self.assertEqual(self.client.get(self.wanted).status_code, 302)

    def test_code_of_another_session_is_wrong_here(self):
        mine = code_in(mails()[-1])
        other = Client()
        other.force_login(self.bob)
        mail.outbox.clear()
        cache.clear()
        other.get(self.page)
        theirs = code_in(mails()[-1])
        if theirs != mine:
            self.assertEqual(self.type(theirs).status_code, 200)

    def test_who_has_a_password_is_asked_for_that(self):
        self.login(self.alice)
        mails()
        mail.outbox.clear()
        response = self.client.get(path("members:reauthenticate"))
        self.assertRedirects(response, path("account_reauthenticate"))
        self.assertEqual(mails(), [])

    def test_visitor_is_led_to_the_login(self):
        self.login(None)
        for method in (self.client.get, self.client.post):
            self.assertIn(path("account_login"), method(self.page)["Location"])
