from django.db import models
from django.db.models import Q

from .article import Article


class Visit(models.Model):
    """One visitor of one article on one day, kept until the day is over.

    ``visitor`` is a keyed hash that changes each day: it names nobody and links no two days.
    """

    day = models.DateField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    visitor = models.CharField(max_length=22)
    is_counted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "article", "visitor"], name="news_visit_once_a_day"
            )
        ]
        indexes = [
            models.Index(
                fields=["article"], condition=Q(is_counted=False), name="news_visit_to_count"
            )
        ]

    def __str__(self):
        return f"{self.day} · {self.article_id}"


class DailyViews(models.Model):
    """How often an article was read on one day, by America/Boise."""

    day = models.DateField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="daily_views")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "article"], name="news_dailyviews_one_each")
        ]

    def __str__(self):
        return f"{self.day} · {self.article_id}: {self.count}"
