"""The editor of bodies in a browser: events that a paste and a drop make, and where things are."""

import json
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow

# Called with (element, {"html", "text", "rtf", "files": [[name, base64], …]}).
PASTE = """(element, { html, text, rtf, files = [] }) => {
    const data = new DataTransfer()
    for (const [name, content] of files) {
        const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0))
        data.items.add(new File([bytes], name, { type: "image/png" }))
    }
    if (html) data.setData("text/html", html)
    if (text) data.setData("text/plain", text)
    if (rtf) data.setData("text/rtf", rtf)
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


def png(colour="#993322", size=(900, 500)):
    """The bytes of a picture."""
    buffer = BytesIO()
    Pillow.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def pasted(name):
    """What a program lays on the clipboard, invented in its manner: a file in ``pasted/``."""
    return (Path(__file__).parent / "pasted" / name).read_text(encoding="utf-8")


def value(page, column):
    """The text of one language as it would be sent."""
    return page.locator(f"#id_{column}").input_value()


def holds(page, column, wanted):
    """Waits for the text of one language to be so: the editor writes a moment after it is told.

    Args:
        wanted: The whole of it, or a compiled pattern to find in it.
    """
    from playwright.sync_api import expect

    expect(page.locator(f"#id_{column}")).to_have_value(wanted)


def editor(page, column="body_en"):
    """The text of one language as it is shown."""
    text = page.locator(f".richtext:has(#id_{column}) .ProseMirror")
    text.wait_for()
    return text


def tool(page, name, column="body_en"):
    """A button of the toolbar."""
    return page.locator(f".richtext:has(#id_{column}) [data-tool={name}]")


def answer(page, *pictures, older=None, kind="application/json"):
    """Has the library answer so, whatever it is asked; the addresses asked are returned."""
    asked = []

    def fulfil(route):
        asked.append(route.request.url)
        body = json.dumps({"pictures": pictures, "older": older if len(asked) == 1 else None})
        route.fulfill(content_type=kind, body=body)

    page.route("**/choose/**", fulfil)
    page.route(
        "**/media/images/**", lambda route: route.fulfill(body=png(), content_type="image/png")
    )
    return asked


def described(pk, **changes):
    """A picture as the library and the upload tell it."""
    token = f"{pk:032x}"
    return {
        "pk": pk,
        "token": token,
        "url": f"/media/images/{token}/full.webp?v=3",
        "thumbnail": f"/media/images/{token}/480.webp?v=3",
        "name": f"picture {pk}",
        "alt_zh_hans": "校门",
        "alt_en": "The gate",
        "credit": "Alice",
        "width": 900,
        "height": 500,
        **changes,
    }


def set_text(page, html, column="body_en"):
    """Sets the text from outside, as whoever restores a draft does."""
    editor(page, column)
    page.locator(f"#id_{column}").evaluate(
        "(area, html) => { area.value = html; area.dispatchEvent(new Event('change')) }", html
    )
