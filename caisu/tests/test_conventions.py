"""Rules of the house that no single app can keep alone."""

import re
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.test import SimpleTestCase, override_settings
from django.urls import get_resolver, reverse

from caisu.tests import offences
from caisu.tests.cast import CastTestCase, make_article, make_comment

ROOT = Path(settings.BASE_DIR)
OURS = {"core", "members", "moderation", "news", "comments", "search", "demo"}
PAGES = [
    "/{}/",
    "/{}/news/",
    "/{}/news/local-news/",
    "/{}/accounts/login/",
    "/{}/accounts/login/code/",
    "/{}/accounts/signup/",
    "/{}/accounts/password/reset/",
    "/{}/report/",
    "/{}/report/thanks/",
    "/{}/terms/",
    "/{}/search/?q=snow",
    "/{}/no/such/page/",
]


def templates(pattern):
    return sorted((ROOT / "templates").rglob(pattern))


class TemplateTests(SimpleTestCase):
    def test_partials_declare_their_inputs_on_the_first_line(self):
        for path in templates("_*.html"):
            with self.subTest(path=path.relative_to(ROOT)):
                self.assertRegex(path.read_text().splitlines()[0], r"^\{# Inputs: .+ #\}$")

    def test_nothing_is_inline_and_nothing_comes_from_elsewhere(self):
        for path in templates("*.html"):
            with self.subTest(path=path.relative_to(ROOT)):
                self.assertEqual(offences.in_template(path.read_text()), [])

    def test_mails_are_plain_text_that_leads_to_us_alone(self):
        """Nothing in a mail loads; its addresses are made from ours."""
        mails = [path for path in templates("*") if path.parent.name == "email" and path.is_file()]
        self.assertGreater(len(mails), 50)
        for path in mails:
            with self.subTest(path=path.relative_to(ROOT)):
                self.assertEqual(path.suffix, ".txt")
                self.assertNotRegex(path.read_text(), r"https?://|<\w+[^>]*>")

    def test_style_sheets_scripts_and_drawings_name_no_other_host(self):
        # What others wrote (static/vendor) names its home in words; that it asks nobody is seen in
        # the browser, where the stories fail on any other host.
        vendor = ROOT / "static/vendor"
        readers = {
            ".css": offences.in_css,
            ".js": offences.in_script,
            ".json": offences.in_script,
            ".webmanifest": offences.in_script,
            ".svg": offences.in_html,
        }
        for path in (ROOT / "static").rglob("*"):
            if path.suffix not in readers or path.is_relative_to(vendor):
                continue
            with self.subTest(path=path.relative_to(ROOT)):
                self.assertEqual(readers[path.suffix](path.read_text()), [])


class SettingsTests(SimpleTestCase):
    def test_every_variable_is_documented(self):
        source = (ROOT / "caisu/settings.py").read_text()
        documented = (ROOT / "docs/settings.md").read_text()
        names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
        self.assertIn("SECRET_KEY", names)
        self.assertEqual({name for name in names if f"`{name}`" not in documented}, set())

    def test_every_requirement_has_a_range_and_a_reason(self):
        for file in ("requirements.txt", "requirements-dev.txt"):
            for line in (ROOT / file).read_text().splitlines():
                if line and not line.startswith(("#", "-r")):
                    with self.subTest(line=line):
                        self.assertRegex(line, r"^[\w\[\],.-]+>=[\d.]+,<[\d.]+\s+# \S")


class CatalogueTests(SimpleTestCase):
    def catalogues(self):
        found = sorted((ROOT / "locale").rglob("*.po"))
        self.assertEqual({path.parts[-3] for path in found}, {"zh_Hans", "en"})
        return found

    def test_every_string_is_translated_and_compiled(self):
        for path in self.catalogues():
            with self.subTest(catalogue=path.relative_to(ROOT)):
                po = polib.pofile(str(path))
                self.assertEqual([entry.msgid for entry in po.untranslated_entries()], [])
                self.assertEqual([entry.msgid for entry in po.fuzzy_entries()], [])
                mo = polib.mofile(str(path.with_suffix(".mo")))
                key = ("msgctxt", "msgid", "msgstr", "msgstr_plural")
                compiled = {tuple(str(getattr(entry, name)) for name in key) for entry in mo}
                written = {
                    tuple(str(getattr(entry, name)) for name in key)
                    for entry in po
                    if not entry.obsolete
                }
                self.assertEqual(written - compiled, set())


class MigrationTests(CastTestCase):
    def test_models_and_migrations_agree(self):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)


class ModelTests(SimpleTestCase):
    def test_every_model_says_what_it_is(self):
        for model in apps.get_models():
            if model._meta.app_label in OURS:
                with self.subTest(model=model):
                    self.assertIn("__str__", {name for c in model.__mro__[:-2] for name in vars(c)})

    def test_whatever_the_admin_shows_has_a_page_on_the_site(self):
        without = {"case", "decision", "backgroundjob", "periodicjob", "image", "termsacceptance"}
        without |= {"houserules", "blockrule", "spammodel", "storm", "sweep"}
        for model in admin.site._registry:
            if model._meta.app_label in OURS and model._meta.model_name not in without:
                with self.subTest(model=model):
                    self.assertTrue(hasattr(model, "get_absolute_url"))


class PageTests(CastTestCase):
    def test_every_page_in_both_languages(self):
        """One heading, the right lang, a title, the switch, nothing from elsewhere, the policy."""
        pages = [*PAGES, "/{}" + self.article.get_absolute_url().removeprefix("/zh-hans")]
        for who in (None, self.nina, self.bob, self.root):
            self.login(who)
            for page in pages:
                for language, tag in (("zh-hans", "zh-Hans"), ("en", "en")):
                    response = self.client.get(page.format(language))
                    with self.subTest(page=page, language=language, who=who):
                        if response.status_code == 302 and "/accounts/" in page and who:
                            continue
                        html = response.content.decode()
                        self.assertIn(response.status_code, {200, 404})
                        self.assertEqual(len(re.findall(r"<h1[ >]", html)), 1)
                        self.assertIn(f'<html lang="{tag}"', html)
                        self.assertRegex(html, r"<title>[^<]+</title>")
                        self.assertIn("/language/", html)
                        self.assertEqual(offences.in_html(html, own={"testserver"}), [])
                        ids = re.findall(r'\bid="([^"]+)"', html)
                        self.assertEqual(sorted(ids), sorted(set(ids)))

    def test_footer_leads_to_working_pages(self):
        for language in ("zh-hans", "en"):
            html = self.client.get(f"/{language}/").content.decode()
            footer = html[html.index("<footer class") :]
            links = re.findall(r'href="([^"]+)"', footer)
            self.assertGreaterEqual(len(links), 2)
            for link in links:
                self.assertEqual(self.client.get(link, follow=True).status_code, 200, link)

    def test_english_pages_have_no_chinese_words_of_ours_and_the_other_way_round(self):
        """What the site itself says on a page without content is in the page's language."""
        for page in ("/{}/accounts/login/", "/{}/accounts/signup/", "/{}/report/"):
            html = self.client.get(page.format("zh-hans")).content.decode()
            main = html[html.index("<main") : html.index("</main>")]
            text = re.sub(r"<[^>]+>", " ", main)
            self.assertEqual(re.findall(r"\b(?:the|your|you|and|with)\b", text), [], page)


class AdminTests(CastTestCase):
    def views(self):
        names = [n for n in get_resolver("caisu.urls").reverse_dict if isinstance(n, str)]
        assert names
        for model in admin.site._registry:
            if model._meta.app_label in OURS:
                yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield reverse("admin:index")

    def test_outsiders_see_nothing_of_it(self):
        for who in (None, self.nina, self.bob):
            self.login(who)
            for url in self.views():
                response = self.client.get(url, follow=True)
                with self.subTest(url=url, who=who):
                    if who is None:
                        self.assertIn("/accounts/login/", response.redirect_chain[-1][0])
                    else:
                        self.assertEqual(response.status_code, 403)

    def test_each_role_sees_its_own(self):
        own = {
            self.wei: {"article", "category", "tag", "image"},
            self.mona: {"case", "decision", "comment", "member", "spammodel", "storm", "sweep"},
        }
        for who, models in own.items():
            self.login(who)
            for url in self.views():
                if url == reverse("admin:index"):
                    continue
                expected = 200 if url.split("/")[-2] in models else 403
                with self.subTest(url=url, who=who):
                    self.assertEqual(self.client.get(url).status_code, expected)

    def test_superuser_sees_every_list_in_both_languages(self):
        self.login(self.root)
        for language in ("zh-hans", "en"):
            self.client.get(f"/language/{language}/")
            for url in self.views():
                response = self.client.get(url, follow=True)
                self.assertEqual(response.status_code, 200, url)
                html = response.content.decode()
                self.assertEqual(offences.in_html(html, own={"testserver"}), [], url)


DATABASE_CACHE = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}
}


@override_settings(CACHES=DATABASE_CACHE)
class BudgetTests(CastTestCase):
    """With the cache in the database, as the site starts with: at most twelve queries for a member."""

    @classmethod
    def setUpTestData(cls):
        call_command("createcachetable", verbosity=0)
        super().setUpTestData()

    def count(self, path):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.client.get(path)
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(self.client.get(path).status_code, 200)
        return len(queries)

    def test_front_list_and_article(self):
        self.login(self.bob)
        paths = ["/en/", "/en/news/local-news/", self.article.get_absolute_url()]
        few = [self.count(path) for path in paths]
        for _n in range(50):
            make_comment(self.article, self.alice)
        for _n in range(19):
            make_comment(make_article(), self.alice)
        many = [self.count(path) for path in paths]
        self.assertEqual(few, many)
        self.assertLessEqual(max(many), 12)


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-hans.md", "CHANGELOG.md", "LICENSE", "SECURITY.md"]
)
def test_papers_are_there(name):
    assert (ROOT / name).stat().st_size > 200
