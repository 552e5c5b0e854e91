"""Searching in a real browser: suggestions by keyboard, the key to the box, results on a phone."""

import pytest

from caisu.core import fulltext
from caisu.core.jobs import run_due
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import make_article, make_comment, make_member
from members.models import Member
from news.models import Tag

pytestmark = pytest.mark.browser

BOX = "#site-search"
SHOWN = ".suggestions:not([hidden]) [role=option]"


@pytest.fixture
def found(site, monkeypatch):
    """Articles, a tag and a member that are found, by a reader as quick as a machine."""
    monkeypatch.setattr("caisu.search.views.ADDRESS", [])
    author = make_member("alice", display_name="张伟")
    member = make_member("bob")
    tag = Tag.objects.create(slug="gala", name_zh_hans="春节晚会", name_en="Gala")
    for number in range(22):
        article = make_article(
            slug=f"gala-{number}",
            author=author,
            title_en=f"Spring Festival gala, part {number}",
            title_zh_hans=f"春节晚会之{number}",
            body_en="<p>Tickets for the galas are sold at the library.</p>",
            body_zh_hans="<p>春節晚會的门票在图书馆出售。</p>",
        )
        article.tags.add(tag)
        fulltext.refresh(article)
    make_comment(article, member, body="Will there be dumplings at the gala?")
    tag.save()
    fulltext.refresh(*Member.objects.all())
    run_due()


def test_suggestions_are_chosen_by_the_keyboard(visit, found):
    page = visit(locale="en-US")
    page.goto("/en/")
    box = page.locator(BOX)
    page.keyboard.press("/")
    wait_until(page, "document.activeElement.id === 'site-search'")
    assert box.get_attribute("role") == "combobox"
    page.keyboard.type("chunjie")
    page.locator(SHOWN).first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true"
    assert "春节晚会" in chosen.inner_text()
    looks_well(page)
    page.keyboard.press("Escape")
    assert page.locator(SHOWN).count() == 0
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.type("w")
    page.locator(SHOWN).first.wait_for()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gala*/")


def test_enter_without_a_choice_looks_for_the_words(visit, found):
    page = visit(locale="en-US")
    page.goto("/en/")
    page.locator(BOX).fill("gala")
    page.locator(SHOWN).first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=gala")


def test_members_are_suggested_to_members_alone(visit, found):
    page = visit(locale="en-US")
    page.goto("/en/")
    page.locator(BOX).press_sequentially("zhangwei")
    page.wait_for_timeout(600)
    assert page.locator(SHOWN).count() == 0
    log_in(page, "bob")
    page.locator(BOX).press_sequentially("zhangwei")
    page.locator(SHOWN).first.wait_for()
    assert "张伟" in page.locator(SHOWN).first.inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("width", [390, 1280])
def test_results_are_narrowed_down_and_read_on(visit, found, javascript, width):
    page = visit(javascript=javascript, locale="zh-CN", width=width, color_scheme="dark")
    page.goto("/zh-hans/")
    page.locator(BOX).fill("晚会")
    page.locator(f"form:has({BOX}) button").click()
    page.locator(".results").wait_for()
    assert page.locator(".result").count() == 20
    if javascript:
        looks_well(page)
    page.locator("nav.pages a[rel=next]").click()
    page.locator("ol.results[start='21']").wait_for()
    page.locator(".search-filters a", has_text="标签").or_(
        page.locator(".search-filters a", has_text="Tag")
    ).first.click()
    page.locator(".search-filters a[aria-current]").wait_for()
    assert page.locator(".result").count() == 1
