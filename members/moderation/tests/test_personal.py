"""What moderation gives a member of theirs, and what it forgets when they go."""

from datetime import timedelta

from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.moderation import appealing, deciding, personal, reporting, sweeping, waiting
from members.moderation.models import Case, Decision, Report, State


class PersonalTests(CastTestCase):
    def decisions(self, member=None):
        return list(personal.exported(None, member or self.alice)["decisions.json"])

    def reports(self, member):
        return list(personal.exported(None, member)["reports.json"])

    def report(self, comment, by, text="Not nice."):
        reporting.report(comment, by, Report.Reason.RUDE, text, "en")

    def test_decisions_as_they_were_told_by_nobody_in_particular(self):
        deciding.remove(self.comment, self.mona, "Too harsh.")
        deciding.suspend(self.alice, self.mona, timezone.now() + timedelta(days=1), "A pause.")
        removed, suspended = self.decisions()
        self.assertEqual(removed["reason"], "Too harsh.")
        self.assertEqual(removed["text"], self.comment.body)
        self.assertEqual(suspended["decision"], "suspend")
        self.assertEqual({removed["by"], suspended["by"]}, {"the staff"})

    def test_what_was_not_told_is_not_in_it(self):
        deciding.mark_spam(self.comment, self.mona, "A known spammer.")
        deciding.admit(self.nina, self.mona, "Seems nice.")
        deciding.approve(make_comment(self.article, self.bob, state=State.HELD), self.mona)
        (spam,) = self.decisions()
        self.assertEqual((spam["text"], spam["reason"]), (self.comment.body, ""))
        (admitted,) = self.decisions(self.nina)
        self.assertEqual(admitted["reason"], "")
        self.assertEqual(self.decisions(self.bob), [])

    def test_of_a_wave_nobody_gets_what_others_wrote(self):
        new = {"date_joined": timezone.now() - timedelta(hours=1), "approved_count": 0}
        eve, ivy = make_member("eve", **new), make_member("ivy", **new)
        make_comment(self.article, eve, body="Eve’s own words")
        sweeping.after_new_accounts(timezone.now() - timedelta(hours=2), self.mona, "Adverts.")
        run_due()
        (swept,) = self.decisions(ivy)
        self.assertEqual((swept["decision"], swept["reason"]), ("since", "Adverts."))
        self.assertEqual(swept["text"], "")

    def test_appeals_with_what_came_of_them(self):
        answers = {"waits": None, "granted": appealing.grant, "denied": appealing.deny}
        for answer in answers.values():
            deciding.remove(make_comment(self.article, self.alice), self.mona, "Too harsh.")
            made = appealing.appeal(
                Decision.objects.latest("pk"), self.alice, "It was a quotation."
            )
            if answer:
                answer(made, self.root, "We looked again.")
        rows = list(personal.exported(None, self.alice)["appeals.json"])
        self.assertEqual([row["outcome"] for row in rows], ["", "grant", "deny"])
        self.assertEqual({row["text"] for row in rows}, {"It was a quotation."})
        self.assertEqual([row["answer"] for row in rows], ["", *["We looked again."] * 2])
        self.assertNotIn("Root", str(rows))
        self.assertEqual(list(personal.exported(None, self.bob)["appeals.json"]), [])

    def test_end_of_a_suspension_is_the_clocks(self):
        deciding.suspend(self.alice, self.mona, timezone.now() + timedelta(seconds=1))
        type(self.alice).objects.filter(pk=self.alice.pk).update(suspended_until=timezone.now())
        self.alice.refresh_from_db()
        deciding.restore(self.alice, None)
        self.assertEqual([each["by"] for each in self.decisions()], ["the staff", "the clock"])

    def test_answer_without_what_others_reported(self):
        case = waiting.open_case(Case.Kind.ISSUE, None, self.alice, ["issue"])
        Report.objects.create(case=case, reporter=self.alice, reason="broken", text="It is slow.")
        Report.objects.create(case=case, reporter=self.bob, reason="broken", text="Bob’s words.")
        deciding.answer(case, self.mona, "We look into it.")
        (answer,) = self.decisions()
        self.assertEqual((answer["reason"], answer["text"]), ("We look into it.", ""))

    def test_reports_are_for_who_made_them(self):
        self.report(self.comment, self.bob, "Not nice.")
        self.assertEqual(self.reports(self.alice), [])
        (mine,) = self.reports(self.bob)
        self.assertEqual((mine["text"], mine["closed"]), ("Not nice.", False))

    def test_who_left_is_named_on_no_report_and_the_report_stands(self):
        self.report(self.comment, self.bob)
        Report.objects.update(name="Bob", email="bob@example.org")
        personal.left(None, self.bob)
        report = Report.objects.get()
        self.assertEqual((report.reporter, report.name, report.email), (None, "", ""))
        self.assertEqual(report.text, "Not nice.")
        self.assertTrue(report.case.is_open)

    def test_reports_of_several_who_left_stand_beside_each_other(self):
        other = make_comment(self.article, self.nina)
        for member in (self.bob, self.alice):
            self.report(other, member)
            personal.left(None, member)
        self.assertEqual(Report.objects.filter(reporter=None).count(), 2)

    def test_decisions_stay_in_the_log(self):
        deciding.remove(self.comment, self.mona, "Too harsh.")
        personal.left(None, self.alice)
        self.assertEqual(Decision.objects.get().text, self.comment.body)
