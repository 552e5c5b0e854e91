"""Display names and handles: any script for the one, ASCII for the other."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from pypinyin import lazy_pinyin

HANDLE = re.compile(r"^[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])?$")
validate_handle = RegexValidator(
    HANDLE,
    _("Use 1 to 30 small letters, digits, hyphens or underscores, a letter or digit at both ends."),
)
# Handles that would pass for a part of the site or for its staff.
RESERVED = frozenset(
    [
        "admin",
        "administrator",
        "caisu",
        "editor",
        "help",
        "me",
        "member",
        "members",
        "moderator",
        "news",
        "root",
        "settings",
        "staff",
        "support",
        "system",
        "webmaster",
    ]
)
# Words in a display name that only staff may bear.
STAFF_WORDS = ("webmaster", "admin", "moderator", "站长", "管理员", "审核员", "官方", "caisu")


def folded(name: str) -> str:
    """The name as it looks: compatibility forms, case, spaces and marks folded away (UTS #39 in small)."""
    text = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in text if c.isalnum())


def validate_display_name(name: str) -> None:
    """Refuses a name that cannot be seen as it is.

    Raises:
        ValidationError: for control, format (zero-width, bidirectional) and private characters,
            or a name without any letter or digit.
    """
    if any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for c in name):
        raise ValidationError(
            _("The name has invisible characters. Type it again, please."), code="invisible"
        )
    if not folded(name):
        raise ValidationError(_("A name needs at least one letter."), code="letterless")


def sounds_official(name: str) -> bool:
    """Whether the name could be taken for that of staff."""
    plain = folded(name)
    return any(word in plain for word in STAFF_WORDS)


def handle_from(display_name: str) -> str:
    """An ASCII handle proposed from a name: 张伟 → ``zhangwei``, Anna Smith → ``annasmith``.

    Never made from the e-mail address, which would give that away.
    """
    latin = "".join(lazy_pinyin(unicodedata.normalize("NFKD", display_name), errors="default"))
    handle = re.sub(r"[^a-z0-9]", "", latin.casefold())[:24]
    return handle if handle and handle not in RESERVED else "member"
