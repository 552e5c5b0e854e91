"""The text of spam is kept for some days, see HouseRules, so that it can be brought back; then it goes.

Decisions stay in the log without it. An appeal stops the clock: its days are counted from the answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .filtering import lessons
from .models import Case, Decision, HouseRules, Moderated, State, Swept, Trait
from .sweeping import moderated_models

Action = Decision.Action
SPAM = {Action.SPAM, Action.SPAMMER, Action.SINCE}
BATCH = 100


def purge(now: datetime | None = None) -> int:
    """Empties old spam and the decisions about it, a batch at a time; may be stopped and run again.

    Returns:
        how many contributions and decisions lost their text.
    """
    before = (now or timezone.now()) - timedelta(days=HouseRules.load().spam_text_days)
    emptied = sum(_empty_all(_old_spam(model, before), model) for model in moderated_models())
    return emptied + _purge_all(_old_decisions(before))


def _answered(before: datetime) -> models.QuerySet[Decision]:
    """Decisions with an appeal that waits, or was decided since then."""
    lately = Q(closed_at=None) | Q(closed_at__gte=before)
    appeals = Case.objects.filter(lately, kind=Case.Kind.APPEAL).values("object_id")
    return Decision.objects.filter(appeals__in=appeals)


def _old_spam(model: type[Moderated], before: datetime) -> models.QuerySet[Moderated]:
    """What was spam before then and still says something; nothing was decided about it since."""
    kind, key = ContentType.objects.get_for_model(model), OuterRef("pk")
    decided = Decision.objects.filter(
        Q(at__gte=before) | Q(pk__in=_answered(before)),
        case__content_type=kind,
        case__object_id=key,
    )
    swept = Swept.objects.filter(
        Q(sweep__begun_at__gte=before)
        | Q(sweep__undo_begun_at__isnull=False)
        | Q(sweep__decision__in=_answered(before)),
        content_type=kind,
        object_id=key,
    )
    rows = model.worded().filter(state=State.SPAM, created_at__lt=before)
    return rows.filter(~Exists(decided), ~Exists(swept))


def _empty_all(things: models.QuerySet[Moderated], model: type[Moderated]) -> int:
    count, last = 0, 0
    while keys := list(
        things.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        count, last = count + _empty(things.filter(pk__in=keys), model), keys[-1]
    return count


@transaction.atomic
def _empty(things: models.QuerySet[Moderated], model: type[Moderated]) -> int:
    # Looked at once more under a lock: somebody may have brought one of them back.
    keys = list(things.select_for_update(of=("self",)).values_list("pk", flat=True))
    rows: Any = model._default_manager
    model.empty(rows.filter(pk__in=keys))
    these = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": keys}
    Trait.objects.filter(**these).delete()
    # What was decided before keeps the same words; of a dismissal it has those of who reported.
    decisions = Decision.objects.filter(case__in=Case.objects.filter(**these), purged_at=None)
    _purge(decisions.exclude(action=Action.DISMISS))
    return len(keys)


def _old_decisions(before: datetime) -> models.QuerySet[Decision]:
    old = Decision.objects.standing().filter(action__in=SPAM, at__lt=before, purged_at=None)
    return old.exclude(pk__in=_answered(before)).order_by("pk")


def _purge_all(decisions: models.QuerySet[Decision]) -> int:
    count = 0
    while keys := list(decisions.values_list("pk", flat=True)[:BATCH]):
        count += _purge(Decision.objects.filter(pk__in=keys))
    return count


@transaction.atomic
def _purge(decisions: models.QuerySet[Decision]) -> int:
    keys = list(decisions.select_for_update(of=("self",)).values_list("pk", flat=True))
    locked = Decision.objects.filter(pk__in=keys)
    lessons.forget_texts(locked)
    return locked.purge_texts()
