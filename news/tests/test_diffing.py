import html
import re
import time

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from caisu.core import markup
from news import diffing

TEXTS = st.text(alphabet="ab 雪天。<&\n'é👩", max_size=60)
PARAGRAPHS = st.lists(
    st.sampled_from(
        [
            "<p>Snow fell.</p>",
            "<p>Snow fell today.</p>",
            "<h2>雪</h2>",
            "<ul><li>one</li><li>two</li></ul>",
            "<ul><li>one</li></ul>",
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
            "<blockquote><p>said</p></blockquote>",
            "<hr>",
            "<p>今天下雪了。</p>",
        ]
    ),
    max_size=8,
).map("".join)


def without(tag, marked):
    """A marked text with everything in those tags gone, as plain text."""
    kept = re.sub(rf"<{tag}>.*?</{tag}>", "", marked, flags=re.DOTALL)
    return html.unescape(re.sub("</?(?:ins|del)>", "", kept))


def picture(number=1, alt="A house", caption="", name="full.webp"):
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img src="/media/images/{number:032x}/{name}" alt="{alt}">{caption}</figure>'


class WordsTests(SimpleTestCase):
    @given(TEXTS, TEXTS)
    def test_taking_all_insertions_gives_the_new_text_and_all_deletions_the_old_one(self, old, new):
        marked = diffing.words(old, new)
        self.assertEqual(without("del", marked), new)
        self.assertEqual(without("ins", marked), old)

    @given(TEXTS)
    def test_equal_texts_have_no_marks(self, text):
        self.assertNotRegex(diffing.words(text, text), "<(ins|del)>")

    def test_latin_is_compared_by_words_and_chinese_by_characters(self):
        self.assertEqual(
            diffing.words("The snow fell early this year", "The snow fell late this year"),
            "The snow fell <del>early</del><ins>late</ins> this year",
        )
        self.assertEqual(
            diffing.words("今天早上下雪了", "昨天早上下雪了"),
            "<del>今</del><ins>昨</ins>天早上下雪了",
        )

    def test_markup_in_a_text_is_no_markup(self):
        marked = diffing.words("<b>old</b>", "<script>new</script>")
        self.assertNotIn("<script", marked)
        self.assertNotIn("<b>", marked)

    def test_sentences_with_little_in_common_are_replaced_as_a_whole(self):
        marked = diffing.words("He was in the house, we are told", "On Monday it rains: stay in")
        self.assertEqual(marked.count("<del>"), 1)

    def test_long_and_repetitive_texts_are_compared_in_time(self):
        pairs = [
            ("哈" * 300_000, "哈" * 299_000),
            ("哈嘿" * 150_000, "嘿嘿哈" * 100_000),
            ("a b " * 75_000, "b a a " * 50_000),
            ("a" * 300_000, "b" * 300_000),
            (
                "".join(f"{n} " for n in range(40_000)),
                "".join(f"{n * 7 % 9999} " for n in range(40_000)),
            ),
        ]
        for old, new in pairs:
            with self.subTest(old=old[:6], new=new[:6]):
                begin = time.process_time()
                marked = diffing.words(old, new)
                self.assertLess(time.process_time() - begin, 2)
                self.assertEqual(without("del", marked), new)
                self.assertEqual(without("ins", marked), old)


class CompareTests(SimpleTestCase):
    def kinds(self, old, new):
        return [(change.kind, change.block) for change in diffing.compare(old, new)]

    @settings(max_examples=60)
    @given(PARAGRAPHS, PARAGRAPHS)
    def test_both_texts_can_be_read_from_a_comparison(self, old, new):
        changes = diffing.compare(old, new)
        for tag, html_of, other in (("del", new, "removed"), ("ins", old, "added")):
            shown = [without(tag, change.html) for change in changes if change.kind != other]
            self.assertEqual(shown, [block.text for block in diffing.blocks(html_of)])

    def test_a_changed_paragraph_is_compared_by_words_and_its_neighbours_are_the_same(self):
        changes = diffing.compare(
            "<h2>Snow</h2><p>It fell all day.</p><p>End.</p>",
            "<h2>Snow</h2><p>It fell all night.</p><p>End.</p>",
        )
        self.assertEqual([change.kind for change in changes], ["same", "changed", "same"])
        self.assertEqual(changes[1].html, "It fell all <del>day</del><ins>night</ins>.")

    def test_a_paragraph_that_moved_among_changed_ones_finds_its_partner(self):
        self.assertEqual(
            self.kinds(
                "<p>One two three four.</p><p>Five six seven eight.</p>",
                "<p>Quite another thing.</p><p>One two three five.</p><p>Five six seven nine.</p>",
            ),
            [("added", "p"), ("changed", "p"), ("changed", "p")],
        )

    def test_every_kind_of_block_is_told(self):
        body = (
            "<p>p</p><h2>2</h2><h3>3</h3><h4>4</h4><ul><li><p>li</p></li></ul>"
            "<blockquote><p>q</p></blockquote><pre><code>a\n  b</code></pre><hr>"
            "<table><tbody><tr><th><p>a</p></th><td><p>b</p></td></tr></tbody></table>"
        ) + picture(caption="Ours")
        found = diffing.blocks(body)
        self.assertEqual(
            [(block.kind, block.text) for block in found],
            [
                ("p", "p"),
                ("h2", "2"),
                ("h3", "3"),
                ("h4", "4"),
                ("li", "li"),
                ("blockquote", "q"),
                ("pre", "a\n  b"),
                ("hr", "—"),
                ("tr", "a | b"),
                ("figure", "A house\nOurs"),
            ],
        )

    def test_a_heading_made_of_a_paragraph_and_bold_words_change_the_looks_only(self):
        for old, new in [
            ("<p>Snow</p>", "<h2>Snow</h2>"),
            ("<p>Snow</p>", "<p><strong>Snow</strong></p>"),
            ("<ul><li>Snow</li></ul>", "<ol><li>Snow</li></ol>"),
        ]:
            (change,) = diffing.compare(old, new)
            self.assertEqual((change.kind, change.only_looks), ("changed", True))

    def test_a_link_that_leads_elsewhere_shows_both_addresses(self):
        (change,) = diffing.compare(
            '<p>Read <a href="https://isu.edu/">this page</a>.</p>',
            '<p>Read <a href="https://evil.example/?a&amp;b">this page</a>.</p>',
        )
        self.assertFalse(change.only_looks)
        self.assertEqual(without("ins", change.html), "Read this page (https://isu.edu/).")
        self.assertEqual(without("del", change.html), "Read this page (https://evil.example/?a&b).")

    def test_a_picture_shows_its_words_and_the_file_that_is_there_from_the_beginning(self):
        same, changed = diffing.compare(
            picture(1) + picture(2, "Old words"), picture(1) + picture(2, "New words")
        )
        self.assertEqual((same.kind, same.picture), ("same", f"/media/images/{1:032x}/1200.jpg"))
        self.assertEqual(changed.html, "<del>Old</del><ins>New</ins> words")
        self.assertEqual(changed.picture_before, "")

    def test_another_picture_with_the_same_words_is_a_change_that_shows_both(self):
        (change,) = diffing.compare(picture(1), picture(2))
        self.assertEqual(change.kind, "changed")
        self.assertFalse(change.only_looks)
        self.assertIn(f"{1:032x}", change.picture_before)
        self.assertIn(f"{2:032x}", change.picture)

    def test_from_nothing_and_to_nothing(self):
        self.assertEqual(self.kinds("", "<p>a</p>"), [("added", "p")])
        self.assertEqual(self.kinds("<p>a</p>", ""), [("removed", "p")])
        self.assertEqual(self.kinds("", ""), [])

    def test_escaped_text_stays_escaped(self):
        for change in diffing.compare(
            "<p>a &lt;b&gt; c</p>", "<p>a &lt;i&gt; c</p><p>&lt;x&gt;</p>"
        ):
            self.assertNotRegex(change.html, "<[bix]>")

    def test_a_body_of_countless_paragraphs_is_no_countless_lines(self):
        old = "".join(f"<p>{n % 100}</p>" for n in range(30_000))
        new = "".join(f"<p>{n % 97}</p>" for n in range(29_000))
        changes = diffing.compare(old, new)
        self.assertLess(len(changes), 2 * diffing.MOST_BLOCKS + 1)
        told = " ".join(without("del", change.html) for change in changes)
        self.assertEqual(told.split(), [str(n % 97) for n in range(29_000)])

    def test_long_and_repetitive_bodies_are_compared_in_time(self):
        def body(number, text):
            return "".join(f"<p>{text(n)}</p>" for n in range(number))

        pairs = [
            (body(30_000, lambda n: "哈"), body(29_000, lambda n: "嘿" if n % 3 else "哈")),
            (body(30_000, lambda n: "哈"), body(29_990, lambda n: "哈")),
            (body(3000, lambda n: f"哈 {n} " * 10), body(3000, lambda n: f"嘿 {n} " * 10)),
            (body(3000, lambda n: f"哈 {n} " * 10), body(2900, lambda n: f"嘿 {n} " * 10)),
            (body(1, lambda n: "哈 嘿" * 100_000), body(2, lambda n: "嘿 哈哈" * 75_000)),
            (body(200, lambda n: f"{n} 哈嘿嘿" * 300), body(200, lambda n: f"{n} 嘿哈" * 450)),
        ]
        for old, new in pairs:
            with self.subTest(old=old[:12], new=new[:12], length=len(new)):
                begin = time.process_time()
                diffing.compare(old, new)
                self.assertLess(time.process_time() - begin, 3)


class MergeTests(SimpleTestCase):
    BASE = "<p>one</p><p>two</p><p>three</p>"

    @settings(max_examples=60)
    @given(PARAGRAPHS, PARAGRAPHS)
    def test_what_only_one_changed_or_both_alike_is_taken(self, base, text):
        clean = markup.sanitise(text)
        self.assertEqual(diffing.merge(base, base, text), clean)
        self.assertEqual(diffing.merge(base, text, base), clean)
        self.assertEqual(diffing.merge(base, text, text), clean)

    @settings(max_examples=100)
    @given(PARAGRAPHS, PARAGRAPHS, PARAGRAPHS)
    def test_it_does_not_matter_who_was_first(self, base, mine, theirs):
        self.assertEqual(diffing.merge(base, mine, theirs), diffing.merge(base, theirs, mine))

    def test_changes_in_different_paragraphs_come_together(self):
        self.assertEqual(
            diffing.merge(
                self.BASE,
                "<p>ONE</p><p>two</p><p>three</p>",
                "<p>one</p><p>two</p><p>THREE</p><p>four</p>",
            ),
            "<p>ONE</p><p>two</p><p>THREE</p><p>four</p>",
        )

    def test_neighbours_may_be_changed_and_something_added_beside_a_change(self):
        self.assertEqual(
            diffing.merge(
                self.BASE,
                "<p>ONE</p><p>two</p><p>three</p>",
                "<p>one</p><p>new</p><p>TWO</p><p>three</p>",
            ),
            "<p>ONE</p><p>new</p><p>TWO</p><p>three</p>",
        )

    def test_the_same_paragraph_changed_in_two_ways_is_for_a_person(self):
        self.assertIsNone(
            diffing.merge(
                self.BASE,
                "<p>mine</p><p>two</p><p>three</p>",
                "<p>theirs</p><p>two</p><p>three</p>",
            )
        )

    def test_two_additions_in_one_place_are_for_a_person(self):
        self.assertIsNone(diffing.merge(self.BASE, self.BASE + "<p>a</p>", self.BASE + "<p>b</p>"))

    def test_a_list_is_one_block(self):
        base = "<ul><li>a</li><li>b</li></ul>"
        self.assertIsNone(
            diffing.merge(base, "<ul><li>A</li><li>b</li></ul>", "<ul><li>a</li><li>B</li></ul>")
        )

    def test_what_comes_out_is_sanitised(self):
        self.assertEqual(
            diffing.merge("<p>a</p>", "<p>a</p><script>x</script><p onclick='x'>b</p>", "<p>a</p>"),
            "<p>a</p><p>b</p>",
        )
