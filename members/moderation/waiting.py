"""Who waits, how long, and for whom."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.db import models
from django.utils import timezone

from members.models import Application, Member

from . import scoring
from .filtering import traits
from .filtering.contribution import Contribution
from .models import Case, Decision
from .opening import close, open_case

# What a newcomer is told about the wait comes from so many decisions, and from no fewer.
LAST_DECIDED, FEWEST_DECIDED = 30, 3
# So long a newcomer whom we asked has the turn; then somebody decides without an answer.
TO_ANSWER = timedelta(days=7)
USUAL_WAIT_KEY = "moderation:usual-wait"


def to_decide() -> models.QuerySet[Case]:
    """The open cases in which it is our turn: newcomers have some days to answer us."""
    return Case.objects.open().exclude(
        kind=Case.Kind.SIGNUP,
        member__application__asked_at__gt=timezone.now() - TO_ANSWER,
        member__application__answered_at=None,
    )


def usual_wait() -> timedelta | None:
    """How long the last newcomers waited for a decision, in the middle; cached for an hour.

    Returns:
        the median of the last LAST_DECIDED sign-ups; None while there are too few to tell.
    """
    seconds = cache.get(USUAL_WAIT_KEY)
    if seconds is None:
        decided = Decision.objects.filter(
            case__kind=Case.Kind.SIGNUP, action__in=[Decision.Action.ADMIT, Decision.Action.REFUSE]
        )
        times = decided.values_list("at", "case__since")[:LAST_DECIDED]
        waits = [max(0.0, (at - since).total_seconds()) for at, since in times]
        seconds = median(waits) if len(waits) >= FEWEST_DECIDED else -1
        cache.set(USUAL_WAIT_KEY, seconds, 3600)
    return timedelta(seconds=seconds) if seconds >= 0 else None


def on_member_confirmed(sender: object, member: Member, **kwargs: object) -> None:
    """A newcomer's address is proven: whoever still needs approval joins the queue."""
    if not member.is_pending:
        return
    found = scoring.reasons(member)
    case = open_case(Case.Kind.SIGNUP, member, member, [*found, "signup"], scoring.score(found))
    keys = traits.of_signup(member)
    traits.keep(member, Contribution(member, ""), keys)
    traits.put_in_group(case, keys)
    Application.objects.filter(member=member).update(reminders=0)


def on_member_left(sender: object, member: Member, **kwargs: object) -> None:
    """Who is gone waits for nothing."""
    close(member)
