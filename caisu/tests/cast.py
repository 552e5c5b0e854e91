"""Who plays in the tests, and what they have written.

Alice writes, Bob reads, Mona moderates, Wei edits the news, Nina is new, Eve spams, Root is superuser.
"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.utils import timezone, translation
from PIL import Image as Pillow

from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from members.models import Appointment, Member, Terms
from news.comments.models import Comment
from news.models import Article, Category

PASSWORD = "correct horse battery"


def make_member(username: str, role: str = "", **changes: Any) -> Member:
    """A member of good standing with a record, unless ``changes`` say otherwise."""
    values = {
        "email": f"{username}@example.org",
        "display_name": username.capitalize(),
        "standing": Member.Standing.ACTIVE,
        "approved_count": 10,
        "date_joined": timezone.now() - timedelta(days=100),
        "is_staff": bool(role),
        "language": "en",
        **changes,
    }
    closed = {Member.Standing.SUSPENDED, Member.Standing.BANNED, Member.Standing.LEFT}
    values["is_active"] = values["standing"] not in closed
    member = Member.objects.create_user(username, password=PASSWORD, **values)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    if terms := Terms.in_force():
        terms.accept(member)
    if role:
        Appointment.objects.hold(member, role)
    return member


def make_article(**changes: Any) -> Article:
    """A public article in both languages, an hour old, in Local News."""
    number = Article.objects.count() + 1
    category, _created = Category.objects.get_or_create(
        slug="local-news", defaults={"name_zh_hans": "本地新闻", "name_en": "Local News"}
    )
    values = {
        "slug": f"story-{number}",
        "category": category,
        "title_zh_hans": f"第{number}条新闻",
        "title_en": f"Story {number}",
        "summary_zh_hans": "摘要。",
        "summary_en": "A summary.",
        "body_zh_hans": "<p>正文在此。</p>",
        "body_en": "<p>The text is here.</p>",
        "status": Article.Status.PUBLISHED,
        "publish_at": timezone.now() - timedelta(hours=1),
        **changes,
    }
    values.setdefault("is_post", values["status"] == Article.Status.SUBMITTED)
    if "author" not in values:
        values["author"] = Member.objects.filter(username="wei").first() or make_member(
            "wei", EDITOR
        )
    return Article.objects.create(**values)


def make_comment(article: Article, author: Member, **changes: Any) -> Comment:
    """A visible comment."""
    parent = changes.get("parent")
    values = {"body": "Well said.", "root": (parent.root or parent) if parent else None, **changes}
    comment = Comment.objects.create(article=article, author=author, **values)
    comment.recount()
    return comment


def make_upload(name: str = "photo.jpg", size: tuple[int, int] = (640, 480), kind: str = "JPEG"):
    """A picture as a browser sends it."""
    buffer = BytesIO()
    Pillow.new("RGB", size, "#406080").save(buffer, kind)
    return SimpleUploadedFile(name, buffer.getvalue(), f"image/{kind.lower()}")


class CastTestCase(TestCase):
    """The cast, one article, one comment; nothing remembered from the test before."""

    @classmethod
    def setUpTestData(cls):
        cls.root = make_member("root", WEBMASTER, is_superuser=True)
        cls.wei = make_member("wei", EDITOR)
        cls.mona = make_member("mona", MODERATOR)
        cls.alice = make_member("alice")
        cls.bob = make_member("bob")
        cls.nina = make_member(
            "nina", standing=Member.Standing.PENDING, approved_count=0, date_joined=timezone.now()
        )
        cls.article = make_article()
        cls.comment = make_comment(cls.article, cls.alice)

    def setUp(self):
        cache.clear()
        translation.activate(settings.LANGUAGE_CODE)
        self.addCleanup(translation.deactivate)

    def login(self, member: Member | None) -> None:
        """Alice, or nobody, is at the keyboard from now on."""
        self.client.logout()
        if member:
            self.client.force_login(member)
