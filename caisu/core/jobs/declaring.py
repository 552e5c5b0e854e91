"""How a function becomes a job, or one that runs by the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django_tasks import DEFAULT_TASK_QUEUE_NAME
from django_tasks.base import Task

RETRIES = 5


class GiveUp(Exception):
    """Raised by a job for a failure that trying again cannot mend."""


class WorkerLost(Exception):
    """Stands in a job's record when its worker ended in the middle of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Task):
    """A task of django-tasks that knows how often it is tried again."""

    retries: int = RETRIES


def job(
    *, queue: str = DEFAULT_TASK_QUEUE_NAME, retries: int = RETRIES, priority: int = 0
) -> Callable[[Callable[..., Any]], Job]:
    """Makes a job of a module-level function; its name then has ``.enqueue(*args, **kwargs)``.

    The row is written in the transaction of the caller. Each job runs at least once, perhaps more
    than once (see the package's docstring). If it raises, it is tried again after about 10 s, 20 s,
    40 s … at most an hour; after the last attempt it stays FAILED, with its traceback.
    ``.using(run_after=…).enqueue(…)`` lets it wait.

    Args:
        queue: one of those in ``settings.TASKS``.
        retries: attempts after the first; 0 for none. Ten cover about two and a half hours.
        priority: −100 to 100; higher goes first.

    Raises:
        django_tasks.exceptions.InvalidTaskError: for an unknown queue, or a nested function.
    """

    def declare(function: Callable[..., Any]) -> Job:
        return Job(func=function, queue_name=queue, priority=priority, retries=retries)

    return declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """A function and its times: either every so often, or once a day."""

    function: Callable[[], object]
    every: timedelta | None = None
    daily_at: time | None = None  # midnight if there is neither

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}"

    def first(self, now: datetime) -> datetime:
        """When a job that has never run is due: at once, or at its time of day."""
        return now if self.every else self.latest(now)

    def latest(self, now: datetime) -> datetime:
        """The latest time at which the next run can be; a later one is from an older interval."""
        if self.every:
            return now + self.every
        zone = timezone.get_default_timezone()
        day = now.astimezone(zone).date()
        at_time = self.daily_at or time()
        if datetime.combine(day, at_time, tzinfo=zone).astimezone(UTC) <= now:
            day += timedelta(days=1)
        return datetime.combine(day, at_time, tzinfo=zone).astimezone(UTC)

    def after(self, planned: datetime, now: datetime) -> datetime:
        """The first time after ``now``, in step with ``planned``; missed times are passed over."""
        if self.every:
            return planned + ((now - planned) // self.every + 1) * self.every
        return self.latest(now)


PERIODIC: dict[str, Periodic] = {}


def periodic(
    *, every: timedelta | None = None, daily_at: time | None = None
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Has a worker call a function by the clock; the function itself stays as it is.

    Declare it in an app's ``jobs.py``, where workers look. Of all workers one runs it in each
    period, and never beside itself; if several periods were missed, it runs once. If it raises, the
    error is shown in the admin, and it runs again at its next time.

    Args:
        every: time between two starts, at least a second.
        daily_at: time of day in the site's time zone.

    Raises:
        ValueError: unless exactly one of the two is given.
    """
    if (every is None) == (daily_at is None):
        raise ValueError("Give either every or daily_at.")
    if every is not None and every < timedelta(seconds=1):
        raise ValueError("A periodic job runs at most every second.")

    def declare(function: Callable[[], object]) -> Callable[[], object]:
        entry = Periodic(function=function, every=every, daily_at=daily_at)
        PERIODIC[entry.name] = entry
        return function

    return declare
