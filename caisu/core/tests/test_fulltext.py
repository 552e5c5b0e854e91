import re
from datetime import date, timedelta
from io import StringIO
from unittest.mock import patch

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from caisu.core import fulltext
from caisu.core.fulltext import query as query_module
from caisu.core.fulltext import registry, text
from caisu.core.fulltext.asking import LONGEST_QUERY, MOST_PHRASES, phrases
from caisu.core.fulltext.models import Entry
from caisu.core.fulltext.query import MOST_HITS, score
from caisu.core.fulltext.text import document, fold, marked, snippet
from caisu.core.jobs import run_due
from caisu.core.management.commands import reindex
from caisu.core.models import Image, Page

EVERYONE = ["everyone"]
MEMBERS = ["everyone", "members"]


class PictureIndex(fulltext.Index):
    """A kind with an audience of its own, and nothing to read but names."""

    kind = "picture"

    def entries(self, image):
        if image.credit == "held":
            return
        for language, alt in (("zh-hans", image.alt_zh_hans), ("en", image.alt_en)):
            if alt:
                yield fulltext.Item(
                    language=language,
                    title=image.name,
                    text=alt,
                    audience=image.audience,
                    published_at=image.uploaded_at,
                )

    def url(self, image):
        return f"/{translation.get_language()}/pictures/{image.pk}/"


def make_page(slug, **changes):
    page = Page.objects.create(slug=slug, **{"title_en": slug.capitalize(), **changes})
    fulltext.refresh(page)
    return page


def make_picture(name, alt_en="", **changes):
    values = {"audience": "everyone", "width": 1, "height": 1, "alt_en": alt_en or name}
    picture = Image.objects.create(name=name, **{**values, **changes})
    fulltext.refresh(picture)
    run_due()
    return picture


class PictureTestCase(TestCase):
    @classmethod
    def setUpClass(cls):
        fulltext.register(Image, PictureIndex)
        cls.addClassCleanup(registry.unregister, Image)
        super().setUpClass()

    def found(self, query, audiences=EVERYONE):
        """Names of what is found, best first, as a reader is shown them."""
        hits = fulltext.search(query, audiences, "en").hits
        shown = fulltext.show(hits, query, audiences)
        return ["".join(piece for _hit, piece in found.title) for found in shown]


class FoldingTests(SimpleTestCase):
    def test_width_case_and_accents_make_no_difference(self):
        self.assertEqual(fold("Ｆ－１ ＶＩＳＡ"), "f 1 visa")
        self.assertEqual(fold("Straße, Café, ﬁne"), "strasse cafe fine")
        self.assertEqual(fold("Cafe\u0301"), fold("Café"))

    def test_scripts_are_set_apart(self):
        self.assertEqual(fold("ISU春节晚会2027年2月"), "isu 春节晚会 2027 年 2 月")

    def test_characters_without_width_do_not_hide_a_word(self):
        self.assertEqual(fold("春\u200b节 vi\u00adsa"), "春节 visa")

    def test_what_is_no_letter_is_a_gap(self):
        self.assertEqual(fold("a_b%c\0d'e\"f\ud800g·h😀i"), "a b c d e f g h i")

    def test_terms_are_pairs_and_words_with_those_of_the_title_marked(self):
        self.assertEqual(
            text.terms(document("春节", "看春节晚会 ISU")).split(),
            [
                *("春节", "节", "看春", "节晚", "晚会", "会", "isu"),
                *("♪chunji", "♪cj", "♪jie"),
                *("·春节", "·节"),
            ],
        )

    def test_endless_words_are_known_by_their_beginning(self):
        self.assertEqual(fold("x" * 5000), "x" * text.LONGEST_WORD)
        self.assertEqual(phrases("x" * 100)[0].needle, "x" * text.LONGEST_WORD)


class PhraseTests(SimpleTestCase):
    def wanted(self, query):
        return [phrase.forms[0].wanted for phrase in phrases(query)]

    def test_han_is_looked_for_anywhere_and_words_from_their_beginning(self):
        self.assertEqual(self.wanted("春节 visa"), ["春节", " visa"])

    def test_numbers_and_codes_are_exact(self):
        self.assertEqual(self.wanted("F-1 2026 i"), [" f 1 ", " 2026 ", " i "])

    def test_a_short_word_goes_on_only_while_it_is_typed(self):
        self.assertEqual(self.wanted("is"), [" is "])
        self.assertEqual(self.wanted("is open"), [" is ", " open"])
        (typed,) = fulltext.parse("is", typing=True).phrases
        self.assertEqual(typed.forms[0].wanted, " is")

    def test_quotes_of_all_kinds_make_one_phrase(self):
        for quoted in ('"ice cream"', "“ice cream”", "「ice cream」", "＂ice cream＂"):
            self.assertEqual(self.wanted(quoted), [" ice cream "])

    def test_a_quote_without_its_partner_is_nothing(self):
        self.assertEqual(self.wanted('"春节 gala'), ["春节", " gala"])

    def test_scripts_side_by_side_are_asked_for_one_by_one(self):
        self.assertEqual(self.wanted("ISU春节2027"), [" isu", "春节", " 2027 "])

    def test_long_queries_are_cut(self):
        self.assertEqual(len(phrases(" ".join(f"w{n}" for n in range(1000)))), MOST_PHRASES)
        self.assertEqual(len(phrases("春" * 10_000)[0].needle), LONGEST_QUERY)

    def test_nothing_to_look_for(self):
        for query in ("", "  ", "%_*", '""', "\0", "\ud800", "😀", "（），。"):
            self.assertEqual(phrases(query), [])


class SnippetTests(SimpleTestCase):
    def test_hits_are_marked_in_the_original_spelling(self):
        self.assertEqual(
            marked("Die STRASSE, Straße; F-1 Visas", phrases("strasse f-1 visa")),
            [
                (False, "Die "),
                (True, "STRASSE"),
                (False, ", "),
                (True, "Straße"),
                (False, "; "),
                (True, "F-1"),
                (False, " "),
                (True, "Visas"),
            ],
        )

    def test_a_word_inside_another_is_not_marked(self):
        self.assertEqual(marked("supervisa f 11", phrases("visa f-1")), [(False, "supervisa f 11")])

    def test_han_beside_latin_is_marked(self):
        self.assertEqual(
            marked("看ISU春节晚会", phrases("isu 春节")),
            [(False, "看"), (True, "ISU"), (True, "春节"), (False, "晚会")],
        )

    def test_the_passage_lies_around_most_of_what_was_asked(self):
        source = "visa " + "nothing here " * 50 + "the visa office is open " + "nothing here " * 50
        pieces = snippet(source, phrases("visa office"), 80)
        self.assertIn((True, "office"), pieces)
        self.assertEqual((pieces[0], pieces[-1]), ((False, "…"), (False, "…")))
        self.assertLess(sum(len(piece) for _hit, piece in pieces), 80 + 25)

    def test_words_are_not_cut(self):
        pieces = snippet("abcdefghij " * 40 + "visa " + "klmnopqrst " * 40, phrases("visa"), 60)
        words = re.findall(r"\w+", "".join(piece for _hit, piece in pieces))
        self.assertEqual(set(words), {"abcdefghij", "visa", "klmnopqrst"})

    def test_a_short_text_stays_whole(self):
        self.assertEqual(snippet("短文\n一篇", phrases("别的")), [(False, "短文 一篇")])
        self.assertEqual(snippet("写完。\n开场。 Go. On", []), [(False, "写完。开场。Go. On")])

    def test_a_character_that_folds_to_several_is_marked_once(self):
        self.assertEqual(marked("¾ ß", phrases("3 4 ss")), [(True, "¾"), (False, " "), (True, "ß")])

    @settings(deadline=None)
    @given(st.text(max_size=300), st.text(max_size=40))
    def test_marking_never_changes_the_text(self, source, query):
        pieces = marked(source, phrases(query))
        self.assertEqual("".join(piece for _hit, piece in pieces), text.normal(source))
        self.assertTrue(all(piece for _hit, piece in pieces))
        snippet(source, phrases(query), 20)


class ScoreTests(SimpleTestCase):
    today = date(2026, 11, 23)

    def score(self, title, body, query="visa", days=0):
        published = self.today - timedelta(days=days)
        return score(document(title, body), published, phrases(query), self.today)

    def test_title_over_text(self):
        self.assertGreater(self.score("Visa news", "x", days=3000), self.score("x", "visa " * 50))

    def test_a_title_that_is_just_the_query_comes_first(self):
        self.assertGreater(self.score("Visa", "x", days=3000), self.score("Visa news", "visa"))

    def test_exact_over_beginning(self):
        self.assertGreater(self.score("", "opt", "opt"), self.score("", "optional", "opt"))

    def test_new_over_old_but_gently(self):
        self.assertGreater(self.score("", "visa"), self.score("", "visa", days=400))
        self.assertGreater(self.score("", "visa " * 9, days=400), self.score("", "visa", days=100))

    def test_a_date_to_come_is_no_better_than_today(self):
        self.assertEqual(self.score("", "visa", days=-9), self.score("", "visa"))


class SearchTests(PictureTestCase):
    def test_two_characters_one_character_and_whole_phrases(self):
        make_picture("gala", alt_zh_hans="学联在礼堂举办春节晚会")
        make_picture("spring", alt_zh_hans="春天的节日，晚上开会")
        for query, names in {
            "春节": ["gala"],
            "春节晚会": ["gala"],
            "春": {"gala", "spring"},
            "会": {"gala", "spring"},
            "节晚": ["gala"],
            "天节": [],
        }.items():
            with self.subTest(query):
                self.assertCountEqual(self.found(query), names)

    def test_pairs_that_stand_apart_are_no_phrase(self):
        make_picture("apart", alt_zh_hans="大学和学生")
        make_picture("together", alt_zh_hans="大学生")
        self.assertEqual(self.found("大学生"), ["together"])
        self.assertCountEqual(self.found("大学 学生"), ["apart", "together"])

    def test_words_from_their_beginning_codes_exactly(self):
        make_picture("one", "New rules for F-1 visas")
        make_picture("two", "F-11 is a supervisa")
        self.assertEqual(self.found("vis"), ["one"])
        self.assertEqual(self.found("F-1"), ["one"])
        self.assertEqual(self.found("ｆ－１"), ["one"])

    def test_quoted_words_stand_side_by_side(self):
        make_picture("dessert", "ice cream")
        make_picture("winter", "cream of ice")
        self.assertEqual(self.found('"ice cream"'), ["dessert"])
        self.assertCountEqual(self.found("ice cream"), ["dessert", "winter"])

    def test_words_of_a_query_may_be_in_title_and_text(self):
        make_picture("Parking", "near the library")
        self.assertEqual(self.found("library parking"), ["Parking"])
        self.assertEqual(self.found('"parking near"'), [])

    def test_no_character_is_a_wildcard(self):
        make_picture("plain", "fifty percent_off")
        for query in ("f%y", "f_fty", "fi*y", "%", "_", "*", "f?fty"):
            self.assertEqual(self.found(query), [], query)
        self.assertEqual(self.found("percent_off"), ["plain"])

    def test_title_comes_before_text(self):
        make_picture("old news", "about snow")
        make_picture("snow", "nothing")
        self.assertEqual(self.found("snow"), ["snow", "old news"])

    def test_the_same_order_every_time_where_all_is_equal(self):
        when = timezone.now()
        pictures = [make_picture(f"same{n}", "snow") for n in range(5)]
        Image.objects.update(uploaded_at=when)
        fulltext.refresh(*Image.objects.all())
        newest_first = [picture.name for picture in reversed(pictures)]
        self.assertEqual(self.found("snow"), newest_first)

    def test_a_thing_in_both_languages_is_found_once_in_the_readers_own(self):
        make_picture("ISU", "ISU campus", alt_zh_hans="ISU 校园")
        for language in ("zh-hans", "en"):
            hits = fulltext.search("ISU", EVERYONE, language).hits
            self.assertEqual([hit.language for hit in hits], [language])

    def test_a_hit_in_the_other_language_leads_to_its_page(self):
        both = make_picture("both", "a campus", alt_zh_hans="校园")
        alone = make_picture("alone", "a campus")
        with translation.override("zh-hans"):
            found = fulltext.show(fulltext.search("campus", EVERYONE).hits, "campus", EVERYONE)
        urls = {one.url: one.language for one in found}
        self.assertEqual(
            urls, {f"/en/pictures/{both.pk}/": "en", f"/zh-hans/pictures/{alone.pk}/": "en"}
        )

    def test_no_more_than_the_best_are_looked_at(self):
        pictures = Image.objects.bulk_create(
            Image(name="", alt_en="snow", audience="everyone", width=1, height=1, token=f"t{n}")
            for n in range(MOST_HITS + 1)
        )
        fulltext.refresh(*pictures)
        run_due()
        results = fulltext.search("snow", EVERYONE)
        self.assertEqual((len(results.hits), results.total), (MOST_HITS, MOST_HITS + 1))

    def test_what_is_frequent_has_the_same_order_and_no_total(self):
        for n in range(5):
            make_picture(f"gala {n}", "tickets for the gala of the tall giraffes")
        make_picture("giraffe", "one")
        make_picture("zoo", "giraffes, and 晚会")
        for query, number in (
            *(("gala", 5), ("giraffe", 7), ("“the tall giraffes”", 5), ("in:title gala", 5)),
            *(("giraffe -gala", 2), ("giraffe after:2020", 7), ("after:2020", 7), ("晚会", 1)),
        ):
            counted = fulltext.search(query, EVERYONE)
            self.assertEqual(counted.total, number, query)
            for often in (0, 10**6):  # read, or sorted, on PostgreSQL
                with patch.multiple(query_module, MANY=0, OFTEN=often):
                    many = fulltext.search(query, EVERYONE)
                self.assertEqual((many.hits, many.total, many.counts), (counted.hits, None, {}))

    def test_a_long_sound_is_known_by_its_beginning_and_looked_for_as_a_whole(self):
        make_picture("春节晚会")
        self.assertEqual(self.found("chunjiewanhui"), ["春节晚会"])
        self.assertEqual(self.found("in:title chunjiewan"), ["春节晚会"])
        self.assertEqual(self.found("chunjiewuhui"), [])

    def test_as_many_queries_for_one_as_for_twenty(self):
        for number in (1, 19):
            for n in range(number):
                make_picture(f"snow {number} {n}")
            with self.assertNumQueries(3):
                hits = fulltext.search("snow", EVERYONE).hits
                fulltext.show(hits[:20], "snow", EVERYONE)
        self.assertEqual(len(hits), 20)


class PrivacyTests(PictureTestCase):
    """A canary is a word that stands in one thing only."""

    def test_each_audience_finds_its_own(self):
        make_picture("open", "canaryone")
        make_picture("inside", "canarytwo", audience="members")
        make_picture("desk", "canarythree", audience="staff")
        for audiences, names in ((EVERYONE, ["open"]), (MEMBERS, ["open", "inside"])):
            self.assertCountEqual(self.found("canary", audiences), names)
        self.assertEqual(self.found("canarythree", MEMBERS), [])

    def test_what_is_hidden_makes_nothing_frequent(self):
        make_picture("open", "wave")
        with patch.object(query_module, "MANY", 1):
            alone = fulltext.search("wave", EVERYONE)
            for n in range(5):
                make_picture(f"held {n}", "wave", audience="staff")
            self.assertEqual(fulltext.search("wave", EVERYONE), alone)
        self.assertEqual(alone.total, 1)

    def test_what_nobody_may_find_has_no_row(self):
        make_picture("held", "canary", credit="held")
        self.assertFalse(Entry.objects.exists())

    def test_removal_counts_before_any_job_runs(self):
        picture = make_picture("gone", "canary")
        picture.credit = "held"
        picture.save()
        fulltext.refresh(picture)
        self.assertEqual(fulltext.search("canary", MEMBERS).hits, [])

    def test_a_narrower_audience_counts_before_any_job_runs(self):
        picture = make_picture("closed", "canary")
        picture.audience = "members"
        picture.save()
        fulltext.refresh(picture)
        self.assertEqual(fulltext.search("canary", EVERYONE).hits, [])
        self.assertEqual(len(fulltext.search("canary", MEMBERS).hits), 1)

    def test_a_stale_row_shows_nothing(self):
        picture = make_picture("stale", "canary")
        hits = fulltext.search("canary", EVERYONE).hits
        self.assertEqual(len(hits), 1)
        for change in ({"audience": "members"}, {"audience": "everyone", "credit": "held"}):
            Image.objects.filter(pk=picture.pk).update(**change)
            self.assertEqual(fulltext.show(hits, "canary", EVERYONE), [])

    def test_a_deleted_thing_takes_its_rows_along(self):
        make_picture("one", "canary")
        make_picture("two", "canary")
        Image.objects.get(name="one").delete()
        self.assertEqual(self.found("canary"), ["two"])
        Image.objects.all().delete()
        self.assertFalse(Entry.objects.exists())

    def test_a_job_that_comes_late_brings_nothing_back(self):
        picture = make_picture("late", "canary")
        fulltext.refresh(picture)
        Image.objects.filter(pk=picture.pk).update(credit="held")
        run_due()
        self.assertFalse(Entry.objects.exists())

    def test_forgotten_is_not_found(self):
        picture = make_picture("forgotten", "canary")
        fulltext.forget(picture)
        self.assertEqual(fulltext.search("canary", MEMBERS).hits, [])


class RowTests(PictureTestCase):
    def test_text_follows_by_a_job(self):
        picture = Image.objects.create(
            name="new", alt_en="snow", audience="everyone", width=1, height=1
        )
        fulltext.refresh(picture)
        self.assertEqual(self.found("snow"), [])
        run_due()
        self.assertEqual(self.found("snow"), ["new"])

    def test_changed_text_is_found_by_its_new_words_only(self):
        picture = make_picture("weather", "snow")
        picture.alt_en = "sunshine"
        picture.save()
        fulltext.refresh(picture)
        run_due()
        self.assertEqual((self.found("snow"), self.found("sun")), ([], ["weather"]))

    def test_a_language_taken_away_takes_its_row_along(self):
        picture = make_picture("both", "campus", alt_zh_hans="校园")
        self.assertEqual(Entry.objects.count(), 2)
        picture.alt_zh_hans = ""
        picture.save()
        fulltext.refresh(picture)
        self.assertEqual(Entry.objects.get().language, "en")

    def test_the_index_follows_its_rows_by_whatever_way_they_change(self):
        """Fails when a migration that altered core_entry on SQLite left its triggers behind."""
        matching = "core_entry_terms(document) @@ '%s'::tsquery"
        if connection.vendor == "sqlite":
            matching = (
                "id IN (SELECT rowid FROM core_entry_index WHERE core_entry_index MATCH '%s')"
            )

        def found(word):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM core_entry WHERE {matching % word}")  # noqa: S608
                return cursor.fetchone()[0]

        make_picture("weather", "snow")
        Entry.objects.update(document=document("weather", "rain"))
        self.assertEqual((found("snow"), found("rain")), (0, 1))
        Entry.objects.update(document="")
        self.assertEqual(found("rain"), 0)
        Entry.objects.update(document=document("weather", "fog"))
        Entry.objects.all().delete()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT rowid FROM core_entry_index WHERE core_entry_index MATCH 'fog OR rain'"
                )
                self.assertEqual(cursor.fetchall(), [])

    def test_a_model_is_registered_once(self):
        with self.assertRaises(ImproperlyConfigured):
            fulltext.register(Image, PictureIndex)

    def test_refreshing_many_asks_as_often_as_refreshing_two(self):
        pictures = [make_picture(f"picture {n}") for n in range(20)]
        for picture in pictures:
            picture.audience = "members"
        with self.assertNumQueries(5):  # a savepoint, its end, read, write, the job
            fulltext.refresh(*pictures[:2])
        with self.assertNumQueries(5):
            fulltext.refresh(*pictures)


class PageTests(TestCase):
    def test_pages_are_found_in_the_language_they_are_in(self):
        make_page("about", title_zh_hans="关于我们", body_zh_hans="<p>学联</p><p>成立</p>")
        run_due()
        (found,) = fulltext.show(fulltext.search("学联", EVERYONE, "en").hits, "学联", EVERYONE)
        self.assertEqual((found.kind, found.language), ("page", "zh-hans"))
        self.assertIn((True, "学联"), found.passage)
        self.assertEqual(fulltext.search("联成", EVERYONE).hits, [])


class ReindexTests(PictureTestCase):
    def reindex(self, *args, **options):
        out = StringIO()
        call_command("reindex", *args, stdout=out, **options)
        return out.getvalue()

    def test_everything_is_read_again_in_batches(self):
        for n in range(5):
            make_picture(f"picture {n}", "snow")
        Entry.objects.all().delete()
        self.assertIn("picture: 5 things, 5 rows changed", self.reindex(batch=2))
        self.assertEqual(len(self.found("snow")), 5)
        self.assertIn("picture: 5 things, 0 rows changed", self.reindex())

    def test_rows_whose_things_are_gone_go_too(self):
        for n in range(5):
            make_picture(f"picture {n}", "snow")
        gone = Image.objects.filter(name__in=["picture 0", "picture 2", "picture 4"])
        gone._raw_delete(gone.db)
        Entry.objects.create(kind="no more", object_id=1, published_at=timezone.now())
        self.assertIn("3 rows changed", self.reindex(batch=1))
        self.assertEqual(Entry.objects.filter(kind__in=["picture", "no more"]).count(), 2)

    def test_a_check_finds_drift_and_writes_nothing(self):
        for n in range(3):
            make_picture(f"picture {n}", "snow")
        self.reindex()
        self.reindex(check=True)
        Entry.objects.filter(kind="picture")[0].delete()
        Image.objects.filter(name="picture 1").update(alt_en="rain")
        Image.objects.filter(name="picture 2")._raw_delete(connection.alias)
        with self.assertRaisesMessage(CommandError, "3 rows are out of date"):
            self.reindex(check=True)
        self.assertEqual(Entry.objects.filter(kind="picture").count(), 2)

    def test_an_interrupted_run_says_how_to_go_on(self):
        pictures = [make_picture(f"picture {n}", "snow") for n in range(3)]
        Entry.objects.all().delete()
        with (
            patch.object(reindex, "fill_now", side_effect=[1, KeyboardInterrupt]),
            self.assertRaisesMessage(CommandError, f"reindex picture --after {pictures[0].pk}"),
        ):
            self.reindex("picture", batch=1)
        out = self.reindex("picture", after=pictures[0].pk)
        self.assertIn("picture: 2 things, 2 rows changed", out)
        with self.assertRaisesMessage(CommandError, "a single kind"):
            self.reindex(after=1)

    def test_one_kind_only(self):
        self.assertEqual(self.reindex("picture"), "picture: 0 things, 0 rows changed\n")

    def test_an_unknown_kind_is_refused(self):
        with self.assertRaisesMessage(CommandError, "No such kind: nothing"):
            self.reindex("nothing")


HOSTILE = [
    "", " ", "'", '"', '""', "a'b", '春节" OR 1', "*", "NOT", "AND OR NOT NEAR(", "a:b & !c | (",
    "\\", "%", "_", "😀", "会 AND NEAR(", "\0", "a\0b", "\ud800", "a\udfffb", ":*", "'春节':*", "<->",
    "title:春节", "-visa", "^visa", "{visa}", "visa*", "·visa", "1=1; DROP TABLE core_entry",
    "é" * 300, "春" * 10_000, "x" * 10_000, "a " * 5_000, "\u0301", "\u200b", "ﷺ" * 200, "𝐀" * 200,
    "\ufdfa", "İıſß", "\x1f", "「", "「」", "“”", "1" * 200, "ｶﾞ", "가나", "　", "\ufffe\uffff",
]  # fmt: skip


class HostileTests(HypothesisTestCase):
    @classmethod
    def setUpTestData(cls):
        make_page("visa", title_zh_hans="签证", body_zh_hans="春节签证", body_en="a visa office")
        run_due()

    def ask(self, query):
        hits = fulltext.search(query, MEMBERS).hits
        fulltext.show(hits, query, MEMBERS)
        return hits

    def test_no_known_trick_is_an_error(self):
        for query in HOSTILE:
            with self.subTest(query[:30]):
                self.ask(query)

    @settings(max_examples=300, deadline=500)
    @given(st.text(max_size=400))
    def test_no_text_is_an_error(self, query):
        self.ask(query)

    @settings(max_examples=300, deadline=500)
    @given(st.text(alphabet="春节签证visa \"'*:&|!()<>-~^{}\\%_·“”「」1é\0\ud800", max_size=40))
    def test_no_mixture_of_words_and_operators_is_an_error(self, query):
        self.ask(query)

    @settings(max_examples=200, deadline=500)
    @given(st.text(max_size=300), st.data())
    def test_every_pair_of_han_in_a_text_finds_it(self, body, data):
        body += data.draw(st.text(alphabet="春节晚会学生，a1 ", min_size=1, max_size=50))
        page = Page.objects.get(slug="visa")
        Entry.objects.filter(language="en").update(document=document("", body))
        runs = re.findall("[春节晚会学生]{2,}", body)
        for run in runs[:3]:
            start = data.draw(st.integers(0, len(run) - 2))
            end = data.draw(st.integers(start + 2, len(run)))
            hits = fulltext.search(run[start:end], EVERYONE, "en").hits
            self.assertIn(fulltext.Hit("page", page.pk, "en"), hits)

    @settings(max_examples=300, deadline=None)
    @given(st.text(max_size=50), st.text(max_size=300))
    def test_both_databases_have_the_same_terms(self, title, body):
        kept = document(title, body)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT tsvector_to_array(core_entry_terms(%s))", [kept])
                (terms,) = cursor.fetchone()
            else:
                cursor.execute("SELECT core_entry_terms(%s)", [kept])
                terms = cursor.fetchone()[0].split(" ")
        expected = set(text.terms(kept).split(" ")) - {""}
        if connection.vendor == "postgresql":
            expected = set(map(text.in_class, expected))
        self.assertEqual(set(terms) - {""}, expected)
