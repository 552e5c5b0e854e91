"""The components of the site as the living page shows them, made by the site's own views and partials.

What a page shows is taken out of the page, what a partial shows is rendered alone. Only what has
neither (a class by itself, what a script makes) is written out in ``templates/styleguide/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.cache import cache
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.test import Client
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from caisu.core.bilingual import LANGUAGES
from caisu.core.templatetags.site import html_lang
from members.models import Member
from news.models import Article

from .samples import RARE

SCRIPT = re.compile(r"<script\b.*?</script>\s*", re.DOTALL)
SOURCE = re.compile(r"<source [^>]*>")
FILE = re.compile(r'(?<= src=")(?:/media/|/n/\d+/qr\.png)[^"]*')
SECRET = re.compile(r'(name="(?:csrfmiddlewaretoken|token|opened)" value=")[^"]*')
# What reports, and what waits until it is in sight: a picture of the page would find it missing.
BEACON = re.compile(r' (?:data-(?:hit|since)|loading|decoding)="[^"]*"')
# Attributes that name elements of the same page.
NAMED = re.compile(
    r' (id|for|list|aria-(?:labelledby|describedby|controls|owns|activedescendant))="([^"]+)"'
)


@dataclass
class Specimen:
    """One look at a component: what it shows, and its HTML in each language.

    Args:
        around: class of the page that it stands on, where its style depends on that.
    """

    name: str
    html: dict[str, SafeString]
    around: str = ""


@dataclass
class Component:
    """A component with its specimens.

    Args:
        key: its name for ``make looks``; never change it without need.
        wide: it is shown over the whole width, one language under the other.
    """

    key: str
    title: str
    specimens: list[Specimen] = field(default_factory=list)
    wide: bool = False


def cut(html: str, opening: str) -> str:
    """The first element of a page that begins with ``opening``, such as ``<main id="main"``, whole.

    Raises:
        ValueError: where the page has none.
    """
    start = html.find(opening)
    if start < 0:
        raise ValueError(f"The page has no {opening}…")
    tag = re.match(r"<(\w+)", opening)
    depth = 0
    for match in re.finditer(rf"<(/?){tag[1]}\b", html[start:]):
        depth += -1 if match[1] else 1
        if not depth:
            return html[start : start + html.index(">", start + match.start()) - start + 1]
    raise ValueError(f"{opening}… is never closed")


def inside(element: str) -> str:
    """What stands between the tags of an element."""
    return element[element.index(">") + 1 : element.rindex("</")]


def still(html: str) -> SafeString:
    """HTML of a page as it can stand in another one: nothing runs, reports, or leads to a file that
    is not there; nothing is different the next time."""
    html = SOURCE.sub("", SCRIPT.sub("", html))
    html = FILE.sub(static("img/sample.svg"), html)
    return mark_safe(BEACON.sub("", SECRET.sub(r"\1", html)))


def scoped(html: str, prefix: str) -> SafeString:
    """HTML whose names are its own, so that it can stand several times in one page."""
    return mark_safe(
        NAMED.sub(
            lambda match: f' {match[1]}="{" ".join(f"{prefix}-{n}" for n in match[2].split())}"',
            html,
        )
    )


class Stand:
    """Where the specimens are made: asks the site's own pages, renders its own partials."""

    def __init__(self, host: str, stage: SimpleNamespace) -> None:
        self.host, self.stage = host, stage
        self.clients: dict[int | None, Client] = {}

    def page(self, path: str, reader: Member | None = None, data: Any = None) -> dict[str, str]:
        """A page in both languages, for a reader; with ``data``, as the answer to a form."""
        key = reader and reader.pk
        if key not in self.clients:
            self.clients[key] = Client(headers={"host": self.host})
            if reader:
                self.clients[key].force_login(reader, "django.contrib.auth.backends.ModelBackend")
        client, pages = self.clients[key], {}
        for language in LANGUAGES:
            address = f"/{language}/{path}"
            cache.clear()  # so many pages in one moment are more than the limits allow
            response = client.get(address) if data is None else client.post(address, data)
            if response.status_code >= 300:
                raise ValueError(f"{address} answers {response.status_code}")
            pages[language] = response.content.decode()
        return pages

    def partial(self, template: str, **context: Any) -> dict[str, str]:
        """A template by itself, in both languages. Functions in the context are called in each."""
        return self.each(
            lambda language: render_to_string(
                template,
                {
                    "site": self.stage.site,
                    "language": language,
                    "site_url": "https://caisu.example.org",
                    **{
                        key: value() if callable(value) else value for key, value in context.items()
                    },
                },
            )
        )

    def each(self, make: Callable[[str], str]) -> dict[str, str]:
        made = {}
        for language in LANGUAGES:
            with override(language):
                made[language] = make(language)
        return made


def shown(
    name: str, pages: dict[str, str], opening: str = "", around: str = "", change: Any = None
) -> Specimen:
    """A specimen of a part of pages, or of all of them; ``change`` has the last word on the HTML."""
    made = {}
    for language, html in pages.items():
        part = (
            inside(cut(html, opening))
            if opening == MAIN
            else cut(html, opening)
            if opening
            else html
        )
        made[language] = still(change(part) if change else part)
    return Specimen(name, made, around)


MAIN = '<main id="main"'
MASTHEAD = '<header class="masthead"'


def opened(html: str) -> str:
    """The same with its first closed part open."""
    return html.replace("<details", "<details open", 1)


def ticking(html: str) -> str:
    """The masthead as its script leaves it."""
    html = html.replace('class="clocks"', 'class="clocks going"').replace(" data-clocks", "")
    for zone, time in (("America/Boise", "13:30"), ("Asia/Shanghai", "04:30")):
        html = html.replace(f'<b data-zone="{zone}"></b>', f"<b>{time}</b>")
    return html


class SampleForm(forms.Form):
    """Every kind of field, with labels and hints of every length. Its words are no words of the site."""

    name = forms.CharField(label="姓名 Name", required=False)
    address = forms.EmailField(
        label="学校或者其他常用的电子邮件地址，用来接收验证码；毕业以后还能收到的最好 "
        "An e-mail address that you read often and will still have after graduation",
        help_text="写错了也没关系，下一步可以改。 You can change it in the next step.",
    )
    password = forms.CharField(label="密码 Password", widget=forms.PasswordInput)
    code = forms.CharField(label="验证码 Code", max_length=6)
    about = forms.CharField(
        label="说几句 In your own words", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    standing = forms.ChoiceField(
        label="身份 Here as", choices=[("1", "学生 Student"), ("2", "校友 Alumna or alumnus")]
    )
    means = forms.ChoiceField(
        label="怎样联系 How to reach you",
        choices=[("1", "微信 WeChat"), ("2", "电子邮件，每周一封 By e-mail, once a week")],
        widget=forms.RadioSelect,
    )
    picture = forms.FileField(label="图片 Picture", required=False)
    agreed = forms.BooleanField(label="我同意用户协议 I accept the user agreement")

    def clean(self):
        raise forms.ValidationError("有几处还要改。 A few things are still to be changed.")


def filled(**data: str) -> SampleForm:
    return SampleForm(data or None, auto_id="sample_%s")


def components(host: str, stage: SimpleNamespace) -> list[Component]:
    """All components in the order of the page.

    Args:
        host: as the living page itself was asked for.
        stage: of ``samples.staged()``, not filled yet.
    """
    stand = Stand(host, stage)
    empty_front, empty_category = stand.page(""), stand.page("news/sample-life/")
    nothing_told, no_posts = (
        stand.page("accounts/notifications/", stage.lin),
        stand.page("news/submit/", stage.lin),
    )
    stage.fill()
    cache.clear()  # what is never committed is never told to be old
    front, article_path = stand.page(""), stage.full.get_absolute_url().split("/", 2)[2]
    visitor, member = stand.page(article_path), stand.page(article_path, stage.bob)
    moderator = stand.page(article_path, stage.mona)
    # With a filter: the site does not count it among what its readers look for.
    search = f"search/?q={RARE}&kind=article"
    closed = stage.closed.get_absolute_url()
    stage.site.notice_zh_hans = "校园停水：周一 14:00 至 18:00，请提前存水。"
    stage.site.notice_en = "No water on campus on Monday from 2 to 6 p.m. Fill a bucket before."
    stage.site.save()
    cache.clear()
    noticed = stand.page("", stage.nina)
    return [
        Component(
            "masthead",
            "Masthead",
            [
                shown("A visitor", front, MASTHEAD, "front", ticking),
                shown("A member, with news", member, MASTHEAD, "", ticking),
                shown("Staff", moderator, MASTHEAD, "", ticking),
            ],
            wide=True,
        ),
        Component(
            "notices",
            "Notices and messages",
            [
                shown("Urgent", noticed, '<aside class="notice"'),
                shown("Quiet", noticed, '<aside class="notice quiet"'),
                shown("Messages", _messages(stand), '<div class="messages"'),
                shown(
                    "In WeChat alone",
                    stand.partial("core/_out_of_wechat.html"),
                    change=lambda html: html.replace(" hidden", ""),
                ),
            ],
        ),
        Component("buttons", "Buttons", [_written(stand, "buttons")]),
        Component("badges", "Badges and small parts", [_written(stand, "badges")]),
        Component(
            "form",
            "Forms",
            [
                shown("Empty", _form(stand, filled)),
                shown("With errors", _form(stand, lambda: filled(name="韦", address="wei@"))),
            ],
        ),
        Component(
            "front",
            "Front page: pinned, lead, river, boxes beside it",
            [
                shown("Full", front, MAIN, "front"),
                shown("Before the first story", empty_front, MAIN, "front"),
            ],
            wide=True,
        ),
        Component(
            "stories",
            "Stories in a narrow river",
            [
                shown(
                    name,
                    stand.partial("news/_story.html", story=_again(story), lead=lead),
                    around="river",
                )
                for name, story, lead in [
                    ("Lead with a picture", stage.full, True),
                    ("With a picture", stage.pictured, False),
                    ("Short, without one", stage.short, False),
                    ("Long, in Chinese only", stage.chinese, False),
                    ("Long words, in English only", stage.english, False),
                    ("For members", stage.closed, False),
                ]
            ],
        ),
        Component(
            "list",
            "A category, a month",
            [
                shown("A category", stand.page("news/sample-life/"), MAIN),
                shown("Nothing in it", empty_category, '<div class="river"'),
                shown("A month", stand.page("news/2026/11/"), '<header class="list-head"'),
            ],
            wide=True,
        ),
        Component(
            "article",
            "An article with all that a text may hold",
            [
                shown("In both languages", visitor, '<article class="article"', "reading"),
                shown(
                    "In Chinese only",
                    stand.page(stage.chinese.get_absolute_url().split("/", 2)[2]),
                    '<article class="article"',
                    "reading",
                ),
                shown("For members", stand.page(closed.split("/", 2)[2]), MAIN, "reading"),
            ],
            wide=True,
        ),
        Component(
            "share", "Share", [shown("Open", visitor, '<details class="share"', change=opened)]
        ),
        Component(
            "conversation",
            "The conversation",
            [
                shown("A visitor", visitor, '<section class="conversation"'),
                shown("A member", member, '<section class="conversation"'),
                shown(
                    "A moderator, menu open",
                    moderator,
                    '<section class="conversation"',
                    change=lambda html: html.replace(
                        '<details class="menu"', '<details open class="menu"', 1
                    ),
                ),
                shown(
                    "Nobody has said anything",
                    stand.page(stage.short.get_absolute_url().split("/", 2)[2]),
                    '<section class="conversation"',
                ),
            ],
        ),
        Component(
            "around",
            "Boxes: join, newest, most read, related, before and after",
            [
                shown("Join", front, '<aside class="join-box"', "side"),
                shown("Latest comments", front, '<aside class="latest-comments"', "side"),
                shown("Most read", front, '<aside class="most-read"', "side"),
                shown("Newest of a category", visitor, '<aside class="newest"', "side"),
                shown("Related", visitor, '<section class="related"'),
                shown("Before and after", visitor, '<nav class="before-after"'),
            ],
        ),
        Component(
            "search",
            "Search",
            [
                shown("Results", stand.page(search), MAIN),
                shown("Nothing found", stand.page("search/?q=qqqq+xxxx&kind=article"), MAIN),
                shown(
                    "Help, open",
                    stand.page("search/"),
                    '<details class="search-help"',
                    change=opened,
                ),
                _written(
                    stand,
                    "suggestions",
                    "Made by scripts: suggestions, people to mention, password",
                ),
            ],
        ),
        Component("pager", "Pages", [_written(stand, "pager")]),
        Component(
            "card",
            "Visiting card",
            [
                shown(
                    "Full, as members see it", stand.page("members/sample-lin/", stage.bob), CARD
                ),
                shown(
                    "Nothing filled in, one's own",
                    stand.page("members/sample-bob/", stage.bob),
                    CARD,
                ),
                shown("Long", stand.page(f"members/{stage.long.username}/"), CARD),
            ],
        ),
        Component(
            "directory",
            "Directory",
            [
                shown("Rows", stand.page("members/?q=sample", stage.bob), MAIN),
                shown("All", stand.page("members/", stage.bob), '<ul class="directory"'),
            ],
            wide=True,
        ),
        Component(
            "notifications",
            "Notifications",
            [
                shown("Some", stand.page("accounts/notifications/", stage.bob), MAIN),
                shown("None", nothing_told, MAIN),
            ],
        ),
        Component(
            "posts",
            "One's own posts",
            [
                shown("Some", stand.page("news/submit/", stage.bob), MAIN),
                shown("None", no_posts, MAIN),
            ],
        ),
        Component(
            "settings",
            "Settings, with a table",
            [
                shown(name, stand.page(f"accounts/settings/{path}/", stage.lin), MAIN, "manage")
                for name, path in [("Privacy", "privacy"), ("Profile", "profile")]
            ],
            wide=True,
        ),
        Component(
            "login",
            "Pages with one form",
            [
                shown("Log in", stand.page("accounts/login/"), MAIN, "entrance"),
                shown("Report an issue", stand.page("report/"), MAIN),
            ],
        ),
        Component(
            "text", "A page of text", [shown("About", stand.page("pages/sample-about/"), MAIN)]
        ),
        Component(
            "errors",
            "Pages that say no",
            [
                shown("404", _whole(stand, "404.html"), MAIN),
                shown("413, with what was typed", _refused(stand, "413.html"), MAIN),
                shown("429", _refused(stand, "429.html"), MAIN),
            ],
        ),
        Component("mail", "Mails", _mails(stand)),
        Component("colophon", "Foot of the page", [shown("Colophon", front, FOOT)], wide=True),
    ]


CARD = '<article class="visiting-card"'
FOOT = '<footer class="colophon"'


def _again(story: Article) -> Callable[[], Article]:
    """An article as a list has it, with its counts."""
    return lambda: Article.objects.for_list().get(pk=story.pk)


def _written(stand: Stand, name: str, title: str = "All") -> Specimen:
    return shown(title, stand.partial(f"styleguide/_{name}.html"))


def _form(stand: Stand, make: Callable[[], SampleForm]) -> dict[str, str]:
    return stand.partial("styleguide/_form.html", form=make)


def _whole(stand: Stand, template: str, **context: Any) -> dict[str, str]:
    """A page that no address shows, as a visitor sees it."""
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    request = RequestFactory(headers={"host": stand.host}).get("/")
    request.user, request.session = AnonymousUser(), {}
    return stand.each(
        lambda language: render_to_string(template, {"language": language, **context}, request)
    )


def _messages(stand: Stand) -> dict[str, str]:
    told = [
        Message(constants.SUCCESS, "已保存。 Saved."),
        Message(
            constants.INFO, "您的评论正在等待审核，一般一天之内会有答复。 It waits for a moderator."
        ),
        Message(constants.WARNING, "还有一处没有填。 One thing is missing."),
        Message(
            constants.ERROR,
            "没有成功，请再试一次。文字都还在。 That failed; your text is still here.",
        ),
    ]
    return _whole(stand, "404.html", messages=told)


def _refused(stand: Stand, template: str) -> dict[str, str]:
    return _whole(
        stand,
        template,
        texts=["写了很久的一段话。\nA text that took long."],
        retry_after=60,
        minutes=1,
    )


def _mails(stand: Stand) -> list[Specimen]:
    stage = stand.stage
    mails = {
        "A code": ("account/email/email_confirmation_signup", {"code": "204816"}),
        "Removed": (
            "moderation/email/removed",
            {
                "member": stage.bob,
                "text": "广告 Advertisement",
                "reason": "广告。 Advertisement.",
                "decision_url": "https://caisu.example.org/zh-hans/accounts/decisions/12/",
            },
        ),
    }
    specimens = []
    for name, (template, context) in mails.items():
        parts = {
            part: stand.partial(f"{template}_{part}.txt", **context)
            for part in ("subject", "message")
        }
        pages = {
            language: render_to_string(
                "styleguide/_mail.html",
                {part: text[language].strip() for part, text in parts.items()},
            )
            for language in LANGUAGES
        }
        specimens.append(shown(name, pages))
    return specimens


def panels(component: Component, schemes: list[str]) -> list[dict[str, Any]]:
    """What the page shows of a component: each specimen, in each scheme, in each language."""
    return [
        {
            "name": specimen.name,
            "looks": [
                {
                    "scheme": scheme,
                    "lang": html_lang(language),
                    "around": specimen.around,
                    "html": scoped(html, f"{component.key}-{place}-{scheme}-{language}"),
                }
                for scheme in schemes
                for language, html in specimen.html.items()
            ],
        }
        for place, specimen in enumerate(component.specimens)
    ]
