"""What has to wait for a moderator, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from caisu.core import markup
from caisu.core.models import SiteSettings
from members.models import Member

from .models import Case, Report

if TYPE_CHECKING:
    from .models import Moderated

REASONS = {
    "pending": _("The author is not approved yet."),
    "first": _("One of the author's first contributions."),
    "links": _("Has links, and the author is not yet trusted."),
    "reported": _("Reported by a member."),
    "submitted": _("A member's own post."),
    "edited": _("The author changed a published post."),
    "signup": _("Wants to join."),
    "issue": _("Somebody reports an issue."),
}


def reasons_to_hold(author: Member, text: str) -> list[str]:
    """Names from REASONS why ``text`` must not be seen before a moderator looked; none: it may."""
    if author.is_staff:
        return []
    reasons = []
    if author.is_pending:
        reasons.append("pending")
    if author.approved_count < SiteSettings.load().first_contributions_held:
        reasons.append("first")
    if not author.is_trusted and markup.links(text):
        reasons.append("links")
    return reasons


def open_case(
    kind: str, subject: models.Model | None, member: Member | None, reasons: list[str]
) -> Case:
    """The open case about ``subject``; made if there is none, its reasons joined if there is."""
    if subject is None:
        return Case.objects.create(kind=kind, member=member, reasons=reasons)
    with transaction.atomic():
        case, _created = Case.objects.select_for_update().get_or_create(
            content_type=ContentType.objects.get_for_model(subject),
            object_id=subject.pk,
            closed_at=None,
            defaults={"kind": kind, "member": member, "reasons": reasons},
        )
        new = [reason for reason in reasons if reason not in case.reasons]
        if new:
            case.reasons += new
            case.save(update_fields=["reasons"])
        return case


def close(subject: models.Model) -> bool:
    """Nothing waits any more: the author took the contribution back. No decision, nobody decided."""
    return bool(Case.objects.about(subject).open().update(closed_at=timezone.now()))


def report(
    subject: Moderated, kind: str, reporter: Member, reason: str, text: str, language: str
) -> bool:
    """A member points at a contribution; once for each member. Returns whether that was new."""
    with transaction.atomic():
        case = open_case(kind, subject, subject.author, ["reported"])
        _report, created = Report.objects.get_or_create(
            case=case,
            reporter=reporter,
            defaults={
                "reason": reason,
                "text": text,
                "url": subject.get_absolute_url(),
                "language": language,
            },
        )
    return created


def on_member_confirmed(sender, member: Member, **kwargs: object) -> None:
    """A newcomer's address is proven: whoever still needs approval joins the queue."""
    if member.is_pending:
        open_case(Case.Kind.SIGNUP, member, member, ["signup"])
