from django.utils.translation import override

from caisu.tests.cast import CastTestCase, make_article


class ShortLinkLanguageTests(CastTestCase):
    """``/n/<id>/`` is what people pass on, whatever the language of whoever opens it."""

    def opened(self, article=None, **headers):
        article = article or self.article
        response = self.client.get(f"/n/{article.pk}/", headers=headers)
        self.assertEqual(response.status_code, 302)
        return response["Location"].split("/")[1]

    def test_the_chosen_language_goes_before_that_of_the_browser(self):
        self.client.cookies["language"] = "en"
        self.assertEqual(self.opened(accept_language="zh-CN"), "en")
        self.client.cookies["language"] = "zh-hans"
        self.assertEqual(self.opened(accept_language="en"), "zh-hans")

    def test_the_browser_goes_before_the_site(self):
        self.assertEqual(self.opened(accept_language="en-GB,zh;q=0.5"), "en")
        self.assertEqual(self.opened(accept_language="zh-CN,en;q=0.5"), "zh-hans")

    def test_neither_of_them_is_chinese(self):
        self.assertEqual(self.opened(), "zh-hans")
        self.assertEqual(self.opened(accept_language="fr-FR"), "zh-hans")

    def test_language_that_the_article_lacks_shows_the_other_with_a_note(self):
        article = make_article(title_en="", summary_en="", body_en="")
        self.assertEqual(self.opened(article, accept_language="en"), "en")
        response = self.client.get(
            f"/n/{article.pk}/", headers={"accept-language": "en"}, follow=True
        )
        self.assertContains(response, f"<h1>{article.title_zh_hans}</h1>", html=True)
        self.assertContains(response, 'class="other-language"')
        self.assertContains(response, '<html lang="en"')

    def test_members_only_and_scheduled_ones(self):
        article = make_article(audience="members")
        self.assertEqual(self.opened(article), "zh-hans")
        draft = make_article(status="draft", publish_at=None)
        self.assertEqual(self.client.get(f"/n/{draft.pk}/").status_code, 404)
        self.login(self.wei)
        with override("zh-hans"):
            self.assertRedirects(self.client.get(f"/n/{draft.pk}/"), draft.get_absolute_url())
