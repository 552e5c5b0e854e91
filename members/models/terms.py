from django.core.cache import cache
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from caisu.core.bilingual import Bilingual
from caisu.core.richtext import RichTextField

from .member import Member


class AgreedError(Exception):
    """What somebody has agreed to stands as it was; a change is a new version."""


class TermsQuerySet(models.QuerySet):
    """No row changes or goes but by itself, where it can be asked whether it may."""

    def update(self, **kwargs):
        if self.filter(acceptances__isnull=False).exists():
            raise AgreedError
        return super().update(**kwargs)


class Terms(models.Model):
    """One version of the user agreement. A new one asks every member before they write again."""

    CACHE_KEY = "terms-current"
    # What somebody who accepts agrees to.
    AGREED = ("version", "body_zh_hans", "body_en", "effective_at")

    version = models.PositiveIntegerField(_("version"), unique=True)
    body_zh_hans = RichTextField(_("text in Chinese"))
    body_en = RichTextField(_("text in English"))
    body = Bilingual()
    effective_at = models.DateTimeField(_("in force from"), default=timezone.now)

    objects = TermsQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        verbose_name = _("user agreement")
        verbose_name_plural = _("user agreements")

    def __str__(self):
        return f"{self._meta.verbose_name} {self.version}"

    def get_absolute_url(self):
        return reverse("members:terms")

    @classmethod
    def in_force(cls):
        """The version that holds now, or None on a young site."""
        return cls.objects.filter(effective_at__lte=timezone.now()).first()

    @classmethod
    def current_id(cls):
        """Its id, cached for a minute at most, 0 for none: asked for at every page of a member."""
        pk = cache.get(cls.CACHE_KEY)
        if pk is None:
            terms = cls.in_force()
            pk = terms.pk if terms else 0
            cache.set(cls.CACHE_KEY, pk, 60)
        return pk

    @transaction.atomic
    def save(self, *args, **kwargs):
        """Raises AgreedError where that would change what somebody agreed to."""
        # Locked, so that nobody accepts the old text at this moment.
        before = Terms.objects.select_for_update().filter(pk=self.pk).first() if self.pk else None
        changes = before and any(
            getattr(before, name) != getattr(self, name) for name in self.AGREED
        )
        if changes and before.acceptances.exists():
            raise AgreedError
        super().save(*args, **kwargs)
        transaction.on_commit(lambda: cache.delete(self.CACHE_KEY))

    @transaction.atomic
    def accept(self, member):
        """Records that ``member`` accepted this version; returns whether that was new."""
        Terms.objects.select_for_update().get(pk=self.pk)  # not while its text is being changed
        _acceptance, created = TermsAcceptance.objects.get_or_create(terms=self, member=member)
        return created


class TermsAcceptance(models.Model):
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="acceptances", verbose_name=_("member")
    )
    terms = models.ForeignKey(
        Terms, models.PROTECT, related_name="acceptances", verbose_name=_("user agreement")
    )
    accepted_at = models.DateTimeField(_("accepted"), auto_now_add=True)

    class Meta:
        verbose_name = _("acceptance of the user agreement")
        verbose_name_plural = _("acceptances of the user agreement")
        constraints = [
            models.UniqueConstraint(fields=["member", "terms"], name="members_acceptance_once")
        ]

    def __str__(self):
        return f"{self.member}: {self.terms}"
