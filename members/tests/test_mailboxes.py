"""Addresses as they are typed, mistyped and meant."""

from django.test import SimpleTestCase

from members import mailboxes


class TypedTests(SimpleTestCase):
    def test_chinese_keyboards_and_compatibility_forms_are_folded(self):
        for typed in ("ｌｉ＠ｑｑ．ｃｏｍ", "li@qq。com", " li＠qq｡com ", "li@qq.com"):
            with self.subTest(typed=typed):
                self.assertEqual(mailboxes.tidy(typed), "li@qq.com")

    def test_letters_that_fold_into_ascii_are_ascii(self):
        self.assertEqual(mailboxes.tidy("mi\u212ae@example.org"), "miKe@example.org")
        self.assertEqual(mailboxes.tidy("alice\u017f@example.org"), "alices@example.org")

    def test_other_letters_stay_what_they_are(self):
        for email in ("аlice@example.org", "alice@ехample.org", "li@中国.example"):
            with self.subTest(email=email):
                self.assertEqual(mailboxes.tidy(email), email)

    def test_what_mail_can_reach(self):
        for email in ("li@x.org", "a+b@x.org", "a.b@x.org", "o'brien@x.org", "li@中国.example"):
            with self.subTest(email=email):
                self.assertTrue(mailboxes.can_get_mail(email))
        for email in ("аlice@x.org", "李@x.org", '"\x01"@x.org', '"a b"@x.org', "a\n@x.org"):
            with self.subTest(email=email):
                self.assertFalse(mailboxes.can_get_mail(email))


class MeantTests(SimpleTestCase):
    def test_mistyped_domains(self):
        for typed, meant in {
            "li@gmial.com": "li@gmail.com",
            "li@GMAIL.con": "li@gmail.com",
            "li@qq.con": "li@qq.com",
            "li@163.con": "li@163.com",
            "li+a@126.cm": "li+a@126.com",
            "li@hotmial.com": "li@hotmail.com",
            "li@isu.eud": "li@isu.edu",
        }.items():
            with self.subTest(typed=typed):
                self.assertEqual(mailboxes.meant(typed), meant)

    def test_others_are_left_alone(self):
        for email in ("li@gmail.com", "li@qq.com", "li@example.con", "li@mail.com", "", "@", "li"):
            with self.subTest(email=email):
                self.assertEqual(mailboxes.meant(email), "")

    def test_nothing_right_is_taken_for_a_mistake(self):
        self.assertEqual(set(mailboxes.MISTYPED) & set(mailboxes.MISTYPED.values()), set())


class DomainTests(SimpleTestCase):
    def test_a_domain_and_all_below(self):
        for email in (
            "li@isu.edu",
            "li@cs.isu.edu",
            "li@a.b.isu.edu",
            "li@ISU.EDU",
            "li@isu.edu.",
            "li@ｉｓｕ.edu",
            '"@evil.example"@isu.edu',
        ):
            with self.subTest(email=email):
                self.assertTrue(mailboxes.is_at_one_of(email, "isu.edu"))

    def test_nothing_that_only_looks_like_it(self):
        for email in (
            "li@notisu.edu",
            "li@isu.edu.example",
            "li@isu.education",
            "li@edu",
            "isu.edu@example.org",
            "li@isu.edu@example.org",
            "li@іsu.edu",  # a Cyrillic letter
            "li@isu-edu",
            "li@",
            "",
            "li@" + "x" * 70 + ".isu.edu",  # no label is as long
        ):
            with self.subTest(email=email):
                self.assertFalse(mailboxes.is_at_one_of(email, "isu.edu"))

    def test_however_the_webmaster_writes_them(self):
        for domains in (
            "example.org\nISU.edu",
            "@isu.edu",
            ".isu.edu",
            " isu.edu. \r\n",
            "\n\nisu.edu",
        ):
            with self.subTest(domains=domains):
                self.assertTrue(mailboxes.is_at_one_of("li@cs.isu.edu", domains))

    def test_international_names_in_both_spellings(self):
        for email in ("li@大学.example", "li@xn--pss25c.example"):
            for domains in ("大学.example", "xn--pss25c.example"):
                with self.subTest(email=email, domains=domains):
                    self.assertTrue(mailboxes.is_at_one_of(email, domains))

    def test_no_domains_trust_nobody(self):
        for domains in ("", "\n", ".", "@", " . "):
            with self.subTest(domains=domains):
                self.assertFalse(mailboxes.is_at_one_of("li@isu.edu", domains))
                self.assertFalse(mailboxes.is_at_one_of("li@", domains))


class ComputerTests(SimpleTestCase):
    def test_addresses(self):
        for address, known in {
            "192.0.2.1": "192.0.2.1",
            "::ffff:192.0.2.1": "192.0.2.1",
            "2001:db8::0:1": "2001:db8::1",
            "": None,
            None: None,
            "unknown": None,
            "10.0.0.1:4711": None,
            "1.2.3.4\0": None,
            "x" * 100_000: None,
        }.items():
            with self.subTest(address=address and address[:20]):
                self.assertEqual(mailboxes.computer(address), known)

    def test_networks(self):
        self.assertEqual(str(mailboxes.network("192.0.2.1")), "192.0.2.1/32")
        self.assertEqual(str(mailboxes.network("2001:db8:1:2:3::4")), "2001:db8:1:2::/64")
        self.assertIsNone(mailboxes.network("unknown"))
