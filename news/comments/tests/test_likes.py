from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.moderation.models import State
from members.notifications.models import Notification
from news.comments import liking, personal
from news.comments.models import Comment, Like


class LikeTests(CastTestCase):
    def like(self, who, comment=None, **data):
        self.login(who)
        return self.client.post(self.url(comment), data)

    def url(self, comment=None):
        return reverse("comments:like", args=[(comment or self.comment).pk])

    def count(self, comment=None):
        comment = Comment.objects.get(pk=(comment or self.comment).pk)
        self.assertEqual(comment.like_count, comment.likes.count())
        return comment.like_count

    def test_member_likes_and_takes_it_back(self):
        response = self.like(self.bob)
        self.assertRedirects(
            response, self.comment.get_absolute_url(), fetch_redirect_response=False
        )
        self.assertEqual(self.count(), 1)
        self.like(self.bob, on="1")
        self.assertEqual(self.count(), 1)
        for _n in range(2):
            self.like(self.bob, on="0")
            self.assertEqual(self.count(), 0)

    def test_script_is_answered_in_json(self):
        self.login(self.bob)
        self.like(self.mona)
        self.login(self.bob)
        for on, expected in (
            ("1", {"liked": True, "count": 2}),
            ("0", {"liked": False, "count": 1}),
        ):
            response = self.client.post(
                self.url(), {"on": on}, headers={"accept": "application/json"}
            )
            self.assertEqual(response.json(), expected)

    def test_who_may_not(self):
        held = make_comment(self.article, self.nina, state=State.HELD)
        removed = make_comment(self.article, self.alice, state=State.REMOVED)
        members = make_comment(make_article(audience="members"), self.alice)
        draft = make_comment(make_article(status="draft", publish_at=None), self.alice)
        for who, comment, status in (
            (self.alice, self.comment, 403),
            (self.nina, self.comment, 403),
            (self.nina, held, 403),
            (self.nina, members, 404),
            (self.bob, held, 404),
            (self.bob, removed, 404),
            (self.bob, draft, 404),
            (self.mona, held, 403),
            (self.mona, removed, 403),
        ):
            with self.subTest(who=who, comment=comment.state):
                self.assertEqual(self.like(who, comment).status_code, status)
        response = self.like(None)
        self.assertIn(reverse("account_login"), response["Location"])
        self.assertFalse(Like.objects.exists())

    def test_login_leads_back_to_the_comment(self):
        self.assertIn(
            f"next={reverse('comments:permalink', args=[self.comment.pk])}",
            self.like(None)["Location"],
        )

    def test_get_is_refused(self):
        self.login(self.bob)
        self.assertEqual(self.client.get(self.url()).status_code, 405)

    def test_number_that_is_none(self):
        self.login(self.bob)
        self.assertEqual(self.client.post("/en/comments/999999/like/").status_code, 404)

    def test_fifty_a_day(self):
        for _n in range(50):
            self.assertEqual(self.like(self.bob).status_code, 302)
        response = self.like(self.bob)
        self.assertEqual(response.status_code, 429)
        self.assertGreater(int(response["Retry-After"]), 0)
        self.assertEqual(self.like(self.bob, on="0").status_code, 302)

    def test_removal_that_came_meanwhile(self):
        stale = Comment.objects.get(pk=self.comment.pk)
        self.comment.hide()
        self.assertFalse(liking.like(stale, self.bob))
        self.assertEqual(self.count(), 0)

    def test_author_is_told_until_it_is_taken_back(self):
        told = Notification.objects.filter(member=self.alice, kind=Notification.Kind.LIKE)
        self.like(self.bob)
        self.like(self.mona)
        self.assertEqual(told.count(), 2)
        self.like(self.bob, on="0")
        self.assertEqual(told.count(), 1)
        personal.left(None, self.mona, removes_contributions=False)
        self.assertFalse(told.exists())

    def test_page_shows_how_many_and_never_who(self):
        fan = make_member("fan", display_name="Devoted Reader")
        self.like(fan)
        url = self.article.get_absolute_url()
        for who, pressed in ((None, None), (self.alice, None), (self.bob, "false"), (fan, "true")):
            self.login(who)
            self.client.get("/language/en/")
            page = self.client.get(url.replace("/zh-hans/", "/en/"))
            with self.subTest(who=who):
                if pressed is None:
                    self.assertContains(page, '<span class="likes">1 like</span>')
                    self.assertNotContains(page, "aria-pressed")
                else:
                    self.assertContains(page, f'aria-pressed="{pressed}"')
                    self.assertContains(page, '<data class="like-count" value="1">1</data>')
                if who != fan:
                    self.assertNotContains(page, "Devoted Reader")

    def test_page_costs_one_query_for_1_and_for_20(self):
        self.like(self.bob)
        url = self.article.get_absolute_url()
        self.client.get(url)
        numbers = []
        for many in (1, 20):
            while Comment.objects.count() < many:
                liking.like(make_comment(self.article, self.alice), self.bob)
            with CaptureQueriesContext(connection) as queries:
                self.client.get(url)
            numbers.append(len(queries))
        self.assertEqual(numbers[0], numbers[1])

    def test_likes_of_who_leaves_go_and_others_stay(self):
        for removes in (False, True):
            gone = make_member("gone" if removes else "left")
            others = [make_comment(self.article, self.alice) for _n in range(3)]
            for comment in others:
                liking.like(comment, gone)
                liking.like(comment, self.bob)
            personal.left(None, gone, removes_contributions=removes)
            self.assertEqual([self.count(comment) for comment in others], [1, 1, 1])
            self.assertFalse(Like.objects.filter(member=gone).exists())

    def test_own_likes_are_taken_along_without_the_words_of_others(self):
        liking.like(self.comment, self.bob)
        (like,) = personal.exported(None, self.bob)["likes.json"]
        self.assertEqual(like["comment"], self.comment.pk)
        self.assertNotIn("Well said.", str(like))
        self.assertEqual(list(personal.exported(None, self.alice)["likes.json"]), [])
