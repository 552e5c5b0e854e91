"""Small comforts in a real browser: day and night, keys, passing time, pictures in full, a place kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caisu.core import images
from caisu.core.roles import WEBMASTER
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import PASSWORD, make_article, make_comment, make_member, make_upload
from news import publishing
from news.comments.models import Comment

pytestmark = pytest.mark.browser

DAY, NIGHT = "rgb(250, 246, 238)", "rgb(18, 22, 31)"
PAPER = "getComputedStyle(document.body).backgroundColor"
FOCUSED = "document.activeElement.textContent.trim()"
LONG = "".join(
    f"<h2>Part {number}</h2>" + f"<p>{'It snowed all day, and we shovelled. ' * 18}</p>" * 5
    for number in range(1, 6)
)
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50 Language/zh_CN"
)
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("refused", "SecurityError"); },
});"""


def path_of(article, language="en"):
    return f"/{language}/{article.get_absolute_url().split('/', 2)[2]}"


@pytest.fixture
def pictured(site):
    """An article with a cover and two pictures, the last without words."""
    wei = make_member("wei")
    cover, snow, plain = (
        images.receive(make_upload(size=size), by=wei)
        for size in ((900, 600), (640, 480), (600, 800))
    )
    cover.alt_en = "A road in the snow"
    cover.save()
    body = (
        f'<figure><img src="{images.url(snow)}" alt="Two shovels"><figcaption>Ours</figcaption>'
        f'</figure><p><img src="{images.url(plain)}" alt=""></p>'
    )
    article = make_article(cover=cover, body_en=body, author=wei)
    publishing.refresh(article)
    return article


# --- Day and night


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_reader_chooses_between_day_and_night(visit, javascript):
    page = visit(javascript=javascript, locale="en-US", color_scheme="light")
    page.goto("/en/news/")
    assert page.evaluate(PAPER) == DAY
    page.click(".appearance a >> nth=2")
    page.wait_for_url("**/en/news/#appearance")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate(PAPER) == NIGHT
    assert page.get_attribute("meta[name=theme-color]", "content") == "#12161f"
    assert page.inner_text(".appearance [aria-current]") == "Dark"
    page.goto("/en/no/such/page/")
    assert page.evaluate(PAPER) == NIGHT
    page.click(".appearance a >> nth=1")
    page.wait_for_url("**#appearance")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(PAPER) == DAY
    with page.expect_navigation():
        page.click(".appearance a >> nth=0")
    page.locator("html:not([data-theme])").wait_for()
    assert page.evaluate(PAPER) == NIGHT
    page.emulate_media(color_scheme="light")
    assert page.evaluate(PAPER) == DAY


def test_desk_follows_the_choice(visit):
    make_member("root", WEBMASTER, is_superuser=True)
    page = visit(locale="en-US", color_scheme="light")
    log_in(page, "root", "/admin/")
    for paper, system in ((DAY, NIGHT), (DAY, DAY), (NIGHT, NIGHT)):
        assert page.evaluate(PAPER) == paper
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(PAPER) == system
        page.emulate_media(color_scheme="light")
        with page.expect_navigation():
            page.click(".theme-toggle")
    assert (
        page.locator(".theme-toggle").inner_text().strip().startswith("Appearance: as the system")
    )
    page.goto("/theme/dark/?next=/admin/news/article/add/")
    assert page.evaluate(PAPER) == NIGHT
    page.goto("/en/")
    assert page.evaluate(PAPER) == NIGHT


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_pages_fade_into_one_another_unless_motion_is_unwanted(visit, motion):
    page = visit(locale="en-US", reduced_motion=motion)
    page.add_init_script(
        "addEventListener('pageswap', (event) => { sessionStorage.fades = !!event.viewTransition; });"
    )
    page.goto("/en/")
    page.click(".colophon a[href$='/terms/']")
    page.wait_for_url("**/terms/")
    assert page.evaluate("sessionStorage.fades") == str(motion == "no-preference").lower()
    # Chromium gives a transition up where the style sheet is not in its cache, as it is on a real
    # site, and says so.
    page.problems[:] = [each for each in page.problems if "ViewTransition opt-in" not in each]


# --- Keys


def test_keys_lead_through_a_list_and_home(visit):
    for _number in range(3):
        make_article()
    page = visit(locale="en-US")
    page.goto("/en/news/")
    titles = page.locator("a.story").all_inner_texts()
    for key, title in (("j", titles[0]), ("j", titles[1]), ("k", titles[0])):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == title
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    assert page.locator("#keys dd").locator("visible=true").count() == 4
    assert page.evaluate(FOCUSED) == "Close"
    page.keyboard.press("j")  # not through what lies under it
    assert page.evaluate(FOCUSED) == "Close"
    looks_well(page)
    page.keyboard.press("Escape")
    wait_until(page, "!document.querySelector('dialog[open]')")
    assert page.evaluate(FOCUSED) == titles[0]
    page.keyboard.press("Enter")
    page.wait_for_url("**/story-*/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/en/")


def test_keys_lead_through_a_conversation_and_leave_writers_alone(visit):
    article, bob = make_article(), make_member("bob")
    for body in ("One.", "Two."):
        make_comment(article, bob, body=body)
    page = visit(locale="en-US")
    log_in(page, "bob", path_of(article))
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = Comment.objects.latest("pk").pk
    assert page.evaluate("document.activeElement.id") == f"comment-{second}"
    page.locator("#comment-form textarea").press_sequentially("jk?/gh")
    assert page.input_value("#comment-form textarea") == "jk?/gh"
    assert page.locator("dialog[open]").count() == 0
    assert page.url.endswith(path_of(article))


def test_keys_can_be_switched_off_and_on_again(visit):
    page = visit(locale="en-US")
    page.goto("/en/")
    assert page.get_attribute("#site-search", "aria-keyshortcuts") == "/"
    page.click(".colophon [data-keys]")
    page.uncheck("#keys [type=checkbox]")
    page.keyboard.press("Escape")
    page.goto("/en/news/")
    assert page.get_attribute("#site-search", "aria-keyshortcuts") is None
    for key in ("/", "?", "j"):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement === document.body")
    assert page.locator("dialog[open]").count() == 0
    page.click(".colophon [data-keys]")
    page.check("#keys [type=checkbox]")
    page.keyboard.press("Escape")
    page.locator("main").click()
    page.keyboard.press("/")
    wait_until(page, "document.activeElement.id === 'site-search'")


def test_without_scripts_nobody_is_told_of_keys(visit):
    page = visit(javascript=False)
    page.goto("/zh-hans/")
    assert page.locator("[data-keys]").is_hidden()


# --- Time


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["5 minutes ago", "6 minutes ago", "1 hour ago", "2 hours ago"]),
        ("zh-hans", ["5 分钟前", "6 分钟前", "1 小时前", "2 小时前"]),
    ],
)
def test_times_go_on_in_the_words_of_the_server(visit, language, said):
    article = make_article()
    comment = make_comment(article, make_member("bob"))
    # Not so late in Pocatello that the hours to come belong to the next day.
    now = timezone.localtime().replace(hour=9, minute=30, second=0, microsecond=0)
    page = visit(locale=language)
    page.clock.install(time=now)
    page.goto(path_of(article, language))
    shown = page.locator(f"#comment-{comment.pk} time")
    then = (now - timedelta(minutes=5)).isoformat()
    shown.evaluate(
        "(time, [then, words]) => { time.dateTime = then; time.textContent = words }",
        [then, said[0]],
    )
    found = []
    for minutes in (0, 1, 54, 70):
        page.clock.run_for(minutes * 60_000)
        found.append(shown.inner_text())
    assert found == said


def test_words_do_not_jump_when_a_page_opens(visit):
    article, bob = make_article(), make_member("bob")
    ages = [
        dict(minutes=7),
        dict(hours=1),
        dict(hours=5),
        dict(days=1),
        dict(days=3),
        dict(days=90),
    ]
    for age in ages:
        comment = make_comment(article, bob)
        Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(**age))
    times = (
        "[...document.querySelectorAll('.comment time[data-ago]')].map(time => time.textContent)"
    )
    for language in ("en", "zh-hans"):
        plain, page = visit(javascript=False), visit()
        plain.goto(path_of(article, language))
        page.goto(path_of(article, language))
        before = page.evaluate(times)
        assert before == plain.evaluate(times)
        # The same moment once more, in the words of the browser; “just now” is the server's alone.
        page.evaluate(
            """() => {
    for (const time of document.querySelectorAll(".comment time[data-ago]")) time.textContent = ""
    document.dispatchEvent(new Event("visibilitychange"))
}"""
        )
        again = page.evaluate(times)
        said = [pair for pair in zip(again, before, strict=True) if pair[0]]
        assert all(words == first for words, first in said)
        assert len(said) >= len(ages) - 1
        assert len(before) == len(ages)


def test_masthead_turns_the_page_at_midnight(visit):
    page = visit(locale="zh-CN")
    page.goto("/zh-hans/")
    ear = page.inner_text(".ear")
    # As it was yesterday, on a page that stayed open.
    page.evaluate(
        """() => {
            document.querySelector(".ear time").dateTime = "2026-01-01";
            document.querySelector(".ear time").textContent = "2026年1月1日";
            document.querySelector(".lunar").textContent = "冬月十三";
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.locator(".ear time:not([datetime='2026-01-01'])").wait_for()
    assert page.inner_text(".ear").split()[:3] == ear.split()[:3]


# --- A long article, its pictures, and the place in it


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_contents_lead_to_headings(visit, javascript):
    article = make_article(body_en=LONG)
    page = visit(javascript=javascript, locale="en-US", width=390)
    page.goto(path_of(article))
    page.click(".contents a >> nth=3")
    page.wait_for_url("**#s-part-4")
    assert 0 <= page.locator("#s-part-4").bounding_box()["y"] < 200
    if javascript:
        looks_well(page)


def test_pictures_are_seen_in_full_by_keyboard(visit, pictured):
    page = visit(locale="en-US", width=390)
    page.goto(path_of(pictured))
    first = page.locator(".article a.full").first
    first.focus()
    page.keyboard.press("Enter")
    page.locator("#viewer[open] img").wait_for()
    about, place = page.locator("#viewer .about"), page.locator("#viewer .place")
    assert (about.inner_text(), place.inner_text()) == ("A road in the snow", "1 / 3")
    looks_well(page)
    page.keyboard.press("ArrowRight")
    assert (about.inner_text(), place.inner_text()) == ("Two shovels · Ours", "2 / 3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert (about.inner_text(), place.inner_text()) == ("", "3 / 3")
    looks_well(page)
    page.keyboard.press("Escape")
    wait_until(page, "!document.querySelector('dialog[open]')")
    assert first.evaluate("link => link === document.activeElement")


def test_without_scripts_a_picture_leads_to_itself(visit, pictured):
    page = visit(javascript=False, locale="en-US")
    page.goto(path_of(pictured))
    assert page.get_attribute("a.full >> nth=2", "aria-label") == "See the picture in full"
    page.locator(".article a.full").first.click()
    page.wait_for_url("**/full.webp")


def test_reader_comes_back_to_where_they_stopped(visit):
    article = make_article(body_en=LONG)
    page = visit(locale="en-US", width=390)
    page.goto(path_of(article))
    assert page.locator(".go-on button").count() == 0
    page.locator("#s-part-3").evaluate("heading => heading.scrollIntoView()")
    page.goto("/en/")
    page.goto(path_of(article))
    looks_well(page)
    page.click(".go-on button")
    wait_until(
        page, "Math.abs(document.querySelector('#s-part-3').getBoundingClientRect().top) < 60"
    )
    assert page.locator(".go-on button").count() == 0
    # Who has read to the end is offered nothing.
    page.locator(".prose > :last-child").evaluate("last => last.scrollIntoView()")
    page.goto("/en/")
    page.goto(path_of(article))
    assert page.locator(".go-on button").count() == 0


# --- WeChat


def test_wechat_without_storage_reads_looks_and_is_sent_outside(visit, pictured):
    alice = make_member("alice")
    page = visit(locale="zh-CN", width=390, user_agent=WECHAT)
    page.add_init_script(NO_STORAGE)
    page.goto(path_of(pictured, "en"))
    page.click(".share summary")
    assert page.locator(".share [data-wechat=inside]").is_visible()
    assert page.locator(".share [data-wechat=outside]").locator("visible=true").count() == 0
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    page.uncheck("#keys [type=checkbox]")
    page.keyboard.press("Escape")
    page.locator("#keys:not([open])").wait_for(state="attached")
    page.keyboard.press("?")
    page.keyboard.press("/")
    assert page.locator("#keys[open]").count() == 0
    assert page.evaluate("document.activeElement.id") != "site-search"
    log_in(page, alice.username, path_of(pictured, "en"))
    page.fill("#comment-form textarea", "没有本地存储也能写。")
    page.click("#comment-form button")
    page.locator(".comment .own").wait_for()
    page.goto("/en/accounts/2fa/webauthn/add/")
    page.fill("main [name=password]", PASSWORD)
    page.click("main form .button")
    page.locator("[data-no-passkey]").wait_for()
    looks_well(page)
    # Two pages say it in a browser that can, too: neither of them there.
    other = visit(locale="en-US")
    other.goto(path_of(pictured))
    other.click(".share summary")
    assert other.locator(".share [data-wechat=inside]").is_hidden()
