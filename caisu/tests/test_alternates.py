import re
import xml.etree.ElementTree as ET

from caisu.core.models import Page
from caisu.tests.cast import CastTestCase, make_article
from members.models import Terms

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


class AlternatesTests(CastTestCase):
    def test_every_page_names_the_same_alternates_as_the_sitemap(self):
        Terms.objects.create(version=1, body_zh_hans="<p>第1条。</p>", body_en="<p>First.</p>")
        Page.objects.create(slug="only-chinese", title_zh_hans="关于", body_zh_hans="<p>文</p>")
        make_article(title_en="", body_en="", meant_for="zh-hans")
        root = ET.fromstring(self.client.get("/sitemap.xml").content)  # noqa: S314 - our own
        addresses = root.findall("s:url", SITEMAP)
        self.assertGreater(len(addresses), 10)
        for each in addresses:
            address = each.findtext("s:loc", namespaces=SITEMAP)
            told = {(a.get("hreflang"), a.get("href")) for a in each.findall("x:link", SITEMAP)}
            with self.subTest(address):
                path = re.sub(r"^https?://[^/]+", "", address)
                page = self.client.get(path).content.decode()
                link = r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">'
                self.assertEqual(set(re.findall(link, page)), told)
                self.assertIn(f'<link rel="canonical" href="{address}">', page)
                self.assertNotIn('content="noindex', page)
