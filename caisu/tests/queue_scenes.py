"""What waits in the stories about the queue: a mixed morning, and a wave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import uuid4

from django.utils import timezone

from caisu.tests.cast import make_article, make_comment, make_member
from members import profiles
from members.models import Member
from members.moderation import reporting, waiting
from members.moderation.filtering import Contribution, check, settle, settle_report
from members.moderation.models import Case, State
from news.comments import posting
from news.comments.models import Comment
from news.models import Article

# Texts that share no three words in a row by more than chance.
WORDS = [
    "river",
    "snow",
    "ticket",
    "kitchen",
    "lantern",
    "bicycle",
    "library",
    "noodle",
    "professor",
    "winter",
    "airport",
    "lease",
    "potato",
    "festival",
    "dentist",
    "chemistry",
    "mountain",
    "choir",
    "tailgate",
    "visa",
    "bakery",
    "carpet",
    "garden",
    "senator",
    "blanket",
    "highway",
    "museum",
    "semester",
    "guitar",
    "volcano",
    "scholarship",
    "dumpling",
    "umbrella",
    "elevator",
    "pharmacy",
    "railway",
    "orchard",
    "tuition",
    "basketball",
    "microscope",
    "landlord",
    "embassy",
    "harvest",
    "keyboard",
    "canyon",
    "jacket",
    "recipe",
    "calendar",
    "furnace",
    "desert",
    "notebook",
    "sandwich",
    "theater",
    "avocado",
    "compass",
    "laundry",
    "bridge",
    "internship",
]
ADVERT = (
    "To get more {what} news, you can visit {who} official website http://{host}/ and call soon"
)
ISSUES = ("The map of the week is missing", "I cannot read the second page", "A link leads nowhere")


def sentences(seed: int) -> Iterator[str]:
    """Ever new sentences of twelve words."""
    chance = Random(seed)  # noqa: S311 - the same in each run
    while True:
        yield " ".join(chance.sample(WORDS, 12)).capitalize() + "."


def newcomer(number: int, **changes) -> Member:
    """Somebody new, each from a network and an hour of their own unless ``changes`` say otherwise."""
    values = {
        "approved_count": 0,
        "date_joined": timezone.now() - timedelta(days=2 + number),
        "signed_up_from": f"198.51.{number % 250}.7",
        "email": f"n{number}@college{number}.example",
        "display_name": f"Newcomer {number}",
        **changes,
    }
    return make_member(f"n{number}", **values)


def say(
    article: Article, author: Member, text: str, address: str = "", parent: Comment | None = None
) -> Comment:
    """Posts a comment, as the page does."""
    return posting.post_comment(article, author, text, uuid4(), parent, address=address)[0]


def ask_in(member: Member) -> None:
    waiting.on_member_confirmed(sender=Member, member=member)


def hand_in(author: Member, text: str) -> Article:
    """A member's own post, which waits."""
    post = make_article(
        status=Article.Status.SUBMITTED,
        state=State.HELD,
        publish_at=None,
        author=author,
        title_en=text[:60],
        title_zh_hans="",
        body_en=f"<p>{text}</p>",
        body_zh_hans="",
    )
    contribution = Contribution(author, text, subject=post)
    settle(post, Case.Kind.SUBMISSION, contribution, check(contribution))
    return post


def mixed(article: Article) -> int:
    """A hundred things of every kind that moderators decide alone; returns how many wait."""
    texts = sentences(1)
    some = [newcomer(number) for number in range(18)]
    for number in range(36):
        say(article, some[number % 18], next(texts), f"203.0.{number}.9")
    eve = newcomer(20)
    for number in range(10):
        say(article, eve, ADVERT.format(what="campus", who="best", host=f"a{number}.example"))
    sellers = [newcomer(number) for number in range(21, 24)]
    for number in range(6):
        text = f"{next(texts)} official website http://shop.example/{number}"
        say(article, sellers[number % 3], text)
    for number in range(6):
        ask_in(newcomer(30 + number, standing=Member.Standing.PENDING))
        home = {"signed_up_from": "192.0.2.77", "email": f"bot{number}@example.net"}
        ask_in(newcomer(40 + number, standing=Member.Standing.PENDING, **home))
    for number in range(10):
        text = f"{next(texts)} Visit the official website http://post{number}.example/"
        hand_in(newcomer(50 + number), text)
    reporter = make_member("reporter")
    for number in range(12):
        rude = make_comment(article, make_member(f"rude{number}"), body=f"Nonsense! {next(texts)}")
        reporting.report(rude, reporter, "rude", "This is not nice.", "en")
    for number in range(8):
        text = f"{ISSUES[number % 3]}, {next(texts)}"
        case = settle_report(Contribution(None, text, address=f"203.0.{100 + number}.9"))
        case.reports.create(text=text, reason="broken", language="en", url="/en/")
    for number in range(6):
        member = make_member(f"profile{number}", approved_count=3)
        bio = f"{next(texts)} 加微信 fapiao{number} official website http://bio{number}.example/"
        profiles.save(member, {"bio": bio})
    return Case.objects.open().count()


WAVE = (
    ("campus", "the best college", "n{}.campus-news.example"),
    ("local", "our city portal", "city-portal.example"),
    ("sports", "the number one sports", "sports{}.example"),
    ("健康", "最好的健康资讯网站，点击访问", "health.example"),
)


def wave(article: Article) -> Iterator[int]:
    """300 comments by 40 accounts, all of the last hour, who also want to join; says after each how many.

    The same few texts in variants, hosts that change, seven networks.
    """
    crowd = [
        newcomer(
            number,
            standing=Member.Standing.PENDING,
            date_joined=timezone.now() - timedelta(minutes=50 - number),
            signed_up_from=f"192.0.{number % 7}.{number}",
            email=f"w{number}@mail{number % 3}.example.net",
        )
        for number in range(40)
    ]
    for member in crowd:
        ask_in(member)
    for number in range(300):
        what, who, host = WAVE[number % 4]
        text = ADVERT.format(what=what, who=who, host=host.format(number))
        author = crowd[number % 40]
        say(article, author, f"{text}, number {number}", f"192.0.{number % 7}.{number % 40}")
        yield number + 1
