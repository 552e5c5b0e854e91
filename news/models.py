from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import markup
from caisu.core.bilingual import LANGUAGES, Bilingual, column, language_of
from caisu.core.models import Image
from caisu.core.richtext import RichTextField
from members.moderation.models import Moderated, State

from .slugs import RESERVED


def validate_category_slug(slug):
    if slug in RESERVED or (slug.isdigit() and len(slug) == 4):
        raise ValidationError(_("“%(slug)s” is needed by the site itself."), params={"slug": slug})


validate_slug = RegexValidator(
    r"^(?!\d+$)[a-z0-9]+(?:-[a-z0-9]+)*$", _("Small letters, digits and hyphens; not only digits.")
)


class Category(models.Model):
    CACHE_KEY = "categories"

    slug = models.SlugField(_("address"), unique=True, validators=[validate_category_slug])
    name_zh_hans = models.CharField(_("name in Chinese"), max_length=50)
    name_en = models.CharField(_("name in English"), max_length=50)
    name = Bilingual()
    description_zh_hans = models.CharField(_("description in Chinese"), max_length=200, blank=True)
    description_en = models.CharField(_("description in English"), max_length=200, blank=True)
    description = Bilingual()
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#8a8176",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("A colour like #c3272b."))],
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "slug"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("news:category", args=[self.slug])

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        transaction.on_commit(lambda: cache.delete(self.CACHE_KEY))

    def delete(self, *args, **kwargs):
        transaction.on_commit(lambda: cache.delete(self.CACHE_KEY))
        return super().delete(*args, **kwargs)


class Tag(models.Model):
    slug = models.SlugField(_("address"), unique=True)
    name_zh_hans = models.CharField(_("name in Chinese"), max_length=50)
    name_en = models.CharField(_("name in English"), max_length=50)
    name = Bilingual()

    class Meta:
        ordering = ["slug"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("news:tag", args=[self.slug])


class ArticleQuerySet(models.QuerySet):
    def published(self):
        """What the public may know of: out, not hidden, its time has come."""
        return self.filter(
            status__in=[Article.Status.PUBLISHED, Article.Status.ARCHIVED],
            state=State.VISIBLE,
            publish_at__lte=timezone.now(),
        )

    def readable_by(self, reader):
        """Published articles that ``reader``, a member or an anonymous user, may read in full."""
        published = self.published()
        if getattr(reader, "is_full_member", False):
            return published
        return published.filter(audience=Article.Audience.EVERYONE)

    def current(self):
        """What belongs on the front page: not yet archived."""
        return self.filter(status=Article.Status.PUBLISHED)

    def due(self):
        """Scheduled articles whose time has come and of which nothing was told yet."""
        return self.published().filter(released_at=None)

    def for_list(self):
        """With what a list shows, and without the bodies."""
        return self.select_related("category", "author", "cover").defer("body_zh_hans", "body_en")

    def newest_first(self):
        return self.order_by("-publish_at", "-pk")


class Article(Moderated):
    """The root of all content. Comments, feeds, search and reports hang on it."""

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("article", "Draft")
        SUBMITTED = "submitted", pgettext_lazy("article", "Submitted for review")
        PUBLISHED = "published", pgettext_lazy("article", "Published")
        ARCHIVED = "archived", pgettext_lazy("article", "Archived")
        WITHDRAWN = "withdrawn", pgettext_lazy("article", "Withdrawn")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", pgettext_lazy("audience", "Everyone")
        MEMBERS = "members", pgettext_lazy("audience", "Members")

    slug = models.SlugField(
        _("address"),
        max_length=80,
        unique=True,
        blank=True,
        validators=[validate_slug],
        help_text=_("Made from the title if you leave it empty."),
    )
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="articles", verbose_name=_("category")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    title_zh_hans = models.CharField(_("title in Chinese"), max_length=150, blank=True)
    title_en = models.CharField(_("title in English"), max_length=150, blank=True)
    title = Bilingual()
    summary_zh_hans = models.TextField(_("summary in Chinese"), max_length=300, blank=True)
    summary_en = models.TextField(_("summary in English"), max_length=300, blank=True)
    summary = Bilingual(by="title")
    body_zh_hans = RichTextField(_("text in Chinese"), blank=True)
    body_en = RichTextField(_("text in English"), blank=True)
    body = Bilingual(by="title")
    cover = models.ForeignKey(
        Image, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover")
    )
    # All that it shows, cover included; kept by publishing.refresh().
    images = models.ManyToManyField(Image, editable=False, related_name="articles")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="articles",
        verbose_name=_("author"),
    )
    byline = models.CharField(
        _("byline"), max_length=80, blank=True, help_text=_("If other than the author’s name.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False
    )
    publish_at = models.DateTimeField(
        _("publish at"),
        null=True,
        blank=True,
        help_text=_(
            "In Pocatello’s time. Leave it empty to publish at once; a time to come schedules."
        ),
    )
    # When the site did what a publication brings (pictures opened, search told); None until then.
    released_at = models.DateTimeField(null=True, editable=False)
    audience = models.CharField(
        _("audience"), max_length=10, choices=Audience, default=Audience.EVERYONE
    )
    is_featured = models.BooleanField(_("featured"), default=False)
    comments_open = models.BooleanField(_("comments open"), default=True)
    view_count = models.PositiveIntegerField(_("views"), default=0, editable=False)
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [("publish_article", _("Can publish, archive and withdraw articles"))]
        constraints = [
            models.CheckConstraint(
                name="news_article_has_a_title",
                condition=~Q(title_zh_hans="") | ~Q(title_en=""),
                violation_error_message=_("Give the article a title in at least one language."),
            ),
            models.CheckConstraint(
                name="news_article_published_at_a_time",
                condition=Q(status__in=["draft", "submitted", "withdrawn"])
                | Q(publish_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-publish_at", "-id"], name="news_article_newest"),
            models.Index(
                fields=["category", "-publish_at", "-id"], name="news_article_by_category"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("news:article", args=[self.year, self.slug])

    @property
    def year(self):
        """The year in its address, on the calendar of Pocatello."""
        return timezone.localtime(self.publish_at or self.created_at or timezone.now()).year

    @property
    def language(self):
        """The language in which it is shown now."""
        return language_of(self, "title")

    @property
    def languages(self):
        """The languages that it is written in."""
        return [code for code in LANGUAGES if getattr(self, column("title", code))]

    @property
    def is_complete(self):
        """Has a heading and a text in at least one language."""
        return any(getattr(self, column("body", code)) for code in self.languages)

    @cached_property
    def reading_minutes(self):
        return markup.reading_minutes(markup.text_of(self.body))

    @property
    def shown_byline(self):
        return self.byline or self.author.display_name

    @property
    def moderated_text(self):
        return f"{self.title}\n\n{markup.text_of(self.body)}"

    @property
    def is_scheduled(self):
        published = self.status == self.Status.PUBLISHED
        return published and self.publish_at > timezone.now()

    @property
    def is_public(self):
        """Out in the open, for whichever audience."""
        return (
            self.status in {self.Status.PUBLISHED, self.Status.ARCHIVED}
            and self.state == State.VISIBLE
            and self.publish_at <= timezone.now()
        )

    def is_known_to(self, reader):
        """Whether ``reader`` may learn that the article exists."""
        return self.is_public or self.is_editable_by(reader)

    def is_readable_by(self, reader):
        """Whether ``reader`` may read it in full."""
        if not self.is_public:
            return self.is_editable_by(reader)
        if self.audience == self.Audience.EVERYONE or reader.has_perm("news.change_article"):
            return True
        return getattr(reader, "is_full_member", False)

    def is_editable_by(self, reader):
        if reader.has_perm("news.change_article"):
            return True
        return (
            reader.is_authenticated
            and self.author_id == reader.pk
            and self.status == self.Status.SUBMITTED
        )

    @property
    def takes_comments(self):
        """Open to comments by anybody who may read it and write."""
        return self.comments_open and self.is_public and self.status == self.Status.PUBLISHED

    @property
    def image_tokens(self):
        """Tokens of all pictures that it shows."""
        from caisu.core import images

        tokens = images.in_html(self.body_zh_hans) | images.in_html(self.body_en)
        return tokens | ({self.cover.token} if self.cover else set())

    def state_changed(self, old, new):
        from . import publishing

        publishing.refresh(self)
