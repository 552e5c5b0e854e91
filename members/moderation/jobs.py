from datetime import time, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from caisu.core.jobs import periodic
from members.models import Application, Member

from . import appointing, blocking, deciding, emails, purging, storms, waiting
from .filtering import training, traits
from .models import Case

# A newcomer waits so long until the webmasters are reminded, and reminded again.
REMIND_AFTER, REMIND_AGAIN_AFTER = timedelta(hours=24), timedelta(hours=72)


@periodic(every=timedelta(minutes=1))
def end_suspensions():
    """Restores members whose suspension is over."""
    over = Member.objects.filter(
        standing=Member.Standing.SUSPENDED, suspended_until__lte=timezone.now()
    )
    for member in over[:100]:
        deciding.restore(member, by=None)


@periodic(every=storms.WATCHED_EVERY)
def watch_for_storms():
    """Puts the site on its guard when far more comes in than usual, and at ease when it is over."""
    storms.watch()


@periodic(every=timedelta(hours=1))
@transaction.atomic
def remind_of_signups():
    """One mail to each webmaster about the newcomers who wait a day, or three, for our decision."""
    now = timezone.now()
    a_day = Q(since__lte=now - REMIND_AFTER)
    three_days = Q(since__lte=now - REMIND_AGAIN_AFTER)
    never = Q(member__application=None) | Q(member__application__reminders=0)
    due = list(
        waiting.to_decide()
        .filter(a_day & never | three_days & Q(member__application__reminders=1))
        .filter(kind=Case.Kind.SIGNUP, member__standing=Member.Standing.PENDING)
        .select_related("member")
    )
    if not due:
        return
    Application.objects.bulk_create(
        [Application(member=case.member) for case in due], ignore_conflicts=True
    )
    long = [case.member_id for case in due if now - case.since >= REMIND_AGAIN_AFTER]
    applications = Application.objects.filter(member__in=[case.member_id for case in due])
    applications.exclude(member__in=long).update(reminders=F("reminders") + 1)
    applications.filter(member__in=long).update(reminders=2)
    emails.signups_wait(due)


@periodic(daily_at=time(4, 10))
def tidy_the_filter():
    """Forgets old traits and blocks, and finds the classifier's thresholds anew."""
    traits.prune()
    blocking.prune()
    training.find_thresholds()


@periodic(daily_at=time(4, 30))
def purge_spam():
    """Throws the text of old spam away; the decisions about it stay."""
    purging.purge()


@periodic(daily_at=time(6, 30))
def end_roles():
    """Reminds of roles that end soon, and ends those that are over."""
    appointing.remind()
    appointing.end()
