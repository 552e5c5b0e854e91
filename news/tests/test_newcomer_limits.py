"""A newcomer's post: one link in a text, one picture; a draft may hold what it likes."""

from uuid import uuid4

from caisu.core import images
from caisu.tests.cast import CastTestCase, make_member, make_upload
from news.models import Article, Category

NEW = "/en/news/submit/new/"
TWO = (
    '<p>See <a href="https://one.example/">one</a> and <a href="https://two.example/">two</a>.</p>'
)
ONE = '<p>See <a href="https://one.example/">https://one.example</a>.</p>'


class NewcomerPostTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.newt = make_member("newt", approved_count=0)
        cls.gus = make_member("gus", approved_count=3)

    def send(self, who, body="<p>A text.</p>", **changes):
        self.login(who)
        values = {
            "meant_for": "en",
            "title_en": "A title",
            "body_en": body,
            "category": Category.objects.first().pk,
            "token": str(uuid4()),
            "act": "submit",
            **changes,
        }
        return self.client.post(NEW, {name: value for name, value in values.items() if value})

    def picture(self, who, size=64):
        image = images.receive(make_upload(size=(size, 64)), by=who)
        return f'<figure><img src="{images.url(image)}" alt="A tree"></figure>'

    def posts(self, who):
        return Article.objects.filter(author=who)

    def test_second_link_is_the_form_again_with_the_text(self):
        for who in (self.newt, self.nina):
            response = self.send(who, TWO)
            self.assertContains(response, "New members may use 1 link in a text.")
            self.assertEqual(response.context["form"]["body_en"].value(), TWO)
            self.assertFalse(self.posts(who).exists())

    def test_link_that_is_also_written_out_counts_once(self):
        self.assertEqual(self.send(self.newt, ONE).status_code, 302)

    def test_address_without_a_link_counts_too(self):
        response = self.send(self.newt, "<p>https://one.example/ or www.two.example</p>")
        self.assertContains(response, "New members may use 1 link")

    def test_each_language_may_have_its_link(self):
        texts = {"meant_for": "both", "title_zh_hans": "题目", "body_zh_hans": ONE}
        self.assertEqual(self.send(self.newt, ONE, **texts).status_code, 302)

    def test_second_picture_is_the_form_again_and_both_are_kept(self):
        two = self.picture(self.newt) + self.picture(self.newt, 65) + "<p>Two trees.</p>"
        response = self.send(self.newt, two)
        self.assertContains(response, "New members may add 1 picture to a post.")
        self.assertEqual(response.context["form"]["body_en"].value(), two)

    def test_picture_above_the_text_counts(self):
        one = self.picture(self.newt) + "<p>A tree.</p>"
        self.assertEqual(self.send(self.newt, one).status_code, 302)
        response = self.send(self.newt, one, new_cover=make_upload("cover.jpg"))
        self.assertContains(response, "New members may add 1 picture")
        self.assertTrue(response.context["form"]["cover_token"].value())

    def test_draft_keeps_whatever_is_in_it(self):
        response = self.send(self.newt, TWO, act="save")
        self.assertEqual(response.status_code, 302)
        self.assertIn("two.example", self.posts(self.newt).get().body_en)

    def test_members_post_has_no_such_limit(self):
        two = self.picture(self.gus) + self.picture(self.gus, 65) + TWO
        self.assertEqual(self.send(self.gus, two).status_code, 302)
