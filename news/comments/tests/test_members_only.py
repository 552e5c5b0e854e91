"""Comments that members alone read, because the site is set so."""

import uuid

from django.urls import reverse

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation.models import State
from news.comments import threads
from news.comments.models import Comment


class MembersOnlyTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.told = make_comment(
            self.article, self.bob, body="Canary of the snowplough", parent=self.comment
        )
        self.bob.display_name = "Bobcanary"
        self.bob.save()
        fulltext.refresh(self.comment, self.told)
        run_due()
        self.site = SiteSettings.load()
        self.set("members")

    def set(self, audience):
        with self.captureOnCommitCallbacks(execute=True):
            self.site.comments_audience = audience
            self.site.save()

    def get(self, who, url):
        self.login(who)
        return self.client.get(url)

    def test_others_see_the_count_and_the_call_and_nothing_more(self):
        for who in (None, self.nina):
            for url in (self.article.get_absolute_url(), "/zh-hans/", "/feeds/en/news.atom"):
                page = self.get(who, url)
                with self.subTest(who=who, url=url):
                    self.assertNotContains(page, "canary")
                    self.assertNotContains(page, "Canary")
                    self.assertNotContains(page, "Well said.")
                    self.assertNotContains(page, f"comment-{self.told.pk}")
            self.assertContains(
                self.get(who, self.article.get_absolute_url()), '<span class="count">2</span>'
            )

    def test_members_and_staff_read_them(self):
        for who in (self.alice, self.bob, self.wei, self.mona, self.root):
            page = self.get(who, self.article.get_absolute_url())
            self.assertContains(page, "Canary of the snowplough")
            self.assertIn("no-store", page["Cache-Control"])
            self.assertContains(self.get(who, "/zh-hans/"), "Canary of the snowplough")

    def test_visitor_is_called_to_join_even_where_the_conversation_is_closed(self):
        for open_ in (True, False):
            type(self.article).objects.update(comments_open=open_)
            page = self.get(None, self.article.get_absolute_url())
            self.assertContains(page, reverse("account_signup").split("/", 2)[2])

    def test_permalink_leads_visitors_to_the_login_and_is_not_there_for_the_pending(self):
        url = reverse("comments:permalink", args=[self.told.pk])
        for pk in (self.told.pk, 999_999):  # it does not tell which there are
            response = self.get(None, reverse("comments:permalink", args=[pk]))
            self.assertIn(reverse("account_login"), response["Location"])
        self.assertEqual(self.get(self.nina, url).status_code, 404)
        self.assertEqual(self.get(self.alice, url).status_code, 302)

    def test_pending_member_writes_and_sees_their_own(self):
        self.login(self.nina)
        data = {"body": "My own first", "token": str(uuid.uuid4())}
        self.client.post(reverse("comments:post", args=[self.article.pk]), data)
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "My own first")
        self.assertContains(page, "comment-form")
        self.assertNotContains(page, "Canary")

    def test_pending_member_neither_answers_nor_quotes_what_they_may_not_read(self):
        self.login(self.nina)
        url = self.article.get_absolute_url()
        for query in ({"reply": self.told.pk}, {"quote": self.told.pk}):
            self.assertNotContains(self.client.get(url, query), "canary")
        data = {"body": "An answer", "token": str(uuid.uuid4()), "parent": self.told.pk}
        response = self.client.post(reverse("comments:post", args=[self.article.pk]), data)
        self.assertContains(response, "errorlist")
        self.assertNotContains(response, "canary")
        self.assertFalse(Comment.objects.filter(author=self.nina).exists())

    def test_own_reply_from_before_stands_without_what_it_answers(self):
        make_comment(self.article, self.nina, body="Mine waits", state=State.HELD, parent=self.told)
        page = self.get(self.nina, self.article.get_absolute_url())
        self.assertContains(page, "Mine waits")
        self.assertNotContains(page, "Well said.")
        self.assertNotContains(page, "canary")
        self.assertNotContains(page, "Alice")

    def test_search_finds_them_for_members_alone_from_the_first_moment(self):
        url = reverse("search:results") + "?q=snowplough"
        self.assertNotContains(self.get(None, url), f"/comments/{self.told.pk}/")
        self.assertEqual(fulltext.search("snowplough", ["everyone"]).hits, [])
        self.assertContains(self.get(self.alice, url), f"/comments/{self.told.pk}/")
        run_due()
        self.assertEqual(fulltext.search("snowplough", ["everyone"]).hits, [])
        new = make_comment(self.article, self.alice, body="Another snowplough")
        fulltext.refresh(new)
        run_due()
        self.assertEqual(fulltext.search("snowplough", ["everyone"]).hits, [])
        self.assertEqual(len(fulltext.search("snowplough", ["members"]).hits), 2)

    def test_open_again_they_are_found_but_for_those_under_articles_for_members(self):
        secret = make_comment(
            make_article(audience="members"), self.alice, body="Secret snowplough"
        )
        fulltext.refresh(secret)
        run_due()
        self.set("everyone")
        run_due()
        found = Entry.objects.filter(kind="comment").values_list("object_id", "audience")
        self.assertEqual(
            dict(found),
            {self.comment.pk: "everyone", self.told.pk: "everyone", secret.pk: "members"},
        )
        self.assertContains(self.get(None, self.article.get_absolute_url()), "Canary")

    def test_queries_are_the_same(self):
        for who in (self.alice, self.nina):
            SiteSettings.load()
            with self.assertNumQueries(2 if who == self.alice else 1):
                threads.conversation(self.article, who)

    def test_webmaster_sets_it(self):
        self.login(self.root)
        page = self.client.get("/admin/core/sitesettings/1/change/")
        self.assertContains(page, 'name="comments_audience"')
