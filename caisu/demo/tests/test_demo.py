import os
from io import StringIO
from unittest.mock import patch

from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from caisu.core.models import Image, Page
from members.models import Member, Terms
from members.moderation.models import Case, Decision, Report, State
from members.notifications import mailing
from members.notifications.models import Notification
from news.comments.models import Comment, Like
from news.models import Article, Category

CAST = {
    "webmaster": "active",
    "wei": "active",
    "mona": "active",
    "alice": "active",
    "bob": "active",
    "newcomer": "pending",
    "eve": "suspended",
}


def counts():
    models = [Member, Article, Comment, Case, Report, Decision, Image, Page, Terms, Category]
    return {model.__name__: model.objects.count() for model in models}


class DemoTests(TestCase):
    def demo(self, **options):
        out = StringIO()
        with self.settings(LOOPBACK=True), patch("sys.stderr", StringIO()):
            call_command("demo", stdout=out, **options)
        return out.getvalue()

    def test_living_community_that_a_second_run_leaves_alone(self):
        with patch.dict(os.environ, {"DEMO_PASSWORD": "a password of my own"}):
            printed = self.demo()
        for username, standing in CAST.items():
            with self.subTest(username=username):
                member = Member.objects.get(username=username)
                self.assertEqual(member.standing, standing)
                self.assertTrue(member.check_password("a password of my own"))
                self.assertTrue(member.email.endswith("@example.org"))
                self.assertIn(username, printed)
        self.assertGreaterEqual(Member.objects.count(), 10)
        self.assertEqual(
            set(Member.objects.values_list("standing", flat=True)),
            {"active", "pending", "suspended", "banned"},
        )
        public = Article.objects.published().filter(audience="everyone")
        self.assertGreaterEqual(public.exclude(title_zh_hans="").count(), 10)
        self.assertGreaterEqual(public.exclude(title_en="").count(), 8)
        self.assertEqual(Category.objects.count(), 5)
        self.assertEqual(Article.objects.get(slug="demo-draft").status, "draft")
        self.assertEqual(Article.objects.get(slug="demo-members").audience, "members")
        self.assertGreaterEqual(Comment.objects.count(), 80)
        self.assertEqual(set(Comment.objects.values_list("state", flat=True)), set(State.values))
        self.assertEqual(
            set(Case.objects.open().values_list("kind", flat=True)),
            {"comment", "submission", "signup", "issue"},
        )
        self.assertTrue(Image.objects.filter(audience="everyone").exclude(renditions=[]).exists())
        for article in Article.objects.all():
            visible = article.comments.visible().count()
            self.assertEqual(article.comment_count, visible)
        before = counts()
        self.demo()
        self.assertEqual(counts(), before)
        for member in ("webmaster", None):
            if member:
                self.client.force_login(Member.objects.get(username=member))
            for path in ("/zh-hans/", "/en/"):
                self.assertContains(self.client.get(path), 'class="story"')
        self.demo(members=3, articles=5, comments=40)
        grown = counts()
        added = {name: grown[name] - before[name] for name in ("Member", "Article", "Comment")}
        self.assertEqual(added, {"Member": 3, "Article": 5, "Comment": 40})

    def test_conversations_are_alive(self):
        self.demo()
        said = Comment.objects.all()
        self.assertEqual([c.pk for c in said if c.created_at > timezone.now()], [])
        early = [c.pk for c in said.select_related("author") if c.created_at < c.author.date_joined]
        self.assertEqual(early, [])
        self.assertGreaterEqual(Like.objects.count(), 40)
        for comment in said.filter(like_count__gt=0):
            self.assertEqual(comment.like_count, comment.likes.count())
        for changed in ("edited_at", "deleted_at"):
            self.assertTrue(said.exclude(**{changed: None}).exists(), changed)
        told = Notification.objects.filter(member__username="alice")
        new = {"reply", "mention", "like", "thread"}
        self.assertEqual(set(told.unseen().values_list("kind", flat=True)), new)
        self.assertTrue(told.exclude(seen_at=None).exists())
        self.assertEqual(mailing.mail_unseen(timezone.now() + mailing.AFTER), 0)
        bob = Notification.objects.filter(member__username="bob").unseen()
        self.assertLessEqual({"decision", "report"}, set(bob.values_list("kind", flat=True)))
        self.assertFalse(Article.objects.get(slug="airport-pickup").comments_open)
        self.client.force_login(Member.objects.get(username="alice"))
        page = self.client.get(Article.objects.get(slug="winter-driving").get_absolute_url())
        for mark in ('class="fresh"', "<blockquote>", 'class="mention"', 'class="badge new"'):
            self.assertContains(page, mark)

    def test_refuses_a_public_address(self):
        public = self.settings(LOOPBACK=False, SITE_URL="https://caisu.example.org")
        with public, self.assertRaisesMessage(CommandError, "--force"):
            call_command("demo")
        self.assertFalse(Member.objects.exists())
