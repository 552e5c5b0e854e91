"""Many newcomers decided at once, and who may decide about them."""

from django.urls import reverse

from caisu.tests.cast import make_comment
from members.models import Member
from members.moderation import waiting
from members.moderation.models import Case, Decision, State

from .test_signup_queue import QUEUE, SIGNUPS, SignupTestCase


class TogetherTests(SignupTestCase):
    def setUp(self):
        super().setUp()
        self.new = [self.newcomer(f"new{number}", language="en") for number in range(3)]
        self.cases = [self.wait(member) for member in self.new]

    def standings(self):
        return [self.standing(member) for member in self.new]

    def test_first_comes_a_page_that_shows_who_it_will_be(self):
        for act in ("admit", "refuse"):
            with self.subTest(act=act):
                response = self.together(act, *self.cases[:2])
                self.assertContains(response, "New0")
                self.assertContains(response, "New1")
                self.assertNotContains(response, "New2")
        self.assertEqual(self.standings(), ["pending"] * 3)

    def test_many_are_admitted(self):
        response = self.together("admit", *self.cases, confirmed="yes")
        self.assertRedirects(response, SIGNUPS)
        self.assertEqual(self.standings(), ["active"] * 3)
        self.assertEqual(
            self.told(response), [("success", "3 newcomers are admitted and told by mail.")]
        )
        self.assertEqual(len(self.mails()), 3)

    def test_many_are_refused_with_one_reason_and_the_way_back(self):
        response = self.together("refuse", *self.cases[:2], confirmed="yes", reason="Not now.")
        self.assertEqual(self.standings(), ["banned", "banned", "pending"])
        self.assertEqual([message.body.count("Not now.") for message in self.mails()], [1, 1])
        [(_level, text)] = self.told(response)
        self.assertTrue(text.startswith("2 sign-ups are refused"))
        numbers = f"{self.cases[0].pk},{self.cases[1].pk}"
        back = f"{QUEUE}?closed=yes&kind__exact=signup&id__in={numbers}"
        self.assertIn(back.replace("&", "&amp;"), text)
        listed = self.client.get(back).context["cl"].result_list
        self.assertEqual(set(listed), set(self.cases[:2]))
        response = self.together("restore", *self.cases[:2], url=back)
        self.assertEqual(self.standings(), ["pending"] * 3)
        self.assertTrue(self.told(response)[0][1].startswith("2 refusals are undone"))

    def test_reason_that_is_too_long_is_the_page_again(self):
        reason = "No. " * 300
        response = self.together("refuse", *self.cases, confirmed="yes", reason=reason)
        self.assertContains(response, reason.strip())
        self.assertContains(response, "1000")
        self.assertEqual(self.standings(), ["pending"] * 3)

    def test_what_does_not_fit_is_said_and_left(self):
        comment = make_comment(self.article, self.bob, state=State.HELD)
        held = waiting.open_case(Case.Kind.COMMENT, comment, self.bob, ["first"])
        table = f"{QUEUE}?view=table"
        response = self.together("admit", held, self.cases[0], url=table)
        self.assertContains(response, "1 of the chosen is left as it is")
        response = self.together("admit", held, self.cases[0], url=table, confirmed="yes")
        levels = [level for level, _text in self.told(response)]
        self.assertEqual(levels, ["success", "warning"])
        self.assertTrue(Case.objects.get(pk=held.pk).is_open)

    def test_second_click_decides_nothing(self):
        self.together("admit", *self.cases, confirmed="yes")
        response = self.together("refuse", *self.cases, confirmed="yes", reason="No.")
        self.assertEqual(self.standings(), ["active"] * 3)
        levels = [level for level, _text in self.told(response)]
        self.assertEqual(levels, ["success", "warning"])  # one for each click


class WhoMayTests(SignupTestCase):
    def test_others_neither_see_nor_decide(self):
        case = self.wait(why="Canary words")
        people = {None: 302, self.nina: 403, self.alice: 403, self.bob: 403, self.wei: 403}
        for who, status in people.items():
            self.login(who)
            with self.subTest(who=who):
                for response in (
                    self.client.get(SIGNUPS),
                    self.client.get(self.page(case)),
                    *(self.decide(case, act, "Because") for act in ("admit", "ask", "refuse")),
                    *(self.together(act, case, confirmed="yes") for act in ("admit", "refuse")),
                ):
                    self.assertEqual(response.status_code, status)
                    self.assertNotIn("Canary", response.content.decode())
        self.assertEqual(self.standing(self.nina), "pending")
        self.assertFalse(Decision.objects.exists())

    def test_nobody_decides_about_themselves(self):
        own = self.wait(self.mona_waits())
        for act in ("admit", "ask", "refuse"):
            with self.subTest(act=act):
                self.decide(own, act, "It is me")
                self.together(act, own, confirmed="yes", reason="It is me")
        self.assertEqual(self.standing(self.mona), "pending")
        self.assertFalse(Decision.objects.exists())

    def mona_waits(self):
        Member.objects.filter(pk=self.mona.pk).update(standing="pending")
        self.mona.refresh_from_db()
        self.login(self.mona)
        return self.mona

    def test_get_decides_nothing(self):
        case = self.wait()
        url = reverse("admin:moderation_case_decide", args=[case.pk])
        for act in ("admit", "ask", "refuse", "restore"):
            with self.subTest(act=act):
                answer = self.client.get(url, {"act": act, "reason": "x"})
                self.assertEqual(answer.status_code, 405)
                self.client.get(SIGNUPS, {"action": act, "_selected_action": case.pk})
        self.assertEqual(self.standing(self.nina), "pending")
