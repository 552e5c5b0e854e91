"""What is closed to somebody is closed at every door: pages, lists, feeds, pictures, search."""

from datetime import timedelta
from unittest.mock import patch

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_member, make_upload
from members.models import Member
from members.moderation.models import State
from news import counting, publishing
from news.models import Article, DailyViews, FormerSlug, Tag, WorkingCopy

HIDDEN = {"draft", "scheduled", "withdrawn", "held", "removed", "spam"}
KINDS = {
    "draft": {"status": "draft", "publish_at": None},
    "scheduled": {"status": "published"},
    "withdrawn": {"status": "withdrawn"},
    "held": {"status": "submitted", "state": State.HELD, "publish_at": None},
    "removed": {"status": "published", "state": State.REMOVED, "is_post": True},
    "spam": {"status": "archived", "state": State.SPAM, "is_post": True},
    "members": {"status": "published", "audience": "members", "is_featured": True},
    "archived": {"status": "archived", "audience": "members"},
}


@override_settings(VIEWS_FLUSH_SECONDS=0)
@patch("caisu.search.views.ADDRESS", [])
class ClosedDoorsTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.carol = make_member("carol", visibility="everyone")  # who wrote them
        until = timezone.now() + timedelta(days=3)
        suspended = Member.Standing.SUSPENDED
        cls.sam = make_member("sam", standing=suspended, suspended_until=until)
        cls.tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        cls.closed, cls.pictures = {}, {}
        for number, (kind, changes) in enumerate(KINDS.items(), 1):
            image = images.receive(make_upload(size=(600 + number, 400)), by=cls.wei)
            if kind == "scheduled":
                changes = {**changes, "publish_at": timezone.now() + timedelta(hours=1)}
            article = make_article(
                slug=f"closed-{kind}",
                author=cls.carol,
                cover=image,
                is_pinned=True,
                title_en=f"Heading of {kind}",
                title_zh_hans=f"标题 {kind}",
                summary_en=f"Summary of {kind}",
                summary_zh_hans=f"提要 {kind}",
                body_en="<p>zebra words</p>",
                body_zh_hans="<p>zebra 字句</p>",
                **changes,
            )
            article.tags.add(cls.tag)
            FormerSlug.objects.create(slug=f"before-{kind}", article=article)
            DailyViews.objects.create(day=counting.today(), article=article, count=50)
            if kind == "withdrawn":
                Article.objects.filter(pk=article.pk).update(released_at=timezone.now())
                article.refresh_from_db()
            publishing.refresh(article)
            cls.closed[kind], cls.pictures[kind] = article, image
        cls.article.tags.add(cls.tag)
        run_due()

    def lists(self):
        now = timezone.localtime()
        for language in ("zh-hans", "en"):
            for path in (
                *("", "news/", "news/local-news/", "news/tag/snow/", "news/by/carol/"),
                *(f"news/{now.year}/", f"news/{now.year}/{now.month}/"),
                *("news/most-read/", "news/most-read/?period=month", "search/?q=zebra"),
                *("search/?q=Heading", f"news/?before={self.closed['members'].pk}"),
            ):
                yield f"/{language}/{path}"
            yield f"/feeds/{language}/news.atom"
            yield f"/feeds/{language}/local-news.atom"
            yield f"/feeds/{language}/by/carol.atom"
        for section in ("articles-zh-hans", "articles-en"):
            yield f"/sitemap-{section}.xml"
        yield self.article.get_absolute_url()

    def doors(self, kind):
        """Addresses of one article and of all that belongs to it."""
        article, image = self.closed[kind], self.pictures[kind]
        for slug in (article.slug, f"before-{kind}"):
            for language in ("zh-hans", "en"):
                yield f"/{language}/news/{article.year}/{slug}/"
                yield f"/{language}/news/1999/{slug}/"
        yield f"/n/{article.pk}/qr.png"
        for language in ("zh-hans", "en"):
            yield f"/n/{article.pk}/{language}/card.png"
            yield f"/n/{article.pk}/{language}/poster.png"
        yield images.url(image)
        yield images.fallback_url(image)

    def desk(self, kind):
        pk = self.closed[kind].pk
        copy = WorkingCopy.objects.create(article=None, editor=self.wei, fields={"title_en": "x"})
        yield reverse("admin:news_article_change", args=[pk])
        yield f"{reverse('admin:news_article_add')}?copy={copy.pk}"
        yield reverse("admin:news_article_history", args=[pk])
        yield reverse("admin:news_article_compare", args=[pk]) + "?old=1"
        yield reverse("admin:news_article_restore", args=[pk, 1])
        for name in ("preview", "previewed"):
            yield reverse(f"admin:news_article_{name}", args=[pk])
        for name in ("news_copy_preview", "news_copy_previewed"):
            yield reverse(f"admin:{name}", args=[copy.pk])
        yield reverse("admin:core_image_choose")
        yield reverse("admin:core_image_change", args=[self.pictures[kind].pk])
        yield reverse("admin:core_image_replace", args=[self.pictures[kind].pk])
        for name in ("changelist", "autosave"):
            yield f"{reverse(f'admin:news_article_{name}')}?article={pk}"
        for name in ("news_translations", "news_week"):
            yield reverse(f"admin:{name}")

    def outsiders(self):
        """Who is no editor and did not write them, with whether they are full members."""
        return (None, False), (self.nina, False), (self.sam, False), (self.mona, True)

    def test_lists_feeds_search_and_neighbours_name_nothing_that_is_closed(self):
        for member, full in ((None, False), (self.nina, False), (self.bob, True)):
            self.login(member)
            for path in self.lists():
                response = self.client.get(path)
                self.assertEqual(response.status_code, 200, (path, member))
                text = response.content.decode()
                if "/search/" in path:  # which says what was asked
                    text = text.partition("<main")[2]
                for kind, article in self.closed.items():
                    if full and kind not in HIDDEN and "atom" not in path:
                        continue
                    said = (article.title_en, article.title_zh_hans, article.slug)
                    for words in (*said, self.pictures[kind].token):
                        self.assertNotIn(words, text, (path, member, kind))

    def test_its_own_addresses_are_closed_by_get_head_and_options(self):
        for member, full in self.outsiders():
            self.login(member)
            for kind, article in self.closed.items():
                readable = full and kind not in HIDDEN
                for path in self.doors(kind):
                    got = self.client.get(path)
                    here = (path, member, kind, got.status_code)
                    self.assertEqual(self.client.head(path).status_code, got.status_code, here)
                    options = self.client.options(path)
                    self.assertEqual((options.status_code, options.content), (405, b""), here)
                    if readable:
                        self.assertIn(got.status_code, {200, 301, 302}, here)
                        continue
                    for headers in ({"range": "bytes=0-99"}, {"if-none-match": "*"}):
                        again = self.client.get(path, headers=headers)
                        self.assertEqual(again.status_code, got.status_code, here)
                    self.assertIn(got.status_code, {200, 301, 302, 403, 404, 410}, here)
                    told = got.content.decode(errors="replace")
                    self.assertNotIn("zebra", told, here)
                    if "/media/" not in path:  # the page of a mistake says its own address
                        self.assertNotIn(self.pictures[kind].token, told, here)
                    if kind in HIDDEN:
                        self.assertIn(got.status_code, {404, 410}, here)
                        self.assertNotIn(article.title_en, told, here)
                    elif got.status_code == 200:
                        self.assertIn("no-store", got["Cache-Control"], here)
                        self.assertNotIn("og:", told, here)
                        self.assertNotIn("ld+json", told, here)

    def test_the_desk_is_closed_to_everybody_but_editors(self):
        for member, _full in self.outsiders():
            self.login(member)
            inside = member in {self.mona, self.nina}
            expected = 403 if inside else 302
            for kind in ("draft", "held", "members"):
                for path in self.desk(kind):
                    here = (path, member)
                    for ask in (self.client.get, self.client.head, self.client.post):
                        response = ask(path)
                        only = {405, 403 if member == self.mona else 401}
                        allowed = only if "autosave" in path else {405, expected}
                        self.assertIn(response.status_code, allowed, here)
                        if response.status_code == 302:
                            self.assertIn("/login/", response["Location"], here)

    def test_what_anonymous_readers_get_from_shared_memory_is_theirs_after_a_member_asked(self):
        self.login(self.bob)
        for path in self.lists():
            self.client.get(path)
        self.client.cookies.clear()
        self.login(None)
        for path in self.lists():
            text = self.client.get(path).content.decode().partition("<main")[2]
            self.assertNotIn("Heading of members", text, path)
            self.assertNotIn(self.bob.display_name, text, path)
        counts = self.client.get("/en/news/").content.decode()
        self.assertNotIn(">3<", counts)

    def test_a_short_link_to_what_was_withdrawn_says_so_too(self):
        response = self.client.get(f"/n/{self.closed['withdrawn'].pk}/", follow=True)
        self.assertEqual(response.status_code, 410)
        self.assertNotContains(response, "Heading of withdrawn", status_code=410)
        for kind in HIDDEN - {"withdrawn"}:
            response = self.client.get(f"/n/{self.closed[kind].pk}/")
            self.assertEqual(response.status_code, 404, kind)
        Article.objects.filter(pk=self.closed["withdrawn"].pk).update(released_at=None)
        response = self.client.get(f"/n/{self.closed['withdrawn'].pk}/")
        self.assertEqual(response.status_code, 404)
