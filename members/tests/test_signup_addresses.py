"""Signing up with addresses of all sorts: the university's, unusual, impossible, look-alikes."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.tests.cast import make_member
from members.joining import confirm
from members.models import Member
from members.moderation.models import Case

from .entrance import EntranceTestCase, code_in, mails, path
from .test_signup import signup_mode


class TrustedDomainTests(EntranceTestCase):
    """Who has an address at the university needs no approval."""

    def standing_of(self, email):
        client = Client()
        self.type_code(self.sign_up_and_read_code(client, email=email), client)
        return Member.objects.get(email=email.lower()).standing

    def test_university_comes_in_at_once(self):
        for email in ("li@isu.edu", "li@cs.isu.edu", "LI@CS.Isu.Edu"):
            Member.objects.filter(email=email.lower()).delete()
            with self.subTest(email=email):
                self.assertEqual(self.standing_of(email), Member.Standing.ACTIVE)
        self.assertFalse(Case.objects.exists())

    def test_others_wait(self):
        for number, email in enumerate(["li@notisu.edu", "li@isu.edu.example", "isu.edu@x.org"]):
            with self.subTest(email=email):
                self.assertEqual(self.standing_of(email), Member.Standing.PENDING)
                self.assertEqual(Case.objects.count(), number + 1)

    def test_address_has_to_be_proven(self):
        self.sign_up(email="li@isu.edu")
        self.assertEqual(Member.objects.get(email="li@isu.edu").standing, "pending")

    def test_webmaster_may_trust_nobody(self):
        SiteSettings.load()
        SiteSettings.objects.update(trusted_domains="")
        cache.clear()
        self.assertEqual(self.standing_of("li@isu.edu"), Member.Standing.PENDING)

    def test_page_says_whose_address_is_trusted(self):
        self.assertContains(self.client.get(path("account_signup")), "address at isu.edu")
        signup_mode(SiteSettings.SignupMode.OPEN)
        self.assertNotContains(self.client.get(path("account_signup")), "address at isu.edu")

    def test_second_address_there_opens_the_door_as_well(self):
        member = make_member("slow", standing=Member.Standing.PENDING)
        second = EmailAddress.objects.create(user=member, email="slow@isu.edu", verified=True)
        confirm(None, second)
        member.refresh_from_db()
        self.assertEqual(member.standing, Member.Standing.ACTIVE)

    def test_it_undoes_no_sanction(self):
        until = timezone.now() + timedelta(days=3)
        for standing, end in (("suspended", until), ("banned", None)):
            member = make_member(standing)
            member.stand(standing, until=end)
            there = EmailAddress.objects.create(user=member, email=f"{standing}@isu.edu")
            with self.subTest(standing=standing):
                confirm(None, there)
                member.refresh_from_db()
                self.assertEqual(member.standing, standing)


class AddressTests(EntranceTestCase):
    """Addresses of all sorts."""

    def made(self):
        return list(
            Member.objects.filter(date_joined__gte=self.start).values_list("email", flat=True)
        )

    def setUp(self):
        super().setUp()
        self.start = timezone.now()

    def test_unusual_ones_are_taken_as_they_are(self):
        for email in (
            "li+caisu@x.org",
            "l.i@x.org",
            "o'li@x.org",
            "li_-{}@x.org",
            "li@中国.example",
        ):
            with self.subTest(email=email):
                self.assertRedirects(self.sign_up(Client(), email=email), self.code_page)
                self.assertEqual(mails()[-1].to, [email])
                self.assertIn(email, self.made())

    def test_what_is_typed_with_a_chinese_keyboard_is_what_is_meant(self):
        self.sign_up(email="ｌｉ＠ｑｑ。ｃｏｍ")
        self.assertEqual(self.made(), ["li@qq.com"])
        self.assertEqual(mails()[-1].to, ["li@qq.com"])

    def test_impossible_ones_are_errors_at_the_field(self):
        for email in (
            "a..b@x.org",
            "li@x.org\r\nBcc: all@x.org",
            "li@x.org\0",
            "li@x",
            "李@x.org",
            "аlice@example.org",  # a Cyrillic letter
            '"li hua"@x.org',
            '"\x01"@x.org',
            "alice@example.org, eve@x.org",
            "<li@x.org>",
            "li@\u202egro.x",
        ):
            with self.subTest(email=email):
                page = self.sign_up(Client(), email=email)
                self.assertContains(page, "id_email_error")
        self.assertEqual(self.made(), [])
        self.assertEqual(mails(), [])

    def test_lookalikes_of_a_known_address_are_that_address_or_another_but_never_both(self):
        for email in ("ＡＬＩＣＥ@example.org", "alice@ｅxample.org", "alice@example。org"):
            with self.subTest(email=email):
                self.sign_up(Client(), email=email)
                self.assertEqual(mails()[-1].to, ["alice@example.org"])
                self.assertIn("already", mails()[-1].subject)
        self.assertEqual(self.made(), [])
        self.sign_up(email="alice@ехample.org")  # Cyrillic: another domain, another mailbox
        self.assertEqual(self.made(), ["alice@ехample.org"])
        self.assertNotIn("already", mails()[-1].subject)

    def test_codes_go_to_the_address_that_is_known_not_to_its_lookalike(self):
        """CVE-2019-19844: looked up in small letters, mailed as typed."""
        make_member("mike")
        for name in ("account_reset_password", "account_request_login_code"):
            for typed in ("mi\u212ae@example.org", "MIKE@example.org"):
                with self.subTest(page=name, typed=typed):
                    cache.clear()
                    Client().post(path(name), {"email": typed})
                    self.assertEqual(mails()[-1].to, ["mike@example.org"])
                    code_in(mails()[-1])

    def test_other_lookalikes_get_no_code(self):
        make_member("iss")
        for name in ("account_reset_password", "account_request_login_code"):
            for typed in ("ıss@example.org", "i\u017fs@example.org", "iss@ехample.org"):
                with self.subTest(page=name, typed=typed):
                    cache.clear()
                    sent = len(mails())
                    Client().post(path(name), {"email": typed})
                    for message in mails()[sent:]:
                        self.assertNotRegex(message.body, r"(?m)^\d{6}$")

    def test_mistyped_domain_is_asked_about_once(self):
        page = self.sign_up(email="li@gmial.com")
        self.assertContains(page, "Did you mean li@gmail.com?")
        self.assertContains(page, 'value="li@gmial.com"', count=2)
        self.assertEqual(self.made(), [])
        self.assertRedirects(
            self.sign_up(email="li@gmial.com", certain="li@gmial.com"), self.code_page
        )
        self.assertEqual(self.made(), ["li@gmial.com"])

    def test_being_certain_of_one_is_not_being_certain_of_another(self):
        page = self.sign_up(email="li@qq.con", certain="li@gmial.com")
        self.assertContains(page, "Did you mean li@qq.com?")
