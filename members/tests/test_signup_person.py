"""What tells people from robots at the sign-up: it holds, and refuses nobody."""

import base64
import json
import time
from unittest import mock

from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client, override_settings
from django_tasks_db.models import DBTaskResult

from caisu.core.models import SiteSettings
from caisu.tests.cast import PASSWORD
from members import proof
from members.models import Application, Member
from members.moderation.models import Case
from members.signals import signing_up

from .entrance import SIGNUP, EntranceTestCase, opened, path, solved
from .test_signup import signup_mode


class HeldTests(EntranceTestCase):
    """In open mode, so that only what stood out holds anybody."""

    def setUp(self):
        super().setUp()
        signup_mode(SiteSettings.SignupMode.OPEN)

    def join(self, email="li@example.org", client=None, **changes):
        """Signs up and types the code; returns the newcomer and what stood out."""
        client = client or Client()
        code = self.sign_up_and_read_code(client, email=email, **changes)
        self.type_code(code, client)
        member = Member.objects.get(email=email)
        return member, member.application

    def assertHeld(self, joined, *notes):
        member, application = joined
        self.assertEqual(application.notes, list(notes))
        self.assertTrue(application.needs_a_look)
        self.assertEqual(member.standing, Member.Standing.PENDING)
        self.assertTrue(Case.objects.filter(kind=Case.Kind.SIGNUP, member=member).exists())

    def assertMember(self, joined):
        member, application = joined
        self.assertEqual(application.notes, [])
        self.assertFalse(application.needs_a_look)
        self.assertEqual(member.standing, Member.Standing.ACTIVE)

    def test_person_comes_in(self):
        self.assertMember(self.join())

    def test_without_proof(self):
        self.assertHeld(self.join(altcha=""), "no_proof")

    def test_with_a_filled_honeypot(self):
        self.assertHeld(self.join(website="https://pills.example"), "honeypot")

    def test_too_fast(self):
        self.assertHeld(self.join(opened=opened(1)), "fast")

    def test_stamps_of_others_and_none(self):
        for number, stamp in enumerate(["", "nonsense", opened()[:-1] + "x", "x" * 100_000]):
            with self.subTest(stamp=stamp[:10]):
                client = Client(REMOTE_ADDR=f"192.0.2.{number}")
                joined = self.join(f"{number}@example.org", client, opened=stamp)
                self.assertHeld(joined, "fast")

    def test_with_everything_at_once(self):
        joined = self.join(altcha="x", website="x", opened="x")
        self.assertHeld(joined, "no_proof", "honeypot", "fast")

    def test_trusted_domain_helps_nobody_over_it(self):
        self.assertHeld(self.join("li@isu.edu", altcha=""), "no_proof")

    def test_what_robots_are_told_by_is_not_given_back_as_a_text(self):
        data = {**SIGNUP, "opened": opened(), "altcha": solved()}
        answer = Client(enforce_csrf_checks=True).post(path("account_signup"), data)
        self.assertEqual(answer.status_code, 403)
        self.assertNotContains(answer, "<textarea", status_code=403)

    def test_form_that_came_back_keeps_its_time(self):
        stamp = opened(60)
        page = self.sign_up(email="li at example", opened=stamp)
        self.assertContains(page, f'name="opened" value="{stamp}"')

    def test_form_carries_the_trap_and_the_stamp_but_no_inline_style(self):
        page = self.client.get(path("account_signup"))
        self.assertContains(page, 'field-website" inert')
        self.assertContains(page, 'name="opened"')
        self.assertNotContains(page, "style=")

    def test_fourth_from_one_address_in_a_day(self):
        for number in range(3):
            self.assertMember(self.join(f"{number}@example.org"))
        self.assertHeld(self.join(), "crowded_address")
        Member.objects.update(date_joined="2026-01-01T12:00Z")
        self.assertMember(self.join("tomorrow@example.org"))

    def test_addresses_that_are_one_household(self):
        for place, neighbours in {
            "2001:db8:1:2::": ["1", "ffff", "a:b:c", "99"],
            "240e:": ["1:1:1::1", "1:1:5::2", "1:1:5::3", "1:1:5::4"],
            "::ffff:198.51.100.": ["7", "8", "9", "10"],
        }.items():
            with self.subTest(place=place):
                for number, rest in enumerate(neighbours):
                    client = Client(REMOTE_ADDR=place + rest)
                    joined = self.join(f"{number}{len(place)}@example.org", client)
                if place == "2001:db8:1:2::":
                    self.assertHeld(joined, "crowded_address")
                else:
                    self.assertMember(joined)

    def test_address_with_a_port_is_none(self):
        member, _application = self.join(client=Client(REMOTE_ADDR="10.0.0.1:4711"))
        self.assertIsNone(member.signed_up_from)

    def test_every_signup_has_an_application(self):
        signup_mode(SiteSettings.SignupMode.APPROVAL)
        self.sign_up()
        self.assertEqual(Application.objects.get(member__email="li@example.org").notes, [])

    def test_account_and_application_are_made_together_or_not_at_all(self):
        self.client.raise_request_exception = False
        with mock.patch("members.joining.apply", side_effect=ArithmeticError):
            self.assertEqual(self.sign_up().status_code, 500)
        self.assertFalse(Member.objects.filter(email="li@example.org").exists())

    def receive(self, receiver):
        signing_up.connect(receiver)
        self.addCleanup(signing_up.disconnect, receiver)

    def test_others_may_find_something(self):
        def found(sender, member, request, **kwargs):
            return ["spam", "spam"] if member.display_name == "李华" else []

        self.receive(found)
        self.assertHeld(self.join(altcha=""), "no_proof", "spam")
        self.assertMember(self.join("wang@example.org", display_name="王明"))

    def test_others_may_fail_which_holds_and_loses_nothing(self):
        def fail(sender, **kwargs):
            raise KeyError("score")

        def query(sender, member, **kwargs):
            Member.objects.create(username=member.username)

        for number, receiver in enumerate([fail, query]):
            signing_up.connect(receiver)
            with self.subTest(receiver=receiver.__name__), self.assertLogs("django.dispatch"):
                self.assertHeld(self.join(f"{number}@example.org"), "unchecked")
            signing_up.disconnect(receiver)


class ProofTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        self.easy = mock.patch.object(proof, "TRIES", 2)
        self.easy.start()
        self.addCleanup(self.easy.stop)

    def test_challenge_is_fresh_and_kept_by_no_cache(self):
        first, second = (self.client.get(path("members:signup_challenge")) for _ in range(2))
        self.assertNotEqual(first.json()["signature"], second.json()["signature"])
        self.assertIn("no-store", first["Cache-Control"])
        self.assertEqual(self.client.post(path("members:signup_challenge")).status_code, 405)

    def test_solution_is_good_once(self):
        payload = solved(self.client.get(path("members:signup_challenge")).json())
        self.assertTrue(proof.is_valid(payload))
        self.assertFalse(proof.is_valid(payload))

    def test_solution_spelled_otherwise_is_the_same(self):
        payload = solved()
        self.assertTrue(proof.is_valid(payload))
        given = json.loads(base64.b64decode(payload))
        for change in (
            {"solution": {**given["solution"], "time": 1}},
            {"challenge": {**given["challenge"], "x": 1}},
        ):
            other = base64.b64encode(json.dumps({**given, **change}).encode()).decode()
            self.assertFalse(proof.is_valid(other))

    def test_solution_comes_too_late(self):
        payload = solved()
        with mock.patch("altcha.v2.time.time", return_value=time.time() + proof.LIVES + 5):
            self.assertFalse(proof.is_valid(payload))

    def test_challenge_of_another_key_is_not_ours(self):
        with override_settings(SECRET_KEY="another site's"):
            payload = solved()
        self.assertFalse(proof.is_valid(payload))

    def forged(self, **parameters):
        given = json.loads(base64.b64decode(solved()))
        given["challenge"]["parameters"].update(parameters)
        return base64.b64encode(json.dumps(given).encode()).decode()

    def test_nothing_else_is_one(self):
        deep = '{"challenge":' * 300
        for name, payload in {
            "nothing": "",
            "no Base64": "%%%",
            "no JSON": base64.b64encode(b"{").decode(),
            "a list": base64.b64encode(b"[1]").decode(),
            "a list within": base64.b64encode(b'{"challenge":[],"solution":[]}').decode(),
            "deep": base64.b64encode(deep.encode()).decode(),
            "not ASCII": "解" * 10,
            "100 kB": "A" * 100_000,
            "cheaper": self.forged(cost=1),
            "dearer": self.forged(cost=10**12),
            "for ever": self.forged(expiresAt=10**12),
            "without end": self.forged(expiresAt=None),
            "widget's own test mode": base64.b64encode(
                b'{"challenge":null,"solution":null,"test":true}'
            ).decode(),
        }.items():
            with self.subTest(payload=name):
                self.assertFalse(proof.is_valid(payload))

    def test_wrong_number_is_no_solution(self):
        given = json.loads(base64.b64decode(solved()))
        given["solution"] = {"counter": 7, "derivedKey": "00" * 32}
        payload = base64.b64encode(json.dumps(given).encode()).decode()
        self.assertFalse(proof.is_valid(payload))


class RaceTests(EntranceTestCase):
    def test_address_that_somebody_takes_meanwhile_is_known(self):
        Member.objects.bulk_create(
            [Member(username="faster", email="li@example.org", display_name="Faster")]
        )
        unknown = "allauth.account.internal.flows.manage_email.assess_unique_email"
        with mock.patch(unknown, return_value=True):
            response = self.sign_up()
        self.assertRedirects(response, self.code_page)
        self.assertEqual(Member.objects.get(email="li@example.org").username, "faster")

    def test_handle_that_somebody_takes_meanwhile_is_another(self):
        Member.objects.bulk_create([Member(username="lihua", email="hua@example.org")])
        with mock.patch.object(Member.objects, "free_handle", side_effect=["lihua", "lihua2"]):
            self.sign_up()
        self.assertEqual(Member.objects.get(email="li@example.org").username, "lihua2")

    def test_other_failures_are_not_hushed_up(self):
        broken = mock.patch.object(Member, "save", side_effect=IntegrityError)
        with broken, self.assertRaises(IntegrityError):
            self.sign_up()
        self.assertFalse(Member.objects.filter(email="li@example.org").exists())


class FloodTests(EntranceTestCase):
    def post(self, number, email=None, address="127.0.0.1", client=None):
        return (client or self.client_class()).post(
            path("account_signup"),
            {
                "email": email or f"robot{number}@example.org",
                "display_name": f"Robot {number}",
                "password1": PASSWORD,
            },
            REMOTE_ADDR=address,
        )

    def test_five_hundred_from_one_address(self):
        cache.clear()
        answers = [self.post(number) for number in range(500)]
        codes = {each.status_code for each in answers}
        self.assertEqual(codes, {302, 429})
        self.assertTrue(all(each["Retry-After"] for each in answers if each.status_code == 429))
        made = Application.objects.filter(member__email__startswith="robot")
        self.assertLessEqual(made.count(), 120)  # 60 a minute, and the minute may turn
        self.assertFalse(made.filter(needs_a_look=False).exists())

    def test_one_address_five_hundred_times(self):
        cache.clear()
        before = DBTaskResult.objects.count()
        codes = set()
        for number in range(500):
            answer = self.post(number, "li@example.org", f"203.0.113.{number % 250}")
            codes.add(answer.status_code)
        self.assertLessEqual(codes, {200, 302, 429})
        self.assertEqual(Member.objects.filter(email="li@example.org").count(), 1)
        self.assertLessEqual(DBTaskResult.objects.count() - before, 10)
