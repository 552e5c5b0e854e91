from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .cases import Case


class AppendOnlyError(Exception):
    """A decision stands as it was written; a wrong one is answered by another."""


class DecisionQuerySet(models.QuerySet):
    def standing(self):
        """Those that nobody has undone."""
        return self.exclude(action=Decision.Action.UNDO).filter(undone_by=None)

    def of_same_matter(self, decision):
        """Decisions about the same thing; of a person, about their profile or about their account."""
        case = decision.case
        if case.object_id is None:
            return self.filter(case=case)
        same = self.filter(case__content_type=case.content_type_id, case__object_id=case.object_id)
        of_profiles = Q(case__kind=Case.Kind.PROFILE)
        return same.filter(of_profiles if case.kind == Case.Kind.PROFILE else ~of_profiles)

    def purge_texts(self):
        """Empties the texts, also those of profiles as they were before; returns of how many."""
        models.QuerySet.update(self.filter(case__kind=Case.Kind.PROFILE), before={})
        return super().update(text="", purged_at=timezone.now())

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
        ASK = "ask", pgettext_lazy("decision", "Asked")
        APPOINT = "appoint", pgettext_lazy("decision", "Appointed")
        RELIEVE = "relieve", pgettext_lazy("decision", "Relieved of a role")
        WRITE = "write", pgettext_lazy("decision", "Written to")
        SECURE = "secure", pgettext_lazy("decision", "Access secured")
        HIDE = "hide", pgettext_lazy("decision", "Hidden after reports")
        CLOSE = "close", pgettext_lazy("decision", "Conversation closed")
        REOPEN = "reopen", pgettext_lazy("decision", "Conversation reopened")
        SPAMMER = "spammer", pgettext_lazy("decision", "Cleaned up after a spammer")
        SINCE = "since", pgettext_lazy("decision", "Cleaned up after new accounts")
        GRANT = "grant", pgettext_lazy("decision", "Appeal granted")
        DENY = "deny", pgettext_lazy("decision", "Appeal denied")
        UNDO = "undo", pgettext_lazy("decision", "Undone")

    # These leave what they are about as it is.
    ASIDE = frozenset(
        [
            *(Action.ASK, Action.ANSWER, Action.DISMISS, Action.WRITE),
            *(Action.SECURE, Action.APPOINT, Action.RELIEVE),
        ]
    )

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
    # Of an UNDO: what it takes back.
    undoes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="undone_by",
        verbose_name=_("undoes"),
    )
    sweep = models.OneToOneField(
        "moderation.Sweep",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="decision",
        verbose_name=_("clean-up"),
    )
    # When the text of spam was thrown away; all else of the decision stays.
    purged_at = models.DateTimeField(_("text purged"), null=True, editable=False)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(action="undo", undoes__isnull=False)
                | ~Q(action="undo") & Q(undoes__isnull=True),
                name="moderation_decision_undo_undoes",
            )
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="moderation_decision_latest"),
            # The log by who decided, and by what.
            models.Index(fields=["by", "-at", "-id"], name="moderation_decision_by"),
            models.Index(fields=["action", "-at", "-id"], name="moderation_decision_action"),
            # Few have either. The indexes that come with the columns are full of nothing, and SQLite
            # reads the whole table rather than look into them.
            models.Index(
                fields=["undoes"],
                condition=Q(undoes__isnull=False),
                name="moderation_decision_undone",
            ),
            models.Index(
                fields=["sweep"], condition=Q(sweep__isnull=False), name="moderation_decision_swept"
            ),
        ]

    def __str__(self):
        return f"{self.get_action_display()}: {self.case}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnlyError
        # A new decision under the number of an old one would take its place.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args, **kwargs):
        raise AppendOnlyError


class Sweep(models.Model):
    """A clean-up in one go: everything by a spammer, or by accounts made since some hour.

    Its work is done by a job and can be followed; ``undone_at`` is set when all is back.
    """

    class Kind(models.TextChoices):
        SPAMMER = "spammer", pgettext_lazy("clean-up", "After a spammer")
        SINCE = "since", pgettext_lazy("clean-up", "After new accounts")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, editable=False)
    members: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, editable=False, related_name="sweeps", verbose_name=_("members")
    )
    since = models.DateTimeField(_("accounts made since"), null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.TextField(_("reason"), max_length=1000, blank=True, editable=False)
    begun_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    undo_begun_at = models.DateTimeField(_("undo begun"), null=True, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)
    # Things in all, and how many of them are done, or undone.
    total = models.PositiveIntegerField(_("in all"), default=0, editable=False)
    done = models.PositiveIntegerField(_("done"), default=0, editable=False)

    class Meta:
        ordering = ["-begun_at", "-pk"]
        verbose_name = _("clean-up")
        verbose_name_plural = _("clean-ups")

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"


class Swept(models.Model):
    """One thing that a clean-up took down, and how it was before."""

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="items", editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE, editable=False)
    object_id = models.PositiveBigIntegerField(editable=False)
    thing = GenericForeignKey()
    # Fields as they were, and the case that was open about it.
    before = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("thing cleaned up")
        verbose_name_plural = _("things cleaned up")
        constraints = [
            models.UniqueConstraint(
                fields=["sweep", "content_type", "object_id"], name="moderation_swept_once"
            )
        ]

    def __str__(self):
        return f"{self.sweep_id}: {self.content_type_id}/{self.object_id}"


class Appeal(models.Model):
    """What somebody answers to a decision about them; once, each of those whom it concerns."""

    decision = models.ForeignKey(
        Decision, models.PROTECT, related_name="appeals", editable=False, verbose_name=_("decision")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="appeals",
        editable=False,
        verbose_name=_("member"),
    )
    text = models.TextField(_("what they say"), max_length=2000)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.UniqueConstraint(fields=["decision", "member"], name="moderation_appeal_once")
        ]

    def __str__(self):
        return self.text[:60]
