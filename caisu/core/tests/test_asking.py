from datetime import date

from django.test import SimpleTestCase

from caisu.core.fulltext import forms
from caisu.core.fulltext.asking import parse
from caisu.core.fulltext.text import document, fold, language_of, marked


def needles(phrases):
    return [phrase.needle for phrase in phrases]


class LanguageTests(SimpleTestCase):
    def test_words_phrases_and_what_must_not_be_there(self):
        asked = parse("春节 “ice cream” -visa -「门票」")
        self.assertEqual(needles(asked.phrases), ["春节", "ice cream"])
        self.assertEqual(needles(asked.without), ["visa", "门票"])

    def test_a_hyphen_in_a_word_is_no_minus(self):
        asked = parse("F-1 I-20 e-mail")
        self.assertEqual((needles(asked.phrases), asked.without), (["f 1", "i 20", "e mail"], []))

    def test_filters_in_both_languages_and_widths(self):
        for query in (
            "author:alice category:local-news tag:签证 after:2026-09 before:2027",
            "作者：alice 栏目：local-news 标签：签证 晚于：2026年9月 早于：2027年",
            "AUTHOR: alice Category:“local news” tag:「签证」 after:2026/09/01 before:2027-01-01",
        ):
            with self.subTest(query):
                asked = parse(query)
                self.assertEqual(asked.phrases, [])
                self.assertEqual(needles(asked.author), ["alice"])
                self.assertEqual(needles(asked.category), ["local news"])
                self.assertEqual(needles(asked.tag), ["签证"])
                self.assertEqual((asked.after, asked.before), (date(2026, 9, 1), date(2027, 1, 1)))

    def test_the_title_alone(self):
        for query in ("in:title 晚会", "title:晚会", "标题：晚会", "在：标题 晚会"):
            (phrase,) = parse(query).phrases
            self.assertEqual((phrase.needle, phrase.in_title), ("晚会", True), query)

    def test_what_is_malformed_is_just_words(self):
        for query, words in {
            "before:christmas": ["before", "christmas"],
            "before:2026-02-30": ["before", "2026 02 30"],
            "after:0000": ["after", "0000"],
            "in:text x": ["in", "text", "x"],
            "author: ": ["author"],
            "foo:bar": ["foo", "bar"],
            "-author:x": ["author", "x"],
            "-visa": ["visa"],
            "- visa": ["visa"],
            "“gala": ["gala"],
            "NEAR(a b)": ["near", "a", "b"],
        }.items():
            with self.subTest(query):
                self.assertEqual(needles(parse(query).phrases), words)

    def test_nothing_is_asked_by_signs(self):
        for query in ("", "-", ":", '""', "author:", "%_*"):
            self.assertEqual(bool(parse(query).author or parse(query).tag), False, query)
        self.assertFalse(parse("%_*"))


class FormTests(SimpleTestCase):
    def test_stems(self):
        for words in (
            "visa visas", "apply applies applied applying", "house houses housing",
            "class classes", "run running", "box boxes", "donate donation donations",
            "company companies", "sell selling", "course courses", "thesis theses", "child children",
        ):  # fmt: skip
            self.assertEqual(len({forms.stem(word) for word in words.split()}), 1, words)

    def test_words_that_only_look_alike_stay_apart(self):
        for pair in ("new news", "university universal", "thing th", "need ne", "string str"):
            one, other = pair.split()
            self.assertNotEqual(forms.stem(one), forms.stem(other), pair)

    def test_what_may_be_pinyin_or_initials(self):
        for word in ("cj", "cjwh", "tax", "chunjie", "chunjiewanhui", "zhangw", "lyubu", "nvsheng"):
            self.assertTrue(forms.may_sound(word), word)
        for word in ("cjwhy", "tickets", "university", "scholarship", "housing", "chunjievb"):
            self.assertFalse(forms.may_sound(word), word)

    def test_sounds_of_each_word_of_a_title(self):
        found = set(forms.sounds("isu 春节晚会"))
        self.assertEqual(
            found,
            {"chunjiewanhui", "cjwh", "jiewanhui", "jwh", "wanhui", "wh", "hui"},
        )

    def test_traditional_and_codes_fold(self):
        self.assertEqual(fold("春節晚會、簽證與後來"), "春节晚会 签证与后来")
        self.assertEqual({fold(code) for code in ("F-1", "F1", "f 1", "Ｆ－１")}, {"f 1"})

    def test_a_document_keeps_forms_behind_marks(self):
        title, text, of_title, of_text = document("Visas", "applied", (), ["§7"]).split("\n")
        self.assertEqual((title, text), (" visas ", " applied "))
        self.assertEqual((of_title, of_text), (" ≈visa ", " ≈appli §7 "))

    def test_the_language_of_a_comment(self):
        for words, language in {"你好 OK": "zh-hans", "See you at 春节 party": "en", "123 😀": ""}.items():  # fmt: skip
            self.assertEqual(language_of(words), language)


class MarkingTests(SimpleTestCase):
    def hits(self, source, query):
        return [text for is_hit, text in marked(source, parse(query).phrases) if is_hit]

    def test_other_forms_are_marked_as_they_stand(self):
        self.assertEqual(self.hits("Applied for houses", "apply housing"), ["Applied", "houses"])
        self.assertEqual(self.hits("春節晚會", "晚会"), ["晚會"])
        self.assertEqual(self.hits("春节晚会", "春節"), ["春节"])
        self.assertEqual(self.hits("学联春节晚会", "chunjie"), ["春节"])
        self.assertEqual(self.hits("学联春节晚会", "cjw"), ["春节晚"])
        self.assertEqual(self.hits("F1 and F-1, F-11", "f-1"), ["F1", "F-1"])

    def test_quoted_words_are_meant_as_they_stand(self):
        self.assertEqual(self.hits("Visas and a visa", "“visa”"), ["visa"])
