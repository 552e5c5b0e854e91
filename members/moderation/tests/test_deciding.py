"""The verbs of moderators: what they change, what they leave behind, whom they refuse."""

from datetime import timedelta

from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.core.roles import MODERATOR, WEBMASTER
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Member
from members.moderation import deciding, reporting, waiting
from members.moderation.jobs import end_suspensions
from members.moderation.models import Case, Decision, State

Action = Decision.Action


class DecidingTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.eve = make_member("eve")
        cls.wanda = make_member("wanda", WEBMASTER)
        cls.max = make_member("max", MODERATOR)
        cls.until = timezone.now() + timedelta(days=7)

    def setUp(self):
        super().setUp()
        self.held = make_comment(self.article, self.nina, state=State.HELD, body="My first words.")
        self.case = waiting.open_case(Case.Kind.COMMENT, self.held, self.nina, ["pending"])

    def sent(self):
        run_due()
        return mail.outbox

    def fresh(self, thing):
        return type(thing).objects.get(pk=thing.pk)

    def assertDecision(self, decision, **values):
        found = {name: getattr(decision, name) for name in values}
        if "before" in values:  # more is kept, for whoever takes it back: see test_undoing
            found["before"] = {name: decision.before.get(name) for name in values["before"]}
        self.assertEqual(found, values)


class ApproveTests(DecidingTestCase):
    def test_first_contribution_admits_its_author(self):
        signup = waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        self.assertTrue(deciding.approve(self.held, self.mona))
        nina = self.fresh(self.nina)
        self.assertEqual((nina.standing, nina.approved_count), (Member.Standing.ACTIVE, 1))
        self.assertEqual(self.fresh(self.held).state, State.VISIBLE)
        self.assertFalse(self.fresh(self.case).is_open)
        self.assertFalse(self.fresh(signup).is_open)
        self.assertDecision(
            self.case.decisions.get(),
            action=Action.APPROVE,
            by=self.mona,
            text="My first words.",
            before={"state": "held"},
        )
        self.assertDecision(
            signup.decisions.get(),
            action=Action.ADMIT,
            by=self.mona,
            before={"standing": "pending"},
        )
        self.assertEqual([message.to for message in self.sent()], [["nina@example.org"]])

    def test_second_click_changes_nothing(self):
        deciding.approve(self.held, self.mona)
        # The page of the other moderator, loaded before.
        self.held.state = State.HELD
        self.assertFalse(deciding.approve(self.held, self.max))
        self.assertEqual(self.fresh(self.nina).approved_count, 1)
        self.assertEqual(self.case.decisions.count(), 1)

    def test_reported_one_that_is_fine_stays_and_counts_no_more(self):
        reporting.report(self.comment, self.bob, "rude", "", "en")
        self.assertTrue(deciding.approve(self.comment, self.mona))
        self.assertEqual(self.fresh(self.alice).approved_count, self.alice.approved_count)
        self.assertFalse(Case.objects.about(self.comment).open().exists())

    def test_nothing_waits_and_nothing_changes(self):
        self.assertFalse(deciding.approve(self.comment, self.mona))
        self.assertFalse(Decision.objects.exists())
        self.assertEqual(Case.objects.about(self.comment).count(), 0)

    def test_removed_one_can_be_brought_back(self):
        deciding.remove(self.comment, self.mona, "a mistake")
        self.assertTrue(deciding.approve(self.comment, self.mona))
        self.assertEqual(self.fresh(self.comment).state, State.VISIBLE)
        self.assertEqual(self.fresh(self.alice).approved_count, self.alice.approved_count)

    def test_nobody_judges_their_own_words(self):
        own = make_comment(self.article, self.mona)
        reporting.report(own, self.bob, "rude", "", "en")
        for verb in (deciding.approve, deciding.remove, deciding.mark_spam):
            with self.subTest(verb=verb.__name__):
                self.assertFalse(verb(own, self.mona))
        self.assertEqual(self.fresh(own).state, State.VISIBLE)
        self.assertTrue(Case.objects.about(own).get().is_open)
        self.assertTrue(deciding.approve(own, self.max))


class TakeDownTests(DecidingTestCase):
    def test_author_of_a_removed_one_is_told_why(self):
        self.assertTrue(deciding.remove(self.comment, self.mona, "Names a neighbour."))
        self.assertEqual(self.fresh(self.comment).state, State.REMOVED)
        self.assertDecision(
            Decision.objects.get(),
            action=Action.REMOVE,
            by=self.mona,
            reason="Names a neighbour.",
            text=self.comment.body,
            before={"state": "visible"},
        )
        message = self.sent()[0]
        self.assertEqual(message.to, ["alice@example.org"])
        page = f"http://testserver/en/accounts/decisions/{Decision.objects.get().pk}/"
        for words in ("Names a neighbour.", self.comment.body, page):
            self.assertIn(words, message.body)

    def test_spammer_is_not_written_to(self):
        self.assertTrue(deciding.mark_spam(self.comment, self.mona))
        self.assertEqual(self.fresh(self.comment).state, State.SPAM)
        self.assertEqual(self.sent(), [])

    def test_removed_one_counts_no_more(self):
        deciding.remove(self.comment, self.mona)
        self.assertEqual(self.fresh(self.alice).approved_count, self.alice.approved_count - 1)
        Member.objects.filter(pk=self.bob.pk).update(approved_count=0)
        deciding.remove(make_comment(self.article, self.bob), self.mona)
        self.assertEqual(self.fresh(self.bob).approved_count, 0)

    def test_held_one_never_counted(self):
        deciding.mark_spam(self.held, self.mona)
        self.assertEqual(self.fresh(self.nina).approved_count, 0)
        self.assertEqual(self.fresh(self.nina).standing, Member.Standing.PENDING)

    def test_second_click_leaves_no_trace(self):
        for verb in (deciding.remove, deciding.mark_spam):
            comment = make_comment(self.article, self.bob)
            verb(comment, self.mona)
            Member.objects.filter(pk=self.bob.pk).update(approved_count=10)
            with self.subTest(verb=verb.__name__):
                self.assertFalse(verb(self.fresh(comment), self.max))
                self.assertEqual(Case.objects.about(comment).count(), 1)
                self.assertFalse(Case.objects.about(comment).open().exists())
                self.assertEqual(self.fresh(self.bob).approved_count, 10)

    def test_two_moderators_at_once_take_it_down_once(self):
        outdated = self.fresh(self.comment)
        deciding.remove(self.comment, self.mona)
        self.assertFalse(deciding.remove(outdated, self.max))
        self.assertEqual(Decision.objects.count(), 1)
        self.assertEqual(len(self.sent()), 1)

    def test_mail_is_in_the_language_of_the_author(self):
        Member.objects.filter(pk=self.alice.pk).update(language="zh-hans")
        deciding.remove(self.fresh(self.comment), self.mona)
        self.assertIn(SiteSettings.load().name_zh_hans, self.sent()[0].body)
        self.assertIn("/zh-hans/accounts/decisions/", self.sent()[0].body)


class AdmitTests(DecidingTestCase):
    def test_newcomer_becomes_a_member_and_is_told(self):
        case = waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        self.assertTrue(deciding.admit(self.nina, self.mona, "A friend of Wei."))
        self.assertTrue(self.fresh(self.nina).is_full_member)
        self.assertFalse(self.fresh(case).is_open)
        self.assertDecision(
            case.decisions.get(),
            action=Action.ADMIT,
            by=self.mona,
            reason="A friend of Wei.",
            before={"standing": "pending"},
        )
        self.assertEqual(self.sent()[0].to, ["nina@example.org"])
        self.assertIn("http://testserver/en/", self.sent()[0].body)

    def test_mail_is_in_the_language_of_the_newcomer(self):
        Member.objects.filter(pk=self.nina.pk).update(language="zh-hans")
        deciding.admit(self.fresh(self.nina), self.mona)
        self.assertIn(SiteSettings.load().name_zh_hans, self.sent()[0].body)
        self.assertIn("http://testserver/zh-hans/", self.sent()[0].body)

    def test_whoever_is_no_newcomer_is_left_alone(self):
        self.assertFalse(deciding.admit(self.bob, self.mona))
        deciding.ban(self.eve, self.mona)
        self.assertFalse(deciding.admit(self.eve, self.mona))
        self.assertEqual(self.fresh(self.eve).standing, Member.Standing.BANNED)

    def test_page_that_is_out_of_date_admits_nobody(self):
        outdated = self.fresh(self.nina)
        deciding.ban(self.nina, self.mona)
        self.assertFalse(deciding.admit(outdated, self.max))
        self.assertEqual(self.fresh(self.nina).standing, Member.Standing.BANNED)

    def test_refused_one_is_told_and_waits_again_when_restored(self):
        case = waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        self.assertTrue(deciding.refuse(self.nina, self.mona, "We could not reach you."))
        nina = self.fresh(self.nina)
        self.assertEqual((nina.standing, nina.is_active), (Member.Standing.BANNED, False))
        self.assertDecision(
            case.decisions.get(), action=Action.REFUSE, by=self.mona, before={"standing": "pending"}
        )
        self.assertIn("We could not reach you.", self.sent()[0].body)
        self.assertTrue(deciding.restore(nina, self.max))
        self.assertEqual(self.fresh(nina).standing, Member.Standing.PENDING)
        self.assertEqual(Case.objects.about(nina).open().get().kind, Case.Kind.SIGNUP)

    def test_only_newcomers_are_refused(self):
        self.assertFalse(deciding.refuse(self.bob, self.mona))
        self.assertTrue(self.fresh(self.bob).is_full_member)


class SanctionTests(DecidingTestCase):
    def test_suspended_member_is_told_until_when_and_why(self):
        self.assertTrue(deciding.suspend(self.eve, self.mona, self.until, "Advertising."))
        eve = self.fresh(self.eve)
        self.assertEqual((eve.standing, eve.is_active), (Member.Standing.SUSPENDED, False))
        self.assertEqual(eve.suspended_until, self.until)
        decision = Decision.objects.get()
        self.assertDecision(
            decision,
            action=Action.SUSPEND,
            by=self.mona,
            reason="Advertising.",
            before={"standing": "active"},
        )
        self.assertEqual((decision.case.kind, decision.case.subject), (Case.Kind.MEMBER, self.eve))
        self.assertFalse(decision.case.is_open)
        self.assertIn("Advertising.", self.sent()[0].body)

    def test_banned_member_is_told_why(self):
        self.assertTrue(deciding.ban(self.eve, self.mona, "Again."))
        eve = self.fresh(self.eve)
        self.assertEqual((eve.standing, eve.is_active), (Member.Standing.BANNED, False))
        self.assertEqual(eve.suspended_until, None)
        self.assertIn("Again.", self.sent()[0].body)

    def test_ban_after_a_suspension_remembers_it(self):
        deciding.suspend(self.eve, self.mona, self.until)
        self.assertTrue(deciding.ban(self.eve, self.mona))
        self.assertEqual(
            Decision.objects.first().before,
            {"standing": "suspended", "suspended_until": self.until.isoformat()},
        )

    def test_longer_suspension_is_a_decision_of_its_own(self):
        deciding.suspend(self.eve, self.mona, self.until)
        self.assertFalse(deciding.suspend(self.eve, self.mona, self.until))
        self.assertTrue(deciding.suspend(self.eve, self.mona, self.until + timedelta(days=1)))
        self.assertEqual(Decision.objects.count(), 2)

    def test_ban_of_a_newcomer_closes_what_waited(self):
        waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        deciding.ban(self.nina, self.mona)
        self.assertFalse(Case.objects.about(self.nina).open().exists())

    def test_second_click_changes_nothing(self):
        outdated = self.fresh(self.eve)
        deciding.ban(self.eve, self.mona)
        self.assertFalse(deciding.ban(outdated, self.max))
        self.assertEqual(Decision.objects.count(), 1)
        self.assertEqual(len(self.sent()), 1)

    def test_member_who_left_is_beyond_it(self):
        gone = make_member("gone", standing=Member.Standing.LEFT)
        self.assertFalse(deciding.ban(gone, self.mona))
        self.assertFalse(deciding.restore(gone, self.mona))
        self.assertEqual(self.fresh(gone).standing, Member.Standing.LEFT)

    def test_who_may_judge_whom(self):
        outsiders = [self.alice, self.nina, self.wei, self.eve]
        judged_by = {
            self.eve: [self.mona, self.max, self.wanda, self.root],
            self.nina: [self.mona, self.max, self.wanda, self.root],
            self.wei: [self.wanda, self.root],
            self.mona: [self.wanda, self.root],
            self.wanda: [],
            self.root: [],
        }
        verbs = {
            "suspend": lambda member, by: deciding.suspend(member, by, self.until),
            "ban": deciding.ban,
            "admit": deciding.admit,
            "refuse": deciding.refuse,
            "restore": deciding.restore,
        }
        for member, judges in judged_by.items():
            for by in [*outsiders, self.mona, self.max, self.wanda, self.root]:
                for name, verb in verbs.items():
                    with self.subTest(member=member, by=by, verb=name):
                        if by in judges:
                            self.assertTrue(member.may_be_sanctioned_by(by))
                            continue
                        with self.assertRaises(PermissionDenied):
                            verb(member, by)
        self.assertFalse(Decision.objects.exists())

    def test_superuser_judges_staff(self):
        self.assertTrue(deciding.ban(self.mona, self.root))
        self.assertFalse(self.fresh(self.mona).has_perm("moderation.decide"))


class RestoreTests(DecidingTestCase):
    def test_member_has_back_what_they_had(self):
        deciding.suspend(self.eve, self.mona, self.until)
        deciding.ban(self.eve, self.mona)
        self.assertTrue(deciding.restore(self.eve, self.max, "We talked."))
        eve = self.fresh(self.eve)
        self.assertEqual((eve.standing, eve.is_active), (Member.Standing.ACTIVE, True))
        self.assertIsNone(eve.suspended_until)
        self.assertDecision(
            Decision.objects.first(),
            action=Action.RESTORE,
            by=self.max,
            reason="We talked.",
            before={"standing": "banned"},
        )
        self.assertIn("We talked.", self.sent()[-1].body)

    def test_newcomer_who_was_banned_is_no_member_by_that(self):
        deciding.ban(self.nina, self.mona)
        deciding.restore(self.nina, self.mona)
        self.assertEqual(self.fresh(self.nina).standing, Member.Standing.PENDING)
        self.assertEqual(Case.objects.about(self.nina).open().count(), 1)

    def test_newcomer_without_a_proven_address_does_not_wait_yet(self):
        self.nina.emailaddress_set.update(verified=False)
        deciding.ban(self.nina, self.mona)
        deciding.restore(self.nina, self.mona)
        self.assertFalse(Case.objects.about(self.nina).open().exists())

    def test_nothing_to_restore(self):
        self.assertFalse(deciding.restore(self.bob, self.mona))
        self.assertFalse(Decision.objects.exists())


class EndOfSuspensionTests(DecidingTestCase):
    def suspend(self, ends_in):
        deciding.suspend(self.eve, self.mona, timezone.now() + ends_in)
        self.sent()
        mail.outbox.clear()

    def test_it_ends_by_itself_and_they_are_told(self):
        self.suspend(timedelta(seconds=-1))
        end_suspensions()
        self.assertEqual(self.fresh(self.eve).standing, Member.Standing.ACTIVE)
        self.assertDecision(Decision.objects.first(), action=Action.RESTORE, by=None)
        self.assertEqual([message.to for message in self.sent()], [["eve@example.org"]])
        end_suspensions()
        self.assertEqual(len(self.sent()), 1)

    def test_it_runs_by_the_clock_of_the_worker(self):
        self.suspend(timedelta(seconds=-1))
        run_due(periodic=True)
        self.assertEqual(self.fresh(self.eve).standing, Member.Standing.ACTIVE)

    def test_it_does_not_end_before_its_time(self):
        self.suspend(timedelta(minutes=1))
        end_suspensions()
        self.assertEqual(self.fresh(self.eve).standing, Member.Standing.SUSPENDED)
        self.assertEqual(self.sent(), [])

    def test_clock_with_an_old_view_restores_nobody_who_was_banned_or_suspended_anew(self):
        self.suspend(timedelta(seconds=-1))
        outdated = self.fresh(self.eve)
        deciding.suspend(self.eve, self.mona, self.until)
        self.assertFalse(deciding.restore(outdated, by=None))
        deciding.ban(self.eve, self.mona)
        self.assertFalse(deciding.restore(outdated, by=None))
        self.assertEqual(self.fresh(self.eve).standing, Member.Standing.BANNED)


class IssueTests(DecidingTestCase):
    def issue(self, **changes):
        case = waiting.open_case(Case.Kind.ISSUE, None, None, ["issue"])
        values = {"text": "The picture is upside down.", "reason": "broken", "language": "en"}
        case.reports.create(**{**values, **changes})
        return case

    def test_answer_goes_to_who_left_an_address(self):
        case = self.issue(email="visitor@example.org", name="A visitor")
        self.assertTrue(deciding.answer(case, self.mona, "It stands upright now."))
        self.assertFalse(self.fresh(case).is_open)
        self.assertDecision(
            case.decisions.get(),
            action=Action.ANSWER,
            by=self.mona,
            reason="It stands upright now.",
            text="The picture is upside down.",
        )
        message = self.sent()[0]
        self.assertEqual(message.to, ["visitor@example.org"])
        self.assertIn("It stands upright now.", message.body)
        self.assertIn("The picture is upside down.", message.body)

    def test_answer_goes_to_a_member_in_the_language_of_the_report(self):
        case = self.issue(reporter=self.bob, language="zh-hans")
        deciding.answer(case, self.mona, "好了。")
        self.assertEqual(self.sent()[0].to, ["bob@example.org"])
        self.assertIn(SiteSettings.load().name_zh_hans, self.sent()[0].body)

    def test_without_an_address_nobody_is_written_to(self):
        self.assertTrue(deciding.answer(self.issue(), self.mona, "Thank you."))
        self.assertEqual(self.sent(), [])

    def test_case_is_closed_without_an_answer(self):
        case = self.issue(email="visitor@example.org")
        self.assertTrue(deciding.dismiss(case, self.mona, "Nonsense."))
        self.assertEqual(case.decisions.get().action, Action.DISMISS)
        self.assertEqual(self.sent(), [])

    def test_closed_case_is_closed(self):
        case = self.issue(email="visitor@example.org")
        deciding.dismiss(case, self.mona)
        self.assertFalse(deciding.answer(case, self.mona, "Too late."))
        self.assertFalse(deciding.dismiss(case, self.mona))
        self.assertEqual(case.decisions.count(), 1)

    def test_two_answers_at_once_are_one(self):
        case = self.issue(email="visitor@example.org")
        outdated = self.fresh(case)
        deciding.answer(case, self.mona, "Done.")
        self.assertFalse(deciding.answer(outdated, self.max, "Done."))
        self.assertEqual(len(self.sent()), 1)
