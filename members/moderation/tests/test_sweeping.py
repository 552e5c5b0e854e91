"""Cleaning up in one go, and bringing everything back byte for byte."""

from datetime import timedelta

from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Invitation, Member
from members.moderation import blocking, deciding, sweeping, undoing, waiting
from members.moderation.filtering import Contribution, check, settle
from members.moderation.models import BlockRule, Case, Decision, SpamModel, State, Sweep, TokenCount
from news.comments.models import Comment
from news.models import Article

ADVERT = "To get more campus news number {n}, you can visit best news official website http://news{n}.example"


def whole():
    """Everything that a clean-up touches."""
    rows = {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Comment, Case, Invitation, BlockRule)
    }
    models = SpamModel.objects.exclude(spam=0, ham=0).order_by("pk")
    rows["SpamModel"] = list(models.values("language", "spam", "ham", "decisions"))
    rows["Member"] = list(
        Member.objects.order_by("pk").values("pk", "standing", "is_active", "approved_count")
    )
    rows["Article"] = list(
        Article.objects.order_by("pk").values("pk", "state", "comment_count", "status")
    )
    rows["TokenCount"] = list(TokenCount.objects.order_by("token").values("token", "spam", "ham"))
    return rows


class SweepTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.eve = make_member(
            "eve", date_joined=timezone.now() - timedelta(hours=3), approved_count=0
        )

    def write(self, count, author=None):
        author = author or self.eve
        for number in range(count):
            text = ADVERT.format(n=number)
            contribution = Contribution(author, text, address="192.0.2.9")
            verdict = check(contribution)
            state = State.HELD if number % 3 else State.VISIBLE
            comment = make_comment(
                self.article, author, body=text, state=state, links_live=not number % 2
            )
            if number % 3:
                settle(comment, Case.Kind.COMMENT, contribution, verdict)
        self.article.refresh_from_db()


class SpammerTests(SweepTestCase):
    def test_newcomer_whose_account_is_opened_by_hand_waits_for_approval_again(self):
        sweeping.after_spammer(self.nina, self.mona)
        run_due()
        self.nina.refresh_from_db()
        self.assertTrue(deciding.restore(self.nina, self.root))
        self.nina.refresh_from_db()
        self.assertEqual(self.nina.standing, Member.Standing.PENDING)

    def test_everything_goes_and_comes_back(self):
        self.write(12)
        make_article(author=self.eve, status="submitted", state=State.HELD, publish_at=None)
        draft = make_article(author=self.eve, status="draft", publish_at=None)
        Invitation.objects.create(invited_by=self.eve)
        deciding.mark_spam(make_comment(self.article, self.bob, body="Cheap watches"), self.mona)
        run_due()
        before = whole()
        for _again in range(2):
            blocks = blocking.offered([self.eve])
            self.assertIn(("network", "192.0.2.9/32"), [(rule.kind, rule.value) for rule in blocks])
            sweep = sweeping.after_spammer(self.eve, self.mona, "Advertising", blocks)
            self.eve.refresh_from_db()
            self.assertEqual(self.eve.standing, Member.Standing.BANNED)
            run_due()
            sweep.refresh_from_db()
            self.assertEqual((sweep.total, sweep.done), (14, 14))
            self.assertTrue(sweep.finished_at)
            self.assertFalse(
                Comment.objects.filter(author=self.eve).exclude(state=State.SPAM).exists()
            )
            draft.refresh_from_db()
            self.assertEqual(draft.state, State.SPAM)
            self.assertFalse(Case.objects.open().filter(member=self.eve).exists())
            self.assertFalse(
                Invitation.objects.filter(invited_by=self.eve, revoked_at=None).exists()
            )
            self.assertTrue(BlockRule.objects.filter(sweep=sweep).exists())
            self.assertGreater(SpamModel.objects.get(language="en").spam, 1)
            self.assertEqual(Article.objects.get(pk=self.article.pk).comment_count, 1)

            self.assertTrue(undoing.undo(sweep.decision, self.mona))
            run_due()
            sweep.refresh_from_db()
            self.assertTrue(sweep.undone_at)
            after = whole()
            known = {row["id"] for row in before["Case"]}
            after["Case"] = [row for row in after["Case"] if row["id"] in known]
            self.maxDiff = 3000
            self.assertEqual(after, before)
            self.eve.refresh_from_db()

    def test_a_job_that_was_killed_goes_on(self):
        self.write(5)
        sweep = sweeping.after_spammer(self.eve, self.mona)
        sweeping._take_down_some(sweep, Comment, [self.eve])
        run_due()
        sweeping.take_down.func(sweep.pk)
        sweep.refresh_from_db()
        self.assertEqual((sweep.done, sweep.items.count()), (5, 5))

    def test_one_at_a_time_and_not_by_anybody(self):
        self.write(1)
        for member in (self.alice, self.wei, self.eve):
            self.assertIsNone(sweeping.after_spammer(self.eve, member))
        self.assertIsNone(sweeping.after_spammer(self.wei, self.mona))
        self.assertIsNone(sweeping.after_spammer(self.root, self.mona))
        self.assertIsNone(sweeping.after_spammer(self.mona, self.mona))
        self.assertTrue(sweeping.after_spammer(self.eve, self.mona))
        self.assertIsNone(sweeping.after_spammer(self.eve, self.root))

    def test_whoever_came_back_is_cleaned_up_after_again_and_the_later_is_undone_first(self):
        self.write(2)
        first = sweeping.after_spammer(self.eve, self.mona)
        run_due()
        self.assertIsNone(sweeping.after_spammer(self.eve, self.mona))
        deciding.restore(self.eve, self.mona)
        self.write(1)
        second = sweeping.after_spammer(self.eve, self.mona)
        run_due()
        second.refresh_from_db()
        self.assertEqual(second.done, 1)
        self.assertEqual([count for _kind, count in sweeping.swept(second)], [1])
        self.assertFalse(undoing.undo(first.decision, self.mona))
        self.assertTrue(undoing.undo(second.decision, self.mona))
        run_due()
        self.assertTrue(undoing.undo(first.decision, self.mona))
        run_due()
        self.assertEqual(sweeping.swept(first), [])
        self.assertFalse(Comment.objects.filter(author=self.eve, state=State.SPAM).exists())

    def test_what_was_decided_since_stands(self):
        self.write(2)
        sweep = sweeping.after_spammer(self.eve, self.mona)
        run_due()
        good = Comment.objects.filter(author=self.eve).first()
        deciding.approve(good, self.mona)
        undoing.undo(sweep.decision, self.mona)
        run_due()
        good.refresh_from_db()
        self.assertEqual(good.state, State.VISIBLE)

    def test_an_undo_before_the_end_waits_for_the_end(self):
        self.write(2)
        sweep = sweeping.after_spammer(self.eve, self.mona)
        self.assertFalse(undoing.undo(sweep.decision, self.mona))


class SinceTests(SweepTestCase):
    def test_whom_nobody_has_approved(self):
        since = timezone.now() - timedelta(hours=4)
        self.write(3)
        young = {"date_joined": timezone.now() - timedelta(hours=1), "approved_count": 0}
        other = make_member("other", standing=Member.Standing.PENDING, **young)
        make_member("vouched", vouched_by=self.alice, **young)
        make_member("staff", "Editor", **young)
        approved = make_member("approved", standing=Member.Standing.PENDING, **young)
        waiting.on_member_confirmed(sender=Member, member=approved)
        deciding.admit(approved, self.mona)
        deciding.admit(self.nina, self.mona)
        self.assertEqual(sweeping.members_since(since), [self.eve, other])
        self.assertEqual(sweeping.left_out_since(since), 4)
        before = whole()
        sweep = sweeping.after_new_accounts(since, self.mona, "A wave")
        run_due()
        sweep.refresh_from_db()
        self.assertEqual((sweep.kind, sweep.done, sweep.members.count()), ("since", 3, 2))
        decision = Decision.objects.get(sweep=sweep)
        self.assertIsNone(decision.case.member)
        undoing.undo(decision, self.mona)
        run_due()
        after = whole()
        known = {row["id"] for row in before["Case"]}
        after["Case"] = [row for row in after["Case"] if row["id"] in known]
        self.assertEqual(after, before)

    def test_approval_that_was_taken_back_is_none(self):
        since = timezone.now() - timedelta(hours=4)
        comment = make_comment(self.article, self.eve, state=State.HELD)
        deciding.approve(comment, self.mona)
        self.assertNotIn(self.eve, sweeping.members_since(since))
        undoing.undo(Decision.objects.get(action=Decision.Action.APPROVE), self.mona)
        self.assertIn(self.eve, sweeping.members_since(since))

    def test_nobody_came(self):
        self.assertIsNone(sweeping.after_new_accounts(timezone.now(), self.mona))
        self.assertFalse(Sweep.objects.exists())
