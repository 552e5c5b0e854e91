"""Answering to a decision: once, judged by somebody else where there is somebody, and what comes of it."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.roles import EDITOR, MODERATOR
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Member
from members.moderation import (
    appealing,
    deciding,
    personal,
    profile_holding,
    reporting,
    sweeping,
    undoing,
)
from members.moderation.case_acting import act_on
from members.moderation.filtering import lessons
from members.moderation.models import Appeal, Case, Decision, State
from members.notifications.models import Notification
from news import reviewing
from news.comments.models import Comment

Action = Decision.Action


class AppealTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.max = make_member("max", MODERATOR)

    def last(self):
        return Decision.objects.latest("pk")

    def removed(self, reason="Too harsh."):
        deciding.remove(self.comment, self.mona, reason)
        return self.last()

    def appeal(self, decision, member=None, text="It was a quotation."):
        return appealing.appeal(decision, member or self.alice, text)

    def fresh(self, thing):
        return type(thing).objects.get(pk=thing.pk)

    def mails(self):
        """Who was written to since the last time, with what."""
        mail.outbox.clear()
        run_due()
        return [(message.to[0], message.body) for message in mail.outbox]

    def told(self, member):
        rows = Notification.objects.filter(member=member, kind=Notification.Kind.DECISION)
        return [(row.params["act"], row.quiet, row.url) for row in rows]


class MayAppealTests(AppealTestCase):
    def test_whom_it_concerns_and_nobody_else(self):
        removal = self.removed()
        self.assertTrue(appealing.may_appeal(removal, self.alice))
        for member in (self.bob, self.mona, self.root):
            with self.subTest(member=member):
                self.assertIsNone(self.appeal(removal, member))
        self.assertFalse(Appeal.objects.exists())

    def test_once(self):
        removal = self.removed()
        made = self.appeal(removal)
        self.assertIsNone(self.appeal(removal, text="And another thing."))
        appealing.deny(made, self.max)
        self.assertIsNone(self.appeal(removal, text="And another thing."))
        self.assertEqual(Appeal.objects.get().text, "It was a quotation.")

    def test_it_waits_in_the_queue(self):
        made = self.appeal(self.removed(), text="这是一句引文，不是骂人。")
        case = Case.objects.about(made).get()
        self.assertEqual(
            (case.kind, case.member, case.reasons, case.language, case.is_open),
            (Case.Kind.APPEAL, self.alice, ["appeal"], "zh-hans", True),
        )

    def test_what_takes_nothing_away_cannot_be_answered(self):
        held = make_comment(self.article, self.alice, state=State.HELD)
        deciding.approve(held, self.mona)
        self.assertIsNone(self.appeal(self.last()))
        deciding.ask(self.nina, self.mona, "Who are you?")
        self.assertIsNone(self.appeal(self.last(), self.nina))

    def test_what_is_over_cannot_be_answered(self):
        removal = self.removed()
        undoing.undo(removal, self.mona)
        self.assertIsNone(self.appeal(removal))
        again = self.removed()
        deciding.approve(self.fresh(self.comment), self.max)
        self.assertIsNone(self.appeal(again))
        spam = make_comment(self.article, self.alice)
        deciding.mark_spam(spam, self.mona)
        Decision.objects.filter(pk=self.last().pk).purge_texts()
        self.assertIsNone(self.appeal(self.last()))

    def test_what_is_done_beside_it_does_not_matter(self):
        deciding.suspend(self.alice, self.mona, timezone.now() + timedelta(days=3), "A pause.")
        suspension = self.last()
        profile_holding.remove(self.alice, self.mona, "Rude.")
        deciding.record_about(self.alice, Action.WRITE, self.mona, "A letter.")
        made = self.appeal(suspension)
        self.assertTrue(appealing.grant(made, self.max))
        self.assertEqual(self.fresh(self.alice).standing, Member.Standing.ACTIVE)


class MayDecideTests(AppealTestCase):
    def test_another_moderator_where_there_is_one(self):
        made = self.appeal(self.removed())
        self.assertFalse(appealing.may_decide(made, self.mona))
        self.assertFalse(appealing.grant(made, self.mona))
        self.assertFalse(appealing.deny(made, self.mona))
        self.assertTrue(Case.objects.about(made).open().exists())
        self.assertTrue(appealing.may_decide(made, self.max))

    def test_the_only_moderator_may(self):
        Member.objects.exclude(pk=self.mona.pk).update(is_staff=False, is_superuser=False)
        made = self.appeal(self.removed())
        self.assertTrue(appealing.deny(made, self.mona))

    def test_neither_editors_nor_members_nor_whoever_appealed(self):
        own = make_comment(self.article, self.max)
        deciding.remove(own, self.mona, "A joke on the board.")
        made = self.appeal(self.last(), self.max)
        for member in (self.max, self.wei, self.bob):
            with self.subTest(member=member):
                self.assertFalse(appealing.may_decide(made, member))

    def test_whoever_decided_may_if_the_other_one_appealed(self):
        Member.objects.filter(pk=self.root.pk).update(is_staff=False, is_superuser=False)
        own = make_comment(self.article, self.max)
        deciding.remove(own, self.mona, "A joke on the board.")
        made = self.appeal(self.last(), self.max)
        self.assertTrue(appealing.may_decide(made, self.mona))

    def test_in_the_queue_it_is_left_to_the_other_one(self):
        made = self.appeal(self.removed())
        case = Case.objects.about(made).get()
        self.assertFalse(act_on(case, "grant", self.mona))
        self.assertTrue(act_on(case, "grant", self.max))
        self.assertFalse(act_on(case, "deny", self.root))


class GrantTests(AppealTestCase):
    def whole(self):
        comments = Comment.objects.order_by("pk").values()
        people = Member.objects.order_by("pk").values(
            "pk", "standing", "suspended_until", "is_active", "approved_count", "bio"
        )
        self.article.refresh_from_db()
        return list(comments), list(people), self.article.comment_count

    def test_everything_is_as_it_was(self):
        until = timezone.now() + timedelta(days=3)
        Member.objects.filter(pk=self.alice.pk).update(bio="I write.")
        self.alice.refresh_from_db()
        for name, act in {
            "remove": lambda: deciding.remove(self.fresh(self.comment), self.mona, "No."),
            "spam": lambda: deciding.mark_spam(self.fresh(self.comment), self.mona),
            "profile": lambda: profile_holding.remove(self.fresh(self.alice), self.mona, "No."),
            "suspend": lambda: deciding.suspend(self.fresh(self.alice), self.mona, until, "No."),
            "ban": lambda: deciding.ban(self.fresh(self.alice), self.mona, "No."),
            "spammer": lambda: sweeping.after_spammer(self.fresh(self.alice), self.mona, "No."),
        }.items():
            with self.subTest(act=name):
                before = self.whole()
                self.assertTrue(act())
                run_due()
                self.assertNotEqual(self.whole(), before)
                decision = self.last()
                made = self.appeal(decision)
                self.assertTrue(appealing.grant(made, self.max, "You are right."))
                run_due()
                self.assertEqual(self.whole(), before)
                log = list(Decision.objects.filter(pk__gt=decision.pk).order_by("pk"))
                self.assertEqual([each.action for each in log], [Action.UNDO, Action.GRANT])
                self.assertEqual(log[0].undoes, decision)
                self.assertFalse(appealing.grant(made, self.max))
                self.assertFalse(appealing.deny(made, self.max))

    def test_refused_newcomer_waits_again(self):
        deciding.refuse(self.nina, self.mona, "We cannot tell who you are.")
        made = self.appeal(self.last(), self.nina)
        self.assertTrue(appealing.grant(made, self.max))
        self.assertTrue(self.fresh(self.nina).is_pending)

    def test_refused_post_waits_again(self):
        post = make_article(author=self.alice, status="draft", publish_at=None, is_post=True)
        reviewing.submit(post, self.alice)
        reviewing.refuse(post, self.wei, "Not for us.")
        made = self.appeal(self.last())
        self.assertTrue(appealing.grant(made, self.max))
        post.refresh_from_db()
        self.assertEqual((post.state, post.status), (State.HELD, "submitted"))
        self.assertTrue(Case.objects.about(post).open().exists())

    def test_of_many_swept_accounts_the_one_who_appealed(self):
        new = {"date_joined": timezone.now() - timedelta(hours=1), "approved_count": 0}
        eve, ivy = make_member("eve", **new), make_member("ivy", **new)
        make_comment(self.article, eve, body="Buy things at http://things.example today")
        honest = make_comment(self.article, ivy, body="Does anybody know when the pool opens?")
        before = self.fresh(honest).__dict__
        sweep = sweeping.after_new_accounts(timezone.now() - timedelta(hours=2), self.mona, "Wave.")
        run_due()
        decision = self.last()
        self.assertEqual(decision.lessons.filter(unlearned_at=None).count(), 2)
        mine, hers = self.appeal(decision, ivy), self.appeal(decision, eve)
        self.assertTrue(appealing.grant(mine, self.max))
        run_due()
        after = self.fresh(honest).__dict__
        self.assertEqual({**after, "_state": None}, {**before, "_state": None})
        self.assertEqual(self.fresh(ivy).standing, Member.Standing.ACTIVE)
        self.assertEqual(self.fresh(eve).standing, Member.Standing.BANNED)
        self.assertEqual(Comment.objects.get(author=eve).state, State.SPAM)
        sweep.refresh_from_db()
        self.assertEqual((sweep.total, sweep.done, sweep.items.count()), (1, 1, 1))
        self.assertEqual(decision.lessons.filter(unlearned_at=None).count(), 1)
        # The rest of it stands, and can still be answered and undone.
        self.assertTrue(Case.objects.about(hers).open().exists())
        self.assertFalse(appealing.may_appeal(decision, ivy))
        self.assertTrue(undoing.undo(decision, self.mona))
        run_due()
        self.assertEqual(Comment.objects.get(author=eve).state, State.VISIBLE)

    def test_nobody_is_spared_who_was_not_swept(self):
        eve = make_member("eve", date_joined=timezone.now(), approved_count=0)
        since = timezone.now() - timedelta(hours=2)
        sweep = sweeping.after_new_accounts(since, self.mona, "Wave.")
        run_due()
        sweep.refresh_from_db()
        self.assertFalse(sweeping.spare(sweep, self.bob, self.max))
        self.assertTrue(sweeping.spare(sweep, eve, self.max))
        self.assertFalse(sweeping.spare(sweep, eve, self.max))

    def test_what_cannot_be_undone_is_not_granted(self):
        staff = make_member("olga", EDITOR)
        deciding.ban(staff, self.root, "Lost the key.")
        made = self.appeal(self.last(), staff)
        self.assertFalse(appealing.grant(made, self.max))
        self.assertTrue(Case.objects.about(made).open().exists())
        self.assertFalse(Decision.objects.filter(action=Action.GRANT).exists())


class OvertakenTests(AppealTestCase):
    def test_undoing_the_decision_settles_the_appeal(self):
        removal = self.removed()
        made = self.appeal(removal)
        undoing.undo(removal, self.mona)
        self.assertFalse(Case.objects.about(made).open().exists())

    def test_another_decision_about_the_same_thing_settles_it(self):
        made = self.appeal(self.removed())
        deciding.mark_spam(self.fresh(self.comment), self.max)
        self.assertFalse(Case.objects.about(made).open().exists())
        self.assertTrue(appealing.may_appeal(self.last(), self.alice))

    def test_one_about_something_else_does_not(self):
        other = make_comment(self.article, self.alice)
        made = self.appeal(self.removed())
        deciding.remove(other, self.mona)
        deciding.suspend(self.alice, self.mona, timezone.now() + timedelta(days=1))
        self.assertTrue(Case.objects.about(made).open().exists())

    def test_report_that_is_put_aside_does_not(self):
        reporting.report(self.comment, self.bob, "rude", "", "en")
        case = Case.objects.about(self.comment).open().get()
        Case.objects.filter(pk=case.pk).update(closed_at=timezone.now())
        made = self.appeal(self.removed())
        Case.objects.filter(pk=case.pk).update(closed_at=None)
        case.refresh_from_db()
        self.assertTrue(deciding.dismiss(case, self.mona))
        self.assertTrue(appealing.grant(made, self.max))

    def test_end_of_a_suspension_settles_it(self):
        deciding.suspend(self.alice, self.mona, timezone.now() + timedelta(days=1))
        made = self.appeal(self.last())
        Member.objects.filter(pk=self.alice.pk).update(suspended_until=timezone.now())
        deciding.restore(self.fresh(self.alice), None)
        self.assertFalse(Case.objects.about(made).open().exists())

    def test_opening_an_account_leaves_what_was_swept_to_be_decided(self):
        sweeping.after_spammer(self.alice, self.mona)
        run_due()
        made = self.appeal(self.last())
        deciding.restore(self.fresh(self.alice), self.max)
        self.assertTrue(appealing.grant(made, self.max))
        run_due()
        self.assertEqual(self.fresh(self.comment).state, State.VISIBLE)

    def test_who_leaves_waits_for_nothing(self):
        made = self.appeal(self.removed())
        case = Case.objects.about(made).get()
        personal.left(None, self.alice)
        case.refresh_from_db()
        self.assertFalse(case.is_open)
        self.assertFalse(Appeal.objects.exists())


class HeardTests(AppealTestCase):
    def test_by_one_mail_and_one_line_in_their_language(self):
        Member.objects.filter(pk=self.alice.pk).update(language="zh-hans")
        self.comment.author.refresh_from_db()
        acts = {
            "remove": lambda: deciding.remove(self.fresh(self.comment), self.mona),
            "ban": lambda: deciding.ban(self.fresh(self.alice), self.mona),
            "spammer": lambda: sweeping.after_spammer(self.fresh(self.alice), self.mona),
        }
        for granted in (True, False):
            for name, act in acts.items():
                with self.subTest(granted=granted, act=name):
                    act()
                    run_due()
                    decision = self.last()
                    made = self.appeal(decision, self.fresh(self.alice))
                    self.mails()
                    Notification.objects.all().delete()
                    if granted:
                        appealing.grant(made, self.max, "Because.")
                    else:
                        appealing.deny(made, self.max, "Because.")
                    ((to, body),) = self.mails()
                    self.assertEqual(to, "alice@example.org")
                    page = f"/accounts/decisions/{decision.pk}/"
                    self.assertIn(f"http://testserver/zh-hans{page}", body)
                    self.assertIn("Because.", body)
                    self.assertNotIn("Max", body)
                    self.assertNotIn("Mona", body)
                    act_told = "granted" if granted else "denied"
                    self.assertEqual(self.told(self.alice), [(act_told, True, page)])
                    undoing.undo(decision, self.mona)  # for the next one
                    run_due()

    def test_lessons_of_other_texts_stay(self):
        deciding.mark_spam(self.comment, self.mona)
        run_due()
        decision = self.last()
        lessons.untaught_texts(decision, ["Something else altogether.", " "])
        self.assertEqual(decision.lessons.filter(unlearned_at=None).count(), 1)
        lessons.untaught_texts(decision, [self.comment.body])
        self.assertEqual(decision.lessons.filter(unlearned_at=None).count(), 0)
