"""A member's posts and pictures: taken along, and kept or emptied when they go."""

from django.utils.translation import override

from caisu.core import fulltext, images
from caisu.core.fulltext.models import Entry
from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_upload
from news import personal, publishing, reviewing
from news.models import Article, Revision, WorkingCopy


class PersonalTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.post = make_article(author=self.alice, is_post=True, title_en="On the river")

    def picture(self, by):
        return images.receive(make_upload(), by=by)

    def show(self, image, post=None):
        post = post or self.post
        post.body_en = f'<p>See.</p><img src="/media/images/{image.token}/full.webp" alt="">'
        publishing.save(post, by=post.author)
        image.refresh_from_db()


class TakingAlongTests(PersonalTestCase):
    def part(self, name, member=None):
        return list(personal.exported(None, member or self.alice)[name])

    def test_posts_and_what_one_did_to_them(self):
        self.post.title_en = "On the Portneuf"
        publishing.save(self.post, by=self.alice)
        self.post.title_en = "An editor’s title"
        publishing.save(self.post, by=self.wei)
        (article,) = self.part("articles.json")
        self.assertEqual(article["title_en"], "An editor’s title")
        self.assertEqual(article["status"], "published")
        self.assertEqual(
            [each["title_en"] for each in self.part("revisions.json")], ["On the Portneuf"]
        )

    def test_unsaved_words(self):
        WorkingCopy.objects.create(editor=self.alice, fields={"title_en": "Half a title"})
        WorkingCopy.objects.create(editor=self.bob, fields={"title_en": "Bob’s"})
        (copy,) = self.part("unsaved.json")
        self.assertEqual(copy["title_en"], "Half a title")

    def test_pictures_as_files(self):
        image = self.picture(self.alice)
        parts = personal.exported(None, self.alice)
        (about,) = parts["pictures.json"]
        self.assertEqual(about["file"], f"pictures/{image.pk}.webp")
        self.assertEqual(parts[about["file"]].path, images.file_path(image, images.FULL))
        self.assertEqual(self.part("pictures.json", self.bob), [])

    def test_nothing_of_others(self):
        self.assertEqual(self.part("articles.json", self.bob), [])
        self.assertEqual(self.part("revisions.json", self.bob), [])


class LeavingTests(PersonalTestCase):
    def left(self, removes_contributions=True, member=None):
        member = member or self.alice
        with self.captureOnCommitCallbacks(execute=True):
            personal.left(None, member, removes_contributions=removes_contributions)

    def page(self, article):
        with override("en"):
            return article.get_absolute_url()

    def test_what_stays_is_untouched(self):
        self.left(removes_contributions=False)
        self.assertContains(self.client.get(self.page(self.post)), "On the river")

    def test_what_goes_is_emptied_and_its_address_says_so(self):
        publishing.refresh(self.post)
        self.post.title_en = "On the Portneuf"
        publishing.save(self.post, by=self.alice)
        fulltext.refresh(self.post)
        run_due()
        page = self.page(self.post)
        self.left()
        self.assertEqual(self.client.get(page).status_code, 410)
        self.post.refresh_from_db()
        for name in ("title_en", "title_zh_hans", "summary_en", "body_en", "body_zh_hans"):
            self.assertIn(getattr(self.post, name), {"", "–"})
        self.assertFalse(Revision.objects.filter(article=self.post).exists())
        found = Entry.objects.filter(kind="article", object_id=self.post.pk)
        self.assertFalse(found.exists())

    def test_what_others_said_under_it_is_not_lost(self):
        comment = make_comment(self.post, self.bob)
        make_comment(self.post, self.wei, parent=comment)
        self.left()
        self.assertEqual(self.post.comments.count(), 2)

    def test_its_pictures_go_with_it_unless_others_show_them(self):
        image = self.picture(self.alice)
        self.show(image)
        self.assertEqual(image.audience, Image.Audience.EVERYONE)
        other = make_article(author=self.wei)
        shared = images.store(
            images.read(make_upload(size=(320, 200))), Image(name="shared", uploaded_by=self.alice)
        )
        self.show(shared, other)
        self.left()
        self.assertFalse(Image.objects.filter(pk=image.pk).exists())
        shared.refresh_from_db()
        self.assertEqual(shared.audience, Image.Audience.EVERYONE)

    def test_pictures_of_others_in_it_are_closed(self):
        image = self.picture(self.bob)
        self.show(image)
        self.left()
        image.refresh_from_db()
        self.assertEqual(image.audience, Image.Audience.STAFF)

    def test_drafts_and_what_waits_go_in_any_case(self):
        draft = make_article(author=self.alice, is_post=True, status="draft", publish_at=None)
        handed_in = make_article(author=self.alice, is_post=True, status="draft", publish_at=None)
        reviewing.submit(handed_in, self.alice)
        self.left(removes_contributions=False)
        self.assertEqual(list(Article.objects.filter(author=self.alice)), [self.post])
        self.assertFalse(draft.__class__.objects.filter(pk=draft.pk).exists())

    def test_an_edit_that_waits_goes_and_leaves_the_queue(self):
        from members.moderation.models import Case

        changed = Article.objects.get(pk=self.post.pk)
        changed.title_en = "Another title"
        self.assertTrue(reviewing.propose(self.post, self.alice, changed, []))
        self.assertTrue(Case.objects.open().exists())
        self.left(removes_contributions=False)
        self.assertFalse(Case.objects.open().exists())
        self.assertFalse(WorkingCopy.objects.exists())
        self.post.refresh_from_db()
        self.assertEqual(self.post.title_en, "On the river")

    def test_news_of_the_association_stay(self):
        self.left(member=self.wei)
        self.assertContains(self.client.get(self.page(self.article)), self.article.title_en)

    def test_byline_that_repeats_the_name_goes(self):
        Article.objects.filter(pk=self.post.pk).update(byline="Text: Alice")
        self.left(removes_contributions=False)
        self.post.refresh_from_db()
        self.assertEqual(self.post.byline, "")

    def test_twice_is_once(self):
        self.left()
        before = list(Article.objects.order_by("pk").values_list("title_en", "status"))
        self.left()
        self.assertEqual(
            list(Article.objects.order_by("pk").values_list("title_en", "status")), before
        )
