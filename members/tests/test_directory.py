"""Who is a member, for members."""

from datetime import timedelta
from unittest.mock import patch

from django.core.cache import cache
from django.utils import timezone

from caisu.core import fulltext
from caisu.core.jobs import run_due
from caisu.core.models import Audience
from caisu.tests.cast import make_member
from members import directory, findable
from members.models import Member

from .entrance import EntranceTestCase, path


class DirectoryTestCase(EntranceTestCase):
    def get(self, who, **query):
        cache.clear()
        self.login(who)
        self.client.get("/language/en/")
        return self.client.get(path("members:directory"), query)

    def names(self, who=None, **query):
        return [member.username for member in self.get(who or self.bob, **query).context["members"]]

    def choices(self, field="department"):
        form = self.get(self.bob).context["form"]
        return [value for value, _label in form.fields[field].choices if value]


class DirectoryTests(DirectoryTestCase):
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
        with self.assertNumQueries(5):  # session, reader, departments, members, bell
            self.client.get(url)
        self.crowd(20)
        with self.assertNumQueries(5):
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

    def test_the_same_ones_for_everybody(self):
        make_member("hidden", visibility=Audience.NOBODY)
        make_member("leaving", leaves_at=timezone.now() + timedelta(days=7))
        as_seen = {tuple(self.names(who)) for who in (self.bob, self.wei, self.mona, self.root)}
        self.assertEqual(len(as_seen), 1)
        self.assertFalse({"hidden", "leaving"} & set(as_seen.pop()))

    def test_who_hides_is_told_that_they_are_not_in_it(self):
        words = "You are not in this list yourself"
        self.assertNotContains(self.get(self.bob), words)
        hidden = make_member("hidden", visibility=Audience.NOBODY)
        response = self.get(hidden)
        self.assertContains(response, words)
        self.assertContains(response, path("members:privacy"))

    def test_nobody_yet(self):
        Member.objects.update(visibility=Audience.NOBODY)
        self.assertContains(self.get(self.bob), "Nobody shows a profile yet.")

    def test_after_the_last_page_it_leads_back(self):
        response = self.get(self.bob, before=1, affiliation="student")
        self.assertContains(response, "That was everybody.")
        self.assertContains(response, 'href="?affiliation=student"')


class FilterTests(DirectoryTestCase):
    def setUp(self):
        super().setUp()
        self.carol = make_member(
            "carol",
            affiliation="student",
            department="Physics",
            province="SC",
            hometown="成都",
            arrived=2023,
        )
        self.dave = make_member("dave", affiliation="family", department="药学", arrived=2020)

    def test_each_filter_finds_who_fits(self):
        for query in (
            {"affiliation": "student"},
            {"department": "Physics"},
            {"province": "SC"},
            {"arrived": "2023"},
            {
                "affiliation": "student",
                "department": "Physics",
                "province": "SC",
                "arrived": "2023",
            },
        ):
            with self.subTest(query):
                self.assertEqual(self.names(**query), ["carol"])
        self.assertEqual(self.names(affiliation="student", arrived="2020"), [])

    def test_what_a_member_hides_finds_nobody(self):
        fields = {
            "affiliation": ("affiliation", "student"),
            "department": ("department", "Physics"),
            "hometown": ("province", "SC"),
            "arrived": ("arrived", "2023"),
        }
        for field, (name, value) in fields.items():
            with self.subTest(field):
                Member.objects.filter(pk=self.carol.pk).update(**{f"{field}_audience": "nobody"})
                for who in (self.bob, self.mona, self.root, self.carol):
                    self.assertNotIn("carol", self.names(who, **{name: value}))
                Member.objects.filter(pk=self.carol.pk).update(**{f"{field}_audience": "members"})
                self.assertIn("carol", self.names(**{name: value}))

    def test_choices_show_nothing_that_nobody_shows(self):
        self.assertEqual(self.choices(), ["Physics", "药学"])
        for changes in (
            {"department_audience": "nobody"},
            {"visibility": "nobody"},
            {"standing": "pending"},
            {"standing": "banned", "is_active": False},
            {"leaves_at": timezone.now()},
        ):
            with self.subTest(changes):
                before = Member.objects.filter(pk=self.carol.pk).values(*changes)[0]
                Member.objects.filter(pk=self.carol.pk).update(**changes)
                self.assertEqual(self.choices(), ["药学"])
                gone, unknown = (
                    self.get(self.bob, department=name) for name in ("Physics", "Alchemy")
                )
                self.assertEqual(list(gone.context["members"]), [])
                self.assertEqual(
                    gone.content.decode().count("errorlist"),
                    unknown.content.decode().count("errorlist"),
                )
                Member.objects.filter(pk=self.carol.pk).update(**before)

    def test_choices_are_what_the_queryset_lets_members_see(self):
        asked = Member.objects.listed().showing("department").exclude(department="")
        names = set(asked.values_list("department", flat=True))
        self.assertEqual(set(directory.departments()), names)

    def test_choices_are_bounded(self):
        Member.objects.bulk_create(
            Member(
                username=f"crowd{n}", display_name="Crowd", standing="active", department=f"D{n}"
            )
            for n in range(directory.MOST_DEPARTMENTS + 5)
        )
        self.assertEqual(len(directory.departments()), directory.MOST_DEPARTMENTS)

    def test_how_many_are_chosen_is_said(self):
        self.assertContains(self.get(self.bob, affiliation="student"), "1 filter chosen")
        response = self.get(self.bob, affiliation="student", arrived="2023", department="")
        self.assertContains(response, "2 filters chosen")
        self.assertEqual(response.context["form"].chosen, ["Student", "2023"])
        self.assertNotContains(response, "<details open>")
        self.assertNotContains(self.get(self.bob), "filter chosen")
        self.assertContains(self.get(self.bob, arrived="1999"), "<details open>")

    def test_what_cannot_be_asked_finds_nobody_and_says_so(self):
        for query in (
            {"affiliation": "emperor"},
            {"province": "XX"},
            {"arrived": "MMXX"},
            {"arrived": "9" * 30},
            {"department": "a\0b"},
            {"q": "a\0b"},
            {"q": "x" * 300},
        ):
            with self.subTest(query):
                response = self.get(self.bob, **query)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
                self.assertEqual(list(response.context["members"]), [])

    def test_nobody_fits_and_how_to_go_on(self):
        response = self.get(self.bob, q="carol", arrived="1999")
        self.assertContains(response, "Nobody here fits all of that.")
        self.assertContains(response, 'href="?q=carol"')
        self.assertContains(response, f'href="{path("members:directory")}"')

    def test_the_next_page_keeps_what_was_asked(self):
        Member.objects.bulk_create(
            Member(
                username=f"crowd{n}",
                display_name="张伟",
                standing="active",
                department="A & B",
                department_audience="nobody" if n % 2 else "members",
            )
            for n in range(130)
        )
        first = self.get(self.bob, department="A & B")
        self.assertEqual(len(first.context["members"]), 60)
        older = first.context["older"]
        self.assertContains(first, f'href="?department=A+%26+B&amp;before={older}"')
        rest = self.names(department="A & B", before=older)
        self.assertEqual(rest, ["crowd8", "crowd6", "crowd4", "crowd2", "crowd0"])

    def test_costs_the_same_with_everything_chosen(self):
        self.login(self.bob)
        query = {"affiliation": "student", "department": "Physics", "arrived": 2023}
        url = path("members:directory")
        self.client.get(url, query)
        with self.assertNumQueries(5):
            self.client.get(url, query)


class SearchTests(DirectoryTestCase):
    def setUp(self):
        super().setUp()
        self.wei_zhang = make_member("zhang-w", display_name="张伟", department="Physics")
        make_member("shan", display_name="单雄信 Roland")
        make_member("lv", display_name="吕布")
        make_member("xiaoming", display_name="小明")
        for member in Member.objects.all():
            fulltext.refresh(member)
        run_due()

    def test_a_name_is_found_as_people_type_it(self):
        for query in (
            *(
                "张伟",
                "张",
                "伟",
                "zhang",
                "Zhang Wei",
                "zhangwei",
                "zhangw",
                "zw",
                "ZW",
                "wei zhang",
            ),
            *("张wei", "zhang-w", "@zhang-w", " 张伟 ", "ｚｈａｎｇ"),
        ):
            with self.subTest(query):
                self.assertIn("zhang-w", self.names(q=query))

    def test_every_reading_of_a_surname_and_every_spelling_of_it(self):
        for query in ("shan", "dan", "shanxiongxin", "sxx", "roland", "xiongxin"):
            with self.subTest(query):
                self.assertEqual(self.names(q=query), ["shan"])
        for query in ("lv", "lu", "lyu", "lvbu", "lyubu", "lb"):
            with self.subTest(query):
                self.assertEqual(self.names(q=query), ["lv"])

    def test_others_are_not_found(self):
        self.assertEqual(self.names(q="小明"), ["xiaoming"])
        self.assertEqual(self.names(q="zhang xiong"), [])
        self.assertEqual(self.names(q="%"), [])

    def test_nothing_private_is_searched(self):
        make_member("erin", bio="canary", department="canary", hometown="canary", wechat="canary")
        run_due()
        self.assertEqual(self.names(q="canary"), [])
        self.assertEqual(self.names(q="erin@example.org"), [])
        self.assertEqual(self.names(q="physics"), [])

    def test_search_and_filter_together(self):
        self.assertEqual(self.names(q="zhang", department="Physics"), ["zhang-w"])
        self.assertEqual(self.names(q="zhang", affiliation="family"), [])

    def test_hidden_ones_are_gone_at_once(self):
        for changes in ({"visibility": "nobody"}, {"standing": "pending"}):
            Member.objects.filter(pk=self.wei_zhang.pk).update(
                **{"visibility": "members", "standing": "active", **changes}
            )
            self.assertEqual(self.names(q="zhang"), [])

    def test_many_hits_are_found_as_few_are(self):
        few = {query: self.names(q=query) for query in ("zhang", "张", "张伟", "wei zhang", "l")}
        with patch.object(findable, "FEW", 0):
            for query, names in few.items():
                self.assertEqual(self.names(q=query), names)


class QueriesTests(DirectoryTestCase):
    def test_a_search_costs_one_query_more(self):
        fulltext.refresh(self.alice)
        run_due()
        self.login(self.bob)
        url = path("members:directory")
        self.client.get(url)
        with self.assertNumQueries(6):  # and the hits
            self.client.get(url, {"q": "alice"})
