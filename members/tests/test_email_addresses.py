"""The page of a member's two addresses."""

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from caisu.core.models import SiteSettings
from caisu.tests.cast import PASSWORD, make_member
from members.models import Member

from .entrance import code_in, mails, path, wrong
from .security import SecurityTestCase


class AddressesTestCase(SecurityTestCase):
    NEW = "bob@home.example"

    def setUp(self):
        super().setUp()
        self.enter(self.bob)
        self.page = path("account_email")

    def do(self, action, email, client=None):
        cache.clear()
        return (client or self.client).post(self.page, {"email": email, f"action_{action}": ""})

    def add(self, email):
        """Adds an address and types its code."""
        self.do("add", email)
        response = self.type_code(code_in(mails()[-1]))
        mails()
        return response

    def has(self, email, **values):
        return EmailAddress.objects.filter(user=self.bob, email=email, **values).exists()

    def mails_to(self, email):
        return [message for message in mails() if message.to == [email]]


class AddTests(AddressesTestCase):
    def test_counts_once_its_code_is_typed(self):
        self.assertRedirects(
            self.do("add", "Bob@Home.example"), self.code_page, fetch_redirect_response=False
        )
        self.assertFalse(self.has(self.NEW))
        code = code_in(self.mails_to(self.NEW)[0])
        self.assertEqual(self.type_code(wrong(code)).status_code, 200)
        self.assertFalse(self.has(self.NEW))
        self.assertRedirects(self.type_code(code), self.page)
        self.assertTrue(self.has(self.NEW, verified=True, primary=False))

    def test_mails_go_on_to_the_first_which_is_told(self):
        self.add(self.NEW)
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, "bob@example.org")
        message = self.mails_to("bob@example.org")[-1]
        self.assertIn(self.NEW, message.body)

    def test_page_leads_on_to_where_the_code_is_typed(self):
        self.do("add", self.NEW)
        self.assertContains(self.client.get(self.page), self.code_page)

    def test_third_is_refused(self):
        self.add(self.NEW)
        self.assertNotContains(self.client.get(self.page), "action_add")
        self.assertContains(self.do("add", "bob@third.example"), "errorlist", status_code=200)

    def test_bad_address_is_the_form_again(self):
        for bad in ("", "bob", "bob@", "b\0b@home.example", "bob@home.example\nBcc: x@y.example"):
            with self.subTest(email=bad):
                self.assertContains(self.do("add", bad), "errorlist", status_code=200)
        self.assertContains(self.do("add", "BOB@example.org"), "errorlist", status_code=200)

    def test_somebody_elses_gets_the_same_answer_and_another_mail(self):
        make_member("chen")
        EmailAddress.objects.create(
            user=self.alice, email="alice@home.example", verified=True, primary=False
        )
        fresh = self.do("add", "nobody@example.net")
        fresh_page = self.client.get(self.code_page)
        mails()
        mail.outbox.clear()
        for known in ("alice@example.org", "alice@home.example", "chen@example.org"):
            with self.subTest(email=known):
                answer = self.do("add", known)
                self.assertEqual(
                    (answer.status_code, answer["Location"]), (fresh.status_code, fresh["Location"])
                )
                page = self.client.get(self.code_page)
                self.assertEqual(page.status_code, fresh_page.status_code)
                message = self.mails_to(known)[-1]
                self.assertIn("belongs to one already", message.body)
                self.assertNotRegex(message.body, r"(?m)^\d{6}$")
                for guess in ("", "000000", "None"):
                    self.assertEqual(self.type_code(guess).status_code, 200)
        self.assertEqual(EmailAddress.objects.filter(user=self.bob).count(), 1)

    def test_of_a_sign_up_that_was_never_proven_as_well(self):
        self.sign_up(Client())
        mails()
        mail.outbox.clear()
        self.do("add", "li@example.org")
        self.assertIn("belongs to one already", self.mails_to("li@example.org")[-1].body)

    def test_newcomers_add_one_too(self):
        self.enter(self.nina)
        self.do("add", "nina@home.example")
        self.type_code(code_in(mails()[-1]))
        self.assertEqual(EmailAddress.objects.filter(user=self.nina, verified=True).count(), 2)

    def test_unproven_university_address_brings_nobody_in(self):
        self.enter(self.nina)
        self.do("add", "president@isu.edu")
        self.client.get(self.page)
        self.do("primary", "president@isu.edu")
        nina = Member.objects.get(pk=self.nina.pk)
        self.assertEqual((nina.standing, nina.email), ("pending", "nina@example.org"))
        self.assertFalse(EmailAddress.objects.filter(email="president@isu.edu").exists())

    def test_visitor_and_get_do_nothing(self):
        self.assertIn(path("account_login"), self.do("add", self.NEW, Client())["Location"])
        self.client.get(self.page, {"email": self.NEW, "action_add": ""})
        self.assertEqual(mails(), [])


class ChangeTests(AddressesTestCase):
    def setUp(self):
        super().setUp()
        EmailAddress.objects.create(user=self.bob, email=self.NEW, verified=True, primary=False)

    def login_works_by(self, email):
        client = Client()
        self.log_in(email, client=client)
        by_password = self.is_in(client)
        client = Client()
        cache.clear()
        client.post(path("account_request_login_code"), {"email": email})
        client.post(path("account_confirm_login_code"), {"code": code_in(self.mails_to(email)[-1])})
        return by_password == self.is_in(client) == str(self.bob.pk)

    def test_either_logs_in_by_password_and_by_code(self):
        self.assertTrue(self.login_works_by("bob@example.org"))
        self.assertTrue(self.login_works_by(self.NEW))

    def test_code_for_a_new_password_comes_to_either(self):
        cache.clear()
        client = Client()
        client.post(path("account_reset_password"), {"email": self.NEW})
        code = code_in(self.mails_to(self.NEW)[-1])
        client.post(path("account_confirm_password_reset_code"), {"code": code})
        new = "a sentence that is new"
        client.post(path("account_complete_password_reset"), {"password1": new, "password2": new})
        self.assertTrue(Member.objects.get(pk=self.bob.pk).check_password(new))

    def test_mails_go_to_the_one_that_is_chosen_and_the_former_is_told(self):
        self.do("primary", self.NEW)
        self.assertEqual(Member.objects.get(pk=self.bob.pk).email, self.NEW)
        message = self.mails_to("bob@example.org")[-1]
        self.assertIn(self.NEW, message.body)

    def test_removed_one_logs_in_no_more_and_both_are_told(self):
        self.do("remove", self.NEW)
        self.assertFalse(self.has(self.NEW))
        for told in ("bob@example.org", self.NEW):
            self.assertIn(self.NEW, self.mails_to(told)[-1].body)
        client = Client()
        self.log_in(self.NEW, client=client)
        self.assertIsNone(self.is_in(client))

    def test_the_one_that_mails_go_to_stays(self):
        self.do("remove", "bob@example.org")
        self.assertTrue(self.has("bob@example.org"))
        self.do("primary", self.NEW)
        self.do("remove", "bob@example.org")
        self.assertFalse(self.has("bob@example.org"))

    def test_of_somebody_else_nothing_can_be_done(self):
        EmailAddress.objects.create(
            user=self.alice, email="alice@home.example", verified=True, primary=False
        )
        for action in ("primary", "remove", "send"):
            self.do(action, "alice@home.example")
            self.do(action, "alice@example.org")
        self.assertEqual(EmailAddress.objects.filter(user=self.alice).count(), 2)
        self.assertEqual(Member.objects.get(pk=self.alice.pk).email, "alice@example.org")
        self.assertEqual(mails(), [])

    def test_login_code_to_a_removed_address_is_dead(self):
        thief = Client()
        thief.post(path("account_request_login_code"), {"email": self.NEW})
        code = code_in(self.mails_to(self.NEW)[-1])
        self.do("remove", self.NEW)
        cache.clear()
        thief.post(path("account_confirm_login_code"), {"code": code})
        self.assertIsNone(self.is_in(thief))

    def test_reset_code_to_a_removed_address_is_dead_before_and_after_it_is_typed(self):
        for typed_before in (False, True):
            with self.subTest(typed_before=typed_before):
                EmailAddress.objects.get_or_create(
                    user=self.bob, email=self.NEW, verified=True, primary=False
                )
                cache.clear()
                thief = Client()
                thief.post(path("account_reset_password"), {"email": self.NEW})
                data = {"code": code_in(self.mails_to(self.NEW)[-1])}
                steps = [path("account_confirm_password_reset_code"), data]
                if typed_before:
                    thief.post(*steps)
                self.do("remove", self.NEW)
                if not typed_before:
                    thief.post(*steps)
                new = {"password1": "a sentence of theirs", "password2": "a sentence of theirs"}
                thief.post(path("account_complete_password_reset"), new)
                self.assertTrue(Member.objects.get(pk=self.bob.pk).check_password(PASSWORD))

    def test_who_has_only_the_universitys_is_told_that_it_ends(self):
        words = "ends when you graduate"
        self.assertNotContains(self.client.get(self.page), words)
        SiteSettings.objects.update_or_create(pk=1, defaults={"trusted_domains": "example.org"})
        cache.clear()
        self.assertNotContains(self.client.get(self.page), words)
        EmailAddress.objects.filter(email=self.NEW).delete()
        cache.clear()
        self.assertContains(self.client.get(self.page), words)
