"""Fixtures for stories told in a browser: the site, and pages that watch what they load.

    @pytest.mark.browser
    def test_reader_opens_a_story(visit):
        page = visit(locale="zh-CN")
        page.goto("/")

A story fails afterwards if one of its pages met an error in a script, broke the content security
policy, missed a file, or asked another host for anything. What a story provokes on purpose, it
takes out of ``page.problems``.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from time import monotonic

import pytest

FLAGS = [
    "--no-sandbox",  # which root and most containers cannot have; only our own pages are opened
    "--disable-gpu",
    # Chromium's own errands, so that whatever asks another host is a page of ours.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", event => console.error(
    `policy broken: ${event.violatedDirective} by ${event.blockedURI} ` +
    `(${event.sourceFile}:${event.lineNumber}) ${event.sample}`
));
"""


def find_chromium() -> str | None:
    """The Chromium to drive: $CHROMIUM, or the first of the usual names on PATH."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def wait_until(page, expression: str, seconds: float = 15) -> None:
    """Waits until a JavaScript expression is true, or fails.

    Playwright's own wait_for_function evaluates strings in the page, which our policy forbids
    unless the first look suffices. A page may give way to another one meanwhile.
    """
    from playwright.sync_api import Error

    def is_true() -> bool:
        try:
            return bool(page.evaluate(expression))
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            return False

    end = monotonic() + seconds
    while not is_true():
        assert monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(50)


def log_in(page, username: str, to: str = "/en/", language: str = "en") -> None:
    """Logs one of the cast in by the page in that language, and waits for what comes after it."""
    from caisu.tests.cast import PASSWORD  # models, which load after this plugin

    page.goto(f"/{language}/accounts/login/?next={to}")
    page.fill("main [name=login]", username)
    page.fill("main [name=password]", PASSWORD)
    page.click("main form .actions button")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


# What axe calls a best practice is a matter of taste.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

# A colour on its way to another has the contrast of neither. What moves for ever has no end.
AT_THE_END = """
document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity)
    .forEach((each) => each.finish())
"""


def looks_well(page) -> None:
    """Asserts that nothing scrolls the page sideways, and that axe finds nothing against WCAG 2.2 AA."""
    from axe_playwright_python.sync_playwright import Axe

    # Not Playwright's own event, which may stay away after a download.
    wait_until(page, "document.readyState === 'complete'")
    page.evaluate(AT_THE_END)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), page.url
    before = list(page.problems)
    found = Axe().run(page, options=RULES)
    # axe lays styles of its own into the page and fetches style sheets, at times in vain.
    page.problems[:] = before
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A Playwright browser with a profile of its own."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, where Django then refuses to query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    chromium = find_chromium()
    assert chromium, "No Chromium found (apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


# Migrations that write data: a test that commits empties the tables behind it.
DATA = {
    "members.moderation.migrations.0002_roles": "fill",
    "news.migrations.0002_roles": "fill",
    "news.migrations.0003_local_news": "add",
    "news.comments.migrations.0003_roles": "fill",
    "caisu.search.migrations.0002_roles": "fill",
}


@pytest.fixture
def site(live_server, settings):
    """The running site with what migrations wrote; ``site.url`` is its address, also in mails."""
    from django.apps import apps

    for module, function in DATA.items():
        getattr(import_module(module), function)(apps, None)
    settings.SITE_URL = live_server.url
    return live_server


@pytest.fixture
def visit(browser, site) -> Iterator[Callable]:
    """Makes pages, each of a reader of their own: ``visit(javascript=True, locale="zh-CN", …)``.

    Addresses may be given from the root (``page.goto("/")``). Further arguments are those of
    Playwright's ``browser.new_context``. Nothing moves unless ``reduced_motion`` says so: a story
    that looks at a page halfway through a movement would see another one each time.
    """
    contexts = []
    problems: list[str] = []

    def make_page(
        javascript=True,
        locale="zh-CN",
        width=1280,
        height=900,
        reduced_motion="reduce",
        **options,
    ):
        context = browser.new_context(
            base_url=site.url,
            java_script_enabled=javascript,
            locale=locale,
            timezone_id="America/Boise",
            viewport={"width": width, "height": height},
            reduced_motion=reduced_motion,
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(REPORT_VIOLATIONS)
        context.route(re.compile(rf"^\w+://(?!{re.escape(site.url.split('//')[1])}/)"), refuse)
        context.on("console", hear)
        context.on("weberror", lambda error: problems.append(f"uncaught: {error.error}"))
        context.on("response", look)
        page = context.new_page()
        page.problems = problems
        return page

    def refuse(route):
        problems.append(f"asked another host: {route.request.url}")
        route.abort()

    def hear(message):
        # A file that fails to load is told by look(), which knows a page from a part of it.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(f"console: {message.text}")

    def look(response):
        # A page may well be a 404 or a form refused; its parts may not.
        if response.status >= 400 and not response.request.is_navigation_request():
            problems.append(f"{response.status}: {response.url}")

    yield make_page
    for context in contexts:
        context.close()
    if problems:
        pytest.fail("\n".join(["The pages met problems:", *problems]), pytrace=False)
