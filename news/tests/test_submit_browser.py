"""A member's post in a browser: from a draft to the site, changed, and nothing typed is lost."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from caisu.core.jobs import run_due
from caisu.core.roles import EDITOR
from caisu.tests.browser import log_in
from caisu.tests.cast import make_article, make_member
from news.models import Article, WorkingCopy

pytestmark = pytest.mark.browser
NEW = "/en/news/submit/new/"


@pytest.fixture
def people(site):
    """Alice, who writes, and Wei, who decides; an article, so that there is a category."""
    make_article(author=make_member("wei", EDITOR))
    return make_member("alice")


EDITOR_OF_ENGLISH = "fieldset[data-language=en] [contenteditable=true]"


def write(page, words, *, javascript=True):
    """Types at the end of the English text."""
    if not javascript:
        page.fill("[name=body_en]", page.input_value("[name=body_en]") + words)
        return
    page.click(EDITOR_OF_ENGLISH)
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def on_the_desk(post):
    return reverse("admin:news_article_change", args=[post.pk])


@pytest.mark.parametrize(
    ("javascript", "width"),
    [pytest.param(True, 390, id="phone"), pytest.param(False, 1280, id="without-javascript")],
)
def test_from_draft_to_published_and_changed(visit, people, javascript, width):
    page = visit(javascript=javascript, locale="en-US", width=width)
    log_in(page, "alice", "/en/news/submit/")
    page.click("main a.button")
    if javascript:
        page.locator(EDITOR_OF_ENGLISH).wait_for()
        assert not page.is_visible("fieldset[data-language=zh-hans]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")

    # A draft with holes is kept; handed in, it says what is missing.
    page.fill("[name=summary_en]", "How we got out.")
    page.click("button[value=save]")
    page.wait_for_url(re.compile(r"/submit/\d+/"))
    page.click("button[value=submit]")
    page.locator("main .errorlist").nth(1).wait_for()
    assert page.input_value("[name=summary_en]") == "How we got out."
    page.fill("[name=title_en]", "Digging out the car")
    write(page, "It snowed all night.", javascript=javascript)
    page.click("button[value=submit]")
    page.wait_for_url(re.compile(r"/en/news/submit/"))
    assert "Awaiting review" in page.inner_text(".own-post-list")
    post = Article.objects.get(is_post=True)

    # The editor asks; the author reads it and answers.
    editor = visit(locale="en-US")
    log_in(editor, "wei", on_the_desk(post))
    editor.fill("#review-note", "Which street was it?")
    editor.click("button[value=give_back]")
    editor.locator(".messagelist").wait_for()
    page.reload()
    assert "Which street was it?" in page.inner_text(".editors-note")
    page.click(".own-post-list .actions a >> nth=0")
    write(page, " On South Fifth.", javascript=javascript)
    page.click("button[value=submit]")
    page.wait_for_url(re.compile(r"/en/news/submit/(\?.*)?$"))

    # Published, it is there for everyone, and the author has it in a mail.
    editor.goto(on_the_desk(post))
    editor.click(".review button[name=_publish]")
    editor.locator(".messagelist").wait_for()
    run_due()
    (address,) = re.findall(r"http\S+/en/news/\d{4}/\S+", mail.outbox[-1].body)
    reader = visit(locale="en-US")
    reader.goto(re.sub(r"^http://[^/]+", "", address))
    assert "On South Fifth." in reader.inner_text("article .prose")

    # A change waits while the old text stays, then takes its place.
    page.goto(f"/en/news/submit/{post.pk}/")
    page.fill("[name=title_en]", "Digging out two cars")
    page.click("button[value=submit]")
    page.wait_for_url(re.compile(r"/en/news/submit/(\?.*)?$"))
    assert "your change awaits review" in page.inner_text(".own-post-list")
    reader.reload()
    assert reader.inner_text("h1") == "Digging out the car"
    editor.goto(on_the_desk(post))
    assert "two" in editor.inner_text(".review ins >> nth=0")
    editor.click("button[value=accept_edit]")
    editor.locator(".messagelist").wait_for()
    reader.reload()
    assert reader.inner_text("h1") == "Digging out two cars"


def test_what_was_typed_outlives_a_crash(visit, people):
    page = visit(locale="en-US")
    log_in(page, "alice", NEW)
    write(page, "An hour of work.")
    page.locator("[data-kept-line]", has_text="Kept in this browser").wait_for()
    page.reload()
    page.click("[data-bring-back]")
    assert "An hour of work." in page.inner_text(EDITOR_OF_ENGLISH)
    page.fill("[name=title_en]", "Work")
    page.click("button[value=save]")
    page.wait_for_url(re.compile(r"/submit/\d+/"))
    assert page.evaluate("localStorage.getItem('post:new')") is None

    # A post that is there is kept on the server as well.
    write(page, " And one more.")
    page.locator("[data-kept-line]", has_text="Kept just now").wait_for()
    assert "And one more." in WorkingCopy.objects.get().fields["body_en"]
    page.evaluate("localStorage.clear()")
    page.reload()
    assert "And one more." in page.inner_text(EDITOR_OF_ENGLISH)
    assert page.locator(".unsaved").count() == 1


def test_a_language_with_something_in_it_is_never_hidden(visit, people):
    page = visit(locale="en-US")
    log_in(page, "alice", NEW)
    chinese = page.locator("fieldset[data-language=zh-hans]")
    page.locator(EDITOR_OF_ENGLISH).wait_for()
    assert not chinese.is_visible()
    page.check("[name=meant_for][value=both]")
    page.fill("[name=title_zh_hans]", "初雪")
    page.check("[name=meant_for][value=en]")
    assert chinese.is_visible()
    page.fill("[name=title_zh_hans]", "")
    page.check("[name=meant_for][value=both]")
    page.check("[name=meant_for][value=en]")
    assert not chinese.is_visible()
