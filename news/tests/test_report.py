"""Reporting an article, from its foot."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_article, make_member
from members.moderation.models import Case, Report, State


class ReportArticleTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.post = make_article(author=cls.alice, is_post=True, title_en="My post")

    def url(self, article=None):
        article = article or self.post
        return reverse("news:report", args=[article.year, article.slug])

    def send(self, who, article=None, **changes):
        self.login(who)
        return self.client.post(self.url(article), {"reason": "wrong", "text": "", **changes})

    def test_member_reports_and_comes_back_to_it(self):
        self.login(self.bob)
        self.assertContains(self.client.get(self.url().replace("/zh-hans/", "/en/")), "My post")
        response = self.send(self.bob, text="It was on Friday.")
        self.assertRedirects(response, self.post.get_absolute_url())
        report = Report.objects.get()
        self.assertEqual((report.reporter, report.text), (self.bob, "It was on Friday."))
        self.assertEqual((report.case.kind, report.case.subject), (Case.Kind.ARTICLE, self.post))

    def test_second_time_counts_once(self):
        for _time in range(2):
            self.send(self.bob)
        self.assertEqual(Report.objects.count(), 1)

    def test_third_trusted_report_hides_it_and_leads_to_its_category(self):
        for who in (self.bob, self.wei, make_member("carl")):
            response = self.send(who)
        self.assertRedirects(response, self.post.category.get_absolute_url())
        self.post.refresh_from_db()
        self.assertEqual(self.post.state, State.HELD)

    def test_article_of_staff_is_only_queued(self):
        for who in (self.bob, self.alice, make_member("carl")):
            response = self.send(who, self.article)
        self.assertRedirects(response, self.article.get_absolute_url())
        self.assertEqual(Report.objects.count(), 3)
        self.article.refresh_from_db()
        self.assertEqual(self.article.state, State.VISIBLE)

    def test_who_may_not(self):
        soon = timezone.now() + timedelta(days=1)
        mine = {"author": self.alice, "is_post": True}
        draft = make_article(status="draft", publish_at=None, **mine)
        later = make_article(publish_at=soon, **mine)
        held = make_article(state=State.HELD, **mine)
        gone = make_article(status="withdrawn", released_at=timezone.now(), **mine)
        closed = make_article(audience="members", **mine)
        for who, article, status in (
            (None, self.post, 302),
            (None, draft, 302),
            (self.nina, self.post, 403),
            (self.nina, closed, 404),
            (self.alice, self.post, 403),
            (self.alice, draft, 403),
            (self.wei, self.article, 403),
            (self.wei, draft, 403),
            *((self.bob, each, 404) for each in (draft, later, held, gone)),
            *((self.mona, each, 404) for each in (draft, later, held, gone)),
            (self.bob, closed, 302),
        ):
            with self.subTest(who=who, article=article.slug):
                self.assertEqual(self.send(who, article).status_code, status)
        self.assertEqual(self.client.get("/en/news/2026/no-such/report/").status_code, 404)
        self.assertEqual(Report.objects.count(), 1)

    def test_bad_input_is_the_form_again(self):
        response = self.send(self.bob, reason="because", text="Typed with care.")
        self.assertContains(response, "errorlist")
        self.assertContains(response, "Typed with care.")
        self.assertFalse(Case.objects.exists())

    def test_comments_articles_and_profiles_share_twenty_a_day(self):
        posts = [make_article(author=self.alice, is_post=True) for _number in range(19)]
        self.assertEqual({self.send(self.bob, post).status_code for post in posts}, {302})
        pages = [
            reverse("comments:report", args=[self.comment.pk]),
            reverse("moderation:report_profile", args=["alice"]),
        ]
        statuses = [self.client.post(page, {"reason": "rude"}).status_code for page in pages]
        self.assertEqual(statuses, [302, 429])

    def test_get_reports_nothing(self):
        self.login(self.bob)
        self.client.get(self.url(), {"reason": "spam"})
        self.assertEqual(self.client.put(self.url()).status_code, 405)
        self.assertFalse(Case.objects.exists())

    def test_foot_of_an_article_leads_there_for_whom_it_is(self):
        draft = make_article(status="draft", publish_at=None, author=self.wei)
        for who, article, leads in (
            (None, self.post, False),
            (self.nina, self.post, False),
            (self.alice, self.post, False),
            (self.bob, self.post, True),
            (self.root, self.post, True),
            (self.root, draft, False),
        ):
            self.login(who)
            page = self.client.get(article.get_absolute_url()).content.decode()
            self.assertEqual(self.url(article) in page, leads, (who, article))
