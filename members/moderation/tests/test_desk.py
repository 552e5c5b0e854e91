"""The first page of the desk: what waits, how much, since when."""

import re
from datetime import timedelta

from django.template import Context, Template
from django.utils import timezone

from caisu.core.roles import WEBMASTER
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.moderation import deciding, waiting
from members.moderation.models import Case, State
from members.moderation.templatetags.moderation import desk


class DeskTests(CastTestCase):
    def wait(self, number, author=None):
        author = author or self.bob
        cases = []
        for _number in range(number):
            comment = make_comment(self.article, author, state=State.HELD)
            cases.append(waiting.open_case(Case.Kind.COMMENT, comment, author, ["first"]))
        return cases

    def line(self, kind):
        return next(line for line in desk()["lines"] if line["kind"] == kind)

    def test_it_counts_each_kind_and_begins_with_the_oldest(self):
        young, old, closed = self.wait(3)
        Case.objects.filter(pk=old.pk).update(since=timezone.now() - timedelta(days=2))
        deciding.approve(closed.subject, self.mona)
        line = self.line("comment")
        self.assertEqual(line["count"], 2)
        self.assertEqual(line["oldest"], Case.objects.get(pk=old.pk).since)
        self.assertEqual(desk()["first"], old)
        self.assertEqual(self.line("issue"), {**self.line("issue"), "count": 0, "oldest": None})
        self.assertNotEqual(desk()["first"], young)

    def test_it_costs_two_queries_whatever_waits(self):
        for number in (1, 20):
            self.wait(number)
            with self.subTest(number=number), self.assertNumQueries(2):
                Template("{% load moderation %}{% desk as d %}{{ d.first }}").render(Context())

    def test_moderators_and_webmasters_see_it_editors_do_not(self):
        self.wait(1)
        wanda = make_member("wanda", WEBMASTER)
        for who, sees in {
            self.mona: True,
            wanda: True,
            self.root: True,
            self.wei: False,
        }.items():
            self.login(who)
            with self.subTest(who=who):
                response = self.client.get("/admin/")
                self.assertEqual(response.status_code, 200)
                self.assertEqual("desk-counts" in response.content.decode(), sees)
                self.assertEqual("/admin/moderation/" in response.content.decode(), sees)

    def test_it_leads_to_the_queue_and_to_the_oldest_case(self):
        [case] = self.wait(1)
        waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        self.login(self.mona)
        response = self.client.get("/admin/")
        self.assertContains(response, "/admin/moderation/case/")
        link = re.search(r'"(/admin/moderation/case/\?kind\w*=comment)"', response.content.decode())
        groups = self.client.get(link[1]).context["page"].groups
        self.assertEqual([group.pk for group in groups], [case.pk])

    def test_clean_house_says_so(self):
        self.login(self.mona)
        self.assertNotContains(self.client.get("/admin/"), "/change/")
