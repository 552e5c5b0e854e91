from django.db import models
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class SearchCount(models.Model):
    """How often something was looked for on a day; by whom is not known here."""

    day = models.DateField(_("day"))
    query = models.CharField(_("words"), max_length=60)
    times = models.PositiveIntegerField(_("times"))
    in_vain = models.PositiveIntegerField(_("in vain"), default=0)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(fields=["day", "query"], name="search_searchcount_one_a_day")
        ]

    def __str__(self):
        return self.query

    def get_absolute_url(self):
        return f"{reverse('search:results')}?{urlencode({'q': self.query})}"
