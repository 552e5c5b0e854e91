"""How static pages are found."""

from caisu.core.bilingual import LANGUAGES, column

from .registry import Index, Item
from .text import from_html


class PageIndex(Index):
    kind = "page"

    def entries(self, page):
        for language in LANGUAGES:
            if title := getattr(page, column("title", language)):
                yield Item(
                    language=language,
                    title=title,
                    text=from_html(getattr(page, column("body", language))),
                    published_at=page.updated_at,
                )
