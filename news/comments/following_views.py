from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from caisu.core.throttling import Limit
from news.models import Article

from . import following, mentions, polling
from .models import are_open_to

# A page asks every half minute; somebody may have many open.
ASKS = Limit("comments-since", times=120, seconds=60)
# From one address, behind which a whole campus may sit.
ADDRESS_ASKS = Limit("comments-since-address", times=1200, seconds=60)
NAMES = Limit("mentionable", times=60, seconds=60)
FOLLOWS = Limit("follow", times=60, seconds=3600)
VISITS = Limit("comments-seen", times=60, seconds=60)
LONGEST = 18  # digits that are taken for a number
FRESH = 15  # seconds that a cache may keep an answer for visitors


def article_for(request, pk):
    """The article, if the reader may read it and what is said under it; 404 otherwise."""
    rows = Article.objects.select_related("author").defer("body_zh_hans", "body_en")
    article = get_object_or_404(rows, pk=pk)
    if not article.is_readable_by(request.user) or not are_open_to(request.user):
        raise Http404
    return article


def number(values, name):
    value = values.get(name, "")
    return int(value) if value.isdecimal() and len(value) <= LONGEST else None


@require_POST
@login_required
def follow(request, article_id):
    """Follows a conversation or, with ``on=0``, no longer."""
    article = article_for(request, article_id)
    FOLLOWS.hit(request.user.pk)
    if request.POST.get("on") == "0":
        following.unfollow(article, request.user)
    else:
        following.follow(article, request.user)
    return redirect(f"{article.get_absolute_url()}#comments")


@require_POST
@login_required
def seen(request, article_id):
    """Notes that the reader has seen the conversation as it was at ``until``, a stamp.

    A script says so, by the form that stands there for who has none.
    """
    article = article_for(request, article_id)
    VISITS.hit(request.user.pk)
    stamp = number(request.POST, "until")
    until = polling.moment(stamp) if stamp is not None else None
    if until is None:
        return HttpResponse(status=400)
    following.see(article, request.user, until)
    if request.headers.get("Accept") == "application/json":
        return HttpResponse(status=204)
    return redirect(f"{article.get_absolute_url()}#comments")


@require_safe
def since(request, article_id):
    """How many comments are new after the stamp ``after``, in JSON; 304 while that has not changed."""
    article = article_for(request, article_id)
    stamp = number(request.GET, "after")
    after = polling.moment(stamp) if stamp is not None else None
    if after is None:
        return JsonResponse({}, status=400)
    if request.user.is_authenticated:
        ASKS.hit(request.user.pk)
    else:
        ADDRESS_ASKS.hit(request.META["REMOTE_ADDR"])
    fresh = polling.since(article, request.user, after)
    etag = f'"{fresh.count}-{fresh.first or 0}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        words = ngettext("%(count)s new comment", "%(count)s new comments", fresh.count)
        data = {"count": fresh.count, "text": words % {"count": fresh.shown}}
        if fresh.first:
            data |= {"first": fresh.first, "url": reverse("comments:permalink", args=[fresh.first])}
        answer = JsonResponse(data)
        answer["ETag"] = etag
    is_public = request.user.is_anonymous and article.audience == Article.Audience.EVERYONE
    answer["Cache-Control"] = f"public, max-age={FRESH}" if is_public else "private, no-store"
    return answer


@require_safe
@login_required
def mentionable(request):
    """Members whose handle or name begins like ``q``, in JSON, for who writes a comment."""
    if not request.user.is_full_member:
        raise PermissionDenied(_("The directory opens once you are approved."))
    NAMES.hit(request.user.pk)
    found = mentions.offered(request.GET.get("q", ""), request.user)
    people = [{"handle": member.username, "name": member.display_name} for member in found]
    answer = JsonResponse({"people": people})
    answer["Cache-Control"] = "private, no-store"
    return answer
