"""The form “Report an issue” is a door for advertisements too: same rules, same grouping."""

from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_comment
from members.moderation.filtering import Contribution, Verdict, checking, settle, traits
from members.moderation.models import BlockRule, Case, Report, State, Trait

ISSUE = {"reason": "broken", "text": "The picture is upside down.", "url": "/en/news/"}
ADVERT = (
    "Our workshop repairs phones of every make within the hour, screens and batteries included, and "
    "all the prices are at http://phones{n}.example/list/{n}, order number {n}."
)


class ReportFilterTests(CastTestCase):
    def send(self, who=None, address="192.0.2.1", **changes):
        self.login(who)
        response = self.client.post("/en/report/", {**ISSUE, **changes}, REMOTE_ADDR=address)
        self.assertEqual(response.status_code, 302)
        return Report.objects.latest("pk").case

    def test_an_honest_report_gets_no_reason_but_itself(self):
        case = self.send()
        self.assertEqual((case.reasons, case.language), (["issue"], "en"))
        self.assertEqual(self.send(self.nina, address="192.0.2.9").reasons[-1], "issue")
        self.assertFalse({"pending", "first"} & set(self.send(self.nina).reasons))

    def test_an_advertisement_is_scored_in_whatever_field_it_stands(self):
        calm = self.send().score
        for field in ("text", "name", "url"):
            case = self.send(**{field: "论文代写 包过 http://daixie.example"})
            self.assertIn("shady_trade", case.reasons, field)
            self.assertEqual(case.reasons[-1], "issue")
            self.assertGreater(case.score, calm)

    def test_reports_that_say_the_same_stand_together_also_with_comments(self):
        comment = make_comment(self.article, self.nina, body=ADVERT.format(n=1), state=State.HELD)
        contribution = Contribution(self.nina, comment.body, address="198.51.100.1")
        held = settle(comment, Case.Kind.COMMENT, contribution, Verdict(True, 1, ["first"]))
        one = self.send(text=ADVERT.format(n=2), address="192.0.2.1")
        two = self.send(text=ADVERT.format(n=3), address="203.0.113.1")
        other = self.send(text="The calendar shows the wrong month.", address="198.51.100.77")
        groups = [Case.objects.get(pk=case.pk).group for case in (held, one, two, other)]
        self.assertEqual(len(set(groups[:3])), 1)
        self.assertNotIn(groups[3], groups[:3])
        self.assertIn("same_text", two.reasons)

    def test_reports_from_one_network_stand_together(self):
        cases = [self.send(text=f"Nothing alike {n}", address="2001:db8::1") for n in range(2)]
        self.assertEqual(len({Case.objects.get(pk=case.pk).group for case in cases}), 1)

    def test_what_is_blocked_is_said(self):
        BlockRule.objects.create(kind=BlockRule.Kind.PHRASE, value="upside down")
        self.assertEqual(self.send().reasons, ["blocked", "issue"])

    def test_a_failure_of_the_filter_loses_no_report(self):
        with (
            patch.object(checking.traits, "of", side_effect=RuntimeError("x")),
            self.assertLogs("members.moderation", "ERROR"),
        ):
            case = self.send()
        self.assertEqual(case.reasons, ["unchecked", "issue"])
        self.assertEqual(case.reports.get().text, ISSUE["text"])

    def test_what_an_open_report_has_in_common_is_not_forgotten(self):
        open_, closed = self.send(), self.send(text="Something else that took place.")
        Trait.objects.update(at=timezone.now() - timedelta(days=31))
        Case.objects.filter(pk=closed.pk).update(closed_at=timezone.now())
        traits.prune()
        self.assertEqual(set(Trait.objects.values_list("object_id", flat=True)), {open_.pk})
