"""How well spam is told from other texts, on texts that were not learned from."""

from __future__ import annotations

from collections.abc import Sequence

from .training import quantile

Scored = Sequence[tuple[float, bool]]  # score, and whether it is spam


def auc(scored: Scored) -> float:
    """The probability that a text of spam scores higher than another (Mann-Whitney U)."""
    ordered = sorted(scored)
    spam = sum(label for _score, label in ordered)
    ham = len(ordered) - spam
    ranks, start = 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        ranks += (start + end + 1) / 2 * sum(label for _score, label in ordered[start:end])
        start = end
    return (ranks - spam * (spam + 1) / 2) / (spam * ham)


def recall_at(scored: Scored, kept: float) -> float:
    """The share of spam found where the share ``kept`` of the others passes."""
    threshold = quantile((score for score, spam in scored if not spam), kept)
    return at(scored, threshold)[0]


def at(scored: Scored, threshold: float) -> tuple[float, float]:
    """The share of spam found, and of others kept, by a threshold."""
    spam = [score >= threshold for score, label in scored if label]
    ham = [score < threshold for score, label in scored if not label]
    return sum(spam) / len(spam), sum(ham) / len(ham)
