"""Teaching the classifier from labelled texts, and finding the threshold from which it may hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import time_ns
from zlib import crc32

from django.db import transaction
from django.utils import timezone

from ..models import Lesson, SpamModel, TokenCount
from .classifier import ENOUGH_DECISIONS, Counts, counts_of, first_lessons
from .tokens import language_of, likeness, tokens

# Of harmless texts so many shall pass the threshold.
HAM_KEPT = 0.995
FOLDS = 5
# Fewer harmless texts say nothing at all; of fewer than ENOUGH_HAM, one in two hundred is a guess, and
# the threshold keeps a distance.
FEWEST_HAM, ENOUGH_HAM, DISTANCE = 20, 200, 1.0
BATCH = 2000


@dataclass(frozen=True)
class Example:
    """A text that somebody has judged, as the classifier sees it."""

    language: str
    spam: bool
    tokens: Sequence[str]
    # The same for texts that say the same: they are kept together, or a fold would know the other.
    like: str

    @classmethod
    def of(cls, text: str, spam: bool) -> Example:
        return cls(language_of(text), spam, tokens(text), likeness(text))


def quantile(scores: Iterable[float], kept: float = HAM_KEPT) -> float:
    """The lowest threshold that lets the share ``kept`` of the harmless ``scores`` pass below it."""
    ordered = sorted(scores)
    at = min(math.ceil(kept * len(ordered)), len(ordered)) - 1
    return math.nextafter(ordered[at], math.inf)


def counted(examples: Iterable[Example]) -> Counts:
    counts = Counts()
    for example in examples:
        counts.add(example.tokens, example.spam)
    return counts


def cross_validated(examples: Sequence[Example]) -> list[tuple[float, bool]]:
    """Score and label of each example, by a model that has seen neither it nor what says the same.

    Args:
        examples: all of one language.
    """
    fold_of = [crc32(example.like.encode()) % FOLDS for example in examples]
    scored: list[tuple[float, bool]] = []
    for fold in range(FOLDS if examples else 0):
        rest = [example for example, its in zip(examples, fold_of, strict=True) if its != fold]
        model = first_lessons(examples[0].language) | counted(rest)
        for example, its in zip(examples, fold_of, strict=True):
            if its == fold:
                scored.append((model.score(example.tokens), example.spam))
    return scored


def threshold_for(examples: Sequence[Example]) -> float | None:
    """From which score on a text is likely spam; None where there is too little to tell."""
    return _threshold([score for score, spam in cross_validated(examples) if not spam])


def _threshold(ham: Sequence[float]) -> float | None:
    if len(ham) < FEWEST_HAM:
        return None
    return quantile(ham) + (DISTANCE if len(ham) < ENOUGH_HAM else 0)


def lessons(language: str) -> list[Example]:
    """What was learned here from decisions that stand, as far as the texts were not purged."""
    rows = Lesson.objects.filter(language=language, unlearned_at=None, counted=True)
    return [
        Example(language, row.label == Lesson.Label.SPAM, row.tokens, row.like)
        for row in rows.iterator(500)
        if row.tokens
    ]


@transaction.atomic
def train(examples: Iterable[Example]) -> dict[str, SpamModel]:
    """Learns from labelled texts, in place of those of an earlier training; decisions stay learned.

    Returns:
        for each language its model.
    """
    by_language: dict[str, list[Example]] = {"en": [], "zh-hans": []}
    for example in examples:
        by_language[example.language].append(example)
    models = {}
    for language, some in by_language.items():
        taught = [*some, *lessons(language)]
        counts = counted(taught)
        TokenCount.objects.filter(language=language).delete()
        rows = (
            TokenCount(language=language, token=token, spam=spam, ham=ham)
            for token, (spam, ham) in counts.tokens.items()
        )
        TokenCount.objects.bulk_create(rows, BATCH)
        model, _created = SpamModel.objects.select_for_update().get_or_create(language=language)
        model.spam, model.ham = counts.spam, counts.ham
        model.threshold = threshold_for(taught)
        model.version = time_ns()
        model.trained_at = timezone.now()
        model.save()
        models[language] = model
    return models


@transaction.atomic
def find_thresholds() -> None:
    """Finds the thresholds anew from what was decided here, once there is enough of it.

    Each text is judged by the model without it, which naive Bayes can do exactly.
    """
    for model in SpamModel.objects.select_for_update().filter(decisions__gte=ENOUGH_DECISIONS):
        counts = counts_of(model)
        ham = [
            counts.score(example.tokens, without=0)
            for example in lessons(model.language)
            if not example.spam
        ]
        if (threshold := _threshold(ham)) is not None:
            model.threshold = threshold
            model.save(update_fields=["threshold"])
