"""What moderators' decisions write to the people concerned."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core import mail
from members.models import Member


def _absolute(path):
    return f"{settings.SITE_URL}{path}"


def admitted(member):
    with override(member.language):
        mail.send(
            "moderation/admitted",
            member.email,
            member.language,
            member=member,
            url=_absolute(f"/{member.language}/"),
            directory=_absolute(reverse("members:directory")),
            profile=_absolute(reverse("members:edit_profile")),
        )


def asked(member, question):
    with override(member.language):
        url = _absolute(reverse("members:application"))
    mail.send(
        "moderation/asked", member.email, member.language, member=member, question=question, url=url
    )


def signups_wait(cases):
    """One mail to each webmaster about all the newcomers who wait too long."""
    url = _absolute(reverse("admin:moderation_case_changelist")) + "?kind__exact=signup"
    for webmaster in Member.objects.webmasters():
        mail.send(
            "moderation/signups_wait",
            webmaster.email,
            webmaster.language,
            member=webmaster,
            cases=cases,
            url=url,
        )


def _page_of(decision):
    """Where the member concerned reads what was decided, and may answer; log-in comes first."""
    return _absolute(reverse("moderation:decision", args=[decision.pk]))


def contribution_removed(subject, decision):
    author = subject.author
    with override(author.language):
        mail.send(
            "moderation/removed",
            author.email,
            author.language,
            member=author,
            text=decision.text,
            reason=decision.reason,
            decision_url=_page_of(decision),
        )


def appeal_decided(appeal, granted, reason):
    """Whoever appealed hears what became of it."""
    member = appeal.member
    with override(member.language):
        mail.send(
            "moderation/appeal_decided",
            member.email,
            member.language,
            member=member,
            granted=granted,
            reason=reason,
            decision_url=_page_of(appeal.decision),
        )


def contribution_restored(subject):
    """What was removed is shown again."""
    author = subject.author
    with override(author.language):
        mail.send(
            "moderation/shown_again",
            author.email,
            author.language,
            member=author,
            text=subject.moderated_text,
            url=_absolute(subject.get_permalink()),
        )


def profile_removed(member, decision):
    """What somebody said of themselves is not shown."""
    with override(member.language):
        mail.send(
            "moderation/profile_removed",
            member.email,
            member.language,
            member=member,
            text=decision.text,
            reason=decision.reason,
            url=_absolute(reverse("members:edit_profile")),
            decision_url=_page_of(decision),
        )


def profile_shown_again(member):
    """What a moderator had taken out of a profile is back."""
    with override(member.language):
        mail.send(
            "moderation/profile_shown_again",
            member.email,
            member.language,
            member=member,
            url=_absolute(member.get_absolute_url()),
        )


def storm_began(storm):
    """One mail to each webmaster: what comes in, what the site does, what they can do."""
    since = timezone.localtime(storm.began_at - timedelta(hours=1))
    query = urlencode({"since_0": f"{since:%Y-%m-%d}", "since_1": f"{since:%H:%M}"})
    for webmaster in Member.objects.webmasters():
        mail.send(
            "moderation/storm",
            webmaster.email,
            webmaster.language,
            member=webmaster,
            storm=storm,
            queue=_absolute(reverse("admin:moderation_case_changelist")),
            since=since,
            since_page=_absolute(f"{reverse('admin:moderation_since')}?{query}"),
            storm_page=_absolute(reverse("admin:moderation_storm_changelist")),
        )


def account_closed(member, decision):
    """Somebody is suspended, banned, or not let in."""
    with override(member.language):
        mail.send(
            "moderation/standing",
            member.email,
            member.language,
            member=member,
            action=decision.action,
            reason=decision.reason,
            until=member.suspended_until,
            decision_url=_page_of(decision),
        )


def account_opened(member, reason):
    """Somebody has their account back."""
    mail.send(
        "moderation/standing",
        member.email,
        member.language,
        member=member,
        action="restore",
        reason=reason,
    )


def issue_answered(report, text):
    to = report.reporter.email if report.reporter else report.email
    mail.send("moderation/answered", to, report.language, report=report, text=text)
