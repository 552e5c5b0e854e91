"""Who may do what: every row of permissions.csv, tried as each of nine readers.

A allow, L sent to the login, N 404 as a thing that does not exist, D 403 or refused, G 410, P goes to
review, H the part is hidden, - does not apply. Neither a newcomer who has not proved their address nor a
suspended member has a session: they get what a visitor gets.
"""

import re
from datetime import timedelta
from uuid import uuid4

from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.tests.cast import (
    PASSWORD,
    make_upload,
)
from caisu.tests.stage import CANARY, CHOIR, ROLES, ROWS, Stage, Undo, letter
from members.models import Invitation, Member
from members.moderation.models import Case, Report, State
from members.moderation.waiting import open_case
from news.comments.models import Comment
from news.models import Article


class MatrixTests(Stage):
    """Each row by what it says."""

    def test_every_row_for_every_reader(self):
        untried = set(ROWS) - {name.removeprefix("row_") for name in dir(self)}
        self.assertEqual({row for row in untried if not row.startswith("Y")}, set())
        for row, codes in ROWS.items():
            if row.startswith("Y"):
                continue
            with self.subTest(row=row, action=codes["action"]):
                attempt = getattr(self, f"row_{row}")
                tried = [role for role in ROLES if codes[role] != "-"]
                self.maxDiff = None
                self.assertEqual(
                    " ".join(f"{role}:{self.outcome(attempt, role)}" for role in tried),
                    " ".join(f"{role}:{codes[role]}" for role in tried),
                )

    def outcome(self, attempt, role):
        """The letter of one attempt, which leaves nothing behind."""
        try:
            with transaction.atomic():
                result = attempt(self.at(role), role)
                raise Undo
        except Undo:
            return result if isinstance(result, str) else letter(result)

    # Reading

    def row_R01(self, client, role):
        return client.get(self.of(self.article))

    def row_R02(self, client, role):
        response = client.get(self.of(self.closed))
        if CANARY in response.content.decode():
            return "A"
        return "L" if "/accounts/login/" in response.content.decode() else "H"

    def row_R03(self, client, role):
        return client.get(f"/en/news/{self.draft.year}/draft/")

    def row_R04(self, client, role):
        return client.get(self.of(self.scheduled))

    def row_R05(self, client, role):
        return client.get(self.of(self.withdrawn))

    def row_R06(self, client, role):
        return client.get(reverse("admin:news_article_preview", args=[self.draft.pk]))

    def row_R07(self, client, role):
        return client.get(reverse("admin:news_article_history", args=[self.draft.pk]))

    def row_R08(self, client, role):
        return client.get(self.of(self.half))

    def row_R09(self, client, role):
        now = timezone.localtime()
        for path in ("", "news/", f"news/{now.year}/", "news/local-news/", "news/by/alice/"):
            if CANARY in client.get(f"/en/{path}").content.decode():
                return "A"
        return "H"

    def row_R10(self, client, role):
        for path in ("news", "local-news", "by/alice"):
            if CANARY in client.get(f"/feeds/en/{path}.atom").content.decode():
                return "A"
        return "H"

    def row_R11(self, client, role):
        paths = ("/sitemap.xml", "/sitemap-articles-en.xml", "/sitemap-articles-zh-hans.xml")
        text = "".join(client.get(path).content.decode() for path in paths)
        if self.of(self.article) not in text:
            return "nothing"
        told = ("draft", "scheduled", "withdrawn", "for-members", "/members/")
        return "A" if any(word in text for word in told) else "H"

    def row_R12(self, client, role):
        response = client.get(f"/en/search/?q={CANARY}")
        return "A" if self.of(self.closed) in response.content.decode() else "H"

    def row_R13(self, client, role):
        """What a member read a moment ago is not what the next reader gets."""
        other = self.at("webmaster" if role != "webmaster" else "member")
        name = "Root" if role != "webmaster" else "Bob"
        for path in (self.of(self.article), "/en/"):
            other.get(path)
            if f">{name}</a>" in client.get(path).content.decode():
                return "A"
        return "N"

    def row_R14(self, client, role):
        return client.get(images.url(self.image))

    def row_R15(self, client, role):
        return client.get(images.url(self.closed.cover))

    def row_R16(self, client, role):
        for thing in (self.article, self.closed, self.scheduled, self.withdrawn):
            got = client.get(self.of(thing)).status_code
            same = {client.head(self.of(thing)).status_code}
            for headers in ({"range": "bytes=0-99"}, {"if-none-match": "*"}):
                same.add(client.get(self.of(thing), headers=headers).status_code)
            if same != {got}:
                return f"{same} for {got}"
        return "="

    # Conversation

    def say(self, client, article, parent="", **more):
        form = {"body": "A thought.", "token": uuid4(), **more}
        if parent:
            form["parent"] = parent
        response = client.post(self.url("comments:post", article.pk), form)
        made = Comment.objects.filter(body="A thought.").first()
        if made is None:
            return "D" if letter(response) == "A" else letter(response)
        return "P" if made.state == State.HELD else "A"

    def row_C01(self, client, role):
        return (
            "A" if self.alices.body in client.get(self.of(self.article)).content.decode() else "H"
        )

    def row_C02(self, client, role):
        seen = CANARY in client.get(self.of(self.article)).content.decode()
        page = letter(client.get(self.url("comments:permalink", self.held.pk)))
        return "A" if seen and page == "A" else page if not seen else "seen"

    def row_C03(self, client, role):
        desk = reverse("admin:comments_comment_change", args=[self.gone.pk])
        permalink = self.url("comments:permalink", self.gone.pk)
        pages = [
            self.of(self.article),
            permalink,
            "/feeds/en/news.atom",
            "/en/search/?q=Oops",
            desk,
        ]
        told = ["goner" in client.get(page, follow=True).content.decode() for page in pages]
        return "A" if any(told) else "N"

    def row_C04(self, client, role):
        return self.say(client, self.article)

    def row_C05(self, client, role):
        return self.say(client, self.scheduled)

    def row_C06(self, client, role):
        return self.say(client, self.article, self.foreign.pk)

    def edited(self, client, comment):
        response = client.post(self.url("comments:edit", comment.pk), {"body": "Changed."})
        comment.refresh_from_db()
        return letter(response) if letter(response) != "A" or comment.body == "Changed." else "D"

    def row_C07(self, client, role):
        return self.edited(client, self.alices)

    def row_C08(self, client, role):
        return self.edited(client, self.late)

    def row_C09(self, client, role):
        return self.edited(client, self.foreign)

    def row_C10(self, client, role):
        return client.post(self.url("comments:delete", self.alices.pk))

    def row_C11(self, client, role):
        """Others' comments are taken down at the desk."""
        if letter(client.post(self.url("comments:delete", self.foreign.pk))) == "L":
            return "L"
        desk = reverse("admin:comments_comment_changelist")
        client.post(desk, {"action": "remove", "_selected_action": [self.foreign.pk]})
        self.foreign.refresh_from_db()
        return "A" if self.foreign.state == State.REMOVED else "D"

    def row_C12(self, client, role):
        """Nothing is written by GET or without a token, and never in another's name."""
        address = self.url("comments:post", self.article.pk)
        before = Comment.objects.count()
        client.get(address, {"body": "A thought."})
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        strict.post(address, {"body": "A thought."})
        if Comment.objects.count() > before:
            return "A"
        self.say(client, self.article, author=self.carol.pk, state="visible", is_approved="on")
        made = Comment.objects.filter(body="A thought.")
        if made.filter(author=self.nina).exclude(state=State.HELD):
            return "unheld"
        return "A" if made.filter(author=self.carol) else "D"

    def row_C13(self, client, role):
        return client.post(self.url("comments:like", self.held.pk))

    def row_C14(self, client, role):
        """Whatever is said, held or removed, no mail repeats it to whom it does not show."""
        before = len(mail.outbox)
        self.say(client, self.article, self.alices.pk)
        open_case(Case.Kind.COMMENT, self.held, self.alice, ["first"])
        run_due()
        told = [
            each for each in mail.outbox[before:] if CANARY in each.body or "A thought" in each.body
        ]
        staff = {self.mona.email, self.root.email}
        return "A" if any(not staff.issuperset(each.to) for each in told) else "N"

    def row_C15(self, client, role):
        return client.post(self.url("comments:follow", self.article.pk))

    def row_C16(self, client, role):
        address = self.url("comments:close", self.article.pk)
        response = client.post(address, {"act": "close", "reason": "Enough."})
        self.article.refresh_from_db()
        return "D" if self.article.comments_open and letter(response) == "A" else response

    def row_C17(self, client, role):
        response = client.post(self.url("comments:like", self.foreign.pk))
        self.foreign.refresh_from_db()
        return "D" if letter(response) == "A" and not self.foreign.like_count else response

    # Reports and moderation

    def point_at(self, client, name, *args):
        """The answer to a report, and whether it was taken down."""
        before = Report.objects.count()
        answer = letter(client.post(self.url(name, *args), {"reason": "spam", "text": "Look."}))
        return answer if (Report.objects.count() > before) == (answer == "A") else "not so"

    def row_F01(self, client, role):
        things = {
            "comments:report": [self.foreign.pk],
            "news:report": [self.article.year, "by-carol"],
            "moderation:report_profile": ["carol"],
        }
        answers = {self.point_at(client, name, *args) for name, args in things.items()}
        return answers.pop() if len(answers) == 1 else str(answers)

    def row_F02(self, client, role):
        return self.point_at(client, "comments:report", self.held.pk)

    def row_F05(self, client, role):
        return self.point_at(client, "news:report", self.draft.year, "draft")

    def row_F06(self, client, role):
        return self.point_at(client, "moderation:report_profile", "hidden")

    def row_F03(self, client, role):
        pages = [
            reverse("admin:moderation_case_change", args=[self.reported.pk]),
            self.of(self.half),
            self.of(self.carol),
        ]
        told = [client.get(page).content.decode() for page in pages]
        if any("Tattled" in page or "Dora" in page for page in told[1:]):
            return "in public"
        return "A" if "Tattled" in told[0] and "Dora" in told[0] else "N"

    def act_on(self, client, member, act):
        address = reverse("admin:members_member_act", args=[member.pk, act])
        member = Member.objects.get(pk=member.pk)
        before = member.standing
        response = client.post(address, {"reason": "Because.", "days": 3})
        member.refresh_from_db()
        return letter(response) if letter(response) in "LDN" else "AD"[member.standing == before]

    def row_F04(self, client, role):
        return self.act_on(client, self.wei if role != "editor" else self.mona, "suspend")

    # Profiles

    def row_P01(self, client, role):
        return client.get(self.of(self.carol))

    def row_P02(self, client, role):
        return client.get(self.of(self.members_only))

    def own(self, client, role, member):
        """Whose it is stands in for the author."""
        if role == "author":
            client.force_login(member)
        return client

    def row_P03(self, client, role):
        client = self.own(client, role, self.hidden)
        answer = letter(client.get(self.of(self.hidden)))
        if letter(client.get(self.url("news:author", "hidden"))) != answer:
            return "as an author"
        roads = [self.url("members:directory"), "/en/search/?q=hidden", "/feeds/en/by/hidden.atom"]
        roads.append(f"{roads[0]}?q=hidden")
        header = f'class="name" href="{self.of(self.hidden)}"'
        for road in roads:
            if self.of(self.hidden) in client.get(road).content.decode().replace(header, ""):
                return road
        return answer

    def row_P04(self, client, role):
        """Their own page is theirs as long as they have a session."""
        others = (self.newcomer, self.sam, *self.shut)
        answers = {letter(client.get(self.of(member))) for member in others}
        own = role == "author" and letter(self.at("pending").get(self.of(self.nina)))
        return own or (answers.pop() if len(answers) == 1 else str(answers))

    def row_P05(self, client, role):
        """Of a hidden profile, and a hidden one of a profile that is open."""
        answers = {
            letter(self.own(client, role, member).get(member.avatar.url))
            for member in (self.hidden, self.dora)
        }
        return answers.pop() if len(answers) == 1 else str(answers)

    def row_P06(self, client, role):
        """On the profile, in the directory with its filters, by the search; and what members see."""
        full = self.readers[role] and self.readers[role].is_full_member
        card = client.get(self.of(self.carol)).content.decode()
        if (CHOIR in card) != bool(full):
            return "what is for members"
        client = self.own(client, role, self.dora)
        profile = client.get(self.of(self.dora)).content.decode()
        directory = self.url("members:directory")
        words = {"department": CANARY}, {"q": CANARY}
        lists = [client.get(directory, asked).content.decode() for asked in words]
        lists.append(client.get("/en/search/", {"q": CANARY}).content.decode())
        header = f'class="name" href="{self.of(self.dora)}"'
        if any(self.of(self.dora) in page.replace(header, "") for page in lists):
            return "found by it"
        shown = CANARY in profile + client.get(directory).content.decode()
        return "A" if shown else "H"

    def row_P07(self, client, role):
        return client.get(self.url("members:directory"))

    def row_P08(self, client, role):
        return client.get(self.url("members:edit_profile"))

    def row_P09(self, client, role):
        """What is sent along changes nothing: there is no such field."""
        address = self.url("members:edit_profile")
        page = client.get(address)
        if letter(page) == "L":
            return letter(client.post(address, {"is_staff": "on"}))
        member = self.readers[role]
        names = ["standing", "is_staff", "is_superuser", "email", "approved_count", "password"]
        before = Member.objects.values(*names, "vouched_by").get(pk=member.pk)
        form = {field.html_name: field.value() for field in page.context["form"]}
        form = {name: value for name, value in form.items() if value is not None}
        forged = {"standing": "banned", "is_staff": "1", "is_superuser": "1", "approved_count": 99}
        forged |= {"email": "forged@example.org", "password": "x", "vouched_by": self.carol.pk}
        forged |= {"pk": self.carol.pk, "id": self.carol.pk, "display_name": "Other Name"}
        client.post(address, form | forged)
        renamed = Member.objects.filter(display_name="Other Name")
        if list(renamed) != [member]:
            return "not saved, or another"
        after = renamed.values(*names, "vouched_by").get()
        return "D" if after == before else "A"

    def row_P10(self, client, role):
        """Without proving anew who one is: one is led to that page, and nothing happens."""
        for name in ("account_email", "account_change_password", "account_set_password"):
            response = client.post(self.url(name), {"email": "other@example.org"})
            if letter(response) == "L":
                return "L"
            if "reauthenticate" not in response.get("Location", ""):
                return name
        return "D"

    def row_P11(self, client, role):
        return self.by_signed_page(client, role, "export")

    def row_P13(self, client, role):
        return self.by_signed_page(client, role, "delete")

    def by_signed_page(self, client, role, name):
        """The page itself; who is suspended comes to both from the page of their standing."""
        if role == "suspended":
            login = {"login": self.sam.email, "password": PASSWORD}
            response = client.post(self.url("account_login"), login, follow=True)
            act = {"export": "export", "delete": "leave"}[name]
            return "A" if f'value="{act}"' in response.content.decode() else "D"
        return self.proved(client).get(self.url(f"members:{name}"))

    def row_P12(self, client, role):
        address = reverse("admin:members_member_export")
        return self.proved(client).post(address, {"_selected_action": [self.bob.pk]})

    # Coming in

    def row_S01(self, client, role):
        return client.get(self.url("account_signup"))

    def row_S02(self, client, role):
        fresh = Client()
        reader = self.readers[role]
        fresh.post(self.url("account_login"), {"login": reader.email, "password": PASSWORD})
        return "A" if fresh.session.get("_auth_user_id") == str(reader.pk) else "D"

    def row_S03(self, client, role):
        """A code of somebody else's session opens nothing."""
        victim = Client()
        victim.post(self.url("account_reset_password"), {"email": self.carol.email})
        run_due()
        code = re.findall(r"(?m)^\d{6}$", mail.outbox[-1].body)[0]
        page = self.url("account_confirm_password_reset_code")
        for ask in (client.get, client.head):
            ask(page)
        client.post(page, {"code": code})
        done = self.url("account_complete_password_reset")
        client.post(done, {"password1": "another fine horse", "password2": "another fine horse"})
        self.carol.refresh_from_db()
        return "D" if self.carol.check_password(PASSWORD) else "A"

    def row_S04(self, client, role):
        """Who is suspended was still in a moment ago."""
        page = self.url("members:security")
        if role == "suspended":
            client.force_login(self.carol)
            if letter(client.get(page)) == "A":
                until = timezone.now() + timedelta(days=1)
                Member.objects.get(pk=self.carol.pk).stand(Member.Standing.SUSPENDED, until)
        return client.get(page)

    def row_S05(self, client, role):
        reader = self.readers[role]
        address = reader.email if reader else "stranger@example.org"
        return Client().post(self.url("account_reset_password"), {"email": address})

    def row_S06(self, client, role):
        reader = self.readers[role]
        address = reader.email if reader else "stranger@example.org"
        return Client().post(self.url("account_request_login_code"), {"email": address})

    # Pictures and posts

    def row_U01(self, client, role):
        return client.post(self.url("members:avatar"), {"picture": make_upload()})

    def row_U02(self, client, role):
        return client.post(reverse("upload"), {"upload": make_upload()})

    def row_U03(self, client, role):
        return client.get(reverse("admin:core_image_choose"))

    def row_U04(self, client, role):
        return client.get(images.url(self.image).replace("full", "123"))

    def row_W01(self, client, role):
        form = {"category": self.article.category_id, "title_en": "Mine", "body_en": "<p>Mine.</p>"}
        form |= {"meant_for": "en", "act": "submit", "token": uuid4()}
        form |= {"status": "published", "state": "visible", "author": self.carol.pk}
        form |= {"publish_at": "2026-01-01 00:00", "is_pinned": "on", "is_featured": "on"}
        response = client.post(self.url("news:post_new"), form)
        made = Article.objects.filter(title_en="Mine").first()
        if made is None:
            return (
                letter(response)
                if letter(response) != "A"
                else str(response.context["form"].errors)
            )
        if made.author != self.readers[role] or made.is_pinned or made.is_featured:
            return "forged"
        return "A" if made.is_public else "P"

    def row_W02(self, client, role):
        if role in {"editor", "webmaster"}:  # at the desk
            return client.get(reverse("admin:news_article_change", args=[self.draft.pk]))
        response = client.get(self.url("news:post_edit", self.draft.pk))
        return "D" if letter(response) == "N" else response

    def row_W03(self, client, role):
        desk = reverse("admin:news_article_changelist")
        form = {"action": "publish", "_selected_action": [self.draft.pk]}
        response = client.post(desk, form)
        out = Article.objects.filter(pk=self.draft.pk, status=Article.Status.PUBLISHED).exists()
        return "A" if out else letter(response).replace("A", "D")

    def row_W04(self, client, role):
        return client.get(reverse("admin:news_article_change", args=[self.closed.pk]))

    def row_W05(self, client, role):
        return self.act_on(client, self.newcomer, "admit")

    def row_W06(self, client, role):
        own = self.readers[role] if role in {"moderator", "webmaster"} else None
        if own and self.act_on(client, own, "suspend") != "D":
            return "oneself"
        return self.act_on(client, self.carol, "suspend")

    # The desk

    def row_M01(self, client, role):
        return client.get(reverse("admin:index"))

    def row_M02(self, client, role):
        paths = [
            reverse("admin:core_sitesettings_history", args=[1]),
            reverse("admin:core_page_history", args=[self.page.pk]),
            reverse("admin:members_terms_history", args=[self.terms.pk]),
            reverse("admin:members_invitation_history", args=[self.invitation.pk]),
        ]
        bulk = {"action": "revoke", "_selected_action": [self.invitation.pk]}
        done = client.post(reverse("admin:members_invitation_changelist"), bulk)
        revoked = Invitation.objects.filter(pk=self.invitation.pk, revoked_at=None).count() == 0
        if revoked != (letter(done) == "A"):
            return "bulk"
        return "".join(sorted({letter(done), *(letter(client.get(path)) for path in paths)}))

    def row_M03(self, client, role):
        """By the act; and nobody by a field sent along with the form, not even a webmaster."""
        self.proved(client)
        change = reverse("admin:members_member_change", args=[self.carol.pk])
        form = {"display_name": "Carol", "username": "carol", "email": self.carol.email}
        client.post(change, {**form, "is_superuser": "on", "is_staff": "on", "groups": [1, 2, 3]})
        address = reverse("admin:members_member_act", args=[self.carol.pk, "appoint"])
        until = timezone.localdate() + timedelta(days=30)
        before = Member.objects.get(pk=self.carol.pk)
        if before.is_staff or before.is_superuser or before.groups.exists():
            return "forged"
        response = client.post(address, {"role": "Editor", "until": until, "reason": "Elected."})
        appointed = Member.objects.get(pk=self.carol.pk).has_perm("news.publish_article")
        return "A" if appointed else letter(response).replace("A", "D")

    def row_M04(self, client, role):
        return client.get(reverse("admin:core_sitesettings_changelist"))

    def row_M05(self, client, role):
        return client.get(reverse("admin:moderation_decision_changelist"))

    def row_O01(self, client, role):
        return client.get(reverse("health"))

    def row_O02(self, client, role):
        return client.get(reverse("robots"))
