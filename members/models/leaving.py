import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .member import Member


def new_token():
    """192 bits: whoever has it may fetch what it opens."""
    return secrets.token_urlsafe(24)


class DataExport(models.Model):
    """All that the site holds of a member, as one ZIP file that is theirs for a week."""

    LIVES = timedelta(days=7)

    member = models.ForeignKey(
        Member, models.CASCADE, related_name="exports", verbose_name=_("member")
    )
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    # Under exports/, which is not served as media are.
    file = models.FileField(_("file"), upload_to="exports/", blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0, editable=False)
    requested_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    ready_at = models.DateTimeField(_("ready"), null=True, editable=False)
    expires_at = models.DateTimeField(_("good until"), null=True, editable=False)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = _("download of one’s data")
        verbose_name_plural = _("downloads of one’s data")

    def __str__(self):
        return f"{self.member} {self.requested_at:%Y-%m-%d}"

    @property
    def is_ready(self):
        return bool(self.file) and self.expires_at is not None and self.expires_at > timezone.now()


class Departure(models.Model):
    """A member wants to leave; there are some days to change one's mind."""

    GRACE = timedelta(days=7)

    member = models.OneToOneField(
        Member, models.CASCADE, related_name="departure", verbose_name=_("member")
    )
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    due_at = models.DateTimeField(_("leaves"), db_index=True)
    # Otherwise they stay, under "former member".
    removes_contributions = models.BooleanField(_("what they wrote goes too"), default=False)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")

    def __str__(self):
        return f"{self.member} {self.due_at:%Y-%m-%d}"


class BarredAddress(models.Model):
    """An address whose owner was suspended or banned and then left, by a keyed hash alone.

    It names nobody and leads to nobody. Who signs up with that address again is looked at first.
    """

    digest = models.CharField(max_length=64, unique=True)
    # The end of the suspension; None for a ban.
    until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("barred address")
        verbose_name_plural = _("barred addresses")

    def __str__(self):
        return self.digest[:8]

    @staticmethod
    def digest_of(email):
        """A keyed hash of an address, however it is written."""
        digest = salted_hmac("members.barred", email.strip().lower(), algorithm="sha256")
        return digest.hexdigest()
