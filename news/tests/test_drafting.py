"""Working copies: what was typed and not saved."""

from datetime import timedelta
from importlib import import_module

from django.utils import timezone

from caisu.core import images, richtext
from caisu.core.jobs.declaring import PERIODIC
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_upload
from news import drafting, publishing
from news.models import WorkingCopy
from news.revisions import CONTENT, fields_of, put


class DraftingTests(CastTestCase):
    def fields(self, article=None, **changes):
        fields = fields_of(article or self.article)
        return {name: fields[name] for name in CONTENT} | changes

    def keep(self, who=None, article=None, **changes):
        article = article or self.article
        return drafting.keep(who or self.wei, self.fields(article, **changes), article, base=3)

    def age(self, copy, **ago):
        WorkingCopy.objects.filter(pk=copy.pk).update(updated_at=timezone.now() - timedelta(**ago))

    def test_an_article_has_one_copy_for_each_editor(self):
        first = self.keep(title_en="One")
        again = self.keep(title_en="Two")
        self.keep(self.root, title_en="Three")
        self.assertEqual(first.pk, again.pk)
        self.assertEqual(WorkingCopy.objects.count(), 2)
        kept = drafting.of(self.wei, self.article)
        self.assertEqual((kept.fields["title_en"], kept.base), ("Two", 3))
        self.article.refresh_from_db()
        self.assertEqual(self.article.title_en, "Story 1")

    def test_its_pictures_are_in_use_and_closed(self):
        cover, shown, other = (
            images.receive(make_upload(size=(60 + n, 40)), self.wei) for n in range(3)
        )
        copy = self.keep(
            body_en=f'<p>x</p><figure><img src="{images.url(shown)}"></figure>', cover=cover.pk
        )
        self.assertEqual(list(Image.objects.unused()), [other])
        self.assertEqual(images.uses(shown), [copy])
        images.settle([shown, cover])
        self.assertEqual({*Image.objects.values_list("audience", flat=True)}, {"staff"})
        self.keep(cover=cover.pk)
        self.assertEqual({*Image.objects.unused()}, {other, shown})
        drafting.discard(copy)
        self.assertEqual(Image.objects.unused().count(), 3)

    def test_it_keeps_no_picture_open_that_its_article_closes(self):
        image = images.receive(make_upload(), self.wei)
        article = make_article(cover=image)
        publishing.refresh(article)
        self.keep(article=article, title_en="Another")
        publishing.withdraw(article, self.wei)
        image.refresh_from_db()
        self.assertEqual(image.audience, Image.Audience.STAFF)

    def test_what_is_saved_already_needs_no_copy(self):
        self.keep(title_en="One")
        self.assertIsNone(self.keep())
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_a_note_or_a_time_alone_is_worth_keeping(self):
        for typed in (
            {"note": "why"},
            {"publish_at_0": "2030-01-01", "publish_at_1": "25:00"},
            {"slug": "another"},
            {"tags": [99]},
        ):
            self.assertIsNotNone(self.keep(**typed), typed)
        at = timezone.localtime(self.article.publish_at)
        same = {"publish_at_0": f"{at:%Y-%m-%d}", "publish_at_1": f"{at:%H:%M:%S}"}
        self.assertIsNone(self.keep(**same))

    def test_bodies_are_harmless_and_the_rest_stays_as_typed(self):
        copy = self.keep(body_en="<p onclick=x>a<script>b</script></p>", title_en="T" * 400)
        self.assertEqual(copy.fields["body_en"], "<p>a</p>")
        self.assertEqual(len(copy.fields["title_en"]), 400)

    def test_new_articles_are_told_apart_by_their_form_and_found_again_by_their_key(self):
        def keep(title, **which):
            return drafting.keep(self.wei, {"title_en": title}, **which)

        one, two = keep("One", token="a" * 8), keep("Two", token="b" * 8)
        self.assertNotEqual(one.pk, two.pk)
        self.assertEqual(keep("One, longer", token="a" * 8).pk, one.pk)
        self.assertEqual(keep("One, later", token="c" * 8, key=one.pk).pk, one.pk)
        titles = [copy.fields["title_en"] for copy in drafting.unfinished(self.wei)]
        self.assertEqual(titles, ["One, later", "Two"])
        self.assertFalse(drafting.unfinished(self.root).exists())
        # The key of somebody else's copy opens nothing.
        self.assertNotEqual(drafting.keep(self.root, {"title_en": "Mine"}, key=one.pk).pk, one.pk)

    def test_an_empty_new_article_is_not_kept(self):
        self.assertIsNone(drafting.keep(self.wei, {"title_en": " ", "body_en": "<p></p>"}))
        copy = drafting.keep(self.wei, {"title_en": "One"}, token="a" * 8)
        self.assertIsNone(drafting.keep(self.wei, {"title_en": ""}, token="a" * 8))
        self.assertFalse(WorkingCopy.objects.filter(pk=copy.pk).exists())

    def test_more_than_any_article_is_refused(self):
        for typed in (
            {"summary_en": "x" * (drafting.MAX_LENGTH + 1)},
            {"body_en": "x" * (richtext.MAX_LENGTH + 1)},
        ):
            with self.assertRaises(drafting.TooLong):
                self.keep(**typed)
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_an_edit_that_waits_for_review_is_left_alone(self):
        copy = self.keep(title_en="Proposed")
        WorkingCopy.objects.update(submitted_at=timezone.now())
        with self.assertRaises(drafting.AwaitsReview):
            self.keep(title_en="Typed on")
        self.assertFalse(drafting.discard(copy))
        self.assertIsNone(drafting.of(self.wei, self.article))
        self.assertEqual(drafting.writing_now(self.article, self.root), [])
        self.age(copy, days=100)
        self.assertEqual(drafting.tidy(), 0)
        copy.refresh_from_db()
        self.assertEqual(copy.fields["title_en"], "Proposed")

    def test_who_writes_now(self):
        copy = self.keep(title_en="One")
        self.assertEqual(drafting.writing_now(self.article, self.root), ["Wei"])
        self.assertEqual(drafting.writing_now(self.article, self.wei), [])
        self.assertEqual(drafting.writing_now(make_article(), self.root), [])
        self.age(copy, minutes=6)
        self.assertEqual(drafting.writing_now(self.article, self.root), [])

    def test_saved_is_forgotten_and_discarded_once(self):
        mine, other = self.keep(title_en="One"), self.keep(self.root, title_en="Two")
        new = drafting.keep(self.wei, {"title_en": "New"}, token="a" * 8)
        self.assertEqual(drafting.forget(self.wei, self.article, token="a" * 8), 2)
        self.assertEqual(list(WorkingCopy.objects.all()), [other])
        self.assertEqual(drafting.forget(self.wei, self.article), 0)
        self.assertFalse(drafting.discard(mine) or drafting.discard(new))
        self.assertTrue(drafting.discard(other))

    def test_what_was_given_up_goes_after_sixty_days(self):
        old, fresh = self.keep(title_en="One"), self.keep(self.root, title_en="Two")
        self.age(old, days=61)
        self.age(fresh, days=59)
        import_module("news.jobs")
        next(entry for name, entry in PERIODIC.items() if "tidy_working_copies" in name).function()
        self.assertEqual(list(WorkingCopy.objects.all()), [fresh])

    def test_a_copy_can_be_put_on_its_article(self):
        copy = self.keep(title_en="One", category=None, cover=999, tags=[1, 2], publish_at_0="?")
        tags = put(self.article, copy.fields)
        publishing.save(self.article, self.wei, tags=tags)
        self.article.refresh_from_db()
        self.assertEqual((self.article.title_en, self.article.cover), ("One", None))
