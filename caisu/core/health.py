"""Does what the site stands on answer?"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection

from . import jobs

logger = logging.getLogger(__name__)


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def shared_cache() -> bool:
    cache.set("health", "ok", 30)
    return cache.get("health") == "ok"


def storage() -> bool:
    default_storage.exists("health")
    return True


def worker() -> bool:
    return jobs.is_alive()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database,
    "cache": shared_cache,
    "storage": storage,
    "worker": worker,
}


def failing() -> list[str]:
    """Names of the parts that do not answer; empty when all is well."""
    bad = []
    for name, check in CHECKS.items():
        try:
            well = check()
        except Exception:  # whatever it is, it is not well
            logger.exception("health: %s does not answer", name)
            well = False
        if not well:
            bad.append(name)
    return bad
