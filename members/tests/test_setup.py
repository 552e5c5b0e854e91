"""The first real start of a site, from the command line."""

import io
import os
import smtplib
import socket
import tempfile
from pathlib import Path
from unittest import mock

import environ
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.utils import timezone

from caisu.core.jobs.models import Worker
from caisu.core.models import Page, SiteSettings
from caisu.tests.cast import make_member
from members.models import Member, Terms

SEND = "django.core.mail.backends.locmem.EmailBackend.send_messages"


class Terminal(io.StringIO):
    """Standard input of somebody who sits there."""

    def isatty(self):
        return True


class SetupTestCase(TestCase):
    def setUp(self):
        cache.clear()

    def setup(self, *options, typed=""):
        """Runs the command away from a terminal; returns what it said."""
        out = io.StringIO()
        with mock.patch("sys.stdin", io.StringIO(typed)):
            call_command("setup", *options, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    def converse(self, *answers, passwords=("",), options=()):
        """Runs it at a terminal; returns what it said and what it complained of."""
        out, complaints = io.StringIO(), io.StringIO()
        with (
            mock.patch("sys.stdin", Terminal()),
            mock.patch("builtins.input", side_effect=answers),
            mock.patch("getpass.getpass", side_effect=passwords),
        ):
            call_command("setup", *options, stdout=out, stderr=complaints)
        return out.getvalue(), complaints.getvalue()


class FirstRunTests(SetupTestCase):
    def test_options_make_a_webmaster_who_can_log_in(self):
        said = self.setup(
            *("--username", "lihua", "--email", "Li.Hua@example.com", "--display-name", "李华"),
            *("--language", "en", "--password-stdin"),
            typed="a long sentence of mine\n",
        )
        member = Member.objects.get()
        self.assertEqual((member.username, member.display_name), ("lihua", "李华"))
        self.assertEqual(member.email, "li.hua@example.com")
        self.assertTrue(member.is_superuser and member.is_staff and member.is_active)
        self.assertEqual(member.standing, Member.Standing.ACTIVE)
        self.assertTrue(member.groups.filter(name="Webmaster").exists())
        address = EmailAddress.objects.get(user=member)
        self.assertTrue(address.verified and address.primary)
        self.assertIn("Webmaster made: lihua", said)
        self.assertNotIn("a long sentence of mine", said)
        self.assertTrue(
            self.client.login(username="lihua", password="a long sentence of mine"),
        )

    def test_options_name_the_site(self):
        self.setup(
            *("--email", "w@example.com", "--name-zh", "学联", "--name-en", "The Association"),
            *("--short-name", "TA", "--contact", "hello@example.com"),
        )
        site = SiteSettings.objects.get()
        self.assertEqual(
            (site.name_zh_hans, site.name_en, site.short_name, site.contact_email),
            ("学联", "The Association", "TA", "hello@example.com"),
        )

    def test_a_password_is_made_and_shown_once(self):
        said = self.setup("--email", "w@example.com")
        password = said.partition("shown this once: ")[2].split()[0]
        self.assertGreaterEqual(len(password), 20)
        self.assertTrue(Member.objects.get(username="webmaster").check_password(password))
        self.assertNotIn(password, self.setup())
        self.assertTrue(Member.objects.get(username="webmaster").check_password(password))

    def test_the_test_mail_is_sent_at_once_in_the_webmasters_language(self):
        self.setup("--email", "w@example.com", "--language", "en", "--from", "TA <ta@example.com>")
        (message,) = mail.outbox
        self.assertEqual(message.to, ["w@example.com"])
        self.assertEqual(message.from_email, "TA <ta@example.com>")
        self.assertIn("http://testserver", message.body)

    def test_no_mail_sends_none(self):
        self.setup("--email", "w@example.com", "--no-mail")
        self.assertEqual(mail.outbox, [])

    def test_without_terminal_and_options_it_says_what_it_needs(self):
        with self.assertRaisesMessage(CommandError, "--email"):
            self.setup()
        self.assertFalse(Member.objects.exists())

    def test_an_active_member_becomes_webmaster(self):
        alice = make_member("alice")
        password = alice.password
        self.assertIn(
            "alice <alice@example.org> is a webmaster now", self.setup("--username=alice")
        )
        alice.refresh_from_db()
        self.assertTrue(alice.is_superuser and alice.is_staff)
        self.assertEqual(alice.password, password)

    def test_whoever_is_not_active_cannot_be_webmaster(self):
        for standing in ("pending", "banned", "left"):
            make_member(standing, standing=standing)
            with self.assertRaisesMessage(CommandError, "no webmaster"):
                self.setup("--username", standing)
            self.assertFalse(Member.objects.get(username=standing).is_superuser)


class BadInputTests(SetupTestCase):
    def refused(self, words, *options, typed=""):
        with self.assertRaisesMessage(CommandError, words):
            self.setup(*options, typed=typed)
        self.assertFalse(Member.objects.filter(is_superuser=True).exists())
        self.assertEqual(mail.outbox, [])

    def test_a_bad_address_is_refused(self):
        self.refused("--email nobody@", "--email", "nobody@")
        self.refused("--contact x", "--email", "w@example.com", "--contact", "x")

    def test_an_address_of_another_member_is_refused(self):
        make_member("alice")
        self.refused("another member", "--email", "ALICE@example.org")

    def test_reserved_and_invalid_handles_are_refused(self):
        for handle in ("admin", "Admin", "-x", "站长"):
            self.refused(f"--username {handle}", f"--username={handle}", "--email", "w@example.com")

    def test_a_weak_password_is_refused(self):
        options = ("--email", "w@example.com", "--password-stdin")
        self.refused("too short", *options, typed="short\n")
        self.refused("too short", *options, typed="")

    def test_an_invisible_name_is_refused(self):
        self.refused("invisible", "--email", "w@example.com", "--display-name", "a\u202eb")

    def test_a_sender_that_would_break_headers_is_refused(self):
        for sender in (
            "TA",
            "TA <x>",
            "TA <a@example.com>\nBcc: b@example.com",
            '"TA" <a@example.com>',
        ):
            self.refused("--from", "--email", "w@example.com", "--from", sender)

    def test_names_that_are_too_long_or_empty_are_refused(self):
        self.refused("--short-name", "--email", "w@example.com", "--short-name", "x" * 31)
        self.refused("--name-en", "--email", "w@example.com", "--name-en", " ")


class SecondRunTests(SetupTestCase):
    def setUp(self):
        super().setUp()
        self.setup("--email", "w@example.com", "--contact", "hello@example.com", "--no-mail")
        self.before = Member.objects.values().get()

    def test_nothing_given_changes_nothing(self):
        updated_at = SiteSettings.objects.get().updated_at
        said = self.setup()
        self.assertEqual(Member.objects.values().get(), self.before)
        self.assertEqual(SiteSettings.objects.get().updated_at, updated_at)
        self.assertEqual(EmailAddress.objects.count(), 1)
        self.assertNotIn("assword", said)
        self.assertEqual(mail.outbox[0].to, ["w@example.com"])

    def test_only_what_is_given_changes(self):
        self.setup("--email", "new@example.com")
        self.assertEqual(Member.objects.values().get(), {**self.before, "email": "new@example.com"})
        self.assertEqual(EmailAddress.objects.get().email, "new@example.com")
        self.assertEqual(SiteSettings.objects.get().contact_email, "hello@example.com")

    def test_another_handle_makes_another_webmaster(self):
        self.setup("--username", "next", "--email", "next@example.com")
        self.assertEqual(Member.objects.filter(is_superuser=True).count(), 2)
        with self.assertRaisesMessage(CommandError, "several"):
            self.setup("--display-name", "Who")

    def test_a_new_password_can_be_given(self):
        self.setup("--password-stdin", typed="another long sentence\n")
        self.assertTrue(Member.objects.get().check_password("another long sentence"))


class ConversationTests(SetupTestCase):
    # Handle, e-mail, name, language, four about the site, sender.
    ENTER = ("",) * 5

    def test_bad_answers_are_asked_again(self):
        answers = ("admin", "webmaster", "nobody@", "w@example.com", "", "fr", "en", *self.ENTER)
        _said, complaints = self.converse(*answers)
        member = Member.objects.get()
        self.assertEqual((member.email, member.language), ("w@example.com", "en"))
        for words in ("reserved", "valid e-mail", "fr"):
            self.assertIn(words, complaints)

    def test_the_password_is_typed_twice(self):
        _said, complaints = self.converse(
            *("", "w@example.com", "", "", *self.ENTER),
            passwords=("short", "correct horse one", "another horse", *["correct horse two"] * 2),
        )
        self.assertIn("too short", complaints)
        self.assertIn("two different ones", complaints)
        self.assertTrue(Member.objects.get().check_password("correct horse two"))

    def test_an_end_of_input_changes_nothing(self):
        with self.assertRaisesMessage(CommandError, "Nothing was changed"):
            self.converse("", "w@example.com", EOFError)
        self.assertFalse(Member.objects.exists())

    def test_no_input_asks_nothing_on_a_terminal(self):
        self.converse(options=("--no-input", "--email", "w@example.com"))
        self.assertTrue(Member.objects.get().is_superuser)


class MailTests(SetupTestCase):
    def test_a_mail_server_that_is_not_there_is_told_and_the_rest_is_kept(self):
        with socket.socket() as probe:  # a port that nobody listens on
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        smtp = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": port,
        }
        with (
            override_settings(**smtp),
            self.assertRaisesMessage(CommandError, "does not answer. Check host and port"),
        ):
            self.setup("--email", "w@example.com")
        self.assertTrue(Member.objects.get().is_superuser)

    def test_each_trouble_has_its_advice(self):
        self.setup("--email", "w@example.com")
        troubles = [
            (smtplib.SMTPAuthenticationError(535, b"bad"), "%40"),
            (smtplib.SMTPSenderRefused(550, b"no", "x"), "--from"),
            (smtplib.SMTPRecipientsRefused({}), "recipient"),
            (socket.gaierror(-2, "unknown"), "not known"),
            (smtplib.SMTPServerDisconnected("closed"), "smtp+ssl"),
            (TimeoutError("timed out"), "587"),
            (smtplib.SMTPNotSupportedError("no"), "EMAIL_URL"),
        ]
        for error, words in troubles:
            with mock.patch(SEND, side_effect=error), self.assertRaisesMessage(CommandError, words):
                self.setup()


class SenderTests(SetupTestCase):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = Path(directory.name) / "local.env"
        self.file.write_text(
            "SECRET_KEY=s\nexport EMAIL_FROM=Old <old@example.com>\n# mine\nDEBUG=off\n"
        )
        self.file.chmod(0o640)
        changed = override_settings(ENV_FILE=self.file)
        changed.enable()
        self.addCleanup(changed.disable)

    def keep(self, sender="学联 <new@example.com>"):
        return self.setup("--email", "w@example.com", "--from", sender)

    def test_it_takes_the_place_of_the_old_one_and_other_lines_stay(self):
        self.assertIn("Restart", self.keep())
        self.assertEqual(
            self.file.read_text(),
            'SECRET_KEY=s\n# mine\nDEBUG=off\nEMAIL_FROM="学联 <new@example.com>"\n',
        )
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o640)
        self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_settings_read_back_what_was_written(self):
        self.keep("A & B # 1 <new@example.com>")
        with mock.patch.dict(os.environ, clear=True):
            env = environ.Env()
            env.read_env(self.file)
            self.assertEqual(env.str("EMAIL_FROM"), "A & B # 1 <new@example.com>")

    def test_the_environment_goes_before_the_file(self):
        before = self.file.read_text()
        with mock.patch.dict(os.environ, EMAIL_FROM="Outside <o@example.com>"):
            self.assertIn("comes from the environment", self.keep())
        self.assertEqual(self.file.read_text(), before)

    def test_without_a_file_it_says_what_to_set(self):
        self.file.unlink()
        self.assertIn('EMAIL_FROM="学联 <new@example.com>"', self.keep())
        self.assertFalse(self.file.exists())


class MissingTests(SetupTestCase):
    def test_a_bare_site_is_told_everything(self):
        with override_settings(
            DEBUG=True, EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"
        ):
            said = self.setup("--email", "w@example.org")
        for words in (
            *("DEBUG is on", "SITE_URL is http://testserver", "EMAIL_URL names no mail server"),
            *("No worker", "A contact address", "A user agreement", "Pages", "address of the demo"),
        ):
            self.assertIn(words, said)

    def test_a_finished_site_lacks_nothing(self):
        Worker.objects.create(pk="1", seen_at=timezone.now())
        Terms.objects.create(version=1, body_zh_hans="约定", body_en="Be kind.")
        Page.objects.create(slug="about", title_en="About")
        with (
            override_settings(HTTPS=True, TRUSTED_PROXIES=1),
            mock.patch.dict(os.environ, EMAIL_FROM="TA <ta@example.com>"),
        ):
            said = self.setup("--email", "w@example.com", "--contact", "hello@example.com")
        self.assertNotIn("Still missing", said)

    def test_https_without_a_trusted_proxy_is_told(self):
        with override_settings(HTTPS=True):
            self.assertIn("TRUSTED_PROXIES", self.setup("--email", "w@example.com"))

    def test_an_unprepared_database_is_told(self):
        plan = "django.db.migrations.executor.MigrationExecutor.migration_plan"
        with (
            mock.patch(plan, return_value=["something"]),
            self.assertRaisesMessage(CommandError, "manage.py migrate"),
        ):
            self.setup("--email", "w@example.com")
