import os
import signal
import socket
import subprocess
import sys
import time

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Sets everything up and serves the site on this machine: the web server and the worker "
        "beside it. The first start loads the demo community. Ctrl-C stops all of it."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dev", action="store_true", help="DEBUG, and restart when a file changes"
        )

    def handle(self, *, dev, **options):
        self.host = os.environ.get("HOST", "127.0.0.1")
        self.port = os.environ.get("PORT", "8000")
        self.check_port()
        try:
            self.prepare(dev)
        except KeyboardInterrupt:
            self.stderr.write("\nStopped. The next start takes up where this one ended.")
            sys.exit(130)
        self.stdout.write(
            self.style.SUCCESS(f"\nThe site is at {settings.SITE_URL}/ (Ctrl-C stops it)\n")
        )
        self.stdout.flush()
        sys.exit(self.serve(dev))

    def prepare(self, dev):
        call_command("migrate", verbosity=0)
        if not dev:
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.LOOPBACK and apps.is_installed("caisu.demo"):
            self.load_demo()

    def check_port(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, int(self.port)))
            except (OSError, ValueError) as error:
                raise CommandError(
                    f"Port {self.port} on {self.host} is not free ({error}). Stop what uses it, or choose "
                    "another one: PORT=8001 make run"
                ) from error

    def load_demo(self):
        """Once, into an empty database; the accounts are named at every start while they are there."""
        members = get_user_model().objects
        if not members.exists():
            self.stdout.write("First start: loading the demo community (about half a minute) …")
            call_command("demo")
        elif members.filter(username="webmaster", email="webmaster@example.org").exists():
            self.stdout.write("Demo accounts: webmaster, wei, mona, alice, bob, newcomer, eve.")
            self.stdout.write(
                "Password: DEMO_PASSWORD of the first start, by default welcome-to-pocatello."
            )

    def serve(self, dev):
        """Runs server and worker until one of them ends or we are told to stop; returns the exit code."""
        address = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        manage = [sys.executable, "manage.py"]
        if dev:
            server = [*manage, "runserver", address]
        else:
            server = [sys.executable, "-m", "gunicorn", "caisu.wsgi", "--bind", address]
            server += ["--workers", "2", "--threads", "4", "--log-level", "warning"]
        # Groups of their own: Ctrl-C reaches us alone, and we stop each of them once.
        processes = [
            subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603 - our own
            for command in (server, [*manage, "worker"])
        ]
        stop = {"asked": False}

        def ask(signum, frame):
            stop["asked"] = True

        signal.signal(signal.SIGINT, ask)
        signal.signal(signal.SIGTERM, ask)
        while not stop["asked"] and all(process.poll() is None for process in processes):
            time.sleep(0.2)
        failed = not stop["asked"]
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        if failed:
            self.stderr.write("The server or the worker ended by itself; see the lines above.")
        return int(failed)
