"""Marks between two pieces of a sentence belong to a language: a catalogue has them, no template."""

import re

from django.conf import settings
from django.contrib import admin
from django.test import SimpleTestCase
from django.utils.translation import override

from caisu.tests.cast import CastTestCase
from news.desk import conflict, review_admin
from news.desk.taxonomy_admin import TagAdmin
from news.models import Tag

TEMPLATES = settings.BASE_DIR / "templates"
TRANSLATED = re.compile(
    r"\{% blocktranslate.*?\{% endblocktranslate %\}|\{#.*?#\}|<(script|style)\b.*?</\1>|\{% json_ld.*?%\}",
    re.DOTALL,
)
# Between what is shown and what is shown: ``{{ name }}: {{ what }}``, ``</a>, <time>``.
MARK = re.compile(r"(?:\}\}|%\}|</\w+>)[,;:.]\s*(?=\{|<|$)", re.MULTILINE)
# Latin letters and digits only, which are written alike in both languages.
ALIKE = {"admin/base_site.html"}


class PunctuationTests(SimpleTestCase):
    def test_no_template_puts_an_english_mark_between_two_pieces(self):
        found = []
        for path in sorted(TEMPLATES.rglob("*.html")):
            name = str(path.relative_to(TEMPLATES))
            text = TRANSLATED.sub("", path.read_text(encoding="utf-8"))
            if name not in ALIKE:
                found += [f"{name}: {match[0]!r}" for match in MARK.finditer(text)]
        self.assertEqual(found, [])


class ListTests(CastTestCase):
    def test_tags_are_listed_as_the_language_does(self):
        keep, food, winter = (
            Tag.objects.create(slug=slug, name_zh_hans=name, name_en=slug)
            for slug, name in (("aaa", "全部"), ("food", "吃"), ("winter", "过冬"))
        )
        chosen = [food.pk, winter.pk]
        Tag.objects.filter(pk__in=chosen).update(merged_into=keep)
        columns = TagAdmin(Tag, admin.site)
        for language, listed in (("zh-hans", "吃、过冬"), ("en", "food, winter")):
            with self.subTest(language), override(language):
                self.assertEqual(conflict.shown("tags", chosen), listed)
                self.assertEqual(review_admin.shown_value("tags", chosen), listed)
                self.assertEqual(columns.merged_names(keep), listed)
