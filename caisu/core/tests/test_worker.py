"""The worker process: its loop, its heartbeat, and how it ends, also when it is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import TestCase, TransactionTestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from caisu.core.jobs import run_due
from caisu.core.jobs.models import PeriodicJob, Worker
from caisu.core.jobs.running import DEAD_AFTER, Runner
from caisu.core.management.commands.worker import WorkerProcess

from .test_jobs import (
    FAILED,
    READY,
    REAL_QUEUE,
    RUNNING,
    SUCCESSFUL,
    CleanCalls,
    calls,
    chain,
    every,
    kill_worker,
    note,
    periodic_jobs,
    real_queue,
    tell,
)


@real_queue
class CommandTests(CleanCalls, TestCase):
    """The command in this process; its signals are tried with real processes below."""

    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(WorkerProcess, "handle_signals"))
        # The thread would wait for a database that this test's transaction holds.
        self.enterContext(mock.patch.object(WorkerProcess, "beat_on"))

    def test_once_does_all_that_is_due_and_leaves(self):
        chain.enqueue(1)
        with periodic_jobs(every(minutes=1)):
            call_command("worker", "--once")
        self.assertEqual(calls, ["tick", 1, 0])
        self.assertFalse(Worker.objects.exists())

    def test_once_says_when_there_is_no_database(self):
        away = mock.patch.object(Runner, "run_periodic", side_effect=OperationalError("gone"))
        with away, self.assertRaisesMessage(CommandError, "The database does not answer"):
            call_command("worker", "--once")

    def test_stopped_during_a_periodic_job_it_begins_nothing_new(self):
        note.enqueue("left to the next worker")
        worker = WorkerProcess(queues=[], interval=1)

        def stop():
            worker.stop(signal.SIGTERM, None)

        with periodic_jobs(every(stop, minutes=1)):
            worker.run()
        self.assertEqual(DBTaskResult.objects.get().status, READY)
        self.assertEqual(PeriodicJob.objects.get().last_error, "")

    def test_intervals_that_make_no_sense_are_refused(self):
        for wrong in ("0", "-1", "nan", "soon"):
            with self.subTest(wrong), self.assertRaises(CommandError):
                call_command("worker", f"--interval={wrong}")

    def test_worker_outlives_a_database_that_is_away(self):
        worker = WorkerProcess(queues=[], interval=1)
        waits = []

        def sleep(seconds):
            waits.append(seconds)
            worker.running = len(waits) < 8

        turns = [OperationalError("gone")] * 6 + [True, False, OperationalError("gone")]
        with (
            mock.patch.object(worker, "turn", side_effect=turns),
            mock.patch.object(worker, "sleep", sleep),
            mock.patch("caisu.core.management.commands.worker.connections"),
            self.assertLogs("caisu.core.jobs", "WARNING"),
        ):
            worker.run()
        self.assertEqual(waits, [2, 4, 8, 16, 30, 30, 1, 2])


# The worker in a process of its own, on the database of the test, with our periodic jobs alone.
PROCESS = """
import json, os, sys, django
from django.conf import settings
given = json.loads(os.environ["JOBS_TEST"])
settings.DATABASES["default"]["NAME"] = given["name"]
settings.TASKS = given["tasks"]
django.setup()
from django.core.management import call_command
from django.utils.module_loading import autodiscover_modules
from caisu.core.jobs.declaring import PERIODIC
autodiscover_modules("jobs")
PERIODIC.clear()
call_command("worker", *sys.argv[1:])
"""


@real_queue
class ProcessTests(CleanCalls, TransactionTestCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(settings.VAR_DIR, f"told-{self._testMethodName}")

    def start(self, *arguments):
        given = {"name": str(connection.settings_dict["NAME"]), "tasks": REAL_QUEUE}
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, "--interval=0.1", *arguments],
            env={**os.environ, "JOBS_TEST": json.dumps(given)},
            cwd=settings.BASE_DIR,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def told(self):
        try:
            with open(self.path) as file:
                return file.read().split()
        except FileNotFoundError:
            return []

    def wait_for(self, what, seconds=30):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "waited in vain")
            time.sleep(0.02)

    def start_on_long_job(self):
        tell.enqueue({"seconds": 60}, self.path)
        process = self.start()
        self.wait_for(self.told)
        return process

    def test_job_of_a_killed_worker_runs_again(self):
        process = self.start_on_long_job()
        process.kill()
        process.wait()
        row = DBTaskResult.objects.get()
        self.assertEqual(row.status, RUNNING)
        self.assertEqual(Worker.objects.get().pk, row.worker_ids[0])
        now = timezone.now() + DEAD_AFTER
        self.assertEqual(Runner("other", clock=lambda: now).recover(), 1)
        DBTaskResult.objects.update(args_kwargs={"args": [{"seconds": 0}, self.path], "kwargs": {}})
        run_due(now=now + timedelta(seconds=13))
        row.refresh_from_db()
        self.assertEqual((row.status, len(row.worker_ids)), (SUCCESSFUL, 2))
        self.assertEqual(self.told(), ["begun", "begun", "ended"])

    def test_job_that_kills_its_worker_ends_failed_after_its_retries(self):
        kill_worker.enqueue()
        for _attempt in range(2):
            self.assertEqual(self.start("--once").wait(), -signal.SIGKILL)
            Worker.objects.update(seen_at=timezone.now() - DEAD_AFTER)
            Runner("other").recover()
            DBTaskResult.objects.filter(status=READY).update(run_after=timezone.now())
        self.assertEqual(DBTaskResult.objects.get().status, FAILED)

    def test_first_signal_lets_the_job_end(self):
        tell.enqueue({"seconds": 1}, self.path)
        note.enqueue("left to the next worker")
        process = self.start()
        self.wait_for(self.told)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(self.told(), ["begun", "ended"])
        states = dict(DBTaskResult.objects.values_list("task_path", "status"))
        self.assertEqual(states, {tell.module_path: SUCCESSFUL, note.module_path: READY})
        self.assertFalse(Worker.objects.exists())

    def test_second_signal_ends_in_the_middle_of_the_job(self):
        process = self.start_on_long_job()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 1)
        row = DBTaskResult.objects.get()
        self.assertEqual((row.status, row.exception_class_path), (READY, "builtins.SystemExit"))
        self.assertFalse(Worker.objects.exists())

    def test_idle_worker_ends_at_the_first_signal(self):
        process = self.start("--interval=60")
        self.wait_for(Worker.objects.exists)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 0)
        self.assertFalse(Worker.objects.exists())

    def test_heart_beats_while_a_job_runs(self):
        worker = WorkerProcess(queues=[], interval=0.1)
        seen = []

        def long_job():
            first = Worker.objects.get().seen_at
            self.wait_for(lambda: Worker.objects.get().seen_at > first, 10)
            seen.append(first)

        with (
            mock.patch("caisu.core.management.commands.worker.HEARTBEAT", 0.2),
            periodic_jobs(every(long_job, minutes=1)),
        ):
            worker.run(once=True)
        self.assertEqual(len(seen), 1)
        self.assertEqual(PeriodicJob.objects.get().last_error, "")

    def race(self, act):
        """Has four workers do the same at the same time."""
        barrier = threading.Barrier(4)
        problems = []

        def one(number):
            try:
                runner = Runner(f"worker {number}")
                runner.beat()
                barrier.wait(10)
                act(runner)
            except Exception as problem:
                problems.append(problem)
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(problems, [])

    def test_workers_at_once_run_a_periodic_job_once(self):
        with periodic_jobs(every(hours=1)):
            self.race(lambda runner: runner.run_periodic())
            self.assertEqual(calls, ["tick"])
            PeriodicJob.objects.update(next_run_at=timezone.now())
            self.race(lambda runner: runner.run_periodic())
        self.assertEqual(calls, ["tick", "tick"])

    def test_workers_at_once_share_the_queue(self):
        for number in range(20):
            note.enqueue(number)

        def work(runner):
            while runner.run_next():
                pass

        self.race(work)
        self.assertCountEqual([words[0] for words, _named in calls], range(20))
