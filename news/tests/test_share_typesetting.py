from time import perf_counter

from django.test import SimpleTestCase
from PIL import ImageFont

from news.sharing.typesetting import FONTS, MISSING, clean, fit, set_text

CLOSING = "，。、；：？！）」』”’》…"
OPENING = "（「『“‘《"
LONG = (
    "关于2026—2027学年中国学生学者联谊会换届选举、春节联欢晚会筹备、新生接机志愿者招募以及“校友返校日”"
    "活动安排的通知（附报名链接、各部门联系方式与常见问题解答）：请各位同学于11月30日前完成登记，谢谢合作！"
)


def written(block):
    return ["".join(text for _x, text, _script in line.pieces) for line in block.lines]


class FontTests(SimpleTestCase):
    def test_every_character_of_the_lists_is_in_the_fonts(self):
        for family in ("serif", "sans"):
            for script, name in (("han", "characters"), ("latin", "latin")):
                font = ImageFont.truetype(
                    str(FONTS / f"{family}-{script}.otf"), 24, layout_engine=ImageFont.Layout.BASIC
                )
                missing = bytes(font.getmask("\U0010ffff"))
                listed = "".join((FONTS / f"{name}.txt").read_text("utf-8").split())
                self.assertGreater(len(listed), 250)
                lacking = [char for char in listed if bytes(font.getmask(char)) == missing]
                self.assertEqual(lacking, [], font.getname())

    def test_the_licence_comes_along(self):
        self.assertIn("SIL OPEN FONT LICENSE", (FONTS / "OFL.txt").read_text("utf-8"))


class CleanTests(SimpleTestCase):
    def test_emoji_and_invisible_characters_are_left_out(self):
        self.assertEqual(clean("🎉中秋\u200b快乐👨‍👩‍👧\ufe0f 1️⃣\u202e🇨🇳"), "中秋快乐 1")
        self.assertEqual(clean("😀"), "")

    def test_what_the_fonts_lack_becomes_one_sign(self):
        self.assertEqual(clean("𠮷野家 Иван"), f"{MISSING}野家 {MISSING}")

    def test_letters_fall_back_on_plainer_ones(self):
        self.assertEqual(clean("Şahin ﬁnds 𝐇 e\u0301té"), "Sahin finds H été")

    def test_simplified_traditional_and_pinyin_are_there(self):
        text = "联谊會館龜龍 Pínyīn lǜ “’—…《》（）！￥"
        self.assertEqual(clean(text), text)

    def test_space_is_folded(self):
        self.assertEqual(clean("  a\n\t b\u3000 c "), "a b c")


class LineTests(SimpleTestCase):
    def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(self):
        for size in range(20, 100, 3):
            for balance in (False, True):
                block = set_text(LONG, "zh-hans", "serif", size, 900, 40, balance=balance)
                lines = written(block)
                self.assertEqual("".join(lines), clean(LONG).replace(" ", ""))
                for line in lines:
                    self.assertNotIn(line[0], CLOSING, size)
                    self.assertNotIn(line[-1], OPENING, size)
                self.assertLessEqual(block.width, 900)

    def test_latin_words_and_numbers_with_their_unit_stay_whole(self):
        words = "在Pocatello办理SSN与Individual驾照，截止11月30日"
        for width in range(300, 900, 20):
            text = " ".join(written(set_text(words, "zh-hans", "serif", 50, width, 20)))
            for whole in ("Pocatello", "SSN", "Individual", "11月", "30日"):
                self.assertIn(whole, text)

    def test_an_address_longer_than_the_line_is_broken(self):
        block = set_text("https://example.org/" + "x" * 200, "en", "sans", 32, 500, 20)
        self.assertGreater(len(block.lines), 3)
        self.assertLessEqual(block.width, 500)

    def test_what_does_not_fit_ends_with_an_ellipsis_and_no_mark_before_it(self):
        for width in range(400, 1000, 25):
            block = set_text(LONG, "zh-hans", "serif", 60, width, 2)
            self.assertTrue(block.is_cut)
            self.assertEqual(len(block.lines), 2)
            last = written(block)[-1]
            self.assertEqual(last[-1], "…")
            self.assertNotIn(last[-2], CLOSING + OPENING)
            self.assertLessEqual(block.width, width)
        english = set_text("word " * 99, "en", "sans", 30, 400, 2)
        self.assertTrue(written(english)[-1].endswith("word..."))

    def test_one_endless_word_is_cut_within_its_line(self):
        block = set_text("W" * 300, "en", "sans", 32, 912, 4)
        self.assertTrue(block.is_cut)
        self.assertLessEqual(block.width, 912)

    def test_quotation_marks_are_wide_in_chinese_and_narrow_in_english(self):
        scripts = {
            language: {script for _x, text, script in line.pieces if "”" in text}
            for language in ("zh-hans", "en")
            for line in set_text("“we’ll see”", language, "serif", 40, 900, 1).lines
        }
        self.assertEqual(scripts, {"zh-hans": {"han"}, "en": {"latin"}})

    def test_nothing_is_no_line(self):
        self.assertEqual(set_text("😀", "en", "sans", 30, 400, 3).lines, [])


class FitTests(SimpleTestCase):
    sizes = (100, 88, 78, 70, 62, 56, 50)

    def test_longer_titles_are_smaller_and_at_most_four_lines(self):
        def title(text):
            return fit(text, "zh-hans", "serif", self.sizes, 912, 330, 4)

        self.assertEqual(title("雪").size, 100)
        self.assertEqual(title(LONG).size, 50)
        self.assertEqual(len(title(LONG).lines), 4)
        self.assertTrue(title(LONG).is_cut)
        for length in range(1, 70):
            block = title("雪" * length)
            self.assertLessEqual(len(block.lines), 4)
            self.assertLessEqual(block.height, 330)
            self.assertLessEqual(block.width, 912)

    def test_lines_end_at_a_pause_where_a_little_smaller_type_allows_it(self):
        block = fit(
            "入冬第一课：在波卡特洛的雪路上慢下来", "zh-hans", "serif", self.sizes, 912, 330, 4
        )
        self.assertEqual(written(block), ["入冬第一课：", "在波卡特洛的雪路上慢下来"])

    def test_english_lines_are_even(self):
        block = fit(
            "First snow of the winter closes Benton Street", "en", "serif", (78,), 912, 330, 4
        )
        widths = [line.width for line in block.lines]
        self.assertGreater(min(widths), 0.5 * max(widths))

    def test_hard_texts_take_seconds_at_most(self):
        began = perf_counter()
        for text in ("雪" * 150, "W" * 150, "，" * 150, "（" * 150, "a " * 75, "“" * 150):
            fit(text, "zh-hans", "serif", self.sizes, 912, 330, 4)
        self.assertLess(perf_counter() - began, 10)
