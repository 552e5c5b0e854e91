"""Once a year: still here? A link answers without a login, and nothing that follows links answers."""

import re
import time
from datetime import date, timedelta
from unittest import mock
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.cache import cache
from django.utils import timezone

from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_member
from members import still_here
from members.models import Member

from .entrance import mails, path


class StillHereTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        site = SiteSettings.load()
        site.still_here_mail = True
        site.save()
        cache.clear()
        self.student = make_member(
            "li",
            display_name="Li Zimo",
            affiliation="student",
            arrived=timezone.localdate().year - 2,
        )
        cache.clear()

    def affiliation(self):
        self.student.refresh_from_db()
        return self.student.affiliation


class AskingTests(StillHereTestCase):
    def asked(self):
        still_here.ask_some()
        return sorted(message.to[0] for message in mails())

    def test_students_and_scholars_of_some_years_are_asked_and_nobody_else(self):
        make_member("kai", affiliation="scholar", date_joined=timezone.now() - timedelta(days=800))
        this_year = timezone.localdate().year
        make_member("new", affiliation="student", arrived=this_year - 1)
        make_member("prof", affiliation="faculty", arrived=2001)
        make_member("alum", affiliation="alumni", arrived=2001)
        make_member("off", affiliation="student", arrived=2001, standing=Member.Standing.BANNED)
        make_member("going", affiliation="student", arrived=2001, leaves_at=timezone.now())
        self.assertEqual(self.asked(), ["kai@example.org", "li@example.org"])

    def test_once_a_year(self):
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(len(self.asked()), 1)
        Member.objects.update(still_here_asked_on=timezone.localdate() - timedelta(days=365))
        self.assertEqual(len(self.asked()), 2)

    def test_off_unless_the_webmaster_wants_it(self):
        SiteSettings.objects.update(still_here_mail=False)
        cache.clear()
        self.assertEqual(self.asked(), [])

    def test_in_small_batches(self):
        for n in range(3):
            make_member(f"s{n}", affiliation="student", arrived=2001)
        with mock.patch.object(still_here, "AT_ONCE", 2):
            self.assertEqual(still_here.ask_some(), 2)
            self.assertEqual(still_here.ask_some(), 2)
            self.assertEqual(still_here.ask_some(), 0)

    def test_it_goes_to_the_address_that_outlives_the_degree(self):
        def address(**others):
            EmailAddress.objects.filter(user=self.student).delete()
            for primary, email in others.items():
                EmailAddress.objects.create(
                    user=self.student, email=email, primary=primary == "first", verified=True
                )
            return still_here.personal_address(self.student)

        self.assertEqual(address(first="li@isu.edu", second="li@qq.com"), "li@qq.com")
        self.assertEqual(address(first="li@qq.com", second="li@isu.edu"), "li@qq.com")
        self.assertEqual(address(first="li@163.com", second="li@qq.com"), "li@qq.com")
        self.assertEqual(address(first="li@isu.edu"), "li@isu.edu")
        EmailAddress.objects.create(user=self.student, email="typo@qq.com", verified=False)
        self.assertEqual(still_here.personal_address(self.student), "li@isu.edu")

    def test_mail_is_in_their_language_with_a_link_to_the_page(self):
        for language, words in (("en", "moved on"), ("zh-hans", "")):
            with self.subTest(language=language):
                self.student.language = language
                self.student.still_here_asked_on = None
                self.student.save()
                still_here.ask_some()
                message = mails()[-1]
                self.assertIn(words, message.body)
                link = re.search(r"http\S+/still-here/\S+", message.body)[0]
                self.assertIn(f"/{language}/accounts/still-here/", link)
                response = self.client.get(urlsplit(link).path)
                self.assertTemplateUsed(response, "members/still_here.html")


class AnsweringTests(StillHereTestCase):
    def setUp(self):
        super().setUp()
        still_here.ask_some()
        self.student.refresh_from_db()
        self.page = path("members:still_here", still_here.token_for(self.student))

    def test_page_says_no_name_and_following_the_link_changes_nothing(self):
        for method in (self.client.get, self.client.head):
            response = method(self.page)
            self.assertEqual(response.status_code, 200)
            self.assertIn("no-store", response["Cache-Control"])
        self.assertNotContains(self.client.get(self.page), self.student.display_name)
        self.assertEqual(self.affiliation(), "student")

    def test_one_click_makes_alumni_and_another_one_puts_it_right(self):
        response = self.client.post(self.page, {"answer": "moved-on"})
        self.assertContains(response, "Thank you")
        self.assertEqual(self.affiliation(), "alumni")
        self.client.post(self.page, {"answer": "here"})
        self.assertEqual(self.affiliation(), "student")
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_still_here_changes_nothing_until_next_year(self):
        self.client.post(self.page, {"answer": "here"})
        self.assertEqual(self.affiliation(), "student")
        self.assertEqual(self.student.still_here_asked_on, timezone.localdate())

    def test_who_does_not_want_to_be_asked_is_not(self):
        self.client.post(self.page, {"answer": "never"})
        self.assertEqual(self.affiliation(), "student")
        self.assertFalse(still_here.to_ask(date(2090, 1, 1)).filter(pk=self.student.pk).exists())
        self.client.post(self.page, {"answer": "here"})
        self.assertTrue(still_here.to_ask(date(2090, 1, 1)).filter(pk=self.student.pk).exists())

    def test_what_they_became_otherwise_meanwhile_stands(self):
        Member.objects.filter(pk=self.student.pk).update(affiliation="faculty")
        for answer in ("moved-on", "here"):
            self.client.post(self.page, {"answer": answer})
            self.assertEqual(self.affiliation(), "faculty")

    def test_anything_else_is_the_page_again(self):
        for answer in ({}, {"answer": "webmaster"}, {"answer": "\x00"}):
            response = self.client.post(self.page, answer)
            self.assertContains(response, "Still here?")
        self.assertEqual(self.affiliation(), "student")

    def test_link_is_for_this_alone_and_for_sixty_days(self):
        value = [self.student.pk, "student"]
        for forged in (
            signing.dumps(value),
            signing.dumps(value, salt="members.standing"),
            signing.dumps(value, key="another", salt=still_here.SALT),
            "x",
        ):
            with self.subTest(token=forged):
                page = path("members:still_here", forged)
                self.assertEqual(self.client.post(page, {"answer": "moved-on"}).status_code, 404)
        standing = path("moderation:standing", still_here.token_for(self.student))
        self.assertEqual(self.client.get(standing).status_code, 404)
        now = time.time()
        with mock.patch("time.time", return_value=now + 61 * 24 * 3600):
            response = self.client.post(self.page, {"answer": "moved-on"})
        self.assertEqual(response.status_code, 410)
        self.assertEqual(self.affiliation(), "student")

    def test_of_somebody_who_is_gone_nothing_is_known(self):
        self.student.stand(Member.Standing.BANNED)
        self.assertEqual(self.client.get(self.page).status_code, 404)
