"""What moderators' decisions write to the people concerned."""

from django.conf import settings
from django.utils.translation import override

from caisu.core import mail


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
        )


def contribution_removed(subject, reason):
    author = subject.author
    with override(author.language):
        mail.send(
            "moderation/removed",
            author.email,
            author.language,
            member=author,
            text=subject.moderated_text,
            reason=reason,
            url=_absolute(subject.get_absolute_url()),
        )


def standing_changed(member, action, reason):
    mail.send(
        "moderation/standing",
        member.email,
        member.language,
        member=member,
        action=action,
        reason=reason,
        until=member.suspended_until,
    )


def issue_answered(report, text):
    to = report.reporter.email if report.reporter else report.email
    mail.send("moderation/answered", to, report.language, report=report, text=text)
