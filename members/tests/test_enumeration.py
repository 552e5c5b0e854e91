"""Nobody learns at the door who is a member: it answers a known address as an unknown one."""

import re
import time
from datetime import timedelta
from unittest import mock

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from caisu.core.throttling import Limit
from caisu.tests.cast import make_member
from members.models import Member

from .entrance import EntranceTestCase, path
from .test_signup import hashes_counted

KNOWN = ["active", "pending", "unproven", "suspended", "banned", "passwordless", "guarded"]


def traits(response, email):
    """All that a stranger sees of an answer, but for what differs between any two visits."""
    text = response.content.decode().replace(email, "ADDRESS")
    hidden = r'name="(csrfmiddlewaretoken|opened)" value="[^"]*"'
    for differs in (hidden, r'data-wait="\d+"', r"in \d+ seconds?"):
        text = re.sub(differs, "", text)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in {"Content-Length", "Expires"}
    }
    return (
        response.status_code,
        {
            name: value.replace(email.replace("@", "%40"), "ADDRESS")
            for name, value in headers.items()
        },
        sorted(response.cookies),
        text,
    )


class EnumerationTests(EntranceTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_member("active")
        make_member("pending", standing="pending")
        unproven = make_member("unproven", standing="pending")
        EmailAddress.objects.filter(user=unproven).update(verified=False)
        until = timezone.now() + timedelta(days=3)
        make_member("suspended", standing="suspended", suspended_until=until)
        make_member("banned", standing="banned")
        passwordless = make_member("passwordless")
        passwordless.set_unusable_password()
        passwordless.save()
        TOTP.activate(make_member("guarded"), generate_totp_secret())

    def setUp(self):
        super().setUp()
        self.client.get("/language/en/")

    def assert_same_story(self, tell):
        """``tell(client, email)`` yields answer after answer: the same for everybody.

        As many mails wait for the worker and none is sent; as many passwords are hashed, and as
        many limits counted, which takes time, too.
        """
        told = {}
        for name in ["nobody", *KNOWN]:
            email = f"{name}@example.org"
            cache.clear()
            DBTaskResult.objects.all().delete()
            counted = mock.patch.object(Limit, "hit", autospec=True, side_effect=Limit.hit)
            with hashes_counted() as encode, counted as hit:
                answers = [traits(answer, email) for answer in tell(Client(), email)]
            self.assertEqual(mail.outbox, [], "mailed in the middle of a request")
            queued = DBTaskResult.objects.filter(queue_name="mail").count()
            told[name] = (answers, queued, encode.call_count, hit.call_count)
        for name in KNOWN:
            with self.subTest(known=name):
                for known, unknown in zip(told[name][0], told["nobody"][0], strict=True):
                    self.assertEqual(known, unknown)
                self.assertEqual(told[name][1:], told["nobody"][1:], "mails, hashes and limits")

    def at_the_code_page(self, client, page):
        """What one sees there: the page, a wrong code, new ones early and late, and its end."""
        yield client.get(page)
        yield client.post(page, {"code": "000000"})
        for seconds in (5, 40, 45):
            cache.clear()
            with mock.patch("time.time", return_value=time.time() + seconds):
                yield client.post(page, {"action": "resend"})
                yield client.get(page)
        for _attempt in range(5):
            yield client.post(page, {"code": "000000"})
        yield client.post(page, {"code": "000000"})
        yield client.get(path("account_login"))

    def test_sign_up(self):
        def tell(client, email):
            yield self.sign_up(client, email=email)
            yield from self.at_the_code_page(client, self.code_page)

        before = Member.objects.count()
        self.assert_same_story(tell)
        self.assertEqual(Member.objects.count(), before + 1)

    def test_sign_up_without_a_password(self):
        def tell(client, email):
            yield self.sign_up(client, email=email, password1="")
            yield client.get(self.code_page)

        self.assert_same_story(tell)

    def test_sign_up_left_in_the_middle(self):
        def tell(client, email):
            self.sign_up(client, email=email)
            yield client.get(path("account_login"))
            with mock.patch("time.time", return_value=time.time() + 31 * 60):
                yield client.get(self.code_page)
                yield client.get(self.code_page)
            yield client.post(path("account_logout"), {"next": path("account_signup")})
            yield client.get(self.code_page)

        self.assert_same_story(tell)

    def test_login_with_a_wrong_password(self):
        def tell(client, email):
            for login in (email, email.partition("@")[0]):
                answer = self.log_in(login, "not the password", client=client)
                answer.content = answer.content.replace(login.encode(), b"LOGIN")
                yield answer

        self.assert_same_story(tell)

    def test_login_with_many_wrong_passwords(self):
        def tell(client, email):
            for _guess in range(7):
                data = {"login": email, "password": "not the password"}
                yield client.post(path("account_login"), data)

        self.assert_same_story(tell)

    def test_login_by_code(self):
        def tell(client, email):
            yield client.post(path("account_request_login_code"), {"email": email})
            yield from self.at_the_code_page(client, path("account_confirm_login_code"))

        self.assert_same_story(tell)

    def test_too_many_codes_for_one_address(self):
        def tell(client, email):
            for name in ("account_request_login_code", "account_reset_password"):
                for _request in range(4):
                    yield Client().post(path(name), {"email": email})

        self.assert_same_story(tell)

    def test_password_reset(self):
        def tell(client, email):
            yield client.post(path("account_reset_password"), {"email": email})
            yield from self.at_the_code_page(client, path("account_confirm_password_reset_code"))

        self.assert_same_story(tell)
