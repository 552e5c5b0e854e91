"""Accounts at Google, GitHub and WeChat, with the providers played by ourselves."""

from unittest import mock

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.weixin.client import WeixinOAuth2Client
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from caisu.core.models import SiteSettings
from caisu.core.roles import WEBMASTER
from caisu.tests.cast import make_member
from members import social
from members.models import Member
from members.moderation.models import Case

from .entrance import code_in, mails, path
from .security import SecurityTestCase, without_password

TOKEN = {"access_token": "token", "openid": "wx-1"}


def enable(*providers):
    for provider in providers:
        SocialApp.objects.create(provider=provider, name=provider, client_id="id", secret="hush")


class SocialTestCase(SecurityTestCase):
    def setUp(self):
        super().setUp()
        enable("github", "weixin")
        self.client.get("/language/en/")

    def come_back(
        self, client=None, process="login", email="li@home.example", verified=True, **who
    ):
        """From GitHub, which says who somebody is and what their address is."""
        client = client or self.client
        start = client.post(f"{reverse('github_login')}?process={process}")
        self.assertTrue(start["Location"].startswith("https://github.com/"), start["Location"])
        state = start["Location"].partition("state=")[2].partition("&")[0]
        told = {
            "id": 7,
            "login": "lihua",
            "name": "李华",
            "avatar_url": "https://x.example/",
            **who,
        }

        def complete(adapter, request, app, token, **kwargs):
            data = told | {"emails": []}
            if email:
                data["emails"] = [{"email": email, "verified": verified, "primary": True}]
            return adapter.get_provider().sociallogin_from_response(request, data)

        with (
            mock.patch.object(OAuth2Client, "get_access_token", return_value=TOKEN),
            mock.patch.object(GitHubOAuth2Adapter, "complete_login", complete),
        ):
            return client.get(reverse("github_callback"), {"code": "c", "state": state})

    def sign_up_there(self, **changes):
        cache.clear()
        data = {"display_name": "李华", **changes}
        return self.client.post(path("socialaccount_signup"), data)


class OffTests(SecurityTestCase):
    def test_without_keys_there_is_nothing(self):
        for name in social.PROVIDERS:
            for url in (f"{name}_login", f"{name}_callback"):
                self.assertEqual(self.client.get(reverse(url)).status_code, 404)
                self.assertEqual(self.client.post(reverse(url)).status_code, 404)
        page = self.client.get(path("account_login"))
        self.assertNotContains(page, "Google")
        self.assertIn("form-action 'self';", page["Content-Security-Policy"])

    def test_turning_one_on_and_off_shows_at_once(self):
        self.assertEqual(social.enabled(), [])
        enable("weixin", "google")
        self.assertEqual(social.enabled(), ["google", "weixin"])
        with self.assertNumQueries(0):
            social.enabled()
        SocialApp.objects.first().delete()
        self.assertEqual(social.enabled(), ["google"])


class ButtonTests(SocialTestCase):
    def test_only_pages_with_buttons_lead_to_the_providers(self):
        page = self.client.get(path("account_login"))
        self.assertContains(page, "Log in with GitHub")
        self.assertContains(page, "Log in with WeChat")
        self.assertNotContains(page, "Google")
        self.assertIn(
            "form-action 'self' https://github.com https://open.weixin.qq.com;",
            page["Content-Security-Policy"],
        )
        self.assertIn("form-action 'self';", self.client.get("/en/")["Content-Security-Policy"])

    def test_get_only_asks(self):
        response = self.client.get(reverse("github_login"))
        self.assertContains(response, "<form")
        self.assertIn("https://github.com", response["Content-Security-Policy"])

    def test_keys_are_the_webmasters(self):
        page = reverse("admin:socialaccount_socialapp_changelist")
        webmaster = make_member("chen", WEBMASTER)
        for member, status in [(webmaster, 200), (self.wei, 403), (self.mona, 403)]:
            self.login(member)
            self.assertEqual(self.client.get(page).status_code, status)


class SignUpTests(SocialTestCase):
    def test_our_form_asks_for_the_name_and_the_provider_has_proved_the_address(self):
        self.assertRedirects(self.come_back(), path("socialaccount_signup"))
        page = self.client.get(path("socialaccount_signup"))
        self.assertContains(page, 'value="李华"')
        self.assertNotContains(page, 'name="email"')
        self.sign_up_there()
        member = Member.objects.get(email="li@home.example")
        self.assertEqual(self.is_in(), str(member.pk))
        self.assertEqual(member.standing, Member.Standing.PENDING)
        self.assertFalse(member.has_usable_password())
        self.assertTrue(EmailAddress.objects.get(user=member).verified)
        self.assertEqual(Case.objects.get().kind, Case.Kind.SIGNUP)

    def test_what_the_provider_tells_beside_is_not_kept(self):
        self.come_back()
        self.sign_up_there()
        self.assertEqual(SocialAccount.objects.get().extra_data, {"login": "lihua", "name": "李华"})

    def test_another_address_cannot_be_slipped_in(self):
        self.come_back()
        self.sign_up_there(email="president@isu.edu")
        self.assertFalse(Member.objects.filter(email="president@isu.edu").exists())
        self.assertTrue(Member.objects.filter(email="li@home.example").exists())

    def test_proven_address_at_a_trusted_domain_needs_no_approval(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"trusted_domains": "isu.edu"})
        self.come_back(email="li@isu.edu")
        self.sign_up_there()
        member = Member.objects.get(email="li@isu.edu")
        self.assertEqual(member.standing, Member.Standing.ACTIVE)

    def test_unproven_address_gets_a_code(self):
        self.come_back(email="president@isu.edu", verified=False)
        self.assertContains(self.client.get(path("socialaccount_signup")), 'name="email"')
        response = self.sign_up_there(email="li@qq.example")
        self.assertRedirects(response, self.code_page)
        self.assertIsNone(self.is_in())
        self.type_code(code_in(mails()[-1]))
        member = Member.objects.get(email="li@qq.example")
        self.assertEqual(self.is_in(), str(member.pk))
        self.assertEqual(EmailAddress.objects.filter(user=member).count(), 1)

    def test_official_name_is_refused_as_at_the_other_door(self):
        self.come_back()
        self.assertContains(self.sign_up_there(display_name="Webmaster"), "errorlist")
        self.assertContains(self.sign_up_there(display_name=""), "errorlist")

    def test_closed_as_the_other_door(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"signup_mode": "invitation"})
        cache.clear()
        closed = self.come_back()
        self.assertContains(closed, "By invitation")
        self.assertContains(closed, f'<a href="{path("account_login")}">Log in</a>')
        self.assertFalse(Member.objects.filter(email="li@home.example").exists())

    def test_wechat_tells_no_address_and_a_code_proves_the_one_that_is_typed(self):
        start = self.client.post(reverse("weixin_login"))
        state = start["Location"].partition("state=")[2].partition("&")[0]

        def complete(adapter, request, app, token, **kwargs):
            data = {"openid": "wx-1", "nickname": "小明", "headimgurl": "https://x.example/"}
            return adapter.get_provider().sociallogin_from_response(request, data)

        with (
            mock.patch.object(WeixinOAuth2Client, "get_access_token", return_value=TOKEN),
            mock.patch.object(WeixinOAuth2Adapter, "complete_login", complete),
        ):
            self.client.get(reverse("weixin_callback"), {"code": "c", "state": state})
        self.sign_up_there(email="ming@qq.example", display_name="小明")
        self.type_code(code_in(mails()[-1]))
        self.assertEqual(self.is_in(), str(Member.objects.get(email="ming@qq.example").pk))


class LoginTests(SocialTestCase):
    def test_connected_account_logs_in(self):
        SocialAccount.objects.create(user=self.bob, provider="github", uid="7")
        self.come_back()
        self.assertEqual(self.is_in(), str(self.bob.pk))

    def test_address_of_a_member_is_no_way_in(self):
        EmailAddress.objects.create(
            user=self.alice, email="alice@home.example", verified=True, primary=False
        )
        for email in ("alice@example.org", "ALICE@home.example"):
            with self.subTest(email=email):
                response = self.come_back(email=email)
                self.assertRedirects(response, path("account_login"), fetch_redirect_response=False)
                self.assertContains(self.client.get(path("account_login")), "already have an")
                self.assertIsNone(self.is_in())
        self.assertFalse(SocialAccount.objects.exists())

    def test_typed_address_of_a_member_is_told_by_mail_only(self):
        self.come_back(email="")
        self.assertRedirects(self.sign_up_there(email="alice@example.org"), self.code_page)
        self.assertEqual(mails()[-1].to, ["alice@example.org"])
        self.assertNotRegex(mails()[-1].body, r"(?m)^\d{6}$")
        self.assertFalse(SocialAccount.objects.exists())

    def test_suspended_member_gets_no_session(self):
        SocialAccount.objects.create(user=self.bob, provider="github", uid="7")
        self.bob.stand(Member.Standing.BANNED)
        self.come_back()
        self.assertIsNone(self.is_in())

    def test_answer_without_its_question_is_refused(self):
        response = self.client.get(reverse("github_callback"), {"code": "c", "state": "forged"})
        self.assertIsNone(self.is_in())
        self.assertLess(response.status_code, 500)
        self.assertContains(response, "That did not work", status_code=response.status_code)


class ConnectTests(SocialTestCase):
    def setUp(self):
        super().setUp()
        self.enter(self.bob)
        self.page = path("socialaccount_connections")

    def test_connects_and_tells_by_mail(self):
        self.assertRedirects(self.come_back(process="connect"), self.page)
        self.assertEqual(SocialAccount.objects.get().user, self.bob)
        self.assertEqual(mails()[-1].to, ["bob@example.org"])
        self.assertContains(self.client.get(self.page), "lihua")

    def test_takes_proof_first_even_from_who_has_no_password(self):
        without_password(self.bob)
        client = Client()
        client.force_login(self.bob)
        response = client.post(f"{reverse('github_login')}?process=connect")
        self.assertIn(path("members:reauthenticate"), response["Location"].replace("zh-hans", "en"))

    def test_account_of_another_member_stays_theirs(self):
        SocialAccount.objects.create(user=self.alice, provider="github", uid="7")
        self.come_back(process="connect")
        self.assertEqual(SocialAccount.objects.get().user, self.alice)

    def test_disconnects_without_a_password_and_after_the_provider_was_turned_off(self):
        account = SocialAccount.objects.create(user=self.bob, provider="github", uid="7")
        SocialApp.objects.all().delete()
        self.assertEqual(self.client.get(self.page).status_code, 200)
        self.assertRedirects(self.client.post(self.page, {"account": account.pk}), self.page)
        self.assertFalse(SocialAccount.objects.exists())
        self.assertEqual(mails()[-1].subject, "An account is no longer connected to yours")

    def test_account_of_somebody_else_cannot_be_disconnected(self):
        theirs = SocialAccount.objects.create(user=self.alice, provider="github", uid="9")
        response = self.client.post(self.page, {"account": theirs.pk})
        self.assertContains(response, "errorlist")
        self.assertTrue(SocialAccount.objects.exists())
