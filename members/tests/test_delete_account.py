"""Leaving: a choice, some days to change one's mind, and then nothing says any more who it was."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import skipUnlessDBFeature
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from caisu.core.jobs import run_due
from caisu.core.models import Audience
from caisu.core.roles import EDITOR
from caisu.tests.cast import PASSWORD, make_article, make_comment, make_member
from members import exporting, leaving, profiles
from members.models import (
    Application,
    Appointment,
    BarredAddress,
    DataExport,
    Departure,
    FormerHandle,
    Invitation,
    Member,
    Terms,
)
from members.signals import member_left

from .entrance import EntranceTestCase, mails, path
from .test_export import prove

STAYS, GOES = {"contributions": "stays"}, {"contributions": "goes"}


class LeavingTestCase(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.page, self.stay = path("members:delete"), path("members:stay")

    def ask(self, member=None, **changes):
        cache.clear()
        return leaving.ask(member or self.alice, removes_contributions=False, **changes)

    def leave(self, member=None):
        """The days are over, and the clock has come by."""
        member = member or self.alice
        if not Departure.objects.filter(member=member).exists():
            self.ask(member)
        Departure.objects.filter(member=member).update(due_at=timezone.now())
        with self.captureOnCommitCallbacks(execute=True):
            leaving.leave_due()
        member.refresh_from_db()
        return member

    def at_the_keyboard(self, member=None):
        self.login(member or self.alice)
        prove(self.client)


class AskingTests(LeavingTestCase):
    def test_page_says_what_happens_and_chooses_nothing(self):
        self.at_the_keyboard()
        response = self.client.get(self.page)
        self.assertContains(response, "For 7 days you can change your mind")
        self.assertNotContains(response, "checked")
        self.assertFalse(Departure.objects.exists())

    def test_seven_days_a_mail_and_a_line_on_every_page(self):
        self.at_the_keyboard()
        self.assertRedirects(self.client.post(self.page, GOES), self.page)
        departure = Departure.objects.get(member=self.alice)
        self.assertTrue(departure.removes_contributions)
        days = departure.due_at - timezone.now()
        self.assertTrue(timedelta(days=6.99) < days <= timedelta(days=7))
        message = mails()[-1]
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertIn(self.page, message.body)
        self.assertNotIn(self.stay, message.body)
        for page in ("/en/", self.address(self.article), path("members:privacy")):
            self.assertContains(self.client.get(page), f'action="{self.stay}"')

    def test_password_is_asked_for_first_and_the_choice_goes_along(self):
        self.login(self.alice)
        response = self.client.post(self.page, GOES)
        self.assertFalse(Departure.objects.exists())
        self.client.post(response["Location"], {"password": "wrong", "next": self.page})
        self.assertFalse(Departure.objects.exists())
        self.client.post(response["Location"], {"password": PASSWORD, "next": self.page})
        self.assertTrue(Departure.objects.get(member=self.alice).removes_contributions)

    def test_no_choice_or_a_strange_one_is_the_form_again(self):
        self.at_the_keyboard()
        for data in ({}, {"contributions": "everything"}):
            response = self.client.post(self.page, data)
            self.assertContains(response, "Delete my account")
        self.assertFalse(Departure.objects.exists())

    def test_visitor_is_sent_to_the_login(self):
        for answer in (self.client.get(self.page), self.client.post(self.page, GOES)):
            self.assertEqual(answer.status_code, 302)
            self.assertIn(path("account_login"), answer["Location"])
        self.assertFalse(Departure.objects.exists())

    def test_nobody_sends_another_away(self):
        self.at_the_keyboard(self.root)
        self.client.post(self.page, {**GOES, "member": self.alice.pk})
        self.assertFalse(Departure.objects.exists())

    def test_pending_member_may_go(self):
        self.at_the_keyboard(self.nina)
        self.client.post(self.page, STAYS)
        self.assertEqual(self.leave(self.nina).standing, Member.Standing.LEFT)

    def test_hidden_at_once_and_not_from_oneself(self):
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.EVERYONE)
        self.alice.refresh_from_db()
        self.ask()
        self.assertFalse(self.alice.is_public)
        profile = path("members:profile", "alice")
        for who, status in ((None, 404), (self.bob, 404), (self.alice, 200), (self.root, 200)):
            self.login(who)
            with self.subTest(who=who):
                self.assertEqual(self.client.get(profile).status_code, status)
        self.login(self.bob)
        self.assertNotContains(self.client.get(path("members:directory")), profile)

    def test_asked_twice_the_day_stays_and_one_mail_goes(self):
        first = self.ask()
        again = leaving.ask(self.alice, removes_contributions=True)
        self.assertEqual((again.pk, again.due_at), (first.pk, first.due_at))
        self.assertTrue(again.removes_contributions)
        self.assertEqual(len(mails()), 1)


class StayingTests(LeavingTestCase):
    def test_everything_is_as_it_was(self):
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.EVERYONE)
        self.ask()
        self.login(self.alice)
        response = self.client.post(self.stay, follow=True)
        self.assertContains(response, "You stay.")
        self.assertNotContains(response, f'action="{self.stay}"')
        self.alice.refresh_from_db()
        self.assertIsNone(self.alice.leaves_at)
        self.assertTrue(self.alice.is_public)
        self.assertFalse(Departure.objects.exists())
        self.assertIn("not deleted", mails()[-1].body)

    def test_a_link_does_not_do_it(self):
        self.ask()
        self.login(self.alice)
        self.assertEqual(self.client.get(self.stay).status_code, 405)
        self.assertTrue(Departure.objects.exists())

    def test_visitor_and_others_keep_nobody(self):
        self.ask()
        self.assertIn(path("account_login"), self.client.post(self.stay)["Location"])
        self.login(self.bob)
        self.client.post(self.stay)
        self.assertTrue(Departure.objects.filter(member=self.alice).exists())
        self.assertEqual(len(mails()), 1)

    def test_twice_is_once(self):
        self.ask()
        self.assertTrue(leaving.stay(self.alice))
        self.assertFalse(leaving.stay(self.alice))


class LastWebmasterTests(LeavingTestCase):
    def test_the_last_one_hands_over_first(self):
        self.at_the_keyboard(self.root)
        response = self.client.get(self.page)
        self.assertContains(response, "You are the last webmaster")
        self.assertNotContains(response, "Delete my account")
        self.assertContains(self.client.post(self.page, STAYS), "You are the last webmaster")
        self.assertRaises(
            leaving.LastWebmaster, leaving.ask, self.root, removes_contributions=False
        )
        self.assertFalse(Departure.objects.exists())

    def test_of_two_one_may_go_and_not_both(self):
        second = make_member("second", is_superuser=True, is_staff=True)
        self.ask(self.root)
        with self.assertRaises(leaving.LastWebmaster):
            self.ask(second)
        left = self.leave(self.root)
        self.assertEqual(left.standing, Member.Standing.LEFT)
        self.assertFalse(left.is_superuser)

    def test_who_became_the_last_one_meanwhile_waits(self):
        second = make_member("second", is_superuser=True, is_staff=True)
        self.ask(self.root)
        second.stand(Member.Standing.BANNED)
        self.assertEqual(self.leave(self.root).standing, Member.Standing.ACTIVE)
        self.login(self.root)
        self.assertContains(self.client.get(self.page), "You are the last webmaster")
        second.stand(Member.Standing.ACTIVE)
        self.assertEqual(self.leave(self.root).standing, Member.Standing.LEFT)


class AtTheSameMomentTests(LeavingTestCase):
    """What was begun before somebody was forgotten, and ends after it."""

    def test_profile_saved_in_another_tab_is_not_filled_in_again(self):
        before = Member.objects.get(pk=self.alice.pk)
        member = self.leave()
        with self.assertRaises(PermissionDenied):
            profiles.save(before, {"display_name": "Alice", "bio": "Hello"})
        member.refresh_from_db()
        self.assertEqual((member.display_name, member.bio), ("", ""))

    def test_asked_again_too_late_leaves_nothing_behind(self):
        before = Member.objects.get(pk=self.alice.pk)
        member = self.leave()
        with self.assertRaises(PermissionDenied):
            self.ask(before)
        member.refresh_from_db()
        self.assertIsNone(member.leaves_at)
        self.assertFalse(Departure.objects.exists())

    @skipUnlessDBFeature("has_select_for_update")
    def test_each_verb_locks_the_members_first_so_that_none_waits_in_a_circle(self):
        verbs = {
            "ask": lambda: self.ask(self.wei),
            "stay": lambda: leaving.stay(self.wei),
            "leave": lambda: self.leave(self.wei),
        }
        Member.objects.filter(pk=self.wei.pk).update(is_staff=True)
        for name, verb in verbs.items():
            with self.subTest(name), CaptureQueriesContext(connection) as queries:
                verb()
            touching = [
                query["sql"]
                for query in queries
                if "FOR UPDATE" in query["sql"] or query["sql"].startswith("DELETE")
            ]
            self.assertIn('FROM "members_member"', touching[0])
            self.assertIn('ORDER BY "members_member"."id" ASC FOR UPDATE', touching[0])
            self.assertIn('"is_superuser"', touching[0].partition("WHERE")[2])


class GoneTests(LeavingTestCase):
    def test_not_before_the_day(self):
        self.ask()
        leaving.leave_due()
        self.alice.refresh_from_db()
        self.assertEqual(self.alice.standing, Member.Standing.ACTIVE)

    def test_of_the_row_nothing_is_left_that_says_who_it_was(self):
        values = {
            "bio": "Hello", "affiliation": "student", "department": "Physics", "province": "BJ",
            "hometown": "Beijing", "arrived": 2020, "languages": ["zh"], "links": ["https://a.b"],
            "wechat": "ali", "visibility": Audience.EVERYONE, "is_staff": True,
            "signed_up_from": "134.50.7.8", "last_seen_on": timezone.localdate(),
            "last_login": timezone.now(), "still_here_asked_on": timezone.localdate(),
            "wrong_passwords": 1,
        }  # fmt: skip
        Member.objects.filter(pk=self.alice.pk).update(
            **values, **{f"{name}_audience": Audience.EVERYONE for name in Member.PRIVATE_FIELDS}
        )
        self.alice.refresh_from_db()
        before = {
            field.name: getattr(self.alice, field.attname) for field in Member._meta.concrete_fields
        }
        member = self.leave()
        blank = Member()
        for field in Member._meta.concrete_fields:
            with self.subTest(field=field.name):
                value = getattr(member, field.attname)
                if field.name in leaving.KEPT:
                    self.assertEqual(value, before[field.name])
                elif field.name in leaving.SCRUBBED:
                    self.assertEqual(value, leaving.SCRUBBED[field.name])
                elif field.name == "username":
                    self.assertRegex(value, r"^gone-[0-9a-f]{16}$")
                elif field.name == "password":
                    self.assertFalse(member.has_usable_password())
                else:
                    self.assertEqual(value, getattr(blank, field.attname))
        with override("en"):
            self.assertEqual(str(member), "Former member")

    def test_ways_in_are_gone(self):
        self.log_in("alice")
        UserSession.objects.get_or_create(
            session_key=self.client.session.session_key,
            defaults={"user": self.alice, "ip": "134.50.0.0", "user_agent": "x"},
        )
        Authenticator.objects.create(user=self.alice, type="totp", data={})
        SocialAccount.objects.create(user=self.alice, provider="github", uid="1")
        self.leave()
        for model in (EmailAddress, Authenticator, SocialAccount, UserSession):
            with self.subTest(model=model.__name__):
                self.assertFalse(model.objects.filter(user=self.alice).exists())
        self.assertIsNone(self.is_in())
        self.assertEqual(self.client.get(self.page).status_code, 302)
        for login in ("alice", "alice@example.org", self.alice.username):
            self.log_in(login)
            self.assertIsNone(self.is_in())

    def test_papers_are_gone_and_the_agreement_stays_proven(self):
        terms = Terms.objects.create(version=1, body_en="Be kind.", body_zh_hans="友善")
        terms.accept(self.alice)
        Application.objects.create(member=self.alice, why="I am Alice.")
        used = Invitation.objects.create(
            invited_by=self.alice, email="b@example.org", used_by=self.bob, used_at=timezone.now()
        )
        Invitation.objects.create(invited_by=self.alice, email="c@example.org")
        Member.objects.filter(pk=self.bob.pk).update(vouched_by=self.alice)
        role = Group.objects.get(name=EDITOR)
        self.alice.groups.add(role)
        Appointment.objects.create(member=self.alice, role=role)
        LogEntry.objects.create(
            user=self.root,
            content_type=ContentType.objects.get_for_model(Member),
            object_id=str(self.alice.pk),
            object_repr="Alice",
            action_flag=CHANGE,
        )
        came_by = Invitation.objects.create(
            invited_by=self.wei,
            email="alice@example.org",
            used_by=self.alice,
            used_at=timezone.now(),
        )
        self.leave()
        came_by.refresh_from_db()
        self.assertEqual((came_by.email, came_by.used_by), ("", self.alice))
        self.assertFalse(Application.objects.filter(member=self.alice).exists())
        self.assertEqual(list(self.alice.invitations.all()), [used])
        self.assertEqual(self.alice.invitations.get().email, "")
        self.assertFalse(self.alice.groups.exists())
        self.assertFalse(self.alice.appointments.exists())
        self.assertEqual(LogEntry.objects.get(object_id=str(self.alice.pk)).object_repr, "")
        self.bob.refresh_from_db()
        self.assertEqual(self.bob.vouched_by, self.alice)
        self.assertEqual(self.alice.acceptances.get().terms, terms)

    def test_files_are_gone(self):
        self.alice.avatar.save("avatar.webp", ContentFile(b"picture"))
        exporting.request(self.alice)
        run_due()
        files = [self.alice.avatar.name, DataExport.objects.get().file.name]
        self.leave()
        self.assertFalse(DataExport.objects.exists())
        for file in files:
            self.assertFalse(default_storage.exists(file))

    def test_handles_lead_nowhere_and_nobody_can_take_them(self):
        FormerHandle.objects.create(handle="lili", member=self.alice)
        self.leave()
        self.assertEqual(
            set(FormerHandle.objects.values_list("handle", "member")),
            {("alice", None), ("lili", None)},
        )
        self.login(self.bob)
        for handle in ("alice", "lili", self.alice.username):
            page = path("members:profile", handle)
            self.assertEqual(self.client.get(page).status_code, 404)
        self.assertEqual(Member.objects.free_handle("Alice"), "alice2")

    def test_last_mail_says_so_and_no_other_follows(self):
        self.leave()
        message = mails()[-1]
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertIn("our last e-mail", message.body)
        count = len(mails())
        self.assertFalse(leaving.leave(self.alice.pk))
        self.assertEqual(len(mails()), count)

    def test_what_they_wrote_stands_under_former_member(self):
        article = make_article(author=self.alice, is_post=True)
        reply = make_comment(self.article, self.bob, parent=self.comment)
        make_comment(self.article, self.wei, parent=reply)
        self.leave()
        for page in (self.address(article), self.address(self.article), "/en/"):
            response = self.client.get(page)
            self.assertContains(response, "Former member")
            self.assertNotContains(response, "Alice")

    def test_one_who_cannot_go_keeps_nobody_else(self):
        def refuse(sender, member, **kwargs):
            if member == self.alice:
                raise RuntimeError("not this one")

        self.ask()
        self.ask(self.bob)
        Departure.objects.update(due_at=timezone.now())
        member_left.connect(refuse)
        self.addCleanup(member_left.disconnect, refuse)
        self.assertRaises(RuntimeError, leaving.leave_due)
        self.bob.refresh_from_db()
        self.alice.refresh_from_db()
        self.assertEqual(self.bob.standing, Member.Standing.LEFT)
        self.assertEqual(self.alice.email, "alice@example.org")
        self.assertTrue(EmailAddress.objects.filter(user=self.alice).exists())


class BarredTests(LeavingTestCase):
    """Leaving does not wash a ban off."""

    def newcomer(self, email):
        self.sign_up(email=email, display_name="Somebody New")
        return Application.objects.filter(member__email=email).first()

    def test_address_of_a_banned_member_is_looked_at_when_it_comes_again(self):
        self.alice.stand(Member.Standing.BANNED)
        EmailAddress.objects.create(user=self.alice, email="ali@qq.com", verified=True)
        self.leave()
        self.assertEqual(BarredAddress.objects.count(), 2)
        self.assertNotIn("alice", "".join(BarredAddress.objects.values_list("digest", flat=True)))
        for email in ("ALICE@example.org", "ali@qq.com"):
            self.assertEqual(leaving.on_signing_up(None, Member(email=email)), ["banned_before"])
        application = self.newcomer("alice@example.org")
        self.assertIn("banned_before", application.notes)
        self.assertTrue(application.needs_a_look)

    def test_others_may_come_again_as_anybody(self):
        self.leave()
        self.assertFalse(BarredAddress.objects.exists())
        self.assertEqual(self.newcomer("alice@example.org").notes.count("banned_before"), 0)

    def test_a_suspension_counts_until_its_end(self):
        self.alice.stand(Member.Standing.SUSPENDED, timezone.now() + timedelta(days=30))
        self.leave()
        again = Member(email="alice@example.org")
        self.assertEqual(leaving.on_signing_up(None, again), ["banned_before"])
        leaving.forget_barred()
        self.assertTrue(BarredAddress.objects.exists())
        BarredAddress.objects.update(until=timezone.now())
        self.assertEqual(leaving.on_signing_up(None, again), [])
        leaving.forget_barred()
        self.assertFalse(BarredAddress.objects.exists())
