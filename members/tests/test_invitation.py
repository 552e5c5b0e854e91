"""A link that skips approval, once."""

from django.core.cache import cache
from django.test import Client
from django.utils import timezone

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

    def newcomer(self, email="li@example.org"):
        return Member.objects.get(email=email)

    def test_it_tells_who_vouched_and_nothing_more(self):
        self.come_by()
        code = self.sign_up_and_read_code()
        self.assertIsNone(self.newcomer().vouched_by)  # the address is not proven
        self.type_code(code)
        newcomer = self.newcomer()
        self.assertEqual(newcomer.vouched_by, self.bob)
        self.assertEqual((newcomer.approved_count, newcomer.is_trusted), (0, False))
        self.assertFalse(newcomer.may_invite)

    def test_from_a_member_without_a_record_one_waits_like_others(self):
        plain = make_member("plain", approved_count=0)
        for mode in (SiteSettings.SignupMode.APPROVAL, SiteSettings.SignupMode.INVITATION):
            with self.subTest(mode=mode):
                signup_mode(mode)
                email, client = f"{mode}@example.org", Client()
                invitation = Invitation.objects.create(invited_by=plain)
                page = self.come_by(invitation, client)
                self.assertContains(page, "approves newcomers")
                self.type_code(self.sign_up_and_read_code(client, email=email), client)
                newcomer = self.newcomer(email)
                self.assertEqual(newcomer.standing, Member.Standing.PENDING)
                self.assertEqual(newcomer.vouched_by, plain)
                self.assertTrue(Case.objects.filter(member=newcomer).exists())
                invitation.refresh_from_db()
                self.assertIsNotNone(invitation.used_at)

    def test_from_staff_one_comes_in_at_once(self):
        wanda = make_member("wanda", WEBMASTER, approved_count=0)
        self.come_by(Invitation.objects.create(invited_by=wanda))
        self.type_code(self.sign_up_and_read_code())
        self.assertEqual(self.standing(), Member.Standing.ACTIVE)

    def test_it_lets_nobody_in_who_is_to_be_looked_at(self):
        self.come_by()
        self.type_code(self.sign_up_and_read_code(altcha=""))
        self.assertEqual(self.standing(), Member.Standing.PENDING)
        self.assertEqual(self.newcomer().vouched_by, self.bob)

    def test_page_names_who_invites_and_fills_in_the_address(self):
        invitation = Invitation.objects.create(invited_by=self.bob, email="li@example.org")
        page = self.come_by(invitation)
        self.assertContains(page, "<strong>Bob</strong> has invited you")
        self.assertContains(page, 'value="li@example.org"')
        self.assertNotContains(page, "approves newcomers")

    def test_one_to_another_address_is_good_all_the_same(self):
        invitation = Invitation.objects.create(invited_by=self.bob, email="other@example.org")
        self.come_by(invitation)
        self.type_code(self.sign_up_and_read_code())
        self.assertEqual(self.standing(), Member.Standing.ACTIVE)

    def useless(self):
        """Invitations that open nothing, with what the page says of each."""
        now = timezone.now()
        gone = make_member("gone", standing=Member.Standing.BANNED)
        make = Invitation.objects.create
        return {
            "used already": make(invited_by=self.bob, used_at=now).code,
            "too old": make(invited_by=self.bob, expires_at=now).code,
            "taken back": make(invited_by=self.bob, revoked_at=now).code,
            "has been taken back": make(invited_by=gone).code,
            "no such invitation": "guessed",
        }

    def test_useless_ones_say_why_and_let_go_on(self):
        for words, code in self.useless().items():
            with self.subTest(words):
                page = Client().get(path("account_signup"), {"invitation": code})
                self.assertContains(page, words)
                self.assertContains(page, "You can sign up without one")
                self.assertContains(page, 'name="display_name"')

    def test_useless_ones_say_why_at_the_closed_door(self):
        signup_mode(SiteSettings.SignupMode.INVITATION)
        for words, code in self.useless().items():
            with self.subTest(words):
                page = Client().get(path("account_signup"), {"invitation": code})
                self.assertTemplateUsed(page, "account/signup_closed.html")
                self.assertContains(page, words)
                self.assertNotContains(page, "You can sign up without one")

    def test_useless_link_does_not_spoil_a_good_one(self):
        self.come_by()
        page = self.client.get(path("account_signup"), {"invitation": "guessed"})
        self.assertContains(page, "has invited you")
        self.type_code(self.sign_up_and_read_code())
        self.assertEqual(self.standing(), Member.Standing.ACTIVE)

    def test_one_that_is_taken_back_meanwhile_lets_nobody_in(self):
        self.come_by()
        code = self.sign_up_and_read_code()
        Invitation.objects.update(revoked_at=timezone.now())
        self.type_code(code)
        self.assertEqual(self.standing(), Member.Standing.PENDING)
        self.assertIsNone(self.newcomer().vouched_by)

    def test_voucher_who_loses_their_standing_meanwhile_vouches_for_nobody(self):
        self.come_by()
        code = self.sign_up_and_read_code()
        self.bob.stand(Member.Standing.BANNED)
        self.type_code(code)
        self.assertEqual(self.standing(), Member.Standing.PENDING)

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
