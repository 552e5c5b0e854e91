from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
        # One that is out.
        ARTICLE = "article", pgettext_lazy("case", "Article")
        SIGNUP = "signup", pgettext_lazy("case", "Sign-up")
        MEMBER = "member", pgettext_lazy("case", "Member")
        PROFILE = "profile", pgettext_lazy("case", "Profile")
        ISSUE = "issue", pgettext_lazy("case", "Issue report")
        APPEAL = "appeal", pgettext_lazy("case", "Appeal")

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
    # Names from reasons.REASONS, in the order in which they weighed.
    reasons = models.JSONField(_("reasons"), default=list, editable=False)
    # The language of the text, where it has one.
    language = models.CharField(_("language"), max_length=7, blank=True, editable=False)
    # The same for open cases that belong together: same text, host, network, hour of sign-up.
    group = models.CharField(_("group"), max_length=120, blank=True, editable=False)
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
            # How many came in an hour, for storms.
            models.Index(fields=["since"], name="moderation_case_since"),
            models.Index(
                fields=["group"], condition=Q(closed_at=None), name="moderation_case_group"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_open(self):
        return self.closed_at is None

    @property
    def waited(self):
        """Whether it had waited for a moderator; not so one made as the file of an act."""
        return bool(self.reasons)


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
