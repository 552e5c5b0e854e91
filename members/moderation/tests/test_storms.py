"""Far more comes in than usual: the site is on its guard, says so, and is at ease again by itself."""

from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_member
from members.models import Member
from members.moderation import storms
from members.moderation.filtering import Contribution, check
from members.moderation.models import Case, HouseRules, Storm, Trait
from news.comments.models import Comment
from news.comments.posting import post_comment

NOON = datetime(2026, 9, 16, 18, 0, tzinfo=UTC)  # a Wednesday in Pocatello
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class StormTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        Member.objects.update(date_joined=NOON - timedelta(days=200))

    def at(self, now):
        cache.clear()
        return mock.patch("django.utils.timezone.now", return_value=now)

    def watch(self, now):
        with self.at(now):
            return storms.watch()

    def joined(self, count, when):
        start = Member.objects.count()
        Member.objects.bulk_create(
            Member(
                username=f"new{start + n}",
                email=f"new{start + n}@example.org",
                display_name="New",
                date_joined=when,
            )
            for n in range(count)
        )

    def held(self, count, when, **changes):
        values = {"kind": Case.Kind.COMMENT, "reasons": ["first"], "since": when, **changes}
        Case.objects.bulk_create(Case(**values) for _n in range(count))

    def linked(self, count, when, model=Comment):
        kind = ContentType.objects.get_for_model(model)
        start = Trait.objects.count()
        Trait.objects.bulk_create(
            Trait(key=key, content_type=kind, object_id=start + n, at=when)
            for n in range(count)
            for key in (f"host:{n}.example", f"host:other{n}.example", "net:192.0.2.1/32")
        )

    def measured(self, cause, now=NOON):
        with self.at(now):
            return next(each for each in storms.measure() if each.cause == cause)


class MeasureTests(StormTestCase):
    def test_site_with_no_data_is_calm(self):
        self.assertIsNone(self.watch(NOON))
        measure = self.measured("signups")
        self.assertEqual((measure.count, measure.usual, measure.level), (0, 0, 10))

    def test_only_the_last_hour_counts(self):
        self.joined(3, NOON - 59 * MINUTE)
        self.joined(5, NOON - 61 * MINUTE)
        self.joined(5, NOON + MINUTE)
        self.assertEqual(self.measured("signups").count, 3)

    def test_usual_is_the_median_of_the_same_hour_on_28_days(self):
        for day in range(1, 29):
            self.joined(4 if day > 10 else 100, NOON - day * DAY - 30 * MINUTE)
            self.joined(50, NOON - day * DAY - 5 * timedelta(hours=1))
        measure = self.measured("signups")
        self.assertEqual((measure.usual, measure.level), (4, 20))

    def test_one_bad_night_does_not_raise_the_usual(self):
        self.joined(300, NOON - DAY - MINUTE)
        self.assertEqual(self.measured("signups").usual, 0)

    def test_what_is_older_than_28_days_is_forgotten(self):
        self.held(7, NOON - 29 * DAY - MINUTE)
        self.assertEqual(self.measured("held").usual, 0)

    def test_hours_are_those_of_the_clock_also_where_it_changes(self):
        noon = datetime(2026, 11, 3, 19, 0, tzinfo=UTC)  # noon, two days after the clocks went back
        before = datetime(2026, 10, 30, 17, 30, tzinfo=UTC)  # 11:30 in summer time
        spans = storms._hours(noon)
        self.assertTrue(spans[4][0] < before <= spans[4][1])
        self.assertTrue(all(end - start == timedelta(hours=1) for start, end in spans))

    def test_hour_that_the_clock_leaves_out_is_measured_all_the_same(self):
        spans = storms._hours(
            datetime(2026, 3, 15, 8, 30, tzinfo=UTC)
        )  # 02:30; a week ago there was none
        self.assertEqual(len(spans), 29)
        self.assertTrue(all(end - start == timedelta(hours=1) for start, end in spans))

    def test_reports_sign_ups_and_files_of_acts_are_no_held_contributions(self):
        self.held(2, NOON - MINUTE)
        self.held(2, NOON - MINUTE, closed_at=NOON)
        self.held(5, NOON - MINUTE, reasons=[])
        for kind in (Case.Kind.SIGNUP, Case.Kind.ISSUE, Case.Kind.MEMBER, Case.Kind.APPEAL):
            self.held(5, NOON - MINUTE, kind=kind)
        self.assertEqual(self.measured("held").count, 4)

    def test_contribution_with_two_hosts_counts_once_and_mailboxes_do_not(self):
        self.linked(3, NOON - MINUTE)
        self.linked(9, NOON - MINUTE, model=Member)
        self.assertEqual(self.measured("links").count, 3)

    def test_costs_the_same_for_one_and_for_many(self):
        with self.at(NOON):
            storms.measure()
            with self.assertNumQueries(3):
                storms.measure()
            self.joined(50, NOON - MINUTE)
            self.held(50, NOON - MINUTE)
            self.linked(50, NOON - MINUTE)
            with self.assertNumQueries(3):
                storms.measure()


class WatchTests(StormTestCase):
    def test_each_cause_begins_a_storm_above_its_floor_and_not_at_it(self):
        for cause, make in (
            ("signups", self.joined),
            ("held", self.held),
            ("links", self.linked),
        ):
            with self.subTest(cause=cause):
                Storm.objects.all().delete()
                moment = NOON + DAY * (1 + list(storms.FLOORS).index(cause))
                make(storms.FLOORS[cause], moment - MINUTE)
                self.assertIsNone(self.watch(moment))
                make(1, moment - MINUTE)
                storm = self.watch(moment)
                self.assertEqual((storm.cause, storm.count), (cause, storms.FLOORS[cause] + 1))

    def test_busy_site_needs_more(self):
        for day in range(1, 29):
            self.joined(10, NOON - day * DAY - MINUTE)
        self.joined(50, NOON - MINUTE)
        self.assertIsNone(self.watch(NOON))
        self.joined(1, NOON - MINUTE)
        storm = self.watch(NOON)
        self.assertEqual((storm.usual, storm.count), (10, 51))

    def test_webmasters_hear_of_it_once(self):
        wanda = make_member("wanda", is_superuser=True, is_staff=True, language="zh-hans")
        self.joined(20, NOON - MINUTE)
        for minutes in (0, 5, 10):
            self.watch(NOON + minutes * MINUTE)
        run_due()
        self.assertEqual({to for m in mail.outbox for to in m.to}, {self.root.email, wanda.email})
        self.assertEqual(len(mail.outbox), 2)
        body = next(m.body for m in mail.outbox if m.to == [self.root.email])
        self.assertIn("20 people signed up", body)
        self.assertIn("since/?since_0=2026-09-16&since_1=11%3A00", body)
        self.assertIn("/moderation/storm/", body)

    def test_it_ends_by_itself_an_hour_after_it_was_last_over(self):
        self.joined(20, NOON - MINUTE)
        self.watch(NOON)
        self.assertIsNotNone(self.watch(NOON + 55 * MINUTE))  # still over: the same twenty
        for minutes in (60, 90, 110):
            self.assertIsNotNone(self.watch(NOON + minutes * MINUTE))
        self.assertIsNone(self.watch(NOON + 115 * MINUTE))
        self.assertEqual(Storm.objects.get().ended_at, NOON + 115 * MINUTE)

    def test_new_gust_keeps_it_going_without_a_second_mail(self):
        self.joined(20, NOON - MINUTE)
        self.watch(NOON)
        self.held(30, NOON + 100 * MINUTE)
        self.watch(NOON + 105 * MINUTE)
        self.assertIsNotNone(self.watch(NOON + 160 * MINUTE))
        run_due()
        self.assertEqual(len(mail.outbox), 1)

    def test_after_one_is_over_another_may_begin(self):
        self.joined(20, NOON - MINUTE)
        self.watch(NOON)
        self.watch(NOON + 130 * MINUTE)
        self.joined(20, NOON + 3 * DAY)
        self.assertIsNotNone(self.watch(NOON + 3 * DAY + MINUTE))
        self.assertEqual(Storm.objects.count(), 2)

    def test_expected_crowd_is_no_storm_until_ten_times_as_many(self):
        HouseRules.objects.create(pk=1, crowd_until=NOON + DAY)
        self.joined(100, NOON - MINUTE)
        self.assertIsNone(self.watch(NOON))
        self.joined(1, NOON - MINUTE)
        self.assertIsNotNone(self.watch(NOON))

    def test_crowd_that_was_expected_until_yesterday_is_one(self):
        HouseRules.objects.create(pk=1, crowd_until=NOON - MINUTE)
        self.joined(11, NOON - MINUTE)
        self.assertIsNotNone(self.watch(NOON))

    def test_word_that_a_crowd_is_expected_ends_it_at_once(self):
        self.joined(20, NOON - MINUTE)
        self.watch(NOON)
        with self.at(NOON + MINUTE):
            self.assertIsNotNone(storms.current())
            storms.expect_a_crowd(NOON + DAY)
            self.assertIsNone(storms.current())

    def test_the_clock_of_the_worker_watches(self):
        self.joined(20, timezone.now() - MINUTE)
        run_due(periodic=True)
        self.assertIsNotNone(Storm.objects.filter(ended_at=None).first())


class CurrentTests(StormTestCase):
    def test_none_blows_and_asking_again_costs_nothing(self):
        self.assertIsNone(storms.current())
        with self.assertNumQueries(0):
            self.assertIsNone(storms.current())

    def test_beginning_and_end_are_known_at_once(self):
        self.assertIsNone(storms.current())
        with mock.patch("django.utils.timezone.now", return_value=NOON):
            self.joined(20, NOON - MINUTE)
            storm = storms.watch()
            self.assertEqual(storms.current(), storm)
            with self.assertNumQueries(0):
                storms.current()
        with mock.patch("django.utils.timezone.now", return_value=NOON + 3 * 60 * MINUTE):
            storms.watch()
            self.assertIsNone(storms.current())

    def test_links_of_members_wait_while_it_blows_and_those_of_the_trusted_do_not(self):
        member = make_member("gus", approved_count=3)
        text = "The timetable: https://www.isu.edu/bus"
        self.assertFalse(check(Contribution(member, text)).holds)
        Storm.objects.create(cause="links", count=99, usual=1)
        cache.clear()
        verdict = check(Contribution(member, text))
        self.assertTrue(verdict.holds)
        self.assertIn("storm", verdict.reasons)
        self.assertFalse(check(Contribution(self.alice, text)).holds)
        self.assertFalse(check(Contribution(member, "No link at all.")).holds)

    def test_comment_with_a_link_is_held_while_it_blows_and_shown_in_fair_weather(self):
        gus = make_member("gus", approved_count=3)
        for text, state in (
            ("Before: https://isu.edu/", "visible"),
            ("Now: https://isu.edu/bus", "held"),
        ):
            comment, _new = post_comment(self.article, gus, text, uuid4())
            self.assertEqual(comment.state, state)
            Storm.objects.get_or_create(cause="links", count=99, usual=1)
            cache.clear()
