"""Mails about what is new: gathered, wanted, and never too many."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase
from members.models import Member
from members.notifications import mailing, telling
from members.notifications.models import Notification

Kind = Notification.Kind
About = Member.MailedAbout


class MailingTests(CastTestCase):
    def tell(self, subject, kind=Kind.REPLY, member=None, topic="article:1", **more):
        params = {"by": self.bob.pk, "title_zh_hans": "大雪", "title_en": "Snow"}
        telling.tell(
            [member or self.alice],
            kind,
            subject,
            "/comments/1/",
            topic=topic,
            params=params,
            **more,
        )

    def after(self, minutes=6):
        """The mails that go out so many minutes later."""
        before = len(mail.outbox)
        mailing.mail_unseen(timezone.now() + timedelta(minutes=minutes))
        run_due()
        return mail.outbox[before:]

    def wants(self, about, member=None):
        Member.objects.filter(pk=(member or self.alice).pk).update(mailed_about=about)

    def test_all_in_one_mail_with_links_and_how_to_switch_off(self):
        self.tell("comment:1")
        self.tell("comment:2", Kind.MENTION)
        (message,) = self.after()
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertIn("2 notifications from", message.subject)
        self.assertIn("Bob replied to you on “Snow”", message.body)
        self.assertIn("Bob mentioned you on “Snow”", message.body)
        self.assertIn("http://testserver/en/comments/1/", message.body)
        self.assertIn("/en/accounts/settings/notifications/", message.body)

    def test_one_alone_is_the_subject(self):
        self.tell("comment:1")
        self.assertEqual(self.after()[0].subject, "Bob replied to you on “Snow”")

    def test_in_the_language_of_the_member(self):
        Member.objects.filter(pk=self.alice.pk).update(language="zh-hans")
        self.tell("comment:1")
        (message,) = self.after()
        self.assertIn("大雪", message.body)
        self.assertIn("http://testserver/zh-hans/comments/1/", message.body)

    def test_not_at_once_and_never_twice(self):
        self.tell("comment:1")
        self.assertEqual(self.after(minutes=1), [])
        self.assertEqual(len(self.after()), 1)
        self.assertEqual(self.after(minutes=60), [])

    def test_at_most_one_in_ten_minutes(self):
        self.tell("comment:1")
        self.assertEqual(len(self.after()), 1)
        self.tell("comment:2")
        self.assertEqual(self.after(minutes=14), [])
        self.assertEqual(len(self.after(minutes=17)), 1)

    def test_what_was_seen_or_withdrawn_meanwhile_is_not_mailed(self):
        self.tell("comment:1")
        telling.see(self.alice)
        self.tell("comment:2")
        telling.withdraw("comment:2")
        self.assertEqual(self.after(), [])

    def test_quiet_ones_stay_on_the_site(self):
        self.tell("comment:1", quiet=True)
        self.assertEqual(self.after(), [])

    def test_only_what_the_member_wants(self):
        kinds = {
            About.NOTHING: set(),
            About.DIRECT: {Kind.REPLY, Kind.MENTION, Kind.DECISION, Kind.REPORT},
            About.ALL: {Kind.REPLY, Kind.MENTION, Kind.DECISION, Kind.REPORT, Kind.THREAD},
        }
        for about, wanted in kinds.items():
            self.wants(about)
            for kind in Kind:
                with self.subTest(about=about, kind=kind):
                    Notification.objects.all().delete()
                    self.tell("comment:1", kind)
                    self.assertEqual(len(self.after()), int(kind in wanted))

    def test_nothing_to_who_is_closed_out_leaves_or_is_gone(self):
        changes = (
            {"standing": "banned", "is_active": False},
            {"standing": "left", "is_active": False, "email": ""},
            {"leaves_at": timezone.now() + timedelta(days=3)},
        )
        for number, values in enumerate(changes):
            member = [self.alice, self.mona, self.wei][number]
            Member.objects.filter(pk=member.pk).update(**values)
            self.tell("comment:1", member=member)
        self.assertEqual(self.after(), [])

    def test_one_who_waits_for_approval_gets_theirs(self):
        self.tell("comment:1", member=self.nina)
        self.assertEqual(self.after()[0].to, ["nina@example.org"])

    def test_nothing_to_an_address_that_nobody_has_proven(self):
        self.nina.emailaddress_set.update(verified=False)
        self.tell("comment:1", member=self.nina)
        self.assertEqual(self.after(), [])

    def test_whoever_wants_mails_only_now_gets_no_old_ones(self):
        self.wants(About.NOTHING)
        self.tell("comment:1")
        Notification.objects.update(created_at=timezone.now() - timedelta(days=2))
        self.wants(About.ALL)
        self.assertEqual(self.after(), [])

    def test_a_crowd_is_cut_and_counted(self):
        self.wants(About.ALL)
        for number in range(mailing.MOST + 5):
            self.tell(f"comment:{number}")
        for number in range(3):
            self.tell(f"comment:t{number}", Kind.THREAD)
        (message,) = self.after()
        self.assertIn("3 new comments on “Snow”", message.body)
        self.assertEqual(message.body.count("Bob replied"), mailing.MOST - 1)
        self.assertIn("And 6 more:", message.body)
        self.assertIn("/en/accounts/notifications/", message.body)

    def test_the_clock_does_it(self):
        self.tell("comment:1")
        Notification.objects.update(created_at=timezone.now() - timedelta(minutes=6))
        before = len(mail.outbox)
        run_due(periodic=True)
        self.assertEqual(len(mail.outbox), before + 1)
