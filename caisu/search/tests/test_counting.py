from datetime import timedelta
from time import monotonic
from unittest.mock import patch

from django.db import Error
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.search import counting, jobs
from caisu.search.models import SearchCount
from caisu.tests.cast import CastTestCase, make_article

from . import without_limits

COUNTS = reverse("admin:search_searchcount_changelist")


class CountingTests(CastTestCase):
    def setUp(self):
        super().setUp()
        without_limits(self)
        counting._waiting.clear()
        self.addCleanup(counting._waiting.clear)
        # Written just now: no request of a test does it by the way.
        self.enterContext(patch.object(counting, "_written_at", monotonic()))

    def search(self, query, **data):
        return self.client.get("/en/search/", {"q": query, **data})

    def test_a_search_is_counted_without_a_query_of_its_own(self):
        self.search("snow")
        self.assertEqual(dict(counting._waiting), {("snow", False): 1})
        self.assertFalse(SearchCount.objects.exists())
        self.assertEqual(counting.write(), 1)
        self.assertEqual(SearchCount.objects.get().in_vain, 1)

    def test_pages_and_filters_are_not_counted_again(self):
        self.search("snow", kind="article")
        self.assertFalse(counting._waiting)

    def test_the_same_words_are_one(self):
        from caisu.core import fulltext

        fulltext.refresh(make_article(title_en="Snow"))
        run_due()
        for query in ("Snow", "ＳＮＯＷ", "snow!"):
            self.search(query)
        counting.write()
        counting.note("snow", True)
        counting.write()
        self.assertEqual(counting.popular(), [("snow", 4, 0)])
        self.assertEqual(counting.fruitless(), [])

    def test_what_may_be_somebodys_is_not_kept(self):
        for query in ("alice@example.org", "208 555 0199", "E12345678", "", "%%%"):
            counting.note(query, True)
        self.assertFalse(counting._waiting)

    def test_memory_has_an_end(self):
        with patch.object(counting, "MOST_WAITING", 2):
            for number in range(5):
                counting.note(f"word {number}", True)
        self.assertEqual(len(counting._waiting), 2)

    def test_it_is_written_after_an_answer_once_in_a_while(self):
        counting.note("snow", False)
        with patch.object(counting, "_written_at", counting.monotonic()):
            counting.write_now_and_then()
        self.assertFalse(SearchCount.objects.exists())
        with patch.object(counting, "_written_at", counting.monotonic() - 100):
            counting.write_now_and_then()
        self.assertEqual(counting.fruitless(), [("snow", 1, 1)])

    def test_a_database_that_is_away_loses_counts_only(self):
        counting.note("snow", False)
        with patch.object(SearchCount.objects, "get_or_create", side_effect=Error):
            self.assertEqual(counting.write(), 0)

    def test_a_season_is_kept(self):
        today = timezone.localdate()
        for days in (0, 89, 90):
            SearchCount.objects.create(day=today - timedelta(days=days), query="snow", times=1)
        self.assertEqual(counting.popular(), [("snow", 2, 0)])
        jobs.forget_counts()
        self.assertEqual(SearchCount.objects.count(), 2)


class PageTests(CastTestCase):
    def test_the_webmaster_sees_what_is_looked_for(self):
        today = timezone.localdate()
        SearchCount.objects.create(day=today, query="snow", times=5, in_vain=0)
        SearchCount.objects.create(day=today, query="rain", times=2, in_vain=2)
        self.login(self.root)
        page = self.client.get(COUNTS)
        self.assertEqual(page.context["popular"], [("snow", 5, 0), ("rain", 2, 2)])
        self.assertEqual(page.context["fruitless"], [("rain", 2, 2)])
        self.assertContains(page, "?q=rain")

    def test_nobody_else_does(self):
        for reader, status in ((None, 302), (self.bob, 403), (self.wei, 403)):
            self.login(reader)
            self.assertEqual(self.client.get(COUNTS).status_code, status, reader)
