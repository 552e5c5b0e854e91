"""The page judges a new password while it is typed, and as the server does afterwards."""

import pytest

from members import passwords
from members.models import Member
from members.tests.test_passwords import COMMON, GOOD

pytestmark = pytest.mark.browser

OWN = ["rubber-duck7", "nordlicht.tt@gmail.com"]
TRIED = [*GOOD, *COMMON, "rubber-duck7!x", "N0rdlicht2026!", "19990101", "208-555-0123"]
RECKON = """async ([tried, own]) => {
    const { known, points, ownWords } = await import(
        document.querySelector("script[src*='/password.']").src)
    const { list } = document.querySelector("template#password-words").dataset
    const lists = known(await (await fetch(list)).text())
    return tried.map((each) => [points(each, lists), points(each, lists, ownWords(own))])
}"""


def test_script_and_server_reckon_alike(visit):
    page = visit()
    page.goto("/en/accounts/signup/")
    own = passwords.own_words(Member(username=OWN[0], email=OWN[1]))
    ours = [[passwords.points(each), passwords.points(each, own)] for each in TRIED]
    assert page.evaluate(RECKON, [TRIED, OWN]) == ours


def test_meter_speaks_while_one_types(visit):
    page = visit(locale="en-US", width=390)
    page.goto("/en/accounts/signup/")
    for typed, said in [("short", "Too short"), (COMMON[0], "Easy"), (GOOD[1], "ood")]:
        page.fill("main [name=password1]", typed)
        page.wait_for_selector(f"main form#signup :text('{said}')")
