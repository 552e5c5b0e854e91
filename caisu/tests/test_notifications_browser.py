"""A conversation that keeps up: told in a browser, by two who talk and one who listens."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from caisu.core import fulltext
from caisu.core.jobs import run_due
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import make_article, make_comment, make_member
from members.notifications.models import Notification
from news.comments import posting
from news.comments.models import Reading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def talk(site):
    """An article with something said under it by Alice; Bob reads, Carol is somebody to mention."""

    class Talk:
        alice, bob = make_member("alice"), make_member("bob")
        carol = make_member("carol", display_name="张卡罗")
        article = make_article()
        comment = make_comment(
            article, alice, body="Who shovels?", shown_at=timezone.now() - timedelta(hours=1)
        )

        def say(self, who, body, parent=None):
            said, _new = posting.post_comment(self.article, who, body, uuid4(), parent, seconds=30)
            run_due()
            return said

    for member in (Talk.alice, Talk.bob, Talk.carol):
        fulltext.refresh(member)
    run_due()
    with translation.override("en"):
        Talk.address = Talk.article.get_absolute_url()
    return Talk()


def test_new_comments_come_in_without_a_reload_and_nothing_typed_is_lost(visit, talk):
    page = visit(locale="en")
    log_in(page, "bob", talk.address)
    page.clock.install()
    page.reload()
    answers = []
    page.on(
        "response",
        lambda each: answers.append(each.status) if "/comments/since/" in each.url else None,
    )
    page.fill("#comment-form textarea", "I would, but")
    for _time in range(3):
        page.clock.run_for(70_000)
        page.wait_for_timeout(300)
    # Each question after the first is answered by 304 as long as nothing is new.
    assert answers[0] == 200, answers
    assert len(answers) >= 3, answers
    assert set(answers[1:]) == {304}, answers
    said = talk.say(talk.alice, "I do.")
    line = page.locator(".arrived a")
    for _time in range(5):
        if line.count():
            break
        page.clock.run_for(70_000)
        page.wait_for_timeout(300)
    assert line.inner_text() == "1 new comment"
    # In the middle of an answer to somebody, even.
    page.click(f"a.reply[data-reply='{talk.comment.pk}']")
    page.keyboard.type(" not today")
    line.click()
    page.wait_for_selector(f"#comment-{said.pk}")
    assert page.input_value("#comment-form textarea") == "I would, but not today"
    assert page.input_value("#comment-form [name=parent]") == str(talk.comment.pk)
    assert page.locator(f"#comment-{talk.comment.pk} + #comment-form").count() == 1
    assert page.locator("#comments h2 .count").inner_text() == "2"
    assert page.locator(f"#comment-{said.pk} .badge.new").count() == 1
    assert line.count() == 0
    # What was brought in can be liked like everything else.
    page.click(f"#comment-{said.pk} form.like button")
    page.wait_for_selector(f"#comment-{said.pk} form.like button[aria-pressed=true]")
    assert page.url.endswith(talk.address) or "#" in page.url


def test_questions_stop_where_there_is_nothing_to_ask(visit, talk):
    page = visit(locale="en")
    page.clock.install()
    page.goto(talk.address)
    asked = []
    page.on("request", lambda each: asked.append(each.url) if "/since/" in each.url else None)
    type(talk.article).objects.update(status="withdrawn")
    for _time in range(4):
        page.clock.run_for(100_000)
        page.wait_for_timeout(200)
    assert len(asked) == 1, asked
    assert page.locator(".arrived a").count() == 0
    page.problems[:] = [each for each in page.problems if "/since/" not in each]


def test_visit_is_noted_when_the_conversation_was_in_view(visit, talk):
    page = visit(locale="en", height=500)
    log_in(page, "bob", talk.address)
    page.wait_for_timeout(500)
    assert not Reading.objects.exists()
    page.locator("#comments").scroll_into_view_if_needed()
    page.mouse.wheel(0, 3000)
    for _time in range(50):
        if Reading.objects.filter(member=talk.bob).exists():
            break
        page.wait_for_timeout(100)
    assert Reading.objects.get(member=talk.bob).seen_at
    talk.say(talk.alice, "Since then.")
    page.reload()
    page.wait_for_selector("text=1 new since your last visit")
    assert page.locator(".comment .badge.new").count() == 1


def test_completion_by_keys_and_by_hand(visit, talk):
    page = visit(locale="en")
    log_in(page, "bob", talk.address)
    body = page.locator("#comment-form textarea")
    body.press_sequentially("Ask @zhang")
    page.wait_for_selector("#mentionable [role=option]")
    assert body.get_attribute("aria-activedescendant") == "mentionable-0"
    looks_well(page)
    body.press("Escape")
    assert page.locator("#mentionable").is_hidden()
    assert body.input_value() == "Ask @zhang"
    body.press("Backspace")
    page.wait_for_selector("#mentionable [role=option]")
    body.press("ArrowDown")
    body.press("Enter")
    assert body.input_value() == "Ask @carol "
    body.press_sequentially("and @ali")
    page.wait_for_selector("#mentionable [role=option]")
    page.click("#mentionable [role=option]")
    assert body.input_value() == "Ask @carol and @alice "
    assert page.evaluate("document.activeElement.name") == "body"
    body.press_sequentially("bob@exa")
    page.wait_for_timeout(400)
    assert page.locator("#mentionable").is_hidden()
    page.click("#comment-form button:not([type=button])")
    page.wait_for_selector(".comment-body a.mention >> text=@carol")
    run_due()
    assert set(Notification.objects.values_list("member__username", flat=True)) == {
        "alice",
        "carol",
    }


def test_completion_by_thumb(visit, talk):
    page = visit(locale="zh-CN", width=390, height=800, has_touch=True, is_mobile=True)
    log_in(page, "bob", talk.address.replace("/en/", "/zh-hans/"), "zh-hans")
    body = page.locator("#comment-form textarea")
    body.tap()
    body.press_sequentially("请@张")
    page.wait_for_selector("#mentionable [role=option]")
    looks_well(page)
    page.tap("#mentionable [role=option]")
    assert body.input_value() == "请@carol "


@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_bell_to_the_comment(visit, talk, width):
    said = talk.say(talk.alice, "@bob, do you?", talk.comment)
    page = visit(locale="en", width=width)
    log_in(page, "bob")
    assert page.locator(".bell .unseen").inner_text() == "1"
    page.click(".bell")
    page.wait_for_selector("text=Alice mentioned you on")
    looks_well(page)
    page.click(".notifications li button")
    page.wait_for_url(f"**#comment-{said.pk}")
    assert page.locator(".bell .unseen").count() == 0


def test_all_of_it_without_a_script(visit, talk):
    page = visit(javascript=False, locale="en")
    log_in(page, "bob", talk.address)
    page.click("text=Follow")
    page.wait_for_selector("text=Following")
    page.click("text=Mark as read")
    said = talk.say(talk.alice, "Since then.")
    page.goto(talk.address)
    page.click("text=1 new since your last visit")
    assert page.url.endswith(f"#comment-{said.pk}")
    page.click(".bell")
    page.click("text=Alice commented on")
    page.wait_for_url(f"**#comment-{said.pk}")
    page.click(".bell")
    assert page.locator(".notifications li.unseen").count() == 0


def test_a_visitor_hears_of_new_comments_too(visit, talk):
    page = visit(locale="en")
    page.clock.install()
    page.goto(talk.address)
    said = talk.say(talk.bob, "Me.")
    page.clock.run_for(31_000)
    page.click(".arrived a")
    page.wait_for_selector(f"#comment-{said.pk}")
    wait_until(page, f"document.activeElement?.id === 'comment-{said.pk}'")
