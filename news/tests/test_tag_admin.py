from caisu.tests.cast import CastTestCase, make_article
from news import publishing, revisions, tagging
from news.models import Article, Category, Tag


class TagTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.snow = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        self.xue = Tag.objects.create(slug="xue", name_zh_hans="下雪", name_en="Snowing")
        self.article.tags.add(self.snow, self.xue)
        self.other = make_article()
        self.other.tags.add(self.xue)
        self.login(self.wei)

    def merge_url(self):
        return f"/admin/news/tag/merge/?tags={self.snow.pk},{self.xue.pk}"

    def test_merged_tag_gives_its_articles_away(self):
        self.assertEqual(tagging.merge([self.xue], self.snow), 2)
        for article in (self.article, self.other):
            self.assertEqual(list(article.tags.all()), [self.snow])
        self.assertEqual(list(Tag.objects.current()), [self.snow])

    def test_list_says_how_many_articles_have_a_tag(self):
        page = self.client.get("/admin/news/tag/")
        link = '<a href="/admin/news/article/?tags__id__exact={}">{}</a>'
        self.assertContains(page, link.format(self.snow.pk, 1), 1)
        self.assertContains(page, link.format(self.xue.pk, 2), 1)

    def test_what_was_merged_before_goes_along(self):
        third = Tag.objects.create(slug="winter", name_zh_hans="冬", name_en="Winter")
        tagging.merge([self.xue], self.snow)
        tagging.merge([self.snow], third)
        self.assertEqual(set(third.merged.all()), {self.snow, self.xue})

    def test_a_tag_is_not_merged_into_itself_or_one_that_is_gone(self):
        with self.assertRaises(ValueError):
            tagging.merge([self.snow], self.snow)
        tagging.merge([self.xue], self.snow)
        self.xue.refresh_from_db()
        with self.assertRaises(ValueError):
            tagging.merge([self.snow], self.xue)

    def test_an_old_revision_brings_back_the_tag_that_stayed(self):
        publishing.save(Article.objects.get(pk=self.other.pk), self.wei, tags=[self.xue])
        fields = revisions.latest(self.other).fields
        tagging.merge([self.xue], self.snow)
        self.assertEqual(revisions.put(Article.objects.get(pk=self.other.pk), fields), [self.snow])

    def test_editor_merges_by_the_list(self):
        keys = [self.snow.pk, self.xue.pk]
        asked = self.client.post(
            "/admin/news/tag/", {"action": "merge", "_selected_action": keys}, follow=True
        )
        self.assertContains(asked, "下雪")
        self.client.post(
            asked.request["PATH_INFO"] + "?" + asked.request["QUERY_STRING"], {"into": self.snow.pk}
        )
        self.assertEqual(list(Tag.objects.current()), [self.snow])
        listed = self.client.get("/admin/news/tag/")
        self.assertEqual([tag.slug for tag in listed.context["cl"].result_list], ["snow"])

    def test_one_tag_cannot_be_merged(self):
        self.client.post(
            "/admin/news/tag/", {"action": "merge", "_selected_action": [self.snow.pk]}
        )
        self.assertEqual(Tag.objects.current().count(), 2)
        for keys in ("", "x,y", "999999", "9" * 23):
            self.assertEqual(
                self.client.get(f"/admin/news/tag/merge/?tags={keys}").status_code, 302, keys
            )

    def test_merging_asks_which_one_stays(self):
        page = self.client.post(self.merge_url(), {})
        self.assertEqual((page.status_code, Tag.objects.current().count()), (200, 2))
        self.assertIn("into", page.context["form"].errors)

    def test_others_may_not_merge(self):
        for who in (None, self.alice, self.mona):
            self.login(who)
            self.assertIn(
                self.client.post(self.merge_url(), {"into": self.snow.pk}).status_code, {302, 403}
            )
        self.assertEqual(Tag.objects.current().count(), 2)

    def test_completion_offers_current_tags_only(self):
        tagging.merge([self.xue], self.snow)
        found = self.client.get(
            "/admin/autocomplete/",
            {"app_label": "news", "model_name": "article", "field_name": "tags", "term": "雪"},
        ).json()
        self.assertEqual([each["id"] for each in found["results"]], [str(self.snow.pk)])


class CategoryTests(CastTestCase):
    def test_list_shows_colour_and_count_and_keeps_its_query_count(self):
        self.login(self.wei)
        page = self.client.get("/admin/news/category/")
        self.assertContains(page, f'fill="{self.article.category.colour}"')
        self.assertContains(page, f"?category__id__exact={self.article.category_id}")

    def test_address_of_a_category_in_use_stays(self):
        self.login(self.wei)
        category = self.article.category
        self.client.post(
            f"/admin/news/category/{category.pk}/change/",
            {
                "slug": "elsewhere",
                "name_zh_hans": "新名字",
                "name_en": "New name",
                "colour": "#123456",
                "order": 3,
            },
        )
        category = Category.objects.get(pk=category.pk)
        self.assertEqual((category.slug, category.name_en), ("local-news", "New name"))

    def test_reserved_words_are_no_categories(self):
        self.login(self.wei)
        for slug in ("submit", "tag", "2027"):
            page = self.client.post(
                "/admin/news/category/add/",
                {
                    "slug": slug,
                    "name_zh_hans": "某",
                    "name_en": "Some",
                    "colour": "#123456",
                    "order": 0,
                },
            )
            self.assertIn("slug", page.context["adminform"].form.errors)
