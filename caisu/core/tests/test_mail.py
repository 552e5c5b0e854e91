from django.core import mail as outbox
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from caisu.core import mail
from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.tests.cast import make_member
from members.moderation import deciding


class MailTests(TestCase):
    def test_is_written_in_its_readers_language_and_waits_for_no_server(self):
        root = make_member("root", "Webmaster", is_superuser=True)
        for language, words in (("zh-hans", "正式成员"), ("en", "Your sign-up is approved")):
            newcomer = make_member(f"new-{language}", standing="pending", language=language)
            deciding.admit(newcomer, root)
            self.assertEqual(outbox.outbox, [])
            run_due()
            (message,) = outbox.outbox
            self.assertEqual(message.to, [newcomer.email])
            self.assertIn(words, message.body)
            self.assertIn(
                SiteSettings.load().name_en
                if language == "en"
                else SiteSettings.load().name_zh_hans,
                message.body,
            )
            self.assertNotIn("\n", message.subject)
            outbox.outbox.clear()

    def test_vanishes_with_the_transaction_that_caused_it(self):
        member = make_member("alice")
        try:
            with transaction.atomic():
                mail.send("moderation/admitted", member.email, "en", member=member, url="/")
                raise RuntimeError
        except RuntimeError:
            run_due()
        self.assertEqual(outbox.outbox, [])

    def test_nothing_goes_to_somebody_without_address(self):
        mail.send("moderation/admitted", "", "en", member=None, url="/")
        self.assertEqual(run_due(timezone.now()), 0)

    def test_answers_go_to_the_contact_address(self):
        site = SiteSettings.load()
        site.contact_email = "board@example.org"
        with self.captureOnCommitCallbacks(execute=True):
            site.save()
        member = make_member("alice")
        mail.send("moderation/admitted", member.email, "en", member=member, url="/")
        run_due()
        self.assertEqual(outbox.outbox[0].reply_to, ["board@example.org"])
