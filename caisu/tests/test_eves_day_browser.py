"""Eve's day: she joins, advertises, is seen by nobody; Mona cleans up after her, takes it back, does it again."""

import json
import os
import subprocess
import sys
from itertools import islice
from time import monotonic

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs import is_alive, run_due
from caisu.core.tests.test_worker import PROCESS
from caisu.tests import queue_scenes
from caisu.tests.browser import log_in, looks_well
from caisu.tests.cast import PASSWORD, make_article, make_comment, make_member
from members.models import Invitation, Member
from members.moderation import sweeping
from members.moderation.filtering import Contribution, check, settle
from members.moderation.models import BlockRule, Case, SpamModel, State, Sweep, TokenCount
from members.tests.entrance import code_in
from news.comments.models import Comment
from news.models import Article

pytestmark = pytest.mark.browser

QUEUE = "/admin/moderation/case/"
CLASSIC = (
    "To get more Pocatello news, you can visit Gem City Daily official website "
    "http://gem-city-daily.example/"
)


@pytest.fixture
def worker(site):
    """A worker in a process of its own, as beside the real site."""
    given = {"name": str(connection.settings_dict["NAME"]), "tasks": settings.TASKS}
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, "--interval=0.1"],
        env={**os.environ, "JOBS_TEST": json.dumps(given)},
        cwd=settings.BASE_DIR,
        stderr=subprocess.DEVNULL,
    )
    end = monotonic() + 30
    while not is_alive():
        assert monotonic() < end
        assert process.poll() is None
    yield process
    process.kill()
    process.wait()


def joins(page, email, name):
    """By the form and the mailed code, as a person does."""
    page.goto("/en/accounts/signup/")
    page.fill("main [name=email]", email)
    page.fill("main [name=display_name]", name)
    page.fill("main [name=password1]", PASSWORD)
    page.wait_for_timeout(4500)
    page.click("main form#signup button.button")
    page.wait_for_selector("main [name=code]")
    run_due()
    page.fill("main [name=code]", code_in(mail.outbox[-1]))
    page.click("main form:has([name=code]) button.button >> nth=0")
    page.wait_for_selector(".masthead form[action$='/accounts/logout/']", state="attached")
    return Member.objects.get(email=email)


def writes_much(eve, article):
    """Until there are 500 things by Eve: half of the comments were let through, some are posts."""
    texts = queue_scenes.sentences(3)
    for number, text in enumerate(islice(texts, 20)):
        queue_scenes.hand_in(eve, f"{text} Visit the official website http://p{number}.example/")
    comments = Comment.objects.bulk_create(
        Comment(
            article=article,
            author=eve,
            body=f"{next(texts)} Official website http://c{number % 9}.example/{number}",
            state=State.HELD if number % 2 else State.VISIBLE,
            links_live=not number % 4,
            shown_at=None if number % 2 else timezone.now(),
        )
        for number in range(480 - Comment.objects.filter(author=eve).count())
    )
    for comment in comments[1::2]:
        contribution = Contribution(eve, comment.body, address="192.0.2.9", subject=comment)
        settle(comment, Case.Kind.COMMENT, contribution, check(contribution))
    comments[0].recount()
    Invitation.objects.create(invited_by=eve)
    run_due()


def rows():
    """Every column of whatever a clean-up touches."""
    models = (Comment, Article, Case, Invitation, BlockRule)
    whole = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    whole["Eve"] = Member.objects.filter(display_name="Eve").values().get()
    learned = SpamModel.objects.exclude(spam=0, ham=0).order_by("pk")
    whole["SpamModel"] = list(learned.values("language", "spam", "ham", "decisions"))
    whole["TokenCount"] = list(TokenCount.objects.order_by("token").values("token", "spam", "ham"))
    return whole


def numbers(page, last):
    """What the page says of its progress, until it says the last."""
    said, end = [], monotonic() + 60
    while not said or last not in said[-1]:
        assert monotonic() < end, said
        page.wait_for_timeout(100)
        said.append(page.inner_text("[role=status]"))
    return list(dict.fromkeys(said))


def test_eves_day(visit, site, request):
    make_member("mona", "Moderator")
    for name in ("alice", "bob"):
        make_member(name)
    article = make_article()
    make_comment(article, Member.objects.get(username="alice"), body="First snow today.")
    address = article.get_absolute_url().replace("/zh-hans/", "/en/")
    mona, bob, visitor, her = (visit(locale="en-US", reduced_motion="reduce") for _n in range(4))
    log_in(bob, "bob", address)

    def nobody_sees_it():
        for page in (bob, visitor):
            page.goto(address)
            assert "First snow" in page.inner_text("#comments")
            assert "official website" not in page.inner_text("body").lower()

    # She joins, is vouched for by nobody, and writes.
    eve = joins(her, "eve@example.net", "Eve")
    assert (eve.standing, eve.vouched_by) == (Member.Standing.PENDING, None)
    mails = len(mail.outbox)
    her.goto(address)
    her.fill("#comment-form [name=body]", CLASSIC)
    her.click("#comment-form button")
    her.locator("[data-state=held]").wait_for()
    assert "official website" in her.inner_text("#comments")
    run_due()
    nobody_sees_it()
    assert len(mail.outbox) == mails

    # Mona finds her, and 500 things by her.
    writes_much(eve, article)
    assert sum(count for _kind, count in sweeping.counts([eve])) == 500
    before = rows()
    request.getfixturevalue("worker")
    log_in(mona, "mona", QUEUE)
    for again in (False, True):
        mona.goto(QUEUE)
        begun = monotonic()
        mona.click("a.spammer >> nth=0")
        mona.click("[name=act][value=spam]")
        mona.locator("[data-progress]").wait_for()
        said = numbers(mona, "500 things are taken down.")
        seconds = monotonic() - begun
        print(f"\n500 things: 2 clicks, {seconds:.1f} s; {said}")
        assert seconds < 30
        assert any("Taking down" in words for words in said)
        looks_well(mona)
        report = mona.inner_text("[data-progress]")
        assert "1 account is banned, and its sessions are over." in report
        assert "Blocked" in report
        assert Member.objects.get(pk=eve.pk).standing == Member.Standing.BANNED
        assert set(Comment.objects.filter(author=eve).values_list("state", flat=True)) == {"spam"}
        assert set(Article.objects.filter(author=eve).values_list("state", flat=True)) == {"spam"}
        assert not Case.objects.open().filter(member=eve).exists()
        assert BlockRule.objects.filter(sweep=Sweep.objects.first()).exists()
        assert SpamModel.objects.get(language="en").spam > 10
        nobody_sees_it()
        her.goto("/en/accounts/settings/profile/")
        assert "/accounts/login/" in her.url
        if again:
            break
        mona.click("text=Undo everything")
        numbers(mona, "Undone.")
        looks_well(mona)
        after = rows()
        known = {row["id"] for row in before["Case"]}
        after["Case"] = [row for row in after["Case"] if row["id"] in known]
        for name, whole in before.items():
            assert after[name] == whole, name
    assert not mona.locator("[data-running]").count()
    assert reverse("admin:moderation_sweep_change", args=[Sweep.objects.first().pk]) in mona.url
