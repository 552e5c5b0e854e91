from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from caisu.core.roles import ROLE_NAMES, WEBMASTER

from .member import Member


class AppointmentQuerySet(models.QuerySet):
    def over(self):
        """Those whose time has passed."""
        return self.filter(until__lte=timezone.localdate())


class AppointmentManager(models.Manager.from_queryset(AppointmentQuerySet)):
    """Who holds what, and the rights that follow: groups, staff mark, and all of them for a webmaster."""

    @transaction.atomic
    def hold(self, member, role, until=None, by=None):
        """``member`` holds ``role``, a name from ``core.roles``, until a day; returns whether that is new."""
        self._lock(member)
        group = Group.objects.get(name=role)
        appointment, changed = self.get_or_create(
            member=member, role=group, defaults={"until": until, "appointed_by": by}
        )
        if not changed and appointment.until != until:
            appointment.until, appointment.appointed_by, appointment.reminded_at = until, by, None
            appointment.save(update_fields=["until", "appointed_by", "reminded_at"])
            changed = True
        return self._follow(member, member.is_superuser or role == WEBMASTER) or changed

    @transaction.atomic
    def give_up(self, member, role):
        """``member`` no longer holds ``role``; returns whether they did."""
        self._lock(member)
        gone, _by_model = self.filter(member=member, role__name=role).delete()
        follows = self._follow(member, member.is_superuser and role != WEBMASTER)
        return bool(gone) or follows

    def _lock(self, member):
        """Reads the rights anew. All webmasters are locked: two who lay it down at once leave one."""
        list(Member.objects.select_for_update().filter(is_superuser=True).order_by("pk"))
        member.refresh_from_db(
            fields=["is_staff", "is_superuser"], from_queryset=Member.objects.select_for_update()
        )

    def _follow(self, member, is_superuser):
        held = Group.objects.filter(appointments__member=member)
        member.groups.set(held)
        rights = (is_superuser or held.exists(), is_superuser)
        if (member.is_staff, member.is_superuser) == rights:
            return False
        member.is_staff, member.is_superuser = rights
        member.save(update_fields=["is_staff", "is_superuser"])
        return True


class Appointment(models.Model):
    """A member holds a role, until a day. The group itself gives the rights; this says how long.

    Made and ended by the verbs of ``members.moderation.appointing``, and by ``setup``.
    """

    # A board serves for a year.
    USUAL = timedelta(days=365)

    member = models.ForeignKey(
        Member, models.CASCADE, related_name="appointments", verbose_name=_("member")
    )
    role = models.ForeignKey(
        Group, models.PROTECT, related_name="appointments", verbose_name=_("role")
    )
    # The first day on which it is no longer held; none for no end.
    until = models.DateField(_("until"), null=True, blank=True, db_index=True)
    appointed_by = models.ForeignKey(
        Member,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("appointed by"),
    )
    appointed_at = models.DateTimeField(_("appointed"), auto_now_add=True)
    reminded_at = models.DateTimeField(null=True, editable=False)

    objects = AppointmentManager()

    class Meta:
        ordering = ["role", "pk"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.UniqueConstraint(fields=["member", "role"], name="members_appointment_once")
        ]

    def __str__(self):
        return f"{self.member}: {self.role_name}"

    def get_absolute_url(self):
        return self.member.get_absolute_url()

    @property
    def role_name(self):
        """In the language of the reader."""
        return str(ROLE_NAMES.get(self.role.name, self.role.name))
