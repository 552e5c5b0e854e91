"""What every answer gets, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from .throttling import TooManyRequests
from .views import too_many_requests

Handler = Callable[[HttpRequest], HttpResponse]

# CSP level 3, https://www.w3.org/TR/CSP3/. Nothing inline, nothing from another host.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


class ContentSecurityPolicyMiddleware:
    """Adds the policy and its sister headers to every answer.

    A page with a form that leads to another host on purpose names it in ``request.form_action``, a
    list of origins; browsers hold the policy against where a form is redirected to as well.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        targets = " ".join(["form-action 'self'", *getattr(request, "form_action", [])])
        policy = POLICY.replace("form-action 'self'", targets)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        return response


class ClientAddressMiddleware:
    """Sets REMOTE_ADDR to the reader's address when a trusted number of proxies stands in front.

    X-Forwarded-For grows to the right: with ``TRUSTED_PROXIES`` n the n-th entry from the right
    was written by our own outermost proxy; everything left of it is the client's claim.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if 0 < settings.TRUSTED_PROXIES <= len(hops) and hops[-settings.TRUSTED_PROXIES]:
            request.META["REMOTE_ADDR"] = hops[-settings.TRUSTED_PROXIES]
        return self.get_response(request)


class TooManyRequestsMiddleware:
    """Turns TooManyRequests, raised anywhere in a view, into a page with Retry-After (RFC 6585, 4)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 429:  # allauth's own, which gives no time
            response.headers.setdefault("Retry-After", "60")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooManyRequests):
            return too_many_requests(request, exception)
        return None


class PrivatePagesMiddleware:
    """A page made for somebody with a session, or one that sets a cookie, is kept by no cache.

    Stands outside the session middleware, so that it sees every cookie and reads no session.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        personal = settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies
        if personal and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
