"""What the filter is asked about, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model

    from members.models import Member


@dataclass(frozen=True)
class Contribution:
    """A text that somebody wants others to see.

    Args:
        author: None is a visitor who reports an issue.
        text: plain, with the addresses that its links lead to.
        subject: the thing that holds the text, where there is one already; what it had before is
            not counted against it.
        before: the text before an edit.
        address: the network address it came from, as the server saw it.
        seconds: from the moment at which the form was shown to that at which it was sent; None
            where nobody knows.
    """

    author: Member | None
    text: str
    subject: Model | None = None
    before: str = ""
    address: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether a contribution waits, why, and how much speaks against it.

    ``reasons`` are names from reasons.REASONS and filtering.rules.RULES, what weighs most first.
    """

    holds: bool
    score: float = 0
    reasons: list[str] = field(default_factory=list)
