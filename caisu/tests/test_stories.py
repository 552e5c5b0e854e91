"""The whole story in a real browser: read, join, comment, be reviewed; both languages, with and without JavaScript."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import override_settings
from django.urls import reverse
from django.utils.translation import override

from caisu.core.images import receive
from caisu.core.jobs import run_due
from caisu.tests.browser import log_in
from caisu.tests.cast import make_article, make_comment, make_member, make_upload
from members.models import Member, Terms
from members.moderation.models import Case, Decision
from news.comments.models import Comment
from news.models import Article

pytestmark = pytest.mark.browser

WORDS = {
    "zh-hans": {
        "must_join": "您必须是爱达荷州立大学中国学生学者联谊会的成员才能加评论!",
        "views": "查看次数:",
        "waits": "等待审核",
        "section": "本地新闻",
    },
    "en": {
        "must_join": "You need to be a member of Chinese Association of Idaho State University to add comments!",
        "views": "Views:",
        "waits": "Awaiting review",
        "section": "Local News",
    },
}
READERS = [
    pytest.param("zh-hans", True, 1280, id="zh-desktop"),
    pytest.param("zh-hans", False, 390, id="zh-phone-without-javascript"),
    pytest.param("en", True, 390, id="en-phone"),
    pytest.param("en", False, 1280, id="en-desktop-without-javascript"),
]


@pytest.fixture
def story(site):
    """An article with a picture and a comment; Mona and Root are there."""
    Terms.objects.create(version=1, body_zh_hans="<p>请友善。</p>", body_en="<p>Be kind.</p>")
    make_member("mona", "Moderator")
    make_member("root", "Webmaster", is_superuser=True)
    article = make_article(cover=receive(make_upload(size=(1200, 800)), None), is_featured=True)
    make_comment(article, make_member("alice"), body="第一条评论 First!")
    from news import publishing

    publishing.refresh(article)
    run_due()
    return article


def no_sideways_scrolling(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), page.url


@pytest.mark.parametrize(("language", "javascript", "width"), READERS)
def test_visitor_joins_comments_and_is_approved(visit, story, language, javascript, width):
    words = WORDS[language]
    locale = "zh-CN" if language == "zh-hans" else "en-US"
    page = visit(javascript=javascript, locale=locale, width=width)

    # A visitor lands in their language and reads.
    page.goto("/")
    assert page.url.endswith(f"/{language}/")
    no_sideways_scrolling(page)
    page.click("a.story")
    assert words["must_join"] in page.inner_text("main")
    assert words["views"] in page.inner_text("main article")
    assert words["section"] in page.inner_text(".newest")
    assert page.locator("article.article .cover img").count() == 1
    no_sideways_scrolling(page)
    address = page.url

    # The language switch keeps the page.
    page.click(".account a[hreflang]")
    assert page.url == address.replace(
        f"/{language}/", "/en/" if language == "zh-hans" else "/zh-hans/"
    )
    page.click(".account a[hreflang]")
    assert page.url == address

    # They join: three fields, six digits, back where they were.
    page.click(".join-to-comment a.join")
    page.fill("[name=email]", "xin@example.org")
    page.fill("[name=display_name]", "新 Xin")
    page.fill("[name=password1]", "a long enough pass phrase")
    no_sideways_scrolling(page)
    page.click("main form .actions button")
    page.wait_for_selector("main [name=code]")
    run_due()
    (code,) = re.findall(r"^\d{6}$", mail.outbox[-1].body, re.M)
    page.fill("[name=code]", "000000" if code != "000000" else "000001")
    page.click("main form button >> nth=0")
    assert page.locator(".errorlist").count() == 1
    page.fill("[name=code]", code)
    page.click("main form button >> nth=0")
    assert page.url.split("#")[0] == address
    member = Member.objects.get(email="xin@example.org")
    assert (member.standing, member.language) == ("pending", language)
    assert member.acceptances.count() == 1

    # They write at once; it waits, and only they see it.
    page.fill("#comment-form [name=body]", "我也想去。 Me too!")
    page.click("#comment-form button")
    assert words["waits"] in page.inner_text("article.comment[data-state=held]")
    other = visit(javascript=javascript, locale=locale, width=width)
    other.goto(address)
    assert "Me too!" not in other.content()

    # The moderator lets it through; everything opens, and a mail says so.
    comment = Comment.objects.get(author=member)
    desk = visit(locale="en-US")
    log_in(desk, "mona")
    desk.goto(reverse("admin:moderation_case_changelist"))
    case = Case.objects.about(comment).open().get()
    desk.goto(reverse("admin:moderation_case_change", args=[case.pk]))
    desk.click("button[value=approve]")
    member.refresh_from_db()
    assert (member.standing, member.approved_count) == ("active", 1)
    assert Decision.objects.filter(action__in=["approve", "admit"]).count() == 2
    run_due()
    assert mail.outbox[-1].to == ["xin@example.org"]
    other.reload()
    assert "Me too!" in other.content()
    page.reload()
    assert page.locator("article.comment[data-state=held]").count() == 0


@pytest.mark.parametrize(("language", "javascript", "width"), READERS)
def test_member_replies_edits_and_deletes(visit, story, language, javascript, width):
    make_member("bob")
    page = visit(javascript=javascript, width=width)
    with override(language):
        address = story.get_absolute_url()
    log_in(page, "bob", f"/{language}/", language)
    page.goto(address)
    no_sideways_scrolling(page)
    page.click("article.comment a.reply")
    page.fill("#comment-form [name=body]", "说得好")
    page.click("#comment-form button")
    reply = Comment.objects.get(body="说得好")
    assert reply.parent is not None
    assert page.url.endswith(f"#comment-{reply.pk}")
    assert page.locator(f".replies #comment-{reply.pk}").count() == 1
    page.click(f"#comment-{reply.pk} a[href*=edit]")
    page.fill("main [name=body]", "说得很好")
    page.click("main form button")
    assert "说得很好" in page.inner_text(f"#comment-{reply.pk}")
    page.click(f"#comment-{reply.pk} a[href*=delete]")
    page.click("main form button")
    assert page.locator(f"#comment-{reply.pk}").count() == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_editor_writes_illustrates_and_publishes(visit, story, language, tmp_path):
    wei = Member.objects.get(username="wei")
    page = visit(locale="en-US" if language == "en" else "zh-CN")
    log_in(page, wei.username, f"/{language}/", language)
    page.goto(f"/language/{language}/")
    page.goto(reverse("admin:news_article_add"))
    page.fill("[name=title_zh_hans]", "编辑写的新闻")
    page.fill("[name=title_en]", "News by the editor")
    editor = page.locator(".ProseMirror").first
    editor.click()
    page.keyboard.type("Snow is on its way.")
    page.select_option("[name=category]", index=1)
    page.click("[name=_publish]")
    article = Article.objects.get(title_en="News by the editor")
    assert article.is_public
    assert "Snow is on its way." in article.body_zh_hans
    page.goto(f"/{language}/")
    assert article.title_zh_hans in page.content() or article.title_en in page.content()


def test_webmaster_suspends_and_the_session_ends(visit, story):
    member = make_member("bob")
    page, desk = visit(locale="en-US"), visit(locale="en-US")
    log_in(page, "bob")
    log_in(desk, "root")
    desk.goto(reverse("admin:members_member_act", args=[member.pk, "suspend"]))
    desk.fill("[name=reason]", "Links to a shop.")
    desk.click("main form button, #content form button")
    page.goto("/en/")
    assert page.locator("a.join").count() > 0
    log_in(page, "bob")
    assert "Links to a shop." in page.inner_text("main")
    assert EmailAddress.objects.filter(user=member).exists()


def test_form_older_than_a_login_loses_nothing(visit, story):
    make_member("bob")
    page = visit(locale="en-US")
    log_in(page, "bob")
    with override("en"):
        page.goto(story.get_absolute_url())
    page.fill("#comment-form [name=body]", "A thought that took me half an hour.")
    other = page.context.new_page()
    other.goto("/en/")
    other.click(".account form button")
    log_in(other, "bob")
    page.click("#comment-form button")
    assert "A thought that took me half an hour." in page.content()


@override_settings(DEBUG=False)
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible(visit, story, width):
    from axe_playwright_python.sync_playwright import Axe

    with override("en"):
        article = story.get_absolute_url()
    # At rest: in the middle of a transition a colour is neither the one nor the other.
    page = visit(locale="en-US", width=width, reduced_motion="reduce")
    make_member("bob")
    failures = []

    def look(path):
        page.goto(path)
        result = Axe().run(page)
        for violation in result.response["violations"]:
            failures.append(f"{path}: {violation['id']}: {violation['nodes'][0]['html'][:200]}")

    for path in (
        "/en/",
        "/zh-hans/",
        article,
        "/en/news/local-news/",
        "/en/accounts/signup/",
        "/en/accounts/login/",
    ):
        look(path)
    for path in ("/en/report/", "/en/terms/", "/en/search/?q=news", "/en/nothing/"):
        look(path)
    log_in(page, "bob")
    for path in (article, "/en/members/", "/en/members/bob/", "/en/accounts/email/"):
        look(path)
    assert not failures, "\n".join(failures)
