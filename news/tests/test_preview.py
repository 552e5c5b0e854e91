import re
from datetime import timedelta
from time import time
from unittest import mock

from django.contrib.auth.models import Group
from django.core import signing
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core import images
from caisu.core.roles import EDITOR
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.models import Member
from members.moderation.models import State
from news import previewing, publishing, revisions
from news.models import Article, Category, DailyViews, Tag, Visit, WorkingCopy

# Nobody, Nina, Bob and Alice are sent to log in, as everywhere in the admin; Mona is staff.
OUTSIDERS = [302, 403, 403, 403, 403]


class PreviewTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.draft = make_article(
            status="draft",
            publish_at=None,
            title_en="Secret heading",
            title_zh_hans="秘密标题",
            body_en="<p>Secret text.</p>",
            body_zh_hans="<p>秘密正文。</p>",
        )

    def login(self, member):
        super().login(member)
        self.client.cookies["language"] = "en"

    def outer(self, article=None, **query):
        pk = (article or self.draft).pk
        return self.client.get(reverse("admin:news_article_preview", args=[pk]), query)

    def inner(self, article=None, **query):
        pk = (article or self.draft).pk
        return self.client.get(reverse("admin:news_article_previewed", args=[pk]), query)

    def copy(self, article, editor, **fields):
        known = fields.pop("known", {})
        return WorkingCopy.objects.create(article=article, editor=editor, fields=fields, **known)

    def proposal(self):
        """Alice's edit of her own post, which is out."""
        post = make_article(author=self.alice, is_post=True, title_en="Her post")
        revisions.keep_baseline(post)
        post.refresh_from_db()
        known = {"submitted_at": timezone.now(), "base": post.version}
        fields = {"title_en": "Her better post", "body_en": "<p>Proposed words.</p>"}
        return post, self.copy(post, self.alice, known=known, **fields)


class DeskPreviewTests(PreviewTestCase):
    def test_both_languages_and_both_widths_are_links(self):
        self.login(self.wei)
        page = self.outer(language="zh-hans", width="phone")
        self.assertContains(page, '<iframe class="phone"')
        self.assertContains(page, 'href="?language=en&amp;width=phone')
        self.assertContains(page, 'href="?language=zh-hans&amp;width=desktop')
        self.assertContains(self.inner(language="en"), "Secret text.")
        inner = self.inner(language="zh-hans")
        self.assertContains(inner, "秘密正文。")
        self.assertContains(inner, '<html lang="zh-Hans"')

    def test_every_state_is_shown(self):
        self.login(self.wei)
        for status, state in (
            ("draft", State.VISIBLE),
            ("submitted", State.HELD),
            ("published", State.VISIBLE),
            ("archived", State.VISIBLE),
            ("withdrawn", State.VISIBLE),
            ("submitted", State.SPAM),
        ):
            Article.objects.filter(pk=self.draft.pk).update(
                status=status, state=state, publish_at=timezone.now() + timedelta(days=1)
            )
            with self.subTest(status=status, state=state):
                self.assertEqual(self.outer().status_code, 200)
                self.assertContains(self.inner(language="en"), "Secret text.")

    def test_the_page_is_that_of_a_visitor_and_counts_nothing(self):
        self.login(self.wei)
        inner = self.inner(self.article, language="en")
        self.assertNotContains(inner, "data-hit")
        self.assertNotContains(inner, "comment-form")
        self.assertNotContains(inner, "Log out")
        self.assertNotContains(inner, self.comment.body)
        self.assertContains(inner, '<base target="_blank">')
        self.assertContains(inner, '<meta name="robots" content="noindex">')
        self.assertEqual((Visit.objects.count(), DailyViews.objects.count()), (0, 0))

    def test_messages_wait_for_the_page_around_the_frame(self):
        self.login(self.wei)
        article, tests = self.article, self
        publishing.save(Article.objects.get(pk=article.pk), tests.wei, note="x")
        restore = reverse("admin:news_article_restore", args=[article.pk, 1])
        self.client.post(restore)
        self.assertNotContains(self.inner(), "Nothing changed")
        self.assertContains(self.outer(), "Nothing changed")

    def test_only_our_own_desk_may_frame_it(self):
        self.login(self.wei)
        outer, inner = self.outer(), self.inner()
        self.assertIn("frame-ancestors 'none'", outer["Content-Security-Policy"])
        self.assertIn("frame-src 'self'", outer["Content-Security-Policy"])
        self.assertEqual(outer["X-Frame-Options"], "DENY")
        self.assertIn("frame-ancestors 'self'", inner["Content-Security-Policy"])
        self.assertIn("script-src 'self'", inner["Content-Security-Policy"])
        self.assertEqual(inner["X-Frame-Options"], "SAMEORIGIN")
        for page in (outer, inner):
            self.assertIn("private, no-store", page["Cache-Control"])
            self.assertIn("noindex", page["X-Robots-Tag"])

    def test_what_the_editor_is_writing_is_shown_while_it_is_newer(self):
        tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        fields = {"body_en": "<p>Unsaved words.</p>", "tags": [tag.pk]}
        copy = self.copy(self.draft, self.wei, **fields)
        self.login(self.wei)
        self.assertContains(self.outer(), "not saved yet")
        inner = self.inner(language="en")
        self.assertContains(inner, "Unsaved words.")
        self.assertContains(inner, tag.get_absolute_url())
        self.assertContains(self.inner(language="en", show="saved"), "Secret text.")
        earlier = self.draft.updated_at - timedelta(hours=1)
        WorkingCopy.objects.filter(pk=copy.pk).update(updated_at=earlier)
        self.assertNotContains(self.outer(), "not saved yet")
        self.assertContains(self.inner(language="en"), "Secret text.")
        self.draft.refresh_from_db()
        self.assertEqual((self.draft.body_en, self.draft.tags.count()), ("<p>Secret text.</p>", 0))

    def test_what_others_are_writing_is_theirs(self):
        copy = self.copy(self.draft, self.root, body_en="<p>Of another.</p>")
        self.login(self.wei)
        for show in ("", "mine", str(copy.pk)):
            self.assertNotContains(self.inner(language="en", show=show), "Of another.")

    def test_a_script_in_a_working_copy_does_not_run(self):
        self.copy(self.draft, self.wei, body_en="<p>a</p><script>alert(1)</script>", title_en="<b>")
        self.login(self.wei)
        inner = self.inner(language="en")
        self.assertNotContains(inner, "alert(1)")
        self.assertContains(inner, "&lt;b&gt;")

    def test_a_proposal_is_shown_to_editors_as_the_article_it_would_make(self):
        post, copy = self.proposal()
        Article.objects.filter(pk=post.pk).update(byline="Kept byline")
        self.login(self.wei)
        self.assertContains(self.outer(post), "Proposed by Alice")
        self.assertNotContains(self.inner(post, language="en"), "Proposed words.")
        inner = self.inner(post, language="en", show=str(copy.pk))
        self.assertContains(inner, "Proposed words.")
        self.assertContains(inner, "Kept byline")
        self.assertContains(self.outer(post, show=str(copy.pk)), "if you accept the proposal")

    def test_nobody_else_sees_any_of_it_or_learns_whether_there_is_one(self):
        copy = self.copy(None, self.wei, title_en="Begun")
        post, _copy = self.proposal()
        for name, pk in (
            ("news_article_preview", self.draft.pk),
            ("news_article_previewed", self.draft.pk),
            ("news_article_preview", 99_999),
            ("news_article_previewed", post.pk),
            ("news_copy_preview", copy.pk),
            ("news_copy_previewed", copy.pk),
        ):
            found = []
            for who in (None, self.nina, self.bob, self.alice, self.mona):
                self.login(who)
                for method in (self.client.get, self.client.head):
                    found.append(method(reverse(f"admin:{name}", args=[pk])).status_code)
            with self.subTest(name=name, pk=pk):
                self.assertEqual(found[::2], OUTSIDERS)
                self.assertEqual(found[1::2], OUTSIDERS)

    def test_no_such_article(self):
        self.login(self.wei)
        self.draft.pk = 99_999
        self.assertEqual(self.outer().status_code, 404)
        self.assertEqual(self.inner().status_code, 404)

    def test_nonsense_in_the_query_is_the_usual_page(self):
        self.login(self.wei)
        for query in ({"language": "xx", "width": "9", "show": "999"}, {"show": "x"}):
            self.assertEqual(self.outer(**query).status_code, 200)
            self.assertEqual(self.inner(**query).status_code, 200)

    def test_the_frame_only_answers_to_reading(self):
        self.login(self.wei)
        address = reverse("admin:news_article_previewed", args=[self.draft.pk])
        self.assertEqual(self.client.post(address).status_code, 405)


class CopyPreviewTests(PreviewTestCase):
    """What was begun and is no article yet."""

    def address(self, copy, name="news_copy_preview"):
        return reverse(f"admin:{name}", args=[copy.pk])

    def test_its_editor_sees_it(self):
        category = Category.objects.get(slug="local-news")
        copy = self.copy(
            None, self.wei, title_en="Begun", body_en="<p>New words.</p>", category=category.pk
        )
        self.login(self.wei)
        self.assertContains(self.client.get(self.address(copy)), "not saved yet")
        self.assertNotContains(self.client.get(self.address(copy)), "Link for a colleague")
        inner = self.client.get(self.address(copy, "news_copy_previewed"), {"language": "en"})
        self.assertContains(inner, "New words.")
        self.assertContains(inner, "Begun")
        self.assertEqual(inner["X-Frame-Options"], "SAMEORIGIN")

    def test_even_when_there_is_hardly_anything(self):
        self.login(self.wei)
        for fields in ({}, {"body_en": "<p>x</p>", "category": None, "tags": [], "cover": None}):
            copy = self.copy(None, self.wei, **fields)
            inner = self.client.get(self.address(copy, "news_copy_previewed"), {"language": "en"})
            self.assertContains(inner, "Untitled")
        self.assertEqual(Article.objects.filter(title_en="Untitled").count(), 0)

    def test_another_editor_does_not(self):
        copy = self.copy(None, self.root, title_en="Of another")
        self.login(self.wei)
        for name in ("news_copy_preview", "news_copy_previewed"):
            self.assertEqual(self.client.get(self.address(copy, name)).status_code, 404)

    def test_the_copy_of_an_article_leads_to_the_preview_of_the_article(self):
        copy = self.copy(self.draft, self.wei, title_en="Changed")
        self.login(self.wei)
        self.assertRedirects(
            self.client.get(self.address(copy)),
            reverse("admin:news_article_preview", args=[self.draft.pk]),
        )


class LinkTests(PreviewTestCase):
    def token(self, article=None, by=None, proposal=None):
        return previewing.link_token(article or self.draft, by or self.wei, proposal)

    def address(self, token=None, language="en"):
        with translation.override(language):
            return reverse("news:preview", args=[token or self.token()])

    def read(self, token=None, language="en"):
        """As the colleague does: without account or session."""
        self.client.logout()
        return self.client.get(self.address(token, language))

    def later(self, **delta):
        return mock.patch(
            "django.utils.timezone.now", return_value=timezone.now() + timedelta(**delta)
        )

    def test_an_editor_makes_a_link_and_a_stranger_reads(self):
        self.login(self.wei)
        page = self.client.post(reverse("admin:news_article_preview", args=[self.draft.pk]))
        link = page.context["link"]
        self.assertTrue(link.startswith("http://testserver/en/preview/"))
        self.assertContains(page, link.replace("&", "&amp;"))
        self.client.logout()
        read = self.client.get(link.removeprefix("http://testserver"))
        self.assertContains(read, "Secret text.")
        self.assertContains(read, "Preview, valid until")

    def test_the_page_is_found_kept_and_told_by_nobody(self):
        page = self.read()
        self.assertIn("noindex", page["X-Robots-Tag"])
        self.assertEqual(page["Cache-Control"], "private, no-store")
        self.assertEqual(page["Referrer-Policy"], "no-referrer")
        self.assertEqual(page["X-Frame-Options"], "DENY")
        self.assertContains(page, '<meta name="robots" content="noindex">')
        self.assertNotContains(page, "og:title")
        self.assertNotContains(page, "ld+json")
        self.assertNotContains(page, "data-hit")
        self.assertNotContains(page, "/n/")

    def test_the_language_switch_leads_to_the_same_preview(self):
        token = self.token()
        switched = self.client.get(f"/language/zh-hans/?next={self.address(token)}", follow=True)
        self.assertEqual(switched.redirect_chain[-1][0], self.address(token, "zh-hans"))
        self.assertContains(switched, "秘密正文。")

    def test_head_answers_as_get_does(self):
        self.assertEqual(self.client.head(self.address()).status_code, 200)
        self.assertEqual(self.client.head("/en/preview/x/").status_code, 404)
        self.assertEqual(self.client.post(self.address()).status_code, 405)
        token = self.token()
        with self.later(hours=25):
            self.assertEqual(self.client.head(self.address(token)).status_code, 410)

    def test_pictures_that_are_not_public_are_shown(self):
        image = images.receive(make_upload(), self.wei)
        article = make_article(
            status="draft",
            publish_at=None,
            cover=image,
            body_en=f'<p>x</p><figure><img src="{images.url(image)}" alt="x"></figure>',
        )
        page = self.read(self.token(article)).content.decode()
        sources = [part.split('"')[0] for part in page.split('src="')[1:]]
        found = [source for source in sources if image.token in source]
        self.assertEqual(len(found), 2)
        for address in found:
            self.assertEqual(self.client.get(address.replace("&amp;", "&")).status_code, 200)
        self.assertEqual(self.client.get(images.url(image)).status_code, 404)

    def test_its_pictures_are_open_no_longer_than_the_link(self):
        image = images.receive(make_upload(), self.wei)
        token = self.token(make_article(status="draft", publish_at=None, cover=image))
        with self.later(hours=23, minutes=59):
            page = self.read(token).content.decode()
            (address,) = re.findall(rf'src="([^"]*{image.token}[^"]*)"', page)
            address = address.replace("&amp;", "&")
            self.assertEqual(self.client.get(address).status_code, 200)
        seconds = time() + 24 * 3600 + 60
        with mock.patch("django.core.signing.time.time", return_value=seconds):
            self.assertEqual(self.client.get(address).status_code, 404)

    def test_after_a_day_a_friendly_page_says_that_it_has_expired(self):
        token = self.token()
        with self.later(hours=23, minutes=59):
            self.assertEqual(self.read(token).status_code, 200)
        with self.later(hours=24, seconds=1):
            page = self.read(token)
            self.assertContains(page, "This preview has expired", status_code=410)
            self.assertNotContains(page, "Secret", status_code=410)
            self.assertIn("noindex", page["X-Robots-Tag"])

    def test_a_token_that_we_did_not_sign_is_nothing(self):
        token = self.token()
        known = {"article": self.draft.pk, "by": self.wei.pk, "proposal": None}
        for wrong in (
            token[:-1],
            token + "x",
            "x" + token,
            token.replace(":", "."),
            signing.dumps(known, salt="another"),
            "x",
            "a:b:c",
        ):
            with self.subTest(wrong=wrong):
                self.assertEqual(self.read(wrong).status_code, 404)

    def test_a_token_of_one_article_opens_no_other(self):
        other = make_article(status="draft", publish_at=None, title_en="Another")
        self.assertContains(self.read(self.token(other)), "Another")
        self.assertNotContains(self.read(self.token(other)), "Secret heading")

    def test_a_published_article_is_read_at_its_own_address(self):
        token = self.token()
        publishing.publish(Article.objects.get(pk=self.draft.pk), self.wei)
        page = self.read(token)
        self.assertEqual(page.status_code, 302)
        self.assertIn(f"/{self.draft.slug}/", page["Location"])
        with self.later(days=3):
            self.assertEqual(self.read(token).status_code, 302)

    def test_a_scheduled_article_is_still_a_preview(self):
        token = self.token()
        at = timezone.now() + timedelta(days=2)
        publishing.publish(Article.objects.get(pk=self.draft.pk), self.wei, at)
        self.assertContains(self.read(token), "Secret text.")

    def test_what_was_withdrawn_or_taken_down_is_gone(self):
        token = self.token()
        for change in (
            {"status": "withdrawn"},
            {"status": "submitted", "state": State.SPAM},
            {"status": "submitted", "state": State.REMOVED},
        ):
            Article.objects.filter(pk=self.draft.pk).update(**change)
            with self.subTest(**change):
                self.assertEqual(self.read(token).status_code, 404)
                with self.later(days=2):
                    self.assertEqual(self.read(token).status_code, 404)
        Article.objects.filter(pk=self.draft.pk).delete()
        self.assertEqual(self.read(token).status_code, 404)

    def test_it_dies_with_the_rights_of_whoever_made_it(self):
        token = self.token()
        self.wei.groups.remove(Group.objects.get(name=EDITOR))
        self.assertEqual(self.read(token).status_code, 404)
        self.wei.groups.add(Group.objects.get(name=EDITOR))
        self.assertEqual(self.read(token).status_code, 200)
        self.wei.stand(Member.Standing.BANNED)
        self.assertEqual(self.read(token).status_code, 404)

    def test_an_author_without_an_account_any_more_shows_nothing(self):
        post = make_article(author=self.alice, is_post=True, status="draft", publish_at=None)
        token = self.token(post, by=self.alice)
        self.assertEqual(self.read(token).status_code, 200)
        self.alice.stand(Member.Standing.BANNED)
        self.assertEqual(self.read(token).status_code, 404)

    def test_it_shows_what_is_saved_and_not_what_is_being_written(self):
        self.copy(self.draft, self.wei, body_en="<p>Unsaved words.</p>")
        self.login(self.wei)
        page = self.client.post(reverse("admin:news_article_preview", args=[self.draft.pk]))
        self.client.logout()
        read = self.client.get(page.context["link"].removeprefix("http://testserver"))
        self.assertContains(read, "Secret text.")
        self.assertNotContains(read, "Unsaved words.")

    def test_a_proposal_has_a_link_until_it_is_decided(self):
        post, copy = self.proposal()
        token = self.token(post, proposal=copy)
        self.assertContains(self.read(token), "Proposed words.")
        copy.delete()
        page = self.read(token)
        self.assertEqual(page.status_code, 302)
        self.assertIn(f"/{post.slug}/", page["Location"])

    def test_what_is_out_or_closed_has_no_link(self):
        self.login(self.wei)
        for article in (self.article, make_article(status="withdrawn")):
            address = reverse("admin:news_article_preview", args=[article.pk])
            self.assertNotContains(self.client.get(address), "Link for a colleague")
            self.assertEqual(self.client.post(address).context["link"], "")

    def test_nobody_else_makes_one(self):
        address = reverse("admin:news_article_preview", args=[self.draft.pk])
        for who, status in zip(
            (None, self.nina, self.bob, self.alice, self.mona), OUTSIDERS, strict=True
        ):
            self.login(who)
            self.assertEqual(self.client.post(address).status_code, status)

    def test_reading_counts_nothing_and_asks_little(self):
        token = self.token()
        self.read(token)
        with self.assertNumQueries(6):
            self.client.get(self.address(token))
        for number in range(20):
            make_article(slug=f"more-{number}")
        with self.assertNumQueries(6):
            self.client.get(self.address(token))
        self.assertEqual((Visit.objects.count(), DailyViews.objects.count()), (0, 0))
