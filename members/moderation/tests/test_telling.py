"""What the author hears on the site of a decision, and that no second mail says the same."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.models import Member
from members.moderation import deciding, profile_holding, reporting, undoing, waiting
from members.moderation.models import Case, Decision, State
from members.notifications import mailing
from members.notifications.models import Notification
from news import publishing, reviewing
from news.comments import posting

Kind = Notification.Kind


class TellingTestCase(CastTestCase):
    def held(self, author=None, reasons=("links",), **changes):
        author = author or self.bob
        comment = make_comment(self.article, author, state=State.HELD, **changes)
        waiting.open_case(Case.Kind.COMMENT, comment, author, list(reasons))
        return comment

    def told(self, member):
        rows = Notification.objects.filter(member=member, kind=Kind.DECISION)
        return [row.params["act"] for row in rows]

    def row(self, member):
        return Notification.objects.get(member=member, kind=Kind.DECISION)

    def last(self):
        return Decision.objects.exclude(action="admit").latest("pk")

    def mails(self):
        """How many mails each gets within the next ten minutes."""
        mail.outbox.clear()
        run_due()
        mailing.mail_unseen(timezone.now() + timedelta(minutes=10))
        run_due()
        return [message.to[0] for message in mail.outbox]


class DecidedTests(TellingTestCase):
    def test_held_comment_that_is_let_through(self):
        comment = self.held()
        deciding.approve(comment, self.mona)
        row = self.row(self.bob)
        self.assertEqual(row.params["act"], "approved")
        self.assertEqual(row.params["title_en"], self.article.title_en)
        self.assertEqual(row.url, f"/comments/{comment.pk}/")
        self.assertEqual(row.topic, self.article.topic)
        self.assertNotIn(comment.body, str(row.__dict__))
        self.assertEqual(self.mails(), ["bob@example.org"])

    def test_approval_that_admits_is_told_by_one_mail(self):
        deciding.approve(self.held(self.nina, ["pending", "first"]), self.mona)
        self.assertEqual(self.told(self.nina), ["approved"])
        self.assertEqual(self.mails(), ["nina@example.org"])

    def test_removal_by_one_mail_and_a_line_that_leads_to_the_decision(self):
        deciding.remove(self.comment, self.mona, "Too harsh.")
        row = self.row(self.alice)
        self.assertEqual(row.params["act"], "removed")
        self.assertEqual(row.url, f"/accounts/decisions/{self.last().pk}/")
        self.assertEqual(self.mails(), ["alice@example.org"])

    def test_of_spam_nobody_hears(self):
        deciding.mark_spam(self.comment, self.mona)
        self.assertEqual(self.told(self.alice), [])
        self.assertEqual(self.mails(), [])

    def test_what_was_only_reported_and_stays_is_no_news(self):
        reporting.report(self.comment, self.bob, "rude", "", "en")
        deciding.approve(self.comment, self.mona)
        self.assertEqual(self.told(self.alice), [])

    def test_what_was_taken_down_and_is_approved_after_all(self):
        deciding.mark_spam(self.comment, self.mona)
        deciding.approve(self.comment, self.root)
        self.assertEqual(self.told(self.alice), ["restored"])

    def test_post_is_told_by_its_editor_and_on_the_site(self):
        post = make_article(author=self.alice, status="draft", publish_at=None, is_post=True)
        reviewing.submit(post, self.alice)
        reviewing.publish(post, self.wei)
        self.assertEqual(self.told(self.alice), ["approved"])
        self.assertEqual(self.row(self.alice).url, post.get_absolute_url().replace("/zh-hans", ""))
        self.assertEqual(self.mails(), ["alice@example.org"])
        publishing.withdraw(post, self.wei)
        self.assertEqual(self.told(self.alice), [])

    def test_refused_post(self):
        post = make_article(author=self.alice, status="draft", publish_at=None, is_post=True)
        reviewing.submit(post, self.alice)
        reviewing.refuse(post, self.wei, "Not for us.")
        self.assertEqual(self.told(self.alice), ["refused"])
        self.assertEqual(self.row(self.alice).url, f"/accounts/decisions/{self.last().pk}/")
        self.assertEqual(self.mails(), ["alice@example.org"])
        self.assertIn(f"/en/accounts/decisions/{self.last().pk}/", mail.outbox[0].body)
        reviewing.reconsider(post, self.wei)
        self.assertEqual(self.told(self.alice), [])

    def test_profile(self):
        Member.objects.filter(pk=self.alice.pk).update(
            profile_held=True, proposed={"bio": "I write."}
        )
        waiting.open_case(Case.Kind.PROFILE, self.alice, self.alice, ["profile"])
        profile_holding.approve(self.alice, self.mona)
        self.assertEqual(self.told(self.alice), ["approved"])
        profile_holding.remove(self.alice, self.mona, "No.")
        self.assertEqual(self.told(self.alice), ["removed"])
        self.assertEqual(self.mails(), ["alice@example.org"])
        undoing.undo(self.last(), self.mona)
        self.assertEqual(self.told(self.alice), ["restored"])
        self.assertEqual(self.mails(), ["alice@example.org"])


class LatestTests(TellingTestCase):
    def test_one_line_for_each_thing_the_latest(self):
        comment = self.held()
        deciding.approve(comment, self.mona)
        deciding.remove(comment, self.mona)
        self.assertEqual(self.told(self.bob), ["removed"])
        deciding.approve(comment, self.root)
        self.assertEqual(self.told(self.bob), ["restored"])
        deciding.mark_spam(comment, self.mona)
        self.assertEqual(self.told(self.bob), [])

    def test_other_things_have_their_own(self):
        deciding.approve(self.held(), self.mona)
        deciding.remove(self.held(), self.mona)
        self.assertEqual(sorted(self.told(self.bob)), ["approved", "removed"])

    def test_what_others_were_told_stays(self):
        answer, _new = posting.post_comment(
            self.article, self.bob, "I agree.", self.comment.token, self.comment
        )
        run_due()
        reporting.report(answer, self.nina, "rude", "", "en")
        deciding.approve(answer, self.mona)
        self.assertTrue(Notification.objects.filter(member=self.alice, kind=Kind.REPLY).exists())

    def test_whoever_looks_at_the_conversation_has_seen_it(self):
        deciding.approve(self.held(), self.mona)
        self.assertEqual(self.row(self.bob).topic, f"article:{self.article.pk}")

    def test_author_who_deletes_it_takes_the_line_along(self):
        comment = self.held()
        deciding.approve(comment, self.mona)
        posting.delete_comment(comment)
        self.assertEqual(self.told(self.bob), [])


class UndoneTests(TellingTestCase):
    def test_undone_approval_is_no_news_any_more(self):
        deciding.approve(self.held(), self.mona)
        undoing.undo(self.last(), self.mona)
        self.assertEqual(self.told(self.bob), [])

    def test_removal_taken_back_is_told_by_one_mail(self):
        deciding.remove(self.comment, self.mona)
        self.mails()
        undoing.undo(self.last(), self.mona)
        self.assertEqual(self.told(self.alice), ["restored"])
        self.assertEqual(self.row(self.alice).url, f"/comments/{self.comment.pk}/")
        self.assertEqual(self.mails(), ["alice@example.org"])

    def test_spam_taken_back_is_told_without_a_mail(self):
        deciding.mark_spam(self.comment, self.mona)
        undoing.undo(self.last(), self.mona)
        self.assertEqual(self.told(self.alice), ["restored"])
        self.assertEqual(self.mails(), [])

    def test_what_waits_again_is_no_news(self):
        deciding.remove(self.held(), self.mona)
        undoing.undo(self.last(), self.mona)
        self.assertEqual(self.told(self.bob), [])
