"""The board of what has to be translated."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from caisu.core.bilingual import LANGUAGES
from news.models import Article

ROWS = 50


@require_safe
def board(request):
    """For each language: what is missing in it, and what is behind the other language."""
    if not request.user.has_perm("news.change_article"):
        raise PermissionDenied
    columns = []
    for language in LANGUAGES:
        wanted = Article.objects.needing_translation(language).knowing_texts()
        wanted = wanted.for_list().order_by("-updated_at", "-pk")
        rows = list(wanted[: ROWS + 1])
        for article in rows:
            article.wanted = Article.Translation(article.translation(language))
        columns.append({"language": language, "articles": rows[:ROWS], "more": len(rows) > ROWS})
    context = {
        **admin.site.each_context(request),
        "title": _("Translations"),
        "opts": Article._meta,
        "columns": columns,
    }
    return render(request, "admin/news/translations.html", context)
