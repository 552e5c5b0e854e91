from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Whether a contribution is seen."""

    VISIBLE = "visible", pgettext_lazy("state", "Visible")
    HELD = "held", pgettext_lazy("state", "Awaiting review")
    REMOVED = "removed", pgettext_lazy("state", "Removed")
    SPAM = "spam", pgettext_lazy("state", "Spam")


class Moderated(models.Model):
    """A contribution that moderators may hide and restore.

    A concrete model has an ``author``, ``get_absolute_url`` and ``moderated_text``, and overrides
    ``state_changed`` where it keeps counts, purges or notifies.
    """

    author: Any
    author_id: int
    get_absolute_url: Callable[[], str]

    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.VISIBLE, editable=False
    )

    class Meta:
        abstract = True

    @property
    def moderated_text(self):
        """What a moderator reads and what a decision keeps: plain text."""
        raise NotImplementedError(f"{type(self).__name__} has no moderated_text")

    def change_state(self, new):
        """Sets the state; returns whether that changed anything."""
        old = self.state
        if old == new:
            return False
        self.state = new
        self.save(update_fields=["state"])
        self.state_changed(old, new)
        return True

    def hide(self, state=State.REMOVED):
        return self.change_state(state)

    def restore(self):
        return self.change_state(State.VISIBLE)

    def state_changed(self, old, new):
        """Called after each change, in its transaction."""


class CaseQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)

    def about(self, subject):
        return self.filter(
            content_type=ContentType.objects.get_for_model(subject), object_id=subject.pk
        )


class Case(models.Model):
    """Something that waits for a moderator, and later the file of what was decided about it."""

    class Kind(models.TextChoices):
        COMMENT = "comment", pgettext_lazy("case", "Comment")
        SUBMISSION = "submission", pgettext_lazy("case", "Submission")
        SIGNUP = "signup", pgettext_lazy("case", "Sign-up")
        MEMBER = "member", pgettext_lazy("case", "Member")
        ISSUE = "issue", pgettext_lazy("case", "Issue report")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE, null=True, editable=False)
    object_id = models.PositiveBigIntegerField(null=True, editable=False)
    subject = GenericForeignKey()
    # The member concerned: author of the comment, the newcomer, the reporter of an issue.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="cases",
        verbose_name=_("member"),
    )
    score = models.FloatField(_("score"), default=0, editable=False)
    # Names from waiting.REASONS, in the order in which they weighed.
    reasons = models.JSONField(_("reasons"), default=list, editable=False)
    since = models.DateTimeField(_("waiting since"), default=timezone.now, editable=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("claimed by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [("decide", _("Can decide what waits and sanction members"))]
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"],
                condition=Q(closed_at=None, object_id__isnull=False),
                name="moderation_case_one_open_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(content_type=None, object_id=None)
                | Q(content_type__isnull=False, object_id__isnull=False),
                name="moderation_case_subject_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="moderation_case_subject"),
            models.Index(
                fields=["since", "id"], condition=Q(closed_at=None), name="moderation_case_open"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_open(self):
        return self.closed_at is None


class Report(models.Model):
    """Somebody says that something is wrong: with a contribution, or with the site."""

    class Reason(models.TextChoices):
        SPAM = "spam", pgettext_lazy("report", "Advertising or spam")
        RUDE = "rude", pgettext_lazy("report", "Hurtful or rude")
        WRONG = "wrong", pgettext_lazy("report", "Wrong or misleading")
        BROKEN = "broken", pgettext_lazy("report", "Something does not work")
        OTHER = "other", pgettext_lazy("report", "Something else")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports", editable=False)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="reports",
        verbose_name=_("reporter"),
    )
    name = models.CharField(pgettext_lazy("report form", "your name"), max_length=40, blank=True)
    email = models.EmailField(
        _("your e-mail"), blank=True, help_text=_("If you would like an answer.")
    )
    reason = models.CharField(_("what is it about"), max_length=8, choices=Reason)
    url = models.CharField(_("page"), max_length=500, blank=True)
    text = models.TextField(_("what happened"), max_length=4000)
    language = models.CharField(max_length=7, default="zh-hans", editable=False)
    created_at = models.DateTimeField(_("reported"), auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reporter"],
                condition=Q(reporter__isnull=False),
                name="moderation_report_once_per_case",
            )
        ]

    def __str__(self):
        return f"{self.get_reason_display()}: {self.text[:40]}"


class AppendOnlyError(Exception):
    """A decision stands as it was written; a wrong one is answered by another."""


class DecisionQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise AppendOnlyError

    def delete(self):
        raise AppendOnlyError


class Decision(models.Model):
    """What a moderator did: who, what, to what, why, when, with the text as it was. Append-only."""

    class Action(models.TextChoices):
        APPROVE = "approve", pgettext_lazy("decision", "Approved")
        REMOVE = "remove", pgettext_lazy("decision", "Removed")
        SPAM = "spam", pgettext_lazy("decision", "Marked as spam")
        ADMIT = "admit", pgettext_lazy("decision", "Admitted")
        REFUSE = "refuse", pgettext_lazy("decision", "Refused")
        RETURN = "return", pgettext_lazy("decision", "Returned with a note")
        SUSPEND = "suspend", pgettext_lazy("decision", "Suspended")
        BAN = "ban", pgettext_lazy("decision", "Banned")
        RESTORE = "restore", pgettext_lazy("decision", "Restored")
        ANSWER = "answer", pgettext_lazy("decision", "Answered")
        DISMISS = "dismiss", pgettext_lazy("decision", "Closed without an answer")

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions", verbose_name=_("case"))
    action = models.CharField(_("decision"), max_length=8, choices=Action)
    # None: the clock, as when a suspension ends.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("by"),
    )
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    text = models.TextField(_("text as it was"), blank=True)
    # Earlier state, standing or count of the subject, so that the decision can be undone.
    before = models.JSONField(default=dict, editable=False)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [models.Index(fields=["-at", "-id"], name="moderation_decision_latest")]

    def __str__(self):
        return f"{self.get_action_display()}: {self.case}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnlyError
        # A new decision under the number of an old one would take its place.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args, **kwargs):
        raise AppendOnlyError
