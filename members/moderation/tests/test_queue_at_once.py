"""Several moderators at the same time: each thing is decided once."""

from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase

from caisu.tests.cast import make_article, make_comment, make_member
from members.models import Member
from members.moderation import sweeping, waiting
from members.moderation.models import Case, Decision, State, Sweep

QUEUE = "/admin/moderation/case/"
MODERATORS, THINGS = 4, 5
ACTS = ("approve", "spam", "remove", "approve")


class AtOnceTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        # Not by a role: the tests that committed before this one have emptied its table.
        self.moderators = [
            make_member(f"mod{number}", is_staff=True, is_superuser=True)
            for number in range(MODERATORS)
        ]
        self.article = make_article(author=self.moderators[0])
        self.eve = make_member("eve", standing=Member.Standing.PENDING, approved_count=0)
        self.cases = [waiting.open_case(Case.Kind.SIGNUP, self.eve, self.eve, ["signup"])]
        for number in range(THINGS - 1):
            held = make_comment(self.article, self.eve, body=f"Text {number}", state=State.HELD)
            self.cases.append(waiting.open_case(Case.Kind.COMMENT, held, self.eve, ["first"]))

    def at_once(self, do):
        """Each moderator does it in a thread with a connection of its own."""

        def one(number):
            try:
                return do(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(MODERATORS) as pool:
            return list(pool.map(one, range(MODERATORS)))

    def test_each_thing_is_decided_once(self):
        clients = []
        for moderator in self.moderators:
            client = Client(headers={"accept": "application/json"})
            client.force_login(moderator)
            clients.append(client)
        answers = self.at_once(
            lambda number: clients[number].post(
                QUEUE,
                {
                    "act": ACTS[number],
                    "case": [case.pk for case in self.cases],
                    "reason": "Because.",
                },
            )
        )
        self.assertEqual([answer.status_code for answer in answers], [200] * MODERATORS)
        self.assertFalse(Case.objects.open().exists())
        for case in self.cases:
            self.assertEqual(Decision.objects.filter(case=case).count(), 1, case)
        for answer in answers:
            self.assertEqual(set(answer.json()["gone"]), {case.pk for case in self.cases})

    def test_one_clean_up_is_begun(self):
        begun = self.at_once(
            lambda number: sweeping.after_spammer(self.eve, self.moderators[number])
        )
        self.assertEqual(len([sweep for sweep in begun if sweep]), 1)
        self.assertEqual(Sweep.objects.count(), 1)
