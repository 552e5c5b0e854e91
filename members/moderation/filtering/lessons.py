"""What the classifier learns from the decisions of moderators, and unlearns when they are undone.

An approval teaches what is harmless, a mark as spam what is spam; a removal teaches nothing: rudeness is
no spam. Of texts that say the same one is counted, however many are decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import time_ns

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from caisu.core.jobs import job

from ..models import Case, Decision, Lesson, SpamModel, TokenCount
from .tokens import language_of, likeness, tokens

TEACHES = {
    Decision.Action.APPROVE: Lesson.Label.HAM,
    Decision.Action.SPAM: Lesson.Label.SPAM,
    Decision.Action.SPAMMER: Lesson.Label.SPAM,
    Decision.Action.SINCE: Lesson.Label.SPAM,
}
KINDS = {Case.Kind.COMMENT, Case.Kind.SUBMISSION, Case.Kind.ARTICLE, Case.Kind.PROFILE}
MOST_OF_A_SWEEP = 200  # different texts learned from one clean-up


def taught_by(decision: Decision) -> None:
    """A decision was made: if it says spam or not spam of a text, that is learned, in the background."""
    if decision.action in TEACHES and decision.case.kind in KINDS and decision.text.strip():
        learn.enqueue(decision.pk)


def taught_by_sweep(decision: Decision, texts: Iterable[str]) -> int:
    """A clean-up teaches its texts, once for all that say the same. Returns how many were new."""
    different = {likeness(text): text for text in texts if text.strip()}
    return sum(_learn(decision, text) for text in list(different.values())[:MOST_OF_A_SWEEP])


def untaught_by(decision: Decision) -> None:
    """A decision was undone: what was learned from it is unlearned."""
    with transaction.atomic():
        _lock(decision)
        for lesson in Lesson.objects.filter(decision=decision, unlearned_at=None):
            _unlearn(lesson)


def untaught_texts(decision: Decision, texts: Iterable[str]) -> None:
    """A decision stands, but not for these texts: what was learned from them is unlearned."""
    like = {likeness(text) for text in texts if text.strip()}
    with transaction.atomic():
        _lock(decision)
        for lesson in Lesson.objects.filter(decision=decision, unlearned_at=None, like__in=like):
            _unlearn(lesson)


@job()
def learn(decision_id: int) -> None:
    """Learns from one decision, unless it was undone before anybody came to it."""
    with transaction.atomic():
        decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision_id)
        undone = Decision.objects.filter(undoes=decision).exists()
        if not undone and not decision.lessons.exists():
            _learn(decision, decision.text)


def _lock(decision: Decision) -> None:
    """Whoever learns and whoever unlearns wait for each other."""
    Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)


@transaction.atomic
def _learn(decision: Decision, text: str) -> bool:
    label, language, like = (
        TEACHES[Decision.Action(decision.action)],
        language_of(text),
        likeness(text),
    )
    model = _model(language)
    counted = not Lesson.objects.filter(
        label=label, like=like, unlearned_at=None, counted=True
    ).exists()
    found = tokens(text)
    Lesson.objects.create(
        decision=decision,
        label=label,
        language=language,
        like=like,
        tokens=found,
        counted=counted,
    )
    if counted:
        _count(model, label, found, +1)
    return counted


def _unlearn(lesson: Lesson) -> None:
    model = _model(lesson.language)
    was_counted = lesson.counted
    lesson.unlearned_at, lesson.counted = timezone.now(), False
    lesson.save(update_fields=["unlearned_at", "counted"])
    if not was_counted:
        return
    another = Lesson.objects.filter(label=lesson.label, like=lesson.like, unlearned_at=None).first()
    if another:  # says the same, and stands: it is counted in its place
        another.counted = True
        another.save(update_fields=["counted"])
        _count(model, lesson.label, lesson.tokens, -1, decisions=0)
        _count(model, another.label, another.tokens, +1, decisions=0)
    else:
        _count(model, lesson.label, lesson.tokens, -1)


def _model(language: str) -> SpamModel:
    """The model of a language, locked: those who learn do so one after the other."""
    SpamModel.objects.get_or_create(language=language)
    return SpamModel.objects.select_for_update().get(language=language)


def _count(
    model: SpamModel, label: str, found: Sequence[str], by: int, decisions: int | None = None
) -> None:
    field = "spam" if label == Lesson.Label.SPAM else "ham"
    if by > 0:
        TokenCount.objects.bulk_create(
            [TokenCount(language=model.language, token=token) for token in found],
            ignore_conflicts=True,
        )
    for start in range(0, len(found), 500):
        rows = TokenCount.objects.filter(
            language=model.language, token__in=found[start : start + 500]
        )
        rows.filter(**{f"{field}__gte": -by}).update(**{field: F(field) + by})
    TokenCount.objects.filter(language=model.language, spam=0, ham=0).delete()
    setattr(model, field, max(0, getattr(model, field) + by))
    model.decisions = max(0, model.decisions + (by if decisions is None else decisions))
    model.version = time_ns()
    model.save()


def forget_texts(decisions: Iterable[Decision]) -> int:
    """The texts of these decisions are purged: so are the words learned from them; counts stay."""
    return Lesson.objects.filter(decision__in=decisions).update(tokens=[])
