from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core.images import receive
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.moderation.models import State
from news.models import Article


class ArticleAdminTests(CastTestCase):
    def values(self, **changes):
        return {
            "title_zh_hans": "初雪",
            "title_en": "First snow",
            "summary_zh_hans": "",
            "summary_en": "",
            "body_zh_hans": "<p>下雪了。</p>",
            "body_en": '<p onclick="x()">It snows.</p><script>alert(1)</script>',
            "category": self.article.category_id,
            "audience": "everyone",
            "author": self.wei.pk,
            "comments_open": "on",
            "publish_at_0": "",
            "publish_at_1": "",
            "slug": "",
            "byline": "",
            **changes,
        }

    def add(self, who=None, **changes):
        self.login(who or self.wei)
        return self.client.post(reverse("admin:news_article_add"), self.values(**changes))

    def test_editor_writes_a_draft_in_both_languages(self):
        self.assertEqual(self.add(_save="").status_code, 302)
        article = Article.objects.latest("pk")
        self.assertEqual(
            (article.status, article.slug, article.author), ("draft", "first-snow", self.wei)
        )
        self.assertEqual(article.body_en, "<p>It snows.</p>")

    def test_editor_publishes_in_one_language_with_a_picture(self):
        cover = receive(make_upload(), self.wei)
        self.add(title_en="", body_en="", cover=cover.pk, _publish="Publish")
        article = Article.objects.latest("pk")
        self.assertTrue(article.is_public)
        self.assertEqual(article.slug, "chu-xue")
        self.login(None)
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, "下雪了。")
        self.assertContains(page, cover.token)
        self.assertEqual(self.client.get(f"/media/images/{cover.token}/full.webp").status_code, 200)

    def test_cover_comes_straight_from_the_editors_disk(self):
        self.add(new_cover=make_upload("first-snow.jpg"), _publish="Publish")
        article = Article.objects.latest("pk")
        self.assertEqual((article.cover.name, article.cover.audience), ("first-snow", "everyone"))
        self.assertEqual(article.cover.uploaded_by, self.wei)

    def test_picture_that_is_no_picture_is_refused_and_the_text_stays(self):
        upload = SimpleUploadedFile("virus.jpg", b"MZ not a picture", "image/jpeg")
        response = self.add(new_cover=upload)
        self.assertContains(response, "errorlist")
        self.assertContains(response, "下雪了。")
        self.assertEqual(Image.objects.count(), 0)

    def test_time_to_come_schedules(self):
        later = timezone.localtime() + timedelta(days=2)
        self.add(
            publish_at_0=later.strftime("%Y-%m-%d"), publish_at_1="09:00:00", _publish="Publish"
        )
        article = Article.objects.latest("pk")
        self.assertTrue(article.is_scheduled)
        self.assertEqual(timezone.localtime(article.publish_at).hour, 9)

    def test_without_any_title_the_form_comes_back_with_everything(self):
        response = self.add(title_zh_hans="", title_en="", body_zh_hans="<p>没有标题的正文</p>")
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "没有标题的正文")
        self.assertContains(response, "errornote")

    def test_heading_alone_is_not_published_and_comes_back(self):
        response = self.add(body_zh_hans="", body_en="", _publish="Publish")
        self.assertContains(response, "初雪")
        self.assertEqual(Article.objects.count(), 1)

    def test_published_article_keeps_its_time(self):
        self.login(self.wei)
        url = reverse("admin:news_article_change", args=[self.article.pk])
        before = self.article.publish_at
        self.assertEqual(self.client.post(url, self.values(slug="story-1")).status_code, 302)
        self.article.refresh_from_db()
        self.assertEqual(self.article.publish_at, before)

    def test_years_beyond_the_calendar_are_told(self):
        for year in ("0001", "9999"):
            response = self.add(publish_at_0=f"{year}-01-01", publish_at_1="00:00:00")
            self.assertContains(response, "errorlist")

    def test_author_is_an_active_member(self):
        self.assertContains(self.add(author=self.nina.pk), "errorlist")

    def test_taken_or_reserved_address_is_told(self):
        for slug in (self.article.slug, "2026", "Große"):
            self.assertContains(self.add(slug=slug), "errorlist")

    def test_only_editors_write(self):
        for who in (self.bob, self.nina, self.mona):
            self.assertIn(self.add(who).status_code, {302, 403})
        self.login(None)
        self.client.post(reverse("admin:news_article_add"), self.values())
        self.assertEqual(Article.objects.count(), 1)

    def test_status_cannot_be_sent_along(self):
        self.add(status="published", state="removed", view_count="9999", _save="")
        article = Article.objects.latest("pk")
        self.assertEqual(
            (article.status, article.state, article.view_count), ("draft", State.VISIBLE, 0)
        )

    def test_buttons_fit_the_status(self):
        self.login(self.wei)
        for status, there, absent in (
            ("draft", "_publish", "_withdraw"),
            ("published", "_withdraw", "_publish"),
            ("archived", "_publish", "_archive"),
        ):
            article = make_article(status=status)
            page = self.client.get(reverse("admin:news_article_change", args=[article.pk]))
            self.assertContains(page, f'name="{there}"')
            self.assertNotContains(page, f'name="{absent}"')

    def test_bulk_acts_say_what_they_did(self):
        draft = make_article(status="draft", publish_at=None)
        self.login(self.wei)
        url = reverse("admin:news_article_changelist")
        data = {"action": "publish", "_selected_action": [draft.pk, self.article.pk]}
        self.client.get("/language/en/")
        response = self.client.post(url, data, follow=True)
        self.assertContains(response, "1 article is now published.")
        self.assertContains(response, "1 article was left as it is.")
        draft.refresh_from_db()
        self.assertTrue(draft.is_public)

    def test_what_was_out_is_withdrawn_not_deleted(self):
        self.login(self.wei)
        url = reverse("admin:news_article_delete", args=[self.article.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 403)
        draft = make_article(status="draft", publish_at=None)
        url = reverse("admin:news_article_delete", args=[draft.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 302)

    def test_list_costs_the_same_at_1_and_at_20(self):
        self.login(self.wei)
        url = reverse("admin:news_article_changelist")
        counts = []
        for many in (1, 20):
            while Article.objects.count() < many:
                make_article()
            self.client.get(url)
            counts.append(self.queries(url))
        self.assertEqual(counts[0], counts[1])

    def queries(self, url):
        with CaptureQueriesContext(connection) as captured:
            self.client.get(url)
        return len(captured)
