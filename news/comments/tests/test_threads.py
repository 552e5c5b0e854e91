from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from caisu.core.fulltext import search
from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation import deciding
from members.moderation.models import State
from news import publishing
from news.comments import posting, threads
from news.comments.models import Comment


class ThreadTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.visitor = AnonymousUser()

    def texts(self, reader=None, **kwargs):
        conversation = threads.conversation(self.article, reader or self.visitor, **kwargs)
        return [(t.head.body, [reply.body for reply in t.replies]) for t in conversation.threads]

    def test_heads_and_replies_in_order_of_time(self):
        second = make_comment(self.article, self.bob, body="Second")
        make_comment(self.article, self.bob, body="First reply", parent=self.comment)
        make_comment(self.article, self.bob, body="Reply to second", parent=second)
        make_comment(self.article, self.alice, body="Second reply", parent=self.comment)
        expected = [
            ("Well said.", ["First reply", "Second reply"]),
            ("Second", ["Reply to second"]),
        ]
        self.assertEqual(self.texts(), expected)

    def test_removed_head_without_answer_is_gone_with_answer_it_stays(self):
        self.comment.hide()
        self.assertEqual(self.texts(), [])
        make_comment(self.article, self.bob, body="Answer", parent=self.comment)
        self.assertEqual(len(self.texts()), 1)
        self.login(None)
        page = self.client.get(self.article.get_absolute_url())
        self.assertNotContains(page, "Well said.")
        self.assertContains(page, "Answer")

    def test_long_conversation_comes_in_pages_and_each_comment_finds_its_own(self):
        at = timezone.now() - timedelta(hours=1)
        heads = [
            make_comment(
                self.article, self.alice, body=f"Head {n}", created_at=at + timedelta(seconds=n)
            )
            for n in range(threads.PAGE + 5)
        ]
        first = threads.conversation(self.article, self.visitor)
        self.assertEqual(len(first.threads), threads.PAGE)
        rest = threads.conversation(self.article, self.visitor, first.next_from)
        self.assertIsNone(rest.next_from)
        self.assertEqual(len(first.threads) + len(rest.threads), len(heads) + 1)
        late = heads[-1]
        self.assertIn(f"from={late.pk}", threads.address(late))
        self.assertNotIn("from=", threads.address(heads[0]))
        response = self.client.get(reverse("comments:permalink", args=[late.pk]), follow=True)
        self.assertContains(response, f'id="comment-{late.pk}"')

    def test_permalink_of_what_one_may_not_know_is_not_found(self):
        held = make_comment(self.article, self.nina, state=State.HELD)
        secret = make_comment(make_article(audience="members"), self.alice)
        for comment in (held, secret):
            url = reverse("comments:permalink", args=[comment.pk])
            self.assertEqual(self.client.get(url).status_code, 404)

    def test_page_cannot_begin_with_what_one_may_not_know(self):
        held = make_comment(self.article, self.nina, state=State.HELD)
        for start in (held.pk, 999_999):
            self.assertFalse(threads.conversation(self.article, self.visitor, start).starts_later)
        for start in ("²", "x", "9" * 40):
            response = self.client.get(
                self.article.get_absolute_url(), {"from": start, "reply": start}
            )
            self.assertEqual(response.status_code, 200)

    def test_two_queries_at_1_and_at_50(self):
        SiteSettings.load()
        for many in (1, 50):
            while Comment.objects.count() < many:
                make_comment(self.article, self.bob, parent=self.comment)
            with self.assertNumQueries(2):
                threads.conversation(self.article, self.bob)


class ModerationTests(CastTestCase):
    def test_approval_shows_counts_admits_and_writes_to_the_author(self):
        comment, _new = posting.post_comment(self.article, self.nina, "My first.", Comment().token)
        self.assertTrue(deciding.approve(comment, self.mona))
        comment.refresh_from_db()
        self.nina.refresh_from_db()
        self.article.refresh_from_db()
        self.assertEqual(comment.state, State.VISIBLE)
        self.assertEqual((self.nina.approved_count, self.nina.standing), (1, "active"))
        self.assertEqual(self.article.comment_count, 2)
        self.assertFalse(deciding.approve(comment, self.mona))

    def test_removal_takes_it_from_count_and_search(self):
        comment, _new = posting.post_comment(
            self.article, self.bob, "Findable snowplough", Comment().token
        )
        run_due()
        self.assertEqual(len(search("snowplough", ["everyone"]).hits), 1)
        deciding.remove(comment, self.mona, "off topic")
        self.assertEqual(search("snowplough", ["everyone"]).hits, [])
        self.article.refresh_from_db()
        self.assertEqual(self.article.comment_count, 1)

    def test_search_follows_the_article(self):
        posting.post_comment(self.article, self.bob, "Findable snowplough", Comment().token)
        run_due()
        publishing.withdraw(self.article, self.wei)
        run_due()
        self.assertEqual(search("snowplough", ["everyone", "members"]).hits, [])

    def test_moderator_acts_on_comments_in_the_admin(self):
        held = make_comment(self.article, self.nina, state=State.HELD)
        url = reverse("admin:comments_comment_changelist")
        data = {"action": "approve", "_selected_action": [held.pk]}
        for who, status in ((None, 302), (self.bob, 302), (self.wei, 403), (self.mona, 302)):
            self.login(who)
            response = self.client.post(url, data)
            with self.subTest(who=who):
                self.assertIn(response.status_code, {status, 403})
        held.refresh_from_db()
        self.assertEqual(held.state, State.VISIBLE)
        self.client.post(url, {"action": "spam", "_selected_action": [held.pk]})
        held.refresh_from_db()
        self.assertEqual(held.state, State.SPAM)
