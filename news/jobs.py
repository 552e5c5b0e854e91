from datetime import time, timedelta

from caisu.core.jobs import periodic

from . import counting, drafting, publishing
from .sharing import pictures


@periodic(every=timedelta(seconds=20))
def release_due_articles():
    """Publishes what is due: scheduled articles show by their time alone, their pictures and search follow here."""
    publishing.release_due()


@periodic(every=timedelta(seconds=20))
def count_views():
    """Adds the views that were written down since to articles and days."""
    counting.count_visits()


@periodic(daily_at=time(0, 20))
def forget_visits():
    """Who looked on a day is forgotten when it is over; how many they were stays."""
    counting.forget_visits()


@periodic(every=timedelta(days=1))
def tidy_working_copies():
    """Forgets what was typed, never saved, and not touched for 60 days."""
    drafting.tidy()


@periodic(daily_at=time(3, 40))
def forget_share_pictures():
    """Share pictures of what is not public any more go from the disk; nobody could fetch them."""
    pictures.prune()
