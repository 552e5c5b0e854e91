"""Where a plain text mentions somebody, and where it only looks so."""

from time import perf_counter
from unittest import TestCase

from caisu.core.markup import mentions, plain

BOB = {"bob": "/en/members/bob/"}


class MentionTests(TestCase):
    def test_handles_in_their_order_each_once(self):
        found = mentions("@bob, ask @Alice_2 or @bob (and @a-b).")
        self.assertEqual(found, ["bob", "alice_2", "a-b"])

    def test_in_chinese_no_space_is_needed_and_the_sign_may_be_wide(self):
        self.assertEqual(mentions("谢谢@bob！还有＠alice你好"), ["bob", "alice"])

    def test_addresses_and_links_mention_nobody(self):
        for text in (
            "alice@example.org",
            "a.b@bob.example",
            "x+y@bob",
            "https://social.example/@bob",
            "see www.site.example/u/@bob/1",
            "https://me:pw@bob.example/",
            "@bob@social.example",
            "/@bob",
            "@",
            "@@bob",
            "@" + "b" * 31,
            "@_bob",
        ):
            with self.subTest(text=text):
                self.assertEqual(mentions(text), [])

    def test_what_is_quoted_is_not_said_again(self):
        text = "> @alice said so\n\n@bob, see above"
        self.assertEqual(mentions(text), ["bob"])
        self.assertEqual(mentions(text, quoted=True), ["alice", "bob"])

    def test_only_known_people_become_links(self):
        html = plain("Hello @Bob and @carol", people=BOB)
        link = '<a class="mention" href="/en/members/bob/">@Bob</a>'
        self.assertEqual(html, f"<p>Hello {link} and @carol</p>")
        self.assertEqual(plain("Hello @bob"), "<p>Hello @bob</p>")

    def test_links_and_people_side_by_side(self):
        text = "<@bob> https://x.example/@bob & @bob"
        html = plain(text, links=False, people=BOB)
        self.assertEqual(html.count('class="mention"'), 2)
        self.assertIn("https://x.example/@bob &amp;", html)
        self.assertEqual(plain(text, people=BOB).count("<a "), 3)

    def test_hostile_texts_take_no_time(self):
        for text in ("@" * 100_000, "@a" * 50_000, "@" + "a-" * 50_000, "＠a_" * 30_000):
            began = perf_counter()
            plain(text, people=BOB)
            mentions(text)
            self.assertLess(perf_counter() - began, 2)
