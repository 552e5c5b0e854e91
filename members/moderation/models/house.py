from django.core.cache import cache
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class HouseRules(models.Model):
    """The one row of what the webmaster may change about how the house is kept clean."""

    CACHE_KEY = "moderation:house-rules"

    # Names from filtering.rules.RULES; all others are on.
    rules_off = models.JSONField(_("rules switched off"), default=list, blank=True)
    reports_to_hide = models.PositiveSmallIntegerField(
        _("reports that hide"),
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(50)],
        help_text=_("So many trusted members report a thing, and it is hidden until you looked."),
    )
    spam_text_days = models.PositiveSmallIntegerField(
        _("days to keep the text of spam"),
        default=90,
        validators=[MinValueValidator(7), MaxValueValidator(3650)],
        help_text=_("Then it is purged. The decision about it stays."),
    )
    crowd_until = models.DateTimeField(
        _("expecting a crowd until"),
        null=True,
        blank=True,
        help_text=_(
            "As in orientation week: until then many sign-ups and comments at once are no storm."
        ),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("house rules")
        verbose_name_plural = _("house rules")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="moderation_houserules_one_row")
        ]

    def __str__(self):
        return str(_("House rules"))

    @property
    def expects_a_crowd(self):
        return self.crowd_until is not None and self.crowd_until > timezone.now()

    @classmethod
    def load(cls):
        """The rules, from the cache; made with their defaults the first time."""
        rules = cache.get(cls.CACHE_KEY)
        if rules is None:
            rules, _created = cls.objects.get_or_create(pk=1)
            cache.set(cls.CACHE_KEY, rules, 3600)
        return rules

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)
        transaction.on_commit(lambda: cache.delete(self.CACHE_KEY))


class Storm(models.Model):
    """A time in which far more came than usual, and the site was on its guard."""

    class Cause(models.TextChoices):
        SIGNUPS = "signups", pgettext_lazy("storm", "Sign-ups")
        HELD = "held", pgettext_lazy("storm", "Held contributions")
        LINKS = "links", pgettext_lazy("storm", "Links")

    cause = models.CharField(_("cause"), max_length=8, choices=Cause, editable=False)
    # In the hour in which it began, and in a usual one.
    count = models.PositiveIntegerField(_("in the hour"), editable=False)
    usual = models.FloatField(_("usually"), editable=False)
    began_at = models.DateTimeField(_("began"), default=timezone.now, editable=False)
    # When there was last more than the level; an hour later it is over.
    last_over_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        ordering = ["-began_at"]
        verbose_name = _("storm")
        verbose_name_plural = _("storms")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="moderation_storm_one_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self.get_cause_display()}: {self.count}"
