from datetime import timedelta

from django.utils import timezone

from caisu.core.jobs import periodic
from members.models import Member

from . import deciding


@periodic(every=timedelta(minutes=1))
def end_suspensions():
    """Restores members whose suspension is over."""
    over = Member.objects.filter(
        standing=Member.Standing.SUSPENDED, suspended_until__lte=timezone.now()
    )
    for member in over[:100]:
        deciding.restore(member, by=None)
