"""Joining in a real browser: the proof is worked out unseen; without JavaScript somebody looks first."""

import pytest
from django.core import mail

from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.tests.browser import looks_well, wait_until
from caisu.tests.cast import make_member
from members import proof
from members.models import Invitation, Member
from members.tests.entrance import code_in
from members.tests.test_signup import signup_mode

pytestmark = pytest.mark.browser

VISITORS = [
    pytest.param("zh-hans", "zh-CN", 390, id="zh-phone"),
    pytest.param("en", "en-US", 1280, id="en-desktop"),
]


@pytest.fixture(autouse=True)
def open_door(site):
    """Everybody comes in at once, so that only what stood out holds anybody."""
    signup_mode(SiteSettings.SignupMode.OPEN)


def fill(page, email="li@example.org"):
    page.fill("main [name=email]", email)
    page.fill("main [name=display_name]", "李华")


def take_time(page):
    """As long as a person takes."""
    page.wait_for_timeout(4500)


def type_code(page):
    page.wait_for_selector("main [name=code]")
    run_due()
    page.fill("main [name=code]", code_in(mail.outbox[-1]))
    page.click("main form:has([name=code]) button.button >> nth=0")
    page.wait_for_selector(".masthead form[action$='/accounts/logout/']", state="attached")


def newcomer():
    return Member.objects.get(email="li@example.org")


@pytest.mark.parametrize(("language", "locale", "width"), VISITORS)
def test_proof_is_worked_out_unseen(visit, language, locale, width):
    page = visit(locale=locale, width=width)
    page.goto(f"/{language}/accounts/signup/")
    looks_well(page)
    assert not page.is_visible("altcha-widget")
    assert not page.is_visible("main [name=website]")
    fill(page)
    wait_until(page, "document.querySelector('[name=altcha]')?.value")
    take_time(page)
    looks_well(page)
    page.click("main form#signup button.button")
    type_code(page)
    assert newcomer().application.notes == []
    assert newcomer().standing == Member.Standing.ACTIVE


def test_who_is_faster_than_the_proof_waits_a_moment(visit):
    page = visit(locale="en-US")
    page.goto("/en/accounts/signup/")
    take_time(page)
    # Values without focus, as a password manager fills them in: nothing has been worked out yet.
    page.evaluate(
        """() => {
            document.querySelector("main [name=email]").value = "li@example.org"
            document.querySelector("main [name=display_name]").value = "李华"
            document.querySelector("form#signup").requestSubmit()
        }"""
    )
    type_code(page)
    assert newcomer().application.notes == []


@pytest.mark.parametrize(("language", "locale", "width"), VISITORS)
def test_without_javascript_somebody_looks_first(visit, language, locale, width):
    page = visit(javascript=False, locale=locale, width=width)
    page.goto(f"/{language}/accounts/signup/")
    fill(page)
    take_time(page)
    page.click("main form#signup button.button")
    type_code(page)
    assert newcomer().application.notes == ["no_proof"]
    assert newcomer().standing == Member.Standing.PENDING


def test_proof_that_fails_says_so_and_lets_go_on(visit):
    page = visit(locale="en-US")
    page.route("**/signup/challenge/", lambda route: route.fulfill(status=200, body="no JSON"))
    page.goto("/en/accounts/signup/")
    fill(page)
    page.wait_for_selector("[role=status]:has-text('has a look first')")
    looks_well(page)
    take_time(page)
    page.click("main form#signup button.button")
    type_code(page)
    assert newcomer().application.notes == ["no_proof"]


def test_work_is_done_within_two_seconds_on_a_phone(visit):
    """One worker here does it in a third of that; a phone has several, each slower."""
    page = visit(locale="en-US", width=390)
    page.goto("/en/accounts/signup/")
    solution = page.evaluate(
        "document.querySelector('altcha-widget').verify({ concurrency: 1 }).then(r => r.solution)"
    )
    assert solution["counter"] <= proof.TRIES
    assert solution["time"] < 2000, solution


def test_mistyped_domain_is_asked_about_in_passing(visit):
    page = visit(locale="en-US", width=390)
    page.goto("/en/accounts/signup/")
    fill(page, "li@example.org")
    page.fill("main [name=email]", "li@gmial.com")
    page.focus("main [name=display_name]")
    looks_well(page)
    page.click("#id_email_meant button")
    assert page.input_value("main [name=email]") == "li@gmail.com"
    # Who is certain is not asked again.
    page.fill("main [name=email]", "li@gmial.com")
    page.focus("main [name=display_name]")
    take_time(page)
    page.click("main form#signup button.button")
    page.wait_for_selector("main [name=code]")
    assert Member.objects.filter(email="li@gmial.com").exists()


def test_invited_person_joins_on_a_phone(visit, site):
    signup_mode(SiteSettings.SignupMode.INVITATION)
    bob = make_member("bob")
    invitation = Invitation.objects.create(invited_by=bob, email="li@example.org")
    page = visit(locale="zh-CN", width=390)
    page.goto(invitation.get_absolute_url())
    assert page.url.startswith(f"{site.url}/zh-hans/accounts/signup/")
    assert page.input_value("main [name=email]") == "li@example.org"
    page.fill("main [name=display_name]", "李华")
    take_time(page)
    page.click("main form#signup button.button")
    type_code(page)
    assert (newcomer().standing, newcomer().vouched_by) == (Member.Standing.ACTIVE, bob)
