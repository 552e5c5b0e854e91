from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caisu.tests.cast import CastTestCase, make_article
from news import publishing
from news.models import Article

MISSING, STALE, COMPLETE, NOT_MEANT = "missing", "stale", "complete", "not-meant"


class TranslationTests(CastTestCase):
    def states(self, article):
        article = Article.objects.get(pk=article.pk)
        return article.translation("zh-hans"), article.translation("en")

    def change(self, in_step=False, **changes):
        article = Article.objects.get(pk=self.article.pk)
        for name, value in changes.items():
            setattr(article, name, value)
        publishing.save(article, self.wei, in_step=in_step)
        return self.states(article)

    def test_a_change_in_one_language_leaves_the_other_behind(self):
        self.assertEqual(self.change(body_zh_hans="<p>改了。</p>"), (COMPLETE, STALE))
        self.assertEqual(Article.objects.get(pk=self.article.pk).in_step, 1)
        self.assertEqual(self.change(body_zh_hans="<p>又改了。</p>"), (COMPLETE, STALE))
        self.assertEqual(Article.objects.get(pk=self.article.pk).in_step, 1)

    def test_the_translator_catches_up(self):
        self.change(body_zh_hans="<p>改了。</p>")
        self.assertEqual(self.change(body_en="<p>Changed.</p>"), (COMPLETE, COMPLETE))
        self.assertEqual(self.change(body_en="<p>Changed again.</p>"), (STALE, COMPLETE))

    def test_a_change_in_both_keeps_step(self):
        states = self.change(body_zh_hans="<p>改了。</p>", body_en="<p>Changed.</p>")
        self.assertEqual(states, (COMPLETE, COMPLETE))

    def test_an_editor_may_say_that_nothing_has_to_follow(self):
        states = self.change(in_step=True, title_en="Story one")
        self.assertEqual(states, (COMPLETE, COMPLETE))

    def test_other_fields_do_not_matter(self):
        self.assertEqual(self.change(byline="本报"), (COMPLETE, COMPLETE))

    def test_missing_until_title_and_text_are_there(self):
        self.assertEqual(self.change(body_en=""), (COMPLETE, MISSING))
        self.assertEqual(self.change(body_en="<p>Here.</p>"), (COMPLETE, COMPLETE))

    def test_one_language_only_is_not_nagged(self):
        states = self.change(meant_for="zh-hans", title_en="", body_en="", summary_en="")
        self.assertEqual(states, (COMPLETE, NOT_MEANT))
        self.assertFalse(Article.objects.needing_translation("en").exists())


class BoardTests(CastTestCase):
    url = "/admin/news/article/translations/"

    def test_board_lists_what_is_wanted_in_each_language(self):
        make_article(title_zh_hans="只有中文", title_en="", body_en="")
        make_article(title_en="Behind", stale="zh-hans")
        make_article(title_en="Old", title_zh_hans="", body_zh_hans="", status="archived")
        make_article(title_zh_hans="仅此一种", title_en="", body_en="", meant_for="zh-hans")
        self.login(self.wei)
        page = self.client.get(self.url)
        chinese, english = page.context["columns"]
        self.assertEqual([a.title_en for a in chinese["articles"]], ["Behind"])
        self.assertEqual([a.title_zh_hans for a in english["articles"]], ["只有中文"])
        self.assertContains(page, 'class="translation stale"', 1)
        self.assertContains(page, 'class="translation missing"', 1)

    def test_board_with_nothing_to_do_says_so(self):
        self.login(self.wei)
        page = self.client.get(self.url)
        self.assertEqual([len(column["articles"]) for column in page.context["columns"]], [0, 0])
        self.assertNotContains(page, 'class="translation')

    def test_query_count_does_not_grow(self):
        make_article(title_en="", body_en="")
        self.login(self.wei)
        self.client.get(self.url)
        with CaptureQueriesContext(connection) as few:
            self.client.get(self.url)
        for _number in range(20):
            make_article(title_en="", body_en="")
        with self.assertNumQueries(len(few)):
            self.client.get(self.url)

    def test_only_editors_see_it(self):
        for who, statuses in ((None, {302}), (self.alice, {302, 403}), (self.mona, {403})):
            self.login(who)
            with self.subTest(who=who):
                self.assertIn(self.client.get(self.url).status_code, statuses)
        self.login(self.wei)
        self.assertEqual(self.client.post(reverse("admin:news_translations")).status_code, 405)
