from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core import fulltext
from caisu.core.images import receive
from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_upload
from news.desk import list_admin
from news.models import Article, Category, Revision, Tag

LIST = "/admin/news/article/"


class ListTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.login(self.wei)

    def findable(self, **changes):
        article = make_article(**changes)
        fulltext.refresh(article)
        fulltext.refresh(article.author)
        run_due()
        return article

    def titles(self, **query):
        page = self.client.get(LIST, query)
        return {article.title_en for article in page.context["cl"].result_list}

    def test_list_shows_picture_status_languages_views_and_comments(self):
        cover = receive(make_upload(), self.wei)
        make_article(
            title_en="Lost and found", cover=cover, body_zh_hans="", view_count=19, is_pinned=True
        )
        page = self.client.get(LIST)
        self.assertContains(page, cover.token)
        self.assertContains(page, 'class="translation missing"', 1)
        self.assertContains(page, 'class="translation complete"', 3)
        self.assertContains(page, '<td class="field-view_count" data-label="查看次数">19</td>')

    def test_each_row_is_headed_by_its_title_alone(self):
        """A link around an empty picture says nothing, and is the first that a screen reader meets."""
        page = self.client.get(LIST)
        self.assertContains(page, '<th class="field-headline"', 1)
        self.assertContains(page, 'data-label="图片"><span class="no-picture">', 1)

    def test_list_and_filters_are_called_by_what_they_hold(self):
        page = self.client.get(LIST, headers={"accept-language": "zh-hans"})
        self.assertContains(page, "<h1>文章</h1>")
        self.assertContains(page, "<summary>状态</summary>")
        self.assertContains(page, 'href="#changelist-filter"', 1)

    def test_undo_stands_with_the_list_below_the_buttons(self):
        self.client.post(LIST, {"action": "archive", "_selected_action": [self.article.pk]})
        page = self.client.get(LIST).content.decode()
        self.assertLess(page.index('class="object-tools"'), page.index('class="undo"'))
        self.assertLess(page.index('class="undo"'), page.index('id="changelist-form"'))

    def test_scheduled_articles_have_a_filter_of_their_own(self):
        make_article(title_en="Tomorrow", publish_at=timezone.now() + timedelta(days=1))
        self.assertEqual(self.titles(status="scheduled"), {"Tomorrow"})
        self.assertEqual(self.titles(status="published"), {"Story 1"})
        self.assertEqual(self.titles(status="draft"), set())

    def test_filter_by_wanted_translation(self):
        make_article(title_en="Half", title_zh_hans="", body_zh_hans="")
        make_article(title_en="Never", title_zh_hans="", body_zh_hans="", meant_for="en")
        make_article(title_en="Behind", stale="zh-hans")
        self.assertEqual(self.titles(translation="zh-hans"), {"Half", "Behind"})
        self.assertEqual(self.titles(translation="en"), set())

    def test_search_finds_by_title_and_author(self):
        self.findable(title_zh_hans="包饺子", title_en="Dumplings", author=self.alice)
        self.findable(title_en="Not out yet", status="draft", publish_at=None)
        self.assertEqual(self.titles(q="饺子"), {"Dumplings"})
        self.assertEqual(self.titles(q="jiaozi"), {"Dumplings"})
        self.assertEqual(self.titles(q="not out"), {"Not out yet"})
        self.assertEqual(self.titles(q=self.alice.display_name), {"Dumplings"})

    def test_query_count_does_not_grow(self):
        tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        self.article.tags.add(tag)
        self.client.get(LIST)
        with CaptureQueriesContext(connection) as few:
            self.client.get(LIST)
        for _number in range(20):
            make_article(cover=receive(make_upload(), self.wei)).tags.add(tag)
        with self.assertNumQueries(len(few)):
            self.client.get(LIST)

    def statements(self, **query):
        with CaptureQueriesContext(connection) as captured:
            self.client.get(LIST, query)
        return [each["sql"] for each in captured]

    def test_articles_are_looked_through_once_for_a_search(self):
        self.findable(title_en="Dumplings for two")
        looked = [sql for sql in self.statements(q="dumplings") if "core_entry" in sql]
        self.assertEqual(len(looked), 1)
        self.assertEqual(self.titles(q="dumplings"), {"Dumplings for two"})
        self.assertEqual(self.titles(q="dumplings", status="draft"), set())

    def test_a_search_that_finds_very_many_finds_all_of_them(self):
        for _number in range(3):
            self.findable(title_en="Snow")
        with patch.object(list_admin, "MOST_FOUND", 2):
            page = self.client.get(LIST, {"q": "snow"})
        self.assertEqual(page.context["cl"].result_count, 3)

    def test_years_lead_to_months_and_need_no_look_at_every_article(self):
        self.assertNotContains(self.client.get(LIST), "publish_at__year=2019")
        for year in (2019, 2021):
            make_article(title_en=f"Of {year}", publish_at=datetime(year, 5, 1, tzinfo=UTC))
        page = self.client.get(LIST)
        for year in (2019, 2021, self.article.year):
            self.assertContains(page, f"publish_at__year={year}")
        self.assertFalse([sql for sql in self.statements() if "trunc" in sql.lower()])
        self.assertEqual(self.titles(publish_at__year=2019), {"Of 2019"})

    def test_list_without_any_date_has_no_years(self):
        Article.objects.update(status="draft", publish_at=None)
        self.assertNotContains(self.client.get(LIST), "publish_at__year")

    def test_tags_are_offered_but_those_that_were_merged(self):
        snow = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        Tag.objects.create(slug="xue", name_zh_hans="落雪", name_en="Flakes", merged_into=snow)
        self.article.tags.add(snow)
        make_article(title_en="Dry")
        page = self.client.get(LIST)
        self.assertContains(page, f"?tags__id__exact={snow.pk}")
        self.assertNotContains(page, "Flakes")
        self.assertEqual(self.titles(tags__id__exact=snow.pk), {"Story 1"})
        self.assertFalse([sql for sql in self.statements() if "news_article_tags" in sql])

    def test_others_do_not_see_the_list(self):
        for who, status in ((None, 302), (self.alice, 403), (self.mona, 403)):
            with self.subTest(who=who):
                self.login(who)
                self.assertIn(self.client.get(LIST).status_code, {status, 302})
                self.assertNotIn(b"Story 1", self.client.get(LIST).content)


class ActTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.login(self.wei)
        self.two = [self.article, make_article()]

    def act(self, name, articles=None, **more):
        keys = [article.pk for article in articles or self.two]
        data = {"action": name, "_selected_action": keys, **more}
        return self.client.post(LIST, data, follow=True)

    def undo(self):
        return self.client.post(reverse("admin:news_article_undo"), follow=True)

    def statuses(self):
        return [Article.objects.get(pk=article.pk).status for article in self.two]

    def test_bulk_act_says_what_it_did_and_is_undone(self):
        page = self.act("archive")
        self.assertEqual(self.statuses(), ["archived", "archived"])
        self.assertContains(page, reverse("admin:news_article_undo"))
        page = self.undo()
        self.assertEqual(self.statuses(), ["published", "published"])
        self.assertNotContains(page, reverse("admin:news_article_undo"))
        self.assertTrue(all(Article.objects.get(pk=a.pk).takes_comments for a in self.two))

    def test_undo_leaves_what_was_changed_since(self):
        self.act("withdraw")
        self.act("publish", [self.two[0]])
        batch = Revision.objects.filter(article=self.two[1]).latest("number").batch
        session = self.client.session
        session["undo"]["batch"] = str(batch)
        session.save()
        self.undo()
        self.assertEqual(self.statuses(), ["published", "published"])
        self.assertEqual(Revision.objects.filter(article=self.two[0], action="undone").count(), 0)

    def test_undo_twice_does_nothing(self):
        self.act("archive")
        self.undo()
        revisions = Revision.objects.count()
        self.undo()
        self.assertEqual(
            (self.statuses(), Revision.objects.count()), (["published"] * 2, revisions)
        )

    def test_undo_is_for_editors_and_by_post(self):
        self.act("archive")
        self.assertEqual(self.client.get(reverse("admin:news_article_undo")).status_code, 405)
        self.login(self.mona)
        self.assertEqual(self.client.post(reverse("admin:news_article_undo")).status_code, 403)
        self.assertEqual(self.statuses(), ["archived", "archived"])

    def test_articles_move_to_another_category_and_back(self):
        other = Category.objects.create(slug="guides", name_zh_hans="攻略", name_en="Guides")
        before = self.article.category
        self.act("move", category=other.pk)
        self.assertEqual(Article.objects.filter(category=other).count(), 2)
        self.undo()
        self.assertEqual(Article.objects.filter(category=before).count(), 2)

    def test_moving_without_a_category_says_what_is_missing(self):
        page = self.act("move")
        self.assertEqual(page.context["messages"]._loaded_data[0].level_tag, "error")
        self.assertFalse(Revision.objects.exists())

    def test_acts_are_refused_to_those_who_may_not_publish(self):
        self.login(self.mona)
        self.act("withdraw")
        self.assertEqual(self.statuses(), ["published", "published"])
