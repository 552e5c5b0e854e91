"""The pictures of sharing, each as closed as the article's own text."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from caisu.core.throttling import Limit
from news.models import Article

from . import cards, pictures, text

PUBLIC = "public, max-age=3600"
PERSONAL = "private, no-store"
# For each address; what is drawn already costs nothing and is not counted.
DRAWINGS = Limit("share-picture", times=30, seconds=60)
CODE_SIDE = 600  # pixels at least


def readable(request, pk):
    """The article, to who may read all of it, and whether that is everyone; 404 for others."""
    articles = Article.objects.select_related("category", "cover").defer("body_zh_hans", "body_en")
    article = get_object_or_404(articles, pk=pk)
    # Asked first, so that a public picture depends on no cookie and caches may keep it.
    is_for_all = article.is_public and article.audience == Article.Audience.EVERYONE
    if not is_for_all and not article.is_readable_by(request.user):
        raise Http404
    return article, is_for_all


def answer(request, is_for_all, digest, name, make):
    """A PNG; made only if the reader has not got it yet."""
    etag = quote_etag(digest)
    response = get_conditional_response(request, etag=etag) if is_for_all else None
    if response is None:
        response = HttpResponse(make(), content_type="image/png")
    response["ETag"] = etag
    response["Cache-Control"] = PUBLIC if is_for_all else PERSONAL
    response["Content-Disposition"] = f'inline; filename="{name}.png"'
    if is_for_all:
        # Messengers and feed readers on the web show it in their own pages.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def qr(request, pk):
    """``/n/<id>/qr.png``: the short link as a QR code, large enough to be long-pressed."""
    article, is_for_all = readable(request, pk)
    link = text.short_address(article)

    def make():  # ten milliseconds: not worth a file
        return cards.png(cards.code(link, CODE_SIDE))

    return answer(request, is_for_all, cards.digest_of(link), f"{article.pk}-qr", make)


@require_safe
def picture(request, pk, language, kind):
    """``/n/<id>/<language>/card.png`` and ``poster.png``."""
    article, is_for_all = readable(request, pk)
    if language not in article.languages or kind not in pictures.DRAW:
        raise Http404
    sheet = pictures.sheet_of(article, language)

    def make():
        return pictures.picture(
            article, kind, sheet, lambda: DRAWINGS.hit(request.META["REMOTE_ADDR"])
        )

    name = f"{article.pk}-{language}-{kind}"
    return answer(request, is_for_all, f"{kind}-{sheet.digest}", name, make)
