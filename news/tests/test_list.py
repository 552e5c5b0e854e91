import re
from datetime import timedelta

from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation.models import State
from news.models import Category, Tag
from news.views import PAGE


def stories(response):
    """Headlines in their order."""
    return re.findall(r'<a class="story"[^>]*>([^<]+)</a>', response.content.decode())


class FrontPageTests(CastTestCase):
    def test_visitor_sees_public_news_newest_first(self):
        make_article(title_en="Newer", publish_at=timezone.now() - timedelta(minutes=5))
        self.assertEqual(stories(self.client.get("/en/")), ["Newer", "Story 1"])
        self.assertEqual(stories(self.client.get("/zh-hans/")), ["第2条新闻", "第1条新闻"])

    def test_featured_article_leads_if_it_is_public_and_open_to_comments(self):
        make_article(
            title_en="Featured", is_featured=True, publish_at=timezone.now() - timedelta(days=3)
        )
        make_article(title_en="Closed", is_featured=True, comments_open=False)
        self.assertEqual(stories(self.client.get("/en/"))[0], "Featured")

    def test_nothing_hidden_is_listed(self):
        later = timezone.now() + timedelta(hours=1)
        make_article(title_en="Canary draft", status="draft", publish_at=None)
        make_article(title_en="Canary scheduled", publish_at=later)
        make_article(title_en="Canary withdrawn", status="withdrawn")
        make_article(title_en="Canary held", state=State.HELD)
        make_article(title_en="Canary members", audience="members")
        make_article(title_en="Archived", status="archived")
        for path in ("/en/", "/en/news/", "/en/news/local-news/", f"/en/news/{self.article.year}/"):
            for who in (None, self.nina):
                self.login(who)
                with self.subTest(path=path, who=who):
                    self.assertNotContains(self.client.get(path), "Canary")
        self.login(self.bob)
        self.assertIn("Canary members", stories(self.client.get("/en/")))
        self.assertNotIn("Archived", stories(self.client.get("/en/")))
        self.assertIn("Archived", stories(self.client.get("/en/news/")))

    def test_latest_comments_show_only_what_everybody_may_read(self):
        secret = make_article(audience="members")
        make_comment(secret, self.alice, body="Canary in a members' article")
        make_comment(self.article, self.nina, body="Canary that waits", state=State.HELD)
        response = self.client.get("/en/")
        self.assertContains(response, self.comment.body)
        self.assertNotContains(response, "Canary")

    def test_young_site_says_so(self):
        self.article.comments.all().delete()
        self.article.delete()
        self.assertContains(self.client.get("/en/"), "The first story is still to be written")

    def test_query_count_does_not_grow(self):
        for expected_stories in (1, PAGE):
            while self.article.category.articles.count() < expected_stories:
                make_comment(make_article(), self.alice)
            self.login(self.bob)
            self.client.get("/en/")
            with self.assertNumQueries(4):
                self.client.get("/en/")


class ListTests(CastTestCase):
    def test_pages_go_on_by_keyset_without_gap_or_repetition(self):
        at = timezone.now() - timedelta(hours=2)
        for _n in range(PAGE + 4):
            make_article(publish_at=at)  # all at the same second
        seen, path = [], "/en/news/"
        while path:
            response = self.client.get(path)
            seen += stories(response)
            older = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
            path = f"/en/news/{older[1]}" if older else ""
        self.assertEqual(len(seen), PAGE + 5)
        self.assertEqual(len(set(seen)), PAGE + 5)

    def test_page_after_something_hidden_is_not_found(self):
        draft = make_article(status="draft", publish_at=None)
        self.assertEqual(self.client.get(f"/en/news/?before={draft.pk}").status_code, 404)
        self.assertEqual(self.client.get("/en/news/?before=" + "9" * 40).status_code, 404)
        self.assertEqual(self.client.get("/en/news/?before=x").status_code, 200)
        self.assertEqual(self.client.get("/en/news/?before=²").status_code, 200)

    def test_category_tag_year_and_month(self):
        campus = Category.objects.create(slug="campus", name_zh_hans="校园", name_en="Campus")
        tag = Tag.objects.create(slug="winter", name_zh_hans="冬天", name_en="Winter")
        article = make_article(category=campus, title_en="On campus")
        article.tags.add(tag)
        when = timezone.localtime(article.publish_at)
        self.assertEqual(stories(self.client.get("/en/news/campus/")), ["On campus"])
        self.assertEqual(stories(self.client.get("/en/news/tag/winter/")), ["On campus"])
        self.assertIn("On campus", stories(self.client.get(f"/en/news/{when.year}/{when.month}/")))
        self.assertEqual(stories(self.client.get(f"/en/news/{when.year - 1}/")), [])
        for path in (
            "/en/news/nope/",
            "/en/news/tag/nope/",
            f"/en/news/{when.year}/13/",
            f"/en/news/{when.year}/0/",
            f"/en/news/{when.year}/{10**20}/",
            "/en/news/0000/",
        ):
            self.assertEqual(self.client.get(path).status_code, 404, path)

    def test_every_list_costs_the_same_at_1_and_at_20(self):
        tag = Tag.objects.create(slug="winter", name_zh_hans="冬天", name_en="Winter")
        self.article.tags.add(tag)
        year = self.article.year
        paths = {
            "/en/news/": 3,
            "/en/news/local-news/": 4,
            "/en/news/tag/winter/": 4,
            f"/en/news/{year}/": 3,
        }
        self.login(self.bob)
        for many in (1, 20):
            while self.article.category.articles.count() < many:
                make_article().tags.add(tag)
            for path, queries in paths.items():
                self.client.get(path)
                with self.subTest(path=path, many=many), self.assertNumQueries(queries):
                    self.client.get(path)
