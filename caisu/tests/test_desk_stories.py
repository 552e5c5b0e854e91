"""The desk in a real browser: an article from the first word to the site and back; a member's post.

The first is told in Chinese, the second in English. On each page that they pass axe looks, and the
pages fail the story if a script errs or another host is asked (see caisu.tests.browser). And a walk
through the rest of the desk, on a phone at night and at a desk by day.
"""

import re
from base64 import b64encode
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from caisu.core.tests.desk import PASTE, png
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import make_article, make_comment, make_member
from members import inviting
from members.moderation import deciding, waiting
from members.moderation.models import Case, State
from news.models import Article, DailyViews, Revision, Tag

pytestmark = pytest.mark.browser

# Django's own widget for tags: select2 of 2020 names neither the list that it opens nor its mirror.
NOT_OURS = {"exclude": [[".select2-container"]]}
EDITORS = {code: f"#panel-{code} .ProseMirror" for code in ("zh-hans", "en")}


@pytest.fixture
def walk(visit):
    """Opens pages for somebody who is logged in: ``walk("wei", "/admin/", locale="zh-CN")``.

    ``walk.axe(page, name)`` notes what axe finds; a story that ends with findings fails.
    """
    found = []
    problems: list[list[str]] = []

    def open_page(username, to, locale="en-US", **options):
        page = visit(locale=locale, reduced_motion="reduce", **options)
        problems.append(page.problems)
        language = "en" if locale.startswith("en") else "zh-hans"
        log_in(page, username, to, language)
        return page

    def look(page, name):
        page.wait_for_load_state()
        before = [list(each) for each in problems]
        for violation in Axe().run(page, context=NOT_OURS).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.append(f"{name}: {violation['id']}: {nodes}")
        # axe lays styles of its own into the page, which the policy rightly refuses.
        for each, kept in zip(problems, before, strict=True):
            each[:] = kept + [p for p in each[len(kept) :] if "style-src" not in p]

    open_page.axe = look
    yield open_page
    assert not found, "\n".join(found)


def saved(page):
    """Waits until the server has what was typed."""
    wait_until(
        page,
        "() => document.querySelector('[data-saved]').textContent"
        " && !Object.keys(localStorage).some(key => key.startsWith('desk:'))",
    )


def type_into(page, language, words):
    """Types at the end of the text in one language."""
    page.click(EDITORS[language])
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(words)


def test_an_editor_publishes_in_two_languages(walk, visit, site):
    make_article(author=make_member("wei", EDITOR, language="zh-hans"))
    make_member("lin", EDITOR, language="zh-hans")
    page = walk("wei", reverse("admin:news_article_add"), locale="zh-CN")

    # Two texts, and a picture from the clipboard in the Chinese one.
    page.locator(EDITORS["en"]).wait_for()
    page.fill("[name=title_zh_hans]", "中秋晚会")
    page.fill("[name=title_en]", "Mid-Autumn evening")
    type_into(page, "zh-hans", "月饼有三种。")
    files = [["image.png", b64encode(png()).decode()]]
    page.locator(EDITORS["zh-hans"]).evaluate(PASTE, {"files": files})
    picture = page.locator(EDITORS["zh-hans"] + " figure img[src^='/media/']")
    picture.wait_for()
    type_into(page, "en", "There are three kinds of mooncake.")
    page.select_option("[name=category]", index=1)
    saved(page)
    walk.axe(page, "editor")

    # Seen in both languages and as on a phone, while nobody else sees anything.
    with page.context.expect_page() as opened:
        page.click("[name=_preview]")
    preview = opened.value
    framed = preview.frame_locator("iframe")
    assert framed.locator("h1").inner_text() == "中秋晚会"
    assert framed.locator("article figure img").count() == 1
    walk.axe(preview, "preview")
    preview.click(".switches [lang=en]")
    framed.locator("h1", has_text="Mid-Autumn evening").wait_for()
    preview.click(".switches a[href*=phone]")
    preview.locator("iframe.phone").wait_for()
    preview.wait_for_load_state()
    assert preview.locator("iframe").bounding_box()["width"] <= 400
    assert framed.locator("html").evaluate("html => html.scrollWidth <= innerWidth")
    preview.close()
    assert not Article.objects.filter(title_en="Mid-Autumn evening").exists()

    # Scheduled, it is not there; when its time comes, it is.
    later = timezone.localtime() + timedelta(hours=2)
    page.fill("[name=publish_at_0]", f"{later:%Y-%m-%d}")
    page.fill("[name=publish_at_1]", f"{later:%H:%M:%S}")
    page.click("[name=_publish]")
    page.locator(".messagelist").wait_for()
    article = Article.objects.get(title_en="Mid-Autumn evening")
    assert article.status == Article.Status.PUBLISHED
    assert not article.is_public
    reader = visit(locale="en-US")
    reader.goto("/en/")
    assert "Mid-Autumn evening" not in reader.content()
    assert reader.goto(f"/n/{article.pk}/").status == 404
    Article.objects.filter(pk=article.pk).update(publish_at=timezone.now() - timedelta(seconds=1))
    run_due()
    reader.goto("/en/")
    reader.click("text=Mid-Autumn evening >> nth=0")
    assert "three kinds of mooncake" in reader.inner_text("article .prose")
    walk.axe(reader, "article")
    reader.goto("/zh-hans/")
    reader.click("text=中秋晚会 >> nth=0")
    reader.locator("article .prose source[srcset] + img").wait_for()
    walk.axe(page, "list")

    # Changed with a note, while a colleague has the old text open.
    change = reverse("admin:news_article_change", args=[article.pk])
    colleague = walk("lin", change, locale="zh-CN")
    colleague.locator(EDITORS["en"]).wait_for()
    page.goto(change)
    page.locator(EDITORS["en"]).wait_for()
    page.fill("[name=title_en]", "Mid-Autumn night")
    type_into(page, "en", " And tea.")
    page.fill("[name=note]", "Tea was missing")
    page.check("[name=in_step]")
    page.click("[name=_continue]")
    page.locator(".messagelist").wait_for()

    # The colleague's save is caught; both texts stand there, and both go in.
    colleague.fill("[name=title_en]", "Moon evening")
    colleague.fill("[name=summary_en]", "Cakes and a moon.")
    colleague.click("[name=_save]")
    colleague.locator(".conflict").wait_for()
    walk.axe(colleague, "conflict")
    article.refresh_from_db()
    assert article.title_en == "Mid-Autumn night"
    colleague.check("[name=pick_title_en][value=theirs]")
    colleague.click(".conflict .submit-row button")
    colleague.locator(".messagelist").wait_for()
    article.refresh_from_db()
    assert (article.title_en, article.summary_en) == ("Mid-Autumn night", "Cakes and a moon.")
    assert "And tea." in article.body_en

    # The history tells it all; two are compared, and the first text comes back.
    page.goto(reverse("admin:news_article_history", args=[article.pk]))
    assert "Tea was missing" in page.inner_text(".history")
    assert "Lin" in page.inner_text(".history")
    walk.axe(page, "history")
    first = Revision.objects.filter(article=article).earliest("number")
    page.check(f"#revision-{first.number} [name=old]")
    page.check(f"#revision-{article.version} [name=new]")
    page.click(".with-button button")
    assert "And tea." in page.locator("[lang=en] ins", has_text="tea").inner_text()
    walk.axe(page, "compare")
    page.click(".sides a[href*=restore]")
    page.click("form.confirm button")
    page.locator(".messagelist").wait_for()
    article.refresh_from_db()
    assert article.title_en == "Mid-Autumn evening"
    assert "And tea." not in article.body_en
    reader.goto(f"/en/news/{article.get_absolute_url().split('/news/')[1]}")
    assert reader.inner_text("h1") == "Mid-Autumn evening"
    assert Image.objects.count() == 1


def test_a_members_post_comes_out(walk, visit, site):
    make_article(author=make_member("wei", EDITOR))
    make_member("alice")
    page = walk("alice", "/en/news/submit/")
    walk.axe(page, "posts")

    # A draft, then handed in.
    page.click("main a.button")
    page.locator("fieldset[data-language=en] .ProseMirror").wait_for()
    page.fill("[name=title_en]", "A room on Fifth Street")
    page.click("fieldset[data-language=en] .ProseMirror")
    page.keyboard.type("It has a window.")
    page.click("button[value=save]")
    page.wait_for_url(re.compile(r"/submit/\d+/"))
    page.locator("fieldset[data-language=en] .ProseMirror").wait_for()
    walk.axe(page, "submit")
    post = Article.objects.get(is_post=True)
    assert post.status == Article.Status.DRAFT
    page.click("button[value=submit]")
    page.wait_for_url("**/en/news/submit/")
    post.refresh_from_db()
    assert post.status == Article.Status.SUBMITTED

    def told():
        """The text of the newest mail to Alice."""
        run_due()
        return [message for message in mail.outbox if message.to == ["alice@example.org"]][-1]

    # Returned with a note, which is in her mail and on her page.
    desk = reverse("admin:news_article_change", args=[post.pk])
    editor = walk("wei", desk)
    editor.locator(EDITORS["en"]).wait_for()
    walk.axe(editor, "review")
    editor.fill("#review-note", "What does it cost?")
    editor.click("button[value=give_back]")
    editor.locator(".messagelist").wait_for()
    message = told()
    assert "What does it cost?" in message.body
    page.goto(re.search(r"http://[^/]+(/en/news/submit/\S*)", message.body)[1])
    assert "What does it cost?" in page.inner_text("main")

    # Answered, handed in again, published.
    page.goto(f"/en/news/submit/{post.pk}/")
    page.click("fieldset[data-language=en] .ProseMirror")
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(" It costs 400 dollars.")
    page.click("button[value=submit]")
    page.wait_for_url("**/en/news/submit/")
    editor.goto(desk)
    editor.click(".review button[name=_publish]")
    editor.locator(".messagelist").wait_for()
    address = re.search(r"http://[^/]+(/en/news/\d{4}/\S+)", told().body)[1]
    reader = visit(locale="en-US")
    reader.goto(address)
    assert "400 dollars" in reader.inner_text("article .prose")

    # A change waits: readers keep the old text until the editor takes the new one.
    page.goto(f"/en/news/submit/{post.pk}/")
    page.fill("[name=title_en]", "The room on Fifth Street is taken")
    page.click("button[value=submit]")
    page.wait_for_url("**/en/news/submit/")
    reader.reload()
    assert reader.inner_text("h1") == "A room on Fifth Street"
    editor.goto(desk)
    editor.locator(EDITORS["en"]).wait_for()
    walk.axe(editor, "review of a change")
    count = len(mail.outbox)
    editor.click("button[value=accept_edit]")
    editor.locator(".messagelist").wait_for()
    assert "The room on Fifth Street is taken" in told().subject + told().body
    assert len(mail.outbox) == count + 1
    reader.reload()
    assert reader.inner_text("h1") == "The room on Fifth Street is taken"
    page.goto("/en/news/submit/")
    walk.axe(page, "posts with one in them")


# Where people at the desk spend their days, and what has a way of its own on a phone.
DESK = [
    "/admin/",
    "/admin/members/member/",
    "/admin/members/member/{member}/change/",
    "/admin/members/invitation/",
    "/admin/members/terms/add/",
    "/admin/news/article/",
    "/admin/news/category/",
    "/admin/news/tag/{tag}/delete/",
    "/admin/core/sitesettings/1/change/",
    "/admin/moderation/houserules/1/change/",
    "/admin/moderation/storm/",
    "/admin/moderation/case/?view=table",
    "/admin/moderation/decision/",
    "/admin/comments/comment/",
]


@pytest.fixture
def busy_day(site):
    """A house in which each of DESK has something to show."""
    root = make_member("root", WEBMASTER, is_superuser=True, language="zh-hans")
    alice, mona = make_member("alice"), make_member("mona", MODERATOR)
    article = make_article(title_zh_hans="一个长长的标题" * 8, title_en="A long title of news " * 6)
    inviting.invite(make_member("bob", date_joined=timezone.now() - timedelta(days=400)))
    for act in (deciding.mark_spam, deciding.approve, None):
        comment = make_comment(article, alice, body="longword" * 20, state=State.HELD)
        waiting.open_case(Case.Kind.COMMENT, comment, alice, ["first", "links"])
        if act:
            act(comment, mona)
    LogEntry.objects.log_actions(root.pk, [article], CHANGE, "", single_object=True)
    tag = Tag.objects.create(slug="snow", name_zh_hans="雪", name_en="Snow")
    article.tags.add(tag)
    DailyViews.objects.create(day=timezone.localdate(), article=article, count=12)
    return {"member": alice.pk, "tag": tag.pk}


@pytest.mark.parametrize(
    ("locale", "width", "scheme"), [("zh-CN", 390, "dark"), ("en-US", 1280, "light")]
)
def test_every_page_of_the_desk_looks_well(walk, busy_day, locale, width, scheme):
    page = walk("root", DESK[0], locale=locale, width=width, color_scheme=scheme)
    for address in DESK:
        response = page.goto(address.format(**busy_day))
        assert response.status == 200, address
        looks_well(page)


def test_a_list_on_a_phone_is_filtered_by_a_link(walk, busy_day):
    page = walk("root", "/admin/comments/comment/", width=390)
    filters = page.locator("#changelist-filter")
    row = page.locator("#result_list tbody tr").first
    assert not filters.is_visible()
    # Each cell says of what it speaks, since the heads of the columns only sort.
    label = row.locator(".field-author").evaluate("e => getComputedStyle(e, '::before').content")
    assert "Author" in label
    page.click(".to-filters a")
    filters.wait_for()
    looks_well(page)
    page.click(".filters-close")
    filters.wait_for(state="hidden")
    page.click(".to-filters a")
    filters.get_by_text("Spam", exact=True).click()
    page.wait_for_url("**state__exact=spam**")
    assert page.locator("#result_list tbody tr").count() == 1
    assert page.locator(".to-filters").count() == 2  # there is a way back to all of them
