"""How the tests walk through the door: sign up, read the mail, type the code."""

import re
import time
from unittest import mock

import altcha
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import override

from caisu.core.jobs import run_due
from caisu.tests.cast import PASSWORD, CastTestCase
from members import proof
from members.signup_form import OPENED

SIGNUP = {"email": "li@example.org", "display_name": "李华", "password1": PASSWORD}


def solved(challenge=None):
    """What a browser sends once it has solved a challenge; a new one has an easy number."""
    if challenge is None:
        with mock.patch.object(proof, "TRIES", 2):
            challenge = proof.challenge()
    given = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(given, altcha.solve_challenge(given)).to_base64()


def opened(seconds_ago=60):
    """The stamp of a form that was opened a while ago."""
    with mock.patch("django.core.signing.time.time", return_value=time.time() - seconds_ago):
        return OPENED.sign("")


def path(name, *args, language="en"):
    with override(language):
        return reverse(name, args=args)


def mails():
    """What the worker has sent so far."""
    run_due()
    return mail.outbox


def code_in(message):
    """The mailed code: six digits alone on a line."""
    found = re.findall(r"(?m)^\d{6}$", message.body)
    assert len(found) == 1, message.body
    return found[0]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


class EntranceTestCase(CastTestCase):
    """The cast in front of the door, nobody logged in."""

    def setUp(self):
        super().setUp()
        self.code_page = path("account_email_verification_sent")
        self.story = f"{self.address(self.article)}#comments"

    def address(self, thing, language="en"):
        with override(language):
            return thing.get_absolute_url()

    def sign_up(self, client=None, language="en", **changes):
        """Posts the form of the sign-up as a person's browser does; returns the answer."""
        cache.clear()  # a test is faster than any limit allows
        url = path("account_signup", language=language)
        person = {"opened": opened(), "altcha": solved()}
        return (client or self.client).post(url, {**SIGNUP, **person, **changes})

    def sign_up_and_read_code(self, client=None, **changes):
        self.sign_up(client, **changes)
        return code_in(mails()[-1])

    def type_code(self, code, client=None, **changes):
        return (client or self.client).post(self.code_page, {"code": code, **changes})

    def log_in(self, login, password=PASSWORD, client=None, **changes):
        cache.clear()
        url = path("account_login")
        return (client or self.client).post(url, {"login": login, "password": password, **changes})

    def is_in(self, client=None):
        """The id of who is logged in, as text, or None."""
        return (client or self.client).session.get("_auth_user_id")
