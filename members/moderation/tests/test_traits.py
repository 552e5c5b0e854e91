"""What contributions have in common, and what stands together in the queue."""

import os
import subprocess
import sys
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import Member
from members.moderation.filtering import Contribution, Verdict, settle, traits
from members.moderation.filtering.folding import fold
from members.moderation.models import Case, State, Trait

ADVERT = (
    "Dear friends, our workshop repairs phones of every make within the hour, screens and batteries "
    "included, and you will find all the prices at http://phones{n}.example/list/{n}, order number {n}."
)
ZH = "各位同学好，本店专修各种手机，换屏换电池一小时内完成，价格表请看 http://shouji{n}.example/{n} ，订单号 {n}。"


class LikenessTests(CastTestCase):
    def share(self, one, other):
        return bool(set(traits.bands(fold(one))) & set(traits.bands(fold(other))))

    def test_copies_with_another_number_or_address_are_alike(self):
        for text in (ADVERT, ZH):
            self.assertTrue(self.share(text.format(n=1), text.format(n=2798)))
            self.assertTrue(self.share(text.format(n=1), text.format(n=1).upper() + " Bye."))

    def test_copies_to_others_by_name_are_alike(self):
        en = (
            "Hello {name}, I have two tickets left for the concert on Saturday because {friend} fell "
            "ill, face value, can hand them over at the union any day before noon."
        )
        zh = "{name}你好，周六的音乐会我多两张票，因为{friend}生病了去不了，原价转让，中午之前都可以在学生中心交接。"
        for text, names in (
            (en, ["Anna", "Jun", "Ms Whitfield", "Professor de la Cruz"]),
            (zh, ["小王", "李老师", "欧阳同学", "张学姐"]),
        ):
            first = text.format(name=names[0], friend=names[1])
            for name, friend in ((names[2], names[3]), (names[3], names[0])):
                self.assertTrue(self.share(first, text.format(name=name, friend=friend)), name)

    def test_long_texts_have_the_same_keys_in_every_process(self):
        code = (
            "from members.moderation.filtering import traits, folding;"
            "print(traits.bands(folding.fold(' '.join(f'w{chr(97 + n % 26)}{n * n % 9973:x}zx'"
            " for n in range(3000)))))"
        )
        found = {
            subprocess.run(
                [sys.executable, "-c", f"import django; django.setup(); {code}"],
                env={**os.environ, "PYTHONHASHSEED": seed},
                cwd=settings.BASE_DIR,
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        self.assertEqual(len(found), 1)

    def test_different_texts_are_not(self):
        texts = [
            ADVERT,
            ZH,
            "The library is open until midnight in the week of exams, bring your card.",
            "考试周图书馆开到半夜十二点，记得带学生卡，门口会查。",
            "Does anybody know whether the bus runs when there is this much snow on the road?",
            "转租：六月到八月，离校园步行五分钟，家具齐全，月租可以商量。",
        ]
        for number, one in enumerate(texts):
            for other in texts[number + 1 :]:
                self.assertFalse(self.share(one, other), (one, other))

    def test_short_texts_are_alike_by_chance(self):
        self.assertEqual(traits.bands(fold("Thank you!")), [])


class AlikeTests(CastTestCase):
    def send(self, author, text, **more):
        contribution = Contribution(author, text, **more)
        comment = make_comment(self.article, author, body=text)
        settle(comment, Case.Kind.COMMENT, contribution, Verdict(False))
        return comment

    def alike(self, author, text, **more):
        contribution = Contribution(author, text, **more)
        return traits.alike(contribution, traits.of(contribution))

    def test_the_same_text_from_another_account(self):
        self.send(self.alice, ADVERT.format(n=1))
        self.assertEqual(self.alike(self.bob, ADVERT.format(n=2)), {"text"})
        self.assertEqual(self.alike(self.alice, ADVERT.format(n=2)), {"own"})

    def test_a_host_of_several_accounts_without_a_record(self):
        new = [make_member(f"new{n}", approved_count=0) for n in range(2)]
        self.send(new[0], "Look at http://a.shop.example today")
        self.assertEqual(self.alike(new[0], "http://b.shop.example again"), set())
        self.assertEqual(self.alike(new[1], "http://b.shop.example too"), {"host"})
        self.assertEqual(self.alike(self.bob, "http://b.shop.example too"), set())

    def test_an_edit_is_not_held_against_itself(self):
        comment = self.send(self.alice, ADVERT.format(n=1))
        edited = ADVERT.format(n=1) + " Thanks."
        self.assertEqual(
            self.alike(self.alice, edited, subject=comment, before=comment.body), set()
        )

    def test_what_is_kept_is_pruned_after_a_month_unless_it_waits(self):
        old, waiting = (
            self.send(self.alice, ADVERT.format(n=1)),
            make_comment(self.article, self.bob),
        )
        settle(waiting, "comment", Contribution(self.bob, ZH.format(n=1)), Verdict(True))
        Trait.objects.update(at=timezone.now() - timedelta(days=31))
        self.assertEqual(self.alike(self.bob, ADVERT.format(n=2)), set())
        self.assertTrue(traits.prune())
        self.assertEqual(set(Trait.objects.values_list("object_id", flat=True)), {waiting.pk})
        self.assertNotIn(old.pk, Trait.objects.values_list("object_id", flat=True))


class GroupTests(CastTestCase):
    def hold(self, author, text, address=""):
        comment = make_comment(self.article, author, body=text, state=State.HELD)
        return settle(
            comment,
            "comment",
            Contribution(author, text, address=address),
            Verdict(True, 1, ["first"]),
        )

    def newcomer(self, name, hours=0):
        joined = timezone.now().replace(minute=30) - timedelta(hours=hours)
        return make_member(
            name, standing=Member.Standing.PENDING, approved_count=0, date_joined=joined
        )

    def groups(self, *cases):
        return [Case.objects.get(pk=case.pk).group for case in cases]

    def test_same_text_same_host_same_network_stand_together(self):
        text = [self.hold(self.newcomer(f"t{n}", n * 3), ADVERT.format(n=n)) for n in range(2)]
        host = [
            self.hold(self.newcomer(f"h{n}", n * 3), f"{n} http://x{n}.shop.example")
            for n in range(2)
        ]
        net = [
            self.hold(self.newcomer(f"n{n}", n * 3), f"Hello {n}", f"2001:db8:0:1::{n + 1}")
            for n in range(2)
        ]
        alone = self.hold(self.newcomer("alone", 20), "Something else")
        found = [self.groups(*pair) for pair in (text, host, net)]
        self.assertEqual([len(set(pair)) for pair in found], [1, 1, 1])
        self.assertEqual(len({pair[0] for pair in found} | set(self.groups(alone))), 4)

    def test_a_crowd_of_one_hour_stands_together_and_two_do_not(self):
        few = [self.hold(self.newcomer(f"few{n}", 30), f"Nothing alike {n}") for n in range(2)]
        self.assertEqual(len(set(self.groups(*few))), 2)
        crowd = [self.hold(self.newcomer(f"crowd{n}", 50), f"Nothing alike {n}") for n in range(6)]
        self.assertEqual(len(set(self.groups(*crowd[3:]))), 1)

    def test_a_dormitory_ties_nothing(self):
        make_comment(self.article, self.alice)
        traits.keep(self.comment, Contribution(self.alice, "x"), ["net:192.0.2.1/32"])
        cases = [self.hold(self.newcomer(f"d{n}", n * 3), f"Hi {n}", "192.0.2.1") for n in range(2)]
        self.assertEqual(len(set(self.groups(*cases))), 2)

    def test_who_ties_two_groups_makes_one(self):
        one = self.hold(self.newcomer("one", 3), ADVERT.format(n=1))
        two = self.hold(self.newcomer("two", 6), ZH.format(n=1))
        both = self.hold(self.newcomer("both", 9), ADVERT.format(n=5))
        self.assertEqual(len(set(self.groups(one, both))), 1)
        self.assertNotEqual(*self.groups(one, two))
        traits.keep(
            two.subject, Contribution(two.member, "x"), traits.bands(fold(ADVERT.format(n=1)))
        )
        tie = self.hold(self.newcomer("tie", 12), ADVERT.format(n=7))
        self.assertEqual(len(set(self.groups(one, two, both, tie))), 1)
