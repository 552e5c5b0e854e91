"""The verbs that open and close cases."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from members.models import Member

from . import outcomes
from .models import Appeal, Case, Decision


def open_case(
    kind: str,
    subject: models.Model | None,
    member: Member | None,
    reasons: list[str],
    score: float = 0,
) -> Case:
    """The open case about ``subject``; made if there is none, its reasons joined if there is."""
    if subject is None:
        return _in_its_own_group(
            Case.objects.create(kind=kind, member=member, reasons=reasons, score=score)
        )
    with transaction.atomic():
        case, created = Case.objects.select_for_update().get_or_create(
            content_type=ContentType.objects.get_for_model(subject),
            object_id=subject.pk,
            closed_at=None,
            defaults={"kind": kind, "member": member, "reasons": reasons, "score": score},
        )
        if created:
            _in_its_own_group(case)
        new = [reason for reason in reasons if reason not in case.reasons]
        if new:
            case.reasons += new
            case.save(update_fields=["reasons"])
        return case


def _in_its_own_group(case: Case) -> Case:
    case.group = str(case.pk)
    case.save(update_fields=["group"])
    return case


def close(subject: models.Model, *, but_reported: bool = False) -> bool:
    """Nothing waits any more: the author took the contribution back. No decision, nobody decided.

    Args:
        but_reported: what others reported goes on waiting, since they may read it still.
    """
    cases = Case.objects.about(subject).open()
    if but_reported:
        cases = cases.filter(reports=None)
    closed = list(cases.values_list("pk", flat=True))
    outcomes.tell(closed, upheld=True)
    return bool(Case.objects.filter(pk__in=closed).update(closed_at=timezone.now()))


def close_appeals(decisions: models.QuerySet[Decision]) -> int:
    """These decisions were taken back, or others took their place: nothing is left to answer to."""
    made = Appeal.objects.filter(decision__in=decisions)
    about = Case.objects.open().filter(
        content_type=ContentType.objects.get_for_model(Appeal), object_id__in=made.values("pk")
    )
    return about.update(closed_at=timezone.now())
