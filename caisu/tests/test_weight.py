"""What a reader's line has to carry besides words and pictures."""

import gzip
import re
from pathlib import Path

from django.conf import settings

from caisu.tests.cast import CastTestCase, make_comment

STATIC = Path(settings.BASE_DIR) / "static"
MOST = 15 * 1024
SCRIPT = re.compile(r'<script ([^>]*)src="/static/([^"]+)"')
IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*["']\./([^"']+)["'];""", re.MULTILINE)


def scripts(html):
    """The files that a page's scripts are, with what these import."""
    waiting, found = [STATIC / name for _attributes, name in SCRIPT.findall(html)], set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [file.parent / name for name in IMPORT.findall(file.read_text())]
    return found


class ScriptTests(CastTestCase):
    def test_visitor_loads_little_javascript_and_waits_for_none(self):
        make_comment(self.article, self.bob)
        for path in ("/zh-hans/", self.article.get_absolute_url(), "/zh-hans/news/"):
            html = self.client.get(path).content.decode()
            files = scripts(html)
            with self.subTest(path=path):
                names = {file.name for file in files}
                self.assertLessEqual({"site.js", "keys.js", "browser.js", "suggesting.js"}, names)
                # As a server sends them: each compressed by itself.
                weight = sum(len(gzip.compress(file.read_bytes(), 6)) for file in files)
                self.assertLessEqual(weight, MOST)
                for attributes, name in SCRIPT.findall(html):
                    self.assertIn('type="module"', attributes, name)
