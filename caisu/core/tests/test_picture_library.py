"""The dialog that lets an editor choose one of the pictures that are here already."""

import re

import pytest

from caisu.core import images
from caisu.core.models import Image
from caisu.tests.cast import make_upload

from .desk import answer, described, editor, holds, tool, value

pytestmark = pytest.mark.browser


def test_a_picture_is_chosen_from_the_library(desk, root):
    gate = images.receive(make_upload("gate.jpg"), by=root)
    images.receive(make_upload("hall.jpg", size=(300, 200)), by=root)
    Image.objects.filter(pk=gate.pk).update(alt_en="The gate", credit="Alice", name="gate")
    page = desk()
    editor(page).click()
    page.keyboard.type("Before")
    tool(page, "library").click()
    dialog = page.get_by_role("dialog", name="Picture from the library")
    dialog.get_by_role("status").get_by_text("2 pictures").wait_for()
    dialog.get_by_label("Search pictures").fill("gate")
    dialog.get_by_role("status").get_by_text("1 picture", exact=True).wait_for()
    dialog.get_by_role("button", name="gate").click()
    dialog.wait_for(state="detached")
    holds(
        page,
        "body_en",
        f'<p>Before</p><figure><img src="{images.url(gate)}" alt="The gate">'
        "<small>Alice</small></figure>",
    )
    tool(page, "library", "body_zh_hans").click()
    dialog.get_by_role("button", name="gate").click()
    editor(page, "body_zh_hans").locator("figure").wait_for()
    # In Chinese nothing is said of it yet.
    assert page.evaluate("document.activeElement.dataset.field") == "alt"
    tool(page, "library").click()
    dialog.get_by_label("Search pictures").fill("nothing like this")
    dialog.get_by_role("status").get_by_text("No picture has these words.").wait_for()
    page.keyboard.press("Escape")  # empties the field
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert value(page, "body_en").count("<figure>") == 1


def test_the_library_is_used_by_keyboard(desk):
    page = desk()
    asked = answer(page, *[described(pk) for pk in range(9, 3, -1)], older=4)
    editor(page).click()
    tool(page, "library").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("status").get_by_text("6 pictures").wait_for()
    focused = "document.activeElement.innerText.trim()"
    assert page.evaluate("document.activeElement.type") == "search"
    dialog.get_by_role("button", name="picture 9").focus()
    for key, name in {"End": 4, "ArrowLeft": 5, "Home": 9, "ArrowRight": 8}.items():
        page.keyboard.press(key)
        assert page.evaluate(focused) == f"picture {name}"
    dialog.get_by_role("button", name="Older pictures").press("Enter")
    dialog.get_by_role("status").get_by_text("12 pictures").wait_for()
    assert "before=4" in asked[-1]
    assert dialog.get_by_role("button", name="Older pictures").is_hidden()
    assert page.evaluate(focused) == "picture 9"  # the first of the older ones
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    holds(page, "body_en", re.compile(r"\?v=3"))


def test_a_library_that_is_empty_or_fails_says_so(desk):
    page = desk()
    answer(page)
    editor(page)
    tool(page, "library").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("status").get_by_text("There are no pictures yet.").wait_for()
    dialog.get_by_role("button", name="Close").click()
    page.unroute("**/choose/**")
    answer(page, kind="text/html")  # a page to log in
    tool(page, "library").click()
    dialog.get_by_text("The library did not answer.").wait_for()
    page.unroute("**/choose/**")
    answer(page, described(1, name=""))
    dialog.get_by_role("button", name="Try again").click()
    dialog.get_by_role("button", name="Picture without a name").wait_for()
    assert dialog.get_by_role("button", name="Try again").is_hidden()


def test_the_library_serves_others_too(desk):
    page = desk()
    answer(page, described(5))
    editor(page)
    choose = """async () => {
        const settings = JSON.parse(document.querySelector("[data-richtext]").dataset.richtext)
        const { choosePicture } = await import(settings.modules.library)
        choosePicture(settings).then((picture) => { document.title = picture ? picture.pk : "none" })
    }"""
    page.evaluate(choose)
    page.get_by_role("button", name="picture 5").click()
    page.locator("dialog").wait_for(state="detached")
    assert page.title() == "5"
    page.evaluate(choose)
    page.get_by_role("button", name="Close").click()
    page.locator("dialog").wait_for(state="detached")
    assert page.title() == "none"
