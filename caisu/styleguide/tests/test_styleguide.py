"""The living page: it has everything, it is the same each time, and it leaves nothing behind."""

import re

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.test.signals import template_rendered
from django.utils import timezone

from caisu.core.models import Image, SiteSettings
from caisu.search import counting
from caisu.styleguide import samples
from caisu.styleguide.colours import SHEETS, measures
from caisu.styleguide.specimens import cut, scoped, still
from caisu.tests import offences
from caisu.tests.browser import looks_well
from caisu.tests.cast import CastTestCase, make_article, make_member
from caisu.tests.test_conventions import templates
from members.models import Member
from news.comments.models import Comment
from news.models import Article, Category

URLS = "caisu.styleguide.tests.urls"
# Partials that the page does not show, and why.
NOT_SHOWN = {
    "admin/": "the desk has a style sheet of its own",
    "_head.html": "nothing to see: the head of a page",
    "_listhead.html": "nothing to see: the head of a page",
    "account/": "a sentence or a button within the pages with one form",
    "mfa/": "a sentence within the pages with one form",
    "socialaccount/": "there is no provider without keys",
    "moderation/": "sentences within a decision’s page",
    "members/_leaving.html": "a sentence within the settings",
    "news/submit/_field.html": "core/_field.html once more",
    "styleguide/": "the page itself",
}


@override_settings(ROOT_URLCONF=URLS)
class StyleguideTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.real = make_article(title_en="Nobody shall see this", title_zh_hans="谁也看不见")
        cls.rendered = set()

        def note(template, **kwargs):
            cls.rendered.add(template.name)

        template_rendered.connect(note)
        try:
            cls.html = cls.get()
        finally:
            template_rendered.disconnect(note)

    @classmethod
    def get(cls, query=""):
        """The page. It takes seconds: what only looks at it looks at ``html``."""
        response = cls.client_class().get(f"/styleguide/{query}")
        assert response.status_code == 200
        return response.content.decode()

    @override_settings(ROOT_URLCONF="caisu.urls")
    def test_it_is_not_there_without_debug(self):
        self.assertEqual(self.client.get("/styleguide/").status_code, 404)
        self.assertEqual(self.client.get("/en/styleguide/").status_code, 404)

    def test_each_specimen_stands_in_both_languages_and_schemes(self):
        html = self.html
        looks = re.findall(
            r'<div class="guide-look [\w-]*" data-theme="(\w+)" lang="([\w-]+)">', html
        )
        self.assertGreater(len(looks), 200)
        for scheme in ("light", "dark"):
            for lang in ("zh-Hans", "en"):
                self.assertEqual(looks.count((scheme, lang)), len(looks) / 4)
        self.assertNotRegex(html, r'<div class="guide-page">\s*</div>')
        for words in (
            "初雪封了十五号公路",
            "First snow closes",
            "2026年11月23日 星期一",
            "十月十五 小雪",
        ):
            self.assertIn(words, html)

    def test_one_scheme_alone(self):
        html = self.get("?scheme=dark")
        self.assertNotIn('data-theme="light"', html)
        self.assertIn('<html lang="en" data-theme="dark">', html)

    def test_figures_are_those_of_the_test(self):
        for name in SHEETS:
            for each in measures(name):
                self.assertIn(f"<strong>{each.ratio:.2f}</strong>", self.html)

    def test_it_obeys_the_policy(self):
        html = self.html
        self.assertEqual(offences.in_html(html), [])
        self.assertNotIn("<script", html)
        ids = re.findall(r'\sid="([^"]+)"', html)
        self.assertEqual(sorted(ids), sorted(set(ids)))

    def test_real_content_is_not_seen(self):
        for words in (self.real.title_en, self.real.title_zh_hans, self.comment.body, "Alice"):
            self.assertNotIn(words, self.html)

    def test_it_leaves_nothing_behind(self):
        def all_of_it():
            return [
                list(model.objects.order_by("pk").values())
                for model in (Member, Article, Category, Comment, Image, SiteSettings)
            ]

        SiteSettings.load()
        before, clock, searched = all_of_it(), timezone.now, counting._waiting.copy()
        self.get()
        self.assertEqual(all_of_it(), before)
        self.assertIs(timezone.now, clock)
        self.assertEqual(counting._waiting, searched)
        self.assertGreater(timezone.now(), samples.NOW)
        self.assertEqual(cache.get(SiteSettings.CACHE_KEY).notice_en, "")
        self.assertNotContains(self.client.get("/en/"), "First snow")

    def test_it_is_the_same_each_time(self):
        def plain(html):
            return re.sub(r"\d+", "N", html)  # keys count on

        self.assertEqual(plain(self.get("?scheme=nonsense")), plain(self.html))

    def test_every_partial_is_shown(self):
        ours = {str(path).split("/templates/")[1] for path in templates("_*.html")}
        missing = {
            name
            for name in ours - self.rendered
            if not any(name.startswith(part) or name.endswith(f"/{part}") for part in NOT_SHOWN)
        }
        self.assertEqual(missing, set())

    def test_elements_are_cut_whole(self):
        html = '<main><div class="a"><div>1</div><p>2</p></div><div class="a">3</div></main>'
        self.assertEqual(cut(html, '<div class="a"'), '<div class="a"><div>1</div><p>2</p></div>')
        with self.assertRaisesMessage(ValueError, "no <nav"):
            cut(html, "<nav")

    def test_copies_have_names_of_their_own(self):
        html = '<label for="q">Q</label><input id="q" aria-describedby="h e" value="for=q">'
        self.assertEqual(
            scoped(html, "x-1"),
            '<label for="x-1-q">Q</label>'
            '<input id="x-1-q" aria-describedby="x-1-h x-1-e" value="for=q">',
        )

    def test_nothing_runs_in_a_specimen(self):
        html = '<p data-hit="/hit/1/">1</p><script src="/x.js"></script><img src="/media/a" loading="lazy">'
        self.assertEqual(still(html), '<p>1</p><img src="/static/img/sample.svg">')


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_component_can_be_read_by_everybody(visit, settings, scheme, width):
    settings.ROOT_URLCONF = URLS
    make_member("wei")
    page = visit(locale="en-US", width=width, color_scheme=scheme)
    page.set_default_timeout(60_000)
    page.goto(f"/styleguide/?scheme={scheme}")
    assert page.locator("[data-component]").count() > 20
    looks_well(page)
