"""Runs the suite leg by leg: on SQLite, on PostgreSQL, and the stories in a browser.

    python -m caisu.tests.legs [sqlite] [postgresql] [browser] [-- arguments of pytest]

Ends with one line for each leg. A leg this machine cannot run is left out, but where CI=true it
has failed; so has one that found no test.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from caisu.tests.browser import find_chromium
from caisu.tests.postgres import NoPostgreSQL, server

CI = os.environ.get("CI") == "true"


class CannotRun(Exception):
    """This machine lacks what a leg needs; the message says what, and how to get it."""


def sqlite(arguments: list[str]) -> tuple[int, int]:
    return run_pytest("not browser", "", arguments)


def postgresql(arguments: list[str]) -> tuple[int, int]:
    try:
        with server() as url:
            return run_pytest("not browser", url, arguments)
    except NoPostgreSQL:
        raise CannotRun("no PostgreSQL found (apt-get install postgresql)") from None


def browser(arguments: list[str]) -> tuple[int, int]:
    if not find_chromium():
        raise CannotRun("no Chromium found (apt-get install chromium)")
    # A browser on a busy machine is late at times; a story that fails twice has failed. Those told
    # twice are listed at the end.
    return run_pytest("browser", "", ["--reruns=1", "-rfER", *arguments])


LEGS: dict[str, Callable[[list[str]], tuple[int, int]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "browser": browser,
}


def run_pytest(marked: str, database_url: str, arguments: list[str]) -> tuple[int, int]:
    """Runs pytest over the tests so marked, its output on ours.

    Returns:
        How many tests passed and how many failed; a run without a test, or one broken off, counts
        as a failure of its own.
    """
    with tempfile.TemporaryDirectory(prefix="caisu-legs-") as directory:
        report = Path(directory) / "report.xml"
        status = subprocess.run(
            [sys.executable, "-m", "pytest", "-m", marked, f"--junitxml={report}", *arguments],
            env={**os.environ, "DATABASE_URL": database_url},
        ).returncode
        passed, failed = count(report) if report.exists() else (0, 0)
    return passed, failed or int(status != 0)


def count(report: Path) -> tuple[int, int]:
    """Counts the passed and the failed tests of a JUnit report. Skipped ones are neither."""
    outcomes: dict[tuple[str | None, str | None], set[str]] = {}
    # A test that passes but fails while it is torn down may stand there twice.
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 (our own file)
        tags = {outcome.tag for outcome in case}
        outcomes.setdefault((case.get("classname"), case.get("name")), set()).update(tags)
    failed = sum(bool(tags & {"failure", "error"}) for tags in outcomes.values())
    skipped = sum("skipped" in tags for tags in outcomes.values())
    return len(outcomes) - failed - skipped, failed


def main() -> int:
    usage = argparse.ArgumentParser(
        prog="python -m caisu.tests.legs",
        description="Runs the suite leg by leg; arguments of pytest go after a --.",
    )
    usage.add_argument("legs", nargs="*", metavar="leg", help=", ".join(LEGS))
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    legs = usage.parse_args(sys.argv[1:split]).legs or list(LEGS)
    arguments = sys.argv[split + 1 :]
    if unknown := set(legs) - set(LEGS):
        usage.error(f"no such leg: {', '.join(sorted(unknown))}")
    # So that a cluster is taken down when CI stops us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    lines, good = [], True
    for leg in legs:
        print(f"\n{leg} …", flush=True)
        try:
            passed, failed = LEGS[leg](arguments)
        except CannotRun as reason:
            lines.append(f"{leg}: {'failed' if CI else 'left out'}, {reason}")
            good = good and not CI
        else:
            lines.append(f"{leg}: {passed} passed" + (f", {failed} failed" if failed else ""))
            good = good and not failed
    print("\n" + "\n".join(lines), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
