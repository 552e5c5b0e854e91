import logging
import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from caisu.core.jobs import run_due
from caisu.core.progress import Progress
from caisu.demo import crowd
from caisu.demo.loading import Demo

PASSWORD = "welcome-to-pocatello"  # noqa: S105 - the demo runs on this machine alone
CAST = {
    "webmaster": "webmaster, may do everything",
    "wei": "editor",
    "mona": "moderator",
    "alice": "member",
    "bob": "member",
    "newcomer": "awaits approval",
    "eve": "suspended",
}


class Command(BaseCommand):
    help = "Loads a living demo community; run again, it changes nothing. Options add a crowd for measurements."

    def add_arguments(self, parser):
        parser.add_argument(
            "--articles", type=int, default=0, metavar="N", help="add N articles in bulk"
        )
        parser.add_argument(
            "--comments", type=int, default=0, metavar="N", help="add N comments in bulk"
        )
        parser.add_argument(
            "--members", type=int, default=0, metavar="N", help="add N members in bulk"
        )
        parser.add_argument(
            "--force", action="store_true", help="even where SITE_URL is a public address"
        )

    def handle(self, *, articles, comments, members, force, **options):
        if not (settings.LOOPBACK or force):
            raise CommandError(
                f"SITE_URL is {settings.SITE_URL}, a public address. The demo makes accounts with a known "
                "password; it belongs on your own machine. To load it all the same, add --force."
            )
        password = os.environ.get("DEMO_PASSWORD", PASSWORD)
        demo = Demo(password)
        progress = Progress(sys.stderr, demo.steps, "demo community")
        demo.step = lambda name: progress.add()
        demo.load()
        progress.end()
        if articles or comments or members:
            progress = Progress(sys.stderr, articles + comments + members, "crowd")
            crowd.grow(members, articles, comments, progress.add)
            progress.end()
        logging.getLogger("caisu.core.jobs").setLevel(logging.WARNING)
        run_due()  # pictures and search, so that the first page is whole
        self.stdout.write("Demo accounts, all with the password " + password + ":")
        for username, role in CAST.items():
            self.stdout.write(f"  {username:<10} {role}")
