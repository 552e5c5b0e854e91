"""Addresses of articles: Latin words, pinyin for Han."""

from __future__ import annotations

import re

from django.utils.text import slugify
from pypinyin import lazy_pinyin

# First parts of addresses under news/ that no category may take.
RESERVED = frozenset({"submit", "tag", "by", "most-read", "news", "feed", "hit"})


def slug_from(title: str) -> str:
    """“春节晚会 2027” → ``chun-jie-wan-hui-2027``; at most 60 characters, cut between words, never only digits."""
    words = " ".join(lazy_pinyin(title, errors=lambda other: f" {other} "))
    slug = slugify(words)
    if len(slug) > 60:
        slug = slug[:60].rsplit("-", 1)[0]
    slug = slug.strip("-_").replace("_", "-")
    slug = re.sub(r"-+", "-", slug)
    if not slug:
        return "article"
    return f"article-{slug}" if slug.isdigit() else slug


def free_slug(title: str, taken: set[str]) -> str:
    """``slug_from`` with a number behind it where that is taken."""
    base = slug_from(title)
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
