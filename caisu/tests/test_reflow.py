"""Large letters and small windows: nothing is cut off and no page scrolls sideways (WCAG 2.2, 1.4.4 and 1.4.10)."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from caisu.tests.browser import log_in
from caisu.tests.cast import make_article, make_comment, make_member
from members.models import Terms

pytestmark = pytest.mark.browser

TABLE = """<p>The index has six steps.</p><table><thead><tr><th>Air quality index</th><th>Colour</th>
<th>What to do</th></tr></thead><tbody><tr><td>101–150</td><td>Orange</td>
<td>Neighbourhood playgrounds, thunderstorms</td></tr></tbody></table>"""
# Elements that stick out of the window, but for what scrolls on its own.
STICKING_OUT = """() => [...document.querySelectorAll("body *")]
  .filter((each) => !each.closest(".sections nav, .richtext-bar, .visually-hidden, .skip"))
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => `${each.tagName}.${each.getAttribute("class") || ""}`).slice(0, 5)"""


@pytest.fixture
def places(site):
    """Names and addresses of pages: what everybody sees, and what a member sees."""
    Terms.objects.create(version=1, body_en=TABLE, body_zh_hans=TABLE, effective_at=timezone.now())
    alice = make_member("alice", hometown="Schweizerhalle", links=["https://example.org/alice"])
    article = make_article(author=alice, body_en=TABLE, body_zh_hans=TABLE)
    bob = make_member("bob")
    head = make_comment(article, bob, body="Keep a shovel in the car.")
    for number in range(3):
        make_comment(article, bob, body=f"Reply {number}", parent=head)
    everybody = ["news:front", "news:index", "account_signup", "account_login", "members:terms"]
    everybody += ["search:results", "moderation:report"]
    members = ["members:directory", "members:edit_profile", "members:privacy", "members:sessions"]
    members += ["notifications:list", "news:post_new"]
    return article, everybody, members


@pytest.mark.parametrize(
    ("width", "percent"),
    [
        pytest.param(320, 100, id="a-window-of-1280-at-400-percent"),
        pytest.param(390, 200, id="twice-as-large-letters-on-a-phone"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_scrolls_sideways(visit, places, width, percent, language):
    article, everybody, members = places
    page = visit(locale="en-US" if language == "en" else "zh-CN", width=width)
    with translation.override(language):
        open_to_all = [article.get_absolute_url(), *map(reverse, everybody)]
        for_members = [article.get_absolute_url(), *map(reverse, members)]
        for_members.append(reverse("members:profile", args=["alice"]))

    def look(path):
        page.goto(path)
        page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        for menu in page.locator(".menu summary").all()[:2]:
            menu.click()
        assert page.evaluate(STICKING_OUT) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path

    for path in [*open_to_all, f"/{language}/no/such/page/"]:
        look(path)
    log_in(page, "alice", f"/{language}/", language)
    for path in for_members:
        look(path)
