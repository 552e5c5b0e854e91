from unittest.mock import patch

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from caisu.core import fulltext
from caisu.core.jobs import run_due
from caisu.core.models import Page
from caisu.search import views

from . import without_limits


def make_page(slug, **changes):
    page = Page.objects.create(slug=slug, **{"title_en": slug.capitalize(), **changes})
    fulltext.refresh(page)
    run_due()
    return page


class Member:
    is_full_member = True


class Pending:
    is_full_member = False


class ResultsTests(TestCase):
    def setUp(self):
        without_limits(self)

    def search(self, query=None, language="en", **data):
        with translation.override(language):
            url = reverse("search:results")
        if query is not None:
            data["q"] = query
        return self.client.get(url, data)

    def test_without_a_query_there_is_just_the_box(self):
        response = self.search()
        self.assertContains(response, 'name="q"')
        self.assertNotContains(response, 'role="status"')

    def test_hits_are_marked_and_escaped(self):
        make_page("snow", body_en="<p>Fresh snow &lt;script&gt;alert(1)&lt;/script&gt;</p>")
        response = self.search("snow")
        self.assertContains(response, "<mark>Snow</mark>")
        self.assertContains(response, "Fresh <mark>snow</mark> &lt;script&gt;")
        self.assertContains(response, "1 result")
        self.assertContains(response, reverse("core:page", args=["snow"]))

    def test_the_query_is_escaped_everywhere(self):
        query = "\"><script>alert('x')</script>"
        response = self.search(query)
        self.assertNotContains(response, "<script>alert")

    def test_a_result_in_the_other_language_says_so(self):
        make_page("about", title_en="", title_zh_hans="关于学联")
        response = self.search("学联")
        self.assertContains(response, '<li class="result" lang="zh-Hans">')
        self.assertNotContains(self.search("学联", "zh-hans"), '<li class="result" lang=')

    def test_nothing_found_offers_each_word_alone(self):
        response = self.search("snow 春节")
        self.assertContains(response, 'href="?q=snow"')
        self.assertContains(response, 'href="?q=%E6%98%A5%E8%8A%82"')

    def test_a_query_without_letters_asks_for_some(self):
        self.assertContains(self.search("%%%"), 'role="status"')

    def test_twenty_on_a_page(self):
        Page.objects.bulk_create(Page(slug=f"snow-{n}", title_en=f"Snow {n}") for n in range(25))
        fulltext.refresh(*Page.objects.all())
        run_due()
        first = self.search("snow")
        self.assertContains(first, f'href="?{escape(first.context["next"])}"')
        second = self.client.get("/en/search/?" + first.context["next"])
        self.assertContains(first, '<li class="result"', 20)
        self.assertContains(second, '<li class="result"', 5)
        self.assertContains(second, '<ol class="results" start="21">')
        together = [found.url for page in (first, second) for found in page.context["results"]]
        self.assertEqual(len(set(together)), 25)
        for after in ("0", "page.0", "x", "\0", "page.999999999999999999999"):
            self.assertEqual(self.search("snow", after=after).context["start"], 1)

    def test_as_many_queries_for_one_result_as_for_twenty(self):
        make_page("snow")
        self.search("snow")  # fills the cache with what stands on every page
        with CaptureQueriesContext(connection) as one:
            self.search("snow")
        for n in range(19):
            make_page(f"snow-{n}")
        with self.assertNumQueries(len(one)):
            response = self.search("snow")
        self.assertEqual(len(response.context["results"]), 20)

    def test_search_engines_stay_out(self):
        self.assertEqual(self.search("x")["X-Robots-Tag"], "noindex")

    def test_only_reading(self):
        self.assertEqual(self.client.post(self.search().request["PATH_INFO"]).status_code, 405)

    def test_hostile_queries(self):
        for query in ("\0", "a\0b", "'", '"', "%", "*", "NEAR(", "春" * 5000, "\u200f", "😀"):
            self.assertEqual(self.search(query).status_code, 200, query[:10])
        self.assertEqual(self.client.get("/en/search/?q=%ff%fe%ed%a0%80").status_code, 200)


class LimitTests(TestCase):
    def search(self, query="snow", address="192.0.2.8"):
        return self.client.get("/en/search/", {"q": query}, REMOTE_ADDR=address)

    def test_visitors_are_slowed_down_by_their_address(self):
        for limit in views.ADDRESS:
            with (
                self.subTest(limit),
                patch.object(views, "ADDRESS", [limit]),
                patch.object(views, "VISITORS", []),
                patch("caisu.core.throttling.clock", return_value=limit.seconds * 10**6),
            ):
                for _n in range(limit.times):
                    self.assertEqual(self.search().status_code, 200)
                response = self.search()
                self.assertEqual(response.status_code, 429)
                self.assertEqual(int(response["Retry-After"]), limit.seconds + 1)
                self.assertEqual(self.search("").status_code, 200)
                self.assertEqual(self.search(address="192.0.2.9").status_code, 200)

    def test_all_visitors_together_are_slowed_down(self):
        each, burst = views.VISITORS
        with patch("caisu.core.throttling.clock", return_value=10**6):
            codes = [self.search(address=f"192.0.2.{n}").status_code for n in range(9)]
        self.assertEqual((each.times, burst.times), (150, 8))
        self.assertEqual(codes, [200] * 8 + [429])


class AudienceTests(TestCase):
    def test_full_members_find_what_is_for_members(self):
        self.assertEqual(views.audiences_of(Member()), ["everyone", "members"])

    def test_visitors_and_pending_members_do_not(self):
        for user in (AnonymousUser(), Pending()):
            self.assertEqual(views.audiences_of(user), ["everyone"])

    def test_the_page_asks_and_shows_for_the_reader_alone(self):
        with (
            patch.object(fulltext, "search", return_value=fulltext.Results([])) as search,
            patch.object(fulltext, "show", return_value=[]) as show,
        ):
            self.client.get("/en/search/", {"q": "canary"})
        search.assert_called_once_with("canary", ["everyone"], filters=fulltext.Filters())
        self.assertEqual(show.call_args.args[2], ["everyone"])
