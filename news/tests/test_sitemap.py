from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit
from xml.etree import ElementTree

import xmlschema
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import override

from caisu.core.models import Audience, Page
from caisu.core.sitemaps import InLanguage
from caisu.tests.cast import CastTestCase, make_article
from members.models import Member
from members.moderation.models import State
from news.models import Article, Category, Tag

SITE = "http://testserver"
SM = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
SCHEMA = xmlschema.XMLSchema(str(Path(__file__).with_name("sitemap.xsd")))


def address(thing, language):
    with override(language):
        return SITE + thing.get_absolute_url()


class SitemapTestCase(CastTestCase):
    def read(self, path="/sitemap.xml"):
        response = self.client.get(path)
        self.assertEqual(response.status_code, 200, path)
        SCHEMA.validate(response.content.decode())
        return ElementTree.fromstring(response.content)  # noqa: S314 - our own

    def pages(self, path="/sitemap.xml"):
        """Addresses with lastmod and alternates, by address."""
        return {
            url.findtext(f"{SM}loc"): (
                url.findtext(f"{SM}lastmod"),
                {link.get("hreflang"): link.get("href") for link in url.iter(f"{XHTML}link")},
            )
            for url in self.read(path).iter(f"{SM}url")
        }

    def files(self):
        return [each.text for each in self.read().iter(f"{SM}loc")]


class SchemaTests(CastTestCase):
    def test_the_schema_refuses_what_the_protocol_forbids(self):
        head = f'<urlset xmlns="{SM[1:-1]}" xmlns:xhtml="{XHTML[1:-1]}">'
        for inside in (
            "<url><loc>/en/</loc></url>",
            "<url><lastmod>2026-11-23</lastmod></url>",
            "<url><loc>https://a.example/</loc><lastmod>yesterday</lastmod></url>",
            "<url><loc>https://a.example/</loc><lastmod>2026-11-23T10:00:00</lastmod></url>",
            "<url><loc>https://a.example/</loc><xhtml:link rel='alternate' href='/x'/></url>",
            "<url><loc>https://a.example/</loc></url>" * 2,
        ):
            with self.subTest(inside=inside):
                self.assertFalse(SCHEMA.is_valid(f"{head}{inside}</urlset>"))


class ContentTests(SitemapTestCase):
    def test_holds_every_public_page_in_both_languages(self):
        page = Page.objects.create(slug="about-us", title_zh_hans="关于", title_en="About")
        pages = self.pages()
        for language in ("zh-hans", "en"):
            for each in (self.article, self.article.category, page):
                self.assertIn(address(each, language), pages)
            for path in ("", "news/", "terms/"):
                self.assertIn(f"{SITE}/{language}/{path}", pages)

    def test_every_address_is_a_page_that_says_so_itself(self):
        make_article(title_en="", body_en="", title_zh_hans="只有中文")
        for location, (_lastmod, alternates) in self.pages().items():
            with self.subTest(page=location):
                response = self.client.get(urlsplit(location).path)
                self.assertContains(response, f'<link rel="canonical" href="{location}">')
                self.assertNotContains(response, "noindex")
                for tag, href in alternates.items():
                    if "/terms/" not in location:
                        self.assertContains(response, f'hreflang="{tag}" href="{href}"')

    def test_alternates_are_the_languages_that_there_are(self):
        pages = self.pages()
        short = f"{SITE}/n/{self.article.pk}/"
        for language in ("zh-hans", "en"):
            self.assertEqual(
                pages[address(self.article, language)][1],
                {
                    "zh-Hans": address(self.article, "zh-hans"),
                    "en": address(self.article, "en"),
                    "x-default": short,
                },
            )
        self.assertEqual(pages[f"{SITE}/en/"][1]["x-default"], f"{SITE}/")

    def test_an_article_in_one_language_is_there_once(self):
        article = make_article(title_en="", body_en="", title_zh_hans="只有中文")
        page = Page.objects.create(slug="english", title_en="English only")
        pages = self.pages()
        self.assertNotIn(address(article, "en"), pages)
        self.assertEqual(
            pages[address(article, "zh-hans")][1],
            {
                "zh-Hans": address(article, "zh-hans"),
                "x-default": f"{SITE}/n/{article.pk}/",
            },
        )
        self.assertNotIn(address(page, "zh-hans"), pages)
        self.assertEqual(pages[address(page, "en")][1], {"en": address(page, "en")})

    def test_lastmod_is_when_it_changed_or_came_out(self):
        at = timezone.now().replace(microsecond=0)
        for updated, published, expected in (
            (at - timedelta(days=1), at - timedelta(days=2), at - timedelta(days=1)),
            (at - timedelta(days=2), at - timedelta(days=1), at - timedelta(days=1)),
        ):
            Article.objects.filter(pk=self.article.pk).update(
                updated_at=updated, publish_at=published
            )
            self.article.refresh_from_db()
            lastmod = self.pages()[address(self.article, "en")][0]
            self.assertEqual(parse_datetime(lastmod), expected)

    def test_nothing_hidden_and_nobody_is_in_it_whoever_asks(self):
        Member.objects.update(visibility=Audience.EVERYONE)
        canary = {"title_en": "Canary"}
        make_article(slug="canary-1", audience="members", **canary)
        make_article(slug="canary-2", status="draft", publish_at=None, **canary)
        make_article(slug="canary-3", publish_at=timezone.now() + timedelta(hours=1), **canary)
        make_article(slug="canary-4", status="withdrawn", **canary)
        for n, state in enumerate((State.HELD, State.REMOVED, State.SPAM), start=5):
            make_article(slug=f"canary-{n}", state=state, **canary)
        secret = Category.objects.create(slug="canary-8", name_zh_hans="密", name_en="Secret")
        make_article(slug="canary-9", category=secret, audience="members", **canary)
        answers = set()
        for who in (None, self.nina, self.bob, self.wei, self.root):
            self.login(who)
            response = self.client.get("/sitemap.xml")
            answers.add(response.content)
            for word in ("canary", "/members/", "/search/", "/accounts/", "/report/", "/tag/"):
                self.assertNotContains(response, word)
            self.assertEqual(response["Cache-Control"], "public, max-age=60")
            self.assertNotIn("Cookie", response.get("Vary", ""))
        self.assertEqual(len(answers), 1)

    def test_scheduled_and_withdrawn_follow_at_once(self):
        article = make_article(publish_at=timezone.now() + timedelta(hours=1))
        Article.objects.filter(pk=article.pk).update(publish_at=timezone.now())
        article.refresh_from_db()
        self.assertIn(address(article, "en"), self.pages())
        Article.objects.filter(pk=article.pk).update(status="withdrawn")
        self.assertNotIn(address(article, "en"), self.pages())


class ScaleTests(SitemapTestCase):
    def test_more_than_one_file_becomes_an_index_of_files(self):
        for _n in range(4):
            make_article()
        whole = self.pages()
        with patch.object(InLanguage, "limit", 2):
            files = self.files()
            self.assertIn(f"{SITE}/sitemap-articles-en.xml", files)
            self.assertIn(f"{SITE}/sitemap-articles-zh-hans.xml?p=3", files)
            self.assertNotIn(f"{SITE}/sitemap-articles-en.xml?p=4", files)
            together = {}
            for file in files:
                part = self.pages(file.removeprefix(SITE))
                self.assertFalse(set(part) & set(together), file)
                together |= part
        self.assertEqual(together, whole)

    def test_index_says_when_each_file_changed(self):
        Article.objects.update(updated_at=timezone.now() - timedelta(days=3))
        make_article(title_en="", body_en="", publish_at=timezone.now() - timedelta(days=2))
        newest = make_article(publish_at=timezone.now() - timedelta(minutes=1))
        Article.objects.filter(pk=newest.pk).update(updated_at=timezone.now() - timedelta(days=1))
        newest.refresh_from_db()
        with patch.object(InLanguage, "limit", 1):
            for each in self.read().iter(f"{SM}sitemap"):
                if "articles-en" in each.findtext(f"{SM}loc"):
                    self.assertEqual(
                        parse_datetime(each.findtext(f"{SM}lastmod")),
                        newest.publish_at.replace(microsecond=0),
                    )

    def test_unknown_files_are_not_found(self):
        for path in (
            "/sitemap-members-en.xml",
            "/sitemap-articles.xml",
            "/sitemap-articles-en.xml?p=2",
            "/sitemap-articles-en.xml?p=0",
            "/sitemap-articles-en.xml?p=x",
            "/sitemap-articles-fr.xml",
        ):
            self.assertEqual(self.client.get(path).status_code, 404, path)
        self.assertEqual(self.client.post("/sitemap.xml").status_code, 405)

    def test_query_count_does_not_grow(self):
        for many in (1, 20):
            while Article.objects.count() < many:
                make_article().tags.add(Tag.objects.get_or_create(slug="winter")[0])
            with self.subTest(many=many), self.assertNumQueries(10):
                self.client.get("/sitemap.xml")
            with self.subTest(many=many, part=True), self.assertNumQueries(2):
                self.client.get("/sitemap-articles-en.xml")
        with patch.object(InLanguage, "limit", 2), self.assertNumQueries(12):
            self.client.get("/sitemap.xml")


class RobotsTests(CastTestCase):
    def test_names_the_sitemap_and_hides_no_secret(self):
        with self.settings(SITE_URL="https://caisu.example.org", ADMIN_PATH="quiet-door/"):
            text = self.client.get("/robots.txt").content.decode()
        self.assertIn("Sitemap: https://caisu.example.org/sitemap.xml\n", text)
        for path in ("/language/", "/*/accounts/", "/*/search/", "/*/news/submit/", "/*/report/"):
            self.assertIn(f"Disallow: {path}\n", text)
        self.assertNotIn("admin", text)
        self.assertNotIn("quiet-door", text)
