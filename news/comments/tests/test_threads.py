from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core.fulltext import search
from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation import deciding
from members.moderation.models import State
from news import publishing
from news.comments import liking, posting, threads
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

    def test_reply_that_is_gone_keeps_its_place_as_long_as_somebody_reads_an_answer(self):
        replies = [make_comment(self.article, self.bob, parent=self.comment, body="First")]
        for body in ("Second", "Third"):
            replies.append(make_comment(self.article, self.bob, parent=replies[-1], body=body))
        first, second, third = replies
        self.login(None)
        for gone, shown, kept in (
            ([second], [first, third], [second]),
            ([third], [first], []),
            ([first], [], []),
        ):
            for comment in gone:
                posting.delete_comment(comment)
            page = self.client.get(self.article.get_absolute_url()).content.decode()
            for comment in replies:
                with self.subTest(gone=gone[0].body, comment=comment.body):
                    self.assertEqual(comment.body in page, comment in shown)
                    place = f'<div class="comment gone" id="comment-{comment.pk}">'
                    self.assertEqual(place in page, comment in kept)

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

    def test_two_queries_at_1_and_at_20_a_third_for_likes(self):
        SiteSettings.load()
        for many in (1, 20):
            while Comment.objects.count() < many:
                make_comment(self.article, self.bob, parent=self.comment)
            with self.assertNumQueries(2):
                threads.conversation(self.article, self.bob)
        liking.like(self.comment, self.bob)
        with self.assertNumQueries(3):
            page = threads.conversation(self.article, self.bob)
        self.assertTrue(page.threads[0].head.is_liked)

    def crowd(self, many, **changes):
        """So many comments by Bob, a second after one another; some share a moment."""
        at = timezone.now() - timedelta(days=1)
        changes = {"article": self.article, "author": self.bob, "body": "One of many", **changes}
        if parent := changes.get("parent"):
            changes["root"] = parent.root or parent
        rows = [
            Comment(created_at=at + timedelta(seconds=number // 3), **changes)
            for number in range(many)
        ]
        return Comment.objects.bulk_create(rows)

    def everything(self):
        """All that is met by following “More comments” and “More replies”."""
        met, start = [], None
        while True:
            page = threads.conversation(self.article, self.visitor, start)
            for thread in page.threads:
                met.append(thread.head.pk)
                met += self.replies_of(thread)
            if page.next_from is None:
                return met
            start = page.next_from

    def replies_of(self, thread):
        met = [reply.pk for reply in thread.replies]
        while thread.more:
            page = threads.conversation(
                self.article, self.visitor, thread.head.pk, thread.more_after
            )
            thread = page.threads[0]
            self.assertLessEqual(len(thread.replies), threads.PAGE)
            met += [reply.pk for reply in thread.replies]
        return met

    def test_every_comment_is_met_once_by_going_on_and_in_order(self):
        heads = self.crowd(70)
        self.crowd(130, parent=heads[3])
        self.crowd(25, parent=heads[40])
        for head in heads[50:60]:
            self.crowd(19, parent=head)
        order = Comment.objects.filter(root=None).order_by("created_at", "pk")
        expected = []
        for head in order:
            replies = Comment.objects.filter(root=head).order_by("created_at", "pk")
            expected += [head.pk, *replies.values_list("pk", flat=True)]
        self.assertEqual(self.everything(), expected)

    def test_page_is_bounded_and_costs_the_same_however_many_replies(self):
        SiteSettings.load()
        for many in (threads.SHOWN + 1, 400):
            Comment.objects.filter(parent=self.comment).delete()
            self.crowd(many, parent=self.comment)
            with self.subTest(many=many), self.assertNumQueries(2):
                page = threads.conversation(self.article, self.bob)
            (thread,) = page.threads
            self.assertEqual((len(thread.replies), thread.more), (threads.SHOWN, True))

    def test_permalink_leads_to_the_page_where_the_comment_stands(self):
        heads = self.crowd(55)
        replies = self.crowd(130, parent=heads[3])
        late = self.crowd(30, parent=heads[54])
        for comment in (*heads[::9], heads[-1], *replies[::13], replies[20], replies[-1], late[5]):
            comment = Comment.objects.select_related("article", "root").get(pk=comment.pk)
            with self.subTest(comment=comment.pk), CaptureQueriesContext(connection) as queries:
                address = threads.address(comment)
            self.assertLessEqual(len(queries), 3)
            if comment == heads[0]:
                self.assertNotIn("?", address)
            response = self.client.get(address)
            self.assertContains(response, f'id="comment-{comment.pk}"', count=1)

    def test_one_goes_back_as_far_as_the_beginning(self):
        heads = self.crowd(120)
        replies = self.crowd(130, parent=heads[0])
        page = threads.conversation(self.article, self.visitor, heads[110].pk)
        self.assertEqual((page.starts_later, page.earlier), (True, heads[60].pk))
        page = threads.conversation(self.article, self.visitor, heads[40].pk)
        self.assertEqual((page.starts_later, page.earlier), (True, None))
        first = threads.conversation(self.article, self.visitor, heads[0].pk)
        self.assertFalse(first.starts_later)
        (thread,) = threads.conversation(
            self.article, self.visitor, heads[0].pk, replies[99].pk
        ).threads
        self.assertEqual((thread.begun, thread.earlier), (False, replies[50].pk))
        self.assertEqual(thread.replies[0], replies[100])
        url = self.article.get_absolute_url()
        page = self.client.get(url, {"from": heads[0].pk, "after": replies[99].pk})
        self.assertContains(page, f"?from={heads[0].pk}&amp;after={replies[50].pk}#comments")

    def test_replies_cannot_go_on_after_a_comment_from_elsewhere(self):
        other = self.crowd(2)
        self.crowd(1, parent=other[0])
        for after in (other[1].pk, 999_999):
            page = threads.conversation(self.article, self.visitor, other[0].pk, after)
            self.assertTrue(page.threads[0].begun)

    def test_go_on_after_a_reply_that_was_removed_meanwhile(self):
        replies = self.crowd(60, parent=self.comment)
        replies[30].hide()
        page = threads.conversation(self.article, self.visitor, self.comment.pk, replies[30].pk)
        self.assertEqual(page.threads[0].replies[0], replies[31])
        self.assertNotContains(
            self.client.get(self.article.get_absolute_url()), f'id="comment-{replies[30].pk}"'
        )


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
