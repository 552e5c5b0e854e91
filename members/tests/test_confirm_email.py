"""The page where the mailed code is typed."""

import time
from unittest import mock

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client, override_settings

from members.login_form import ConfirmEmailForm
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

    def test_code_is_right_in_any_width_and_in_groups(self):
        code = self.sign_up_and_read_code()
        wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        for typed in (
            f" {code} ",
            f"{wide[:3]} {wide[3:]}",
            f"{wide[:3]}\u3000{code[3:]}",
            f"{code[:3]}-{code[3:]}",
        ):
            with self.subTest(typed=typed):
                client = Client()
                client.cookies.update(self.client.cookies)
                form = ConfirmEmailForm(
                    {"code": typed}, code=code, user=self.newcomer(), email="li@example.org"
                )
                self.assertTrue(form.is_valid())
        self.type_code(f" {wide[:3]} {wide[3:]} ")
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

    def test_wrong_codes_are_counted_aloud_and_the_fifth_leads_on(self):
        code = self.sign_up_and_read_code()
        for left in ("4 tries", "3 tries", "2 tries", "1 try"):
            response = self.type_code(wrong(code))
            self.assertContains(response, f"That is not the code. {left} left.")
        response = self.type_code(wrong(code))
        self.assertTemplateUsed(response, "account/code_over.html")
        self.assertContains(response, f'action="{path("account_request_login_code")}"')
        self.assertContains(response, 'name="email" value="li@example.org"')
        self.assertRedirects(self.type_code(code), path("account_request_login_code"))
        self.assertFalse(self.is_proven())

    def test_page_of_a_dead_code_offers_one_that_works(self):
        code = self.sign_up_and_read_code()
        for _attempt in range(5):
            self.type_code(wrong(code))
        cache.clear()
        data = {"email": "li@example.org", "next": self.story}
        response = self.client.post(path("account_request_login_code"), data)
        response = self.client.post(response["Location"], {"code": code_in(mails()[-1])})
        self.assertRedirects(response, self.story, fetch_redirect_response=False)
        self.assertTrue(self.is_proven())

    def test_half_a_code_costs_no_try(self):
        code = self.sign_up_and_read_code()
        for half in ("", "123", "1234567", "abcdef"):
            self.assertContains(self.type_code(half), "errorlist")
        self.assertContains(self.type_code(wrong(code)), "4 tries left")

    def test_many_wrong_codes_side_by_side_are_counted_though_none_sees_the_others(self):
        code = self.sign_up_and_read_code()
        state = dict(self.client.session)
        for _request in range(10):
            self.type_code(wrong(code))
            session = self.client.session
            session.update(state)
            session["account_email_verification_code"]["failed_attempts"] = 0
            session.save()
        response = self.type_code(code)
        self.assertEqual(response.status_code, 429)
        self.assertGreater(int(response["Retry-After"]), 0)
        self.assertFalse(self.is_proven())

    def test_code_is_good_for_half_an_hour_as_the_mail_says(self):
        code = self.sign_up_and_read_code()
        with later(29 * MINUTE):
            self.assertEqual(self.client.get(self.code_page).status_code, 200)
            self.assertRedirects(self.type_code(code), "/en/")
        self.assertTrue(self.is_proven())

    def test_expired_code_says_so_and_offers_a_new_one(self):
        code = self.sign_up_and_read_code()
        with later(31 * MINUTE):
            response = self.client.post(self.code_page, {"code": code})
            self.assertTemplateUsed(response, "account/code_over.html")
            self.assertContains(response, "li@example.org")
            response = self.client.get(self.code_page, follow=True)
        self.assertRedirects(response, path("account_request_login_code"))
        self.assertContains(response, "There is no code to type here any more.")
        self.assertFalse(self.is_proven())

    def test_code_works_once(self):
        code = self.sign_up_and_read_code()
        self.type_code(code)
        self.login(None)
        response = self.type_code(code)
        self.assertRedirects(response, path("account_request_login_code"))
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
        self.assertRedirects(response, path("account_request_login_code"))
        self.assertFalse(self.is_proven())

    def test_get_with_the_code_proves_nothing(self):
        code = self.sign_up_and_read_code()
        self.client.get(self.code_page, {"code": code})
        self.client.head(self.code_page)
        self.assertFalse(self.is_proven())

    def resend(self, seconds=31):
        """Asks for another code some time later; returns the page that answers."""
        cache.clear()
        with later(seconds):
            return self.client.post(self.code_page, {"action": "resend"}, follow=True)

    def test_new_code_replaces_the_old_one(self):
        old = self.sign_up_and_read_code()
        response = self.resend()
        self.assertRedirects(response, self.code_page)
        self.assertContains(response, "We have sent a new code.")
        new = code_in(mails()[-1])
        if new != old:
            self.assertEqual(self.type_code(old).status_code, 200)
        self.assertRedirects(self.type_code(new), "/en/")

    def test_new_code_has_half_an_hour_and_five_tries_of_its_own(self):
        code = self.sign_up_and_read_code()
        for _attempt in range(4):
            self.type_code(wrong(code))
        self.resend(25 * MINUTE)
        code = code_in(mails()[-1])
        with later(54 * MINUTE):
            self.assertContains(self.type_code(wrong(code)), "4 tries left")
            self.assertRedirects(self.type_code(code), "/en/")
        self.assertTrue(self.is_proven())

    def test_button_says_when_it_may_be_pressed_and_the_server_answers_who_is_early(self):
        code = self.sign_up_and_read_code()
        self.assertRegex(self.client.get(self.code_page).content.decode(), 'data-wait="(29|30)"')
        response = self.resend(20)
        self.assertRegex(response.content.decode(), r"ask for another in (9|10|30) seconds")
        self.assertEqual(len(mails()), 1)
        self.type_code(code)
        self.assertTrue(self.is_proven(), "nothing is lost")

    def test_new_codes_are_not_handed_out_without_end(self):
        self.sign_up()
        for click in range(8):
            response = self.resend(31 * (click + 1))
        self.assertEqual(len(mails()), 1 + 5)
        self.assertContains(response, "That is all the codes we mail for now.")
        self.assertNotContains(response, "data-wait")
        with later(31 * 9):
            self.type_code(code_in(mails()[-1]))
        self.assertTrue(self.is_proven())

    def test_limit_of_the_address_keeps_the_code_that_was_sent(self):
        code = self.sign_up_and_read_code()
        with override_settings(ACCOUNT_RATE_LIMITS={"confirm_email": "1/d/key"}):
            cache.clear()
            for seconds in (31, 62):
                with later(seconds):
                    self.client.post(self.code_page, {"action": "resend"})
        self.assertEqual(len(mails()), 2)
        with later(62):
            self.assertContains(self.client.get(self.code_page), "That is all the codes")
            self.type_code(code_in(mails()[-1]) if len(mails()) > 1 else code)
        self.assertTrue(self.is_proven())

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

    def test_nobody_without_a_code_to_type_is_left_standing(self):
        self.assertRedirects(self.client.get(self.code_page), path("account_request_login_code"))
        self.login(self.bob)
        self.assertRedirects(self.client.get(self.code_page), "/en/")

    def test_second_tab_and_back_button_after_the_login_lead_on(self):
        code = self.sign_up_and_read_code()
        self.type_code(code)
        self.assertRedirects(self.type_code(code), "/en/")
        self.assertRedirects(self.client.get(self.code_page), "/en/")

    def test_login_and_sign_up_point_to_the_code_that_waits(self):
        self.sign_up()
        for name in ("account_login", "account_request_login_code"):
            page = self.client.get(path(name))
            self.assertContains(page, f'href="{self.code_page}"')
            self.assertContains(page, "li@example.org")
        self.assertNotContains(Client().get(path("account_login")), self.code_page)

    def test_login_in_the_same_browser_goes_on_with_the_code_that_was_mailed(self):
        code = self.sign_up_and_read_code()
        cache.clear()
        self.assertRedirects(self.log_in("li@example.org", next=self.story), self.code_page)
        self.assertEqual(len(mails()), 1)
        response = self.type_code(code)
        self.assertRedirects(response, self.story, fetch_redirect_response=False)

    def test_no_code_is_right_where_none_was_sent(self):
        self.sign_up(email="bob@example.org")
        cache.clear()
        with later(31):
            self.client.post(self.code_page, {"action": "resend"})
        made_up = self.client.session["account_email_verification_code"].get("code", "000000")
        with later(32):
            self.assertContains(self.type_code(made_up), "That is not the code.")
