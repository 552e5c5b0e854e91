"""Share pictures of an article: drawn once, kept in the storage until something on them changes."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, override, pgettext
from PIL import Image as Pillow

from caisu.core import images
from caisu.core.bilingual import column, other
from caisu.core.models import SiteSettings
from news.models import Article

from . import cards, text

# Under it one folder for each article, by its number. Only the views of this package read there.
ROOT = "shares"
# What a complete PNG ends with (RFC 2083, 4.1.4): a file that is still being written has it not.
END = b"IEND\xaeB`\x82"
DRAW: dict[str, Callable[..., Pillow.Image]] = {
    "card": cards.draw_card,
    "poster": cards.draw_poster,
}


def sheet_of(article: Article, language: str, site: SiteSettings | None = None) -> cards.Sheet:
    """What stands on the pictures of an article.

    Args:
        article: with its category and cover.
        language: one of ``article.languages``.
        site: where a page has loaded it already.
    """
    site = site or SiteSettings.load()
    link = text.short_address(article)
    with override(language):
        day = pgettext("format of a date", "F j, Y")
        moment = article.publish_at
        return cards.Sheet(
            language=language,
            title=getattr(article, column("title", language)),
            summary=getattr(article, column("summary", language)),
            category=getattr(article.category, column("name", language)),
            colour=article.category.colour,
            date=date_format(localtime(moment), day) if moment else "",
            note="" if article.audience == Article.Audience.EVERYONE else gettext("Members only"),
            site=getattr(site, column("name", language)),
            site_other=getattr(site, column("name", other(language))),
            link=link,
            link_shown=link.partition("://")[2],
            call=pgettext("poster", "Scan to read"),
            cover=f"{article.cover.token}.{article.cover.version}" if article.cover else "",
        )


def picture(
    article: Article, kind: str, sheet: cards.Sheet, before_drawing: Callable[[], object]
) -> bytes:
    """The PNG of an article's card or poster, from the storage or drawn now.

    Two requests may draw the same picture at once: they draw the same, and one file stays.

    Args:
        kind: a key of DRAW.
        sheet: what stands on it.
        before_drawing: called when it is not there yet; may raise to prevent the work.
    """
    path = f"{ROOT}/{article.pk}/{kind}-{sheet.language}-{sheet.digest}.png"
    data = _kept(path)
    if data is None:
        before_drawing()
        cover = _cover(article, 1200 if kind == "card" else 1080)
        drawn = DRAW[kind](sheet, cover)
        data = cards.png(drawn, small=kind == "card" and cover is not None)
        if (
            cover is not None or not sheet.cover
        ):  # else its file is missing now, perhaps not for ever
            _keep(path, data)
    return data


def prune() -> int:
    """Deletes the pictures of articles that are not public any more, or gone; returns of how many."""
    folders = {int(name) for name in _listed(ROOT)[0] if name.isdecimal()}
    public = Article.objects.published().filter(pk__in=folders).values_list("pk", flat=True)
    closed = folders - set(public)
    for pk in closed:
        for name in _listed(f"{ROOT}/{pk}")[1]:
            default_storage.delete(f"{ROOT}/{pk}/{name}")
        default_storage.delete(f"{ROOT}/{pk}")  # the folder, where the storage has such
    return len(closed)


def _cover(article: Article, width: int) -> Pillow.Image | None:
    """The cover, of one file that is wide enough; None without one, or if the file is missing."""
    cover = article.cover
    if cover is None:
        return None
    fallback_width = cover.width * min(1, images.FALLBACK_SIDE / max(cover.width, cover.height))
    name = images.FALLBACK if fallback_width >= min(width, cover.width) else images.FULL
    try:
        with default_storage.open(images.file_path(cover, name)) as file:
            return cards.on_paper(Pillow.open(file, formats=["JPEG", "WEBP"]))
    except OSError:
        return None


def _kept(path: str) -> bytes | None:
    try:
        with default_storage.open(path) as file:
            data = file.read()
    except FileNotFoundError:
        return None
    if data.endswith(END):
        return data
    # Half a file: of a process that was ended, or of one that writes now and loses nothing by this.
    default_storage.delete(path)
    return None


def _keep(path: str, data: bytes) -> None:
    """Stores a picture in place of the older ones of its kind and language."""
    folder, name = path.rsplit("/", 1)
    default_storage.save(path, ContentFile(data))
    kind = name.rpartition("-")[0]
    # Also what the storage named otherwise because another request had been quicker.
    for other_name in _listed(folder)[1]:
        if other_name.startswith(f"{kind}-") and other_name != name:
            default_storage.delete(f"{folder}/{other_name}")


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in a folder of the storage; of one that is not there, none."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return folders, files
