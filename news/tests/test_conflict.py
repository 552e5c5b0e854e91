"""Two editors save the same article: the second chooses, and nothing is overwritten unseen."""

from html import unescape
from html.parser import HTMLParser

from django.urls import reverse

from caisu.core.images import receive
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_upload
from news import publishing
from news.models import Article, Category, Tag, WorkingCopy


class Fields(HTMLParser):
    """What a browser would send of a form: hidden inputs and chosen radio buttons."""

    def __init__(self, html):
        super().__init__()
        self.sent, self.picks = {}, {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name, value = attributes.get("name"), attributes.get("value", "")
        if tag != "input" or not name:
            return
        if attributes["type"] == "hidden":
            self.sent.setdefault(name, []).append(value)
        if attributes["type"] == "radio":
            self.picks.setdefault(name, []).append(value)
            if "checked" in attributes:
                self.sent[name] = [value]


class ConflictTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.article.body_en = "<p>One.</p><p>Two.</p><p>Three.</p>"
        publishing.save(self.article, self.wei)
        self.base = self.article.version
        self.url = reverse("admin:news_article_change", args=[self.article.pk])
        self.login(self.wei)
        self.client.get("/language/en/")

    def values(self, **changes):
        columns = ("title", "summary", "body")
        texts = {
            f"{c}_{code}": getattr(self.article, f"{c}_{code}")
            for c in columns
            for code in ("zh_hans", "en")
        }
        return {
            **texts,
            "category": self.article.category_id,
            "audience": "everyone",
            "author": self.wei.pk,
            "comments_open": "on",
            "publish_at_0": "",
            "publish_at_1": "",
            "slug": self.article.slug,
            "base": self.base,
            "draft": "a" * 16,
            **changes,
        }

    def theirs(self, tags=None, **changes):
        """Root saves first."""
        other = Article.objects.get(pk=self.article.pk)
        for name, value in changes.items():
            setattr(other, name, value)
        publishing.save(other, self.root, tags=tags, note="Root was here")
        return other

    def mine(self, **changes):
        return self.client.post(self.url, self.values(**changes))

    def fields(self, response):
        self.assertEqual(response.status_code, 200)
        self.assertTemplateUsed(response, "admin/news/article/conflict.html")
        return Fields(response.content.decode())

    def again(self, form, **changes):
        return self.client.post(self.url, form.sent | changes)

    def now(self):
        return Article.objects.get(pk=self.article.pk)

    def test_what_nobody_changed_of_a_long_text_is_left_out(self):
        lines = [f"<p>Line {number}.</p>" for number in range(30)]
        self.theirs(body_en="".join(lines))
        mine = "".join([*lines[:15], "<p>Something else.</p>", *lines[16:]])
        page = self.client.post(self.url, self.values(body_en=mine))
        self.assertContains(page, "Something")
        self.assertContains(page, "Line 14.</li>")
        self.assertNotContains(page, "Line 12.</li>")
        self.assertContains(page, '<li class="left-out">…</li>', 1)

    def test_the_second_to_save_sees_both_texts_and_nothing_is_written(self):
        self.theirs(title_en="Theirs")
        response = self.mine(title_en="Mine", note="For the history")
        form = self.fields(response)
        self.assertContains(response, "Root")
        self.assertContains(response, "Root was here")
        self.assertContains(response, "<del>Theirs</del><ins>Mine</ins>")
        self.assertEqual(self.now().title_en, "Theirs")
        self.assertEqual(form.sent["title_en"], ["Mine"])
        self.assertEqual(form.sent["note"], ["For the history"])
        self.assertEqual(form.picks["pick_title_en"], ["theirs", "mine"])
        self.assertNotIn("pick_title_en", form.sent)
        copy = WorkingCopy.objects.get()
        self.assertEqual((copy.editor, copy.fields["title_en"]), (self.wei, "Mine"))

    def test_either_text_can_be_chosen(self):
        for pick, title in (("theirs", "Theirs"), ("mine", "Mine")):
            self.article = self.now()
            self.base = self.article.version
            self.theirs(title_en="Theirs", summary_en=pick)
            form = self.fields(self.mine(title_en="Mine"))
            response = self.again(form, pick_title_en=pick)
            self.assertRedirects(response, reverse("admin:news_article_changelist"))
            self.assertEqual(self.now().title_en, title)
            self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_what_only_one_side_changed_is_chosen_already(self):
        self.theirs(summary_en="Their summary", audience="members")
        form = self.fields(self.mine(title_en="My title"))
        self.assertEqual(form.sent["pick_summary_en"], ["theirs"])
        self.assertEqual(form.sent["pick_audience"], ["theirs"])
        self.assertEqual(form.sent["pick_title_en"], ["mine"])
        self.again(form)
        now = self.now()
        self.assertEqual(
            (now.title_en, now.summary_en, now.audience), ("My title", "Their summary", "members")
        )

    def test_bodies_are_merged_by_paragraph(self):
        self.theirs(body_en="<p>One.</p><p>Two.</p><p>Three, theirs.</p>")
        form = self.fields(self.mine(body_en="<p>One, mine.</p><p>Two.</p><p>Three.</p>"))
        self.assertEqual(form.picks["pick_body_en"], ["theirs", "mine", "merged"])
        self.assertEqual(form.sent["pick_body_en"], ["merged"])
        self.again(form)
        self.assertEqual(self.now().body_en, "<p>One, mine.</p><p>Two.</p><p>Three, theirs.</p>")

    def test_paragraphs_that_both_changed_cannot_be_merged(self):
        self.theirs(body_en="<p>One, theirs.</p>")
        form = self.fields(self.mine(body_en="<p>One, mine.</p>"))
        self.assertEqual(form.picks["pick_body_en"], ["theirs", "mine"])
        self.assertNotIn("pick_body_en", form.sent)

    def test_an_undecided_choice_is_asked_again_with_the_others_kept(self):
        self.theirs(title_en="Theirs", summary_en="Their summary")
        form = self.fields(self.mine(title_en="Mine", summary_en="My summary"))
        response = self.again(form, pick_summary_en="mine")
        form = self.fields(response)
        self.assertContains(response, "Choose for every part")
        self.assertEqual(form.sent["pick_summary_en"], ["mine"])
        self.assertEqual(self.now().title_en, "Theirs")
        for nonsense in ("neither", "merged"):
            self.fields(self.again(form, pick_title_en=nonsense))
        self.again(form, pick_title_en="mine")
        self.assertEqual((self.now().title_en, self.now().summary_en), ("Mine", "My summary"))

    def test_a_third_save_conflicts_once_more(self):
        self.theirs(title_en="Theirs")
        form = self.fields(self.mine(title_en="Mine"))
        self.theirs(title_en="Theirs again")
        form = self.fields(self.again(form, pick_title_en="mine"))
        self.assertEqual(self.now().title_en, "Theirs again")
        self.again(form, pick_title_en="mine")
        self.assertEqual(self.now().title_en, "Mine")

    def test_tags_category_and_cover_are_chosen_too(self):
        tags = [Tag.objects.create(slug=s, name_zh_hans=s, name_en=s.upper()) for s in "ab"]
        events = Category.objects.create(slug="events", name_zh_hans="活动", name_en="Events")
        cover = receive(make_upload(), self.wei)
        self.theirs(
            tags=[tags[0]], category=events, cover=cover, is_pinned=True, comments_open=False
        )
        response = self.mine(tags=[tags[1].pk], comments_open="on")
        form = self.fields(response)
        self.assertContains(response, "Events")
        self.assertContains(response, cover.token)
        for name in ("category", "cover", "is_pinned", "comments_open"):
            self.assertEqual(form.sent[f"pick_{name}"], ["theirs"], name)
        self.again(form, pick_tags="theirs")
        now = self.now()
        self.assertEqual(list(now.tags.all()), [tags[0]])
        self.assertEqual((now.category, now.cover, now.is_pinned), (events, cover, True))
        self.assertFalse(now.comments_open)
        self.assertIsNotNone(now.publish_at)

    def test_a_picture_sent_with_the_losing_save_is_kept(self):
        self.theirs(title_en="Theirs")
        Image.objects.bulk_create([Image(pk=99, width=1, height=1)])  # keys of more than one digit
        data = self.values(new_cover=make_upload())
        form = self.fields(self.client.post(self.url, data))
        image = Image.objects.exclude(pk=99).get()
        self.assertEqual(form.sent["cover"], [str(image.pk)])
        self.again(form, pick_title_en="theirs")
        self.assertEqual(self.now().cover, image)

    def test_the_button_that_was_pressed_is_kept(self):
        publishing.withdraw(self.now(), self.root)
        self.base = self.now().version
        self.theirs(title_en="Theirs")
        form = self.fields(self.mine(title_en="Mine", _publish="Publish"))
        self.assertEqual(form.sent["_publish"], ["Publish"])
        self.again(form, pick_title_en="mine")
        self.assertEqual(self.now().status, "published")

    def test_an_act_of_somebody_else_is_a_conflict_with_nothing_to_undo(self):
        publishing.archive(self.now(), self.root)
        form = self.fields(self.mine(title_en="Mine"))
        self.again(form)
        self.assertEqual((self.now().title_en, self.now().status), ("Mine", "archived"))

    def test_an_article_older_than_its_revisions(self):
        Article.objects.update(version=0)
        self.article.revisions.all().delete()
        self.base = 0
        self.theirs(title_en="Theirs")
        form = self.fields(self.mine(summary_en="Mine"))
        self.assertEqual(form.sent["pick_title_en"], ["theirs"])
        self.assertEqual(form.sent["pick_summary_en"], ["mine"])

    def test_markup_of_either_side_is_shown_as_text(self):
        self.theirs(title_en="<b>Theirs</b>")
        response = self.mine(title_en='"><script>alert(1)</script>')
        self.assertNotContains(response, "<script>alert")
        self.assertNotContains(response, "<b>Theirs")
        form = self.fields(response)
        self.assertEqual(form.sent["title_en"], [unescape('"><script>alert(1)</script>')])

    def test_a_base_that_never_was(self):
        for base in ("99", "-1", "x", "9" * 30, "9" * 5000, "٣"):
            for resolving in ({}, {"_resolve": "1", "was": base}):
                response = self.mine(base=base, title_en="Mine", **resolving)
                self.assertEqual(response.status_code, 200, base)
            self.assertEqual(self.now().title_en, "Story 1")

    def test_only_editors_resolve(self):
        self.theirs(title_en="Theirs")
        form = self.fields(self.mine(title_en="Mine"))
        for who in (None, self.bob, self.mona):
            self.login(who)
            response = self.again(form, pick_title_en="mine")
            self.assertEqual(response.status_code, 403 if who else 302, who)
        self.assertEqual(self.now().title_en, "Theirs")
