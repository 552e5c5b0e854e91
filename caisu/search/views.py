from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from caisu.core.fulltext.query import MOST_HITS
from caisu.core.fulltext.text import LONGEST_QUERY
from caisu.core.throttling import Limit

PER_PAGE = 20
VISITORS = Limit("search", times=30, seconds=60)  # for each address; members are known


def audiences_of(user):
    """Whose things a reader may find; what only staff may read is never on a public page."""
    if getattr(user, "is_full_member", False):
        return [Entry.Audience.EVERYONE, Entry.Audience.MEMBERS]
    return [Entry.Audience.EVERYONE]


@require_safe
def results(request):
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    asked = fulltext.phrases(query)
    context = {"query": query, "asked": asked, "longest": LONGEST_QUERY, "most": MOST_HITS}
    if asked:
        if not request.user.is_authenticated:
            VISITORS.hit(request.META["REMOTE_ADDR"])
        audiences = audiences_of(request.user)
        found = fulltext.search(query, audiences)
        page = Paginator(found.hits, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "more": found.more}
        context["results"] = fulltext.show(page, query, audiences)
    response = render(request, "search/results.html", context)
    # An endless number of addresses that hold nothing of their own.
    response["X-Robots-Tag"] = "noindex"
    return response
