"""Who is a member, for members."""

from django.core.cache import cache

from caisu.core.models import Audience
from caisu.tests.cast import make_member
from members.models import Member

from .entrance import EntranceTestCase, path


class DirectoryTests(EntranceTestCase):
    def get(self, who, **query):
        self.login(who)
        return self.client.get(path("members:directory"), query)

    def names(self, who=None, **query):
        return [member.username for member in self.get(who or self.bob, **query).context["members"]]

    def crowd(self, number, **changes):
        template = make_member("template", **changes)
        Member.objects.bulk_create(
            Member(
                username=f"crowd{count}",
                email=f"crowd{count}@example.org",
                display_name=f"Crowd {count}",
                standing=template.standing,
                visibility=template.visibility,
                date_joined=template.date_joined,
            )
            for count in range(number)
        )

    def test_who_may_open_it(self):
        for who, status in {
            None: 302,
            self.nina: 403,
            self.bob: 200,
            self.wei: 200,
            self.mona: 200,
            self.root: 200,
        }.items():
            with self.subTest(who=who):
                response = self.get(who)
                self.assertEqual(response.status_code, status)
                if status != 200:
                    self.assertNotIn("Alice", response.content.decode())
        self.assertIn("/accounts/login/?next=", self.get(None)["Location"])

    def test_newest_first(self):
        names = self.names()
        self.assertEqual(names[:2], ["bob", "alice"])

    def test_the_hidden_pending_and_closed_are_not_in_it(self):
        make_member("hidden", visibility=Audience.NOBODY)
        make_member("eve", standing="banned")
        make_member("gone", standing="left")
        names = self.names()
        for absent in ("hidden", "eve", "gone", "nina"):
            self.assertNotIn(absent, names)
        self.assertNotIn("hidden", self.names(self.wei))

    def test_private_lines_stay_private(self):
        make_member("carol", department="Canary physics", department_audience=Audience.NOBODY)
        self.assertNotIn("Canary", self.get(self.bob).content.decode())
        self.assertNotIn("@example.org", self.get(self.bob).content.decode())
        self.assertIn("Canary", self.get(self.mona).content.decode())

    def test_costs_the_same_for_one_and_for_twenty(self):
        make_member("carol")
        self.login(self.bob)
        url = path("members:directory")
        self.client.get(url)
        with self.assertNumQueries(3):  # session, reader, members
            self.client.get(url)
        self.crowd(20)
        with self.assertNumQueries(3):
            response = self.client.get(url)
        self.assertGreater(len(response.context["members"]), 20)

    def test_pages_follow_each_other_without_a_gap(self):
        self.crowd(70)
        first = self.get(self.bob)
        self.assertEqual(len(first.context["members"]), 60)
        older = first.context["older"]
        self.assertContains(first, f"?before={older}")
        second = self.names(before=older)
        together = [member.username for member in first.context["members"]] + second
        everybody = Member.objects.active().order_by("-pk").values_list("username", flat=True)
        self.assertEqual(together, list(everybody))
        self.assertIsNone(self.get(self.bob, before=older).context["older"])

    def test_hidden_members_leave_no_gap_in_the_pages(self):
        self.crowd(60)
        Member.objects.filter(username__in=["crowd3", "crowd30"]).update(visibility=Audience.NOBODY)
        self.assertEqual(len(self.names()), 60)

    def test_strange_pages_are_the_first_one_or_empty(self):
        for before in ("", "x", "-1", "²", "٣", "9" * 400, "1 OR 1=1", "\0"):
            with self.subTest(before=before[:10]):
                cache.clear()
                self.assertEqual(self.get(self.bob, before=before).status_code, 200)

    def test_nobody_carries_it_away(self):
        self.login(self.bob)
        url = path("members:directory")
        statuses = [self.client.get(url).status_code for _page in range(61)]
        self.assertEqual((statuses[59], statuses[60]), (200, 429))
        self.assertIn("Retry-After", self.client.get(url))
        self.assertEqual(self.get(self.alice).status_code, 200)

    def test_post_is_refused(self):
        self.login(self.bob)
        self.assertEqual(self.client.post(path("members:directory")).status_code, 405)
