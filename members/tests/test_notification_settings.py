"""Which notifications a member wants by mail."""

from members.models import Member

from .entrance import EntranceTestCase, path

About = Member.MailedAbout


class NotificationSettingsTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.url = path("members:notification_settings")

    def wants(self, member):
        return Member.objects.get(pk=member.pk).mailed_about

    def test_member_chooses(self):
        self.login(self.alice)
        for about in (About.ALL, About.NOTHING, About.DIRECT):
            response = self.client.post(self.url, {"mailed_about": about}, follow=True)
            self.assertContains(response, "Saved.")
            self.assertEqual(self.wants(self.alice), about)
        response = self.client.post(self.url, {"mailed_about": About.DIRECT}, follow=True)
        self.assertContains(response, "Nothing was changed.")
        self.assertEqual(self.wants(self.bob), About.DIRECT)

    def test_the_page_shows_what_is_chosen_and_stands_in_the_navigation(self):
        Member.objects.filter(pk=self.alice.pk).update(mailed_about=About.ALL)
        self.login(self.alice)
        page = self.client.get(self.url)
        self.assertRegex(page.content.decode(), r'<input[^>]* value="all"[^>]* checked')
        self.assertContains(page, f'<a href="{self.url}" aria-current="page">')

    def test_pending_member_chooses_too(self):
        self.login(self.nina)
        self.client.post(self.url, {"mailed_about": About.NOTHING})
        self.assertEqual(self.wants(self.nina), About.NOTHING)

    def test_visitor_is_sent_to_the_login(self):
        for ask in (self.client.get, self.client.post):
            self.assertIn(path("account_login"), ask(self.url)["Location"])

    def test_nonsense_is_the_form_again(self):
        self.login(self.alice)
        for about in ("", "everything"):
            response = self.client.post(self.url, {"mailed_about": about})
            self.assertContains(response, 'class="errorlist"')
        self.assertEqual(self.wants(self.alice), About.DIRECT)

    def test_nobody_chooses_for_another(self):
        self.login(self.bob)
        self.client.post(self.url, {"mailed_about": About.ALL, "member": self.alice.pk})
        self.assertEqual(self.wants(self.alice), About.DIRECT)
