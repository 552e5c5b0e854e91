"""Every name of the resolver belongs to a row of permissions.csv; the desk's by their prefix."""

from django.test import override_settings
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from caisu.tests.stage import ROLES, ROWS, Stage, letter, names


class AddressTests(Stage):
    """Each name of the resolver, by the row that it belongs to."""

    # Name: row, and what its address is made of; see key().
    READ = {
        "root": ("Y01",),
        "language": ("Y01", "en"),
        "theme": ("Y01", "dark"),
        "short_link": ("R01", "@article"),
        "share_qr": ("R01", "@article"),
        "share_picture": ("R01", "@article", "en", "card"),
        "media": ("Y05", "nothing.webp"),
        "health": ("O01",),
        "robots": ("O02",),
        "sitemap": ("R01",),
        "sitemap_section": ("R01", "pages-en"),
        "feed": ("R01", "en"),
        "category_feed": ("R01", "en", "local-news"),
        "author_feed": ("R01", "en", "carol"),
        "jsi18n": ("M01",),
        "moderation:report": ("Y01",),
        "moderation:report_thanks": ("Y01",),
        "moderation:report_profile": ("F01", "carol"),
        "moderation:standing": ("Y05", "nonsense"),
        "moderation:decisions": ("Y02",),
        "moderation:decision": ("Y09", "@decided"),
        "members:directory": ("P07",),
        "members:profile": ("P01", "carol"),
        "members:terms": ("Y01",),
        "members:application": ("Y02",),
        "members:reauthenticate": ("Y02",),
        "members:still_here": ("Y05", "nonsense"),
        "members:settings": ("Y02",),
        "members:edit_profile": ("P08",),
        "members:avatar": ("U01",),
        "members:privacy": ("Y03",),
        "members:security": ("Y02",),
        "members:invitations": ("Y03",),
        "members:export": ("Y02",),
        "members:download": ("Y05", "nonsense"),
        "members:delete": ("Y02",),
        "search:results": ("R01",),
        "search:suggestions": ("R01",),
        "core:page": ("R01", "about"),
        "news:front": ("R01",),
        "news:preview": ("Y05", "nonsense"),
        "news:index": ("R01",),
        "news:most_read": ("R01",),
        "news:tag": ("R01", "snow"),
        "news:author": ("R01", "carol"),
        "news:category": ("R01", "local-news"),
        "news:year": ("R01", "@year"),
        "news:month": ("R01", "@year", "@month"),
        "news:article": ("R01", "@year", "@slug"),
        "news:report": ("F01", "@year", "by-carol"),
        "news:submit": ("Y04",),
        "news:post_new": ("Y04",),
        "news:post_edit": ("Y06", "@draft"),
        "news:post_delete": ("Y06", "@draft"),
        "comments:permalink": ("R01", "@alices"),
        "comments:edit": ("C07", "@alices"),
        "comments:delete": ("C10", "@alices"),
        "comments:report": ("F01", "@foreign"),
        "comments:since": ("R01", "@article"),
        "comments:close": ("C16", "@article"),
        "comments:mentionable": ("P07",),
        "notifications:list": ("Y02",),
        "members:notification_settings": ("Y02",),
        "account_login": ("Y01",),
        "account_logout": ("Y01",),
        "account_inactive": ("Y01",),
        "account_signup": ("S01",),
        "account_email_verification_sent": ("Y01",),
        "account_reset_password": ("Y01",),
        "account_confirm_password_reset_code": ("Y01",),
        "account_complete_password_reset": ("Y01",),
        "account_password_reset_completed": ("Y01",),
        "account_request_login_code": ("Y01",),
        "account_confirm_login_code": ("Y01",),
        "account_reauthenticate": ("Y02",),
        "account_email": ("Y02",),
        "account_change_password": ("Y02",),
        "account_set_password": ("Y02",),
        "mfa_index": ("Y01",),
        "mfa_authenticate": ("Y02",),
        "mfa_reauthenticate": ("Y02",),
        "mfa_activate_totp": ("Y02",),
        "mfa_deactivate_totp": ("Y07",),
        "mfa_view_recovery_codes": ("Y07",),
        "mfa_generate_recovery_codes": ("Y02",),
        "mfa_download_recovery_codes": ("Y07",),
        "mfa_list_webauthn": ("Y02",),
        "mfa_add_webauthn": ("Y02",),
        "mfa_reauthenticate_webauthn": ("Y02",),
        "mfa_remove_webauthn": ("Y07", 987654),
        "mfa_edit_webauthn": ("Y07", 987654),
        "mfa_login_webauthn": ("Y02",),
        "members:sessions": ("Y02",),
        "members:signup_challenge": ("Y01",),
        "socialaccount_login_cancelled": ("Y01",),
        "socialaccount_login_error": ("Y11",),
        "socialaccount_signup": ("Y11",),
        "socialaccount_connections": ("Y02",),
        # Not set up: there is no such provider.
        **{
            f"{provider}_{name}": ("Y05",)
            for provider in ("google", "github", "weixin")
            for name in ("login", "callback")
        },
        "google_login_by_token": ("Y05",),
    }
    # What is only written to, with its form.
    WRITE = {
        "upload": ("U02", {}),
        "hit": ("R01", {}, "@article"),
        "comments:post": ("C04", {"body": ""}, "@article"),
        "comments:like": ("C17", {}, "@foreign"),
        "comments:follow": ("C15", {}, "@article"),
        "comments:seen": ("C15", {}, "@article"),
        "notifications:see_all": ("Y02", {}),
        "notifications:open": ("Y07", {}, 987654),
        "members:revoke_invitation": ("Y08", {}, 987654),
        "members:stay": ("Y02", {}),
        "members:end_sessions": ("Y02", {}),
        "members:end_session": ("Y07", {}, 987654),
        "news:post_keep": ("Y06", {}, "@draft"),
        "news:post_take_back": ("Y06", {}, "@draft"),
        "news:post_discard": ("Y06", {}, "@draft"),
    }

    def test_every_name_has_a_row(self):
        ours = {name for name, _entry in names(get_resolver()) if not name.startswith("admin:")}
        self.assertEqual(ours - {*self.READ, *self.WRITE}, set())
        self.assertEqual({*self.READ, *self.WRITE} - ours, set())

    def test_every_address_for_every_reader(self):
        for name, (row, *parts) in self.READ.items():
            self.hold(name, row, parts, lambda client, path: client.get(path))
        for name, (row, form, *parts) in self.WRITE.items():
            self.hold(name, row, parts, lambda client, path, form=form: client.post(path, form))

    def hold(self, name, row, parts, ask):
        """One address, asked by each reader who has just proved who they are, against its row."""
        path = self.url(name, *(self.key(part) for part in parts))
        codes = ROWS[row]
        with self.subTest(name=name, row=row):
            tried = [role for role in ROLES if codes[role] != "-"]
            self.assertEqual(
                " ".join(
                    f"{role}:{self.said(ask(self.proved(self.at(role)), path))}" for role in tried
                ),
                " ".join(f"{role}:{codes[role].replace('P', 'A')}" for role in tried),
            )

    def key(self, part):
        """What stands in the address for a part: of a thing on the stage (``@…``) its number."""
        published = timezone.localtime(self.article.publish_at)
        known = {"@year": published.year, "@month": published.month, "@slug": self.article.slug}
        if str(part).startswith("@"):
            return known.get(part) or getattr(self, part[1:]).pk
        return part

    def said(self, response):
        no_worker = response.request["PATH_INFO"] == reverse("health")  # it says so
        self.assertTrue(response.status_code < 500 or no_worker)
        return letter(response)


class DeskAddressTests(Stage):
    """The desk's addresses, by their prefix: nobody but staff is let in, and staff to their own."""

    def test_every_address_of_the_desk_is_closed_to_who_is_no_staff(self):
        desk = reverse("admin:index")
        tried = 0
        for name, entry in names(get_resolver()):
            if not name.startswith("admin:"):
                continue
            parts = {key: 1 for key in entry.pattern.converters}
            parts |= {key: "1" for key in entry.pattern.regex.groupindex if key not in parts}
            try:
                path = reverse(name, kwargs=parts)
            except NoReverseMatch:
                path = f"{desk}no/such/page/"
            self.assertTrue(path.startswith(desk), path)
            tried += 1
            for role in ROLES:
                client = self.at(role)
                for ask in (client.get, client.post):
                    answer = letter(ask(path))
                    with self.subTest(name=name, role=role, path=path):
                        codes = {"L": "L", "D": "D"}.get(ROWS["M01"][role])
                        if "autosave" in path:  # a script asks
                            self.assertIn(answer, {"L"} if codes else set("ADNGM"))
                        elif codes:
                            self.assertIn(answer, {codes, "A"} if "logout" in path else {codes})
                        else:
                            self.assertIn(answer, set("ADNGML"))
        self.assertGreater(tried, 100)

    @override_settings(ADMIN_PATH="quiet-door/")
    def test_at_an_address_of_its_own_the_desk_is_an_unknown_page_to_strangers(self):
        for role in ("anon", "pending", "member", "suspended"):
            for path in (reverse("admin:index"), reverse("admin:login")):
                self.assertEqual(letter(self.at(role).get(path)), "N", (role, path))
        self.assertEqual(letter(self.at("editor").get(reverse("admin:index"))), "A")
