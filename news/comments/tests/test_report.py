"""Reporting a comment: the page, and everything that is on it."""

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from caisu.core.models import Audience
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.moderation import deciding
from members.moderation.models import Case, Report, State


class ReportCommentTests(CastTestCase):
    def url(self, comment=None):
        return reverse("comments:report", args=[(comment or self.comment).pk])

    def send(self, who, comment=None, **changes):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.post(self.url(comment), {"reason": "rude", "text": "", **changes})

    def test_member_reports_and_hears_what_comes_next(self):
        self.login(self.bob)
        page = self.client.get(self.url())
        self.assertContains(page, "Well said.")
        self.assertNotContains(page, 'value="broken"')
        response = self.send(self.bob, reason="spam", text="An advertisement")
        self.assertRedirects(
            response,
            f"{self.article.get_absolute_url()}#comment-{self.comment.pk}",
            fetch_redirect_response=False,
        )
        report = Report.objects.get()
        self.assertEqual(
            (report.reporter, report.reason, report.text, report.language),
            (self.bob, "spam", "An advertisement", "zh-hans"),
        )
        self.assertEqual(report.case.reasons, ["reported"])
        self.assertContains(self.client.get("/en/"), "谢谢。审核员会查看")

    def test_second_time_there_is_no_form_and_no_second_report(self):
        for _time in range(2):
            self.send(self.bob)
        self.assertEqual(Report.objects.count(), 1)
        self.assertContains(self.client.get("/en/"), "您已经举报过了")
        page = self.client.get(self.url().replace("/zh-hans/", "/en/"))
        self.assertContains(page, "You have reported this before.")
        self.assertNotContains(page, 'name="reason"')
        deciding.approve(self.comment, self.mona)
        self.send(self.bob)
        self.assertEqual(Report.objects.count(), 1)

    def test_who_may_not(self):
        hidden = make_comment(self.article, self.bob, state=State.REMOVED)
        held = make_comment(self.article, self.bob, state=State.HELD)
        draft = make_comment(make_article(status="draft", publish_at=None), self.bob)
        for who, comment, status in (
            (None, self.comment, 302),
            (None, held, 302),
            (self.alice, self.comment, 403),
            (self.nina, self.comment, 403),
            (self.alice, hidden, 404),
            (self.alice, held, 404),
            (self.bob, held, 403),
            (self.mona, held, 403),
            (self.alice, draft, 404),
        ):
            for ask in (self.client.get, self.client.post):
                self.login(who)
                self.assertEqual(ask(self.url(comment), {"reason": "spam"}).status_code, status)
        self.login(self.bob)
        self.assertEqual(self.client.post("/en/comments/99999/report/").status_code, 404)
        self.assertFalse(Case.objects.exists())

    def test_visitor_is_led_to_the_login_and_back(self):
        self.assertRedirects(
            self.send(None),
            f"{reverse('account_login')}?next={self.url()}",
            fetch_redirect_response=False,
        )

    def test_comment_under_an_article_for_members_is_not_there_for_a_newcomer(self):
        closed = make_comment(make_article(audience=Audience.MEMBERS), self.alice)
        self.assertEqual(self.send(self.nina, closed).status_code, 404)
        self.assertEqual(self.send(self.bob, closed).status_code, 302)

    def test_bad_input_is_the_form_again_with_what_was_typed(self):
        words = "Typed with care."
        for name, changes in {
            "no reason": {"reason": ""},
            "no such reason": {"reason": "because"},
            "a reason of another form": {"reason": "broken"},
            "too long": {"text": words + "x" * 1000},
            "a null byte": {"text": words + "\0"},
        }.items():
            with self.subTest(bad=name):
                response = self.send(self.bob, **{"text": words, **changes})
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
                self.assertContains(response, words)
        self.assertFalse(Case.objects.exists())

    def test_something_else_needs_words(self):
        for text in ("", " \n", "\u200b\u3164"):
            self.assertContains(self.send(self.bob, reason="other", text=text), "errorlist")
        self.assertEqual(self.send(self.bob, reason="other", text="它在冒充别人").status_code, 302)

    def test_megabyte_of_text_is_refused_at_once(self):
        response = self.send(self.bob, text="a\u0301" * 500_000)
        self.assertContains(response, "errorlist")

    def test_extra_fields_forge_nothing(self):
        self.send(self.bob, reporter=self.mona.pk, case=1, name="Mona", email="x@example.org")
        report = Report.objects.get()
        self.assertEqual((report.reporter, report.name, report.email), (self.bob, "", ""))

    def test_at_most_twenty_a_day_and_no_word_is_lost(self):
        comments = [
            make_comment(self.article, self.alice, body=f"Number {number}") for number in range(21)
        ]
        words = "A long and careful explanation."
        answers = [self.send(self.bob, comment, text=words) for comment in comments]
        self.assertEqual([each.status_code for each in answers], [302] * 20 + [429])
        self.assertGreater(int(answers[-1]["Retry-After"]), 0)
        self.assertContains(answers[-1], words, status_code=429)
        self.assertEqual(Report.objects.count(), 20)
        # What was reported before, and what could not be taken, is no report.
        self.assertEqual(self.send(self.bob, comments[0]).status_code, 302)
        self.assertEqual(self.send(self.wei, comments[0]).status_code, 302)

    def test_third_trusted_report_hides_it(self):
        for who in (self.bob, self.wei, make_member("carl")):
            response = self.send(who)
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.state, State.HELD)
        self.assertEqual(self.client.get(response["Location"]).status_code, 200)

    def test_get_reports_nothing(self):
        self.login(self.bob)
        self.client.get(self.url(), {"reason": "spam"})
        self.client.head(self.url())
        self.assertEqual(self.client.put(self.url()).status_code, 405)
        self.assertFalse(Case.objects.exists())

    def test_token_against_forgery_is_needed(self):
        cache.clear()
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.bob)
        self.assertEqual(client.post(self.url(), {"reason": "spam"}).status_code, 403)
        self.assertFalse(Case.objects.exists())

    def test_page_costs_the_same_however_many_have_reported(self):
        self.login(self.bob)
        self.client.get(self.url())
        with self.assertNumQueries(6):
            self.client.get(self.url())
        case = Case.objects.create(kind="comment", subject=self.comment, member=self.alice)
        for number in range(20):
            case.reports.create(reporter=make_member(f"many{number}"), reason="rude", text="")
        with self.assertNumQueries(6):
            self.client.get(self.url())

    def test_menu_leads_there_for_whom_it_is(self):
        for who, leads in (
            (None, False),
            (self.alice, False),
            (self.nina, False),
            (self.bob, True),
        ):
            self.login(who)
            page = self.client.get(self.article.get_absolute_url()).content.decode()
            self.assertEqual(self.url() in page, leads, who)
