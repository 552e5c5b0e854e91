"""The queue in the admin: read, decided one by one or together."""

from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR, WEBMASTER
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Member
from members.moderation import deciding, reasons, reporting, waiting
from members.moderation.models import Case, Decision, State
from news.comments.models import Comment

QUEUE = "/admin/moderation/case/"
TABLE = f"{QUEUE}?view=table"


class QueueTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)
        cls.max = make_member("max", MODERATOR)

    def setUp(self):
        super().setUp()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.login(self.mona)

    def held(self, author=None, body="Words that wait."):
        author = author or self.bob
        comment = make_comment(self.article, author, state=State.HELD, body=body)
        return waiting.open_case(Case.Kind.COMMENT, comment, author, ["first"])

    def signup(self, member=None):
        member = member or self.nina
        return waiting.open_case(Case.Kind.SIGNUP, member, member, ["signup"])

    def issue(self, **changes):
        case = waiting.open_case(Case.Kind.ISSUE, None, None, ["issue"])
        values = {"text": "Upside down.", "reason": "broken", "language": "en"}
        case.reports.create(**{**values, **changes})
        return case

    def page(self, case):
        return reverse("admin:moderation_case_change", args=[case.pk])

    def decide(self, case, act, reason=""):
        url = reverse("admin:moderation_case_decide", args=[case.pk])
        return self.client.post(url, {"act": act, "reason": reason})

    def bulk(self, action, *cases):
        return self.client.post(
            TABLE, {"action": action, "_selected_action": [case.pk for case in cases]}
        )

    def told(self, response):
        """What the page after says: (level, text)."""
        return [(each.level_tag, each.message) for each in get_messages(response.wsgi_request)]

    def state(self, case):
        return type(case.subject).objects.get(pk=case.object_id).state

    def is_open(self, case):
        return Case.objects.get(pk=case.pk).is_open


class ListTests(QueueTestCase):
    def test_it_shows_text_author_and_reason_of_what_waits_oldest_first(self):
        self.held(body="First words of Bob.")
        self.signup()
        self.issue(text="The map is missing.")
        done = self.held(body="Already decided.")
        deciding.approve(done.subject, self.max)
        response = self.client.get(QUEUE)
        text = response.content.decode()
        self.assertLess(text.index("First words of Bob."), text.index("The map is missing."))
        for words in ("Bob", "Nina", str(reasons.REASONS["signup"])):
            self.assertIn(words, text)
        self.assertNotIn("Already decided.", text)
        self.assertContains(self.client.get(QUEUE, {"closed": "yes"}), "Already decided.")

    def test_what_somebody_writes_is_shown_as_text(self):
        case = self.held(body="<script>alert(1)</script>")
        for page in (QUEUE, self.page(case)):
            with self.subTest(page=page):
                self.assertNotIn("<script>alert", self.client.get(page).content.decode())

    def test_table_costs_the_same_for_one_of_each_and_for_twenty(self):
        def fill(number):
            for count in range(number):
                self.held(make_member(f"author{Member.objects.count()}"), body=f"Text {count}")
                self.signup(make_member(f"new{Member.objects.count()}", standing="pending"))
                self.issue()

        fill(1)
        self.client.get(TABLE)  # content types are remembered from now on
        with self.assertNumQueries(10):
            self.client.get(TABLE)
        fill(20)
        with self.assertNumQueries(10):
            self.client.get(TABLE)

    def test_search_and_filters_work(self):
        self.held()
        for query in ({"q": "bob"}, {"q": "\0"}, {"kind": "comment"}, {"closed": "yes"}):
            with self.subTest(query=query):
                self.assertEqual(self.client.get(QUEUE, query).status_code, 200)

    def test_case_whose_subject_is_gone_can_be_read_and_closed(self):
        case = self.held()
        case.subject.delete()
        self.assertEqual(self.client.get(QUEUE).status_code, 200)
        self.assertEqual(self.client.get(self.page(case)).status_code, 200)
        self.decide(case, "dismiss")
        self.assertFalse(self.is_open(case))


class DecideTests(QueueTestCase):
    def test_each_act_does_what_its_button_says_and_leads_to_the_next_case(self):
        for act, state in (
            ("approve", State.VISIBLE),
            ("remove", State.REMOVED),
            ("spam", State.SPAM),
        ):
            case, following = self.held(), self.held()
            with self.subTest(act=act):
                self.assertContains(self.client.get(self.page(case)), f'value="{act}"')
                response = self.decide(case, act, "Because.")
                self.assertRedirects(response, self.page(following))
                self.assertEqual(self.state(case), state)
                decision = case.decisions.get()
                self.assertEqual((decision.by, decision.reason), (self.mona, "Because."))
                self.assertEqual(self.told(response), [("success", "1 thing is decided.")])
            deciding.approve(following.subject, self.max)

    def test_last_case_leads_to_the_list(self):
        self.assertRedirects(self.decide(self.held(), "approve"), QUEUE)

    def test_newcomer_is_admitted_or_refused(self):
        self.decide(self.signup(), "admit")
        self.assertTrue(Member.objects.get(pk=self.nina.pk).is_full_member)
        other = make_member("other", standing="pending")
        self.decide(self.signup(other), "refuse", "Not now.")
        self.assertEqual(Member.objects.get(pk=other.pk).standing, Member.Standing.BANNED)

    def test_issue_is_answered_or_closed(self):
        first, second = self.issue(email="visitor@example.org"), self.issue()
        self.decide(first, "answer", "It is mended.")
        self.decide(second, "dismiss")
        run_due()
        self.assertEqual([message.to for message in mail.outbox], [["visitor@example.org"]])
        self.assertFalse(self.is_open(first) or self.is_open(second))

    def test_empty_answer_is_the_page_again(self):
        case = self.issue(email="visitor@example.org")
        response = self.decide(case, "answer")
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "Write the answer first, please.")
        self.assertTrue(self.is_open(case))

    def test_answer_that_is_too_long_is_the_page_again_and_kept(self):
        case, text = self.issue(), "An answer. " * 100
        response = self.decide(case, "answer", text)
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, text.strip())
        self.assertContains(response, "1000")
        self.assertTrue(self.is_open(case))

    def test_act_that_does_not_fit_changes_nothing(self):
        comment, signup, issue = self.held(), self.signup(), self.issue()
        for case, act in (
            (comment, "admit"),
            (comment, "dismiss"),
            (comment, "delete"),
            (comment, ""),
            (signup, "approve"),
            (signup, "ban"),
            (issue, "spam"),
        ):
            with self.subTest(case=case, act=act):
                response = self.decide(case, act)
                self.assertRedirects(response, self.page(case))
                self.assertEqual([level for level, _text in self.told(response)], ["warning"])
                self.assertTrue(self.is_open(case))
        self.assertFalse(Decision.objects.exists())

    def test_submission_is_not_a_moderators_to_approve(self):
        post = make_article(status="submitted", state=State.HELD, publish_at=None, author=self.bob)
        case = waiting.open_case(Case.Kind.SUBMISSION, post, self.bob, ["submitted"])
        self.assertNotContains(self.client.get(self.page(case)), 'value="approve"')
        self.decide(case, "approve")
        self.assertEqual((self.state(case), self.is_open(case)), (State.HELD, True))
        self.decide(case, "remove", "An advertisement.")
        self.assertEqual((self.state(case), self.is_open(case)), (State.REMOVED, False))

    def test_report_of_what_is_down_already_is_closed_and_nothing_comes_back(self):
        case = self.held()
        Comment.objects.filter(pk=case.object_id).update(state=State.SPAM)
        self.decide(case, "approve")
        self.assertEqual((self.state(case), self.is_open(case)), (State.SPAM, True))
        self.decide(case, "dismiss")
        self.assertEqual((self.state(case), self.is_open(case)), (State.SPAM, False))

    def test_second_click_changes_nothing(self):
        case = self.held()
        self.decide(case, "approve")
        self.decide(case, "remove")
        self.assertEqual(self.state(case), State.VISIBLE)
        self.assertEqual(case.decisions.count(), 1)

    def test_own_words_wait_for_another_moderator(self):
        own = make_comment(self.article, self.mona)
        reporting.report(own, self.bob, "rude", "", "en")
        case = Case.objects.about(own).get()
        for act in ("approve", "remove", "spam"):
            with self.subTest(act=act):
                self.decide(case, act)
                self.bulk(act, case)
                self.assertTrue(self.is_open(case))
        self.assertEqual(self.state(case), State.VISIBLE)
        self.login(self.max)
        self.decide(case, "approve")
        self.assertFalse(self.is_open(case))

    def test_get_is_refused(self):
        case = self.held()
        url = reverse("admin:moderation_case_decide", args=[case.pk])
        self.assertEqual(self.client.get(url, {"act": "approve"}).status_code, 405)
        self.assertEqual(self.client.head(url).status_code, 405)
        self.assertTrue(self.is_open(case))

    def test_case_that_does_not_exist_is_not_found(self):
        url = reverse("admin:moderation_case_decide", args=[999_999])
        self.assertEqual(self.client.post(url, {"act": "approve"}).status_code, 404)

    def test_others_neither_see_nor_decide(self):
        case = self.held(body="Canary words")
        for who, status in {None: 302, self.alice: 403, self.nina: 403, self.wei: 403}.items():
            self.login(who)
            with self.subTest(who=who):
                for response in (
                    self.client.get(QUEUE),
                    self.client.get(self.page(case)),
                    self.client.get(f"{QUEUE}{case.pk}/history/"),
                    self.client.get(reverse("admin:moderation_case_decide", args=[case.pk])),
                    self.decide(case, "approve"),
                    self.bulk("approve", case),
                ):
                    self.assertEqual(response.status_code, status)
                    self.assertNotIn("Canary", response.content.decode())
        self.assertTrue(self.is_open(case))
        self.assertFalse(Decision.objects.exists())

    def test_webmaster_decides_as_well(self):
        self.login(self.wanda)
        case = self.held()
        self.decide(case, "approve")
        self.assertFalse(self.is_open(case))

    def test_nothing_is_added_changed_or_deleted_by_hand(self):
        case = self.held()
        for who in (self.mona, self.wanda, self.root):
            self.login(who)
            for address in (f"{QUEUE}add/", self.page(case), f"{QUEUE}{case.pk}/delete/"):
                with self.subTest(who=who, address=address):
                    response = self.client.post(address, {"post": "yes", "kind": "issue"})
                    self.assertEqual(response.status_code, 403)
        self.assertEqual(Case.objects.get().kind, Case.Kind.COMMENT)


class BulkTests(QueueTestCase):
    def test_many_are_decided_at_once_and_the_page_says_how_many(self):
        for act, state in (
            ("approve", State.VISIBLE),
            ("remove", State.REMOVED),
            ("spam", State.SPAM),
        ):
            cases = [self.held() for _number in range(3)]
            with self.subTest(act=act):
                response = self.bulk(act, *cases)
                self.assertRedirects(response, TABLE)
                self.assertEqual({self.state(case) for case in cases}, {state})
                self.assertEqual(self.told(response), [("success", "3 things are decided.")])

    def test_issues_are_closed_together(self):
        cases = [self.issue(), self.issue()]
        self.bulk("dismiss", *cases)
        self.assertFalse(Case.objects.open().exists())

    def test_what_does_not_fit_is_left_and_counted(self):
        comment, signup, issue = self.held(), self.signup(), self.issue()
        response = self.bulk("approve", comment, signup, issue)
        levels = dict(self.told(response))
        self.assertEqual(levels["success"], "1 thing is decided.")
        self.assertTrue(levels["warning"].startswith("2 things were left as they are"))
        self.assertTrue(self.is_open(signup) and self.is_open(issue))

    def test_numbers_of_nothing_and_of_closed_cases_change_nothing(self):
        closed = self.held()
        deciding.approve(closed.subject, self.max)
        self.client.post(TABLE, {"action": "remove", "_selected_action": ["999999", closed.pk]})
        self.assertEqual(self.state(closed), State.VISIBLE)
        self.assertEqual(Decision.objects.count(), 1)

    def test_nothing_chosen_changes_nothing(self):
        self.held()
        self.client.post(TABLE, {"action": "approve"}, follow=True)
        self.assertFalse(Decision.objects.exists())

    def test_bulk_delete_is_not_on_offer(self):
        case = self.held()
        for who in (self.mona, self.root):
            self.login(who)
            self.bulk("delete_selected", case)
            self.assertTrue(Case.objects.filter(pk=case.pk).exists())

    def test_comments_are_decided_in_bulk_from_their_own_list(self):
        comments = [self.held().subject for _number in range(2)]
        own = make_comment(self.article, self.mona)
        response = self.client.post(
            "/admin/comments/comment/",
            {"action": "spam", "_selected_action": [each.pk for each in [*comments, own]]},
        )
        self.assertEqual(dict(self.told(response))["success"], "2 things are decided.")
        own.refresh_from_db()
        self.assertEqual(own.state, State.VISIBLE)
        self.assertFalse(Case.objects.open().exists())
