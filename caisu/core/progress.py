"""A bar with count and time left, on a terminal; plain lines elsewhere."""

from __future__ import annotations

import time
from typing import TextIO


class Progress:
    """Counts towards ``total``; one line that rewrites itself.

    Args:
        out: where to; nothing is drawn unless it is a terminal.
        total: how many there are to do.
        label: what is being done.
    """

    def __init__(self, out: TextIO, total: int, label: str) -> None:
        self.out, self.total, self.label = out, max(total, 1), label
        self.count = 0
        self.started = time.monotonic()

    def add(self, count: int = 1) -> None:
        """So many more are done."""
        self.count += count
        if not self.out.isatty():
            return
        share = min(self.count / self.total, 1)
        spent = time.monotonic() - self.started
        left = spent / share - spent if share else 0
        bar = "█" * round(share * 30)
        self.out.write(
            f"\r{self.label} {bar:░<30} {self.count}/{self.total}, {left:.0f} s left \x1b[K"
        )
        self.out.flush()

    def end(self) -> None:
        """Closes the line."""
        spent = time.monotonic() - self.started
        start = "\r" if self.out.isatty() else ""
        self.out.write(f"{start}{self.label}: {self.count} in {spent:.1f} s")
        self.out.write("\x1b[K\n" if start else "\n")
