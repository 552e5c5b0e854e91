"""How members are found on the site's own search."""

from unittest.mock import patch

from django.utils import timezone

from caisu.core import fulltext
from caisu.core.fulltext.models import Entry
from caisu.core.jobs import run_due
from caisu.core.models import Audience
from caisu.tests.cast import CastTestCase, make_member
from members.findable import name_keys
from members.models import Member


class NameKeysTests(CastTestCase):
    def test_syllables_the_whole_the_given_name_and_initials(self):
        keys = name_keys("张伟明").split()
        for key in ("zhang", "wei", "ming", "zhangweiming", "weiming", "zwm"):
            self.assertIn(key, keys)

    def test_every_reading_of_the_family_name(self):
        keys = name_keys("曾小贤").split()
        for key in ("zeng", "ceng", "zengxiaoxian", "cengxiaoxian", "zxx", "cxx"):
            self.assertIn(key, keys)

    def test_the_letter_that_keyboards_do_not_have(self):
        self.assertLessEqual(
            {"lv", "lu", "lyu", "lvbu", "lubu", "lyubu"}, set(name_keys("吕布").split())
        )

    def test_only_for_chinese(self):
        self.assertEqual(name_keys("Anna Smith"), "")
        self.assertEqual(name_keys(""), "")
        self.assertIn("zhang", name_keys("David 張").split())

    def test_stays_small(self):
        self.assertLess(len(name_keys("单" * 40)), 1000)


@patch("caisu.search.views.ADDRESS", [])
class SiteSearchTests(CastTestCase):
    def search(self, query, who=None):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.get("/en/search/", {"q": query})

    def found(self, query, who=None):
        results = self.search(query, who).context["results"]
        return [found.url for found in results if found.kind == "member"]

    def make(self, username, **changes):
        member = make_member(username, **{"display_name": "张伟", **changes})
        fulltext.refresh(member)
        run_due()
        return member

    def test_visitors_find_only_who_shows_themselves_to_everyone(self):
        self.make("open", visibility=Audience.EVERYONE)
        self.make("inside", visibility=Audience.MEMBERS)
        self.make("hidden", visibility=Audience.NOBODY)
        for query in ("张伟", "zhang", "zw"):
            self.assertEqual(self.found(query), ["/en/members/open/"])
            self.assertEqual(self.found(query, self.nina), ["/en/members/open/"])
            self.assertCountEqual(
                self.found(query, self.bob), ["/en/members/open/", "/en/members/inside/"]
            )
            self.assertCountEqual(
                self.found(query, self.root), ["/en/members/open/", "/en/members/inside/"]
            )

    def test_nobody_is_found_who_is_not_in_good_standing(self):
        for number, changes in enumerate(
            (
                {"standing": "pending"},
                {"standing": "suspended", "suspended_until": timezone.now()},
                {"standing": "banned"},
                {"standing": "left"},
                {"leaves_at": timezone.now()},
            )
        ):
            self.make(f"absent{number}", visibility=Audience.EVERYONE, **changes)
        self.assertEqual(self.found("zhang", self.root), [])
        audiences = Entry.objects.filter(kind="member").values_list("audience", flat=True)
        self.assertEqual(list(audiences), ["staff"] * 4)  # who left is not found by anybody

    def test_says_what_it_is_and_shows_name_and_handle_only(self):
        member = self.make(
            "open",
            visibility=Audience.EVERYONE,
            bio="canary",
            department="canary",
            department_audience=Audience.EVERYONE,
        )
        response = self.search("zhang")
        self.assertContains(response, '<span class="kind">Member</span>')
        self.assertContains(response, "@open")
        self.assertNotContains(response, "zhangwei")
        self.assertNotContains(response, f'datetime="{member.date_joined:%Y-%m-%d}')
        self.assertEqual(self.found("canary"), [])
        self.assertEqual(self.found("open@example.org"), [])

    def test_gone_in_the_transaction_that_closes_the_account(self):
        member = self.make("open", visibility=Audience.EVERYONE)
        member.stand(Member.Standing.BANNED)
        for who in (None, self.bob, self.root):
            self.assertEqual(self.found("zhang", who), [])
        member.stand(Member.Standing.ACTIVE)
        run_due()
        self.assertEqual(self.found("zhang"), ["/en/members/open/"])

    def test_hidden_by_any_way_it_is_not_shown(self):
        member = self.make("open", visibility=Audience.EVERYONE)
        Member.objects.filter(pk=member.pk).update(visibility=Audience.NOBODY)
        self.assertEqual(self.found("zhang", self.bob), [])

    def test_found_by_the_new_name(self):
        member = self.make("open", visibility=Audience.EVERYONE)
        member.display_name = "李娜"
        member.save()
        fulltext.refresh(member)
        run_due()
        self.assertEqual(self.found("zhang"), [])
        self.assertEqual(self.found("lina"), ["/en/members/open/"])
