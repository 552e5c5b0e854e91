"""The page of an article before it is out: inside the desk's frame, and behind a signed link."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from caisu.core.middleware import POLICY

from . import previewing
from .models import Article

IN_OUR_FRAME = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")


def closed(response):
    """A preview is found by no search engine and kept by no cache."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "private, no-store"
    return response


def untold(response):
    """Whoever has the address may read: no page that is opened from this one learns it."""
    response["Referrer-Policy"] = "no-referrer"
    return closed(response)


def preview_page(request, article, **context):
    """The article's own page, as a visitor without account will see it once it is out.

    Args:
        article: from previewing.
        context: ``until``, for a page that says how long it can be seen; ``keyed``, since
            when its pictures are open to whoever reads it.
    """
    newest = (
        Article.objects.readable_by(AnonymousUser())
        .filter(category=article.category_id)
        .exclude(pk=article.pk)
        .for_list()
        .newest_first()[:6]
    )
    # Messages belong to the page around the frame, which would find none left.
    visitor = {"user": AnonymousUser(), "perms": {}, "messages": []}
    return closed(
        render(
            request,
            "news/preview.html",
            {"article": article, "newest": newest, "preview": True, **visitor, **context},
        )
    )


@xframe_options_sameorigin
def framed_page(request, article):
    """The same for the frame of the desk."""
    response = preview_page(request, article, in_frame=True)
    response["Content-Security-Policy"] = IN_OUR_FRAME
    return response


@require_safe
def preview(request, token):
    """``/preview/<token>/``: an article that is not out, to whoever was sent the link."""
    try:
        seen = previewing.open_link(token)
    except previewing.Unknown as error:
        raise Http404 from error
    except previewing.Expired:
        return untold(render(request, "news/preview_expired.html", status=410))
    if seen.is_out:
        return untold(redirect(seen.article))
    until, since = timezone.localtime(seen.until), seen.until - previewing.VALID
    return untold(preview_page(request, seen.article, keyed=since, until=until))
