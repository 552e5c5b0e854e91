"""A member's comments: taken along, and kept or emptied when they go."""

from datetime import timedelta

from django.utils import timezone

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation import waiting
from members.moderation.models import Case, State
from news.comments import personal
from news.comments.models import Comment


class TakingAlongTests(CastTestCase):
    def comments(self, member):
        return list(personal.exported(None, member)["comments.json"])

    def test_own_words_with_states_and_times(self):
        make_comment(self.article, self.alice, body="Waiting.", state=State.HELD)
        shown, held = self.comments(self.alice)
        self.assertEqual((shown["text"], shown["state"]), ("Well said.", "visible"))
        self.assertEqual(held["state"], "held")
        self.assertTrue(held["written_at"])

    def test_what_one_deleted_comes_without_its_text(self):
        Comment.objects.update(deleted_at=timezone.now())
        (comment,) = self.comments(self.alice)
        self.assertEqual(comment["text"], "")
        self.assertTrue(comment["deleted_at"])

    def test_not_what_others_answered(self):
        make_comment(self.article, self.bob, parent=self.comment, body="Bob disagrees.")
        self.assertEqual(len(self.comments(self.alice)), 1)
        (reply,) = self.comments(self.bob)
        self.assertNotIn("Well said.", str(reply))
        self.assertTrue(reply["reply"])

    def test_one_query_however_many(self):
        for _n in range(20):
            make_comment(self.article, self.bob)
        with self.assertNumQueries(1):
            self.comments(self.bob)


class LeavingTests(CastTestCase):
    def setUp(self):
        super().setUp()
        fulltext.refresh(self.comment)
        run_due()

    def left(self, member=None, removes_contributions=True):
        personal.left(None, member or self.alice, removes_contributions=removes_contributions)
        self.article.refresh_from_db()

    def found(self, comment):
        return Entry.objects.filter(kind="comment", object_id=comment.pk).exists()

    def test_what_stays_is_untouched(self):
        self.left(removes_contributions=False)
        self.comment.refresh_from_db()
        self.assertTrue(self.comment.is_shown)
        self.assertEqual(self.comment.body, "Well said.")
        self.assertEqual(self.article.comment_count, 1)
        self.assertTrue(self.found(self.comment))

    def test_what_waits_for_review_goes_in_any_case(self):
        held = make_comment(self.article, self.alice, body="Unread.", state=State.HELD)
        case = waiting.open_case(Case.Kind.COMMENT, held, self.alice, ["first"])
        self.left(removes_contributions=False)
        held.refresh_from_db()
        case.refresh_from_db()
        self.assertNotIn("Unread", held.body)
        self.assertFalse(case.is_open)

    def test_what_goes_is_emptied_keeps_its_place_and_is_not_counted(self):
        reply = make_comment(self.article, self.bob, parent=self.comment)
        self.left()
        self.comment.refresh_from_db()
        self.assertFalse(self.comment.is_shown)
        self.assertNotIn("Well", self.comment.body)
        self.assertEqual(self.article.comment_count, 1)
        self.assertFalse(self.found(self.comment))
        self.client.get("/language/en/")
        response = self.client.get(f"/en{self.article.get_absolute_url()[8:]}", follow=True)
        self.assertContains(response, "This comment was deleted by its author.")
        self.assertContains(response, f'id="comment-{reply.pk}"')

    def test_others_keep_theirs(self):
        theirs = make_comment(self.article, self.bob, body="Mine.")
        self.left()
        theirs.refresh_from_db()
        self.assertEqual(theirs.body, "Mine.")
        self.assertEqual(self.article.comment_count, 1)

    def test_day_of_what_was_deleted_before_stays(self):
        then = timezone.now() - timedelta(days=9)
        Comment.objects.update(deleted_at=then)
        self.left()
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.deleted_at, then)

    def test_removed_by_a_moderator_stays_removed(self):
        Comment.objects.update(state=State.REMOVED)
        self.left()
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.state, State.REMOVED)
        self.assertNotIn("Well", self.comment.body)

    def test_a_prolific_member_costs_no_more_queries_than_another(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def queries(member):
            with CaptureQueriesContext(connection) as captured:
                self.left(member)
            return len(captured)

        few = queries(self.alice)
        for _n in range(20):
            make_comment(make_article(), self.bob)
        self.assertLessEqual(queries(self.bob), few)
        self.assertFalse(Comment.objects.visible().exists())

    def test_twice_is_once(self):
        self.left()
        before = list(Comment.objects.values())
        self.left()
        self.assertEqual(list(Comment.objects.values()), before)
