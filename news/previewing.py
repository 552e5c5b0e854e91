"""How an article looks before it is out: as saved, as somebody is writing it, as its author proposes it.

A signed link shows one of these, for a day, to a colleague without an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from caisu.core import markup
from caisu.core.bilingual import LANGUAGES, column
from members.models import Member
from members.moderation.models import State

from . import reviewing, revisions
from .models import Article, Category, Tag, WorkingCopy

SALT = "news.previewing"
# Pictures that a page shows by key live as long; see caisu.core.images.preview_key().
VALID = timedelta(hours=24)
BODIES = tuple(column("body", code) for code in LANGUAGES)


# --- What is shown


def _ready(article: Article, tags: QuerySet[Tag] | list[Tag]) -> Article:
    """The article with all that its page asks for; never saved."""
    if not article.languages:
        for code in LANGUAGES:
            setattr(article, column("title", code), _("Untitled"))
    # The page reads tags from the database, where those of a preview are not.
    article._prefetched_objects_cache = {"tags": tags}  # type: ignore[attr-defined]
    return article


def _with(article: Article, fields: dict[str, Any]) -> Article:
    """The article with other content. Bodies are sanitised: the page trusts what it shows."""
    clean = {name: markup.sanitise(str(fields[name] or "")) for name in BODIES if name in fields}
    return _ready(article, revisions.put(article, {**fields, **clean}))


def saved(article: Article) -> Article:
    """As it is in the database."""
    return _ready(article, list(article.tags.all()))


def written(copy: WorkingCopy) -> Article:
    """As somebody is writing it and has not saved."""
    if copy.article is not None:
        return _with(copy.article, copy.fields)
    # 0 is the key of nothing, and enough for a page that asks what hangs on the article.
    category = Category.objects.first() or Category(slug="none", name_zh_hans="–", name_en="–")
    return _with(Article(pk=0, author=copy.editor, category=category), copy.fields)


def proposed(copy: WorkingCopy) -> Article:
    """As a published post becomes if an editor accepts what its author changed."""
    if copy.article is None:
        raise ValueError("a proposal is one of an article")
    edits = reviewing.edits_in(copy.article, copy)
    return _with(copy.article, {edit.name: edit.proposed for edit in edits})


def unsaved_by(editor: Member, article: Article) -> WorkingCopy | None:
    """What ``editor`` is writing in an article, if that is newer than what is saved."""
    copies = WorkingCopy.objects.filter(editor=editor, article=article, submitted_at=None)
    return copies.filter(updated_at__gt=article.updated_at).first()


# --- The link


class Unknown(Exception):
    """There is nothing to see: a token of nobody's, or what it was for is closed by now."""


class Expired(Exception):
    """The link was a good one."""


@dataclass(frozen=True)
class Seen:
    """What a link leads to."""

    article: Article  # ready to be shown, unless it is_out
    is_out: bool  # it has been published since: the article's own page is the place to read it
    until: datetime


def link_token(article: Article, by: Member, proposal: WorkingCopy | None = None) -> str:
    """What opens a preview to whoever has it, for VALID, while ``by`` may write in the article.

    Args:
        proposal: show what its author proposes, in place of what is saved.
    """
    known = {"article": article.pk, "by": by.pk, "proposal": proposal and proposal.pk}
    return signing.dumps(known, salt=SALT)


def _signed_at(token: str) -> datetime:
    """When a token was signed; only for one whose signature was found good."""
    seconds = signing.b62_decode(token.rsplit(":", 2)[1])
    return datetime.fromtimestamp(seconds, timezone.get_default_timezone())


def open_link(token: str) -> Seen:
    """What a token leads to now.

    Raises:
        Unknown: also when the article was withdrawn or taken down, or whoever made the link may
            no longer write in it.
        Expired: after VALID.
    """
    try:
        known = signing.loads(token, salt=SALT)
        until = _signed_at(token) + VALID
    except (signing.BadSignature, ValueError) as error:
        raise Unknown from error
    articles = Article.objects.select_related("category", "author", "cover")
    article = articles.filter(pk=known["article"]).first()
    by = Member.objects.filter(pk=known["by"]).first()
    if (
        article is None
        or article.status == Article.Status.WITHDRAWN
        or article.state not in {State.VISIBLE, State.HELD}
        or by is None
        or not (by.is_active and article.is_editable_by(by))
    ):
        raise Unknown
    copies = WorkingCopy.objects.filter(article=article, submitted_at__isnull=False)
    proposal = copies.filter(pk=known["proposal"]).first() if known["proposal"] else None
    if article.is_public and proposal is None:
        return Seen(article, True, until)
    if known["proposal"] and proposal is None:
        raise Unknown
    if until <= timezone.now():
        raise Expired
    if proposal is not None:
        proposal.article = article
        return Seen(proposed(proposal), False, until)
    return Seen(saved(article), False, until)
