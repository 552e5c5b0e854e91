"""Who hears of a comment, when, and what is taken back."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.models import Audience, SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members import signals
from members.models import Member
from members.moderation import deciding, storms
from members.moderation.models import State
from members.notifications.models import Notification
from news import publishing
from news.comments import following, liking, posting, telling
from news.comments.models import Comment, Reading

Kind = Notification.Kind


class TellingTestCase(CastTestCase):
    def post(self, author, body="Something to say.", parent=None, article=None):
        comment, _new = posting.post_comment(
            article or self.article, author, body, uuid4(), parent, seconds=30
        )
        run_due()
        return comment

    def told(self, comment=None):
        """Who was told, and as what; but for decisions, of which moderators tell."""
        rows = Notification.objects.exclude(kind=Kind.DECISION).select_related("member")
        if comment:
            rows = rows.filter(subject=telling.subject(comment))
        return {row.member.username: row.kind for row in rows}


class ToldTests(TellingTestCase):
    def test_whom_it_answers_mentions_and_who_follows_each_once_by_what_concerns_them_most(self):
        for member in (self.alice, self.wei, self.root):
            following.follow(self.article, member)
        comment = self.post(self.bob, "@alice @wei, look.", parent=self.comment)
        self.assertEqual(
            self.told(comment), {"alice": Kind.REPLY, "wei": Kind.MENTION, "root": Kind.THREAD}
        )

    def test_never_oneself(self):
        following.follow(self.article, self.alice)
        self.assertEqual(self.told(self.post(self.alice, "@alice", parent=self.comment)), {})

    def test_leads_to_the_comment_and_keeps_none_of_its_text(self):
        comment = self.post(self.bob, "Secret snowplough.", parent=self.comment)
        row = Notification.objects.get()
        self.assertEqual(row.url, f"/comments/{comment.pk}/")
        self.assertEqual(row.topic, f"article:{self.article.pk}")
        self.assertEqual(
            row.params,
            {"by": self.bob.pk, "title_zh_hans": "第1条新闻", "title_en": "Story 1"},
        )

    def test_what_is_held_is_told_when_it_is_let_through_and_not_earlier(self):
        comment = self.post(self.nina, "@bob hello", parent=self.comment)
        self.assertEqual(self.told(), {})
        self.assertIsNone(comment.shown_at)
        deciding.approve(comment, self.mona)
        run_due()
        self.assertEqual(self.told(comment), {"alice": Kind.REPLY, "bob": Kind.MENTION})
        here = Notification.objects.exclude(kind=Kind.DECISION)
        self.assertFalse(here.filter(quiet=True).exists())
        comment.refresh_from_db()
        self.assertIsNotNone(comment.shown_at)

    def test_what_is_taken_down_was_never_told_and_comes_back_without_a_mail(self):
        comment = self.post(self.bob, "@wei", parent=self.comment)
        for state in (State.REMOVED, State.SPAM, State.HELD):
            comment.hide(state)
            self.assertEqual(self.told(comment), {})
            comment.restore()
            run_due()
            self.assertEqual(self.told(comment), {"alice": Kind.REPLY, "wei": Kind.MENTION})
            self.assertTrue(all(Notification.objects.values_list("quiet", flat=True)))

    def test_what_is_taken_down_before_the_job_ran_is_not_told(self):
        comment, _new = posting.post_comment(
            self.article, self.bob, "@wei", uuid4(), self.comment, seconds=30
        )
        Comment.objects.filter(pk=comment.pk).update(state=State.SPAM)
        run_due()
        self.assertEqual(self.told(), {})

    def test_what_its_author_deletes_is_taken_back(self):
        comment = self.post(self.bob, parent=self.comment)
        posting.delete_comment(comment)
        self.assertEqual(self.told(), {})

    def test_edited_tells_only_whom_it_mentions_anew(self):
        comment = self.post(self.bob, parent=self.comment)
        Notification.objects.update(seen_at=timezone.now())
        posting.edit_comment(comment, "@alice and @wei")
        run_due()
        self.assertEqual(self.told(comment), {"alice": Kind.REPLY, "wei": Kind.MENTION})
        self.assertEqual(Notification.objects.unseen().get().member, self.wei)

    def test_edited_and_held_is_taken_back(self):
        comment = self.post(self.bob, parent=self.comment)
        with patch("news.comments.posting.check") as check, patch("news.comments.posting.settle"):
            check.return_value.holds = True
            posting.edit_comment(comment, "Buy now")
        self.assertEqual(self.told(), {})

    def test_a_job_that_runs_twice_tells_once(self):
        comment = self.post(self.bob, parent=self.comment)
        telling.spread.func(comment.pk, False)
        self.assertEqual(Notification.objects.count(), 1)

    def test_followers_who_have_seen_it_already_are_not_told(self):
        following.follow(self.article, self.wei)
        Reading.objects.update(seen_at=timezone.now() + timedelta(seconds=5))
        self.assertEqual(self.told(self.post(self.bob)), {})

    def test_a_thousand_followers_cost_the_request_nothing(self):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                posting.post_comment(self.article, self.bob, "Hi.", uuid4(), seconds=30)
            run_due()
            return len(captured)

        self.post(self.bob)
        before = queries()
        people = [
            Member(username=f"reader{n}", email=f"r{n}@example.org", standing="active")
            for n in range(1000)
        ]
        Member.objects.bulk_create(people)
        Reading.objects.bulk_create(
            Reading(member=person, article=self.article, follows=True) for person in people
        )
        self.assertEqual(queries(), before)
        self.assertEqual(Notification.objects.filter(kind=Kind.THREAD).count(), 1000)


class ReadersTests(TellingTestCase):
    """Nobody hears of what they may not read."""

    def reach(self, comment):
        return set(self.told(comment))

    def setUp(self):
        super().setUp()
        self.ninas = make_comment(self.article, self.nina)
        following.follow(self.article, self.nina)

    def test_pending_member_hears_of_what_everybody_reads(self):
        self.assertEqual(self.reach(self.post(self.bob, parent=self.ninas)), {"nina"})

    def test_members_article_is_told_to_members_alone(self):
        self.article.audience = Audience.MEMBERS
        self.article.save()
        comment = self.post(self.bob, "@nina @wei", parent=self.ninas)
        self.assertEqual(self.reach(comment), {"wei"})

    def test_comments_for_members_are_told_to_members_alone(self):
        site = SiteSettings.load()
        site.comments_audience = Audience.MEMBERS
        site.save()
        cache.clear()
        comment = self.post(self.bob, "@nina @wei", parent=self.ninas)
        self.assertEqual(self.reach(comment), {"wei"})

    def test_outsiders_lose_what_became_the_members_affair(self):
        comment = self.post(self.bob, "@wei", parent=self.ninas)
        self.article.audience = Audience.MEMBERS
        self.article.save()
        publishing.refresh(self.article)
        self.assertEqual(self.reach(comment), {"wei"})

    def test_so_they_do_when_the_site_shuts_its_comments(self):
        comment = self.post(self.bob, "@wei", parent=self.ninas)
        site = SiteSettings.load()
        site.comments_audience = Audience.MEMBERS
        site.save()
        self.assertEqual(self.reach(comment), {"wei"})

    def test_closed_out_and_gone_hear_nothing(self):
        Member.objects.filter(pk=self.alice.pk).update(standing="banned", is_active=False)
        following.unfollow(self.article, self.nina)
        self.assertEqual(self.reach(self.post(self.bob, "@alice", parent=self.comment)), set())

    def test_withdrawn_article_takes_all_back_and_tells_nothing(self):
        comment = self.post(self.bob, "@wei", parent=self.comment)
        liking.like(comment, self.wei)
        publishing.withdraw(self.article, self.wei)
        self.assertEqual(Notification.objects.count(), 0)
        telling.spread.func(comment.pk, False)
        self.assertEqual(Notification.objects.count(), 0)

    def test_deleted_article_leaves_nothing(self):
        comment = self.post(self.bob, parent=self.comment)
        liking.like(comment, self.wei)
        self.article.comments.exclude(parent=None).delete()
        self.assertEqual(Notification.objects.count(), 0)


class StormTests(TellingTestCase):
    def test_mails_that_newcomers_cause_stop(self):
        eve = make_member("eve", approved_count=0, date_joined=timezone.now())
        by_eve = make_comment(self.article, eve, body="@alice")
        by_bob = make_comment(self.article, self.bob, body="@alice")
        for storm, quiet in ((None, False), (object(), True)):
            with patch.object(storms, "current", return_value=storm):
                Notification.objects.all().delete()
                telling.spread.func(by_eve.pk, False)
                telling.spread.func(by_bob.pk, False)
            self.assertEqual(Notification.objects.get(params__by=eve.pk).quiet, quiet)
            self.assertFalse(Notification.objects.get(params__by=self.bob.pk).quiet)


class LikesTests(TellingTestCase):
    def test_author_is_told_on_the_site_alone(self):
        liking.like(self.comment, self.bob)
        liking.like(self.comment, self.wei)
        rows = Notification.objects.filter(member=self.alice, kind=Kind.LIKE, quiet=True)
        self.assertEqual(rows.count(), 2)
        self.assertEqual(set(rows.values_list("topic", flat=True)), {f"comment:{self.comment.pk}"})

    def test_taken_back_with_the_like(self):
        liking.like(self.comment, self.bob)
        liking.like(self.comment, self.wei)
        liking.unlike(self.comment, self.bob)
        self.assertEqual(Notification.objects.get().params["by"], self.wei.pk)

    def test_taken_back_with_the_comment(self):
        liking.like(self.comment, self.bob)
        self.comment.hide()
        self.assertEqual(Notification.objects.count(), 0)

    def test_taken_back_when_who_liked_leaves(self):
        liking.like(self.comment, self.bob)
        signals.member_left.send(None, member=self.bob, removes_contributions=False)
        self.assertEqual(Notification.objects.count(), 0)


class LeavingTests(TellingTestCase):
    def test_what_goes_with_its_author_was_never_told(self):
        self.post(self.bob, "@wei", parent=self.comment)
        signals.member_left.send(None, member=self.bob, removes_contributions=True)
        self.assertEqual(Notification.objects.count(), 0)

    def test_what_stays_stays_told(self):
        self.post(self.bob, "@wei", parent=self.comment)
        signals.member_left.send(None, member=self.bob, removes_contributions=False)
        self.assertEqual(Notification.objects.count(), 2)


class OwnPostTests(TellingTestCase):
    def setUp(self):
        super().setUp()
        self.own = make_article(author=self.alice, is_post=True)

    def test_author_of_a_post_hears_of_comments(self):
        self.assertEqual(self.told(self.post(self.bob, article=self.own)), {"alice": Kind.THREAD})

    def test_also_after_they_have_looked(self):
        following.see(self.own, self.alice, timezone.now())
        self.assertEqual(self.told(self.post(self.bob, article=self.own)), {"alice": Kind.THREAD})

    def test_not_any_more_when_they_said_so(self):
        following.unfollow(self.own, self.alice)
        self.assertEqual(self.told(self.post(self.bob, article=self.own)), {})

    def test_editor_is_not_told_of_each_comment_under_the_news(self):
        self.assertEqual(self.told(self.post(self.bob)), {})
