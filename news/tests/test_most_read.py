from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_article
from news import counting
from news.models import Article, DailyViews, validate_category_slug

from .test_list import stories


class MostReadTests(CastTestCase):
    def read(self, article, times, days_ago=0):
        day = counting.today() - timedelta(days=days_ago)
        DailyViews.objects.create(article=article, day=day, count=times)

    def make(self, title, times=0, days_ago=0, **changes):
        article = make_article(title_en=title, title_zh_hans="", **changes)
        if times:
            self.read(article, times, days_ago)
        return article

    def page(self, period="", language="en"):
        query = f"?period={period}" if period else ""
        return self.client.get(f"/{language}/news/most-read/{query}")

    def test_week_and_month(self):
        self.make("Of today", 5)
        self.make("Of six days ago", 7, days_ago=6)
        self.make("Of seven days ago", 9, days_ago=7)
        self.make("Of the month", 11, days_ago=29)
        self.make("Of long ago", 99, days_ago=30)
        steady = self.make("Steady", 2)
        self.read(steady, 2, days_ago=1)
        self.read(steady, 4, days_ago=2)
        week = ["Steady", "Of six days ago", "Of today"]
        self.assertEqual(stories(self.page()), week)
        self.assertEqual(stories(self.page("week")), week)
        self.assertEqual(
            stories(self.page("month")),
            ["Of the month", "Of seven days ago", "Steady", "Of six days ago", "Of today"],
        )
        for bad in ("year", "%00", "week%20", "²"):
            self.assertEqual(stories(self.page(bad)), week, bad)

    def test_box_stands_beside_lists_with_five_of_each(self):
        for n in range(1, 8):
            self.make(f"Read {n} times", n)
        self.make("Last month's", 50, days_ago=20)
        for path in ("/en/", "/en/news/", "/en/news/local-news/"):
            with self.subTest(path=path):
                page = self.client.get(path).content.decode()
                box = page.split('class="most-read"')[1].split("</aside>")[0]
                self.assertEqual(box.count("<li"), 10)
                week, month = box.split("<ol>")[1:]
                self.assertLess(week.index("Read 7 times"), week.index("Read 3 times"))
                self.assertNotIn("Read 2 times", week)
                self.assertLess(month.index("Last month"), month.index("Read 7 times"))
        self.assertNotContains(self.page(), 'class="most-read"')

    def test_nothing_read_no_box(self):
        for path in ("/en/", "/en/news/"):
            self.assertNotContains(self.client.get(path), 'class="most-read"')
        self.assertContains(self.page(), "Nothing here yet")

    def test_the_same_list_is_not_shown_twice(self):
        self.read(self.article, 3)
        page = self.client.get("/en/").content.decode()
        self.assertEqual(page.split('class="most-read"')[1].split("</aside>")[0].count("<ol>"), 1)

    def test_only_what_everybody_may_read(self):
        later = timezone.now() + timedelta(hours=1)
        self.make("Canary members", 9, audience="members")
        self.make("Canary draft", 9, status="draft", publish_at=None)
        self.make("Canary scheduled", 9, publish_at=later)
        self.make("Canary withdrawn", 9, status="withdrawn")
        self.make("Open", 1)
        for who in (None, self.bob):
            self.login(who)
            self.assertEqual(stories(self.page()), ["Open"])
            box = self.client.get("/en/news/").content.decode().split('class="most-read"')[1]
            self.assertNotIn("Canary", box)

    def test_is_remembered_for_ten_minutes_but_never_shows_what_was_closed_since(self):
        first = self.make("First", 5)
        self.assertEqual(stories(self.page()), ["First"])
        self.make("Second", 9)
        self.assertEqual(stories(self.page()), ["First"])
        for change in ({"status": "withdrawn"}, {"status": "published", "audience": "members"}):
            Article.objects.filter(pk=first.pk).update(**change)
            self.assertEqual(stories(self.page()), [])
            self.assertNotContains(self.client.get("/en/"), 'class="most-read"')
        cache.clear()
        self.assertEqual(stories(self.page()), ["Second"])

    def test_members_see_one_opened_to_members_since(self):
        article = self.make("First", 5)
        self.page()
        Article.objects.filter(pk=article.pk).update(audience="members")
        self.login(self.bob)
        self.assertEqual(stories(self.page()), ["First"])  # they may read it

    def test_is_bounded(self):
        for n in range(counting.MOST_READ + 3):
            self.make(f"{n}", n + 1)
        self.assertEqual(len(stories(self.page())), counting.MOST_READ)

    def test_no_category_takes_its_address(self):
        for word in ("most-read", "by"):
            with self.assertRaises(ValidationError):
                validate_category_slug(word)

    def test_in_chinese(self):
        self.read(self.article, 1)
        self.assertEqual(stories(self.page(language="zh-hans")), ["第1条新闻"])

    def test_costs_the_same_at_1_and_at_20(self):
        self.read(self.article, 1)
        for many in (1, 20):
            while Article.objects.count() < many:
                self.make(f"{Article.objects.count()}", 2)
            cache.clear()
            for who, queries in ((None, 1), (self.bob, 4)):
                self.login(who)
                self.page()
                with self.subTest(many=many, who=who), self.assertNumQueries(queries):
                    self.page()
