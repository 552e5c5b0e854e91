"""The user agreement: read by everybody, accepted by members, asked for again when it is new."""

from datetime import timedelta

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caisu.core.roles import WEBMASTER
from caisu.tests.cast import make_member
from members.models import Terms, TermsAcceptance

from .entrance import EntranceTestCase, code_in, mails, path


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

    def test_member_is_asked_at_the_next_visit_and_led_back(self):
        terms = make_terms()
        self.login(self.alice)
        response = self.client.get(f"{self.article_page}?page=2", follow=True)
        self.assertTemplateUsed(response, "members/terms.html")
        self.assertContains(response, "Rule 1.")
        back = f"{self.article_page}?page=2"
        self.assertContains(response, f'name="next" value="{back}"')
        response = self.client.post(self.page, {"next": back})
        self.assertRedirects(response, back, fetch_redirect_response=False)
        self.assertEqual(self.alice.acceptances.get().terms, terms)
        self.assertEqual(self.client.get(self.article_page).status_code, 200)

    def test_new_version_asks_again_once_it_is_in_force(self):
        make_terms(1)
        self.login(self.alice)
        self.client.post(self.page)
        coming = make_terms(2, effective_at=timezone.now() + timedelta(hours=1))
        self.assertEqual(self.client.get(self.article_page).status_code, 200)
        Terms.objects.filter(pk=coming.pk).update(effective_at=timezone.now())
        cache.clear()
        self.assertEqual(self.client.get(self.article_page).status_code, 302)
        self.client.post(self.page)
        self.assertEqual(self.accepted(self.alice), [1, 2])

    def test_acceptance_is_known_in_every_session(self):
        make_terms()
        self.login(self.alice)
        self.client.post(self.page)
        self.login(None)
        self.login(self.alice)
        self.assertEqual(self.client.get(self.article_page).status_code, 200)

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
        make_terms()
        self.login(self.alice)
        url = path("comments:post", self.article.pk)
        page = self.client.get(self.article_page)
        self.assertEqual(page.status_code, 302)
        token = "6b8c0f2e-3a0e-4a3c-9c0e-0a4c2d1e7f55"
        self.client.post(url, {"body": "I was writing this.", "token": token})
        self.assertTrue(self.article.comments.filter(body="I was writing this.").exists())

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
        self.assertEqual(self.client.get(self.article_page).status_code, 302)

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
