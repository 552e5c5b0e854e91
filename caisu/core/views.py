import math

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import DetailView

from .bilingual import LANGUAGES, in_language
from .context import THEME_COOKIE, THEMES, theme
from .models import Page


class PageView(DetailView):
    model = Page
    template_name = "core/page.html"


@never_cache
@require_safe
def root(request):
    """``/`` leads to the reader's language: by cookie, then Accept-Language, then Chinese."""
    return HttpResponseRedirect(f"/{get_language_from_request(request)}/")


def way_back(request, otherwise):
    """Where ``next`` leads, if that is a page of ours."""
    target = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours else otherwise


@never_cache
@require_safe
def switch_language(request, language):
    """The same page in the other language; the choice is kept in a cookie."""
    if language not in LANGUAGES:
        raise Http404
    target = way_back(request, f"/{language}/")
    response = HttpResponseRedirect(in_language(target, language))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


@never_cache
@require_safe
def switch_theme(request, choice):
    """The same page by day (``light``) or by night (``dark``), kept in a cookie; ``system`` forgets it."""
    response = HttpResponseRedirect(way_back(request, "/"))
    if choice in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            choice,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    elif choice == "system":
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    else:
        raise Http404
    return response


def typed_text(request):
    """What a person wrote in a form that could not be taken, longest first, secrets left out."""
    if request.method != "POST":
        return []
    hidden = ("password", "code", "csrf", "token", "altcha", "opened")
    texts = [
        value
        for name, value in request.POST.items()
        if len(value) > 20 and not any(word in name for word in hidden)
    ]
    return sorted(texts, key=len, reverse=True)[:10]


def csrf_failure(request, reason=""):
    """403 for a form that is too old or came from elsewhere; gives the typed text back."""
    return render(request, "403_csrf.html", {"texts": typed_text(request)}, status=403)


def too_many_requests(request, exception):
    """429 with the time to wait; gives the typed text back."""
    response = render(
        request,
        "429.html",
        {
            "retry_after": exception.retry_after,
            "minutes": math.ceil(exception.retry_after / 60),
            "hours": math.ceil(exception.retry_after / 3600),
            "texts": typed_text(request),
        },
        status=429,
    )
    response["Retry-After"] = str(exception.retry_after)
    return response


def forbidden(request, exception=None):
    """403: what may be seen but not done, with the reason if the view gave one, and the typed text."""
    reason = str(exception or "")
    return render(request, "403.html", {"reason": reason, "texts": typed_text(request)}, status=403)


def not_found(request, exception=None):
    """404; says nothing of what was asked for."""
    return render(request, "404.html", status=404)


def bad_request(request, exception=None):
    """400, a request that no browser makes by itself; or 413, more than we take at once."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return HttpResponse("400 Bad Request", status=400, content_type="text/plain")


def server_error(request):
    """500, made without the database, which may be what failed."""
    language = request.path[1:].split("/")[0]
    return HttpResponse(
        render_to_string(
            "500.html",
            {"language": language if language in LANGUAGES else LANGUAGES[0], **theme(request)},
        ),
        status=500,
    )


# Pages of forms and answers, endless or empty to a machine. What is secret is not named here.
NOT_FOR_ROBOTS = ["language/", "theme/", "*/accounts/", "*/search/", "*/news/submit/", "*/report/"]


@require_safe
def robots(request):
    """What machines need not read, and where they find what they may (RFC 9309)."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{path}" for path in NOT_FOR_ROBOTS),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def health(request):
    """200 when everything that the site stands on answers, 503 otherwise; names no version."""
    from .health import failing

    bad = failing()
    return JsonResponse({"ok": not bad, "failing": bad}, status=503 if bad else 200)
