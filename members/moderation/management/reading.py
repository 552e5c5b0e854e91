"""Labelled texts as the two commands read them: JSON, one object a line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.management import CommandError

LABELS = {"spam": True, "ham": False}
TOLD_EVERY = 10_000  # lines


def labelled(path: str, tell: Callable[[str], object]) -> Iterator[tuple[str, bool]]:
    """Text and whether it is spam, of each line of a file; empty lines are passed over.

    Args:
        tell: called from time to time with a line on how far the reading has come.

    Raises:
        CommandError: names the line that is none, or there is none at all.
    """
    found = False
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if number % TOLD_EVERY == 0:
                    tell(f"{number:,} lines …")
                if line.strip():
                    found = True
                    yield _read(line, f"{path}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    if not found:
        raise CommandError(f"{path} is empty.")


def _read(line: str, where: str) -> tuple[str, bool]:
    try:
        row = json.loads(line)
        text, label = row["text"], LABELS[row["label"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str):
        # Without what the line says: it may be somebody's.
        raise CommandError(f'{where}: expected {{"text": …, "label": "spam" or "ham"}}.')
    return text, label
