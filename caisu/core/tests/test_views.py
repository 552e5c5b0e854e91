from unittest.mock import patch

from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from caisu.core import health, views
from caisu.core.middleware import POLICY, ClientAddressMiddleware
from caisu.core.models import Page, SiteSettings
from caisu.tests.cast import CastTestCase


class RootTests(CastTestCase):
    def lands(self, **headers):
        return self.client.get("/", headers=headers)["Location"]

    def test_by_cookie_then_browser_then_chinese(self):
        self.assertEqual(self.lands(), "/zh-hans/")
        self.assertEqual(self.lands(accept_language="fr"), "/zh-hans/")
        self.assertEqual(self.lands(accept_language="en-GB,en;q=0.9"), "/en/")
        self.assertEqual(self.lands(accept_language="zh-TW,en;q=0.5"), "/zh-hans/")
        self.client.get("/language/en/")
        self.assertEqual(self.lands(accept_language="zh-CN"), "/en/")


class LanguageTests(CastTestCase):
    def go(self, target, language="en"):
        return self.client.get(f"/language/{language}/", {"next": target})

    def test_same_page_with_its_query(self):
        self.assertEqual(self.go("/zh-hans/search/?q=雪")["Location"], "/en/search/?q=%E9%9B%AA")
        self.assertEqual(self.go("/admin/news/article/")["Location"], "/admin/news/article/")

    def test_never_to_another_site(self):
        for target in (
            "https://evil.example.org/",
            "//evil.example.org",
            "javascript:alert(1)",
            "",
        ):
            self.assertEqual(self.go(target)["Location"], "/en/")

    def test_unknown_language_is_not_found(self):
        self.assertEqual(self.go("/", "fr").status_code, 404)

    def test_no_cache_keeps_it(self):
        self.assertIn("no-store", self.go("/en/")["Cache-Control"])


class ThemeTests(CastTestCase):
    def go(self, target, choice="dark"):
        return self.client.get(f"/theme/{choice}/", {"next": target})

    def html(self, path="/zh-hans/"):
        return self.client.get(path).content.decode()

    def test_system_decides_until_somebody_chooses(self):
        self.assertNotIn("data-theme", self.html())
        self.assertEqual(self.html().count('name="theme-color"'), 2)
        for choice, colour in (("dark", "#12161f"), ("light", "#faf6ee")):
            answer = self.go("/zh-hans/news/?before=3#appearance", choice)
            self.assertEqual(answer["Location"], "/zh-hans/news/?before=3#appearance")
            cookie = answer.cookies["theme"]
            self.assertEqual((cookie["httponly"], cookie["samesite"]), (True, "Lax"))
            self.assertIn(f' data-theme="{choice}">', self.html())
            self.assertIn(f'<meta name="theme-color" content="{colour}">', self.html())
        self.go("/", "system")
        self.assertNotIn("data-theme", self.html())

    def test_never_to_another_site(self):
        for target in (
            "https://evil.example.org/",
            "//evil.example.org",
            "/\\evil.example.org",
            "javascript:alert(1)",
            "",
        ):
            self.assertEqual(self.go(target)["Location"], "/")

    def test_unknown_choice_is_not_found(self):
        self.assertEqual(self.go("/", "sepia").status_code, 404)
        self.client.cookies["theme"] = '"><script>'
        self.assertNotIn("data-theme", self.html())

    def test_no_cache_mixes_choices(self):
        self.assertIn("no-store", self.go("/en/")["Cache-Control"])
        self.assertIn("Cookie", self.client.get("/en/")["Vary"])

    def test_desk_and_broken_server_follow(self):
        self.go("/")
        self.login(self.root)
        self.client.cookies["theme"] = "dark"
        self.assertIn('<meta name="color-scheme" content="dark">', self.html("/admin/"))
        request = RequestFactory().get("/en/")
        request.COOKIES["theme"] = "dark"
        self.assertIn(b'data-theme="dark"', views.server_error(request).content)


class MidnightTests(CastTestCase):
    def test_no_cache_keeps_the_date_of_the_masthead_over_midnight(self):
        """Pages say no time to live, and nothing from which a cache may guess one (RFC 9111, 4.2.2)."""
        for path in ("/zh-hans/", "/en/news/", self.article.get_absolute_url()):
            answer = self.client.get(path)
            self.assertContains(answer, 'class="ear"')
            for header in ("Expires", "Last-Modified"):
                self.assertNotIn(header, answer)
            self.assertNotIn("max-age", answer.get("Cache-Control", ""))


class ErrorTests(CastTestCase):
    def test_404_in_both_languages(self):
        for language in ("zh-hans", "en"):
            response = self.client.get(f"/{language}/no/such/page/")
            self.assertContains(response, f'href="/{language}/"', status_code=404)

    def test_old_form_gives_the_text_back(self):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.bob)
        url = reverse("comments:post", args=[self.article.pk])
        text = "Half an hour of typing <b>about</b> snow."
        response = strict.post(url, {"body": text, "password": "a secret of twenty letters"})
        self.assertContains(response, "about&lt;/b&gt; snow.", status_code=403)
        self.assertNotContains(response, "a secret of twenty", status_code=403)

    def test_500_needs_no_database(self):
        for path, words in (
            ("/en/x/", "Something went wrong"),
            ("/zh-hans/", "出了点问题"),
            ("/", "出了点问题"),
        ):
            with self.assertNumQueries(0):
                response = views.server_error(RequestFactory().get(path))
            self.assertEqual(response.status_code, 500)
            self.assertIn(words, response.content.decode())


class HeaderTests(CastTestCase):
    def test_policy_is_on_every_answer(self):
        self.login(self.root)
        for path in ("/en/", "/admin/", "/en/nothing/", "/health/", "/robots.txt", "/"):
            response = self.client.get(path)
            self.assertEqual(response["Content-Security-Policy"], POLICY, path)
            self.assertEqual(response["X-Content-Type-Options"], "nosniff")
            self.assertEqual(response["X-Frame-Options"], "DENY")
        self.assertIn("default-src 'none'", POLICY)
        self.assertNotIn("unsafe", POLICY)

    def test_pages_of_somebody_are_kept_by_no_cache(self):
        self.login(self.bob)
        self.assertIn("no-store", self.client.get("/en/")["Cache-Control"])

    def test_address_comes_from_trusted_proxies_alone(self):
        def address(forwarded, proxies):
            request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded})
            with self.settings(TRUSTED_PROXIES=proxies):
                ClientAddressMiddleware(lambda request: None)(request)
            return request.META["REMOTE_ADDR"]

        self.assertEqual(address("6.6.6.6", 0), "127.0.0.1")
        self.assertEqual(address("6.6.6.6, 1.2.3.4", 1), "1.2.3.4")
        self.assertEqual(address("1.2.3.4, 10.0.0.1", 2), "1.2.3.4")
        self.assertEqual(address("", 1), "127.0.0.1")


class HealthTests(CastTestCase):
    def test_all_well(self):
        with patch.dict(health.CHECKS, {"worker": lambda: True}):
            response = self.client.get("/health/")
        self.assertEqual(
            (response.status_code, response.json()), (200, {"ok": True, "failing": []})
        )

    def test_names_what_does_not_answer(self):
        def broken():
            raise OSError("no route to host db.internal")

        checks = patch.dict(health.CHECKS, {"database": broken, "worker": lambda: False})
        with checks, self.assertLogs("caisu.core.health", "ERROR"):
            response = self.client.get("/health/")
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["failing"], ["database", "worker"])
        self.assertNotIn("db.internal", response.content.decode())


class SiteSettingsTests(CastTestCase):
    def test_notice_stands_above_every_page_until_its_end(self):
        site = SiteSettings.load()
        site.notice_zh_hans, site.notice_en = "停课一天", "No classes today"
        site.notice_until = timezone.now() + timezone.timedelta(hours=1)
        with self.captureOnCommitCallbacks(execute=True):
            site.save()
        self.assertContains(self.client.get("/zh-hans/"), "停课一天")
        self.assertContains(self.client.get("/en/accounts/login/"), "No classes today")
        site.notice_until = timezone.now()
        with self.captureOnCommitCallbacks(execute=True):
            site.save()
        self.assertNotContains(self.client.get("/en/"), "No classes today")

    def test_one_row_only(self):
        SiteSettings(short_name="Other").save()
        self.assertEqual(SiteSettings.objects.count(), 1)

    def test_admin_leads_straight_to_it_and_keeps_outsiders_out(self):
        url = reverse("admin:core_sitesettings_changelist")
        for who, status in ((None, 200), (self.bob, 403), (self.wei, 403), (self.mona, 403)):
            self.login(who)
            response = self.client.get(url, follow=True)
            self.assertEqual(response.status_code, status)
            self.assertNotContains(response, "notice_until", status_code=status)
        self.login(self.root)
        self.assertRedirects(
            self.client.get(url), reverse("admin:core_sitesettings_change", args=[1])
        )


class PageTests(CastTestCase):
    def test_page_in_both_languages_and_in_the_footer(self):
        values = {
            "title_zh_hans": "关于我们",
            "title_en": "About us",
            "body_en": "<p>Who we are.</p>",
        }
        with self.captureOnCommitCallbacks(execute=True):
            page = Page.objects.create(slug="about", body_zh_hans="<p>我们是谁。</p>", **values)
        self.assertContains(self.client.get("/en/pages/about/"), "Who we are.")
        self.assertContains(self.client.get("/zh-hans/pages/about/"), "我们是谁。")
        self.assertContains(self.client.get("/en/"), 'href="/en/pages/about/"')
        page.in_footer = False
        with self.captureOnCommitCallbacks(execute=True):
            page.save()
        self.assertNotContains(self.client.get("/en/"), 'href="/en/pages/about/"')

    def test_missing_page(self):
        self.assertEqual(self.client.get("/en/pages/nope/").status_code, 404)
