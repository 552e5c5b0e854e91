import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.cache import cache
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core.bilingual import Bilingual
from caisu.core.models import Audience
from caisu.core.richtext import RichTextField

from .names import RESERVED, handle_from, validate_display_name, validate_handle


class MemberQuerySet(models.QuerySet):
    def active(self):
        return self.filter(standing=Member.Standing.ACTIVE)

    def visible_to(self, viewer):
        """Profiles that ``viewer``, a member or an anonymous user, may open."""
        if viewer.has_perm("members.view_member"):
            return self
        audiences = [Audience.EVERYONE]
        if getattr(viewer, "is_full_member", False):
            audiences.append(Audience.MEMBERS)
        seen = Q(standing=Member.Standing.ACTIVE, visibility__in=audiences)
        if viewer.is_authenticated:
            seen |= Q(pk=viewer.pk)
        return self.filter(seen)


class MemberManager(UserManager.from_queryset(MemberQuerySet)):
    @classmethod
    def normalize_email(cls, email):
        """Small letters throughout, as the login looks it up."""
        return (email or "").strip().lower()

    def free_handle(self, display_name):
        """A handle nobody has, proposed from the name."""
        base = handle_from(display_name)
        taken = set(self.filter(username__startswith=base).values_list("username", flat=True))
        if base not in taken and base not in RESERVED and base != "member":
            return base
        number = 2
        while f"{base}{number}" in taken:
            number += 1
        return f"{base}{number}"


class Member(AbstractUser):
    """A person. Whoever has no business being seen is hidden here and nowhere else."""

    class Standing(models.TextChoices):
        PENDING = "pending", pgettext_lazy("standing", "Awaiting approval")
        ACTIVE = "active", pgettext_lazy("standing", "Active")
        SUSPENDED = "suspended", pgettext_lazy("standing", "Suspended")
        BANNED = "banned", pgettext_lazy("standing", "Banned")
        LEFT = "left", pgettext_lazy("standing", "Left")

    class Affiliation(models.TextChoices):
        STUDENT = "student", _("Student")
        SCHOLAR = "scholar", _("Visiting scholar")
        FACULTY = "faculty", _("Faculty or staff of the university")
        ALUMNI = "alumni", _("Alumnus or alumna")
        FAMILY = "family", _("Family")
        FRIEND = "friend", _("Friend")

    # A trusted member: so many approved contributions over so many days, or staff.
    TRUSTED_CONTRIBUTIONS = 5
    TRUSTED_AFTER = timedelta(days=14)

    first_name = None
    last_name = None

    username = models.CharField(
        _("handle"),
        max_length=30,
        unique=True,
        validators=[validate_handle],
        help_text=_("In addresses and mentions: small letters, digits, hyphen, underscore."),
        error_messages={"unique": _("This handle is taken.")},
    )
    email = models.EmailField(_("e-mail"), blank=True)
    display_name = models.CharField(
        _("display name"),
        max_length=40,
        validators=[validate_display_name],
        help_text=_("Beside what you write. In any script."),
    )
    avatar = models.ImageField(pgettext_lazy("member", "picture"), upload_to="avatars/", blank=True)
    bio = models.TextField(_("about me"), max_length=1000, blank=True)
    affiliation = models.CharField(_("I am a"), max_length=10, choices=Affiliation, blank=True)
    department = models.CharField(_("department"), max_length=100, blank=True)
    hometown = models.CharField(_("hometown"), max_length=100, blank=True)
    arrived = models.PositiveSmallIntegerField(_("year of arrival"), null=True, blank=True)
    language = models.CharField(
        _("language of mails"),
        max_length=7,
        choices=[("zh-hans", "中文"), ("en", "English")],
        default="zh-hans",
    )

    visibility = models.CharField(
        _("who sees my profile"), max_length=10, choices=Audience, default=Audience.MEMBERS
    )
    email_audience = models.CharField(max_length=10, choices=Audience, default=Audience.NOBODY)
    bio_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    affiliation_audience = models.CharField(
        max_length=10, choices=Audience, default=Audience.MEMBERS
    )
    department_audience = models.CharField(
        max_length=10, choices=Audience, default=Audience.MEMBERS
    )
    hometown_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    arrived_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)

    standing = models.CharField(
        _("standing"), max_length=10, choices=Standing, default=Standing.PENDING, editable=False
    )
    suspended_until = models.DateTimeField(
        _("suspended until"), null=True, blank=True, editable=False
    )
    vouched_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="vouched_for",
        verbose_name=_("vouched by"),
    )
    approved_count = models.PositiveIntegerField(
        _("approved contributions"), default=0, editable=False
    )
    signed_up_from = models.GenericIPAddressField(
        _("signed up from"), null=True, blank=True, editable=False
    )

    objects = MemberManager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="members_member_email",
                condition=~Q(email=""),
                violation_error_message=_("This e-mail address belongs to another member."),
            ),
            models.CheckConstraint(
                name="members_member_is_active_follows_standing",
                condition=Q(is_active=True, standing__in=["pending", "active"])
                | Q(is_active=False, standing__in=["suspended", "banned", "left"]),
            ),
            models.CheckConstraint(
                name="members_member_suspended_until_an_end",
                condition=Q(standing="suspended", suspended_until__isnull=False)
                | (~Q(standing="suspended") & Q(suspended_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="members_member_handle_is_lower", condition=Q(username=Lower("username"))
            ),
        ]
        indexes = [models.Index(fields=["standing", "date_joined"], name="members_standing_joined")]

    def __str__(self):
        return self.display_name or self.username

    def get_absolute_url(self):
        return reverse("members:profile", args=[self.username])

    def get_full_name(self):
        return self.display_name

    def get_short_name(self):
        return self.display_name

    def has_perm(self, perm, obj=None):
        """Only staff hold permissions; for everybody else the answer costs no query."""
        return self.is_staff and super().has_perm(perm, obj)

    def has_module_perms(self, app_label):
        return self.is_staff and super().has_module_perms(app_label)

    @property
    def is_full_member(self):
        """May see what is for members only."""
        return self.standing == self.Standing.ACTIVE

    @property
    def is_pending(self):
        return self.standing == self.Standing.PENDING

    @property
    def is_trusted(self):
        """Active with a record, or staff; a vouch gives no trust."""
        if self.standing != self.Standing.ACTIVE:
            return False
        old_enough = timezone.now() - self.date_joined >= self.TRUSTED_AFTER
        return self.is_staff or (self.approved_count >= self.TRUSTED_CONTRIBUTIONS and old_enough)

    @property
    def is_public(self):
        """Whether name, picture and link may stand beside each other where everybody reads."""
        return self.visibility == Audience.EVERYONE and self.is_full_member

    def is_visible_to(self, viewer):
        return self == viewer or Member.objects.visible_to(viewer).filter(pk=self.pk).exists()

    def field_visible_to(self, name, viewer):
        """Whether ``viewer`` may see one private field of a profile that they may open."""
        audience = getattr(self, f"{name}_audience")
        if (
            self == viewer
            or viewer.has_perm("members.view_member")
            or audience == Audience.EVERYONE
        ):
            return True
        return audience == Audience.MEMBERS and getattr(viewer, "is_full_member", False)

    def may_be_sanctioned_by(self, actor):
        """Nobody judges themselves; staff is judged by superusers, superusers by none."""
        if self == actor or self.is_superuser or not actor.has_perm("moderation.decide"):
            return False
        return actor.is_superuser or not self.is_staff

    def stand(self, standing, until=None):
        """Changes the standing and all that hangs on it; returns whether anything changed."""
        if (self.standing, self.suspended_until) == (standing, until):
            return False
        self.standing = standing
        self.suspended_until = until
        self.is_active = standing in {self.Standing.PENDING, self.Standing.ACTIVE}
        self.save(update_fields=["standing", "suspended_until", "is_active"])
        return True


def new_code():
    """96 bits, short enough for a link in a message."""
    return secrets.token_urlsafe(12)


class Invitation(models.Model):
    """A way in that skips approval: single use."""

    code = models.CharField(_("code"), max_length=32, unique=True, default=new_code, editable=False)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Only a note of whom it was meant for.")
    )
    invited_by = models.ForeignKey(
        Member,
        models.CASCADE,
        related_name="invitations",
        editable=False,
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    used_at = models.DateTimeField(_("used"), null=True, editable=False)
    used_by = models.OneToOneField(
        Member,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="invitation",
        verbose_name=_("used by"),
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self):
        return self.email or self.code

    def get_absolute_url(self):
        """Without a language: it leads to that of whoever opens it."""
        return f"/accounts/signup/?invitation={self.code}"


class Terms(models.Model):
    """One version of the user agreement. A new one asks every member again at their next visit."""

    CACHE_KEY = "terms-current"

    version = models.PositiveIntegerField(_("version"), unique=True)
    body_zh_hans = RichTextField(_("text in Chinese"))
    body_en = RichTextField(_("text in English"))
    body = Bilingual()
    effective_at = models.DateTimeField(_("in force from"), default=timezone.now)

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

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        transaction.on_commit(lambda: cache.delete(self.CACHE_KEY))

    def accept(self, member):
        """Records that ``member`` accepted this version; returns whether that was new."""
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
