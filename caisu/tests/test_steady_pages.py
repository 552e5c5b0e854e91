"""Pages in a browser while they come: nothing moves, everything can be hit, both languages are told."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils.translation import override

from caisu.core.templatetags.site import written_in
from caisu.tests.browser import log_in
from caisu.tests.cast import make_article, make_comment, make_member
from news.models import Category

# What moves after the first paint without a reader's doing (https://web.dev/articles/cls).
WATCH = """
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.moved = (window.moved || 0) + entry.value
  }
}).observe({ type: "layout-shift", buffered: true })
"""
MOST_MOVED = 0.005  # a glyph that is a little wider than its place


@pytest.fixture
def news(db):
    """Stories in a category, the last with comments in both languages; that one."""
    bob = make_member("bob", visibility="everyone")
    category = Category.objects.get_or_create(slug="local-news")[0]
    for number in range(4):
        last = make_article(category=category, title_en=f"The river in winter {number}")
    make_comment(last, bob, body="It was quite high when we crossed it on Sunday.")
    make_comment(last, make_member("lin", display_name="小林"), body="水位比去年高。")
    return last


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/en/", "/zh-hans/", "/en/news/submit/new/"])
def test_nothing_moves_while_a_page_comes(visit, site, path, width):
    make_article()
    make_member("bob")
    page = visit(locale="en-US", width=width)
    if "submit" in path:
        log_in(page, "bob")
    page.add_init_script(WATCH)
    # Scripts that come a moment after the first paint, as they do over a slow line.
    page.route("**/*.js", lambda route: (page.wait_for_timeout(150), route.continue_()))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved || 0") < MOST_MOVED


@pytest.mark.browser
def test_empty_part_of_a_language_that_is_not_chosen_is_out_of_sight_without_scripts(visit, site):
    make_member("bob")
    page = visit(locale="en-US", javascript=False)
    log_in(page, "bob")
    page.goto("/en/news/submit/new/")
    chinese, english = (
        page.locator(f"fieldset[data-language={code}]") for code in ("zh-hans", "en")
    )
    assert english.is_visible()
    assert not chinese.is_visible()
    page.check("[name=meant_for][value=both]")
    assert english.is_visible()
    assert chinese.is_visible()


@pytest.mark.browser
def test_empty_editor_counts_as_its_language_does(visit, site):
    make_member("bob")
    page = visit(locale="en-US")
    log_in(page, "bob")
    page.goto("/zh-hans/news/submit/new/")
    count = page.locator("fieldset[data-language=zh-hans] .richtext-length")
    count.wait_for()
    assert count.inner_text().startswith("0个字")


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_every_link_of_a_list_and_an_article_in_english_can_be_hit(visit, site, news, width):
    page = visit(locale="en-US", width=width, reduced_motion="reduce")
    found = []
    for path in ("/en/", "/en/news/", f"/en/news/{news.year}/{news.slug}/"):
        page.goto(path)
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
        for violation in Axe().run(page, options=rules).response["violations"]:
            found.append(f"{path} {violation['id']}: {violation['nodes'][0]['html'][:200]}")
        small = page.locator(".kicker a, .comment .author a").evaluate_all(
            "links => links.filter(a => a.getBoundingClientRect().height < 24).map(a => a.outerHTML)"
        )
        found += [f"{path} too small: {link}" for link in small]
    page.problems.clear()  # axe lays styles of its own into the page, which the policy refuses
    assert not found, "\n".join(found)


@pytest.mark.browser
def test_source_of_a_reprint_is_printed_no_larger_than_the_text(visit, site):
    article = make_article(source="Idaho State Journal")
    page = visit(locale="en-US")
    page.goto(f"/en/news/{article.year}/{article.slug}/")
    page.emulate_media(media="print")
    source, text = (
        page.locator(selector).evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
        for selector in (".source", ".prose p")
    )
    assert source < text


def test_language_of_a_text_is_told_by_its_script():
    assert written_in("水位比去年高。") == "zh-Hans"
    assert written_in("请问F-1可以吗？") == "zh-Hans"
    assert written_in("It was quite high.") == "en"
    assert written_in("I read “黑冰” with a dictionary.") == "en"
    with override("en"):
        assert written_in("😀") == "en"  # nothing to tell: that of the page
    with override("zh-hans"):
        assert written_in("😀") == "zh-Hans"
