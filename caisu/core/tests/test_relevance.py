from statistics import mean
from unittest.mock import patch

from django.test import TestCase

from caisu.core.fulltext import query
from caisu.core.fulltext.models import Entry

from . import relevance


class RelevanceTests(TestCase):
    def test_searches_find_what_is_meant(self):
        with patch.object(query.timezone, "now", return_value=relevance.NOW):
            figures = relevance.measure()
        self.assertGreaterEqual(Entry.objects.count(), 300)
        self.assertGreaterEqual(len(figures), 120)
        worst = sorted((value, asked, found) for asked, (value, found) in figures.items())[:10]
        self.assertGreaterEqual(mean(value for value, _found in figures.values()), 0.95, worst)

    def test_a_hit_further_down_is_worth_less(self):
        self.assertEqual(relevance.ndcg(["a", "b"], ["a", "b"]), 1)
        self.assertEqual(relevance.ndcg(["x"], ["a"]), 0)
        self.assertEqual(relevance.ndcg([], []), 1)
        self.assertEqual(relevance.ndcg(["x"], []), 0)
        self.assertLess(relevance.ndcg(["b", "a"], ["a", "b"]), relevance.ndcg(["a"], ["a", "b"]))
