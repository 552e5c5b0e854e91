from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    default = True
    name = "caisu.core"
    label = "core"
    verbose_name = _("Site")


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our name and our login."""

    default = False
    default_site = "caisu.core.admin_site.AdminSite"
