"""Naive Bayes, one model for each language, over the tokens of a text.

A token weighs the logarithm of how much more often it is in spam than in other texts, each text
counting once; the sum is divided by the square root of the number of tokens, so that long texts get
no louder. See Rennie et al., "Tackling the Poor Assumptions of Naive Bayes" (ICML 2003).

It knows something before anybody has taught it: the texts of first_lessons.toml are in every model.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..models import SpamModel, TokenCount
from .tokens import language_of, tokens

# Below so many decisions of moderators it only advises: what was learned elsewhere decides badly here.
ENOUGH_DECISIONS = 200
SMOOTHING = 0.1
# So many tokens are held in memory for each language; the rarest go first.
MOST_TOKENS = 300_000
# The score by which the odds of the probability grow e-fold; for sorting, no more.
SLOPE = 2
FIRST_LESSONS = Path(__file__).parent / "first_lessons.toml"


@dataclass(frozen=True)
class Judgement:
    """What the classifier makes of a text. Scores of the two languages cannot be compared."""

    language: str
    # Above nought speaks for spam; 0 where nothing is known.
    score: float = 0.0
    # The same between 0 and 1, for sorting.
    probability: float = 0.0
    # At or above the threshold, of a model that has learned enough here to hold by itself.
    likely: bool = False


@dataclass
class Counts:
    """A model in memory: in how many texts of spam, and in how many others, a token was."""

    spam: int = 0
    ham: int = 0
    tokens: dict[str, tuple[int, int]] = field(default_factory=dict)

    def score(self, found: Iterable[str], without: int | None = None) -> float:
        """How much speaks for spam.

        Args:
            without: 1 if the text itself was counted as spam, 0 if as ham, and is to be left out;
                so a model can be asked about what it has learned.
        """
        spam, ham = self.spam - (without == 1), self.ham - (without == 0)
        if spam < 1 or ham < 1:
            return 0.0
        total, number = 0.0, 0
        for token in found:
            number += 1
            in_spam, in_ham = self.tokens.get(token, (0, 0))
            in_spam, in_ham = in_spam - (without == 1), in_ham - (without == 0)
            if in_spam > 0 or in_ham > 0:
                total += math.log(
                    (max(in_spam, 0) + SMOOTHING)
                    / (spam + 2 * SMOOTHING)
                    / ((max(in_ham, 0) + SMOOTHING) / (ham + 2 * SMOOTHING))
                )
        return total / math.sqrt(number) if number else 0.0

    def add(self, found: Iterable[str], spam: bool) -> None:
        self.spam, self.ham = self.spam + spam, self.ham + (not spam)
        for token in found:
            in_spam, in_ham = self.tokens.get(token, (0, 0))
            self.tokens[token] = in_spam + spam, in_ham + (not spam)

    def __or__(self, other: Counts) -> Counts:
        """What both have learned, where no text was learned by both."""
        both = dict(self.tokens)
        for token, (in_spam, in_ham) in other.tokens.items():
            its_spam, its_ham = both.get(token, (0, 0))
            both[token] = its_spam + in_spam, its_ham + in_ham
        return Counts(self.spam + other.spam, self.ham + other.ham, both)


@cache
def first_lessons(language: str) -> Counts:
    """What is known in a language before anybody has taught it."""
    counts = Counts()
    for label, texts in tomllib.loads(FIRST_LESSONS.read_text("utf-8")).items():
        for text in texts.strip().split("\n"):
            if language_of(text) == language:
                counts.add(tokens(text), label == "spam")
    return counts


# What this process remembers: language → version of the model, and its counts.
_remembered: dict[str, tuple[int, Counts]] = {}


def counts_of(model: SpamModel) -> Counts:
    """What a model knows, from memory as long as nothing was learned since."""
    version, counts = _remembered.get(model.language, (-1, Counts()))
    if version != model.version:
        rows = TokenCount.objects.filter(language=model.language)
        if rows.count() > MOST_TOKENS:
            rows = rows.exclude(spam=1, ham=0).exclude(spam=0, ham=1)
        found = rows.values_list("token", "spam", "ham")[:MOST_TOKENS].iterator(10_000)
        learned = Counts(model.spam, model.ham, {token: (s, h) for token, s, h in found})
        counts = first_lessons(model.language) | learned
        _remembered[model.language] = model.version, counts
    return counts


def judge(text: str) -> Judgement:
    """What the model of its language makes of a text. One small query, if nothing was learned since."""
    language = language_of(text)
    model = SpamModel.objects.filter(pk=language).first()
    return judged_by(model or SpamModel(language=language), text)


def judged_by(model: SpamModel, text: str) -> Judgement:
    """What a model makes of a text in its language. No query, if nothing was learned since."""
    if not text.strip():
        return Judgement(model.language)
    score = counts_of(model).score(tokens(text))
    enough = model.threshold is not None and model.decisions >= ENOUGH_DECISIONS
    return Judgement(
        model.language,
        score,
        1 / (1 + math.exp(-max(-30.0, min(30.0, score / SLOPE)))),
        enough and model.threshold is not None and score >= model.threshold,
    )
