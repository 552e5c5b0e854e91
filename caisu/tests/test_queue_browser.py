"""The queue in a real browser: a mixed morning by keyboard, a wave by thumb, and without JavaScript."""

from datetime import timedelta
from time import monotonic

import pytest
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import run_due
from caisu.tests import queue_scenes
from caisu.tests.browser import log_in, looks_well, wait_until
from caisu.tests.cast import make_article, make_comment, make_member
from members.models import Member
from members.moderation import blocking, sweeping
from members.moderation.models import Case, Decision, State
from news.comments.models import Comment

pytestmark = pytest.mark.browser

QUEUE = "/admin/moderation/case/"
LOCALES = {"zh-hans": "zh-CN", "en": "en-US"}
# An act on hundreds of things takes its time on a machine that does other things as well.
PATIENT = 60_000
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(site):
    """Mona moderates, Max as well; there is an article to talk about."""
    make_member("mona", "Moderator")
    make_member("max", "Moderator")
    return make_article()


@pytest.fixture
def sit(visit):
    """Opens a page for a moderator: ``sit("mona", QUEUE, language="en")``."""

    def open_page(username, to=QUEUE, language="en", **options):
        page = visit(locale=LOCALES[language], reduced_motion="reduce", **options)
        log_in(page, username, to, language)
        return page

    return open_page


def settled(page):
    """Waits until every act has arrived."""
    wait_until(page, "!document.querySelector('[data-groups] [data-group][hidden]')", 60)
    page.wait_for_load_state("networkidle", timeout=PATIENT)


class Keyboard:
    """Presses keys, and counts them."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def press(self, key):
        self.page.keyboard.press(key)
        self.pressed += 1


def key_for(words):
    """What Mona presses when she has read a group."""
    if "official website" in words:
        return "s"
    if "Issue report" in words:
        return "r"
    return "2r" if "Nonsense" in words else "a"


def test_hundred_mixed_things_are_cleared_by_keyboard_alone(sit, house):
    assert queue_scenes.mixed(house) == 100
    page = sit("mona")
    keyboard, begun = Keyboard(page), monotonic()
    chosen, empty = page.locator("[data-group].chosen"), page.locator("[data-empty]:not([hidden])")
    while True:
        chosen.or_(empty).first.wait_for(timeout=PATIENT)
        if empty.is_visible():
            break
        for key in key_for(chosen.inner_text()):
            keyboard.press(key)
    settled(page)
    seconds = monotonic() - begun
    print(f"\n100 mixed things: {keyboard.pressed} key presses, {seconds:.1f} s")
    assert not Case.objects.open().exists()
    assert keyboard.pressed <= 100
    assert "Nothing waits. The house is clean." in page.inner_text(".queue-empty")
    assert "0 things wait." in page.inner_text("[data-said]")
    counts = {act: Decision.objects.filter(action=act).count() for act in ("spam", "remove")}
    assert counts == {"spam": 32, "remove": 12}
    assert Decision.objects.filter(action="remove").first().reason == "It is hurtful."


def test_keys_walk_undo_and_can_be_switched_off(sit, house):
    first, second = (queue_scenes.newcomer(number) for number in (1, 2))
    one = queue_scenes.say(house, first, "Where is the river?")
    two = queue_scenes.say(house, second, "My ticket to the choir festival")
    page = sit("mona")
    state = lambda comment: Comment.objects.get(pk=comment.pk).state  # noqa: E731
    chosen = lambda: page.inner_text("[data-group].chosen h2")  # noqa: E731
    assert "Newcomer 1" in chosen()
    page.keyboard.press("j")
    assert "Newcomer 2" in chosen()
    assert page.evaluate("document.activeElement.textContent").startswith("Comment")
    page.keyboard.press("s")
    settled(page)
    assert (state(one), state(two)) == (State.HELD, State.SPAM)
    assert "Marked as spam: Newcomer 2, My ticket to" in page.inner_text("[data-said]")
    page.keyboard.press("u")
    page.wait_for_url("**#case-*")
    assert "Newcomer 2" in chosen()
    assert state(two) == State.HELD
    page.keyboard.press("?")
    looks_well(page)
    page.uncheck("[data-keys-on]")
    page.click("[data-keys] form button")
    page.keyboard.press("a")
    page.keyboard.press("?")
    assert not page.locator("[data-keys]").is_visible()
    page.reload()
    page.keyboard.press("a")
    assert state(two) == State.HELD
    page.click("[data-keys-help]")
    page.check("[data-keys-on]")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    settled(page)
    assert (state(one), state(two)) == (State.HELD, State.VISIBLE)


def test_answer_is_asked_for_before_it_is_sent(sit, house):
    case = Case.objects.create(kind="issue", reasons=["issue"])
    case.reports.create(text="Upside down.", reason="broken", email="v@example.org", language="en")
    page = sit("mona")
    page.keyboard.press("a")
    wait_until(page, "document.activeElement.tagName === 'TEXTAREA'")
    assert Case.objects.open().exists()
    page.keyboard.type("It is mended: as r said.")
    page.keyboard.press("Control+Enter")
    page.locator("[data-empty]:not([hidden])").wait_for()
    settled(page)
    decision = Decision.objects.get()
    assert (decision.action, decision.reason) == ("answer", "It is mended: as r said.")


def test_one_of_a_group_is_left_out_and_stays(sit, house):
    eve = queue_scenes.newcomer(1)
    for number in range(3):
        queue_scenes.say(
            house,
            eve,
            queue_scenes.ADVERT.format(what="city", who="best", host=f"{number}.example"),
        )
    page = sit("mona")
    assert "3 things alike" in page.inner_text("[data-group] h2")
    assert "They say the same." in page.inner_text("[data-group]")
    page.keyboard.press("x")
    page.keyboard.press("s")
    settled(page)
    assert Comment.objects.filter(state=State.SPAM).count() == 2
    assert "Comment" in page.inner_text("[data-group] h2")
    assert page.locator("[data-case]").count() == 1
    page.keyboard.press("a")
    page.locator("[data-empty]:not([hidden])").wait_for()
    settled(page)
    assert Comment.objects.filter(state=State.VISIBLE).count() == 1


def test_two_moderators_at_once_never_act_twice(sit, house):
    comment = queue_scenes.say(house, queue_scenes.newcomer(1), "A question about the lease")
    other = queue_scenes.say(house, queue_scenes.newcomer(2), "Where is the bakery?")
    mona, max_ = sit("mona"), sit("max")
    mona.keyboard.press("a")
    settled(mona)
    max_.keyboard.press("s")
    settled(max_)
    comment.refresh_from_db()
    assert comment.state == State.VISIBLE
    assert Decision.objects.filter(case__object_id=comment.pk).count() == 1
    assert "Decided already: Approved by Mona" in max_.inner_text("[data-said]")
    assert "Newcomer 2" in max_.inner_text("[data-group].chosen h2")
    other.refresh_from_db()
    assert other.state == State.HELD


def test_what_did_not_arrive_comes_back(sit, house):
    comment = queue_scenes.say(house, queue_scenes.newcomer(1), "A question about the lease")
    page = sit("mona")
    page.context.set_offline(True)
    page.keyboard.press("s")
    page.locator("[data-said]", has_text="No answer came.").wait_for()
    assert page.locator("[data-group].chosen").is_visible()
    page.context.set_offline(False)
    page.keyboard.press("s")
    settled(page)
    comment.refresh_from_db()
    assert comment.state == State.SPAM
    page.problems[:] = [each for each in page.problems if "ERR_INTERNET" not in each]


def test_wave_is_cleared_by_thumb_and_never_seen(sit, visit, house):
    visitor, bob = visit(locale="en-US"), None
    make_member("bob")
    bob = visit(locale="en-US")
    article = house.get_absolute_url().replace("/zh-hans/", "/en/")
    log_in(bob, "bob", article)
    looks = 0

    def nobody_sees_it():
        nonlocal looks
        for page in (visitor, bob):
            page.goto(article)
            text = page.inner_text("main")
            assert "official website" not in text
            assert page.locator("article.comment, #comments article").count() == 0
        looks += 1

    for count in queue_scenes.wave(house):
        if count % 60 == 1:
            nobody_sees_it()
    nobody_sees_it()
    assert Comment.objects.filter(state=State.HELD).count() == 300
    page = sit("mona", "/admin/", **PHONE)
    begun, taps = monotonic(), 1
    page.locator(".desk .button").tap()
    page.wait_for_url(f"**{QUEUE}")
    looks_well(page)
    while not page.locator("[data-empty]").is_visible():
        button = page.locator("[data-group].chosen button.spam")
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        # Within reach of the thumb, without scrolling.
        assert 0 <= box["y"] <= 844 - box["height"]
        button.tap()
        taps += 1
        settled(page)
        nobody_sees_it()
    seconds = monotonic() - begun
    print(
        f"\n300 comments of 40 accounts: {taps} taps, {seconds:.1f} s, seen by nobody in {looks} looks"
    )
    assert taps <= 10
    assert not Case.objects.open().exists()
    assert Comment.objects.filter(state=State.SPAM).count() == 300
    looks_well(page)
    page.locator("[data-said] .undo button").tap(timeout=PATIENT)
    page.locator("[data-group]").first.wait_for(timeout=PATIENT)
    nobody_sees_it()


@pytest.mark.parametrize("act", ["approve", "remove"])
def test_it_works_without_javascript(sit, house, act):
    first = queue_scenes.say(house, queue_scenes.newcomer(1), "Where is the river?")
    queue_scenes.say(house, queue_scenes.newcomer(2), "My ticket to the choir festival")
    page = sit("mona", javascript=False)
    page.click(".queue-reason summary >> nth=0")
    page.fill("textarea[name=reason] >> nth=0", "Because.")
    page.click(f".queue-acts button[value={act}] >> nth=0")
    page.wait_for_url("**#case-*")
    first.refresh_from_db()
    assert first.state == {"approve": State.VISIBLE, "remove": State.REMOVED}[act]
    assert page.locator("[data-group]").count() == 1
    assert "1 thing waits." in page.inner_text("[data-said]")
    page.click("[data-said] .undo button")
    first.refresh_from_db()
    assert first.state == State.HELD
    assert page.locator("[data-group]").count() == 2


def test_all_of_it_looks_well(sit, house):
    queue_scenes.mixed(house)
    long = queue_scenes.newcomer(99, display_name="W" * 40)
    answered = make_comment(house, make_member("alice"), body="x" * 300)
    queue_scenes.say(house, long, "y" * 2000, parent=answered)
    mona = Member.objects.get(username="mona")
    sweeps = []
    for name in ("n22", "n23"):  # the one is done, the other begun
        run_due()
        eve = Member.objects.get(username=name)
        sweeps.append(sweeping.after_spammer(eve, mona, "Ads", blocking.offered([eve])))
    since = f"{timezone.localdate() - timedelta(days=20)}"
    addresses = [
        f"{QUEUE}?order=score&reason=first",
        f"{QUEUE}?kind=appeal",
        reverse("admin:moderation_spammer", args=[long.pk]),
        reverse("admin:moderation_since"),
        reverse("admin:moderation_since") + f"?since_0={since}&since_1=00:00",
        *(reverse("admin:moderation_sweep_change", args=[sweep.pk]) for sweep in sweeps),
    ]
    for language in LOCALES:
        for width in (390, 1280):
            page = sit("mona", QUEUE, language, width=width)
            looks_well(page)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            looks_well(page)
            for address in addresses:
                page.goto(address)
                looks_well(page)
