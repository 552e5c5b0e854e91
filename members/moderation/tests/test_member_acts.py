"""What is done for and with many people at once, letters, help with the way in, and undoing."""

from datetime import timedelta
from unittest import mock

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from caisu.tests.cast import PASSWORD, make_member
from members.moderation import assisting, deciding, member_acts
from members.moderation.models import Case, Decision

from .desk_staff import MEMBERS, DeskTestCase


class ManyTests(DeskTestCase):
    def choose(self, action, *members, **data):
        return self.client.post(
            MEMBERS,
            {"action": action, "_selected_action": [member.pk for member in members], **data},
        )

    def test_action_asks_first_and_changes_nothing(self):
        self.login(self.mona)
        response = self.choose("ban", self.bob, self.alice, self.wei)
        self.assertContains(response, self.acts_page("ban"))
        self.assertContains(response, f'name="pk" value="{self.bob.pk}"')
        self.assertNotContains(response, f'name="pk" value="{self.wei.pk}"')
        self.assertContains(response, "1 of the chosen is left out")
        self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_newcomers_are_admitted_and_the_rest_is_left_and_counted(self):
        self.login(self.mona)
        new = make_member("new", standing="pending")
        response = self.act_on("admit", self.nina, new, self.bob, reason="Both known")
        told = dict(self.told(response))
        self.assertEqual(told["success"], "2 things are decided.")
        self.assertTrue(told["warning"].startswith("1 thing was left as it is"))
        self.assertTrue(self.fresh(new).is_full_member)
        self.assertEqual({each.reason for each in Decision.objects.all()}, {"Both known"})

    def test_each_act_for_many(self):
        self.login(self.mona)
        for name, before, after, data in (
            ("admit", "pending", "active", {}),
            ("refuse", "pending", "banned", {}),
            ("suspend", "active", "suspended", {"days": "3"}),
            ("ban", "active", "banned", {}),
            ("restore", "banned", "active", {}),
        ):
            people = [make_member(f"{name}{number}", standing=before) for number in range(2)]
            with self.subTest(act=name):
                self.act_on(name, *people, reason="One for all", **data)
                for member in people:
                    self.assertEqual(self.fresh(member).standing, after)
                    self.assertEqual(member.cases.get().decisions.get().reason, "One for all")

    def test_staff_oneself_and_numbers_that_are_nobodys_are_left_alone(self):
        self.login(self.mona)
        forged = ["999999", "-1", "x", "9" * 30]
        people = [self.mona, self.max, self.wei, self.wanda, self.root]
        response = self.client.post(
            self.acts_page("ban"), {"pk": [*forged, *(each.pk for each in people)]}
        )
        self.assertEqual([level for level, _text in self.told(response)], ["warning"])
        self.assertFalse(Decision.objects.exists())

    def test_others_cannot(self):
        for who, status in {None: 302, self.alice: 403, self.wei: 403}.items():
            self.login(who)
            with self.subTest(who=who):
                self.assertEqual(self.choose("ban", self.bob).status_code, status)
                self.assertEqual(self.act_on("ban", self.bob).status_code, status)
                self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_get_only_asks(self):
        self.login(self.mona)
        response = self.client.get(self.acts_page("ban"), {"pk": [self.bob.pk, self.alice.pk]})
        self.assertContains(response, 'name="reason"')
        self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_bad_input_is_the_form_again_for_the_same_people(self):
        self.login(self.mona)
        response = self.act_on("suspend", self.bob, self.alice, days="0", reason="A typed reason")
        self.assertContains(response, "A typed reason")
        self.assertContains(response, f'name="pk" value="{self.alice.pk}"')
        self.assertEqual(self.fresh(self.bob).standing, "active")

    def test_what_is_done_one_by_one_is_not_done_for_many(self):
        self.enter(self.root)
        for name in ("sessions", "factors", "appoint", "relieve", "delete"):
            with self.subTest(act=name):
                self.assertEqual(self.act_on(name, self.bob).status_code, 403)

    def test_nobody_chosen_leads_back_with_a_word(self):
        self.login(self.mona)
        self.assertRedirects(self.act_on("ban"), MEMBERS)
        self.assertEqual(self.choose("restore", self.bob).status_code, 302)

    def test_too_many_at_once_are_refused(self):
        self.login(self.mona)
        with mock.patch("members.moderation.member_acting.MOST", 1):
            response = self.choose("ban", self.bob, self.alice)
        self.assertEqual(self.told(response), [("error", "At most 1 at once.")])
        self.assertFalse(Decision.objects.exists())


class UndoTests(DeskTestCase):
    def undo(self, response):
        [(_level, text)] = [each for each in self.told(response) if each[0] == "info"]
        return text.partition('href="')[2].partition('"')[0].replace("&amp;", "&")

    def test_a_ban_a_suspension_and_a_refusal_offer_the_way_back(self):
        self.login(self.mona)
        for name, member, before in (
            ("ban", self.bob, "active"),
            ("suspend", self.alice, "active"),
            ("refuse", self.nina, "pending"),
        ):
            with self.subTest(act=name):
                address = self.undo(self.act(member, name, days="3"))
                self.assertEqual(self.client.get(address).status_code, 200)
                self.client.post(address)
                self.assertEqual(self.fresh(member).standing, before)

    def test_many_are_restored_together(self):
        self.login(self.mona)
        address = self.undo(self.act_on("ban", self.bob, self.alice))
        page = self.client.get(address)
        self.assertContains(page, "2 members")
        self.act_on("restore", self.bob, self.alice)
        self.assertTrue(self.fresh(self.alice).is_full_member)

    def test_an_admission_offers_none(self):
        self.login(self.mona)
        levels = [level for level, _text in self.told(self.act(self.nina, "admit"))]
        self.assertEqual(levels, ["success"])


class WriteTests(DeskTestCase):
    letter = {"subject": "Chairs & tables", "text": "Who has <two> chairs?"}

    def test_letter_goes_out_in_the_frame_of_each_language_and_is_kept(self):
        self.login(self.root)
        type(self.bob).objects.filter(pk=self.bob.pk).update(language="zh-hans")
        self.act_on("write", self.alice, self.bob, **self.letter)
        mails = self.mails()
        self.assertEqual(set(mails), {"alice@example.org", "bob@example.org"})
        alice = mails["alice@example.org"]
        self.assertEqual(alice.subject, "Chairs & tables")
        self.assertTrue(alice.body.startswith("Hello Alice,\n\nWho has <two> chairs?"))
        self.assertNotIn("Hello", mails["bob@example.org"].body)
        decision = Decision.objects.filter(case__member=self.alice).get()
        self.assertEqual((decision.action, decision.by), ("write", self.root))
        self.assertIn("Who has <two> chairs?", decision.text)

    def test_moderator_writes_to_one_and_not_to_many(self):
        self.login(self.mona)
        self.act(self.alice, "write", **self.letter)
        self.assertEqual(set(self.mails()), {"alice@example.org"})
        self.assertEqual(self.act_on("write", self.alice, self.bob, **self.letter).status_code, 403)
        self.assertNotContains(self.client.get(MEMBERS), 'value="write"')

    def test_whose_address_is_not_proven_or_who_left_gets_nothing(self):
        EmailAddress.objects.filter(user=self.nina).update(verified=False)
        gone = make_member("gone", standing="left")
        self.login(self.root)
        self.act_on("write", self.nina, gone, **self.letter)
        self.assertEqual(self.mails(), {})
        self.assertEqual(self.act(self.nina, "write", **self.letter).status_code, 403)

    def test_a_letter_to_a_newcomer_leaves_their_case_open(self):
        case = Case.objects.create(kind="signup", subject=self.nina, member=self.nina)
        self.login(self.mona)
        self.act(self.nina, "write", **self.letter)
        case.refresh_from_db()
        self.assertTrue(case.is_open)

    def test_two_clicks_are_one_letter(self):
        self.login(self.mona)
        self.act(self.alice, "write", **self.letter)
        self.act(self.alice, "write", **self.letter)
        self.assertEqual(Decision.objects.count(), 1)

    def test_many_are_counted_by_hand(self):
        people = [make_member(f"crowd{number}") for number in range(11)]
        self.login(self.root)
        for count in ("", "10", "x"):
            with self.subTest(count=count):
                response = self.act_on("write", *people, **self.letter, count=count)
                self.assertContains(response, "errorlist")
                self.assertContains(response, "Chairs &amp; tables")
        self.assertFalse(Decision.objects.exists())
        self.act_on("write", *people, **self.letter, count="11")
        self.assertEqual(len(self.mails()), 11)

    def test_empty_letter_is_the_form_again(self):
        self.login(self.mona)
        response = self.act(self.alice, "write", subject="", text="Only text")
        self.assertContains(response, "Only text")
        self.assertFalse(Decision.objects.exists())

    def test_line_break_in_the_subject_makes_no_header(self):
        self.login(self.mona)
        self.act(self.alice, "write", subject="Hi\r\nBcc: eve@example.org", text="x")
        for message in self.mails().values():
            self.assertEqual(message.recipients(), ["alice@example.org"])

    def test_verb_refuses_who_is_no_moderator(self):
        with self.assertRaises(PermissionDenied):
            assisting.write(self.bob, self.wei, "Subject", "Text")


class CodeTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        EmailAddress.objects.filter(user=self.nina).update(verified=False)

    def test_newcomer_without_a_code_is_told_to_log_in_once_a_day(self):
        self.login(self.mona)
        self.assertContains(self.client.get(self.page(self.nina)), "Help with the code")
        self.act(self.nina, "code")
        message = self.mails()["nina@example.org"]
        self.assertIn("/en/accounts/login/", message.body)
        self.act(self.nina, "code")
        self.assertEqual(self.mails(), {})
        later = timezone.now() + timedelta(days=2)
        with mock.patch("members.moderation.assisting.timezone.now", return_value=later):
            self.assertTrue(assisting.help_in(self.nina, self.mona))

    def test_it_fits_nobody_else(self):
        self.login(self.mona)
        for member in (self.bob, make_member("new", standing="pending")):
            with self.subTest(member=member):
                self.assertEqual(self.act(member, "code").status_code, 403)


class AccessTests(DeskTestCase):
    def browser(self, member):
        client = Client()
        client.post("/en/accounts/login/", {"login": member.username, "password": PASSWORD})
        self.assertIn("_auth_user_id", client.session)
        return client

    def test_all_sessions_end_and_the_member_is_told(self):
        one, other = self.browser(self.bob), self.browser(self.bob)
        alices = self.browser(self.alice)
        self.login(self.mona)
        self.act(self.bob, "sessions", reason="A stolen phone")
        for client in (one, other):
            self.assertNotIn("_auth_user_id", client.session)
        self.assertIn("_auth_user_id", alices.session)
        self.assertIn("A stolen phone", self.mails()["bob@example.org"].body)
        self.assertEqual(Decision.objects.get().action, "secure")

    def test_nobody_logged_in_leaves_no_decision(self):
        self.login(self.mona)
        self.act(self.bob, "sessions")
        self.assertFalse(Decision.objects.exists())

    def test_moderators_do_not_log_staff_out_webmasters_do(self):
        self.browser(self.wei)
        self.login(self.mona)
        self.assertEqual(self.act(self.wei, "sessions").status_code, 403)
        self.login(self.root)
        self.assertEqual(self.act(self.root, "sessions").status_code, 403)
        before = Session.objects.count()
        self.act(self.wei, "sessions")
        self.assertEqual(Session.objects.count(), before - 1)

    def with_totp(self, member):
        Authenticator.objects.create(user=member, type="totp", data={"secret": "x"})

    def test_webmaster_removes_second_factors_and_the_member_is_told(self):
        self.with_totp(self.wei)
        self.enter(self.root)
        self.act(self.wei, "factors", reason="Lost in the snow")
        self.assertFalse(Authenticator.objects.exists())
        self.assertIn("Lost in the snow", self.mails()["wei@example.org"].body)
        self.assertEqual(Decision.objects.get().action, "secure")

    def test_others_and_oneself_do_not(self):
        for member in (self.bob, self.wei, self.root):
            self.with_totp(member)
        for who, member in ((self.mona, self.bob), (self.wei, self.wei), (self.root, self.root)):
            self.enter(who)
            with self.subTest(who=who):
                self.assertEqual(self.act(member, "factors").status_code, 403)
            with self.assertRaises(PermissionDenied):
                assisting.remove_second_factors(member, who)
        self.assertEqual(Authenticator.objects.count(), 3)

    def test_it_asks_who_it_is_first(self):
        self.with_totp(self.bob)
        self.login(self.root)
        response = self.act(self.bob, "factors")
        self.assertIn("/reauthenticate/", response["Location"])
        self.assertTrue(Authenticator.objects.exists())


class FittingTests(DeskTestCase):
    def names(self, member, by):
        return set(member_acts.acts_for(self.fresh(member), self.fresh(by)))

    def test_what_is_offered_to_whom_about_whom(self):
        judging = {"suspend", "ban", "write", "sessions"}
        for by, member, names in (
            (self.mona, self.bob, judging),
            (self.mona, self.nina, {"admit", "refuse", "ban", "write", "sessions"}),
            (self.mona, self.wei, {"write"}),
            (self.mona, self.mona, {"relieve"}),
            (self.root, self.bob, {*judging, "appoint"}),
            (self.root, self.wei, {*judging, "appoint", "relieve"}),
            (self.root, self.wanda, {"write", "sessions", "appoint", "relieve"}),
            (self.root, self.root, {"relieve"}),
            (self.wei, self.bob, set()),
            (self.bob, self.nina, set()),
        ):
            with self.subTest(by=by, member=member):
                self.assertEqual(self.names(member, by), names)

    def test_closed_accounts_can_be_restored(self):
        deciding.suspend(self.bob, self.max, timezone.now() + timedelta(days=1))
        self.assertEqual(self.names(self.bob, self.mona), {"ban", "restore", "write"})
        deciding.ban(self.bob, self.max)
        self.assertEqual(self.names(self.bob, self.mona), {"restore", "write"})
