"""A member's way in a real browser: in, about oneself, held off for a while, out; and the webmaster's.

On each page that they pass nothing scrolls sideways and axe finds nothing; a page that errs in a
script or asks another host fails its story (see caisu.tests.browser).
"""

import io
import json
import re
from datetime import timedelta
from unittest import mock
from zipfile import ZipFile

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from PIL import Image as Pillow

from caisu.core.jobs import run_due
from caisu.core.models import SiteSettings
from caisu.core.roles import WEBMASTER
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import PASSWORD, make_article, make_comment, make_member
from members import jobs
from members.models import Appointment, Invitation, Member
from members.moderation.models import Case, Decision
from members.tests.entrance import code_in
from members.tests.test_signup import signup_mode

pytestmark = pytest.mark.browser

LOCALES = {"zh-hans": "zh-CN", "en": "en-US"}


@pytest.fixture
def enter(visit):
    """Opens pages, for somebody who is logged in or for nobody: ``enter("alice", "/en/members/")``."""

    def open_page(username, to, language="en", **options):
        # At rest: in the middle of a transition a colour is neither the one nor the other.
        page = visit(locale=LOCALES[language], reduced_motion="reduce", **options)
        if username:
            log_in(page, username, to, language)
        else:
            page.goto(to)
        return page

    return open_page


def prove(page):
    """Types the password once more."""
    page.wait_for_url("**/accounts/reauthenticate/**")
    looks_well(page)
    page.fill("main [name=password]", PASSWORD)
    page.click("main form:has([name=password]) .button")


def newest_mail(to):
    run_due()
    return [message for message in mail.outbox if message.to == [to]][-1]


def join(page, email, name="李华"):
    """Fills in the form as a person does, and sends it."""
    page.fill("main [name=email]", email)
    page.fill("main [name=display_name]", name)
    page.wait_for_timeout(4500)
    page.click("main form#signup button.button")
    page.wait_for_selector("main [name=code]")


def type_code(page, email):
    page.fill("main [name=code]", code_in(newest_mail(email)))
    page.click("main form:has([name=code]) button.button >> nth=0")
    page.wait_for_selector(".masthead form[action$='/accounts/logout/']", state="attached")
    return Member.objects.get(email=email)


def test_newcomer_joins_by_a_code_on_a_phone(enter):
    signup_mode(SiteSettings.SignupMode.OPEN)
    page = enter(None, "/zh-hans/accounts/signup/", "zh-hans", width=390)
    looks_well(page)
    page.focus("main [name=email]")
    wait_until(page, "document.querySelector('[name=altcha]')?.value")
    join(page, "li@example.org")
    looks_well(page)
    # To the mail app and back, by way of the login.
    page.goto("about:blank")
    page.goto("/zh-hans/accounts/login/")
    looks_well(page)
    page.click("main .note a")
    member = type_code(page, "li@example.org")
    assert (member.standing, member.language) == (Member.Standing.ACTIVE, "zh-hans")
    assert member.application.notes == []
    page.goto("/zh-hans/members/")
    assert page.locator(".directory", has_text="李华").count() == 1


def test_newcomer_joins_by_a_trusted_members_invitation(enter, site):
    signup_mode(SiteSettings.SignupMode.APPROVAL)
    alice = make_member("alice")
    page = enter("alice", "/en/accounts/settings/invitations/", width=390)
    looks_well(page)
    page.click(".panel:has(h2:text-is('By a link')) button")
    link = page.input_value(".invitations input[type=url]")
    looks_well(page)
    guest = enter(None, link, width=390)
    guest.wait_for_selector("main form#signup")
    assert "Alice has invited you" in guest.inner_text("main")
    looks_well(guest)
    join(guest, "li@example.org")
    member = type_code(guest, "li@example.org")
    assert (member.standing, member.vouched_by) == (Member.Standing.ACTIVE, alice)
    invitation = Invitation.objects.get()
    assert (invitation.invited_by, invitation.used_by) == (alice, member)
    # The tree: for the one who invited, and for who looks after the site.
    page.reload()
    assert page.inner_text(".invitations li a") == "李华"
    looks_well(page)
    make_member("root", WEBMASTER, is_superuser=True)
    desk = enter("root", reverse("admin:members_member_change", args=[alice.pk]))
    assert desk.locator("#content", has_text="李华").count() == 1
    # The link opens nothing a second time, and says so.
    late = enter(None, link)
    assert late.locator("main", has_text="used").count() == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "without-javascript"])
def test_trusted_domain_comes_in_at_once_if_a_browser_has_worked(enter, javascript):
    signup_mode(SiteSettings.SignupMode.APPROVAL)
    SiteSettings.objects.update(trusted_domains="example.org")
    page = enter(None, "/en/accounts/signup/", width=390, javascript=javascript)
    assert "example.org you need not wait" in page.inner_text("main")
    join(page, "li@example.org")
    member = type_code(page, "li@example.org")
    if javascript:
        assert (member.standing, member.application.notes) == (Member.Standing.ACTIVE, [])
        return
    assert (member.standing, member.application.notes) == (Member.Standing.PENDING, ["no_proof"])
    assert Case.objects.open().get(member=member).kind == Case.Kind.SIGNUP
    # While they wait they say who they are.
    page.goto("/en/accounts/joining/")
    page.fill("[name=why]", "I study geology.")
    page.click("main form:has([name=why]) button")
    member.application.refresh_from_db()
    assert member.application.why == "I study geology."
    assert "Saved." in page.inner_text("body")


@pytest.mark.parametrize("language", LOCALES)
def test_member_is_suspended_in_the_middle_of_a_session(enter, site, language):
    make_member("root", WEBMASTER, is_superuser=True)
    bob = make_member("bob", language=language)
    page = enter("bob", f"/{language}/accounts/settings/profile/", language, width=390)
    desk = enter("root", reverse("admin:members_member_act", args=[bob.pk, "suspend"]))
    looks_well(desk)
    desk.fill("[name=reason]", "Links to a shop. 广告")
    desk.click("#content form button")
    desk.wait_for_url("**/change/")
    # What they were writing is sent by nobody: the next page is that of a visitor.
    page.fill("[name=display_name]", "Robert")
    page.click("main form .button:not(.quiet)")
    page.wait_for_selector(".masthead a[href*=login]", state="attached")
    bob.refresh_from_db()
    assert bob.display_name == "Bob"
    log_in(page, "bob", language=language)
    assert "Links to a shop. 广告" in page.inner_text("main blockquote")
    looks_well(page)
    # Their data are theirs, now as before.
    page.click("button[value=export]")
    run_due()
    page.click("main a.button.quiet")
    with page.expect_download() as download:
        page.click("main a[href*='/export/']")
    assert "profile.json" in ZipFile(download.value.path()).namelist()
    # So is the way out, and back again.
    page.click("main summary")
    page.check("[name=contributions][value=stays]")
    looks_well(page)
    page.click("main form:has([name=contributions]) button")
    page.wait_for_selector("button[value=stay]")
    looks_well(page)
    bob.refresh_from_db()
    assert bob.leaves_at
    page.click("button[value=stay]")
    page.wait_for_selector("button[value=leave], [value=leave]", state="attached")
    bob.refresh_from_db()
    assert bob.leaves_at is None


@pytest.mark.parametrize("language", LOCALES)
def test_member_takes_their_data_along(enter, site, language):
    alice = make_member("alice", language=language)
    make_comment(make_article(), alice, body="第一条评论 First!")
    page = enter("alice", f"/{language}/accounts/settings/export/", language, width=390)
    looks_well(page)
    page.click(".settings-page form button")
    prove(page)
    page.wait_for_selector(".state")
    looks_well(page)
    message = newest_mail("alice@example.org")
    (address,) = re.findall(rf"{re.escape(site.url)}(/\S*)", message.body)[:1]
    page.goto(address)
    page.wait_for_selector("a.button[href*='/export/']")
    looks_well(page)
    with page.expect_download() as download:
        page.click("a.button[href*='/export/']")
    archive = ZipFile(io.BytesIO(download.value.path().read_bytes()))
    assert archive.testzip() is None
    assert json.loads(archive.read("profile.json"))
    assert any("第一条评论" in archive.read(name).decode() for name in archive.namelist())


def test_member_leaves_and_the_conversation_stays(enter, site):
    alice, article = make_member("alice"), make_article()
    make_comment(article, alice, body="Take a coat.")
    page = enter("alice", "/en/accounts/settings/delete/", width=390)
    looks_well(page)

    def leave():
        page.check("[name=contributions][value=stays]")
        page.click(".button.danger")

    leave()
    prove(page)
    page.wait_for_selector(".settings-page .state")
    looks_well(page)
    # Every page says it, and takes it back.
    page.goto("/en/")
    looks_well(page)
    page.click("form[action$='/delete/cancel/'] button")
    page.wait_for_selector("[name=contributions] >> nth=0")
    alice.refresh_from_db()
    assert alice.leaves_at is None
    leave()
    page.wait_for_selector(".settings-page .state")
    alice.refresh_from_db()
    assert alice.leaves_at
    jobs.let_members_leave()
    alice.refresh_from_db()
    assert alice.display_name == "Alice"
    later = timezone.now() + timedelta(days=7, minutes=1)
    with mock.patch("django.utils.timezone.now", return_value=later):
        jobs.let_members_leave()
    alice.refresh_from_db()
    assert (alice.standing, alice.display_name, alice.email) == (Member.Standing.LEFT, "", "")
    page.goto("/en/")
    page.wait_for_selector(".masthead a[href*=login]", state="attached")
    for language, name in {"en": "Former member", "zh-hans": "已离开的成员"}.items():
        with override(language):
            page.goto(article.get_absolute_url())
        assert page.inner_text(".comment .author") == name
        assert "Take a coat." in page.inner_text(".comment")
        assert "Alice" not in page.content()


def picture(path):
    """Half red, half blue, and wider than high."""
    image = Pillow.new("RGB", (900, 450), "#c01020")
    image.paste("#1020c0", (450, 0, 900, 450))
    image.save(path)
    return path


def test_member_fills_in_a_profile_and_is_found(enter, site, tmp_path):
    alice = make_member("alice", display_name="张伟")
    make_member("bob")
    page = enter("alice", "/zh-hans/accounts/settings/profile/", "zh-hans", width=390)
    looks_well(page)
    page.fill("[name=bio]", "喜欢徒步。")
    page.select_option("[name=bio_audience]", "everyone")
    page.fill("[name=department]", "Geosciences")
    page.select_option("[name=department_audience]", "members")
    page.fill("[name=wechat]", "zhangwei_208")
    page.select_option("[name=wechat_audience]", "nobody")
    page.select_option("[name=affiliation]", "student")
    page.fill("[name=link_1]", "https://example.org/zhang")
    page.check("[name=languages] >> nth=0")
    page.click(".settings-page form:not(:has([name=remove])) .actions button")
    page.wait_for_selector(".messages")
    looks_well(page)
    # The right half of a picture, by the keyboard.
    page.goto("/zh-hans/accounts/settings/avatar/")
    page.set_input_files("[name=picture]", picture(tmp_path / "me.png"))
    page.wait_for_selector("[data-frame]", state="visible")
    looks_well(page)
    page.focus("#crop-x")
    page.keyboard.press("End")
    page.click("[data-avatar] .actions button")
    page.wait_for_selector(".own-picture img")
    looks_well(page)
    alice.refresh_from_db()
    with alice.avatar.open() as file:
        kept = Pillow.open(file).convert("RGB")
    red, _green, blue = kept.getpixel((4, kept.height // 2))
    assert kept.width == kept.height
    assert blue > red
    page.goto("/zh-hans/accounts/settings/privacy/")
    looks_well(page)
    page.check("[name=visibility][value=everyone]")
    page.select_option("[name=avatar_audience]", "members")
    page.click(".settings-page form .actions button")
    page.wait_for_selector(".messages")
    # Each sees what is for them, and the own page shows it beforehand.
    address = "/zh-hans/members/alice/"
    visitor = enter(None, address, "zh-hans", width=390)
    member = enter("bob", address, "zh-hans")
    for other, own in ((visitor, "?as=visitor"), (member, "?as=member")):
        looks_well(other)
        page.goto(f"{address}{own}")
        looks_well(page)
        for text in (other.inner_text(".visiting-card"), page.inner_text(".visiting-card")):
            assert "喜欢徒步。" in text
            assert ("Geosciences" in text) == (other is member)
            assert "zhangwei_208" not in text
        assert other.locator(".visiting-card img").count() == (1 if other is member else 0)
    run_due()
    # By how the name sounds, by its letters, and by what was told members.
    member.goto("/zh-hans/members/")
    looks_well(member)
    for asked in ("zhang", "zw", "张"):
        member.fill("main [name=q]", asked)
        with member.expect_navigation():
            member.press("main [name=q]", "Enter")
        (found,) = member.locator(".directory li").all_inner_texts()
        assert "张伟" in found, asked
    member.goto("/zh-hans/members/?department=Geosciences")
    assert member.locator(".directory li").count() == 1
    member.goto("/zh-hans/members/?q=nobody-of-this-name")
    looks_well(member)
    assert member.locator(".empty").count() == 1


def test_webmaster_asks_admits_appoints_and_hands_over(enter, site, settings):
    root = make_member("root", WEBMASTER, is_superuser=True)
    bob = make_member("bob")
    signup_mode(SiteSettings.SignupMode.APPROVAL)
    guest = enter(None, "/en/accounts/signup/", width=390)
    join(guest, "li@example.org", "Li Hua")
    li = type_code(guest, "li@example.org")
    assert li.is_pending
    # A question before the answer.
    queue = reverse("admin:moderation_case_changelist") + "?kind__exact=signup"
    desk = enter("root", queue)
    looks_well(desk)
    desk.click("#result_list a:has-text('Li Hua')")
    desk.fill("[name=reason]", "Whom do you know here?")
    looks_well(desk)
    desk.click("button[value=ask]")
    desk.wait_for_selector(".messagelist")
    message = newest_mail("li@example.org")
    assert "Whom do you know here?" in message.body
    guest.goto(re.search(rf"{re.escape(site.url)}(/\S*joining\S*)", message.body)[1])
    looks_well(guest)
    guest.fill("[name=answer]", "Bob, from the lab.")
    guest.click("form:has([name=answer]) button")
    guest.wait_for_selector(".messages")
    desk.goto(queue)
    assert "answered" in desk.inner_text("#result_list")
    desk.click("#result_list a:has-text('Li Hua')")
    assert "Bob, from the lab." in desk.inner_text("#content")
    desk.click("button[value=admit]")
    desk.wait_for_selector(".messagelist")
    li.refresh_from_db()
    assert li.standing == Member.Standing.ACTIVE
    guest.goto("/en/members/")
    looks_well(guest)
    # An editor for a year, after the password.
    desk.goto(reverse("admin:members_member_changelist"))
    looks_well(desk)
    desk.goto(reverse("admin:members_member_change", args=[li.pk]))
    looks_well(desk)
    desk.click(".object-tools a[href$='/appoint/']")
    prove(desk)
    desk.wait_for_url("**/appoint/")
    looks_well(desk)
    desk.select_option("[name=role]", "Editor")
    desk.click("#content form .button")
    desk.wait_for_url("**/change/")
    appointment = Appointment.objects.get(member=li)
    assert 360 <= (appointment.until - timezone.localdate()).days <= 370
    guest.goto(reverse("admin:index"))
    assert guest.url.endswith(reverse("admin:index"))
    # The next webmaster; the old one goes back to being a member.
    desk.goto(reverse("admin:members_appointment_changelist"))
    looks_well(desk)
    desk.click(".object-tools a[href$='/hand-over/']")
    looks_well(desk)
    desk.fill("[name=to]", "bob")
    desk.check("[name=keeps][value='']")
    desk.click("#content form .button")
    looks_well(desk)
    desk.click("#content form .button")
    desk.wait_for_selector(".messagelist")
    looks_well(desk)
    assert "Bob" in desk.inner_text("#content")
    root.refresh_from_db()
    bob.refresh_from_db()
    assert (bob.is_superuser, root.is_superuser, root.is_staff) == (True, False, False)
    acts = set(Decision.objects.values_list("action", flat=True))
    assert {"ask", "admit", "appoint"} <= acts
    # Where staff needs a second step, the desk leads to where it is set up.
    settings.STAFF_SECOND_FACTOR = True
    next_one = enter("bob", "/en/")
    next_one.goto(reverse("admin:index"))
    next_one.wait_for_url("**/accounts/settings/security/")
    assert "second step" in next_one.inner_text("body")
    looks_well(next_one)
