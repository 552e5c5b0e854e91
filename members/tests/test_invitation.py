"""A link that skips approval, once."""

from django.core.cache import cache
from django.test import Client

from caisu.core.models import SiteSettings
from caisu.core.roles import WEBMASTER
from caisu.tests.cast import make_member
from members.models import Invitation, Member
from members.moderation.models import Case

from .entrance import EntranceTestCase, path
from .test_signup import signup_mode


class InvitationTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.invitation = Invitation.objects.create(invited_by=self.bob)

    def come_by(self, invitation=None, client=None):
        cache.clear()
        code = (invitation or self.invitation).code
        return (client or self.client).get(path("account_signup"), {"invitation": code})

    def standing(self, email="li@example.org"):
        return Member.objects.get(email=email).standing

    def test_invited_person_is_a_member_after_the_code(self):
        self.assertContains(self.come_by(), 'name="display_name"')
        code = self.sign_up_and_read_code()
        self.assertEqual(self.standing(), Member.Standing.PENDING)
        self.type_code(code)
        self.assertEqual(self.standing(), Member.Standing.ACTIVE)
        self.assertFalse(Case.objects.exists())
        self.invitation.refresh_from_db()
        self.assertEqual(self.invitation.used_by.email, "li@example.org")
        self.assertIsNotNone(self.invitation.used_at)

    def test_it_opens_the_closed_door(self):
        signup_mode(SiteSettings.SignupMode.INVITATION)
        self.assertTemplateUsed(self.come_by(), "account/signup.html")
        self.type_code(self.sign_up_and_read_code())
        self.assertEqual(self.standing(), Member.Standing.ACTIVE)

    def test_used_one_opens_nothing(self):
        self.come_by()
        self.type_code(self.sign_up_and_read_code())
        signup_mode(SiteSettings.SignupMode.INVITATION)
        client = Client()
        self.assertTemplateUsed(self.come_by(client=client), "account/signup_closed.html")
        self.sign_up(client, email="second@example.org")
        self.assertFalse(Member.objects.filter(email="second@example.org").exists())

    def test_two_who_came_by_one_link_are_not_both_let_in(self):
        first, second = Client(), Client()
        self.come_by(client=first)
        self.come_by(client=second)
        code = self.sign_up_and_read_code(first, email="first@example.org")
        other = self.sign_up_and_read_code(second, email="second@example.org")
        self.type_code(code, first)
        self.type_code(other, second)
        standings = [self.standing("first@example.org"), self.standing("second@example.org")]
        self.assertEqual(sorted(standings), ["active", "pending"])

    def test_mistyped_address_does_not_use_it_up(self):
        signup_mode(SiteSettings.SignupMode.INVITATION)
        self.come_by()
        self.sign_up(email="lee@exmaple.org")
        self.type_code(self.sign_up_and_read_code())
        self.assertEqual(self.standing(), Member.Standing.ACTIVE)
        self.assertEqual(self.standing("lee@exmaple.org"), Member.Standing.PENDING)

    def test_code_that_is_none_opens_nothing(self):
        signup_mode(SiteSettings.SignupMode.INVITATION)
        for code in ("", "guessed", "%", "x" * 5000, "a\0b"):
            with self.subTest(code=code[:10]):
                response = self.client.get(path("account_signup"), {"invitation": code})
                self.assertTemplateUsed(response, "account/signup_closed.html")


class InvitationAdminTests(EntranceTestCase):
    def test_webmaster_makes_one_and_sees_its_link(self):
        self.login(make_member("wanda", WEBMASTER))
        response = self.client.post(
            "/admin/members/invitation/add/", {"email": "li@example.org"}, follow=True
        )
        invitation = Invitation.objects.get()
        self.assertEqual(invitation.invited_by.username, "wanda")
        self.assertContains(response, f"?invitation={invitation.code}")

    def test_others_make_none(self):
        for who in (None, self.alice, self.wei, self.mona):
            self.login(who)
            with self.subTest(who=who):
                response = self.client.post("/admin/members/invitation/add/", {"email": ""})
                self.assertIn(response.status_code, (302, 403))
                self.assertFalse(Invitation.objects.exists())
