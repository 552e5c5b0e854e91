"""Webmaster, editor, moderator: groups, filled by each app's own migration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext_lazy

WEBMASTER, EDITOR, MODERATOR = "Webmaster", "Editor", "Moderator"
ROLE_NAMES = {
    WEBMASTER: pgettext_lazy("role", "Webmaster"),
    EDITOR: pgettext_lazy("role", "Editor"),
    MODERATOR: pgettext_lazy("role", "Moderator"),
}


def grant(apps: Any, role: str, app_label: str, codenames: Iterable[str]) -> None:
    """Gives a role permissions on an app's models; for migrations.

    Django makes permissions only after all migrations ran, so that missing ones are made here; it
    finds them later.

    Args:
        apps: the registry that a RunPython gets.
        codenames: like ``change_article``, or ``decide`` of a model's own, as ``case.decide``.
    """
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    group, _created = Group.objects.get_or_create(name=role)
    for codename in codenames:
        model, dot, own = codename.partition(".")
        if not dot:
            own, model = codename, codename.partition("_")[2]
        content_type, _created = ContentType.objects.get_or_create(app_label=app_label, model=model)
        permission, _created = Permission.objects.get_or_create(
            content_type=content_type,
            codename=own,
            defaults={"name": f"Can {own.replace('_', ' ')}"},
        )
        group.permissions.add(permission)


def every(*models: str) -> list[str]:
    """All four standard permissions on each model."""
    return [f"{verb}_{model}" for model in models for verb in ("view", "add", "change", "delete")]
