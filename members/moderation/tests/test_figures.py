"""The desk's numbers: what each counts, what they cost, and how they are shown."""

import re
from datetime import timedelta

from django.core.cache import cache
from django.db import models
from django.template import Context, Template
from django.utils import timezone
from django.utils.translation import override

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Member
from members.moderation import (
    deciding,
    figures,
    profile_holding,
    reporting,
    sweeping,
    undoing,
    waiting,
)
from members.moderation.models import Case, Decision, State
from members.moderation.templatetags.moderation import in_words
from news import reviewing


class FiguresTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.max = make_member("max", MODERATOR)

    def held(self, reasons=("salesman",), author=None, ago=timedelta(0), state=State.HELD):
        author = author or self.bob
        comment = make_comment(self.article, author, state=state)
        case = waiting.open_case(Case.Kind.COMMENT, comment, author, list(reasons))
        Case.objects.filter(pk=case.pk).update(since=timezone.now() - ago)
        return comment

    def figures(self):
        cache.delete(figures.CACHE_KEY)
        return figures.lately()

    def judged(self):
        found = self.figures()
        return found.caught, found.missed, found.wrongly_held

    def move(self, decision, when):
        models.QuerySet.update(Decision.objects.filter(pk=decision.pk), at=when)


class HandledTests(FiguresTestCase):
    def test_by_day_and_by_whom(self):
        for act in (deciding.approve, deciding.remove, deciding.mark_spam):
            act(self.held(), self.mona)
        deciding.approve(self.held(), self.max)
        yesterday = timezone.now() - timedelta(days=1)
        self.move(Decision.objects.latest("pk"), yesterday)
        found = self.figures()
        self.assertEqual(len(found.days), 30)
        self.assertEqual((found.days[-1].handled, found.days[-1].taken_down), (3, 2))
        self.assertEqual((found.days[-2].handled, found.days[-2].taken_down), (1, 0))
        self.assertEqual(found.days[-2].on, timezone.localdate(yesterday))
        self.assertEqual(found.handled, 4)
        self.assertEqual(found.people, [(self.mona, 3), (self.max, 1)])

    def test_thirty_days_and_no_more(self):
        deciding.approve(self.held(), self.mona)
        decision = Decision.objects.latest("pk")
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight - timedelta(days=29)
        self.move(decision, first)
        self.assertEqual(self.figures().days[0].handled, 1)
        self.move(decision, first - timedelta(seconds=1))
        self.assertEqual(self.figures().handled, 0)

    def test_undone_decisions_and_those_of_the_clock_count_nowhere(self):
        deciding.mark_spam(self.held(), self.mona)
        undoing.undo(Decision.objects.latest("pk"), self.mona)
        deciding.suspend(self.alice, self.mona, timezone.now() + timedelta(days=1))
        Member.objects.filter(pk=self.alice.pk).update(suspended_until=timezone.now())
        self.alice.refresh_from_db()
        deciding.restore(self.alice, None)
        found = self.figures()
        self.assertEqual((found.handled, found.people, self.judged()), (0, [], (0, 0, 0)))

    def test_one_act_that_admits_as_well_is_one(self):
        waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        deciding.approve(self.held(["pending", "first"], self.nina), self.mona)
        self.assertEqual(Decision.objects.count(), 2)
        self.assertEqual(self.figures().handled, 1)


class JudgedTests(FiguresTestCase):
    def test_caught_is_held_and_then_taken_down(self):
        deciding.mark_spam(self.held(), self.mona)
        deciding.remove(self.held(), self.mona)
        deciding.mark_spam(self.held(["pending", "first"], self.nina), self.mona)
        self.assertEqual(self.judged(), (3, 0, 0))

    def test_missed_was_seen_and_is_then_marked_as_spam(self):
        deciding.mark_spam(self.comment, self.mona)
        deciding.remove(make_comment(self.article, self.bob), self.mona)  # rude, no spam
        self.assertEqual(self.judged(), (0, 1, 0))

    def test_what_reports_hid_was_seen(self):
        for name in ("tom", "tim", "ted"):
            reporting.report(self.comment, make_member(name), "spam", "", "en")
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.state, State.HELD)
        deciding.mark_spam(self.comment, self.mona)
        self.assertEqual(self.judged(), (0, 1, 0))

    def test_wrongly_held_is_a_members_that_is_approved(self):
        deciding.approve(self.held(["salesman", "classifier"]), self.mona)
        self.assertEqual(self.judged(), (0, 0, 1))

    def test_what_waits_in_any_case_is_not_held_wrongly(self):
        deciding.approve(self.held(["first", "links"]), self.mona)
        deciding.approve(self.held(["pending", "first"], self.nina), self.mona)
        deciding.approve(self.held(["reported", "reports_hide"]), self.mona)
        post = make_article(author=self.alice, status="draft", publish_at=None, is_post=True)
        reviewing.submit(post, self.alice)
        reviewing.publish(post, self.wei)
        self.assertEqual(self.judged(), (0, 0, 0))

    def test_what_was_reported_and_stays_is_none_of_it(self):
        reporting.report(self.comment, self.bob, "rude", "", "en")
        deciding.approve(self.comment, self.mona)
        self.assertEqual(self.judged(), (0, 0, 0))

    def test_texts_of_profiles(self):
        def held():
            Member.objects.filter(pk=self.alice.pk).update(
                profile_held=True, proposed={"bio": "Buy things."}
            )
            self.alice.refresh_from_db()
            waiting.open_case(Case.Kind.PROFILE, self.alice, self.alice, ["profile", "salesman"])

        held()
        profile_holding.mark_spam(self.alice, self.mona)
        self.assertEqual(self.judged(), (1, 0, 0))
        held()
        profile_holding.approve(self.alice, self.mona)
        self.assertEqual(self.judged(), (1, 0, 1))
        profile_holding.mark_spam(self.alice, self.mona)
        self.assertEqual(self.judged(), (1, 1, 1))

    def test_clean_up(self):
        eve = make_member("eve", approved_count=0)
        for state in (State.HELD, State.HELD, State.VISIBLE):
            make_comment(self.article, eve, state=state)
        sweeping.after_spammer(eve, self.mona)
        run_due()
        self.assertEqual(self.judged(), (2, 1, 0))
        self.assertEqual(self.figures().handled, 1)
        undoing.undo(Decision.objects.latest("pk"), self.mona)
        run_due()
        self.assertEqual(self.judged(), (0, 0, 0))


class WaitTests(FiguresTestCase):
    def test_median_of_what_had_waited(self):
        self.assertIsNone(self.figures().median_wait)
        for hours in (1, 5, 30):
            deciding.approve(self.held(ago=timedelta(hours=hours)), self.mona)
        deciding.remove(self.comment, self.mona)  # nobody had asked for it
        self.assertAlmostEqual(
            self.figures().median_wait, timedelta(hours=5), delta=timedelta(minutes=1)
        )

    def test_in_words(self):
        for wait, words in {
            timedelta(seconds=5): "1 minute",
            timedelta(minutes=59): "59 minutes",
            timedelta(minutes=61): "1 hour",
            timedelta(hours=47): "47 hours",
            timedelta(days=3): "3 days",
            None: "–",
        }.items():
            with self.subTest(wait=wait), override("en"):
                self.assertEqual(in_words(wait), words)


class ShownTests(FiguresTestCase):
    def test_five_queries_and_one_for_ten_minutes_after_whatever_was_decided(self):
        for count in (1, 19):
            for _number in range(count):
                deciding.approve(self.held(), self.mona)
            cache.delete(figures.CACHE_KEY)
            with self.subTest(count=count):
                with self.assertNumQueries(5):
                    figures.lately()
                with self.assertNumQueries(1):
                    figures.lately()

    def test_last_decisions_cost_one_query(self):
        template = Template(
            "{% load moderation %}{% last_decisions as all %}"
            '{% include "admin/moderation/_last_decisions.html" with decisions=all %}'
        )
        for count in (1, 19):
            for _number in range(count):
                deciding.approve(self.held(), self.mona)
            with self.subTest(count=count), self.assertNumQueries(1):
                template.render(Context())

    def desk(self, who, language="en"):
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        self.login(who)
        return self.client.get("/admin/").content.decode()

    def test_the_desk_shows_them_to_moderators_alone(self):
        deciding.mark_spam(self.held(), self.mona)
        for who, sees in {self.mona: True, self.root: True, self.wei: False}.items():
            with self.subTest(who=who):
                page = self.desk(who)
                self.assertEqual("desk-chart" in page, sees)
                self.assertEqual("The last decisions" in page, sees)

    def test_the_chart_is_as_high_as_its_table_says(self):
        for act in (deciding.approve, deciding.mark_spam, deciding.remove, deciding.approve):
            act(self.held(), self.mona)
        self.move(Decision.objects.latest("pk"), timezone.now() - timedelta(days=3))
        page = self.desk(self.mona)
        chart = page.split('<figure class="desk-chart">')[1].split("<figcaption>")[0]
        bars = re.findall(r'<rect( class="down")? x="(\d+)" y="(\d+)" .*?height="(\d+)"', chart)
        # Three days ago one, a third of today's three; of these two taken down, at the foot.
        self.assertEqual(
            bars,
            [
                ("", "523", "80", "40"),
                ("", "583", "0", "40"),
                (' class="down"', "583", "40", "80"),
            ],
        )
        self.assertNotIn("style=", chart)
        rows = re.findall(r"<tr><th scope=\"row\">.*?</th><td>(\d+)</td><td>(\d+)</td></tr>", page)
        self.assertEqual(len(rows), 30)  # that of all who work here has more columns
        self.assertEqual(rows[:4], [("3", "2"), ("0", "0"), ("0", "0"), ("1", "0")])

    def test_names_lead_to_the_log(self):
        deciding.approve(self.held(), self.mona)
        self.assertIn(f"/admin/moderation/decision/?by={self.mona.pk}", self.desk(self.max))

    def test_undone_ones_are_marked(self):
        deciding.mark_spam(self.held(), self.mona)
        undoing.undo(Decision.objects.latest("pk"), self.mona)
        page = self.desk(self.mona)
        self.assertEqual(page.count('class="undone"'), 1)
        self.assertIn("Marked as spam", page)

    def test_young_site_and_chinese_page(self):
        self.assertIn("Nothing was decided.", self.desk(self.mona))
        self.assertNotIn("desk-chart", self.desk(self.mona))
        deciding.approve(self.held(), self.mona)
        cache.clear()
        self.assertIn("desk-chart", self.desk(self.mona, "zh-hans"))
