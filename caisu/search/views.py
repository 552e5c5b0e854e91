from django.http import JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from caisu.core import fulltext
from caisu.core.bilingual import LANGUAGES
from caisu.core.fulltext.asking import LONGEST_QUERY
from caisu.core.fulltext.models import Entry
from caisu.core.throttling import Limit
from news.models import Category

from . import counting

PER_PAGE = 20
SUGGESTED = 8
SUGGESTED_KINDS = ["article", "page", "category", "tag", "member"]
MOST_YEARS = 12
# Visitors by their address, and all of them together; members by their number.
ADDRESS = [Limit("search", times=15, seconds=60), Limit("search-burst", times=2, seconds=1)]
VISITORS = [Limit("searches", times=150, seconds=60), Limit("searches-burst", times=8, seconds=1)]
MEMBER = [Limit("search", times=30, seconds=60)]
# A letter typed is no search: this only stops machines.
SUGGESTIONS = Limit("suggestions", times=120, seconds=60)


def audiences_of(user):
    """Whose things a reader may find; what only staff may read is never on a public page."""
    if getattr(user, "is_full_member", False):
        return [Entry.Audience.EVERYONE, Entry.Audience.MEMBERS]
    return [Entry.Audience.EVERYONE]


def query_of(request):
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]


def filters_of(request):
    """What the address narrows results down to; nonsense is no filter."""
    year = request.GET.get("year", "")
    language = request.GET.get("language", "")
    return fulltext.Filters(
        kind=word(request.GET.get("kind", "")),
        category=word(request.GET.get("category", "")),
        year=int(year) if year.isascii() and year.isdigit() and 1990 <= int(year) < 2100 else 0,
        language=language if language in LANGUAGES else "",
    )


def word(value):
    """A slug, or nothing."""
    slug = value[:60]
    return slug if slug.isascii() and slug.replace("-", "").replace("_", "").isalnum() else ""


def limit(request):
    """Raises TooManyRequests for who searches too often."""
    if request.user.is_authenticated:
        limits = {request.user.pk: MEMBER}
    else:
        limits = {request.META["REMOTE_ADDR"]: ADDRESS, "all": VISITORS}
    for key, some in limits.items():
        for each in some:
            each.hit(key)


@require_safe
def results(request):
    query, filters = query_of(request), filters_of(request)
    asked = fulltext.parse(query)
    context = {"query": query, "asked": asked.phrases, "longest": LONGEST_QUERY}
    if asked:
        limit(request)
        audiences = audiences_of(request.user)
        found = fulltext.search(query, audiences, filters=filters)
        start = after(request, found.hits)
        page = found.hits[start : start + PER_PAGE]
        chosen = {name: value for name, value in vars(filters).items() if value}
        if not start and not chosen:
            counting.note(query, bool(found.hits))
        context |= {
            "is_asked": True,
            "found": found,
            "start": start + 1,
            "results": fulltext.show(page, query, audiences),
            "filters": filter_links(query, chosen, found.counts),
            "chosen": chosen,
        }
        if page and len(found.hits) > start + PER_PAGE:
            last = f"{page[-1].kind}.{page[-1].object_id}"
            context["next"] = urlencode({"q": query, **chosen, "after": last})
        context["first"] = urlencode({"q": query, **chosen}) if start else ""
    response = render(request, "search/results.html", context)
    # An endless number of addresses that hold nothing of their own.
    response["X-Robots-Tag"] = "noindex"
    return response


def after(request, hits):
    """Where a page begins: behind the thing that ended the page before, wherever it stands by now."""
    key = request.GET.get("after", "")
    places = (place for place, hit in enumerate(hits, 1) if f"{hit.kind}.{hit.object_id}" == key)
    return next(places, 0)


def filter_links(query, chosen, counts):
    """What a reader may narrow results down to, by name: how each value is called, where it leads,
    how many there are, and whether it is chosen."""
    names = {
        "kind": (_("Kind"), {index.kind: index.label for index in fulltext.indexes()}),
        "category": (_("Category"), {each.slug: each.name for each in Category.objects.all()}),
        "year": (_("Year"), {}),
        "language": (
            _("Language"),
            {"zh-hans": pgettext("language", "Chinese"), "en": pgettext("language", "English")},
        ),
    }
    links = []
    for name, (label, called) in names.items():
        values = counts.get(name, [])[:MOST_YEARS]
        if name in chosen and chosen[name] not in dict(values):
            values = [(chosen[name], None)]
        if len(values) < 2 and name not in chosen:
            continue
        entries = []
        for value, number in values:
            others = {key: other for key, other in chosen.items() if key != name}
            is_chosen = chosen.get(name) == value
            target = others if is_chosen else {**others, name: value}
            text = called.get(value, value)
            entries.append((text, urlencode({"q": query, **target}), number, is_chosen))
        links.append((label, entries))
    return links


@require_safe
@never_cache
def suggestions(request):
    """What a reader may mean, while they type: titles, tags, categories, and members for members."""
    user = request.user
    SUGGESTIONS.hit(user.pk if user.is_authenticated else request.META["REMOTE_ADDR"])
    query, audiences = query_of(request), audiences_of(user)
    hits = fulltext.titled(query, audiences, SUGGESTED_KINDS, SUGGESTED)
    found = fulltext.show(hits, query, audiences)
    return JsonResponse(
        {
            "suggestions": [
                {"title": "".join(text for _is_hit, text in each.title), "kind": each.label}
                | {"url": each.url, "language": each.language}
                for each in found
            ]
        }
    )
