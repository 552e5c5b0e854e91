"""How static pages are found."""

from functools import partial

from caisu.core.bilingual import LANGUAGES, column
from caisu.core.markup import text_of

from .registry import Index, Item


class PageIndex(Index):
    kind = "page"

    def entries(self, page):
        for language in LANGUAGES:
            if title := getattr(page, column("title", language)):
                yield Item(
                    language=language,
                    title=title,
                    text=partial(text_of, getattr(page, column("body", language))),
                    published_at=page.updated_at,
                )
