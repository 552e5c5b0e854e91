import logging
import os
import secrets
import signal
import sys
import threading
import time
from math import isfinite

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections
from django.utils.module_loading import autodiscover_modules

from caisu.core.jobs.running import Runner, drop_broken_connection

logger = logging.getLogger("caisu.core.jobs")

# Rare, because each beat is a write, and SQLite has one writer at a time.
HEARTBEAT = 20  # seconds
RECOVERY = 20  # seconds
LONGEST_WAIT = 30  # seconds, while the database is away


def interval(text):
    seconds = float(text)
    if not isfinite(seconds) or seconds <= 0:
        raise ValueError(text)
    return seconds


class Command(BaseCommand):
    help = "Does the background work: mail, pictures, search, and what runs by the clock."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Run everything due, then exit.")
        parser.add_argument(
            "--interval",
            type=interval,
            default=1,
            help="Seconds between two looks at an empty queue (default: 1).",
        )
        parser.add_argument(
            "--queue",
            action="append",
            default=[],
            dest="queues",
            help="Serve only this queue; may be repeated (default: all).",
        )

    def handle(self, *, once, interval, queues, **options):
        autodiscover_modules("jobs")
        worker = WorkerProcess(queues=queues, interval=interval)
        worker.handle_signals()
        try:
            worker.run(once=once)
        except Error as error:
            raise CommandError(f"The database does not answer: {type(error).__name__}") from error


class WorkerProcess:
    """The process around a Runner: its loop, its heartbeat, and how it ends."""

    def __init__(self, *, queues, interval):
        self.runner = Runner(f"{os.getpid()}-{secrets.token_hex(8)}", queues=queues)
        self.interval = interval
        self.running = True
        self.sleeping = False
        self.ended = threading.Event()
        # Wall-clock times: the monotonic clock stands still while the machine is asleep.
        self.beaten_at = self.recovered_at = 0.0

    # --- Ending

    def handle_signals(self):
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def stop(self, signum, frame):
        """Ends after the current job; at the second signal, in the middle of it."""
        if not self.running:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            sys.exit(1)
        self.running = False
        if self.sleeping:
            sys.exit(0)

    # --- The loop

    def run(self, *, once=False):
        logger.info("worker %s started", self.runner.worker_id)
        heart = threading.Thread(target=self.beat_on, name="heartbeat", daemon=True)
        heart.start()
        troubles = 0
        try:
            while self.running:
                try:
                    busy = self.turn()
                    troubles = 0
                except Error as error:
                    if once:
                        raise
                    troubles += 1
                    logger.warning("database away (%s), waiting", type(error).__name__)
                    connections.close_all()
                    self.sleep(min(2**troubles, LONGEST_WAIT))
                    continue
                if busy:
                    continue
                if once:
                    break
                self.sleep(self.interval)
        finally:
            self.end(heart)

    def turn(self):
        """One round; True if there may be more to do at once."""
        drop_broken_connection()
        self.beat()
        if time.time() - self.recovered_at >= RECOVERY:
            self.runner.recover()
            self.recovered_at = time.time()
        self.runner.run_periodic()
        # A stop during the periodic jobs: what is not begun is left to the next worker.
        return self.running and self.runner.run_next()

    def sleep(self, seconds):
        if self.running:
            self.sleeping = True
            time.sleep(seconds)
            self.sleeping = False

    # --- The heartbeat

    def beat(self):
        if time.time() - self.beaten_at >= HEARTBEAT:
            self.runner.beat()
            self.beaten_at = time.time()

    def beat_on(self):
        """Runs in a thread of its own, so that long jobs are not taken for dead ones."""
        while not self.ended.wait(HEARTBEAT / 4):
            try:
                self.beat()
            except Error:
                # Locked or away: the next beat comes in time, and the loop speaks of it.
                pass
            finally:
                connections.close_all()

    def end(self, heart):
        self.ended.set()
        heart.join(HEARTBEAT / 4)
        try:
            drop_broken_connection()
            self.runner.leave()
        except Error:
            pass  # after a while without heartbeat the others know it too
        logger.info("worker %s ended", self.runner.worker_id)
