from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import markup
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image

from .article import Article


class Revision(models.Model):
    """An article as it was after one act: who, what, when, and all that an editor may change.

    Written by revisions.record(), never changed. ``fields`` has the keys of revisions.FIELDS.
    """

    class Action(models.TextChoices):
        BASELINE = "baseline", pgettext_lazy("revision", "As it was before")
        SAVED = "saved", pgettext_lazy("revision", "Changed")
        SUBMITTED = "submitted", pgettext_lazy("revision", "Submitted for review")
        RETURNED = "returned", pgettext_lazy("revision", "Returned to its author")
        REFUSED = "refused", pgettext_lazy("revision", "Refused")
        PUBLISHED = "published", pgettext_lazy("revision", "Published")
        SCHEDULED = "scheduled", pgettext_lazy("revision", "Scheduled")
        ARCHIVED = "archived", pgettext_lazy("revision", "Archived")
        WITHDRAWN = "withdrawn", pgettext_lazy("revision", "Withdrawn")
        DRAFT = "draft", pgettext_lazy("revision", "Made a draft again")
        MOVED = "moved", pgettext_lazy("revision", "Moved to another category")
        RESTORED = "restored", pgettext_lazy("revision", "Restored")
        UNDONE = "undone", pgettext_lazy("revision", "Undone")

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    action = models.CharField(_("what"), max_length=10, choices=Action, default=Action.SAVED)
    # None: nobody known, as for what was there before revisions were kept.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="revisions",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    note = models.CharField(_("note"), max_length=200, blank=True)
    fields = models.JSONField()
    # The same for all articles that one act of the list changed, so that it can be undone as one.
    batch = models.UUIDField(null=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="news_revision_number")
        ]
        indexes = [
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="news_revision_batch"
            )
        ]

    def __str__(self):
        return f"{self.article_id} · {self.number}"


class WorkingCopy(models.Model):
    """What somebody is writing and has not saved: of an article, or of one that is not there yet.

    ``fields`` has keys of revisions.FIELDS. Submitted, it is a proposal: an edit by the author of
    a published post, which waits for an editor while the old text stays online.
    """

    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="working_copies")
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="working_copies"
    )
    # The revision that it started from; 0 where there was none.
    base = models.PositiveIntegerField(default=0)
    fields = models.JSONField(default=dict)
    # All that it shows, so that nobody takes them for unused; kept by hold_pictures().
    images = models.ManyToManyField(Image, editable=False, related_name="working_copies")
    submitted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        constraints = [
            models.UniqueConstraint(fields=["article", "editor"], name="news_workingcopy_one_each"),
            models.CheckConstraint(
                name="news_workingcopy_proposal_of_an_article",
                condition=Q(submitted_at=None) | Q(article__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.editor_id} · {self.article_id or '–'}"

    @property
    def picture_audience(self):
        """Who may fetch the pictures that it shows, as far as it goes: what is written here is not out."""
        return Image.Audience.STAFF

    def hold_pictures(self):
        """Notes which pictures it shows now."""
        bodies = [str(self.fields.get(column("body", code)) or "") for code in LANGUAGES]
        tokens = {found[1] for body in bodies for found in markup.OUR_PICTURE.finditer(body)}
        cover = self.fields.get("cover") or 0
        self.images.set(Image.objects.filter(Q(token__in=tokens) | Q(pk=cover)))


class FormerSlug(models.Model):
    """An address that an article had when it was out; it leads to the article for ever."""

    slug = models.SlugField(max_length=80, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="former_slugs")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self):
        return self.slug
