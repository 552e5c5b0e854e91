from datetime import timedelta

import feedparser
from django.test import Client
from django.utils import timezone

from caisu.core import images
from caisu.core.models import Audience, SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.models import FormerHandle, Member
from members.moderation.models import State
from news import publishing
from news.feeds import LATEST, entry_id
from news.models import Article, Category, Tag

SITE = "http://testserver"


class FeedTestCase(CastTestCase):
    def feed(self, path="/feeds/en/news.atom", **headers):
        response = self.client.get(path, headers=headers)
        self.assertEqual(response.status_code, 200, path)
        types = {"content-type": response["Content-Type"]}
        parsed = feedparser.parse(response.content, response_headers=types)
        self.assertFalse(parsed.bozo, parsed.get("bozo_exception"))
        return parsed

    def titles(self, path="/feeds/en/news.atom"):
        return [entry.title for entry in self.feed(path).entries]


class EntryTests(FeedTestCase):
    def test_every_feed_parses_in_both_languages(self):
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.EVERYONE)
        site = SiteSettings.load()
        names = {"en": site.name_en, "zh-hans": site.name_zh_hans}
        for language, tag, title in (("en", "en", "Story 1"), ("zh-hans", "zh-Hans", "第1条新闻")):
            for name in ("news", "local-news", "by/wei"):
                path = f"/feeds/{language}/{name}.atom"
                parsed = self.feed(path)
                with self.subTest(path=path):
                    self.assertEqual(parsed.version, "atom10")
                    self.assertEqual(parsed.feed.language, tag)
                    self.assertIn(names[language], parsed.feed.title)
                    links = {link.rel: link.href for link in parsed.feed.links}
                    self.assertEqual(links["self"], f"{SITE}{path}")
                    self.assertTrue(links["alternate"].startswith(f"{SITE}/{language}/"))
                    self.assertTrue(parsed.feed.updated_parsed)
                    [entry] = parsed.entries
                    self.assertEqual(entry.title, title)
                    self.assertTrue(entry.link.startswith(f"{SITE}/{language}/news/"))
                    self.assertEqual(self.client.get(entry.link).status_code, 200)

    def test_an_entry_is_complete(self):
        tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow & ice")
        self.article.tags.add(tag)
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.EVERYONE)
        [entry] = self.feed().entries
        self.assertEqual(entry.summary, "A summary.")
        self.assertEqual(entry.content[0].value, "<p>The text is here.</p>")
        self.assertEqual(entry.content[0].type, "text/html")
        self.assertEqual(entry.author, "Wei")
        self.assertEqual(entry.author_detail.href, f"{SITE}/en/members/wei/")
        self.assertEqual([each.term for each in entry.tags], ["Local News", "Snow & ice"])
        self.assertTrue(entry.published_parsed)
        self.assertTrue(entry.updated_parsed)
        [entry] = self.feed("/feeds/zh-hans/news.atom").entries
        self.assertEqual([each.term for each in entry.tags], ["本地新闻", "雪"])
        self.assertEqual(entry.summary, "摘要。")

    def test_a_byline_stands_for_its_author_whose_profile_is_not_named(self):
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.EVERYONE)
        Article.objects.filter(pk=self.article.pk).update(byline="The board")
        [entry] = self.feed().entries
        self.assertEqual(entry.author, "The board")
        self.assertNotIn("href", entry.author_detail)

    def test_a_private_profile_is_not_named(self):
        [entry] = self.feed().entries
        self.assertNotIn("href", entry.author_detail)

    def test_id_outlives_slug_and_title_and_differs_between_languages(self):
        before = self.feed().entries[0].id
        Article.objects.filter(pk=self.article.pk).update(slug="moved", title_en="Renamed")
        [entry] = self.feed().entries
        self.assertIn("/moved/", entry.link)
        self.assertEqual(entry.id, before)
        self.assertEqual(entry.id, entry_id(self.article, "en"))
        self.assertNotEqual(self.feed("/feeds/zh-hans/news.atom").entries[0].id, before)
        self.assertEqual(self.feed("/feeds/en/local-news.atom").entries[0].id, before)

    def test_pictures_and_links_stand_by_themselves(self):
        inside = images.receive(make_upload("inside.jpg"), by=self.wei)
        cover = images.receive(make_upload("cover.jpg"), by=self.wei)
        cover.alt_en, cover.credit = "The <campus>", "Photo: Wei"
        cover.save()
        gone = "0" * 32
        make_article(
            title_en="Pictures",
            cover=cover,
            body_en='<p>Not a link: href="/x" and <a href="/en/terms/" rel="noopener">one</a>, '
            '<a href="https://example.org/" rel="noopener">two</a>.</p>'
            f'<figure><img src="{images.url(inside)}" alt="A &quot;view&quot;"></figure>'
            f'<figure><img src="/media/images/{gone}/full.webp" alt="gone"></figure>',
        )
        html = self.feed().entries[0].content[0].value
        self.assertIn(f'src="{SITE}{images.fallback_url(inside)}"', html)
        self.assertIn(f'src="{SITE}{images.fallback_url(cover)}"', html)
        self.assertIn("A &quot;view&quot;", html)
        self.assertIn("The &lt;campus&gt;", html)
        self.assertIn("Photo: Wei", html)
        self.assertIn(f'href="{SITE}/en/terms/"', html)
        self.assertIn('href="https://example.org/"', html)
        self.assertIn('Not a link: href="/x"', html)
        self.assertNotIn(gone, html)
        # The parser would make addresses absolute by itself, so as it was sent:
        self.assertNotContains(self.client.get("/feeds/en/news.atom"), 'src="/')

    def test_links_of_a_members_post_give_no_credit(self):
        make_article(
            is_post=True, body_en='<p><a href="https://example.org/" rel="noopener">x</a></p>'
        )
        response = self.client.get("/feeds/en/news.atom")
        self.assertContains(response, 'href="https://example.org/" rel="nofollow ugc noopener"')

    def test_a_reprint_says_where_it_comes_from(self):
        make_article(source="The <Journal>", source_url="https://example.org/?a=1&b=2")
        html = self.feed().entries[0].content[0].value
        self.assertIn('href="https://example.org/?a=1&amp;b=2"', html)
        self.assertIn("The &lt;Journal&gt;", html)
        make_article(source="A leaflet")
        self.assertIn("<p>Source: A leaflet</p>", self.feed().entries[0].content[0].value)

    def test_what_xml_cannot_hold_breaks_nothing(self):
        make_article(
            title_en="Tab\x0bbed \ufffe& <b>bold</b>",
            byline="\x08Somebody",
            body_en="<p>From Word\x0b\x1f</p>",
        )
        entry = self.feed().entries[0]
        self.assertEqual(entry.title, "Tabbed & <b>bold</b>")
        self.assertEqual(entry.author, "Somebody")
        self.assertEqual(entry.content[0].value, "<p>From Word</p>")

    def test_latest_twenty_newest_first(self):
        for n in range(LATEST + 5):
            make_article(title_en=f"No {n}", publish_at=timezone.now() - timedelta(minutes=59 - n))
        titles = self.titles()
        self.assertEqual(len(titles), LATEST)
        self.assertEqual(titles[0], f"No {LATEST + 4}")

    def test_scheduled_article_was_updated_when_it_came_out(self):
        at = timezone.now() - timedelta(minutes=2)
        article = make_article(publish_at=at)
        Article.objects.filter(pk=article.pk).update(updated_at=at - timedelta(days=3))
        entry = self.feed().entries[0]
        self.assertEqual(entry.updated_parsed, entry.published_parsed)


class LanguageTests(FeedTestCase):
    def test_only_what_is_written_in_that_language(self):
        make_article(title_en="English only", title_zh_hans="", body_zh_hans="")
        make_article(title_zh_hans="只有中文", title_en="", body_en="")
        self.assertEqual(self.titles(), ["English only", "Story 1"])
        self.assertEqual(self.titles("/feeds/zh-hans/news.atom"), ["只有中文", "第1条新闻"])

    def test_the_readers_language_is_of_no_account(self):
        self.client.cookies["language"] = "zh-hans"
        response = self.client.get("/feeds/en/news.atom", headers={"accept-language": "zh-CN"})
        self.assertContains(response, "Story 1")
        self.assertEqual(response["Content-Language"], "en")


class NarrowTests(FeedTestCase):
    def test_a_category_has_its_own(self):
        campus = Category.objects.create(
            slug="campus", name_zh_hans="校园", name_en="Campus", description_en="On the hill."
        )
        make_article(category=campus, title_en="On campus")
        parsed = self.feed("/feeds/en/campus.atom")
        self.assertEqual([entry.title for entry in parsed.entries], ["On campus"])
        self.assertEqual(parsed.feed.subtitle, "On the hill.")
        self.assertTrue(parsed.feed.title.startswith("Campus · "))

    def test_an_author_has_one_where_the_profile_is_for_everyone(self):
        make_article(title_en="By Alice", author=self.alice)
        make_article(title_en="Handed in by Alice", author=self.alice, byline="Bob")
        path = "/feeds/en/by/alice.atom"
        for visibility in (Audience.MEMBERS, Audience.NOBODY):
            Member.objects.filter(pk=self.alice.pk).update(visibility=visibility)
            for who in (None, self.bob, self.alice, self.root):
                self.login(who)
                self.assertEqual(self.client.get(path).status_code, 404)
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.EVERYONE)
        self.assertEqual(self.titles(path), ["By Alice"])

    def test_a_former_handle_leads_to_the_feed_of_today(self):
        FormerHandle.objects.create(handle="alicia", member=self.alice)
        former = "/feeds/en/by/alicia.atom"
        self.assertEqual(self.client.get(former).status_code, 404)
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.EVERYONE)
        self.assertRedirects(self.client.get(former), "/feeds/en/by/alice.atom")

    def test_a_banned_or_pending_author_has_none(self):
        for standing in (Member.Standing.BANNED, Member.Standing.PENDING):
            Member.objects.filter(pk=self.alice.pk).update(
                visibility=Audience.EVERYONE,
                standing=standing,
                is_active=standing == Member.Standing.PENDING,
            )
            self.assertEqual(self.client.get("/feeds/en/by/alice.atom").status_code, 404)

    def test_unknown_language_category_and_author_are_not_found(self):
        for path in ("fr/news", "zh/news", "en/nothing", "en/by/nobody", "fr/by/wei"):
            self.assertEqual(self.client.get(f"/feeds/{path}.atom").status_code, 404, path)

    def test_a_young_site_has_an_empty_one(self):
        self.article.comments.all().delete()
        self.article.delete()
        response = self.client.get("/feeds/en/news.atom")
        self.assertEqual(feedparser.parse(response.content).entries, [])
        self.assertNotIn("Last-Modified", response)


class ReaderTests(FeedTestCase):
    PATHS = ("/feeds/en/news.atom", "/feeds/zh-hans/local-news.atom", "/feeds/en/by/alice.atom")

    def setUp(self):
        super().setUp()
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.EVERYONE)

    def test_nothing_hidden_is_ever_in_it_whoever_asks(self):
        canary = {
            "title_en": "Canary",
            "title_zh_hans": "金丝雀 Canary",
            "body_en": "<p>Canary</p>",
            "author": self.alice,
        }
        make_article(audience="members", **canary)
        make_article(status="draft", publish_at=None, **canary)
        make_article(status="submitted", publish_at=None, state=State.HELD, **canary)
        make_article(publish_at=timezone.now() + timedelta(hours=1), **canary)
        make_article(status="withdrawn", released_at=timezone.now(), **canary)
        for state in (State.HELD, State.REMOVED, State.SPAM):
            make_article(state=state, **canary)
        for path in self.PATHS:
            answers = set()
            for who in (None, self.nina, self.alice, self.wei, self.mona, self.root):
                self.login(who)
                response = self.client.get(path)
                with self.subTest(path=path, who=who):
                    self.assertNotContains(response, "Canary")
                answers.add((response.content, response["ETag"], response["Cache-Control"]))
            if "alice" not in path:  # an empty feed tells the time
                self.assertEqual(len(answers), 1)

    def test_every_cache_may_keep_it(self):
        for who in (None, self.bob):
            self.login(who)
            response = self.client.get("/feeds/en/news.atom")
            self.assertEqual(response["Cache-Control"], "public, max-age=300, s-maxage=60")
            self.assertNotIn("Cookie", response.get("Vary", ""))
            self.assertFalse(response.cookies)
            self.assertEqual(response["Content-Type"], "application/atom+xml; charset=utf-8")

    def test_head_is_answered_and_post_is_not(self):
        strict = Client(enforce_csrf_checks=False)
        self.assertEqual(strict.head("/feeds/en/news.atom").status_code, 200)
        self.assertEqual(strict.post("/feeds/en/news.atom").status_code, 405)

    def test_query_count_does_not_grow(self):
        tag = Tag.objects.create(slug="winter", name_zh_hans="冬天", name_en="Winter")
        picture = images.receive(make_upload(), by=self.wei)
        body = f'<p>Look:</p><figure><img src="{images.url(picture)}" alt=""></figure>'
        for many in (1, LATEST):
            while Article.objects.filter(author=self.alice).count() < many:
                make_article(author=self.alice, cover=picture, body_en=body).tags.add(tag)
            SiteSettings.load()
            for path, queries in {
                "/feeds/en/news.atom": 3,
                "/feeds/en/local-news.atom": 4,
                "/feeds/en/by/alice.atom": 4,
            }.items():
                with self.subTest(path=path, many=many), self.assertNumQueries(queries):
                    response = self.client.get(path)
                self.assertEqual(response.status_code, 200)


class FreshnessTests(FeedTestCase):
    PATH = "/feeds/en/news.atom"

    def again(self, response):
        """Asks as a feed reader does that has ``response``; returns the status."""
        headers = {"if-none-match": response["ETag"]}
        if "Last-Modified" in response:
            headers["if-modified-since"] = response["Last-Modified"]
        return self.client.get(self.PATH, headers=headers)

    def test_unchanged_is_not_sent_twice(self):
        first = self.client.get(self.PATH)
        again = self.again(first)
        self.assertEqual((again.status_code, again.content), (304, b""))
        for header in ("ETag", "Last-Modified", "Cache-Control"):
            self.assertEqual(again[header], first[header])

    def test_views_and_comments_change_nothing(self):
        first = self.client.get(self.PATH)
        Article.objects.filter(pk=self.article.pk).update(view_count=7, comment_count=7)
        self.assertEqual(self.again(first).status_code, 304)

    def test_every_change_of_what_is_listed_is_seen_at_once(self):
        picture = images.receive(make_upload(), by=self.wei)
        html = f'<p>Look:</p><figure><img src="{images.url(picture)}" alt=""></figure>'
        make_article(body_en=html).tags.add(
            Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        )
        other = make_article(title_en="Another")
        rename = Member.objects.filter(pk=self.wei.pk).update
        changes = {
            "edit": lambda: Article.objects.get(pk=other.pk).save(),
            "hide": lambda: Article.objects.get(pk=other.pk).hide(),
            "restore": lambda: Article.objects.get(pk=other.pk).restore(),
            "withdraw": lambda: publishing.withdraw(Article.objects.get(pk=other.pk), self.wei),
            "author": lambda: rename(display_name="Wei Wei"),
            "category": lambda: Category.objects.update(name_en="Around here"),
            "tag": lambda: Tag.objects.update(name_en="Frost"),
            "picture": lambda: images.replace(picture, make_upload(size=(80, 60))),
            "members": lambda: Article.objects.update(audience="members"),
        }
        for name, change in changes.items():
            first = self.client.get(self.PATH)
            change()
            with self.subTest(change=name):
                second = self.again(first)
                self.assertEqual(second.status_code, 200)
                self.assertNotEqual(second.content, first.content)

    def test_withdrawn_article_is_gone_also_for_who_knows_only_a_date(self):
        article = make_article(title_en="Regretted")
        first = self.client.get(self.PATH)
        self.assertContains(first, "Regretted")
        self.assertTrue(publishing.withdraw(article, self.wei))
        second = self.client.get(self.PATH, headers={"if-modified-since": first["Last-Modified"]})
        self.assertNotContains(second, "Regretted")

    def test_scheduled_article_is_there_as_soon_as_it_is_due(self):
        article = make_article(title_en="At last", publish_at=timezone.now() + timedelta(hours=1))
        first = self.client.get(self.PATH)
        self.assertNotContains(first, "At last")
        # Nothing else happens to it: no save, no job.
        Article.objects.filter(pk=article.pk).update(publish_at=timezone.now())
        self.assertContains(self.again(first), "At last")


class DiscoveryTests(FeedTestCase):
    def test_pages_name_their_feeds(self):
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.EVERYONE)
        pages = {
            "/en/news/by/wei/": ["/feeds/en/news.atom", "/feeds/en/by/wei.atom"],
            "/en/": ["/feeds/en/news.atom"],
            "/zh-hans/news/": ["/feeds/zh-hans/news.atom"],
            "/en/news/local-news/": ["/feeds/en/news.atom", "/feeds/en/local-news.atom"],
            "/en" + self.article.get_absolute_url().removeprefix("/zh-hans"): [
                "/feeds/en/news.atom",
                "/feeds/en/local-news.atom",
            ],
        }
        for page, paths in pages.items():
            html = self.client.get(page).content.decode()
            for path in paths:
                with self.subTest(page=page, feed=path):
                    self.assertIn(
                        f'<link rel="alternate" type="application/atom+xml" href="{path}"', html
                    )
                    self.assertEqual(self.client.get(path).status_code, 200)

    def test_the_list_of_somebody_known_to_members_alone_names_no_feed_of_theirs(self):
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.MEMBERS)
        self.login(self.bob)
        self.assertNotContains(self.client.get("/en/news/by/wei/"), "/feeds/en/by/")
