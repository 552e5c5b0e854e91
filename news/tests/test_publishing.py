from datetime import timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase
from django.utils import timezone

from caisu.core.fulltext import search
from caisu.core.images import receive, url
from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.moderation import deciding, waiting
from members.moderation.models import State
from news import publishing
from news.models import Article, validate_category_slug
from news.slugs import free_slug, slug_from

Status = Article.Status


class SlugTests(SimpleTestCase):
    def test_han_becomes_pinyin(self):
        self.assertEqual(slug_from("春节晚会2027"), "chun-jie-wan-hui-2027")
        self.assertEqual(slug_from("Driving in Snow: 冬季驾驶"), "driving-in-snow-dong-ji-jia-shi")

    def test_never_empty_and_never_only_digits(self):
        self.assertEqual(slug_from("😀！？"), "article")
        self.assertEqual(slug_from("2027"), "article-2027")

    def test_long_titles_are_cut_between_words(self):
        slug = slug_from("a very long title " * 20)
        self.assertLessEqual(len(slug), 60)
        self.assertFalse(slug.endswith("-"))

    def test_taken_slugs_get_a_number(self):
        self.assertEqual(free_slug("Snow", {"snow", "snow-2"}), "snow-3")

    def test_categories_leave_the_sites_own_words_alone(self):
        for slug in ("submit", "tag", "news", "2026"):
            with self.assertRaises(ValidationError):
                validate_category_slug(slug)


class PublishingTests(CastTestCase):
    def draft(self, **changes):
        return make_article(status=Status.DRAFT, publish_at=None, **changes)

    def found(self, audience="everyone"):
        run_due()
        return search("Story", [audience]).hits

    def test_publish_now_reports_the_change_once(self):
        article = self.draft()
        self.assertTrue(publishing.publish(article, self.wei))
        self.assertTrue(article.is_public)
        self.assertIsNotNone(article.released_at)
        self.assertFalse(publishing.publish(article, self.wei))

    def test_what_others_changed_meanwhile_is_not_written_back(self):
        image = receive(make_upload(), self.wei)
        article = make_article(cover=image)
        publishing.save(article, self.wei)
        opened = Article.objects.get(pk=article.pk)  # by an editor's request, a moment ago
        deciding.remove(Article.objects.get(pk=article.pk), self.mona)
        Article.objects.filter(pk=article.pk).update(view_count=7, comment_count=3)
        opened.title_en = "Better"
        publishing.save(opened, self.wei)
        article.refresh_from_db()
        self.assertEqual((article.title_en, article.state), ("Better", State.REMOVED))
        self.assertEqual((article.view_count, article.comment_count), (7, 3))
        image.refresh_from_db()
        self.assertEqual(image.audience, Image.Audience.STAFF)
        self.assertEqual(self.found(), [])

    def test_two_of_one_title_at_once_have_two_addresses(self):
        taken = make_article(slug="snow")
        names = [taken.slug, "snow-2"]
        with mock.patch.object(publishing, "free_slug", side_effect=names):
            article = Article(title_en="Snow", category=taken.category, author=self.wei)
            publishing.save(article, self.wei)
        self.assertEqual(Article.objects.get(title_en="Snow").slug, "snow-2")
        self.assertEqual(article.revisions.get().fields["slug"], "snow-2")

    def test_two_who_act_at_once_act_once(self):
        article = self.draft()
        for verb in (publishing.publish, publishing.archive, publishing.withdraw):
            one, two = (Article.objects.get(pk=article.pk) for _editor in range(2))
            self.assertEqual((verb(one, self.wei), verb(two, self.root)), (True, False), verb)
        one, two = (Article.objects.get(pk=article.pk) for _editor in range(2))
        self.assertTrue(publishing.back_to_draft(one, self.wei))
        self.assertFalse(publishing.back_to_draft(two, self.root))
        self.assertEqual(article.revisions.count(), 5)  # the first is the baseline

    def test_publishing_opens_the_pictures_that_somebody_else_put_in_meanwhile(self):
        image = receive(make_upload(), self.wei)
        article = self.draft()
        opened = Article.objects.get(pk=article.pk)
        article.body_en = f'<p>x</p><figure><img src="{url(image)}"></figure>'
        publishing.save(article, self.root)
        self.assertTrue(publishing.publish(opened, self.wei))
        image.refresh_from_db()
        self.assertEqual(image.audience, Image.Audience.EVERYONE)

    def test_what_is_taken_back_while_others_are_released_stays_back(self):
        first, second = sorted((make_article(), make_article()), key=lambda each: each.pk)
        Article.objects.exclude(pk__in=[first.pk, second.pk]).update(released_at=timezone.now())
        refresh = publishing.refresh

        def refreshed(article):
            refresh(article)
            other = {first.pk, second.pk} - {article.pk}
            Article.objects.filter(pk__in=other).update(status=Status.DRAFT)

        with mock.patch.object(publishing, "refresh", refreshed):
            self.assertEqual(publishing.release_due(), 1)
        released = Article.objects.filter(pk__in=[first.pk, second.pk]).exclude(released_at=None)
        self.assertEqual([each.status for each in released], [Status.PUBLISHED])

    def test_schedule_and_release(self):
        article = self.draft()
        later = timezone.now() + timedelta(hours=1)
        publishing.publish(article, self.wei, later)
        self.assertTrue(article.is_scheduled)
        self.assertIsNone(article.released_at)
        self.assertEqual(
            publishing.release_due(), 1
        )  # the cast's own article, which no verb released
        Article.objects.filter(pk=article.pk).update(publish_at=timezone.now())
        self.assertEqual(publishing.release_due(), 1)
        self.assertEqual(publishing.release_due(), 0)
        article.refresh_from_db()
        self.assertIsNotNone(article.released_at)

    def test_article_that_is_put_off_comes_out_once_more(self):
        article = self.draft()
        publishing.publish(article, self.wei)
        article.publish_at = timezone.now() + timedelta(hours=1)
        publishing.save(article, self.wei)
        self.assertIsNone(Article.objects.get(pk=article.pk).released_at)

    def test_heading_alone_is_not_published(self):
        article = self.draft(body_zh_hans="", body_en="")
        self.assertFalse(publishing.publish(article, self.wei))
        self.assertEqual(article.status, Status.DRAFT)

    def test_publishing_a_members_own_post_approves_it(self):
        post = make_article(
            status="submitted", state=State.HELD, publish_at=None, author=self.alice
        )
        case = waiting.open_case("submission", post, self.alice, ["submitted"])
        self.assertTrue(publishing.publish(post, self.wei))
        self.assertTrue(post.is_public)
        case.refresh_from_db()
        self.assertFalse(case.is_open)
        self.assertEqual(
            (case.decisions.get().action, case.decisions.get().by), ("approve", self.wei)
        )
        self.alice.refresh_from_db()
        self.assertEqual(self.alice.approved_count, 11)

    def test_archive_and_withdraw_only_what_is_out(self):
        article = self.draft()
        self.assertFalse(publishing.archive(article, self.wei))
        self.assertFalse(publishing.withdraw(article, self.wei))
        publishing.publish(article, self.wei)
        first = article.publish_at
        self.assertTrue(publishing.archive(article, self.wei))
        self.assertFalse(article.takes_comments)
        self.assertTrue(publishing.publish(article, self.wei))
        self.assertEqual(article.publish_at, first)
        self.assertTrue(publishing.withdraw(article, self.wei))
        self.assertFalse(article.is_public)
        self.assertTrue(publishing.back_to_draft(article, self.wei))

    def test_pictures_open_and_close_with_the_article(self):
        cover = receive(make_upload(), self.wei)
        inside = receive(make_upload(), self.wei)
        body = f'<p><img src="/media/images/{inside.token}/full.webp"></p>'
        article = self.draft(cover=cover, body_en=body)

        def audiences():
            return set(Image.objects.values_list("audience", flat=True))

        publishing.save(article, self.wei)
        self.assertEqual(audiences(), {"staff"})
        publishing.publish(article, self.wei)
        self.assertEqual(audiences(), {"everyone"})
        article.audience = "members"
        publishing.save(article, self.wei)
        self.assertEqual(audiences(), {"members"})
        publishing.withdraw(article, self.wei)
        self.assertEqual(audiences(), {"staff"})

    def test_a_picture_of_two_articles_stays_open_while_one_shows_it(self):
        cover = receive(make_upload(), self.wei)
        first, second = self.draft(cover=cover), self.draft(cover=cover)
        publishing.publish(first, self.wei)
        publishing.publish(second, self.wei)
        publishing.withdraw(first, self.wei)
        cover.refresh_from_db()
        self.assertEqual(cover.audience, "everyone")

    def test_search_follows(self):
        article = self.draft()
        publishing.publish(article, self.wei)
        self.assertEqual(len(self.found()), 1)
        publishing.withdraw(article, self.wei)
        self.assertEqual(self.found(), [])

    def test_database_refuses_an_article_without_title_or_time(self):
        for changes in ({"title_zh_hans": "", "title_en": ""}, {"publish_at": None}):
            with self.assertRaises(IntegrityError), transaction.atomic():
                make_article(**changes)
