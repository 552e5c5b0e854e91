"""Telling members, taking it back, and marking what they have seen."""

from datetime import timedelta

from django.utils import timezone

from caisu.tests.cast import CastTestCase
from members import signals
from members.notifications import jobs, listing, personal, telling
from members.notifications.models import Notification

Kind = Notification.Kind


class TellingTests(CastTestCase):
    def tell(self, *members, kind=Kind.REPLY, subject="comment:1", **more):
        return telling.tell(members, kind, subject, "/comments/1/", topic="article:1", **more)

    def unseen(self, member):
        return listing.unseen_count(member)

    def test_each_is_told_once_however_often(self):
        for _time in range(3):
            self.tell(self.alice, self.bob)
        self.assertEqual(Notification.objects.count(), 2)
        self.assertEqual(telling.told("comment:1"), {self.alice.pk, self.bob.pk})

    def test_what_is_withdrawn_is_gone_seen_or_not(self):
        self.tell(self.alice, self.bob)
        self.tell(self.alice, subject="comment:2")
        telling.see(self.bob)
        self.assertEqual(telling.withdraw("comment:1"), 2)
        self.assertEqual(self.unseen(self.alice), 1)

    def test_by_topic_from_all_or_from_outsiders_alone(self):
        self.tell(self.alice, self.nina)
        self.assertEqual(telling.withdraw_topics("article:1", but_from_members=True), 1)
        self.assertEqual((self.unseen(self.alice), self.unseen(self.nina)), (1, 0))
        self.tell(self.nina, kind=Kind.DECISION)
        self.assertEqual(telling.withdraw_kinds(Kind.REPLY), 0)
        self.assertEqual(telling.withdraw_topics("article:1"), 2)

    def test_seen_up_to_what_one_had_before_them(self):
        self.tell(self.alice)
        last = Notification.objects.get()
        self.tell(self.alice, subject="comment:2")
        self.assertEqual(telling.see(self.alice, last.pk), 1)
        self.assertEqual(telling.see(self.alice), 1)
        self.assertEqual(telling.see(self.alice), 0)

    def test_whoever_looked_at_the_thing_has_seen_what_was_told_until_then(self):
        self.tell(self.alice, self.bob)
        early = timezone.now() - timedelta(minutes=1)
        self.assertEqual(telling.see_about(self.alice, "article:1", early), 0)
        self.assertEqual(telling.see_about(self.alice, "article:2", timezone.now()), 0)
        self.assertEqual(telling.see_about(self.alice, "article:1", timezone.now()), 1)
        self.assertEqual(self.unseen(self.bob), 1)

    def test_old_ones_go_what_was_seen_first(self):
        for days, seen in ((89, True), (91, True), (91, False), (364, False), (366, False)):
            self.tell(self.alice, subject=f"comment:{days}-{seen}")
            Notification.objects.filter(subject=f"comment:{days}-{seen}").update(
                created_at=timezone.now() - timedelta(days=days),
                seen_at=timezone.now() if seen else None,
            )
        jobs.forget_old_notifications()
        self.assertEqual(
            set(Notification.objects.values_list("subject", flat=True)),
            {"comment:89-True", "comment:91-False", "comment:364-False"},
        )

    def test_a_thousand_in_few_queries(self):
        with self.assertNumQueries(1):
            self.tell(*[self.alice, self.bob] * 20)


class PersonalTests(CastTestCase):
    def test_taken_along_without_who_did_it(self):
        params = {"by": self.bob.pk, "title_en": "Snow"}
        telling.tell([self.alice], Kind.REPLY, "comment:1", "/comments/1/", params=params)
        telling.tell([self.bob], Kind.REPLY, "comment:1", "/comments/1/", params=params)
        (row,) = personal.exported(None, self.alice)["notifications.json"]
        self.assertEqual((row["kind"], row["address"]), ("reply", "/en/comments/1/"))
        self.assertNotIn("by", row)

    def test_forgotten_when_one_leaves(self):
        telling.tell([self.alice, self.bob], Kind.REPLY, "comment:1", "/comments/1/")
        signals.member_left.send(None, member=self.alice, removes_contributions=False)
        self.assertEqual(Notification.objects.get().member, self.bob)
