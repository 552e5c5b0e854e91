import re
from datetime import datetime, timedelta
from html import unescape

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_article
from members.moderation.models import State
from news.models import Article


class WeekTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.url = reverse("admin:news_week")
        self.client.cookies["language"] = "en"

    def login(self, member):
        super().login(member)
        self.client.cookies["language"] = "en"

    def texts(self, **query):
        """The Chinese and the English text."""
        self.login(self.wei)
        response = self.client.get(self.url, query)
        self.assertEqual(response.status_code, 200)
        found = re.findall(
            r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", response.content.decode(), re.S
        )
        return [unescape(each).strip() for each in found]

    def test_each_title_with_its_short_link_in_both_languages(self):
        chinese, english = self.texts()
        link = f"http://testserver/n/{self.article.pk}/"
        self.assertIn(f"1. 第1条新闻\n{link}", chinese)
        self.assertIn(f"1. Story 1\n{link}", english)
        self.assertIn("http://testserver/zh-hans/news/", chinese)
        self.assertIn("http://testserver/en/news/", english)

    def test_heading_names_the_days(self):
        make_article(
            title_en="Then",
            publish_at=datetime(2026, 3, 7, 12, tzinfo=timezone.get_default_timezone()),
        )
        chinese, english = self.texts(until="2026-03-10")
        self.assertIn("March 4, 2026 – March 10, 2026", english)
        self.assertIn("2026年3月4日 – 2026年3月10日", chinese)

    def test_days_are_those_of_pocatello_also_when_clocks_change(self):
        zone = timezone.get_default_timezone()  # summer time begins on 8 March 2026
        moments = {
            "Too early": datetime(2026, 3, 3, 23, 59, 59, tzinfo=zone),
            "First": datetime(2026, 3, 4, 0, 0, tzinfo=zone),
            "Last": datetime(2026, 3, 10, 23, 59, 59, tzinfo=zone),
            "Too late": datetime(2026, 3, 11, 0, 0, tzinfo=zone),
        }
        for title, moment in moments.items():
            make_article(title_en=title, publish_at=moment)
        english = self.texts(until="2026-03-10")[1]
        self.assertEqual(re.findall(r"\d+\. (.+)", english), ["Last", "First"])

    def test_members_only_ones_are_marked(self):
        make_article(title_en="Closed", audience="members")
        self.assertRegex(self.texts()[1], r"\d\. Closed \(members only\)\n")

    def test_what_is_not_public_is_not_in_it(self):
        hidden = [
            make_article(title_en="Scheduled", publish_at=timezone.now() + timedelta(minutes=5)),
            make_article(title_en="Draft", status="draft", publish_at=None),
            make_article(title_en="Held", state=State.HELD),
            make_article(title_en="Withdrawn", status="withdrawn"),
        ]
        make_article(title_en="Archived", status="archived")
        english = self.texts()[1]
        for article in hidden:
            self.assertNotIn(article.title_en, english)
        self.assertIn("Archived", english)

    def test_a_title_missing_in_one_language_stands_in_the_other(self):
        make_article(title_zh_hans="", title_en="Only English")
        chinese, english = self.texts()
        self.assertIn("Only English", chinese)
        self.assertIn("Only English", english)

    def test_fifty_at_most_and_the_rest_is_mentioned(self):
        for _n in range(52):
            make_article()
        english = self.texts()[1]
        self.assertEqual(len(re.findall(r"^\d+\. ", english, re.M)), 50)
        self.assertContains(self.client.get(self.url), "More came out than this")

    def test_an_empty_week_has_no_text(self):
        self.assertEqual(self.texts(until="2020-01-01"), [])
        self.assertContains(self.client.get(self.url, {"until": "2020-01-01"}), "Nothing came out")

    def test_a_day_that_is_none_is_today(self):
        for until in ("", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "2026-1-1' OR"):
            with self.subTest(until):
                self.assertIn("Story 1", self.texts(until=until)[1])

    def test_way_to_other_weeks(self):
        self.login(self.wei)
        response = self.client.get(self.url, {"until": "2026-03-10"})
        self.assertContains(response, "?until=2026-03-03")
        self.assertContains(response, "?until=2026-03-17")
        self.assertNotContains(self.client.get(self.url), "The week after")

    def test_works_without_a_script(self):
        self.login(self.wei)
        html = self.client.get(self.url).content.decode()
        self.assertEqual(len(re.findall(r"<button[^>]*data-copy[^>]* hidden>", html)), 2)
        self.assertEqual(len(re.findall(r'<textarea[^>]* id="(week-[\w-]+)"', html)), 2)
        self.assertNotIn(' style="', html)

    def test_only_who_edits_news(self):
        self.login(None)
        self.assertIn(settings.ADMIN_PATH, self.client.get(self.url)["Location"])
        for who in (self.nina, self.bob, self.mona):
            self.login(who)
            self.assertEqual(self.client.get(self.url, follow=True).status_code, 403, who)
        for who in (self.wei, self.root):
            self.login(who)
            self.assertEqual(self.client.get(self.url).status_code, 200, who)
            self.assertEqual(self.client.post(self.url).status_code, 405)

    def test_query_count_does_not_grow(self):
        self.login(self.wei)
        self.client.get(self.url)

        def count(expected):
            with self.assertNumQueries(expected):
                self.client.get(self.url)

        count(5)
        for _n in range(19):
            make_article()
        self.assertEqual(Article.objects.count(), 20)
        count(5)
