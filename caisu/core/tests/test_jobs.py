"""Background work with the real queue: retries, recovery, periodic jobs, health."""

import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from unittest import mock

from django.conf import settings
from django.db import transaction
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone, translation
from django.utils.module_loading import autodiscover_modules
from django_tasks import TaskResultStatus
from django_tasks.exceptions import InvalidTaskError
from django_tasks_db.models import DBTaskResult

from caisu.core.jobs import (
    GiveUp,
    failed_count,
    is_alive,
    job,
    oldest_waiting_age,
    periodic,
    prune,
    run_due,
)
from caisu.core.jobs.declaring import PERIODIC, Periodic
from caisu.core.jobs.models import PeriodicJob, Worker
from caisu.core.jobs.running import DEAD_AFTER, Runner, wait_before_retry

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
FAILED, SUCCESSFUL = TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

REAL_QUEUE = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "mail", "images"],
    }
}
real_queue = override_settings(TASKS=REAL_QUEUE)

calls = []
outcomes = []  # exceptions that the next calls of unsteady() raise


@job()
def note(*words, **named):
    calls.append((words, named))


@job(retries=2)
def unsteady(member_id=0, word=""):
    calls.append(member_id)
    if outcomes:
        raise outcomes.pop(0)


@job()
def chain(length):
    calls.append(length)
    if length:
        chain.enqueue(length - 1)


@job(retries=0)
def language():
    calls.append(translation.get_language())
    translation.activate("en")


@job()
def tell(message, path):
    """Says by a file that it runs, and takes its time."""
    with open(path, "a") as file:
        file.write("begun\n")
    time.sleep(message["seconds"])
    with open(path, "a") as file:
        file.write("ended\n")


@job(retries=1)
def kill_worker():
    os.kill(os.getpid(), signal.SIGKILL)


def tick():
    calls.append("tick")


def tick_badly():
    calls.append("tick")
    raise ValueError("wei@example.org is not at home")


def periodic_jobs(*entries):
    """Makes these the only periodic jobs."""
    autodiscover_modules("jobs")  # those of the apps first, or they would join in when they load
    return mock.patch.dict(PERIODIC, {entry.name: entry for entry in entries}, clear=True)


def every(function=tick, **interval):
    return Periodic(function=function, every=timedelta(**interval))


class CleanCalls:
    def setUp(self):
        super().setUp()
        calls.clear()
        outcomes.clear()


@real_queue
class QueueTests(CleanCalls, TestCase):
    def test_job_runs_with_its_arguments(self):
        note.enqueue("a", count=2)
        self.assertEqual(calls, [])
        self.assertEqual(run_due(), 1)
        self.assertEqual(calls, [(("a",), {"count": 2})])
        self.assertEqual(run_due(), 0)

    def test_arguments_are_wiped_once_the_job_is_done(self):
        note.enqueue("wei@example.org")
        run_due()
        row = DBTaskResult.objects.get()
        self.assertEqual(row.status, SUCCESSFUL)
        self.assertEqual(row.args_kwargs, {"args": [], "kwargs": {}})

    def test_rollback_leaves_no_job(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            note.enqueue("a")
            self.assertEqual(DBTaskResult.objects.count(), 1)
            raise ZeroDivisionError
        self.assertEqual(DBTaskResult.objects.count(), 0)

    def test_jobs_that_a_job_brings_about_run_too(self):
        chain.enqueue(3)
        self.assertEqual(run_due(), 4)
        self.assertEqual(calls, [3, 2, 1, 0])

    def test_job_waits_until_it_is_due(self):
        note.using(run_after=NOON + timedelta(hours=1)).enqueue("later")
        self.assertEqual(run_due(now=NOON), 0)
        self.assertEqual(run_due(now=NOON + timedelta(hours=1)), 1)

    def test_higher_priority_goes_first(self):
        note.enqueue("low")
        note.using(priority=10).enqueue("high")
        run_due()
        self.assertEqual([words for words, _named in calls], [("high",), ("low",)])

    def test_worker_of_one_queue_leaves_the_others(self):
        note.enqueue("default")
        note.using(queue_name="mail").enqueue("mail")
        runner = Runner("one", queues=["mail"])
        self.assertTrue(runner.run_next())
        self.assertFalse(runner.run_next())
        self.assertEqual(calls, [(("mail",), {})])

    def test_unknown_queue_is_refused_when_declared(self):
        with self.assertRaises(InvalidTaskError):
            job(queue="sausages")(tick)

    def test_every_job_starts_in_the_language_of_the_site(self):
        before = translation.get_language()
        language.enqueue()
        language.enqueue()
        run_due()
        self.assertEqual(calls, [settings.LANGUAGE_CODE] * 2)
        self.assertEqual(translation.get_language(), before)


@real_queue
class RetryTests(CleanCalls, TestCase):
    def row(self):
        return DBTaskResult.objects.get()

    def test_failed_job_is_tried_again_after_a_while_and_succeeds(self):
        outcomes.append(ValueError("no"))
        unsteady.enqueue()
        self.assertEqual(run_due(now=NOON), 1)
        row = self.row()
        self.assertEqual(row.status, READY)
        self.assertIn("ValueError: no", row.traceback)
        self.assertEqual(run_due(now=NOON + timedelta(seconds=7)), 0)
        self.assertEqual(run_due(now=NOON + timedelta(seconds=13)), 1)
        row = self.row()
        self.assertEqual((row.status, row.traceback, len(row.worker_ids)), (SUCCESSFUL, "", 2))
        self.assertEqual(failed_count(), 0)

    def test_job_fails_for_good_after_its_last_attempt(self):
        outcomes.extend(ValueError(str(number)) for number in range(9))
        unsteady.enqueue()
        for hour in range(5):
            run_due(now=NOON + timedelta(hours=hour))
        row = self.row()
        self.assertEqual(len(calls), 3)
        self.assertEqual(row.status, FAILED)
        self.assertEqual(row.finished_at, NOON + timedelta(hours=2))
        self.assertEqual(row.exception_class_path, "builtins.ValueError")
        self.assertTrue(row.traceback.startswith("Traceback"))
        self.assertTrue(row.traceback.endswith("ValueError: 2\n"))
        self.assertEqual(failed_count(), 1)

    def test_giving_up_fails_at_once(self):
        outcomes.append(GiveUp("no such address"))
        unsteady.enqueue()
        run_due(now=NOON)
        self.assertEqual(run_due(now=NOON + timedelta(days=1)), 0)
        self.assertEqual(self.row().status, FAILED)

    def test_waits_double_from_ten_seconds_to_an_hour_with_some_chance(self):
        with mock.patch.object(random, "uniform", return_value=1):
            waits = [wait_before_retry(n).total_seconds() for n in range(1, 12)]
        self.assertEqual(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600])
        self.assertGreater(len({wait_before_retry(3) for _ in range(20)}), 10)
        self.assertLessEqual(wait_before_retry(5000), timedelta(hours=1.2))

    def test_job_whose_function_is_gone_is_tried_again_as_after_an_upgrade(self):
        note.enqueue()
        DBTaskResult.objects.update(task_path="caisu.core.tests.test_jobs.vanished")
        run_due(now=NOON)
        row = self.row()
        self.assertEqual(row.status, READY)
        self.assertIn("vanished", row.traceback)

    def test_stopped_in_the_middle_by_a_second_signal_it_waits_for_another_attempt(self):
        outcomes.append(SystemExit(1))
        unsteady.enqueue()
        with self.assertRaises(SystemExit):
            run_due(now=NOON)
        self.assertEqual(self.row().status, READY)

    def test_success_counts_even_if_the_worker_was_thought_dead(self):
        note.enqueue()
        slow = Runner("slow", clock=lambda: NOON)
        row = slow.claim()
        self.assertEqual(Runner("other", clock=lambda: NOON).recover(), 1)
        slow.succeeded(row)
        self.assertEqual(self.row().status, SUCCESSFUL)

    def test_failure_of_a_worker_thought_dead_does_not_undo_what_another_did(self):
        note.enqueue()
        slow = Runner("slow", clock=lambda: NOON)
        row = slow.claim()
        later = NOON + timedelta(hours=1)
        Runner("other", clock=lambda: NOON).recover()
        run_due(now=later)
        self.assertFalse(slow.failed(row, ValueError("late")))
        self.assertEqual(self.row().status, SUCCESSFUL)

    def test_neither_log_nor_record_holds_an_address(self):
        outcomes.append(ValueError({"wei@example.org": (550, b"no such <wei@example.org>")}))
        unsteady.enqueue(word="secret 314159")
        with self.assertLogs("caisu.core.jobs", "INFO") as logs:
            run_due(now=NOON)
        row = self.row()
        self.assertIn(f"test_jobs.unsteady {row.pk} attempt 1: ValueError", logs.output[0])
        for text in [*logs.output, row.traceback]:
            self.assertNotIn("wei@", text)
            self.assertNotIn("314159", text)


@real_queue
class RecoveryTests(CleanCalls, TestCase):
    def setUp(self):
        super().setUp()
        note.enqueue()
        self.dead = Runner("dead", clock=lambda: NOON)
        self.dead.beat()
        self.dead.claim()

    def status(self):
        return DBTaskResult.objects.get().status

    def recover(self, after, name="other"):
        return Runner(name, clock=lambda: NOON + after).recover()

    def test_job_of_a_living_worker_is_left_alone(self):
        self.assertEqual(self.recover(DEAD_AFTER - timedelta(seconds=1)), 0)
        self.assertEqual(self.status(), RUNNING)

    def test_job_of_a_dead_worker_is_given_back_and_its_worker_forgotten(self):
        self.assertEqual(self.recover(DEAD_AFTER), 1)
        self.assertEqual(self.status(), READY)
        self.assertIn("WorkerLost", DBTaskResult.objects.get().traceback)
        self.assertFalse(Worker.objects.exists())

    def test_worker_takes_back_what_it_could_not_write_the_end_of(self):
        self.assertEqual(self.recover(timedelta(seconds=30), "dead"), 1)

    def test_job_that_kills_its_workers_ends_failed(self):
        for attempt in range(1, 8):
            runner = Runner(f"victim {attempt}", clock=lambda: NOON + timedelta(days=1))
            if not runner.claim():
                DBTaskResult.objects.filter(status=READY).update(run_after=NOON)
                runner.claim()
            runner.recover()
        row = DBTaskResult.objects.get()
        self.assertEqual((row.status, len(row.worker_ids)), (FAILED, note.retries + 1))


class PeriodicTests(CleanCalls, TestCase):
    def run_at(self, **after):
        return run_due(now=NOON + timedelta(**after), periodic=True)

    def test_new_job_runs_at_once_and_then_in_step(self):
        with periodic_jobs(every(minutes=10)):
            self.assertEqual(self.run_at(), 1)
            self.assertEqual(self.run_at(minutes=9), 0)
            self.assertEqual(self.run_at(minutes=11), 1)
            row = PeriodicJob.objects.get()
        self.assertEqual(row.last_started_at, NOON + timedelta(minutes=11))
        self.assertEqual(row.next_run_at, NOON + timedelta(minutes=20))

    def test_missed_periods_run_once(self):
        with periodic_jobs(every(minutes=10)):
            self.run_at()
            self.assertEqual(self.run_at(days=3, minutes=5), 1)
            self.assertEqual(self.run_at(days=3, minutes=9), 0)
            self.assertEqual(self.run_at(days=3, minutes=10), 1)

    def test_failure_is_kept_and_the_job_runs_again_at_its_next_time(self):
        with periodic_jobs(every(tick_badly, minutes=1)):
            with self.assertLogs("caisu.core.jobs", "ERROR") as logs:
                self.run_at()
            row = PeriodicJob.objects.get()
            self.assertEqual(row.error_line, "ValueError: …@… is not at home")
            self.assertNotIn("wei@", "".join(logs.output))
            self.assertEqual(failed_count(), 1)
            self.assertEqual(self.run_at(seconds=30), 0)
        mended = mock.Mock(__module__=tick_badly.__module__, __qualname__=tick_badly.__qualname__)
        with periodic_jobs(every(mended, minutes=1)):
            self.assertEqual(self.run_at(minutes=1), 1)
        row.refresh_from_db()
        self.assertEqual(row.last_error, "")
        self.assertEqual(failed_count(), 0)

    def test_one_failure_does_not_keep_the_others_from_running(self):
        with periodic_jobs(every(tick_badly, minutes=1), every(tick, minutes=1)):
            self.assertEqual(self.run_at(), 2)

    def test_job_never_runs_beside_itself(self):
        with periodic_jobs(every(minutes=1)):
            self.run_at()
            busy = Runner("busy", clock=lambda: NOON + timedelta(minutes=1))
            busy.beat()
            self.assertTrue(busy.claim_periodic(every(minutes=1), PeriodicJob.objects.get()))
            self.assertEqual(self.run_at(minutes=2), 0)
            # … unless the one that was busy with it has died.
            self.assertEqual(self.run_at(minutes=10), 1)

    def test_daily_job_keeps_its_hour_through_the_change_of_clocks(self):
        daily = Periodic(function=tick, daily_at=time_of_day(4, 10))
        # Boise: summer time ends on 1 November 2026, at 8:00 UTC.
        before = daily.first(datetime(2026, 10, 31, 0, tzinfo=UTC))
        self.assertEqual(before, datetime(2026, 10, 31, 10, 10, tzinfo=UTC))
        after = daily.after(before, before)
        self.assertEqual(after, datetime(2026, 11, 1, 11, 10, tzinfo=UTC))

    def test_daily_job_that_was_missed_runs_once_when_a_worker_is_back(self):
        with periodic_jobs(Periodic(function=tick, daily_at=time_of_day(4, 10))):
            self.assertEqual(self.run_at(), 0)
            self.assertEqual(self.run_at(days=4), 1)
            self.assertEqual(self.run_at(days=4, hours=1), 0)

    def test_shorter_interval_holds_from_the_next_start(self):
        with periodic_jobs(every(days=30)):
            self.run_at()
        with periodic_jobs(every(minutes=1)):
            self.assertEqual(self.run_at(minutes=5), 0)
            self.assertEqual(self.run_at(minutes=6), 1)

    def test_declaration_needs_exactly_one_kind_of_time(self):
        for wrong in (
            {},
            {"every": timedelta(minutes=1), "daily_at": time_of_day(4)},
            {"every": timedelta(0)},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                periodic(**wrong)

    def test_declared_function_stays_a_function(self):
        with mock.patch.dict(PERIODIC):
            self.assertIs(periodic(every=timedelta(minutes=1))(tick), tick)
            self.assertEqual(PERIODIC[f"{__name__}.tick"].every, timedelta(minutes=1))


@real_queue
class HealthTests(CleanCalls, TestCase):
    def test_alive_for_a_minute_after_a_heartbeat(self):
        self.assertFalse(is_alive(NOON))
        Runner("one", clock=lambda: NOON).beat()
        self.assertTrue(is_alive(NOON + timedelta(seconds=59)))
        self.assertFalse(is_alive(NOON + timedelta(seconds=60)))

    def test_age_of_the_oldest_job_that_waits(self):
        self.assertEqual(oldest_waiting_age(), timedelta(0))
        note.using(run_after=NOON + timedelta(hours=5)).enqueue("not yet")
        self.assertEqual(oldest_waiting_age(NOON), timedelta(0))
        self.assertEqual(oldest_waiting_age(NOON + timedelta(hours=6)), timedelta(hours=1))
        note.enqueue("at once")
        DBTaskResult.objects.filter(args_kwargs__args=["at once"]).update(
            enqueued_at=NOON - timedelta(hours=2)
        )
        self.assertEqual(oldest_waiting_age(NOON), timedelta(hours=2))

    def test_old_records_go_and_the_others_stay(self):
        now = timezone.now()
        for status, days in [(SUCCESSFUL, 6), (SUCCESSFUL, 8), (FAILED, 89), (FAILED, 91)]:
            note.enqueue(days)
            DBTaskResult.objects.filter(args_kwargs__args=[days]).update(
                status=status, finished_at=now - timedelta(days=days)
            )
        note.enqueue("waiting")
        PeriodicJob.objects.create(name="gone", next_run_at=now - timedelta(days=8))
        PeriodicJob.objects.create(name="of another version", next_run_at=now)
        prune()
        kept = [row.args_kwargs["args"][0] for row in DBTaskResult.objects.all()]
        self.assertCountEqual(kept, [6, 89, "waiting"])
        self.assertEqual(PeriodicJob.objects.get().name, "of another version")

    def test_pruning_is_declared(self):
        self.assertIn("caisu.core.jobs.upkeep.prune", PERIODIC)


class ScheduleTests(SimpleTestCase):
    def test_every_start_lies_ahead_and_in_step(self):
        entry = every(seconds=7)
        for seconds in (0, 1, 6, 7, 8, 700, 705):
            now = NOON + timedelta(seconds=seconds)
            start = entry.after(NOON, now)
            self.assertTrue(timedelta(0) < start - now <= entry.every)
            self.assertEqual((start - NOON) % entry.every, timedelta(0))
