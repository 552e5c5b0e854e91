from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NotificationQuerySet(models.QuerySet):
    def unseen(self):
        return self.filter(seen_at=None)


class Notification(models.Model):
    """What happened, for whom. Words are made where it is shown, in the reader's language.

    It knows nothing of content: ``subject`` names the thing that caused it (``comment:12``), by
    which it is withdrawn; ``topic`` what it is about (``article:3``), by which it is grouped.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", pgettext_lazy("notification", "Reply")
        MENTION = "mention", pgettext_lazy("notification", "Mention")
        THREAD = "thread", pgettext_lazy("notification", "New comment in what you follow")
        LIKE = "like", pgettext_lazy("notification", "Like")
        DECISION = "decision", pgettext_lazy("notification", "Decision")
        REPORT = "report", pgettext_lazy("notification", "Outcome of a report")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notifications",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    subject = models.CharField(max_length=60)
    topic = models.CharField(max_length=60, blank=True)
    # A path without its language.
    url = models.CharField(max_length=300)
    # What its words need: who did it, by key (``by``), and titles in both languages.
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    seen_at = models.DateTimeField(_("seen"), null=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    # Told on the site alone.
    quiet = models.BooleanField(default=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "subject"], name="notifications_once_for_each_cause"
            )
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="notifications_newest"),
            models.Index(fields=["member"], condition=Q(seen_at=None), name="notifications_unseen"),
            models.Index(fields=["subject"], name="notifications_subject"),
            models.Index(fields=["topic", "member"], name="notifications_topic"),
            models.Index(
                fields=["created_at"],
                condition=Q(seen_at=None, mailed_at=None, quiet=False),
                name="notifications_to_mail",
            ),
            # What goes when it is old enough.
            models.Index(fields=["created_at"], name="notifications_oldest"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.subject}"
