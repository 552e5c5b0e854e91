from django.test import SimpleTestCase
from django.utils.translation import override

from caisu.core.bilingual import Bilingual, column, in_language, language_of


class Text:
    title = Bilingual()
    body = Bilingual(by="title")

    def __init__(self, **columns):
        for name in ("title", "body"):
            for language in ("zh-hans", "en"):
                setattr(self, column(name, language), "")
        self.__dict__.update(columns)


class BilingualTests(SimpleTestCase):
    def test_follows_the_active_language(self):
        text = Text(title_zh_hans="雪", title_en="Snow")
        with override("en"):
            self.assertEqual(text.title, "Snow")
        with override("zh-hans"):
            self.assertEqual(text.title, "雪")
        with override(None):
            self.assertEqual(text.title, "雪")

    def test_falls_back_to_the_other_one(self):
        text = Text(title_zh_hans="雪")
        with override("en"):
            self.assertEqual((text.title, language_of(text, "title")), ("雪", "zh-hans"))

    def test_body_never_speaks_another_language_than_its_title(self):
        text = Text(title_zh_hans="雪", title_en="Snow", body_zh_hans="很大")
        with override("en"):
            self.assertEqual(text.body, "")

    def test_empty_in_both_is_empty_in_the_active_one(self):
        with override("en"):
            self.assertEqual((Text().title, language_of(Text(), "title")), ("", "en"))

    def test_only_reads(self):
        with self.assertRaisesMessage(AttributeError, "title_en"):
            Text().title = "Snow"

    def test_cannot_be_mistaken_for_a_column(self):
        self.assertIsInstance(Text.title, Bilingual)

    def test_addresses_change_their_language_and_nothing_else(self):
        self.assertEqual(
            in_language("/en/news/2026/snow/?a=/en/", "zh-hans"), "/zh-hans/news/2026/snow/?a=/en/"
        )
        self.assertEqual(in_language("/zh-hans/", "en"), "/en/")
        for path in ("/", "/admin/", "/enough/", "", "/en"):
            self.assertEqual(in_language(path, "zh-hans"), path)
