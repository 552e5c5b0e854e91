"""A decision is answered, told in a browser: heard of, read, appealed against on a phone, granted."""

import pytest
from django.core import mail
from django.utils.translation import override

from caisu.core.jobs import run_due
from caisu.tests.browser import log_in, looks_well
from caisu.tests.cast import PASSWORD, make_article, make_comment, make_member
from members.moderation import deciding
from members.moderation.models import Appeal, Decision, State

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 800, "has_touch": True, "is_mobile": True}
REASON = "文章里没有提到这个人。"
ANSWER = "我写的是文章里的那位老师，请再看一下第三段。"


@pytest.fixture
def removed(site):
    """What Alice said, and Mona removed; Max moderates as well."""
    make_member("max", "Moderator")
    mona = make_member("mona", "Moderator")
    said = make_comment(
        make_article(), make_member("alice", language="zh-hans"), body="王老师讲得真好。"
    )
    deciding.remove(said, mona, REASON)
    run_due()
    return said


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_author_answers_and_another_moderator_grants_it(visit, removed, javascript):
    decision = Decision.objects.get()
    page = f"/zh-hans/accounts/decisions/{decision.pk}/"
    assert page in mail.outbox[-1].body
    alice = visit(javascript=javascript, **PHONE)
    log_in(alice, "alice", "/zh-hans/", "zh-hans")
    alice.locator(".bell").tap()
    alice.locator(".notifications li.unseen form button").tap()
    alice.wait_for_url(f"**{page}")
    shown = alice.inner_text("main")
    assert REASON in shown
    assert removed.body in shown
    assert "Mona" not in shown
    if javascript:
        looks_well(alice)
    # Nothing is no answer.
    alice.locator(".settings-page form button").tap()
    alice.locator(".field-text .errorlist").wait_for()
    if javascript:
        looks_well(alice)
    alice.fill("textarea[name=text]", ANSWER)
    alice.locator(".settings-page form button").tap()
    alice.locator(".messages .success").wait_for()
    assert ANSWER in alice.inner_text("main")
    assert alice.locator("textarea[name=text]").count() == 0
    if javascript:
        looks_well(alice)

    # Who decided leaves it to the other one.
    mona = visit(javascript=javascript)
    log_in(mona, "mona", "/admin/moderation/case/?kind=appeal")
    assert "由另一位审核员处理" in mona.inner_text("[data-groups]")
    assert mona.locator(".queue-acts button").count() == 0

    max_ = visit(javascript=javascript)
    log_in(max_, "max", "/admin/moderation/case/?kind=appeal")
    assert ANSWER in max_.inner_text("[data-groups]")
    assert removed.body in max_.inner_text("[data-groups]")
    if javascript:
        looks_well(max_)
    max_.click(".queue-acts button.approve")
    max_.locator(".queue-empty:not([hidden])").wait_for()
    max_.wait_for_load_state("networkidle")
    removed.refresh_from_db()
    assert removed.state == State.VISIBLE
    run_due()
    assert mail.outbox[-1].to == ["alice@example.org"]
    assert page in mail.outbox[-1].body

    alice.goto("/zh-hans/accounts/notifications/")
    alice.locator(".notifications li.unseen form button").first.tap()
    alice.wait_for_url(f"**{page}")
    if javascript:
        looks_well(alice)
    with override("zh-hans"):
        alice.goto(removed.article.get_absolute_url())
    assert removed.body in alice.inner_text(f"#comment-{removed.pk}")


def test_who_was_banned_answers_from_the_page_that_says_so(visit, removed):
    deciding.ban(removed.author, Decision.objects.get().by, REASON)
    page = visit(**PHONE)
    page.goto("/zh-hans/accounts/login/")
    page.fill("main [name=login]", "alice")
    page.fill("main [name=password]", PASSWORD)
    page.locator("main form .actions button").first.tap()
    page.wait_for_url("**/accounts/standing/**")
    assert REASON in page.inner_text("main")
    looks_well(page)
    page.fill("textarea[name=text]", ANSWER)
    page.locator("form:has(textarea[name=text]) button").tap()
    page.locator("text=" + ANSWER).wait_for()
    assert page.locator("textarea[name=text]").count() == 0
    looks_well(page)
    assert Appeal.objects.get().text == ANSWER
