"""The user agreement: read by everybody, accepted by members before they write, again when it is new."""

from datetime import timedelta

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode

from caisu.core.roles import WEBMASTER
from caisu.tests.cast import make_article, make_member
from members.models import Terms, TermsAcceptance
from members.models.terms import AgreedError

from .entrance import EntranceTestCase, code_in, mails, path

LINE = "The user agreement has changed. Please look at it before you write"


def make_terms(version=1, **changes):
    cache.clear()
    body = {"body_en": f"<p>Rule {version}.</p>", "body_zh_hans": f"<p>第{version}条。</p>"}
    return Terms.objects.create(version=version, **body, **changes)


class TermsTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.page = path("members:terms")
        self.article_page = self.address(self.article)

    def accepted(self, member):
        return [each.terms.version for each in member.acceptances.order_by("terms__version")]

    def test_visitor_reads_the_version_in_force_in_either_language(self):
        make_terms(1)
        make_terms(2, effective_at=timezone.now() + timedelta(days=1))
        self.assertContains(self.client.get(self.page), "Rule 1.")
        self.assertContains(self.client.get(path("members:terms", language="zh-hans")), "第1条。")
        self.assertNotContains(self.client.get(self.page), '<form class="accept"')

    def test_young_site_has_a_page_and_asks_nobody(self):
        self.login(self.alice)
        self.assertEqual(self.client.get(self.page).status_code, 200)
        self.assertEqual(self.client.get(self.article_page).status_code, 200)

    def assertAsked(self, asked=True):
        """Whether the page has the line about the agreement, and its conversation no form."""
        response = self.client.get(self.article_page)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(LINE in response.content.decode(), asked)
        self.assertEqual('<form id="comment-form"' in response.content.decode(), not asked)
        return response

    def test_reading_stays_free_with_a_line_that_leads_there_and_back(self):
        terms = make_terms()
        self.login(self.alice)
        response = self.assertAsked()
        self.assertContains(response, f"{self.page}?{urlencode({'next': self.article_page})}")
        page = self.client.get(self.page, {"next": self.article_page})
        self.assertContains(page, "Rule 1.")
        self.assertContains(page, f'name="next" value="{self.article_page}"')
        self.assertNotContains(page, LINE)
        response = self.client.post(self.page, {"next": self.article_page})
        self.assertRedirects(response, self.article_page, fetch_redirect_response=False)
        self.assertEqual(self.alice.acceptances.get().terms, terms)
        self.assertAsked(False)

    def test_visitor_is_not_asked(self):
        make_terms()
        self.assertNotContains(self.client.get(self.article_page), LINE)

    def test_pages_on_which_one_writes_wait_for_it(self):
        make_terms()
        self.login(self.alice)
        post = make_article(author=self.alice, is_post=True)
        for name, args in (
            ("news:post_new", []),
            ("news:post_edit", [post.pk]),
            ("comments:edit", [self.comment.pk]),
            ("members:edit_profile", []),
            ("members:invitations", []),
        ):
            with self.subTest(page=name):
                page = path(name, *args)
                there = f"{self.page}?{urlencode({'next': page})}"
                self.assertRedirects(self.client.get(page), there)
        self.client.post(self.page)
        self.assertEqual(self.client.get(path("news:post_new")).status_code, 200)

    def test_who_does_not_agree_may_hide_take_along_and_leave(self):
        make_terms()
        self.login(self.alice)
        for name in ("members:privacy", "members:export", "members:delete", "news:submit"):
            with self.subTest(page=name):
                self.assertEqual(self.client.get(path(name)).status_code, 200)

    def test_new_version_asks_again_once_it_is_in_force(self):
        make_terms(1)
        self.login(self.alice)
        self.client.post(self.page)
        coming = make_terms(2, effective_at=timezone.now() + timedelta(hours=1))
        self.assertAsked(False)
        Terms.objects.filter(pk=coming.pk).update(effective_at=timezone.now())
        cache.clear()
        self.assertAsked()
        self.client.post(self.page)
        self.assertEqual(self.accepted(self.alice), [1, 2])

    def test_acceptance_is_known_in_every_session(self):
        make_terms()
        self.login(self.alice)
        self.client.post(self.page)
        self.login(None)
        self.login(self.alice)
        self.assertAsked(False)

    def test_one_who_accepted_at_the_sign_up_is_not_asked(self):
        make_terms()
        self.sign_up(next=self.article_page)
        response = self.client.post(self.code_page, {"code": code_in(mails()[-1])}, follow=True)
        self.assertRedirects(response, self.article_page)

    def test_asking_costs_no_query_once_answered(self):
        self.login(self.alice)
        self.client.get(self.article_page)
        with CaptureQueriesContext(connection) as queries:
            self.client.get(self.article_page)
        count = len(queries)
        make_terms()
        self.client.post(self.page)
        self.client.get(self.article_page)
        with self.assertNumQueries(count):
            self.client.get(self.article_page)

    def test_what_one_was_writing_is_not_interrupted(self):
        self.login(self.alice)
        self.client.get(self.article_page)
        make_terms()
        url = path("comments:post", self.article.pk)
        token = "6b8c0f2e-3a0e-4a3c-9c0e-0a4c2d1e7f55"
        self.client.post(url, {"body": "I was writing this.", "token": token})
        self.assertTrue(self.article.comments.filter(body="I was writing this.").exists())

    def test_what_needs_another_try_stays_before_its_writer(self):
        self.login(self.alice)
        make_terms()
        token = "6b8c0f2e-3a0e-4a3c-9c0e-0a4c2d1e7f56"
        response = self.client.post(
            path("comments:post", self.article.pk), {"body": "x" * 6000, "token": token}
        )
        self.assertContains(response, '<form id="comment-form"')
        self.assertContains(response, "x" * 6000)

    def test_agreement_logout_and_static_pages_stay_open(self):
        make_terms()
        self.login(self.alice)
        self.assertEqual(self.client.get(self.page).status_code, 200)
        self.assertEqual(self.client.get(path("core:page", "privacy")).status_code, 404)
        self.assertEqual(self.client.get(path("account_logout")).status_code, 200)

    def test_desk_of_the_staff_is_not_interrupted(self):
        make_terms()
        self.login(self.mona)
        self.assertEqual(self.client.get("/admin/").status_code, 200)
        self.assertEqual(self.client.get("/admin/moderation/case/").status_code, 200)
        self.assertAsked()

    def test_visitor_who_accepts_is_sent_to_the_login(self):
        make_terms()
        response = self.client.post(self.page, {"next": "/en/"})
        self.assertRedirects(response, f"{path('account_login')}?next={self.page}")
        self.assertFalse(TermsAcceptance.objects.exists())

    def test_get_accepts_nothing(self):
        make_terms()
        self.login(self.alice)
        self.client.get(self.page)
        self.client.head(self.page)
        self.assertEqual(self.client.put(self.page).status_code, 405)
        self.assertFalse(TermsAcceptance.objects.exists())

    def test_two_clicks_are_one_acceptance(self):
        terms = make_terms()
        self.login(self.alice)
        self.client.post(self.page)
        self.client.post(self.page)
        self.assertEqual(terms.acceptances.count(), 1)
        with self.assertRaises(IntegrityError), transaction.atomic():
            TermsAcceptance.objects.create(terms=terms, member=self.alice)

    def test_next_on_another_host_is_not_followed(self):
        make_terms()
        self.login(self.alice)
        for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            with self.subTest(next=target):
                response = self.client.post(self.page, {"next": target})
                self.assertRedirects(response, "/en/", fetch_redirect_response=False)


class AgreedTests(EntranceTestCase):
    """What somebody agreed to stands as it was, whoever tries to change it."""

    def setUp(self):
        super().setUp()
        self.terms = make_terms()

    def test_text_can_be_put_right_until_somebody_accepts_it(self):
        self.terms.body_en = "<p>Better.</p>"
        self.terms.save()
        self.terms.accept(self.alice)
        for name, value in (
            ("body_en", "<p>Worse.</p>"),
            ("body_zh_hans", "<p>更糟。</p>"),
            ("version", 9),
            ("effective_at", timezone.now()),
        ):
            with self.subTest(field=name):
                terms = Terms.objects.get()
                setattr(terms, name, value)
                self.assertRaises(AgreedError, terms.save)
        self.assertEqual(Terms.objects.get().body_en, "<p>Better.</p>")

    def test_saving_it_unchanged_is_no_change(self):
        self.terms.accept(self.alice)
        Terms.objects.get().save()
        self.assertEqual(Terms.objects.count(), 1)

    def test_neither_many_at_once_nor_deleting_is_a_way_around(self):
        self.terms.accept(self.alice)
        with self.assertRaises(AgreedError):
            Terms.objects.update(body_en="")
        with self.assertRaises(ProtectedError):
            self.terms.delete()
        with self.assertRaises(ProtectedError):
            Terms.objects.all().delete()
        self.assertEqual(Terms.objects.get().body_en, "<p>Rule 1.</p>")

    def test_time_is_kept_with_it(self):
        before = timezone.now()
        self.terms.accept(self.alice)
        self.assertGreaterEqual(self.alice.acceptances.get().accepted_at, before)


class TermsAdminTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.login(make_member("wanda", WEBMASTER))

    def post(self, version, address="/admin/members/terms/add/"):
        return self.client.post(
            address,
            {
                "version": version,
                "effective_at_0": "2026-01-01",
                "effective_at_1": "00:00:00",
                "body_zh_hans": "<p>新</p>",
                "body_en": "<p>New</p>",
            },
        )

    def test_new_version_begins_with_the_text_of_the_last(self):
        make_terms(4)
        response = self.client.get("/admin/members/terms/add/")
        self.assertEqual(response.context["adminform"].form.initial["version"], 5)
        self.assertContains(response, "Rule 4.")
        self.assertRedirects(self.post(5), "/admin/members/terms/")
        self.assertEqual(Terms.in_force().version, 5)

    def test_version_that_somebody_accepted_stands(self):
        terms = make_terms()
        address = f"/admin/members/terms/{terms.pk}/change/"
        self.assertEqual(self.post(1, address).status_code, 302)
        terms.accept(self.alice)
        self.assertEqual(self.client.get(address).status_code, 200)
        self.assertEqual(self.post(1, address).status_code, 403)
        delete = {"action": "delete_selected", "_selected_action": [terms.pk], "post": "yes"}
        self.client.post("/admin/members/terms/", delete)
        self.client.post(f"/admin/members/terms/{terms.pk}/delete/", {"post": "yes"})
        self.assertTrue(Terms.objects.filter(pk=terms.pk).exists())

    def test_same_version_twice_is_the_form_again(self):
        make_terms(1)
        self.assertEqual(self.post(1).status_code, 200)

    def test_others_change_nothing(self):
        for who in (None, self.alice, self.wei, self.mona):
            self.login(who)
            with self.subTest(who=who):
                self.assertIn(self.post(9).status_code, (302, 403))
                self.assertFalse(Terms.objects.exists())

    def test_version_that_came_meanwhile_is_shown_before_it_is_accepted(self):
        self.login(self.alice)
        newer = Terms.objects.create(version=9, body_zh_hans="<p>新</p>", body_en="<p>Newer</p>")
        response = self.client.post("/zh-hans/terms/", {"version": "1", "next": "/en/"})
        self.assertContains(response, "新")
        self.assertFalse(newer.acceptances.filter(member=self.alice).exists())
