"""Who signs up with the address of somebody else has nothing of it once its owner comes."""

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client

from caisu.tests.cast import PASSWORD
from members.models import Member

from .entrance import EntranceTestCase, code_in, mails, path

OWN = "an own phrase of the owner"


class SomebodyWasFasterTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.other = Client()
        self.sign_up(self.other)
        self.member = Member.objects.get(email="li@example.org")

    def ask(self, name, client):
        cache.clear()
        on = client.post(path(name), {"email": "li@example.org"})
        return client.post(on["Location"], {"code": code_in(mails()[-1])})

    def test_login_by_code_ends_their_password_and_says_so(self):
        answer = self.ask("account_request_login_code", self.client)
        self.assertEqual(self.is_in(), str(self.member.pk))
        self.assertEqual(self.client.get(path("members:application")).status_code, 200)
        told = " ".join(str(each) for each in get_messages(answer.wsgi_request))
        self.assertIn("no longer counts", told)
        stranger = Client()
        self.assertEqual(self.log_in("li@example.org", client=stranger).status_code, 200)
        self.assertIsNone(self.is_in(stranger))

    def test_so_does_a_reset_even_if_it_is_left_in_the_middle(self):
        self.ask("account_reset_password", self.client)
        self.assertEqual(self.log_in("li@example.org", client=Client()).status_code, 200)

    def test_reset_sets_the_password_of_the_owner(self):
        on = self.ask("account_reset_password", self.client)
        self.assertNotContains(self.client.get(on["Location"]), "no longer counts")
        self.client.post(on["Location"], {"password1": OWN, "password2": OWN})
        self.assertEqual(self.log_in("li@example.org", OWN, client=Client()).status_code, 302)

    def test_account_elsewhere_goes_too(self):
        SocialAccount.objects.create(user=self.member, provider="weixin", uid="wx-1")
        self.ask("account_request_login_code", self.client)
        self.assertFalse(SocialAccount.objects.exists())

    def test_code_in_the_browser_of_the_sign_up_keeps_all(self):
        SocialAccount.objects.create(user=self.member, provider="weixin", uid="wx-1")
        self.ask("account_request_login_code", self.other)
        self.assertTrue(SocialAccount.objects.exists())
        self.assertEqual(self.log_in("li@example.org", client=Client()).status_code, 302)

    def test_password_on_another_device_keeps_it(self):
        on = self.log_in("li@example.org")
        self.client.post(on["Location"], {"code": code_in(mails()[-1])})
        self.assertEqual(self.is_in(), str(self.member.pk))
        self.assertEqual(self.log_in("li@example.org", client=Client()).status_code, 302)

    def test_second_address_changes_nothing(self):
        EmailAddress.objects.create(user=self.alice, email="alice@home.example")
        cache.clear()
        on = self.client.post(path("account_request_login_code"), {"email": "alice@home.example"})
        self.client.post(on["Location"], {"code": code_in(mails()[-1])})
        self.assertTrue(EmailAddress.objects.get(email="alice@home.example").verified)
        self.assertTrue(Member.objects.get(pk=self.alice.pk).check_password(PASSWORD))
