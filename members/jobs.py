from datetime import time, timedelta

from caisu.core.jobs import periodic

from . import exporting, inviting, leaving, still_here


@periodic(every=timedelta(minutes=10))
def let_members_leave():
    """Forgets members who asked for it and did not change their mind within the days they had."""
    leaving.leave_due()


@periodic(every=timedelta(hours=1))
def forget_exports():
    """Downloads of members’ data go from the disk when their week is over."""
    exporting.tidy()


@periodic(daily_at=time(4, 40))
def forget_barred_addresses():
    """An address that was suspended is forgotten when the suspension would be over."""
    leaving.forget_barred()


@periodic(every=timedelta(hours=1))
def ask_who_is_still_here():
    """Asks some of the students and scholars whose turn it is, once a year, if the site does that."""
    still_here.ask_some()


@periodic(every=timedelta(hours=1))
def forget_invited_addresses():
    """To whom an invitation was mailed is forgotten once it opens nothing any more."""
    inviting.forget_addresses()
