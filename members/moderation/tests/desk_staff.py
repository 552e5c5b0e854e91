"""Somebody at the desk who is asked who they are before what would hurt."""

import time

from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse

from caisu.core.jobs import run_due
from caisu.core.roles import MODERATOR, WEBMASTER
from caisu.tests.cast import CastTestCase, make_member
from members.models import Member

MEMBERS = "/admin/members/member/"


class DeskTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)
        cls.max = make_member("max", MODERATOR)

    def setUp(self):
        super().setUp()
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def enter(self, member):
        """Logged in, and proved once more a moment ago."""
        self.login(member)
        session = self.client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(member.pk)
        session.save()

    def page(self, member):
        return reverse("admin:members_member_change", args=[member.pk])

    def act_page(self, member, name):
        return reverse("admin:members_member_act", args=[member.pk, name])

    def acts_page(self, name):
        return reverse("admin:members_member_acts", args=[name])

    def act(self, member, name, **data):
        return self.client.post(self.act_page(member, name), data)

    def act_on(self, name, *members, **data):
        return self.client.post(
            self.acts_page(name), {"pk": [member.pk for member in members], **data}
        )

    def fresh(self, member):
        return Member.objects.get(pk=member.pk)

    def told(self, response):
        return [(each.level_tag, each.message) for each in get_messages(response.wsgi_request)]

    def mails(self):
        """Who was written to, after the worker has run."""
        mail.outbox.clear()
        run_due()
        return {message.to[0]: message for message in mail.outbox}
