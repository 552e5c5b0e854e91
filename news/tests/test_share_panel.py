import re
from html import unescape

from django.conf import settings
from django.test import SimpleTestCase
from django.utils.translation import override

from caisu.tests.cast import CastTestCase, make_article
from news.models import Article
from news.sharing import text


def panel(response):
    return re.search(r'<details class="share".*?</details>', response.content.decode(), re.S)[0]


class PanelTests(CastTestCase):
    def page(self, article, language="en", who=None):
        self.login(who)
        with override(language):
            return self.client.get(article.get_absolute_url())

    def test_has_everything_without_a_script(self):
        html = panel(self.page(self.article))
        number = self.article.pk
        link = f"http://testserver/n/{number}/"
        self.assertRegex(html, rf'<input id="share-link" type="url" value="{link}" readonly>')
        self.assertIn(f'src="/n/{number}/qr.png" width="180" height="180" loading="lazy"', html)
        self.assertIn(f'href="/n/{number}/en/poster.png"', html)
        written = re.search(r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", html, re.S)[1]
        self.assertEqual(unescape(written), f"Story 1\nA summary.\n{link}")
        # What works by script only is shown by the script only.
        self.assertEqual(len(re.findall(r"<button", html)), 3)
        self.assertEqual(len(re.findall(r"<button[^>]* hidden>", html)), 3)
        self.assertIn('data-wechat="inside" hidden', html)
        for address in (f"/n/{number}/qr.png", f"/n/{number}/en/poster.png"):
            self.assertEqual(self.client.get(address).status_code, 200)

    def test_every_field_is_labelled_and_copying_is_announced(self):
        html = panel(self.page(self.article, "zh-hans"))
        for field in ("share-link", "share-text"):
            self.assertIn(f'<label for="{field}">', html)
            self.assertIn(f'data-copy="{field}"', html)
        self.assertEqual(html.count('role="status" data-copied='), 2)
        self.assertIn('lang="zh-Hans"', html)

    def test_an_article_in_the_other_language_shares_that_one(self):
        article = make_article(title_zh_hans="", body_zh_hans="", summary_zh_hans="")
        html = panel(self.page(article, "zh-hans"))
        self.assertIn(f"/n/{article.pk}/en/poster.png", html)
        self.assertRegex(html, r'<textarea[^>]*lang="en"')

    def test_members_are_told_that_only_members_can_read_it(self):
        article = make_article(audience="members")
        words = "Only members can read this article"
        self.assertIn(words, panel(self.page(article, who=self.bob)))
        self.assertNotIn(words, panel(self.page(self.article, who=self.bob)))
        self.assertNotContains(self.page(article), 'class="share"')

    def test_a_preview_has_none(self):
        draft = make_article(status="draft", publish_at=None)
        self.assertNotContains(self.page(draft, who=self.wei), 'class="share"')

    def test_titles_are_escaped(self):
        title = '"><script>alert(1)</script>'
        Article.objects.filter(pk=self.article.pk).update(title_en=title)
        html = panel(self.page(self.article))
        self.assertNotIn("<script>", html)
        self.assertNotIn('data-share="">', html)

    def test_the_script_is_small(self):
        self.assertLess((settings.BASE_DIR / "static/js/share.js").stat().st_size, 3000)


class InvitationTests(SimpleTestCase):
    def opening(self, language, **values):
        suffix = language.replace("-", "_")
        values = {f"{name}_{suffix}": value for name, value in values.items()}
        audience = values.pop(f"audience_{suffix}", "everyone")
        with override(language):
            return text.opening(Article(audience=audience, **values))

    def test_two_sentences_of_the_summary(self):
        self.assertEqual(
            self.opening("zh-hans", title="雪", summary="路面结冰。“请慢行！”校车改道。"),
            "路面结冰。“请慢行！”",
        )
        self.assertEqual(
            self.opening("en", title="Snow", summary="Out by 9 a.m. on Friday.  Is it cold? Yes."),
            "Out by 9 a.m. on Friday. Is it cold?",
        )
        self.assertEqual(self.opening("en", title="Snow", summary="No full stop"), "No full stop")

    def test_the_text_itself_where_there_is_no_summary_and_everyone_may_read_it(self):
        body = "<p>One.</p><p>Two.</p><p>Three.</p>"
        self.assertEqual(self.opening("en", title="Snow", body=body), "One. Two.")
        self.assertEqual(self.opening("en", title="Snow", body=body, audience="members"), "")
        self.assertEqual(self.opening("en", title="Snow"), "")

    def test_an_endless_sentence_is_cut(self):
        cut = self.opening("zh-hans", title="雪", summary="雪" * 300)
        self.assertEqual((len(cut), cut[-1]), (200, "…"))

    def test_no_empty_line_without_a_summary(self):
        with override("en"):
            self.assertEqual(
                text.invitation(Article(pk=7, title_en="Snow")), "Snow\nhttp://testserver/n/7/"
            )
