"""``?next=`` never leads to another host, however it is dressed up."""

from urllib.parse import quote, urljoin, urlsplit

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from caisu.tests.cast import PASSWORD
from members.models import Terms

from .entrance import EntranceTestCase, code_in, mails, path

DISGUISES = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    r"/\evil.example/",
    r"\\evil.example/",
    r"\/evil.example/",
    r"/\/evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    r"https:\\evil.example",
    "HtTpS://evil.example/",
    " https://evil.example/",
    "\thttps://evil.example/",
    "ht\ttps://evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/\r\n/evil.example/",
    "\x00//evil.example/",
    "\x08//evil.example/",
    "//evil.example%2f@testserver/",
    "https://testserver@evil.example/",
    "https://testserver:80@evil.example/",
    "https://testserver.evil.example/",
    r"https://evil.example\@testserver/",
    "https://evil.example#@testserver/",
    "https://evil.example?@testserver/",
    "//testserver:80@evil.example",
    "https://ｅｖｉｌ.example/",
    "https://еvil.example/",
    "https://xn--vil-8cd.example/",
    "//evil。example/",
    "https://[::1]/",
    "https://[evil.example/",
    "%2F%2Fevil.example/",
    "%2F/evil.example/",
    "/%09/evil.example/",
    "%5C%5Cevil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://testserver/",
    "mailto:eve@evil.example",
    "x" * 5000 + "://evil.example",
]

# The same, thinned out, where each takes several mails and pages.
A_FEW = [*DISGUISES[::5], "https://[evil.example/"]


def where(location):
    """The scheme and host that a browser goes to: it drops line breaks and turns backslashes."""
    seen = "".join(c for c in location.strip(" \t\r\n\0\x08") if c not in "\t\r\n")
    try:
        parts = urlsplit(urljoin("http://testserver/en/", seen.replace("\\", "/")))
    except ValueError:
        return "", None
    return parts.scheme, parts.hostname


class NextTests(EntranceTestCase):
    def assert_stays(self, act, disguises=DISGUISES):
        """``act(client, target)`` returns the answer that leads on."""
        for target in disguises:
            with self.subTest(next=target[:40]):
                cache.clear()
                response = act(Client(), target)
                self.assertEqual(response.status_code, 302)
                self.assertEqual(where(response["Location"]), ("http", "testserver"))

    def test_disguises_would_lead_away(self):
        """The yardstick itself: most of the list goes elsewhere if it is followed."""
        away = [target for target in DISGUISES if where(target) != ("http", "testserver")]
        self.assertGreater(len(away), 30)

    def test_login(self):
        self.assert_stays(lambda client, to: self.log_in("alice", client=client, next=to))

    def test_login_that_is_no_more_needed(self):
        def act(client, target):
            client.force_login(self.alice)
            return client.get(path("account_login"), {"next": target})

        self.assert_stays(act)

    def test_sign_up_and_its_code(self):
        number = iter(range(1000))

        def act(client, target):
            email = f"li{next(number)}@example.org"
            on = self.sign_up(client, email=email, next=target)
            self.assertEqual(where(on["Location"]), ("http", "testserver"))
            code = code_in(mails()[-1])
            return client.post(on["Location"], {"code": code, "next": target})

        self.assert_stays(act, A_FEW)

    def test_login_code(self):
        def act(client, target):
            data = {"email": "alice@example.org", "next": target}
            on = client.post(path("account_request_login_code"), data)
            self.assertEqual(where(on["Location"]), ("http", "testserver"))
            code = code_in(mails()[-1])
            return client.post(on["Location"], {"code": code, "next": target})

        self.assert_stays(act, A_FEW)

    def test_new_code(self):
        def act(client, target):
            client.post(path("account_request_login_code"), {"email": "alice@example.org"})
            data = {"action": "resend", "next": target}
            return client.post(path("account_confirm_login_code"), data)

        self.assert_stays(act, A_FEW)

    def test_code_that_is_over(self):
        for target in A_FEW:
            client = Client()
            cache.clear()
            client.post(path("account_request_login_code"), {"email": "alice@example.org"})
            page = path("account_confirm_login_code")
            for _attempt in range(5):
                response = client.post(page, {"code": "000000", "next": target})
            with self.subTest(next=target[:40]):
                self.assertTemplateUsed(response, "account/code_over.html")
                self.assertEqual(where(response.context["next"] or "/"), ("http", "testserver"))

    def test_new_password(self):
        def act(client, target):
            data = {"email": "alice@example.org", "next": target}
            return client.post(path("account_reset_password"), data)

        self.assert_stays(act)

    def test_logout(self):
        def act(client, target):
            client.force_login(self.alice)
            return client.post(path("account_logout"), {"next": target})

        self.assert_stays(act)

    def test_logout_page(self):
        self.assert_stays(lambda client, to: client.get(path("account_logout"), {"next": to}))

    def test_language(self):
        self.assert_stays(
            lambda client, to: client.get(reverse("language", args=["en"]), {"next": to})
        )

    def test_reauthentication(self):
        def act(client, target):
            client.force_login(self.alice)
            page = f"{path('account_reauthenticate')}?next={quote(target)}"
            return client.post(page, {"password": PASSWORD, "next": target})

        self.assert_stays(act)

    def test_reauthentication_without_a_password(self):
        self.bob.set_unusable_password()
        self.bob.save()

        def act(client, target):
            client.force_login(self.bob)
            page = f"{path('members:reauthenticate')}?next={quote(target)}"
            client.get(page)
            return client.post(page, {"code": code_in(mails()[-1]), "next": target})

        self.assert_stays(act, A_FEW)

    def test_terms(self):
        number = iter(range(1000, 2000))

        def act(client, target):
            client.force_login(self.alice)
            terms = Terms.in_force()
            data = {"next": target, "version": terms.version if terms else next(number)}
            return client.post(path("members:terms"), data)

        self.assert_stays(act)

    def test_own_pages_are_followed(self):
        for target in ("/en/news/", "/zh-hans/", "/en/?q=//evil.example", "http://testserver/en/"):
            with self.subTest(next=target):
                response = self.log_in("alice", client=Client(), next=target)
                self.assertEqual(response["Location"], target)
