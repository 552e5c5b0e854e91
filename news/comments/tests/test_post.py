import unicodedata
import uuid
from datetime import timedelta
from unittest import mock

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from caisu.core import throttling
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.moderation.models import Case, State
from news.comments.models import MAX_LENGTH, Comment
from news.models import Article


class PostTests(CastTestCase):
    def post(self, who=None, article=None, **data):
        self.login(who)
        url = reverse("comments:post", args=[(article or self.article).pk])
        return self.client.post(url, {"body": "Thank you.", "token": str(uuid.uuid4()), **data})

    def test_member_comments_and_everybody_reads_it(self):
        response = self.post(self.bob, body="Snow tires help.")
        comment = Comment.objects.get(body="Snow tires help.")
        self.assertRedirects(response, comment.get_absolute_url(), fetch_redirect_response=False)
        self.assertEqual(comment.state, State.VISIBLE)
        self.assertEqual(Article.objects.get(pk=self.article.pk).comment_count, 2)
        self.login(None)
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Snow tires help.")

    def test_anonymous_is_led_to_the_login_and_finds_the_text_again(self):
        response = self.post(None, body="Written before the session ended.")
        self.assertEqual(response.status_code, 302)
        self.assertIn(reverse("account_login"), response["Location"])
        self.assertIn("comment-form", response["Location"])
        credentials = {"login": "alice", "password": "correct horse battery"}
        back = self.client.post(response["Location"], credentials)
        self.assertRedirects(
            back, f"{self.article.get_absolute_url()}#comment-form", fetch_redirect_response=False
        )
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "Written before the session ended.")
        self.assertFalse(
            Comment.objects.filter(author=self.alice).exclude(pk=self.comment.pk).exists()
        )

    def test_get_is_refused(self):
        self.login(self.bob)
        response = self.client.get(reverse("comments:post", args=[self.article.pk]))
        self.assertEqual(response.status_code, 405)

    def test_newcomers_first_two_wait_and_the_third_does_not(self):
        newcomer = make_member("fresh", approved_count=0)
        for number in (1, 2):
            self.post(newcomer, body=f"Attempt {number}")
            comment = Comment.objects.get(body=f"Attempt {number}")
            self.assertEqual(comment.state, State.HELD)
            case = Case.objects.about(comment).open().get()
            self.assertEqual((case.kind, case.reasons), ("comment", ["first"]))
            newcomer.approved_count += 1
            newcomer.save()
            cache.clear()  # the half-minute that a newcomer waits is over
        self.post(newcomer, body="Attempt 3")
        self.assertEqual(Comment.objects.get(body="Attempt 3").state, State.VISIBLE)

    def test_what_stands_is_a_record_that_trust_grows_by(self):
        self.post(self.bob, body="First of today")
        self.bob.refresh_from_db()
        self.assertEqual(self.bob.approved_count, 11)

    def test_waiting_comment_is_seen_by_its_author_and_moderators_alone(self):
        self.post(self.nina, body="Canary hello")
        url = self.article.get_absolute_url()
        for who, sees in (
            (None, False),
            (self.bob, False),
            (self.wei, False),
            (self.nina, True),
            (self.mona, True),
        ):
            self.login(who)
            response = self.client.get(url)
            with self.subTest(who=who):
                self.assertEqual("Canary hello" in response.content.decode(), sees)
                self.assertEqual('data-state="held"' in response.content.decode(), sees)
        self.assertEqual(Article.objects.get(pk=self.article.pk).comment_count, 1)

    def test_pending_member_is_told_kindly(self):
        self.post(self.nina, body="Hello")
        response = self.client.get(self.article.get_absolute_url())
        self.assertContains(
            response,
            "等待审核" if response.wsgi_request.path.startswith("/zh") else "Awaiting review",
        )

    def test_links_of_the_untrusted_are_text_those_of_the_trusted_are_live(self):
        recent = make_member("recent", date_joined=timezone.now() - timedelta(days=3))
        self.post(recent, body="See https://shop.example.org now")
        self.assertEqual(Comment.objects.latest("pk").state, State.VISIBLE)
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "See https://shop.example.org now")
        self.assertNotContains(page, 'href="https://shop.example.org')
        self.post(self.bob, body="See https://www.isu.edu now")
        self.assertEqual(Comment.objects.latest("pk").state, State.VISIBLE)
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, 'href="https://www.isu.edu"')
        self.assertContains(page, 'rel="nofollow ugc noopener"')

    def test_bad_bodies_come_back_with_every_character(self):
        long = "长" * (MAX_LENGTH + 1)
        for body, kept in (("", ""), ("   \n ", ""), (long, long), ("x" * 100_000, "x" * 100_000)):
            with self.subTest(length=len(body)):
                response = self.post(self.bob, body=body)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
                self.assertContains(response, "aria-describedby")
                if kept:
                    self.assertContains(response, kept)
        self.assertEqual(Comment.objects.count(), 1)

    def test_hostile_marks_are_refused_before_they_cost_time(self):
        body = "a" + "\u0301" * 20_000 + "\u0316" * 20_000
        with mock.patch("unicodedata.normalize", wraps=unicodedata.normalize) as normalise:
            response = self.post(self.bob, body=body)
        self.assertContains(response, "errorlist")
        self.assertLess(max(len(call.args[1]) for call in normalise.call_args_list), MAX_LENGTH)

    def test_stranger_learns_nothing_of_drafts(self):
        draft = make_article(status="draft", publish_at=None)
        self.assertEqual(self.post(None, draft).status_code, 404)
        self.assertEqual(self.client.post("/en/comments/post/99999/").status_code, 404)

    def test_one_address_cannot_fill_the_sessions(self):
        for _n in range(30):
            self.post(None, body="x" * 100_000, parent="9" * 100_000)
        kept = self.client.session["comment-draft"]
        self.assertLessEqual(len(kept["body"]) + len(kept["parent"]), MAX_LENGTH + 20)
        self.assertEqual(self.post(None).status_code, 429)

    def test_control_characters_are_left_out_and_lines_are_kept(self):
        self.post(self.bob, body="a\x00b\x08c\u202ed\r\n\r\nnext 😀")
        self.assertEqual(Comment.objects.latest("pk").body, "abcd\n\nnext 😀")

    def test_two_clicks_make_one_comment(self):
        token = str(uuid.uuid4())
        first = self.post(self.bob, body="Once.", token=token)
        second = self.post(self.bob, body="Once.", token=token)
        self.assertEqual(first["Location"], second["Location"])
        self.assertEqual(Comment.objects.filter(body="Once.").count(), 1)

    def test_same_token_of_another_member_is_another_comment(self):
        token = str(uuid.uuid4())
        self.post(self.bob, body="Mine.", token=token)
        self.post(self.alice, body="Mine too.", token=token)
        self.assertEqual(Comment.objects.filter(token=token).count(), 2)

    def test_text_is_escaped(self):
        self.post(self.bob, body="<script>alert(1)</script> & <b>")
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;")

    def test_author_and_state_cannot_be_sent_along(self):
        self.post(self.nina, body="Mine", author=self.alice.pk, state="visible", links_live="on")
        comment = Comment.objects.latest("pk")
        self.assertEqual(
            (comment.author, comment.state, comment.links_live), (self.nina, State.HELD, False)
        )

    def test_articles_that_one_may_not_read_or_comment(self):
        draft = make_article(status="draft", publish_at=None)
        closed = make_article(comments_open=False)
        archived = make_article(status="archived")
        members = make_article(audience="members")
        for article, who, status in (
            (draft, self.bob, 404),
            (draft, self.mona, 404),
            (members, self.nina, 404),
            (closed, self.bob, 403),
            (archived, self.bob, 403),
            (members, self.bob, 302),
        ):
            with self.subTest(article=article.status, who=who):
                text = "A longer text that must not be lost."
                response = self.post(who, article, body=text)
                self.assertEqual(response.status_code, status)
                if status == 403:
                    self.assertContains(response, text, status_code=403)

    def test_too_fast_is_told_and_nothing_is_lost(self):
        with mock.patch.object(throttling, "clock", return_value=1_900_800_000):
            self.assertEqual(self.post(self.bob, body="Number one").status_code, 302)
            response = self.post(self.bob, body="The second, a longer one.")
        self.assertEqual(response.status_code, 429)
        self.assertGreater(int(response["Retry-After"]), 0)
        self.assertContains(response, "The second, a longer one.", status_code=429)

    def test_suspended_members_session_ends_at_the_next_request(self):
        self.login(self.bob)
        self.bob.stand("suspended", timezone.now() + timedelta(days=1))
        url = reverse("comments:post", args=[self.article.pk])
        response = self.client.post(url, {"body": "Still here?", "token": str(uuid.uuid4())})
        self.assertIn(reverse("account_login"), response["Location"])


class ReplyTests(CastTestCase):
    def post(self, who, parent, **data):
        self.login(who)
        url = reverse("comments:post", args=[self.article.pk])
        values = {"body": "I agree.", "token": str(uuid.uuid4()), "parent": parent, **data}
        return self.client.post(url, values)

    def test_reply_stands_under_its_head(self):
        self.post(self.bob, self.comment.pk)
        reply = Comment.objects.latest("pk")
        self.assertEqual((reply.parent, reply.root), (self.comment, self.comment))
        self.post(self.alice, reply.pk, body="Thanks!")
        deeper = Comment.objects.latest("pk")
        self.assertEqual((deeper.parent, deeper.root), (reply, self.comment))
        self.assertContains(self.client.get(self.article.get_absolute_url()), "↩ Bob")

    def test_reply_link_works_without_javascript(self):
        self.login(self.bob)
        response = self.client.get(f"{self.article.get_absolute_url()}?reply={self.comment.pk}")
        self.assertContains(response, f'name="parent" value="{self.comment.pk}"')

    def test_comment_of_another_article_cannot_be_answered_here(self):
        elsewhere = make_comment(make_article(), self.alice)
        self.assertEqual(self.post(self.bob, elsewhere.pk).status_code, 403)

    def test_removed_parent_is_told_and_the_text_goes_by_itself(self):
        for change in (
            {"state": State.REMOVED},
            {"state": State.HELD},
            {"deleted_at": timezone.now()},
        ):
            gone = make_comment(self.article, self.alice, **change)
            response = self.post(self.bob, gone.pk, body="My answer, well considered.")
            self.assertContains(response, "My answer, well considered.")
            self.assertContains(response, "errorlist")
            self.assertContains(response, 'name="parent" value=""')
        self.assertFalse(Comment.objects.filter(author=self.bob).exists())

    def test_nonsense_parents(self):
        for parent in ("x", "-1", "9" * 30, "²"):
            response = self.post(self.bob, parent)
            self.assertContains(response, "errorlist")
