"""The text of spam goes after some days, and nothing else does."""

from datetime import timedelta
from unittest import mock

from django.db import models
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Member
from members.moderation import appealing, deciding, profile_holding, purging, sweeping, undoing
from members.moderation.filtering import Contribution, check, settle
from members.moderation.models import Case, Decision, HouseRules, Lesson, State, Trait
from news import reviewing
from news.comments.models import Comment
from news.models import Article, Revision

ADVERT = "To get more campus news, you can visit best news official website http://zanzibar.example"


class PurgeTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.max = make_member("max", MODERATOR)
        cls.eve = make_member("eve", approved_count=0)

    def advert(self, author=None, **changes):
        author = author or self.eve
        contribution = Contribution(author, ADVERT)
        comment = make_comment(
            self.article, author, **{"body": ADVERT, "state": State.HELD, **changes}
        )
        settle(comment, Case.Kind.COMMENT, contribution, check(contribution))
        return comment

    def after(self, days=91):
        return purging.purge(timezone.now() + timedelta(days=days))

    def last(self):
        return Decision.objects.latest("pk")

    def everything(self):
        """All texts that could keep a word of it."""
        rows = [Comment.objects.values("body"), Lesson.objects.values("tokens")]
        rows += [Decision.objects.values("text", "before"), Trait.objects.values("key")]
        rows += [Article.objects.values(), Revision.objects.values("fields", "note")]
        return str([list(each) for each in rows])


class SpamTests(PurgeTestCase):
    def test_comment_and_decision_lose_their_text_and_nothing_else(self):
        comment = self.advert()
        deciding.mark_spam(comment, self.mona, "Known.")
        run_due()
        before = Decision.objects.values().get()
        self.assertIn("zanzibar", self.everything())
        self.assertEqual(self.after(89), 0)
        self.assertIn("zanzibar", self.everything())
        self.assertEqual(self.after(91), 1)
        self.assertNotIn("zanzibar", self.everything())
        after = Decision.objects.values().get()
        self.assertIsNotNone(after["purged_at"])
        kept = {**before, "text": "", "purged_at": after["purged_at"]}
        self.assertEqual(after, kept)
        comment.refresh_from_db()
        self.assertEqual((comment.body, comment.state), ("–", State.SPAM))

    def test_counts_that_were_learned_stay(self):
        deciding.mark_spam(self.advert(), self.mona)
        run_due()
        self.after()
        lesson = Lesson.objects.get()
        self.assertEqual((lesson.tokens, lesson.counted, lesson.unlearned_at), ([], True, None))

    def test_what_was_decided_before_loses_the_same_words(self):
        comment = self.advert()
        deciding.approve(comment, self.mona)
        deciding.mark_spam(comment, self.max)
        self.after()
        self.assertEqual(list(Decision.objects.values_list("text", flat=True)), ["", ""])

    def test_it_cannot_be_undone_nor_shown_any_more(self):
        comment = self.advert()
        deciding.mark_spam(comment, self.mona)
        decision = self.last()
        self.after()
        decision.refresh_from_db()
        self.assertFalse(undoing.undo(decision, self.mona))
        deciding.approve(comment, self.mona)
        self.assertFalse(Comment.objects.visible().filter(pk=comment.pk).exists())

    def test_days_are_a_setting(self):
        deciding.mark_spam(self.advert(), self.mona)
        rules = HouseRules.load()
        rules.spam_text_days = 7
        with self.captureOnCommitCallbacks(execute=True):
            rules.save()
        self.assertEqual(self.after(6), 0)
        self.assertGreater(self.after(8), 0)

    def test_again_it_finds_nothing_to_do(self):
        deciding.mark_spam(self.advert(), self.mona)
        self.after()
        whole = list(Decision.objects.values()), list(Comment.objects.values())
        self.assertEqual(self.after(), 0)
        self.assertEqual((list(Decision.objects.values()), list(Comment.objects.values())), whole)

    def test_in_batches(self):
        for _number in range(7):
            deciding.mark_spam(self.advert(), self.mona)
        with mock.patch.object(purging, "BATCH", 3):
            self.assertEqual(self.after(), 7)
        self.assertNotIn("zanzibar", str(list(Comment.objects.values("body"))))

    def test_every_night(self):
        deciding.mark_spam(self.advert(), self.mona)
        now = timezone.now()
        run_due(now + timedelta(days=1), periodic=True)
        self.assertIn("zanzibar", self.everything())
        Comment.objects.update(created_at=now - timedelta(days=100))
        models.QuerySet.update(Decision.objects.all(), at=now - timedelta(days=100))
        run_due(now + timedelta(days=2), periodic=True)
        self.assertNotIn("zanzibar", self.everything())

    def test_spam_of_which_the_log_knows_nothing(self):
        comment = self.advert(state=State.SPAM)
        self.assertEqual(self.after(), 1)
        comment.refresh_from_db()
        self.assertEqual(comment.body, "–")


class KeptTests(PurgeTestCase):
    def assertKept(self, comment, days=91):
        self.after(days)
        comment.refresh_from_db()
        self.assertEqual(comment.body, ADVERT)

    def test_what_is_seen_or_removed_or_waits(self):
        for state in (State.VISIBLE, State.HELD, State.REMOVED):
            with self.subTest(state=state):
                self.assertKept(self.advert(state=state))

    def test_text_of_a_removal(self):
        deciding.remove(self.comment, self.mona, "Too harsh.")
        self.after(400)
        self.assertEqual(self.last().text, self.comment.body)

    def test_what_was_no_spam_after_all(self):
        comment = self.advert()
        deciding.mark_spam(comment, self.mona)
        decision = self.last()
        undoing.undo(decision, self.mona)
        self.assertKept(comment, 400)
        decision.refresh_from_db()
        self.assertEqual(decision.text, ADVERT)

    def test_what_became_spam_anew(self):
        comment = self.advert()
        deciding.mark_spam(comment, self.mona)
        first = Decision.objects.filter(pk=self.last().pk)
        models.QuerySet.update(first, at=timezone.now() - timedelta(days=80))
        deciding.approve(comment, self.max)
        deciding.mark_spam(comment, self.max)
        self.assertKept(comment, 20)

    def test_what_was_swept_lately(self):
        comment = self.advert()
        deciding.mark_spam(comment, self.mona)
        deciding.approve(comment, self.max)
        models.QuerySet.update(Decision.objects.all(), at=timezone.now() - timedelta(days=200))
        Comment.objects.update(created_at=timezone.now() - timedelta(days=200))
        sweeping.after_spammer(self.eve, self.mona)
        run_due()
        self.assertKept(comment, 20)
        undoing.undo(self.last(), self.mona)
        run_due()
        comment.refresh_from_db()
        self.assertEqual((comment.body, comment.state), (ADVERT, State.VISIBLE))

    def test_what_an_appeal_is_about_until_long_after_the_answer(self):
        one, other = self.advert(), self.advert()
        deciding.mark_spam(one, self.mona)
        made = appealing.appeal(self.last(), self.eve, "It is my own shop.")
        deciding.mark_spam(other, self.mona)
        self.assertKept(one)
        self.assertEqual(made.decision.text, ADVERT)
        other.refresh_from_db()
        self.assertEqual(other.body, "–")
        appealing.grant(made, self.max)
        one.refresh_from_db()
        self.assertEqual(one.state, State.HELD)

    def test_days_are_counted_from_the_answer(self):
        comment = self.advert()
        deciding.mark_spam(comment, self.mona)
        made = appealing.appeal(self.last(), self.eve, "It is my own shop.")
        appealing.deny(made, self.max)
        case = Case.objects.filter(kind=Case.Kind.APPEAL)
        case.update(closed_at=timezone.now() + timedelta(days=50))
        self.assertKept(comment, 130)
        self.assertGreater(self.after(141), 0)


class SweepTests(PurgeTestCase):
    def test_all_of_a_clean_up_and_its_decision(self):
        for number in range(3):
            self.advert(state=State.HELD if number else State.VISIBLE)
        sweep = sweeping.after_spammer(self.eve, self.mona, "Adverts.")
        run_due()
        sweep.refresh_from_db()
        self.assertTrue(undoing.can_undo(sweep.decision, self.mona))
        self.assertEqual(self.after(), 4)
        self.assertNotIn("zanzibar", self.everything())
        decision = self.last()
        self.assertFalse(undoing.undo(decision, self.mona))
        # How the account was before is no text, and is needed when somebody opens it again.
        self.assertEqual(decision.before["members"][str(self.eve.pk)]["standing"], "active")

    def test_while_it_is_brought_back_nothing_goes(self):
        comment = self.advert()
        sweep = sweeping.after_spammer(self.eve, self.mona)
        run_due()
        undoing.undo(sweep.decision, self.mona)
        self.after()  # before the job has come to it
        run_due()
        comment.refresh_from_db()
        self.assertEqual((comment.body, comment.state), (ADVERT, State.HELD))

    def test_whoever_was_spared_keeps_what_they_wrote(self):
        comment = self.advert()
        Member.objects.filter(pk=self.eve.pk).update(date_joined=timezone.now())
        sweeping.after_new_accounts(timezone.now() - timedelta(hours=1), self.mona)
        run_due()
        made = appealing.appeal(self.last(), self.eve, "I am real.")
        Case.objects.filter(kind=Case.Kind.APPEAL).update(since=timezone.now())
        appealing.grant(made, self.max)
        Case.objects.filter(kind=Case.Kind.APPEAL).update(
            closed_at=timezone.now() + timedelta(days=91)
        )
        self.after(92)  # before the job has come to it
        run_due()
        comment.refresh_from_db()
        self.assertEqual((comment.body, comment.state), (ADVERT, State.HELD))


class PostTests(PurgeTestCase):
    def test_title_text_history_and_address_of_a_post(self):
        post = make_article(
            author=self.eve,
            is_post=True,
            status="draft",
            publish_at=None,
            slug="",
            title_en="Zanzibar news",
            body_en=f"<p>{ADVERT}</p>",
        )
        reviewing.submit(post, self.eve)
        deciding.mark_spam(post, self.mona)
        self.assertIn("zanzibar", self.everything().lower())
        self.assertEqual(self.after(), 1)
        self.assertNotIn("zanzibar", self.everything().lower())
        post.refresh_from_db()
        self.assertEqual((post.title_en, post.body_en, post.state), ("–", "", State.SPAM))
        self.assertEqual(self.after(), 0)


class ProfileTests(PurgeTestCase):
    def test_what_a_profile_said_goes_from_the_decision(self):
        Member.objects.filter(pk=self.eve.pk).update(bio=ADVERT)
        self.eve.refresh_from_db()
        profile_holding.mark_spam(self.eve, self.mona)
        self.assertIn("zanzibar", self.everything())
        self.assertEqual(self.after(), 1)
        self.assertNotIn("zanzibar", self.everything())
        self.assertFalse(undoing.undo(self.last(), self.mona))
