"""A passkey registered and used, with an authenticator that Chromium plays."""

import pytest
from allauth.mfa.models import Authenticator

from caisu.tests.browser import wait_until
from caisu.tests.cast import PASSWORD, make_member
from members.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def on_localhost(site, settings, monkeypatch):
    """Browsers know passkeys on https and on localhost only; an address of digits is neither."""
    url = site.url.replace("127.0.0.1", "localhost")
    monkeypatch.setattr(type(site), "url", property(lambda self: url))
    settings.SITE_URL = url
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


def with_authenticator(page):
    """Plugs in a phone that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, answer["authenticatorId"]


def log_in(page):
    page.goto("/en/accounts/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.click("main form:has([name=password]) .button:not(.quiet)")
    page.wait_for_url("**/en/")


def add_passkey(page):
    page.goto("/en/accounts/settings/security/")
    page.click(".next-step a")
    page.fill("[name=password]", PASSWORD)
    page.click("main .button")
    page.fill("[name=name]", "My phone")
    page.click("#passkey_add")
    page.wait_for_url("**/recovery-codes/")


def test_passkey_is_registered_and_logs_in(on_localhost, visit):
    make_member("alice")
    page = visit(locale="en-US")
    with_authenticator(page)
    log_in(page)
    add_passkey(page)
    assert page.locator(".codes li").count() == 10
    passkey = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert passkey.wrap().name == "My phone"
    page.get_by_role("button", name="Log out", exact=True).first.click()
    page.goto("/en/accounts/login/?next=/en/accounts/settings/security/")
    page.click("#passkey_login")
    page.locator(".settings").wait_for()
    assert "1 passkey" in page.locator("main").inner_text()
    assert Member.objects.get().last_login
    page.context.clear_cookies()
    page.goto("/en/accounts/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.click("main form:has([name=password]) .button:not(.quiet)")
    page.wait_for_url("**/2fa/authenticate/")
    page.click("#passkey_use")
    page.wait_for_url("**/en/")


def test_who_turns_back_is_told_and_may_try_again(on_localhost, visit):
    make_member("alice")
    page = visit(locale="en-US")
    session, authenticator = with_authenticator(page)
    page.goto("/en/accounts/login/")
    # A phone without a passkey of ours.
    session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )
    page.click("#passkey_login")
    page.locator("[data-passkey-failed]").wait_for(state="visible")
    assert page.url.endswith("/login/")


def test_browser_that_knows_none_is_told_where_to_go(on_localhost, visit):
    make_member("alice")
    page = visit(locale="en-US")
    page.add_init_script("delete window.PublicKeyCredential")
    log_in(page)
    page.goto("/en/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.click("main .button")
    page.locator("[data-no-passkey]").wait_for(state="visible")
    assert "WeChat" in page.locator("[data-no-passkey]").inner_text()
    wait_until(page, "document.querySelector('form[data-passkey]').hidden")
    page.context.clear_cookies()
    page.goto("/en/accounts/login/")
    assert not page.locator("#passkey_login").is_visible()
