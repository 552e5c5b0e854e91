"""The list of members as a file: who gets it, what is in it, and that no cell is a formula."""

import csv
import io

from django.contrib.admin.models import LogEntry
from django.test import SimpleTestCase
from django.utils import timezone

from caisu.tests.cast import make_member
from members.models import Member
from members.moderation.csv_export import neutral
from members.moderation.member_export import COLUMNS

from .desk_staff import MEMBERS, DeskTestCase

EXPORT = MEMBERS + "export/"


class ExportTests(DeskTestCase):
    def rows(self, response):
        text = b"".join(response.streaming_content).decode("utf-8")
        self.assertTrue(text.startswith("\ufeff"))
        return list(csv.DictReader(io.StringIO(text[1:])))

    def test_page_says_what_it_is_and_the_file_comes_by_post(self):
        self.enter(self.root)
        page = self.client.get(EXPORT)
        self.assertContains(page, f"{Member.objects.count()} members")
        self.assertFalse(LogEntry.objects.exists())
        response = self.client.post(EXPORT)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertIn("no-store", response["Cache-Control"])
        rows = self.rows(response)
        self.assertEqual(len(rows), Member.objects.count())
        self.assertEqual(list(rows[0]), [str(title) for title, _value in COLUMNS])
        self.assertIn("alice@example.org", {row["e-mail"] for row in rows})

    def test_filter_and_search_hold(self):
        self.enter(self.root)
        for query, names in (("?standing__exact=pending", {"nina"}), ("?q=alice", {"alice"})):
            with self.subTest(query=query):
                rows = self.rows(self.client.post(EXPORT + query))
                self.assertEqual({row["handle"] for row in rows}, names)

    def test_the_chosen_ones(self):
        self.enter(self.root)
        chosen = {"action": "choose_for_export", "_selected_action": [self.bob.pk, self.alice.pk]}
        address = self.client.post(MEMBERS, chosen)["Location"]
        rows = self.rows(self.client.post(address))
        self.assertEqual([row["handle"] for row in rows], ["alice", "bob"])
        everybody = {**chosen, "select_across": "1"}
        address = self.client.post(MEMBERS + "?standing__exact=pending", everybody)["Location"]
        self.assertEqual(address, EXPORT + "?standing__exact=pending")
        forged = self.client.post(EXPORT + "?pk=x&pk=99999999999999999999&pk=-1")
        self.assertEqual(self.rows(forged), [])

    def test_what_a_member_shows_to_nobody_stays_here(self):
        values = {"department": "Canary department", "hometown": "Canary town"}
        shown = make_member("shown", affiliation="family", **values)
        hidden = {f"{name}_audience": "nobody" for name in ("department", "hometown")}
        make_member("hidden", **values, **hidden)
        make_member("alone", **values, visibility="nobody")
        make_member("leaving", **values, leaves_at=timezone.now())
        self.enter(self.root)
        rows = {row["handle"]: row for row in self.rows(self.client.post(EXPORT))}
        self.assertEqual(rows[shown.username]["department"], "Canary department")
        self.assertEqual(rows[shown.username]["affiliation"], "Family")
        for handle in ("hidden", "alone", "leaving"):
            with self.subTest(handle=handle):
                self.assertNotIn("Canary", str(rows[handle]))

    def test_no_hash_no_wechat_no_address_of_a_computer(self):
        Member.objects.update(signed_up_from="192.0.2.77", wechat="canary-wechat", bio="Canary bio")
        self.enter(self.root)
        text = str(self.rows(self.client.post(EXPORT)))
        for canary in ("192.0.2.77", "canary-wechat", "Canary bio", "md5$"):
            with self.subTest(canary=canary):
                self.assertNotIn(canary, text)

    def test_formula_in_a_name_is_text(self):
        make_member("evil", display_name="=HYPERLINK(1)")
        self.enter(self.root)
        rows = {row["handle"]: row for row in self.rows(self.client.post(EXPORT))}
        self.assertEqual(rows["evil"]["name"], "'=HYPERLINK(1)")

    def test_it_is_logged_without_anybodys_data(self):
        self.enter(self.root)
        with self.assertLogs("caisu.members") as logs:
            self.client.post(EXPORT)
        [entry] = LogEntry.objects.all()
        self.assertEqual(entry.user, self.root)
        self.assertIn(str(Member.objects.count()), entry.change_message)
        for text in (*logs.output, entry.change_message):
            self.assertNotIn("example.org", text)

    def test_who_proved_nothing_lately_is_asked_and_gets_no_file(self):
        self.login(self.root)
        for method in (self.client.get, self.client.post):
            with self.subTest(method=method.__name__):
                self.assertIn("/reauthenticate/", method(EXPORT)["Location"])
        self.assertFalse(LogEntry.objects.exists())

    def test_others_cannot(self):
        for who, status in {None: 302, self.alice: 403, self.wei: 403, self.mona: 403}.items():
            if who:
                self.enter(who)
            for method in (self.client.get, self.client.post):
                with self.subTest(who=who, method=method.__name__):
                    self.assertEqual(method(EXPORT).status_code, status)
        self.assertNotContains(self.client.get(MEMBERS), "choose_for_export")
        self.assertNotContains(self.client.get(MEMBERS), EXPORT)

    def test_ten_files_an_hour_are_enough(self):
        self.enter(self.root)
        statuses = [self.client.post(EXPORT).status_code for _number in range(11)]
        self.assertEqual(statuses, [200] * 10 + [429])


class NeutralTests(SimpleTestCase):
    def test_what_spreadsheets_take_for_formulas(self):
        for text in (
            "=1",
            "+1",
            "-1",
            "@SUM",
            "\t=1",
            "\r=1",
            "\n1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            " =1",
        ):
            with self.subTest(text=text):
                self.assertEqual(neutral(text), f"'{text}")

    def test_everything_else_stays(self):
        for text in ("李华", "2026-11-23", "a=b", "alice@example.org", "", 12):
            with self.subTest(text=text):
                self.assertEqual(neutral(text), str(text))
