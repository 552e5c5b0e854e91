"""Old records go away."""

from __future__ import annotations

from datetime import time, timedelta
from importlib import import_module

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from .declaring import PERIODIC, periodic
from .models import PeriodicJob

KEEP_SUCCESSFUL = timedelta(days=7)
KEEP_FAILED = timedelta(days=90)


@periodic(daily_at=time(4, 10))
def prune() -> None:
    """Deletes the records of jobs long done or failed, and of periodic jobs that are no more."""
    now = timezone.now()
    DBTaskResult.objects.filter(
        Q(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - KEEP_SUCCESSFUL)
        | Q(status=TaskResultStatus.FAILED, finished_at__lt=now - KEEP_FAILED)
    ).delete()
    gone = PeriodicJob.objects.exclude(name__in=PERIODIC)
    # Not sooner: during an upgrade a worker of another version may still know it.
    gone.filter(next_run_at__lt=now - KEEP_SUCCESSFUL).delete()


@periodic(daily_at=time(4, 20))
def clear_sessions() -> None:
    """Deletes sessions that are over; Django leaves them lying."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
