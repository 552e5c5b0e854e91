from unittest.mock import patch

from caisu.core.throttling import Limit
from caisu.search import views


def without_limits(case):
    """Lets one test search as often as it likes."""
    for name in ("ADDRESS", "VISITORS", "MEMBER"):
        case.enterContext(patch.object(views, name, []))
    never = Limit("never", times=10**9, seconds=3600)
    case.enterContext(patch.object(views, "SUGGESTIONS", never))
