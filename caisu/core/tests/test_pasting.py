"""What is pasted into the editor of bodies, from the programs that people write in."""

import base64
import re

import pytest

from caisu.core import markup
from caisu.core.models import Image

from .desk import PASTE, answer, described, editor, holds, pasted, png, set_text, value

pytestmark = pytest.mark.browser


def picture(colour="#993322"):
    return base64.b64encode(png(colour)).decode()


def paste(page, **clipboard):
    text = editor(page)
    text.click()
    text.evaluate(PASTE, clipboard)
    return value(page, "body_en")


def messages(page):
    return page.locator(".richtext-status .wrong")


def rtf_with(*pictures):
    """RTF as Word writes it: each picture once for itself, once for old readers."""
    return (
        r"{\rtf1\adeflang1025\ansi\ansicpg936{\fonttbl{\f0 Times New Roman;}}\pard\plain "
        + "".join(
            r"{\*\shppict{\pict{\*\picprop\shplid1025{\sp{\sn shapeType}{\sv 75}}}\picscalex100"
            r"\picw7064\pich3532\picwgoal4005\pichgoal2002\pngblip\bliptag-1206512{\*\blipuid "
            r"b8169b10c1a5ea51a2a7b44cf6a9fb3a}"
            + "\n"
            + re.sub("(.{128})", r"\1\n", data.hex())
            + "}}"
            r"{\nonshppict{\pict\picscalex100\wmetafile8\bliptag-1206512 0100090000}}"
            for data in pictures
        )
        + "}"
    )


def test_word_comes_in_clean(desk):
    page = desk()
    html = paste(
        page,
        html=pasted("word.html"),
        text="中秋晚会通知",
        rtf=rtf_with(png("#225599")),
        files=[["image.png", picture()]],  # Word's picture of the whole text
    )
    page.locator(".ProseMirror figure img").wait_for()
    assert "<figure>" not in html
    image = Image.objects.get()  # the one from the RTF, not that of the text
    assert value(page, "body_en") == (
        "<h2>中秋晚会通知</h2>"
        "<p>各位同学：今年的中秋晚会定在<strong>九月二十五日</strong> 晚上，"
        "<em>at the Student Union</em>。</p>"
        "<h2>节目</h2>"
        "<ol><li>合唱<ul><li>茉莉花</li><li>Home on the Range</li></ul></li>"
        "<li>舞蹈</li></ol>"
        f'<figure><img src="/media/images/{image.token}/full.webp" alt=""></figure>'
        "<table><tbody><tr><td>时间</td>"
        "<td>18:30</td></tr></tbody></table>"
        '<p>详情见<a href="https://www.isu.edu/caisu">ISU</a></p>'
    )
    assert messages(page).count() == 0


def test_pictures_that_word_keeps_to_itself_are_told(desk):
    page = desk()
    html = paste(page, html=pasted("word.html"), text="中秋晚会通知")
    assert "<img" not in html
    assert messages(page).locator("p").inner_text() == (
        "1 picture lies on your computer and did not come along. Add it from there."
    )


def test_wechat_comes_in_clean(desk):
    page = desk()
    assert paste(page, html=pasted("wechat.html"), text="新生见面会") == (
        "<p><strong>新生见面会</strong></p>"
        "<p>八月二十日，学联在<strong>爱达荷州立大学</strong>迎来 48 位新同学。</p>"
        "<p>大家在校门前合影</p><p>谢谢大家🎉，再见！</p>"
        "<ul><li>带好护照</li><li>带好 I-20</li></ul>"
    )
    message = messages(page)
    assert message.locator("p").inner_text().startswith("1 picture from another site was left out.")
    link = message.get_by_role("link")
    assert link.get_attribute("href") == (
        "https://mmbiz.example/sz_mmbiz_jpg/abc/640?wx_fmt=jpeg&from=appmsg"
    )
    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_google_docs_comes_in_clean(desk):
    page = desk()
    assert paste(page, html=pasted("google_docs.html"), text="Airport pickup") == (
        "<h2>Airport pickup</h2>"
        "<p>We meet you in <strong>Pocatello</strong><em> or in Salt Lake City</em>. See "
        '<a href="https://www.isu.edu/ipo/">the office</a>.</p>'
        "<h3>What to bring</h3>"
        "<ul><li>Passport<ul><li>and I-20</li></ul></li>"
        "<li>Warm clothes</li></ul>"
        "<table><tbody><tr><td><strong>Flight</strong></td>"
        "<td>DL 3901</td></tr></tbody></table>"
    )
    assert messages(page).get_by_role("link").get_attribute("href") == (
        "https://lh7-rt.googleusercontent.example/docsz/AD_4nXe?key=abc"
    )


@pytest.mark.parametrize("name", ["word.html", "wechat.html", "google_docs.html"])
def test_the_server_changes_nothing_in_what_was_cleaned(desk, name):
    page = desk()
    html = paste(page, html=pasted(name), text="x")
    assert html
    assert markup.sanitise(html).replace(' rel="noopener"', "") == html


def test_pictures_in_the_text_are_sent_to_their_places(desk):
    page = desk()
    before = paste(
        page,
        html=f'<p>one<img src="data:image/png;base64,{picture("#225599")}" alt="x">two</p>'
        f'<p>three</p><figure><img src="data:image/png;base64,{picture("#552299")}"></figure>'
        '<img src="data:image/svg+xml;base64,PHN2Zy8+"><img src="data:image/png;base64,%%%">',
        text="one two",
    )
    assert before == "<p>one</p><p>two</p><p>three</p>"
    assert page.locator("#id_body_en").get_attribute("data-busy") == ""
    page.locator("#id_body_en:not([data-busy])").wait_for(state="attached")
    first, second = Image.objects.order_by("pk")
    figure = '<figure><img src="/media/images/{}/full.webp" alt=""></figure>'
    holds(
        page,
        "body_en",
        f"<p>one</p>{figure.format(first.token)}<p>two</p><p>three</p>{figure.format(second.token)}",
    )
    assert first.name == "Pasted picture"
    page.keyboard.press("ControlOrMeta+z")
    holds(page, "body_en", "")
    page.keyboard.press("ControlOrMeta+Shift+z")
    holds(page, "body_en", re.compile("(<figure><img src=.*){2}"))


def test_a_picture_that_only_this_page_can_read_is_sent(desk):
    page = desk()
    editor(page)
    address = page.evaluate(
        """(picture) => {
            const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))
            return URL.createObjectURL(new Blob([bytes], { type: "image/png" }))
        }""",
        picture(),
    )
    paste(page, html=f'<p>one</p><img src="{address}">', text="one")
    page.locator(".ProseMirror figure img").wait_for()
    assert Image.objects.get().width == 900
    paste(page, html='<p>two</p><img src="blob:null/gone">', text="two")
    messages(page).wait_for()
    assert messages(page).locator("p").inner_text() == (
        "Pasted picture did not arrive. Please try again."
    )
    page.problems[:] = [problem for problem in page.problems if "blob:" not in problem]


def test_our_own_pictures_are_kept_with_credit_and_caption(desk, site):
    page = desk(
        prepare=lambda page: page.route(
            "**/media/images/**", lambda route: route.fulfill(body=png())
        )
    )
    token = "0123456789abcdef" * 2
    ours = f"/media/images/{token}/full.webp?v=12"
    html = paste(
        page,
        html=f'<p>a<a href="/x"><img src="{site.url}{ours}" alt="gate" class="x"></a>b</p><figure>'
        f'<figcaption><p>The <b>gate</b></p></figcaption><small class="x">Alice</small>'
        f'<img src="{ours}" width="3"></figure><figure><table><tr><td>1</td></tr></table></figure>',
        text="a b",
    )
    assert html == (
        f'<p>a</p><figure><img src="{ours}" alt="gate"></figure><p>b</p>'
        f'<figure><img src="{ours}" alt=""><small>Alice</small>'
        "<figcaption>The <strong>gate</strong></figcaption></figure>"
        "<table><tbody><tr><td>1</td></tr></tbody></table>"
    )
    assert messages(page).count() == 0


def test_what_is_copied_in_the_editor_is_pasted_as_it_was(desk):
    page = desk()
    text = editor(page)
    text.click()
    html = "<p>a  b</p><ul><li>one</li></ul><p></p><p>c</p>"
    page.locator("#id_body_en").evaluate(
        "(area, html) => { area.value = html; area.dispatchEvent(new Event('change')) }", html
    )
    page.keyboard.press("ControlOrMeta+a")
    copied = text.evaluate(
        """element => {
            const data = new DataTransfer()
            element.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true }))
            return data.getData("text/html")
        }"""
    )
    assert paste(page, html=copied, text="a b").count("<li>one</li>") >= 1
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    assert paste(page, html=copied, text="a b") == html.replace("a  b", "a b")


def test_a_copied_picture_comes_as_a_file_without_a_notice(desk):
    page = desk()
    paste(page, html='<img src="https://other.example/a.png">', files=[["image.png", picture()]])
    page.locator(".ProseMirror figure img").wait_for()
    assert messages(page).count() == 0
    assert Image.objects.get().name == "image"


def test_two_breaks_are_a_paragraph_and_code_keeps_its_spaces(desk):
    page = desk()
    assert paste(
        page,
        html="line<br>line<br><br>next<div><b>x<br></b></div><pre><code>a\n  b</code></pre>"
        "<p>中\n文 a\nb</p><p><b> </b></p><p>　　段</p>",
        text="x",
    ) == (
        "<p>line<br>line</p><p>next</p><p><strong>x</strong></p>"
        "<pre><code>a\n  b</code></pre><p>中文 a b</p><p>段</p>"
    )


def test_a_heap_of_tags_does_not_hold_up_the_browser(desk):
    page = desk()
    began = page.evaluate("performance.now()")
    html = paste(page, html="<div>" * 3000 + "deep" + "<p>x<br><br>" * 3000, text="x")
    assert page.evaluate("performance.now()") - began < 8000
    assert "deep" in html


def test_a_picture_pasted_into_a_caption_goes_behind_its_figure(desk):
    page = desk(prepare=answer)
    ours = described(1)["url"]
    set_text(page, f'<figure><img src="{ours}" alt="a"></figure><p>b</p>')
    page.route("**/upload/", lambda route: route.fulfill(json=described(2)))
    text = editor(page)
    text.locator("figcaption").click()
    page.keyboard.type("Gate")
    text.evaluate(
        PASTE,
        {
            "html": f'<p>and</p><img src="data:image/png;base64,{picture()}"><p>hall</p>',
            "text": "x",
        },
    )
    text.locator("figure").nth(1).wait_for()
    html = value(page, "body_en")
    assert re.sub(r"<[^>]+>", " ", html).split() == ["Gateand", "Alice", "hall", "b"]
    assert html.index(ours) < html.index(described(2)["url"])
