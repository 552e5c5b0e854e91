"""Where somebody is logged in: seen, and ended from elsewhere."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.test import Client, SimpleTestCase
from django.utils import timezone

from caisu.tests.cast import PASSWORD
from members import presence, sessions

from .entrance import path
from .security import SecurityTestCase

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Mobile/15E148 MicroMessenger/8.0.61 NetType/WIFI Language/zh_CN"
)
AGENTS = {
    PHONE: ("WeChat", "iPhone"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36": ("Chrome", "Windows"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0": ("Edge", "Windows"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/26.0 Safari/605.1.15": ("Safari", "Mac"),
    "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0": ("Firefox", "Android"),
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": ("Firefox", "Linux"),
    "Mozilla/5.0 (Linux; Android 12; HarmonyOS; ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/114.0 HuaweiBrowser/15.0 Mobile Safari/537.36": ("Huawei Browser", "HarmonyOS"),
    "curl/8.5": ("", ""),
    "": ("", ""),
}


class DeviceTests(SimpleTestCase):
    def test_device_is_named_in_words(self):
        for agent, words in AGENTS.items():
            with self.subTest(agent=agent[-40:]):
                self.assertEqual(sessions.device(agent), words)

    def test_place_is_only_the_first_part_of_an_address(self):
        for address, place in {
            "134.50.7.8": "134.50.x.x",
            "2001:db8:1:2::3": "2001:db8:…",
            "::1": "0:0:…",
        }.items():
            with self.subTest(address=address):
                self.assertEqual(sessions.place(sessions.network(address)), place)


class SessionsTests(SecurityTestCase):
    def setUp(self):
        super().setUp()
        self.phone = self.enter_elsewhere("bob")
        self.log_in("bob")
        self.client.get("/language/en/")
        self.prove()
        self.page = path("members:sessions")

    def enter_elsewhere(self, login, agent=PHONE):
        client = Client(headers={"user-agent": agent}, REMOTE_ADDR="134.50.7.8")
        self.log_in(login, client=client)
        return client

    def end(self, session, client=None):
        return (client or self.client).post(path("members:end_session", session.pk))

    def of(self, client):
        return UserSession.objects.get(session_key=client.session.session_key)

    def test_page_names_device_and_part_of_the_net(self):
        response = self.client.get(self.page)
        self.assertContains(response, "WeChat on iPhone")
        self.assertContains(response, "134.50.x.x")
        self.assertContains(response, "This device", count=1)
        self.assertContains(response, '/settings/security/" aria-current="true">')
        self.assertNotContains(response, "7.8")

    def test_full_address_is_never_kept(self):
        self.assertEqual(self.of(self.phone).ip, "134.50.0.0")
        self.log_in("bob", client=self.phone)
        self.assertFalse(UserSession.objects.filter(ip="134.50.7.8").exists())

    def test_ending_one_logs_it_out_at_the_next_request(self):
        tablet = self.enter_elsewhere("bob")
        self.assertRedirects(self.end(self.of(self.phone)), self.page)
        self.assertIsNone(self.is_in(self.phone))
        self.assertFalse(self.phone.get("/en/").wsgi_request.user.is_authenticated)
        self.assertTrue(tablet.get("/en/").wsgi_request.user.is_authenticated)

    def test_ending_all_leaves_this_one(self):
        tablet = self.enter_elsewhere("bob")
        alice = self.enter_elsewhere("alice")
        self.assertRedirects(self.client.post(path("members:end_sessions")), self.page)
        for client, stays in [
            (self.phone, False),
            (tablet, False),
            (self.client, True),
            (alice, True),
        ]:
            self.assertIs(client.get("/en/").wsgi_request.user.is_authenticated, stays)

    def test_session_of_somebody_else_is_not_there(self):
        alice = self.enter_elsewhere("alice")
        self.assertEqual(self.end(self.of(alice)).status_code, 404)
        self.assertTrue(alice.get("/en/").wsgi_request.user.is_authenticated)

    def test_ending_is_a_post_of_who_has_proved_it(self):
        url = path("members:end_session", self.of(self.phone).pk)
        self.assertEqual(self.client.get(url).status_code, 405)
        self.assertEqual(self.client.get(path("members:end_sessions")).status_code, 405)
        self.assertIn(path("account_reauthenticate"), self.phone.post(url)["Location"])
        self.assertIn(path("account_login"), Client().post(url)["Location"])
        self.assertTrue(self.phone.get("/en/").wsgi_request.user.is_authenticated)

    def test_new_password_ends_the_others_and_the_page_forgets_them(self):
        new = "quite another sentence"
        self.client.post(
            path("account_change_password"),
            {"oldpassword": PASSWORD, "password1": new, "password2": new},
        )
        self.assertFalse(self.phone.get("/en/").wsgi_request.user.is_authenticated)
        response = self.client.get(self.page)
        self.assertNotContains(response, "WeChat")
        self.assertContains(response, "This device", count=1)

    def test_expired_session_is_not_shown(self):
        self.phone.session.set_expiry(-1)
        store = self.phone.session
        store.set_expiry(timezone.now() - timedelta(days=1))
        store.save()
        self.assertNotContains(self.client.get(self.page), "WeChat")

    def test_last_seen_follows_by_the_hour(self):
        long_ago = timezone.now() - timedelta(days=3)
        UserSession.objects.update(last_seen_at=long_ago)
        self.phone.get("/en/")
        self.assertEqual(self.of(self.phone).last_seen_at, long_ago, "within the hour")
        store = self.phone.session
        store[presence.KEY] = 0
        store.save()
        self.phone.get("/en/")
        self.assertGreater(self.of(self.phone).last_seen_at, timezone.now() - timedelta(minutes=1))

    def test_page_costs_the_same_for_two_as_for_twenty(self):
        self.client.get(self.page)
        with self.assertNumQueries(5):
            self.client.get(self.page)
        for _device in range(18):
            self.enter_elsewhere("bob")
        self.client.get(self.page)  # the cache was cleared on the way
        with self.assertNumQueries(5):
            self.client.get(self.page)
