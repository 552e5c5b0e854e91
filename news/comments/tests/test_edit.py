from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.moderation.models import Case, State
from news.comments import posting
from news.comments.models import Comment
from news.models import Article


class EditTests(CastTestCase):
    def url(self, comment=None):
        return reverse("comments:edit", args=[(comment or self.comment).pk])

    def test_author_edits_for_a_while(self):
        self.login(self.alice)
        self.assertContains(self.client.get(self.url()), "Well said.")
        response = self.client.post(self.url(), {"body": "Better said."})
        self.assertRedirects(
            response, self.comment.get_absolute_url(), fetch_redirect_response=False
        )
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.body, "Better said.")
        self.assertIsNotNone(self.comment.edited_at)

    def test_after_a_while_the_time_is_over(self):
        Comment.objects.update(created_at=timezone.now() - timedelta(minutes=16))
        self.login(self.alice)
        response = self.client.post(self.url(), {"body": "A text typed for sixteen minutes."})
        self.assertContains(response, "A text typed for sixteen minutes.", status_code=403)

    def test_others_may_not(self):
        for who, status in ((self.bob, 403), (self.mona, 403), (None, 302)):
            self.login(who)
            response = self.client.post(self.url(), {"body": "Not mine."})
            self.assertEqual(response.status_code, status)
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.body, "Well said.")

    def test_removed_comment_is_as_if_it_were_not_there(self):
        Comment.objects.update(state=State.REMOVED)
        self.login(self.alice)
        self.assertEqual(self.client.post(self.url(), {"body": "Back again."}).status_code, 404)

    def test_removal_that_came_meanwhile_stands(self):
        stale = Comment.objects.get(pk=self.comment.pk)
        Comment.objects.update(state=State.REMOVED)
        self.assertFalse(posting.edit_comment(stale, "Back again."))
        self.comment.refresh_from_db()
        self.assertEqual((self.comment.state, self.comment.body), (State.REMOVED, "Well said."))

    def test_empty_edit_comes_back(self):
        self.login(self.alice)
        self.assertContains(self.client.post(self.url(), {"body": ""}), "errorlist")

    def test_links_edited_in_later_wait_for_review(self):
        recent = make_member("recent", date_joined=timezone.now() - timedelta(days=3))
        comment = make_comment(self.article, recent)
        self.login(recent)
        self.client.post(self.url(comment), {"body": "Now see http://spam.example.org"})
        comment.refresh_from_db()
        self.assertEqual(comment.state, State.HELD)
        self.assertEqual(
            Case.objects.about(comment).open().get().reasons[:2], ["links", "link_later"]
        )
        self.assertEqual(Article.objects.get(pk=self.article.pk).comment_count, 1)

    def test_same_text_is_no_edit(self):
        self.login(self.alice)
        self.client.post(self.url(), {"body": "Well said."})
        self.comment.refresh_from_db()
        self.assertIsNone(self.comment.edited_at)


class DeleteTests(CastTestCase):
    def url(self, comment=None):
        return reverse("comments:delete", args=[(comment or self.comment).pk])

    def test_author_deletes_after_a_question(self):
        self.login(self.alice)
        self.assertContains(self.client.get(self.url()), "Well said.")
        self.client.post(self.url())
        self.comment.refresh_from_db()
        self.assertIsNotNone(self.comment.deleted_at)
        self.assertEqual(Article.objects.get(pk=self.article.pk).comment_count, 0)
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "Well said.")

    def test_answered_comment_keeps_its_place(self):
        make_comment(self.article, self.bob, parent=self.comment, body="An answer.")
        self.login(self.alice)
        self.client.post(self.url())
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, f'id="comment-{self.comment.pk}"')
        self.assertContains(page, "An answer.")
        self.assertNotContains(page, "Well said.")

    def test_what_waited_waits_no_more(self):
        self.login(self.nina)
        url = reverse("comments:post", args=[self.article.pk])
        self.client.post(url, {"body": "Oh no", "token": "5d1e0e1c-0f0c-4c53-9f0e-0d3a6b1a2c3d"})
        comment = Comment.objects.latest("pk")
        self.assertTrue(Case.objects.about(comment).open().exists())
        self.client.post(self.url(comment))
        self.assertFalse(Case.objects.about(comment).open().exists())

    def test_others_may_not(self):
        for who, status in ((self.bob, 403), (self.mona, 403), (None, 302)):
            self.login(who)
            self.assertEqual(self.client.post(self.url()).status_code, status)
        self.comment.refresh_from_db()
        self.assertIsNone(self.comment.deleted_at)

    def test_twice_is_not_found(self):
        self.login(self.alice)
        self.client.post(self.url())
        self.assertEqual(self.client.post(self.url()).status_code, 404)
