"""The page where the mailed code is typed."""

import time
from unittest import mock

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from caisu.tests.cast import PASSWORD
from members.models import Member
from members.moderation.models import Case

from .entrance import EntranceTestCase, code_in, mails, path, wrong

MINUTE = 60


def later(seconds):
    """The clock of allauth, so many seconds on."""
    return mock.patch("time.time", return_value=time.time() + seconds)


class ConfirmEmailTests(EntranceTestCase):
    def newcomer(self):
        return Member.objects.get(email="li@example.org")

    def is_proven(self):
        return EmailAddress.objects.get(email="li@example.org").verified

    def test_page_has_one_field_and_can_be_left_and_reopened(self):
        self.sign_up()
        for _visit in range(2):
            response = self.client.get(self.code_page)
            self.assertContains(response, 'name="code"')
            self.assertContains(response, 'autocomplete="one-time-code"')
            self.assertContains(response, "li@example.org")

    def test_right_code_proves_the_address_and_logs_in(self):
        self.type_code(self.sign_up_and_read_code())
        self.assertTrue(self.is_proven())
        self.assertEqual(self.is_in(), str(self.newcomer().pk))

    def test_code_with_spaces_around_is_right(self):
        self.type_code(f" {self.sign_up_and_read_code()} ")
        self.assertTrue(self.is_proven())

    def test_wrong_code_is_the_form_again(self):
        code = self.sign_up_and_read_code()
        for bad in (wrong(code), "", "abcdef", "1" * 5000, "\0" * 6):
            with self.subTest(code=bad[:10]):
                cache.clear()
                client = Client()
                client.cookies.update(self.client.cookies)
                response = self.type_code(bad, client)
                if response.status_code == 302:  # the fifth in a row
                    break
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
        self.assertIsNone(self.is_in())
        self.assertFalse(self.is_proven())

    def test_right_code_after_a_wrong_one_counts(self):
        code = self.sign_up_and_read_code()
        self.assertEqual(self.type_code(wrong(code)).status_code, 200)
        self.type_code(code)
        self.assertTrue(self.is_proven())

    def test_fifth_wrong_code_ends_it(self):
        code = self.sign_up_and_read_code()
        for _attempt in range(4):
            self.assertEqual(self.type_code(wrong(code)).status_code, 200)
        self.assertRedirects(self.type_code(wrong(code)), path("account_login"))
        self.assertRedirects(self.type_code(code), path("account_login"))
        self.assertFalse(self.is_proven())

    def test_code_is_good_for_half_an_hour_as_the_mail_says(self):
        code = self.sign_up_and_read_code()
        with later(29 * MINUTE):
            self.assertEqual(self.client.get(self.code_page).status_code, 200)
            self.assertRedirects(self.type_code(code), "/en/")
        self.assertTrue(self.is_proven())

    def test_expired_code_leads_to_the_login_and_says_why(self):
        code = self.sign_up_and_read_code()
        with later(31 * MINUTE):
            response = self.client.post(self.code_page, {"code": code}, follow=True)
        self.assertRedirects(response, path("account_login"))
        self.assertContains(response, "This code is no longer valid.")
        self.assertFalse(self.is_proven())

    def test_code_works_once(self):
        code = self.sign_up_and_read_code()
        self.type_code(code)
        self.login(None)
        response = self.type_code(code)
        self.assertRedirects(response, path("account_login"))
        self.assertIsNone(self.is_in())

    def test_code_of_another_session_is_wrong_here(self):
        other = Client()
        code = self.sign_up_and_read_code(other, email="other@example.org")
        mine = self.sign_up_and_read_code()
        if code != mine:
            self.assertEqual(self.type_code(code).status_code, 200)
        self.assertIsNone(self.is_in())
        self.assertFalse(self.is_proven())

    def test_code_alone_without_the_session_opens_nothing(self):
        code = self.sign_up_and_read_code()
        response = self.client_class().post(self.code_page, {"code": code})
        self.assertRedirects(response, path("account_login"))
        self.assertFalse(self.is_proven())

    def test_get_with_the_code_proves_nothing(self):
        code = self.sign_up_and_read_code()
        self.client.get(self.code_page, {"code": code})
        self.client.head(self.code_page)
        self.assertFalse(self.is_proven())

    def test_new_code_replaces_the_old_one(self):
        old = self.sign_up_and_read_code()
        cache.clear()
        self.assertRedirects(self.client.post(self.code_page, {"action": "resend"}), self.code_page)
        new = code_in(mails()[-1])
        if new != old:
            self.assertEqual(self.type_code(old).status_code, 200)
        self.assertRedirects(self.type_code(new), "/en/")

    def test_new_codes_are_not_handed_out_at_once_nor_without_end(self):
        self.sign_up()
        self.client.post(self.code_page, {"action": "resend"})
        self.assertEqual(len(mails()), 1, "within ten seconds")
        for _click in range(8):
            cache.clear()
            self.client.post(self.code_page, {"action": "resend"})
        self.assertEqual(len(mails()), 1 + 5)

    def test_address_cannot_be_changed_on_the_way(self):
        self.sign_up()
        self.client.post(self.code_page, {"action": "change", "email": "eve@example.org"})
        self.assertEqual(self.newcomer().email, "li@example.org")
        self.assertFalse(EmailAddress.objects.filter(email="eve@example.org").exists())

    def test_member_who_was_admitted_meanwhile_stays_one(self):
        code = self.sign_up_and_read_code()
        self.newcomer().stand(Member.Standing.ACTIVE)
        self.type_code(code)
        self.assertEqual(self.newcomer().standing, Member.Standing.ACTIVE)
        self.assertFalse(Case.objects.exists())

    def test_newcomer_who_was_banned_meanwhile_gets_no_session(self):
        code = self.sign_up_and_read_code()
        self.newcomer().stand(Member.Standing.BANNED)
        self.type_code(code)
        self.assertEqual(self.client.get("/en/").wsgi_request.user.is_authenticated, False)
        self.assertFalse(Case.objects.exists())

    def test_nobody_without_a_code_to_type_is_sent_to_the_login(self):
        self.assertRedirects(self.client.get(self.code_page), path("account_login"))
        self.login(self.bob)
        self.assertRedirects(self.client.get(self.code_page), path("account_email"))


class ChangeEmailTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.log_in("bob")
        self.page = path("account_email")

    def change_to(self, email):
        """Asks for the change, and types the password that it takes."""
        cache.clear()
        response = self.client.post(self.page, {"email": email, "action_add": ""})
        if path("account_reauthenticate") not in response["Location"]:
            return response
        self.assertEqual(len(mails()), 0, "nothing without the password")
        return self.client.post(response["Location"], {"password": PASSWORD})

    def test_new_address_counts_once_its_code_is_typed_and_the_old_one_is_told(self):
        self.assertEqual(self.client.get(self.page).status_code, 200)
        self.change_to("Bob.New@example.org")
        message = mails()[-1]
        self.assertEqual(message.to, ["bob.new@example.org"])
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, "bob@example.org")
        self.type_code(code_in(message))
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, "bob.new@example.org")
        self.assertEqual(mails()[-1].to, ["bob@example.org"])
        self.assertIn("bob.new@example.org", mails()[-1].body)

    def test_address_of_another_member_cannot_be_taken_nor_found_out(self):
        known = self.change_to("alice@example.org")
        self.assertEqual(mails()[-1].to, ["alice@example.org"])
        # Even with the code out of Alice's mail.
        self.type_code(code_in(mails()[-1]))
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, "bob@example.org")
        self.assertEqual(Member.objects.get(pk=self.alice.pk).email, "alice@example.org")
        mail.outbox.clear()
        cache.clear()
        unknown = self.change_to("nobody@example.org")
        self.assertEqual(
            (known.status_code, known["Location"]), (unknown.status_code, unknown["Location"])
        )

    def test_address_of_a_sign_up_that_was_never_proven_is_refused_with_words(self):
        self.sign_up(Client())
        mails()
        mail.outbox.clear()
        self.change_to("li@example.org")
        response = self.type_code(code_in(mails()[-1]))
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "errorlist")
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, "bob@example.org")

    def test_only_address_cannot_be_removed(self):
        response = self.client.post(self.page, {"email": "bob@example.org", "action_remove": ""})
        self.client.post(response["Location"], {"password": PASSWORD})
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, "bob@example.org")
        self.assertTrue(EmailAddress.objects.filter(email="bob@example.org").exists())
