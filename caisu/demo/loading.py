"""Loads the demo community. Run twice, it changes nothing: what is there by its name stays."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from caisu.core import fulltext, images
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image, Page, SiteSettings
from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from members import profiles
from members.models import Application, Appointment, Member, Terms
from members.moderation import outcomes, reporting, telling, waiting
from members.moderation.filtering import Contribution, check, settle
from members.moderation.models import Case, Decision, Report, State
from members.notifications.models import Notification
from news import publishing
from news.comments import closing
from news.comments.models import Comment
from news.models import Article, Category, DailyViews, Revision, Tag

from . import listening, pictures

CONTENT = Path(__file__).parent / "content"
ROLES = {"superuser": WEBMASTER, "editor": EDITOR, "moderator": MODERATOR}


def read(name: str) -> dict[str, Any]:
    """One file of the content, parsed."""
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))


class Demo:
    """The community as it is loaded, step by step.

    Args:
        password: of every member.
        step: told the name of each step before it runs; for a progress bar.
    """

    def __init__(self, password: str, step: Callable[[str], None] = lambda name: None) -> None:
        self.password = make_password(password)
        self.step = step
        self.now = timezone.now()
        self.articles = [
            tomllib.loads(path.read_text(encoding="utf-8"))
            for path in sorted((CONTENT / "articles").glob("*.toml"))
        ]

    @cached_property
    def steps(self) -> int:
        """How often ``step`` will be called."""
        return 3 + len(self.articles)

    @transaction.atomic
    def load(self) -> None:
        """Loads everything that is not there yet; all of it, or nothing if it is cut off."""
        site = read("site.toml")
        self.step("site")
        self.load_site(site)
        self.step("members")
        self.load_members()
        for written in self.articles:
            self.step(written["slug"])
            self.load_article(written)
        conversation = read("comments.toml")
        self.step("comments")
        if not Comment.objects.exists():
            self.load_comments(conversation)
            self.load_queue(conversation)
            # Nobody is written to about the past.
            Notification.objects.update(quiet=True)

    def ago(self, days: float) -> Any:
        return self.now - timedelta(days=days)

    def load_site(self, content: dict[str, Any]) -> None:
        site = SiteSettings.load()
        if not site.contact_email:
            site.contact_email = "board@example.org"
            site.tagline_zh_hans = "波卡特洛华人的小报：消息、攻略与彼此照应"
            site.tagline_en = "The small paper of Chinese Pocatello: news, know-how and neighbours"
            site.save()
        for order, row in enumerate(content["category"]):
            Category.objects.get_or_create(slug=row["slug"], defaults={"order": order, **row})
        for row in content["tag"]:
            Tag.objects.get_or_create(slug=row["slug"], defaults=row)
        for order, row in enumerate(content["page"]):
            page, _created = Page.objects.get_or_create(
                slug=row["slug"], defaults={"order": order, **row}
            )
            fulltext.refresh(page)
        terms = {"effective_at": self.ago(600), **content["terms"]}
        Terms.objects.get_or_create(version=terms["version"], defaults=terms)

    def load_members(self) -> None:
        terms = Terms.in_force()
        for row in read("members.toml")["member"]:
            if Member.objects.filter(username=row["username"]).exists():
                continue
            role, days = row.pop("role"), row.pop("joined_days_ago")
            application = row.pop("application", None)
            suspended = row["standing"] == Member.Standing.SUSPENDED
            member = Member(
                password=self.password,
                date_joined=self.ago(days),
                is_active=row["standing"] in {Member.Standing.PENDING, Member.Standing.ACTIVE},
                is_staff=bool(role),
                is_superuser=role == "superuser",
                suspended_until=self.now + timedelta(days=30) if suspended else None,
                **{name: value for name, value in row.items() if value != ""},
            )
            member.save()
            fulltext.refresh(member)
            drawing = BytesIO()
            pictures.avatar(member.username).save(drawing, "PNG")
            profiles.set_avatar(member, ContentFile(drawing.getvalue(), "avatar.png"))
            EmailAddress.objects.create(
                user=member, email=member.email, primary=True, verified=True
            )
            if role in ROLES:
                until = timezone.localdate() + Appointment.USUAL
                Appointment.objects.hold(member, ROLES[role], until)
            if terms:
                terms.accept(member)
            if application:
                self.load_application(member, application)

    def load_application(self, member: Member, written: dict[str, Any]) -> None:
        """What a newcomer says, and what they were asked."""
        times = {
            f"{name}_at": self.ago(written.pop(f"{name}_days_ago"))
            for name in ("asked", "answered")
            if f"{name}_days_ago" in written
        }
        Application.objects.create(member=member, **written, **times)

    def load_article(self, written: dict[str, Any]) -> None:
        if Article.objects.filter(slug=written["slug"]).exists():
            return
        when = self.ago(written["days_ago"])
        status = written["status"]
        out = status in {Article.Status.PUBLISHED, Article.Status.ARCHIVED}
        article = Article(
            slug=written["slug"],
            category=Category.objects.get(slug=written["category"]),
            author=Member.objects.get(username=written["author"]),
            status=status,
            is_post=written.get("post", status == Article.Status.SUBMITTED),
            is_pinned=written.get("pinned", False),
            meant_for=written.get("meant_for", Article.MeantFor.BOTH),
            state=State.HELD if status == Article.Status.SUBMITTED else State.VISIBLE,
            publish_at=when if out else None,
            audience=written["audience"],
            is_featured=written["featured"],
            comments_open=written["comments_open"],
            view_count=written["views"],
            cover=self.cover(written) if written["cover"] else None,
        )
        for language in LANGUAGES:
            text = written.get(column("", language)[1:], {})
            for name in ("title", "summary", "body"):
                setattr(article, column(name, language), text.get(name, ""))
        self.save_as_written(article, written, when)
        self.load_readers(article, when)
        past = min(when, self.now)
        Article.objects.filter(pk=article.pk).update(created_at=past, updated_at=past)
        if status == Article.Status.SUBMITTED:
            waiting.open_case(Case.Kind.SUBMISSION, article, article.author, ["submitted"])

    def load_readers(self, article: Article, when: Any) -> None:
        """A tenth of its readers came in the last month, more of them to what is new."""
        if not article.is_public:
            return
        days = min(30, (self.now - when).days + 1)
        DailyViews.objects.bulk_create(
            DailyViews(
                article=article,
                day=timezone.localdate(self.now) - timedelta(days=day),
                count=max(1, article.view_count // (10 * days)),
            )
            for day in range(days)
        )

    def save_as_written(self, article: Article, written: dict[str, Any], when: Any) -> None:
        """Saves the article as it was first, then each edit, so that it has a history."""
        edits = written.get("edit", [])
        texts = {
            name: getattr(article, name) for edit in edits for name in edit if name[:4] == "body"
        }
        steps = [(article.author, when, "", dict(texts))]
        for edit in reversed(edits):  # backwards from the text as it is now
            by = Member.objects.get(username=edit["by"])
            steps.insert(1, (by, self.ago(edit["days_ago"]), edit["note"], dict(texts)))
            for name in texts.keys() & edit.keys():
                texts[name] = texts[name].replace(edit[name]["before"], edit[name]["was"])
        steps[0] = (*steps[0][:3], texts)
        tags = Tag.objects.filter(slug__in=written["tags"])
        for by, at, note, bodies in steps:
            for name, body in bodies.items():
                setattr(article, name, body)
            revision = publishing.save(article, by, tags=tags, note=note)
            Revision.objects.filter(pk=revision.pk).update(at=min(at, self.now))

    def cover(self, written: dict[str, Any]) -> Image:
        """The drawing of that name, kept once however many articles show it."""
        name = f"demo {written['cover']}"
        cover = Image.objects.filter(name=name).first()
        if cover is None:
            cover = Image(
                name=name,
                credit=written.get("cover_credit", ""),
                alt_zh_hans=written.get("zh_hans", {}).get("cover_alt", ""),
                alt_en=written.get("en", {}).get("cover_alt", ""),
                uploaded_by=Member.objects.get(username="wei"),
            )
            images.store(pictures.draw(written["cover"]), cover)
        return cover

    def load_comments(self, content: dict[str, Any]) -> None:
        articles = {article.slug: article for article in Article.objects.all()}
        members = {member.username: member for member in Member.objects.all()}
        rows = {row["id"]: row for row in content["comment"]}
        self.comments: dict[int, Comment] = {}

        def place(row: dict[str, Any]) -> Comment:
            """A comment after the one that it answers."""
            if row["id"] not in self.comments:
                parent = place(rows[row["parent"]]) if row["parent"] else None
                article = articles[row["article"]]
                at = article.publish_at + timedelta(hours=row["hours_after"])
                self.comments[row["id"]] = Comment.objects.create(
                    article=article,
                    author=members[row["author"]],
                    parent=parent,
                    root=(parent.root or parent) if parent else None,
                    body=row["body"].strip(),
                    state=row["state"],
                    links_live=row["state"] == State.VISIBLE,
                    created_at=at,
                    shown_at=at if row["state"] == State.VISIBLE else None,
                    edited_at=at + timedelta(minutes=6) if row.get("edited") else None,
                    deleted_at=at + timedelta(minutes=20) if row.get("deleted") else None,
                )
            return self.comments[row["id"]]

        for row in sorted(rows.values(), key=lambda row: row["hours_after"]):
            place(row)
        for article in articles.values():
            one = next((c for c in self.comments.values() if c.article_id == article.pk), None)
            if one:
                one.recount()
        fulltext.refresh(*Comment.objects.select_related("article__category"))
        listening.listen(((row, self.comments[key]) for key, row in rows.items()), self.now)
        for row in content["closed"]:
            closing.close(articles[row["article"]], members[row["by"]], row["reason"])

    def load_queue(self, content: dict[str, Any]) -> None:
        """What waits for the moderators, and what they have decided before."""
        for newcomer in Member.objects.filter(standing=Member.Standing.PENDING):
            waiting.on_member_confirmed(sender=Member, member=newcomer)
            case = Case.objects.about(newcomer).open().get()
            self.date(case, newcomer.date_joined)
            asked = Application.objects.filter(member=newcomer, asked_at__isnull=False).first()
            if asked:
                mona = Member.objects.get(username="mona")
                Decision.objects.create(
                    case=case, action=Decision.Action.ASK, by=mona, reason=asked.question
                )
        for comment in Comment.objects.filter(state=State.HELD).select_related("author"):
            contribution = Contribution(comment.author, comment.body, subject=comment)
            case = settle(comment, Case.Kind.COMMENT, contribution, check(contribution))
            if case:
                self.date(case, comment.created_at)
        decided = {State.REMOVED: Decision.Action.REMOVE, State.SPAM: Decision.Action.SPAM}
        for row in content["comment"]:
            if row["state"] in decided:
                comment = self.comments[row["id"]]
                self.decide(
                    comment,
                    Case.Kind.COMMENT,
                    comment.author,
                    decided[comment.state],
                    row.get("reason", ""),
                    comment.body,
                    state=State.VISIBLE,
                    kept={"links_live": True},
                )
        acts = {
            Member.Standing.SUSPENDED: (
                Decision.Action.SUSPEND,
                "Links to a shop in every comment.",
            ),
            Member.Standing.BANNED: (Decision.Action.BAN, "反复发布广告。"),
        }
        for member in Member.objects.filter(standing__in=acts):
            before = Member.Standing.ACTIVE
            self.decide(
                member, Case.Kind.MEMBER, member, *acts[member.standing], "", standing=before
            )
        for row in content["report"]:
            reporter = Member.objects.get(username=row["reporter"])
            comment = self.comments[row["comment"]]
            if comment.is_shown:
                reporting.report(comment, reporter, row["reason"], row["text"], reporter.language)
            else:
                self.report_decided(comment, reporter, row)
        for row in content["issue"]:
            case = waiting.open_case(Case.Kind.ISSUE, None, None, ["issue"])
            language = "en" if row["path"].startswith("/en/") else "zh-hans"
            Report.objects.create(
                case=case,
                name=row["name"],
                email=row["email"],
                url=row["path"],
                text=row["text"],
                reason=Report.Reason.BROKEN,
                language=language,
            )

    def date(self, case: Case, since: Any) -> None:
        Case.objects.filter(pk=case.pk).update(since=since)

    def decide(
        self,
        subject: Any,
        kind: str,
        member: Member,
        action: str,
        reason: str,
        text: str,
        **before: Any,
    ) -> None:
        mona = Member.objects.get(username="mona")
        case = Case.objects.create(kind=kind, subject=subject, member=member, closed_at=self.now)
        decision = Decision.objects.create(
            case=case, action=action, by=mona, reason=reason, text=text, before=before
        )
        telling.decided(decision)

    def report_decided(self, comment: Comment, reporter: Member, row: dict[str, Any]) -> None:
        """A report that has done what it was for."""
        case = Case.objects.about(comment).get()
        Report.objects.create(
            case=case,
            reporter=reporter,
            reason=row["reason"],
            text=row["text"],
            language=reporter.language,
        )
        outcomes.tell([case.pk], upheld=True)
