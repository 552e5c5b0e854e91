import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from caisu.core import fulltext, markup, quoting
from caisu.core.models import Audience, SiteSettings
from members.moderation.models import Moderated, State
from news.models import Article

MAX_LENGTH = 5000


class CommentQuerySet(models.QuerySet):
    def visible(self):
        return self.filter(state=State.VISIBLE, deleted_at=None)

    def known_to(self, reader):
        """What ``reader`` may read: the visible ones, their own waiting ones, all for a moderator."""
        return self.filter(known_to(reader))


def known_to(reader, audience=None):
    """The condition of ``CommentQuerySet.known_to``; ``audience`` as in are_open_to."""
    if reader.has_perm("moderation.decide"):
        return Q(pk__isnull=False)
    others = Q(state=State.VISIBLE, deleted_at=None)
    own = Q(author=reader.pk, state=State.HELD, deleted_at=None)
    if not are_open_to(reader, audience):
        return own
    return others | own if reader.is_authenticated else others


def are_open_to(reader, audience=None):
    """Whether ``reader`` may read what others say: members alone may, if the site is set so.

    ``audience`` is what the site is set to, where that is known already.
    """
    audience = audience or SiteSettings.load().comments_audience
    return audience == Audience.EVERYONE or getattr(reader, "is_full_member", False)


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
    like_count = models.PositiveIntegerField(_("likes"), default=0, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted by its author"), null=True, editable=False)
    # When others could read it for the first time: at once, or after a moderator looked. None where
    # that was before anybody noted it; then it is new to nobody.
    shown_at = models.DateTimeField(null=True, editable=False)

    KEPT = ("links_live",)
    # In the place of a text, of which a comment needs one.
    NO_TEXT = "–"
    # Addresses of those it mentions whom its reader may see, by handle; set for a page of comments.
    people: dict[str, str] = {}

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
            # PostgreSQL does not take the order of heads from that one: there "no root" is no value.
            models.Index(
                fields=["article", "created_at", "id"],
                condition=Q(root=None),
                name="comments_heads",
            ),
            models.Index(fields=["-created_at", "-id"], name="comments_newest"),
            # recount() reads it alone, and no row.
            models.Index(fields=["article", "state", "deleted_at"], name="comments_counted"),
            models.Index(fields=["article", "shown_at"], name="comments_shown"),
            # How many things of somebody wait or were taken down, beside each of theirs in the queue.
            models.Index(fields=["author", "state"], name="comments_of_author"),
        ]

    def __str__(self):
        return f"{self.author}: {self.body[:40]}"

    def get_absolute_url(self):
        return f"{self.article.get_absolute_url()}#comment-{self.pk}"

    @classmethod
    def for_moderation(cls):
        articles = ("article__body_zh_hans", "article__body_en")
        rows = cls.objects.select_related("author", "article__category", "parent__author")
        return rows.defer(*articles)

    @property
    def moderation_context(self):
        found = [(self.article.title, self.get_absolute_url())]
        if self.parent_id:
            answered = self.parent.body if self.parent.is_shown else ""
            found.append((f"↩ {self.parent.author.shown_name}: {answered[:160]}", ""))
        return found

    @property
    def titles(self):
        return self.article.titles

    @property
    def topic(self):
        return self.article.topic

    def get_permalink(self):
        return reverse("comments:permalink", args=[self.pk])

    @property
    def moderated_text(self):
        return self.body

    @property
    def html(self):
        """The text for a page: escaped, with paragraphs, and links if they may be live."""
        return markup.plain(self.body, links=self.links_live, people=self.people)

    @property
    def excerpt(self):
        """Its author's own words, without what they quote."""
        return quoting.own_words(self.body)

    @property
    def is_shown(self):
        """Whether everybody who reads the article reads this."""
        return self.state == State.VISIBLE and self.deleted_at is None

    def is_known_to(self, reader):
        if reader.has_perm("moderation.decide"):
            return True
        if self.is_own(reader) and self.state == State.HELD:
            return True
        return self.is_shown and are_open_to(reader, self.audience)

    def is_own(self, reader):
        return reader.is_authenticated and self.author_id == reader.pk and self.deleted_at is None

    @cached_property
    def edit_minutes(self):
        """How long its author may edit it; a page of comments sets it for all of them at once."""
        return SiteSettings.load().comment_edit_minutes

    @cached_property
    def audience(self):
        """Who reads comments on this site; set for a page of them at once, too."""
        return SiteSettings.load().comments_audience

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

    def is_likeable_by(self, reader):
        """By members, not by its author."""
        member = getattr(reader, "is_full_member", False)
        return member and self.is_shown and self.author_id != reader.pk

    def takes_replies_from(self, reader):
        return self.is_shown and self.article.takes_comments and reader.is_authenticated

    @classmethod
    def worded(cls):
        return cls.objects.exclude(body=cls.NO_TEXT)

    @classmethod
    def empty(cls, things):
        from . import personal

        personal.empty(things)

    def state_changed(self, old, new):
        from . import telling

        if new == State.VISIBLE and not self.links_live:
            self.links_live = True
            self.save(update_fields=["links_live"])
        first_time = old == State.HELD and self.shown_at is None
        if new == State.VISIBLE and first_time:
            self.shown_at = timezone.now()
            self.save(update_fields=["shown_at"])
        self.recount()
        fulltext.refresh(self)
        # Who heard of it before it was taken down does not get another mail.
        telling.follow(self, quiet=not first_time)

    def recount(self):
        """Keeps ``article.comment_count`` at the number of comments that everybody may read."""
        articles = Article.objects.filter(pk=self.article_id)
        with transaction.atomic():
            # One after the other: two who count at once would not see each other's comment.
            articles.select_for_update().values_list("pk").first()
            visible = Comment.objects.visible().filter(article=self.article_id)
            articles.update(comment_count=visible.count())


class Like(models.Model):
    """Somebody liked a comment."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="likes")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_likes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        constraints = [
            models.UniqueConstraint(fields=["comment", "member"], name="comments_like_once")
        ]

    def __str__(self):
        return f"{self.member_id}: {self.comment_id}"


class Reading(models.Model):
    """How far a member has read a conversation, and whether they follow it."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="readings")
    article = models.ForeignKey(Article, models.CASCADE, related_name="readings")
    # Comments after this are new to them; None: they follow, and have not looked yet.
    seen_at = models.DateTimeField(null=True)
    # None: they never said, and do not follow, unless the article is a post of theirs.
    follows = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.UniqueConstraint(fields=["member", "article"], name="comments_reading_once")
        ]
        indexes = [
            models.Index(fields=["article"], condition=Q(follows=True), name="comments_followers")
        ]

    def __str__(self):
        return f"{self.member_id}: {self.article_id}"
