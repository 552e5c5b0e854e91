"""The field and the editor of article bodies."""

import base64
import json
from io import BytesIO

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import translation
from PIL import Image as Pillow

from caisu.core import richtext
from caisu.core.models import Image, Page
from caisu.core.richtext import RichTextField, RichTextWidget
from caisu.tests.cast import CastTestCase, make_member

DIRTY = '<p onclick="x">a<script>alert(1)</script></p>'
CLEAN = "<p>a</p>"


class FieldTests(CastTestCase):
    def make_page(self, **changes):
        return Page(slug="about", title_en="About", **changes)

    def test_what_a_form_sends_is_sanitised(self):
        page = self.make_page(body_en=DIRTY)
        page.full_clean()
        self.assertEqual(page.body_en, CLEAN)

    def test_what_a_model_saves_is_sanitised(self):
        page = self.make_page(body_en=DIRTY)
        page.save()
        self.assertEqual(page.body_en, CLEAN)
        page.refresh_from_db()
        self.assertEqual(page.body_en, CLEAN)
        Page.objects.bulk_create([Page(slug="b", title_en="B", body_zh_hans=DIRTY)])
        self.assertEqual(Page.objects.get(slug="b").body_zh_hans, CLEAN)

    def test_what_is_too_long_is_refused(self):
        page = self.make_page(body_en="x" * (richtext.MAX_LENGTH + 1))
        with self.assertRaises(ValidationError) as caught:
            page.full_clean()
        self.assertEqual(caught.exception.error_dict["body_en"][0].code, "max_length")

    def test_a_body_of_nothing_but_code_is_empty(self):
        field = RichTextField()
        field.set_attributes_from_name("body")
        with self.assertRaises(ValidationError) as caught:
            field.clean("<script>x</script>", None)
        self.assertEqual(caught.exception.code, "blank")

    def test_migrations_see_a_text_field(self):
        self.assertEqual(
            Page._meta.get_field("body_en").deconstruct()[1], "django.db.models.TextField"
        )

    def test_the_editor_knows_the_language_of_its_column(self):
        for name, language in {"body_zh_hans": "zh-Hans", "body_en": "en"}.items():
            widget = Page._meta.get_field(name).formfield().widget
            self.assertIsInstance(widget, RichTextWidget)
            self.assertEqual(widget.attrs["lang"], language)

    def test_a_form_may_choose_another_widget(self):
        field = Page._meta.get_field("body_en").formfield(widget=forms.TextInput)
        self.assertIsInstance(field.widget, forms.TextInput)

    def test_the_admin_shows_the_editor(self):
        self.login(self.root)
        response = self.client.get(reverse("admin:core_page_add"))
        self.assertContains(response, "data-richtext=", 2)
        self.assertContains(response, 'type="module"')
        self.assertContains(response, "js/richtext.js")
        self.assertContains(response, "css/richtext.css")


class WidgetTests(SimpleTestCase):
    def settings_of(self, widget, language="en"):
        with translation.override(language):
            context = widget.get_context("body", "<p>a</p>", {"id": "id_body"})
        return json.loads(context["widget"]["attrs"]["data-richtext"])

    def test_it_is_a_textarea_of_html_without_javascript(self):
        html = RichTextWidget().render("body", "<p>a</p>", {"id": "id_body"})
        self.assertIn("<textarea", html)
        self.assertIn("&lt;p&gt;a&lt;/p&gt;</textarea>", html)
        self.assertNotIn("style=", html)

    def test_it_tells_where_the_bundle_and_the_upload_are(self):
        settings = self.settings_of(RichTextWidget())
        self.assertTrue(settings["editor"].endswith("django_prose_editor/editor.js"))
        self.assertEqual(settings["upload"], reverse("upload"))
        self.assertEqual(self.settings_of(RichTextWidget(uploads=False))["upload"], "")

    def test_every_label_is_there(self):
        labels = self.settings_of(RichTextWidget())["labels"]
        self.assertEqual(labels["bold"], "Bold")
        self.assertEqual(set(labels), set(richtext.LABELS))

    def test_the_browser_does_not_insist_on_a_hidden_field(self):
        class Form(forms.ModelForm):
            class Meta:
                model = Page
                fields = ["body_en"]

        form = Form()
        form.fields["body_en"].required = True
        self.assertNotIn("required", str(form["body_en"]))

    def test_other_text_fields_keep_their_textarea(self):
        self.assertNotIsInstance(models.TextField().formfield().widget, RichTextWidget)


# --- In a browser

PASTE = """(element, [picture, html]) => {
    const data = new DataTransfer()
    if (picture) {
        const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))
        data.items.add(new File([bytes], "pasted.png", { type: "image/png" }))
    }
    if (html) data.setData("text/html", html)
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""
DROP = """(element, picture) => {
    const data = new DataTransfer()
    const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))
    data.items.add(new File([bytes], "dropped.png", { type: "image/png" }))
    const box = element.querySelector("p").getBoundingClientRect()
    element.dispatchEvent(new DragEvent("drop", {
        dataTransfer: data, clientX: box.x + 2, clientY: box.y + 5, bubbles: true, cancelable: true,
    }))
}"""


def png(colour="#993322"):
    buffer = BytesIO()
    Pillow.new("RGB", (900, 500), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def desk(visit, client, settings):
    """The form of a page, opened by a webmaster; ``desk.area(column)`` is its text as HTML."""
    webmaster = make_member("root", is_staff=True, is_superuser=True)
    client.force_login(webmaster)

    def open_desk(**options):
        page = visit(locale="en-US", **options)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: "en"}
        page.goto("/robots.txt")
        page.context.add_cookies(
            [{"name": name, "value": value, "url": page.url} for name, value in cookies.items()]
        )
        page.goto(reverse("admin:core_page_add"))
        return page

    return open_desk


def value(page, column):
    return page.locator(f"#id_{column}").input_value()


def tool(page, name, number=0):
    return page.locator(".richtext-bar").nth(number).locator(f"[data-tool={name}]")


@pytest.mark.browser
def test_an_editor_writes_with_all_that_a_body_may_hold(desk):
    page = desk()
    text = page.locator("#id_body_zh_hans").locator("xpath=..").get_by_role("textbox").first
    assert text.get_attribute("lang") == "zh-Hans"
    page.get_by_text("Text in Chinese").click()  # the label leads into the editor
    page.keyboard.type("大家好")
    page.keyboard.press("Enter")
    tool(page, "heading2").click()
    page.keyboard.type("标题")
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+b")
    page.keyboard.type("bold")
    page.keyboard.press("ControlOrMeta+b")
    page.keyboard.type(" and ")
    tool(page, "italic").click()
    page.keyboard.type("italic")
    page.keyboard.press("Enter")
    tool(page, "orderedList").click()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    tool(page, "blockquote").click()
    page.keyboard.type("quote")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    tool(page, "rule").click()
    tool(page, "table").click()
    page.keyboard.type("gone")
    tool(page, "deleteColumn").click()
    tool(page, "addRow").click()
    tool(page, "undo").click()
    page.fill("#id_slug", "about")
    page.fill("#id_title_zh_hans", "关于")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/core/page/")
    assert Page.objects.get().body_zh_hans == (
        "<p>大家好</p><h2>标题</h2><p><strong>bold</strong> and <em>italic</em></p>"
        "<ol><li><p>one</p></li></ol><blockquote><p>quote</p></blockquote><hr>"
        "<table><tbody><tr><th></th><th></th></tr><tr><td></td><td></td></tr>"
        "<tr><td></td><td></td></tr></tbody></table>"
    )


@pytest.mark.browser
def test_a_link_is_asked_for_and_wrong_ones_are_refused(desk):
    page = desk()
    page.locator(".ProseMirror").nth(1).click()
    page.keyboard.type("ISU")
    page.keyboard.press("Shift+Home")
    page.wait_for_function("getSelection().toString() === 'ISU'")
    page.wait_for_timeout(100)  # the editor hears of a selection a moment after the page has it
    page.keyboard.press("ControlOrMeta+k")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Address").fill("javascript:alert(1)")
    page.keyboard.press("Enter")
    assert dialog.get_by_role("status").inner_text().startswith("This is not an address")
    dialog.get_by_label("Address").fill("www.isu.edu/caisu")
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    assert value(page, "body_en") == '<p><a href="https://www.isu.edu/caisu">ISU</a></p>'
    tool(page, "link", 1).click()
    dialog.get_by_role("button", name="Remove the link").click()
    dialog.wait_for(state="detached")
    assert value(page, "body_en") == "<p>ISU</p>"
    tool(page, "link", 1).click()
    dialog.get_by_role("button", name="Cancel").click()
    dialog.wait_for(state="detached")
    assert value(page, "body_en") == "<p>ISU</p>"


@pytest.mark.browser
def test_pictures_come_by_button_paste_and_drop(desk):
    page = desk()
    text = page.locator(".ProseMirror").nth(1)
    text.click()
    page.keyboard.type("Before")
    with page.expect_file_chooser() as chooser:
        tool(page, "picture", 1).click()
    chooser.value.set_files({"name": "gate.png", "mimeType": "image/png", "buffer": png()})
    pictures = text.locator("figure img")
    pictures.first.wait_for()
    page.keyboard.type("A gate")  # the question for its description has the focus
    text.locator("figcaption").first.click()
    page.keyboard.type("The gate")
    page.keyboard.press("Enter")
    page.keyboard.type("After")
    text.evaluate(PASTE, [base64.b64encode(png("#225599")).decode(), ""])
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
    assert value(page, "body_en").count("<figure>") == 2
    page.fill("#id_slug", "about")
    page.fill("#id_title_en", "About")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/core/page/")
    assert Page.objects.get().body_en.count("<figure><img src=") == 2


@pytest.mark.browser
def test_a_picture_that_cannot_be_taken_is_told(desk):
    page = desk()
    page.locator(".ProseMirror").nth(1).click()
    with page.expect_file_chooser() as chooser:
        tool(page, "picture", 1).click()
    chooser.value.set_files({"name": "half.png", "mimeType": "image/png", "buffer": png()[:400]})
    message = page.locator(".richtext-status .wrong")
    message.wait_for()
    assert message.inner_text().startswith("half.png: This picture is damaged or incomplete.")
    message.get_by_role("button", name="Close this message").click()
    message.wait_for(state="detached")
    assert Image.objects.count() == 0
    page.problems[:] = [problem for problem in page.problems if not problem.startswith("400")]


@pytest.mark.browser
def test_what_is_pasted_from_elsewhere_comes_in_clean(desk):
    page = desk()
    text = page.locator(".ProseMirror").nth(1)
    text.click()
    text.evaluate(
        PASTE,
        [
            base64.b64encode(png()).decode(),  # Word adds a picture of the text
            '<b style="font-weight:normal"><h1 style="color:red">Big</h1><p onclick="alert(1)">'
            '<span style="font-weight:700">strong</span> <span style="font-style:italic">soft</span> '
            '<a href="javascript:alert(1)">bad</a><img src="https://evil.example/x.png" '
            'style="width:1px"></p><p><img data-src="https://mmbiz.example/y">style = x</p></b>',
        ],
    )
    assert value(page, "body_en") == (
        "<h2>Big</h2><p><strong>strong</strong> <em>soft</em> bad</p><p>style = x</p>"
    )
    notice = page.locator(".richtext-status .wrong").inner_text()
    assert notice.startswith("Pictures from other sites were left out: 2.")
    assert Image.objects.count() == 0


@pytest.mark.browser
def test_the_bar_is_one_stop_for_the_keyboard(desk):
    page = desk()
    bar = page.get_by_role("toolbar", name="Formatting").first
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


@pytest.mark.browser
def test_a_text_set_from_outside_is_shown(desk):
    page = desk()
    area = page.locator("#id_body_en")
    page.locator(".ProseMirror").nth(1).wait_for()
    area.evaluate(
        "area => { area.value = '<p>restored</p>'; area.dispatchEvent(new Event('change')) }"
    )
    assert page.locator(".ProseMirror").nth(1).inner_text().strip() == "restored"


@pytest.mark.browser
def test_without_javascript_the_source_can_be_written(desk):
    page = desk(javascript=False)
    page.fill("#id_slug", "about")
    page.fill("#id_title_en", "About")
    page.fill("#id_body_en", "<p>plain</p>")
    page.get_by_role("button", name="Save", exact=True).click()
    assert Page.objects.get().body_en == "<p>plain</p>"
