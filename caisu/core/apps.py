from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    default = True
    name = "caisu.core"
    label = "core"
    verbose_name = _("Site")

    def ready(self):
        from . import fulltext
        from .fulltext.pages import PageIndex
        from .models import Page

        fulltext.register(Page, PageIndex)
        post_migrate.connect(make_cache_table, sender=self, dispatch_uid="core.cache_table")


def make_cache_table(**kwargs):
    """The default cache is a table of its own, which no migration knows; nothing to do for others."""
    call_command("createcachetable", verbosity=0)


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our name and our login."""

    default = False
    default_site = "caisu.core.admin_site.AdminSite"
