import json
from datetime import UTC, datetime

from django.test import SimpleTestCase
from django.utils.translation import gettext_lazy

from caisu.core.templatetags import site as tags


def read(block):
    start, end = '<script type="application/ld+json">', "</script>"
    assert block.startswith(start)
    assert block.endswith(end)
    return json.loads(block[len(start) : -len(end)])


class JsonLdTests(SimpleTestCase):
    def test_two_underscores_lead_into_an_object(self):
        data = read(
            tags.json_ld(
                at_type="NewsArticle",
                author__at_type="Person",
                author__name="Wei",
                publisher__logo__at_type="ImageObject",
                publisher__logo__url="https://example.org/seal.svg",
            )
        )
        self.assertEqual(data["author"], {"@type": "Person", "name": "Wei"})
        self.assertEqual(data["publisher"]["logo"]["url"], "https://example.org/seal.svg")

    def test_what_is_empty_is_left_out(self):
        data = read(
            tags.json_ld(
                at_type="NewsArticle",
                description="",
                keywords=[],
                isBasedOn__at_type="CreativeWork",
                isBasedOn__url="",
                publisher__logo__at_type="ImageObject",
                commentCount=0,
                isAccessibleForFree=False,
            )
        )
        self.assertEqual(
            data,
            {
                "@context": "https://schema.org",
                "@type": "NewsArticle",
                "commentCount": 0,
                "isAccessibleForFree": False,
            },
        )

    def test_moments_lists_and_lazy_words(self):
        noon = datetime(2026, 11, 23, 19, 0, 0, 5, tzinfo=UTC)
        data = read(
            tags.json_ld(at=noon, keywords=(each for each in (1, "b")), x=gettext_lazy("x"))
        )
        self.assertEqual(data["at"], "2026-11-23T12:00:00-07:00")
        self.assertEqual(data["keywords"], ["1", "b"])
        self.assertEqual(data["x"], "x")

    def test_breadcrumbs_are_counted_and_absolute(self):
        with self.settings(SITE_URL="https://caisu.example.org"):
            block = tags.breadcrumbs("Home", "/en/", "</script> & <b>", "/en/news/")
        self.assertEqual(block.count("</script>"), 1)
        self.assertEqual(
            read(block)["itemListElement"][1],
            {
                "@type": "ListItem",
                "position": 2,
                "name": "</script> & <b>",
                "item": "https://caisu.example.org/en/news/",
            },
        )

    def test_breadcrumbs_refuse_a_name_without_a_path(self):
        with self.assertRaises(ValueError):
            tags.breadcrumbs("Home", "/en/", "News")


class WordsTests(SimpleTestCase):
    def test_excerpt_only_where_there_is_no_text(self):
        html = "<h2>Snow</h2><p>It &amp; the <em>wind</em>.</p>"
        self.assertEqual(tags.or_excerpt("Two\n lines.", html), "Two lines.")
        self.assertEqual(tags.or_excerpt("", html), "Snow It & the wind.")
        self.assertEqual(tags.or_excerpt("", ""), "")
        self.assertEqual(len(tags.or_excerpt("", f"<p>{'雪' * 900}</p>")), tags.EXCERPT)

    def test_later_of_two_moments(self):
        early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
        self.assertEqual(tags.or_later(early, late), late)
        self.assertEqual(tags.or_later(late, early), late)
