"""The log at the desk: narrowed down, read page by page, taken along as a file."""

import csv
import io
from datetime import timedelta
from urllib.parse import quote

from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.utils import timezone

from caisu.tests.cast import make_comment
from members.moderation import deciding, undoing, waiting
from members.moderation.models import Case, Decision, State

from .desk_staff import DeskTestCase

LOG = "/admin/moderation/decision/"
EXPORT = LOG + "export/"


class LogTestCase(DeskTestCase):
    def decide(self, by=None, text="Words.", act=deciding.remove, reason="Because."):
        act(make_comment(self.article, self.alice, body=text), by or self.mona, reason)
        return Decision.objects.latest("pk")

    def listed(self, query=""):
        response = self.client.get(LOG + query)
        self.assertEqual(response.status_code, 200, query)
        return list(response.context["cl"].result_list)


class ListTests(LogTestCase):
    def test_by_what_by_whom_of_what_and_when(self):
        removal = self.decide()
        spam = self.decide(self.max, act=deciding.mark_spam)
        deciding.ban(self.bob, self.root)
        ban = Decision.objects.latest("pk")
        waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        deciding.refuse(self.nina, self.mona, "Who are you?")
        old = Decision.objects.latest("pk")
        long_ago = timezone.now() - timedelta(days=400)
        models.QuerySet.update(Decision.objects.filter(pk=old.pk), at=long_ago)
        until = timezone.now() + timedelta(days=1)
        deciding.suspend(self.alice, self.root, until)
        type(self.alice).objects.filter(pk=self.alice.pk).update(suspended_until=timezone.now())
        self.alice.refresh_from_db()
        deciding.restore(self.alice, None)
        clock = Decision.objects.latest("pk")
        self.login(self.mona)
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        day = quote(midnight.isoformat())
        for query, found in {
            "?action__exact=remove": [removal],
            "?case__kind__exact=comment": [spam, removal],
            "?case__kind__exact=signup": [old],
            f"?by={self.max.pk}": [spam],
            f"?by={self.mona.pk}": [removal, old],
            "?by=clock": [clock],
            f"?at__gte={day}&action__exact=ban": [ban],
            f"?at__lt={day}": [old],
            "?q=Words": [spam, removal],
            "?q=alice&action__exact=spam": [spam],
            "?by=nonsense&action__exact=ban": [ban],
        }.items():
            with self.subTest(query=query):
                self.assertEqual(self.listed(query), found)

    def test_nonsense_is_no_error(self):
        self.decide()
        self.login(self.mona)
        for query in ("?by=" + "9" * 40, "?before=x", "?before=" + "9" * 40, "?before=0", "?p=7"):
            with self.subTest(query=query):
                self.assertIn(self.client.get(LOG + query).status_code, {200, 302})

    def test_undone_ones_are_marked(self):
        decision = self.decide()
        undoing.undo(decision, self.max)
        self.login(self.mona)
        page = self.client.get(f"{LOG}{decision.pk}/change/")
        self.assertContains(page, "Undone by Max")
        self.assertContains(self.client.get(LOG), 'data-label="Undone">undone</td>', 1)

    def test_purged_ones_say_that_there_is_no_way_back(self):
        decision = self.decide(act=deciding.mark_spam)
        self.login(self.mona)
        page = f"{LOG}{decision.pk}/change/"
        self.assertContains(self.client.get(page), "decision/undo/")
        Decision.objects.filter(pk=decision.pk).purge_texts()
        self.assertNotContains(self.client.get(page), "decision/undo/")
        self.assertContains(self.client.get(page), "cannot be undone any more")
        response = self.client.post(LOG + "undo/", {"decision": decision.pk, "next": LOG})
        self.assertIn("purged", self.told(response)[0][1])

    def test_page_by_page_and_no_row_twice_or_never(self):
        case = Case.objects.create(kind=Case.Kind.ISSUE, closed_at=timezone.now())
        when = timezone.now()
        Decision.objects.bulk_create(
            Decision(case=case, action="dismiss", by=self.mona) for _number in range(250)
        )
        # Some at the very same moment.
        models.QuerySet.update(Decision.objects.filter(pk__in=range(1, 180)), at=when)
        everything = list(Decision.objects.values_list("pk", flat=True))
        self.login(self.mona)
        seen, query = [], "?action__exact=dismiss"
        for count in (100, 100, 50):
            page = self.client.get(LOG + query)
            rows = [decision.pk for decision in page.context["cl"].result_list]
            self.assertEqual(len(rows), count)
            seen, query = seen + rows, page.context["cl"].older
            self.assertEqual("Newest" in page.content.decode(), len(seen) > count)
        self.assertEqual(seen, everything)
        self.assertEqual(query, "")

    def test_it_counts_no_further_than_a_page_and_shows_no_more_at_once(self):
        case = Case.objects.create(kind=Case.Kind.ISSUE, closed_at=timezone.now())
        Decision.objects.bulk_create(Decision(case=case, action="dismiss") for _n in range(150))
        self.login(self.mona)
        page = self.client.get(LOG)
        self.assertEqual(page.context["cl"].result_count, 101)
        self.assertNotRegex(page.content.decode(), r"101 (decision|result)")
        self.assertEqual(len(self.listed("?all=")), 100)

    def test_newest_page_is_read_by_the_index(self):
        self.login(self.mona)
        for query in ("", "?action__exact=spam", f"?by={self.mona.pk}"):
            rows = self.client.get(LOG + query).context["cl"].queryset[:100]
            with self.subTest(query=query):
                if connection.vendor == "sqlite":
                    self.assertNotIn("TEMP B-TREE", rows.explain())


class ExportTests(LogTestCase):
    def rows(self, response):
        text = b"".join(response.streaming_content).decode("utf-8")
        self.assertTrue(text.startswith("\ufeff"))
        return list(csv.DictReader(io.StringIO(text[1:])))

    def test_page_says_what_it_is_and_the_file_comes_by_post(self):
        self.decide()
        self.enter(self.root)
        self.assertContains(self.client.get(LOG), EXPORT)
        self.assertContains(self.client.get(EXPORT), "1 decision, ")
        self.assertFalse(LogEntry.objects.exists())
        response = self.client.post(EXPORT)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        self.assertIn("decisions-", response["Content-Disposition"])
        self.assertIn("no-store", response["Cache-Control"])
        (row,) = self.rows(response)
        self.assertEqual(row["decision"], "Removed")
        self.assertEqual((row["kind"], row["member"], row["handle"]), ("Comment", "Alice", "alice"))
        self.assertEqual(
            (row["by"], row["reason"], row["text as it was"]), ("Mona", "Because.", "Words.")
        )
        self.assertEqual(row["undone"], "")

    def test_undone_and_by_nobody(self):
        undoing.undo(self.decide(), self.max)
        held = make_comment(self.article, self.bob, state=State.HELD)
        case = Case.objects.create(kind=Case.Kind.COMMENT, subject=held)
        Decision.objects.create(case=case, action="hide")
        self.enter(self.root)
        first, _undo, hidden = self.rows(self.client.post(EXPORT))
        self.assertRegex(first["undone"], r"^\d{4}-\d\d-\d\d ")
        self.assertEqual((hidden["by"], hidden["member"]), ("", ""))

    def test_formula_in_what_somebody_wrote_is_text(self):
        for text in ("=HYPERLINK(1)", "＝cmd", "@SUM", "-1+1"):
            self.decide(text=text, reason=text)
        self.enter(self.root)
        for row in self.rows(self.client.post(EXPORT)):
            self.assertTrue(row["text as it was"].startswith("'"), row)
            self.assertTrue(row["reason"].startswith("'"), row)

    def test_filters_and_search_hold_and_the_page_does_not(self):
        for text in ("One.", "Two.", "Two."):
            self.decide(text=text)
        self.decide(act=deciding.mark_spam, text="Two.")
        self.enter(self.root)
        query = "?action__exact=remove&q=Two"
        page = self.client.get(LOG + query + f"&before={Decision.objects.latest('pk').pk}")
        address = EXPORT + page.context["cl"].get_query_string()
        self.assertContains(page, address.replace("&", "&amp;"))
        self.assertEqual(len(self.rows(self.client.post(address))), 2)

    def test_it_is_logged_without_anybodys_words(self):
        self.decide(text="Secret snowplough.")
        self.enter(self.root)
        with self.assertLogs("caisu.members") as logs:
            self.client.post(EXPORT)
        [entry] = LogEntry.objects.all()
        self.assertEqual((entry.user, entry.change_message), (self.root, "1 rows"))
        self.assertNotIn("snowplough", str(logs.output) + entry.object_repr)

    def test_who_proved_nothing_lately_is_asked_and_gets_no_file(self):
        self.login(self.root)
        for method in (self.client.get, self.client.post):
            self.assertIn("/reauthenticate/", method(EXPORT)["Location"])
        self.assertFalse(LogEntry.objects.exists())

    def test_moderators_read_the_log_and_take_no_file(self):
        for who, status in {None: 302, self.alice: 403, self.wei: 403, self.mona: 403}.items():
            if who:
                self.enter(who)
            for method in (self.client.get, self.client.post):
                with self.subTest(who=who, method=method.__name__):
                    self.assertEqual(method(EXPORT).status_code, status)
        self.assertNotContains(self.client.get(LOG), EXPORT)

    def test_it_costs_the_same_for_one_and_for_twenty(self):
        self.enter(self.root)
        for count in (1, 19):
            for _number in range(count):
                self.decide()
            with self.subTest(count=count), self.assertNumQueries(9):
                self.rows(self.client.post(EXPORT))
