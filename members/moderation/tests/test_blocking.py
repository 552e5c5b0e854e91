"""The block list: what it takes, what it meets, and whom it never meets."""

from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.moderation import blocking
from members.moderation.filtering import Contribution, check, traits
from members.moderation.models import BlockRule


class BlockingTestCase(CastTestCase):
    def block(self, kind, value, **more):
        if kind == "network":
            more.setdefault("expires_at", timezone.now() + timedelta(hours=24))
        rule = BlockRule.objects.create(kind=kind, value=blocking.normal(kind, value), **more)
        cache.clear()
        return rule


class NormalTests(BlockingTestCase):
    def test_one_form_for_each(self):
        for kind, typed, kept in (
            ("host", "https://Shop.Example/path", "shop.example"),
            ("host", " shop.example. ", "shop.example"),
            ("host", "例子.example", "xn--fsqu00a.example"),
            ("mail", "somebody@Spam.Example", "spam.example"),
            ("phrase", "  加 薇 信  详谈", "加薇信详谈"),
            ("phrase", "Official   WebSite", "official website"),
            ("network", "192.0.2.7", "192.0.2.7/32"),
            ("network", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
            ("network", "2001:db8:1:2:3::4/128", "2001:db8:1:2::/64"),
            ("network", "2001:db8:1:2::/56", "2001:db8:1::/56"),
            ("network", "::ffff:192.0.2.7", "192.0.2.7/32"),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(blocking.normal(kind, typed), kept)
                self.assertEqual(blocking.normal(kind, kept), kept)

    @override_settings(SITE_URL="https://caisu.example.org")
    def test_what_would_meet_too_many_is_refused(self):
        for kind, typed in (
            ("host", ""),
            ("host", "shop"),
            ("host", "not a domain"),
            ("host", "caisu.example.org"),
            ("host", "example.org"),
            ("host", "isu.edu"),
            ("mail", "qq.com"),
            ("mail", "isu.edu"),
            ("phrase", "a"),
            ("phrase", "\u200b"),
            ("network", "0.0.0.0/0"),
            ("network", "10.0.0.0/8"),
            ("network", "2001:db8::/32"),
            ("network", "home"),
        ):
            with self.subTest(typed=typed), self.assertRaises(ValidationError):
                blocking.normal(kind, typed)

    def test_a_dormitory_is_never_blocked(self):
        traits.keep(self.comment, Contribution(self.alice, "x"), ["net:192.0.2.9/32"])
        for typed in ("192.0.2.9", "192.0.2.0/24"):
            with self.assertRaises(ValidationError):
                blocking.normal("network", typed)
        self.assertEqual(blocking.normal("network", "192.0.3.9"), "192.0.3.9/32")
        self.bob.signed_up_from, self.bob.last_seen_on = "2001:db8:0:7::1", timezone.localdate()
        self.bob.save()
        with self.assertRaises(ValidationError):
            blocking.normal("network", "2001:db8:0:7::")

    def test_a_network_has_an_end(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            BlockRule.objects.create(kind="network", value="192.0.2.7/32")


class MeetingTests(BlockingTestCase):
    def test_hosts_exact_and_below_and_nothing_that_ends_alike(self):
        self.block("host", "site.example")
        for text, met in (
            ("http://site.example/x", True),
            ("see www.site.example", True),
            ("SITE . EXAMPLE", True),
            ("http://evil-site.example", False),
            ("http://site.example.evil.example", False),
            ("http://site.example@other.example", False),
            ("site", False),
        ):
            with self.subTest(text=text):
                self.assertEqual(bool(blocking.met_by(text)), met)

    def test_phrases_in_disguise(self):
        self.block("phrase", "加薇信详谈")
        self.assertTrue(blocking.met_by("想要的 加 薇\u200b 信 详 谈 哦"))
        self.assertFalse(blocking.met_by("加微信"))

    def test_networks_and_mail_domains(self):
        self.block("network", "192.0.2.7")
        self.block("network", "2001:db8:1:2::1")
        self.block("mail", "spam.example")
        self.assertTrue(blocking.met_by("", "192.0.2.7"))
        self.assertTrue(blocking.met_by("", "::ffff:192.0.2.7"))
        self.assertFalse(blocking.met_by("", "192.0.2.70"))
        self.assertTrue(blocking.met_by("", "2001:db8:1:2:ffff::9"))
        self.assertFalse(blocking.met_by("", "2001:db8:1:3::9"))
        self.assertTrue(blocking.met_by("", "", "x@mail.spam.example"))
        self.assertFalse(blocking.met_by("", "nonsense", "x@notspam.example"))

    def test_hits_are_counted_and_an_end_ends(self):
        rule = self.block(
            "phrase", "cheap watches", expires_at=timezone.now() + timedelta(minutes=1)
        )
        blocking.met_by("Cheap watches here")
        rule.refresh_from_db()
        self.assertEqual(rule.hits, 1)
        self.assertTrue(rule.last_hit_at)
        BlockRule.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        cache.clear()
        self.assertFalse(blocking.met_by("Cheap watches here"))
        BlockRule.objects.update(expires_at=timezone.now() - timedelta(days=91))
        self.assertEqual(blocking.prune(), 1)

    def test_everybody_but_staff_waits(self):
        self.block("phrase", "cheap watches")
        self.assertTrue(check(Contribution(self.alice, "cheap watches")).holds)
        self.assertIn("blocked", check(Contribution(self.alice, "cheap watches")).reasons)
        self.assertFalse(check(Contribution(self.mona, "cheap watches")).holds)

    def test_without_a_hit_it_costs_no_query(self):
        self.block("phrase", "cheap watches")
        blocking.met_by("warm")
        with self.assertNumQueries(0):
            blocking.met_by("Hello http://a.example", "192.0.2.7", "a@b.example")


class OfferTests(BlockingTestCase):
    def test_what_they_used_and_nobody_else(self):
        eve = make_member(
            "eve", email="eve@spam.example", signed_up_from="192.0.2.7", approved_count=0
        )
        contribution = Contribution(
            eve, "http://a.shop.example and www.isu.edu", address="192.0.2.8"
        )
        traits.keep(self.comment, contribution, traits.of(contribution))
        other = make_comment(self.article, self.alice)
        traits.keep(other, Contribution(self.alice, "x"), ["net:192.0.2.8/32"])
        offered = {(rule.kind, rule.value) for rule in blocking.offered([eve])}
        self.assertEqual(
            offered,
            {("host", "shop.example"), ("network", "192.0.2.7/32"), ("mail", "spam.example")},
        )
        ends = {rule.kind: rule.expires_at for rule in blocking.offered([eve])}
        self.assertIsNone(ends["host"])
        self.assertLess(ends["network"] - timezone.now(), timedelta(hours=24, minutes=1))
