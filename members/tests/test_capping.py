"""Mail to addresses that nobody has proven: so many an hour, with a reserve for logins."""

import re
from unittest import mock

from django.core.cache import cache
from django.test import Client, override_settings

from caisu.core.throttling import Limit
from caisu.tests.cast import PASSWORD
from members import capping
from members.models import Member

from .entrance import SIGNUP, EntranceTestCase, code_in, mails, opened, path, solved


# Of the limits in a row only the site's is of interest here.
@override_settings(ACCOUNT_RATE_LIMITS={"confirm_email": "1000/m/key", "signup": "1000/m/ip"})
class CapTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        for name, times in (("MAILS", 3), ("SIGNUP_MAILS", 2)):
            less = Limit(getattr(capping, name).name, times, capping.HOUR)
            patch = mock.patch.object(capping, name, less)
            patch.start()
            self.addCleanup(patch.stop)

    def post(self, name, client=None, **data):
        return (client or Client()).post(path(name), data)

    def sign_up_under_the_cap(self, email, client=None, **changes):
        """As sign_up(), which forgets all limits first."""
        person = {"opened": opened(), "altcha": solved()}
        return self.post(
            "account_signup", client, **{**SIGNUP, **person, "email": email, **changes}
        )

    def use_up_signups(self):
        for number in range(2):
            self.sign_up_under_the_cap(f"{number}@example.org")
        self.assertEqual(len(mails()), 2)

    def test_signups_have_their_share_and_are_told_when_to_come_back(self):
        self.use_up_signups()
        answer = self.sign_up_under_the_cap("li@example.org")
        self.assertContains(answer, "cannot mail another code just now")
        self.assertGreater(int(answer["Retry-After"]), 0)
        self.assertContains(answer, 'value="li@example.org"')
        self.assertContains(answer, 'value="李华"')
        self.assertNotContains(answer, PASSWORD)
        self.assertFalse(Member.objects.filter(email="li@example.org").exists())
        self.assertEqual(len(mails()), 2)

    def test_known_and_unknown_address_get_the_same_answer(self):
        self.use_up_signups()
        pages = []
        for email in ("alice@example.org", "nobody@example.org"):
            answer = self.sign_up_under_the_cap(email)
            text = answer.content.decode().replace(email, "ADDRESS")
            text = re.sub(r'(name="(csrfmiddlewaretoken|opened)" value=")[^"]*', r"\1", text)
            pages.append((answer.status_code, sorted(answer.headers), text))
        self.assertEqual(pages[0], pages[1])
        self.assertEqual(len(mails()), 2)

    def test_known_addresses_count_as_unknown_ones_do(self):
        for _number in range(2):
            self.sign_up_under_the_cap("alice@example.org")
        self.assertContains(self.sign_up_under_the_cap("li@example.org"), "cannot mail")

    def test_form_with_a_mistake_counts_nothing(self):
        for _number in range(5):
            self.sign_up_under_the_cap("li at example")
        self.assertEqual(self.sign_up_under_the_cap("li@example.org").status_code, 302)

    def test_some_is_left_for_logins_of_who_is_not_proven_yet(self):
        self.use_up_signups()
        self.post("account_request_login_code", email="0@example.org")
        self.assertEqual(mails()[-1].to, ["0@example.org"])
        code_in(mails()[-1])
        self.assertEqual(len(mails()), 3)

    def test_proven_addresses_are_never_counted(self):
        self.use_up_signups()
        for name in ("alice", "bob", "wei", "mona"):
            self.post("account_request_login_code", email=f"{name}@example.org")
            self.post("account_reset_password", email=f"{name}@example.org")
        self.assertEqual(len(mails()), 2 + 8)

    def test_unknown_addresses_get_the_same_answer_without_mail(self):
        for name in ("account_request_login_code", "account_reset_password"):
            cache.clear()
            answers = [self.post(name, email=f"nobody{n}@example.org") for n in range(5)]
            with self.subTest(page=name):
                self.assertEqual({each.status_code for each in answers}, {302})
                self.assertEqual(len({each["Location"] for each in answers}), 1)
                sent = [m for m in mails() if m.to[0].startswith("nobody")]
                self.assertEqual(len(sent), 3)
            mails().clear()

    def test_right_password_of_who_is_not_proven_yet_is_told_the_truth(self):
        self.use_up_signups()
        capping.MAILS.hit("all")
        before = len(mails())
        login = {"login": "0@example.org", "password": PASSWORD}
        answer = self.post("account_login", **login)
        self.assertEqual(answer.status_code, 429)
        self.assertGreater(int(answer["Retry-After"]), 0)
        self.assertEqual(self.post("account_login", **login | {"password": "no"}).status_code, 200)
        self.assertEqual(len(mails()), before)

    def test_one_network_leaves_mail_for_others(self):
        less = Limit("mail-of-signups-from", 1, capping.HOUR)
        data = {**SIGNUP, "opened": opened()}
        with mock.patch.object(capping, "SIGNUP_MAILS_OF_A_NETWORK", less):
            for place, told in (("2001:db8::1", 302), ("2001:db8::2", 200), ("192.0.2.9", 302)):
                data["email"] = f"{place[-1]}@example.org"
                answer = Client().post(path("account_signup"), data, REMOTE_ADDR=place)
                self.assertEqual(answer.status_code, told, place)
        self.assertEqual(len(mails()), 2)

    def test_new_codes_of_a_signup_count_as_well(self):
        client = Client()
        self.sign_up_under_the_cap("li@example.org", client)
        with mock.patch("members.codes.RESEND_AFTER", 0):
            for _number in range(5):
                client.post(self.code_page, {"action": "resend"})
        self.assertLessEqual(len(mails()), 3)
        self.assertGreater(len(mails()), 1)
