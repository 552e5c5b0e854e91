"""Whoever has no session answers by the signed link of the page about their account."""

import time
from datetime import timedelta
from unittest import mock

from django.core import mail, signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR
from caisu.tests.cast import PASSWORD, CastTestCase, make_article, make_comment, make_member
from members.adapter import STANDING_SALT
from members.models import Member
from members.moderation import appealing, deciding, sweeping
from members.moderation.models import Appeal, Case, Decision
from news import reviewing

ANSWER = {"act": "appeal", "text": "That was not me."}


class StandingAppealTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.max = make_member("max", MODERATOR)
        cls.eve = make_member("eve")

    def link(self, member=None, language="en"):
        token = signing.dumps((member or self.eve).pk, salt=STANDING_SALT)
        with override(language):
            return reverse("moderation:standing", args=[token])

    def answer(self, member=None, **changes):
        return self.client.post(self.link(member), {**ANSWER, **changes})

    def test_suspended_banned_refused_and_swept_ones_may_answer(self):
        until = timezone.now() + timedelta(days=3)
        ways = {
            self.eve: lambda: deciding.suspend(self.eve, self.mona, until, "A pause."),
            self.bob: lambda: deciding.ban(self.bob, self.mona, "Enough."),
            self.nina: lambda: deciding.refuse(self.nina, self.mona, "Who are you?"),
            self.alice: lambda: sweeping.after_spammer(self.alice, self.mona, "Adverts."),
        }
        for member, way in ways.items():
            with self.subTest(member=member):
                way()
                run_due()
                decision = Decision.objects.latest("pk")
                link = self.link(member)  # which has the second in it
                page = self.client.get(link)
                self.assertContains(page, decision.reason)
                self.assertContains(page, 'name="text"')
                self.assertRedirects(self.client.post(link, ANSWER), link)
                made = Appeal.objects.get(member=member)
                self.assertEqual((made.decision, made.text), (decision, ANSWER["text"]))
                page = self.client.get(link)
                self.assertContains(page, "Your answer is with the moderators.")
                self.assertNotContains(page, 'name="text"')
        self.assertEqual(Case.objects.open().filter(kind=Case.Kind.APPEAL).count(), 4)
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_the_way_from_the_mail_to_the_answer_and_back_in(self):
        deciding.ban(self.eve, self.mona, "Enough.")
        run_due()
        page = f"/en/accounts/decisions/{Decision.objects.latest('pk').pk}/"
        self.assertIn(f"http://testserver{page}", mail.outbox[-1].body)
        login = self.client.get(page)["Location"]
        form = {"login": self.eve.email, "password": PASSWORD}
        closed = self.client.post(login, form)["Location"]
        self.assertIn("/accounts/standing/", closed)
        self.client.post(closed, ANSWER)
        appealing.grant(Appeal.objects.get(), self.max, "A mix-up.")
        run_due()
        self.assertIn(f"http://testserver{page}", mail.outbox[-1].body)
        again = self.client.post(login, form)
        self.assertRedirects(again, page)
        self.assertContains(self.client.get(page), "A mix-up.")

    def test_denied_is_said_there_too(self):
        deciding.ban(self.eve, self.mona, "Enough.")
        self.answer()
        appealing.deny(Appeal.objects.get(), self.max, "We talked about it.")
        page = self.client.get(self.link())
        self.assertContains(page, "the decision stands")
        self.assertContains(page, "We talked about it.")
        self.assertNotContains(page, "Max")

    def test_once(self):
        deciding.ban(self.eve, self.mona)
        self.answer()
        self.answer(text="And another thing.")
        self.assertEqual(Appeal.objects.get().text, ANSWER["text"])

    def test_nothing_is_not_an_answer(self):
        deciding.ban(self.eve, self.mona)
        for text in ("", " \n", "x" * 2001):
            response = self.answer(text=text)
            self.assertEqual(response.status_code, 200)
            self.assertTrue(response.context["appeal_form"].errors)
            # The form below it was not sent.
            self.assertFalse(response.context["form"].errors)
        self.assertFalse(Appeal.objects.exists())

    def test_forged_and_old_links_answer_nothing(self):
        deciding.ban(self.eve, self.mona)
        with override("en"):
            forged = reverse("moderation:standing", args=[signing.dumps(self.eve.pk)])
        self.assertEqual(self.client.post(forged, ANSWER).status_code, 404)
        link, later = self.link(), time.time() + 31 * 60
        with mock.patch("time.time", return_value=later):
            self.assertEqual(self.client.post(link, ANSWER).status_code, 404)
        self.assertFalse(Appeal.objects.exists())

    def test_of_an_open_account_nothing_is_answered(self):
        self.assertRedirects(self.answer(), "/en/accounts/login/")

    def test_it_is_about_the_account_and_no_post(self):
        post = make_article(author=self.eve, status="draft", publish_at=None, is_post=True)
        deciding.ban(self.eve, self.mona, "Enough.")
        reviewing.submit(post, self.eve)
        reviewing.refuse(post, self.wei, "Not for us.")
        self.assertContains(self.client.get(self.link()), "Enough.")
        make_comment(self.article, self.eve)

    def test_account_that_nobody_closed_by_a_decision(self):
        Member.objects.get(pk=self.eve.pk).stand(Member.Standing.BANNED)
        page = self.client.get(self.link())
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, 'name="text"')
        self.answer()
        self.assertFalse(Appeal.objects.exists())
