"""“This week”: the news of seven days as one text for the group."""

from datetime import date, datetime, time, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from caisu.core.bilingual import LANGUAGES
from news.models import Article
from news.sharing import text

DAYS = 7
MOST = 50


@require_safe
def week(request):
    """What came out in the seven days up to ``?until=`` (a day, by default today), in both languages."""
    if not request.user.has_perm("news.change_article"):
        raise PermissionDenied
    last = day_of(request.GET.get("until", ""))
    first = last - timedelta(days=DAYS - 1)
    zone = timezone.get_default_timezone()
    articles = list(
        Article.objects.published()
        .filter(
            publish_at__gte=datetime.combine(first, time(), zone),
            publish_at__lt=datetime.combine(last + timedelta(days=1), time(), zone),
        )
        .only("title_zh_hans", "title_en", "audience")
        .newest_first()[: MOST + 1]
    )
    context = {
        **admin.site.each_context(request),
        "title": _("This week’s news"),
        "opts": Article._meta,
        "first": first,
        "last": last,
        "today": timezone.localdate(),
        "earlier": last - timedelta(days=DAYS),
        "later": last + timedelta(days=DAYS),
        "count": min(len(articles), MOST),
        "left_out": len(articles) > MOST,
        "texts": [
            {"language": code, "text": text.week(articles[:MOST], first, last, code)}
            for code in LANGUAGES
        ],
    }
    return render(request, "admin/news/week.html", context)


def day_of(written):
    """A day as a form sends it, today if it is none, and none that calendars do not reach."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return timezone.localdate()
    return day if 2000 <= day.year <= 2100 else timezone.localdate()
