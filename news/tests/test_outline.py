from django.test import SimpleTestCase
from django.utils.translation import override

from caisu.tests.cast import CastTestCase, make_article
from news.outline import MOST_HEADINGS, Heading, outline


class OutlineTests(SimpleTestCase):
    def test_addresses_are_made_of_the_words(self):
        html = "<h2>春节 聚会</h2><p>a</p><h3>Bring <em>a</em> dish</h3><h2>春节聚会</h2>"
        shown = outline(html, minutes=9)
        self.assertEqual(
            shown.contents,
            [
                Heading("s-chun-jie-ju-hui", "春节 聚会", 2),
                Heading("s-bring-a-dish", "Bring a dish", 3),
                Heading("s-chun-jie-ju-hui-2", "春节聚会", 2),
            ],
        )
        self.assertIn('<h3 id="s-bring-a-dish">Bring <em>a</em> dish</h3>', shown.html)

    def test_more_headings_than_anybody_reads_have_no_address(self):
        shown = outline("<h2>a</h2>" * (MOST_HEADINGS + 9), minutes=9)
        self.assertEqual(len(shown.contents), MOST_HEADINGS)
        self.assertEqual(shown.html.count("<h2>a</h2>"), 9)

    def test_what_is_written_before_changes_no_address(self):
        later = outline("<h2>New</h2><h2>Old</h2>", 1).html
        self.assertIn('<h2 id="s-old">Old</h2>', later)
        self.assertIn('<h2 id="s-old">Old</h2>', outline("<h2>Old</h2>", 1).html)

    def test_short_texts_and_few_headings_need_no_contents(self):
        three = "<h2>a</h2><h2>b</h2><h2>c</h2>"
        self.assertEqual(len(outline(three, 3).contents), 3)
        self.assertEqual(outline(three, 2).contents, [])
        self.assertEqual(outline("<h2>a</h2><h2>b</h2>", 30).contents, [])

    def test_words_of_a_heading_stay_escaped(self):
        shown = outline("<h2>1 &lt; 2 &amp; <code>&lt;b&gt;</code></h2>", 1).html
        self.assertEqual(shown, '<h2 id="s-1-2-b">1 &lt; 2 &amp; <code>&lt;b&gt;</code></h2>')

    def test_heading_of_pictures_or_signs_alone(self):
        self.assertEqual(outline("<h2><img></h2>", 1).html, "<h2><img></h2>")
        self.assertIn('id="s-article"', outline("<h2>？！</h2>", 1).html)


class ArticlePageTests(CastTestCase):
    def test_long_article_has_contents_that_lead_to_its_headings(self):
        text = "<p>" + "雪" * 400 + "</p>"
        article = make_article(
            body_zh_hans=f"<h2>评论</h2>{text}<h2>&lt;b&gt;</h2>{text}<h3>三</h3>{text}"
        )
        with override("zh-hans"):
            html = self.client.get(article.get_absolute_url()).content.decode()
        for anchor, words in (("s-ping-lun", "评论"), ("s-b", "&lt;b&gt;"), ("s-san", "三")):
            self.assertIn(f'<a href="#{anchor}">{words}</a>', html)
            self.assertEqual(html.count(f'id="{anchor}"'), 1)

    def test_short_article_has_none(self):
        html = self.client.get(self.article.get_absolute_url()).content.decode()
        self.assertNotIn('class="contents"', html)
