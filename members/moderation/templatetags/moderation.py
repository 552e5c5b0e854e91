from django import template
from django.db.models import Count, Min

from members.moderation.models import Case

register = template.Library()


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
    return {"lines": lines, "first": Case.objects.open().first()}
