"""Notifications in words, of the language that is active.

What a kind needs in ``params``:

- reply, mention, thread, like: ``by``, the key of the member who did it, and the title of the article
  in both languages (``title_zh_hans``, ``title_en``). Names are read when they are shown: of who
  has left or is called otherwise, nothing old is kept.
- decision: ``act`` (removed, restored, approved, refused, granted or denied) and, where there is
  one, the title.
- report: ``act`` (upheld or rejected), and the title.

A kind or act without words of its own has those of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from caisu.core.bilingual import LANGUAGES, active, column, other
from members.models import Member

from .models import Notification

Kind = Notification.Kind
BCP_47 = {"zh-hans": "zh-Hans"}


@dataclass(frozen=True)
class Line:
    """One or several notifications of a kind and a topic, to be put into words.

    Args:
        count: for how many it stands.
        by: who did it, where there is somebody.
    """

    notification: Notification
    count: int = 1
    by: Member | None = None

    @property
    def text(self) -> str:
        """For a mail."""
        title, _language = self._title()
        quoted = pgettext("title of an article", "“%(title)s”") % {"title": title}
        values = {"name": self._name(), "count": self.count, "title": quoted}
        return self._sentence(bool(title)) % values

    @property
    def html(self) -> SafeString:
        """For a page: names stand by themselves, whichever way they run, titles in their language."""
        title, language = self._title()
        lang = BCP_47.get(language, language)
        values = {
            "name": format_html("<bdi>{}</bdi>", self._name()),
            "count": self.count,
            "title": format_html('<cite lang="{}">{}</cite>', lang, title),
        }
        return mark_safe(escape(self._sentence(bool(title))) % values)

    def _name(self) -> str:
        return self.by.shown_name if self.by else _("Somebody")

    def _title(self) -> tuple[str, str]:
        """The title in the active language, or in the other one, with that language."""
        for language in (active(), other(active())):
            if text := self.notification.params.get(column("title", language)):
                return str(text), language
        return "", ""

    def _sentence(self, titled: bool) -> str:
        kind = Kind(self.notification.kind)
        if kind in (Kind.DECISION, Kind.REPORT):
            sentence = _of_the_house(kind, str(self.notification.params.get("act", "")))
            return sentence + (_(": %(title)s") if titled else "")
        if self.count > 1 and kind == Kind.THREAD:
            return ngettext(
                "%(count)d new comment on %(title)s",
                "%(count)d new comments on %(title)s",
                self.count,
            )
        if self.count > 1 and kind == Kind.LIKE:
            return ngettext(
                "%(count)d member likes your comment on %(title)s",
                "%(count)d members like your comment on %(title)s",
                self.count,
            )
        return {
            Kind.REPLY: _("%(name)s replied to you on %(title)s"),
            Kind.MENTION: _("%(name)s mentioned you on %(title)s"),
            Kind.THREAD: _("%(name)s commented on %(title)s"),
            Kind.LIKE: _("%(name)s likes your comment on %(title)s"),
        }[kind]


def _of_the_house(kind: Kind, act: str) -> str:
    decisions = {
        "approved": _("A moderator has let through what you wrote"),
        "removed": _("A moderator removed what you wrote"),
        "restored": _("What you wrote is back"),
        "refused": _("An editor did not take your post"),
        "granted": _("Your appeal was granted: the decision is taken back"),
        "denied": _("Your appeal was looked at: the decision stands"),
    }
    reports = {
        "upheld": _("What you reported was taken down. Thank you"),
        "rejected": _("What you reported was looked at, and stays"),
    }
    if kind == Kind.REPORT:
        return reports.get(act, _("What you reported was looked at"))
    return decisions.get(act, _("There is a decision about what you wrote"))


def titles(thing: object) -> dict[str, str]:
    """The titles of an article, as ``params`` keep them."""
    names = [column("title", language) for language in LANGUAGES]
    return {name: getattr(thing, name) for name in names}
