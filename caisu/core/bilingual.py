"""Content in two languages, side by side in one row: ``title_zh_hans`` and ``title_en``.

A model writes its columns out and adds ``title = Bilingual()``, which reads the one of the active
language, or the other where that is empty. docs/decisions/0002 says why no library does this.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language

LANGUAGES = ("zh-hans", "en")


def active() -> str:
    """The language of this page, one of LANGUAGES."""
    language = get_language()
    return language if language in LANGUAGES else settings.LANGUAGE_CODE


def other(language: str) -> str:
    """The other one of the two languages."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


def column(name: str, language: str) -> str:
    """Name of the column that holds ``name`` in ``language``: ``title``, ``zh-hans`` → ``title_zh_hans``."""
    return f"{name}_{language.replace('-', '_')}"


def language_of(obj: Any, name: str) -> str:
    """The language in which ``obj`` shows ``name`` now: the active one, or the other if only that is filled."""
    language = active()
    if getattr(obj, column(name, language)) or not getattr(obj, column(name, other(language))):
        return language
    return other(language)


def in_language(path: str, language: str) -> str:
    """The same address in a language: ``/en/news/?x`` → ``/zh-hans/news/?x``; others stay as they are."""
    _empty, first, *rest = path.split("/", 2) if path.count("/") > 1 else ("", "")
    return f"/{language}/{rest[0]}" if first in LANGUAGES else path


class Bilingual:
    """A read-only attribute over two columns.

    Args:
        by: the attribute that decides the language, so that a text and its heading never mix;
            by default the attribute itself.
    """

    def __init__(self, by: str = "") -> None:
        self.by = by

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        if obj is None:
            return self
        return getattr(obj, column(self.name, language_of(obj, self.by or self.name)))

    def __set__(self, obj: Any, value: Any) -> None:
        raise AttributeError(f"{self.name} only reads: set {column(self.name, 'en')} or its twin")
