"""What has to wait, why, and that each thing waits once."""

from datetime import timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_member
from members.models import Member
from members.moderation import deciding, reasons, scoring, waiting
from members.moderation.filtering import Contribution, check
from members.moderation.models import Case
from members.signals import member_left


class ReasonsTests(CastTestCase):
    def held(self, author, text="Hello"):
        return check(Contribution(author, text)).reasons

    def test_member_with_a_record_is_trusted(self):
        self.assertTrue(self.alice.is_trusted)
        self.assertEqual(self.held(self.alice, "See https://www.isu.edu/"), [])  # a trusted domain

    def test_newcomer_waits_for_two_reasons(self):
        self.assertEqual(self.held(self.nina), ["pending", "first", "young"])

    def test_first_contributions_of_a_member_wait_as_many_as_the_settings_say(self):
        new = make_member("new", approved_count=0)
        for approved, setting, why in (
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
                self.assertEqual(self.held(new), why)

    def test_links_of_the_untrusted_are_told_and_do_not_wait_by_themselves(self):
        for name, changes in {
            "new": {"date_joined": timezone.now() - timedelta(days=13)},
            "quiet": {"approved_count": 4},
        }.items():
            member = make_member(name, **changes)
            for text in ("https://shop.example.org", "see www.shop.example.org"):
                with self.subTest(who=name, text=text):
                    verdict = check(Contribution(member, text))
                    self.assertEqual(verdict.reasons, ["links", "other_host"])
                    self.assertFalse(verdict.holds)
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
            *("unchecked", *scoring.WEIGHTS),
            *("storm", "classifier", "profile", "reports_hide", "appeal"),
        }
        self.assertEqual(set(reasons.REASONS), used)


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


class SignupCaseTests(CastTestCase):
    def test_newcomer_joins_the_queue_once(self):
        for _signal in range(2):
            waiting.on_member_confirmed(sender=Member, member=self.nina)
        self.assertEqual(Case.objects.get().subject, self.nina)

    def test_member_does_not(self):
        waiting.on_member_confirmed(sender=Member, member=self.bob)
        self.assertFalse(Case.objects.exists())

    def test_who_leaves_while_waiting_waits_no_more(self):
        waiting.on_member_confirmed(sender=Member, member=self.nina)
        member_left.send(sender=Member, member=self.nina, removes_contributions=False)
        self.assertFalse(Case.objects.open().exists())
