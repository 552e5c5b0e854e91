from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from caisu.core.bilingual import Bilingual
from news.slugs import RESERVED


def validate_category_slug(slug):
    if slug in RESERVED or (slug.isdigit() and len(slug) == 4):
        raise ValidationError(_("“%(slug)s” is needed by the site itself."), params={"slug": slug})


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


class TagQuerySet(models.QuerySet):
    def current(self):
        """Tags that an article may carry: not merged into another."""
        return self.filter(merged_into=None)


class Tag(models.Model):
    slug = models.SlugField(_("address"), unique=True)
    name_zh_hans = models.CharField(_("name in Chinese"), max_length=50)
    name_en = models.CharField(_("name in English"), max_length=50)
    name = Bilingual()
    # Its articles went over to another tag; its address leads there for ever.
    merged_into = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("news:tag", args=[self.slug])
