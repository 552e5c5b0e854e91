from datetime import timedelta

from caisu.core.jobs import periodic

from . import publishing


@periodic(every=timedelta(seconds=20))
def release_due_articles():
    """Publishes what is due: scheduled articles show by their time alone, their pictures and search follow here."""
    publishing.release_due()
