"""Who sees a member's profile as a whole, and what the page says about it."""

from caisu.core.fulltext.models import Entry
from caisu.core.jobs import run_due
from caisu.core.models import Audience
from members.models import Member

from .entrance import EntranceTestCase, path

CHOICE = {"visibility": "nobody", "avatar_audience": "nobody", "email_audience": "members"}


class PrivacyTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.page = path("members:privacy")

    def row(self, member):
        return Member.objects.get(pk=member.pk)

    def save(self, who, **changes):
        self.login(who)
        return self.client.post(self.page, {**CHOICE, **changes})

    def table(self):
        """The rows of what others see: name, visitors, members."""
        response = self.client.get(self.page)
        return {str(label): audience for label, audience in response.context["seen"]}

    def test_choice_is_kept(self):
        self.assertRedirects(self.save(self.alice), self.page)
        alice = self.row(self.alice)
        self.assertEqual(
            (alice.visibility, alice.avatar_audience, alice.email_audience),
            ("nobody", "nobody", "members"),
        )

    def test_it_works_at_once(self):
        self.login(self.bob)
        self.assertEqual(self.client.get(self.address(self.alice)).status_code, 200)
        self.save(self.alice)
        self.login(self.bob)
        self.assertEqual(self.client.get(self.address(self.alice)).status_code, 404)

    def test_for_members_only(self):
        login = f"{path('account_login')}?next={self.page}"
        self.assertRedirects(self.save(None), login, fetch_redirect_response=False)
        self.assertEqual(self.save(self.nina).status_code, 403)
        self.assertEqual(self.row(self.nina).visibility, Audience.MEMBERS)

    def test_nobody_hides_another_or_gains_anything(self):
        forged = {"pk": self.alice.pk, "username": "alice", "is_staff": "on", "standing": "left"}
        self.save(self.bob, **forged)
        bob = self.row(self.bob)
        self.assertEqual((bob.username, bob.is_staff, bob.standing), ("bob", False, "active"))
        self.assertEqual(self.row(self.alice).visibility, Audience.MEMBERS)

    def test_bad_input_is_refused(self):
        for changes in ({"visibility": "friends"}, {"visibility": ""}, {"avatar_audience": "all"}):
            with self.subTest(**changes):
                response = self.save(self.alice, **changes)
                self.assertContains(response, 'class="errorlist"')
                self.assertEqual(self.row(self.alice).visibility, Audience.MEMBERS)

    def test_other_methods_are_refused(self):
        self.login(self.alice)
        self.assertEqual(self.client.delete(self.page).status_code, 405)

    def test_table_tells_what_others_see(self):
        Member.objects.filter(pk=self.alice.pk).update(
            visibility=Audience.EVERYONE,
            bio="Hello",
            bio_audience=Audience.EVERYONE,
            province="SC",
            wechat="alice_wx",
            wechat_audience=Audience.NOBODY,
        )
        self.login(self.alice)
        self.client.get("/language/en/")
        shown = {
            "About me": "everyone",
            "Hometown": "members",
            "WeChat ID": "nobody",
            "E-mail address": "nobody",
        }
        self.assertEqual(self.table(), shown)
        Member.objects.filter(pk=self.alice.pk).update(visibility=Audience.NOBODY)
        self.assertEqual(set(self.table().values()), {"nobody"})

    def test_page_leads_to_the_views_of_others(self):
        self.login(self.alice)
        response = self.client.get(self.page)
        for seen_as in ("visitor", "member"):
            self.assertContains(response, f"{self.address(self.alice)}?as={seen_as}")

    def test_hidden_author_keeps_the_name_and_loses_the_link(self):
        Member.objects.filter(pk=self.wei.pk).update(visibility=Audience.NOBODY)
        for who in (None, self.bob):
            self.login(who)
            page = self.client.get(self.address(self.article)).content.decode()
            self.assertIn("Wei", page)
            for name in ("members:profile", "news:author"):
                self.assertNotIn(path(name, "wei"), page)
                self.assertEqual(self.client.get(path(name, "wei")).status_code, 404)

    def test_hidden_member_is_found_by_nobody(self):
        entries = Entry.objects.filter(kind="member", object_id=self.alice.pk)
        self.save(self.alice, visibility="everyone")
        run_due()
        self.assertEqual(set(entries.values_list("audience", flat=True)), {"everyone"})
        self.save(self.alice, visibility="nobody")
        self.assertEqual(set(entries.values_list("audience", flat=True)), {"staff"})
        for who in (None, self.bob):
            self.login(who)
            page = self.client.get(path("search:results"), {"q": "alice"}).content.decode()
            self.assertNotIn(self.address(self.alice), page)
