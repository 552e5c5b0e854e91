"""What stands out about a newcomer; it sorts and informs, and refuses nobody."""

from datetime import timedelta

from django.core.cache import cache
from django.test import SimpleTestCase
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_member
from members.models import Application, Member
from members.moderation import scoring, waiting
from members.moderation.models import Case


class ScoringTestCase(CastTestCase):
    def newcomer(self, username="new", **changes):
        values = {"standing": "pending", "approved_count": 0, "date_joined": timezone.now()}
        return make_member(username, **{**values, **changes})


class NameTests(SimpleTestCase):
    def found(self, name):
        return scoring.of_a_name(name)

    def test_names_of_people_stand_out_by_nothing(self):
        for name in (
            "张伟",
            "Dr.Li Hua",
            "O’Brien-Łukasz",
            "Zoë 2026",
            "欧阳娜娜 Nana",
            "QQ糖",
            "Class of 2019",
            "山田 太郎",
            "김민준",
            "Ｌｉ Ｈｕａ",
            "Лев Толстой",
            "محمد علي",
        ):
            with self.subTest(name=name):
                self.assertEqual(self.found(name), [])

    def test_links_however_they_are_written(self):
        for name in (
            "https://shop.example.org",
            "www.shop.example.org",
            "cheap-visa.top",
            "CHEAP.COM now",
            "cheap。com",
            "ｃｈｅａｐ．ｃｏｍ",
        ):
            with self.subTest(name=name):
                self.assertEqual(self.found(name), ["name_link"])

    def test_phone_numbers_and_handles(self):
        for name in (
            "代写 13812345678",
            "Call (208) 555-0199",
            "微信 abc12345",
            "加V：visa_888",
            "vx:wenwen",
            "QQ 12345678",
            "①③⑧①②③④⑤⑥⑦⑧",
            "WeChat visa-help",
            "@cheapvisa",
        ):
            with self.subTest(name=name):
                self.assertEqual(self.found(name), ["name_contact"])

    def test_what_is_not_what_it_looks_like(self):
        for name in ("Аlice Smith", "Αlice", "𝓐𝓵𝓲𝓬𝓮", "abc\u202etxt", "Ali علي"):
            with self.subTest(name=name):
                self.assertEqual(self.found(name), ["name_disguised"])

    def test_long_and_strange_names_are_looked_at_in_no_time(self):
        for name in ("1 " * 75, "a." * 75, "@" * 150, "微信" * 75, "\0", ""):
            with self.subTest(name=name):
                self.assertIsInstance(self.found(name), list)


class AddressTests(ScoringTestCase):
    def reasons(self, address, others, **changes):
        for number, (other, values) in enumerate(others):
            values = {"date_joined": timezone.now() - timedelta(days=1), **values}
            make_member(f"other{number}", signed_up_from=other, **values)
        found = scoring.reasons(self.newcomer(signed_up_from=address, **changes))
        return [name for name in found if name.startswith("address")]

    def test_alone_at_an_address(self):
        self.assertEqual(self.reasons("192.0.2.1", [("192.0.2.2", {})]), [])

    def test_somebody_else_came_from_there_lately(self):
        self.assertEqual(self.reasons("192.0.2.1", [("192.0.2.1", {})]), ["address_shared"])

    def test_long_ago_is_not_lately(self):
        old = {"date_joined": timezone.now() - timedelta(days=8)}
        self.assertEqual(self.reasons("192.0.2.1", [("192.0.2.1", old)]), [])

    def test_banned_or_refused_account_weighs_more(self):
        others = [("192.0.2.1", {"standing": "banned"})]
        self.assertEqual(self.reasons("192.0.2.1", others), ["address_closed", "address_shared"])

    def test_very_old_ban_is_forgotten(self):
        old = {"standing": "banned", "date_joined": timezone.now() - timedelta(days=91)}
        self.assertEqual(self.reasons("192.0.2.1", [("192.0.2.1", old)]), [])

    def test_half_of_an_ipv6_address_is_a_household(self):
        home = "2001:db8::1"
        others = [
            ("2001:db8:0:0:8000:1:2:3", {}),  # the same /64, written with another beginning
            ("2001:db8:0:1::1", {"standing": "banned"}),  # the neighbours
            ("2001:db9::1", {"standing": "banned"}),
        ]
        self.assertEqual(self.reasons(home, others), ["address_shared"])

    def test_address_unknown(self):
        self.assertEqual(self.reasons(None, [(None, {"standing": "banned"})]), [])


class DomainTests(ScoringTestCase):
    def reasons(self, email, *others):
        for number, (other, standing) in enumerate(others):
            make_member(f"other{number}", email=other, standing=standing)
        return scoring.reasons(self.newcomer(email=email))

    def test_banned_account_of_the_same_domain(self):
        found = self.reasons("a@shop.example.net", ("b@shop.example.net", "banned"))
        self.assertEqual(found, ["domain_closed"])

    def test_other_domains_and_those_that_only_end_alike_say_nothing(self):
        others = [("b@workshop.example.net", "banned"), ("b@example.net", "banned")]
        self.assertEqual(self.reasons("a@shop.example.net", *others), [])

    def test_where_everybody_has_a_mailbox_nobody_answers_for_others(self):
        for number, domain in enumerate(("qq.com", "vip.163.com", "gmail.com", "isu.edu")):
            make_member(f"bad{number}", email=f"bad@{domain}", standing="banned")
            member = self.newcomer(f"new{number}", email=f"a@{domain}")
            with self.subTest(domain=domain):
                self.assertEqual(scoring.reasons(member), [])

    def test_trusted_domain_says_nothing_against_anybody(self):
        SiteSettings.load()
        SiteSettings.objects.update(trusted_domains="isu.edu\nexample.net")
        cache.clear()
        found = self.reasons("a@x.example.net", ("b@x.example.net", "banned"))
        self.assertEqual(found, [])

    def test_throwaway_mailbox_also_below_its_domain(self):
        for number, domain in enumerate(("mailinator.com", "x.yopmail.com", "24mail.chacuo.net")):
            member = self.newcomer(f"new{number}", email=f"a@{domain}")
            with self.subTest(domain=domain):
                self.assertEqual(scoring.reasons(member), ["throwaway"])

    def test_crowd_of_a_day_stands_out(self):
        for number in range(scoring.CROWD):
            member = self.newcomer(f"new{number}", email=f"a{number}@shop.example.net")
            expected = ["crowded_domain"] if number == scoring.CROWD - 1 else []
            with self.subTest(number=number):
                self.assertEqual(scoring.reasons(member), expected)

    def test_member_without_an_address_is_no_error(self):
        self.assertEqual(self.reasons(""), [])


class ScoreTests(ScoringTestCase):
    def test_notes_of_the_sign_up_come_along_heaviest_first_and_once(self):
        member = self.newcomer(display_name="cheap.com", vouched_by=self.alice)
        notes = ["no_proof", "honeypot", "no_proof", "unheard-of"]
        Application.objects.create(member=member, notes=notes)
        waiting.on_member_confirmed(sender=Member, member=member)
        case = Case.objects.get()
        expected = ["honeypot", "name_link", "vouched", "no_proof", "unheard-of", "signup"]
        self.assertEqual(case.reasons, expected)
        self.assertEqual(case.score, 5 + 4 - 3 + 1 + 1)

    def test_voucher_alone_is_not_below_nothing(self):
        self.assertEqual(scoring.score(["vouched"]), 0)
        self.assertEqual(scoring.score([]), 0)

    def test_worst_score_refuses_nobody(self):
        member = self.newcomer(email="a@mailinator.com", display_name="www.shop.example.org")
        Application.objects.create(member=member, notes=["honeypot", "fast"])
        waiting.on_member_confirmed(sender=Member, member=member)
        member.refresh_from_db()
        self.assertTrue(member.is_pending)
        self.assertTrue(Case.objects.get().is_open)

    def test_it_costs_three_queries_however_many_came_from_there(self):
        SiteSettings.load()
        for number in (1, 20):
            for count in range(number):
                make_member(
                    f"n{number}-{count}",
                    email=f"n{number}{count}@x.net",
                    signed_up_from="192.0.2.9",
                )
            member = self.newcomer(
                f"m{number}", email=f"m{number}@x.net", signed_up_from="192.0.2.9"
            )
            with self.subTest(number=number), self.assertNumQueries(3):
                scoring.reasons(member)
