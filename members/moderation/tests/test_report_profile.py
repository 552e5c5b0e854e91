"""Reporting a profile, from its foot."""

from django.urls import reverse

from caisu.core.models import Audience
from caisu.tests.cast import CastTestCase, make_member
from members import profiles
from members.models import Member
from members.moderation.models import Case, Report


class ReportProfileTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        profiles.save(cls.alice, {"bio": "I came in 2019."})

    def url(self, username="alice"):
        return reverse("moderation:report_profile", args=[username])

    def send(self, who, username="alice", **changes):
        self.login(who)
        return self.client.post(self.url(username), {"reason": "spam", "text": "", **changes})

    def test_member_reports_and_comes_back_to_it(self):
        self.login(self.bob)
        self.assertContains(self.client.get(self.url()), "Alice")
        response = self.send(self.bob, text="An advertisement.")
        self.assertRedirects(response, self.alice.get_absolute_url())
        report = Report.objects.get()
        self.assertEqual((report.reporter, report.text), (self.bob, "An advertisement."))
        self.assertEqual((report.case.kind, report.case.subject), (Case.Kind.PROFILE, self.alice))

    def test_second_time_counts_once(self):
        for _time in range(2):
            self.send(self.bob)
        self.assertEqual(Report.objects.count(), 1)

    def test_third_trusted_report_hides_its_texts(self):
        for who in (self.bob, self.wei, make_member("carl")):
            response = self.send(who)
        page = self.client.get(response["Location"])
        self.assertContains(page, "Alice")
        self.assertNotContains(page, "2019")

    def test_profile_of_staff_is_only_queued(self):
        for who in (self.bob, self.alice, make_member("carl")):
            self.send(who, "wei")
        self.wei.refresh_from_db()
        self.assertFalse(self.wei.profile_held)
        self.assertEqual(Report.objects.count(), 3)

    def test_former_handle_means_whose_it_was(self):
        profiles.save(self.alice, {"username": "alicia"})
        self.send(self.bob)
        self.assertEqual(Report.objects.get().case.subject, self.alice)

    def test_who_may_not(self):
        make_member("hidden", visibility=Audience.NOBODY)
        make_member("gone", standing=Member.Standing.BANNED, visibility=Audience.EVERYONE)
        make_member("public", visibility=Audience.EVERYONE)
        for who, username, status in (
            (None, "alice", 302),
            (None, "hidden", 302),
            (None, "nobody-at-all", 302),
            (self.nina, "alice", 404),
            (self.nina, "public", 403),
            (self.nina, "nina", 403),
            (self.alice, "alice", 403),
            (self.bob, "hidden", 404),
            (self.bob, "nina", 404),
            (self.bob, "gone", 404),
            (self.bob, "nobody-at-all", 404),
            (self.mona, "gone", 403),
            (self.mona, "hidden", 302),
        ):
            with self.subTest(who=who, username=username):
                self.assertEqual(self.send(who, username).status_code, status)
        self.assertEqual(Report.objects.count(), 1)

    def test_bad_input_is_the_form_again(self):
        response = self.send(self.bob, reason="", text="Typed with care.")
        self.assertContains(response, "errorlist")
        self.assertContains(response, "Typed with care.")
        self.assertFalse(Case.objects.exists())

    def test_get_reports_nothing(self):
        self.login(self.bob)
        self.client.get(self.url(), {"reason": "spam"})
        self.assertEqual(self.client.put(self.url()).status_code, 405)
        self.assertFalse(Case.objects.exists())

    def test_foot_of_a_profile_leads_there_for_whom_it_is(self):
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.EVERYONE)
        for who, query, leads in (
            (None, "", False),
            (self.nina, "", False),
            (self.alice, "", False),
            (self.alice, "?as=member", False),
            (self.bob, "", True),
            (self.mona, "", True),
        ):
            self.login(who)
            page = self.client.get(self.alice.get_absolute_url() + query).content.decode()
            self.assertEqual(self.url() in page, leads, (who, query))
