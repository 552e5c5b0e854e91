"""Colours that can be told apart: WCAG 2.2 AA for every pair in use, AAA for text that is read."""

import pytest
from django.test import SimpleTestCase

from caisu.styleguide import colours
from caisu.styleguide.colours import AAA, SHEETS, contrast, measures, resolve, tokens


class ContrastTests(SimpleTestCase):
    def test_ratio_is_that_of_the_standard(self):
        for one, other, ratio in [
            ("#000000", "#ffffff", 21),
            ("#ffffff", "#000000", 21),
            ("#767676", "#ffffff", 4.54),
            ("#c3272b", "#c3272b", 1),
        ]:
            self.assertAlmostEqual(contrast(one, other), ratio, places=2)

    def test_every_pair_in_use_is_far_enough_apart(self):
        for name in SHEETS:
            for each in measures(name):
                with self.subTest(sheet=name, scheme=each.scheme, pair=each.pair):
                    self.assertTrue(each.is_enough, f"{each.ratio:.2f} of {each.pair.least}")

    def test_text_that_is_read_is_held_to_more(self):
        read = {
            ("site.css", "--ink", "--paper"),
            ("site.css", "--ink", "--sheet"),
            ("admin.css", "--body-fg", "--body-bg"),
        }
        for sheet, above, below in read:
            pair = next(p for p in SHEETS[sheet] if (p.above, p.below) == (above, below))
            self.assertEqual(pair.least, AAA)

    def test_every_colour_has_a_pair(self):
        """A new token is measured, or adorns only."""
        for name, pairs in SHEETS.items():
            measured = {token for pair in pairs for token in (pair.above, pair.below)}
            for known in tokens(colours.read(name)).values():
                plain = {token for token, value in known.items() if colours.HEX.fullmatch(value)}
                self.assertGreater(len(plain), 8)
                self.assertEqual(plain - measured - colours.ADORNING, set(), name)

    def test_too_little_is_seen(self):
        css = colours.read("site.css").replace(
            "--ink: light-dark(#1c1a17,", "--ink: light-dark(#777777,"
        )
        bad = [each for each in measures("site.css", css) if not each.is_enough]
        self.assertIn(
            ("--ink", "--paper", "light"), {(e.pair.above, e.pair.below, e.scheme) for e in bad}
        )
        self.assertEqual({each.scheme for each in bad}, {"light"})


class TokenTests(SimpleTestCase):
    def test_each_scheme_has_its_own(self):
        for css in (
            ":root { --ink: light-dark(#111, #eee); }",
            ":root { --ink: #111; } @media (prefers-color-scheme: dark) { :root { --ink: #eee; } }",
            "@layer tokens { :root { --ink: #111 } :root[data-theme=dark] { --ink: #eee } }",
            ':root { --ink: #000; --ink: #111 } [data-theme="dark"] { --ink: #eee; }',
            ":root { --ink: #111; @media (prefers-color-scheme: dark) { --ink: #eee; } }",
        ):
            with self.subTest(css=css):
                found = tokens(css)
                self.assertEqual(found["light"]["--ink"], "#111")
                self.assertEqual(found["dark"]["--ink"], "#eee")

    def test_other_readers_are_left_out(self):
        css = (
            ":root { --ink: #111; /* --ink: #222; */ }"
            "@media print { :root { --ink: #000; } }"
            "@media (forced-colors: active) { :root { --ink: CanvasText; } }"
            "@supports not (color: light-dark(#000, #fff)) { :root { --ink: #333; } }"
        )
        self.assertEqual(tokens(css), {"light": {"--ink": "#111"}, "dark": {"--ink": "#111"}})

    def test_a_token_may_be_another_ones(self):
        known = {"--ink": "#1c1A17", "--text": "var(--ink)", "--hair": "1px solid var(--ink)"}
        self.assertEqual(resolve("--text", known), "#1c1a17")
        self.assertEqual(resolve("#abc", known), "#aabbcc")
        with pytest.raises(ValueError, match="--hair"):
            resolve("--hair", known)
        with pytest.raises(KeyError):
            resolve("--gone", known)
