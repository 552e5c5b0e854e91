"""Who waits for a day, or for three, is brought to the webmasters' minds by mail."""

import logging
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.roles import WEBMASTER
from caisu.tests.cast import CastTestCase, make_member
from members.models import Application
from members.moderation import deciding, waiting
from members.moderation.jobs import remind_of_signups
from members.moderation.models import Case


class ReminderTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER, is_superuser=True, language="zh-hans")

    def wait(self, member, hours):
        case = waiting.open_case(Case.Kind.SIGNUP, member, member, ["signup"])
        Case.objects.filter(pk=case.pk).update(since=timezone.now() - timedelta(hours=hours))
        return case

    def reminded(self):
        """The mails of one run."""
        mail.outbox.clear()
        remind_of_signups()
        run_due()
        return mail.outbox

    def test_nobody_waits_and_nobody_is_written_to(self):
        self.assertEqual(self.reminded(), [])

    def test_less_than_a_day_is_no_matter(self):
        self.wait(self.nina, 23)
        self.assertEqual(self.reminded(), [])

    def test_after_a_day_and_after_three_once_each(self):
        case = self.wait(self.nina, 25)
        self.assertEqual(len(self.reminded()), 2)
        self.assertEqual(self.reminded(), [])
        Case.objects.filter(pk=case.pk).update(since=timezone.now() - timedelta(hours=73))
        self.assertEqual(len(self.reminded()), 2)
        self.assertEqual(self.reminded(), [])
        self.assertEqual(Application.objects.get(member=self.nina).reminders, 2)

    def test_who_was_missed_for_three_days_is_named_once(self):
        self.wait(self.nina, 100)
        self.assertEqual(len(self.reminded()), 2)
        self.assertEqual(self.reminded(), [])

    def test_one_mail_for_all_in_each_webmasters_language_to_nobody_else(self):
        for number in range(2):
            self.wait(make_member(f"new{number}", standing="pending"), 30)
        self.wait(self.nina, 80)
        messages = {message.to[0]: message for message in self.reminded()}
        self.assertEqual(set(messages), {self.root.email, self.wanda.email})
        english = messages[self.root.email]
        self.assertEqual(english.subject, "3 newcomers wait for approval")
        for words in ("Hello Root", "Nina", "New0", "New1", "/admin/moderation/case/?kind"):
            self.assertIn(words, english.body)
        self.assertNotIn(self.nina.email, english.body)
        self.assertIn("Nina", messages[self.wanda.email].body)

    def test_very_many_are_not_all_named(self):
        for number in range(32):
            self.wait(make_member(f"new{number}", standing="pending"), 30)
        body = self.reminded()[0].body
        self.assertEqual(body.count("- New"), 30)
        self.assertIn("- …", body)

    def test_who_has_yet_to_answer_us_is_not_our_delay(self):
        self.wait(self.nina, 30)
        deciding.ask(self.nina, self.mona, "Who are you?")
        run_due()
        self.assertEqual(self.reminded(), [])
        Application.objects.update(answer="Nina.", answered_at=timezone.now())
        self.assertEqual(len(self.reminded()), 2)

    def test_decided_and_other_cases_are_not_in_it(self):
        self.wait(self.nina, 30)
        deciding.admit(self.nina, self.mona)
        comment = waiting.open_case(Case.Kind.COMMENT, self.comment, self.alice, ["reported"])
        Case.objects.filter(pk=comment.pk).update(since=timezone.now() - timedelta(days=9))
        run_due()
        self.assertEqual(self.reminded(), [])

    def test_who_waits_anew_after_a_refusal_was_undone_counts_anew(self):
        self.wait(self.nina, 100)
        self.reminded()
        deciding.refuse(self.nina, self.mona, "A mistake")
        deciding.restore(self.nina, self.mona)
        case = Case.objects.about(self.nina).open().get()
        Case.objects.filter(pk=case.pk).update(since=timezone.now() - timedelta(hours=25))
        run_due()
        self.assertEqual(len(self.reminded()), 2)

    def test_names_with_lines_in_them_add_nothing_to_the_head_of_the_mail(self):
        self.wait(make_member("x", standing="pending", display_name="X\nBcc: all@example.org"), 30)
        for message in self.reminded():
            self.assertEqual((len(message.to), message.bcc), (1, []))
            self.assertNotIn("\n", message.subject)

    def test_no_address_is_in_the_log(self):
        self.wait(self.nina, 30)
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("test").debug("begun")
            self.reminded()
        self.assertNotIn("@example.org", "".join(logs.output))
