"""What hides in a text is brought to light, however long and strange it is."""

from time import perf_counter
from unittest import TestCase

from members.moderation.filtering.folding import LOOKED_AT, fold


class FoldTests(TestCase):
    def test_disguises_fall(self):
        for text, joined in {
            "ＷｅＣｈａｔ": "wechat",
            "ⓦⓔⓒⓗⓐⓣ": "wechat",
            "we\u200bch\u200dat": "wechat",
            "раураl": "paypal",
            "1 3 8-0000 . 1111": "13800001111",
            "加 薇 信": "加薇信",
            "加|我|们": "加我们",
            "一三八零零零零": "1380000",
            "1三8 零零 - 零零": "1380000",
            "壹 叁 捌 零 零": "13800",
            "❶❸⑧⓪⒐": "13809",
            "1️⃣3️⃣8️⃣": "138",
            "🅥🆇 ᴡᴇᴄʜᴀᴛ": "vx wechat",
            "薇\ufe0f信": "薇信",
            "we\U000e0041chat": "wechat",
            "e\u0301t\u0336e\u0336": "éte",
        }.items():
            with self.subTest(text=text):
                self.assertEqual(fold(text).joined, joined)

    def test_what_people_write_stays(self):
        for text in (
            "春节晚会在 2 月 6 日，一二三等奖都有。",
            "call me at 5, or 6",
            "привет всем",
            "καλημέρα",
            "a 👨‍👩‍👧 family",
        ):
            with self.subTest(text=text):
                folded = fold(text)
                self.assertEqual((folded.hidden, folded.disguised), (0, 0))
        self.assertIn("一二三等奖", fold("一二三等奖").joined)
        self.assertIn("5, or 6", fold("call me at 5, or 6").joined)

    def test_disguises_are_counted(self):
        folded = fold("ch\u200beap раураl vіagra")
        self.assertEqual((folded.hidden, folded.disguised), (1, 2))

    def test_what_is_set_apart_all_over_is_put_together_all_over(self):
        for text in (
            "加 我丶微.信 号 a b.c丶1 2 3，全 天丶在 线",
            "加.丶.我·微 · 信 号 abc1.23，全天.在_线",
        ):
            folded = fold(text)
            self.assertTrue(folded.scattered, text)
            self.assertEqual(folded.joined, "加我微信号abc123,全天在线")
        for text in (
            "今天 我们 去 图书馆 学习",
            "通 知：周五 停 课 一天，a b c 1 2",
            "a b c d e f g h",
            "转租一间 四百二 包水电 五月到八月 可以先看房 走路十分钟 有意私信我",
        ):
            self.assertFalse(fold(text).scattered, text)
        self.assertEqual(fold("通 知 a b 1 2").joined, "通知 a b 12")

    def test_strange_texts_take_no_time(self):
        for name, piece in {
            "letters": "a",
            "marks": "Z" + "\u0301" * 50,
            "nothing": "\u200b",
            "mixed": "aа",
            "digits": "1 ",
            "Han": "一 ",
            "hidden": "a\u200b",
            "ligature of eighteen": "\ufdfa",
            "nul": "\0",
            "halves": "\ud800",
        }.items():
            text = (piece * 1_000_000)[:1_000_000]
            start = perf_counter()
            folded = fold(text)
            with self.subTest(text=name):
                self.assertLess(perf_counter() - start, 0.5)
                self.assertLessEqual(len(folded.text), 2 * LOOKED_AT)
