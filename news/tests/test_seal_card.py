import json
import re
from io import BytesIO

from PIL import Image as Pillow

from caisu.core.models import Page
from caisu.tests.cast import CastTestCase

SEAL = re.compile(r"/static/img/seal(?:\.[0-9a-f]+)?\.png$")
SHARE = re.compile(r"/static/img/share(?:\.[0-9a-f]+)?\.png$")


class SealCardTests(CastTestCase):
    """A page without a picture of its own is passed on with the association's, as PNG: no messenger draws SVG."""

    def head(self, path):
        return self.client.get(path).content.decode().partition("</head>")[0]

    def test_pages_without_a_picture_of_their_own_have_one_to_share(self):
        Page.objects.update_or_create(
            slug="about", defaults={"title_en": "About us", "body_en": "<p>We are neighbours.</p>"}
        )
        lists = ["/zh-hans/", "/en/", "/en/news/", "/en/news/local-news/"]
        for path in [*lists, "/en/pages/about/"]:
            with self.subTest(path):
                meta = dict(
                    re.findall(
                        r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', self.head(path)
                    )
                )
                self.assertRegex(meta["og:image"], SHARE)
                self.assertTrue(meta["og:image"].startswith("http"))
                self.assertTrue(meta["og:title"])
                self.assertTrue(meta["og:url"].endswith(path))
                self.assertEqual(meta["twitter:card"], "summary_large_image")
                with Pillow.open("static/img/share.png") as share:
                    size = (int(meta["og:image:width"]), int(meta["og:image:height"]))
                    self.assertEqual((share.format, share.size), ("PNG", size))

    def test_a_page_in_both_languages_says_so(self):
        for slug, chinese, number in (("both", "两种", 1), ("one", "", 0)):
            Page.objects.create(slug=slug, title_en="A page", title_zh_hans=chinese)
            head = self.head(f"/en/pages/{slug}/")
            self.assertEqual(head.count('og:locale:alternate" content="zh_CN"'), number, slug)

    def test_publisher_has_a_logo_that_search_engines_read(self):
        for path in ("/en/", self.article.get_absolute_url()):
            data = [
                json.loads(block)
                for block in re.findall(
                    r'<script type="application/ld\+json">(.*?)</script>', self.head(path)
                )
            ]
            logos = [
                each.get("logo") or each["publisher"]["logo"]["url"]
                for each in data
                if "logo" in each or "publisher" in each
            ]
            self.assertEqual(len(logos), 1)
            self.assertRegex(logos[0], SEAL)

    def test_seal_stands_where_browsers_and_phones_ask_without_being_told(self):
        for path, sizes in (
            ("/favicon.ico", {(16, 16), (32, 32), (48, 48)}),
            ("/apple-touch-icon.png", {(180, 180)}),
        ):
            with self.subTest(path):
                answer = self.client.get(path)
                self.assertEqual(answer.status_code, 200)
                with Pillow.open(BytesIO(b"".join(answer))) as icon:
                    self.assertEqual(set(icon.info.get("sizes", [icon.size])), sizes)

    def test_pages_name_their_icons(self):
        links = re.findall(r'<link rel="(icon|apple-touch-icon)" href="([^"]+)"', self.head("/en/"))
        self.assertEqual([rel for rel, _path in links], ["icon", "icon", "apple-touch-icon"])
        for _rel, path in links:
            self.assertRegex(path, r"^/static/(img/seal|root/(favicon|apple-touch-icon))\b")
