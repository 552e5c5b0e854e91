"""The last days at the desk: what each app counts, who sees it, what it costs, how it is drawn."""

import re
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.utils import timezone
from django.utils.safestring import mark_safe

from caisu.core import daily
from caisu.core.templatetags.desk import labelled
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Member
from members.moderation import deciding, waiting
from members.moderation.models import Case, State
from news.models import DailyViews


class DailyTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.today = timezone.localdate()

    def read(self, ago, count):
        day = self.today - timedelta(days=ago)
        DailyViews.objects.create(day=day, article=self.article, count=count)


class DailyTests(DailyTestCase):
    def series(self, member=None):
        cache.clear()
        days, shown = daily.lately(member or self.mona)
        self.assertEqual(days[-1], self.today)
        return {each.kind.name: each.numbers for each in shown}

    def test_each_app_counts_its_own_by_day(self):
        self.read(0, 3)
        self.read(29, 5)
        self.read(30, 7)
        make_comment(self.article, self.bob, created_at=timezone.now() - timedelta(days=2))
        make_comment(self.article, self.bob, state=State.HELD)
        spam = make_comment(self.article, self.bob, state=State.HELD)
        waiting.open_case(Case.Kind.COMMENT, spam, self.bob, ["links"])
        deciding.mark_spam(spam, self.mona)
        found = self.series()
        self.assertEqual(list(found), ["views", "signups", "comments", "caught"])
        self.assertEqual({len(numbers) for numbers in found.values()}, {daily.DAYS})
        self.assertEqual((found["views"][-1], found["views"][0], sum(found["views"])), (3, 5, 8))
        self.assertEqual((found["comments"][-1], found["comments"][-3]), (1, 1))
        self.assertEqual((found["caught"][-1], sum(found["caught"])), (1, 1))

    def test_a_signup_counts_from_the_proof_of_the_address_and_once(self):
        before = self.series()["signups"][-1]
        newcomer = make_member(
            "newcomer", standing=Member.Standing.PENDING, date_joined=timezone.now()
        )
        EmailAddress.objects.filter(user=newcomer).update(verified=False)
        self.assertEqual(self.series()["signups"][-1], before)
        EmailAddress.objects.filter(user=newcomer).update(verified=True)
        EmailAddress.objects.create(user=newcomer, email="n@example.org", verified=True)
        self.assertEqual(self.series()["signups"][-1], before + 1)

    def test_editors_see_what_is_read_and_said_but_not_what_was_caught(self):
        self.assertEqual(list(self.series(self.wei)), ["views", "signups", "comments"])

    def test_it_costs_the_same_however_much_there_is_and_nothing_for_ten_minutes(self):
        for count in (1, 20):
            for number in range(count):
                ago = timedelta(days=number)
                make_comment(self.article, self.bob, created_at=timezone.now() - ago)
                make_member(f"m{count}-{number}", date_joined=timezone.now() - ago)
            DailyViews.objects.all().delete()
            for ago in range(count):
                self.read(ago, 2)
            cache.clear()
            with self.subTest(count=count):
                # Three, and the four of the moderators' figures.
                with self.assertNumQueries(7):
                    daily.lately(self.root)
                with self.assertNumQueries(0):
                    daily.lately(self.root)


class DrawnTests(DailyTestCase):
    def desk(self, who):
        cache.clear()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.login(who)
        page = self.client.get("/admin/").content.decode()
        return page[page.index('<section class="days"') :].split("</section>")[0]

    def test_bars_are_as_high_as_the_table_says(self):
        self.read(0, 4)
        self.read(1, 1)
        self.read(2, 1000)
        section = self.desk(self.wei)
        [views, *_others] = re.findall(r"<svg.*?</svg>", section, re.DOTALL)
        bars = re.findall(
            r'<rect(?: class="today")? x="(\d+)" y="(\d+)" width="7" height="(\d+)"', views
        )
        # What is little beside the highest is seen all the same.
        self.assertEqual(bars, [("270", "0", "60"), ("280", "58", "2"), ("290", "58", "2")])
        self.assertIn("at most 1000; the same in the table below</title>", views)
        rows = re.findall(r'<tr><th scope="row">.*?</th>(.*?)</tr>', section)
        self.assertEqual(len(rows), daily.DAYS)
        self.assertTrue(rows[0].startswith("<td>4</td>"))
        self.assertTrue(rows[2].startswith("<td>1000</td>"))
        self.assertEqual(rows[0].count("<td>"), 3)
        self.assertNotIn("style=", section)

    def test_a_young_site_has_empty_charts(self):
        section = self.desk(self.mona)
        self.assertEqual(section.count("<svg"), 4)
        self.assertIn("<strong>0</strong>", section)


class LabelledTests(CastTestCase):
    def test_cells_get_the_headings_of_their_columns_and_say_when_they_are_empty(self):
        headers = [{"text": mark_safe("<input>")}, {"text": "name"}, {"text": 'a "b" & c'}]
        cells = [
            '<td class="action-checkbox"><input></td>',
            '<th class="field-name"><a href="?a&gt;b">Eve > Bob</a></th>',
            '<td class="field-other"> - </td>',
            "<td><input type=hidden></td>",
        ]
        self.assertEqual(
            list(labelled(cells, headers)),
            [
                cells[0],
                '<th class="field-name" data-label="Name"><a href="?a&gt;b">Eve > Bob</a></th>',
                '<td class="field-other" data-label="A &quot;b&quot; &amp; c" data-nothing> - </td>',
                cells[3],
            ],
        )

    def test_a_list_shows_them(self):
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.login(self.mona)
        page = self.client.get("/admin/comments/comment/")
        self.assertContains(page, 'data-label="Author"')
