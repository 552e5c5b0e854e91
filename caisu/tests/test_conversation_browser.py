"""A conversation in a real browser: likes, quotations, long threads, a closed one."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from caisu.core.models import SiteSettings
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import make_article, make_comment, make_member
from members.models import Member
from news.comments import liking, threads
from news.comments.models import Comment, Like

pytestmark = pytest.mark.browser

ZALGO = "".join(letter + "\u0301\u0316\u0353\u0489\u0300" * 8 for letter in "he comes")


@pytest.fixture
def talk(site):
    """Alice asks; Bob reads, Mona moderates."""
    make_member("bob")
    make_member("mona", "Moderator")
    article = make_article()
    body = "Where do I buy snow tires?\n\nMine are bald, and winter comes."
    return make_comment(article, make_member("alice"), body=body)


def page_of(article, language="en"):
    with override(language):
        return article.get_absolute_url()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_member_likes_and_takes_it_back(visit, talk, javascript):
    page = visit(javascript=javascript, locale="en-US")
    log_in(page, "bob", page_of(talk.article))
    button = page.locator(f"#comment-{talk.pk} form.like button")
    for pressed, count in (("true", "1"), ("false", "")):
        with page.expect_response("**/like/"):
            button.click()
        page.locator(f"form.like:not([data-busy]) button[aria-pressed={pressed}]").wait_for()
        assert button.locator(".like-count").inner_text() == count
        assert Like.objects.count() == (1 if count else 0)
        assert Comment.objects.get(pk=talk.pk).like_count == Like.objects.count()
    if javascript:
        assert "/like/" not in page.url
        assert page.url.endswith(page_of(talk.article))


def test_like_goes_back_when_the_line_is_dead(visit, talk):
    page = visit(locale="en-US")
    log_in(page, "bob", page_of(talk.article))
    page.context.set_offline(True)
    button = page.locator("form.like button")
    button.click()
    page.locator("form.like button[aria-pressed=false]").wait_for()
    wait_until(page, "document.querySelector('.like-count').textContent === ''")
    said = page.locator("form.like + [role=status]")
    said.filter(has_text="This did not get through.").wait_for()
    page.context.set_offline(False)
    with page.expect_response("**/like/"):
        button.click()
    page.locator("form.like button[aria-pressed=true]").wait_for()
    wait_until(page, "document.querySelector('form.like + [role=status]').textContent === ''")
    assert Like.objects.count() == 1
    page.problems[:] = [problem for problem in page.problems if "ERR_INTERNET" not in problem]


def test_selected_passage_is_quoted_at_the_cursor(visit, talk):
    page = visit(locale="en-US")
    log_in(page, "bob", page_of(talk.article))
    box = page.locator("#comment-form [name=body]")
    page.click("a.quote-it")
    assert box.input_value() == (
        "> Where do I buy snow tires?\n>\n> Mine are bald, and winter comes.\n\n"
    )
    assert page.locator(f"#comment-{talk.pk} ~ #comment-form").count() == 1
    assert page.input_value("#comment-form [name=parent]") == str(talk.pk)
    box.fill("I know this.")
    page.evaluate(
        """() => {
            const text = document.querySelector(".comment-body p:last-child").firstChild;
            getSelection().setBaseAndExtent(text, 0, text, 13);
        }"""
    )
    page.click("a.quote-it")
    assert box.input_value() == "I know this.\n\n> Mine are bald\n\n"
    page.keyboard.type("So were mine.")
    page.click("#comment-form button")
    page.locator("blockquote").wait_for()
    reply = Comment.objects.get(parent=talk)
    assert reply.body == "I know this.\n\n> Mine are bald\n\nSo were mine."
    assert page.inner_text(f"#comment-{reply.pk} blockquote") == "Mine are bald"


def test_quotation_without_javascript(visit, talk):
    page = visit(javascript=False, locale="en-US")
    log_in(page, "bob", page_of(talk.article))
    page.click("a.quote-it")
    box = page.locator("#comment-form [name=body]")
    assert box.input_value().startswith("> Where do I buy snow tires?\n")
    box.fill(box.input_value() + "At the corner.")
    page.click("#comment-form button")
    assert page.locator(".replies blockquote").count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_draft_of_a_reply_outlives_a_reload(visit, talk, width):
    page = visit(locale="en-US", width=width)
    log_in(page, "bob", page_of(talk.article))
    page.click("a.reply")
    page.fill("#comment-form [name=body]", "Half a thought")
    page.reload()
    assert page.input_value("#comment-form [name=body]") == "Half a thought"
    assert page.input_value("#comment-form [name=parent]") == str(talk.pk)
    assert page.input_value("#comment-form [name=opened]") == ""


def test_draft_goes_once_the_comment_stands_there_and_not_before(visit, talk):
    page = visit(locale="en-US")
    log_in(page, "bob", page_of(talk.article))
    box = page.locator("#comment-form [name=body]")
    box.fill("Half a thought")
    page.context.set_offline(True)
    page.click("#comment-form button")
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    # Led to what somebody else said: that is not the comment that was on its way.
    page.goto(f"/en/comments/{talk.pk}/")
    assert page.url.endswith(f"#comment-{talk.pk}")
    assert box.input_value() == "Half a thought"
    page.click("#comment-form button")
    page.locator(".comment .own").wait_for()
    page.reload()
    assert box.input_value() == ""
    page.problems[:] = [problem for problem in page.problems if "ERR_INTERNET" not in problem]


def test_what_the_site_says_is_in_sight_beside_a_comment(visit, talk):
    for _n in range(9):
        make_comment(talk.article, talk.author, body="A line.\n" * 9)
    page = visit(locale="en-US", width=390)
    log_in(page, "bob", f"/en/comments/{talk.pk}/report/")
    page.check("[name=reason] >> nth=0")
    page.click("main form .actions button")
    page.wait_for_url(f"**#comment-{talk.pk}")
    said, comment = page.locator(".messages"), page.locator(f"#comment-{talk.pk}")
    wait_until(page, "scrollY > 300")
    page.wait_for_timeout(600)  # until it has scrolled there
    assert said.bounding_box()["y"] == 0
    assert comment.bounding_box()["y"] >= said.bounding_box()["height"]
    looks_well(page)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_hard_texts_and_long_threads_look_well(visit, talk, width, language):
    bob = Member.objects.get(username="bob")
    for body in (
        ZALGO,
        "x" * 300 + " https://example.org/" + "y" * 300,
        "مرحبا بكم في بوكاتيلو\nשלום עולם with English",
        "> " * 50 + "deep\n\nanswer",
        "😀" * 60,
    ):
        liking.like(make_comment(talk.article, talk.author, body=body), bob)
    long = make_member("long", display_name="W" * 40)
    for _n in range(threads.SHOWN + 5):
        make_comment(talk.article, long, parent=talk)
    page = visit(locale=language, width=width)
    log_in(page, "bob", page_of(talk.article, language), language)
    looks_well(page)
    page.click("a.more-replies")
    page.wait_for_load_state()
    assert page.locator(".replies article").count() == 5
    looks_well(page)


def test_moderator_closes_and_opens_again(visit, talk):
    page = visit(locale="en-US", width=390)
    log_in(page, "mona", page_of(talk.article))
    page.click(".house-acts a")
    looks_well(page)
    page.fill("[name=reason]", "Answered.")
    page.click("main form .actions button")
    assert page.locator("#comment-form").count() == 0
    assert "Comments on this article are closed." in page.inner_text("#comments")
    looks_well(page)
    page.click(".house-acts a")
    page.click("main form .actions button")
    assert page.locator("#comment-form").count() == 1


def test_visitor_before_a_conversation_for_members(visit, talk):
    site = SiteSettings.load()
    site.comments_audience = "members"
    site.save()
    page = visit(locale="en-US", width=390)
    page.goto(page_of(talk.article))
    assert "snow tires" not in page.content()
    looks_well(page)
    page.goto(reverse("comments:permalink", args=[talk.pk]))
    page.fill("main [name=login]", "bob")
    page.fill("main [name=password]", "correct horse battery")
    page.click("main form .actions button")
    page.locator(f"#comment-{talk.pk}").wait_for()
