"""What is looked at by machine before anybody sees it: rules, block list, classifier.

    contribution = Contribution(author=member, text=body, address=request.META["REMOTE_ADDR"])
    verdict = check(contribution)
    comment = Comment.objects.create(…, state=State.HELD if verdict.holds else State.VISIBLE)
    settle(comment, Case.Kind.COMMENT, contribution, verdict)

A machine holds, and sorts what waits. It never removes anything, and where it fails, it holds.
"""

from .checking import check, settle, settle_report, settle_reported
from .contribution import Contribution, Verdict

__all__ = ["Contribution", "Verdict", "check", "settle", "settle_report", "settle_reported"]
