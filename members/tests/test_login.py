"""By password or by mailed code; and what a closed account gets instead of a session."""

import time
from datetime import timedelta
from unittest import mock

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.tests.cast import PASSWORD, make_member
from members.models import Member
from members.moderation import deciding
from members.moderation.models import Case

from .entrance import EntranceTestCase, code_in, mails, path, wrong
from .test_signup import hashes_counted


class LoginTests(EntranceTestCase):
    def test_by_address_or_handle_in_any_case_of_the_letters(self):
        for login in ("alice@example.org", "ALICE@Example.ORG", "alice", "Alice", " alice "):
            with self.subTest(login=login):
                client = Client()
                self.assertRedirects(self.log_in(login, client=client), "/en/")
                self.assertEqual(self.is_in(client), str(self.alice.pk))

    def test_next_leads_back_with_its_place_on_the_page(self):
        page = self.client.get(f"{path('account_login')}?next={self.story.replace('#', '%23')}")
        self.assertContains(page, f'name="next" value="{self.story}"')
        self.assertRedirects(
            self.log_in("alice", next=self.story), self.story, fetch_redirect_response=False
        )

    def test_next_on_another_host_is_not_followed(self):
        for target in (
            "https://evil.example/",
            "//evil.example/",
            r"/\evil.example/",
            "javascript:alert(1)",
            "https://testserver@evil.example/",
        ):
            with self.subTest(next=target):
                self.assertRedirects(self.log_in("alice", client=Client(), next=target), "/en/")

    def test_wrong_password_is_the_form_again(self):
        for login in ("alice@example.org", "nobody@example.org", "alice", "nobody"):
            with self.subTest(login=login):
                response = self.log_in(login, "not the password")
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, f'value="{login}"')
                self.assertIsNone(self.is_in())

    def test_bad_input_is_the_form_again(self):
        for login, password in (("", ""), ("alice", ""), ("a\0lice", PASSWORD), ("x" * 9000, "y")):
            with self.subTest(login=login[:10]):
                response = self.log_in(login, password)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")

    def test_wrong_password_says_the_same_of_the_known_and_the_unknown(self):
        pages = []
        for login in ("alice@example.org", "nobody@example.org"):
            response = self.log_in(login, "not the password", client=Client())
            text = response.content.decode().replace(login, "LOGIN")
            pages.append(text.replace(str(response.context["csrf_token"]), "TOKEN"))
        self.assertEqual(*pages)

    def test_wrong_password_takes_as_long_for_the_known_and_the_unknown(self):
        for known, unknown in (("alice@example.org", "nobody@example.org"), ("alice", "nobody")):
            counts = []
            for login in (known, unknown):
                with hashes_counted() as encode:
                    self.log_in(login, "not the password", client=Client())
                counts.append(encode.call_count)
            with self.subTest(login=known):
                self.assertEqual(*counts)

    def test_unproven_address_is_sent_a_new_code_and_goes_on_where_it_was(self):
        self.sign_up(Client())
        old = code_in(mails()[-1])
        self.assertRedirects(self.log_in("li@example.org", next=self.story), self.code_page)
        self.assertIsNone(self.is_in())
        new = code_in(mails()[-1])
        self.assertEqual(len(mails()), 2)
        if old != new:
            self.assertEqual(self.type_code(old).status_code, 200)
        response = self.type_code(new)
        self.assertRedirects(response, self.story, fetch_redirect_response=False)
        self.assertEqual(Case.objects.get().kind, Case.Kind.SIGNUP)

    def test_pending_member_is_let_in(self):
        self.log_in("nina")
        self.assertEqual(self.is_in(), str(self.nina.pk))

    def test_member_made_in_the_admin_proves_the_address_first(self):
        Member.objects.create_user(
            "chen", "Chen@Example.org", PASSWORD, display_name="Chen", standing="active"
        )
        self.assertRedirects(self.log_in("chen@example.org"), self.code_page)
        self.assertRedirects(self.type_code(code_in(mails()[-1])), "/en/")

    def test_password_change_ends_the_other_sessions(self):
        elsewhere = Client()
        self.log_in("alice", client=elsewhere)
        self.log_in("alice")
        self.client.post(path("account_reauthenticate"), {"password": PASSWORD})
        data = {"oldpassword": PASSWORD, "password1": "quite another one", "password2": ""}
        data["password2"] = data["password1"]
        self.client.post(path("account_change_password"), data)
        self.assertTrue(self.client.get("/en/").wsgi_request.user.is_authenticated)
        self.assertFalse(elsewhere.get("/en/").wsgi_request.user.is_authenticated)
        self.assertEqual(mails()[-1].to, ["alice@example.org"])

    def test_logout_is_a_post(self):
        self.login(self.alice)
        self.client.get(path("account_logout"))
        self.assertEqual(self.is_in(), str(self.alice.pk))
        self.assertRedirects(self.client.post(path("account_logout")), "/en/")
        self.assertIsNone(self.is_in())

    def test_admin_has_no_login_of_its_own(self):
        response = self.client.get(reverse("admin:index"), follow=True)
        self.assertRegex(response.redirect_chain[-1][0], r"/accounts/login/\?next=/admin/$")

    def test_nothing_personal_gets_into_the_log(self):
        with self.assertNoLogs(level="INFO"):
            self.log_in("alice@example.org", "not the password")
            self.log_in("alice@example.org")


class WithoutPasswordTests(EntranceTestCase):
    """Who has no password is in no way worse off."""

    def setUp(self):
        super().setUp()
        self.alice.set_unusable_password()
        self.alice.save()

    def test_login_page_offers_the_other_ways_as_buttons(self):
        page = self.client.get(path("account_login"), {"next": "/en/news/"})
        self.assertContains(page, "Or without a password")
        self.assertContains(
            page, f'href="{path("account_request_login_code")}?next=%2Fen%2Fnews%2F"'
        )
        self.assertTemplateUsed(page, "account/_passkey_login.html")

    def test_any_password_is_answered_like_a_wrong_one_and_pointed_to_the_code(self):
        answers = {
            name: self.log_in(name, PASSWORD + "x", client=Client()).context["form"]
            for name in ("alice", "bob", "nobody")
        }
        for name, form in answers.items():
            with self.subTest(name=name):
                self.assertEqual(form.non_field_errors(), answers["bob"].non_field_errors())
                self.assertIn("let us mail you a code", form.non_field_errors()[0])
        for password in ("", "!", "None"):
            self.assertEqual(self.log_in("alice", password).status_code, 200)
        self.assertIsNone(self.is_in())

    def test_signing_up_without_one_and_coming_back_by_code(self):
        self.type_code(self.sign_up_and_read_code(password1=""))
        member = Member.objects.get(email="li@example.org")
        self.assertFalse(member.has_usable_password())
        client = Client()
        cache.clear()
        on = client.post(path("account_request_login_code"), {"email": "li@example.org"})
        client.post(on["Location"], {"code": code_in(mails()[-1])})
        self.assertEqual(self.is_in(client), str(member.pk))

    def test_who_left_the_sign_up_in_the_middle_comes_back_by_code(self):
        self.sign_up(Client(), password1="")
        cache.clear()
        on = self.client.post(path("account_request_login_code"), {"email": "li@example.org"})
        self.client.post(on["Location"], {"code": code_in(mails()[-1])})
        self.assertEqual(self.is_in(), str(Member.objects.get(email="li@example.org").pk))


class LoginByCodeTests(EntranceTestCase):
    def ask(self, email, client=None, **changes):
        cache.clear()
        url = path("account_request_login_code")
        return (client or self.client).post(url, {"email": email, **changes})

    def type_login_code(self, code, client=None):
        return (client or self.client).post(path("account_confirm_login_code"), {"code": code})

    def test_code_logs_in_and_leads_back(self):
        page = self.client.get(path("account_request_login_code"))
        self.assertContains(page, 'name="email"')
        response = self.ask("Alice@Example.org", next=self.story)
        self.assertIn(path("account_confirm_login_code"), response["Location"])
        code = code_in(mails()[-1])
        response = self.client.post(response["Location"], {"code": code, "next": self.story})
        self.assertRedirects(response, self.story, fetch_redirect_response=False)
        self.assertEqual(self.is_in(), str(self.alice.pk))

    def test_wrong_code_is_the_form_again_and_a_used_one_is_over(self):
        self.ask("alice@example.org")
        code = code_in(mails()[-1])
        self.assertEqual(self.type_login_code(wrong(code)).status_code, 200)
        self.type_login_code(code)
        self.login(None)
        self.assertEqual(self.type_login_code(code).status_code, 302)
        self.assertIsNone(self.is_in())

    def test_code_proves_a_new_address_as_well(self):
        self.sign_up(Client())
        self.ask("li@example.org")
        self.type_login_code(code_in(mails()[-1]))
        self.assertEqual(self.is_in(), str(Member.objects.get(email="li@example.org").pk))
        self.assertEqual(Case.objects.get().kind, Case.Kind.SIGNUP)

    def test_unknown_and_closed_accounts_get_the_same_page_and_a_mail_without_a_code(self):
        make_member("eve", standing="banned")
        pages = []
        for email in ("alice@example.org", "nobody@example.org", "eve@example.org"):
            client = Client()
            answer = self.ask(email, client)
            page = client.get(answer["Location"])
            text = page.content.decode().replace(email, "ADDRESS")
            pages.append(text.replace(str(page.context["csrf_token"]), "TOKEN"))
        self.assertEqual(pages[0], pages[1])
        self.assertEqual(pages[0], pages[2])
        to = {message.to[0]: message for message in mails()}
        code_in(to["alice@example.org"])
        for email in ("nobody@example.org", "eve@example.org"):
            self.assertNotRegex(to[email].body, r"(?m)^\d{6}$")
            self.assertIn("CAISU", to[email].subject)

    def test_code_that_waits_holds_nobody_back_from_the_password(self):
        self.ask("alice@example.org")
        page = self.client.get(path("account_login"))
        self.assertContains(page, f'href="{path("account_confirm_login_code")}"')
        self.assertRedirects(self.log_in("alice"), "/en/")
        self.assertEqual(self.is_in(), str(self.alice.pk))

    def test_code_of_another_browser_or_of_another_kind_is_none_here(self):
        elsewhere = Client()
        self.ask("alice@example.org", elsewhere)
        alices = code_in(mails()[-1])
        start = path("account_request_login_code")
        self.assertRedirects(self.type_login_code(alices), start)
        self.ask("bob@example.org")
        if alices != code_in(mails()[-1]):
            self.assertContains(self.type_login_code(alices), "That is not the code. 4 tries left.")
        client = Client()
        cache.clear()
        client.post(path("account_reset_password"), {"email": "alice@example.org"})
        self.assertRedirects(self.type_login_code(code_in(mails()[-1]), client), start)
        self.assertIsNone(self.is_in())

    def test_code_lives_half_an_hour_and_a_new_one_as_long_again(self):
        self.ask("alice@example.org")
        page = path("account_confirm_login_code")
        cache.clear()
        with mock.patch("time.time", return_value=time.time() + 25 * 60):
            self.client.post(page, {"action": "resend"})
        code = code_in(mails()[-1])
        with mock.patch("time.time", return_value=time.time() + 54 * 60):
            self.assertRedirects(self.type_login_code(code), "/en/")
        client = Client()
        self.ask("bob@example.org", client)
        with mock.patch("time.time", return_value=time.time() + 31 * 60):
            response = self.type_login_code(code_in(mails()[-1]), client)
        self.assertTemplateUsed(response, "account/code_over.html")
        self.assertContains(response, "bob@example.org")
        self.assertIsNone(self.is_in(client))

    def test_member_suspended_in_the_meantime_gets_no_session_and_the_reason(self):
        self.ask("alice@example.org")
        code = code_in(mails()[-1])
        deciding.ban(self.alice, self.mona, "Spam.")
        response = self.type_login_code(code)
        self.assertIn("/accounts/standing/", response["Location"])
        self.assertIsNone(self.is_in())

    def test_start_over_gives_the_login_back(self):
        self.ask("mistyped@example.org")
        self.assertContains(self.client.get(path("account_confirm_login_code")), 'form="again"')
        self.client.post(path("account_logout"), {"next": path("account_login")})
        self.assertEqual(self.client.get(path("account_login")).status_code, 200)


class PasswordResetTests(EntranceTestCase):
    def ask(self, email, client=None):
        cache.clear()
        url = path("account_reset_password")
        return (client or self.client).post(url, {"email": email}, follow=True)

    def test_code_lets_one_choose_a_new_password(self):
        page = self.ask("alice@example.org")
        self.assertContains(page, 'name="code"')
        where = page.redirect_chain[-1][0]
        response = self.client.post(where, {"code": code_in(mails()[-1])}, follow=True)
        where = response.redirect_chain[-1][0]
        new = "a new and long password"
        response = self.client.post(where, {"password1": new, "password2": new}, follow=True)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(Member.objects.get(pk=self.alice.pk).check_password(new))
        message = mails()[-1]
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertEqual(message.subject, "Your password was changed")
        self.assertRedirects(self.log_in("alice", new, client=Client()), "/en/")

    def test_wrong_code_is_the_form_again(self):
        where = self.ask("alice@example.org").redirect_chain[-1][0]
        response = self.client.post(where, {"code": wrong(code_in(mails()[-1]))})
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "errorlist")

    def test_everybody_sees_the_same_page(self):
        make_member("eve", standing="banned")
        Member.objects.create_user(
            "silent", "silent@example.org", None, display_name="Silent", standing="active"
        )
        pages = set()
        emails = ["alice", "nina", "eve", "silent", "nobody"]
        for email in (f"{name}@example.org" for name in emails):
            response = self.ask(email, Client())
            text = response.content.decode().replace(email, "ADDRESS")
            pages.add(text.replace(str(response.context["csrf_token"]), "TOKEN"))
        self.assertEqual(len(pages), 1)

    def test_closed_account_stays_closed(self):
        eve = make_member("eve", standing="banned")
        before = eve.password
        where = self.ask("eve@example.org").redirect_chain[-1][0]
        self.assertNotRegex(mails()[-1].body, r"(?m)^\d{6}$")
        self.assertEqual(self.client.post(where, {"code": "123456"}).status_code, 200)
        self.assertEqual(Member.objects.get(pk=eve.pk).password, before)

    def test_no_mail_has_an_empty_name_or_a_foreign_address(self):
        self.ask("alice@example.org", Client())
        self.ask("nobody@example.org", Client())
        self.sign_up(Client())
        self.sign_up(Client(), email="bob@example.org")
        self.assertEqual(len(mails()), 4)
        for message in mails():
            with self.subTest(subject=message.subject):
                self.assertIn(SiteSettings.load().name_en, message.body)
                self.assertNotRegex(message.subject + message.body, r"from [,!]|at $|example\.com")
                self.assertNotIn("None", message.body)


class ClosedAccountTests(EntranceTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.eve = make_member("eve")
        cls.until = timezone.now() + timedelta(days=7)

    def suspend(self):
        deciding.suspend(self.eve, self.mona, until=self.until, reason="Advertising <again>.")

    def test_right_password_leads_to_the_reason_and_to_no_session(self):
        for act in (self.suspend, lambda: deciding.ban(self.eve, self.mona, "Too much spam.")):
            act()
            for login in ("eve", "eve@example.org"):
                client = Client()
                response = self.log_in(login, client=client)
                with self.subTest(standing=self.eve.standing, login=login):
                    self.assertIn("/en/accounts/standing/", response["Location"])
                    self.assertIsNone(self.is_in(client))
                    page = client.get(response["Location"])
                    self.assertEqual(page.status_code, 200)
                    self.assertTemplateUsed(page, "moderation/standing.html")
                    self.assertFalse(page.wsgi_request.user.is_authenticated)

    def test_wrong_password_is_the_ordinary_error(self):
        self.suspend()
        closed = self.log_in("eve", "not the password")
        other = self.log_in("bob", "not the password")
        self.assertEqual((closed.status_code, other.status_code), (200, 200))
        self.assertEqual(
            closed.context["form"].non_field_errors(), other.context["form"].non_field_errors()
        )

    def test_open_sessions_end_at_the_next_request(self):
        staff = make_member("wanda", "Moderator")
        for member, page in ((self.eve, path("members:directory")), (staff, "/admin/")):
            client = Client()
            self.log_in(member.username, client=client)
            self.assertEqual(client.get(page).status_code, 200)
            deciding.ban(member, self.root)
            response = client.get(page)
            with self.subTest(page=page):
                self.assertEqual(response.status_code, 302)
                self.assertFalse(response.wsgi_request.user.is_authenticated)

    def test_open_session_cannot_post_any_more(self):
        self.log_in("eve")
        deciding.ban(self.eve, self.mona)
        before = self.article.comments.count()
        url = path("comments:post", self.article.pk)
        response = self.client.post(url, {"body": "One more", "token": ""})
        self.assertIn("/accounts/login/", response["Location"])
        self.assertEqual(self.article.comments.count(), before)

    def test_restored_member_logs_in_as_before(self):
        self.suspend()
        deciding.restore(self.eve, self.mona)
        self.assertRedirects(self.log_in("eve"), "/en/")
        self.assertEqual(self.is_in(), str(self.eve.pk))

    def test_staff_rights_that_were_taken_are_gone_at_once(self):
        client = Client()
        self.log_in("mona", client=client)
        self.assertEqual(client.get("/admin/").status_code, 200)
        Member.objects.filter(pk=self.mona.pk).update(is_staff=False)
        self.assertEqual(client.get("/admin/", follow=True).status_code, 403)

    def test_link_is_signed_for_this_page_alone(self):
        token = signing.dumps(self.eve.pk, salt="another page")
        self.suspend()
        self.assertEqual(self.client.get(path("moderation:standing", token)).status_code, 404)


class LimitTests(EntranceTestCase):
    def post(self, login, password=PASSWORD, **extra):
        data = {"login": login, "password": password}
        return Client().post(path("account_login"), data, **extra)

    def test_thirty_members_on_one_campus_address_all_get_in(self):
        make_member("member")
        for _member in range(30):
            self.assertEqual(self.post("member").status_code, 302)

    def test_account_that_is_guessed_at_is_closed_for_a_while_and_no_other(self):
        for _guess in range(5):
            self.assertEqual(self.post("alice", "not the password").status_code, 200)
        self.assertEqual(self.post("alice").status_code, 200, "closed, with the right password")
        self.assertEqual(self.post("bob").status_code, 302)
        with mock.patch("time.time", return_value=time.time() + 301):
            self.assertEqual(self.post("alice").status_code, 302)

    @override_settings(ACCOUNT_RATE_LIMITS={"login": "2/m/ip"})
    def test_too_many_are_told_when_to_come_back(self):
        answers = [self.post("alice", "not the password") for _ in range(3)]
        self.assertEqual([each.status_code for each in answers], [200, 200, 429])
        self.assertTemplateUsed(answers[-1], "429.html")
        self.assertGreaterEqual(int(answers[-1]["Retry-After"]), 1)
        self.assertEqual(self.post("bob", REMOTE_ADDR="192.0.2.9").status_code, 302)

    def test_codes_of_a_day_are_over_for_hours_and_the_page_says_so(self):
        EmailAddress.objects.filter(user=self.alice).update(verified=False)
        with override_settings(ACCOUNT_RATE_LIMITS={"confirm_email": "1/d/key"}):
            self.assertEqual(self.post("alice").status_code, 302)
            answer = self.post("alice")
        self.assertContains(answer, "Try again in 24 hours.", status_code=429)
        self.assertGreater(int(answer["Retry-After"]), 23 * 3600)

    def test_mails_to_one_address_are_counted(self):
        url = path("account_request_login_code")
        for _request in range(5):
            Client().post(url, {"email": "alice@example.org"})
        self.assertEqual(len(mails()), 3)
