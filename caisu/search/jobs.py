from datetime import timedelta

from caisu.core.jobs import periodic

from . import counting


@periodic(every=timedelta(days=1))
def forget_counts():
    """What was looked for a season ago is forgotten."""
    counting.forget()
