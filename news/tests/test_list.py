import re
from datetime import datetime, timedelta
from unittest import skipUnless

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.models import FormerHandle, Member
from members.moderation.models import State
from news import publishing
from news.models import Article, Category, DailyViews, Tag
from news.views import PAGE, PINNED


def pinned(response):
    """What stands above the lead."""
    box = re.search(r'<ul class="pinned".*?</ul>', response.content.decode(), re.DOTALL)
    return re.findall(r'<a href="[^"]+">([^<]+)</a>', box[0]) if box else []


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

    def test_pinned_stand_on_top_then_the_lead_then_the_river(self):
        now = timezone.now()
        for number, title in enumerate(["Pinned first", "Pinned second"]):
            at = now - timedelta(days=30 + number)
            make_article(title_en=title, is_pinned=True, publish_at=at, comments_open=False)
        make_article(title_en="Featured", is_featured=True, publish_at=now - timedelta(days=3))
        make_article(title_en="Newer", publish_at=now)
        response = self.client.get("/en/")
        self.assertEqual(stories(response), ["Featured", "Newer", "Story 1"])
        self.assertEqual(pinned(response), ["Pinned first", "Pinned second"])
        # The first headline is open to comments, whatever is pinned.
        self.assertTrue(Article.objects.get(title_en=stories(response)[0]).takes_comments)

    def test_pinned_is_only_what_the_reader_may_read_and_what_is_current(self):
        later = timezone.now() + timedelta(hours=1)
        make_article(title_en="For members", is_pinned=True, audience="members")
        make_article(title_en="Archived", is_pinned=True, status="archived")
        make_article(title_en="Draft", is_pinned=True, status="draft", publish_at=None)
        make_article(title_en="Scheduled", is_pinned=True, publish_at=later)
        make_article(title_en="Held", is_pinned=True, state=State.HELD)
        for who, expected in ((None, []), (self.nina, []), (self.bob, ["For members"])):
            self.login(who)
            with self.subTest(who=who):
                self.assertEqual(pinned(self.client.get("/en/")), expected)
                self.assertNotIn("For members", stories(self.client.get("/en/")))

    def test_pinned_changes_show_at_once(self):
        self.assertEqual(pinned(self.client.get("/en/")), [])
        with self.captureOnCommitCallbacks(execute=True):
            self.article.is_pinned = True
            publishing.save(self.article, by=self.wei)
        self.assertEqual(pinned(self.client.get("/en/")), ["Story 1"])
        with self.captureOnCommitCallbacks(execute=True):
            publishing.archive(self.article, by=self.wei)
        response = self.client.get("/en/")
        self.assertEqual((pinned(response), stories(response)), ([], []))

    def test_what_is_unpinned_in_the_database_alone_is_never_pinned(self):
        article = make_article(title_en="Was pinned", is_pinned=True)
        self.client.get("/en/")
        Article.objects.filter(pk=article.pk).update(is_pinned=False)
        response = self.client.get("/en/")
        self.assertEqual(pinned(response), [])
        self.assertIn("Was pinned", stories(response))

    def test_many_pinned_leave_room_and_none_is_lost_or_shown_twice(self):
        now = timezone.now()
        for n in range(PAGE + 10):
            make_article(is_pinned=n % 3 == 0, publish_at=now - timedelta(minutes=n))
        response = self.client.get("/en/")
        self.assertEqual(len(pinned(response)), PINNED)
        seen = pinned(response) + stories(response)
        older = re.search(r'rel="next" href="([^"]+)"', response.content.decode())[1]
        second = self.client.get(f"/en/{older}")
        self.assertEqual(pinned(second), [])
        seen += stories(second)
        self.assertEqual(len(seen), PAGE + 11)
        self.assertEqual(len(set(seen)), PAGE + 11)

    @skipUnless(connection.vendor == "sqlite", "PostgreSQL reads a small table from end to end")
    def test_few_among_many_are_found_by_an_index(self):
        with CaptureQueriesContext(connection) as captured:
            self.client.get("/en/")
        plans = {}
        for statement in (each["sql"] for each in captured):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
                plans[statement] = " ".join(row[3] for row in cursor.fetchall())
        [comments] = [plan for sql, plan in plans.items() if 'FROM "comments_comment"' in sql]
        self.assertIn("comments_newest", comments)
        self.assertNotIn("TEMP B-TREE", comments)
        lists = 'FROM "news_article" INNER JOIN'
        top, river = [plan for sql, plan in plans.items() if lists in sql]
        self.assertIn("news_article_pinned", top)
        self.assertIn("news_article_newest", river)
        self.assertIn("news_article_unreleased", Article.objects.due().explain())

    def test_young_site_says_so(self):
        self.article.comments.all().delete()
        self.article.delete()
        self.assertContains(self.client.get("/en/"), "The first story is still to be written")

    def test_query_count_does_not_grow(self):
        make_article(is_pinned=True)
        DailyViews.objects.create(article=self.article, day=timezone.localdate(), count=1)
        for many in (1, PAGE):
            while self.article.category.articles.count() < many + 1:
                make_comment(make_article(is_pinned=True), self.alice)
            cache.clear()
            for who, queries in ((None, 4), (self.bob, 7)):
                self.login(who)
                self.client.get("/en/")
                with self.subTest(many=many, who=who), self.assertNumQueries(queries):
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
        for path in ("/en/", "/en/news/local-news/", "/en/news/most-read/"):
            for bad in ("", "0", "-1", "1.5", "1e3", "9" * 18, "٣", "%00", "x&before=y", "'--"):
                with self.subTest(path=path, bad=bad):
                    status = self.client.get(f"{path}?before={bad}").status_code
                    self.assertIn(status, (200, 404))

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

    def test_category_shows_its_description_and_colour(self):
        Category.objects.filter(slug="local-news").update(
            description_en="From <Pocatello>", description_zh_hans="波卡特洛的事", colour="#123abc"
        )
        response = self.client.get("/en/news/local-news/")
        self.assertContains(response, "<p>From &lt;Pocatello&gt;</p>", html=True)
        self.assertContains(response, 'fill="#123abc"')
        self.assertContains(self.client.get("/zh-hans/news/local-news/"), "波卡特洛的事</p>")

    def test_every_list_costs_the_same_at_1_and_at_20(self):
        tag = Tag.objects.create(slug="winter", name_zh_hans="冬天", name_en="Winter")
        self.article.tags.add(tag)
        Member.objects.filter(pk=self.wei.pk).update(visibility="everyone")
        DailyViews.objects.create(article=self.article, day=timezone.localdate(), count=1)
        when = timezone.localtime(self.article.publish_at)
        paths = {
            "/en/news/": 2,
            "/en/news/local-news/": 3,
            "/en/news/tag/winter/": 3,
            "/en/news/by/wei/": 4,
            f"/en/news/{when.year}/": 2,
            f"/en/news/{when.year}/{when.month}/": 2,
        }
        for many in (1, 20):
            while self.article.category.articles.count() < many:
                make_article().tags.add(tag)
            cache.clear()
            for who, more in ((None, 0), (self.bob, 3)):  # a session, its member, the bell
                self.login(who)
                for path, queries in paths.items():
                    self.client.get(path)
                    with (
                        self.subTest(path=path, many=many, who=who),
                        self.assertNumQueries(queries + more),
                    ):
                        self.client.get(path)


class MergedTagTests(CastTestCase):
    def make(self, slug, merged_into=None):
        return Tag.objects.create(
            slug=slug, name_zh_hans=slug, name_en=slug.title(), merged_into=merged_into
        )

    def test_leads_for_ever_to_the_last_of_those_that_it_was_merged_into(self):
        last = self.make("snow")
        first = self.make("winter", merged_into=self.make("cold", merged_into=last))
        self.article.tags.add(last)
        response = self.client.get(f"/en/news/tag/{first.slug}/?before=1")
        self.assertRedirects(response, "/en/news/tag/snow/", 301)
        self.assertRedirects(self.client.get("/en/news/tag/cold/"), "/en/news/tag/snow/", 301)
        self.assertEqual(stories(self.client.get("/en/news/tag/snow/")), ["Story 1"])

    def test_ring_is_not_found(self):
        one = self.make("one")
        two = self.make("two", merged_into=one)
        Tag.objects.filter(pk=one.pk).update(merged_into=two)
        self.assertEqual(self.client.get("/en/news/tag/one/").status_code, 404)


class AuthorPageTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_article(title_en="By Alice", author=cls.alice)
        make_article(title_en="Canary of the board", author=cls.alice, byline="The board")
        make_article(title_en="Canary draft", author=cls.alice, status="draft", publish_at=None)

    def get(self, who=None, username="alice"):
        self.login(who)
        return self.client.get(f"/en/news/by/{username}/")

    def show(self, **changes):
        Member.objects.filter(pk=self.alice.pk).update(**changes)

    def test_lists_what_stands_under_the_own_name(self):
        self.show(visibility="everyone")
        response = self.get()
        self.assertEqual(stories(response), ["By Alice"])
        self.assertContains(response, "<h1>Alice</h1>", html=True)
        self.assertContains(response, 'href="/en/members/alice/"')
        self.assertNotContains(response, "Canary")

    def test_is_open_to_those_who_may_open_the_profile(self):
        allowed = {
            "everyone": (None, self.nina, self.bob, self.alice, self.root),
            "members": (self.bob, self.alice, self.root),
            "nobody": (self.alice, self.root),
        }
        for visibility, readers in allowed.items():
            self.show(visibility=visibility)
            for who in (None, self.nina, self.bob, self.alice, self.root):
                with self.subTest(visibility=visibility, who=who):
                    expected = 200 if who in readers else 404
                    self.assertEqual(self.get(who).status_code, expected)

    def test_of_a_member_who_is_gone_or_never_was_is_not_found(self):
        self.show(visibility="everyone", standing="banned", is_active=False)
        self.assertEqual(self.get().status_code, 404)
        for username in ("nobody-here", "%00", "a" * 200):
            self.assertEqual(self.get(username=username).status_code, 404)

    def test_former_handle_leads_on_whom_the_profile_is_for(self):
        FormerHandle.objects.create(handle="alicia", member=self.alice)
        for visibility, who, leads in (
            ("everyone", None, True),
            ("members", self.bob, True),
            ("members", None, False),
            ("nobody", self.bob, False),
        ):
            self.show(visibility=visibility)
            response = self.get(who, "alicia")
            with self.subTest(visibility=visibility, who=who):
                self.assertEqual(response.status_code, 302 if leads else 404)
                self.assertEqual(response.get("Location"), "/en/news/by/alice/" if leads else None)

    def test_members_only_articles_are_for_members(self):
        self.show(visibility="everyone")
        make_article(title_en="Among us", author=self.alice, audience="members")
        self.assertEqual(stories(self.get()), ["By Alice"])
        self.assertEqual(set(stories(self.get(self.bob))), {"By Alice", "Among us"})


class CalendarTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        zone = timezone.get_default_timezone()
        for moment in ((2024, 12, 31, 23, 59), (2025, 3, 1, 0, 0), (2025, 3, 31, 23, 59)):
            make_article(title_en=f"{moment}", publish_at=datetime(*moment, tzinfo=zone))
        cls.secret = make_article(
            title_en="Secret", audience="members", publish_at=datetime(2025, 5, 5, tzinfo=zone)
        )

    def calendar(self, path, who=None):
        """What stands in the box, as addresses and counts."""
        self.login(who)
        page = self.client.get(path).content.decode()
        box = (
            page.split('class="calendar"')[1].split("</nav>")[0]
            if 'class="calendar"' in page
            else ""
        )
        return re.findall(
            r'href="/en/news/([0-9/]+)/"[^>]*>[^<]+</a> <span class="count">(\d+)<', box
        )

    def test_years_and_months_that_have_articles_for_the_reader(self):
        now = timezone.localtime(self.article.publish_at)
        this = [(f"{now.year}", "1")]
        months = [("2025/3", "2")]
        self.assertEqual(
            self.calendar("/en/news/2025/"), [*this, ("2025", "2"), *months, ("2024", "1")]
        )
        self.assertEqual(
            self.calendar("/en/news/2025/", self.bob),
            [*this, ("2025", "3"), ("2025/5", "1"), *months, ("2024", "1")],
        )
        self.assertEqual(
            self.calendar("/en/news/"),
            [*this, (f"{now.year}/{now.month}", "1"), ("2025", "2"), ("2024", "1")],
        )

    def test_month_leads_to_the_months_before_and_after_that_have_articles(self):
        response = self.client.get("/en/news/2025/3/")
        self.assertEqual(stories(response), ["(2025, 3, 31, 23, 59)", "(2025, 3, 1, 0, 0)"])
        self.assertContains(response, 'rel="prev" href="/en/news/2024/12/"')
        now = timezone.localtime(self.article.publish_at)
        self.assertContains(response, f'rel="next" href="/en/news/{now.year}/{now.month}/"')
        self.login(self.bob)
        response = self.client.get("/en/news/2025/3/")
        self.assertContains(response, 'rel="next" href="/en/news/2025/5/"')
        self.assertContains(response, "May 2025")
        first = self.client.get("/en/news/2024/12/")
        self.assertNotContains(first, 'rel="prev"')

    def test_month_without_articles_says_so_and_leads_on(self):
        response = self.client.get("/en/news/2025/5/")
        self.assertContains(response, "Nothing here yet")
        self.assertContains(response, 'rel="prev" href="/en/news/2025/3/"')
        self.assertNotContains(response, "Secret")

    def test_follows_what_is_published_and_withdrawn(self):
        self.assertIn(("2025/3", "2"), self.calendar("/en/news/2025/"))
        gone = Article.objects.get(title_en="(2025, 3, 1, 0, 0)")
        with self.captureOnCommitCallbacks(execute=True):
            publishing.withdraw(gone, by=self.wei)
        self.assertIn(("2025/3", "1"), self.calendar("/en/news/2025/"))

    def test_young_site_has_none(self):
        Article.objects.update(status="draft")
        self.assertEqual(self.calendar("/en/news/"), [])
        self.assertNotContains(self.client.get("/en/news/"), 'class="calendar"')
