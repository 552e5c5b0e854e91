"""What is left of text and HTML that people send, and what it is made into."""

import re
import time
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from caisu.core import markup

from .desk import pasted

TOKEN = "0123456789abcdef" * 2
OURS = f"/media/images/{TOKEN}/full.webp"
PIECES = [
    *(
        "<b>",
        "</b>",
        "<p>",
        "</p>",
        "<a href=/x>",
        "</a>",
        "<script>",
        "</script>",
        "<ul>",
        "</ul>",
    ),
    *("<li>", "<div>", "</div>", "x", "<", ">", "&lt;", "&", '"', "<svg>", "<!--", "-->", "\0"),
    *(f'<img src="{OURS}">', "<img src=x onerror=y>", "<p onclick=x>"),
    *("<figure>", "</figure>", "<small>", "</small>", "&nbsp;", " ", "\n", "字", "\u200b", "<o:p>"),
]


class SanitiseTests(TestCase):
    def assertCleaned(self, html, expected):
        cleaned = markup.sanitise(html)
        self.assertEqual(cleaned, expected)
        self.assertEqual(markup.sanitise(cleaned), cleaned)

    def test_everything_the_editor_writes_stays(self):
        html = (
            "<h2>标题</h2><h3>a</h3><h4>b</h4><p>x <strong>b</strong> <em>i</em><br>y</p><hr>"
            "<blockquote><p>q</p></blockquote><ul><li>1<ul><li>2</li></ul></li></ul>"
            '<ol start="3"><li><p>3</p><p>4</p></li></ol><pre><code>c</code></pre>'
            f'<figure><img src="{OURS}?v=2" alt="a &gt; b"><small>摄影 Alice</small>'
            "<figcaption>说明</figcaption></figure>"
            '<table><tbody><tr><th colspan="2">h</th></tr><tr><td>1</td><td rowspan="2">2</td></tr>'
            "</tbody></table>"
        )
        self.assertCleaned(html, html)

    def test_a_paragraph_alone_in_an_item_or_a_cell_goes_without(self):
        self.assertCleaned(
            "<ul><li><p>1</p><ol><li><p>2</p></li></ol></li></ul>"
            '<table><tbody><tr><th colspan="2"><p>h</p></th></tr><tr><td><p>1</p></td>'
            "<td><p>2</p><p>3</p></td></tr></tbody></table>",
            "<ul><li>1<ol><li>2</li></ol></li></ul>"
            '<table><tbody><tr><th colspan="2">h</th></tr><tr><td>1</td>'
            "<td><p>2</p><p>3</p></td></tr></tbody></table>",
        )

    def test_links_lead_to_the_web_to_mail_and_into_this_site(self):
        for href in ["https://isu.edu/a?b=1", "http://x.cn", "mailto:a@b.cn", "/zh-hans/news/"]:
            self.assertCleaned(
                f'<p><a href="{href}" target="_blank" rel="x">t</a></p>',
                f'<p><a href="{href}" rel="noopener">t</a></p>',
            )

    def test_other_links_become_their_text(self):
        for href in [
            "javascript:alert(1)",
            "JaVa\tScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "/\t/evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "page.html",
            "#top",
            "https:evil.example",
            "",
        ]:
            self.assertCleaned(f'<p><a href="{href}" title="t">text</a></p>', "<p>text</p>")

    def test_only_our_own_pictures_stay(self):
        self.assertCleaned(
            f'<p>a<img src="{OURS}" alt="" onload="x" style="x" width="1" srcset="//evil 1x"></p>',
            f'<p>a<img src="{OURS}" alt=""></p>',
        )
        for src in [
            "https://evil.example/a.png",
            "//evil.example/a.png",
            "data:image/png;base64,AAAA",
            "/media/avatars/abc.webp",
            f"/media/images/{TOKEN}/../../x.webp",
            f"https://evil.example{OURS}",
            *(
                f"{OURS}?{query}"
                for query in ["x", "v=", "v=12345", "v=1&x", "v=1#x", "v=１", "V=1"]
            ),
            f"/media/images/{TOKEN}/٤٨٠.webp",
            "x",
        ]:
            self.assertCleaned(f'<figure><img src="{src}" alt="x"></figure>', "")

    def test_a_replaced_picture_keeps_its_version(self):
        for version in ["?v=1", "?v=9999", ""]:
            html = f'<figure><img src="{OURS}{version}" alt=""></figure>'
            self.assertCleaned(html, html)
            self.assertEqual(markup.OUR_PICTURE.search(html)[1], TOKEN)

    def test_a_credit_stands_in_a_figure_and_nowhere_else(self):
        picture = f'<img src="{OURS}" alt="">'
        self.assertCleaned(
            f'<figure>{picture}<small class="x">Photo: <a href="/x">Alice</a><br></small></figure>'
            "<p>a <small>b</small></p><small>c</small>"
            f"<figure>{picture}<figcaption>d <small>e</small></figcaption></figure>"
            f"<figure><p><small>f</small></p>{picture}</figure>",
            f"<figure>{picture}<small>Photo: Alice</small></figure><p>a b</p>c"
            f"<figure>{picture}<figcaption>d e</figcaption></figure>"
            f"<figure><p>f</p>{picture}</figure>",
        )
        self.assertCleaned(
            f"<figure>{picture}<small> </small></figure>", f"<figure>{picture}</figure>"
        )
        self.assertCleaned(
            f"<figure>{picture}<small>a<small>b</small></small></figure>",
            f"<figure>{picture}<small>ab</small></figure>",
        )

    def test_code_goes_with_what_is_in_it(self):
        self.assertCleaned(
            "a<script>if (1<b) x('</p>')</script><style>p{}</style><svg><text>s</text></svg>"
            "<math><mi>m</mi></math><iframe src=x>f</iframe><!-- c --><title>t</title>b",
            "ab",
        )

    def test_handlers_styles_and_classes_go(self):
        self.assertCleaned('<p onclick="x" style="x" class="x" id="x">a</p>', "<p>a</p>")
        self.assertCleaned(
            '<blockquote cite="javascript:x">a</blockquote>', "<blockquote>a</blockquote>"
        )

    def test_tags_of_other_programs_become_ours(self):
        self.assertCleaned(
            "<h1>T</h1><div>one <b class=x>b</b> <i>i</i> <u>u</u></div><div><p>two</p></div><h6>s</h6>",
            "<h2>T</h2><p>one <strong>b</strong> <em>i</em> u</p><p>two</p><h4>s</h4>",
        )

    def test_empty_paragraphs_and_captions_go(self):
        self.assertCleaned(
            f'<p>a</p><p> &nbsp;</p><figure><img src="{OURS}" alt=""><figcaption></figcaption></figure>',
            f'<p>a</p><figure><img src="{OURS}" alt=""></figure>',
        )

    def test_what_is_in_comments_is_no_text(self):
        self.assertCleaned(
            "a<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->b"
            "<!-->c<!--->d<![if !vml]>e<![endif]><?xml:namespace prefix=o />f<!-- never closed <p>g",
            "abcdef",
        )
        self.assertCleaned("<xml><o:x>settings</o:x></xml>a", "a")

    def test_what_looks_like_a_tag_in_code_is_none(self):
        self.assertCleaned(
            "<style><!-- p{} --> </p></style>a<script>'<!--'</script><p>b</p>", "a<p>b</p>"
        )
        self.assertCleaned("<script-x>a</script-x>", "a")

    def test_word_comes_out_clean(self):
        self.assertCleaned(
            pasted("word.html"),
            "<p>中秋晚会通知</p>\n"
            "<p>各位同学：今年的中秋晚会定在 <strong>九月二十五日</strong> 晚上，"
            "<em>at the Student Union</em>。</p>\n"
            "<h2>节目</h2>\n<p>1. 合唱</p>\n<p>l 茉莉花</p>\n<p>l Home on the Range</p>\n"
            "<p>2. 舞蹈</p>\n"
            "<table>\n<tbody><tr>\n<td>时间</td>\n<td>18:30</td>\n"
            '</tr>\n</tbody></table>\n<p>详情见<a href="https://www.isu.edu/caisu" rel="noopener">'
            "ISU</a></p>",
        )

    def test_wechat_and_google_docs_come_out_clean(self):
        for name, words in {
            "wechat.html": "谢谢大家，再见！",
            "google_docs.html": "or in Salt Lake",
        }.items():
            cleaned = markup.sanitise(pasted(name))
            self.assertIn(words, cleaned)
            self.assertNotRegex(
                cleaned, r"style|class|leaf|<span|<section|<!--|<p>(<br>|&nbsp;)*</p>|\u200b"
            )
            self.assertEqual(markup.sanitise(cleaned), cleaned)

    def test_spaces_that_hold_a_place_go(self):
        self.assertCleaned("<p>&nbsp;&nbsp; a&nbsp; b&nbsp;&nbsp;</p>", "<p>a b</p>")
        self.assertCleaned("<p>10&nbsp;km</p>", "<p>10&nbsp;km</p>")
        self.assertCleaned("<p>中\n 文 and\nmore</p>", "<p>中文 and\nmore</p>")
        self.assertCleaned("<p>a<b> </b>b<em></em></p>", "<p>a b</p>")
        self.assertCleaned("<p>a</p><p><br></p><p>&nbsp;<br></p><h2> </h2>", "<p>a</p>")
        self.assertCleaned("<pre>a\n&nbsp;  b</pre>", "<pre>a\n&nbsp;  b</pre>")

    def test_invisible_characters_go(self):
        self.assertCleaned(
            "<p>a\u200bb\u2060c\ufeffd\u202ee&#8203;&#x202d; 👨\u200d👩 \u0001</p>",
            "<p>abcde 👨\u200d👩</p>",
        )

    def test_invisible_characters_hide_no_address(self):
        for href in ["/\u200b/evil.example", "/\ufeff\\evil.example", "java\u200bscript:alert(1)"]:
            self.assertCleaned(f'<p><a href="{href}">t</a></p>', "<p>t</p>")

    def test_pieces_do_not_join_to_a_tag(self):
        for html in [
            "<<u>strong onclick=x>a",
            "<<x>script>alert(1)</script>",
            "<scr<u></u>ipt>alert(1)</scr<u></u>ipt>",
            "<im<x>g src=x onerror=alert(1)>",
            '<a title="<img src=x onerror=alert(1)>" href="https://a.b">t</a>',
            "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
            "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
            "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=1&gt;'>",
        ]:
            tags = re.sub(r'="[^"]*"', "", markup.sanitise(html))
            # What is left of it is text: no tag carries a handler, no script stands.
            self.assertNotRegex(tags, r"<[^>]*\bon\w+|<script|<style|<svg")

    def test_numbers_of_cells_are_small_and_plain(self):
        self.assertCleaned(
            '<table><tbody><tr><td colspan="1" rowspan="9999">a</td></tr></tbody></table>',
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        )

    def test_what_blows_up_parsers_is_done_in_a_moment(self):
        """Each of these took a parser alone minutes, or gigabytes."""
        size = 100_000
        formatting = "".join(f"<strong a={n}>" for n in range(size // 30))
        pieces = ["<div>", "<blockquote>", "<ul><li>", "<ul><table></ul>", "<b", "<!--", "<a '"]
        pieces += [
            "<figure><small>",
            " ",
            "<p> ",
            "\n字",
            "<script>",
            "<![if",
            "<strong> </strong>",
        ]
        for html in [
            f"<p>{formatting}" + "<p>x" * (size // 8),
            *(piece * (size // len(piece)) for piece in pieces),
        ]:
            began = time.process_time()
            cleaned = markup.sanitise(html)
            self.assertLess(time.process_time() - began, 2, html[:20])
            self.assertLess(len(cleaned), 20 * size, html[:20])

    def test_nesting_ends_somewhere(self):
        cleaned = markup.sanitise("<blockquote>" * 500 + "a" + "</blockquote>" * 500)
        self.assertEqual(cleaned.count("<blockquote>"), markup.MAX_DEPTH)
        self.assertEqual(cleaned.count("</blockquote>"), markup.MAX_DEPTH)
        self.assertIn(">a<", cleaned)

    def test_many_paragraphs_without_ends_all_stay(self):
        self.assertEqual(markup.sanitise("<p>a" * 300), "<p>a</p>" * 300)

    @given(st.lists(st.sampled_from(PIECES), max_size=30))
    @settings(max_examples=150, deadline=None)
    def test_twice_is_once(self, pieces):
        once = markup.sanitise("".join(pieces))
        self.assertEqual(markup.sanitise(once), once)

    @given(st.lists(st.sampled_from([*PIECES, "<table>", "<td>", "</table>", "<tr>"]), max_size=30))
    @settings(max_examples=150, deadline=None)
    def test_whatever_comes_only_our_tags_remain(self, pieces):
        for _again in range(2):
            html = markup.sanitise("".join(pieces))
            for tag, attributes in re.findall(r"<([^\s>]*)([^>]*)>", html):
                self.assertIn(tag.lstrip("/"), markup.TAGS)
                self.assertRegex(attributes, r'^( (href="/x"|rel="noopener"|src="/media/[^"]*"))*$')
            pieces = [html]


class TextOfTests(TestCase):
    def test_each_paragraph_is_a_line(self):
        html = "<h2>标题</h2><p>a &amp; <strong>b</strong><br>c</p><ul><li>1</li><li>2</li></ul>"
        self.assertEqual(markup.text_of(html), "标题\na & b\nc\n1\n2")

    def test_a_credit_is_a_line_of_its_own(self):
        self.assertEqual(
            markup.text_of(
                "<figure><img><small>Alice</small><figcaption>Gate</figcaption></figure>"
            ),
            "Alice\nGate",
        )

    def test_cells_are_words_apart(self):
        self.assertEqual(
            markup.text_of("<table><tr><td>1</td><td>2</td></tr><tr><th>3</th></tr></table>"),
            "1 2\n3",
        )

    def test_nothing_of_the_code_comes_through(self):
        self.assertEqual(markup.text_of("<script>x</script><p>&lt;b&gt; 1 &lt; 2</p>"), "<b> 1 < 2")

    def test_nothing_is_nothing(self):
        self.assertEqual(markup.text_of(""), "")


class CountingTests(TestCase):
    def test_chinese_counts_by_character_and_english_by_word(self):
        self.assertEqual(markup.words("你好，world! It's 2 well-known 词。"), 3 + 4)

    def test_reading_time_adds_both_scripts(self):
        self.assertEqual(markup.reading_minutes("字" * 600), 2)
        self.assertEqual(markup.reading_minutes("word " * 600), 3)
        self.assertEqual(markup.reading_minutes("字" * 600 + "word " * 400), 4)

    def test_reading_takes_a_minute_at_least(self):
        self.assertEqual(markup.reading_minutes(""), 1)


class CleanTextTests(TestCase):
    def test_controls_and_what_turns_text_around_go(self):
        self.assertEqual(
            markup.clean_text("a\0b\x07c\x1b\x7f\x9b \u202eevil\u202c\u2066x\u2069 \ud800\ufeffd"),
            "abc evilx d",
        )

    def test_tabs_emoji_and_indents_stay(self):
        self.assertEqual(
            markup.clean_text("a\tb\n\u3000\u3000段 👨‍👩‍👧"), "a\tb\n\u3000\u3000段 👨‍👩‍👧"
        )

    def test_letters_are_composed(self):
        self.assertEqual(markup.clean_text("u\u0308"), "ü")

    def test_lines_end_in_one_way(self):
        self.assertEqual(markup.clean_text("a \r\nb\rc\u2028d"), "a\nb\nc\nd")

    def test_two_blank_lines_are_the_most(self):
        self.assertEqual(markup.clean_text("\n\na\n\n\n\n \n\nb\n\nc\n"), "a\n\n\nb\n\nc")

    @given(st.text())
    def test_twice_is_once(self, text):
        once = markup.clean_text(text)
        self.assertEqual(markup.clean_text(once), once)
        once.encode()  # no halves of characters


class PlainTests(TestCase):
    def test_html_is_shown_as_text(self):
        self.assertEqual(markup.plain("<b>&\"'"), "<p>&lt;b&gt;&amp;&quot;&#x27;</p>")

    def test_blank_lines_part_paragraphs_and_newlines_break_lines(self):
        self.assertEqual(markup.plain("a\nb\n\nc\n\n\nd"), "<p>a<br>b</p>\n<p>c</p>\n<p>d</p>")

    def test_links_end_before_the_sentence_does(self):
        for text, url in {
            "看https://isu.edu/a？好": "https://isu.edu/a",
            "网址：https://a.cn/路径，后面": "https://a.cn/路径",
            "（https://a.cn/b）": "https://a.cn/b",
            "「https://a.cn/b」": "https://a.cn/b",
            "See https://a.b/c.": "https://a.b/c",
            "(https://x.org/a_(b))": "https://x.org/a_(b)",
            "(see https://x.org/a).": "https://x.org/a",
            "https://a.b/c?d=e&f=g#h!": "https://a.b/c?d=e&f=g#h",
            "访问https://isu.edu欢迎": "https://isu.edu",
            "HTTPS://A.B:8000": "HTTPS://A.B:8000",
            "https://user@evil.example/x": "https://user@evil.example/x",
            "https://中国.cn/a": "https://中国.cn/a",
            '"https://a.b"': "https://a.b",
        }.items():
            self.assertEqual(markup.links(text), [url], text)
            shown = url.replace("&", "&amp;")
            self.assertIn(
                f'<a href="{shown}" rel="nofollow ugc noopener">{shown}</a>', markup.plain(text)
            )

    def test_www_is_a_link_by_itself(self):
        self.assertEqual(markup.links("去 www.baidu.com。"), ["https://www.baidu.com"])
        self.assertIn('<a href="https://www.baidu.com" rel="', markup.plain("去 www.baidu.com。"))
        self.assertIn(">www.baidu.com</a>。", markup.plain("去 www.baidu.com。"))

    def test_these_are_no_links(self):
        for text in [
            "http://",
            "www.",
            "https://…",
            "a@www.x.com",
            "ftp://a.b",
            "javascript:x",
            "a.b",
        ]:
            self.assertEqual(markup.links(text), [], text)
            self.assertNotIn("<a", markup.plain(text), text)

    def test_a_hidden_character_hides_no_link(self):
        self.assertEqual(markup.links("ht\0tps://evil.\u202eexample"), ["https://evil.example"])

    def test_links_can_be_shown_as_text(self):
        self.assertEqual(markup.plain("x https://a.b", links=False), "<p>x https://a.b</p>")

    def test_all_links_are_found_in_their_order(self):
        self.assertEqual(
            markup.links("https://a.b，www.c.d\nhttps://a.b"),
            ["https://a.b", "https://www.c.d", "https://a.b"],
        )

    @given(st.text(alphabet="https:/w.a中，)(<>&\"' \n", max_size=60))
    def test_nothing_but_our_own_tags_comes_out(self, text):
        rest = markup.plain(text)
        for tag in ["<p>", "</p>", "<br>", "<blockquote>", "</blockquote>", "</a>"]:
            rest = rest.replace(tag, "")
        for url in markup.links(text):
            rest = rest.replace(f'<a href="{markup.escape(url)}" rel="{markup.REL}">', "", 1)
        self.assertNotIn("<", rest)
