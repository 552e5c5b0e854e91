"""Every page of membership, with names as long as they may be: nothing sticks out, axe finds nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core.roles import MODERATOR, WEBMASTER
from caisu.tests.browser import log_in, looks_well
from caisu.tests.cast import PASSWORD, make_article, make_comment, make_member
from members.models import Application, Invitation, Member
from members.moderation.models import Case

pytestmark = pytest.mark.browser

LOOKS = [
    pytest.param(("zh-hans", 390, "dark"), id="zh-phone-dark"),
    pytest.param(("en", 1280, "light"), id="en-desktop-light"),
]
LONG = "W" * Member._meta.get_field("display_name").max_length


@pytest.fixture
def people(site):
    """Alice has all that one can have, Nina waits, and the desk has both."""
    make_member("root", WEBMASTER, is_superuser=True, display_name=LONG)
    make_member("mona", MODERATOR)
    alice = make_member(
        "alice",
        display_name=LONG,
        bio=LONG * 2,
        department=LONG[:100],
        hometown=LONG[:100],
        affiliation="student",
        arrived=2020,
        links=[f"https://example.org/{LONG}"],
    )
    make_comment(make_article(), alice, body=LONG)
    nina = make_member("nina", standing=Member.Standing.PENDING, display_name=LONG)
    Application.objects.create(member=nina, why=LONG, question=LONG, asked_at=timezone.now())
    Case.objects.create(kind=Case.Kind.SIGNUP, member=nina, subject=nina, reasons=["signup"])
    now = timezone.now()
    for number, changes in enumerate(
        [
            {"email": f"{LONG[:50]}@example.org"},
            {"used_at": now, "used_by": nina},
            {"revoked_at": now},
            {"expires_at": now - timedelta(days=1)},
        ]
    ):
        Invitation.objects.create(invited_by=alice, code=f"code-{number}", **changes)
    return alice


@pytest.fixture(params=LOOKS)
def look(request, visit, people):
    """Opens pages as somebody and looks at each: ``look("alice", "members:directory", …)``."""
    language, width, scheme = request.param
    locale = "en-US" if language == "en" else "zh-CN"

    def at(username, *names):
        page = visit(locale=locale, width=width, color_scheme=scheme, reduced_motion="reduce")
        if username:
            log_in(page, username, f"/{language}/", language)
            page.goto(f"/language/{language}/")
        for name, *arguments in names:
            with translation.override(language):
                page.goto(reverse(name, args=arguments))
            if "/reauthenticate/" in page.url:
                looks_well(page)
                page.fill("main [name=password]", PASSWORD)
                page.click("main form .actions button")
                page.wait_for_url(lambda url: "/reauthenticate/" not in url)
            looks_well(page)
        return page

    return at


def test_the_door(look):
    page = look(
        None,
        ["account_signup"],
        ["account_login"],
        ["account_reset_password"],
        ["account_request_login_code"],
    )
    page.fill("main [name=email]", "alice@example.org")
    page.click("main form .actions button")
    page.wait_for_selector("main [name=code]")
    looks_well(page)
    page.fill("main [name=code]", "000")
    page.click("main form .actions button >> nth=0")
    page.wait_for_selector("main .errorlist")
    page.click("main details summary")
    looks_well(page)


def test_a_members_own_pages(look):
    look(
        "alice",
        ["members:edit_profile"],
        ["members:avatar"],
        ["members:privacy"],
        ["members:security"],
        ["members:sessions"],
        ["account_email"],
        ["account_change_password"],
        ["mfa_activate_totp"],
        ["mfa_add_webauthn"],
        ["members:invitations"],
        ["members:export"],
        ["members:delete"],
        ["members:directory"],
        ["members:profile", "alice"],
    )


def test_a_newcomers_own_pages(look):
    look("nina", ["members:application"], ["members:edit_profile"], ["members:security"])


def test_the_desk(look):
    case, alice = Case.objects.get(), Member.objects.get(username="alice")
    changes = [["admin:members_member_act", alice.pk, act] for act in ("suspend", "appoint")]
    look(
        "root",
        ["admin:index"],
        ["admin:moderation_case_changelist"],
        ["admin:moderation_case_change", case.pk],
        ["admin:members_member_changelist"],
        ["admin:members_member_change", alice.pk],
        *changes,
        ["admin:members_member_export"],
        ["admin:members_invitation_changelist"],
        ["admin:members_appointment_changelist"],
        ["admin:members_appointment_hand_over"],
        ["admin:members_appointment_sheet"],
    )
    look("mona", ["admin:members_member_change", alice.pk], ["admin:moderation_case_changelist"])
