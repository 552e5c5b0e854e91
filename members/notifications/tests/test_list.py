"""The page of notifications, and the bell that leads to it."""

from django.urls import reverse
from django.utils.translation import override

from caisu.tests.cast import CastTestCase
from members.models import Member
from members.notifications import listing, telling
from members.notifications.models import Notification

Kind = Notification.Kind


def path(name, *args):
    with override("en"):
        return reverse(name, args=args)


class NotificationsTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.url = path("notifications:list")

    def login(self, member):
        super().login(member)
        self.client.get("/language/en/")

    def tell(self, subject, member=None, kind=Kind.REPLY, topic="article:1", **params):
        params = {"by": self.bob.pk, "title_zh_hans": "大雪", "title_en": "Snow", **params}
        member = member or self.alice
        telling.tell([member], kind, subject, "/comments/1/", topic=topic, params=params)
        return Notification.objects.get(member=member, kind=kind, subject=subject)

    def page(self, member=None, **query):
        self.login(member or self.alice)
        return self.client.get(self.url, query)


class ListTests(NotificationsTestCase):
    def test_words_in_the_readers_language(self):
        self.tell("comment:1")
        self.assertContains(self.page(), "<bdi>Bob</bdi> replied to you on")
        self.assertContains(self.page(), '<cite lang="en">Snow</cite>')
        page = self.client.get(self.url.replace("/en/", "/zh-hans/"))
        self.assertContains(page, '<cite lang="zh-Hans">大雪</cite>')

    def test_title_in_the_other_language_where_there_is_only_that(self):
        self.tell("comment:1", title_en="")
        self.assertContains(self.page(), '<cite lang="zh-Hans">大雪</cite>')

    def test_nothing_in_a_name_or_title_is_markup(self):
        self.tell("comment:1", title_en="<b>100%</b> %(name)s")
        Member.objects.filter(pk=self.bob.pk).update(display_name="<i>Bob</i> %s")
        page = self.page()
        self.assertContains(page, "&lt;b&gt;100%&lt;/b&gt; %(name)s")
        self.assertContains(page, "&lt;i&gt;Bob&lt;/i&gt; %s")

    def test_every_kind_has_words_also_without_params(self):
        for kind in Kind:
            telling.tell([self.alice], kind, "x:1", "/")
        lines, _more = listing.page(self.alice)
        self.assertEqual(len(lines), len(Kind))
        for line in lines:
            with override("en"):
                self.assertTrue(line.text.strip())
                self.assertNotIn("%(", line.html)

    def test_name_of_whoever_left_is_gone(self):
        self.tell("comment:1")
        Member.objects.filter(pk=self.bob.pk).update(standing="left", is_active=False)
        page = self.page()
        self.assertContains(page, "Former member")
        self.assertNotContains(page, "Bob")

    def test_many_unseen_of_one_topic_are_one_line_until_they_are_seen(self):
        for number in range(3):
            self.tell(f"comment:{number}", kind=Kind.THREAD)
        self.tell("comment:9", kind=Kind.THREAD, topic="article:2")
        self.assertContains(self.page(), "3 new comments on")
        self.assertContains(self.page(), "<bdi>Bob</bdi> commented on", count=1)
        telling.see(self.alice)
        self.assertContains(self.page(), "<bdi>Bob</bdi> commented on", count=4)

    def test_likes_of_one_comment_are_one_line(self):
        for number in range(2):
            self.tell(f"like:1:{number}", kind=Kind.LIKE, topic="comment:1")
        self.assertContains(self.page(), "2 members like your comment on")

    def test_nothing_yet_says_so(self):
        self.assertContains(self.page(), "Nothing yet.")

    def test_pages_go_on_without_gap_or_repetition(self):
        for number in range(listing.PAGE + 5):
            self.tell(f"comment:{number}")
        lines, following = listing.page(self.alice)
        rest, end = listing.page(self.alice, following)
        self.assertIsNone(end)
        seen = [line.notification.subject for line in lines + rest]
        self.assertEqual(seen, [f"comment:{n}" for n in reversed(range(listing.PAGE + 5))])
        self.assertContains(self.page(), f"?before={following}")
        self.assertContains(self.page(before=following), 'rel="prev"')

    def test_group_that_goes_on_over_pages_counts_all_once(self):
        for number in range(listing.PAGE + 5):
            self.tell(f"comment:{number}", kind=Kind.THREAD)
        lines, following = listing.page(self.alice)
        self.assertEqual(([line.count for line in lines], following), ([35], None))

    def test_nonsense_in_the_address(self):
        self.tell("comment:1")
        self.assertEqual(self.page(before="x").status_code, 404)
        self.assertContains(self.page(before="9" * 40), "replied to you")
        self.assertContains(self.page(before=1), "Nothing older.")

    def test_looking_marks_nothing(self):
        self.tell("comment:1")
        self.page()
        self.assertEqual(listing.unseen_count(self.alice), 1)

    def test_own_alone_also_of_one_who_waits(self):
        self.tell("comment:1", member=self.nina)
        self.assertContains(self.page(self.nina), "replied to you")
        self.assertNotContains(self.page(self.bob), "replied to you")
        self.login(None)
        self.assertRedirects(
            self.client.get(self.url),
            f"{path('account_login')}?next={self.url}",
            fetch_redirect_response=False,
        )

    def test_no_cache_keeps_it(self):
        self.assertIn("no-store", self.page()["Cache-Control"])

    def test_costs_the_same_at_1_and_at_20(self):
        self.tell("comment:0")
        self.page()
        for many in (1, 20):
            for number in range(many):
                self.tell(f"comment:{number}", kind=Kind.THREAD, topic=f"article:{number}")
            with self.subTest(many=many), self.assertNumQueries(6):
                self.client.get(self.url)  # session, member, groups, lines, names, bell


class OpenTests(NotificationsTestCase):
    def setUp(self):
        super().setUp()
        self.row = self.tell("comment:1")
        self.open = path("notifications:open", self.row.pk)

    def test_leads_to_the_thing_and_marks_it(self):
        self.login(self.alice)
        response = self.client.post(self.open)
        self.assertRedirects(response, "/en/comments/1/", fetch_redirect_response=False)
        self.assertEqual(listing.unseen_count(self.alice), 0)

    def test_a_line_of_many_is_seen_as_a_whole_but_not_what_came_later(self):
        rows = [self.tell(f"comment:{n}", kind=Kind.THREAD) for n in range(4)]
        self.login(self.alice)
        self.client.post(path("notifications:open", rows[2].pk))
        unseen = Notification.objects.filter(member=self.alice).unseen()
        self.assertEqual(set(unseen), {self.row, rows[3]})

    def test_get_is_refused_and_changes_nothing(self):
        self.login(self.alice)
        self.assertEqual(self.client.get(self.open).status_code, 405)
        self.assertEqual(listing.unseen_count(self.alice), 1)

    def test_that_of_another_is_not_found(self):
        for who in (self.bob, self.nina, self.mona, self.root):
            self.login(who)
            self.assertEqual(self.client.post(self.open).status_code, 404)
        self.assertEqual(listing.unseen_count(self.alice), 1)

    def test_visitor_is_sent_to_the_login(self):
        self.login(None)
        self.assertIn(path("account_login"), self.client.post(self.open)["Location"])

    def test_what_was_withdrawn_meanwhile_is_not_found(self):
        telling.withdraw("comment:1")
        self.login(self.alice)
        self.assertEqual(self.client.post(self.open).status_code, 404)
        big = path("notifications:open", 10**30)
        self.assertEqual(self.client.post(big).status_code, 404)


class SeeAllTests(NotificationsTestCase):
    def setUp(self):
        super().setUp()
        self.row = self.tell("comment:1")
        self.tell("comment:2")
        self.see = path("notifications:see_all")

    def test_marks_what_one_had_before_them(self):
        self.login(self.alice)
        response = self.client.post(self.see, {"up_to": self.row.pk}, follow=True)
        self.assertContains(response, "All marked as seen.")
        self.assertEqual(listing.unseen_count(self.alice), 1)
        self.client.post(self.see)
        self.assertEqual(listing.unseen_count(self.alice), 0)

    def test_nobody_marks_those_of_others(self):
        for who in (None, self.bob, self.mona, self.root):
            self.login(who)
            self.assertEqual(self.client.post(self.see).status_code, 302)
        self.assertEqual(listing.unseen_count(self.alice), 2)

    def test_get_is_refused_and_nonsense_is_none(self):
        self.login(self.alice)
        self.assertEqual(self.client.get(self.see).status_code, 405)
        for up_to in ("x", "-1", "²", "9" * 40):
            self.assertEqual(self.client.post(self.see, {"up_to": up_to}).status_code, 302)


class BellTests(NotificationsTestCase):
    def front(self):
        return self.client.get("/en/")

    def test_tells_how_many_are_new(self):
        self.login(self.alice)
        self.assertNotContains(self.front(), 'class="unseen"')
        self.tell("comment:1")
        self.assertContains(self.front(), '<data class="unseen" value="1">1</data>')

    def test_more_than_99_are_not_counted(self):
        for number in range(listing.MOST + 5):
            self.tell(f"comment:{number}")
        self.login(self.alice)
        self.assertContains(self.front(), ">99+</data>")

    def test_visitors_have_none(self):
        self.assertNotContains(self.front(), self.url)
