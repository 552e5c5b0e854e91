"""What a health check asks about background work."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from .models import PeriodicJob, Worker

ALIVE_WITHIN = timedelta(seconds=60)


def is_alive(now: datetime | None = None) -> bool:
    """Whether a worker has given a sign of life within the last minute."""
    return Worker.objects.filter(seen_at__gt=(now or timezone.now()) - ALIVE_WITHIN).exists()


def failed_count() -> int:
    """How many things wait for a person: failed jobs, and periodic ones whose last run failed."""
    return (
        DBTaskResult.objects.failed().count() + PeriodicJob.objects.exclude(last_error="").count()
    )


def oldest_waiting_age(now: datetime | None = None) -> timedelta:
    """How long the oldest job has been due without being started; zero if none is due."""
    now = now or timezone.now()
    # A job without a time of its own has the end of days in run_after, which is never due.
    since = DBTaskResult.objects.filter(status=TaskResultStatus.READY).aggregate(
        at_once=Min("enqueued_at", filter=Q(run_after=get_date_max())), later=Min("run_after")
    )
    return max([timedelta(0), *(now - time for time in since.values() if time)])
