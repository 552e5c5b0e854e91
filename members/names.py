"""Display names and handles: any script for the one, ASCII for the other."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from pypinyin import lazy_pinyin

HANDLE = re.compile(r"^[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])?\Z")
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
# What only staff may bear in a display name: anywhere, however it is spaced …
STAFF_WORDS = (
    "webmaster",
    "moderator",
    "administrator",
    "站长",
    "站長",
    "管理员",
    "管理員",
    "审核员",
    "審核員",
    "官方",
)
# … or as a word of its own: Badminton Bob and Cai Su (蔡苏) are people.
STAFF_NAMES = frozenset(["admin", "caisu", "学联", "學聯"])
# Letters that have no ink: Hangul and Khmer fillers, the empty Braille cell, the grapheme joiner.
INKLESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Cyrillic and Greek letters that look Latin, and digits that are read as letters.
LOOKALIKES = str.maketrans("аеорсухіјѕԁмтвнкαορντικυ", "aeopcyxijsdmtbhkaopvtiku")
DIGITS = str.maketrans("01345", "oieas")


def folded(name: str) -> str:
    """The name as it looks: compatibility forms, case and marks folded away (UTS #39 in small)."""
    text = unicodedata.normalize("NFKD", name).casefold().translate(LOOKALIKES)
    return "".join(c for c in text if not unicodedata.combining(c))


def validate_display_name(name: str) -> None:
    """Refuses a name that cannot be seen as it is.

    Raises:
        ValidationError: for control, format (zero-width, bidirectional), private and inkless
            characters, or a name without any letter or digit.
    """
    hidden = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    if any(c in INKLESS or unicodedata.category(c) in hidden for c in name):
        raise ValidationError(
            _("The name has invisible characters. Type it again, please."), code="invisible"
        )
    if not any(c.isalnum() for c in name):
        raise ValidationError(_("A name needs at least one letter."), code="letterless")


def sounds_official(name: str) -> bool:
    """Whether the name could be taken for that of staff."""
    text = folded(name)
    return _bears_staff_word(text) or _bears_staff_word(text.translate(DIGITS))


def look_alike(name: str, other: str) -> bool:
    """Whether two names are taken for each other at a glance: 莫娜 Mona, 莫娜-MONA, 莫娜 Моnа."""
    return _at_a_glance(name) == _at_a_glance(other)


def _at_a_glance(name: str) -> str:
    return "".join(c for c in folded(name).translate(DIGITS) if c.isalnum())


def _bears_staff_word(text: str) -> bool:
    plain = "".join(c for c in text if c.isalnum())
    words = re.findall(r"[a-z]+|[^\W\d_a-z]+", text)
    spelled_out = "".join(word for word in words if len(word) == 1)
    return any(word in plain for word in STAFF_WORDS) or not STAFF_NAMES.isdisjoint(
        [*words, spelled_out]
    )


def handle_from(display_name: str) -> str:
    """An ASCII handle proposed from a name: 张伟 → ``zhangwei``, Anna Smith → ``annasmith``.

    Never made from the e-mail address, which would give that away.
    """
    latin = "".join(lazy_pinyin(unicodedata.normalize("NFKD", display_name), errors="default"))
    handle = re.sub(r"[^a-z0-9]", "", latin.casefold())[:24]
    return handle if handle and handle not in RESERVED else "member"
