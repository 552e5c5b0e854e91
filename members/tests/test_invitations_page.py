"""Members invite newcomers, and see what became of it."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from caisu.core.models import Audience, SiteSettings
from caisu.core.roles import WEBMASTER
from caisu.core.throttling import TooManyRequests
from caisu.tests.cast import make_member
from members import inviting, jobs
from members.inviting import State
from members.models import Invitation, Member

from .entrance import EntranceTestCase, mails, path
from .test_signup import signup_mode

LI = "li@example.org"


def make_invitation(by, **changes):
    return Invitation.objects.create(invited_by=by, **changes)


def long_ago():
    return timezone.now() - timedelta(days=1)


class PageTestCase(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.url = path("members:invitations")

    def get(self, who, **query):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.get(self.url, query)

    def post(self, who, **data):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.post(self.url, data)

    def mail(self, who, email=LI, **changes):
        return self.post(who, **{"email": email, "language": "en", "words": "", **changes})


class InviteTests(PageTestCase):
    def test_a_link_to_copy(self):
        response = self.post(self.alice)
        invitation = self.alice.invitations.get()
        self.assertRedirects(
            response, f"{self.url}#invitation-{invitation.pk}", fetch_redirect_response=False
        )
        self.assertContains(self.client.get(self.url), f"?invitation={invitation.code}")
        self.assertEqual(inviting.state_of(invitation), State.OPEN)
        self.assertEqual(mails(), [])

    def test_the_link_leads_to_the_sign_up_in_the_language_of_who_opens_it(self):
        self.post(self.alice)
        link = inviting.link_to(self.alice.invitations.get())
        self.client.logout()
        self.client.get("/language/en/")
        response = self.client.get(link.removeprefix(settings.SITE_URL), follow=True)
        self.assertEqual(response.request["PATH_INFO"], path("account_signup"))
        self.assertContains(response, 'name="display_name"')

    def test_a_mail_says_who_invites_and_what_they_add(self):
        self.mail(self.alice, email="Li@Example.org", words="See you at the festival!")
        invitation = self.alice.invitations.get()
        self.assertEqual(invitation.email, LI)
        (message,) = mails()
        self.assertEqual(message.to, [LI])
        self.assertIn("Alice invites you", message.subject)
        for part in (
            "Alice (@alice)",
            "See you at the festival!",
            f"?invitation={invitation.code}",
            path("moderation:report"),
        ):
            self.assertIn(part, message.body)

    def test_the_mail_is_in_the_language_that_was_chosen(self):
        self.mail(self.alice, language="zh-hans")
        self.assertIn("/zh-hans/", mails()[0].body)
        self.assertNotIn("/en/", mails()[0].body)

    def test_what_is_typed_stays_what_it_is(self):
        self.mail(self.alice, words="Fish & <b>chips</b>")
        self.assertIn("Fish & <b>chips</b>", mails()[0].body)

    def test_bad_input_is_the_form_again_with_what_was_typed(self):
        for changes in (
            {"email": "nobody"},
            {"email": ""},
            {"email": "li@example.org\nBcc: x@example.org"},
            {"language": "tlh"},
            {"words": "x" * 301},
            {"words": "a\0b"},
            {"words": "Click https://evil.example/now"},
            {"words": "Look at www.evil.example"},
            {"words": "Look at evil-shop.com, friend"},
            {"words": "看看evil。com"},
        ):
            with self.subTest(changes):
                response = self.mail(self.alice, **changes)
                self.assertEqual(response.status_code, 200)
                self.assertTrue(response.context["form"].errors)
                self.assertContains(response, "errorlist")
                self.assertFalse(Invitation.objects.exists())
        self.assertEqual(mails(), [])

    def test_ordinary_sentences_are_no_links(self):
        for words in (
            "Come, e.g. on Friday.",
            "Dr. Li says hi... really!",
            "来吧。一起玩",
            "At 5.30",
        ):
            self.assertEqual(inviting.found_link(words), "", words)

    def test_a_name_that_is_a_link_is_not_carried(self):
        self.alice.display_name = "buy-at.shop now"
        self.alice.save()
        self.mail(self.alice)
        self.assertNotIn("buy-at.shop", mails()[0].subject + mails()[0].body)

    def test_an_address_with_an_account_gives_the_same_answer_and_a_harmless_mail(self):
        known = self.mail(self.alice, email="bob@example.org")
        followed = self.client.get(self.url)
        self.assertEqual(known.status_code, 302)
        words = "unless one of ours went there"
        self.assertContains(followed, words)
        unknown = self.mail(self.alice)
        self.assertContains(self.client.get(self.url), words)
        self.assertEqual(unknown.status_code, known.status_code)
        to_bob, to_li = mails()
        self.assertEqual((to_bob.to, to_li.to), (["bob@example.org"], [LI]))
        self.assertNotIn("invitation=", to_bob.body)
        self.assertIn("You have an account", to_bob.subject)
        states = {inviting.state_of(invitation) for invitation in self.alice.invitations.all()}
        self.assertEqual(states, {State.OPEN})

    def test_one_mail_to_an_address_whoever_sends_it(self):
        self.mail(self.alice)
        response = self.mail(self.bob, email="LI@example.org")
        self.assertEqual(response.status_code, 302)
        self.assertEqual(len(mails()), 1)
        self.assertEqual(self.bob.invitations.count(), 1)

    def test_ten_a_day_by_both_ways_and_nothing_typed_is_lost(self):
        for number in range(5):
            self.post(self.alice)
            self.mail(self.alice, email=f"li{number}@example.org")
        response = self.mail(self.alice, words="Typed with love")
        self.assertEqual(response.status_code, 429)
        self.assertIn("Retry-After", response)
        self.assertContains(response, "Typed with love", status_code=429)
        self.assertContains(response, LI, status_code=429)
        self.assertEqual(self.post(self.alice).status_code, 429)
        self.assertEqual(self.alice.invitations.count(), 10)
        self.assertEqual(len(mails()), 5)
        self.assertEqual(self.post(self.bob).status_code, 302)

    def test_bad_input_does_not_count(self):
        for _try in range(11):
            self.mail(self.alice, email="nobody")
        self.assertEqual(self.mail(self.alice).status_code, 302)

    def test_no_more_mail_than_the_site_may_send_to_strangers(self):
        with self.assertRaises(TooManyRequests):
            for _mail in range(inviting.capping.MAILS.times + 1):
                inviting.capping.count_mail()
        self.assertEqual(self.mail(self.alice).status_code, 429)
        self.assertFalse(Invitation.objects.exists())


class WhoTests(PageTestCase):
    def test_who_may_open_it(self):
        for who, status in {
            None: 302,
            self.nina: 403,
            self.bob: 200,
            self.wei: 200,
            self.mona: 200,
            self.root: 200,
        }.items():
            with self.subTest(who=who):
                self.assertEqual(self.get(who).status_code, status)

    def test_a_new_member_learns_why_not_and_from_when(self):
        fresh = make_member("fresh", date_joined=timezone.now() - timedelta(days=29))
        response = self.get(fresh)
        self.assertContains(response, "in their first 30 days")
        self.assertNotContains(response, "Make a link")
        for response in (self.post(fresh), self.mail(fresh)):
            self.assertEqual(response.status_code, 403)
        self.assertFalse(Invitation.objects.exists())
        old = make_member("old", date_joined=timezone.now() - timedelta(days=31))
        self.assertEqual(self.post(old).status_code, 302)

    def test_new_staff_may(self):
        young = make_member("young", WEBMASTER, date_joined=timezone.now())
        self.assertEqual(self.post(young).status_code, 302)

    def test_others_make_none(self):
        for who, status in {None: 302, self.nina: 403}.items():
            with self.subTest(who=who):
                self.assertEqual(self.post(who).status_code, status)
                self.assertEqual(self.mail(who).status_code, status)
        self.assertFalse(Invitation.objects.exists())
        with self.assertRaises(PermissionDenied):
            inviting.invite(self.nina)

    def test_says_when_there_is_no_other_way_in(self):
        words = "only by an invitation"
        self.assertNotContains(self.get(self.alice), words)
        signup_mode(SiteSettings.SignupMode.INVITATION)
        self.assertContains(self.get(self.alice), words)

    def test_says_what_the_vouch_is_worth(self):
        self.assertContains(self.get(self.alice), "without approval")
        plain = make_member("plain", approved_count=0)
        self.assertNotContains(self.get(plain), "without approval")


class ListTests(PageTestCase):
    def states(self, who):
        return [invitation.state for invitation in self.get(who).context["invitations"]]

    def test_empty(self):
        self.assertContains(self.get(self.alice), "You have invited nobody yet.")

    def test_each_state(self):
        used = {"used_at": timezone.now(), "used_by": self.bob}
        make_invitation(self.alice, **used)
        make_invitation(self.alice, revoked_at=timezone.now())
        make_invitation(self.alice, expires_at=long_ago())
        make_invitation(self.alice)
        make_invitation(self.bob)
        self.assertEqual(
            self.states(self.alice), [State.OPEN, State.EXPIRED, State.REVOKED, State.USED]
        )
        response = self.get(self.alice)
        self.assertContains(response, "?invitation=", 1)
        self.assertContains(response, "/revoke/", 1)
        self.assertContains(response, "Bob")

    def test_newcomer_who_hides_is_not_named(self):
        hidden = make_member("canary", visibility=Audience.NOBODY)
        make_invitation(self.alice, used_at=timezone.now(), used_by=hidden)
        banned = make_member("bandit", standing="banned")
        make_invitation(self.alice, used_at=timezone.now(), used_by=banned)
        response = self.get(self.alice)
        self.assertNotContains(response, "anary")
        self.assertNotContains(response, "andit")
        self.assertEqual(self.states(self.alice), [State.USED, State.USED])

    def test_costs_the_same_for_one_and_for_twenty(self):
        make_invitation(self.alice, used_at=timezone.now(), used_by=self.bob)
        self.get(self.alice)
        with self.assertNumQueries(6):  # session, reader, count, invitations, newcomers, bell
            self.client.get(self.url)
        for number in range(20):
            newcomer = make_member(f"newcomer{number}")
            make_invitation(self.alice, used_at=timezone.now(), used_by=newcomer)
        with self.assertNumQueries(6):
            response = self.client.get(self.url)
        self.assertEqual(len(response.context["invitations"]), 21)

    def test_pages(self):
        for _number in range(31):
            make_invitation(self.alice)
        self.assertEqual(len(self.states(self.alice)), 30)
        self.assertEqual(len(self.get(self.alice, page=2).context["invitations"]), 1)
        self.assertEqual(self.get(self.alice, page="x").status_code, 200)


class RevokeTests(PageTestCase):
    def setUp(self):
        super().setUp()
        self.invitation = make_invitation(self.alice, email=LI)

    def revoke(self, who, invitation=None):
        self.login(who)
        pk = (invitation or self.invitation).pk
        return self.client.post(path("members:revoke_invitation", pk))

    def is_open(self):
        return Invitation.objects.usable().filter(pk=self.invitation.pk).exists()

    def test_takes_it_back_and_forgets_the_address(self):
        self.assertRedirects(self.revoke(self.alice), self.url)
        self.assertFalse(self.is_open())
        self.invitation.refresh_from_db()
        self.assertEqual(self.invitation.email, "")

    def test_twice_changes_nothing_more(self):
        self.revoke(self.alice)
        self.invitation.refresh_from_db()
        when = self.invitation.revoked_at
        self.assertEqual(self.revoke(self.alice).status_code, 302)
        self.invitation.refresh_from_db()
        self.assertEqual(self.invitation.revoked_at, when)

    def test_what_is_over_stays_as_it_is(self):
        for changes in (
            {"used_at": timezone.now(), "used_by": self.bob},
            {"expires_at": long_ago()},
        ):
            over = make_invitation(self.alice, **changes)
            self.assertFalse(inviting.revoke(over))
            self.revoke(self.alice, over)
            over.refresh_from_db()
            self.assertIsNone(over.revoked_at)

    def test_only_ones_own(self):
        for who, status in {
            None: 302,
            self.nina: 403,
            self.bob: 404,
            self.mona: 404,
            self.root: 404,
        }.items():
            with self.subTest(who=who):
                self.assertEqual(self.revoke(who).status_code, status)
                self.assertTrue(self.is_open())

    def test_get_is_refused(self):
        self.login(self.alice)
        address = path("members:revoke_invitation", self.invitation.pk)
        self.assertEqual(self.client.get(address).status_code, 405)
        self.assertTrue(self.is_open())

    def test_links_of_a_suspended_voucher_are_dead(self):
        self.alice.stand(Member.Standing.SUSPENDED, timezone.now() + timedelta(days=7))
        self.assertFalse(self.is_open())
        self.assertEqual(
            inviting.state_of(Invitation.objects.get(pk=self.invitation.pk)), State.VOID
        )


class ForgettingTests(PageTestCase):
    def test_addresses_of_what_is_over_are_forgotten(self):
        still = make_invitation(self.alice, email="still@example.org")
        make_invitation(self.alice, email="a@example.org", expires_at=long_ago())
        make_invitation(self.alice, email="b@example.org", revoked_at=timezone.now())
        make_invitation(self.alice, email="c@example.org", used_at=timezone.now(), used_by=self.bob)
        make_invitation(make_member("eve", standing="banned"), email="d@example.org")
        jobs.forget_invited_addresses()
        kept = Invitation.objects.exclude(email="")
        self.assertEqual(list(kept), [still])
        self.assertEqual(inviting.forget_addresses(), 0)


class TreeTests(EntranceTestCase):
    def test_who_came_by_whom(self):
        spammer = make_member("eve", standing="banned", vouched_by=self.alice)
        sibling = make_member("sister", vouched_by=self.alice)
        child = make_member("child", vouched_by=spammer)
        make_member("stranger", vouched_by=self.bob)
        with self.assertNumQueries(2):
            found = inviting.tree(spammer)
        self.assertEqual(found.voucher, self.alice)
        self.assertEqual((found.siblings, found.vouched_for), ([sibling], [child]))

    def test_nobody_around(self):
        found = inviting.tree(self.bob)
        self.assertEqual((found.voucher, found.siblings, found.vouched_for), (None, [], []))

    def test_bounded(self):
        Member.objects.bulk_create(
            Member(username=f"crowd{n}", display_name=f"Crowd {n}", vouched_by=self.alice)
            for n in range(inviting.MOST_BRANCHES + 1)
        )
        found = inviting.tree(self.alice)
        self.assertEqual(len(found.vouched_for), inviting.MOST_BRANCHES)
        self.assertTrue(found.more_vouched_for)
        self.assertFalse(found.more_siblings)


class InvitationAdminTests(EntranceTestCase):
    url = "/admin/members/invitation/"

    def setUp(self):
        super().setUp()
        cache.clear()
        self.open = make_invitation(self.alice, email=LI)
        self.used = make_invitation(self.bob, used_at=timezone.now(), used_by=self.wei)
        self.old = make_invitation(self.alice, expires_at=long_ago())
        self.back = make_invitation(self.alice, revoked_at=timezone.now())
        self.void = make_invitation(make_member("eve", standing="banned"))

    def found(self, **query):
        response = self.client.get(self.url, query)
        return set(response.context["cl"].queryset)

    def test_states_as_a_list_and_as_a_filter(self):
        self.login(self.root)
        by_state = {
            State.OPEN: self.open,
            State.USED: self.used,
            State.EXPIRED: self.old,
            State.REVOKED: self.back,
            State.VOID: self.void,
        }
        for state, invitation in by_state.items():
            with self.subTest(state=state):
                self.assertEqual(self.found(state=state), {invitation})
                self.assertEqual(inviting.state_of(invitation), state)
        self.assertEqual(len(self.found()), 5)

    def test_search_by_handle(self):
        self.login(self.root)
        self.assertEqual(self.found(q="bob"), {self.used})
        self.assertEqual(self.found(q="wei"), {self.used})

    def test_revoke_tells_what_it_did(self):
        self.login(self.root)
        self.client.get("/language/en/")
        chosen = [self.open.pk, self.used.pk]
        response = self.client.post(
            self.url, {"action": "revoke", "_selected_action": chosen}, follow=True
        )
        self.assertContains(response, "1 invitation taken back.")
        self.assertContains(response, "1 was over already.")
        self.open.refresh_from_db()
        self.used.refresh_from_db()
        self.assertIsNotNone(self.open.revoked_at)
        self.assertIsNone(self.used.revoked_at)

    def test_the_page_of_one(self):
        self.login(self.root)
        address = f"{self.url}{self.open.pk}/change/"
        self.assertContains(self.client.get(address), f"?invitation={self.open.code}")
        address = f"{self.url}{self.used.pk}/change/"
        self.assertNotContains(self.client.get(address), "?invitation=")

    def test_none_is_deleted(self):
        self.login(self.root)
        response = self.client.post(f"{self.url}{self.open.pk}/delete/", {"post": "yes"})
        self.assertEqual(response.status_code, 403)
        self.assertTrue(Invitation.objects.filter(pk=self.open.pk).exists())

    def test_webmasters_only(self):
        for who in (None, self.alice, self.wei, self.mona):
            self.login(who)
            with self.subTest(who=who):
                self.assertIn(self.client.get(self.url).status_code, (302, 403))
        self.login(make_member("wanda", WEBMASTER))
        self.assertEqual(self.client.get(self.url).status_code, 200)

    def test_costs_the_same_for_five_and_for_twenty(self):
        self.login(self.root)
        self.client.get(self.url)
        with self.assertNumQueries(4):
            self.client.get(self.url)
        for number in range(15):
            newcomer = make_member(f"newcomer{number}")
            make_invitation(self.alice, used_at=timezone.now(), used_by=newcomer)
        with self.assertNumQueries(4):
            self.client.get(self.url)
