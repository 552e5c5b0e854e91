from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BlockRuleQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


class BlockRule(models.Model):
    """What is looked at before anybody sees it, whoever sends it."""

    class Kind(models.TextChoices):
        MAIL_DOMAIN = "mail", pgettext_lazy("block rule", "E-mail domain")
        HOST = "host", pgettext_lazy("block rule", "Host in a link")
        PHRASE = "phrase", pgettext_lazy("block rule", "Phrase")
        NETWORK = "network", pgettext_lazy("block rule", "Network address")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    # In one form: a domain in small letters and IDNA, a folded phrase, a network with its length.
    value = models.CharField(_("value"), max_length=200)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    sweep = models.ForeignKey(
        "moderation.Sweep",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="blocks",
        verbose_name=_("clean-up"),
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    hits = models.PositiveIntegerField(_("hits"), default=0, editable=False)
    last_hit_at = models.DateTimeField(_("last hit"), null=True, editable=False)

    objects = BlockRuleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("block rule")
        verbose_name_plural = _("block rules")
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="moderation_blockrule_once"),
            models.CheckConstraint(
                condition=~Q(kind="network") | Q(expires_at__isnull=False),
                name="moderation_blockrule_network_expires",
                violation_error_message=_("An address changes hands: give the block an end."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.value}"


class Trait(models.Model):
    """What a contribution may have in common with others: ``host:…``, ``text:…``, ``net:…``.

    Kept for some weeks, to see that many say the same, or come from the same place.
    """

    key = models.CharField(max_length=120, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, editable=False, related_name="+"
    )
    content_type = models.ForeignKey(ContentType, models.CASCADE, editable=False)
    object_id = models.PositiveBigIntegerField(editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("trait")
        verbose_name_plural = _("traits")
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "key"], name="moderation_trait_once"
            )
        ]
        indexes = [
            models.Index(fields=["key", "-at"], name="moderation_trait_key"),
            models.Index(fields=["at"], name="moderation_trait_at"),
        ]

    def __str__(self):
        return self.key


class SpamModel(models.Model):
    """What the classifier knows of one language as a whole."""

    language = models.CharField(_("language"), max_length=7, primary_key=True)
    spam = models.PositiveIntegerField(_("texts of spam"), default=0)
    ham = models.PositiveIntegerField(_("other texts"), default=0)
    # Of these, learned from what moderators decided.
    decisions = models.PositiveIntegerField(_("decisions learned from"), default=0)
    # From here on a text is likely spam; None: too little is known to say.
    threshold = models.FloatField(_("threshold"), null=True)
    # Another one after every change, for processes that hold the counts in memory.
    version = models.PositiveBigIntegerField(default=0)
    trained_at = models.DateTimeField(_("trained"), null=True)

    class Meta:
        verbose_name = _("spam classifier")
        verbose_name_plural = _("spam classifiers")

    def __str__(self):
        return self.language


class TokenCount(models.Model):
    """In how many texts of spam, and in how many others, a token was."""

    language = models.CharField(max_length=7)
    token = models.CharField(max_length=64)
    spam = models.PositiveIntegerField(default=0)
    ham = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            models.UniqueConstraint(fields=["language", "token"], name="moderation_token_once")
        ]

    def __str__(self):
        return self.token


class Lesson(models.Model):
    """What the classifier learned from a decision, so that it can be unlearned."""

    class Label(models.TextChoices):
        SPAM = "spam", pgettext_lazy("lesson", "Spam")
        HAM = "ham", pgettext_lazy("lesson", "Not spam")

    decision = models.ForeignKey("moderation.Decision", models.CASCADE, related_name="lessons")
    label = models.CharField(max_length=4, choices=Label)
    language = models.CharField(max_length=7)
    # The same for texts that say the same: of a group one is counted, the others stand by.
    like = models.CharField(max_length=64)
    counted = models.BooleanField(default=True)
    tokens = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)
    unlearned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        constraints = [
            models.UniqueConstraint(
                fields=["label", "like"],
                condition=Q(unlearned_at=None, counted=True),
                name="moderation_lesson_once_for_a_group",
            )
        ]

    def __str__(self):
        return f"{self.get_label_display()}: {self.like}"
