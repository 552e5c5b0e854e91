"""Members point at what should be looked at; so many trusted ones hide it until somebody has."""

from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members import profiles
from members.models import Member
from members.moderation import case_acting, deciding, profile_holding, reporting, undoing
from members.moderation.models import Case, Decision, HouseRules, Report, State
from members.notifications.models import Notification
from news import reviewing
from news.comments import telling
from news.models import Article

AD = "Canary: 代开发票 加微信 fapiao8888, visit our official website http://canary.example/"


class ReportingTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.trusted = [make_member(name) for name in ("carl", "dana", "emil", "fred")]
        cls.post = make_article(author=cls.alice, is_post=True, title_en="My post")

    def report(self, by, subject=None, reason="rude", text="Look at this"):
        return reporting.report(subject or self.comment, by, reason, text, "en")

    def report_by(self, number, subject=None):
        return [self.report(member, subject) for member in self.trusted[:number]]

    def case(self, subject=None):
        return Case.objects.about(subject or self.comment).open().first()

    def state(self, subject=None):
        subject = subject or self.comment
        subject.refresh_from_db()
        return subject.state


class ReportTests(ReportingTestCase):
    def test_reports_gather_at_one_case_once_for_each_member(self):
        self.assertTrue(self.report(self.bob))
        self.assertTrue(self.report(self.mona, reason="spam"))
        self.assertFalse(self.report(self.bob, reason="spam"))
        case = Case.objects.get()
        self.assertEqual((case.kind, case.reasons), (Case.Kind.COMMENT, ["reported"]))
        self.assertEqual(case.member, self.alice)
        self.assertEqual(set(case.reports.values_list("reason", flat=True)), {"rude", "spam"})
        self.assertIn(f"#comment-{self.comment.pk}", case.reports.first().url)

    def test_each_kind_has_its_own(self):
        for subject, kind in ((self.post, "article"), (self.alice, "profile")):
            self.report(self.bob, subject)
            self.assertEqual(
                (self.case(subject).kind, self.case(subject).member), (kind, self.alice)
            )

    def test_reports_of_other_comments_stand_apart(self):
        other = make_comment(self.article, self.alice)
        self.report(self.bob)
        self.report(self.bob, other)
        self.assertEqual(Case.objects.open().count(), 2)

    def test_it_is_scored_and_stands_among_what_is_like_it(self):
        authors = (self.alice, self.trusted[0])
        ads = [make_comment(self.article, author, body=AD) for author in authors]
        for ad in ads:
            self.report(self.bob, ad)
        first, second = map(self.case, ads)
        self.assertEqual(first.reasons[0], "reported")
        self.assertIn("shady_trade", first.reasons)
        self.assertGreater(first.score, 5)
        self.assertEqual((first.language, first.group), ("en", second.group))
        # It was out already: that its author is new is no reason.
        newcomer = make_member("newt", approved_count=0)
        third = make_comment(self.article, newcomer, body="Hello")
        self.report(self.bob, third)
        self.assertNotIn("first", self.case(third).reasons)

    def test_found_harmless_it_is_not_reported_again_by_the_same_member(self):
        self.report(self.bob)
        deciding.approve(self.comment, self.mona)
        self.assertFalse(self.report(self.bob))
        self.assertTrue(self.report(self.mona))
        self.assertEqual(Report.objects.count(), 2)

    def test_what_says_something_else_by_now_is(self):
        self.report(self.bob)
        deciding.approve(self.comment, self.mona)
        type(self.comment).objects.filter(pk=self.comment.pk).update(body="Another thing.")
        self.assertTrue(self.report(self.bob))

    def test_profile_found_harmless_can_be_reported_when_it_has_changed(self):
        profiles.save(self.alice, {"bio": "I came in 2019."})
        self.report(self.bob, self.alice)
        profile_holding.approve(self.alice, self.mona)
        self.assertFalse(self.report(self.bob, self.alice))
        profiles.save(self.alice, {"bio": "I came in 2018."})
        self.assertTrue(self.report(self.bob, self.alice))

    def test_article_found_harmless_in_one_language_is_that_in_the_other(self):
        with translation.override("zh-hans"):
            self.report(self.bob, self.post)
            deciding.approve(self.post, self.mona)
        with translation.override("en"):
            self.assertFalse(self.report(self.bob, self.post))

    def test_one_more_report_costs_the_same(self):
        def queries(member):
            with CaptureQueriesContext(connection) as captured:
                self.report(member)
            return len(captured)

        HouseRules.objects.create(reports_to_hide=50)
        cache.clear()
        self.report(self.bob)
        few = queries(self.mona)
        for number in range(20):
            self.report(make_member(f"many{number}"))
        self.assertEqual(queries(self.wei), few)


class HideTests(ReportingTestCase):
    def hidden(self, subject):
        subject.refresh_from_db()
        return subject.profile_held if isinstance(subject, Member) else subject.state == State.HELD

    def test_two_do_not_hide_and_three_do(self):
        for subject in (self.comment, self.post, self.alice):
            with self.subTest(subject=subject):
                self.report_by(2, subject)
                self.assertFalse(self.hidden(subject))
                self.assertFalse(Decision.objects.filter(case=self.case(subject)).exists())
                self.assertTrue(self.report(self.trusted[2], subject))
                self.assertTrue(self.hidden(subject))
                decision = Decision.objects.get(case=self.case(subject))
                self.assertEqual((decision.action, decision.by), ("hide", None))
                self.assertIn("reports_hide", self.case(subject).reasons)

    def test_number_is_the_webmasters(self):
        HouseRules.objects.create(reports_to_hide=2)
        cache.clear()
        self.report_by(2)
        self.assertTrue(self.hidden(self.comment))

    def test_untrusted_do_not_count(self):
        for number in range(5):
            self.report(make_member(f"new{number}", approved_count=4))
        self.report_by(2)
        self.assertFalse(self.hidden(self.comment))
        self.assertEqual(self.case().reports.count(), 7)

    def test_staff_counts_as_one_of_them(self):
        for member in (self.mona, self.wei, self.root):
            self.report(member)
        self.assertTrue(self.hidden(self.comment))

    def test_nothing_of_staff_is_hidden(self):
        for subject in (make_comment(self.article, self.wei), self.article, self.wei):
            self.report_by(4, subject)
            self.assertFalse(self.hidden(subject), subject)
            self.assertEqual(self.case(subject).reports.count(), 4)

    def test_hidden_it_is_out_of_sight_and_of_every_count(self):
        reply = make_comment(self.article, self.bob, parent=self.comment)
        telling.spread.func(reply.pk, False)
        self.assertTrue(Notification.objects.filter(subject=f"comment:{reply.pk}").exists())
        self.report_by(3, reply)
        self.article.refresh_from_db()
        self.assertEqual(self.article.comment_count, 1)
        self.assertFalse(Notification.objects.filter(subject=f"comment:{reply.pk}").exists())
        page = self.client.get(self.article.get_absolute_url())
        self.assertNotContains(page, f'id="comment-{reply.pk}"')

    def test_hidden_article_is_closed_to_all_but_its_author_and_editors(self):
        url = self.post.get_absolute_url()
        self.report_by(3, self.post)
        for who, status in ((None, 404), (self.bob, 404), (self.alice, 200), (self.wei, 200)):
            self.login(who)
            self.assertEqual(self.client.get(url).status_code, status, who)
        self.assertNotIn(self.post, Article.objects.published())

    def test_hidden_profile_keeps_its_name_and_shows_no_text(self):
        profiles.save(self.alice, {"bio": "Canary words"})
        self.report_by(3, self.alice)
        self.login(self.bob)
        response = self.client.get(self.alice.get_absolute_url())
        self.assertContains(response, "Alice")
        self.assertNotContains(response, "Canary")

    def test_record_of_the_author_follows(self):
        before = self.alice.approved_count
        self.report_by(3)
        self.alice.refresh_from_db()
        self.assertEqual(self.alice.approved_count, before - 1)
        deciding.approve(self.comment, self.mona)
        self.alice.refresh_from_db()
        self.assertEqual(self.alice.approved_count, before)

    def test_approved_it_is_back_and_is_not_hidden_again(self):
        for subject in (self.comment, self.post, self.alice):
            with self.subTest(subject=subject):
                self.report_by(3, subject)
                self.assertTrue(case_acting.act_on(self.case(subject), "approve", self.mona))
                self.assertFalse(self.hidden(subject))
                for number in range(3):
                    again = make_member(f"more{number}{subject._meta.model_name}")
                    self.assertTrue(self.report(again, subject))
                self.assertFalse(self.hidden(subject))
                self.assertEqual(self.case(subject).reports.count(), 3)

    def test_what_has_changed_since_is_hidden_again(self):
        self.report_by(3)
        deciding.approve(self.comment, self.mona)
        type(self.comment).objects.filter(pk=self.comment.pk).update(body="Another thing.")
        self.assertEqual(self.report_by(3), [True] * 3)
        self.assertTrue(self.hidden(self.comment))

    def test_hiding_is_taken_back_exactly_and_the_next_report_does_not_hide(self):
        for subject in (self.comment, self.post, self.alice):
            with self.subTest(subject=subject):
                self.alice.refresh_from_db()
                before = self.alice.approved_count
                self.report_by(3, subject)
                decision = Decision.objects.get(case=self.case(subject))
                self.assertTrue(undoing.undo(decision, self.mona))
                self.alice.refresh_from_db()
                self.assertEqual(self.alice.approved_count, before)
                self.assertFalse(self.hidden(subject))
                self.assertIsNotNone(self.case(subject))
                self.report(self.trusted[3], subject)
                self.assertFalse(self.hidden(subject))

    def test_approval_is_taken_back_to_hidden(self):
        for subject in (self.comment, self.post, self.alice):
            with self.subTest(subject=subject):
                self.report_by(3, subject)
                case_acting.act_on(self.case(subject), "approve", self.mona)
                decision = Decision.objects.filter(action="approve").first()
                self.assertTrue(undoing.undo(decision, self.mona))
                self.assertTrue(self.hidden(subject))
                self.assertEqual(self.case(subject).reports.count(), 3)

    def test_what_is_taken_down_already_is_only_added_to(self):
        deciding.remove(self.comment, self.mona)
        self.report_by(3)
        self.assertEqual(self.state(), State.REMOVED)


class ReportedArticleTests(ReportingTestCase):
    """What editors decide about a change leaves reports to the moderators, and the other way round."""

    def propose(self, title):
        changed = Article.objects.get(pk=self.post.pk)
        changed.title_en = title
        return reviewing.propose(self.post, self.alice, changed, [])

    def test_moderator_may_leave_it(self):
        self.report(self.bob, self.post)
        self.assertIn("approve", case_acting.acts_for(self.case(self.post)))

    def test_change_accepted_leaves_the_reports_waiting(self):
        self.report_by(3, self.post)
        self.assertTrue(self.propose("My better post"))
        post = Article.objects.get(pk=self.post.pk)
        seen = reviewing.seen(post, reviewing.proposal_for(post))
        self.assertTrue(reviewing.accept_edit(post, self.wei, seen))
        self.assertEqual(self.case(post).reports.count(), 3)
        self.assertEqual(self.state(post), State.HELD)
        self.assertTrue(case_acting.act_on(self.case(post), "approve", self.mona))
        self.assertEqual(self.state(post), State.VISIBLE)

    def test_change_taken_back_leaves_the_reports_waiting(self):
        self.report_by(3, self.post)
        self.propose("My better post")
        self.assertTrue(reviewing.take_back_edit(self.post, self.alice))
        self.assertEqual(self.case(self.post).reports.count(), 3)
        self.propose("My best post")
        self.assertTrue(reviewing.forget(self.post, self.alice))
        self.assertEqual(self.case(self.post).reports.count(), 3)

    def test_change_alone_is_taken_back_as_before(self):
        self.propose("My better post")
        self.assertTrue(reviewing.take_back_edit(self.post, self.alice))
        self.assertIsNone(self.case(self.post))


class ReportedProfileTests(ReportingTestCase):
    def test_whatever_is_done_about_the_person_its_texts_wait(self):
        profiles.save(self.alice, {"bio": "Canary words"})
        self.report_by(3, self.alice)
        deciding.ban(self.alice, self.mona)
        deciding.restore(self.alice, self.mona)
        self.assertEqual(self.case(self.alice).reports.count(), 3)
        self.assertTrue(case_acting.act_on(self.case(self.alice), "approve", self.mona))
        self.alice.refresh_from_db()
        self.assertFalse(self.alice.profile_held)


class ParallelTests(TransactionTestCase):
    def test_reports_at_once_hide_once(self):
        cache.clear()
        article = make_article(author=make_member("wei"))
        comment = make_comment(article, make_member("alice"))
        people = [make_member(f"reader{number}") for number in range(8)]

        def one(member):
            try:
                subject = type(comment).objects.get(pk=comment.pk)
                return reporting.report(subject, member, "rude", "", "en")
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(one, [*people, people[0]]))
        run_due()
        comment.refresh_from_db()
        article.refresh_from_db()
        self.assertEqual((done.count(True), done.count(False)), (8, 1))
        self.assertEqual(Report.objects.count(), 8)
        self.assertEqual((comment.state, article.comment_count), (State.HELD, 0))
        self.assertEqual(Decision.objects.filter(action="hide").count(), 1)
        self.assertEqual(Case.objects.get().reasons, ["reported", "reports_hide"])
