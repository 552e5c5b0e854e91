"""A member's visiting card, and who may see which line of it."""

from caisu.core.models import Audience
from caisu.core.roles import WEBMASTER
from caisu.tests.cast import make_member
from members.models import Member

from .entrance import EntranceTestCase, path

CLOSED = (
    Member.Standing.PENDING,
    Member.Standing.SUSPENDED,
    Member.Standing.BANNED,
    Member.Standing.LEFT,
)


class ProfileTests(EntranceTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)
        cls.carol = make_member(
            "carol", bio="Canary bio", department="Canary physics", hometown="Canary town"
        )

    def show(self, **changes):
        Member.objects.filter(pk=self.carol.pk).update(**changes)
        self.carol.refresh_from_db()

    def get(self, who, member=None):
        self.login(who)
        return self.client.get(self.address(member or self.carol))

    def assertStatuses(self, member, expected):
        for who, status in expected.items():
            with self.subTest(who=who, standing=member.standing, visibility=member.visibility):
                response = self.get(who, member)
                self.assertEqual(response.status_code, status)
                if status != 200:
                    self.assertNotIn("Canary", response.content.decode())
                if status == 302:
                    self.assertIn("/accounts/login/?next=", response["Location"])

    def test_for_everyone(self):
        self.show(visibility=Audience.EVERYONE)
        everybody = [None, self.nina, self.bob, self.carol, self.wei, self.mona, self.wanda]
        self.assertStatuses(self.carol, dict.fromkeys(everybody, 200))

    def test_for_members(self):
        self.show(visibility=Audience.MEMBERS)
        members = [self.bob, self.carol, self.wei, self.mona, self.wanda]
        self.assertStatuses(self.carol, {None: 302, self.nina: 404, **dict.fromkeys(members, 200)})

    def test_for_nobody(self):
        self.show(visibility=Audience.NOBODY)
        self.assertStatuses(
            self.carol,
            {
                **dict.fromkeys([None, self.nina, self.bob, self.wei], 404),
                **dict.fromkeys([self.carol, self.mona, self.wanda], 200),
            },
        )

    def test_of_the_pending_and_closed_is_unknown_to_all_but_those_who_decide(self):
        for standing in CLOSED:
            member = make_member(
                f"some-{standing}",
                standing=standing,
                visibility=Audience.EVERYONE,
                bio="Canary",
                suspended_until="2100-01-01T00:00Z" if standing == "suspended" else None,
            )
            self.assertStatuses(
                member,
                {
                    **dict.fromkeys([None, self.nina, self.bob, self.wei], 404),
                    **dict.fromkeys([self.mona, self.wanda], 200),
                },
            )

    def test_pending_member_sees_their_own(self):
        self.assertEqual(self.get(self.nina, self.nina).status_code, 200)

    def test_hidden_one_answers_as_one_that_does_not_exist(self):
        self.show(visibility=Audience.NOBODY)
        hidden = self.get(self.bob)
        missing = self.client.get(path("members:profile", "carolx"))
        self.assertEqual(missing.status_code, 404)
        neutral = [
            response.content.decode().replace("carolx", "X").replace("carol", "X")
            for response in (hidden, missing)
        ]
        tokens = [str(response.context["csrf_token"]) for response in (hidden, missing)]
        self.assertEqual(
            neutral[0].replace(tokens[0], "TOKEN"), neutral[1].replace(tokens[1], "TOKEN")
        )

    def test_every_way_to_ask_gives_the_same_answer(self):
        self.show(visibility=Audience.NOBODY)
        address = self.address(self.carol)
        self.login(self.bob)
        for method in ("head", "post", "options"):
            with self.subTest(method=method):
                self.assertEqual(getattr(self.client, method)(address).status_code, 404)
        for variant in (address.rstrip("/"), f"{address}?format=json", address.replace("c", "C")):
            with self.subTest(address=variant):
                self.assertEqual(self.client.get(variant, follow=True).status_code, 404)

    def test_strange_handles_are_not_found(self):
        self.login(self.bob)
        for handle in ("%00", "a%00b", "%2e%2e", "x" * 500, "李", "' OR 1=1"):
            with self.subTest(handle=handle):
                self.assertEqual(self.client.get(f"/en/members/{handle}/").status_code, 404)

    def test_each_line_has_its_own_audience(self):
        names = ["email", "bio", "affiliation", "department", "hometown", "arrived"]
        values = {
            "email": "carol@example.org",
            "bio": "Canary bio",
            "affiliation": "scholar",
            "department": "Canary physics",
            "hometown": "Canary town",
            "arrived": 1987,
        }
        seen_as = {**values, "affiliation": "Visiting scholar", "arrived": "1987"}
        sees = {
            Audience.EVERYONE: [None, self.nina, self.bob, self.mona, self.carol],
            Audience.MEMBERS: [self.bob, self.mona, self.carol],
            Audience.NOBODY: [self.mona, self.carol],
        }
        closed = {f"{name}_audience": Audience.NOBODY for name in names}
        for name in names:
            for audience, readers in sees.items():
                self.show(
                    visibility=Audience.EVERYONE,
                    **{**values, **closed, f"{name}_audience": audience},
                )
                for who in (None, self.nina, self.bob, self.mona, self.carol):
                    with self.subTest(field=name, audience=audience, who=who):
                        text = self.get(who).content.decode()
                        self.assertEqual(seen_as[name] in text, who in readers)

    def test_address_is_shown_to_nobody_by_default(self):
        self.show(visibility=Audience.EVERYONE)
        self.assertNotIn("carol@example.org", self.get(self.bob).content.decode())

    def test_it_is_kept_by_no_cache(self):
        self.assertEqual(self.get(self.bob)["Cache-Control"], "private, no-store")

    def test_what_a_member_writes_is_shown_as_text(self):
        self.show(bio="<script>alert(1)</script>", display_name="<b>Carol</b>")
        text = self.get(self.bob).content.decode()
        self.assertNotIn("<script>alert", text)
        self.assertNotIn("<b>Carol", text)

    def test_links_to_the_settings_are_for_the_owner(self):
        settings = path("account_change_password")
        self.assertContains(self.get(self.carol), settings)
        self.assertNotContains(self.get(self.bob), settings)

    def test_own_settings_open_in_both_languages(self):
        self.login(self.carol)
        for language in ("en", "zh-hans"):
            for name in ("account_email", "account_change_password", "account_reauthenticate"):
                with self.subTest(page=name, language=language):
                    response = self.client.get(path(name, language=language))
                    self.assertEqual(response.status_code, 200)
