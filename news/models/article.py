from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import ExpressionWrapper, Q
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
from members.notifications import wording

from .taxonomy import Category, Tag

validate_slug = RegexValidator(
    r"^(?!\d+$)[a-z0-9]+(?:-[a-z0-9]+)*$", _("Small letters, digits and hyphens; not only digits.")
)


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

    def needing_translation(self, language):
        """Meant for ``language`` and, there, not whole or behind the other language."""
        title, body = column("title", language), column("body", language)
        meant = Q(meant_for__in=[Article.MeantFor.BOTH, language])
        closed = [Article.Status.ARCHIVED, Article.Status.WITHDRAWN]
        return (
            self.filter(meant, Q(**{title: ""}) | Q(**{body: ""}) | Q(stale=language))
            .filter(state=State.VISIBLE)
            .exclude(status__in=closed)
        )

    def scheduled(self):
        """Published at a time to come."""
        return self.filter(status=Article.Status.PUBLISHED, publish_at__gt=timezone.now())

    def knowing_texts(self):
        """With ``has_body_…`` for each language, for translation() where the bodies are left out."""
        return self.annotate(
            **{
                f"has_{body}": ExpressionWrapper(~Q(**{body: ""}), models.BooleanField())
                for body in (column("body", code) for code in LANGUAGES)
            }
        )

    def for_list(self):
        """With what a list shows, and without the bodies."""
        return self.select_related("category", "author", "cover").defer("body_zh_hans", "body_en")

    def newest_first(self):
        return self.order_by("-publish_at", "-pk")

    def older_than(self, article):
        """What follows ``article`` where the newest stands first."""
        # The bound is what an index can seek; with an OR in its place it reads all that is newer.
        older = self.filter(publish_at__lte=article.publish_at)
        return older.exclude(publish_at=article.publish_at, pk__gte=article.pk)

    def newer_than(self, article):
        """What precedes ``article`` where the newest stands first."""
        newer = self.filter(publish_at__gte=article.publish_at)
        return newer.exclude(publish_at=article.publish_at, pk__lte=article.pk)


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

    class MeantFor(models.TextChoices):
        BOTH = "both", _("Both languages")
        ZH_HANS = "zh-hans", _("Chinese only")
        EN = "en", _("English only")

    class Translation(models.TextChoices):
        """How far an article is in one of its languages."""

        NOT_MEANT = "not-meant", pgettext_lazy("translation", "Not meant")
        MISSING = "missing", pgettext_lazy("translation", "Missing")
        STALE = "stale", pgettext_lazy("translation", "Stale")
        COMPLETE = "complete", pgettext_lazy("translation", "Complete")

    # In the place of a title, of which an article needs one.
    NO_TITLE = "–"

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
    meant_for = models.CharField(
        _("languages"), max_length=7, choices=MeantFor, default=MeantFor.BOTH
    )
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
    # All that it shows, cover included; kept by publishing.refresh(), through images.follow().
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
    source = models.CharField(
        _("source"),
        max_length=100,
        blank=True,
        help_text=_("Of a reprint: who published it first."),
    )
    source_url = models.URLField(_("link to the source"), max_length=500, blank=True)
    # A member's own post: its author may see and change it, an editor publishes it.
    is_post = models.BooleanField(_("member’s own post"), default=False, editable=False)
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
    is_pinned = models.BooleanField(
        _("pinned"), default=False, help_text=_("Stands on top of the front page.")
    )
    comments_open = models.BooleanField(_("comments open"), default=True)
    # Number of its latest revision: who saves says which one they started from.
    version = models.PositiveIntegerField(default=0, editable=False)
    # The language whose text is behind the other one's, and the last revision in which both said
    # the same; kept by publishing.save().
    stale = models.CharField(max_length=7, blank=True, editable=False)
    in_step = models.PositiveIntegerField(default=0, editable=False)
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
            models.CheckConstraint(
                name="news_article_stale_in_a_language", condition=Q(stale__in=["", *LANGUAGES])
            ),
        ]
        indexes = [
            models.Index(fields=["-publish_at", "-id"], name="news_article_newest"),
            models.Index(
                fields=["category", "-publish_at", "-id"], name="news_article_by_category"
            ),
            models.Index(fields=["author", "-publish_at", "-id"], name="news_article_by_author"),
            models.Index(fields=["-updated_at", "-id"], name="news_article_changed"),
            # The front page and the clock look for few among many.
            models.Index(
                fields=["-publish_at", "-id"],
                name="news_article_pinned",
                condition=Q(is_pinned=True),
            ),
            models.Index(
                fields=["publish_at"],
                name="news_article_unreleased",
                condition=Q(released_at=None, publish_at__isnull=False),
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
    def is_translated(self):
        """Meant for both languages, and whole in both."""
        parts = [column(part, code) for code in LANGUAGES for part in ("title", "body")]
        return self.meant_for == self.MeantFor.BOTH and all(getattr(self, part) for part in parts)

    @property
    def is_complete(self):
        """Has a heading and a text in at least one language."""
        return any(getattr(self, column("body", code)) for code in self.languages)

    def translation(self, language):
        """How far it is in ``language``: a value of Translation."""
        if self.meant_for not in {self.MeantFor.BOTH, language}:
            return self.Translation.NOT_MEANT
        body = column("body", language)
        known = self.__dict__.get(f"has_{body}")  # from knowing_texts()
        has_body = getattr(self, body) if known is None else known
        if not (has_body and getattr(self, column("title", language))):
            return self.Translation.MISSING
        return self.Translation.STALE if self.stale == language else self.Translation.COMPLETE

    @cached_property
    def reading_minutes(self):
        return markup.reading_minutes(markup.text_of(self.body))

    @property
    def shown_byline(self):
        return self.byline or self.author.shown_name

    @classmethod
    def for_moderation(cls):
        return cls.objects.select_related("author", "category")

    @property
    def moderation_context(self):
        return [(str(self.category), self.get_absolute_url() if self.is_public else "")]

    @property
    def titles(self):
        return wording.titles(self)

    @property
    def topic(self):
        return f"article:{self.pk}"

    @property
    def moderated_text(self):
        """In both languages: whoever reads it may not see it in the one in which it is amiss."""
        parts = [getattr(self, column("title", code)) for code in LANGUAGES]
        parts += [markup.text_of(getattr(self, column("body", code))) for code in LANGUAGES]
        return "\n\n".join(part for part in parts if part)

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

    def is_own_of(self, reader):
        """Whether it is a post that ``reader`` wrote."""
        return self.is_post and reader.is_authenticated and self.author_id == reader.pk

    def is_known_to(self, reader):
        """Whether ``reader`` may learn that the article exists."""
        return self.is_public or self.is_own_of(reader) or reader.has_perm("news.change_article")

    def is_readable_by(self, reader):
        """Whether ``reader`` may read it in full."""
        if self.is_own_of(reader) or reader.has_perm("news.change_article"):
            return True
        if not self.is_public:
            return False
        if self.audience == self.Audience.EVERYONE:
            return True
        return getattr(reader, "is_full_member", False)

    def is_reportable_by(self, reader):
        """By members, while it is out; not by its author."""
        member = getattr(reader, "is_full_member", False)
        return member and self.is_public and self.author_id != reader.pk

    def is_editable_by(self, reader):
        """Whether ``reader`` may write in it; what an author writes in a published post is reviewed."""
        if reader.has_perm("news.change_article"):
            return True
        open_to_its_author = {self.Status.DRAFT, self.Status.SUBMITTED, self.Status.PUBLISHED}
        return (
            self.is_own_of(reader)
            and self.status in open_to_its_author
            and self.state in {State.VISIBLE, State.HELD}
        )

    @property
    def takes_comments(self):
        """Open to comments by anybody who may read it and write."""
        return self.comments_open and self.is_public and self.status == self.Status.PUBLISHED

    @property
    def picture_audience(self):
        """Who may fetch the pictures that it shows."""
        return self.audience if self.is_public else Image.Audience.STAFF

    @property
    def image_tokens(self):
        """Tokens of all pictures that it shows."""
        from caisu.core import images

        tokens = images.in_html(self.body_zh_hans) | images.in_html(self.body_en)
        return tokens | ({self.cover.token} if self.cover else set())

    @classmethod
    def worded(cls):
        return cls.objects.exclude(title_zh_hans=cls.NO_TITLE, title_en=cls.NO_TITLE)

    @classmethod
    def empty(cls, things):
        from news import personal

        for pk in things.values_list("pk", flat=True):
            personal.empty(pk)

    def state_changed(self, old, new):
        from news import publishing

        publishing.refresh(self)
