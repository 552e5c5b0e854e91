"""Webmaster, editor, moderator: what each group may do, and nothing else."""

from django.contrib.auth.models import Group
from django.urls import reverse

from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from caisu.tests.cast import CastTestCase, make_member


class RoleTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.wanda = make_member("wanda", WEBMASTER)

    def permissions(self, role):
        permissions = Group.objects.get(name=role).permissions.all()
        return {f"{each.content_type.app_label}.{each.codename}" for each in permissions}

    def test_migrations_make_three_groups(self):
        names = set(Group.objects.values_list("name", flat=True))
        self.assertEqual(names, {WEBMASTER, EDITOR, MODERATOR})

    def test_moderators_decide_and_change_nothing_by_hand(self):
        permissions = self.permissions(MODERATOR)
        self.assertIn("moderation.decide", permissions)
        others = {name for name in permissions if ".view_" not in name}
        self.assertEqual(others, {"moderation.decide"})

    def test_editors_know_nothing_of_members_and_the_queue(self):
        for name in self.permissions(EDITOR):
            self.assertNotIn(name.split(".")[0], {"members", "moderation", "comments"})

    def test_nobody_is_given_rights_over_rights(self):
        for role in (WEBMASTER, EDITOR, MODERATOR):
            apps = {name.split(".")[0] for name in self.permissions(role)}
            with self.subTest(role=role):
                self.assertLessEqual(apps, {"members", "moderation", "core", "news", "comments"})

    def test_rights_need_the_staff_mark_and_an_open_account(self):
        self.assertTrue(self.mona.has_perm("moderation.decide"))
        for changes in ({"is_staff": False}, {"standing": "banned", "is_active": False}):
            type(self.mona).objects.filter(pk=self.mona.pk).update(**changes)
            fresh = type(self.mona).objects.get(pk=self.mona.pk)
            with self.subTest(changes=changes):
                self.assertFalse(fresh.has_perm("moderation.decide"))

    def test_doors_of_the_desk(self):
        """Who gets what at each of its pages: 302 to the login, 403, or 200."""
        doors = {
            "admin:index": (self.wei, self.mona, self.wanda, self.root),
            "admin:moderation_case_changelist": (self.mona, self.wanda, self.root),
            "admin:moderation_decision_changelist": (self.mona, self.wanda, self.root),
            "admin:members_member_changelist": (self.mona, self.wanda, self.root),
            "admin:members_member_add": (self.wanda, self.root),
            "admin:members_invitation_changelist": (self.wanda, self.root),
            "admin:members_terms_changelist": (self.wanda, self.root),
            "admin:core_sitesettings_changelist": (self.wanda, self.root),
            "admin:core_page_changelist": (self.wanda, self.root),
            "admin:comments_comment_changelist": (self.mona, self.wanda, self.root),
            "admin:news_article_changelist": (self.wei, self.wanda, self.root),
        }
        people = [None, self.nina, self.alice, self.wei, self.mona, self.wanda, self.root]
        for door, insiders in doors.items():
            for who in people:
                self.login(who)
                response = self.client.get(reverse(door), follow=True)
                with self.subTest(door=door, who=who):
                    if who is None:
                        self.assertIn("/accounts/login/", response.redirect_chain[-1][0])
                    else:
                        self.assertEqual(response.status_code, 200 if who in insiders else 403)

    def test_no_list_shows_a_password_hash_or_the_address_of_a_computer(self):
        type(self.alice).objects.filter(pk=self.alice.pk).update(signed_up_from="192.0.2.77")
        for who in (self.mona, self.wanda, self.root):
            self.login(who)
            text = self.client.get(reverse("admin:members_member_changelist")).content.decode()
            with self.subTest(who=who):
                self.assertNotIn("192.0.2.77", text)
                self.assertNotIn("md5$", text)
                self.assertIn("Alice", text)

    def test_hash_is_not_asked_for_by_the_way_of_the_list(self):
        self.login(self.mona)
        url = reverse("admin:members_member_changelist")
        self.assertEqual(self.client.get(url, {"password__startswith": "md5"}).status_code, 400)
