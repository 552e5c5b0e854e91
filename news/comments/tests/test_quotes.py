from time import perf_counter

from django.test import SimpleTestCase
from django.utils import timezone

from caisu.core import markup, quoting
from caisu.core.fulltext import search
from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment
from members.moderation.models import State
from news.comments import posting
from news.comments.forms import CommentForm
from news.comments.models import MAX_LENGTH, Comment


def flat(text):
    return markup.plain(text).replace("\n", "")


class MarkupTests(SimpleTestCase):
    def test_quoted_lines_are_a_block_and_the_answer_stands_apart(self):
        self.assertEqual(
            flat("> one\n> two\nanswer"),
            "<blockquote><p>one<br>two</p></blockquote><p>answer</p>",
        )
        self.assertEqual(
            flat("before\n> one\n>\n> two\n\nafter"),
            "<p>before</p><blockquote><p>one</p><p>two</p></blockquote><p>after</p>",
        )
        self.assertEqual(markup.plain("> one\ntwo").count("\n"), 3)

    def test_two_levels_and_no_more(self):
        two = "<blockquote><p>a</p><blockquote><p>b{}</p></blockquote></blockquote>"
        self.assertEqual(flat("> a\n> > b"), two.format(""))
        self.assertEqual(flat("> a\n>> b\n> > > > c"), two.format("<br>c"))

    def test_a_face_is_no_quotation(self):
        for text in (">_<", ">.< oh", ">>_>>", "a > b", ">\u00a0a"):
            self.assertNotIn("<blockquote", markup.plain(text), text)

    def test_nothing_gets_through(self):
        html = markup.plain(
            '> <script>alert(1)</script>\n> > "><img src=x onerror=1>\n</blockquote>'
        )
        self.assertNotIn("<script", html)
        self.assertNotIn("<img", html)
        self.assertEqual(html.count("</blockquote>"), 2)
        self.assertEqual(html.count("<blockquote>"), 2)

    def test_links_in_quotations_are_as_elsewhere(self):
        self.assertIn('rel="nofollow ugc noopener"', markup.plain("> https://a.example"))
        self.assertNotIn("<a", markup.plain("> https://a.example", links=False))

    def test_five_thousand_levels_cost_nothing(self):
        texts = (
            "> " * 5000 + "x",
            ">" * 100_000 + "x",
            "\n".join(">" * (level % 300) + " x" for level in range(5000)),
            "> > " * 25_000,
        )
        for text in texts:
            begun = perf_counter()
            html = markup.plain(text)
            quoting.own_words(text)
            self.assertLess(perf_counter() - begun, 0.5)
            deepest = open_ = 0
            for piece in html.split("<")[1:]:
                open_ += piece.startswith("blockquote") - piece.startswith("/blockquote")
                deepest = max(deepest, open_)
            self.assertLessEqual(deepest, quoting.MAX_LEVELS)
            self.assertEqual(open_, 0)

    def test_own_words_are_what_is_not_quoted(self):
        self.assertEqual(quoting.own_words("> theirs\nmine\n> theirs\nmore"), "mine\n\nmore")
        self.assertEqual(quoting.own_words("> a\n> > b"), "a\n\nb")

    def test_passage_is_marked_and_not_endless(self):
        self.assertEqual(quoting.passage("one\n\ntwo"), "> one\n>\n> two")
        self.assertEqual(quoting.passage("> theirs\nmine"), "> mine")
        self.assertEqual(quoting.passage(""), "")
        for long in ("长" * 3000, "word " * 800):
            shown = quoting.passage(long)
            self.assertTrue(shown.endswith("…"))
            self.assertLessEqual(len(shown), quoting.PASSAGE + 3)

    def test_blank_is_what_nobody_sees(self):
        for text in ("\u200b\u200d", " \u3000 ", "\u3164", "\u0301", "\u2800", "\u00ad\ufe0f", ""):
            self.assertTrue(markup.is_blank(text), ascii(text))
        for text in ("a", "好", "。", "😀", "👨\u200d👩\u200d👧", "❤️", "é", "ง"):
            self.assertFalse(markup.is_blank(text), text)


class QuoteLinkTests(CastTestCase):
    def page(self, comment, who, article=None):
        self.login(who)
        return self.client.get((article or self.article).get_absolute_url(), {"quote": comment.pk})

    def test_link_fills_the_form_without_javascript(self):
        page = self.page(self.comment, self.bob)
        self.assertContains(page, "&gt; Well said.")
        self.assertContains(page, f'name="parent" value="{self.comment.pk}"')
        self.assertContains(page, f"?quote={self.comment.pk}#comment-form")

    def test_what_is_prefilled_says_nothing_of_speed(self):
        self.assertContains(
            self.page(self.comment, self.bob), '<input type="hidden" name="opened" id'
        )

    def test_visitor_is_offered_none(self):
        page = self.page(self.comment, None)
        self.assertNotContains(page, "&gt; Well said.")
        self.assertNotContains(page, "?quote=")

    def test_removed_text_does_not_live_on(self):
        for number, change in enumerate(
            (
                {"state": State.REMOVED},
                {"state": State.HELD},
                {"state": State.SPAM},
                {"deleted_at": timezone.now()},
            )
        ):
            gone = make_comment(self.article, self.alice, body=f"Secret {number}", **change)
            page = self.page(gone, self.bob)
            self.assertNotContains(page, f"Secret {number}")
            self.assertContains(page, 'name="parent" value=""')

    def test_comment_of_another_article_is_not_quoted_here(self):
        elsewhere = make_comment(make_article(audience="members"), self.alice, body="Elsewhere")
        self.assertNotContains(self.page(elsewhere, self.bob), "Elsewhere")

    def test_nonsense(self):
        self.login(self.bob)
        for quote in ("x", "-1", "9" * 40, "²", "\0"):
            response = self.client.get(self.article.get_absolute_url(), {"quote": quote})
            self.assertEqual(response.status_code, 200)

    def test_page_and_search_and_front_page_show_own_words(self):
        body = "> Snowplough ahead\n\nThank you for the warning"
        posting.post_comment(self.article, self.bob, body, Comment().token, self.comment)
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "<blockquote>\n<p>Snowplough ahead</p>\n</blockquote>")
        run_due()
        self.assertEqual(len(search("warning", ["everyone"]).hits), 1)
        self.assertEqual(search("Snowplough", ["everyone"]).hits, [])
        front = self.client.get("/en/")
        self.assertContains(front, "Thank you for the warning")
        self.assertNotContains(front, "Snowplough")


class BadTextTests(CastTestCase):
    def form(self, body):
        data = {"body": body, "token": str(Comment().token)}
        return CommentForm(data, article=self.article, reader=self.bob)

    def test_invisible_text_is_none_and_stays_as_typed(self):
        for body in (
            "\u200b\u200c\u200d",
            "\u3164 \u2800",
            "   \u3000\n",
            "> \u200b",
            "> > >",
            "\0\0",
        ):
            form = self.form(body)
            self.assertFalse(form.is_valid(), ascii(body))
            self.assertEqual(form.errors.as_data()["body"][0].code, "required")
            self.assertEqual(form["body"].value(), body)

    def test_a_megabyte_comes_back_whole(self):
        body = "长文" * 500_000
        form = self.form(body)
        begun = perf_counter()
        self.assertFalse(form.is_valid())
        self.assertLess(perf_counter() - begun, 1)
        self.assertEqual(form["body"].value(), body)

    def test_emoji_alone_and_mixed_scripts_are_fine(self):
        for body in ("😀", "👨\u200d👩\u200d👧\u200d👦🏽", "中文 English العربية עברית ไทย हिन्दी"):
            form = self.form(body)
            self.assertTrue(form.is_valid(), form.errors)
            self.assertEqual(form.cleaned_data["body"], body)

    def test_as_many_quotations_as_fit(self):
        body = "> " * ((MAX_LENGTH - 1) // 2) + "x"
        form = self.form(body)
        self.assertTrue(form.is_valid(), form.errors)
