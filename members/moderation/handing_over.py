"""What the next webmaster needs to know, on one sheet: what the system knows, and what it cannot."""

from __future__ import annotations

import platform
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from caisu.core import jobs
from caisu.core.models import SiteSettings
from members.models import Appointment, Member

from .member_page import moderated_models

Lines = list[tuple[str, str]]


def sheet() -> dict[str, Any]:
    """All of it, in the reader's language, without a secret."""
    return {
        "today": timezone.localdate(),
        "site_lines": site_lines(),
        "server_lines": server_lines(),
        "blanks": blanks(),
        "year": year(),
        "appointments": Appointment.objects.select_related("member", "role").order_by(
            "role__name", "until", "pk"
        ),
        "unwritten": Member.objects.webmasters().exclude(appointments__role__name="Webmaster"),
    }


def site_lines() -> Lines:
    """The site as its members know it, and how full it is."""
    site = SiteSettings.load()
    lines = [
        (_("Name"), f"{site.name_zh_hans} · {site.name_en}"),
        (_("Address"), settings.SITE_URL),
        (pgettext("the admin", "Desk"), f"{settings.SITE_URL}/{settings.ADMIN_PATH}"),
        (_("Contact address"), site.contact_email or _("none yet: set one under Site settings")),
        (_("Active members"), str(Member.objects.active().count())),
    ]
    for model in moderated_models():
        name = str(model._meta.verbose_name_plural)
        lines.append((name[:1].upper() + name[1:], str(model._default_manager.count())))
    return lines


def server_lines() -> Lines:
    """What it runs on: kinds, hosts and versions; neither users nor passwords."""
    failed = jobs.failed_count()
    return [
        (_("Database"), _database()),
        (pgettext("memory", "Cache"), _cache()),
        (_("Pictures and files"), _storage()),
        (_("Mail server"), _mail_server()),
        (_("Sender of mails"), settings.EMAIL_FROM),
        (_("Time zone"), settings.TIME_ZONE),
        (_("Versions"), f"Django {django.get_version()}, Python {platform.python_version()}"),
        (
            _("Background jobs"),
            pgettext("between the items of a list", ", ").join(
                [
                    _("running") if jobs.is_alive() else _("no worker is running"),
                    ngettext("%(count)d failed", "%(count)d failed", failed) % {"count": failed},
                ]
            ),
        ),
    ]


def _database() -> str:
    host = str(connection.settings_dict.get("HOST") or "")
    name = str(connection.settings_dict.get("NAME") or "")
    return f"{connection.display_name}, {name}{f' @ {host}' if host else ''}"


def _cache() -> str:
    cache = settings.CACHES["default"]
    kind = str(cache["BACKEND"]).rpartition(".")[2]
    location = cache.get("LOCATION") or ""
    first = location if isinstance(location, str) else next(iter(location), "")
    # A location may carry a password before the host.
    host = urlsplit(first).hostname if "://" in first else ""
    return f"{kind}, {host}" if host else kind


def _storage() -> str:
    storage: dict[str, Any] = settings.STORAGES["default"]
    return storage.get("OPTIONS", {}).get("bucket_name") or str(settings.MEDIA_ROOT)


def _mail_server() -> str:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return _("none: mails become files on the server")
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def blanks() -> list[str]:
    """What no program knows, to be written in by hand; passwords belong elsewhere."""
    return [
        _("Domain: where it is registered, in whose name"),
        _("Domain: paid until"),
        _("DNS: where its records are kept"),
        _("Server: provider, account, paid until"),
        _("Server: who can log in"),
        _("Mail: provider and account"),
        _("Backups: where, how often, who can open them"),
        _("Backups: when a restore was last tried"),
        _("WeChat groups and accounts, and who runs them"),
        _("Where the passwords are kept"),
    ]


def year() -> Lines:
    """What comes round."""
    return [
        (_("Each week"), _("Background jobs: has one failed?")),
        (_("Each month"), _("Upgrades of the site and of the server.")),
        (_("August"), _("Newcomers arrive: more sign-ups, airport pickup.")),
        (_("September, October"), _("Mid-Autumn Festival.")),
        (_("December"), _("Finals; snow and closed roads: the urgent notice.")),
        (_("January, February"), _("Spring Festival.")),
        (
            _("April"),
            _("Find the next board and the next webmaster. Try to restore a backup."),
        ),
        (_("May"), _("Graduation: hand over, and remind graduates of a second address.")),
        (_("Once a year"), _("Pay for domain, server and mail. Read the user agreement again.")),
    ]
