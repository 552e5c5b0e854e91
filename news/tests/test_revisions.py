from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from caisu.core import images
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.moderation import deciding, waiting
from members.moderation.models import Case, State
from news import publishing, restoring, revisions
from news.models import Article, Category, Revision, Tag


class RevisionsTestCase(CastTestCase):
    def save(self, article=None, by=None, **changes):
        """What somebody writes into an article; returns the revision."""
        article = Article.objects.get(pk=(article or self.article).pk)
        tags = changes.pop("tags", None)
        for name, value in changes.items():
            setattr(article, name, value)
        return publishing.save(article, by or self.wei, tags=tags)

    def now(self, article=None):
        return Article.objects.get(pk=(article or self.article).pk)


class HistoryTests(RevisionsTestCase):
    def test_newest_first_with_who_what_and_which_language(self):
        self.save(title_en="Late snow")
        self.save(by=self.root, body_zh_hans="<p>下雪了。</p>", summary_en="New.")
        self.save(byline="Somebody")
        entries = revisions.history(self.article)
        self.assertEqual([entry.number for entry in entries], [4, 3, 2, 1])
        self.assertEqual([entry.previous for entry in entries], [3, 2, 1, None])
        self.assertEqual([entry.changed for entry in entries], [[], ["zh-hans", "en"], ["en"], []])
        self.assertEqual([entry.by for entry in entries], [self.wei, self.root, self.wei, None])

    def test_pages_by_number_overlap_nowhere_and_know_what_came_before(self):
        for number in range(7):
            self.save(title_en=f"Story {number} again")
        first = revisions.history(self.article, size=3)
        self.assertEqual([entry.number for entry in first[:3]], [8, 7, 6])
        self.assertEqual(len(first), 4)
        second = revisions.history(self.article, before=6, size=3)
        self.assertEqual([entry.number for entry in second[:3]], [5, 4, 3])
        self.assertEqual(second[2].changed, ["en"])
        last = revisions.history(self.article, before=3, size=3)
        self.assertEqual([entry.number for entry in last], [2, 1])

    def test_as_many_queries_for_one_as_for_twenty(self):
        self.save(title_en="One")
        with self.assertNumQueries(2):
            revisions.history(self.article)
        for number in range(20):
            self.save(title_en=f"{number} again", by=self.root)
        with self.assertNumQueries(2):
            for entry in revisions.history(self.article):
                self.assertTrue(entry.by is None or entry.by.display_name)


class RestoreTests(RevisionsTestCase):
    def test_the_content_comes_back_as_a_new_revision(self):
        tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        self.save(body_en="<p>First.</p>", tags=[tag], is_pinned=True)
        self.save(body_en="<p>Second.</p>", title_zh_hans="改", tags=[], is_pinned=False)
        before = self.now()
        new = restoring.restore(self.article.revisions.get(number=2), self.root)
        now = self.now()
        self.assertEqual(now.body_en, "<p>First.</p>")
        self.assertEqual((now.title_zh_hans, now.is_pinned), ("第1条新闻", True))
        self.assertEqual(list(now.tags.all()), [tag])
        self.assertEqual(
            (new.number, new.action, new.by, new.note), (4, "restored", self.root, "#2")
        )
        self.assertEqual(now.version, 4)
        self.assertEqual(now.publish_at, before.publish_at)

    def test_status_date_address_and_author_stay(self):
        self.save(title_en="Changed", author=self.bob, slug="changed")
        publishing.withdraw(self.now(), self.wei)
        restoring.restore(self.article.revisions.get(number=1), self.wei)
        now = self.now()
        self.assertEqual(
            (now.status, now.slug, now.author, now.title_en),
            ("withdrawn", "changed", self.bob, "Story 1"),
        )

    def test_the_same_content_is_no_revision(self):
        self.save(title_en="Changed")
        publishing.archive(self.now(), self.wei)
        self.assertIsNone(restoring.restore(self.article.revisions.get(number=2), self.wei))
        self.assertEqual(self.now().version, 3)

    def test_somebody_who_saved_meanwhile_is_not_overwritten(self):
        self.save(title_en="Second")
        self.save(title_en="Third")
        with self.assertRaises(publishing.Conflict):
            restoring.restore(self.article.revisions.get(number=1), self.wei, base=2)
        self.assertEqual(self.now().title_en, "Third")

    def test_what_is_out_cannot_become_half_an_article(self):
        draft = make_article(status="draft", body_en="", body_zh_hans="", publish_at=None)
        self.save(draft, title_en="Half")
        self.save(draft, body_en="<p>Whole.</p>")
        publishing.publish(self.now(draft), self.wei)
        with self.assertRaises(restoring.Incomplete):
            restoring.restore(draft.revisions.get(number=2), self.wei)
        self.assertEqual(self.now(draft).body_en, "<p>Whole.</p>")

    def test_what_is_gone_meanwhile_stays_away(self):
        other = Category.objects.create(slug="other", name_zh_hans="其他", name_en="Other")
        self.save(category=other)
        self.save(category=self.article.category, title_en="Changed")
        other.delete()
        restoring.restore(self.article.revisions.get(number=2), self.wei)
        now = self.now()
        self.assertEqual((now.category, now.title_en), (self.article.category, "Story 1"))

    def test_pictures_open_with_the_text_that_shows_them(self):
        image = images.receive(make_upload(), self.wei)
        self.save(body_en=f'<p>Look.</p><figure><img src="{images.url(image)}" alt=""></figure>')
        self.save(body_en="<p>No picture.</p>")
        image.refresh_from_db()
        self.assertEqual(image.audience, Image.Audience.STAFF)
        restoring.restore(self.article.revisions.get(number=2), self.wei)
        image.refresh_from_db()
        self.assertEqual(image.audience, Image.Audience.EVERYONE)


class UndoTests(RevisionsTestCase):
    def setUp(self):
        super().setUp()
        self.batch = uuid4()

    def undo(self):
        return restoring.undo(self.batch, self.root)

    def test_archived_articles_are_as_they_were(self):
        articles = [self.article, make_article()]
        for article in articles:
            publishing.archive(self.now(article), self.wei, batch=self.batch)
        self.assertEqual(self.undo(), (2, 0))
        for article in articles:
            now = self.now(article)
            self.assertEqual((now.status, now.publish_at), ("published", article.publish_at))
            latest = revisions.latest(now)
            self.assertEqual((latest.action, latest.by, latest.number), ("undone", self.root, 3))

    def test_an_article_that_was_changed_since_is_left(self):
        other = make_article()
        for article in (self.article, other):
            publishing.archive(self.now(article), self.wei, batch=self.batch)
        self.save(other, title_en="Changed since")
        self.assertEqual(self.undo(), (1, 1))
        self.assertEqual(self.now(other).status, "archived")

    def test_a_second_time_changes_nothing(self):
        publishing.archive(self.now(), self.wei, batch=self.batch)
        self.undo()
        count = Revision.objects.count()
        self.assertEqual(self.undo(), (0, 1))
        self.assertEqual(Revision.objects.count(), count)
        self.assertEqual(restoring.undo(uuid4(), self.root), (0, 0))

    def test_a_published_draft_is_a_draft_without_a_time_again(self):
        draft = make_article(status="draft", publish_at=None)
        publishing.publish(self.now(draft), self.wei, batch=self.batch)
        self.assertEqual(self.undo(), (1, 0))
        now = self.now(draft)
        self.assertEqual((now.status, now.publish_at, now.is_public), ("draft", None, False))

    def test_an_article_that_moved_goes_back(self):
        other = Category.objects.create(slug="other", name_zh_hans="其他", name_en="Other")
        publishing.move(self.now(), self.wei, other, batch=self.batch)
        self.assertEqual(self.now().category, other)
        self.assertEqual(self.undo(), (1, 0))
        self.assertEqual(self.now().category, self.article.category)

    def test_an_article_whose_category_is_gone_is_left(self):
        other = Category.objects.create(slug="other", name_zh_hans="其他", name_en="Other")
        article = make_article(category=other)
        publishing.move(article, self.wei, self.article.category, batch=self.batch)
        other.delete()
        self.assertEqual(self.undo(), (0, 1))
        self.assertEqual(self.now(article).category, self.article.category)

    def test_two_acts_in_one_batch_go_back_together(self):
        other = Category.objects.create(slug="other", name_zh_hans="其他", name_en="Other")
        publishing.move(self.now(), self.wei, other, batch=self.batch)
        publishing.archive(self.now(), self.wei, batch=self.batch)
        self.assertEqual(self.undo(), (1, 0))
        now = self.now()
        self.assertEqual((now.category, now.status), (self.article.category, "published"))

    def test_a_submission_waits_again_as_if_nobody_had_approved_it(self):
        post = make_article(
            author=self.alice, status="submitted", publish_at=None, state=State.HELD
        )
        revisions.record(post, self.alice, "submitted")
        waiting.open_case("submission", post, self.alice, ["submitted"])
        publishing.publish(self.now(post), self.wei, batch=self.batch)
        self.alice.refresh_from_db()
        self.assertEqual(self.alice.approved_count, 11)
        self.assertEqual(self.client.get(self.now(post).get_absolute_url()).status_code, 200)
        self.assertEqual(self.undo(), (1, 0))
        now = self.now(post)
        self.assertEqual((now.status, now.state), ("submitted", State.HELD))
        case = Case.objects.about(post).open().get()
        self.assertEqual((case.kind, case.reasons), ("submission", ["submitted"]))
        self.alice.refresh_from_db()
        self.assertEqual(self.alice.approved_count, 10)
        self.assertEqual(self.client.get(now.get_absolute_url()).status_code, 404)

    def test_an_article_that_was_approved_earlier_stays_visible(self):
        post = make_article(
            author=self.alice, status="submitted", publish_at=None, state=State.HELD
        )
        deciding.approve(self.now(post), self.mona)
        revisions.record(post, self.alice, "submitted")
        Revision.objects.filter(article=post).update(at=timezone.now() + timedelta(seconds=1))
        publishing.publish(self.now(post), self.wei, batch=self.batch)
        self.assertEqual(self.undo(), (1, 0))
        self.assertEqual(self.now(post).state, State.VISIBLE)
