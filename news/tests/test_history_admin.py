from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caisu.core import images
from caisu.tests.cast import CastTestCase, make_article, make_upload
from news import publishing
from news.models import Article, Category, Revision, Tag

# Nobody, Nina, Bob and Alice are sent to log in, as everywhere in the admin; Mona is staff.
OUTSIDERS = [302, 403, 403, 403, 403]


class HistoryTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.history = reverse("admin:news_article_history", args=[self.article.pk])
        self.compare = reverse("admin:news_article_compare", args=[self.article.pk])

    def login(self, member):
        super().login(member)
        self.client.cookies["language"] = "en"

    def restore_url(self, number=1, article=None):
        return reverse("admin:news_article_restore", args=[(article or self.article).pk, number])

    def save(self, by=None, note="", **changes):
        article = Article.objects.get(pk=self.article.pk)
        tags = changes.pop("tags", None)
        for name, value in changes.items():
            setattr(article, name, value)
        return publishing.save(article, by or self.wei, tags=tags, note=note)

    def now(self):
        return Article.objects.get(pk=self.article.pk)

    def queries(self, address):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            self.assertEqual(self.client.get(address).status_code, 200)
        return len(captured)

    def statuses(self, address, method="get"):
        """What everybody gets who is not an editor."""
        found = []
        for who in (None, self.nina, self.bob, self.alice, self.mona):
            self.login(who)
            found.append(getattr(self.client, method)(address).status_code)
        return found


class HistoryTests(HistoryTestCase):
    def test_editor_sees_who_did_what_and_when(self):
        self.save(title_en="Late snow", note="Heading was wrong")
        publishing.archive(self.now(), self.root)
        self.login(self.wei)
        page = self.client.get(self.history)
        self.assertContains(page, "Heading was wrong")
        self.assertContains(page, "Archived")
        self.assertContains(page, "Root")
        self.assertContains(page, "As it was before")
        self.assertContains(page, "Text changed: English")
        self.assertContains(page, f"{self.compare}?old=2&amp;new=3")
        self.assertContains(page, self.restore_url(1))
        self.assertNotContains(page, self.restore_url(3))

    def test_an_article_that_nobody_changed_says_so(self):
        self.login(self.wei)
        self.assertContains(self.client.get(self.history), "Nobody has changed this article")

    def test_thirty_on_a_page_and_the_rest_behind_it(self):
        for number in range(34):
            self.save(title_en=f"Story {number} again")
        self.login(self.wei)
        page = self.client.get(self.history)
        self.assertEqual(page.content.count(b'<li id="revision-'), 30)
        self.assertContains(page, "?before=6")
        page = self.client.get(f"{self.history}?before=6")
        self.assertEqual(page.content.count(b'<li id="revision-'), 5)
        self.assertNotContains(page, "?before=1")
        self.assertContains(page, f"{self.compare}?old=1&amp;new=2")

    def test_as_many_queries_for_one_as_for_twenty(self):
        self.save(title_en="One")
        self.login(self.wei)
        self.client.get(self.history)
        few = self.queries(self.history)
        for number in range(20):
            self.save(by=self.root if number % 2 else self.wei, title_en=f"{number} again")
        self.assertEqual(self.queries(self.history), few)

    def test_nobody_else_sees_it_or_learns_whether_there_is_one(self):
        self.save(title_en="Secret heading")
        missing = reverse("admin:news_article_history", args=[99_999])
        for address in (self.history, missing):
            self.assertEqual(self.statuses(address), OUTSIDERS)

    def test_no_such_article(self):
        self.login(self.wei)
        for pk in ("99999", "x", "9" * 40, "copy/1"):
            self.assertEqual(
                self.client.get(reverse("admin:news_article_history", args=[pk])).status_code, 404
            )


class CompareTests(HistoryTestCase):
    def test_two_revisions_word_by_word_in_both_languages(self):
        self.save(
            title_en="Late snow",
            body_en="<p>The text is there.</p>",
            body_zh_hans="<p>正文不在此。</p>",
        )
        self.login(self.wei)
        page = self.client.get(f"{self.compare}?old=1&new=2")
        self.assertContains(page, "<del>Story 1</del><ins>Late snow</ins>")
        self.assertContains(page, "The text is <del>here</del><ins>there</ins>.")
        self.assertContains(page, "正文<ins>不</ins>在此。")

    def test_the_older_one_comes_first_whatever_the_order(self):
        self.save(body_en="<p>The text is there.</p>")
        self.login(self.wei)
        page = self.client.get(f"{self.compare}?old=2&new=1")
        self.assertContains(page, "<del>here</del><ins>there</ins>")

    def test_a_revision_and_now(self):
        self.save(body_en="<p>The text is there.</p>")
        self.login(self.wei)
        self.assertContains(
            self.client.get(f"{self.compare}?old=1"), "<del>here</del><ins>there</ins>"
        )
        self.assertContains(self.client.get(f"{self.compare}?old=2"), "These two say the same.")
        self.assertContains(self.client.get(f"{self.compare}?old=2&new=2"), "say the same")

    def test_what_else_changed_by_name_and_what_is_gone(self):
        other = Category.objects.create(slug="other", name_zh_hans="其他", name_en="Elsewhere")
        snow = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
        rain = Tag.objects.create(slug="rain", name_zh_hans="雨", name_en="Rain")
        cover = images.receive(make_upload("house.jpg"), self.wei)
        gone = images.receive(make_upload("gone.jpg", (320, 240)), self.wei)
        self.save(category=other, tags=[snow, rain], cover=gone, is_pinned=True)
        self.save(
            category=self.article.category,
            tags=[rain],
            cover=cover,
            audience="members",
            author=self.bob,
            byline="A friend",
        )
        other.delete()
        snow.delete()
        images.discard(gone)
        self.login(self.wei)
        page = self.client.get(f"{self.compare}?old=2&new=3").content.decode()
        self.assertIn(
            '<del>deleted</del> <span aria-hidden="true">→</span> <ins>Local News</ins>', page
        )
        self.assertIn("<del>deleted, Rain</del>", page)
        self.assertIn(cover.token, page)
        self.assertIn("<del>Everyone</del>", page)
        self.assertIn("<ins>Bob</ins>", page)
        self.assertIn("<ins>A friend</ins>", page)
        page = self.client.get(f"{self.compare}?old=1&new=2").content.decode()
        self.assertIn("<del>No</del>", page)

    def test_long_unchanged_parts_are_folded(self):
        body = "".join(f"<p>Paragraph {number}.</p>" for number in range(12))
        self.save(body_en=body)
        self.save(body_en=body.replace("Paragraph 0.", "Begin."))
        self.login(self.wei)
        page = self.client.get(f"{self.compare}?old=2&new=3")
        self.assertContains(page, "<summary", 1)
        self.assertContains(page, "10 unchanged paragraphs")

    def test_markup_in_a_heading_is_no_markup(self):
        self.save(title_en="<script>alert(1)</script>", byline="<script>alert(2)</script>")
        self.login(self.wei)
        page = self.client.get(f"{self.compare}?old=1&new=2")
        self.assertNotContains(page, "<script>alert")
        self.assertContains(page, "&lt;script&gt;")

    def test_as_many_queries_for_much_as_for_little(self):
        tags = [
            Tag.objects.create(slug=f"t{n}", name_zh_hans=f"{n}", name_en=f"{n}") for n in range(21)
        ]
        self.save(tags=tags[:1])
        self.save(tags=tags[1:])
        self.login(self.wei)
        self.client.get(f"{self.compare}?old=1&new=2")
        self.assertEqual(
            self.queries(f"{self.compare}?old=1&new=2"), self.queries(f"{self.compare}?old=2&new=3")
        )

    def test_what_is_not_there(self):
        self.save(title_en="Changed")
        self.login(self.wei)
        for query in ("", "?old=9", "?old=1&new=9", "?old=x", f"?old={'9' * 40}", "?old=-1"):
            with self.subTest(query=query):
                self.assertEqual(self.client.get(self.compare + query).status_code, 404)

    def test_revisions_of_another_article_are_not_found(self):
        self.save(title_en="Changed")
        other = reverse("admin:news_article_compare", args=[make_article().pk])
        self.login(self.wei)
        self.assertEqual(self.client.get(f"{other}?old=1").status_code, 404)

    def test_nobody_else_sees_it(self):
        self.save(title_en="Changed")
        self.assertEqual(self.statuses(f"{self.compare}?old=1"), OUTSIDERS)


class RestoreTests(HistoryTestCase):
    def setUp(self):
        super().setUp()
        self.save(title_en="Late snow", body_en="<p>The text is there.</p>")

    def post(self, number=1, base=2):
        return self.client.post(self.restore_url(number), {"base": base}, follow=True)

    def test_editor_sees_what_will_change_and_changes_it(self):
        self.login(self.wei)
        page = self.client.get(self.restore_url())
        self.assertContains(page, "<del>there</del><ins>here</ins>")
        self.assertContains(page, 'name="base" value="2"')
        page = self.post()
        self.assertRedirects(page, self.history)
        self.assertContains(page, "Revision 1 is restored.")
        self.assertContains(page, f"{self.compare}?old=2&amp;new=3")
        self.assertEqual(self.now().title_en, "Story 1")

    def test_get_changes_nothing(self):
        self.login(self.wei)
        self.client.get(self.restore_url())
        self.assertEqual((self.now().title_en, self.now().version), ("Late snow", 2))

    def test_restoring_what_is_there_says_that_nothing_changed(self):
        self.login(self.wei)
        page = self.client.get(self.restore_url(2))
        self.assertContains(page, "There is nothing to restore")
        self.assertNotContains(page, 'name="base"')
        self.assertContains(self.post(2), "Nothing changed")
        self.assertEqual(self.now().version, 2)

    def test_somebody_who_saved_meanwhile_is_not_overwritten(self):
        self.login(self.wei)
        self.save(by=self.root, title_en="Newer still")
        page = self.post(base=2)
        self.assertContains(page, "Somebody saved this article meanwhile")
        self.assertEqual(self.now().title_en, "Newer still")

    def test_half_an_article_is_not_put_out(self):
        Revision.objects.filter(article=self.article, number=1).update(
            fields={
                **self.article.revisions.get(number=1).fields,
                **{"body_en": "", "body_zh_hans": ""},
            }
        )
        self.login(self.wei)
        self.assertContains(self.client.get(self.restore_url()), "Withdraw it first")
        self.assertContains(self.post(), "Withdraw it first")
        self.assertEqual(self.now().body_en, "<p>The text is there.</p>")

    def test_nobody_else_may(self):
        for method in ("get", "post"):
            self.assertEqual(self.statuses(self.restore_url(), method), OUTSIDERS)
        self.assertEqual(self.now().title_en, "Late snow")

    def test_the_author_of_the_article_without_the_right_may_not_either(self):
        Article.objects.filter(pk=self.article.pk).update(author=self.alice, is_post=True)
        self.login(self.alice)
        self.assertEqual(self.client.post(self.restore_url(), {"base": 2}).status_code, 403)
        self.assertEqual(self.now().title_en, "Late snow")

    def test_no_such_revision_or_article(self):
        self.login(self.wei)
        for address in (self.restore_url(9), reverse("admin:news_article_restore", args=[999, 1])):
            self.assertEqual(self.client.get(address).status_code, 404)
            self.assertEqual(self.client.post(address).status_code, 404)

    def test_without_a_number_to_start_from_the_newest_is_meant(self):
        self.login(self.wei)
        self.client.post(self.restore_url(), {"base": "x"})
        self.assertEqual(self.now().title_en, "Story 1")
