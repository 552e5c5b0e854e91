"""Download my data: asked for after proving who one is, made by a job, fetched for a week."""

import io
import json
import time
from datetime import timedelta
from unittest import mock
from zipfile import ZipFile

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests.cast import PASSWORD
from members import exporting
from members.models import Application, DataExport, Invitation, Member, Terms
from members.moderation import deciding

from .entrance import EntranceTestCase, mails, path


def prove(client):
    """As if whoever sits there had typed their password a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


class ExportTestCase(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.page = path("members:export")

    def made(self, member=None):
        """The file of a member, made by the worker."""
        cache.clear()
        exporting.request(member or self.alice)
        run_due()
        return DataExport.objects.get(member=member or self.alice)

    def read(self, export):
        with default_storage.open(export.file.name) as file:
            archive = ZipFile(io.BytesIO(file.read()))
        self.assertIsNone(archive.testzip())
        return archive

    def part(self, name, member=None):
        return json.loads(self.read(self.made(member)).read(name))

    def download_page(self, export):
        return path("members:download", export.token)


class AskingTests(ExportTestCase):
    def test_it_is_asked_for_made_told_and_fetched(self):
        self.login(self.alice)
        prove(self.client)
        self.assertContains(self.client.get(self.page), "Prepare my data")
        response = self.client.post(self.page, follow=True)
        self.assertContains(response, "Being prepared.")
        message = mails()[-1]
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertIn(self.page, message.body)
        export = DataExport.objects.get()
        self.assertNotIn(export.token, message.body)
        response = self.client.get(self.page)
        self.assertContains(response, self.download_page(export))
        response = self.client.get(self.download_page(export))
        archive = ZipFile(io.BytesIO(b"".join(response.streaming_content)))
        self.assertIn("profile.json", archive.namelist())
        self.assertEqual(response["Content-Type"], "application/zip")
        self.assertRegex(response["Content-Disposition"], r'^attachment; filename="[\w.-]+\.zip"$')
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")

    def test_password_is_asked_for_first_and_the_way_goes_on(self):
        self.login(self.alice)
        response = self.client.post(self.page)
        self.assertRedirects(
            response,
            f"{path('account_reauthenticate')}?next={self.page}",
            fetch_redirect_response=False,
        )
        self.assertFalse(DataExport.objects.exists())
        self.client.post(response["Location"], {"password": PASSWORD, "next": self.page})
        self.assertEqual(DataExport.objects.get().member, self.alice)

    def test_file_asks_for_the_password_too(self):
        export = self.made()
        self.login(self.alice)
        response = self.client.get(self.download_page(export))
        self.assertEqual(response.status_code, 302)
        self.assertIn(path("account_reauthenticate"), response["Location"])

    def test_pending_member_has_theirs_too(self):
        self.login(self.nina)
        prove(self.client)
        self.client.post(self.page)
        run_due()
        page = self.client.get(self.page)
        self.assertContains(page, "Ready.")
        # WeChat's browser saves no files; whether it is that one, only the script knows.
        self.assertContains(page, 'data-wechat="inside" hidden')

    def test_visitor_is_sent_to_the_login(self):
        export = self.made()
        for page in (self.page, self.download_page(export)):
            response = self.client.get(page)
            self.assertRedirects(
                response, f"{path('account_login')}?next={page}", fetch_redirect_response=False
            )
        self.client.post(self.page)
        self.assertEqual(DataExport.objects.count(), 1)

    def test_that_of_another_does_not_exist(self):
        export = self.made()
        for who in (self.bob, self.nina, self.wei, self.mona, self.root):
            with self.subTest(who=who.username):
                self.login(who)
                prove(self.client)
                self.assertEqual(self.client.get(self.download_page(export)).status_code, 404)
                self.assertNotContains(self.client.get(self.page), export.token)

    def test_unknown_token_is_not_found(self):
        self.login(self.alice)
        prove(self.client)
        self.assertEqual(self.client.get(path("members:download", "x" * 32)).status_code, 404)

    def test_one_at_a_time(self):
        first = exporting.request(self.alice)
        self.assertEqual(exporting.request(self.alice), first)
        run_due()
        second = exporting.request(self.alice)
        run_due()
        self.assertEqual(DataExport.objects.get(), second)

    def test_three_a_day(self):
        self.login(self.alice)
        prove(self.client)
        for _n in range(3):
            self.assertEqual(self.client.post(self.page).status_code, 302)
            run_due()
        response = self.client.post(self.page)
        self.assertEqual(response.status_code, 429)
        self.assertIn("Retry-After", response)
        self.assertContains(self.client.get(self.page), "Ready.")

    def test_a_failure_is_told_with_a_way_on(self):
        self.login(self.alice)
        prove(self.client)
        with mock.patch.object(exporting, "_write", side_effect=OSError("no space left")):
            self.client.post(self.page)
            for hours in range(5):
                run_due(timezone.now() + timedelta(hours=hours))
        response = self.client.get(self.page)
        self.assertContains(response, "Something went wrong")
        self.assertContains(response, "Try again")
        self.client.post(self.page)
        run_due()
        self.assertContains(self.client.get(self.page), "Ready.")

    def test_media_address_does_not_lead_to_it(self):
        export = self.made()
        for who in (None, self.alice, self.root):
            self.login(who)
            self.assertEqual(self.client.get(f"/media/{export.file.name}").status_code, 404)

    @override_settings(MEDIA_ACCEL="/protected/")
    def test_nginx_may_send_it(self):
        export = self.made()
        self.login(self.alice)
        prove(self.client)
        response = self.client.get(self.download_page(export))
        self.assertEqual(response["X-Accel-Redirect"], f"/protected/{export.file.name}")
        self.assertIn("no-store", response["Cache-Control"])


class MakingTests(ExportTestCase):
    def test_it_is_made_once_however_often_the_job_runs(self):
        export = self.made()
        sent = len(mails())
        exporting.make.call(export.pk)
        self.assertEqual(len(mails()), sent)
        self.assertEqual(DataExport.objects.get().ready_at, export.ready_at)

    def test_one_that_was_cut_off_leaves_no_second_file(self):
        export = exporting.request(self.alice)
        default_storage.save(f"exports/{export.token}.zip", ContentFile(b"half of it"))
        run_due()
        export.refresh_from_db()
        self.assertEqual(export.file.name, f"exports/{export.token}.zip")
        self.assertIn("profile.json", self.read(export).namelist())
        self.assertEqual(export.size, default_storage.size(export.file.name))

    def test_one_given_up_meanwhile_is_not_left_lying(self):
        export = exporting.request(self.alice)
        DataExport.objects.all().delete()
        exporting.make.call(export.pk)
        self.assertFalse(default_storage.exists(f"exports/{export.token}.zip"))

    def test_after_a_week_row_and_file_go(self):
        export = self.made()
        other = self.made(self.bob)
        DataExport.objects.filter(pk=export.pk).update(expires_at=timezone.now())
        self.login(self.alice)
        prove(self.client)
        self.assertEqual(self.client.get(self.download_page(export)).status_code, 404)
        with self.captureOnCommitCallbacks(execute=True):
            exporting.tidy()
        self.assertFalse(default_storage.exists(export.file.name))
        self.assertEqual(DataExport.objects.get(), other)
        self.assertTrue(default_storage.exists(other.file.name))

    def test_one_that_was_never_made_goes_too(self):
        export = exporting.request(self.alice)
        exporting.tidy()
        self.assertTrue(DataExport.objects.exists())
        DataExport.objects.update(requested_at=timezone.now() - timedelta(days=8))
        exporting.tidy()
        self.assertFalse(DataExport.objects.filter(pk=export.pk).exists())

    def test_queries_do_not_grow_with_what_there_is(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from caisu.tests.cast import make_article, make_comment

        def count():
            with CaptureQueriesContext(connection) as queries:
                exporting._write(io.BytesIO(), self.alice)
            return len(queries)

        make_article(author=self.alice, is_post=True)
        count()
        few = count()
        for _n in range(19):
            make_comment(self.article, self.alice)
            make_article(author=self.alice, is_post=True)
        self.assertEqual(count(), few)


class ContentTests(ExportTestCase):
    def test_readme_is_in_both_languages(self):
        text = self.read(self.made()).read("README.txt").decode()
        self.assertEqual(text.count("profile.json"), 2)
        self.assertIn("@alice", text)

    def test_every_part_is_named_in_the_readme(self):
        self.alice.avatar.save("a.webp", ContentFile(b"picture"))
        Application.objects.create(member=self.alice, why="To meet people.")
        archive = self.read(self.made())
        text = archive.read("README.txt").decode()
        for name in archive.namelist():
            if name.endswith(".json"):
                self.assertIn(f"{name}:", text)

    def test_profile_is_whole(self):
        self.alice.bio, self.alice.wechat, self.alice.languages = "你好", "ali", ["zh"]
        self.alice.save()
        profile = self.part("profile.json")
        self.assertEqual(profile["bio"], "你好")
        self.assertEqual(profile["email"], "alice@example.org")
        self.assertEqual(profile["languages"], ["zh"])
        # A new field has to be decided about: given, or left out here with its reason.
        left_out = {
            *("id", "password"),  # the number of a row; a hash is of no use to its owner
            *("is_active", "is_staff", "is_superuser"),  # follow from standing and roles
            *("avatar", "signed_up_from", "vouched_by"),  # a file; less of it; somebody else
        }
        fields = {field.name for field in Member._meta.concrete_fields}
        self.assertEqual(fields - set(profile), left_out)

    def test_agreements_come_with_the_text_agreed_to(self):
        terms = Terms.objects.create(
            version=1, body_en="<p>Be kind.</p>", body_zh_hans="<p>友善</p>"
        )
        terms.accept(self.alice)
        (agreement,) = self.part("agreements.json")
        self.assertEqual(agreement["text_en"], "<p>Be kind.</p>")
        self.assertTrue(agreement["accepted_at"])

    def test_of_a_session_the_network_alone(self):
        UserSession.objects.create(
            user=self.alice, ip="134.50.7.8", user_agent="Firefox", session_key="abc"
        )
        (session,) = self.part("sessions.json")
        self.assertEqual(session["network"], "134.50.0.0")
        self.assertNotIn("abc", json.dumps(session))

    def test_invitations_do_not_say_who_came(self):
        Invitation.objects.create(invited_by=self.alice, email="b@example.org", used_by=self.bob)
        (invitation,) = self.part("invitations.json")
        self.assertEqual(invitation["email"], "b@example.org")
        self.assertNotIn("used_by", invitation)

    def test_application_and_picture(self):
        Application.objects.create(member=self.alice, why="To meet people.", notes=["fast"])
        self.alice.avatar.save("a.webp", ContentFile(b"picture"))
        archive = self.read(self.made())
        application = json.loads(archive.read("application.json"))
        self.assertEqual(application["why"], "To meet people.")
        self.assertEqual(archive.read("picture.webp"), b"picture")

    def test_a_file_that_is_lost_does_not_stop_the_rest(self):
        Member.objects.filter(pk=self.alice.pk).update(avatar="avatars/lost.webp")
        self.assertIn("profile.json", self.read(self.made()).namelist())

    def test_nothing_of_others(self):
        from caisu.tests.cast import make_comment
        from members.moderation.reporting import report

        make_comment(self.article, self.bob, body="An answer of Bob’s.", parent=self.comment)
        report(self.comment, self.bob, "rude", "Bob says so.", "en")
        deciding.remove(self.comment, self.mona, "Not so.")
        archive = self.read(self.made())
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
        for word in ("Bob", "Mona", "bob", "mona@"):
            with self.subTest(word=word):
                self.assertNotIn(word, everything)
        self.assertIn("Not so.", everything)
