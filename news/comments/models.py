import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from caisu.core import fulltext, markup
from caisu.core.models import SiteSettings
from members.moderation.models import Moderated, State
from news.models import Article

MAX_LENGTH = 5000


class CommentQuerySet(models.QuerySet):
    def visible(self):
        return self.filter(state=State.VISIBLE, deleted_at=None)

    def known_to(self, reader):
        """What ``reader`` may read: the visible ones, their own waiting ones, all for a moderator."""
        return self.filter(known_to(reader))


def known_to(reader):
    """The condition of ``CommentQuerySet.known_to``."""
    if reader.has_perm("moderation.decide"):
        return Q(pk__isnull=False)
    seen = Q(state=State.VISIBLE, deleted_at=None)
    if reader.is_authenticated:
        seen |= Q(author=reader, state=State.HELD, deleted_at=None)
    return seen


class Comment(Moderated):
    """What a member says under an article. Two levels are shown: ``root`` is the upper one."""

    article = models.ForeignKey(
        Article, models.CASCADE, related_name="comments", verbose_name=_("article")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments", verbose_name=_("author")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="replies",
        verbose_name=_("reply to"),
    )
    # The comment at the head of the conversation; None for that comment itself.
    root = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="thread"
    )
    body = models.TextField(_("text"), max_length=MAX_LENGTH)
    # Whether its links are live: its author was trusted, or a moderator let it through.
    links_live = models.BooleanField(default=False, editable=False)
    # From the form: the same form sent twice makes one comment.
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted by its author"), null=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.UniqueConstraint(
                fields=["author", "token"], name="comments_comment_once_per_form"
            ),
            models.CheckConstraint(
                name="comments_comment_reply_has_root",
                condition=Q(parent=None, root=None) | Q(parent__isnull=False, root__isnull=False),
            ),
            models.CheckConstraint(name="comments_comment_not_empty", condition=~Q(body="")),
        ]
        indexes = [
            models.Index(fields=["article", "root", "created_at", "id"], name="comments_by_thread"),
            models.Index(fields=["-created_at", "-id"], name="comments_newest"),
        ]

    def __str__(self):
        return f"{self.author}: {self.body[:40]}"

    def get_absolute_url(self):
        return f"{self.article.get_absolute_url()}#comment-{self.pk}"

    @property
    def moderated_text(self):
        return self.body

    @property
    def html(self):
        """The text for a page: escaped, with paragraphs, and links if they may be live."""
        return markup.plain(self.body, links=self.links_live)

    @property
    def is_shown(self):
        """Whether everybody who reads the article reads this."""
        return self.state == State.VISIBLE and self.deleted_at is None

    def is_known_to(self, reader):
        if reader.has_perm("moderation.decide"):
            return True
        return self.is_shown or (self.is_own(reader) and self.state == State.HELD)

    def is_own(self, reader):
        return reader.is_authenticated and self.author_id == reader.pk and self.deleted_at is None

    @cached_property
    def edit_minutes(self):
        """How long its author may edit it; a page of comments sets it for all of them at once."""
        return SiteSettings.load().comment_edit_minutes

    @property
    def editable_until(self):
        return self.created_at + timedelta(minutes=self.edit_minutes)

    def is_editable_by(self, reader):
        """By its author, for a while, unless a moderator took it down."""
        open_ = self.is_own(reader) and self.state in {State.VISIBLE, State.HELD}
        return open_ and timezone.now() < self.editable_until

    def is_deletable_by(self, reader):
        return self.is_own(reader) and self.state in {State.VISIBLE, State.HELD}

    def is_reportable_by(self, reader):
        active = getattr(reader, "is_full_member", False)
        return active and self.is_shown and self.author_id != reader.pk

    def takes_replies_from(self, reader):
        return self.is_shown and self.article.takes_comments and reader.is_authenticated

    def state_changed(self, old, new):
        if new == State.VISIBLE and not self.links_live:
            self.links_live = True
            self.save(update_fields=["links_live"])
        self.recount()
        fulltext.refresh(self)

    def recount(self):
        """Keeps ``article.comment_count`` at the number of comments that everybody may read."""
        visible = Comment.objects.visible().filter(article=self.article_id)
        Article.objects.filter(pk=self.article_id).update(comment_count=visible.count())
