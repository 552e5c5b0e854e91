"""A decision is taken back exactly, once, and only while nothing else was decided."""

from datetime import timedelta

from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Member
from members.moderation import deciding, reporting, undoing, waiting
from members.moderation.models import Case, Decision, SpamModel, State
from news.comments.models import Comment
from news.models import Article

ROWS = {
    Comment: ("pk", "body", "state", "links_live", "like_count", "edited_at", "deleted_at"),
    Member: ("pk", "standing", "suspended_until", "is_active", "approved_count", "display_name"),
    Article: ("pk", "state", "status", "comment_count", "comments_open"),
    Case: ("pk", "closed_at", "reasons", "score", "group", "since"),
}


def whole():
    return {
        model.__name__: list(model.objects.order_by("pk").values_list(*fields))
        for model, fields in ROWS.items()
    }


class UndoTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.held = make_comment(
            self.article, self.bob, body="See http://a.example", state=State.HELD
        )
        waiting.open_case(Case.Kind.COMMENT, self.held, self.bob, ["first"], 3)
        self.first = make_comment(self.article, self.nina, body="Hello", state=State.HELD)
        waiting.open_case(Case.Kind.COMMENT, self.first, self.nina, ["pending"])
        waiting.on_member_confirmed(sender=Member, member=self.nina)
        reporting.report(self.comment, self.bob, "rude", "", "en")

    def last(self):
        return Decision.objects.exclude(action="admit").latest("pk")

    def test_every_act_is_taken_back_exactly(self):
        until = timezone.now() + timedelta(days=3)
        case = Case.objects.about(self.comment).get()
        for name, act in {
            "approve": lambda: deciding.approve(self.held, self.mona),
            "approve a newcomer's": lambda: deciding.approve(self.first, self.mona),
            "approve what was reported": lambda: deciding.approve(self.comment, self.mona),
            "remove what waits": lambda: deciding.remove(self.held, self.mona, "No."),
            "remove what is seen": lambda: deciding.remove(self.comment, self.mona, "No."),
            "spam": lambda: deciding.mark_spam(self.comment, self.mona),
            "refuse": lambda: deciding.refuse(self.nina, self.mona, "No."),
            "suspend": lambda: deciding.suspend(self.bob, self.mona, until, "Rude."),
            "ban": lambda: deciding.ban(self.bob, self.mona, "Spam."),
            "dismiss": lambda: deciding.dismiss(Case.objects.get(pk=case.pk), self.mona),
        }.items():
            with self.subTest(act=name):
                before = whole()
                self.assertTrue(act())
                self.assertNotEqual(whole(), before)
                decision = self.last()
                self.assertTrue(undoing.can_undo(decision, self.mona))
                self.assertTrue(undoing.undo(decision, self.mona))
                after = whole()
                # The file of an act that nobody had asked for stays, closed.
                known = {row[0] for row in before["Case"]}
                after["Case"] = [row for row in after["Case"] if row[0] in known]
                self.assertEqual(after, before)
                self.assertFalse(undoing.undo(decision, self.mona))
                for thing in (self.held, self.first, self.comment, self.bob, self.nina):
                    thing.refresh_from_db()

    def test_an_admission_is_taken_back(self):
        deciding.admit(self.nina, self.mona)
        self.assertTrue(undoing.undo(Decision.objects.latest("pk"), self.mona))
        self.nina.refresh_from_db()
        self.assertTrue(self.nina.is_pending)
        self.assertTrue(Case.objects.about(self.nina).open().exists())

    def test_a_restoration_is_taken_back_with_its_end(self):
        until = timezone.now() + timedelta(days=3)
        deciding.suspend(self.bob, self.mona, until)
        deciding.restore(self.bob, self.mona)
        self.assertTrue(undoing.undo(Decision.objects.latest("pk"), self.mona))
        self.bob.refresh_from_db()
        self.assertEqual((self.bob.standing, self.bob.suspended_until), ("suspended", until))

    def test_what_was_decided_since_stands_in_the_way(self):
        deciding.approve(self.held, self.mona)
        first = self.last()
        deciding.remove(self.held, self.root)
        self.assertFalse(undoing.can_undo(first, self.mona))
        self.assertTrue(undoing.undo(self.last(), self.mona))
        self.assertTrue(undoing.undo(first, self.mona))
        self.held.refresh_from_db()
        self.assertEqual(self.held.state, State.HELD)

    def test_the_log_tells_both(self):
        deciding.mark_spam(self.comment, self.mona)
        decision = self.last()
        undoing.undo(decision, self.root, "A joke, not spam.")
        undone = Decision.objects.latest("pk")
        self.assertEqual((undone.action, undone.undoes, undone.by), ("undo", decision, self.root))
        self.assertEqual(list(Decision.objects.standing()), [])

    def test_the_classifier_unlearns(self):
        deciding.mark_spam(self.comment, self.mona)
        run_due()
        self.assertEqual(SpamModel.objects.get(language="en").spam, 1)
        undoing.undo(self.last(), self.mona)
        self.assertEqual(SpamModel.objects.get(language="en").spam, 0)

    def test_by_whom(self):
        deciding.ban(self.bob, self.mona)
        ban = self.last()
        for member in (self.alice, self.wei, self.nina):
            self.assertFalse(undoing.undo(ban, member))
        staff = make_member("olga", "Editor")
        deciding.suspend(staff, self.root, timezone.now() + timedelta(days=1))
        self.assertFalse(undoing.undo(self.last(), self.mona))
        self.assertTrue(undoing.undo(self.last(), self.root))
        own = make_comment(self.article, self.mona, body="Mine")
        deciding.mark_spam(own, self.root)
        self.assertFalse(undoing.undo(self.last(), self.mona))

    def test_what_was_purged_is_gone(self):
        deciding.mark_spam(self.comment, self.mona)
        decision = self.last()
        Decision.objects.filter(pk=decision.pk).purge_texts()
        decision.refresh_from_db()
        self.assertFalse(undoing.can_undo(decision, self.mona))

    def test_acts_without_a_way_back(self):
        deciding.ask(self.nina, self.mona, "Who are you?")
        self.assertFalse(undoing.can_undo(Decision.objects.latest("pk"), self.mona))

    def test_several_at_once_newest_first(self):
        deciding.approve(self.held, self.mona)
        deciding.remove(self.held, self.mona)
        decisions = list(Decision.objects.filter(case__object_id=self.held.pk))
        self.assertEqual(len(undoing.undo_all(decisions, self.mona)), 2)
        self.held.refresh_from_db()
        self.assertEqual((self.held.state, self.held.links_live), (State.HELD, False))
