"""The editor of bodies at work; what it makes of a paste is in test_pasting.py."""

import base64
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from caisu.core import markup, richtext
from caisu.core.models import Image, Page
from caisu.tests.browser import wait_until

from .desk import DROP, PASTE, answer, described, editor, holds, png, set_text, tool, value

pytestmark = pytest.mark.browser


def test_an_editor_writes_with_all_that_a_body_may_hold(desk):
    page = desk()
    text = page.locator("#id_body_zh_hans").locator("xpath=..").get_by_role("textbox").first
    assert text.get_attribute("lang") == "zh-Hans"
    page.get_by_text("Text in Chinese").click()  # the label leads into the editor
    page.keyboard.type("大家好")
    page.keyboard.press("Enter")
    tool(page, "heading2", "body_zh_hans").click()
    page.keyboard.type("标题")
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+b")
    page.keyboard.type("bold")
    page.keyboard.press("ControlOrMeta+b")
    page.keyboard.type(" and ")
    tool(page, "italic", "body_zh_hans").click()
    page.keyboard.type("italic")
    page.keyboard.press("Enter")
    tool(page, "orderedList", "body_zh_hans").click()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    tool(page, "blockquote", "body_zh_hans").click()
    page.keyboard.type("quote")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    tool(page, "rule", "body_zh_hans").click()
    tool(page, "table", "body_zh_hans").click()
    page.keyboard.type("gone")
    tool(page, "deleteColumn", "body_zh_hans").click()
    tool(page, "addRow", "body_zh_hans").click()
    tool(page, "undo", "body_zh_hans").click()
    page.fill("#id_slug", "about")
    page.fill("#id_title_zh_hans", "关于")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/core/page/")
    assert Page.objects.get().body_zh_hans == (
        "<p>大家好</p><h2>标题</h2><p><strong>bold</strong> and <em>italic</em></p>"
        "<ol><li>one</li></ol><blockquote><p>quote</p></blockquote><hr>"
        "<table><tbody><tr><th></th><th></th></tr><tr><td></td><td></td></tr>"
        "<tr><td></td><td></td></tr></tbody></table>"
    )


def test_a_link_is_asked_for_and_wrong_ones_are_refused(desk):
    page = desk()
    page.locator(".ProseMirror").nth(1).click()
    page.keyboard.type("ISU")
    page.keyboard.press("Shift+Home")
    wait_until(page, "getSelection().toString() === 'ISU'")
    page.wait_for_timeout(100)  # the editor hears of a selection a moment after the page has it
    page.keyboard.press("ControlOrMeta+k")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Address").fill("javascript:alert(1)")
    page.keyboard.press("Enter")
    assert dialog.get_by_role("status").inner_text().startswith("This is not an address")
    dialog.get_by_label("Address").fill("www.isu.edu/caisu")
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    holds(page, "body_en", '<p><a href="https://www.isu.edu/caisu">ISU</a></p>')
    tool(page, "link").click()
    dialog.get_by_role("button", name="Remove the link").click()
    dialog.wait_for(state="detached")
    holds(page, "body_en", "<p>ISU</p>")
    tool(page, "link").click()
    dialog.get_by_role("button", name="Cancel").click()
    dialog.wait_for(state="detached")
    holds(page, "body_en", "<p>ISU</p>")


def test_pictures_come_by_button_paste_and_drop(desk):
    page = desk()
    text = page.locator(".ProseMirror").nth(1)
    text.click()
    page.keyboard.type("Before")
    with page.expect_file_chooser() as chooser:
        tool(page, "picture").click()
    chooser.value.set_files({"name": "gate.png", "mimeType": "image/png", "buffer": png()})
    pictures = text.locator("figure img")
    pictures.first.wait_for()
    page.keyboard.type("A gate")  # the question for its description has the focus
    text.locator("figcaption").first.click()
    page.keyboard.type("The gate")
    page.keyboard.press("Enter")
    page.keyboard.type("After")
    text.evaluate(PASTE, {"files": [["pasted.png", base64.b64encode(png("#225599")).decode()]]})
    pictures.nth(1).wait_for()
    text.evaluate(DROP, base64.b64encode(png("#229955")).decode())
    pictures.nth(2).wait_for()
    assert Image.objects.count() == 3
    html = value(page, "body_en")
    assert html.count("<figure>") == 3
    first = Image.objects.get(name="gate")
    assert (
        f'<figure><img src="/media/images/{first.token}/full.webp" alt="A gate">'
        "<figcaption>The gate</figcaption></figure>"
    ) in html
    text.get_by_role("button", name="Remove the picture").first.click()
    holds(page, "body_en", re.compile("(<figure>.*){2}"))
    page.fill("#id_slug", "about")
    page.fill("#id_title_en", "About")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/core/page/")
    assert Page.objects.get().body_en.count("<figure><img src=") == 2


def test_a_picture_that_cannot_be_taken_is_told(desk):
    page = desk()
    page.locator(".ProseMirror").nth(1).click()
    with page.expect_file_chooser() as chooser:
        tool(page, "picture").click()
    chooser.value.set_files({"name": "half.png", "mimeType": "image/png", "buffer": png()[:400]})
    message = page.locator(".richtext-status .wrong")
    message.wait_for()
    assert message.inner_text().startswith("half.png: This picture is damaged or incomplete.")
    message.get_by_role("button", name="Close this message").click()
    message.wait_for(state="detached")
    assert Image.objects.count() == 0
    page.problems[:] = [problem for problem in page.problems if not problem.startswith("400")]


def test_the_bar_is_one_stop_for_the_keyboard(desk):
    page = desk()
    editor(page)
    bar = page.get_by_role("toolbar", name="Formatting").last
    tool(page, "paragraph").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.tool") == "heading2"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.tool") == "redo"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.tool") == "paragraph"
    assert bar.locator("button[tabindex='0']").count() == 1
    for button in bar.locator("button:not([hidden])").all():
        assert button.get_attribute("aria-label")
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_a_text_set_from_outside_is_shown(desk):
    page = desk()
    area = page.locator("#id_body_en")
    page.locator(".ProseMirror").nth(1).wait_for()
    area.evaluate(
        "area => { area.value = '<p>restored</p>'; area.dispatchEvent(new Event('change')) }"
    )
    assert page.locator(".ProseMirror").nth(1).inner_text().strip() == "restored"


def test_without_javascript_the_source_can_be_written(desk):
    page = desk(javascript=False)
    page.fill("#id_slug", "about")
    page.fill("#id_title_en", "About")
    page.fill("#id_body_en", "<p>plain</p>")
    page.get_by_role("button", name="Save", exact=True).click()
    assert Page.objects.get().body_en == "<p>plain</p>"


def test_a_figure_has_a_description_a_credit_and_a_caption(desk):
    page = desk(prepare=answer)
    ours = described(1)["url"]
    set_text(
        page,
        f'<p>a</p><figure><img src="{ours}" alt="Gate"><small>Alice</small>'
        f'<figcaption>The gate</figcaption></figure><figure><img src="{ours}"></figure>',
    )
    first, second = editor(page).locator("figure").all()
    assert first.get_by_label("Description").input_value() == "Gate"
    assert first.get_by_label("Credit").input_value() == "Alice"
    assert second.get_by_label("Credit").input_value() == ""
    first.get_by_label("Credit").fill("Alice Wang")
    first.get_by_label("Description").fill("Our gate")
    second.get_by_label("Credit").fill("<Bob>")
    second.get_by_label("Credit").press("Enter")  # sends nothing
    html = (
        f'<p>a</p><figure><img src="{ours}" alt="Our gate"><small>Alice Wang</small>'
        f'<figcaption>The gate</figcaption></figure><figure><img src="{ours}" alt="">'
        "<small>&lt;Bob&gt;</small></figure>"
    )
    holds(page, "body_en", html)
    assert markup.sanitise(html) == html


def test_what_is_known_of_an_uploaded_picture_is_filled_in(desk):
    page = desk(prepare=answer)
    page.route("**/upload/", lambda route: route.fulfill(json=described(7)))
    for column, alt in {"body_zh_hans": "校门", "body_en": "The gate"}.items():
        editor(page, column).click()
        with page.expect_file_chooser() as chooser:
            tool(page, "picture", column).click()
        chooser.value.set_files({"name": "g.png", "mimeType": "image/png", "buffer": png()})
        editor(page, column).locator("figure img").wait_for()
        holds(
            page,
            column,
            f'<figure><img src="{described(7)["url"]}" alt="{alt}"><small>Alice</small></figure>',
        )


def test_the_text_is_counted_as_the_server_counts_it(desk):
    page = desk()
    length = page.locator("#id_body_en-length")
    editor(page)
    assert length.inner_text() == "0 words · 1 minute to read"
    assert length.get_attribute("aria-live") is None  # not at each key
    assert "id_body_en-length" in editor(page).get_attribute("aria-describedby")
    for html in [
        "<p>你好，world! It's 2 well-known 词。</p>",
        "<h2>标题</h2><p>one<br>two <strong>th</strong>ree</p><ul><li>四</li></ul>",
        f'<p>a</p><figure><img src="{described(1)["url"]}" alt="not counted"><small>by Alice</small>'
        "<figcaption>the gate</figcaption></figure>",
        "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        "<p>〇々ァ㐀𠀀 café naïve_2 e\u0301x Ⅳ ½ ２ don’t a.b-c 한국어 привет</p>",
        "<p>" + "字" * 750 + "</p>",
        "<p>" + "字" * 450 + "</p>",
        "<p>" + "word " * 1234 + "</p>",
    ]:
        page.route("**/media/images/**", lambda route: route.fulfill(body=png()))
        set_text(page, html)
        text = markup.text_of(html)
        words, minutes = markup.words(text), markup.reading_minutes(text)
        expected = rf"^{words:,} (word|character)s? · {minutes} minutes? to read$"
        length.filter(has_text=re.compile(expected)).wait_for()


def test_a_text_that_cannot_be_saved_is_told(desk):
    page = desk()
    set_text(page, "<p>" + "字" * (richtext.MAX_LENGTH + 1) + "</p>")
    message = page.locator(".richtext-status .wrong")
    message.wait_for()
    assert message.locator("p").inner_text().startswith("This text is too long to be saved.")
    page.fill("#id_slug", "about")
    page.fill("#id_title_en", "About")
    page.get_by_role("button", name="Save", exact=True).click()
    # The editor does not open what is longer still: it is shortened in its source.
    assert (
        page.get_by_role("alert").inner_text().startswith("This text is too long for the editor.")
    )
    assert page.locator("#id_body_en").is_visible()
    assert page.get_by_text("This text is too long: 300008 characters").is_visible()
    page.fill("#id_body_en", "<p>short</p>")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/core/page/")
    assert Page.objects.get().body_en == "<p>short</p>"


def test_whoever_saves_in_between_hears_of_each_change_and_of_pictures_on_their_way(desk):
    page = desk()
    editor(page).click()
    page.evaluate(
        """() => {
            const heard = (window.heard = [])
            document.querySelector("form#page_form").addEventListener("input", ({ target }) => {
                if (target.id === "id_body_en") heard.push(["busy" in target.dataset, target.value])
            })
        }"""
    )
    page.keyboard.type("ab")
    assert page.evaluate("heard.splice(0)") == [[False, "<p>a</p>"], [False, "<p>ab</p>"]]
    held = []
    page.route("**/upload/", lambda route: held.append(route))
    editor(page).evaluate(PASTE, {"files": [["pasted.png", base64.b64encode(png()).decode()]]})
    editor(page).get_by_role("progressbar", name="Uploading pasted.png").wait_for()
    holds(page, "body_en", "<p>ab</p>")
    assert page.evaluate("heard.splice(0)") == [[True, "<p>ab</p>"]]
    page.keyboard.type("c")  # the editor writes on meanwhile
    page.get_by_role("button", name="Save", exact=True).click()
    assert "still on its way" in page.locator(".richtext-status .wrong").inner_text()
    page.wait_for_timeout(50)
    held[0].fulfill(json=described(3, alt_en=""))
    page.locator("#id_body_en:not([data-busy])").wait_for(state="attached")
    busy, html = page.evaluate("heard.at(-1)")
    assert not busy
    assert html.count('alt=""><small>Alice</small></figure>') == 1
    # Who writes on is not interrupted.
    assert page.evaluate("document.activeElement.dataset.field") is None
    page.problems[:] = [problem for problem in page.problems if "/media/images/" not in problem]


def test_the_smaller_bar_of_members(desk):
    def smaller(page):
        page.route(
            "**/core/page/add/",
            lambda route: route.fulfill(
                response=(response := route.fetch()),
                body=response.text().replace("compact&quot;: false", "compact&quot;: true"),
            ),
        )

    page = desk(prepare=smaller)
    editor(page)
    assert tool(page, "heading3").is_visible()
    for name in ["heading4", "table", "rule"]:
        assert tool(page, name).count() == 0
    set_text(page, "<table><tbody><tr><td>x</td></tr></tbody></table>")
    editor(page).locator("td").click()
    assert tool(page, "deleteTable").is_visible()


def test_an_editor_that_cannot_start_leaves_the_source(desk):
    page = desk(prepare=lambda page: page.route("**/editor.js", lambda route: route.abort()))
    notes = page.get_by_role("alert")
    notes.first.wait_for()
    assert notes.first.inner_text() == "The editor could not start. You can write HTML here."
    page.fill("#id_slug", "about")
    page.fill("#id_title_en", "About")
    page.fill("#id_body_en", "<p>plain</p>")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/core/page/")
    assert Page.objects.get().body_en == "<p>plain</p>"
    page.problems.clear()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_accessible_and_fits(desk, width, scheme, language):
    page = desk(
        language,
        answer,
        width=width,
        color_scheme=scheme,
        reduced_motion="reduce",
        has_touch=width < 600,
    )
    answer(page, *[described(pk) for pk in range(9, 1, -1)], older=2)
    set_text(
        page,
        f'<h2>Gate</h2><figure><img src="{described(1)["url"]}" alt=""><figcaption>x</figcaption>'
        "</figure><table><tbody><tr><td><p>" + "wide" * 40 + "</p></td></tr></tbody></table>",
    )
    editor(page).evaluate(
        PASTE, {"html": '<p>a</p><img src="https://other.example/' + "a" * 90 + '">'}
    )
    page.locator(".richtext-status a").wait_for()
    problems = []

    def look(where):
        for violation in Axe().run(page).response["violations"]:
            nodes = [node["html"][:150] for node in violation["nodes"]]
            problems.append(f"{where}: {violation['id']}: {nodes}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append(f"{where}: overflows")
        for dialog in page.get_by_role("dialog").all():
            box = dialog.bounding_box()
            if box["x"] < 0 or box["x"] + box["width"] > width:
                problems.append(f"{where}: wider than the screen")

    look("editor")
    tool(page, "link").click()
    page.get_by_role("dialog").wait_for()
    look("link")
    page.keyboard.press("Escape")
    tool(page, "library").click()
    page.get_by_role("dialog").locator("li").first.wait_for()
    look("library")
    assert not problems, "\n".join(problems)
    # The tool's own style sheets.
    page.problems[:] = [problem for problem in page.problems if "nline" not in problem]
