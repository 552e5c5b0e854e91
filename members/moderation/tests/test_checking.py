"""The one door: who is held for what, and that a failure holds."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.moderation.filtering import Contribution, check, checking, settle
from members.moderation.filtering.classifier import Judgement
from members.moderation.models import BlockRule, Case, HouseRules, State, Storm
from news.comments.posting import edit_comment, post_comment

STRONG, WEAK, NOTHING = "论文代写，包过", "名额有限，先到先得", "明天见"
LIKELY = Judgement("zh-hans", 9.0, 0.99, True)


class CheckTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.member = make_member("recent", date_joined=timezone.now() - timedelta(days=5))

    def held(self, author, text, likely=False):
        judgement = LIKELY if likely else Judgement("zh-hans")
        with patch.object(checking.classifier, "judge", return_value=judgement):
            return check(Contribution(author, text)).holds

    def test_the_ladder_of_trust(self):
        for author, text, likely, holds in (
            (self.nina, NOTHING, False, True),
            (self.member, NOTHING, False, False),
            (self.member, WEAK, False, False),
            (self.member, STRONG, False, True),
            (self.member, NOTHING, True, True),
            (self.alice, STRONG, False, False),
            (self.alice, NOTHING, True, False),
            (self.alice, WEAK, True, True),
            (self.mona, STRONG, True, False),
            (None, NOTHING, False, True),
        ):
            with self.subTest(who=str(author), text=text, likely=likely):
                self.assertEqual(self.held(author, text, likely), holds)

    def test_heaviest_reason_first_and_a_score_that_adds_up(self):
        contribution = Contribution(self.member, f"{WEAK} {STRONG}")
        for judgement, score in ((Judgement("zh-hans"), 7), (LIKELY, 11.95)):
            with patch.object(checking.classifier, "judge", return_value=judgement):
                verdict = check(contribution)
            self.assertEqual(verdict.score, score)
            self.assertEqual(verdict.reasons[-2:], ["shady_trade", "salesman"])

    def test_a_failure_holds_and_tells_nothing_personal(self):
        for error in (RuntimeError("Very private words"), DatabaseError("private")):
            with (
                patch.object(checking.rules, "broken", side_effect=error),
                self.assertLogs("members.moderation", "ERROR") as logs,
            ):
                verdict = check(Contribution(self.alice, "Very private words"))
            self.assertEqual((verdict.holds, verdict.reasons), (True, ["unchecked"]))
            self.assertNotIn("private", str(logs.output))

    def test_a_failure_of_the_database_leaves_the_callers_transaction_alone(self):
        def fail(*args):
            with connection.cursor() as cursor:
                cursor.execute("SELECT no_such_column FROM members_member")

        with (
            transaction.atomic(),
            patch.object(checking.rules, "broken", side_effect=fail),
            self.assertLogs("members.moderation", "ERROR"),
        ):
            self.assertTrue(check(Contribution(self.alice, "Hello")).holds)
            self.assertTrue(type(self.alice).objects.filter(pk=self.alice.pk).exists())

    def test_a_switched_off_rule_holds_nobody(self):
        rules = HouseRules.load()
        rules.rules_off = ["shady_trade"]
        with self.captureOnCommitCallbacks(execute=True):
            rules.save()
        self.assertFalse(self.held(self.member, STRONG))

    def test_in_a_storm_links_of_those_without_a_long_record_wait(self):
        link = "https://shop.example.org"
        self.assertFalse(self.held(self.member, link))
        with patch.object(checking.storms, "current", return_value=Storm()):
            self.assertTrue(self.held(self.member, link))
            self.assertFalse(self.held(self.member, NOTHING))
            self.assertFalse(self.held(self.alice, link))

    def test_what_is_blocked_waits_whoever_sends_it(self):
        with patch.object(checking.blocking, "met_by", return_value=[BlockRule()]):
            self.assertTrue(self.held(self.alice, NOTHING))
            self.assertFalse(self.held(self.mona, NOTHING))

    def test_a_bounded_number_of_queries(self):
        HouseRules.load()
        for text in ("Warm up http://a.example", "热身"):  # what a process reads once
            check(Contribution(self.member, text))
        for text in ("Hello", "http://a.example " * 50, STRONG * 50):
            with CaptureQueriesContext(connection) as queries:
                check(Contribution(self.member, text))
            # A savepoint and its end, the classifier, what is alike, the block list.
            self.assertLessEqual(len(queries), 5)


class SettleTests(CastTestCase):
    def test_nothing_is_lost_when_what_is_alike_cannot_be_kept(self):
        def fail(*args):
            with connection.cursor() as cursor:
                cursor.execute("SELECT no_such_column FROM members_member")

        for broken in (RuntimeError("Very private words"), fail):
            with (
                patch.object(checking.traits, "of", side_effect=broken),
                self.assertLogs("members.moderation", "ERROR") as logs,
            ):
                comment, created = post_comment(
                    self.article, self.bob, "Very private words", uuid4(), address="192.0.2.7"
                )
            self.assertTrue(created)
            self.assertEqual(comment.state, State.HELD)
            case = Case.objects.about(comment).get()
            self.assertEqual(case.reasons, ["unchecked"])
            self.assertNotIn("private", str(logs.output))

    def test_an_edit_for_the_worse_raises_the_score(self):
        comment, _created = post_comment(self.article, self.nina, "Hello there", uuid4())
        case = Case.objects.about(comment).get()
        edit_comment(comment, STRONG)
        worse = Case.objects.get(pk=case.pk)
        self.assertGreater(worse.score, case.score)
        self.assertIn("shady_trade", worse.reasons)
        edit_comment(comment, "Hello again")
        self.assertEqual(Case.objects.get(pk=case.pk).score, worse.score)

    def test_language_of_what_waits(self):
        for text, language in (("你好，明天见", "zh-hans"), ("See you", "en"), ("👍", "")):
            comment, _created = post_comment(self.article, self.nina, text, uuid4())
            self.assertEqual(Case.objects.about(comment).get().language, language)

    def test_a_bounded_number_of_queries(self):
        numbers = []
        for text in (
            "Hello there, all of you",
            " ".join(f"http://a{n}.example" for n in range(50)),
        ):
            comment = make_comment(self.article, self.nina, body=text)
            contribution = Contribution(self.nina, text, address="192.0.2.7")
            verdict = check(contribution)
            with CaptureQueriesContext(connection) as queries:
                settle(comment, Case.Kind.COMMENT, contribution, verdict)
            numbers.append(len(queries))
        # The case, its group, its traits, and what else has each of the four kinds of them.
        self.assertLessEqual(max(numbers), 22, numbers)
