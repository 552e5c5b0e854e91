"""How a member's own posts stand, in the member's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import pgettext_lazy

from members.models import Member
from members.moderation.models import Decision, State
from news.models import Article, WorkingCopy

Status = Article.Status
Action = Decision.Action

WORDS = {
    "draft": pgettext_lazy("own post", "Draft"),
    "waiting": pgettext_lazy("own post", "Awaiting review"),
    "returned": pgettext_lazy("own post", "Returned with a note"),
    "refused": pgettext_lazy("own post", "Not published"),
    "removed": pgettext_lazy("own post", "Removed"),
    "scheduled": pgettext_lazy("own post", "Accepted, will appear"),
    "published": pgettext_lazy("own post", "Published"),
    "edit-begun": pgettext_lazy("own post", "Published, your change is not sent yet"),
    "edit-waiting": pgettext_lazy("own post", "Published, your change awaits review"),
    "edit-returned": pgettext_lazy("own post", "Published, your change came back with a note"),
    "archived": pgettext_lazy("own post", "In the archive"),
    "withdrawn": pgettext_lazy("own post", "Taken off the site"),
}
ASKED = {"returned", "edit-returned"}
SETTLED = {"draft", "scheduled", "published", "archived", "withdrawn"}
SAID = {*ASKED, "refused", "removed"}


@dataclass(frozen=True)
class Standing:
    """Of one post: a key of WORDS, the editor's note where there is one, and what is unsaved."""

    name: str
    note: str = ""
    copy: WorkingCopy | None = None
    # When it was decided, submitted or last changed, whichever the name speaks of.
    at: datetime | None = None

    @property
    def words(self) -> str:
        return str(WORDS[self.name])

    @property
    def is_settled(self) -> bool:
        """Whether nobody is waited for."""
        return self.name in SETTLED

    @property
    def asks(self) -> bool:
        """Whether it is the author's turn to answer."""
        return self.name in ASKED


def _name(post: Article, copy: WorkingCopy | None, last: Decision | None) -> str:
    came_back = last is not None and last.action == Action.RETURN
    if post.state in {State.REMOVED, State.SPAM}:
        refused = last is not None and last.action == Action.REFUSE
        return "refused" if refused else "removed"
    if post.status == Status.DRAFT:
        return "returned" if came_back else "draft"
    if post.status == Status.SUBMITTED:
        return "waiting"
    if post.status == Status.PUBLISHED and copy:
        if copy.submitted_at:
            return "edit-waiting"
        return "edit-returned" if came_back else "edit-begun"
    if post.is_scheduled:
        return "scheduled"
    return {Status.ARCHIVED: "archived", Status.WITHDRAWN: "withdrawn"}.get(
        Status(post.status), "published"
    )


def _of(post: Article, copy: WorkingCopy | None, last: Decision | None) -> Standing:
    name = _name(post, copy, last)
    note = last.reason if last and name in SAID else ""
    at = post.publish_at if name in {"published", "scheduled", "archived"} else post.updated_at
    if copy and name.startswith("edit-"):
        at = copy.submitted_at or copy.updated_at
    return Standing(name, note, copy, at)


def standings(posts: Iterable[Article], author: Member) -> dict[int, Standing]:
    """How each of the posts of ``author`` stands, by its key. Two queries, however many there are."""
    posts = list(posts)
    keys = [post.pk for post in posts]
    copies = {
        copy.article_id: copy
        for copy in WorkingCopy.objects.filter(article__in=keys, editor=author)
    }
    kind = ContentType.objects.get_for_model(Article)
    decisions = Decision.objects.filter(case__content_type=kind, case__object_id__in=keys)
    last: dict[int, Decision] = {}
    for decision in decisions.select_related("case"):  # the newest first
        last.setdefault(decision.case.object_id or 0, decision)
    return {post.pk: _of(post, copies.get(post.pk), last.get(post.pk)) for post in posts}


def standing_of(post: Article, author: Member) -> Standing:
    """How one post of ``author`` stands."""
    return standings([post], author)[post.pk]
