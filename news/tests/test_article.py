import json
import re
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.models import Member
from members.moderation.models import State
from news import publishing
from news.models import Article, Tag


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

    def test_author_leads_to_their_articles_where_the_profile_is_public(self):
        article = make_article(author=self.alice)
        link = 'href="/en/news/by/alice/"'
        for visibility, linked in (("everyone", True), ("members", False), ("nobody", False)):
            Member.objects.filter(pk=self.alice.pk).update(visibility=visibility)
            for path in (address(article), "/en/news/"):
                with self.subTest(visibility=visibility, path=path):
                    page = self.client.get(path).content.decode()
                    self.assertEqual(link in page, linked)
                    self.assertIn("Alice", page)
        Member.objects.filter(pk=self.alice.pk).update(visibility="everyone")
        Article.objects.filter(pk=article.pk).update(byline="The board")
        self.assertNotContains(self.get(article), link)
        self.assertNotContains(self.client.get("/en/news/"), link)

    def test_reprint_names_its_source(self):
        article = make_article(
            source="Idaho State Journal", source_url="https://example.org/?a=1&b"
        )
        self.assertContains(
            self.get(article),
            '<a href="https://example.org/?a=1&amp;b" rel="noopener nofollow">Idaho State Journal</a>',
        )
        article = make_article(source="<b>Gazette</b>")
        self.assertContains(self.get(article), "Source: &lt;b&gt;Gazette&lt;/b&gt;</p>")
        article = make_article(source_url="https://example.org/only")
        self.assertContains(self.get(article), ">https://example.org/only</a>")
        self.assertNotContains(self.get(self.article), "Source:")

    def test_change_is_dated_a_day_after_publication_and_no_sooner(self):
        now = timezone.now()
        article = make_article(publish_at=now - timedelta(days=10))
        rows = Article.objects.filter(pk=article.pk)
        came = now - timedelta(days=10)
        for hours, shown in ((23, False), (25, True)):
            rows.update(created_at=came, updated_at=came + timedelta(hours=hours))
            with self.subTest(hours=hours):
                page = self.get(article).content.decode()
                self.assertEqual("Updated <time" in page, shown)
        # An old article that was only brought here today.
        rows.update(created_at=now, updated_at=now)
        self.assertNotContains(self.get(article), "Updated <time")
        rows.update(created_at=came, updated_at=now, status="archived")
        self.assertNotContains(self.get(article), "Updated <time")

    def test_links_of_a_members_own_post_give_no_credit(self):
        body = '<p><a href="https://example.org/">There</a></p>'
        post = make_article(author=self.alice, is_post=True, body_en=body)
        self.assertContains(self.get(post), 'rel="nofollow ugc noopener"')
        self.assertNotContains(self.get(make_article(body_en=body)), "nofollow ugc")

    def test_the_page_itself_writes_nothing(self):
        for who in (None, self.bob):
            self.login(who)
            self.client.get(address(self.article))
            with CaptureQueriesContext(connection) as queries:
                self.client.get(address(self.article))
            written = [q["sql"] for q in queries if not q["sql"].startswith("SELECT")]
            self.assertEqual(written, [])

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

    def test_author_still_reads_their_own_post_that_was_withdrawn(self):
        post = make_article(author=self.alice, is_post=True, released_at=timezone.now())
        publishing.withdraw(post, self.wei)
        self.assertContains(self.get(post, self.alice), post.title_en)
        self.assertEqual(self.get(post, self.bob).status_code, 410)

    def test_withdrawn_article_names_others_instead_of_itself(self):
        gone = make_article(
            title_en="Canary gone", title_zh_hans="", status="withdrawn", released_at=timezone.now()
        )
        now = timezone.now()
        for n in range(5):
            make_article(title_en=f"Other {n}", publish_at=now - timedelta(hours=2 + n))
        make_article(title_en="Canary for members", audience="members")
        response = self.get(gone)
        self.assertNotContains(response, "Canary", status_code=410)
        self.assertContains(response, "Other 2", status_code=410)
        self.assertNotContains(response, "Other 3", status_code=410)
        self.assertContains(response, "noindex", status_code=410)
        self.assertContains(self.get(gone, self.bob), "Canary for members", status_code=410)
        Article.objects.exclude(pk=gone.pk).update(status="draft")
        self.assertContains(self.get(gone), "on the front page", status_code=410)

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

    def test_query_count_does_not_grow(self):
        def count(many, who, queries):
            article = make_article()
            tags = [
                Tag.objects.create(slug=f"{article.slug}-{n}", name_zh_hans=f"{n}", name_en=f"{n}")
                for n in range(min(many, 5))
            ]
            article.tags.set(tags)
            for _n in range(many):
                head = make_comment(article, self.alice)
                make_article().tags.set(tags)
            make_comment(article, self.bob, parent=head)
            self.login(who)
            self.client.get(address(article))  # the settings and the agreement come into the cache
            with self.subTest(many=many, who=who), self.assertNumQueries(queries):
                self.client.get(address(article))

        for who, queries in ((None, 5), (self.bob, 9)):
            count(1, who, queries)
            count(20, who, queries)

    def test_head_and_post(self):
        self.assertEqual(self.client.head(address(self.article)).status_code, 200)
        self.assertEqual(self.client.post(address(self.article)).status_code, 405)


class FormerAddressTests(CastTestCase):
    """An address that an article had when it was out."""

    def old(self, year=None):
        return f"/en/news/{year or self.article.year}/{self.before}/"

    def setUp(self):
        super().setUp()
        self.before = self.article.slug
        Article.objects.filter(pk=self.article.pk).update(released_at=timezone.now())
        self.article.refresh_from_db()
        self.article.slug = "a-better-name"
        publishing.save(self.article, by=self.wei)
        self.article.refresh_from_db()

    def test_leads_to_the_new_one_for_ever(self):
        self.assertRedirects(self.client.get(self.old()), address(self.article), 301)
        self.assertRedirects(self.client.get(self.old(1999)), address(self.article), 301)
        self.article.slug = "the-best-name"
        publishing.save(self.article, by=self.wei)
        self.assertRedirects(self.client.get(self.old()), address(self.article), 301)
        self.assertRedirects(
            self.client.get(f"/en/news/{self.article.year}/a-better-name/"),
            address(self.article),
            301,
        )

    def test_leads_nobody_to_what_they_may_not_know(self):
        for change in ({"status": "draft"}, {"state": State.HELD}):
            Article.objects.filter(pk=self.article.pk).update(
                **{"status": "published", "state": State.VISIBLE, **change}
            )
            for who in (None, self.bob, self.mona):
                self.login(who)
                with self.subTest(change=change, who=who):
                    self.assertEqual(self.client.get(self.old()).status_code, 404)
            self.login(self.wei)
            self.assertRedirects(self.client.get(self.old()), address(self.article), 302)

    def test_of_a_withdrawn_article_is_gone(self):
        Article.objects.filter(pk=self.article.pk).update(status="withdrawn")
        response = self.client.get(self.old())
        self.assertNotContains(response, self.article.title_en, status_code=410)
        self.assertNotContains(response, "a-better-name", status_code=410)

    def test_of_a_members_only_article_leads_to_its_heading(self):
        Article.objects.filter(pk=self.article.pk).update(
            audience="members", body_en="<p>Canary.</p>"
        )
        response = self.client.get(self.old(), follow=True)
        self.assertEqual(response.redirect_chain, [(address(self.article), 301)])
        self.assertNotContains(response, "Canary")

    def test_unknown_address_is_not_found(self):
        self.assertEqual(self.client.get("/en/news/2026/never-was/").status_code, 404)


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
