import json
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import override

from caisu.core import images
from caisu.core.models import Audience, Page, SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.models import Member
from members.moderation.models import State
from news.models import Article, Tag
from news.views import PAGE

SITE = "http://testserver"


class Head(HTMLParser):
    """What machines read of a page: links, meta, and the data blocks."""

    def __init__(self, html):
        super().__init__()
        self.links, self.meta, self.blocks = [], {}, []
        self.feed(html[: html.index("</head>")])
        self.blocks = [
            json.loads(text)
            for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
        ]

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "link":
            self.links.append(values)
        elif tag == "meta":
            name = values.get("property") or values.get("name")
            self.meta.setdefault(name, []).append(values.get("content"))

    def link(self, rel):
        return [each["href"] for each in self.links if each["rel"] == rel and "type" not in each]

    @property
    def hreflang(self):
        return {
            each["hreflang"]: each["href"]
            for each in self.links
            if each["rel"] == "alternate" and "hreflang" in each
        }

    def data(self, kind):
        [found] = [block for block in self.blocks if block["@type"] == kind]
        return found


def path(thing, language):
    with override(language):
        return thing.get_absolute_url()


class HeadTestCase(CastTestCase):
    def head(self, path, who=None, status=200):
        self.login(who)
        response = self.client.get(path)
        self.assertEqual(response.status_code, status, path)
        return Head(response.content.decode())

    def of(self, article, language="en", who=None):
        return self.head(path(article, language), who)


class StructuredDataTests(HeadTestCase):
    def test_article_in_both_languages(self):
        tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow & ice")
        self.article.tags.add(tag)
        Article.objects.filter(pk=self.article.pk).update(comment_count=3)
        for language, expected in {
            "en": ("en", "Story 1", "A summary.", "Local News", "Snow & ice"),
            "zh-hans": ("zh-Hans", "第1条新闻", "摘要。", "本地新闻", "雪"),
        }.items():
            with self.subTest(language=language):
                data = self.of(self.article, language).data("NewsArticle")
                here = SITE + path(self.article, language)
                self.assertEqual(data["@context"], "https://schema.org")
                self.assertEqual(
                    (
                        data["inLanguage"],
                        data["headline"],
                        data["description"],
                        data["articleSection"],
                        *data["keywords"],
                    ),
                    expected,
                )
                self.assertEqual((data["url"], data["mainEntityOfPage"]), (here, here))
                self.assertEqual(data["commentCount"], 3)
                self.assertIs(data["isAccessibleForFree"], True)
                self.assertEqual(data["publisher"]["@type"], "Organization")
                self.assertTrue(data["publisher"]["name"])
                logo = data["publisher"]["logo"]["url"]
                self.assertTrue(logo.startswith(SITE))
                self.assertTrue(data["image"].startswith(SITE))
                published = parse_datetime(data["datePublished"])
                self.assertLess(abs(published - self.article.publish_at), timedelta(seconds=1))
                self.assertGreaterEqual(parse_datetime(data["dateModified"]), published)

    def test_scheduled_article_was_not_changed_before_it_came_out(self):
        Article.objects.filter(pk=self.article.pk).update(
            updated_at=self.article.publish_at - timedelta(days=3)
        )
        data = self.of(self.article).data("NewsArticle")
        self.assertEqual(data["dateModified"], data["datePublished"])

    def test_author_is_a_person_with_a_page_only_where_that_is_public(self):
        author = self.of(self.article).data("NewsArticle")["author"]
        self.assertEqual(author, {"@type": "Person", "name": "Wei"})
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.EVERYONE)
        head = self.of(self.article)
        profile = f"{SITE}/en/members/wei/"
        self.assertEqual(head.data("NewsArticle")["author"]["url"], profile)
        self.assertEqual(head.meta["article:author"], [profile])
        Article.objects.filter(pk=self.article.pk).update(byline="The board")
        head = self.of(self.article)
        self.assertEqual(
            head.data("NewsArticle")["author"], {"@type": "Organization", "name": "The board"}
        )
        self.assertNotIn("article:author", head.meta)

    def test_breadcrumbs_lead_from_the_front_page_to_the_article(self):
        for language in ("zh-hans", "en"):
            trail = self.of(self.article, language).data("BreadcrumbList")["itemListElement"]
            self.assertEqual([step["position"] for step in trail], [1, 2, 3])
            self.assertEqual(
                [step["item"] for step in trail],
                [
                    f"{SITE}/{language}/",
                    f"{SITE}/{language}/news/local-news/",
                    SITE + path(self.article, language),
                ],
            )

    def test_lists_and_front_page_in_both_languages(self):
        site = SiteSettings.load()
        names = {"zh-hans": (site.name_zh_hans, "本地新闻"), "en": (site.name_en, "Local News")}
        for language, (name, category) in names.items():
            trail = self.head(f"/{language}/news/local-news/").data("BreadcrumbList")
            self.assertEqual([step["name"] for step in trail["itemListElement"]], [name, category])
            self.assertTrue(self.head(f"/{language}/news/").data("BreadcrumbList"))
            front = self.head(f"/{language}/")
            self.assertEqual(front.data("WebSite")["url"], f"{SITE}/{language}/")
            self.assertEqual(front.data("Organization")["name"], name)

    def test_nothing_in_it_can_end_the_block(self):
        bad = '</script><script>alert(1)</script><!-- & "'
        article = make_article(title_en=bad, summary_en=bad, byline=bad[:80])
        article.tags.add(Tag.objects.create(slug="bad", name_zh_hans="坏", name_en=bad[:50]))
        response = self.client.get(path(article, "en"))
        self.assertNotContains(response, "<script>alert")
        head = Head(response.content.decode())
        self.assertEqual(head.data("NewsArticle")["headline"], bad)
        self.assertEqual(head.meta["og:title"], [bad])

    def test_reprint_names_what_it_is_based_on_and_keeps_its_own_address(self):
        article = make_article(
            source="Idaho State Journal", source_url="https://example.org/a?b=1&c"
        )
        head = self.of(article)
        self.assertEqual(
            head.data("NewsArticle")["isBasedOn"],
            {
                "@type": "CreativeWork",
                "name": "Idaho State Journal",
                "url": "https://example.org/a?b=1&c",
            },
        )
        self.assertEqual(head.link("canonical"), [SITE + path(article, "en")])
        self.assertNotIn("isBasedOn", self.of(self.article).data("NewsArticle"))


class OpenGraphTests(HeadTestCase):
    def test_article(self):
        tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        self.article.tags.add(tag)
        meta = self.of(self.article).meta
        self.assertEqual(meta["og:type"], ["article"])
        self.assertEqual(meta["og:locale"], ["en_US"])
        self.assertEqual(meta["og:locale:alternate"], ["zh_CN"])
        self.assertEqual(meta["og:url"], [SITE + path(self.article, "en")])
        self.assertEqual(meta["article:section"], ["Local News"])
        self.assertEqual(meta["article:tag"], ["Snow"])
        published, changed = (
            parse_datetime(meta[f"article:{name}_time"][0]) for name in ("published", "modified")
        )
        self.assertEqual(published, self.article.publish_at)
        self.assertGreaterEqual(changed, published)
        self.assertEqual(meta["twitter:card"], ["summary_large_image"])

    def test_picture_to_share_is_a_public_png_of_the_size_that_is_told(self):
        cover = images.receive(make_upload(), by=self.wei)
        for article in (self.article, make_article(cover=cover)):
            meta = self.of(article).meta
            [url] = meta["og:image"]
            self.assertEqual(meta["twitter:image"], [url])
            self.assertTrue(url.startswith(SITE))
            self.assertEqual(meta["og:image:alt"], [article.title_en])
            response = self.client.get(url.removeprefix(SITE))
            self.assertEqual(response["Content-Type"], "image/png")
            png = b"".join(response) if response.streaming else response.content
            size = [str(int.from_bytes(png[at : at + 4])) for at in (16, 20)]
            self.assertEqual(size, [meta["og:image:width"][0], meta["og:image:height"][0]])

    def test_without_a_summary_the_text_begins(self):
        article = make_article(
            summary_en="", body_en="<p>One.</p><p>" + "Two & three. " * 40 + "</p>"
        )
        head = self.of(article)
        [description] = head.meta["description"]
        self.assertTrue(description.startswith("One. Two & three."))
        self.assertLessEqual(len(description), 160)
        self.assertEqual(head.data("NewsArticle")["description"], description)


class AddressTests(HeadTestCase):
    def test_article_in_two_languages(self):
        alternates = {
            "zh-Hans": SITE + path(self.article, "zh-hans"),
            "en": SITE + path(self.article, "en"),
            "x-default": f"{SITE}/n/{self.article.pk}/",
        }
        for language in ("zh-hans", "en"):
            head = self.of(self.article, language)
            self.assertEqual(head.link("canonical"), [SITE + path(self.article, language)])
            self.assertEqual(head.hreflang, alternates)

    def test_article_in_one_language_is_one_page(self):
        chinese = make_article(title_en="", body_en="", summary_en="")
        english = make_article(title_zh_hans="", body_zh_hans="", summary_zh_hans="")
        for article, written, tag, locale in (
            (chinese, "zh-hans", "zh-Hans", "zh_CN"),
            (english, "en", "en", "en_US"),
        ):
            canonical = SITE + path(article, written)
            for language in ("zh-hans", "en"):
                with self.subTest(written=written, language=language):
                    head = self.of(article, language)
                    self.assertEqual(head.link("canonical"), [canonical])
                    self.assertEqual(
                        head.hreflang,
                        {tag: canonical, "x-default": f"{SITE}/n/{article.pk}/"},
                    )
                    self.assertEqual(head.meta["og:locale"], [locale])
                    self.assertNotIn("og:locale:alternate", head.meta)
                    self.assertEqual(head.meta["og:url"], [canonical])
                    self.assertEqual(head.data("NewsArticle")["inLanguage"], tag)

    def test_canonical_leaves_out_what_is_behind_the_question_mark(self):
        for page in ("/en/", "/en/news/", "/en/news/local-news/", path(self.article, "en")):
            head = self.head(f"{page}?utm_source=wechat&from=timeline")
            self.assertEqual(head.link("canonical"), [SITE + page])

    def test_lists(self):
        tag = Tag.objects.create(slug="winter", name_zh_hans="冬天", name_en="Winter")
        self.article.tags.add(tag)
        for page in ("", "news/", "news/local-news/", "news/tag/winter/"):
            for language in ("zh-hans", "en"):
                head = self.head(f"/{language}/{page}")
                with self.subTest(page=page, language=language):
                    self.assertEqual(head.link("canonical"), [f"{SITE}/{language}/{page}"])
                    self.assertNotIn("robots", head.meta)
                    self.assertEqual(
                        {k: v for k, v in head.hreflang.items() if k != "x-default"},
                        {"zh-Hans": f"{SITE}/zh-hans/{page}", "en": f"{SITE}/en/{page}"},
                    )
        self.assertEqual(self.head("/en/").hreflang["x-default"], f"{SITE}/")

    def test_continued_empty_and_dated_lists_are_followed_but_not_kept(self):
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.EVERYONE)
        Tag.objects.create(slug="empty", name_zh_hans="空", name_en="Empty")
        for _n in range(PAGE):
            last = make_article(publish_at=self.article.publish_at + timedelta(minutes=1))
        year = last.year
        for page in (
            f"/en/?before={last.pk}",
            f"/en/news/?before={last.pk}",
            f"/en/news/local-news/?before={last.pk}",
            "/en/news/tag/empty/",
            f"/en/news/{year}/",
            f"/en/news/{year}/{timezone.localtime(last.publish_at).month}/",
            "/en/news/most-read/?period=month",
            "/en/news/by/wei/",
        ):
            with self.subTest(page=page):
                head = self.head(page)
                self.assertEqual(head.meta["robots"], ["noindex,follow"])
                self.assertEqual(head.link("canonical"), [])
                self.assertEqual(head.hreflang, {})

    def test_static_page_in_one_language(self):
        page = Page.objects.create(
            slug="dues", title_en="Dues", body_en="<p>How to <em>pay</em> them.</p>"
        )
        for language in ("zh-hans", "en"):
            head = self.head(path(page, language))
            self.assertEqual(head.link("canonical"), [f"{SITE}/en/pages/dues/"])
            self.assertEqual(head.hreflang, {"en": f"{SITE}/en/pages/dues/"})
            self.assertEqual(head.meta["description"], ["How to pay them."])


class NothingLeaksTests(HeadTestCase):
    """Machines learn nothing of what not everybody may read; nor do those who may, by their pages."""

    def assert_silent(self, html):
        head = Head(html)
        self.assertEqual(head.meta["robots"], ["noindex"])
        self.assertEqual(head.blocks, [])
        self.assertNotIn("description", head.meta)
        self.assertEqual([name for name in head.meta if name and ":" in name], [])
        self.assertEqual(head.link("canonical"), [])
        self.assertEqual([each for each in head.links if each["rel"] == "alternate"], [])
        begin = unescape(html[: html.index("</head>")])
        self.assertNotIn("Canary", re.sub(r"<title>.*?</title>", "", begin, flags=re.DOTALL))

    def test_members_only(self):
        cover = images.receive(make_upload(), by=self.wei)
        article = make_article(
            audience="members",
            title_en="Canary title",
            summary_en="Canary summary",
            body_en="<p>Canary body</p>",
            cover=cover,
        )
        for language in ("zh-hans", "en"):
            for who in (None, self.nina, self.bob, self.mona, self.wei, self.root):
                self.login(who)
                html = self.client.get(path(article, language)).content.decode()
                with self.subTest(language=language, who=who):
                    self.assert_silent(html)
                    if who in {None, self.nina}:
                        self.assertNotIn("Canary body", html)
                        self.assertNotIn(cover.token, html)

    def test_not_public_yet_or_any_more(self):
        later = timezone.now() + timedelta(hours=1)
        hidden = [
            make_article(status="draft", publish_at=None, title_en="Canary"),
            make_article(publish_at=later, title_en="Canary"),
            make_article(state=State.HELD, title_en="Canary"),
            make_article(status="withdrawn", title_en="Canary"),
        ]
        for article in hidden:
            self.login(self.wei)
            with self.subTest(status=article.status, state=article.state):
                self.assert_silent(self.client.get(path(article, "en")).content.decode())
                self.login(None)
                response = self.client.get(path(article, "en"))
                self.assertNotContains(response, "Canary", status_code=404)

    def test_a_missing_language_is_no_hint_of_the_other(self):
        """A draft's other language is as unknown as the draft: by address and by short link."""
        draft = make_article(status="draft", publish_at=None, title_en="")
        for language in ("zh-hans", "en"):
            self.assertEqual(self.client.get(path(draft, language)).status_code, 404)
        self.assertEqual(self.client.get(reverse("short_link", args=[draft.pk])).status_code, 404)
