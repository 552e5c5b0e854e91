"""A member's page about a decision, and the list of all of them."""

from datetime import timedelta

from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Member
from members.moderation import appealing, deciding, profile_holding, reporting, sweeping, undoing
from members.moderation.models import Appeal, Case, Decision, State

ANSWER = {"text": "It was a quotation."}


class DecisionPageTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.max = make_member("max", MODERATOR)

    def removed(self, reason="Names a neighbour."):
        deciding.remove(self.comment, self.mona, reason)
        return Decision.objects.latest("pk")

    def page(self, decision, language="en"):
        with override(language):
            return reverse("moderation:decision", args=[decision.pk])

    def list(self):
        with override("en"):
            return reverse("moderation:decisions")

    def see(self, decision, who=None, language="en"):
        self.login(who or self.alice)
        return self.client.get(self.page(decision, language))

    def answer(self, decision, who=None, **form):
        self.login(who or self.alice)
        return self.client.post(self.page(decision), {**ANSWER, **form})

    def said(self, response):
        return [str(each) for each in get_messages(response.wsgi_request)]


class PageTests(DecisionPageTestCase):
    def test_it_says_what_when_why_and_in_whose_words(self):
        page = self.see(self.removed())
        self.assertContains(page, "A comment of yours was removed")
        self.assertContains(page, "Names a neighbour.")
        self.assertContains(page, self.comment.body)
        self.assertContains(page, 'name="text"')
        self.assertIn("no-cache", page["Cache-Control"])

    def test_it_names_nobody(self):
        reporting.report(self.comment, self.bob, "rude", "He means me.", "en")
        deciding.remove(self.comment, self.mona, "Rude.")
        page = self.see(Decision.objects.latest("pk")).content.decode()
        for name in ("Mona", "Bob", "He means me."):
            self.assertNotIn(name, page)

    def test_each_kind_in_words_of_its_own(self):
        until = timezone.now() + timedelta(days=2)
        Member.objects.filter(pk=self.alice.pk).update(bio="I write.")
        acts = {
            "Taken for advertising": lambda: deciding.mark_spam(self.comment, self.mona, "Known."),
            "out of your profile": lambda: profile_holding.remove(self.alice, self.mona, "No."),
            "account was suspended": lambda: deciding.suspend(self.alice, self.mona, until, "No."),
            "opened again": lambda: deciding.restore(self.alice, self.mona),
            "account was closed": lambda: deciding.ban(self.alice, self.mona, "No."),
        }
        decisions = {}
        for words, act in acts.items():
            self.alice.refresh_from_db()
            act()
            decisions[words] = Decision.objects.latest("pk")
        deciding.restore(Member.objects.get(pk=self.alice.pk), self.mona)
        for words, decision in decisions.items():
            with self.subTest(words=words):
                self.assertContains(self.see(decision), words)
        # What a moderator notes with spam is for the staff.
        self.assertNotContains(self.see(decisions["Taken for advertising"]), "Known.")

    def test_of_a_wave_nobody_reads_what_others_wrote(self):
        new = {"date_joined": timezone.now() - timedelta(hours=1), "approved_count": 0}
        eve, ivy = make_member("eve", **new), make_member("ivy", **new)
        make_comment(self.article, eve, body="Eve’s own words")
        make_comment(self.article, ivy, body="Ivy’s own words")
        sweeping.after_new_accounts(timezone.now() - timedelta(hours=2), self.mona)
        run_due()
        decision = Decision.objects.latest("pk")
        appealing.grant(appealing.appeal(decision, ivy, "I am real."), self.max)
        page = self.see(decision, ivy)
        self.assertContains(page, "this decision is taken back")
        self.assertNotContains(page, "own words")

    def test_words_that_look_like_markup_are_words(self):
        comment = make_comment(self.article, self.alice, body="<script>alert(1)</script>")
        deciding.remove(comment, self.mona, "<b>No.</b>")
        page = self.see(Decision.objects.latest("pk"))
        self.assertContains(page, "&lt;script&gt;alert(1)")
        self.assertContains(page, "&lt;b&gt;No.")

    def test_in_chinese(self):
        page = self.see(self.removed(), language="zh-hans")
        self.assertContains(page, 'lang="zh-Hans"')

    def test_nobody_else_finds_it(self):
        decision = self.removed()
        for who in (self.bob, self.mona, self.max, self.root, self.wei, self.nina):
            with self.subTest(who=who):
                self.assertEqual(self.see(decision, who).status_code, 404)
                self.assertEqual(self.answer(decision, who).status_code, 404)
        self.assertFalse(Appeal.objects.exists())

    def test_visitor_is_sent_to_the_login_and_back(self):
        page = self.page(self.removed())
        login = f"/en/accounts/login/?next={page}"
        self.assertRedirects(self.client.get(page), login)
        self.assertRedirects(self.client.post(page, ANSWER), login)
        self.assertFalse(Appeal.objects.exists())

    def test_what_does_not_exist_or_is_no_news(self):
        held = make_comment(self.article, self.alice, state=State.HELD)
        deciding.approve(held, self.mona)
        approval = Decision.objects.latest("pk")
        self.assertEqual(self.see(approval).status_code, 404)
        self.login(self.alice)
        for number in (approval.pk + 1000, 10**30):
            address = self.page(approval).replace(f"/{approval.pk}/", f"/{number}/")
            self.assertEqual(self.client.get(address).status_code, 404)

    def test_purged_text_is_said_to_be_gone(self):
        deciding.mark_spam(self.comment, self.mona)
        decision = Decision.objects.latest("pk")
        Decision.objects.filter(pk=decision.pk).purge_texts()
        page = self.see(decision)
        self.assertContains(page, "deleted for good")
        self.assertNotContains(page, 'name="text"')

    def test_it_leads_to_what_is_seen_again(self):
        decision = self.removed()
        link = f'href="/en/comments/{self.comment.pk}/"'
        self.assertNotContains(self.see(decision), link)
        undoing.undo(decision, self.mona)
        page = self.see(decision)
        self.assertContains(page, link)
        self.assertContains(page, "This decision was taken back.")


class AnswerTests(DecisionPageTestCase):
    def test_answer_waits_for_a_moderator(self):
        decision = self.removed()
        response = self.answer(decision)
        self.assertRedirects(response, self.page(decision))
        self.assertEqual(self.said(response), ["Your answer is with the moderators."])
        made = Appeal.objects.get()
        self.assertEqual(
            (made.decision, made.member, made.text), (decision, self.alice, ANSWER["text"])
        )
        self.assertTrue(Case.objects.about(made).open().exists())
        page = self.see(decision)
        self.assertContains(page, "Your answer is with the moderators.")
        self.assertContains(page, ANSWER["text"])
        self.assertNotContains(page, 'name="text"')

    def test_second_answer_changes_nothing(self):
        decision = self.removed()
        self.answer(decision)
        response = self.answer(decision, text="And another thing.")
        self.assertRedirects(response, self.page(decision))
        self.assertIn("cannot answer any more", self.said(response)[-1])
        self.assertEqual(Appeal.objects.get().text, ANSWER["text"])

    def test_outcome_stands_on_the_page(self):
        for verb, words in (("grant", "You were right"), ("deny", "the decision stands")):
            with self.subTest(verb=verb):
                comment = make_comment(self.article, self.alice)
                deciding.remove(comment, self.mona)
                decision = Decision.objects.latest("pk")
                made = appealing.appeal(decision, self.alice, "Look again.")
                getattr(appealing, verb)(made, self.max, "We talked about it.")
                page = self.see(decision)
                self.assertContains(page, words)
                self.assertContains(page, "We talked about it.")
                self.assertNotContains(page, "Max")

    def test_nothing_is_not_an_answer_and_too_much_is_kept(self):
        decision = self.removed()
        for text in ("", "  \n ", "\u200b\u200b", "x" * 2001):
            with self.subTest(text=text[:3]):
                response = self.answer(decision, text=text)
                self.assertEqual(response.status_code, 200)
                self.assertTrue(response.context["form"].errors["text"])
                self.assertContains(response, 'aria-describedby="id_text_helptext id_text_error"')
        self.assertContains(response, "x" * 2001)
        self.assertFalse(Appeal.objects.exists())

    def test_what_turns_or_breaks_a_page_is_left_out(self):
        decision = self.removed()
        self.assertEqual(self.answer(decision, text="A\x00 quotation.").status_code, 200)
        self.answer(decision, text="A quotation\u202e.\r\n")
        self.assertEqual(Appeal.objects.get().text, "A quotation.")

    def test_newcomer_answers_too(self):
        held = make_comment(self.article, self.nina, state=State.HELD)
        deciding.remove(held, self.mona)
        decision = Decision.objects.latest("pk")
        self.assertEqual(self.answer(decision, self.nina).status_code, 302)
        self.assertTrue(Appeal.objects.exists())

    def test_other_methods_are_refused(self):
        decision = self.removed()
        self.login(self.alice)
        for ask in (self.client.put, self.client.delete, self.client.patch):
            self.assertEqual(ask(self.page(decision)).status_code, 405)
        self.assertEqual(self.client.post(self.list()).status_code, 405)


class ListTests(DecisionPageTestCase):
    def decide(self, count):
        for _number in range(count):
            deciding.remove(make_comment(self.article, self.alice), self.mona)
            made = appealing.appeal(Decision.objects.latest("pk"), self.alice, "Why?")
            appealing.deny(made, self.max)

    def test_own_ones_the_latest_first(self):
        deciding.remove(make_comment(self.article, self.bob, body="Bob’s"), self.mona)
        self.removed()
        deciding.mark_spam(make_comment(self.article, self.alice), self.mona)
        self.login(self.alice)
        told = self.client.get(self.list()).context["decisions"]
        self.assertEqual([each.decision.action for each in told], ["spam", "remove"])

    def test_it_says_how_each_stands(self):
        decisions = []
        for _number in range(3):
            deciding.remove(make_comment(self.article, self.alice), self.mona)
            decisions.append(Decision.objects.latest("pk"))
        undoing.undo(decisions[0], self.mona)
        appealing.appeal(decisions[1], self.alice, "Why?")
        appealing.deny(appealing.appeal(decisions[2], self.alice, "Why?"), self.max)
        self.login(self.alice)
        page = self.client.get(self.list())
        for words in ("Taken back", "being looked at", "it stands"):
            self.assertContains(page, words)

    def test_none_yet(self):
        self.login(self.bob)
        self.assertContains(self.client.get(self.list()), "There is none.")

    def test_visitor_is_sent_to_the_login(self):
        self.assertRedirects(
            self.client.get(self.list()), f"/en/accounts/login/?next={self.list()}"
        )

    def test_same_number_of_queries_for_one_and_for_twenty(self):
        self.login(self.alice)
        self.decide(1)
        self.client.get(self.list())
        with self.assertNumQueries(6):
            self.client.get(self.list())
        self.decide(19)
        with self.assertNumQueries(6):
            self.client.get(self.list())

    def test_older_ones_on_the_next_page(self):
        self.decide(25)
        self.login(self.alice)
        first = self.client.get(self.list())
        self.assertEqual(len(first.context["decisions"]), 20)
        second = self.client.get(f"{self.list()}?before={first.context['following']}")
        self.assertEqual(len(second.context["decisions"]), 5)
        self.assertIsNone(second.context["following"])
        for before, status in (("x", 404), ("-1", 404), ("9" * 40, 200)):
            address = f"{self.list()}?before={before}"
            self.assertEqual(self.client.get(address).status_code, status)

    def test_settings_lead_here(self):
        self.login(self.alice)
        self.assertContains(self.client.get("/en/accounts/settings/profile/"), self.list())
