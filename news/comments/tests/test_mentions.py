"""Mentions: whom a page links, and whom one may choose from."""

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import override

from caisu.core import fulltext
from caisu.core.jobs import run_due
from caisu.core.models import Audience
from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.models import FormerHandle, Member
from news.comments import mentions, threads


def path(name, *args, language="en"):
    with override(language):
        return reverse(name, args=args)


class LinkTests(CastTestCase):
    def page(self, reader):
        self.login(reader)
        with override("en"):
            return self.client.get(self.article.get_absolute_url())

    def show(self, member, visibility):
        Member.objects.filter(pk=member.pk).update(visibility=visibility)

    def link(self, handle="bob", text="@bob"):
        return f'<a class="mention" href="/en/members/{handle}/">{text}</a>'

    def test_each_reader_gets_links_to_whom_they_may_see(self):
        make_comment(self.article, self.alice, body="Ask @bob.")
        everybody = (None, self.nina, self.wei, self.root, self.bob)
        for visibility, seen in (
            (Audience.EVERYONE, everybody),
            (Audience.MEMBERS, (self.wei, self.root, self.bob)),
            (Audience.NOBODY, (self.root, self.bob)),
        ):
            self.show(self.bob, visibility)
            for reader in everybody:
                with self.subTest(visibility=visibility, reader=reader):
                    page = self.page(reader)
                    self.assertContains(page, "@bob")
                    self.assertEqual(self.link() in page.content.decode(), reader in seen)

    def test_nobody_of_that_handle_stays_text(self):
        make_comment(self.article, self.alice, body="Ask @nobody2.")
        self.assertNotContains(self.page(self.wei), 'class="mention"')

    def test_former_handle_leads_to_whose_it_was(self):
        FormerHandle.objects.create(handle="bobby", member=self.bob)
        make_comment(self.article, self.alice, body="Ask @Bobby.")
        self.assertContains(self.page(self.wei), self.link(text="@Bobby"))
        FormerHandle.objects.update(member=None)
        self.assertNotContains(self.page(self.wei), 'class="mention"')

    def test_at_most_ten_of_one_comment(self):
        names = [f"friend{n}" for n in range(12)]
        for name in names:
            make_member(name)
        comment = make_comment(self.article, self.alice, body=" ".join(f"@{n}" for n in names))
        self.assertContains(self.page(self.wei), 'class="mention"', count=mentions.MOST)
        self.assertEqual(len(mentions.mentioned(comment)), mentions.MOST)

    def test_one_query_for_all_of_a_page_and_none_without_a_mention(self):
        def cost():
            with self.assertNumQueries(self.expected):
                threads.conversation(self.article, AnonymousUser())

        threads.conversation(self.article, AnonymousUser())
        self.expected = 2
        cost()
        self.expected = 3
        for many in (1, 20):
            for number in range(many):
                make_comment(self.article, self.alice, body=f"@bob, @wei and @x{number}")
            cost()


class OfferedTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.zhang = make_member("zw88", display_name="张伟")
        self.url = path("comments:mentionable")
        for member in Member.objects.all():
            fulltext.refresh(member)
        run_due()

    def ask(self, query, reader=None):
        self.login(reader or self.alice)
        return self.client.get(self.url, {"q": query})

    def handles(self, query, reader=None):
        return [person["handle"] for person in self.ask(query, reader).json()["people"]]

    def test_by_beginning_of_handle_name_pinyin_or_initials(self):
        for query in ("zw", "ZW88", "张", "张伟", "zhang", "zhangw"):
            with self.subTest(query=query):
                self.assertEqual(self.handles(query), ["zw88"])
        self.assertEqual(self.ask("zw").json(), {"people": [{"handle": "zw88", "name": "张伟"}]})

    def test_nobody_for_nothing_and_for_nonsense(self):
        for query in ("", " ", "\0", "%", "_", "x" * 5000, "'; --"):
            with self.subTest(query=query[:10]):
                self.assertEqual(self.handles(query), [])

    def test_not_oneself(self):
        self.assertEqual(self.handles("alice"), [])

    def test_only_whom_every_member_may_see(self):
        self.assertEqual(self.handles("bob"), ["bob"])
        for values in (
            {"visibility": Audience.NOBODY},
            {"visibility": Audience.MEMBERS, "standing": "pending"},
            {"standing": "banned", "is_active": False},
        ):
            Member.objects.filter(pk=self.bob.pk).update(**values)
            for reader in (self.alice, self.root):
                self.assertEqual(self.handles("bob", reader), [])
        self.assertEqual(self.handles("nina"), [])

    def test_at_most_eight(self):
        for number in range(12):
            make_member(f"student{number}")
        self.assertEqual(len(self.handles("student")), 8)

    def test_who_may_ask(self):
        for who, status in (
            (self.alice, 200),
            (self.mona, 200),
            (self.root, 200),
            (self.nina, 403),
        ):
            self.assertEqual(self.ask("bob", who).status_code, status)
        self.login(None)
        response = self.client.get(self.url, {"q": "bob"})
        self.assertIn(path("account_login"), response["Location"])
        self.login(self.alice)
        self.assertEqual(self.client.post(self.url).status_code, 405)

    def test_kept_by_no_cache(self):
        self.assertIn("no-store", self.ask("bob")["Cache-Control"])

    def test_too_fast_is_429(self):
        self.login(self.alice)
        answers = [self.client.get(self.url, {"q": "bob"}).status_code for _n in range(61)]
        self.assertEqual((answers[0], answers[-1]), (200, 429))
