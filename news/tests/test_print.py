import re

import pytest

from caisu.core import images
from caisu.core.bilingual import LANGUAGES
from caisu.core.models import Image
from caisu.tests.cast import make_article, make_comment, make_member, make_upload
from news import publishing
from news.models import Tag

# What is for the screen: ways on, ways to write, ways to pass it on, the conversation.
FOR_THE_SCREEN = "nav, form, button, aside, .conversation, .share, .side, .colophon, .views"


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_article_prints_as_one_page_with_its_address_and_date(visit, language):
    alice = make_member("alice")
    cover = images.receive(make_upload(size=(600, 2400)), by=alice)
    article = make_article(cover=cover, body_en='<p>Read <a href="/en/terms/">this</a>.</p>')
    article.tags.add(Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow"))
    make_comment(article, alice)
    publishing.refresh(article)
    assert Image.objects.get(pk=cover.pk).audience == Image.Audience.EVERYONE

    page = visit(color_scheme="dark")
    path = article.get_absolute_url().split("/", 2)[2]
    page.goto(f"/{language}/{path}")
    assert page.locator(FOR_THE_SCREEN).locator("visible=true").count() > 4
    page.emulate_media(media="print", color_scheme="dark")

    assert page.locator(FOR_THE_SCREEN).locator("visible=true").count() == 0
    assert page.locator("h1").is_visible()
    assert page.locator(".article header time").is_visible()
    assert page.locator(".print-only").inner_text() == page.url
    assert page.url not in page.locator(".article .prose").inner_text()
    colours = """() => [document.body, document.querySelector("h1"), document.querySelector(".prose")]
        .map(each => [getComputedStyle(each).color, getComputedStyle(each).backgroundColor])"""
    for ink, paper in page.evaluate(colours):
        assert ink == "rgb(0, 0, 0)"
        assert paper in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    box = page.locator(".cover img").bounding_box()
    assert box["height"] < 300  # 75 mm
    assert box["width"] == pytest.approx(box["height"] / 4, abs=1)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="Letter"))) == 1
