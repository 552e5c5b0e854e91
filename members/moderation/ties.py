"""Why things stand together in the queue: what they have in common, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext as _

from .filtering.traits import TOGETHER
from .models import Case, Trait


def of_groups(groups: dict[str, list[Case]]) -> dict[str, str]:
    """What the cases of each group share, by the group's key; the strongest trait speaks. One query.

    Args:
        groups: some cases of each; a group of one has nothing in common.
    """
    subjects = {
        _subject(case): key for key, some in groups.items() if len(some) > 1 for case in some
    }
    if not subjects:
        return {}
    about = Q()
    for kind in {kind for kind, _pk in subjects}:
        about |= Q(content_type=kind, object_id__in=[pk for of, pk in subjects if of == kind])
    counts: dict[str, Counter[str]] = {key: Counter() for key in groups}
    for kind, pk, trait in Trait.objects.filter(about).values_list(
        "content_type", "object_id", "key"
    ):
        if key := subjects.get((kind, pk)):
            counts[key][trait] += 1
    return {
        key: _words(trait for trait, n in found.items() if n > 1) for key, found in counts.items()
    }


def _subject(case: Case) -> tuple[int, int]:
    """What the traits of a case hang on; a report about the site is about nothing but itself."""
    if case.content_type_id and case.object_id:
        return case.content_type_id, case.object_id
    return ContentType.objects.get_for_model(Case).pk, case.pk


def _words(shared: Iterable[str]) -> str:
    by_kind = {key.partition(":")[0]: key.partition(":")[2] for key in shared}
    kind = next((kind for kind in TOGETHER if kind in by_kind), "")
    match kind:
        case "text":
            return _("They say the same.")
        case "host":
            return _("They have %(host)s in common.") % {"host": by_kind["host"]}
        case "net":
            return _("They come from the same network.")
        case "hour":
            return _("Their accounts were made in the same hour.")
    return ""
