"""The matrix of rights, and the stage on which it is tried: nine readers, one of each thing."""

import csv
from datetime import timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.core.models import Audience, Page, SiteSettings
from caisu.tests.cast import (
    PASSWORD,
    CastTestCase,
    make_article,
    make_comment,
    make_member,
    make_upload,
)
from members.models import Invitation, Member, Terms
from members.moderation import deciding
from members.moderation.models import Case, Decision, HouseRules, State
from members.moderation.waiting import open_case
from news import publishing
from news.comments.models import Comment
from news.models import Article, Tag

ROLES = (
    "anon",
    "unverified",
    "pending",
    "member",
    "suspended",
    "author",
    "editor",
    "moderator",
    "webmaster",
)
CANARY = "zanzibar"
# What members show to members.
CHOIR = "Orchestra"


def rows():
    with (Path(__file__).parent / "permissions.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


ROWS = rows()


class Undo(Exception):
    """Takes back what an attempt has changed."""


def letter(response):
    """What an answer says in the matrix."""
    if response.status_code in {301, 302, 303}:
        path = response["Location"].partition("?")[0]
        return "L" if path.endswith(("/accounts/login/", "/admin/login/")) else "A"
    return {401: "L", 403: "D", 404: "N", 405: "M", 410: "G"}.get(response.status_code, "A")


def names(resolver, spaces=()):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join([*spaces, entry.name or str(entry.pattern)]), entry
        else:
            yield from names(entry, (*spaces, entry.namespace) if entry.namespace else spaces)


class Stage(CastTestCase):
    """The nine readers, and one of each thing that some may see and others not."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        soon = timezone.now() + timedelta(days=3)
        cls.uma = make_member("uma", standing=Member.Standing.PENDING)
        EmailAddress.objects.filter(user=cls.uma).update(verified=False)
        cls.sam = make_member("sam", standing=Member.Standing.SUSPENDED, suspended_until=soon)
        cls.readers = {
            "anon": None,
            "unverified": cls.uma,
            "pending": cls.nina,
            "member": cls.bob,
            "suspended": cls.sam,
            "author": cls.alice,
            "editor": cls.wei,
            "moderator": cls.mona,
            "webmaster": cls.root,
        }
        cls.carol = make_member("carol", visibility=Audience.EVERYONE, department=CHOIR)
        told = {name: CANARY for name in ("bio", "department", "hometown", "wechat")}
        told |= {"links": [f"https://{CANARY}.example"], "email": f"{CANARY}@example.org"}
        told |= {f"{name}_audience": Audience.NOBODY for name in Member.PRIVATE_FIELDS}
        cls.dora = make_member("dora", visibility=Audience.EVERYONE, **told)
        cls.shut = [
            make_member("ben", standing=Member.Standing.BANNED, visibility=Audience.EVERYONE),
            make_member("leo", standing=Member.Standing.LEFT, visibility=Audience.EVERYONE),
            make_member("lea", leaves_at=soon, visibility=Audience.EVERYONE),
        ]
        cls.image = images.receive(make_upload(), by=cls.alice)
        post = {"author": cls.alice, "is_post": True, "title_en": CANARY, "body_en": f"<p>{CANARY}"}
        cls.draft = make_article(slug="draft", status="draft", publish_at=None, **post)
        cls.draft.cover = cls.image
        cls.draft.save()
        cls.scheduled = make_article(slug="scheduled", **{**post, "publish_at": soon})
        cls.withdrawn = make_article(slug="withdrawn", status="withdrawn", **post)
        Article.objects.filter(pk=cls.withdrawn.pk).update(released_at=timezone.now())
        cls.closed = make_article(slug="for-members", audience="members", body_en=f"<p>{CANARY}")
        cls.closed.cover = images.receive(make_upload(size=(650, 400)), by=cls.wei)
        cls.closed.save()
        publishing.refresh(cls.closed)
        cls.alices = cls.comment
        cls.members_only = make_member("mei")
        cls.hidden = make_member("hidden", visibility=Audience.NOBODY)
        for member in (cls.hidden, cls.dora):
            picture = images.square(make_upload())
            member.avatar.save(picture.name, picture)
        cls.half = make_article(slug="half", title_zh_hans="", body_zh_hans="", summary_zh_hans="")
        make_article(slug="by-carol", author=cls.carol)
        cls.tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        cls.article.tags.add(cls.tag)
        cls.terms = Terms.objects.create(version=9, body_zh_hans="<p>新", body_en="<p>New")
        cls.terms.effective_at = soon
        cls.terms.save()
        cls.invitation = Invitation.objects.create(invited_by=cls.alice)
        # Tests before may have left them in the cache alone.
        SiteSettings.load().save()
        HouseRules.load().save()
        cls.page = Page.objects.create(slug="about", title_en="About")
        cls.held = make_comment(cls.article, cls.alice, body=CANARY, state=State.HELD)
        cls.gone = make_comment(cls.article, cls.bob, body="goner", state=State.REMOVED)
        make_comment(cls.article, cls.bob, parent=cls.gone)
        cls.foreign = make_comment(cls.half, cls.carol)
        reported = make_comment(cls.half, cls.carol, body="Reported words")
        cls.reported = open_case(Case.Kind.COMMENT, reported, cls.carol, ["reported"])
        cls.reported.reports.create(reporter=cls.dora, reason="spam", text="Tattled words")
        cls.late = make_comment(cls.article, cls.alice)
        Comment.objects.filter(pk=cls.late.pk).update(created_at=timezone.now() - timedelta(days=1))
        deciding.remove(make_comment(cls.half, cls.alice, body="Sharp words"), cls.mona)
        cls.decided = Decision.objects.latest("pk")
        cls.newcomer = make_member("newcomer", standing=Member.Standing.PENDING, approved_count=0)
        cls.case = open_case(Case.Kind.SIGNUP, cls.newcomer, cls.newcomer, ["signup"])
        run_due()

    def at(self, role):
        """A browser in which that reader has logged in, as far as they could."""
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        reader = self.readers[role]
        if role == "unverified":
            client.post(self.url("account_login"), {"login": reader.email, "password": PASSWORD})
        elif reader:
            client.force_login(reader)
        return client

    def url(self, name, *args, **kwargs):
        with override("en"):
            return reverse(name, args=args, kwargs=kwargs)

    def of(self, thing):
        with override("en"):
            return thing.get_absolute_url()

    def proved(self, client):
        """Whoever sits there has just given their password again."""
        session = client.session
        if "_auth_user_id" in session:
            session["account_authentication_methods"] = [
                {"method": "password", "at": timezone.now().timestamp(), "reauthenticated": True}
            ]
            session["account_authentication_methods_user"] = session["_auth_user_id"]
            session.save()
        return client
