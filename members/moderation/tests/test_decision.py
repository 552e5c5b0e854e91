"""The log of decisions can be added to, and that is all."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from caisu.tests.cast import CastTestCase
from members.moderation import deciding
from members.moderation.models import AppendOnlyError, Case, Decision


class DecisionTests(CastTestCase):
    def setUp(self):
        super().setUp()
        deciding.remove(self.comment, self.mona, "A reason.")
        self.decision = Decision.objects.get()

    def assertUnchanged(self):
        decision = Decision.objects.get()
        self.assertEqual(
            (decision.pk, decision.reason, decision.by, decision.text),
            (self.decision.pk, "A reason.", self.mona, self.comment.body),
        )

    def test_it_cannot_be_saved_again(self):
        self.decision.reason = "Another reason."
        with self.assertRaises(AppendOnlyError):
            self.decision.save()
        self.assertUnchanged()

    def test_it_cannot_be_changed_or_deleted_by_any_query(self):
        other = Decision(pk=self.decision.pk, reason="Another reason.")
        attempts = {
            "update": lambda: Decision.objects.update(reason=""),
            "update by the case": lambda: self.decision.case.decisions.update(reason=""),
            "update by the moderator": lambda: self.mona.decisions.all().update(reason=""),
            "bulk_update": lambda: Decision.objects.bulk_update([other], ["reason"]),
            "update_or_create": lambda: Decision.objects.update_or_create(
                pk=self.decision.pk, defaults={"reason": ""}
            ),
            "delete": self.decision.delete,
            "delete all": lambda: Decision.objects.all().delete(),
        }
        for name, attempt in attempts.items():
            with self.subTest(attempt=name):
                with self.assertRaises(AppendOnlyError), transaction.atomic():
                    attempt()
                self.assertUnchanged()

    def test_new_one_under_its_number_does_not_take_its_place(self):
        forged = Decision(
            pk=self.decision.pk,
            case=self.decision.case,
            action=Decision.Action.APPROVE,
            by=self.root,
            at=timezone.now(),
        )
        with self.assertRaises(IntegrityError), transaction.atomic():
            forged.save()
        self.assertUnchanged()

    def test_case_and_moderator_cannot_be_deleted_from_under_it(self):
        for thing in (self.decision.case, self.mona):
            with self.subTest(thing=thing), self.assertRaises(ProtectedError), transaction.atomic():
                thing.delete()
        self.assertUnchanged()

    def test_it_outlives_its_subject(self):
        self.comment.delete()
        self.assertUnchanged()
        self.assertIsNone(Case.objects.get().subject)

    def test_desk_offers_no_way_to_change_it(self):
        base = "/admin/moderation/decision/"
        page = f"{base}{self.decision.pk}/"
        for who in (self.mona, self.root):
            self.login(who)
            with self.subTest(who=who):
                self.assertContains(self.client.get(base), "A reason.")
                self.assertContains(self.client.get(f"{page}change/"), "A reason.")
                for address in (f"{page}change/", f"{page}delete/", f"{base}add/"):
                    response = self.client.post(address, {"reason": "", "post": "yes"})
                    self.assertEqual(response.status_code, 403)
                self.client.post(
                    base,
                    {
                        "action": "delete_selected",
                        "_selected_action": [self.decision.pk],
                        "post": "yes",
                    },
                )
                self.assertUnchanged()

    def test_log_costs_the_same_for_one_and_for_twenty(self):
        self.login(self.mona)
        self.client.get("/admin/moderation/decision/")
        with self.assertNumQueries(7):
            self.client.get("/admin/moderation/decision/")
        for _number in range(20):
            case = Case.objects.create(kind=Case.Kind.ISSUE, member=self.bob)
            deciding.dismiss(case, self.mona)
        with self.assertNumQueries(7):
            self.client.get("/admin/moderation/decision/")
