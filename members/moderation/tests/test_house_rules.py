"""The page of the house rules: one row, a tick for each rule, for webmasters alone."""

from django.urls import reverse

from caisu.core.roles import WEBMASTER
from caisu.tests.cast import CastTestCase, make_member
from members.moderation.filtering import Contribution, check
from members.moderation.filtering.rules import RULES
from members.moderation.models import HouseRules

LIST = "/admin/moderation/houserules/"


class HouseRulesPageTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)

    def setUp(self):
        super().setUp()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        HouseRules.load()
        self.page = reverse("admin:moderation_houserules_change", args=[1])

    def open(self, who):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.get(self.page)

    def save(self, on, **changes):
        fields = {
            "reports_to_hide": 3,
            "spam_text_days": 90,
            "crowd_until_0": "",
            "crowd_until_1": "",
        }
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.page, {**fields, "rules_on": on, **changes})

    def test_the_list_leads_to_the_one_row(self):
        self.login(self.wanda)
        self.assertRedirects(self.client.get(LIST), self.page)
        self.assertEqual(self.client.get(f"{LIST}add/").status_code, 403)
        self.assertEqual(self.client.get(f"{LIST}1/delete/").status_code, 403)

    def test_each_rule_says_what_it_is_and_weighs(self):
        response = self.open(self.wanda)
        for rule in RULES.values():
            self.assertContains(response, str(rule.reason), html=False)
        self.assertContains(
            response, "holds by itself", sum(rule.strong for rule in RULES.values())
        )
        self.assertContains(response, 'name="rules_on"', len(RULES))
        self.assertContains(response, "checked", len(RULES))

    def test_a_rule_without_its_tick_is_off_at_once_and_comes_back(self):
        member, text = make_member("recent"), "论文代写，包过"
        self.open(self.wanda)
        self.assertIn("shady_trade", check(Contribution(member, text)).reasons)
        self.assertEqual(
            self.save([name for name in RULES if name != "shady_trade"]).status_code, 302
        )
        self.assertEqual(HouseRules.objects.get().rules_off, ["shady_trade"])
        self.assertNotIn("shady_trade", check(Contribution(member, text)).reasons)
        self.assertContains(self.client.get(self.page), "checked", len(RULES) - 1)
        self.save(list(RULES))
        self.assertIn("shady_trade", check(Contribution(member, text)).reasons)

    def test_all_may_be_off(self):
        self.open(self.wanda)
        self.save([])
        self.assertEqual(HouseRules.objects.get().rules_off, list(RULES))

    def test_bad_input_changes_nothing(self):
        self.open(self.wanda)
        for changes in (
            {"reports_to_hide": 1},
            {"spam_text_days": 3},
            {"rules_on": ["no_such_rule"]},
        ):
            with self.subTest(changes=changes):
                response = self.save([], **changes)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
        self.assertEqual(HouseRules.objects.get().rules_off, [])

    def test_webmasters_alone(self):
        for who, status in {
            None: 302,
            self.alice: 403,
            self.wei: 403,
            self.mona: 403,
            self.wanda: 200,
            self.root: 200,
        }.items():
            with self.subTest(who=str(who)):
                self.login(who)
                self.assertEqual(self.client.get(self.page).status_code, status)
                index = self.client.get("/admin/")
                self.assertEqual(LIST in index.content.decode(), status == 200)
        self.login(self.mona)
        self.assertEqual(self.save([]).status_code, 403)
        self.assertEqual(HouseRules.objects.get().rules_off, [])
