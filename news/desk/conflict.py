"""Two editors saved the same article: what differs, and the choice between both, field by field."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from caisu.core import images
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image
from members.models import Member
from news import diffing, revisions
from news.models import Article, Category, Revision, Tag

from .article_form import SWITCHES, data_of, key_in, moment
from .comparing import around_changes

# What the form of an article asks, in its order.
NAMES = (*revisions.CONTENT, "slug", "author", "publish_at")
BODIES = {column("body", code) for code in LANGUAGES}
TEXTS = {*revisions.TEXTS, "byline", "source", "source_url", "slug"} - BODIES
MINE, THEIRS, MERGED = "mine", "theirs", "merged"
# Names of what only the page of a conflict sends.
OWN = ("base", "was", "_resolve", "differs", "csrfmiddlewaretoken")


@dataclass
class Difference:
    """One field of which there are two versions now."""

    name: str
    label: str
    mine: Any = ""
    theirs: Any = ""
    changes: list = field(default_factory=list)  # of a body; None where the same is left out
    words: str = ""  # of any other text
    merged: str | None = None
    picked: str = ""
    language: str = ""

    @property
    def picks(self):
        """What may be chosen: value, words, whether it is chosen already."""
        words = {
            THEIRS: pgettext("conflict", "The saved text"),
            MINE: pgettext("conflict", "What I typed"),
        }
        if self.merged is not None:
            words[MERGED] = pgettext("conflict", "Both, merged paragraph by paragraph")
        return [(value, label, value == self.picked) for value, label in words.items()]


def fields_at(article, number):
    """What the article was at a version; None if nobody knows any more."""
    found = article.revisions.filter(number__gte=number).order_by("number")
    # Nothing was kept before the first change: version 0 is the baseline that came with it.
    revision = found.filter(number__lte=max(number, 1)).first()
    return revision and revision.fields


def shown(name, value):
    """The value of a field as a person reads it."""
    if value in (None, "", []):
        return "–"
    if name in SWITCHES:
        return pgettext("a switch", "Yes") if value else pgettext("a switch", "No")
    if name == "tags":
        return pgettext("between items of a list", ", ").join(
            str(tag) for tag in Tag.objects.filter(pk__in=value)
        )
    if name == "publish_at":
        return moment(datetime.fromisoformat(value))
    if name in {"meant_for", "audience"}:
        return dict(Article._meta.get_field(name).flatchoices).get(value, value)
    if name == "cover":
        cover = Image.objects.filter(pk=value).first()
        url = cover and images.thumbnail_url(cover)
        return (
            format_html('<img src="{}" alt="{}">', url, cover.alt or cover.name) if cover else "–"
        )
    if name in {"category", "author"}:
        model = {"category": Category, "author": Member}[name]
        return str(model.objects.filter(pk=value).first() or "–")
    return value


def between(base, theirs, mine, picks):
    """The fields that differ.

    Args:
        base: fields of the revision that the editor started from, or None.
        theirs: fields of the newest revision.
        mine: what the editor typed.
        picks: what was chosen already, by name.
    """
    differences = []
    for name in NAMES:
        old, new = theirs.get(name), mine.get(name)
        if old == new:
            continue
        was = base.get(name) if base else None
        found = Difference(name, str(Article._meta.get_field(name).verbose_name))
        found.language = next((c for c in LANGUAGES if name.endswith(column("", c))), "")
        if name in BODIES:
            found.changes = around_changes(diffing.compare(old, new))
            if base and was not in (old, new):
                found.merged = diffing.merge(was, new, old)
        elif name in TEXTS:
            found.words = diffing.words(old, new)
        else:
            found.theirs, found.mine = shown(name, old), shown(name, new)
        if base and was == old:
            found.picked = MINE
        elif base and was == new:
            found.picked = THEIRS
        elif found.merged is not None:
            found.picked = MERGED
        allowed = {value for value, _label, _picked in found.picks}
        found.picked = picks.get(name) if picks.get(name) in allowed else found.picked
        differences.append(found)
    return differences


def picks_in(data):
    """What was chosen on the page of a conflict, by name."""
    return {name: data.get(f"pick_{name}", "") for name in data.getlist("differs")}


def resolved(article, data):
    """What the page of a conflict sent, as the form of the article would have sent it.

    Where something was left undecided, the base stays what it was: the conflict shows again.

    Args:
        data: a QueryDict.
    """
    data = data.copy()
    picks = {name: pick for name, pick in picks_in(data).items() if name in NAMES}
    base = key_in(data.get("base", "")) or 0
    revision = article.revisions.filter(number=base).first()
    undecided = revision is None
    for name, pick in picks.items():
        if pick == THEIRS and revision:
            for key, values in data_of(revision.fields, [name]).items():
                data.setlist(key, values)
                if not values:
                    del data[key]
            if name == "cover":
                data["cover_described"] = ""
        elif pick == MERGED and f"merged_{name}" in data:
            data[name] = data[f"merged_{name}"]
        elif pick != MINE:
            undecided = True
    if undecided:
        data["base"] = data.get("was", "")
    return data


def kept(data):
    """Names and values of all that was sent, to be sent again beside the choices."""
    return [
        (name, value)
        for name, values in data.lists()
        if name not in OWN and not name.startswith(("pick_", "merged_"))
        for value in values
    ]


def said(request, article, form, version):
    """What the page of a conflict shows.

    Args:
        form: valid, with what the editor typed.
        version: which the article is at.
    """
    data = request.POST
    base = form.cleaned_data["base"]
    theirs = Revision.objects.filter(article=article, number=version).select_related("by").get()
    mine = form.fields_typed()
    before = fields_at(article, base) if base is not None else None
    differences = between(before, theirs.fields, mine, picks_in(data))
    if version > base + 1:
        others = article.revisions.filter(number__gt=base, number__lt=version)
        since = list(others.select_related("by"))
    else:
        since = []
    return {
        "title": _("Somebody else saved this article meanwhile"),
        "subtitle": str(Article.objects.get(pk=article.pk)),
        "original": article,
        "theirs": theirs,
        "since": since,
        "differences": differences,
        "undecided": "_resolve" in data and any(not each.picked for each in differences),
        "version": version,
        "was": base,
        "kept": kept(data),
    }
