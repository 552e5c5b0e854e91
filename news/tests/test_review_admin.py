"""Posts of members on the desk: read, published, returned, refused; changes accepted."""

from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article
from members.moderation.models import Case, Decision
from news import publishing, reviewing
from news.models import Article, Tag, WorkingCopy

Status = Article.Status


class ReviewTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.login(self.wei)

    def post(self, author=None, *, out=False, **changes):
        values = {"title_en": "Snow", "title_zh_hans": "", "body_zh_hans": "", **changes}
        post = make_article(
            author=author or self.alice,
            is_post=True,
            meant_for="en",
            status=Status.DRAFT,
            publish_at=None,
            **values,
        )
        reviewing.submit(post, post.author)
        if out:
            reviewing.publish(post, self.wei)
        return self.fresh(post)

    def edited(self, **changes):
        """A post that is out, with an edit of Alice's that waits."""
        post = self.post(out=True, body_en="<p>It snows.</p><p>It is cold.</p>")
        edit = self.fresh(post)
        tags = changes.pop("tags", [])
        for name, value in changes.items():
            setattr(edit, name, value)
        self.assertTrue(reviewing.propose(post, self.alice, edit, tags))
        run_due()
        mail.outbox.clear()
        return self.fresh(post)

    def fresh(self, thing):
        return type(thing).objects.get(pk=thing.pk)

    def page(self, post):
        return reverse("admin:news_article_change", args=[post.pk])

    def act(self, post, act, note="", **changes):
        url = reverse("admin:news_article_review", args=[post.pk])
        return self.client.post(url, {"act": act, "note": note, **changes})

    def seen(self, post):
        return reviewing.seen(self.fresh(post), reviewing.proposal_for(post))

    def told(self, response):
        return [str(each) for each in get_messages(response.wsgi_request)]

    def sent(self):
        run_due()
        return mail.outbox


class PanelTests(ReviewTestCase):
    def test_editor_reads_who_wrote_why_it_waits_and_what_can_be_done(self):
        post = self.post(self.nina)
        response = self.client.get(self.page(post))
        for words in (
            *("A member’s post waits", "Nina", "Awaiting approval", "0 approved contributions"),
            *("The author is not approved yet.", 'value="give_back"', 'value="refuse"'),
            *('form="article_form" name="_publish"', "waiting since"),
        ):
            self.assertContains(response, words)

    def test_a_post_that_waits_has_one_button_to_publish(self):
        response = self.client.get(self.page(self.post()))
        self.assertContains(response, 'name="_publish"', 1)

    def test_other_articles_have_no_panel_and_drafts_no_buttons(self):
        self.assertNotContains(self.client.get(self.page(self.article)), "review-title")
        post = self.post()
        reviewing.take_back(post, self.alice)
        response = self.client.get(self.page(post))
        self.assertContains(response, "review-title")
        self.assertNotContains(response, 'value="refuse"')

    def test_earlier_decisions_are_shown(self):
        post = self.post()
        reviewing.give_back(post, self.wei, "Which street?")
        reviewing.submit(post, self.alice)
        response = self.client.get(self.page(post))
        self.assertContains(response, "Returned with a note")
        self.assertContains(response, "Which street?")

    def test_what_a_member_writes_is_shown_as_text(self):
        tag = Tag.objects.create(slug="t", name_zh_hans="签", name_en="<b>Tag</b>")
        post = self.edited(title_en="<script>alert(1)</script>", tags=[tag], source="<i>x</i>")
        html = self.client.get(self.page(post)).content.decode()
        panel = html[
            html.index("review-title") : html.index("</section>", html.index("review-title"))
        ]
        for tag in ("<script", "<b>", "<i>"):
            self.assertNotIn(tag, panel)

    def test_change_is_shown_old_against_new(self):
        post = self.edited(title_en="Snow again", body_en="<p>It snows hard.</p><p>It is cold.</p>")
        response = self.client.get(self.page(post))
        self.assertContains(response, "A change by its author waits")
        self.assertContains(response, "<ins> again</ins>")
        self.assertContains(response, "<ins> hard</ins>")
        self.assertContains(response, 'value="accept_edit" formnovalidate')
        self.assertNotContains(response, "changed by both")

    def test_what_both_changed_is_marked(self):
        post = self.edited(title_en="Snow again")
        post.title_en = "Snow, mended"
        publishing.save(post, self.wei)
        self.assertContains(self.client.get(self.page(post)), "changed by both")

    def test_own_post_has_no_buttons_to_decide(self):
        post = self.post()
        Article.objects.filter(pk=post.pk).update(author=self.wei)
        response = self.client.get(self.page(post))
        self.assertNotContains(response, 'value="refuse"')
        self.act(post, "refuse", "No.")
        self.assertEqual(self.fresh(post).state, "held")

    def test_panel_costs_a_bounded_number_of_queries(self):
        def cost(article):
            self.client.get(self.page(article))
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.page(article))
            return len(queries)

        plain, post = cost(self.article), self.post()
        self.assertLessEqual(cost(post), plain + 8)
        for _number in range(10):
            reviewing.give_back(post, self.wei, "Why?")
            reviewing.submit(post, self.alice)
        self.assertLessEqual(cost(post), plain + 8)


class DecideTests(ReviewTestCase):
    def test_publish_is_the_button_of_the_form_and_the_author_hears(self):
        post = self.post()
        page = self.client.get(self.page(post))
        form = page.context["adminform"].form
        values = {
            name: form[name].value() for name in form.fields if form[name].value() is not None
        }
        values = {name: value for name, value in values.items() if value is not False}
        response = self.client.post(
            self.page(post),
            {**values, "publish_at_0": "", "publish_at_1": "", "_publish": "1"},
        )
        self.assertEqual(response.status_code, 302)
        self.assertTrue(self.fresh(post).is_public)
        self.assertIn("is published", self.sent()[0].body)

    def test_publishing_from_the_list_tells_the_author_too(self):
        post = self.post()
        url = reverse("admin:news_article_changelist")
        self.client.post(url, {"action": "publish", "_selected_action": [post.pk]})
        self.assertTrue(self.fresh(post).is_public)
        self.assertEqual([message.to for message in self.sent()], [["alice@example.org"]])

    def test_returned_and_refused_with_a_note(self):
        for act, status, state in (
            ("give_back", "draft", "visible"),
            ("refuse", "submitted", "removed"),
        ):
            post, following = self.post(), self.post()
            with self.subTest(act=act):
                response = self.act(post, act, "Which street?")
                self.assertRedirects(response, self.page(following))
                post = self.fresh(post)
                self.assertEqual((post.status, post.state), (status, state))
                self.assertEqual(Decision.objects.first().reason, "Which street?")
                self.assertEqual(len(self.told(response)), 1)
            reviewing.take_back(following, self.alice)
        self.assertEqual(len(self.sent()), 2)

    def test_last_one_stays_where_it_is(self):
        post = self.post()
        self.assertRedirects(self.act(post, "give_back", "Why?"), self.page(post))

    def test_without_a_note_or_with_too_long_a_one_the_page_comes_back(self):
        for note in ("", "   ", "A long note. " * 100):
            post = self.post()
            for act in ("give_back", "refuse"):
                with self.subTest(note=note[:12], act=act):
                    response = self.act(post, act, note)
                    self.assertEqual(response.status_code, 200)
                    self.assertContains(response, "errorlist")
                    self.assertContains(response, note.strip())
                    self.assertEqual(self.fresh(post).state, "held")
        self.assertFalse(Decision.objects.exists())

    def test_second_click_changes_nothing_and_says_so(self):
        post = self.post()
        self.act(post, "give_back", "Why?")
        response = self.act(post, "refuse", "No.")
        self.assertIn("Nothing was done", self.told(response)[-1])
        self.assertEqual((self.fresh(post).status, Decision.objects.count()), ("draft", 1))

    def test_change_is_accepted_as_it_was_seen(self):
        post = self.edited(title_en="Snow again")
        response = self.act(post, "accept_edit", seen=self.seen(post))
        self.assertEqual(response.status_code, 302)
        post = self.fresh(post)
        self.assertEqual(post.title_en, "Snow again")
        self.assertIn("Alice", post.revisions.first().note)
        self.assertIn("accepted your change", self.sent()[0].body)
        self.assertFalse(Case.objects.open().exists())

    def test_change_that_changed_is_shown_again(self):
        post = self.edited(title_en="Snow again")
        old = self.seen(post)
        copy = WorkingCopy.objects.get()
        copy.fields["title_en"] = "Cheap watches"
        copy.save()
        for seen in (old, "", "1:now"):
            response = self.act(post, "accept_edit", seen=seen)
            self.assertRedirects(response, self.page(post))
            self.assertIn("look again", self.told(response)[-1])
        self.assertEqual(self.fresh(post).title_en, "Snow")

    def test_change_is_returned_with_a_note(self):
        post = self.edited(title_en="Snow again")
        self.act(post, "give_back_edit", "Why again?")
        self.assertEqual(self.fresh(post).title_en, "Snow")
        self.assertIsNone(WorkingCopy.objects.get().submitted_at)
        self.assertIn("Why again?", self.sent()[0].body)

    def test_refused_one_waits_again(self):
        post = self.post()
        reviewing.refuse(post, self.wei, "No.")
        self.assertContains(self.client.get(self.page(post)), 'value="reconsider" formnovalidate')
        self.act(post, "reconsider")
        self.assertEqual(self.fresh(post).state, "held")
        self.assertContains(self.client.get(self.page(post)), 'value="refuse"')

    def test_nothing_waits_any_more(self):
        post = self.post(out=True)
        for act in ("accept_edit", "give_back_edit", "give_back", "refuse"):
            response = self.act(post, act, "Why?")
            self.assertIn("Nothing was done", self.told(response)[-1])
        self.assertTrue(self.fresh(post).is_public)

    def test_only_editors_decide(self):
        post = self.post()
        for who, status in {None: 302, self.alice: 403, self.bob: 403, self.mona: 403}.items():
            self.login(who)
            for act in ("give_back", "refuse", "accept_edit"):
                with self.subTest(who=who, act=act):
                    self.assertEqual(self.act(post, act, "No.").status_code, status)
        self.assertEqual(self.fresh(post).state, "held")
        self.assertFalse(Decision.objects.exists())

    def test_get_unknown_acts_and_other_articles_are_refused(self):
        post = self.post()
        url = reverse("admin:news_article_review", args=[post.pk])
        self.assertEqual(self.client.get(url, {"act": "refuse"}).status_code, 405)
        self.assertEqual(self.act(post, "delete", "No.").status_code, 403)
        self.assertEqual(self.act(self.article, "refuse", "No.").status_code, 404)
        gone = reverse("admin:news_article_review", args=[999_999])
        self.assertEqual(self.client.post(gone, {"act": "refuse"}).status_code, 404)
        self.assertEqual(self.fresh(post).state, "held")


class QueueTests(ReviewTestCase):
    def case_page(self, post):
        case = Case.objects.about(post).open().get()
        return reverse("admin:moderation_case_change", args=[case.pk])

    def test_case_leads_an_editor_to_the_post(self):
        post = self.post()
        self.login(self.root)
        self.assertContains(self.client.get(self.case_page(post)), self.page(post))
        self.login(self.mona)
        response = self.client.get(self.case_page(post))
        self.assertNotContains(response, self.page(post))
        self.assertContains(response, 'value="spam"')

    def test_moderator_leaves_a_change_to_the_editors(self):
        post = self.edited(title_en="Snow again")
        self.login(self.mona)
        response = self.client.get(self.case_page(post))
        self.assertContains(response, "An editor decides about it")
        self.assertNotContains(response, 'value="remove"')
        case = Case.objects.about(post).open().get()
        url = reverse("admin:moderation_case_decide", args=[case.pk])
        self.client.post(url, {"act": "remove", "reason": "No."})
        self.assertTrue(self.fresh(post).is_public)
