"""What the page of an article shows besides its fields: panels, what changed, what was not saved."""

import json

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from caisu.core import images
from caisu.core.bilingual import LANGUAGES, active, column, other
from caisu.core.models import Image
from caisu.core.templatetags.site import date_and_time
from news import diffing, drafting
from news.models import Article

from .article_form import COVER_FIELDS, zone

NAMES = {
    "zh-hans": pgettext_lazy("language of a text", "Chinese"),
    "en": pgettext_lazy("language of a text", "English"),
}
# More unsaved drafts than anybody looks through.
DRAFTS = 20

LABELS = {
    "saving": pgettext_lazy("autosave", "Saving…"),
    "justNow": pgettext_lazy("autosave", "Saved just now"),
    "seconds": pgettext_lazy("autosave", "Saved {count} s ago"),
    "minutes": pgettext_lazy("autosave", "Saved {count} min ago"),
    "saved": pgettext_lazy("autosave", "Saved as a working copy"),
    "offline": pgettext_lazy("autosave", "Not saved: no connection – kept on this computer"),
    "refused": pgettext_lazy("autosave", "Not saved – kept on this computer"),
    "lost": pgettext_lazy("autosave", "Not saved, and this browser keeps nothing: copy your text"),
    "tooLong": pgettext_lazy(
        "autosave", "Not saved: the text is too long. It is kept on this computer."
    ),
    "loggedOut": pgettext_lazy(
        "autosave", "You are logged out. Log in in another window, then go on here."
    ),
    "logIn": pgettext_lazy("autosave", "Log in in another window"),
    "unsaved": gettext_lazy("You have unsaved changes from {time}."),
    "untitled": pgettext_lazy("article", "Without a title"),
    "saveFailed": gettext_lazy("The server did not answer. Please try again in a moment."),
    "newer": gettext_lazy(
        "Somebody saved this article since you opened it. When you save, you will see both texts."
    ),
    "writingOne": gettext_lazy("{names} is writing in this article now."),
    "writingMany": gettext_lazy("{names} are writing in this article now."),
    "schedule": pgettext_lazy("button", "Schedule"),
    "left": pgettext_lazy("characters of a field", "{count} of {limit}"),
}


def who_writes(names):
    """A sentence about those who are writing in the same article, or nothing."""
    if not names:
        return ""
    return ngettext(
        "%(names)s is writing in this article now.",
        "%(names)s are writing in this article now.",
        len(names),
    ) % {"names": get_text_list(names, _("and"))}


def changes_since(article, language):
    """What changed in one language since both said the same: title, summary, changed paragraphs.

    Returns:
        a list of (name of the part, HTML with ``<ins>`` and ``<del>``); None if nobody knows.
    """
    revision = article.revisions.filter(number=article.in_step).first()
    if revision is None:
        return None
    changes = []
    for part in ("title", "summary"):
        name = column(part, language)
        old, new = revision.fields[name], getattr(article, name)
        if old != new:
            changes.append((Article._meta.get_field(name).verbose_name, diffing.words(old, new)))
    body = column("body", language)
    for change in diffing.compare(revision.fields[body], getattr(article, body)):
        if change.kind != "same" and not change.only_looks:
            changes.append(("", change.html))
    return changes


def panels_of(form, fieldsets, article):
    """One panel for each language, with its fields and how far its text is."""
    panels = []
    for code in LANGUAGES:
        fieldset = next(each for each in fieldsets if code in each.classes.split())
        state = article.translation(code) if article else None
        stale = state == Article.Translation.STALE
        panels.append(
            {
                "code": code,
                "name": NAMES[code],
                "fieldset": fieldset,
                "state": state,
                "stale": stale,
                "other": NAMES[other(code)],
                "changes": changes_since(article, other(code)) if stale else None,
                "errors": sum(name in form.errors for name in fieldset.fields),
            }
        )
    return panels


def errors_of(form):
    """All that is wrong, with the fields to mend it."""
    found = []
    for name, messages in form.errors.items():
        field = form.fields.get(name)
        label = form[name].label if field else ""
        # Of two inputs the first; of nothing that is shown, none.
        anchor = {"publish_at": "id_publish_at_0", "meant_for": "id_meant_for_0"}.get(
            name, f"id_{name}"
        )
        hidden = field is None or field.widget.is_hidden
        found += [
            ("" if hidden else label, message, "" if hidden else anchor) for message in messages
        ]
    return found


def cover_shown(form):
    """The Image that the form shows as its cover, or None."""
    value = form["cover"].value()
    cover = form.instance.cover
    if cover and str(cover.pk) == str(value):
        return cover
    return Image.objects.filter(pk=value).first() if str(value or "").isdecimal() else None


def said(request, form, fieldsets, article):
    """The context of the page.

    Args:
        form: bound or not.
        fieldsets: of the admin form.
        article: as it is saved; None for a new one.
    """
    user, copy = request.user, form.working_copy
    cover = cover_shown(form) if "cover" in form.fields else None
    offers = []
    if not form.is_bound and not copy:
        own = [drafting.of(user, article)] if article else drafting.unfinished(user)[:DRAFTS]
        offers = [each for each in own if each]
    for offer in offers:
        first, second = column("title", active()), column("title", other(active()))
        at, today = timezone.localtime(offer.updated_at), timezone.localdate()
        offer.when = f"{at:%H:%M}" if at.date() == today else date_and_time(at)
        offer.title = offer.fields.get(first) or offer.fields.get(second) or LABELS["untitled"]
    path = request.path
    page = {
        "article": article.pk if article else "",
        "member": user.pk,
        "version": article.version if article else 0,
        "autosave": reverse("admin:news_article_autosave"),
        "login": f"{reverse('account_login')}?next={reverse('admin:index')}",
        "path": path,
        "now": timezone.now().isoformat(),
        "timeZone": timezone.get_current_timezone_name(),
        "admin": reverse("admin:index"),
        "sent": form.is_bound,
        "continued": bool(copy),
        "labels": {key: str(label) for key, label in LABELS.items()},
    }
    sections = [
        each
        for each in fieldsets
        if not {"language-panel", "meant-for", "cover-of-article"} & set(each.classes.split())
    ]
    return {
        "page": json.dumps(page, ensure_ascii=False),
        "panels": panels_of(form, fieldsets, article),
        "sections": sections,
        "cover": cover,
        "cover_url": images.thumbnail_url(cover) if cover else "",
        "cover_fields": [form[name] for name in COVER_FIELDS],
        "offers": offers,
        "writing": who_writes(drafting.writing_now(article, user)) if article else "",
        "outdated": bool(copy and article and copy.base < article.version),
        "continued": copy,
        "mistakes": errors_of(form),
        "translated": article.is_translated if article else False,
        "zone": zone(),
    }
