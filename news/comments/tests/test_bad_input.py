"""What nobody types, sent as a comment: the form again and why, or a comment; never a page that fails."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from caisu.tests.cast import CastTestCase, make_comment, make_member
from members.moderation.models import Case, State
from news.comments.models import MAX_LENGTH, Comment

REFUSED = {
    "a megabyte of letters": "a " * 500_000,
    "a megabyte of Han": "我们" * 170_000,
    "5,000 links": " ".join(f"http://a{number}.example/x" for number in range(5000)),
    "5,000 nested quotes": "> " * 5000 + "x",
    "quotes of 2,000 levels": "\n".join(">" * number + " x" for number in range(1, 2000)),
    "zalgo without end": ("Z" + "\u0301" * 50) * 2000,
    "only zero-width characters": "\u200b\u200c\u200d\u2060\ufeff" * 20,
    "only selectors and fillers": "\ufe0f\u3164\u115f\u00ad" * 20,
    "only spaces": " \t\n\u3000\u00a0" * 50,
    "only NUL": "\0" * 100,
    "only what turns text around": "\u202e\u2066" * 20,
    "only marks of a quote": "> \n>\n> > ",
    "nothing": "",
}
LINKS = "many links"
TAKEN = {
    "one emoji": "😀",
    "only emoji": "👨‍👩‍👧🏳️‍🌈1️⃣" * 50,
    "some zalgo": "Z" + "\u0301" * 50 + "algo",
    "NUL in the middle": "Good\0 morning",
    "all alphabets": "aа一αא عربي हिन्दी ไทย",
    "as long as may be": "长" * MAX_LENGTH,
    LINKS: " ".join(f"http://a{n}.example/x" for n in range(100)),
    "many nested quotes": "> " * 500 + "x\n\nMine.",
    "only a quote": "> said by another",
    "markup of other sites": "[url=http://a.example]x[/url] <a href='javascript:x'>",
    "a template": "{{ request.user.password }} {% now %}",
    "percent signs": "100% (sure) %s %(name)s %%",
}


class BadInputTests(CastTestCase):
    def send(self, who, body, **data):
        cache.clear()  # the limits on how fast one may write
        self.login(who)
        url = reverse("comments:post", args=[self.article.pk])
        return self.client.post(url, {"body": body, "token": str(uuid.uuid4()), **data})

    def test_refused_with_a_reason_and_nothing_is_kept(self):
        before = Comment.objects.count()
        for name, body in REFUSED.items():
            for who in (self.bob, self.nina):
                with self.subTest(what=name, who=who.username):
                    response = self.send(who, body)
                    self.assertEqual(response.status_code, 200)
                    self.assertContains(response, "errorlist")
                    self.assertContains(response, "aria-describedby")
        self.assertEqual(Comment.objects.count(), before)
        self.assertFalse(Case.objects.exists())

    def test_taken_and_shown_as_it_is_or_held_from_a_newcomer(self):
        newcomer = make_member(
            "fresh", approved_count=0, date_joined=timezone.now() - timedelta(days=2)
        )
        for name, body in TAKEN.items():
            for who in (self.bob, newcomer):
                with self.subTest(what=name, who=who.username):
                    response = self.send(who, body)
                    if name == LINKS and who == newcomer:
                        self.assertContains(response, "errorlist")
                        continue
                    self.assertEqual(response.status_code, 302)
                    comment = Comment.objects.latest("pk")
                    self.assertEqual(comment.author, who)
                    if who == newcomer:
                        self.assertEqual(comment.state, State.HELD)
                    page = self.client.get(self.article.get_absolute_url())
                    self.assertContains(page, f'id="comment-{comment.pk}"')
                    self.assertNotContains(page, "javascript:x'>")

    def test_quotes_within_quotes_do_not_cost_the_page(self):
        """Each level is an element; parsers and readers of the page give up on thousands."""
        make_comment(self.article, self.bob, body="> " * 1400 + "deep")
        page = self.client.get(self.article.get_absolute_url())
        self.assertLess(page.content.decode().count("<blockquote"), 20)

    def test_every_field_takes_nonsense(self):
        for data in (
            {"token": "no token"},
            {"token": ""},
            {"token": "\0"},
            {"opened": "x" * 10_000},
            {"opened": "\0"},
            {"parent": "9" * 5000},
            {"parent": "1e3"},
            {"parent": "\0"},
            {"surplus": "x"},
        ):
            with self.subTest(data={name: value[:12] for name, value in data.items()}):
                response = self.send(self.bob, "A good word.", **data)
                self.assertIn(response.status_code, (200, 302))
                if response.status_code == 200:
                    self.assertContains(response, "A good word.")

    def test_edits_are_looked_at_in_the_same_way(self):
        comment = make_comment(self.article, self.bob, body="A good word.")
        url = reverse("comments:edit", args=[comment.pk])
        for name, body in REFUSED.items():
            cache.clear()
            self.login(self.bob)
            with self.subTest(what=name):
                response = self.client.post(url, {"body": body})
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")
        comment.refresh_from_db()
        self.assertEqual(comment.body, "A good word.")

    def test_more_than_the_site_takes_gets_a_page_that_says_so(self):
        response = self.send(self.bob, "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
        self.assertContains(response, "message-page", status_code=413)
        self.assertContains(response, "<h1>", status_code=413)
        self.assertFalse(Comment.objects.exclude(pk=self.comment.pk).exists())
