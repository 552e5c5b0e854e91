"""A member's visiting card, and who may see which line of it."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from caisu.core.models import Audience
from caisu.core.roles import WEBMASTER
from caisu.tests.cast import make_member
from members.models import FormerHandle, Member

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
        names = [name for name in Member.PRIVATE_FIELDS if name != "avatar"]
        values = {
            "email": "carol@example.org",
            "bio": "Canary bio",
            "affiliation": "scholar",
            "department": "Canary physics",
            "hometown": "Canary town",
            "arrived": 1987,
            "languages": ["hak"],
            "links": ["https://canary.example/"],
            "wechat": "canary_wx",
        }
        seen_as = {
            **values,
            "affiliation": "Visiting scholar",
            "arrived": "1987",
            "languages": "Hakka",
            "links": "canary.example",
        }
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

    def test_settings_are_for_the_owner(self):
        settings = f'href="{path("members:settings")}"'
        self.assertContains(self.get(self.carol), settings)
        self.assertNotContains(self.get(self.bob), settings)

    def test_province_goes_with_the_hometown(self):
        self.show(province="SC", hometown="Chengdu")
        self.assertContains(self.get(self.bob), "Chengdu, Sichuan")
        self.show(hometown="")
        self.assertContains(self.get(self.bob), "Sichuan")
        self.show(hometown_audience=Audience.NOBODY)
        self.assertNotContains(self.get(self.bob), "Sichuan")

    def test_line_that_is_for_everyone_is_not_on_a_profile_for_members(self):
        self.show(visibility=Audience.MEMBERS, bio_audience=Audience.EVERYONE)
        self.assertEqual(self.get(None).status_code, 302)
        self.assertEqual(self.carol.audience_of("bio"), Audience.MEMBERS)

    def test_links_are_live_once_their_owner_is_trusted(self):
        self.show(links=["https://carol.example/"], approved_count=0)
        self.assertContains(self.get(self.bob), "carol.example")
        self.assertNotContains(self.get(self.bob), 'href="https://carol.example/"')
        self.show(approved_count=Member.TRUSTED_CONTRIBUTIONS)
        self.assertContains(
            self.get(self.bob), '<a href="https://carol.example/" rel="nofollow ugc noopener">'
        )

    def test_only_web_addresses_ever_become_links(self):
        self.show(links=["javascript:alert(1)", "https://carol.example/"])
        self.assertNotContains(self.get(self.bob), "javascript:")

    def test_offices_and_newcomers_are_marked(self):
        self.assertContains(self.get(self.bob, self.mona), '<span class="badge">Moderator</span>')
        self.assertContains(self.get(self.bob, self.root), '<span class="badge">Webmaster</span>')
        self.assertNotContains(self.get(self.bob), "New member")
        self.show(date_joined=timezone.now())
        self.assertContains(self.get(self.bob), "New member")

    def test_way_to_trust_is_told_to_the_member_and_to_staff(self):
        days = timezone.now() - timedelta(days=9, minutes=1)
        self.show(approved_count=3, date_joined=days)
        words = "3 of 5 approved contributions, 9 of 14 days"
        for who, told in {self.carol: True, self.mona: True, self.bob: False}.items():
            self.assertEqual(words in self.get(who).content.decode(), told, who)

    def test_voucher_is_known_to_staff_only(self):
        self.show(vouched_by=self.alice)
        for who, told in {self.mona: True, self.carol: False, self.bob: False}.items():
            self.assertEqual("Vouched for by" in self.get(who).content.decode(), told, who)

    def test_owner_sees_what_others_see(self):
        self.show(
            visibility=Audience.EVERYONE,
            bio_audience=Audience.NOBODY,
            department_audience=Audience.EVERYONE,
        )
        own = self.get(self.carol).content.decode()
        self.assertIn("Canary bio", own)
        for seen_as, town in (("visitor", False), ("member", True)):
            with self.subTest(seen_as=seen_as):
                page = self.client.get(f"{self.address(self.carol)}?as={seen_as}").content.decode()
                self.assertIn("Canary physics", page)
                self.assertNotIn("Canary bio", page)
                self.assertEqual("Canary town" in page, town)

    def test_owner_is_told_when_others_see_nothing(self):
        self.show(visibility=Audience.MEMBERS)
        self.login(self.carol)
        address = self.address(self.carol)
        page = self.client.get(f"{address}?as=visitor").content.decode()
        self.assertIn("is asked to log in", page)
        self.assertNotIn("Canary", page)
        self.assertIn("Canary", self.client.get(f"{address}?as=member").content.decode())
        self.show(visibility=Audience.NOBODY)
        page = self.client.get(f"{address}?as=member").content.decode()
        self.assertIn("no such page", page)
        self.assertNotIn("Canary", page)

    def test_nobody_looks_at_others_in_a_place_that_is_not_theirs(self):
        self.show(visibility=Audience.EVERYONE, bio_audience=Audience.MEMBERS)
        self.login(None)
        page = self.client.get(f"{self.address(self.carol)}?as=member").content.decode()
        self.assertNotIn("Canary bio", page)
        self.login(self.bob)
        page = self.client.get(f"{self.address(self.carol)}?as=visitor").content.decode()
        self.assertIn("Canary bio", page)

    def test_former_handle_leads_to_whom_the_profile_is_for(self):
        FormerHandle.objects.create(handle="caroline", member=self.carol)
        old = path("members:profile", "caroline")
        self.show(visibility=Audience.MEMBERS)
        for who, status, target in (
            (self.bob, 302, self.address(self.carol)),
            (None, 302, f"{path('account_login')}?next={old}"),
            (self.nina, 404, None),
        ):
            self.login(who)
            response = self.client.get(old)
            self.assertEqual(response.status_code, status, who)
            self.assertEqual(response.get("Location"), target, who)
        self.show(visibility=Audience.NOBODY)
        self.login(self.bob)
        self.assertEqual(self.client.get(old).status_code, 404)

    def test_who_left_is_a_former_member_to_the_staff_too(self):
        self.show(standing=Member.Standing.LEFT, is_active=False, display_name="")
        Member.objects.filter(pk=self.bob.pk).update(vouched_by=self.carol)
        self.login(self.mona)
        page = self.client.get(self.address(self.carol))
        self.assertContains(page, "<h1>Former member</h1>", html=True)
        page = self.client.get(self.address(self.bob))
        self.assertContains(page, f'<a href="{self.address(self.carol)}">Former member</a>')

    def test_page_and_list_draw_the_same_line(self):
        viewers = [AnonymousUser(), self.nina, self.bob, self.mona, self.carol]
        for standing in (Member.Standing.ACTIVE, Member.Standing.PENDING):
            for audience in Audience.values:
                self.show(standing=standing, visibility=audience)
                for viewer in viewers:
                    with self.subTest(viewer=viewer, standing=standing, audience=audience):
                        seen = self.carol.is_visible_to(viewer)
                        listed = Member.objects.visible_to(viewer).contains(self.carol)
                        self.assertEqual(seen, listed)
                        self.show(bio_audience=Audience.EVERYONE)
                        self.assertEqual(self.carol.field_visible_to("bio", viewer), seen)
