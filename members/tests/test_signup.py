"""Three fields, a code, and one is in."""

import contextlib
from unittest import mock

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client, override_settings

from caisu.core.models import SiteSettings
from caisu.tests.cast import PASSWORD
from members.models import Member, Terms
from members.moderation.models import Case

from .entrance import EntranceTestCase, code_in, mails, path


@contextlib.contextmanager
def hashes_counted():
    """Counts how often a password is hashed: what takes time in a login or sign-up."""
    with mock.patch.object(
        MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
    ) as encode:
        yield encode


def signup_mode(mode):
    SiteSettings.load()
    SiteSettings.objects.update(signup_mode=mode)
    cache.clear()


class SignupTests(EntranceTestCase):
    def newcomer(self):
        return Member.objects.get(email="li@example.org")

    def test_form_has_three_fields_and_names_the_agreement(self):
        response = self.client.get(path("account_signup"))
        for name in ("email", "display_name", "password1"):
            self.assertContains(response, f'name="{name}"')
        self.assertNotContains(response, 'name="password2"')
        self.assertNotContains(response, 'name="username"')
        self.assertContains(response, path("members:terms"))

    def test_newcomer_types_the_code_and_is_back_at_the_article(self):
        response = self.sign_up(next=self.story)
        self.assertRedirects(response, self.code_page)
        self.assertIsNone(self.is_in())
        response = self.type_code(code_in(mails()[-1]))
        self.assertRedirects(response, self.story, fetch_redirect_response=False)
        self.assertEqual(self.is_in(), str(self.newcomer().pk))

    def test_without_next_they_land_on_the_front_page_of_their_language(self):
        response = self.type_code(self.sign_up_and_read_code())
        self.assertRedirects(response, "/en/")

    def test_mail_is_in_the_language_of_the_page_and_so_are_later_ones(self):
        site = SiteSettings.load()
        for language, name in (("zh-hans", site.name_zh_hans), ("en", site.name_en)):
            with self.subTest(language=language):
                client = Client()
                self.sign_up(client, language=language, email=f"{language}@example.org")
                message = mails()[-1]
                self.assertEqual(message.to, [f"{language}@example.org"])
                self.assertIn(name, message.body)
                self.assertEqual(
                    Member.objects.get(email=f"{language}@example.org").language, language
                )

    def test_code_stands_alone_on_a_line_and_in_the_subject(self):
        self.sign_up()
        message = mails()[-1]
        self.assertTrue(message.subject.startswith(code_in(message)))

    def test_in_approval_mode_a_newcomer_waits(self):
        self.type_code(self.sign_up_and_read_code())
        self.assertEqual(self.newcomer().standing, Member.Standing.PENDING)
        self.assertTrue(self.newcomer().is_active)

    def test_case_is_opened_only_by_the_code(self):
        code = self.sign_up_and_read_code()
        self.assertFalse(Case.objects.filter(kind=Case.Kind.SIGNUP).exists())
        self.type_code(code)
        case = Case.objects.get(kind=Case.Kind.SIGNUP)
        self.assertEqual((case.subject, case.member), (self.newcomer(), self.newcomer()))
        self.assertEqual(case.reasons, ["signup"])

    def test_in_open_mode_the_code_makes_a_member(self):
        signup_mode(SiteSettings.SignupMode.OPEN)
        code = self.sign_up_and_read_code()
        self.assertEqual(self.newcomer().standing, Member.Standing.PENDING)
        self.type_code(code)
        self.assertEqual(self.newcomer().standing, Member.Standing.ACTIVE)
        self.assertFalse(Case.objects.exists())

    def test_in_invitation_mode_the_door_is_closed(self):
        signup_mode(SiteSettings.SignupMode.INVITATION)
        self.assertTemplateUsed(
            self.client.get(path("account_signup")), "account/signup_closed.html"
        )
        self.assertTemplateUsed(self.sign_up(), "account/signup_closed.html")
        self.assertFalse(Member.objects.filter(email="li@example.org").exists())

    def test_acceptance_of_the_agreement_is_recorded(self):
        terms = Terms.objects.create(version=1, body_en="<p>Be kind.</p>", body_zh_hans="<p>好</p>")
        self.sign_up()
        self.assertEqual(self.newcomer().acceptances.get().terms, terms)

    def test_password_is_kept_as_a_hash_and_the_address_in_small_letters(self):
        self.sign_up(email="Li@Example.ORG")
        member = self.newcomer()
        self.assertTrue(member.check_password(PASSWORD))
        self.assertNotIn(PASSWORD, member.password)
        self.assertEqual(member.emailaddress_set.get().email, "li@example.org")

    def test_address_of_the_computer_is_noted(self):
        self.client.post(
            path("account_signup"),
            {"email": "li@example.org", "display_name": "李华", "password1": PASSWORD},
            REMOTE_ADDR="2001:db8::7",
        )
        self.assertEqual(self.newcomer().signed_up_from, "2001:db8::7")

    def test_extra_fields_give_no_rights(self):
        self.sign_up(
            is_staff="on",
            is_superuser="on",
            standing="active",
            username="webmaster",
            groups="1",
            approved_count="99",
            email2="alice@example.org",
            vouched_by=str(self.bob.pk),
            signed_up_from="192.0.2.77",
            date_joined="2020-01-01",
            needs_a_look="",
            certain="x",
        )
        member = self.newcomer()
        self.assertEqual((member.is_staff, member.is_superuser), (False, False))
        self.assertEqual((member.vouched_by, member.signed_up_from), (None, "127.0.0.1"))
        self.assertFalse(member.is_trusted or member.may_invite)
        self.assertEqual([a.email for a in member.emailaddress_set.all()], ["li@example.org"])
        self.assertEqual((member.standing, member.approved_count), ("pending", 0))
        self.assertEqual(member.username, "lihua")
        self.assertFalse(member.groups.exists())

    def test_bad_input_is_the_form_again_with_what_was_typed(self):
        bad = {
            "no e-mail": {"email": ""},
            "no address": {"email": "li at example"},
            "no name": {"display_name": "   "},
            "a name too long": {"display_name": "华" * 41},
            "a short password": {"password1": "short"},
            "a common password": {"password1": "password123456"},
            "the address as password": {"password1": "li@example.org"},
            "a name with a null byte": {"display_name": "Li\0Hua"},
            "the name of a moderator": {"display_name": f"{self.mona.display_name.upper()}."},
        }
        for name, changes in bad.items():
            with self.subTest(bad=name):
                response = self.sign_up(**changes)
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
                if "email" not in changes:
                    self.assertContains(response, 'value="li@example.org"')
        self.assertFalse(Member.objects.filter(email="li@example.org").exists())

    def test_hundred_kilobytes_are_the_form_again_or_a_member(self):
        much = "x" * 100_000
        for name, changes in {
            "address": {"email": f"{much}@example.org"},
            "domain": {"email": f"li@{much}.org"},
            "dots": {"email": "li@" + "x." * 50_000 + "org"},
            "name": {"display_name": much},
            "password": {"password1": much},
            "trap": {"website": much},
            "proof": {"altcha": much},
            "certain": {"certain": much},
        }.items():
            with self.subTest(much=name):
                self.assertIn(self.sign_up(Client(), **changes).status_code, (200, 302))

    def test_passwords_are_not_sent_back(self):
        page = self.sign_up(email="li at example", password1="a secret of mine, long")
        self.assertNotContains(page, "a secret of mine")

    def test_errors_are_tied_to_their_fields(self):
        response = self.sign_up(email="li at example")
        self.assertRegex(
            response.content.decode(), r'name="email"[^>]*aria-describedby="[^"]*id_email_error'
        )
        self.assertContains(response, 'id="id_email_error"')

    def test_somebody_logged_in_is_sent_on(self):
        self.login(self.bob)
        self.assertRedirects(self.client.get(path("account_signup")), "/en/")

    def test_next_on_another_host_is_not_followed(self):
        for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
            with self.subTest(next=target):
                client = Client()
                code = self.sign_up_and_read_code(
                    client, next=target, email=f"{len(target)}@example.org"
                )
                response = self.type_code(code, client, next=target)
                self.assertRedirects(response, "/en/", fetch_redirect_response=False)

    def test_mistyped_address_can_be_corrected(self):
        self.sign_up(email="lee@exmaple.org")
        page = self.client.get(self.code_page)
        self.assertContains(page, f'action="{path("account_logout")}"')
        response = self.client.post(path("account_logout"), {"next": path("account_signup")})
        self.assertRedirects(response, path("account_signup"))
        self.assertRedirects(self.type_code(self.sign_up_and_read_code()), "/en/")

    def test_link_to_the_sign_up_leads_there_while_a_code_is_awaited(self):
        self.sign_up(email="lee@exmaple.org")
        self.assertContains(self.client.get(path("account_signup")), 'name="display_name"')
        self.assertRedirects(self.type_code(self.sign_up_and_read_code()), "/en/")

    def test_no_password_and_no_mail_address_gets_into_the_log(self):
        with self.assertNoLogs(level="INFO"):
            self.sign_up(display_name="x" * 41)
            self.sign_up()
            self.client.get(self.code_page)


class PasswordlessTests(EntranceTestCase):
    """Whoever leaves the password empty logs in by a mailed code."""

    def test_form_says_so(self):
        page = self.client.get(path("account_signup"))
        self.assertContains(page, "Without one you log in by a code")

    def test_password_is_unusable(self):
        self.sign_up(password1="")
        member = Member.objects.get(email="li@example.org")
        self.assertFalse(member.has_usable_password())
        self.assertFalse(member.check_password(""))
        self.assertIsNone(self.is_in())
        self.log_in("li@example.org", password="")
        self.assertIsNone(self.is_in())

    def test_code_of_the_sign_up_lets_in(self):
        self.assertRedirects(self.type_code(self.sign_up_and_read_code(password1="")), "/en/")

    def test_code_of_a_login_proves_the_address_and_makes_the_member(self):
        signup_mode(SiteSettings.SignupMode.OPEN)
        self.sign_up(Client(), password1="")
        cache.clear()
        self.client.post(path("account_request_login_code"), {"email": "li@example.org"})
        self.client.post(path("account_confirm_login_code"), {"code": code_in(mails()[-1])})
        member = Member.objects.get(email="li@example.org")
        self.assertEqual(self.is_in(), str(member.pk))
        self.assertTrue(EmailAddress.objects.get(user=member).verified)
        self.assertEqual(member.standing, Member.Standing.ACTIVE)

    def test_known_and_unknown_address_take_as_many_hashes(self):
        counts = []
        for email in ("alice@example.org", "nobody@example.org"):
            with hashes_counted() as encode:
                self.sign_up(Client(), email=email, password1="")
            counts.append(encode.call_count)
        self.assertEqual(counts[0], counts[1])


class KnownAddressTests(EntranceTestCase):
    """Nobody learns from the sign-up who is a member."""

    def shown(self, email):
        """What a stranger sees who signs up with an address: answers, pages, cookies."""
        client = Client()
        answer = self.sign_up(client, email=email)
        page = client.get(self.code_page)
        again = self.type_code("12345x", client)
        later = client.get(path("account_login"))
        resent = client.post(self.code_page, {"action": "resend"})
        return [
            (
                response.status_code,
                response.headers.get("Location"),
                sorted(response.headers),
                sorted(response.cookies),
                self.neutral(response, email),
            )
            for response in (answer, page, again, later, resent)
        ]

    def neutral(self, response, email):
        text = response.content.decode().replace(email, "ADDRESS")
        token = response.context and response.context.get("csrf_token")
        return text.replace(str(token), "TOKEN") if token else text

    def test_pages_are_the_same_for_a_known_and_an_unknown_address(self):
        known, unknown = self.shown("alice@example.org"), self.shown("nobody@example.org")
        for one, other in zip(known, unknown, strict=True):
            self.assertEqual(one, other)

    def test_pages_are_the_same_once_started_over(self):
        answers = []
        for email in ("alice@example.org", "nobody@example.org"):
            client = Client()
            self.sign_up(client, email=email)
            client.post(path("account_logout"))
            answer = client.get(self.code_page)
            answers.append((answer.status_code, self.neutral(answer, email)))
            self.assertNotContains(answer, 'name="code"')
        self.assertEqual(*answers)

    def test_both_take_as_many_hashes(self):
        counts = []
        for email in ("alice@example.org", "nobody@example.org"):
            with hashes_counted() as encode:
                self.sign_up(Client(), email=email)
            counts.append(encode.call_count)
        self.assertEqual(counts, [1, 1])

    def test_owner_gets_a_mail_and_the_account_stays_as_it_is(self):
        before = Member.objects.get(pk=self.alice.pk).password
        self.sign_up(email="alice@example.org", password1="another long password")
        message = mails()[-1]
        self.assertEqual(message.to, ["alice@example.org"])
        self.assertIn("already", message.subject)
        self.assertNotRegex(message.body, r"(?m)^\d{6}$")
        self.assertIn(f"http://testserver{path('account_login')}", message.body)
        self.assertEqual(Member.objects.get(pk=self.alice.pk).password, before)
        self.assertEqual(Member.objects.filter(email="alice@example.org").count(), 1)

    def test_owner_gets_it_in_their_own_language(self):
        Member.objects.filter(pk=self.alice.pk).update(language="zh-hans")
        self.sign_up(email="alice@example.org")
        message = mails()[-1]
        self.assertIn("/zh-hans/accounts/login/", message.body)
        self.assertIn(SiteSettings.load().name_zh_hans, message.body)

    def test_case_of_the_letters_does_not_matter(self):
        self.sign_up(email="ALICE@Example.org")
        self.assertEqual(Member.objects.filter(email__iexact="alice@example.org").count(), 1)
        self.assertIn("already", mails()[-1].subject)

    def test_no_code_opens_the_page_of_a_known_address(self):
        self.sign_up(email="alice@example.org")
        for code in ("", "000000", "123456"):
            with self.subTest(code=code):
                self.assertEqual(self.type_code(code).status_code, 200)
        self.assertIsNone(self.is_in())

    def test_known_but_unproven_address_gets_no_second_account(self):
        self.sign_up(Client())
        self.sign_up(password1="the password of somebody else")
        self.assertEqual(Member.objects.filter(email="li@example.org").count(), 1)
        self.assertIn("already", mails()[-1].subject)
        # The account is still that of the first password, and their login leads to a new code.
        self.assertRedirects(self.log_in("li@example.org"), self.code_page)
        self.assertRedirects(self.type_code(code_in(mails()[-1])), "/en/")

    def test_address_that_was_only_changed_to_is_known_as_well(self):
        EmailAddress.objects.create(user=self.alice, email="second@example.org", verified=True)
        self.sign_up(email="second@example.org")
        self.assertFalse(Member.objects.filter(email="second@example.org").exists())


class LimitTests(EntranceTestCase):
    def test_twenty_newcomers_on_one_campus_address_all_get_in(self):
        for number in range(20):
            response = Client().post(
                path("account_signup"),
                {
                    "email": f"student{number}@example.org",
                    "display_name": f"Student {number}",
                    "password1": PASSWORD,
                },
            )
            self.assertRedirects(response, self.code_page, fetch_redirect_response=False)
        self.assertEqual(Member.objects.filter(email__startswith="student").count(), 20)

    @override_settings(ACCOUNT_RATE_LIMITS={"signup": "2/m/ip"})
    def test_too_many_are_told_when_to_come_back(self):
        data = {"email": "bad", "display_name": "Li", "password1": "x"}
        for language in ("en", "zh-hans"):
            with self.subTest(language=language):
                cache.clear()
                url = path("account_signup", language=language)
                answers = [self.client.post(url, data) for _ in range(3)]
                self.assertEqual([each.status_code for each in answers], [200, 200, 429])
                self.assertGreaterEqual(int(answers[-1]["Retry-After"]), 1)
                self.assertTemplateUsed(answers[-1], "429.html")
                other = self.client.post(url, data, REMOTE_ADDR="192.0.2.9")
                self.assertEqual(other.status_code, 200)
