from copy import copy
from datetime import timedelta

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from caisu.core import fulltext
from caisu.core.models import Audience

from ..names import RESERVED, handle_from, validate_display_name, validate_handle
from ..passwords import normalise
from ..places import PROVINCES


class MemberQuerySet(models.QuerySet):
    def active(self):
        return self.filter(standing=Member.Standing.ACTIVE)

    def webmasters(self):
        return self.active().filter(is_superuser=True)

    def visible_to(self, viewer):
        """Profiles that ``viewer``, a member or an anonymous user, may open."""
        if viewer.has_perm("members.view_member"):
            return self
        audiences = [Audience.EVERYONE]
        if getattr(viewer, "is_full_member", False):
            audiences.append(Audience.MEMBERS)
        seen = Q(standing=Member.Standing.ACTIVE, leaves_at=None, visibility__in=audiences)
        if viewer.is_authenticated:
            seen |= Q(pk=viewer.pk)
        return self.filter(seen)

    def listed(self):
        """Whom the directory shows, the same to every full member."""
        return self.active().filter(leaves_at=None).exclude(visibility=Audience.NOBODY)

    def showing(self, name):
        """Those of whom members see one of PRIVATE_FIELDS, if they may see the profile."""
        shown = self.exclude(**{f"{name}_audience": Audience.NOBODY})
        return shown.exclude(profile_held=True) if name in Member.WRITTEN_FIELDS else shown


def listed_by(field, name):
    """An index for the directory: those who show ``name``, by ``field`` and newest first."""
    return models.Index(
        # With the standing first it is taken before the index of standings, on SQLite too, which
        # knows nothing of how many are in which.
        fields=["standing", field, "-id"],
        name=f"members_listed_{field}",
        condition=Q(leaves_at=None)
        & ~Q(visibility="nobody")
        & ~Q(**{f"{name}_audience": "nobody"}),
    )


class MemberManager(UserManager.from_queryset(MemberQuerySet)):
    @classmethod
    def normalize_email(cls, email):
        """Small letters throughout, as the login looks it up."""
        return (email or "").strip().lower()

    def by_handle(self, handle):
        """The member who goes by a handle now, or did before; None if nobody does."""
        current = self.filter(username=handle).first()
        return current or self.filter(former_handles__handle=handle).first()

    def free_handle(self, display_name):
        """A handle nobody has, proposed from the name."""
        base = handle_from(display_name)
        taken = set(self.filter(username__startswith=base).values_list("username", flat=True))
        former = FormerHandle.objects.filter(handle__startswith=base)
        taken.update(former.values_list("handle", flat=True))
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

    class MailedAbout(models.TextChoices):
        NOTHING = "none", pgettext_lazy("mails", "None")
        DIRECT = "direct", pgettext_lazy("mails", "Replies to me, and mentions of me")
        ALL = "all", pgettext_lazy("mails", "Everything that I follow")

    # A trusted member: so many approved contributions over so many days, or staff.
    TRUSTED_CONTRIBUTIONS = 5
    TRUSTED_AFTER = timedelta(days=14)
    # Nobody vouches for others who is new here themselves.
    MAY_INVITE_AFTER = timedelta(days=30)
    # So many wrong ones in a row, and the password is closed until a new one is chosen
    # (NIST SP 800-63B-4, 3.2.2).
    MOST_WRONG_PASSWORDS = 100
    # So long a profile says that somebody is new here.
    NEW_FOR = timedelta(days=30)
    # A handle stands in links and mentions: who changes it often shakes others off.
    HANDLE_STAYS = timedelta(days=30)
    MOST_LINKS = 3
    # What each has an audience of its own: ``<name>_audience``; province goes with the hometown.
    PRIVATE_FIELDS = (
        "avatar",
        "bio",
        "affiliation",
        "department",
        "hometown",
        "arrived",
        "languages",
        "links",
        "wechat",
        "email",
    )

    # Of these, what is written in one's own words: it may have to wait for a moderator.
    WRITTEN_FIELDS = frozenset(["bio", "department", "hometown", "links", "wechat"])

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
    province = models.CharField(_("home province"), max_length=2, choices=PROVINCES, blank=True)
    hometown = models.CharField(_("hometown"), max_length=100, blank=True)
    arrived = models.PositiveSmallIntegerField(_("year of arrival"), null=True, blank=True)
    # Codes from places.LANGUAGES.
    languages = models.JSONField(_("languages I speak"), default=list, blank=True)
    # Addresses, at most MOST_LINKS; live only once their owner is trusted.
    links = models.JSONField(pgettext_lazy("profile", "links"), default=list, blank=True)
    wechat = models.CharField(_("WeChat ID"), max_length=40, blank=True)
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
    avatar_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    languages_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    links_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    wechat_audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)

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

    # By the day: enough to see who is still here, too coarse to watch anybody.
    last_seen_on = models.DateField(_("last seen"), null=True, blank=True, editable=False)
    # In a row, since the last right one.
    wrong_passwords = models.PositiveSmallIntegerField(default=0, editable=False)
    # What they tell about themselves in words waits for a moderator, and nobody else sees it.
    profile_held = models.BooleanField(default=False, editable=False)
    # What they want to say in its place, by field; WRITTEN_FIELDS and names. What stands in the row
    # itself was shown before, or approved.
    proposed = models.JSONField(default=dict, blank=True, editable=False)
    mailed_about = models.CharField(
        _("mails about what happens here"),
        max_length=6,
        choices=MailedAbout,
        default=MailedAbout.DIRECT,
    )
    # When they were last asked whether they are still here; once a year.
    still_here_asked_on = models.DateField(null=True, blank=True, editable=False)
    # As their Departure says, for every page to know; kept by the verbs of members.leaving.
    leaves_at = models.DateTimeField(_("leaves"), null=True, blank=True, editable=False)

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
        indexes = [
            models.Index(fields=["standing", "date_joined"], name="members_standing_joined"),
            # Which person's a picture is that somebody asks for.
            models.Index(fields=["avatar"], condition=~Q(avatar=""), name="members_avatar"),
            # How many came from one address of late.
            models.Index(fields=["signed_up_from", "date_joined"], name="members_signed_up_from"),
            models.Index(
                fields=["standing", "-id"],
                name="members_listed",
                condition=Q(leaves_at=None) & ~Q(visibility="nobody"),
            ),
            listed_by("affiliation", "affiliation"),
            listed_by("department", "department"),
            listed_by("province", "hometown"),
            listed_by("arrived", "arrived"),
        ]

    def __str__(self):
        return self.shown_name or self.username

    def get_absolute_url(self):
        return reverse("members:profile", args=[self.username])

    @property
    def shown_name(self):
        """What stands beside what they wrote; of who left, in the language of the page."""
        if self.standing == self.Standing.LEFT:
            return gettext("Former member")
        return self.display_name

    def get_full_name(self):
        return self.shown_name

    def get_short_name(self):
        return self.shown_name

    def set_password(self, raw_password):
        super().set_password(raw_password and normalise(raw_password))
        self.wrong_passwords = 0

    def check_password(self, raw_password):
        """No password is right any more once it was guessed at too often."""
        right = super().check_password(raw_password and normalise(raw_password))
        return right and self.has_usable_password()

    def has_usable_password(self):
        return super().has_usable_password() and self.wrong_passwords < self.MOST_WRONG_PASSWORDS

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
    def is_last_webmaster(self):
        """Whether the site would be without one, at once or when those who leave are gone."""
        others = Member.objects.webmasters().filter(leaves_at=None).exclude(pk=self.pk)
        return self.is_superuser and not others.exists()

    @property
    def may_invite(self):
        """May vouch for a newcomer: an active member of some standing."""
        old_enough = timezone.now() - self.date_joined >= self.MAY_INVITE_AFTER
        return self.standing == self.Standing.ACTIVE and (old_enough or self.is_staff)

    @property
    def is_new(self):
        """Came within the last weeks."""
        return self.is_full_member and timezone.now() - self.date_joined < self.NEW_FOR

    @property
    def audience(self):
        """Who may open the profile in truth: of somebody who waits, leaves or is gone, nobody."""
        here = self.is_full_member and self.leaves_at is None
        return self.visibility if here else Audience.NOBODY

    @property
    def is_public(self):
        """Whether a link to the profile may stand where everybody reads."""
        return self.audience == Audience.EVERYONE

    @property
    def avatar_is_public(self):
        """Whether the picture may stand where everybody reads."""
        return self.audience_of("avatar") == Audience.EVERYONE

    def is_visible_to(self, viewer):
        return self == viewer or Member.objects.visible_to(viewer).filter(pk=self.pk).exists()

    def is_reportable_by(self, viewer):
        """Whether a member may point staff at the profile, if they see it; nobody at their own."""
        return getattr(viewer, "is_full_member", False) and self.is_full_member and self != viewer

    def audience_of(self, name):
        """Who sees one of PRIVATE_FIELDS in truth: nobody who may not open the profile as a whole.

        What waits for a moderator is seen by nobody else.
        """
        if self.profile_held and name in self.WRITTEN_FIELDS:
            return Audience.NOBODY
        audiences = {self.audience, getattr(self, f"{name}_audience")}
        narrowest_first = (Audience.NOBODY, Audience.MEMBERS, Audience.EVERYONE)
        return next(audience for audience in narrowest_first if audience in audiences)

    def field_visible_to(self, name, viewer):
        """Whether ``viewer``, a member or an anonymous user, may see one of PRIVATE_FIELDS."""
        if self == viewer or viewer.has_perm("members.view_member"):
            return True
        audience = self.audience_of(name)
        return audience == Audience.EVERYONE or (
            audience == Audience.MEMBERS and getattr(viewer, "is_full_member", False)
        )

    def as_proposed(self):
        """The same member with what waits in its place, for the eyes of who wrote it; not to be saved."""
        if not self.proposed:
            return self
        shown = copy(self)
        for name, value in self.proposed.items():
            if name != "username":  # addresses follow the handle that works
                setattr(shown, name, value)
        return shown

    def avatar_visible_to(self, viewer):
        """Whether the file of the picture may be sent to ``viewer``."""
        return self.field_visible_to("avatar", viewer)

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
        with transaction.atomic():
            self.save(update_fields=["standing", "suspended_until", "is_active"])
            fulltext.refresh(self)
        return True


class FormerHandle(models.Model):
    """A handle that a member has given up: it leads to them, and nobody else can take it.

    That of somebody who left leads nowhere: nothing says any more whose it was.
    """

    handle = models.CharField(_("handle"), max_length=30, unique=True)
    member = models.ForeignKey(
        Member,
        models.CASCADE,
        null=True,
        related_name="former_handles",
        verbose_name=_("member"),
    )
    given_up_at = models.DateTimeField(_("given up"), auto_now_add=True)

    class Meta:
        verbose_name = _("former handle")
        verbose_name_plural = _("former handles")

    def __str__(self):
        return self.handle
