"""What the page of an article asks while somebody writes: keep this; who else is here; am I logged in."""

from django.core.cache import cache
from django.http import Http404, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from caisu.core.throttling import Limit
from news import drafting
from news.models import Article

from .article_form import key_in, token_in, typed

# A page sends one every three seconds at most; an editor may have several open.
SAVES = Limit("autosave", times=90, seconds=60)


def mark_saved(token):
    """Remembers that a form was saved: an autosave of it that comes late keeps nothing."""
    if token:
        cache.set(f"article-form-saved:{token}", True, 3600)


def was_saved(token):
    return bool(token) and cache.get(f"article-form-saved:{token}") is not None


def state_of(article, editor):
    """What an open page should know of its article by now."""
    if article is None:
        return {}
    return {
        "version": article.version,
        "writing": drafting.writing_now(article, editor),
    }


def _article(number):
    """The article of that number, without its texts; None for a new one."""
    if not number:
        return None
    key = key_in(number)
    article = Article.objects.filter(pk=key).first() if key else None
    if article is None:
        raise Http404
    return article


def view_for(model_admin):
    """The view of one admin. It answers JSON, and says 401 where a page would lead to the login."""

    @never_cache
    @require_http_methods(["GET", "POST"])
    def autosave(request):
        user = request.user
        if not user.is_authenticated or not model_admin.admin_site.has_permission(request):
            return JsonResponse({"error": "logged out"}, status=401)
        data = request.POST if request.method == "POST" else request.GET
        article = _article(data.get("article", ""))
        allowed = (
            model_admin.has_change_permission(request, article)
            if article
            else model_admin.has_add_permission(request)
        )
        if not allowed:
            return JsonResponse({"error": "not allowed"}, status=403)
        answer = {"token": get_token(request), "member": user.pk, **state_of(article, user)}
        if request.method == "GET":
            return JsonResponse(answer)
        SAVES.hit(user.pk)
        token = token_in(data.get("draft", ""))
        copy = None
        if not was_saved(token):
            try:
                copy = drafting.keep(
                    user,
                    typed(data),
                    article,
                    base=key_in(data.get("base", "")) or 0,
                    token=token,
                    key=key_in(data.get("copy", "")),
                )
            except drafting.TooLong:
                return JsonResponse({"error": "too long"}, status=413)
            except drafting.AwaitsReview:
                return JsonResponse({"error": "awaits review"}, status=409)
        answer |= {"copy": copy and copy.pk, "saved_at": timezone.now().isoformat()}
        return JsonResponse(answer)

    return autosave
