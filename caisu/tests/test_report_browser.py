"""A report, told in a browser: made from a comment's menu, decided, and heard of."""

import pytest
from django.utils.translation import override

from caisu.tests.browser import log_in, looks_well
from caisu.tests.cast import make_article, make_comment, make_member
from members.moderation.models import Report, State

pytestmark = pytest.mark.browser


@pytest.fixture
def said(site):
    """What Alice said; Bob takes offence, Mona moderates."""
    make_member("bob", language="zh-hans")
    make_member("mona", "Moderator")
    return make_comment(make_article(), make_member("alice"), body="您这样的人不配来。")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_member_reports_a_comment_and_hears_what_became_of_it(visit, said, javascript):
    phone = {"width": 390, "height": 800, "has_touch": True, "is_mobile": True}
    bob = visit(javascript=javascript, **phone)
    with override("zh-hans"):
        log_in(bob, "bob", said.article.get_absolute_url(), "zh-hans")
    comment = bob.locator(f"#comment-{said.pk}")
    comment.locator(".menu summary").tap()
    comment.locator(".menu a").tap()
    bob.wait_for_url(f"**/zh-hans/comments/{said.pk}/report/")
    assert "您这样的人不配来。" in bob.inner_text("blockquote")
    if javascript:
        looks_well(bob)
    # What is missing is said beside it, and what was typed stays.
    bob.fill("textarea[name=text]", "伤人")
    bob.locator("main form button").tap()
    bob.locator(".field-reason .errorlist").wait_for()
    assert bob.input_value("textarea[name=text]") == "伤人"
    if javascript:
        looks_well(bob)
    bob.check("input[name=reason][value=rude]")
    bob.locator("main form button").tap()
    bob.wait_for_url(f"**#comment-{said.pk}")
    assert bob.locator(".messages .success").count() == 1
    report = Report.objects.get()
    assert (report.reason, report.text, report.language) == ("rude", "伤人", "zh-hans")
    # Once is enough.
    bob.goto(f"/zh-hans/comments/{said.pk}/report/")
    assert bob.locator("main form").count() == 0

    mona = visit()
    log_in(mona, "mona", f"/admin/moderation/case/{report.case_id}/change/")
    assert "Bob" in mona.inner_text(".report")
    mona.click("button[name=act][value=remove]")
    mona.wait_for_load_state()
    said.refresh_from_db()
    assert said.state == State.REMOVED

    bob.goto("/zh-hans/")
    bob.locator(".bell").tap()
    line = bob.locator(".notifications li.unseen")
    assert "第1条新闻" in line.inner_text()
    assert "Alice" not in line.inner_text()
    if javascript:
        looks_well(bob)
    line.locator("button").tap()
    bob.locator(".notifications li:not(.unseen)").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_articles_and_profiles_have_the_way_at_their_foot(visit, said, width):
    page = visit(locale="en-US", width=width)
    with override("en"):
        log_in(page, "bob", said.article.get_absolute_url())
        for thing in (said.article, said.author):
            page.goto(thing.get_absolute_url())
            looks_well(page)
            page.click("main a[href$='/report/']")
            page.wait_for_selector("form input[name=reason]")
            looks_well(page)
            page.check("input[name=reason][value=other]")
            page.fill("textarea[name=text]", "It is not theirs.")
            page.click("main form button")
            page.wait_for_url(f"**{thing.get_absolute_url()}")
            assert page.locator(".messages .success").count() == 1
    assert Report.objects.count() == 2
