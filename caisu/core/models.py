import secrets
from functools import reduce
from operator import or_

from django.conf import settings
from django.core.cache import cache
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .bilingual import Bilingual, language_of
from .fulltext.models import Entry  # noqa: F401 - found here by Django
from .jobs.models import BackgroundJob, PeriodicJob, Worker  # noqa: F401
from .richtext import RichTextField


class Audience(models.TextChoices):
    """Who may see a thing."""

    EVERYONE = "everyone", pgettext_lazy("audience", "Everyone")
    MEMBERS = "members", pgettext_lazy("audience", "Members")
    NOBODY = "nobody", _("Nobody but its owner and staff")


class SiteSettings(models.Model):
    """The one row of what the webmaster may change about the site itself."""

    class SignupMode(models.TextChoices):
        OPEN = "open", pgettext_lazy("sign-up mode", "Open: members at once")
        APPROVAL = "approval", pgettext_lazy("sign-up mode", "Approval: the webmaster looks first")
        INVITATION = "invitation", pgettext_lazy("sign-up mode", "Invitation only")

    CACHE_KEY = "site-settings"

    name_zh_hans = models.CharField(
        _("name in Chinese"), max_length=100, default="爱达荷州立大学中国学生学者联谊会"
    )
    name_en = models.CharField(
        _("name in English"),
        max_length=100,
        default="Chinese Association of Idaho State University",
    )
    name = Bilingual()
    short_name = models.CharField(_("short name"), max_length=30, default="CAISU")
    tagline_zh_hans = models.CharField(_("tagline in Chinese"), max_length=150, blank=True)
    tagline_en = models.CharField(_("tagline in English"), max_length=150, blank=True)
    tagline = Bilingual()
    notice_zh_hans = models.CharField(
        _("urgent notice in Chinese"),
        max_length=300,
        blank=True,
        help_text=_("Stands above every page. Leave both languages empty for none."),
    )
    notice_en = models.CharField(_("urgent notice in English"), max_length=300, blank=True)
    notice = Bilingual()
    notice_until = models.DateTimeField(
        _("notice until"),
        null=True,
        blank=True,
        help_text=_("The notice disappears by itself then."),
    )
    signup_mode = models.CharField(
        _("sign-up"), max_length=10, choices=SignupMode, default=SignupMode.APPROVAL
    )
    trusted_domains = models.TextField(
        _("trusted e-mail domains"),
        default="isu.edu",
        blank=True,
        help_text=_(
            "One in each line. Who signs up with a proven address there needs no approval; "
            "addresses below a domain count too."
        ),
    )
    still_here_mail = models.BooleanField(
        _("ask once a year who is still here"),
        default=False,
        help_text=_("Students and scholars get a mail; with one click they become alumni."),
    )
    first_contributions_held = models.PositiveSmallIntegerField(
        _("first contributions held"),
        default=2,
        validators=[MaxValueValidator(20)],
        help_text=_("So many comments or posts of a new member wait for review."),
    )
    comment_edit_minutes = models.PositiveSmallIntegerField(
        _("minutes to edit a comment"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )
    comments_audience = models.CharField(
        _("who reads comments"),
        max_length=10,
        choices=[
            (Audience.EVERYONE, Audience.EVERYONE.label),
            (Audience.MEMBERS, Audience.MEMBERS.label),
        ],
        default=Audience.EVERYONE,
        help_text=_(
            "Under articles for everyone. Under those for members, members alone read them."
        ),
    )
    contact_email = models.EmailField(
        _("contact address"),
        blank=True,
        help_text=_("Where members write to, and where reports go."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="core_sitesettings_one_row")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("news:front")

    @property
    def notice_language(self) -> str:
        """The language in which the urgent notice stands on this page."""
        return language_of(self, "notice")

    @property
    def current_notice(self) -> str:
        """The urgent notice in the active language, empty once its time is over."""
        over = self.notice_until and self.notice_until <= timezone.now()
        return "" if over else self.notice

    @classmethod
    def load(cls):
        """The settings with the pages of the footer, from the cache; made with their defaults the first time."""
        site = cache.get(cls.CACHE_KEY)
        if site is None:
            site, _created = cls.objects.get_or_create(pk=1)
            footer = Page.objects.filter(in_footer=True).defer("body_zh_hans", "body_en")
            site.footer_pages = list(footer)
            cache.set(cls.CACHE_KEY, site, 3600)
        return site

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)
        self.forget()

    @classmethod
    def forget(cls):
        """Empties the cache once the change is committed."""
        transaction.on_commit(lambda: cache.delete(cls.CACHE_KEY))


class Page(models.Model):
    """A static page: about, contact, privacy."""

    slug = models.SlugField(_("address"), unique=True)
    title_zh_hans = models.CharField(_("title in Chinese"), max_length=150, blank=True)
    title_en = models.CharField(_("title in English"), max_length=150, blank=True)
    title = Bilingual()
    body_zh_hans = RichTextField(_("text in Chinese"), blank=True)
    body_en = RichTextField(_("text in English"), blank=True)
    body = Bilingual(by="title")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    in_footer = models.BooleanField(_("in the footer"), default=True)
    # All that it shows; kept by save().
    images: "models.ManyToManyField[Image, Image]" = models.ManyToManyField(
        "Image", editable=False, related_name="pages"
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["order", "slug"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_zh_hans="") | ~Q(title_en=""),
                name="core_page_has_a_title",
                violation_error_message=_("Give the page a title in at least one language."),
            )
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("core:page", args=[self.slug])

    @property
    def language(self):
        """The language in which it is shown now."""
        return language_of(self, "title")

    @property
    def image_tokens(self):
        """Tokens of all pictures that it shows."""
        from . import images

        return images.in_html(self.body_zh_hans) | images.in_html(self.body_en)

    @property
    def picture_audience(self):
        """Who may fetch what it shows: a page is always public."""
        return Image.Audience.EVERYONE

    def save(self, *args, **kwargs):
        from . import images

        with transaction.atomic():
            super().save(*args, **kwargs)
            images.follow(self)
        SiteSettings.forget()

    def delete(self, *args, **kwargs):
        from . import images

        with transaction.atomic():
            shown = list(self.images.all())
            deleted = super().delete(*args, **kwargs)
            images.settle(shown)
        SiteSettings.forget()
        return deleted


def new_token() -> str:
    """128 bits of an unguessable name."""
    return secrets.token_hex(16)


class ImageQuerySet(models.QuerySet):
    """What shows a picture is asked of every relation that leads to it, whichever app it is of."""

    def links(self):
        """Of each such relation: the model with a row for each use, and the name of its key to a picture."""
        for relation in self.model._meta.related_objects:
            if relation.many_to_many:
                yield relation.through, relation.field.m2m_reverse_field_name()
            else:
                yield relation.related_model, relation.field.name

    def with_use_count(self):
        """Each with ``use_count``: how many articles, pages and whatever else show it."""
        counts = [
            link._default_manager.filter(**{key: OuterRef("pk")})
            .order_by()
            .values(key)
            .annotate(uses=Count("*"))
            .values("uses")
            for link, key in self.links()
        ]
        total = sum((Coalesce(Subquery(count), 0) for count in counts), start=Value(0))
        return self.annotate(use_count=total)

    def used(self):
        return self.filter(self._is_used())

    def unused(self):
        return self.filter(~self._is_used())

    def _is_used(self):
        shown = [
            Q(Exists(link._default_manager.filter(**{key: OuterRef("pk")})))
            for link, key in self.links()
        ]
        return reduce(or_, shown)

    def reusable_by(self, member):
        """Those that ``member`` may be given in place of a second copy; None is an import.

        Editors choose from all; to others it would tell what somebody else has sent.
        """
        if member and member.is_active and member.is_staff and member.has_perm("core.view_image"):
            return self
        return self.filter(uploaded_by=member)


class Image(models.Model):
    """An uploaded picture: checked, re-encoded, and scaled in the background (see images.py).

    Its files live under ``images/<token>/``; who may fetch them is ``audience``, set by the verbs
    of whatever shows the picture.
    """

    class Audience(models.TextChoices):
        EVERYONE = "everyone", pgettext_lazy("audience", "Everyone")
        MEMBERS = "members", pgettext_lazy("audience", "Members")
        STAFF = "staff", _("Editors only")

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    name = models.CharField(_("name"), max_length=150, blank=True)
    alt_zh_hans = models.CharField(_("description in Chinese"), max_length=250, blank=True)
    alt_en = models.CharField(_("description in English"), max_length=250, blank=True)
    alt = Bilingual()
    credit = models.CharField(_("credit"), max_length=150, blank=True)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    colour = models.CharField(_("dominant colour"), max_length=7, default="#dddddd", editable=False)
    # Of the largest of its files; 0 where nobody has counted.
    file_size = models.PositiveIntegerField(_("bytes"), default=0, editable=False)
    # SHA-256 of the file as it was sent, by which a second copy is known; empty for old ones.
    digest = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # How often it was replaced; part of its addresses, which caches keep for a year.
    version = models.PositiveSmallIntegerField(default=0, editable=False)
    # Widths in pixels of the WebP renditions that exist so far, ascending.
    renditions = models.JSONField(default=list, editable=False)
    audience = models.CharField(
        _("audience"), max_length=10, choices=Audience, default=Audience.STAFF, editable=False
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("uploaded by"),
        related_name="+",
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self):
        return self.name or self.alt or self.token[:8]
