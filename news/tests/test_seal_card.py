import json
import re

from PIL import Image as Pillow

from caisu.tests.cast import CastTestCase

SEAL = re.compile(r"/static/img/seal(?:\.[0-9a-f]+)?\.png$")


class SealCardTests(CastTestCase):
    """A page without a picture of its own is passed on with the seal, as PNG: no messenger draws SVG."""

    def head(self, path):
        return self.client.get(path).content.decode().partition("</head>")[0]

    def test_front_page_and_lists_have_a_picture_to_share(self):
        for path in ("/zh-hans/", "/en/", "/en/news/", "/en/news/local-news/"):
            with self.subTest(path):
                meta = dict(
                    re.findall(
                        r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', self.head(path)
                    )
                )
                self.assertRegex(meta["og:image"], SEAL)
                self.assertTrue(meta["og:image"].startswith("http"))
                self.assertEqual(meta["twitter:card"], "summary")
                with Pillow.open("static/img/seal.png") as seal:
                    size = (int(meta["og:image:width"]), int(meta["og:image:height"]))
                    self.assertEqual((seal.format, seal.size), ("PNG", size))

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
