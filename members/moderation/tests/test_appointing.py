"""Roles: given until a day, ended by hand or by the clock, never the last webmaster's."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from caisu.tests.cast import make_member
from members.models import Appointment, Member
from members.moderation import appointing, jobs
from members.moderation.models import Decision
from members.signals import member_left

from .desk_staff import DeskTestCase

LIST = "/admin/members/appointment/"


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


class RightsTests(DeskTestCase):
    def test_role_gives_its_rights_at_once_and_takes_them_at_once(self):
        self.assertTrue(appointing.appoint(self.alice, MODERATOR, in_days(100), self.root))
        alice = self.fresh(self.alice)
        self.assertTrue(alice.is_staff and alice.has_perm("moderation.decide"))
        self.assertFalse(alice.is_superuser)
        self.login(alice)
        queue = reverse("admin:moderation_case_changelist")
        self.assertEqual(self.client.get(queue).status_code, 200)
        self.assertTrue(appointing.relieve(self.alice, MODERATOR, self.root))
        self.assertEqual(self.client.get(queue).status_code, 403)
        self.assertFalse(self.fresh(self.alice).groups.exists())

    def test_webmaster_has_all_rights_while_it_lasts(self):
        appointing.appoint(self.alice, WEBMASTER, in_days(100), self.root)
        self.assertTrue(self.fresh(self.alice).is_superuser)
        appointing.appoint(self.alice, EDITOR, in_days(100), self.root)
        appointing.relieve(self.alice, WEBMASTER, self.root)
        alice = self.fresh(self.alice)
        self.assertFalse(alice.is_superuser)
        self.assertTrue(alice.is_staff and alice.has_perm("news.publish_article"))

    def test_same_again_changes_nothing_another_end_does(self):
        appointing.appoint(self.alice, EDITOR, in_days(100), self.root)
        self.assertFalse(appointing.appoint(self.alice, EDITOR, in_days(100), self.root))
        self.assertTrue(appointing.appoint(self.alice, EDITOR, in_days(200), self.root))
        self.assertEqual(Appointment.objects.get(member=self.alice).until, in_days(200))
        self.assertFalse(appointing.relieve(self.alice, MODERATOR, self.root))

    def test_each_leaves_a_decision_and_a_mail(self):
        appointing.appoint(self.alice, EDITOR, in_days(100), self.root, "Writes well")
        message = self.mails()["alice@example.org"]
        self.assertIn("Editor", message.subject)
        self.assertIn("Writes well", message.body)
        appointing.relieve(self.alice, EDITOR, self.root, "Moved away")
        self.assertIn("Moved away", self.mails()["alice@example.org"].body)
        relieved, appointed = Decision.objects.filter(case__member=self.alice)
        self.assertEqual((appointed.action, appointed.by), ("appoint", self.root))
        self.assertEqual((relieved.action, relieved.reason), ("relieve", "Moved away"))
        self.assertEqual(relieved.before["until"], in_days(100).isoformat())

    def test_who_may_appoint_whom(self):
        eve = make_member("eve", standing="banned")
        for by, member in (
            (self.mona, self.alice),
            (self.wei, self.alice),
            (self.alice, self.alice),
            (self.root, self.root),
            (self.mona, self.mona),
            (self.root, self.nina),
            (self.root, eve),
        ):
            with self.subTest(by=by, member=member), self.assertRaises(PermissionDenied):
                appointing.appoint(member, WEBMASTER, in_days(9), by)
        with self.assertRaises(PermissionDenied):
            appointing.appoint(self.alice, "Emperor", in_days(9), self.root)
        self.assertFalse(Decision.objects.exists())

    def test_who_may_relieve_whom(self):
        for by, member, role in (
            (self.mona, self.wei, EDITOR),
            (self.alice, self.wei, EDITOR),
            (self.mona, self.root, WEBMASTER),
        ):
            with self.subTest(by=by, member=member), self.assertRaises(PermissionDenied):
                appointing.relieve(member, role, by)
        self.assertTrue(appointing.relieve(self.wei, EDITOR, self.wei))
        self.assertTrue(appointing.relieve(self.wanda, WEBMASTER, self.root))

    def test_last_webmaster_lays_nothing_down(self):
        appointing.relieve(self.wanda, WEBMASTER, self.wanda)
        self.assertFalse(appointing.may_relieve(self.root, self.root))
        with self.assertRaises(PermissionDenied):
            appointing.relieve(self.root, WEBMASTER, self.root)
        self.assertTrue(self.fresh(self.root).is_superuser)

    def test_a_webmaster_who_is_leaving_does_not_count(self):
        later = timezone.now() + timedelta(days=3)
        Member.objects.filter(pk=self.wanda.pk).update(leaves_at=later)
        with self.assertRaises(PermissionDenied):
            appointing.relieve(self.root, WEBMASTER, self.root)

    def test_last_webmaster_keeps_that_and_lays_other_roles_down(self):
        appointing.relieve(self.wanda, WEBMASTER, self.root)
        Appointment.objects.hold(self.root, EDITOR)
        self.assertTrue(appointing.relieve(self.root, EDITOR, self.root))
        self.assertTrue(self.fresh(self.root).is_superuser)

    def test_superuser_from_before_is_a_webmaster_and_can_be_relieved(self):
        old = make_member("old", is_superuser=True, is_staff=True)
        self.assertEqual(appointing.roles_of(old), [WEBMASTER])
        self.assertTrue(appointing.relieve(old, WEBMASTER, self.root))
        self.assertFalse(self.fresh(old).is_staff)

    def test_who_leaves_holds_nothing(self):
        member_left.send(sender=Member, member=self.wei, removes_contributions=False)
        self.assertFalse(Appointment.objects.filter(member=self.wei).exists())
        self.assertFalse(self.fresh(self.wei).is_staff)


class ClockTests(DeskTestCase):
    def hold(self, member, role, days):
        Appointment.objects.hold(member, role, in_days(days))

    def test_two_weeks_before_officer_and_webmasters_hear_of_it_once(self):
        self.hold(self.wei, EDITOR, 14)
        self.hold(self.mona, MODERATOR, 15)
        self.assertEqual(appointing.remind(), 1)
        self.assertEqual(
            set(self.mails()), {"wei@example.org", "root@example.org", "wanda@example.org"}
        )
        self.assertEqual(appointing.remind(), 0)
        appointing.appoint(self.wei, EDITOR, in_days(10), self.root)
        self.assertEqual(appointing.remind(), 1)

    def test_on_the_day_it_ends_by_itself(self):
        self.hold(self.wei, EDITOR, 1)
        self.assertEqual(appointing.end(), 0)
        self.assertEqual(appointing.end(in_days(1)), 1)
        self.assertFalse(self.fresh(self.wei).is_staff)
        self.assertIsNone(Decision.objects.get().by)
        self.assertIn("Thank you", self.mails()["wei@example.org"].body)
        self.assertEqual(appointing.end(in_days(1)), 0)

    def test_the_daily_job_does_both(self):
        self.hold(self.wei, EDITOR, 14)
        self.hold(self.mona, MODERATOR, 0)
        jobs.end_roles()
        self.assertFalse(self.fresh(self.mona).is_staff)
        self.assertIn("ends on", self.mails()["wei@example.org"].subject)

    def test_no_end_means_no_end(self):
        self.assertEqual(appointing.end(in_days(10000)), 0)

    def test_last_webmaster_stays_and_is_reminded_each_week(self):
        self.hold(self.root, WEBMASTER, 1)
        self.hold(self.wanda, WEBMASTER, 1)
        self.assertEqual(appointing.end(in_days(1)), 1)
        self.assertFalse(self.fresh(self.root).is_superuser)
        self.assertTrue(self.fresh(self.wanda).is_superuser)
        self.assertIn("next webmaster", self.mails()["wanda@example.org"].subject)
        appointing.end(in_days(2))
        self.assertEqual(self.mails(), {})
        Appointment.objects.filter(member=self.wanda).update(
            reminded_at=timezone.now() - timedelta(days=7)
        )
        appointing.end(in_days(9))
        self.assertTrue(self.fresh(self.wanda).is_superuser)
        self.assertIn("wanda@example.org", self.mails())

    def test_last_webmaster_is_told_to_hand_over_before(self):
        appointing.relieve(self.wanda, WEBMASTER, self.root)
        self.hold(self.root, WEBMASTER, 10)
        self.mails()
        appointing.remind()
        mails = self.mails()
        self.assertEqual(set(mails), {"root@example.org"})
        self.assertIn("/appointment/hand-over/", mails["root@example.org"].body)


class PageTests(DeskTestCase):
    def test_webmaster_appoints_on_the_members_page(self):
        self.enter(self.root)
        page = self.client.get(self.act_page(self.alice, "appoint"))
        self.assertContains(page, f'value="{in_days(365).isoformat()}"')
        self.act(self.alice, "appoint", role=EDITOR, until=in_days(30).isoformat())
        self.assertTrue(self.fresh(self.alice).is_staff)
        self.act(self.alice, "relieve", role=EDITOR)
        self.assertFalse(self.fresh(self.alice).is_staff)

    def test_bad_input_is_the_form_again(self):
        self.enter(self.root)
        for data in (
            {"role": "Emperor", "until": in_days(30).isoformat()},
            {"role": EDITOR, "until": ""},
            {"role": EDITOR, "until": "x"},
            {"role": EDITOR, "until": in_days(0).isoformat()},
            {"role": EDITOR, "until": in_days(5000).isoformat()},
            {"until": in_days(30).isoformat()},
        ):
            with self.subTest(data=data):
                response = self.act(self.alice, "appoint", reason="Typed", **data)
                self.assertContains(response, "Typed")
        self.assertContains(self.act(self.wei, "relieve", role=MODERATOR), "errorlist")
        self.assertFalse(self.fresh(self.alice).is_staff)

    def test_others_cannot_and_nobody_appoints_themselves(self):
        data = {"role": WEBMASTER, "until": in_days(30).isoformat()}
        for who, member, status in (
            (None, self.alice, 302),
            (self.alice, self.alice, 403),
            (self.wei, self.wei, 403),
            (self.mona, self.mona, 403),
            (self.mona, self.alice, 403),
            (self.root, self.root, 403),
        ):
            if who:
                self.enter(who)
            with self.subTest(who=who, member=member):
                self.assertEqual(self.act(member, "appoint", **data).status_code, status)
        self.assertEqual(Member.objects.webmasters().count(), 2)

    def test_it_asks_who_it_is_first(self):
        self.login(self.root)
        response = self.act(self.alice, "appoint", role=EDITOR, until=in_days(9).isoformat())
        self.assertIn("/reauthenticate/", response["Location"])
        self.assertFalse(self.fresh(self.alice).is_staff)

    def test_moderator_lays_down_what_they_hold(self):
        self.enter(self.mona)
        self.act(self.mona, "relieve", role=MODERATOR)
        self.assertFalse(self.fresh(self.mona).is_staff)


class ListTests(DeskTestCase):
    def test_list_shows_who_holds_what_and_costs_the_same_for_one_and_for_twenty(self):
        self.login(self.root)
        self.assertContains(self.client.get(LIST), "Moderator")
        with self.assertNumQueries(4):
            self.client.get(LIST)
        for number in range(20):
            make_member(f"crowd{number}", EDITOR)
        with self.assertNumQueries(4):
            self.client.get(LIST)

    def test_nothing_in_it_is_changed_by_hand(self):
        self.login(self.root)
        held = Appointment.objects.get(member=self.wei)
        for address in (f"{LIST}add/", f"{LIST}{held.pk}/change/", f"{LIST}{held.pk}/delete/"):
            with self.subTest(address=address):
                self.assertIn(self.client.post(address, {"post": "yes"}).status_code, (302, 403))
        self.assertTrue(Appointment.objects.filter(pk=held.pk).exists())

    def test_it_is_for_webmasters(self):
        for who, status in {None: 302, self.alice: 403, self.wei: 403, self.mona: 403}.items():
            self.login(who)
            with self.subTest(who=who):
                self.assertEqual(self.client.get(LIST).status_code, status)
