"""The pages on which a member writes a post, submits it and follows it."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.contrib.messages import get_messages
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core import images, throttling
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.models import Member
from members.moderation import deciding
from members.moderation.models import Case
from news import publishing, reviewing
from news.models import Article, Tag, WorkingCopy
from news.submitting import views

Status = Article.Status
LIST = "/en/news/submit/"
NEW = "/en/news/submit/new/"


class SubmitTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        translation.activate("en")

    def values(self, **changes):
        return {
            "meant_for": "en",
            "title_en": "First snow",
            "summary_en": "It came early.",
            "body_en": "<p>It snows in Pocatello.</p>",
            "category": self.article.category_id,
            "token": uuid4(),
            "act": "submit",
            **changes,
        }

    def send(self, url=NEW, who=None, **changes):
        self.login(who or self.alice)
        values = {
            name: value for name, value in self.values(**changes).items() if value is not None
        }
        return self.client.post(url, values)

    def post(self, status="draft", author=None, **changes):
        """A post of Alice's, in that state."""
        values = {"title_en": "Snow", "title_zh_hans": "", "body_zh_hans": "", **changes}
        post = make_article(
            author=author or self.alice,
            is_post=True,
            meant_for="en",
            status=Status.DRAFT,
            publish_at=None,
            **values,
        )
        publishing.save(post, post.author)
        if status != "draft":
            reviewing.submit(post, post.author)
        if status == "published":
            reviewing.publish(post, self.wei)
        return self.fresh(post)

    def fresh(self, thing):
        return type(thing).objects.get(pk=thing.pk)

    def newest(self):
        return Article.objects.filter(is_post=True).latest("pk")

    def page(self, post):
        return reverse("news:post_edit", args=[post.pk])

    def told(self, response):
        return [str(message) for message in get_messages(response.wsgi_request)]


class ListTests(SubmitTestCase):
    def test_anonymous_is_led_to_the_login_and_back(self):
        self.assertRedirects(self.client.get(LIST), f"/en/accounts/login/?next={LIST}")

    def test_empty_list_invites(self):
        self.login(self.bob)
        response = self.client.get(LIST)
        self.assertContains(response, "Write your first post")
        self.assertContains(response, NEW)

    def test_every_state_is_said_with_the_editors_words(self):
        self.post(title_en="A draft")
        self.post("submitted", title_en="A waiting one")
        returned = self.post("submitted", title_en="A returned one")
        reviewing.give_back(returned, self.wei, "Which street?")
        refused = self.post("submitted", title_en="A refused one")
        reviewing.refuse(refused, self.wei, "An advertisement.")
        removed = self.post("submitted", title_en="A removed one")
        deciding.remove(removed, self.mona, "Names a neighbour.")
        self.post("published", title_en="One that is out")
        edited, edit = self.post("published", title_en="An edited one"), None
        edit = self.fresh(edited)
        edit.title_en = "An edited one, again"
        reviewing.propose(edited, self.alice, edit, [])
        self.login(self.alice)
        html = self.client.get(LIST).content.decode()
        for name in (
            *("draft", "waiting", "returned", "refused", "removed", "published"),
            "edit-waiting",
        ):
            with self.subTest(name=name):
                self.assertEqual(html.count(f'data-standing="{name}"'), 1)
        for words in ("Which street?", "An advertisement.", "Names a neighbour."):
            self.assertIn(words, html)

    def test_returned_edit_and_scheduled_post_are_said(self):
        post = self.post("published")
        edit = self.fresh(post)
        edit.title_en = "Snow again"
        reviewing.propose(post, self.alice, edit, [])
        reviewing.give_back_edit(post, self.wei, "Why again?")
        later = self.post("submitted", title_en="Later")
        reviewing.publish(later, self.wei, timezone.now() + timedelta(days=3))
        self.login(self.alice)
        response = self.client.get(LIST)
        self.assertContains(response, 'data-standing="edit-returned"')
        self.assertContains(response, "Why again?")
        self.assertContains(response, 'data-standing="scheduled"')

    def test_nothing_of_others_and_no_articles_of_editors(self):
        self.post("published", title_en="Of Alice")
        for who in (self.bob, self.wei, self.mona):
            self.login(who)
            response = self.client.get(LIST)
            self.assertNotContains(response, "Of Alice")
            self.assertNotContains(response, "data-standing")

    def test_it_costs_the_same_at_1_and_at_20(self):
        self.login(self.alice)
        counts = []
        for many in (1, 20):
            while Article.objects.filter(is_post=True).count() < many:
                reviewing.give_back(self.post("submitted"), self.wei, "Why?")
            self.client.get(LIST)
            with CaptureQueriesContext(connection) as queries:
                self.client.get(LIST)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 9)

    def test_pages_are_bounded(self):
        for _number in range(21):
            make_article(author=self.alice, is_post=True, status="draft", publish_at=None)
        self.login(self.alice)
        self.assertEqual(self.client.get(LIST).content.decode().count("data-standing"), 20)
        self.assertEqual(
            self.client.get(f"{LIST}?page=2").content.decode().count("data-standing"), 1
        )
        self.assertEqual(self.client.get(f"{LIST}?page=9").status_code, 404)


class NewTests(SubmitTestCase):
    def test_member_submits_and_is_thanked(self):
        response = self.send()
        self.assertRedirects(response, f"{LIST}?saved=new")
        self.assertIn("An editor reads your post", self.told(response)[0])
        post = self.newest()
        self.assertEqual(
            (post.author, post.status, post.state, post.slug),
            (self.alice, "submitted", "held", "first-snow"),
        )
        self.assertEqual(post.body_en, "<p>It snows in Pocatello.</p>")
        self.assertEqual(Case.objects.about(post).get().member, self.alice)

    def test_draft_may_have_holes_and_gets_a_title_for_the_time_being(self):
        response = self.send(act="save", title_en="", body_en="")
        post = self.newest()
        self.assertRedirects(response, f"{self.page(post)}?saved=new")
        self.assertEqual((post.status, post.title_en), ("draft", "Untitled"))
        self.assertNotContains(self.client.get(self.page(post)), 'value="Untitled"')
        self.send(self.page(post), base=post.version)
        self.assertEqual(self.fresh(post).slug, "first-snow")

    def test_each_language_needs_its_title_and_text(self):
        for changes in (
            {"title_en": ""},
            {"title_en": "Untitled"},
            {"body_en": "<p> </p>"},
            {"body_en": "<p><script>alert(1)</script></p>"},
            {"meant_for": "both"},
            {"meant_for": "both", "title_zh_hans": "初雪"},
            {"meant_for": ""},
            {"meant_for": "fr"},
            {"category": ""},
        ):
            with self.subTest(changes=changes):
                response = self.send(**changes)
                self.assertContains(response, "errorlist")
                self.assertContains(response, "It came early.")
        self.assertFalse(Article.objects.filter(is_post=True).exists())

    def test_both_languages_are_taken(self):
        self.send(meant_for="both", title_zh_hans="初雪", body_zh_hans="<p>下雪了。</p>")
        self.assertEqual(self.newest().languages, ["zh-hans", "en"])

    def test_something_in_the_other_language_is_asked_about_and_kept(self):
        response = self.send(body_zh_hans="<p>下雪了。</p>")
        self.assertContains(response, "Choose both languages, or empty it.")
        self.assertContains(response, "下雪了。")
        self.assertEqual(self.send(act="save", body_zh_hans="<p>下雪了。</p>").status_code, 302)
        self.assertEqual(self.newest().body_zh_hans, "<p>下雪了。</p>")

    def test_language_of_the_page_is_the_default(self):
        self.login(self.alice)
        for language in ("zh-hans", "en"):
            html = self.client.get(f"/{language}/news/submit/new/").content.decode()
            checked = f'name="meant_for" value="{language}"'
            self.assertRegex(html, f"{checked}[^>]* checked")

    def test_plain_text_gets_its_paragraphs(self):
        self.send(body_en="One <3 two & three.\r\nA line.\r\n\r\nhttps://x.example/ is no link.")
        self.assertEqual(
            self.newest().body_en,
            "<p>One &lt;3 two &amp; three.<br>A line.</p>\n<p>https://x.example/ is no link.</p>",
        )

    def test_text_of_the_editor_is_cleaned(self):
        self.send(body_en='<p onclick="x()">It <b>snows</b>.</p><script>alert(1)</script>')
        self.assertEqual(self.newest().body_en, "<p>It <strong>snows</strong>.</p>")

    def test_what_members_may_not_set_is_not_set(self):
        self.send(
            author=self.wei.pk,
            status="published",
            state="visible",
            publish_at="2026-01-01",
            publish_at_0="2026-01-01",
            publish_at_1="00:00",
            audience="members",
            is_featured="on",
            is_pinned="on",
            comments_open="",
            slug="mine",
            byline="The Webmaster",
            view_count="9999",
            is_post="",
            version="77",
            pk=self.article.pk,
            id=self.article.pk,
        )
        post = self.newest()
        self.assertEqual(
            (post.author, post.status, post.state, post.publish_at, post.audience, post.slug),
            (self.alice, "submitted", "held", None, "everyone", "first-snow"),
        )
        self.assertEqual((post.is_featured, post.is_pinned, post.comments_open), (0, 0, 1))
        self.assertEqual((post.byline, post.view_count, post.is_post), ("", 0, True))
        self.assertEqual(self.fresh(self.article).title_en, self.article.title_en)

    def test_tags_are_current_ones_and_at_most_five(self):
        tags = [Tag.objects.create(slug=f"t{n}", name_zh_hans="签", name_en="T") for n in range(7)]
        Tag.objects.filter(pk=tags[6].pk).update(merged_into=tags[0])
        self.send(tags=[tag.pk for tag in tags[:5]])
        self.assertEqual(self.newest().tags.count(), 5)
        for chosen in (tags[:6], [tags[6]]):
            self.assertContains(self.send(tags=[tag.pk for tag in chosen]), "errorlist")

    def test_reprint_names_its_source(self):
        self.send(source="Idaho State Journal", source_url="www.idahostatejournal.com/x")
        post = self.newest()
        self.assertEqual(post.source, "Idaho State Journal")
        self.assertEqual(post.source_url, "https://www.idahostatejournal.com/x")
        response = self.send(source_url="javascript:alert(1)")
        self.assertContains(response, "errorlist")
        self.assertContains(response, '<details class="reprint" open>')

    def test_too_long_a_title_is_told_and_kept(self):
        response = self.send(title_en="S" * 151)
        self.assertContains(response, "errorlist")
        self.assertContains(response, "S" * 151)

    def test_hostile_and_endless_bodies_come_back_or_come_out_clean(self):
        for body, status in (
            ("<b>" * 100_001, 200),
            ("x" * 300_001, 200),
            ("<div>" * 50_000 + "Deep." + "</div>" * 3, 302),
            ('<p>Text <a href="javascript:alert(1)">here</a><svg onload=alert(1)></p>', 302),
        ):
            with self.subTest(body=body[:30]):
                response = self.send(body_en=body)
                self.assertEqual(response.status_code, status)
                if status == 200:
                    self.assertContains(response, "This text is too long")
                else:
                    self.assertNotIn("alert", self.newest().body_en)
                cache.clear()

    def test_two_clicks_are_one_post(self):
        token = uuid4()
        first, second = self.send(token=token), self.send(token=token)
        self.assertEqual(Article.objects.filter(is_post=True).count(), 1)
        self.assertEqual(first.url, second.url)
        self.assertEqual(Case.objects.about(self.newest()).count(), 1)

    def test_form_without_a_token_or_with_a_made_up_one_is_a_form_like_others(self):
        self.assertEqual(self.send(token=None).status_code, 302)
        self.assertEqual(Article.objects.filter(is_post=True).count(), 1)

    def test_pending_member_writes_and_waits(self):
        self.assertEqual(self.send(who=self.nina).status_code, 302)
        self.assertEqual(
            Case.objects.about(self.newest()).get().reasons[:3], ["submitted", "pending", "first"]
        )

    def test_moderator_waits_and_editor_publishes(self):
        self.send(who=self.mona)
        self.assertEqual(self.newest().state, "held")
        self.login(self.wei)
        self.assertContains(self.client.get(NEW), ">Publish<")
        response = self.send(who=self.wei)
        self.assertEqual(self.told(response), ["Your post is published."])
        self.assertTrue(self.newest().is_public)

    def test_suspended_member_is_led_to_the_login(self):
        self.login(self.bob)
        until = timezone.now() + timedelta(days=1)
        deciding.suspend(self.bob, self.mona, until)
        response = self.client.post(NEW, self.values())
        self.assertEqual(response.status_code, 302)
        self.assertIn("/accounts/login/", response.url)
        self.assertFalse(Article.objects.filter(is_post=True).exists())

    def test_anonymous_text_waits_for_the_login(self):
        typed = self.values(body_en="<p>Typed for an hour.</p>", writer=self.alice.pk)
        response = self.client.post(NEW, typed)
        self.assertRedirects(response, f"/en/accounts/login/?next={NEW}")
        self.client.force_login(self.alice)
        self.assertContains(self.client.get(NEW), "Typed for an hour.")
        self.assertNotContains(self.client.get(NEW), "Typed for an hour.")

    def test_nobody_else_gets_what_was_typed_at_a_shared_computer(self):
        self.client.post(NEW, self.values(body_en="<p>Dear diary.</p>", writer=self.alice.pk))
        for member in (self.bob, self.alice):
            self.client.force_login(member)
            self.assertNotContains(self.client.get(NEW), "Dear diary.")

    def test_page_works_in_both_languages_with_all_its_parts(self):
        self.login(self.alice)
        for language in ("zh-hans", "en"):
            html = self.client.get(f"/{language}/news/submit/new/").content.decode()
            for part in ('id="post-form"', "/terms/", 'name="body_zh_hans"', 'name="body_en"'):
                self.assertIn(part, html)
        self.assertNotIn('"library": "/', html)


class LimitTests(SubmitTestCase):
    def at(self, seconds):
        return mock.patch.object(throttling, "clock", return_value=1_900_800_000 + seconds)

    def test_second_post_within_15_seconds_is_too_fast_and_comes_back(self):
        with self.at(0):
            self.assertEqual(self.send().status_code, 302)
            response = self.send(body_en="<p>The second text of the minute.</p>")
        self.assertEqual(response.status_code, 429)
        self.assertIn("Retry-After", response)
        self.assertContains(response, "The second text of the minute.", status_code=429)
        with self.at(15):
            self.assertEqual(self.send().status_code, 302)

    def test_what_was_too_fast_is_not_let_through_by_sending_it_again(self):
        token = uuid4()
        with self.at(0):
            self.send()
            for _attempt in range(2):
                self.assertEqual(self.send(token=token).status_code, 429)

    def test_newcomer_waits_two_minutes_and_writes_three_on_the_first_day(self):
        soon, late = timezone.now(), timezone.now() + timedelta(days=2)
        for number, (now, status) in enumerate(
            [(soon, 302), (soon, 302), (soon, 302), (soon, 429), (late, 302), (late, 302)]
        ):
            with (
                self.at(120 * number),
                mock.patch("members.trust.timezone.now", return_value=now),
            ):
                self.assertEqual(self.send(who=self.nina).status_code, status, number)
        with self.at(719):
            self.assertEqual(self.send(who=self.nina).status_code, 429)

    def test_twenty_a_day(self):
        for number in range(21):
            with self.at(15 * number):
                status = self.send(act="save").status_code
            self.assertEqual(status, 302 if number < 20 else 429, number)

    def test_writing_and_deleting_again_and_again_has_an_end(self):
        token = str(uuid4())
        for number in range(31):
            status = self.send(act="save", token=token).status_code
            self.assertEqual(status, 302 if number < 30 else 429, number)
            Article.objects.filter(author=self.alice).delete()

    def test_changes_of_a_day_have_an_end_too(self):
        post = self.post()
        fewer = throttling.Limit("post-change-day", times=2, seconds=24 * 3600)
        with mock.patch.object(views, "CHANGES_IN_A_DAY", fewer):
            for number in range(3):
                base = Article.objects.get(pk=post.pk).version
                text = f"<p>The text of the day, number {number}.</p>"
                response = self.send(self.page(post), act="save", base=base, body_en=text)
                self.assertEqual(response.status_code, 302 if number < 2 else 429, number)
        self.assertContains(response, "The text of the day, number 2.", status_code=429)


class CoverTests(SubmitTestCase):
    def test_cover_is_the_members_and_closed_until_the_post_is_out(self):
        self.send(new_cover=make_upload("snow.jpg"))
        post = self.newest()
        self.assertEqual((post.cover.uploaded_by, post.cover.audience), (self.alice, "staff"))
        reviewing.publish(post, self.wei)
        self.assertEqual(Image.objects.get().audience, "everyone")

    def test_cover_outlives_an_error_elsewhere(self):
        response = self.send(title_en="", new_cover=make_upload())
        token = Image.objects.get().token
        self.assertContains(response, f'value="{token}"')
        self.assertContains(response, "<figure>")
        self.send(cover_token=token)
        self.assertEqual(self.newest().cover.token, token)

    def test_pictures_come_with_approval(self):
        self.login(self.nina)
        page = self.client.get("/en/news/submit/new/")
        self.assertContains(page, "once you are approved")
        self.assertNotContains(page, 'name="new_cover"')
        self.assertContains(page, "&quot;upload&quot;: &quot;&quot;", 2)
        response = self.send(who=self.nina, new_cover=make_upload())
        self.assertEqual(response.status_code, 302)
        self.assertIsNone(self.newest().cover)
        self.login(self.alice)
        page = self.client.get("/en/news/submit/new/")
        self.assertContains(page, 'name="new_cover"')

    def test_pictures_of_others_cannot_be_taken(self):
        other = images.receive(make_upload("other.jpg", (800, 600)), self.bob)
        for token in (other.token, "0" * 32, "x" * 500):
            self.send(cover_token=token, act="save")
            self.assertIsNone(self.newest().cover)
            cache.clear()

    def test_cover_is_left_out_or_replaced(self):
        self.send(act="save", new_cover=make_upload())
        post = self.newest()
        old = post.cover
        self.send(
            self.page(post),
            act="save",
            base=post.version,
            cover_token=old.token,
            new_cover=make_upload("two.jpg", (700, 500)),
        )
        post = self.fresh(post)
        self.assertNotEqual(post.cover, old)
        self.send(self.page(post), act="save", base=post.version, no_cover="on")
        self.assertIsNone(self.fresh(post).cover)

    def test_no_picture_is_told_and_the_text_stays(self):
        upload = SimpleUploadedFile("virus.jpg", b"MZ not a picture", "image/jpeg")
        response = self.send(new_cover=upload)
        self.assertContains(response, "errorlist")
        self.assertContains(response, "It snows in Pocatello.")
        self.assertFalse(Image.objects.exists())

    def test_too_many_pictures_a_day_are_told_at_the_field(self):
        none = throttling.Limit("none", times=0, seconds=60)
        with mock.patch("news.submitting.forms.UPLOADS_OF_A_MEMBER", none):
            for _picture in range(2):
                response = self.send(new_cover=make_upload(), title_en="")
        self.assertContains(response, "Please send this one tomorrow.")
        self.assertContains(response, "It snows in Pocatello.")


class EditTests(SubmitTestCase):
    def change(self, post, who=None, **changes):
        return self.send(self.page(post), who, base=self.fresh(post).version, **changes)

    def test_draft_is_saved_and_handed_in(self):
        post = self.post()
        self.assertRedirects(
            self.change(post, act="save", title_en="Snow, still"),
            f"{self.page(post)}?saved={post.pk}",
        )
        self.assertEqual(
            (self.fresh(post).title_en, self.fresh(post).status), ("Snow, still", "draft")
        )
        self.change(post)
        self.assertEqual((self.fresh(post).status, self.fresh(post).state), ("submitted", "held"))

    def test_waiting_post_can_be_changed_and_waits_on(self):
        post = self.post("submitted")
        self.login(self.alice)
        self.assertContains(self.client.get(self.page(post)), "Take the post back")
        response = self.change(post, title_en="Snow, changed", act="save")
        self.assertIn("still awaits review", self.told(response)[0])
        post = self.fresh(post)
        self.assertEqual(
            (post.title_en, post.state, post.author), ("Snow, changed", "held", self.alice)
        )
        self.assertContains(self.change(post, title_en="", act="save"), "errorlist")

    def test_returned_post_shows_the_note_and_is_sent_again(self):
        post = self.post("submitted")
        reviewing.give_back(post, self.wei, "Which street?")
        self.login(self.alice)
        self.assertContains(self.client.get(self.page(post)), "Which street?")
        self.change(post)
        self.assertEqual(self.fresh(post).status, "submitted")

    def test_published_post_keeps_its_text_while_the_change_waits(self):
        post = self.post("published")
        response = self.change(post, title_en="Snow again")
        self.assertRedirects(response, f"{LIST}?saved={post.pk}")
        self.assertEqual((self.fresh(post).title_en, self.fresh(post).is_public), ("Snow", True))
        copy = WorkingCopy.objects.get()
        self.assertIsNotNone(copy.submitted_at)
        page = self.client.get(self.page(post))
        self.assertContains(page, "Snow again")
        self.assertContains(page, 'data-standing="edit-waiting"')
        self.assertNotContains(page, "data-keep=")
        self.change(post, title_en="Snow, third")
        self.assertEqual(WorkingCopy.objects.get().fields["title_en"], "Snow, third")
        self.assertEqual(Case.objects.about(post).open().count(), 1)

    def test_trusted_author_waits_too_and_staff_fields_stay_closed(self):
        post = self.post("published")
        self.change(post, is_pinned="on", status="withdrawn", audience="members", slug="mine")
        copy = WorkingCopy.objects.get()
        self.assertEqual(set(copy.fields), set(reviewing.AUTHORS))

    def test_change_is_kept_for_later_taken_back_and_thrown_away(self):
        post = self.post("published")
        self.change(post, title_en="Snow again", act="save")
        self.assertIsNone(WorkingCopy.objects.get().submitted_at)
        self.assertFalse(Case.objects.about(post).open().exists())
        page = self.client.get(self.page(post))
        self.assertContains(page, "Snow again")
        self.assertContains(page, reverse("news:post_discard", args=[post.pk]))
        self.change(post, title_en="Snow again")
        self.client.post(reverse("news:post_take_back", args=[post.pk]))
        self.assertFalse(Case.objects.about(post).open().exists())
        self.client.post(reverse("news:post_discard", args=[post.pk]))
        self.assertFalse(WorkingCopy.objects.exists())
        self.assertNotContains(self.client.get(self.page(post)), "Snow again")

    def test_nothing_changed_is_said(self):
        post = self.post("published")
        response = self.change(
            post,
            title_en=post.title_en,
            summary_en=post.summary_en,
            body_en=post.body_en,
            summary_zh_hans=post.summary_zh_hans,
            meant_for="both",
            act="save",
        )
        self.assertEqual(response.status_code, 302)
        post = self.post("published", summary_zh_hans="")
        response = self.change(
            post, title_en=post.title_en, summary_en=post.summary_en, body_en=post.body_en
        )
        self.assertEqual(self.told(response)[-1], "Nothing has changed.")

    def test_editors_change_of_their_own_post_is_out_at_once(self):
        post = self.post("published", author=self.wei)
        self.change(post, self.wei, title_en="Snow again")
        self.assertEqual(
            (self.fresh(post).title_en, self.fresh(post).is_public), ("Snow again", True)
        )
        self.assertFalse(WorkingCopy.objects.exists())

    def test_what_an_editor_changed_meanwhile_is_not_overwritten_unseen(self):
        post = self.post("submitted")
        base = post.version
        post.title_en = "Snow, mended"
        publishing.save(post, self.wei)
        response = self.send(self.page(post), base=base, title_en="Snow, mine")
        self.assertContains(response, "Somebody else changed this post")
        self.assertContains(response, "Snow, mine")
        self.assertContains(response, f'value="{post.version}"')
        self.assertEqual(self.fresh(post).title_en, "Snow, mended")
        self.send(self.page(post), base=post.version, title_en="Snow, mine")
        self.assertEqual(self.fresh(post).title_en, "Snow, mine")

    def test_published_meanwhile_it_becomes_a_change_that_waits(self):
        post = self.post("submitted")
        base = post.version
        reviewing.publish(post, self.wei)
        self.send(self.page(post), base=base, title_en="Snow, late")
        self.assertEqual(self.fresh(post).title_en, "Snow")
        copy = WorkingCopy.objects.get()
        self.assertEqual((copy.base, bool(copy.submitted_at)), (base, True))

    def test_broken_form_comes_back_with_everything(self):
        post = self.post()
        response = self.change(post, title_en="", body_en="<p>An hour of work.</p>")
        self.assertContains(response, "An hour of work.")
        self.assertContains(response, "errorlist")

    def test_strangers_find_nothing_and_anonymous_logs_in(self):
        post = self.post("submitted", body_en="<p>Canary.</p>")
        urls = [self.page(post)] + [
            reverse(f"news:post_{name}", args=[post.pk])
            for name in ("keep", "take_back", "discard", "delete")
        ]
        for who in (self.bob, self.nina, self.mona, self.wei):
            self.login(who)
            for url in urls:
                with self.subTest(who=who, url=url):
                    response = self.client.post(url, self.values(base=post.version))
                    self.assertEqual(response.status_code, 404)
        self.login(None)
        for url in urls:
            response = self.client.post(url, self.values())
            self.assertEqual(response.status_code, 302)
            self.assertIn("/accounts/login/?next=", response.url)
        self.assertEqual(self.fresh(post).title_en, "Snow")

    def test_articles_of_editors_are_no_posts_even_to_their_authors(self):
        self.login(self.wei)
        self.assertEqual(self.client.get(self.page(self.article)).status_code, 404)

    def test_refused_removed_and_archived_posts_are_closed(self):
        refused = self.post("submitted")
        reviewing.refuse(refused, self.wei, "No.")
        archived = self.post("published")
        publishing.archive(archived, self.wei)
        withdrawn = self.post("published")
        publishing.withdraw(withdrawn, self.wei)
        for post in (refused, archived, withdrawn):
            response = self.change(post, title_en="Cheap watches, very cheap watches")
            self.assertEqual(response.status_code, 403)
            self.assertContains(response, "very cheap watches", status_code=403)
            self.assertEqual(self.fresh(post).title_en, "Snow")

    def test_missing_post_is_not_found(self):
        self.login(self.alice)
        self.assertEqual(self.client.get("/en/news/submit/999999/").status_code, 404)

    def test_page_costs_at_most_twelve_queries(self):
        post = self.post("submitted")
        reviewing.give_back(post, self.wei, "Why?")
        self.login(self.alice)
        self.client.get(self.page(post))
        with CaptureQueriesContext(connection) as queries:
            self.client.get(self.page(post))
        self.assertLessEqual(len(queries), 12)


class KeepTests(SubmitTestCase):
    def keep(self, post, who=None, **changes):
        self.login(who or self.alice)
        values = self.values(base=post.version, **changes)
        values.pop("token")
        return self.client.post(reverse("news:post_keep", args=[post.pk]), values)

    def test_typed_text_is_kept_and_offered_and_the_post_stays(self):
        post = self.post()
        self.assertEqual(self.keep(post, title_en="Half a ti").json(), {"kept": True})
        self.assertEqual(self.fresh(post).title_en, "Snow")
        page = self.client.get(self.page(post))
        self.assertContains(page, "Half a ti")
        self.assertContains(page, "This is what you wrote and have not sent")
        self.send(self.page(post), act="save", base=post.version)
        self.assertFalse(WorkingCopy.objects.exists())

    def test_what_waits_is_not_changed_by_typing(self):
        post = self.post("published")
        self.send(self.page(post), base=post.version, title_en="Snow again")
        self.keep(post, title_en="Cheap watches")
        self.assertEqual(WorkingCopy.objects.get().fields["title_en"], "Snow again")

    def test_wrong_values_and_get_are_refused(self):
        post = self.post()
        self.assertEqual(self.keep(post, title_en="S" * 151).status_code, 400)
        url = reverse("news:post_keep", args=[post.pk])
        self.assertEqual(self.client.get(url).status_code, 405)
        self.assertFalse(WorkingCopy.objects.exists())


class TakeBackTests(SubmitTestCase):
    def take_back(self, post):
        self.login(self.alice)
        return self.client.post(reverse("news:post_take_back", args=[post.pk]))

    def test_submission_is_a_draft_again(self):
        post = self.post("submitted")
        self.assertRedirects(self.take_back(post), self.page(post))
        self.assertEqual((self.fresh(post).status, self.fresh(post).state), ("draft", "visible"))
        self.assertFalse(Case.objects.open().exists())

    def test_second_click_says_that_nothing_waits(self):
        post = self.post("submitted")
        self.take_back(post)
        self.assertIn("nothing to take back", self.told(self.take_back(post))[-1])

    def test_get_is_refused(self):
        post = self.post("submitted")
        self.login(self.alice)
        url = reverse("news:post_take_back", args=[post.pk])
        self.assertEqual(self.client.get(url).status_code, 405)
        self.assertEqual(self.fresh(post).status, "submitted")


class DeleteTests(SubmitTestCase):
    def test_draft_is_deleted_after_a_question(self):
        post = self.post()
        url = reverse("news:post_delete", args=[post.pk])
        self.login(self.alice)
        self.assertContains(self.client.get(url), "Delete this draft?")
        self.assertTrue(Article.objects.filter(pk=post.pk).exists())
        self.assertRedirects(self.client.post(url), f"{LIST}?saved={post.pk}")
        self.assertFalse(Article.objects.filter(pk=post.pk).exists())
        for gone in (url, self.page(post)):
            self.assertEqual(self.client.post(gone).status_code, 404)

    def test_discard_asks_first(self):
        post = self.post("published")
        self.send(self.page(post), base=post.version, title_en="Snow again", act="save")
        url = reverse("news:post_discard", args=[post.pk])
        self.assertContains(self.client.get(url), "Throw your change away?")
        self.assertTrue(WorkingCopy.objects.exists())

    def test_what_waits_or_is_out_is_not_deleted(self):
        for status in ("submitted", "published"):
            post = self.post(status)
            self.login(self.alice)
            response = self.client.post(reverse("news:post_delete", args=[post.pk]))
            self.assertEqual(response.status_code, 403)
            self.assertTrue(Article.objects.filter(pk=post.pk).exists())


class ReaderTests(SubmitTestCase):
    def test_author_sees_the_state_and_the_way_to_edit_and_others_nothing(self):
        post = self.post("submitted")
        self.login(self.alice)
        response = self.client.get(post.get_absolute_url())
        self.assertContains(response, "Awaiting review")
        self.assertContains(response, self.page(post))
        for who in (None, self.bob, self.mona):
            self.login(who)
            self.assertEqual(self.client.get(post.get_absolute_url()).status_code, 404)

    def test_way_to_write_is_on_every_page_of_a_member_only(self):
        self.assertNotContains(self.client.get("/en/"), LIST)
        for who in (self.bob, self.nina):
            self.login(who)
            self.assertContains(self.client.get("/en/"), LIST)

    def test_links_in_a_post_give_no_credit(self):
        link = '<p><a href="https://shop.example/" rel="noopener">A shop</a></p>'
        post = self.post("published", body_en=link)
        response = self.client.get(post.get_absolute_url())
        self.assertContains(
            response, '<a href="https://shop.example/" rel="nofollow ugc noopener">A shop</a>'
        )

    def test_published_post_has_no_edit_link_for_others(self):
        post = self.post("published")
        self.login(self.bob)
        self.assertNotContains(self.client.get(post.get_absolute_url()), self.page(post))
        self.assertEqual(Member.objects.get(pk=self.alice.pk).approved_count, 11)
