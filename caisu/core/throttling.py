"""Limits on how often a thing may be done, counted in the shared cache by fixed windows."""

from __future__ import annotations

from dataclasses import dataclass
from time import time as clock

from django.core.cache import cache


class TooManyRequests(Exception):
    """Raised when a limit is passed; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """At most ``times`` in ``seconds`` for each key."""

    name: str
    times: int
    seconds: int

    def hit(self, key: object) -> None:
        """Counts one act of ``key`` (a member's id, an address).

        Raises:
            TooManyRequests: when that was one too many in the current window.
        """
        now = clock()
        window = int(now // self.seconds)
        cache_key = f"limit:{self.name}:{key}:{window}"
        if cache.add(cache_key, 1, self.seconds + 1):
            return
        try:
            count = cache.incr(cache_key)
        except ValueError:  # expired between the two calls: a new window
            return
        # Django's database cache forgets in incr() how long a key was to live.
        cache.touch(cache_key, self.seconds + 1)
        if count > self.times:
            raise TooManyRequests(int((window + 1) * self.seconds - now) + 1)
