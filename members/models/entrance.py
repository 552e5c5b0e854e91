import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .member import Member


def new_code():
    """96 bits, short enough for a link in a message."""
    return secrets.token_urlsafe(12)


def a_month_from_now():
    return timezone.now() + Invitation.LIVES


class InvitationQuerySet(models.QuerySet):
    def usable(self):
        """Neither used nor taken back nor too old, and from somebody who is still here."""
        return self.filter(
            used_at=None,
            revoked_at=None,
            expires_at__gt=timezone.now(),
            invited_by__standing=Member.Standing.ACTIVE,
        )


class Invitation(models.Model):
    """A member vouches for a newcomer: single use, for a month.

    It opens the door where that is by invitation only, and skips approval if the one who vouches
    is trusted. What the newcomer writes is reviewed all the same.
    """

    LIVES = timedelta(days=30)

    code = models.CharField(_("code"), max_length=32, unique=True, default=new_code, editable=False)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("To whom it was mailed, if it was.")
    )
    invited_by = models.ForeignKey(
        Member,
        models.CASCADE,
        related_name="invitations",
        editable=False,
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(
        pgettext_lazy("invitation", "good until"), default=a_month_from_now, editable=False
    )
    revoked_at = models.DateTimeField(
        pgettext_lazy("invitation", "taken back"), null=True, editable=False
    )
    used_at = models.DateTimeField(_("used"), null=True, editable=False)
    used_by = models.OneToOneField(
        Member,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="invitation",
        verbose_name=_("used by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self):
        return self.email or self.code

    @property
    def is_open(self):
        return not (self.used_at or self.revoked_at) and self.expires_at > timezone.now()

    def get_absolute_url(self):
        """Without a language: it leads to that of whoever opens it."""
        return f"/accounts/signup/?invitation={self.code}"


class Application(models.Model):
    """What a newcomer says, and what stood out when they signed up; for whoever approves them."""

    member = models.OneToOneField(
        Member, models.CASCADE, related_name="application", verbose_name=_("member")
    )
    created_at = models.DateTimeField(_("signed up"), auto_now_add=True)
    why = models.TextField(_("why they would like to join"), max_length=1000, blank=True)
    # Names of reasons to look closer, found while signing up; in words in moderation.
    notes = models.JSONField(_("what stood out"), default=list, blank=True)
    # Somebody looks first, whatever the sign-up mode, the domain or an invitation say.
    needs_a_look = models.BooleanField(_("to be looked at"), default=False)
    question = models.TextField(_("question asked"), max_length=1000, blank=True)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # How often the webmaster was reminded of it: after a day, and after three.
    reminders = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("application to join")
        verbose_name_plural = _("applications to join")

    def __str__(self):
        return str(self.member)
