"""What pages of every app need: dates as each language writes them, links between the languages, data for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import cnlunar
from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from caisu.core import markup
from caisu.core.bilingual import active, in_language, other
from caisu.core.models import SiteSettings

register = template.Library()

# As much as search engines and chats show of a page under its title.
EXCERPT = 160


@register.simple_tag
def site_settings() -> SiteSettings:
    """The settings of the site, for the base of every page: allauth's pages bring a ``site`` of their own."""
    return SiteSettings.load()


@register.filter
def long_date(when: datetime) -> str:
    """2026年11月23日 星期一; Monday, November 23, 2026. In Pocatello's time."""
    return date_format(timezone.localtime(when), pgettext("format of a long date", "l, F j, Y"))


@register.filter
def short_date(when: datetime) -> str:
    """2026年11月23日; November 23, 2026."""
    return date_format(timezone.localtime(when), pgettext("format of a date", "F j, Y"))


@register.filter
def date_and_time(when: datetime) -> str:
    """2026年11月23日 13:30; November 23, 2026, 13:30. In Pocatello's time."""
    return pgettext("a moment", "%(date)s, %(time)s") % {
        "date": short_date(when),
        "time": date_format(timezone.localtime(when), "H:i"),
    }


def _ago(when: datetime, now: datetime) -> str:
    seconds = (now - when).total_seconds()
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    local, today = timezone.localtime(when), timezone.localtime(now).date()
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {
            "count": minutes
        }
    if local.date() == today:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}
    clock = date_format(local, "H:i")
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": clock}
    return short_date(when)


@register.filter
def ago(when: datetime) -> SafeString:
    """A ``<time>``: 5 分钟前, 昨天 18:30, later the date; the exact time on hover and for machines.

    static/js/times.js goes on saying it in the same words.
    """
    local = timezone.localtime(when)
    exact = f"{long_date(when)} {date_format(local, 'H:i')}"
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        local.isoformat(),
        exact,
        _ago(when, timezone.now()),
    )


@register.filter
def day(when: datetime) -> SafeString:
    """A ``<time>`` that shows the date."""
    local = timezone.localtime(when)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), short_date(when))


@lru_cache(maxsize=8)
def lunar(on: date) -> str:
    """Lunar date and the solar term that it stands in: 十月十五 小雪. Counted in China's days."""
    almanac = cnlunar.Lunar(datetime(on.year, on.month, on.day, 12))
    month = almanac.lunarMonthCn.replace("大", "").replace("小", "")
    noon, term = almanac, almanac.todaySolarTerms
    while term == "无":  # the last one began at most sixteen days ago
        noon = cnlunar.Lunar(noon.date - timedelta(days=1))
        term = noon.todaySolarTerms
    return f"{month}{almanac.lunarDayCn} {term}"


@register.simple_tag
def today() -> dict[str, Any]:
    """For the masthead: ``now``, the site's time zone, and the lunar date."""
    now = timezone.localtime()
    return {"now": now, "zone": settings.TIME_ZONE, "lunar": lunar(now.date())}


@register.simple_tag(takes_context=True)
def switch_url(context: template.Context) -> str:
    """The link that shows this very page in the other language and remembers the choice."""
    language = other(active())
    return f"{reverse('language', args=[language])}?{urlencode({'next': _this_page(context)})}"


@register.simple_tag(takes_context=True)
def theme_url(context: template.Context, choice: str) -> str:
    """The link that shows this very page by ``system``, ``light`` or ``dark`` and remembers it.

    It leads back to the place where one chose, ``#appearance``.
    """
    here = f"{_this_page(context)}#appearance"
    return f"{reverse('theme', args=[choice])}?{urlencode({'next': here})}"


def _this_page(context: template.Context) -> str:
    """The address of the page itself; of a form that was sent, where it lies."""
    request = context["request"]
    return str(request.get_full_path() if request.method in {"GET", "HEAD"} else request.path)


@register.simple_tag(takes_context=True)
def absolute(context: template.Context, path: str = "", language: str = "") -> str:
    """Canonical address of a path, by default this page's, in a language, by default this one."""
    path = path or context["request"].path
    return settings.SITE_URL + (in_language(path, language) if language else path)


@register.simple_tag(takes_context=True)
def with_next(context: template.Context, name: str, anchor: str = "") -> str:
    """Address of an account page from which the way leads back to this very place."""
    request = context["request"]
    path = request.get_full_path()
    if "/accounts/" in path:
        path = request.GET.get("next", "")
    query = f"?{urlencode({'next': path + anchor})}" if path else ""
    return reverse(name) + query


@register.filter
def html_lang(language: str) -> str:
    """BCP 47 as browsers pick fonts by it: ``zh-hans`` → ``zh-Hans``."""
    return {"zh-hans": "zh-Hans"}.get(language, language)


@register.filter
def written_in(text: str) -> str:
    """BCP 47 for a text whose writer never said it: Chinese or English, by its script."""
    is_han = markup.is_han(text)
    if is_han is None:
        return html_lang(active())
    return "zh-Hans" if is_han else "en"


@register.filter
def og_locale(language: str) -> str:
    """A language as Open Graph names it: ``zh-hans`` → ``zh_CN``."""
    return {"zh-hans": "zh_CN", "en": "en_US"}[language]


@register.filter
def or_excerpt(text: str, html: str) -> str:
    """A text for machines on one line: ``text``, or where there is none the beginning of ``html``."""
    line = " ".join((text or markup.text_of(html)).split())
    return line if text else Truncator(line).chars(EXCERPT)


@register.filter
def or_later(when: datetime, other: datetime) -> datetime:
    """The later of two moments."""
    return max(when, other)


def _data_block(data: dict[str, Any]) -> SafeString:
    """JSON-LD inside HTML: nothing in it can end the block, and it is no script to the policy."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    for char, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(char, escape)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


def _plain(value: Any) -> Any:
    """A value as JSON has it: moments in ISO 8601, rows and lazy strings as their text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, Iterable) and not isinstance(value, (str, Promise)):
        return [str(each) for each in value]
    return str(value)


@register.simple_tag
def json_ld(**data: Any) -> SafeString:
    """A JSON-LD block (schema.org).

    Args:
        data: its properties. ``at_type`` stands for ``@type``; two underscores lead into an
            object: ``author__name="Wei"`` → ``"author": {"name": "Wei"}``. What is empty is left
            out, and so is an object that has nothing but its type.
    """
    whole: dict[str, Any] = {}
    for path, value in data.items():
        if (plain := _plain(value)) in ("", None, []):
            continue
        *parents, name = [re.sub("^at_", "@", part) for part in path.split("__")]
        inner = whole
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[name] = plain
    return _data_block(_without_hollow(whole))


def _without_hollow(data: dict[str, Any]) -> dict[str, Any]:
    filled = {
        key: _without_hollow(value) if isinstance(value, dict) else value
        for key, value in data.items()
    }
    return {
        key: value
        for key, value in filled.items()
        if not (isinstance(value, dict) and set(value) <= {"@type"})
    }


@register.simple_tag
def breadcrumbs(*trail: Any) -> SafeString:
    """A JSON-LD BreadcrumbList: the way from the front page to this one.

    Args:
        trail: by turns the name of a page and its path.

    Source: https://schema.org/BreadcrumbList
    """
    pairs = zip(trail[::2], trail[1::2], strict=True)
    steps = [
        {
            "@type": "ListItem",
            "position": position,
            "name": str(name),
            "item": f"{settings.SITE_URL}{path}",
        }
        for position, (name, path) in enumerate(pairs, start=1)
    ]
    return _data_block({"@type": "BreadcrumbList", "itemListElement": steps})
