"""The list of members: whom it finds, what it tells, and what cannot be asked of it."""

from datetime import timedelta
from io import StringIO
from unittest.mock import patch

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.roles import EDITOR
from caisu.tests.cast import make_article, make_comment, make_member
from members import findable, joining
from members.models import Application, Member, Terms
from members.moderation import reporting, waiting
from members.moderation.models import Case

from .desk_staff import MEMBERS, DeskTestCase


class ListTestCase(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.login(self.mona)

    def found(self, **query):
        response = self.client.get(MEMBERS, query)
        return {member.username for member in response.context["cl"].result_list}

    def row(self, member):
        text = self.client.get(MEMBERS, {"q": member.username}).content.decode()
        return text.partition('<table id="result_list">')[2].partition("</table>")[0]


class SearchTests(ListTestCase):
    def test_whole_address_finds_its_owner_alone(self):
        make_member("alice-org", display_name="alice@example.org fan")
        for words in ("alice@example.org", " ALICE@Example.org "):
            with self.subTest(words=words):
                self.assertEqual(self.found(q=words), {"alice"})

    def test_second_address_finds_too(self):
        EmailAddress.objects.create(user=self.bob, email="bob@home.example.org", verified=True)
        self.assertEqual(self.found(q="bob@home.example.org"), {"bob"})

    def test_part_of_an_address_finds_nobody(self):
        for words in ("alice@", "@example.org", "example.org"):
            with self.subTest(words=words):
                self.assertEqual(self.found(q=words), set())

    def test_names_and_handles(self):
        make_member("zhangwei", display_name="张伟 David")
        call_command("reindex", "member", stdout=StringIO())
        for words in ("zhangwei", "@zhangwei", "张伟", "david", "zhangw", "ZHANGWEI", "zw", "@zh"):
            with self.subTest(words=words):
                self.assertEqual(self.found(q=words), {"zhangwei"})

    def test_whoever_hides_waits_or_is_closed_out_is_found_too(self):
        for number, changes in enumerate(
            (
                {"visibility": "nobody"},
                {"standing": "pending"},
                {"standing": "banned"},
                {"leaves_at": timezone.now()},
            )
        ):
            make_member(f"absent{number}", display_name="欧阳", **changes)
        call_command("reindex", "member", stdout=StringIO())
        everyone = {f"absent{number}" for number in range(4)}
        self.assertEqual(self.found(q="ouyang"), everyone)
        with patch.object(findable, "FEW", 1):
            self.assertEqual(self.found(q="ouyang"), everyone)
            for query, number in (({}, 4), ({"standing__exact": "banned"}, 1)):
                changelist = self.client.get(MEMBERS, {"q": "ouyang", **query}).context["cl"]
                self.assertEqual(changelist.result_count, number)
                self.assertEqual(len(changelist.result_list), number)

    def test_many_are_counted_in_the_index_alone_unless_a_filter_is_chosen(self):
        call_command("reindex", "member", stdout=StringIO())
        for query, looks in (({}, False), ({"standing__exact": "active"}, True)):
            with (
                self.subTest(**query),
                patch.object(findable, "FEW", 0),
                CaptureQueriesContext(connection) as queries,
            ):
                self.found(q="alice", **query)
            (counting,) = [each["sql"] for each in queries if "COUNT(*)" in each["sql"]]
            self.assertEqual('FROM "members_member"' in counting, looks)

    def test_newcomer_is_found_from_the_sign_up_on(self):
        newcomer = make_member("newcomer", standing="pending", display_name="欧阳")
        joining.apply(newcomer, RequestFactory().get("/"))
        run_due()
        self.assertEqual(self.found(q="欧阳"), {"newcomer"})

    def test_whole_handle_is_found_before_the_index_knows_it(self):
        make_member("just-now")
        self.assertEqual(self.found(q="Just-Now"), {"just-now"})

    def test_asks_the_index_and_never_looks_through_the_table(self):
        call_command("reindex", "member", stdout=StringIO())
        for words in ("alice", "Nobody Here"):
            with CaptureQueriesContext(connection) as queries:
                self.found(q=words)
            for query in queries:
                where = query["sql"].partition("WHERE")[2]
                self.assertNotRegex(where, r'LIKE|"display_name"')

    def test_strange_words_find_nobody_and_break_nothing(self):
        self.assertEqual(self.client.get(MEMBERS, {"q": "\x00"}).status_code, 200)
        for words in ("%", "' OR 1=1", "x" * 5000, "@@@", "a@b@c"):
            with self.subTest(words=words[:20]):
                self.assertLessEqual(self.found(q=words), {"alice"})


class FilterTests(ListTestCase):
    def test_by_role(self):
        self.assertEqual(self.found(role=EDITOR), {"wei"})
        self.assertEqual(self.found(role="Webmaster"), {"root", "wanda"})
        self.assertEqual(self.found(role="any"), {"root", "wanda", "wei", "mona", "max"})
        self.assertEqual(self.found(role="Nobody"), set())

    def test_by_what_is_waited_for(self):
        waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        new = make_member("new", standing="pending")
        EmailAddress.objects.filter(user=new).update(verified=False)
        self.assertEqual(self.found(waiting="us"), {"nina"})
        self.assertEqual(self.found(waiting="code"), {"new"})

    def test_by_time(self):
        today = timezone.localdate()
        Member.objects.filter(pk=self.bob.pk).update(
            last_seen_on=today - timedelta(days=400), date_joined=timezone.now() - timedelta(500)
        )
        Member.objects.filter(pk=self.alice.pk).update(last_seen_on=today)
        old = make_member("old", date_joined=timezone.now() - timedelta(days=400))
        self.assertEqual(self.found(seen="year"), {"bob", old.username})
        self.assertIn("alice", self.found(seen="month"))
        self.assertNotIn("bob", self.found(seen="month"))
        for since in ("week", "month", "year"):
            with self.subTest(since=since):
                self.assertIn("nina", self.found(joined=since))
                self.assertNotIn("old", self.found(joined=since))

    def test_by_standing_affiliation_and_voucher(self):
        new = make_member("new", affiliation="family", vouched_by=self.alice)
        self.assertEqual(self.found(standing__exact="pending"), {"nina"})
        self.assertEqual(self.found(affiliation__exact="family"), {"new"})
        self.assertEqual(self.found(vouched="yes"), {"new"})
        self.assertNotIn("new", self.found(vouched="no"))
        self.assertEqual(self.found(vouched_by__id__exact=self.alice.pk), {new.username})

    def test_what_members_hide_is_not_asked_for_by_the_address_line(self):
        for lookup in (
            "password__startswith",
            "signed_up_from",
            "wechat__contains",
            "email__startswith",
            "bio__contains",
            "emailaddress__email__startswith",
            "authenticator__type",
            "vouched_by__password__startswith",
        ):
            with self.subTest(lookup=lookup):
                self.assertEqual(self.client.get(MEMBERS, {lookup: "x"}).status_code, 400)


class ColumnTests(ListTestCase):
    def test_a_row_tells_what_there_is_to_know(self):
        until = timezone.now() + timedelta(days=3)
        Member.objects.filter(pk=self.bob.pk).update(
            standing="suspended",
            suspended_until=until,
            is_active=False,
            vouched_by=self.alice,
            last_seen_on="2026-03-04",
            approved_count=17,
        )
        comment = make_comment(self.article, self.bob)
        reporting.report(comment, self.alice, "rude", "x", "en")
        row = self.row(self.bob)
        day = f"{timezone.localtime(until):%m/%d/%Y}"
        for words in ("@bob", "Suspended", day, "Alice", "03/04/2026", ">17<", ">1<"):
            with self.subTest(words=words):
                self.assertIn(words, row)

    def test_who_reports_an_issue_is_not_reported(self):
        Case.objects.create(kind="issue", member=self.bob).reports.create(
            reporter=self.bob, reason="broken", text="x"
        )
        self.assertNotIn(">1<", self.row(self.bob))

    def test_missing_second_factor_of_staff_is_for_webmasters_to_see(self):
        self.assertNotIn("no second factor", self.row(self.wei))
        self.login(self.root)
        self.assertIn("no second factor", self.row(self.wei))
        self.assertNotIn("no second factor", self.row(self.bob))
        Authenticator.objects.create(user=self.wei, type="recovery_codes", data={})
        self.assertIn("no second factor", self.row(self.wei))
        Authenticator.objects.create(user=self.wei, type="totp", data={})
        self.assertNotIn("no second factor", self.row(self.wei))

    def test_names_are_text(self):
        evil = make_member("evil", display_name="<b>Bold</b>")
        self.assertIn("&lt;b&gt;Bold", self.row(evil))


class PageTests(ListTestCase):
    def text(self, member):
        return self.client.get(self.page(member)).content.decode()

    def test_page_explains_trust(self):
        self.assertIn("Trusted: a record", self.text(self.alice))
        new = make_member("new", approved_count=3, date_joined=timezone.now())
        text = self.text(new)
        self.assertIn("3 of 5 contributions approved, not before", text)
        self.assertIn("only active members are", self.text(self.nina))

    def test_what_is_missing_to_trust_is_listed_as_the_language_does(self):
        new = make_member("new", approved_count=3, date_joined=timezone.now())
        self.client.get("/language/zh-hans/")
        self.assertIn("（须满5条）、须等到", self.text(new))

    def test_banned_member_is_shown_with_the_voucher_and_the_others_vouched_for(self):
        spammer = make_member("spammer", standing="banned", vouched_by=self.alice)
        sibling = make_member("sibling", vouched_by=self.alice)
        child = make_member("child", vouched_by=spammer)
        stranger = make_member("stranger", vouched_by=self.bob)
        text = self.text(spammer)
        for member in (self.alice, sibling, child):
            with self.subTest(member=member.username):
                self.assertIn(f'href="{self.page(member)}"', text)
        self.assertNotIn(self.page(stranger), text)

    def test_contributions_are_there_with_their_state_but_no_draft(self):
        make_article(author=self.alice, status="draft", title_en="Canary draft")
        make_comment(self.article, self.alice, body="Canary held", state="held")
        text = self.text(self.alice)
        self.assertIn("Canary held", text)
        self.assertIn("Awaiting review 1", text)
        self.assertNotIn("Canary draft", text)

    def test_application_is_there(self):
        Application.objects.update_or_create(
            member=self.nina, defaults={"why": "Canary why", "question": "Canary question"}
        )
        text = self.text(self.nina)
        for words in ("Canary why", "Canary question", "No answer yet."):
            with self.subTest(words=words):
                self.assertIn(words, text)

    def test_the_address_of_a_computer_is_for_webmasters(self):
        Member.objects.filter(pk=self.alice.pk).update(signed_up_from="192.0.2.77")
        self.assertNotIn("192.0.2.77", self.text(self.alice))
        self.login(self.root)
        self.assertIn("192.0.2.77", self.text(self.alice))

    def test_page_costs_the_same_with_much_behind_it(self):
        self.login(self.root)
        self.text(self.alice)
        few = self.queries(self.alice)
        for number in range(20):
            make_comment(self.article, self.alice, body=f"Comment {number}")
            make_member(f"crowd{number}", vouched_by=self.alice)
            waiting.open_case(Case.Kind.ISSUE, None, self.alice, [])
        self.assertEqual(self.queries(self.alice), few)

    def queries(self, member):
        with CaptureQueriesContext(connection) as captured:
            self.text(member)
        return len(captured)


class TermsListTests(DeskTestCase):
    def test_list_of_agreements_costs_the_same_for_one_and_for_twenty(self):
        self.login(self.root)
        address = "/admin/members/terms/"
        self.client.get(address)
        first = Terms.objects.create(version=100, body_zh_hans="<p>一</p>", body_en="<p>One</p>")
        first.accept(self.root)
        self.client.get(address, follow=True)
        few = self.queries(address)
        for number in range(101, 121):
            terms = Terms.objects.create(version=number, effective_at=self.later)
            terms.accept(self.bob)
        self.assertEqual(self.queries(address), few)

    def setUp(self):
        super().setUp()
        self.later = timezone.now() + timedelta(days=1)

    def queries(self, address):
        with CaptureQueriesContext(connection) as captured:
            self.client.get(address)
        return len(captured)
