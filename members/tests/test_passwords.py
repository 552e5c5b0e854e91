"""Which passwords are good enough, and what is said to those that are not."""

import time
import unicodedata

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, SimpleTestCase
from django.utils.translation import override

from caisu.tests.cast import PASSWORD
from members import passwords
from members.models import Member

from .entrance import EntranceTestCase, code_in, mails, path

GOOD = [
    PASSWORD,
    "blue kettle seven moose",
    "dragon monkey sunshine",
    "青椒三只地铁很慢还有两杯茶",
    "k7fqbcq2mzx9",
    " spaces at both ends ",
    "naïve façade été",
    "🥟🚲🌲🦆🥟🚲🌵🦌🧊🪁🛶🎻",
    "x" * 3 + "v9#Lq2!mZt" * 40,
]
COMMON = [
    "password1234",
    "P@ssw0rd1234",
    "passwordpassword",
    "iloveyou iloveyou",
    "woaini1314520",
    "woaini5201314",
    "5201314520131",
    "wo-ai-ni-1314520",
    "qq1234567890",
    "qq13812345678",
    "liuyang13812345678",
    "zhangwei19900315",
    "zhangwei1990-3-15",
    "163.com163.com",
    "1qaz2wsx3edc",
    "!QAZ@WSX3edc",
    "zaq1xsw2cde3",
    "qwertyuiop123",
    "1q2w3e4r5t6y",
    "123456789012",
    "aaaaaaaaaaaa",
    "a" * 1000,
    "abcabcabcabc",
    "abcdefghijklm",
    "haohaoxuexitiantianxiangshang",
    "woyaohaohaoxuexi",
    "我爱你我爱你我爱你我爱你",
    "ＰＡＳＳＷＯＲＤ１２３４",
    "correcthorsebatterystaple",
    "caisu.pocatello",
    "IdahoState2026",
    "GoBengals2026!",
    "chineseassociation",
    "爱达荷州立大学学联欢迎留学生",
]


class RulesTests(SimpleTestCase):
    def reason(self, password, user=None):
        """Why it is refused: a code and a sentence; None if it is not."""
        with override("en"):
            try:
                validate_password(password, user)
            except ValidationError as refused:
                (error,) = refused.error_list
                return error.code, error.messages[0]
        return None

    def test_long_ones_that_follow_no_pattern_are_good(self):
        for password in GOOD:
            with self.subTest(password=password[:40]):
                self.assertIsNone(self.reason(password))

    def test_what_many_people_use_is_refused_in_one_sentence_that_says_what_to_do(self):
        for password in COMMON:
            with self.subTest(password=password[:40]):
                code, words = self.reason(password)
                self.assertEqual(code, "common")
                self.assertIn("three or four unrelated words make a good one.", words)

    def test_short_ones_are_told_how_much_is_missing(self):
        code, words = self.reason("x7!kQ")
        self.assertEqual(code, "too_short")
        self.assertIn("7 more characters", words)
        self.assertIn("1 more character,", self.reason("x7!kQm2$vLp")[1])
        self.assertEqual(self.reason("")[0], "too_short")

    def test_length_is_counted_in_characters_however_they_are_encoded(self):
        eleven, twelve = "émülßørkæþq", "émülßørkæþqz"
        for form in ("NFC", "NFD"):
            self.assertEqual(self.reason(unicodedata.normalize(form, eleven))[0], "too_short")
            self.assertIsNone(self.reason(unicodedata.normalize(form, twelve)))

    def test_longest_is_a_thousand(self):
        self.assertIsNone(self.reason("v9#Lq2!mZt" * 100))
        self.assertEqual(self.reason("v9#Lq2!mZt" * 100 + "x")[0], "too_long")

    def test_nothing_is_asked_of_the_kinds_of_characters(self):
        for password in ("kfqbcqmzxwvt", "KFQBCQMZXWVT", "483916275568", "#%^&§±~¤¬¦¡¿"):
            with self.subTest(password=password):
                self.assertIsNone(self.reason(password))

    def test_own_name_handle_and_address_are_refused(self):
        li = Member(
            username="rubber-duck7", display_name="张彤彤 Teresa", email="nordlicht.tt@gmail.com"
        )
        for password in (
            "rubber-duck7!x",
            "rubberduck72026",
            "nordlicht.tt99",
            "Nordlicht-Teresa",
            "teresa19990101",
            "张彤彤teresa123",
            "zhangtongtong77",
            "N0rdlicht2026!",
        ):
            with self.subTest(password=password):
                self.assertIn(self.reason(password, li)[0], {"own", "common"})
        self.assertEqual(self.reason("rubber-duck7!x", li)[0], "own")
        self.assertIn("your name or address", self.reason("rubber-duck7!x", li)[1])
        self.assertIsNone(self.reason("rubber-duck7!x"))
        self.assertIsNone(self.reason("teresa likes paper boats", li))

    def test_member_without_name_or_address_is_no_obstacle(self):
        self.assertIsNone(self.reason(GOOD[0], Member()))

    def test_longest_password_is_reckoned_quickly(self):
        started = time.perf_counter()
        passwords.points("ab1!" * 250)
        passwords.points("woaini" * 160)
        self.assertLess(time.perf_counter() - started, 2)

    def test_list_is_folded_and_has_no_doubles(self):
        text = passwords.LIST.read_text("utf-8").partition("[walks]")[0]
        lines = [line for line in text.splitlines() if line and line[0] not in "#["]
        self.assertEqual(len(lines), len(set(lines)))
        for line in lines:
            self.assertEqual(line, passwords.fold(line))
        self.assertLessEqual(max(map(len, passwords.known().words)), passwords.LONGEST_PIECE)


class HashTests(EntranceTestCase):
    """One password is one password, whatever keyboard sent it."""

    COMPOSED = "été à la montagne"

    def setUp(self):
        super().setUp()
        self.decomposed = unicodedata.normalize("NFD", self.COMPOSED)
        self.assertNotEqual(self.COMPOSED, self.decomposed)

    def test_sign_up_on_one_keyboard_login_on_another(self):
        self.type_code(self.sign_up_and_read_code(password1=self.decomposed))
        for typed in (self.COMPOSED, self.decomposed):
            client = Client()
            self.log_in("li@example.org", typed, client=client)
            self.assertIsNotNone(self.is_in(client))

    def test_nothing_else_is_changed(self):
        self.alice.set_password(" Two  spaces Ａ ")
        self.alice.save()
        for typed in ("Two  spaces Ａ", " Two spaces Ａ ", " Two  spaces A ", " two  spaces ａ "):
            self.assertFalse(self.alice.check_password(typed))
        self.assertTrue(self.alice.check_password(" Two  spaces Ａ "))

    def test_sign_up_refuses_the_own_name_once(self):
        response = self.sign_up(display_name="Wolfgang Amadeus", password1="wolfgangamadeus")
        self.assertEqual(len(response.context["form"].errors["password1"]), 1)
        self.assertFalse(Member.objects.filter(email="li@example.org").exists())

    def test_sign_up_page_helps_the_password_manager_and_hinders_no_paste(self):
        page = self.client.get(path("account_signup"))
        self.assertContains(page, 'autocomplete="new-password"')
        self.assertContains(page, 'id="password-words"')
        self.assertNotContains(page, "onpaste")
        self.assertNotContains(page, 'maxlength="12"')
        self.assertContains(
            self.client.get(path("account_login")), 'autocomplete="current-password"'
        )


class GuessingTests(EntranceTestCase):
    """A hundred wrong passwords in a row close the password, and nothing else."""

    def guess(self, times, login="alice"):
        for _guess in range(times):
            self.log_in(login, "not the password", client=Client())

    def wrong_passwords(self):
        return Member.objects.get(pk=self.alice.pk).wrong_passwords

    def test_wrong_ones_are_counted_by_handle_and_by_address_and_forgiven_by_the_right_one(self):
        self.guess(2)
        self.guess(2, "Alice@Example.org")
        self.assertEqual(self.wrong_passwords(), 4)
        self.assertEqual(Member.objects.get(pk=self.bob.pk).wrong_passwords, 0)
        self.log_in("alice")
        self.assertEqual(self.wrong_passwords(), 0)

    def test_hundredth_closes_it_and_says_so_once(self):
        Member.objects.filter(pk=self.alice.pk).update(wrong_passwords=98)
        inside = Client()
        self.log_in("alice", client=inside)
        self.assertEqual(self.wrong_passwords(), 0)
        Member.objects.filter(pk=self.alice.pk).update(wrong_passwords=99)
        self.guess(3)
        self.assertEqual(self.wrong_passwords(), 100)
        (message,) = mails()
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertIn("Your password is closed", message.subject)
        self.assertIn(path("account_reset_password"), message.body)
        right, wrong = self.log_in("alice"), self.log_in("alice", "not the password")
        self.assertEqual(right.status_code, 200)
        self.assertEqual(
            right.context["form"].non_field_errors(), wrong.context["form"].non_field_errors()
        )
        self.assertTrue(inside.get("/en/").wsgi_request.user.is_authenticated)

    def test_code_still_logs_in_and_a_new_password_opens_it(self):
        Member.objects.filter(pk=self.alice.pk).update(wrong_passwords=100)
        client = Client()
        on = client.post(path("account_request_login_code"), {"email": "alice@example.org"})
        client.post(on["Location"], {"code": code_in(mails()[-1])})
        self.assertIsNotNone(self.is_in(client))
        on = self.client.post(path("account_reset_password"), {"email": "alice@example.org"})
        on = self.client.post(on["Location"], {"code": code_in(mails()[-1])})
        new = "a new and long password"
        self.client.post(on["Location"], {"password1": new, "password2": new})
        self.assertEqual(self.wrong_passwords(), 0)
        self.assertRedirects(self.log_in("alice", new, client=Client()), "/en/")

    def test_unknown_names_are_counted_nowhere(self):
        self.guess(3, "nobody@example.org")
        self.guess(3, "nobody")
        self.assertFalse(Member.objects.filter(wrong_passwords__gt=0).exists())
