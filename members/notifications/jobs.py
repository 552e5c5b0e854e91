from datetime import time, timedelta

from caisu.core.jobs import periodic

from . import mailing, telling


@periodic(every=timedelta(minutes=10))
def mail_what_is_new():
    """Writes to members about replies, mentions and whatever else they want to hear of by mail."""
    mailing.mail_unseen()


@periodic(daily_at=time(4, 20))
def forget_old_notifications():
    """What was seen months ago is forgotten."""
    telling.prune()
