"""Webmaster, editor, moderator: what each group may do, and nothing else."""

from importlib import import_module

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from caisu.core.roles import EDITOR, MODERATOR, WEBMASTER
from caisu.tests.cast import PASSWORD, CastTestCase, make_article, make_member
from members.models import Appointment


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
                ours = {"members", "moderation", "core", "news", "comments", "search"}
                self.assertLessEqual(apps, ours)

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

    def test_how_others_log_in_is_no_list_of_the_desk(self):
        self.login(self.root)
        names = {model._meta.label for model in admin.site._registry}
        for app, model in (
            ("account", "EmailAddress"),
            ("account", "EmailConfirmation"),
            ("mfa", "Authenticator"),
            ("usersessions", "UserSession"),
            ("socialaccount", "SocialAccount"),
            ("socialaccount", "SocialToken"),
            ("auth", "Group"),
        ):
            with self.subTest(model=model):
                self.assertNotIn(f"{app}.{model}", names)
                page = f"{reverse('admin:index')}{app}/{model.lower()}/"
                self.assertEqual(self.client.get(page).status_code, 404)
        self.assertIn("socialaccount.SocialApp", names)

    def test_one_changes_the_password_on_the_pages_of_the_site(self):
        self.login(self.wei)
        page = self.client.get(reverse("admin:password_change"))
        self.assertRedirects(
            page, reverse("account_change_password"), fetch_redirect_response=False
        )
        self.client.post(
            reverse("admin:password_change"),
            {"old_password": PASSWORD, "new_password1": "x" * 20, "new_password2": "x" * 20},
        )
        self.wei.refresh_from_db()
        self.assertTrue(self.wei.check_password(PASSWORD))

    def test_desk_gives_the_address_of_a_thing_to_whom_it_shows_the_thing(self):
        draft = make_article(slug="secret-plan", status="draft", publish_at=None)
        for thing, insiders in ((self.bob, {self.mona, self.root}), (draft, {self.wei, self.root})):
            kind = ContentType.objects.get_for_model(thing)
            page = reverse("admin:view_on_site", args=[kind.pk, thing.pk])
            for who in (self.wei, self.mona, self.root):
                self.login(who)
                response = self.client.get(page)
                with self.subTest(thing=thing, who=who):
                    self.assertEqual(response.status_code, 302 if who in insiders else 404)
        kind = ContentType.objects.get_for_model(Group)
        for args in ((kind.pk, 1), (987654, 1), (kind.pk, "x")):
            page = reverse("admin:view_on_site", args=args)
            self.assertEqual(self.client.get(page).status_code, 404)


class UpgradeTests(CastTestCase):
    def test_who_held_a_role_before_is_appointed_however_often_the_database_goes_back_and_forth(
        self,
    ):
        step = import_module("members.migrations.0003_what_was_before")
        group = Group.objects.get(name=EDITOR)
        self.bob.groups.add(group)
        for _time in range(2):
            step.complete(apps, None)
            self.assertEqual(Appointment.objects.filter(member=self.bob, role=group).count(), 1)
