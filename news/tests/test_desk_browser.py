"""The page of an article in a browser: two languages, autosave, crashes, logins, conflicts."""

import re

import pytest
from django.urls import reverse

from caisu.core.images import receive
from caisu.core.roles import EDITOR
from caisu.tests.browser import wait_until
from caisu.tests.cast import PASSWORD, make_article, make_member, make_upload
from news import publishing
from news.models import Article, WorkingCopy

ADD = "/admin/news/article/add/"


@pytest.fixture
def desk(visit, client, settings):
    """Opens the page of an article, or of a new one, for an editor: ``desk(article, who=wei)``."""

    def open_desk(article=None, who=None, path="", **options):
        page = visit(locale="en-US", **options)
        client.force_login(who or make_member("wei", EDITOR))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: "en"}
        page.goto("/robots.txt")
        page.context.add_cookies(
            [{"name": name, "value": value, "url": page.url} for name, value in cookies.items()]
        )
        client.cookies.clear()
        page.goto(path or (address(article) if article else ADD))
        return page

    return open_desk


# The name of what has the focus, if it ends under the bar that saves.
HIDDEN_BY_THE_BAR = """() => {
    const focused = document.activeElement
    const bar = document.querySelector(".desk-acts").getBoundingClientRect()
    const { top, bottom } = focused.getBoundingClientRect()
    const tall = bottom - top > 200
    if (tall || focused.closest(".desk-bar") || bottom <= bar.top || top >= bar.bottom) return ""
    return focused.name || focused.outerHTML.slice(0, 80)
}"""


def address(article):
    return reverse("admin:news_article_change", args=[article.pk])


def line(page, words):
    page.locator("[data-saved]", has_text=words).wait_for(timeout=15_000)


def kept_here(page):
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('desk:')).length")


def expect(page, *problems):
    """Takes out of the page's problems what the story provoked."""
    page.problems[:] = [p for p in page.problems if not p.startswith(problems)]


@pytest.mark.browser
def test_languages_stand_side_by_side_or_behind_tabs(desk):
    page = desk()
    panels = page.locator(".language-panel")
    left, right = panels.nth(0).bounding_box(), panels.nth(1).bounding_box()
    assert abs(left["y"] - right["y"]) < 2
    assert right["x"] > left["x"] + left["width"] - 1
    assert not page.locator("[role=tablist]").is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert panels.nth(1).is_visible()  # the page is in English
    assert not panels.nth(0).is_visible()
    page.get_by_role("tab", name="Chinese").click()
    assert panels.nth(0).is_visible()
    assert not panels.nth(1).is_visible()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="English").get_attribute("aria-selected") == "true"
    assert panels.nth(1).is_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


@pytest.mark.browser
def test_an_article_meant_for_one_language_has_one_panel(desk):
    page = desk()
    page.fill("[name=title_en]", "Typed before")
    page.get_by_label("Chinese only").check()
    assert page.locator("#panel-zh-hans").is_visible()
    assert not page.locator("#panel-en").is_visible()
    assert page.locator("[name=cover_alt_zh_hans]").is_visible()
    assert not page.locator("[name=cover_alt_en]").is_visible()
    page.fill("[name=title_zh_hans]", "只有中文")
    page.select_option("[name=category]", index=1)
    page.click("[name=_save]")
    article = Article.objects.get(title_zh_hans="只有中文")
    assert (article.meant_for, article.title_en) == ("zh-hans", "Typed before")


@pytest.mark.browser
def test_a_mistake_behind_a_tab_is_marked_and_opened(desk):
    page = desk(width=390)
    page.evaluate("document.querySelector('[name=title_zh_hans]').removeAttribute('maxlength')")
    page.get_by_role("tab", name="Chinese").click()
    page.fill("[name=title_zh_hans]", "长" * 151)
    page.select_option("[name=category]", index=1)
    page.get_by_role("tab", name="English").click()
    page.click("[name=_save]")
    page.locator(".mistakes").wait_for()
    page.locator("#panel-zh-hans").wait_for()
    assert not page.locator("#panel-en").is_visible()
    assert "1 error" in page.get_by_role("tab", name="Chinese").inner_text()
    assert page.evaluate("document.activeElement.className") == "mistakes"
    page.get_by_role("tab", name="English").click()
    page.click(".mistakes a")
    assert page.evaluate("document.activeElement.name") == "title_zh_hans"


@pytest.mark.browser
def test_what_is_typed_is_saved_by_itself_and_offered_after_a_crash(desk):
    page = desk()
    page.fill("[name=title_en]", "A night’s work 😀")
    assert page.locator("#id_title_en_count").inner_text() == "16 of 150"
    page.locator("#panel-en .ProseMirror").click()
    page.keyboard.type("Words, words.")
    line(page, "Saved just now")
    copy = WorkingCopy.objects.get()
    assert copy.fields["body_en"] == "<p>Words, words.</p>"
    assert kept_here(page) == 0
    page.keyboard.type(" More words.")
    line(page, "Saved just now")
    wait_until(page, "() => !Object.keys(localStorage).some(key => key.startsWith('desk:'))")
    assert WorkingCopy.objects.count() == 1
    page.goto(ADD)  # the browser crashed
    page.get_by_text("A night’s work").wait_for()
    page.get_by_role("link", name="Continue").click()
    assert page.input_value("[name=title_en]") == "A night’s work 😀"
    assert "More words." in page.input_value("[name=body_en]")
    page.select_option("[name=category]", index=1)
    page.click("[name=_save]")
    page.wait_for_url("**/article/")
    assert Article.objects.get().body_en == "<p>Words, words. More words.</p>"
    assert WorkingCopy.objects.count() == 0
    page.goto(ADD)
    assert not page.locator("[data-offers]").is_visible()


@pytest.mark.browser
def test_a_dead_network_takes_nothing_away(desk):
    article = make_article()
    page = desk(article, who=article.author)
    page.context.set_offline(True)
    page.fill("[name=title_en]", "Written on a train")
    line(page, "Not saved: no connection – kept on this computer")
    assert kept_here(page) == 1
    page.context.set_offline(False)
    line(page, "Saved just now")
    assert WorkingCopy.objects.get().fields["title_en"] == "Written on a train"
    page.context.set_offline(True)
    page.fill("[name=title_en]", "Written in a tunnel")
    line(page, "no connection")
    page.route("**/autosave/", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto("/robots.txt")  # the browser is closed before the network is back
    page.unroute("**/autosave/")
    page.goto(address(article))
    offer = page.locator("[data-offers] li:visible")
    assert re.match(r"You have unsaved changes from \d\d:\d\d", offer.inner_text())
    assert page.locator("form#article_form").evaluate("form => form.inert")
    offer.get_by_role("button", name="Continue with them").click()
    page.wait_for_url("**/change/?copy=*")
    assert page.input_value("[name=title_en]") == "Written in a tunnel"
    expect(page, "console: ")


@pytest.mark.browser
def test_unsaved_changes_can_be_thrown_away(desk):
    article = make_article()
    page = desk(article, who=article.author)
    page.fill("[name=title_en]", "A bad idea")
    line(page, "Saved just now")
    page.goto(address(article))
    page.get_by_role("button", name="Discard").click()
    page.get_by_text("The unsaved changes are gone.").wait_for()
    assert page.input_value("[name=title_en]") == article.title_en
    assert WorkingCopy.objects.count() == 0


@pytest.mark.browser
def test_a_session_that_ended_is_told_and_goes_on_after_a_login_elsewhere(desk):
    article = make_article()
    page = desk(article, who=article.author)
    other = page.context.new_page()
    other.goto("/en/")
    other.click(".account form button")
    page.bring_to_front()
    page.fill("[name=title_en]", "While logged out")
    line(page, "You are logged out. Log in in another window, then go on here.")
    assert kept_here(page) == 1
    other.goto("/en/accounts/login/")
    other.fill("[name=login]", "wei")
    other.fill("[name=password]", PASSWORD)
    other.click("main form .actions button")
    other.wait_for_url(lambda url: "login" not in url)
    page.bring_to_front()
    line(page, "Saved just now")
    page.click("[name=_continue]")  # with the token of the new session
    page.wait_for_url("**/change/")
    article.refresh_from_db()
    assert article.title_en == "While logged out"
    assert kept_here(page) == 0
    expect(page, "401", "403")


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
def test_a_form_sent_after_the_session_ended_comes_back_after_the_login(desk, javascript):
    page = desk(javascript=javascript)
    page.fill("[name=title_en]", "Typed for an hour")
    page.context.clear_cookies(name="sessionid")
    page.context.add_cookies([{"name": "sessionid", "value": "x" * 32, "url": page.url}])
    page.click("[name=_save]")
    page.fill("[name=login]", "wei")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .actions button")
    page.wait_for_url("**/add/?copy=*")
    assert page.input_value("[name=title_en]") == "Typed for an hour"
    assert "What you had typed is here again" in page.content()
    expect(page, "401")


@pytest.mark.browser
def test_two_editors_at_once(desk):
    article = make_article()
    wei = article.author
    lin = make_member("lin", EDITOR)
    one, two = desk(article, who=wei), desk(article, who=lin)
    one.fill("[name=title_en]", "By Wei")
    line(one, "Saved just now")
    two.fill("[name=summary_en]", "By Lin")
    line(two, "Saved just now")
    two.get_by_text("Wei is writing in this article now.").wait_for()
    one.click("[name=_continue]")
    one.wait_for_load_state()
    two.fill("[name=title_en]", "By Lin too")
    two.get_by_text("Somebody saved this article since you opened it.").wait_for()
    two.click("[name=_save]")
    two.get_by_role("heading", name="Somebody else saved this article meanwhile").wait_for()
    assert two.locator("[name=pick_summary_en][value=mine]").is_checked()
    two.click(".submit-row button")  # the browser points at what was not chosen
    assert two.get_by_role("heading", name="Somebody else saved").is_visible()
    two.check("[name=pick_title_en][value=theirs]")
    two.click(".submit-row button")
    two.wait_for_url("**/article/")
    article.refresh_from_db()
    assert (article.title_en, article.summary_en) == ("By Wei", "By Lin")
    two.goto(address(article))
    assert not two.locator("[data-offers]").is_visible()
    assert kept_here(two) == 0


@pytest.mark.browser
def test_a_cover_from_the_library_with_its_words(desk):
    article = make_article()
    image = receive(make_upload("gate.jpg"), article.author)
    image.alt_en = "A gate"
    image.save()
    page = desk(article, who=article.author)
    assert not page.locator("[name=cover]").is_visible()
    page.get_by_role("button", name="Choose from the library").click()
    page.locator("dialog li button").first.click()
    wait_until(page, "document.querySelector('[name=cover_alt_en]').value === 'A gate'")
    page.fill("[name=cover_credit]", "Alice")
    page.click("[name=_continue]")
    page.wait_for_load_state()
    article.refresh_from_db()
    image.refresh_from_db()
    assert (article.cover, image.credit, image.alt_en) == (image, "Alice", "A gate")
    page.get_by_role("button", name="Remove the cover").click()
    page.click("[name=_continue]")
    page.wait_for_load_state()
    article.refresh_from_db()
    assert article.cover is None


@pytest.mark.browser
def test_the_button_says_that_it_schedules(desk):
    page = desk()
    button = page.locator("[name=_publish]")
    assert button.get_attribute("value") == "Publish"
    page.fill("[name=publish_at_0]", "2090-01-01")
    page.fill("[name=publish_at_1]", "09:00:00")
    assert button.get_attribute("value") == "Schedule"
    page.fill("[name=publish_at_0]", "2090/1/1")  # as the calendar writes it in Chinese
    assert button.get_attribute("value") == "Schedule"
    page.fill("[name=publish_at_0]", "2020-01-01")
    assert button.get_attribute("value") == "Publish"


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
def test_a_preview_shows_what_is_not_saved(desk, javascript):
    article = make_article(status="draft", publish_at=None)
    page = desk(article, who=article.author, javascript=javascript)
    page.fill("[name=title_en]", "Not saved yet")
    with page.context.expect_page() as opened:
        page.click("[name=_preview]")
    opened.value.wait_for_load_state()
    assert reverse("admin:news_article_preview", args=[article.pk]) in opened.value.url
    assert WorkingCopy.objects.get().fields["title_en"] == "Not saved yet"
    article.refresh_from_db()
    assert article.title_en != "Not saved yet"
    page.goto(ADD)
    page.fill("[name=title_en]", "New and not saved")
    with page.context.expect_page() as opened:
        page.click("[name=_preview]")
    opened.value.wait_for_load_state()
    copy = WorkingCopy.objects.get(article=None)
    assert reverse("admin:news_copy_preview", args=[copy.pk]) in opened.value.url


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_bar_at_the_foot_covers_nothing_that_has_the_focus(desk, width):
    page = desk(width=width)
    page.locator(".ProseMirror").first.wait_for(state="attached")
    page.focus("[name=title_en]")
    covered = []
    for _ in range(50):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(HIDDEN_BY_THE_BAR))
    assert not any(covered), covered


@pytest.mark.browser
def test_the_list_fits_its_screen(desk):
    article = make_article(title_en="A title as long as they come, of many words and then some")
    page = desk(article, who=article.author, path="/admin/news/article/")
    numbers = page.locator("#result_list .field-comment_count").bounding_box()
    table = page.locator("#changelist .results").bounding_box()
    assert numbers["x"] + numbers["width"] <= table["x"] + table["width"] + 1
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    status = page.locator("#result_list .field-shown_status").bounding_box()
    assert status["x"] + status["width"] <= 390
    page.locator(".object-tools").get_by_role("link", name="Filter").click()
    assert page.locator("#changelist-filter").bounding_box()["y"] < 844


@pytest.mark.browser
def test_without_javascript_everything_is_there(desk):
    article = make_article()
    page = desk(article, who=article.author, javascript=False, width=390)
    assert page.locator("#panel-zh-hans").is_visible()
    assert page.locator("#panel-en").is_visible()
    assert page.locator("[name=cover]").is_visible()
    page.fill("[name=title_en]", "By hand")
    page.click("[name=_save]")
    article.refresh_from_db()
    assert article.title_en == "By hand"


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_accessible(desk, width):
    from axe_playwright_python.sync_playwright import Axe

    article = make_article()
    page = desk(article, who=article.author, width=width, reduced_motion="reduce")
    failures = []

    def look(name):
        for violation in Axe().run(page).response["violations"]:
            node = violation["nodes"][0]["html"][:200]
            failures.append(f"{name}: {violation['id']}: {node}")

    page.locator(".ProseMirror").first.wait_for(state="attached")
    look("change")
    page.fill("[name=title_en]", "Other")
    line(page, "Saved just now")
    look("saved")
    page.goto(address(article))
    look("offer")
    page.goto(ADD)
    page.locator(".ProseMirror").first.wait_for(state="attached")
    look("add")
    page.click("[name=_save]")
    page.locator(".mistakes").wait_for()
    look("mistakes")
    article.refresh_from_db()
    page.goto(address(article))
    page.get_by_role("link", name="Continue with them").click()
    Article.objects.filter(pk=article.pk).update(version=5)
    other = Article.objects.get(pk=article.pk)
    other.title_en, other.body_en = "Theirs", "<p>Theirs.</p>"
    publishing.save(other, article.author)
    page.click("[name=_save]")
    page.get_by_role("heading", name="Somebody else saved").wait_for()
    look("conflict")
    expect(page, "console: ")  # axe lays styles of its own into the page
    assert not failures, "\n".join(failures)
