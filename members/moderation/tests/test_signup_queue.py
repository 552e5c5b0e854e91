"""Newcomers in the queue: who they are, what stands out, and what is decided about them."""

from datetime import timedelta

from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Application, Member
from members.moderation import deciding, reasons, waiting
from members.moderation.models import Case, Decision, State
from members.moderation.templatetags.moderation import desk

QUEUE = "/admin/moderation/case/"
SIGNUPS = f"{QUEUE}?kind__exact=signup"


class SignupTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.max = make_member("max", MODERATOR)

    def setUp(self):
        super().setUp()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.login(self.mona)

    def newcomer(self, username, **changes):
        values = {"standing": "pending", "approved_count": 0, "date_joined": timezone.now()}
        return make_member(username, **{**values, **changes})

    def wait(self, member=None, **application):
        member = member or self.nina
        if application:
            Application.objects.create(member=member, **application)
        waiting.on_member_confirmed(sender=Member, member=member)
        return Case.objects.about(member).open().get()

    def page(self, case):
        return reverse("admin:moderation_case_change", args=[case.pk])

    def decide(self, case, act, reason=""):
        url = reverse("admin:moderation_case_decide", args=[case.pk])
        return self.client.post(url, {"act": act, "reason": reason})

    def together(self, action, *cases, url=SIGNUPS, **data):
        chosen = {"action": action, "_selected_action": [case.pk for case in cases]}
        return self.client.post(url, {**chosen, **data})

    def told(self, response):
        return [(each.level_tag, str(each.message)) for each in get_messages(response.wsgi_request)]

    def standing(self, member):
        return Member.objects.get(pk=member.pk).standing

    def mails(self):
        run_due()
        return mail.outbox


class ListTests(SignupTestCase):
    def test_it_says_who_why_from_which_domain_and_what_stands_out(self):
        nina = self.newcomer("nia", email="nia@x.example.net", display_name="Nia www.x.net")
        self.wait(nina, why="To meet <b>people</b>.", notes=["honeypot"])
        response = self.client.get(SIGNUPS)
        for words in (
            "Nia www.x.net",
            "To meet &lt;b&gt;people&lt;/b&gt;.",
            "x.example.net",
            ">9<",
            str(reasons.REASONS["honeypot"]),
            str(reasons.REASONS["name_link"]),
        ):
            self.assertContains(response, words)

    def test_no_address_of_person_or_computer_is_in_it(self):
        self.nina.signed_up_from = "192.0.2.77"
        self.nina.save()
        case = self.wait()
        for page in (SIGNUPS, self.page(case)):
            text = self.client.get(page).content.decode()
            for secret in ("192.0.2.77", "nina@", "pbkdf2", "argon2", self.nina.password):
                with self.subTest(page=page, secret=secret):
                    self.assertNotIn(secret, text)

    def test_oldest_is_on_top_with_its_age_and_score_sorts_on_demand(self):
        young = self.wait(self.newcomer("young", display_name="www.shop.example.org"))
        old = self.wait()
        Case.objects.filter(pk=old.pk).update(since=timezone.now() - timedelta(minutes=7))
        response = self.client.get(SIGNUPS)
        self.assertEqual(list(response.context["cl"].result_list), [old, young])
        self.assertContains(response, "7 minutes ago</time></p>")
        by_score = self.client.get(SIGNUPS, {"kind__exact": "signup", "o": "-3"})
        self.assertEqual(list(by_score.context["cl"].result_list), [young, old])

    def test_empty_and_decided_lists_have_no_age(self):
        self.assertNotContains(self.client.get(SIGNUPS), 'class="oldest"')
        deciding.admit(self.wait().subject, self.max)
        response = self.client.get(f"{SIGNUPS}&closed=yes")
        self.assertContains(response, "Nina")
        self.assertNotContains(response, 'class="oldest"')

    def test_it_tells_whose_turn_it_is(self):
        case = self.wait(why="Hello")
        asked = "asked, waiting for an answer"
        self.assertNotContains(self.client.get(SIGNUPS), asked)
        deciding.ask(self.nina, self.mona, "Who are you?")
        self.assertContains(self.client.get(SIGNUPS), asked)
        Application.objects.update(answer="Nina", answered_at=timezone.now())
        response = self.client.get(SIGNUPS)
        self.assertNotContains(response, asked)
        self.assertContains(response, ">answered<")
        self.assertTrue(Case.objects.get(pk=case.pk).is_open)

    def test_it_costs_the_same_for_one_and_for_twenty(self):
        def cost():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                self.client.get(SIGNUPS)
            return len(queries)

        self.wait(why="One")
        self.client.get(SIGNUPS)
        first = cost()
        self.assertEqual(first, 9)
        for number in range(20):
            member = self.newcomer(f"new{number}")
            self.wait(member, **({"why": "More"} if number % 2 else {}))
        self.client.get(SIGNUPS)  # what is cached for a minute may be over
        self.assertEqual(cost(), first)

    def test_acts_are_those_that_fit_the_list(self):
        self.wait()
        for query, offered in {
            "?kind__exact=signup": {"admit", "refuse"},
            "?kind__exact=signup&closed=yes": {"restore"},
            "?kind__exact=comment": {"approve", "remove", "spam", "dismiss"},
        }.items():
            if "closed" in query:
                deciding.refuse(self.nina, self.max, "No")
            elif "comment" in query:
                comment = make_comment(self.article, self.bob, state=State.HELD)
                waiting.open_case(Case.Kind.COMMENT, comment, self.bob, ["first"])
            with self.subTest(query=query):
                form = self.client.get(QUEUE + query).context["action_form"]
                names = {name for name, _words in form.fields["action"].choices if name}
                self.assertEqual(names, offered)


class PageTests(SignupTestCase):
    def test_it_shows_all_that_is_known(self):
        self.nina.vouched_by = self.alice
        self.nina.save()
        case = self.wait(
            why="I study <i>nursing</i>.",
            question="Which year?",
            asked_at=timezone.now(),
            answer="The second.",
            answered_at=timezone.now(),
        )
        response = self.client.get(self.page(case))
        for words in (
            "I study &lt;i&gt;nursing&lt;/i&gt;.",
            "Which year?",
            "The second.",
            "example.org",
            "English",
            "Alice",
            str(reasons.REASONS["vouched"]),
        ):
            self.assertContains(response, words)

    def test_newcomer_who_said_nothing(self):
        self.assertContains(self.client.get(self.page(self.wait())), "They have not said.")

    def test_others_from_there_with_what_became_of_them(self):
        self.nina.email, self.nina.signed_up_from = "nina@x.example.net", "192.0.2.7"
        self.nina.save()
        neighbour = make_member("neighbour", signed_up_from="192.0.2.7", standing="banned")
        make_member("colleague", email="colleague@x.example.net")
        for state in (State.SPAM, State.SPAM, State.VISIBLE):
            make_comment(self.article, neighbour, state=state)
        response = self.client.get(self.page(self.wait()))
        self.assertContains(response, "From the same network address")
        self.assertContains(response, "With the same mail domain")
        self.assertContains(response, "Colleague")
        self.assertRegex(
            response.content.decode(), r"Neighbour</a>[^/]*Banned.*wrote: +Visible 1 +Spam 2"
        )

    def test_it_costs_the_same_for_one_neighbour_and_for_twenty(self):
        self.nina.email, self.nina.signed_up_from = "nina@x.example.net", "192.0.2.7"
        self.nina.save()
        case = self.wait(why="Hello")

        def cost(number):
            for count in range(number):
                name = f"other{number}-{count}"
                other = make_member(name, email=f"{name}@x.example.net", signed_up_from="192.0.2.7")
                make_comment(self.article, other)
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.page(case))
            return len(queries)

        self.client.get(self.page(case))
        first = cost(1)
        self.assertEqual(cost(20), first)
        self.assertLess(first, 20)
        self.assertContains(self.client.get(self.page(case)), "and 11 more", count=2)

    def test_very_long_words_are_all_there(self):
        case = self.wait(why="长" * 1000, question="Q" * 1000, asked_at=timezone.now())
        response = self.client.get(self.page(case))
        self.assertContains(response, "长" * 1000)
        self.assertContains(response, "Q" * 1000)


class DecideTests(SignupTestCase):
    def test_admitted_newcomer_is_welcomed_in_their_language(self):
        for language, words in {
            "en": "What is open to you",
            "zh-hans": "/zh-hans/members/",
        }.items():
            member = self.newcomer(f"new-{language}", language=language)
            response = self.decide(self.wait(member), "admit")
            self.assertEqual(self.standing(member), "active")
            with self.subTest(language=language):
                message = self.mails()[-1]
                self.assertEqual(message.to, [member.email])
                self.assertIn(words, message.body)
                self.assertEqual(
                    self.told(response)[-1],
                    ("success", "1 newcomer is admitted and told by mail."),
                )

    def test_refusal_needs_a_reason_which_is_mailed_with_how_to_answer(self):
        case = self.wait()
        response = self.decide(case, "refuse", "   ")
        self.assertContains(response, "Write the reason first, please")
        self.assertEqual(self.standing(self.nina), "pending")
        self.decide(case, "refuse", "We know no Nina.")
        self.assertEqual(self.standing(self.nina), "banned")
        body = self.mails()[-1].body
        self.assertIn("We know no Nina.", body)
        self.assertIn("you can answer once", body)

    def test_refusal_is_undone_from_the_message(self):
        case = self.wait()
        response = self.decide(case, "refuse", "A mistake.")
        [(_level, text)] = self.told(response)
        self.assertIn(f'<a href="{self.page(case)}">Undo</a>', text)
        self.assertContains(self.client.get(self.page(case)), 'value="restore"')
        response = self.decide(case, "restore")
        again = Case.objects.about(self.nina).open().get()
        self.assertRedirects(response, self.page(again))
        self.assertEqual(self.standing(self.nina), "pending")
        self.assertEqual(
            list(Decision.objects.values_list("action", flat=True)), ["restore", "refuse"]
        )
        self.assertIn("looks at it anew", self.mails()[-1].body)
        self.assertNotContains(self.client.get(self.page(case)), 'value="restore"')

    def test_only_the_last_word_is_undone(self):
        case = self.wait()
        deciding.refuse(self.nina, self.mona, "No")
        deciding.restore(self.nina, self.mona)
        deciding.ban(self.nina, self.mona, "Spam after all")
        self.decide(case, "restore")
        self.assertEqual(self.standing(self.nina), "banned")

    def test_admission_is_no_refusal_to_undo(self):
        case = self.wait()
        self.decide(case, "admit")
        self.decide(case, "restore")
        self.assertEqual(self.standing(self.nina), "active")
        self.assertEqual(Decision.objects.count(), 1)

    def test_who_left_while_waiting_can_be_closed(self):
        case = self.wait()
        Member.objects.filter(pk=self.nina.pk).update(standing="left", is_active=False)
        self.assertContains(self.client.get(self.page(case)), 'value="dismiss"')
        self.decide(case, "dismiss")
        self.assertFalse(Case.objects.open().exists())

    def test_what_they_said_stays_with_the_decision(self):
        self.wait(why="To read.")
        deciding.ask(self.nina, self.mona, "What?")
        Application.objects.update(answer="News.", answered_at=timezone.now())
        deciding.refuse(self.nina, self.mona, "No")
        self.assertEqual(Decision.objects.first().text, "To read.\n\nWhat?\n\nNews.")


class AskTests(SignupTestCase):
    def test_question_is_mailed_and_the_case_stays_open(self):
        case = self.wait()
        response = self.decide(case, "ask", "What do you study?")
        self.assertTrue(self.told(response)[0][1].startswith("1 question is mailed."))
        application = Application.objects.get(member=self.nina)
        self.assertEqual(application.question, "What do you study?")
        self.assertIsNotNone(application.asked_at)
        self.assertTrue(Case.objects.get(pk=case.pk).is_open)
        decision = case.decisions.get()
        self.assertEqual((decision.action, decision.by), (Decision.Action.ASK, self.mona))
        message = self.mails()[-1]
        self.assertEqual(message.to, [self.nina.email])
        self.assertIn("What do you study?", message.body)
        self.assertIn("/en/accounts/joining/", message.body)

    def test_empty_question_is_the_page_again(self):
        case = self.wait()
        self.assertContains(self.decide(case, "ask", " \n "), "Write the question first, please.")
        self.assertFalse(Decision.objects.exists())

    def test_question_with_markup_and_lines_is_text_in_the_mail(self):
        self.decide(self.wait(), "ask", "<b>Who</b> & why?\nReally?")
        message = self.mails()[-1]
        self.assertIn("<b>Who</b> & why?", message.body)
        self.assertEqual(message.to, [self.nina.email])

    def test_second_question_takes_the_place_of_the_first_which_stays_on_file(self):
        case = self.wait()
        self.decide(case, "ask", "First?")
        Application.objects.update(answer="One.", answered_at=timezone.now())
        self.decide(case, "ask", "Second?")
        application = Application.objects.get()
        self.assertEqual((application.question, application.answer), ("Second?", ""))
        self.assertIsNone(application.answered_at)
        self.assertEqual(case.decisions.first().text, "First?\n\nOne.")

    def test_who_is_asked_keeps_everything(self):
        self.wait()
        comment = make_comment(self.article, self.nina, state=State.HELD)
        deciding.ask(self.nina, self.mona, "Who are you?")
        self.nina.refresh_from_db()
        self.assertTrue(self.nina.is_pending)
        self.assertTrue(self.nina.is_active)
        self.login(self.nina)
        self.assertContains(self.client.get(self.article.get_absolute_url()), comment.body)

    def test_first_contribution_approved_admits_who_was_asked_and_closes_the_case(self):
        case = self.wait()
        comment = make_comment(self.article, self.nina, state=State.HELD)
        waiting.open_case(Case.Kind.COMMENT, comment, self.nina, ["pending"])
        deciding.ask(self.nina, self.mona, "Who are you?")
        deciding.approve(comment, self.mona)
        self.assertEqual(self.standing(self.nina), "active")
        self.assertFalse(Case.objects.get(pk=case.pk).is_open)
        self.assertFalse(deciding.ask(Member.objects.get(pk=self.nina.pk), self.mona, "And?"))

    def test_asked_newcomer_is_not_what_comes_next(self):
        case, other = self.wait(), self.wait(self.newcomer("other"))
        response = self.decide(case, "ask", "Who are you?")
        self.assertRedirects(response, self.page(other))
        self.assertEqual(desk()["first"], other)
        response = self.decide(other, "admit")
        self.assertRedirects(response, QUEUE)
        self.assertIsNone(desk()["first"])
        self.assertContains(self.client.get("/admin/"), "newcomers have yet to answer")
        Application.objects.update(answered_at=timezone.now())
        self.assertEqual(desk()["first"], case)

    def test_who_does_not_answer_for_a_week_is_decided_about_without(self):
        case = self.wait()
        deciding.ask(self.nina, self.mona, "Who are you?")
        for days, first in ((6, None), (8, case)):
            Application.objects.update(asked_at=timezone.now() - timedelta(days=days))
            with self.subTest(days=days):
                self.assertEqual(desk()["first"], first)
