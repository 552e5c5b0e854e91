import uuid

from django.urls import reverse

from caisu.tests.cast import CastTestCase, make_article
from members.moderation import undoing, waiting
from members.moderation.models import Case, Decision
from news.comments import closing
from news.comments.models import Comment


class CloseTests(CastTestCase):
    def url(self, article=None):
        return reverse("comments:close", args=[(article or self.article).pk])

    def close(self, who, act="close", article=None, **data):
        self.login(who)
        return self.client.post(self.url(article), {"act": act, **data})

    def is_open(self):
        self.article.refresh_from_db()
        return self.article.comments_open

    def test_moderator_and_editor_close_and_reopen_with_a_decision_each(self):
        for who in (self.mona, self.wei, self.root):
            response = self.close(who, reason="Off topic")
            self.assertRedirects(
                response,
                f"{self.article.get_absolute_url()}#comments",
                fetch_redirect_response=False,
            )
            self.assertFalse(self.is_open())
            self.close(who, "reopen")
            self.assertTrue(self.is_open())
        log = Decision.objects.order_by("pk").values_list("action", "by", "reason")
        expected = []
        for who in (self.mona, self.wei, self.root):
            expected += [("close", who.pk, "Off topic"), ("reopen", who.pk, "")]
        self.assertEqual(list(log), expected)
        self.assertEqual(Decision.objects.first().case.subject, self.article)

    def test_page_says_so_offers_it_and_takes_no_comment(self):
        url = self.article.get_absolute_url().replace("/zh-hans/", "/en/")
        self.close(self.mona)
        for who, may in ((None, False), (self.bob, False), (self.mona, True), (self.wei, True)):
            self.login(who)
            self.client.get("/language/en/")
            page = self.client.get(url)
            self.assertContains(page, "Comments on this article are closed.")
            self.assertContains(page, "Well said.")
            self.assertNotContains(page, 'id="comment-form"')
            self.assertEqual(self.url().split("/", 2)[2] in page.content.decode(), may)
        self.login(self.bob)
        data = {"body": "Too late, but well considered.", "token": str(uuid.uuid4())}
        response = self.client.post(reverse("comments:post", args=[self.article.pk]), data)
        self.assertContains(response, "Too late, but well considered.", status_code=403)
        self.assertEqual(Comment.objects.count(), 1)

    def test_others_may_not(self):
        for who, status in ((None, 302), (self.alice, 403), (self.nina, 403)):
            for method in (self.client.get, self.client.post):
                self.login(who)
                response = method(self.url(), {"act": "close"})
                self.assertEqual(response.status_code, status)
        self.assertTrue(self.is_open())

    def test_articles_without_a_conversation(self):
        draft = make_article(status="draft", publish_at=None)
        archived = make_article(status="archived")
        for who, article, status in (
            (self.mona, draft, 404),
            (self.wei, draft, 403),
            (self.mona, archived, 403),
        ):
            self.assertEqual(self.close(who, article=article).status_code, status)
        self.assertEqual(self.client.post("/en/comments/close/99999/").status_code, 404)

    def test_get_asks_first(self):
        self.login(self.mona)
        self.assertContains(self.client.get(self.url()), 'value="close"')
        self.assertTrue(self.is_open())
        closing.close(self.article, self.mona)
        self.assertContains(self.client.get(self.url()), 'value="reopen"')

    def test_bad_input_comes_back_as_typed(self):
        for act, reason in (("", "Typed."), ("burn", "Typed."), ("close", "Typed." * 400)):
            response = self.close(self.mona, act, reason=reason)
            self.assertContains(response, "errorlist")
            self.assertContains(response, reason)
        self.assertTrue(self.is_open())

    def test_second_click_decides_nothing(self):
        self.assertTrue(closing.close(self.article, self.mona))
        stale = type(self.article).objects.get(pk=self.article.pk)
        self.assertFalse(closing.close(stale, self.wei))
        self.assertEqual(Decision.objects.count(), 1)

    def test_undone_it_is_as_before_and_what_waited_waits(self):
        waiting.open_case(Case.Kind.SUBMISSION, self.article, self.wei, ["reported"], 1)
        closing.close(self.article, self.mona)
        self.assertEqual(Case.objects.about(self.article).open().count(), 1)
        decision = Decision.objects.get()
        self.assertTrue(undoing.undo(decision, self.mona))
        self.assertTrue(self.is_open())
        self.assertEqual(Case.objects.about(self.article).open().count(), 1)
