"""Who reported something hears what became of it, and nobody learns who that was."""

from datetime import timedelta

from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members import profiles
from members.models import Member
from members.moderation import case_acting, deciding, personal, reporting, sweeping, undoing
from members.moderation.models import Case, Decision, Report
from members.notifications import mailing
from members.notifications import personal as notes
from members.notifications.models import Notification
from members.notifications.wording import Line
from news.comments import posting


class OutcomeTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.post = make_article(author=cls.alice, is_post=True, title_en="My post")
        profiles.save(cls.alice, {"bio": "I came in 2019."})

    def report(self, subject=None, by=None):
        reporting.report(subject or self.comment, by or self.bob, "rude", "Bob’s own words", "en")

    def act(self, act, subject=None, by=None):
        case = Case.objects.about(subject or self.comment).open().get()
        return case_acting.act_on(case, act, by or self.mona)

    def told(self, member=None, language="en"):
        """What a member was told of reports: words, and where they lead."""
        rows = Notification.objects.filter(member=member or self.bob, kind="report")
        with translation.override(language):
            return [(Line(row).text, row.url) for row in rows]


class ToldTests(OutcomeTestCase):
    gone = "What you reported was taken down. Thank you"
    stays = "What you reported was looked at, and stays"
    nowhere = "/accounts/notifications/"

    def test_of_each_kind_by_each_act(self):
        titles = {self.comment: ": “Story 1”", self.post: ": “My post”", self.alice: ""}
        for subject, title in titles.items():
            for act, words in (("approve", self.stays), ("remove", self.gone), ("spam", self.gone)):
                with self.subTest(subject=subject, act=act):
                    self.report(subject)
                    self.assertTrue(self.act(act, subject))
                    ((text, url),) = self.told()
                    self.assertEqual(text, words + title)
                    self.assertEqual(url == self.nowhere, act != "approve")
                    undoing.undo(Decision.objects.latest("pk"), self.mona)
                    self.assertEqual(self.told(), [])
                    Report.objects.all().delete()

    def test_what_stays_is_where_it_leads(self):
        for subject in (self.comment, self.post, self.alice):
            self.report(subject)
            self.act("approve", subject)
        self.login(self.bob)
        for notification in Notification.objects.filter(kind="report"):
            url = reverse("notifications:open", args=[notification.pk])
            response = self.client.post(url, follow=True)
            self.assertEqual(response.status_code, 200, notification.url)

    def test_in_the_language_of_each(self):
        self.report()
        self.act("approve")
        self.assertIn("第1条新闻", self.told(language="zh-hans")[0][0])

    def test_all_who_reported_it_but_not_whoever_decides(self):
        for member in (self.bob, self.wei, self.mona):
            self.report(by=member)
        self.act("remove")
        self.assertEqual(
            [len(self.told(who)) for who in (self.bob, self.wei, self.mona)], [1, 1, 0]
        )

    def test_nobody_is_named(self):
        self.report()
        self.act("remove")
        row = Notification.objects.get(kind="report")
        self.assertEqual(row.params.keys(), {"act", "title_zh_hans", "title_en"})
        self.assertNotIn("Alice", self.told()[0][0])
        self.assertNotIn("Mona", self.told()[0][0])

    def test_what_somebody_faster_took_down_is_upheld_when_the_case_is_closed(self):
        self.report()
        type(self.comment).objects.filter(pk=self.comment.pk).update(state="removed")
        self.assertTrue(self.act("dismiss"))
        self.assertIn(self.gone, self.told()[0][0])

    def test_case_closed_without_an_act_leaves_it_there(self):
        self.report()
        deciding.dismiss(Case.objects.get(), self.mona)
        self.assertIn(self.stays, self.told()[0][0])

    def test_what_its_author_deletes_is_gone(self):
        self.report()
        posting.delete_comment(self.comment)
        self.assertIn(self.gone, self.told()[0][0])

    def test_what_goes_in_a_clean_up_is_gone_and_comes_back(self):
        eve = make_member("eve", approved_count=0)
        for number in range(3):
            self.report(make_comment(self.article, eve, body=f"Number {number}"))
        self.report(eve)
        sweep = sweeping.after_spammer(eve, self.mona)
        run_due()
        self.assertEqual([self.gone in text for text, _url in self.told()], [True] * 4)
        sweep.refresh_from_db()
        self.assertTrue(undoing.undo(sweep.decision, self.mona))
        run_due()
        self.assertEqual(self.told(), [])
        self.assertEqual(Case.objects.open().filter(reports__reporter=self.bob).count(), 4)

    def test_undone_and_decided_otherwise_the_later_word_stands(self):
        self.report()
        self.act("remove")
        undoing.undo(Decision.objects.get(), self.mona)
        self.act("approve")
        ((text, _url),) = self.told()
        self.assertIn(self.stays, text)

    def test_hidden_for_now_nobody_hears_anything(self):
        for member in (self.bob, *(make_member(name) for name in ("carl", "dana"))):
            self.report(by=member)
        self.assertTrue(Decision.objects.filter(action="hide").exists())
        self.assertEqual(self.told(), [])
        self.act("approve")
        self.assertEqual(len(self.told()), 1)

    def test_issue_is_answered_by_mail_instead(self):
        case = Case.objects.create(kind="issue", member=self.bob, reasons=["issue"])
        case.reports.create(reporter=self.bob, reason="broken", text="It is slow.")
        deciding.answer(case, self.mona, "Thank you.")
        self.assertEqual(self.told(), [])

    def test_by_mail_too_for_whoever_wants_that(self):
        for about, mails in (("direct", 1), ("none", 0)):
            Member.objects.filter(pk=self.bob.pk).update(mailed_about=about)
            comment = make_comment(self.article, self.alice, body=about)
            self.report(comment)
            self.act("remove", comment)
            mail.outbox.clear()
            mailing.mail_unseen(timezone.now() + timedelta(minutes=6))
            run_due()
            to_bob = [each for each in mail.outbox if each.to == [self.bob.email]]
            self.assertEqual(len(to_bob), mails)
            if mails:
                self.assertIn(self.gone, to_bob[0].body)

    def test_twenty_cost_as_many_queries_as_one(self):
        def queries(number):
            comment = make_comment(self.article, self.alice, body=f"For {number}")
            case = Case.objects.create(
                kind="comment", subject=comment, member=self.alice, reasons=["reported"]
            )
            for count in range(number):
                reporter = make_member(f"reader{comment.pk}-{count}")
                case.reports.create(reporter=reporter, reason="rude", text="")
            with CaptureQueriesContext(connection) as captured:
                self.assertTrue(self.act("remove", comment))
            return len(captured)

        queries(1)  # content types are remembered from now on
        self.assertEqual(queries(20), queries(1))
        self.assertEqual(Notification.objects.filter(kind="report").count(), 22)


class ReporterTests(OutcomeTestCase):
    """The name of a reporter, and their words, are on the desk of moderators and nowhere else."""

    def setUp(self):
        super().setUp()
        profiles.save(self.bob, {"display_name": "Canary Bob"})
        for subject in (self.comment, self.post, self.alice):
            self.report(subject)

    def is_named(self, said):
        return "Canary" in said or "own words" in said

    def test_nothing_of_it_in_what_the_author_is_told_mailed_or_handed(self):
        for subject in (self.comment, self.post, self.alice):
            self.act("remove", subject)
        mailing.mail_unseen(timezone.now() + timedelta(minutes=6))
        run_due()
        mails = [f"{each.subject} {each.body}" for each in mail.outbox if "alice" in each.to[0]]
        self.assertTrue(mails)
        told = [Line(row).text for row in Notification.objects.filter(member=self.alice)]
        for export in (personal.exported, notes.exported):
            mails += [str(list(rows)) for rows in export(None, self.alice).values()]
        self.assertFalse(any(map(self.is_named, [*mails, *told])))

    def test_on_pages_for_moderators_alone(self):
        cases = [
            reverse("admin:moderation_case_change", args=[case.pk]) for case in Case.objects.all()
        ]
        pages = {
            *(each.get_absolute_url() for each in (self.article, self.post, self.alice)),
            *(reverse("admin:news_article_change", args=[self.post.pk]), "/admin/"),
            *(reverse("admin:members_member_change", args=[self.alice.pk]), *cases),
            *(reverse("admin:moderation_case_changelist"), "/admin/comments/comment/"),
            *(reverse("notifications:list"), reverse("search:results") + "?q=canary+own+words"),
        }
        named = {}
        for who in (None, self.alice, self.nina, self.wei, self.mona):
            self.login(who)
            for page in pages:
                html = self.client.get(page, follow=True).content.decode()
                # That a member of this name can be searched for is no secret.
                named[who, page] = self.is_named(html) and "search" not in page
        told = {page for (who, page), is_there in named.items() if is_there and who == self.mona}
        self.assertEqual(told, {*cases, reverse("admin:moderation_case_changelist")})
        self.assertFalse(any(there for (who, _page), there in named.items() if who != self.mona))
