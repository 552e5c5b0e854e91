"""The page of a newcomer who waits: what happens next, why they come, what they are asked."""

from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_member
from members.models import Application, Member
from members.moderation import deciding, waiting
from members.moderation.models import Case, Decision

PAGE = "/en/accounts/joining/"


class ApplicationTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        SiteSettings.objects.update_or_create(pk=1, defaults={"contact_email": "board@example.org"})
        cache.clear()
        self.login(self.nina)

    def ask(self, question="What do you study?"):
        waiting.on_member_confirmed(sender=Member, member=self.nina)
        deciding.ask(self.nina, self.mona, question)
        run_due()
        mail.outbox.clear()

    def mails(self):
        run_due()
        return mail.outbox

    def mine(self):
        return Application.objects.get(member=self.nina)


class PageTests(ApplicationTestCase):
    def test_it_says_what_happens_next_in_both_languages(self):
        self.assertContains(self.client.get(PAGE), "What happens next")
        self.assertEqual(self.client.get("/zh-hans/accounts/joining/").status_code, 200)

    def test_notice_on_every_page_leads_there_but_not_on_the_page_itself(self):
        self.assertContains(self.client.get("/en/"), f'href="{PAGE}"')
        self.assertNotContains(self.client.get(PAGE), "notice quiet")

    def test_notice_says_when_there_is_a_question(self):
        words = "There is a question about your sign-up."
        self.assertNotContains(self.client.get("/en/"), words)
        self.ask()
        self.assertContains(self.client.get("/en/"), words)
        Application.objects.update(answer="x", answered_at=timezone.now())
        self.assertNotContains(self.client.get("/en/"), words)

    def test_members_and_staff_are_led_to_their_settings(self):
        for who in (self.alice, self.wei, self.mona, self.root):
            self.login(who)
            for response in (self.client.get(PAGE), self.client.post(PAGE, {"why": "x"})):
                with self.subTest(who=who):
                    self.assertRedirects(
                        response, "/en/accounts/settings/", fetch_redirect_response=False
                    )
        self.assertFalse(Application.objects.exists())

    def test_anonymous_logs_in_first(self):
        self.login(None)
        for response in (self.client.get(PAGE), self.client.post(PAGE, {"why": "x"})):
            self.assertEqual(response.status_code, 302)
            self.assertTrue(response["Location"].startswith("/en/accounts/login/?next="))

    def test_suspended_and_banned_write_nothing(self):
        for standing in ("suspended", "banned"):
            until = timezone.now() + timedelta(days=1) if standing == "suspended" else None
            self.nina.stand(standing, until)
            with self.subTest(standing=standing):
                self.client.post(PAGE, {"why": "Let me in"})
                self.assertFalse(Application.objects.exists())
            self.nina.stand("pending")
            self.login(self.nina)

    def test_other_methods_are_refused(self):
        self.assertEqual(self.client.put(PAGE).status_code, 405)
        self.assertEqual(self.client.delete(PAGE).status_code, 405)
        self.assertEqual(self.client.head(PAGE).status_code, 200)

    def test_it_is_kept_by_no_cache(self):
        self.assertIn("no-store", self.client.get(PAGE)["Cache-Control"])


class WhyTests(ApplicationTestCase):
    def tell(self, why, **data):
        return self.client.post(PAGE, {"why": why, **data}, follow=True)

    def test_it_is_saved_can_be_changed_and_taken_back(self):
        for why in ("I study nursing.", "我读护理，朋友介绍来的。", ""):
            response = self.tell(why)
            with self.subTest(why=why):
                self.assertRedirects(response, PAGE)
                self.assertEqual(self.mine().why, why)
                self.assertContains(response, f"{why}</textarea>")
        self.assertEqual(Application.objects.count(), 1)

    def test_what_the_sign_up_noticed_stays(self):
        Application.objects.create(member=self.nina, notes=["no_proof"], needs_a_look=True)
        self.tell("Hello")
        self.assertEqual((self.mine().notes, self.mine().needs_a_look), (["no_proof"], True))

    def test_too_long_is_the_page_again_with_every_character(self):
        why = "长" * 1001
        response = self.client.post(PAGE, {"why": why})
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, why)
        self.assertContains(response, "1000")
        self.assertFalse(Application.objects.exists())

    def test_hostile_text_is_text(self):
        self.tell("<script>alert(1)</script>\u202e\0{{ site }}")
        self.assertEqual(self.mine().why, "<script>alert(1)</script>{{ site }}")
        self.assertNotContains(self.client.get(PAGE), "<script>alert")

    def test_other_fields_change_nothing(self):
        self.tell(
            "Hello",
            standing="active",
            needs_a_look="",
            notes="[]",
            question="x",
            member=self.bob.pk,
            reminders="2",
        )
        mine = self.mine()
        self.assertEqual((mine.member, mine.question, mine.reminders), (self.nina, "", 0))
        self.nina.refresh_from_db()
        self.assertTrue(self.nina.is_pending)

    def test_form_without_a_known_field_changes_nothing(self):
        self.tell("Hello")
        self.client.post(PAGE, {})
        self.assertEqual(self.mine().why, "Hello")

    def test_too_often_is_too_often(self):
        for _number in range(20):
            self.client.post(PAGE, {"why": "Again"})
        self.assertEqual(self.client.post(PAGE, {"why": "Again"}).status_code, 429)


class AnswerTests(ApplicationTestCase):
    def answer(self, text, **data):
        return self.client.post(PAGE, {"answer": text, **data}, follow=True)

    def test_question_is_shown_and_its_answer_goes_to_the_contact_address(self):
        self.ask("What do <b>you</b> study?")
        self.assertContains(self.client.get(PAGE), "What do &lt;b&gt;you&lt;/b&gt; study?")
        response = self.answer("Nursing, second year.")
        self.assertContains(response, "Your answer is with us.")
        self.assertEqual(self.mine().answer, "Nursing, second year.")
        self.assertIsNotNone(self.mine().answered_at)
        [message] = self.mails()
        self.assertEqual(message.to, ["board@example.org"])
        self.assertIn("/admin/moderation/case/?kind__exact=signup", message.body)
        self.assertNotIn(self.nina.email, message.body)
        self.login(self.mona)
        case = Case.objects.about(self.nina).get()
        page = f"/admin/moderation/case/{case.pk}/change/"
        self.assertContains(self.client.get(page), "Nursing, second year.")

    def test_answer_can_be_mended_and_only_the_first_is_mailed(self):
        self.ask()
        self.answer("Nursng")
        self.answer("Nursing")
        self.assertEqual(self.mine().answer, "Nursing")
        self.assertEqual(len(self.mails()), 1)

    def test_second_question_has_an_answer_of_its_own(self):
        self.ask()
        self.answer("Nursing")
        self.ask("Since when?")
        self.assertNotContains(self.client.get(PAGE), "Nursing")
        self.answer("August")
        self.assertEqual(len(self.mails()), 1)

    def test_nobody_asked(self):
        self.assertNotContains(self.client.get(PAGE), 'name="answer"')
        self.answer("Forty-two")
        self.assertFalse(Application.objects.exists())
        self.assertEqual(self.mails(), [])

    def test_empty_and_too_long_are_the_page_again(self):
        self.ask()
        response = self.answer("  \n ")
        self.assertContains(response, "Write an answer first, please.")
        response = self.answer("长" * 2001)
        self.assertContains(response, "长" * 2001)
        self.assertIsNone(self.mine().answered_at)
        self.assertEqual(self.mails(), [])

    def test_hostile_answer_is_text_here_and_in_the_case(self):
        self.ask()
        self.answer("<img src=x onerror=alert(1)>\u202e")
        case = Case.objects.about(self.nina).get()
        page = f"/admin/moderation/case/{case.pk}/change/"
        for who, address in ((self.nina, PAGE), (self.mona, page)):
            self.login(who)
            response = self.client.get(address)
            self.assertNotContains(response, "<img src=x")
            self.assertContains(response, "&lt;img src=x")
            self.assertNotContains(response, "\u202e")

    def test_nobody_answers_for_another(self):
        self.ask()
        other = make_member("other", standing="pending")
        self.login(other)
        self.assertNotContains(self.client.get(PAGE), "What do you study?")
        self.answer("I am Nina", member=self.nina.pk, application=self.mine().pk)
        self.assertIsNone(self.mine().answered_at)

    def test_without_a_contact_address_the_answer_is_kept_all_the_same(self):
        SiteSettings.objects.update(contact_email="")
        cache.clear()
        self.ask()
        self.answer("Nursing")
        self.assertEqual(self.mine().answer, "Nursing")
        self.assertEqual(self.mails(), [])


class UsualWaitTests(ApplicationTestCase):
    def decided(self, *hours):
        for wait in hours:
            member = make_member(f"d{Member.objects.count()}", standing="pending")
            case = waiting.open_case(Case.Kind.SIGNUP, member, member, ["signup"])
            since = timezone.now() - timedelta(hours=wait)
            Case.objects.filter(pk=case.pk).update(since=since)
            deciding.admit(member, self.mona)

    def says(self):
        cache.clear()
        return self.client.get(PAGE).content.decode()

    def test_too_few_to_tell(self):
        self.decided(1, 1)
        self.assertIn("give us a day or two", self.says())

    def test_the_middle_is_told_kindly(self):
        for hours, words in {
            1: "less than two hours",
            5: "less than a day",
            30: "less than two days",
            90: "a few days",
        }.items():
            with self.subTest(hours=hours):
                self.decided(*[hours] * 30)
                self.assertIn(f"This usually takes {words}.", self.says())

    def test_one_who_waited_long_changes_nothing(self):
        self.decided(1, 1, 1, 1, 900)
        self.assertIn("less than two hours", self.says())

    def test_it_is_remembered_for_an_hour_and_counts_no_other_decisions(self):
        self.decided(1, 1, 1)
        wait = waiting.usual_wait()
        self.assertEqual(round(wait.total_seconds() / 3600), 1)
        with self.assertNumQueries(0):
            cached = waiting.usual_wait()
        self.assertEqual(cached, wait)
        deciding.ban(self.bob, self.mona)
        cache.clear()
        self.assertEqual(round(waiting.usual_wait().total_seconds() / 3600), 1)
        self.assertTrue(Decision.objects.filter(action="ban").exists())
