"""Members in the admin: what one may read, change and do, by role."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR, WEBMASTER
from caisu.tests.cast import CastTestCase, make_member
from members.models import FormerHandle, Member
from members.moderation import deciding
from members.moderation.models import Decision

MEMBERS = "/admin/members/member/"
PROFILE = {
    "display_name": "Alice B.",
    "username": "alice",
    "email": "alice@example.org",
    "affiliation": "alumni",
}


class MemberAdminTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)
        cls.max = make_member("max", MODERATOR)

    def setUp(self):
        super().setUp()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def page(self, member):
        return reverse("admin:members_member_change", args=[member.pk])

    def act_page(self, member, name):
        return reverse("admin:members_member_act", args=[member.pk, name])

    def act(self, member, name, **data):
        return self.client.post(self.act_page(member, name), data)

    def fresh(self, member):
        return Member.objects.get(pk=member.pk)

    def told(self, response):
        return [(each.level_tag, each.message) for each in get_messages(response.wsgi_request)]


class ReadTests(MemberAdminTestCase):
    def test_editors_and_members_see_nobody(self):
        for who, status in {None: 302, self.alice: 403, self.wei: 403}.items():
            self.login(who)
            for address in (
                MEMBERS,
                self.page(self.bob),
                f"{MEMBERS}{self.bob.pk}/history/",
                f"{MEMBERS}export/",
                f"{MEMBERS}acts/ban/?pk={self.bob.pk}",
                self.act_page(self.bob, "ban"),
                self.act_page(self.nina, "admit"),
                f"{MEMBERS}999999/act/ban/",
            ):
                with self.subTest(who=who, address=address):
                    response = self.client.get(address)
                    self.assertEqual(response.status_code, status)
                    self.assertNotIn("bob@example.org", response.content.decode())

    def test_list_costs_the_same_for_one_and_for_twenty(self):
        self.login(self.mona)
        self.client.get(MEMBERS)
        with self.assertNumQueries(10):
            self.client.get(MEMBERS)
        for number in range(20):
            make_member(f"crowd{number}", MODERATOR, vouched_by=self.alice)
        with self.assertNumQueries(10):
            self.client.get(MEMBERS)

    def test_moderator_reads_the_decisions_about_a_member_and_no_password(self):
        deciding.suspend(self.bob, self.max, timezone.now() + timedelta(days=1), "Canary reason")
        self.login(self.mona)
        text = self.client.get(self.page(self.bob)).content.decode()
        self.assertIn("Canary reason", text)
        self.assertNotIn("md5$", text)
        self.assertNotIn('name="is_staff"', text)

    def test_search_finds_by_name_handle_and_address(self):
        self.login(self.mona)
        for words in ("Alice", "alice", "alice@example.org"):
            with self.subTest(words=words):
                self.assertContains(self.client.get(MEMBERS, {"q": words}), self.page(self.alice))

    def test_missing_member_leads_back_to_the_desk(self):
        self.login(self.mona)
        self.assertRedirects(self.client.get(f"{MEMBERS}999999/change/"), "/admin/")


class ChangeTests(MemberAdminTestCase):
    def test_webmaster_mends_a_profile(self):
        self.login(self.wanda)
        self.assertEqual(self.client.get(self.page(self.alice)).status_code, 200)
        response = self.client.post(self.page(self.alice), PROFILE)
        self.assertRedirects(response, MEMBERS)
        alice = self.fresh(self.alice)
        self.assertEqual((alice.display_name, alice.affiliation), ("Alice B.", "alumni"))
        self.assertTrue(EmailAddress.objects.get(user=alice).verified)

    def test_bad_input_is_the_form_again(self):
        self.login(self.wanda)
        for name, changes in {
            "taken handle": {"username": "bob"},
            "taken address": {"email": "BOB@example.org"},
            "invisible name": {"display_name": "Ali\u202ece"},
            "handle with capitals": {"username": "Alice"},
            "no name": {"display_name": ""},
        }.items():
            with self.subTest(bad=name):
                response = self.client.post(self.page(self.alice), {**PROFILE, **changes})
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
        self.assertEqual(self.fresh(self.alice).display_name, "Alice")

    def test_extra_fields_give_no_rights_and_change_no_standing(self):
        self.login(self.wanda)
        extra = {
            "is_staff": "on",
            "is_superuser": "on",
            "is_active": "",
            "groups": [Group.objects.get(name=WEBMASTER).pk],
            "user_permissions": ["1"],
            "password": "forged",
            "standing": "banned",
            "approved_count": "99",
            "suspended_until": "2030-01-01",
            "signed_up_from": "192.0.2.1",
            "vouched_by": str(self.bob.pk),
            "bio": "Forged",
            "wechat": "forged",
            "visibility": "everyone",
        }
        before = self.fresh(self.alice)
        self.client.post(self.page(self.alice), {**PROFILE, **extra})
        alice = self.fresh(self.alice)
        self.assertEqual(alice.display_name, "Alice B.")
        for field in (
            "is_staff",
            "is_superuser",
            "is_active",
            "password",
            "standing",
            "approved_count",
            "suspended_until",
            "signed_up_from",
            "vouched_by",
            "bio",
            "wechat",
            "visibility",
        ):
            with self.subTest(field=field):
                self.assertEqual(getattr(alice, field), getattr(before, field))
        self.assertFalse(alice.groups.exists() or alice.user_permissions.exists())

    def test_rights_are_no_fields(self):
        """Not even a webmaster's own form gives them: they come by appointment."""
        self.login(self.root)
        text = self.client.get(self.page(self.alice)).content.decode()
        for field in ("is_staff", "is_superuser", "groups", "user_permissions", "password"):
            with self.subTest(field=field):
                self.assertNotIn(f'name="{field}"', text)
        group = Group.objects.get(name=MODERATOR)
        self.client.post(self.page(self.alice), {**PROFILE, "is_staff": "on", "groups": [group.pk]})
        self.assertFalse(self.fresh(self.alice).is_staff)

    def test_who_may_change_whom(self):
        may = {
            self.mona: [],
            self.wei: [],
            self.wanda: [self.alice, self.nina, self.wei, self.mona, self.wanda, self.root],
            self.root: [self.alice, self.nina, self.wei, self.mona, self.wanda, self.root],
        }
        for who, allowed in may.items():
            self.login(who)
            for member in may[self.root]:
                with self.subTest(who=who, member=member):
                    data = {
                        **PROFILE,
                        "username": member.username,
                        "email": member.email,
                        "display_name": "Changed",
                    }
                    status = self.client.post(self.page(member), data).status_code
                    self.assertEqual(status, 302 if member in allowed else 403)
                    self.assertEqual(self.fresh(member).display_name == "Changed", status == 302)
                    Member.objects.filter(pk=member.pk).update(display_name=member.display_name)

    def test_new_address_has_to_be_proven(self):
        self.login(self.wanda)
        self.client.post(self.page(self.alice), {**PROFILE, "email": "New@Example.org"})
        self.assertEqual(self.fresh(self.alice).email, "new@example.org")
        self.assertFalse(EmailAddress.objects.filter(user=self.alice).exists())

    def test_old_address_hears_of_the_new_one(self):
        self.login(self.wanda)
        self.client.post(self.page(self.alice), {**PROFILE, "email": "new@example.org"})
        run_due()
        (message,) = mail.outbox
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertNotIn("new@example.org", message.body)

    def test_second_address_of_somebody_else_is_taken(self):
        EmailAddress.objects.create(user=self.bob, email="bob@home.example.org", verified=True)
        self.login(self.wanda)
        response = self.client.post(
            self.page(self.alice), {**PROFILE, "email": "Bob@Home.example.org"}
        )
        self.assertContains(response, "belongs to another member")

    def test_old_handle_still_leads_to_its_owner_and_is_nobody_elses(self):
        self.login(self.wanda)
        self.client.post(self.page(self.alice), {**PROFILE, "username": "alice2"})
        self.assertEqual(FormerHandle.objects.get(handle="alice").member, self.alice)
        data = {**PROFILE, "email": "bob@example.org", "username": "alice"}
        self.assertContains(self.client.post(self.page(self.bob), data), "errorlist")
        # Back again at once: the wait between two changes is for members.
        self.client.post(self.page(self.alice), PROFILE)
        self.assertEqual(self.fresh(self.alice).username, "alice")
        self.assertEqual(FormerHandle.objects.get().handle, "alice2")

    def test_nobody_sets_a_password_for_others(self):
        data = {"password1": "quite another one", "password2": "quite another one"}
        for who in (self.wei, self.mona, self.wanda, self.root):
            self.login(who)
            with self.subTest(who=who):
                self.client.post(f"{MEMBERS}{self.alice.pk}/password/", data)
                self.assertFalse(self.fresh(self.alice).check_password("quite another one"))

    def test_nobody_is_deleted(self):
        for who in (self.mona, self.wanda, self.root):
            self.login(who)
            with self.subTest(who=who):
                address = f"{MEMBERS}{self.nina.pk}/delete/"
                self.assertEqual(self.client.post(address, {"post": "yes"}).status_code, 403)
                self.client.post(
                    MEMBERS,
                    {
                        "action": "delete_selected",
                        "_selected_action": [self.nina.pk],
                        "post": "yes",
                    },
                )
                self.assertTrue(Member.objects.filter(pk=self.nina.pk).exists())


class AddTests(MemberAdminTestCase):
    def add(self, **changes):
        return self.client.post(
            f"{MEMBERS}add/",
            {
                "display_name": "陈晨",
                "username": "chenchen",
                "email": "Chen@Example.org",
                **changes,
            },
        )

    def test_webmaster_adds_a_member_who_has_no_rights(self):
        self.login(self.wanda)
        self.assertEqual(self.client.get(f"{MEMBERS}add/").status_code, 200)
        response = self.add(
            is_staff="on",
            is_superuser="on",
            groups="1",
            usable_password="true",
            password1="quite another one",
            password2="quite another one",
        )
        member = Member.objects.get(username="chenchen")
        self.assertRedirects(response, MEMBERS)
        self.assertFalse(member.has_usable_password())
        self.assertEqual((member.standing, member.email), ("active", "chen@example.org"))
        self.assertFalse(member.is_staff or member.is_superuser or member.groups.exists())

    def test_taken_address_is_the_form_again(self):
        self.login(self.wanda)
        response = self.add(email="ALICE@example.org")
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "errorlist")

    def test_others_add_nobody(self):
        for who in (None, self.alice, self.wei, self.mona):
            self.login(who)
            with self.subTest(who=who):
                self.assertIn(self.add().status_code, (302, 403))
                self.assertFalse(Member.objects.filter(username="chenchen").exists())


class ActTests(MemberAdminTestCase):
    def test_page_asks_for_the_reason_and_does_nothing_yet(self):
        self.login(self.mona)
        for name in ("suspend", "ban"):
            with self.subTest(act=name):
                response = self.client.get(self.act_page(self.bob, name))
                self.assertContains(response, 'name="reason"')
        self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_suspension_for_so_many_days(self):
        self.login(self.mona)
        response = self.act(self.bob, "suspend", days="3", reason="Calm down.")
        self.assertRedirects(response, self.page(self.bob))
        self.assertEqual(self.told(response)[0], ("success", "1 thing is decided."))
        bob = self.fresh(self.bob)
        self.assertEqual(bob.standing, "suspended")
        self.assertAlmostEqual(
            bob.suspended_until, timezone.now() + timedelta(days=3), delta=timedelta(minutes=1)
        )
        self.assertEqual(Decision.objects.get().reason, "Calm down.")

    def test_each_act_by_the_standing_it_fits(self):
        self.login(self.mona)
        for name, before, after in (
            ("admit", "pending", "active"),
            ("refuse", "pending", "banned"),
            ("ban", "pending", "banned"),
            ("ban", "active", "banned"),
            ("restore", "banned", "active"),
        ):
            member = make_member(f"{name}-{before}", standing=before)
            with self.subTest(act=name, before=before):
                self.assertContains(self.client.get(self.page(member)), self.act_page(member, name))
                self.act(member, name)
                self.assertEqual(self.fresh(member).standing, after)
                self.assertEqual(member.cases.get().decisions.get().by, self.mona)

    def test_bad_input_is_the_form_again(self):
        self.login(self.mona)
        for data in ({"days": ""}, {"days": "0"}, {"days": "-1"}, {"days": "x"}, {"days": "9999"}):
            with self.subTest(data=data):
                response = self.act(self.bob, "suspend", reason="A typed reason", **data)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "A typed reason")
        response = self.act(self.bob, "ban", reason="x" * 1001)
        self.assertContains(response, "x" * 1001)
        self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_act_that_does_not_fit_is_refused(self):
        self.login(self.mona)
        for member, name in (
            (self.bob, "admit"),
            (self.bob, "restore"),
            (self.nina, "restore"),
            (self.nina, "suspend"),
            (self.bob, "delete"),
            (self.bob, "_check"),
        ):
            with self.subTest(member=member, act=name):
                self.assertEqual(self.act(member, name, days="3").status_code, 403)
        self.assertFalse(Decision.objects.exists())

    def test_nobody_judges_themselves_and_moderators_no_staff(self):
        for who, members in {
            self.mona: [self.mona, self.max, self.wei, self.wanda, self.root],
            self.wanda: [self.wanda, self.root],
            self.root: [self.root],
            self.wei: [self.bob],
        }.items():
            self.login(who)
            for member in members:
                for name in ("suspend", "ban"):
                    with self.subTest(who=who, member=member, act=name):
                        self.assertEqual(
                            self.client.get(self.act_page(member, name)).status_code, 403
                        )
                        self.assertEqual(self.act(member, name, days="3").status_code, 403)
                        self.assertEqual(self.fresh(member).standing, "active")
        self.assertFalse(Decision.objects.exists())

    def test_superuser_bans_staff(self):
        self.login(self.root)
        self.act(self.mona, "ban")
        self.assertEqual(self.fresh(self.mona).standing, "banned")

    def test_strangers_are_sent_to_the_login_and_members_refused(self):
        self.login(None)
        self.assertIn("/login/", self.act(self.bob, "ban")["Location"])
        self.login(self.alice)
        self.assertEqual(self.act(self.bob, "ban").status_code, 403)
        self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_missing_member_is_not_found(self):
        self.login(self.mona)
        self.assertEqual(self.client.post(f"{MEMBERS}999999/act/ban/").status_code, 404)
