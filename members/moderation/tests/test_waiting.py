"""What has to wait, why, and that each thing waits once."""

from datetime import timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Member
from members.moderation import deciding, waiting
from members.moderation.models import Case, Report, State


class ReasonsTests(CastTestCase):
    def held(self, author, text="Hello"):
        return waiting.reasons_to_hold(author, text)

    def test_member_with_a_record_is_trusted(self):
        self.assertTrue(self.alice.is_trusted)
        self.assertEqual(self.held(self.alice, "See https://www.isu.edu/"), [])

    def test_newcomer_waits_for_two_reasons(self):
        self.assertEqual(self.held(self.nina), ["pending", "first"])

    def test_first_contributions_of_a_member_wait_as_many_as_the_settings_say(self):
        new = make_member("new", approved_count=0)
        for approved, setting, reasons in (
            (0, 2, ["first"]),
            (1, 2, ["first"]),
            (2, 2, []),
            (2, 3, ["first"]),
            (0, 0, []),
        ):
            SiteSettings.load()
            SiteSettings.objects.update(first_contributions_held=setting)
            cache.clear()
            new.approved_count = approved
            with self.subTest(approved=approved, setting=setting):
                self.assertEqual(self.held(new), reasons)

    def test_links_of_the_untrusted_wait(self):
        cases = {
            "many approved, but new": {"date_joined": timezone.now() - timedelta(days=13)},
            "old, but little approved": {"approved_count": 4},
        }
        for name, changes in cases.items():
            member = make_member(name.split()[0], **changes)
            for text in (
                "https://shop.example.org",
                "see www.shop.example.org",
            ):
                with self.subTest(who=name, text=text):
                    self.assertEqual(self.held(member, text), ["links"])
            with self.subTest(who=name):
                self.assertEqual(self.held(member, "No link here."), [])

    def test_vouch_gives_no_trust(self):
        vouched = make_member("vouched", approved_count=0, vouched_by=self.alice)
        self.assertFalse(vouched.is_trusted)
        self.assertEqual(self.held(vouched), ["first"])

    def test_staff_never_waits(self):
        mona = make_member("new-mod", "Moderator", approved_count=0, date_joined=timezone.now())
        self.assertEqual(self.held(mona, "https://example.org"), [])

    def test_every_reason_has_words(self):
        used = {
            *("pending", "first", "links", "reported"),
            *("submitted", "edited", "signup", "issue"),
        }
        self.assertEqual(set(waiting.REASONS), used)


class OpenCaseTests(CastTestCase):
    def open(self, *reasons):
        return waiting.open_case(Case.Kind.COMMENT, self.comment, self.alice, list(reasons))

    def test_one_open_case_gathers_the_reasons_in_their_order(self):
        case = self.open("first")
        self.assertEqual(self.open("reported", "first").pk, case.pk)
        self.assertEqual(Case.objects.get().reasons, ["first", "reported"])

    def test_decided_case_is_closed_and_a_new_one_opens(self):
        first = self.open("reported")
        deciding.approve(self.comment, self.mona)
        second = self.open("reported")
        self.assertNotEqual(first.pk, second.pk)
        self.assertEqual(list(Case.objects.open()), [second])

    def test_database_holds_one_open_case_for_a_subject(self):
        self.open("first")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Case.objects.create(kind=Case.Kind.COMMENT, subject=self.comment, member=self.alice)

    def test_issues_have_a_case_each(self):
        for _number in range(2):
            waiting.open_case(Case.Kind.ISSUE, None, None, ["issue"])
        self.assertEqual(Case.objects.open().count(), 2)

    def test_taken_back_by_its_author_it_waits_no_more_and_nobody_decided(self):
        case = self.open("first")
        self.assertTrue(waiting.close(self.comment))
        self.assertFalse(waiting.close(self.comment))
        self.assertFalse(Case.objects.get(pk=case.pk).is_open)
        self.assertFalse(case.decisions.exists())


class ReportTests(CastTestCase):
    def report(self, by, subject=None, reason="rude"):
        subject = subject or self.comment
        return waiting.report(subject, Case.Kind.COMMENT, by, reason, "Look at this", "en")

    def test_reports_gather_at_one_case_once_for_each_member(self):
        self.assertTrue(self.report(self.bob))
        self.assertTrue(self.report(self.mona, reason="spam"))
        self.assertFalse(self.report(self.bob, reason="spam"))
        case = Case.objects.get()
        self.assertEqual(case.reasons, ["reported"])
        self.assertEqual(case.member, self.alice)
        self.assertEqual(set(case.reports.values_list("reason", flat=True)), {"rude", "spam"})
        self.assertIn(f"#comment-{self.comment.pk}", case.reports.first().url)

    def test_reported_thing_stays_until_somebody_decides(self):
        self.report(self.bob)
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.state, State.VISIBLE)

    def test_after_a_decision_it_can_be_reported_anew(self):
        self.report(self.bob)
        deciding.approve(self.comment, self.mona)
        self.assertTrue(self.report(self.bob))
        self.assertEqual(Report.objects.count(), 2)

    def test_reports_of_other_comments_stand_apart(self):
        other = make_comment(self.article, self.alice)
        self.report(self.bob)
        self.report(self.bob, other)
        self.assertEqual(Case.objects.open().count(), 2)


class SignupCaseTests(CastTestCase):
    def test_newcomer_joins_the_queue_once(self):
        for _signal in range(2):
            waiting.on_member_confirmed(sender=Member, member=self.nina)
        self.assertEqual(Case.objects.get().subject, self.nina)

    def test_member_does_not(self):
        waiting.on_member_confirmed(sender=Member, member=self.bob)
        self.assertFalse(Case.objects.exists())
