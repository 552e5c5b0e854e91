import json
import re
from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation.models import State
from news.models import Article


def address(article, language="en"):
    with override(language):
        return article.get_absolute_url()


class ArticleTests(CastTestCase):
    def get(self, article, who=None, language="en", **kwargs):
        self.login(who)
        return self.client.get(address(article, language), **kwargs)

    def test_visitor_reads_with_author_date_and_views(self):
        Article.objects.filter(pk=self.article.pk).update(view_count=19)
        response = self.get(self.article, language="zh-hans")
        self.assertContains(response, "<h1>第1条新闻</h1>", html=True)
        self.assertContains(response, 'class="view-count" value="19"')
        self.assertContains(response, "<time datetime=")
        self.assertContains(response, "Wei")
        self.assertContains(response, 'lang="zh-Hans"')
        self.assertContains(response, self.comment.body)

    def test_visitor_is_told_how_to_join_and_comes_back_to_this_place(self):
        response = self.get(self.article)
        name = SiteSettings.load().name_en
        self.assertContains(response, f"You need to be a member of {name} to add comments!")
        self.assertContains(
            response, f"next={address(self.article).replace('/', '%2F')}%23comments"
        )
        self.assertNotContains(response, 'id="comment-form"')

    def test_newest_of_the_category_stand_beside_it(self):
        other = make_article(title_en="Another one nearby")
        self.assertContains(self.get(self.article), "Another one nearby")
        self.assertNotContains(self.get(other), f'href="{address(other)}">Another one nearby</a>')

    def test_missing_language_is_shown_in_the_other_with_a_note(self):
        article = make_article(title_zh_hans="", body_zh_hans="", summary_zh_hans="")
        response = self.get(article, language="zh-hans")
        self.assertContains(response, article.title_en)
        self.assertContains(response, "other-language")
        self.assertRegex(response.content.decode(), r'<article class="article" lang="en"')
        self.assertContains(
            response, f'rel="canonical" href="http://testserver{address(article, "en")}"'
        )

    def test_wrong_year_leads_to_the_right_one(self):
        url = reverse("news:article", args=[1999, self.article.slug])
        self.assertRedirects(self.client.get(url), self.article.get_absolute_url(), 301)

    def test_year_is_that_of_pocatello(self):
        # Seven in the morning on New Year's Day in Greenwich is midnight in Boise.
        moment = datetime(2026, 1, 1, 6, 59, tzinfo=UTC)
        self.assertEqual(Article(publish_at=moment).year, 2025)
        self.assertEqual(Article(publish_at=moment + timedelta(minutes=2)).year, 2026)

    def test_unpublished_articles_are_not_known_to_outsiders(self):
        later = timezone.now() + timedelta(days=1)
        hidden = [
            make_article(status="draft", publish_at=None),
            make_article(status="submitted", publish_at=None, author=self.alice, state=State.HELD),
            make_article(publish_at=later),
            make_article(state=State.REMOVED),
            make_article(state=State.HELD),
        ]
        for article in hidden:
            for who in (None, self.nina, self.bob, self.mona):
                with self.subTest(article=article, who=who):
                    response = self.get(article, who)
                    self.assertEqual(response.status_code, 404)
                    self.assertNotContains(response, article.title_en, status_code=404)
            response = self.get(article, self.wei)
            self.assertContains(response, article.title_en)
            self.assertIn("no-store", response["Cache-Control"])
            self.assertNotContains(response, "data-hit")
        self.assertEqual(self.get(hidden[1], self.alice).status_code, 200)

    def test_scheduled_article_appears_at_its_second(self):
        now = timezone.now()
        article = make_article(publish_at=now + timedelta(seconds=1))
        self.assertFalse(Article.objects.published().filter(pk=article.pk).exists())
        Article.objects.filter(pk=article.pk).update(publish_at=now)
        self.assertTrue(Article.objects.published().filter(pk=article.pk).exists())

    def test_withdrawn_article_is_gone(self):
        article = make_article(status="withdrawn", released_at=timezone.now())
        for who in (None, self.bob, self.mona):
            self.assertEqual(self.get(article, who).status_code, 410)
        self.assertEqual(self.get(article, self.wei).status_code, 200)

    def test_withdrawn_before_it_was_ever_out_is_not_known(self):
        article = make_article(status="withdrawn")
        self.assertEqual(self.get(article).status_code, 404)

    def test_archived_article_is_read_but_not_commented(self):
        article = make_article(status="archived")
        response = self.get(article, self.bob)
        self.assertContains(response, article.title_en)
        self.assertNotContains(response, 'id="comment-form"')

    def test_members_only_article_shows_outsiders_no_more_than_its_heading(self):
        article = make_article(
            audience="members", body_en="<p>Canary body.</p>", summary_en="What it is about."
        )
        make_comment(article, self.alice, body="Canary comment.")
        for who in (None, self.nina):
            response = self.get(article, who)
            self.assertContains(response, article.title_en)
            self.assertContains(response, "What it is about.")
            self.assertNotContains(response, "Canary")
            self.assertNotContains(response, "ld+json")
            self.assertContains(response, "noindex")
            self.assertIn("no-store", response["Cache-Control"])
        for who in (self.bob, self.wei, self.mona):
            response = self.get(article, who)
            self.assertContains(response, "Canary body.")
            self.assertContains(response, "Canary comment.")
            self.assertIn("no-store", response["Cache-Control"])

    def test_machines_find_a_news_article(self):
        article = make_article(title_en='Snow & "ice" </script><script>alert(1)</script>')
        page = self.get(article).content.decode()
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
        self.assertEqual(data["@type"], "NewsArticle")
        self.assertEqual(data["headline"], article.title_en)
        self.assertIn('property="og:title"', page)
        self.assertIn('hreflang="zh-Hans"', page)
        self.assertNotIn("<script>alert", page)

    def test_language_switch_keeps_the_page(self):
        response = self.client.get("/language/zh-hans/", {"next": address(self.article)})
        self.assertRedirects(response, address(self.article, "zh-hans"))
        self.assertEqual(response.cookies["language"].value, "zh-hans")

    def test_query_count_does_not_grow_with_the_conversation(self):
        def count(many):
            article = make_article()
            for _n in range(many):
                head = make_comment(article, self.alice)
            make_comment(article, self.bob, parent=head)
            for _n in range(6):
                make_article()
            self.login(self.bob)
            self.client.get(address(article))  # the settings and the agreement come into the cache
            with self.assertNumQueries(7):
                self.client.get(address(article))

        count(1)
        count(50)

    def test_head_and_post(self):
        self.assertEqual(self.client.head(address(self.article)).status_code, 200)
        self.assertEqual(self.client.post(address(self.article)).status_code, 405)


class ShortLinkTests(CastTestCase):
    def test_leads_to_the_readers_own_language(self):
        response = self.client.get(f"/n/{self.article.pk}/", headers={"accept-language": "en-US"})
        self.assertRedirects(response, address(self.article, "en"))
        response = self.client.get(f"/n/{self.article.pk}/", headers={"accept-language": "zh-TW"})
        self.assertRedirects(response, address(self.article, "zh-hans"))

    def test_tells_nothing_of_a_draft(self):
        draft = make_article(status="draft", publish_at=None)
        self.assertEqual(self.client.get(f"/n/{draft.pk}/").status_code, 404)
        self.assertEqual(self.client.get("/n/999999/").status_code, 404)


class HitTests(CastTestCase):
    def hit(self, article, **headers):
        return self.client.post(f"/hit/{article.pk}/", headers=headers)

    def views(self, article):
        return Article.objects.get(pk=article.pk).view_count

    def test_counts_a_reader_once_in_half_an_hour(self):
        for _n in range(3):
            self.assertEqual(self.hit(self.article).status_code, 204)
        self.assertEqual(self.views(self.article), 1)
        self.hit(self.article, user_agent="another browser")
        self.assertEqual(self.views(self.article), 2)

    def test_other_sites_count_nothing(self):
        response = self.hit(self.article, sec_fetch_site="cross-site")
        self.assertEqual(response.status_code, 403)
        self.assertEqual(self.views(self.article), 0)

    def test_a_draft_counts_nothing(self):
        draft = make_article(status="draft", publish_at=None)
        self.hit(draft)
        self.assertEqual(self.views(draft), 0)

    def test_get_is_refused(self):
        self.assertEqual(self.client.get(f"/hit/{self.article.pk}/").status_code, 405)
