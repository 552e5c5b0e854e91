"""What stands near an article: related, earlier, later, and the newest of its category."""

from datetime import timedelta
from itertools import pairwise

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_article
from members.moderation.models import State
from news import nearby
from news.models import Article, Category, Tag
from news.nearby import around

VISITOR = AnonymousUser()


def titles(articles):
    return [article.title_en for article in articles]


class NearbyTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.campus = Category.objects.create(slug="campus", name_zh_hans="校园", name_en="Campus")
        cls.tags = [
            Tag.objects.create(slug=f"tag-{n}", name_zh_hans=f"标签{n}", name_en=f"Tag {n}")
            for n in range(3)
        ]
        cls.now = timezone.now()

    def make(self, title, tags=(), hours=10, **changes):
        publish_at = self.now - timedelta(hours=hours)
        changes = {"title_en": title, "title_zh_hans": "", "publish_at": publish_at, **changes}
        article = make_article(**changes)
        article.tags.set(tags)
        return article

    def related(self, article, reader=VISITOR):
        return titles(around(article, reader).related)

    def test_related_are_those_with_most_tags_in_common_then_its_category_then_the_newest(self):
        one, two, three = self.tags
        article = self.make("This", [one, two, three])
        self.make("Two in common", [one, two], hours=900, category=self.campus)
        self.make("Three in common", [one, two, three], hours=1000, category=self.campus)
        self.make("One in common, elsewhere", [three], hours=2, category=self.campus)
        self.make("One in common, here", [three], hours=800)
        self.make("Here", hours=700)
        self.make("Elsewhere", hours=3, category=self.campus)
        self.assertEqual(
            self.related(article),
            ["Three in common", "Two in common", "One in common, here", "One in common, elsewhere"],
        )
        article.tags.clear()
        fresh = Article.objects.get(pk=article.pk)
        self.assertEqual(
            self.related(fresh),
            ["Story 1", "Here", "One in common, here", "One in common, elsewhere"],
        )

    def test_without_enough_of_its_category_the_newest_of_all_fill_up(self):
        article = self.make("This", category=self.campus)
        self.make("Also there", hours=900, category=self.campus)
        self.make("Old", hours=500)
        self.make("Newer", hours=20)
        self.make("Newest", hours=2)
        self.assertEqual(self.related(article), ["Also there", "Story 1", "Old", "Newest"])

    def test_never_itself_and_never_more_than_four(self):
        articles = [self.make(f"{n}", self.tags[:2]) for n in range(8)]
        for article in articles:
            found = around(article, VISITOR)
            self.assertEqual(len(found.related), nearby.RELATED)
            shown = [*found.related, *found.newest, found.earlier, found.later]
            self.assertNotIn(article, shown)

    def test_nothing_that_the_reader_may_not_read(self):
        one = self.tags[:1]
        article = self.make("This", one)
        later = timezone.now() + timedelta(hours=1)
        hidden = {
            "Draft": {"status": "draft", "publish_at": None},
            "Withdrawn": {"status": "withdrawn"},
            "Scheduled": {"publish_at": later},
            "Held": {"state": State.HELD},
        }
        for title, changes in hidden.items():
            self.make(title, one, **changes)
        self.make("For members", one, hours=9)
        Article.objects.filter(title_en="For members").update(audience="members")

        def shown(reader):
            found = around(article, reader)
            return set(
                titles([*found.related, *found.newest, found.later, found.earlier or article])
            )

        for reader in (VISITOR, self.nina):
            self.assertEqual(shown(reader), {"This", "Story 1"})
        for reader in (self.bob, self.wei):
            self.assertEqual(shown(reader), {"This", "Story 1", "For members"})
        self.assertEqual(around(article, self.bob).later.title_en, "For members")
        self.assertEqual(around(article, VISITOR).later.title_en, "Story 1")

    def test_earlier_and_later_lead_through_all_without_gap_even_in_the_same_second(self):
        at = self.now - timedelta(hours=30)
        rows = [make_article(publish_at=at) for _n in range(4)]
        first = self.make("First", hours=100)
        in_time = [first, *rows, self.article]
        for earlier, later in pairwise(in_time):
            self.assertEqual(around(earlier, VISITOR).later, later)
            self.assertEqual(around(later, VISITOR).earlier, earlier)
        self.assertIsNone(around(first, VISITOR).earlier)
        self.assertIsNone(around(self.article, VISITOR).later)

    def test_newest_of_the_category_in_their_order(self):
        article = self.make("This", hours=500)
        for n in range(1, 9):
            self.make(f"{n} hours", hours=n)
        self.make("Elsewhere", hours=1, category=self.campus)
        newest = titles(around(article, VISITOR).newest)
        self.assertEqual(len(newest), nearby.NEWEST)
        self.assertEqual(set(newest[:2]), {"Story 1", "1 hours"})
        self.assertEqual(newest[2:], ["2 hours", "3 hours", "4 hours", "5 hours"])

    def test_alone_there_is_nothing_near(self):
        found = around(self.article, VISITOR)
        self.assertEqual(found, nearby.Nearby())

    def test_draft_without_a_date_has_related_ones_and_nothing_before_or_after(self):
        draft = self.make("Draft", self.tags[:1], status="draft", publish_at=None)
        self.make("Related", self.tags[:1])
        found = around(draft, self.wei)
        self.assertEqual(titles(found.related), ["Related", "Story 1"])
        self.assertEqual((found.earlier, found.later), (None, None))

    def test_one_query_however_many_there_are(self):
        def count(many):
            for n in range(many):
                self.make(f"{many} {n}", self.tags, hours=20 + n)
            article = self.make(f"This {many}", self.tags)
            article = Article.objects.prefetch_related("tags").get(pk=article.pk)
            with self.assertNumQueries(1):
                found = around(article, self.bob)
                titles([*found.related, *found.newest, found.earlier, found.later])

        count(1)
        count(20)

    def test_stand_under_the_article(self):
        article = self.make("This", self.tags[:1], hours=24)
        self.make("Related <one>", self.tags[:1], hours=48)
        response = self.client.get(f"/en/news/{article.year}/{article.slug}/")
        self.assertContains(response, "Related articles")
        self.assertContains(response, "Related &lt;one&gt;")
        self.assertContains(response, f'rel="next" href="/en/news/{self.article.year}/story-1/"')
        self.assertContains(response, 'rel="prev"')
        draft = self.make("Draft", self.tags[:1], status="draft", publish_at=None)
        self.login(self.wei)
        response = self.client.get(draft.get_absolute_url())
        self.assertNotContains(response, 'class="related"')
