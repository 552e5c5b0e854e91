"""What a member says of themselves, and what they cannot say."""

from datetime import timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.utils import timezone

from caisu.core.models import Audience
from caisu.tests.cast import make_member
from members import profiles
from members.models import FormerHandle, Member

from .entrance import EntranceTestCase, path

FILLED = {
    "display_name": "林小满",
    "username": "alice",
    "bio": "Line one\r\nline two",
    "affiliation": "student",
    "department": "生物科学",
    "province": "SC",
    "hometown": "成都",
    "arrived": "2023",
    "languages": ["en", "cmn"],
    "link_1": "https://alice.example/",
    "link_2": "",
    "link_3": "",
    "wechat": "alice_chengdu",
    **{
        f"{name}_audience": "members"
        for name in Member.PRIVATE_FIELDS
        if name not in {"avatar", "email"}
    },
    "wechat_audience": "nobody",
}


class ProfileFormTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.page = path("members:edit_profile")

    def row(self, member=None):
        return Member.objects.get(pk=(member or self.alice).pk)

    def save(self, who=None, **changes):
        self.login(who or self.alice)
        return self.client.post(self.page, {**FILLED, **changes})

    def codes(self, field, **changes):
        """The codes of the errors of a field, if these values are sent."""
        response = self.save(**changes)
        self.assertEqual(response.status_code, 200)
        return [error.code for error in response.context["form"].errors.as_data().get(field, [])]

    def test_everything_is_kept(self):
        self.assertRedirects(self.save(), self.page)
        alice = self.row()
        self.assertEqual(alice.display_name, "林小满")
        self.assertEqual(alice.bio, "Line one\nline two")
        self.assertEqual(alice.arrived, 2023)
        self.assertEqual(alice.languages, ["cmn", "en"])
        self.assertEqual(alice.links, ["https://alice.example/"])
        self.assertEqual((alice.province, alice.hometown), ("SC", "成都"))
        self.assertEqual((alice.wechat, alice.wechat_audience), ("alice_chengdu", Audience.NOBODY))

    def test_page_shows_it_in_both_languages(self):
        self.save()
        for language in ("en", "zh-hans"):
            response = self.client.get(path("members:edit_profile", language=language))
            self.assertContains(response, 'value="alice_chengdu"')
            self.assertContains(response, 'value="https://alice.example/"')

    def test_everything_can_be_emptied(self):
        self.save()
        names = ["bio", "affiliation", "department", "province", "hometown", "arrived"]
        self.save(**dict.fromkeys([*names, "link_1", "wechat"], ""), languages=[])
        alice = self.row()
        self.assertEqual([getattr(alice, name) for name in names], ["", "", "", "", "", None])
        self.assertEqual((alice.links, alice.languages, alice.wechat), ([], [], ""))

    def test_visitor_is_asked_to_log_in(self):
        self.login(None)
        for answer in (self.client.get(self.page), self.client.post(self.page, FILLED)):
            self.assertRedirects(
                answer, f"{path('account_login')}?next={self.page}", fetch_redirect_response=False
            )

    def test_newcomer_changes_their_name_only(self):
        self.login(self.nina)
        self.assertNotContains(self.client.get(self.page), 'name="bio"')
        self.assertRedirects(self.save(self.nina, username="ninotchka"), self.page)
        nina = self.row(self.nina)
        self.assertEqual((nina.display_name, nina.username, nina.bio), ("林小满", "nina", ""))

    def test_other_methods_are_refused(self):
        self.login(self.alice)
        self.assertEqual(self.client.put(self.page).status_code, 405)

    def test_forged_fields_change_nothing(self):
        before = self.row(self.bob)
        self.save(
            self.bob,
            username="bob",
            pk=self.alice.pk,
            id=self.alice.pk,
            is_staff="on",
            is_superuser="on",
            is_active="",
            standing="banned",
            email="root@example.org",
            approved_count=99,
            visibility="everyone",
            email_audience="everyone",
            date_joined="2001-01-01",
            groups="1",
            password="x",
            vouched_by=self.root.pk,
            avatar="avatars/x.webp",
        )
        after = self.row(self.bob)
        said = {"display_name", "bio", "affiliation", "department", "province", "hometown"}
        said |= {
            "arrived",
            "languages",
            "links",
            "wechat",
            "wechat_audience",
            "last_seen_on",
            "last_login",
        }
        for field in Member._meta.concrete_fields:
            if field.name not in said:
                with self.subTest(field=field.name):
                    self.assertEqual(getattr(after, field.attname), getattr(before, field.attname))
        self.assertFalse(after.groups.exists())
        self.assertEqual(self.row(self.alice).display_name, "Alice")

    def test_verb_takes_only_what_is_theirs(self):
        for name in ("is_staff", "standing", "email", "avatar", "pk"):
            with self.subTest(name=name), self.assertRaises(ValueError):
                profiles.save(self.alice, {name: "x"})

    def test_verb_says_what_changed(self):
        self.assertEqual(profiles.save(self.alice, {"bio": "Hi", "hometown": ""}), ["bio"])
        self.assertEqual(profiles.save(self.alice, {"bio": "Hi"}), [])
        self.assertEqual(self.alice.bio, "Hi")

    def test_bad_input_keeps_everything_typed(self):
        typed = {
            "display_name": "管理员",
            "username": "Not A Handle",
            "bio": "b" * 1001,
            "arrived": "next year",
            "link_2": "javascript:alert(1)",
            "wechat": "微信号",
            "hometown": "Kept town",
        }
        response = self.save(**typed)
        self.assertEqual(response.status_code, 200)
        for value in typed.values():
            self.assertContains(response, value)
        self.assertContains(response, 'aria-invalid="true"')
        # The rest of the page still knows who is here.
        self.assertContains(response, "Alice")
        self.assertEqual(self.row().hometown, "")

    def test_names_that_cannot_be_seen_or_pass_for_staff_are_refused(self):
        for name, code in {
            "аdmin": "official",  # Cyrillic а
            "管理员": "official",
            "W3bmaster": "official",
            "An\u200bna": "invisible",
            "Anna\u202eecila": "invisible",
            "a" * 150: "max_length",
            "!!!": "letterless",
            " ": "required",
            "MONA": "official",  # the moderator's own name
            "Mоnа": "official",  # the same with Cyrillic о and а
            "m.o.n.a": "official",
        }.items():
            with self.subTest(name=name):
                self.assertEqual(self.codes("display_name", display_name=name), [code])
        self.assertEqual(self.row().display_name, "Alice")

    def test_name_of_another_member_is_free(self):
        self.assertEqual(self.save(display_name="Bob").status_code, 302)
        self.assertEqual(self.row().display_name, "Bob")

    def test_staff_may_be_called_what_they_are(self):
        self.assertEqual(
            self.save(self.mona, display_name="Moderator Mona", username="mona").status_code, 302
        )

    def test_name_that_was_there_before_the_rule_may_stay(self):
        Member.objects.filter(pk=self.alice.pk).update(display_name="小站长")
        self.assertEqual(self.save(display_name="小站长").status_code, 302)

    def test_years(self):
        next_year = timezone.localdate().year + 1
        for year in ("1946", str(next_year + 1), "-1", "99999", "2e3"):
            with self.subTest(year=year):
                self.assertTrue(self.codes("arrived", arrived=year))
        for year in ("1947", str(next_year), "２０２４"):
            with self.subTest(year=year):
                self.assertEqual(self.save(arrived=year).status_code, 302)
        self.assertEqual(self.row().arrived, 2024)

    def test_links_lead_to_the_web_only(self):
        for link in (
            "javascript:alert(1)",
            "ftp://alice.example/",
            "data:text/html,x",
            "https://isu.edu@evil.example/",
            "https://",
            "https://alice.example/" + "x" * 200,
            "https://alice.example/\u202e",
        ):
            with self.subTest(link=link):
                self.assertTrue(self.codes("link_2", link_2=link))

    def test_links_are_completed_and_kept_once(self):
        self.save(link_1="", link_2="alice.example", link_3="https://alice.example")
        self.assertEqual(self.row().links, ["https://alice.example"])

    def test_wechat_ids(self):
        for typed in ("short", "1digit", "a" * 21, "has space", "微信号码六七", "<script>"):
            with self.subTest(typed=typed):
                self.assertTrue(self.codes("wechat", wechat=typed))
        for typed in ("wxid_a1", "A-b_c-" + "9" * 14):
            with self.subTest(typed=typed):
                self.assertEqual(self.save(wechat=typed).status_code, 302)

    def test_unknown_choices_are_refused(self):
        for field, value in {
            "province": "XX",
            "languages": ["tlh"],
            "affiliation": "king",
            "bio_audience": "friends",
        }.items():
            with self.subTest(field=field):
                self.assertEqual(self.codes(field, **{field: value}), ["invalid_choice"])

    def test_so_often_in_an_hour(self):
        for number in range(30):
            self.assertEqual(self.save(hometown=f"Town {number}").status_code, 302)
        self.assertEqual(self.save(hometown="One more").status_code, 429)


class HandleChangeTests(EntranceTestCase):
    def rename(self, member, handle):
        return profiles.save(member, {"username": handle})

    def refusal(self, member, handle):
        with self.assertRaises(ValidationError) as caught:
            self.rename(member, handle)
        return caught.exception.code

    def give_up(self, member, handle, days):
        former = FormerHandle.objects.create(handle=handle, member=member)
        at = timezone.now() - timedelta(days=days)
        FormerHandle.objects.filter(pk=former.pk).update(given_up_at=at)

    def test_old_one_is_kept_for_its_owner(self):
        self.assertEqual(self.rename(self.alice, "xiaoman"), ["username"])
        self.assertEqual(FormerHandle.objects.get().handle, "alice")
        self.assertEqual(Member.objects.by_handle("alice"), self.alice)
        self.assertEqual(self.refusal(self.bob, "alice"), "unique")
        self.assertEqual(Member.objects.free_handle("Alice"), "alice2")

    def test_one_in_a_month(self):
        self.give_up(self.alice, "alicia", days=29)
        self.assertEqual(self.refusal(self.alice, "xiaoman"), "too_soon")
        FormerHandle.objects.update(given_up_at=timezone.now() - timedelta(days=30, seconds=1))
        self.assertEqual(self.rename(self.alice, "xiaoman"), ["username"])

    def test_own_old_one_comes_back_at_any_time(self):
        self.rename(self.alice, "xiaoman")
        self.assertEqual(self.rename(self.alice, "alice"), ["username"])
        self.assertEqual(FormerHandle.objects.get().handle, "xiaoman")
        self.assertEqual(self.refusal(self.alice, "third"), "too_soon")

    def test_taken_and_reserved_ones_are_refused(self):
        self.assertEqual(self.refusal(self.alice, "bob"), "unique")
        for handle in ("settings", "me", "caisu", "admin1", "the-webmaster", "m0derator"):
            with self.subTest(handle=handle):
                self.assertEqual(self.refusal(self.alice, handle), "official")

    def test_form_says_so(self):
        self.login(self.alice)
        page = path("members:edit_profile")
        for handle in ("bob", "Alice", "-a", "李", "a" * 31, "webmaster"):
            with self.subTest(handle=handle):
                response = self.client.post(page, {**FILLED, "username": handle})
                self.assertIn("username", response.context["form"].errors)
        self.client.post(page, {**FILLED, "username": "xiaoman"})
        self.assertEqual(Member.objects.get(pk=self.alice.pk).username, "xiaoman")

    def test_somebody_faster_wins(self):
        rival = make_member("rival")
        Member.objects.filter(pk=rival.pk).update(username="xiaoman")
        with mock.patch.object(profiles, "check_handle"):  # asked before the rival took it
            self.assertEqual(self.refusal(self.alice, "xiaoman"), "unique")
        self.assertFalse(FormerHandle.objects.exists())
