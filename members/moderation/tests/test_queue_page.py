"""The queue page: what it shows of what waits, and one act on many things, with a script and without."""

from datetime import timedelta
from unittest import mock

from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import make_article, make_comment, make_member
from members import profiles
from members.models import Application, Member
from members.moderation import appealing, case_acting, deciding, queue, reporting, sweeping, waiting
from members.moderation.filtering import Contribution, check, settle
from members.moderation.models import Case, Decision, State, Sweep
from news.comments.models import Comment

from .test_queue_admin import QUEUE, QueueTestCase

UNDO = reverse("admin:moderation_decision_undo")
ADVERT = "To get more {what} news, you can visit best news official website http://n{n}.example"


class PageTestCase(QueueTestCase):
    def act(self, act, *cases, script=False, **more):
        """Presses a button of a group."""
        headers = {"accept": "application/json"} if script else {}
        data = {"act": act, "case": [case.pk for case in cases], **more}
        return self.client.post(QUEUE, data, headers=headers)

    def newcomer(self, number, **changes):
        joined = timezone.now() - timedelta(days=2 + Member.objects.count())
        values = {"approved_count": 0, "date_joined": joined}
        return make_member(f"newcomer{number}", **{**values, **changes})

    def advert(self, author, what="campus", n=1):
        contribution = Contribution(author, ADVERT.format(what=what, n=n), address="192.0.2.9")
        body = contribution.text
        comment = make_comment(self.article, author, state=State.HELD, body=body)
        return settle(comment, Case.Kind.COMMENT, contribution, check(contribution))

    def undo(self):
        """Presses u: takes back the last act of this login."""
        context = self.client.get(QUEUE).context
        data = {"decision": ",".join(map(str, context["undo"])), "next": context["back"]}
        return self.client.post(UNDO, data)

    def groups(self, **query):
        return self.client.get(QUEUE, query).context["page"].groups


class CardTests(PageTestCase):
    """Each kind shows its context, its author at a glance, score, reasons, and what happens next."""

    def card(self, case, *words):
        [group] = [group for group in self.groups() if group.pk == case.pk]
        html = self.client.get(QUEUE).content.decode()
        begin = html.index(f'id="case-{case.pk}"')
        part = html[begin : html.index("</article>", begin)]
        for each in words:
            self.assertIn(each, part)
        return group

    def buttons(self, group):
        return [(value, key) for value, _words, key, _needs in group.acts]

    def test_comment(self):
        above = make_comment(self.article, self.alice, body="Who has snow tires?")
        bob = self.newcomer(1, vouched_by=self.alice)
        make_comment(self.article, bob, state=State.SPAM, body="Older advertising")
        reply = make_comment(self.article, bob, parent=above, state=State.HELD, body="I do.")
        case = waiting.open_case(Case.Kind.COMMENT, reply, bob, ["first"], 2.5)
        group = self.card(
            case,
            *("Story", "↩ Alice: Who has snow tires?", "I do.", "Newcomer", "Spam <b>1</b>"),
            *("Awaiting review <b>1</b>", "2.5", "One of the author&#x27;s first contributions."),
            *("Nobody else sees it until you decide.", "Vouched for by Alice"),
        )
        self.assertEqual(self.buttons(group), [("approve", "a"), ("remove", "r"), ("spam", "s")])

    def test_comment_of_a_pending_member_says_that_approving_admits(self):
        case = self.held(self.nina)
        self.card(case, "Approving it also admits Nina as a member.", "@example.org")

    def test_reported_comment(self):
        rude = make_comment(self.article, self.bob, body="You fool.")
        reporting.report(rude, self.alice, "rude", "Not nice.", "en")
        case = Case.objects.about(rude).get()
        self.card(case, "You fool.", "Hurtful or rude", "Alice", "Everybody sees it until you")

    def test_submission(self):
        post = make_article(status="submitted", state=State.HELD, publish_at=None, author=self.bob)
        case = waiting.open_case(Case.Kind.SUBMISSION, post, self.bob, ["submitted"])
        group = self.card(case, post.title_en, "Local News", "An editor publishes it")
        self.assertEqual(self.buttons(group), [("remove", "r"), ("spam", "s")])
        editors = reverse("admin:news_article_change", args=[post.pk])
        self.assertNotContains(self.client.get(QUEUE), editors)
        self.login(self.root)
        self.assertContains(self.client.get(QUEUE), editors)

    def test_signup(self):
        Application.objects.create(member=self.nina, why="I study geology.")
        case = waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["fast", "signup"], 3)
        group = self.card(
            case,
            "Nina",
            "I study geology.",
            "@example.org",
            "faster than people",
            "all of it waits",
        )
        self.assertEqual(
            self.buttons(group),
            [("approve", "a"), ("remove", "r"), ("spam", "s"), ("ask", "")],
        )
        self.assertEqual(group.spammer, self.nina)

    def test_issue(self):
        case = self.issue(text="The map is missing.", email="v@example.org", url="/en/news/")
        group = self.card(
            case, "The map is missing.", "v@example.org", "/en/news/", "An answer goes"
        )
        self.assertEqual(self.buttons(group), [("approve", "a"), ("remove", "r")])
        self.assertEqual((group.quick, group.spammer), ({}, None))

    def test_profile(self):
        fay = make_member("fay", approved_count=3, bio="I came in 2019.")
        profiles.save(fay, {"bio": "加微信 fapiao8888 official website http://canary.example/"})
        case = Case.objects.about(fay).get()
        self.card(
            case, "fapiao8888", "About me until now: I came in 2019.", "Others do not see this"
        )

    def test_appeal(self):
        deciding.remove(self.comment, self.max, "Off topic.")
        decision = Decision.objects.get()
        made = appealing.appeal(decision, self.alice, "It was about tires!")
        case = Case.objects.about(made).get()
        group = self.card(
            case, "It was about tires!", "Off topic.", "Well said.", "takes the decision"
        )
        self.assertEqual(self.buttons(group), [("approve", "a"), ("remove", "r")])
        # The page of the case shows the same.
        page = self.client.get(self.page(case))
        for words in ("It was about tires!", "Off topic.", "Well said."):
            self.assertContains(page, words)

    def test_own_things_and_appeals_against_oneself_are_for_another_moderator(self):
        own = make_comment(self.article, self.mona, body="My own words.")
        reporting.report(own, self.bob, "rude", "", "en")
        deciding.remove(self.comment, self.mona, "Off topic.")
        made = appealing.appeal(Decision.objects.get(), self.alice, "It was about tires!")
        for subject in (own, made):
            case = Case.objects.about(subject).get()
            self.login(self.mona)
            group = self.card(case, "Another moderator decides")
            self.assertEqual(group.acts, [])
            self.login(self.max)
            self.assertTrue(self.card(case).acts)
        # Where nobody else could, whoever decided does.
        Member.objects.exclude(pk=self.mona.pk).update(is_staff=False, is_superuser=False)
        self.login(self.mona)
        self.assertTrue(self.card(Case.objects.about(made).get()).acts)

    def test_long_text_is_there_as_a_whole(self):
        self.held(body="word " * 400 + "end.")
        self.assertContains(self.client.get(QUEUE), "word end.")

    def test_what_an_editor_has_to_decide_has_no_button(self):
        post = make_article(author=self.bob, is_post=True)
        case = waiting.open_case(Case.Kind.SUBMISSION, post, self.bob, ["edited"])
        group = self.card(case, "An editor decides about the change")
        self.assertEqual(group.acts, [])


class GroupTests(PageTestCase):
    def test_things_that_say_the_same_stand_together_and_say_why(self):
        for number in range(3):
            self.advert(self.newcomer(number), n=number)
        alone = self.held(body="Something else.")
        [together, other] = self.groups()
        self.assertEqual((together.count, together.accounts), (3, 3))
        self.assertEqual(together.tie, "They say the same.")
        self.assertEqual((other.pk, other.tie), (alone.pk, ""))
        self.assertIsNone(together.spammer)

    def test_what_else_ties(self):
        hour = timezone.now() - timedelta(hours=5)
        for kind, words in (
            ("host", "They have shop.example in common."),
            ("net", "They come from the same network."),
            ("hour", "Their accounts were made in the same hour."),
        ):
            Case.objects.all().delete()
            for number in range(4):
                joined = {"date_joined": hour} if kind == "hour" else {}
                author = self.newcomer(f"{kind}{number}", **joined)
                host = "shop.example" if kind == "host" else f"{kind}{number}.example"
                text = f"{'abcd'[number] * 5} {kind} http://{host}/"
                home = "192.0.2.7" if kind == "net" else f"203.0.{number}.{len(kind)}"
                contribution = Contribution(author, text, address=home)
                comment = make_comment(self.article, author, state=State.HELD, body=text)
                settle(comment, Case.Kind.COMMENT, contribution, check(contribution))
            with self.subTest(kind=kind):
                [group] = self.groups()
                self.assertEqual(group.tie, words)

    def test_large_group_shows_some_names_more_and_takes_all_along(self):
        eve = self.newcomer(1)
        with mock.patch.multiple(queue, SHOWN=2, LISTED=2, MOST=6):
            for number in range(8):
                self.advert(eve, n=number)
            [group] = self.groups()
            self.assertEqual(
                [len(group.cards), len(group.more), len(group.rest), group.chosen, group.count],
                [2, 2, 2, 6, 8],
            )
            self.assertEqual(group.spammer, eve)
            page = self.client.get(QUEUE)
            self.assertContains(page, "2 more go along that are not shown here.")
            self.assertContains(page, "One act decides 6 of them")
            [whole] = self.groups(group=group.key)
            self.assertEqual([len(whole.cards), len(whole.more), len(whole.rest)], [2, 4, 0])
            shown = [card.case for card in group.cards] + [case for case, _text in group.more]
            self.act("spam", *shown, rest=",".join(map(str, group.rest)))
        self.assertEqual(Comment.objects.filter(state=State.SPAM).count(), 6)

    def test_filters(self):
        comment = self.held()
        Case.objects.filter(pk=comment.pk).update(language="zh-hans", score=5)
        signup = self.signup()
        for query, found in (
            ({"kind": "comment"}, [comment]),
            ({"kind": "nonsense"}, [comment, signup]),
            ({"language": "zh-hans"}, [comment]),
            ({"language": "en"}, []),
            ({"reason": "signup"}, [signup]),
            ({"reason": "fast"}, []),
            ({"reason": '"'}, [comment, signup]),
            ({"group": str(comment.pk)}, [comment]),
            ({"order": "score"}, [comment, signup]),
        ):
            with self.subTest(query=query):
                self.assertEqual([each.pk for each in self.groups(**query)], [c.pk for c in found])
        html = self.client.get(QUEUE, {"language": "en"}).content.decode()
        self.assertIn("Nothing of this kind waits.", html)

    def test_order_by_age_or_by_score(self):
        old, new = self.held(), self.held()
        Case.objects.filter(pk=new.pk).update(score=9)
        self.assertEqual([each.pk for each in self.groups()], [old.pk, new.pk])
        self.assertEqual([each.pk for each in self.groups(order="score")], [new.pk, old.pk])

    def test_pages_follow_each_other_in_both_orders(self):
        for number in range(5):
            case = self.held(body=f"Text {number}")
            Case.objects.filter(pk=case.pk).update(score=number % 2)
        for order in ("", "score"):
            seen, query = [], {"order": order}
            with mock.patch.object(queue, "PAGE", 2):
                while query:
                    context = self.client.get(QUEUE, query).context
                    seen += [group.pk for group in context["page"].groups]
                    query = {"order": order, "after": context["page"].after}
                    if not query["after"]:
                        break
            self.assertEqual(len(seen), len(set(seen)), order)
            self.assertEqual(len(seen), 5, order)

    def test_page_that_was_emptied_leads_to_the_first(self):
        self.held()
        response = self.client.get(QUEUE, {"after": f"0.0|{timezone.now().isoformat()}|x"})
        self.assertRedirects(response, QUEUE)
        for after in ("x", "1|2|3", "nan|2026-01-01T00:00+00:00|x", "0|2026-01-01|x"):
            self.assertEqual(self.client.get(QUEUE, {"after": after}).status_code, 200)

    def test_nothing_waits(self):
        self.assertContains(self.client.get(QUEUE), "Nothing waits. The house is clean.")

    def test_whoever_was_asked_does_not_wait_for_us(self):
        self.act("ask", self.signup(), reason="Who are you?")
        self.assertEqual(self.groups(), [])


class ActTests(PageTestCase):
    def test_one_act_means_for_each_what_fits(self):
        comment, signup, robot = (
            self.held(),
            self.signup(),
            self.signup(self.newcomer(1, standing="pending")),
        )
        issue = self.issue()
        self.act("approve", comment, signup)
        self.act("spam", robot, issue)
        actions = list(Decision.objects.order_by("pk").values_list("action", flat=True))
        self.assertEqual(actions, ["approve", "admit", "refuse", "dismiss"])
        run_due()
        self.assertEqual([each.to for each in mail.outbox], [["nina@example.org"]])

    def test_without_a_script_it_goes_on_with_the_next(self):
        case, following = self.held(), self.held()
        response = self.act("approve", case, place=case.pk, next=following.pk)
        self.assertRedirects(
            response, f"{QUEUE}#case-{following.pk}", fetch_redirect_response=False
        )
        page = self.client.get(QUEUE)
        self.assertContains(page, "Approved: Bob, Words that wait.")
        self.assertContains(page, "1 thing waits.")

    def test_a_script_hears_what_is_gone_and_what_is_said(self):
        signup, first, second = self.signup(), self.held(self.nina), self.held(self.nina)
        answer = self.act("approve", first, script=True)
        self.assertEqual(answer["Content-Type"], "application/json")
        # Her sign-up is decided with it; what else she wrote waits.
        self.assertEqual(answer.json()["gone"], sorted([signup.pk, first.pk]))
        said = answer.json()["said"]
        for words in (
            "Approved: Nina, Words that wait.",
            "Undo",
            "1 thing waits.",
            "csrfmiddleware",
        ):
            self.assertIn(words, said)
        self.assertTrue(self.is_open(second))
        self.assertEqual(self.told(answer), [])

    def test_signup_in_the_same_group_is_decided_along(self):
        comment, signup = self.held(self.nina), self.signup()
        answer = self.act("approve", comment, signup, script=True)
        self.assertNotIn("Decided already", answer.json()["said"])
        self.assertEqual(answer.json()["gone"], sorted([signup.pk, comment.pk]))
        self.undo()
        self.assertTrue(self.is_open(comment) and self.is_open(signup))
        self.assertTrue(Member.objects.get(pk=self.nina.pk).is_pending)

    def test_two_at_once_never_act_twice(self):
        for script in (False, True):
            case = self.held()
            self.login(self.max)
            self.act("approve", case, script=script)
            self.login(self.mona)
            answer = self.act("spam", case, script=script)
            with self.subTest(script=script):
                self.assertEqual(self.state(case), State.VISIBLE)
                self.assertEqual(case.decisions.count(), 1)
                words = "Decided already: Approved by Max"
                if script:
                    self.assertIn(words, answer.json()["said"])
                    self.assertEqual(answer.json()["gone"], [case.pk])
                else:
                    [(level, text)] = self.told(answer)
                    self.assertEqual((level, text[: len(words)]), ("warning", words))
                self.assertEqual(self.client.get(QUEUE).context["undo"], [])

    def test_second_act_waits_for_the_first_and_finds_it_done(self):
        case = self.held()
        stale = Case.objects.prefetch_related("subject").get(pk=case.pk)
        self.assertTrue(case_acting.act_on(case, "remove", self.max))
        self.assertFalse(case_acting.act_on(stale, "approve", self.mona))
        self.assertEqual(self.state(case), State.REMOVED)

    def test_many_that_others_decided_are_counted(self):
        cases = [self.held(body=f"Text {number}") for number in range(7)]
        for case in cases:
            deciding.approve(case.subject, self.max)
        said = self.act("spam", *cases, script=True).json()["said"]
        self.assertEqual(said.count("Decided already"), 5)
        self.assertIn("2 more were decided by others meanwhile.", said)

    def test_foreign_and_made_up_numbers_are_left_alone(self):
        own = make_comment(self.article, self.mona)
        reporting.report(own, self.bob, "rude", "", "en")
        case, other = self.held(), self.held()
        closed = self.held()
        deciding.approve(closed.subject, self.max)
        data = {
            "act": "remove",
            "case": [case.pk, Case.objects.about(own).get().pk, closed.pk, 999_999, "x", "9" * 30],
            "rest": "-1,,1e3",
        }
        answer = self.client.post(QUEUE, data, headers={"accept": "application/json"})
        self.assertEqual(answer.json()["gone"], sorted([case.pk, closed.pk]))
        self.assertIn("1 thing was left as it is", answer.json()["said"])
        own.refresh_from_db()
        self.assertEqual((own.state, self.state(closed)), (State.VISIBLE, State.VISIBLE))
        self.assertTrue(self.is_open(other))

    def test_nothing_chosen_or_no_such_act(self):
        case = self.held()
        for data in ({"act": "approve"}, {"case": case.pk}, {"act": "restore", "case": case.pk}):
            with self.subTest(data=data):
                [*_earlier, last] = self.told(self.client.post(QUEUE, data))
                self.assertEqual(last, ("warning", "Nothing was chosen."))
        self.assertTrue(self.is_open(case))

    def test_others_get_nowhere(self):
        case = self.held()
        for who, status in {None: 302, self.alice: 403, self.nina: 403, self.wei: 403}.items():
            self.login(who)
            for script in (False, True):
                with self.subTest(who=who, script=script):
                    self.assertEqual(self.act("spam", case, script=script).status_code, status)
        self.assertTrue(self.is_open(case))

    def test_what_says_nothing_without_words_waits_for_them(self):
        signup, issue = self.signup(), self.issue()
        for act, case, words in (
            ("remove", signup, "Write the reason first"),
            ("ask", signup, "Write the question first"),
            ("approve", issue, "Write the answer first"),
        ):
            with self.subTest(act=act):
                answer = self.act(act, case, script=True).json()
                self.assertEqual(answer["gone"], [])
                self.assertIn(words, answer["said"])
        self.assertFalse(Decision.objects.exists())

    def test_reason_at_hand_is_mailed_in_the_members_language(self):
        li = make_member("li", language="zh-hans")
        case = self.held(li)
        [group] = self.groups()
        self.assertIn("hurtful", group.quick)
        self.act("remove", case, quick="hurtful")
        run_due()
        [message] = mail.outbox
        self.assertNotIn("It is hurtful.", message.body)
        self.assertIn(case.decisions.get().reason, message.body)
        signup = self.signup()
        self.assertIn("unclear", self.groups()[0].quick)
        self.act("remove", signup, quick="unclear")
        refusal = Decision.objects.latest("pk")
        self.assertEqual(refusal.reason, "We cannot tell who is behind this account.")

    def test_own_words_go_before_a_reason_at_hand(self):
        case = self.held()
        self.act("remove", case, quick="hurtful", reason=" Because. ")
        self.assertEqual(case.decisions.get().reason, "Because.")

    def test_asked_newcomer_is_gone_and_that_is_said(self):
        case = self.signup()
        answer = self.act("ask", case, reason="Who are you?", script=True).json()
        self.assertEqual(answer["gone"], [case.pk])
        self.assertIn("Asked: Nina", answer["said"])
        self.assertNotIn("Undo", answer["said"])


class UndoTests(PageTestCase):
    FIELDS = {
        Comment: ("pk", "body", "state", "links_live", "edited_at", "deleted_at"),
        Case: ("pk", "closed_at", "reasons", "score", "group", "since"),
        Member: ("pk", "standing", "approved_count", "is_active"),
    }

    def rows(self):
        return [list(m.objects.order_by("pk").values_list(*f)) for m, f in self.FIELDS.items()]

    def test_acts_are_taken_back_one_after_the_other(self):
        first, second, signup = self.held(), self.held(self.nina), self.signup()
        states = [self.rows()]
        for act, case in (("spam", first), ("approve", second)):
            self.act(act, case)
            states.append(self.rows())
        self.assertFalse(self.is_open(signup))
        for before in (states[1], states[0]):
            self.undo()
            self.assertEqual(self.rows(), before)
        self.assertEqual(self.client.get(QUEUE).context["undo"], [])

    def test_an_act_on_many_is_taken_back_as_one(self):
        cases = [self.advert(self.newcomer(number), n=number) for number in range(4)]
        before = self.rows()
        self.act("spam", *cases)
        self.assertContains(self.client.get(QUEUE), "Marked as spam: 4 things")
        response = self.undo()
        self.assertRedirects(response, f"{QUEUE}#case-{cases[0].pk}", fetch_redirect_response=False)
        self.assertEqual(self.rows(), before)

    def test_what_somebody_decided_since_stands(self):
        case = self.held()
        self.act("approve", case)
        self.login(self.max)
        self.act("spam", case)
        deciding.remove(case.subject, self.max)
        self.login(self.mona)
        self.assertEqual(self.state(case), State.REMOVED)

    def test_acts_of_others_are_not_offered(self):
        self.act("approve", self.held())
        self.login(self.max)
        self.assertEqual(self.client.get(QUEUE).context["undo"], [])

    def test_a_clean_up_is_an_act_as_well(self):
        eve = self.newcomer(1)
        self.advert(eve)
        before = self.rows()
        self.client.post(reverse("admin:moderation_spammer", args=[eve.pk]), {"act": "spam"})
        context = self.client.get(QUEUE).context
        self.assertIn("Cleaned up after a spammer: Newcomer1", context["last"])
        self.assertEqual(context["undo"], [])  # not before it is done
        run_due()
        self.undo()
        run_due()
        self.assertTrue(Sweep.objects.get().undone_at)
        after = self.rows()
        after[1] = after[1][: len(before[1])]
        self.assertEqual(after, before)


class SpeedTests(PageTestCase):
    def fill(self, number):
        for _count in range(number):
            last = Member.objects.count()
            for each in range(2):  # a group
                self.advert(
                    self.newcomer(f"{last}x{each}"), what=f"{chr(97 + last % 26) * 9} {last}"
                )
            self.held(make_member(f"author{last}"), body=f"Text {last}")
            self.signup(make_member(f"new{last}", standing="pending", vouched_by=self.alice))
            self.issue()
            post = make_article(
                status="submitted",
                state=State.HELD,
                publish_at=None,
                author=make_member(f"w{last}"),
            )
            waiting.open_case(Case.Kind.SUBMISSION, post, post.author, ["submitted"])
            rude = make_comment(self.article, make_member(f"rude{last}"), parent=self.comment)
            reporting.report(rude, self.alice, "rude", "", "en")
            fay = make_member(f"fay{last}", approved_count=3)
            profiles.save(
                fay, {"bio": f"加微信 fapiao{last} official website http://f{last}.example/"}
            )
            deciding.remove(make_comment(self.article, fay), self.max)
            appealing.appeal(Decision.objects.latest("pk"), fay, "Why?")

    def test_it_costs_the_same_for_one_group_of_each_kind_and_for_twenty(self):
        self.fill(1)
        self.client.get(QUEUE)  # content types are remembered from now on
        self.act("approve", self.held())
        counts = []
        for number in (0, 19):
            self.fill(number)
            for query in ({}, {"kind": "comment"}):
                with CaptureQueriesContext(connection) as found:
                    self.client.get(QUEUE, query)
                counts.append(len(found))
        self.assertEqual(counts[:2], counts[2:])
        self.assertLessEqual(max(counts), 20)

    def test_it_reads_what_is_open_by_its_index(self):
        """However much was decided long ago."""
        now = timezone.now()
        Case.objects.bulk_create(
            Case(kind="comment", group=str(n), reasons=["first"], closed_at=now, since=now)
            for n in range(5000)
        )
        for _number in range(20):
            self.held()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE moderation_case")
        cases = queue.asked()
        for rows in (cases.values("key"), cases.filter(group="7"), cases.order_by("since")[:25]):
            plan = rows.explain()
            with self.subTest(plan=plan):
                self.assertRegex(plan, "moderation_case_(open|group|one_open)")


class SweepPageTests(PageTestCase):
    def test_progress_page_says_what_was_done_and_leads_back(self):
        eve = self.newcomer(1)
        for number in range(3):
            self.advert(eve, n=number)
        ask = reverse("admin:moderation_spammer", args=[eve.pk])
        page = self.client.get(ask)
        self.assertContains(page, "Comments <strong>3</strong>")
        response = self.client.post(
            ask, {"act": "spam", "reason": "Ads", "blocks": "host:n1.example"}
        )
        sweep = Sweep.objects.get()
        place = reverse("admin:moderation_sweep_change", args=[sweep.pk])
        self.assertRedirects(response, place)
        page = self.client.get(place)
        for words in ("Taking down: 0 of 3.", "data-running", '<meta http-equiv="refresh"', "Ads"):
            self.assertContains(page, words)
        self.assertContains(page, "No worker is running")
        self.assertNotContains(page, "Undo everything")
        run_due()
        page = self.client.get(place)
        for words in (
            *("3 things are taken down.", "Comments <strong>3</strong>", "Undo everything"),
            *("1 account is banned", "3 things left the queue.", "n1.example"),
            "The classifier learned 1 text.",
        ):
            self.assertContains(page, words)
        self.assertNotContains(page, "data-running")
        self.client.post(UNDO, {"decision": sweep.decision.pk, "next": place})
        self.assertContains(self.client.get(place), "Bringing back: 0 of 3.")
        run_due()
        self.assertContains(self.client.get(place), "Undone. All is back as it was.")

    def test_new_accounts_are_shown_before_anything_happens(self):
        place = reverse("admin:moderation_since")
        eve = self.newcomer(1, date_joined=timezone.now() - timedelta(minutes=5))
        self.advert(eve)
        self.assertContains(self.client.get(place), "accounts made since".capitalize())
        since = timezone.localtime(timezone.now() - timedelta(hours=1))
        query = {"since_0": f"{since:%Y-%m-%d}", "since_1": f"{since:%H:%M}"}
        page = self.client.get(place, query)
        self.assertContains(page, "Newcomer1")
        self.assertNotContains(page, "Bob")
        self.client.post(place, {**query, "act": "spam"})
        run_due()
        eve.refresh_from_db()
        self.assertEqual(eve.standing, Member.Standing.BANNED)
        for wrong in ({"since_0": "1999-01-01", "since_1": "00:00"}, {"since_0": "x"}):
            self.assertContains(self.client.get(place, wrong), "errorlist")

    def test_whom_nobody_may_sanction_is_not_swept(self):
        for member in (self.mona, self.wei, self.root):
            for ask in (self.client.get, self.client.post):
                address = reverse("admin:moderation_spammer", args=[member.pk])
                self.assertEqual(ask(address).status_code, 403)
        for who in (None, self.alice, self.nina, self.wei):
            self.login(who)
            for name, args in (("spammer", [self.bob.pk]), ("since", [])):
                with self.subTest(who=who, name=name):
                    address = reverse(f"admin:moderation_{name}", args=args)
                    self.assertEqual(
                        self.client.post(address, {"act": "spam"}).status_code, 403 if who else 302
                    )
        self.assertFalse(Sweep.objects.exists())

    def test_second_click_does_nothing(self):
        eve = self.newcomer(1)
        self.assertTrue(sweeping.after_spammer(eve, self.max))
        address = reverse("admin:moderation_spammer", args=[eve.pk])
        self.assertRedirects(self.client.post(address, {"act": "spam"}), QUEUE)
        run_due()
        self.client.post(address, {"act": "spam"})
        self.assertEqual(Sweep.objects.count(), 1)
