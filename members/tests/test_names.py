"""Display names in any script, handles in ASCII."""

from allauth.account.forms import SignupForm
from django.core.exceptions import ValidationError
from django.test import TestCase

from caisu.tests.cast import make_member
from members.models import Member
from members.names import RESERVED, handle_from, look_alike, validate_handle

from .entrance import SIGNUP, EntranceTestCase


class DisplayNameTests(TestCase):
    def name(self, typed):
        """The name as the sign-up takes it, or the code of its error."""
        form = SignupForm({**SIGNUP, "display_name": typed})
        if form.is_valid():
            return form.cleaned_data["display_name"]
        return form.errors.as_data()["display_name"][0].code

    def test_names_of_people_are_taken_as_they_are(self):
        for name in (
            "张伟",
            "張偉",
            "Anna Smith",
            "Zoë O’Neill-Łuczak",
            "アンナ",
            "안나",
            "Анна",
            "นภา",
            "Anna 😀",
            "7",
            "a" * 40,
            "华" * 40,
        ):
            with self.subTest(name=name):
                self.assertEqual(self.name(name), name)

    def test_spaces_are_made_one(self):
        self.assertEqual(self.name("  Anna \u3000 Smith "), "Anna Smith")

    def test_what_cannot_be_seen_is_refused(self):
        for name, hidden in {
            "right-to-left override": "Anna\u202eecila",
            "isolate": "\u2066Anna\u2069",
            "zero-width space": "An\u200bna",
            "zero-width joiner": "An\u200dna",
            "byte order mark": "\ufeffAnna",
            "soft hyphen": "An\u00adna",
            "tag": "Anna\U000e0041",
            "private use": "Anna\ue000",
            "control": "Anna\x07",
            "line separator": "Anna\u2028Smith",
            "Hangul filler": "\u3164",
            "half-width Hangul filler": "A\uffa0nna",
            "empty Braille cell": "Anna\u2800",
        }.items():
            with self.subTest(name=name):
                self.assertEqual(self.name(hidden), "invisible")

    def test_name_without_a_letter_is_refused(self):
        for name in ("😀", "!!!", "—", "❤️❤️", "《》"):
            with self.subTest(name=name):
                self.assertEqual(self.name(name), "letterless")

    def test_empty_and_too_long_are_refused(self):
        self.assertEqual(self.name(""), "required")
        self.assertEqual(self.name("  \u3000 "), "required")
        self.assertEqual(self.name("a" * 41), "max_length")
        self.assertEqual(self.name("Anna\0"), "invisible")

    def test_nobody_passes_for_staff(self):
        for name in (
            "Webmaster",
            "webmaster2",
            "The WebMaster of CAISU",
            "w e b m a s t e r",
            "ｗｅｂｍａｓｔｅｒ",
            "𝓌𝑒𝒷𝓂𝒶𝓈𝓉𝑒𝓇",
            "wébmàster",
            "wеbmаstеr",  # Cyrillic е and а
            "w3bmaster",
            "w.e.b-master",
            "Admin",
            "a d m i n",
            "admin Li",
            "Adm1n",
            "аdmin",  # Cyrillic а
            "Administrator",
            "site_admin",
            "Moderator",
            "mοderatοr",  # Greek ο
            "站长",
            "站 长",
            "李站长",
            "站長",
            "管理员小李",
            "管理員",
            "审核员",
            "官方账号",
            "CAISU",
            "caisu2026",
            "CAISU小助手",
            "学联",
            "ＣＡＩＳＵ",
        ):
            with self.subTest(name=name):
                self.assertEqual(self.name(name), "official")

    def test_people_whose_names_only_sound_like_it_are_let_in(self):
        for name in ("Cai Su", "Su Cai", "Caisulan", "Badminton Bob", "王学联", "Jasmin", "长站"):
            with self.subTest(name=name):
                self.assertEqual(self.name(name), name)

    def test_names_that_are_one_at_a_glance(self):
        for one, other in (
            ("莫娜 Mona", "莫娜-MONA"),
            ("Mona", "Mоnа"),  # Cyrillic о and а
            ("Mona", "M0na"),
            ("Mona", "Ｍｏｎａ"),
            ("Mona", "Móna."),
            ("站长老张", "站长 老张"),
        ):
            with self.subTest(one=one, other=other):
                self.assertTrue(look_alike(one, other))
        for one, other in (("Mona", "Monica"), ("莫娜", "莫那"), ("Mona Li", "Mona Lu")):
            with self.subTest(one=one, other=other):
                self.assertFalse(look_alike(one, other))


class HandleTests(EntranceTestCase):
    def test_handle_is_proposed_from_the_name(self):
        for name, handle in {
            "张伟": "zhangwei",
            "Anna Smith": "annasmith",
            "Zoë": "zoe",
            "ＡＮＮＡ": "anna",
            "李 Anna": "lianna",
            "😀": "member",
            "Анна": "member",
            "安娜" * 20: "annaannaannaannaannaanna",
            "2026": "2026",
        }.items():
            with self.subTest(name=name):
                self.assertEqual(handle_from(name), handle)
                validate_handle(handle)

    def test_second_of_a_name_gets_a_number(self):
        handles = []
        for _person in range(3):
            handle = Member.objects.free_handle("张伟")
            make_member(handle)
            handles.append(handle)
        self.assertEqual(handles, ["zhangwei", "zhangwei2", "zhangwei3"])

    def test_number_fits_behind_the_longest_handle(self):
        make_member("a" * 24)
        handle = Member.objects.free_handle("a" * 40)
        self.assertEqual(handle, "a" * 24 + "2")
        validate_handle(handle)

    def test_reserved_handles_are_given_to_nobody(self):
        for word in RESERVED:
            with self.subTest(word=word):
                self.assertNotIn(Member.objects.free_handle(word), RESERVED)

    def test_sign_up_never_makes_a_handle_from_the_address(self):
        self.sign_up(email="secret.name@example.org", display_name="Анна")
        self.assertEqual(Member.objects.get(email="secret.name@example.org").username, "member2")

    def test_handles_are_small_ascii(self):
        for handle in ("a", "a-b_c", "0", "a" * 30):
            validate_handle(handle)
        for handle in ("", "A", "-a", "a-", "a b", "李", "a" * 31, "a/b", "a@b"):
            with self.subTest(handle=handle), self.assertRaises(ValidationError):
                validate_handle(handle)
