"""What only pages of the desk need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from caisu.core import daily

register = template.Library()

# Of a chart, in its own units: a day, its bar, the highest bar.
STEP, BAR, HEIGHT = 10, 7, 60


@register.inclusion_tag("admin/_days.html")
def desk_days(user: Any) -> dict[str, Any]:
    """The last days as numbers, a small chart each with a scale of its own, and one table."""
    days, shown = daily.lately(user)
    return {
        "charts": [{"series": series, "bars": _bars(days, series)} for series in shown],
        "rows": [
            (day, [series.numbers[number] for series in shown])
            for number, day in reversed(list(enumerate(days)))
        ],
        "first": days[0],
        "width": STEP * len(days),
        "height": HEIGHT,
        "bar": BAR,
    }


def _bars(days: list[Any], series: daily.Series) -> list[dict[str, Any]]:
    """A bar for each day that has any; whatever there is can be seen."""
    return [
        {
            "day": day,
            "is_today": day == days[-1],
            "number": number,
            "x": place * STEP,
            "y": HEIGHT - height,
            "height": height,
        }
        for place, (day, number) in enumerate(zip(days, series.numbers, strict=True))
        if number and (height := max(2, round(HEIGHT * number / series.most)))
    ]


# How a cell says that there is nothing in it.
NOTHING = {"", "-", "–", "&nbsp;"}


@register.filter
def labelled(cells: Iterable[str], headers: Iterable[dict[str, Any]]) -> Iterable[SafeString]:
    """The cells of a row of a list with the headings of their columns, which a phone shows beside them.

    Args:
        cells: ``<td>`` and ``<th>`` elements, as Django's list makes them; those of hidden fields at
            the end have no heading.
        headers: of the same list.
    """
    headers = list(headers)
    for number, cell in enumerate(cells):
        start, end = cell.find(">"), cell.rfind("<")
        if number >= len(headers) or "action-checkbox" in cell[:start]:
            yield mark_safe(cell)
            continue
        label = format_html(' data-label="{}"', capfirst(headers[number]["text"]))
        if cell[start + 1 : end].strip() in NOTHING:
            label += mark_safe(" data-nothing")
        yield mark_safe(f"{cell[:start]}{label}{cell[start:]}")
