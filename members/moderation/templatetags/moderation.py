from datetime import timedelta

from django import template
from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.moderation import figures, storms, waiting
from members.moderation.models import Case, Decision

register = template.Library()

LATEST = 8
# Of the chart, in its own units.
STEP, BAR, HEIGHT = 20, 14, 120


@register.simple_tag
def desk():
    """What waits, by kind: how many, and since when the oldest. Two queries."""
    rows = (
        Case.objects.open()
        .values("kind")
        .annotate(count=Count("pk"), oldest=Min("since"))
        .order_by()
    )
    found = {row["kind"]: row for row in rows}
    lines = [
        {"name": label, "count": 0, "oldest": None, **found.get(kind, {}), "kind": kind}
        for kind, label in Case.Kind.choices
        if kind != Case.Kind.MEMBER
    ]
    counted = any(line["count"] for line in lines)
    return {"lines": lines, "first": waiting.to_decide().first(), "some": counted}


@register.inclusion_tag("admin/moderation/_figures.html")
def desk_figures():
    """What was done in the last days, as numbers, a chart and a table."""
    found = figures.lately()
    most = max((day.handled for day in found.days), default=0)
    return {
        "figures": found,
        "wait": in_words(found.median_wait),
        "most": most,
        "bars": [_bar(number, day, most) for number, day in enumerate(found.days)],
        "width": STEP * len(found.days),
        "height": HEIGHT,
    }


def _bar(number, day, most):
    """Where the two parts of a day's bar stand, the taken down below."""
    down = round(HEIGHT * day.taken_down / most) if most else 0
    rest = (round(HEIGHT * day.handled / most) if most else 0) - down
    return {
        "day": day,
        "x": number * STEP + (STEP - BAR) // 2,
        "width": BAR,
        "down": {"y": HEIGHT - down, "height": down},
        "rest": {"y": HEIGHT - down - rest, "height": rest},
    }


def in_words(wait):
    """A time that somebody waits, roughly; a dash where nobody waited."""
    if wait is None:
        return "–"
    minutes = max(1, round(wait / timedelta(minutes=1)))
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = round(wait / timedelta(hours=1))
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(wait / timedelta(days=1))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


@register.simple_tag
def last_decisions():
    """The latest entries of the log, but for those that take others back: these are marked. One query."""
    rows = Decision.objects.exclude(action=Decision.Action.UNDO)
    return rows.select_related("case__member", "by", "undone_by")[:LATEST]


@register.simple_tag
def storm():
    """The storm that blows now, or None; cached."""
    return storms.current()


@register.simple_tag
def usual_wait():
    """How long approval usually takes, in words that promise a little more than was measured."""
    wait = waiting.usual_wait()
    if wait is None:
        return _("We are volunteers: give us a day or two.")
    if wait <= timedelta(hours=1, minutes=30):
        return _("This usually takes less than two hours.")
    if wait <= timedelta(hours=20):
        return _("This usually takes less than a day.")
    if wait <= timedelta(hours=44):
        return _("This usually takes less than two days.")
    return _("This usually takes a few days.")
