"""Report an issue (报告问题): open to everybody."""

from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from caisu.tests.cast import CastTestCase
from members.moderation.models import Case, Report

ISSUE = {"reason": "broken", "text": "The picture is upside down.", "url": "/en/news/"}


class ReportIssueTests(CastTestCase):
    def page(self, language="en"):
        with override(language):
            return reverse("moderation:report")

    def send(self, who=None, language="en", **changes):
        self.login(who)
        return self.client.post(self.page(language), {**ISSUE, **changes})

    def test_visitor_reports_and_is_thanked(self):
        response = self.send(name="A visitor", email="visitor@example.org")
        self.assertRedirects(response, "/en/report/thanks/")
        report = Report.objects.get()
        self.assertEqual(
            (report.reporter, report.name, report.email, report.text, report.language),
            (None, "A visitor", "visitor@example.org", ISSUE["text"], "en"),
        )
        self.assertEqual((report.case.kind, report.case.reasons), (Case.Kind.ISSUE, ["issue"]))
        self.assertTrue(report.case.is_open)

    def test_visitor_need_not_say_who_they_are(self):
        self.send()
        self.assertEqual(Report.objects.get().email, "")

    def test_member_is_known_and_not_asked(self):
        self.login(self.bob)
        self.assertNotContains(self.client.get(self.page()), 'name="email"')
        self.send(self.bob, language="zh-hans", email="forged@example.org")
        report = Report.objects.get()
        self.assertEqual((report.reporter, report.email), (self.bob, ""))
        self.assertEqual((report.case.member, report.language), (self.bob, "zh-hans"))

    def test_newcomer_may_report_as_well(self):
        self.assertEqual(self.send(self.nina).status_code, 302)

    def test_page_one_came_from_is_filled_in(self):
        response = self.client.get(self.page(), {"url": '/en/news/"><script>'})
        self.assertContains(response, "/en/news/&quot;&gt;&lt;script&gt;")

    def test_get_sends_nothing(self):
        self.client.get(self.page(), ISSUE)
        self.client.head(self.page())
        self.assertEqual(self.client.put(self.page()).status_code, 405)
        self.assertFalse(Report.objects.exists())
        self.assertEqual(self.client.post("/en/report/thanks/").status_code, 405)

    def test_bad_input_is_the_form_again_with_what_was_typed(self):
        bad = {
            "empty": {"text": ""},
            "blank": {"text": " \n\t "},
            "too long": {"text": "x" * 100_000},
            "no such reason": {"reason": "because"},
            "a null byte": {"text": "upside\0down, they say"},
            "no address": {"email": "not an address"},
            "a long page": {"url": "x" * 501},
        }
        for name, changes in bad.items():
            with self.subTest(bad=name):
                response = self.send(**changes)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
                if "text" not in changes:
                    self.assertContains(response, ISSUE["text"])
        self.assertFalse(Case.objects.exists())

    def test_long_text_comes_back_whole(self):
        text = "句" * 4001
        self.assertContains(self.send(text=text), text)

    def test_extra_fields_forge_nothing(self):
        self.send(self.bob, reporter=self.alice.pk, case="1", member=self.alice.pk, closed_at="x")
        report = Report.objects.get()
        self.assertEqual((report.reporter, report.case.member), (self.bob, self.bob))

    def test_machine_that_fills_the_hidden_field_is_thanked_and_ignored(self):
        response = self.send(website="https://spam.example")
        self.assertRedirects(response, "/en/report/thanks/")
        self.assertFalse(Report.objects.exists())

    def test_member_sends_five_in_an_hour_and_loses_no_text(self):
        self.login(self.bob)
        answers = [self.client.post(self.page(), ISSUE) for _number in range(6)]
        self.assertEqual([each.status_code for each in answers], [302] * 5 + [429])
        self.assertGreaterEqual(int(answers[-1]["Retry-After"]), 1)
        self.assertContains(answers[-1], ISSUE["text"], status_code=429)
        self.assertEqual(Report.objects.count(), 5)

    def test_visitors_of_one_campus_address_share_a_wider_limit(self):
        answers = [Client().post(self.page(), ISSUE).status_code for _visitor in range(21)]
        self.assertEqual(answers, [302] * 20 + [429])
        other = self.client.post(self.page(), ISSUE, REMOTE_ADDR="192.0.2.9")
        self.assertEqual(other.status_code, 302)

    def test_token_against_forgery_is_needed(self):
        cache.clear()
        self.assertEqual(Client(enforce_csrf_checks=True).post(self.page(), ISSUE).status_code, 403)
        self.assertFalse(Report.objects.exists())

    def test_reports_are_shown_to_moderators_alone(self):
        self.send(name="A visitor", email="visitor@example.org")
        page = f"/admin/moderation/case/{Case.objects.get().pk}/change/"
        for who, status in {
            None: 302,
            self.alice: 403,
            self.wei: 403,
            self.mona: 200,
            self.root: 200,
        }.items():
            self.login(who)
            with self.subTest(who=who):
                response = self.client.get(page)
                self.assertEqual(response.status_code, status)
                text = response.content.decode()
                self.assertEqual("visitor@example.org" in text, status == 200)
