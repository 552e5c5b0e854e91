"""Claiming, running, retrying and recovering jobs. The process around it is ``manage.py worker``.

All state is in the database: a row is claimed and given back by conditional UPDATEs, which work
alike on SQLite and PostgreSQL and hold no lock while a job runs.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Collection
from contextlib import contextmanager
from datetime import datetime, timedelta
from traceback import format_exception
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.module_loading import autodiscover_modules
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from .declaring import PERIODIC, RETRIES, GiveUp, Periodic, WorkerLost
from .models import PeriodicJob, Worker

logger = logging.getLogger("caisu.core.jobs")

# A worker that gave no sign for so long is dead: more than four beats of 20 s each.
DEAD_AFTER = timedelta(seconds=90)
FIRST_RETRY = 10  # seconds
LONGEST_WAIT = 3600  # seconds
TRACEBACK_LENGTH = 20_000  # characters; the end is kept
MAIL_ADDRESS = re.compile(r"[^\s@<>'\"(),;:]+@[^\s@<>'\"(),;:]+")


def wait_before_retry(attempts: int) -> timedelta:
    """How long a job waits that failed ``attempts`` times: 10 s doubled each time, at most 1 h.

    A fifth more or less by chance, so that what failed together does not come back together.
    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    # The exponent is bounded too: 2**5000 is no float.
    seconds = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 (no secret)


def describe(error: BaseException) -> str:
    """The traceback, without the mail addresses that mail servers put into their answers."""
    return MAIL_ADDRESS.sub("…@…", "".join(format_exception(error)))[-TRACEBACK_LENGTH:]


def try_again(rows: QuerySet[DBTaskResult], now: datetime | None = None) -> int:
    """Puts failed jobs back into the queue with all their attempts.

    Args:
        rows: jobs in any state; only the failed ones change.
        now: the time they are due; the current time by default.

    Returns:
        How many changed.
    """
    return rows.filter(status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY,
        run_after=now or timezone.now(),
        finished_at=None,
        worker_ids=[],
    )


@contextmanager
def neutral():
    """No job finds the language or time zone that the one before it left."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
        yield


def drop_broken_connection() -> None:
    """After a job the database may be back while our connection to it is not."""
    # Within a transaction (a test's) Django would take any connection for a broken one.
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


class Runner:
    """Runs what is due, one thing at a time, under the name of one worker.

    Args:
        worker_id: unique among workers, at most 64 characters.
        queues: names of the queues served; all by default.
        clock: tells the time; tests give another one.
    """

    def __init__(
        self,
        worker_id: str,
        *,
        queues: Collection[str] = (),
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.worker_id = worker_id
        self.queues = queues
        self.clock = clock

    # --- Signs of life

    def beat(self) -> None:
        """Tells the others that this worker lives."""
        Worker.objects.update_or_create(pk=self.worker_id, defaults={"seen_at": self.clock()})

    def leave(self) -> None:
        """Tells the others that this worker has ended."""
        Worker.objects.filter(pk=self.worker_id).delete()

    def others_alive(self) -> set[str]:
        """The workers whose rows are in good hands: all that live, without this one.

        This one asks only between two jobs. A row that still runs under its name is one whose end
        it could not write because the database was away.
        """
        living = Worker.objects.filter(seen_at__gt=self.clock() - DEAD_AFTER)
        return set(living.exclude(pk=self.worker_id).values_list("pk", flat=True))

    def recover(self) -> int:
        """Gives back what dead workers left running, counted as an attempt; returns how many."""
        count = 0
        alive = self.others_alive()
        for row in DBTaskResult.objects.running():
            if not row.worker_ids or row.worker_ids[-1] not in alive:
                count += self.failed(row, WorkerLost("The worker ended in the middle of this job."))
        Worker.objects.filter(seen_at__lte=self.clock() - DEAD_AFTER).delete()
        return count

    # --- Jobs in the queue

    def claim(self) -> DBTaskResult | None:
        """Takes the next job that is due, or None."""
        now = self.clock()
        due = DBTaskResult.objects.filter(
            Q(run_after__lte=now) | Q(run_after=get_date_max()), status=TaskResultStatus.READY
        )
        if self.queues:
            due = due.filter(queue_name__in=self.queues)
        while row := due.first():
            found = DBTaskResult.objects.filter(
                # run_after changes with every retry: a row that another one had meanwhile is left.
                pk=row.pk,
                status=TaskResultStatus.READY,
                run_after=row.run_after,
            )
            row.status = TaskResultStatus.RUNNING
            row.started_at = now
            row.worker_ids = [*row.worker_ids, self.worker_id]
            if found.update(status=row.status, started_at=now, worker_ids=row.worker_ids):
                return row
        return None

    def run_next(self) -> bool:
        """Runs one job of the queue; False if none is due."""
        row = self.claim()
        if row is None:
            return False
        started = time.monotonic()
        # The signals of django-tasks are not sent: its own receiver would log the error's text,
        # in which there may be a mail address.
        try:
            with neutral():
                row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        except BaseException as error:
            drop_broken_connection()
            self.failed(row, error)
            if not isinstance(error, Exception):  # the worker is told to end at once
                raise
        else:
            drop_broken_connection()
            self.succeeded(row)
            seconds = time.monotonic() - started
            logger.info("job %s %s done in %.2f s", row.task_path, row.pk, seconds)
        return True

    def succeeded(self, row: DBTaskResult) -> None:
        # Without the condition that failed() has: done is done, even if others thought us dead.
        DBTaskResult.objects.filter(pk=row.pk).update(
            status=TaskResultStatus.SUCCESSFUL,
            finished_at=self.clock(),
            # A mail's address and text are nobody's business once it is sent.
            args_kwargs={"args": [], "kwargs": {}},
            exception_class_path="",
            traceback="",
        )

    def failed(self, row: DBTaskResult, error: BaseException) -> bool:
        """Puts a claimed row back for its next attempt, or ends it; False if it is not ours now."""
        try:
            retries = getattr(row.task, "retries", 0)
        except Exception:
            # The function is gone, or not there yet: a worker of another version may know it.
            retries = RETRIES
        attempts = len(row.worker_ids)
        again = attempts <= retries and not isinstance(error, GiveUp)
        kind = type(error)
        changes: dict[str, Any] = {
            "exception_class_path": f"{kind.__module__}.{kind.__qualname__}",
            "traceback": describe(error),
        }
        if again:
            changes["status"] = TaskResultStatus.READY
            changes["run_after"] = self.clock() + wait_before_retry(attempts)
        else:
            changes["status"] = TaskResultStatus.FAILED
            changes["finished_at"] = self.clock()
        changed = DBTaskResult.objects.filter(
            pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at
        ).update(**changes)
        logger.log(
            logging.WARNING if again else logging.ERROR,
            "job %s %s attempt %d: %s, %s",
            row.task_path,
            row.pk,
            attempts,
            kind.__qualname__,
            "will be tried again" if again else "failed for good",
        )
        return bool(changed)

    # --- Periodic jobs

    def run_periodic(self) -> int:
        """Runs the periodic jobs that are due; returns how many."""
        if not PERIODIC:
            return 0
        now = self.clock()
        rows = {row.name: row for row in PeriodicJob.objects.filter(name__in=PERIODIC)}
        if missing := PERIODIC.keys() - rows.keys():
            new = [
                PeriodicJob(name=name, next_run_at=PERIODIC[name].first(now)) for name in missing
            ]
            # Another worker may be making the same rows.
            PeriodicJob.objects.bulk_create(new, ignore_conflicts=True)
            rows |= {row.name: row for row in PeriodicJob.objects.filter(name__in=missing)}
        count = 0
        for name, row in sorted(rows.items()):
            if self.claim_periodic(PERIODIC[name], row):
                self.run_claimed_periodic(PERIODIC[name], row)
                count += 1
        return count

    def claim_periodic(self, entry: Periodic, row: PeriodicJob) -> bool:
        """Moves a due row on to its next time; True for the one worker that did."""
        now = self.clock()
        unchanged = PeriodicJob.objects.filter(
            pk=row.pk, next_run_at=row.next_run_at, running_by=row.running_by
        )
        if row.next_run_at > now:
            if row.next_run_at > (latest := entry.latest(now)):
                unchanged.update(next_run_at=latest)
            return False
        if row.running_by and row.running_by in self.others_alive():
            return False
        return bool(
            unchanged.update(
                next_run_at=entry.after(row.next_run_at, now),
                last_started_at=now,
                running_by=self.worker_id,
            )
        )

    def run_claimed_periodic(self, entry: Periodic, row: PeriodicJob) -> None:
        problem = "Interrupted"
        try:
            with neutral():
                entry.function()
            problem = ""
        except Exception as error:
            problem = describe(error)
            logger.error("periodic job %s: %s", entry.name, type(error).__qualname__)
        finally:
            drop_broken_connection()
            PeriodicJob.objects.filter(pk=row.pk, running_by=self.worker_id).update(
                last_finished_at=self.clock(), last_error=problem, running_by=""
            )


def run_due(now: datetime | None = None, *, periodic: bool = False) -> int:
    """Runs in this process all jobs that are due, and those that they bring about. For tests.

    A job that fails does not raise here: it waits for its next attempt, as with a worker; run it
    with a later ``now``.

    Args:
        now: a frozen time to take for the current one.
        periodic: whether periodic jobs that are due run too, first.

    Returns:
        How many runs there were.
    """
    runner = Runner("run_due", clock=(lambda: now) if now else timezone.now)
    count = 0
    if periodic:
        autodiscover_modules("jobs")
        count += runner.run_periodic()
    while runner.run_next():
        count += 1
    return count
