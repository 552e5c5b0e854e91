from django.urls import reverse

from caisu.core import fulltext
from caisu.core.jobs import run_due
from caisu.tests.cast import CastTestCase, make_article, make_comment, make_member
from members.models import Member

LIST = reverse("admin:comments_comment_changelist")


class CommentSearchTests(CastTestCase):
    """The box of the comments' list at the desk asks the site's index."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        article = make_article(slug="gala")
        writer = make_member("zhang", display_name="张伟")
        cls.comments = {
            "shown": make_comment(article, cls.bob, body="春节晚会有饺子吗？"),
            "held": make_comment(article, cls.bob, body="晚会门票 tickets 特价", state="held"),
            "removed": make_comment(article, cls.bob, body="Two tickets for sale", state="removed"),
            "by Zhang": make_comment(article, writer, body="100% sure_thing"),
        }
        fulltext.refresh(*cls.comments.values())
        fulltext.refresh(*Member.objects.all())
        run_due()

    def found(self, query):
        response = self.client.get(LIST, {"q": query})
        self.assertEqual(response.status_code, 200)
        listed = {comment.pk for comment in response.context["cl"].result_list}
        return {name for name, comment in self.comments.items() if comment.pk in listed}

    def test_words_of_what_is_shown_held_and_removed(self):
        self.login(self.mona)
        for query, names in {
            "晚会": {"shown", "held"},
            "節": {"shown"},
            "ticket": {"held", "removed"},
            "tickets -sale": {"held"},
            "zhangwei": {"by Zhang"},
            "%": set(),
            "100%": {"by Zhang"},
            "nothing like this": set(),
            "before:2020": set(),
            "after:2020 晚会": {"shown", "held"},
        }.items():
            with self.subTest(query):
                self.assertEqual(self.found(query), names)

    def test_nothing_breaks_it(self):
        self.login(self.mona)
        for query in ("\0", "'", '"', "NEAR(", "*", "_", "春" * 500, "author:"):
            with self.subTest(query):
                self.found(query)
