"""What moderators work with."""

from .cases import Case, Report
from .decisions import Appeal, AppendOnlyError, Decision, Sweep, Swept
from .house import HouseRules, Storm
from .spam import BlockRule, Lesson, SpamModel, TokenCount, Trait
from .state import Moderated, State

__all__ = [
    "Appeal",
    "AppendOnlyError",
    "BlockRule",
    "Case",
    "Decision",
    "HouseRules",
    "Lesson",
    "Moderated",
    "Report",
    "SpamModel",
    "State",
    "Storm",
    "Sweep",
    "Swept",
    "TokenCount",
    "Trait",
]
