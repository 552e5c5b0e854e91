"""A new password after a mailed code: everything but the straight way, which is in test_login.py."""

import time
from unittest import mock

from django.core.cache import cache
from django.test import Client, override_settings

from members.models import Member

from .entrance import EntranceTestCase, code_in, mails, path, wrong

NEW = "a new and long password"


def later(seconds):
    return mock.patch("time.time", return_value=time.time() + seconds)


class PasswordResetTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.start = path("account_reset_password")
        self.page = path("account_confirm_password_reset_code")
        self.end = path("account_complete_password_reset")

    def ask(self, email="alice@example.org", client=None, **changes):
        """Asks for a code; returns it."""
        cache.clear()
        (client or self.client).post(self.start, {"email": email, **changes})
        return code_in(mails()[-1])

    def choose(self, password=NEW, client=None):
        data = {"password1": password, "password2": password}
        return (client or self.client).post(self.end, data)

    def changed(self, password=NEW):
        return Member.objects.get(pk=self.alice.pk).check_password(password)

    def test_new_code_can_be_had_here_too(self):
        old = self.ask()
        self.assertContains(self.client.get(self.page), "data-wait")
        cache.clear()
        with later(31):
            response = self.client.post(self.page, {"action": "resend"}, follow=True)
            self.assertRedirects(response, self.page)
            self.assertContains(response, "We have sent a new code.")
        new = code_in(mails()[-1])
        self.assertEqual(len(mails()), 2)
        if old != new:
            self.assertEqual(self.client.post(self.page, {"code": old}).status_code, 200)
        self.assertRedirects(self.client.post(self.page, {"code": new}), self.end)

    def test_next_is_kept_on_the_way(self):
        self.client.post(self.start, {"email": "alice@example.org", "next": self.story})
        self.assertContains(
            self.client.get(self.page, {"next": self.story}), f'value="{self.story}"'
        )
        with later(31):
            data = {"action": "resend", "next": self.story}
            self.assertIn("next=", self.client.post(self.page, data)["Location"])

    def test_fifth_wrong_code_leads_to_a_new_one(self):
        code = self.ask()
        for _attempt in range(4):
            self.assertContains(self.client.post(self.page, {"code": wrong(code)}), "That is not")
        response = self.client.post(self.page, {"code": wrong(code)})
        self.assertTemplateUsed(response, "account/code_over.html")
        self.assertContains(response, f'action="{self.start}"')
        self.assertRedirects(self.client.post(self.page, {"code": code}), self.start)
        self.assertRedirects(self.choose(), self.start)
        self.assertFalse(self.changed())

    def test_code_that_waited_too_long_says_so(self):
        code = self.ask()
        with later(31 * 60):
            response = self.client.post(self.page, {"code": code})
            self.assertTemplateUsed(response, "account/code_over.html")
            self.assertRedirects(self.choose(), self.start)
        self.assertFalse(self.changed())

    def test_choosing_has_half_an_hour_of_its_own_and_then_says_so(self):
        code = self.ask()
        with later(29 * 60):
            self.assertRedirects(self.client.post(self.page, {"code": code}), self.end)
        with later(58 * 60):
            self.assertEqual(self.client.get(self.end).status_code, 200)
        with later(60 * 60):
            response = self.client.get(self.end, follow=True)
        self.assertRedirects(response, self.start)
        self.assertContains(response, "That took longer than half an hour.")

    def test_nothing_is_chosen_before_the_code_nor_in_another_browser(self):
        code = self.ask()
        self.assertRedirects(self.choose(), self.page)
        other = Client()
        self.assertRedirects(other.post(self.page, {"code": code}), self.start)
        self.assertRedirects(self.choose(client=other), self.start)
        self.assertFalse(self.changed())

    def test_session_that_somebody_else_knows_sets_no_password(self):
        code = self.ask()
        other = Client()
        other.cookies["sessionid"] = self.client.session.session_key
        self.client.post(self.page, {"code": code})
        self.choose(client=other)
        self.assertFalse(self.changed())
        self.choose()
        self.assertTrue(self.changed())

    def test_code_works_once(self):
        code = self.ask()
        self.client.post(self.page, {"code": code})
        self.choose()
        self.assertTrue(self.changed())
        self.assertRedirects(self.choose("yet another long one"), self.start)
        self.assertRedirects(self.client.post(self.page, {"code": code}), self.start)
        self.assertTrue(self.changed())

    def test_code_of_one_account_opens_no_other(self):
        other = Client()
        alices = self.ask()
        bobs = self.ask("bob@example.org", other)
        if alices != bobs:
            self.assertContains(other.post(self.page, {"code": alices}), "That is not the code.")
        self.assertRedirects(self.choose(client=other), self.page)
        self.assertFalse(self.changed())

    def test_code_of_a_login_is_none_for_a_new_password(self):
        self.client.post(path("account_request_login_code"), {"email": "alice@example.org"})
        code = code_in(mails()[-1])
        self.assertRedirects(self.client.post(self.page, {"code": code}), self.start)

    def test_weak_password_is_refused_and_the_code_not_lost(self):
        self.assertRedirects(self.client.post(self.page, {"code": self.ask()}), self.end)
        for weak in ("short", "woaini1314520", "alice@example.org"):
            response = self.choose(weak)
            self.assertEqual(response.status_code, 200)
            self.assertTrue(response.context["form"].errors["password1"])
        self.assertRedirects(self.choose(), path("account_password_reset_completed"))
        self.assertTrue(self.changed())

    def test_two_that_differ_are_refused(self):
        self.client.post(self.page, {"code": self.ask()})
        response = self.client.post(self.end, {"password1": NEW, "password2": NEW + "x"})
        self.assertContains(response, "errorlist")
        self.assertFalse(self.changed())

    def test_member_without_a_password_gets_one(self):
        self.alice.set_unusable_password()
        self.alice.save()
        self.client.post(self.page, {"code": self.ask()})
        self.choose()
        self.assertTrue(self.changed())

    def test_other_sessions_end(self):
        elsewhere = Client()
        self.log_in("alice", client=elsewhere)
        self.client.post(self.page, {"code": self.ask()})
        self.choose()
        self.assertFalse(elsewhere.get("/en/").wsgi_request.user.is_authenticated)

    def test_no_mail_holds_a_link_that_does_anything(self):
        self.ask()
        links = [word for word in mails()[-1].body.split() if word.startswith("http")]
        self.assertEqual(set(links), {"http://testserver"})

    def test_requests_are_counted_by_address_and_answered_kindly(self):
        for _request in range(3):
            Client().post(self.start, {"email": "alice@example.org"})
        response = Client().post(self.start, {"email": "Alice@example.org"})
        self.assertEqual(response.status_code, 429)
        self.assertTemplateUsed(response, "429.html")
        self.assertGreaterEqual(int(response["Retry-After"]), 1)
        self.assertEqual(Client().post(self.start, {"email": "bob@example.org"}).status_code, 302)
        self.assertEqual(len(mails()), 4)

    @override_settings(ACCOUNT_RATE_LIMITS={"reset_password": "1/d/key"})
    def test_limit_of_the_address_holds_for_new_codes_too(self):
        self.ask()
        cache.clear()
        for seconds in (31, 62):
            with later(seconds):
                response = self.client.post(self.page, {"action": "resend"}, follow=True)
        self.assertContains(response, "That is all the codes we mail for now.")
        self.assertEqual(len(mails()), 2)
        self.assertRedirects(self.client.post(self.page, {"code": code_in(mails()[-1])}), self.end)
