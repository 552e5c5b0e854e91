"""What the page of one member shows a moderator beside the form."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from caisu.core.roles import ROLE_NAMES
from members import inviting
from members.models import Application, Member

from . import assisting, reasons
from .models import Case, Decision, Moderated, Report, State

LATEST = 5


def moderated_models():
    """Everything that members contribute, of whichever app."""
    return [model for model in apps.get_models() if issubclass(model, Moderated)]


def facts(member, viewer):
    """All that stands below the form; a moderator learns of no draft that is not theirs to know."""
    case = Case.objects.about(member).open().first()
    context = {
        "trust": trust(member),
        "application": Application.objects.filter(member=member).first(),
        "addresses": EmailAddress.objects.filter(user=member).order_by("-primary", "pk"),
        "case": case,
        "notes": case and reasons.words(case.reasons),
        "appointments": member.appointments.select_related("role", "appointed_by"),
        "contributions": contributions(member, viewer),
        "tallies": tallies(member),
        "tree": inviting.tree(member),
        "decisions": decisions(member),
        "reports": Report.objects.aggregate(
            against=Count("pk", filter=Q(case__member=member) & ~Q(case__kind=Case.Kind.ISSUE)),
            made=Count("pk", filter=Q(reporter=member)),
        ),
    }
    if viewer.is_superuser:
        factors = Authenticator.objects.filter(user=member)
        context["sessions"] = UserSession.objects.filter(user=member).count()
        context["factors"] = [factor.get_type_display() for factor in factors]
    return context


def trust(member):
    """One sentence on whether the member is trusted, and what is missing."""
    if member.standing != Member.Standing.ACTIVE:
        return _("Not trusted: only active members are.")
    if member.is_trusted and member.is_staff:
        return _("Trusted, as staff is.")
    if member.is_trusted:
        return _("Trusted: a record, and here for a while.")
    needed = Member.TRUSTED_CONTRIBUTIONS
    parts = []
    if member.approved_count < needed:
        parts.append(
            ngettext(
                "%(count)d of %(needed)d contributions approved",
                "%(count)d of %(needed)d contributions approved",
                member.approved_count,
            )
            % {"count": member.approved_count, "needed": needed}
        )
    since = member.date_joined + Member.TRUSTED_AFTER
    if since > timezone.now():
        day = date_format(timezone.localtime(since), "DATE_FORMAT")
        parts.append(_("not before %(date)s") % {"date": day})
    comma = pgettext("between the items of a list", ", ")
    return _("Not trusted yet: %(parts)s.") % {"parts": comma.join(parts)}


def contributions(member, viewer):
    """The latest of each kind that ``viewer`` may know of."""
    found = []
    for model in moderated_models():
        latest = model._default_manager.filter(author=member).select_related().order_by("-pk")
        found.extend(thing for thing in latest[: 2 * LATEST] if thing.is_known_to(viewer))
    found.sort(key=lambda thing: (type(thing).__name__, -thing.pk))
    return [
        {
            "kind": thing._meta.verbose_name,
            "text": thing.moderated_text[:160],
            "url": thing.get_absolute_url() if thing.state == State.VISIBLE else "",
            "state": thing.get_state_display(),
        }
        for thing in found[: 2 * LATEST]
    ]


def tallies(member):
    """How many of their contributions wait or were taken down, by state, in words."""
    counted = {}
    for model in moderated_models():
        rows = model._default_manager.filter(author=member).exclude(state=State.VISIBLE)
        for state, number in rows.order_by().values_list("state").annotate(Count("pk")):
            counted[state] = counted.get(state, 0) + number
    return [(State(state).label, number) for state, number in sorted(counted.items())]


def decisions(member):
    """The last decisions about the person or what they wrote, each with what it was about."""
    latest = list(Decision.objects.filter(case__member=member).select_related("by", "case")[:20])
    said = {
        assisting.CODE: _("How to get a new code"),
        assisting.SESSIONS: _("All sessions ended"),
        assisting.FACTORS: _("Second factors removed"),
    }
    for decision in latest:
        role = decision.before.get("role")
        decision.about = ROLE_NAMES.get(role, role) or said.get(decision.text) or decision.case
    return latest
