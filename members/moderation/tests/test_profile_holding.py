"""What members say of themselves waits like what they write, and nobody else sees it meanwhile."""

from unittest import mock

from django.core import mail
from django.urls import reverse
from django.utils import translation

from caisu.core.jobs import run_due
from caisu.core.models import Audience
from caisu.tests.cast import CastTestCase, make_member
from members import exporting, leaving, profiles
from members.models import Departure, FormerHandle, Member
from members.moderation import blocking, case_acting, profile_holding, undoing, waiting
from members.moderation.models import BlockRule, Case, Decision, Lesson

AD = "Canary: 代开发票 加微信 fapiao8888, visit our official website http://canary.example/"


class HoldingTestCase(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.fay = make_member(
            "fay",
            approved_count=3,
            bio="I came in 2019.",
            department="Biology",
            hometown="Chengdu",
            wechat="fay_2019",
            visibility=Audience.EVERYONE,
            **{f"{name}_audience": Audience.EVERYONE for name in Member.WRITTEN_FIELDS},
        )

    def setUp(self):
        super().setUp()
        translation.activate("en")

    def row(self, member=None):
        return Member.objects.get(pk=(member or self.fay).pk)

    def say(self, member=None, **values):
        member = self.row(member)
        profiles.save(member, values)
        return self.row(member)

    def case(self, member=None):
        return Case.objects.about(member or self.fay).open().first()

    def act(self, name, by=None, reason=""):
        return case_acting.act_on(self.case(), name, by or self.mona, reason)

    def html(self, url, who=None):
        self.login(who)
        self.client.get("/language/en/")
        return self.client.get(url).content.decode()


class SavingTests(HoldingTestCase):
    def test_a_harmless_change_of_a_member_is_shown_at_once(self):
        fay = self.say(bio="I came in 2018.", hometown="Leshan")
        self.assertEqual(
            (fay.bio, fay.hometown, fay.profile_held), ("I came in 2018.", "Leshan", False)
        )
        self.assertIsNone(self.case())

    def test_what_breaks_a_rule_waits_beside_what_was_shown(self):
        fay = self.say(bio=AD, hometown="Leshan")
        self.assertEqual((fay.bio, fay.hometown), ("I came in 2019.", "Chengdu"))
        self.assertEqual(fay.proposed, {"bio": AD, "hometown": "Leshan"})
        self.assertTrue(fay.profile_held)
        case = self.case()
        self.assertEqual((case.kind, case.member, case.subject), (Case.Kind.PROFILE, fay, fay))
        self.assertEqual(case.reasons[0], "profile")
        self.assertIn("shady_trade", case.reasons)
        self.assertGreater(case.score, 5)

    def test_of_a_newcomer_every_text_waits_and_choices_do_not(self):
        newcomer = make_member("newt", approved_count=0)
        newt = self.say(newcomer, bio="Hello", arrived=2026, bio_audience=Audience.EVERYONE)
        self.assertEqual((newt.bio, newt.proposed), ("", {"bio": "Hello"}))
        self.assertEqual((newt.arrived, newt.bio_audience), (2026, Audience.EVERYONE))
        self.assertIn("first", self.case(newt).reasons)

    def test_of_staff_nothing_waits(self):
        self.assertEqual(self.say(self.wei, bio=AD).bio, AD)

    def test_pending_members_name_changes_and_whoever_admits_them_reads_what_stands_out(self):
        case = waiting.open_case(Case.Kind.SIGNUP, self.nina, self.nina, ["signup"])
        nina = self.say(self.nina, display_name="代开发票")
        self.assertEqual((nina.display_name, nina.profile_held), ("代开发票", False))
        case.refresh_from_db()
        self.assertEqual(case.kind, Case.Kind.SIGNUP)
        self.assertEqual(case.reasons[0], "signup")
        self.assertIn("shady_trade", case.reasons)

    def test_second_change_waits_with_the_first_in_one_case(self):
        self.say(bio=AD)
        fay = self.say(hometown="Leshan")
        self.assertEqual(fay.proposed, {"bio": AD, "hometown": "Leshan"})
        self.assertEqual(Case.objects.about(fay).count(), 1)

    def test_once_held_a_milder_text_waits_too(self):
        self.say(bio=AD)
        fay = self.say(bio="I came in 2018.")
        self.assertEqual((fay.proposed, fay.profile_held), ({"bio": "I came in 2018."}, True))

    def test_taking_it_back_ends_the_wait(self):
        self.say(bio=AD)
        fay = self.say(bio="I came in 2019.")
        self.assertEqual((fay.proposed, fay.profile_held), ({}, False))
        self.assertIsNone(self.case())

    def test_taking_it_back_does_not_end_what_reports_began(self):
        self.say(bio=AD)
        self.case().reports.create(reporter=self.bob, reason="spam", text="Look")
        fay = self.say(bio="I came in 2019.")
        self.assertEqual((fay.proposed, fay.profile_held), ({}, True))
        self.assertIsNotNone(self.case())

    def test_whoever_was_hidden_after_reports_shows_nothing_new_by_changing_it(self):
        profile_holding.hide(self.fay)
        fay = self.say(bio="Nothing to see.")
        self.assertEqual((fay.bio, fay.profile_held), ("I came in 2019.", True))
        self.assertIsNotNone(self.case())

    def test_department_that_others_show_is_no_repeated_text(self):
        name = "Department of Electrical and Computer Engineering"
        self.say(department=name)
        other = make_member("gus")
        self.assertEqual(self.say(other, department=name).department, name)
        third = make_member("hal")
        self.assertEqual(self.say(third, department=name).profile_held, False)

    def test_failing_filter_holds_and_loses_nothing(self):
        target = "members.moderation.filtering.checking.classifier.judge"
        with mock.patch(target, side_effect=RuntimeError), self.assertLogs(level="ERROR"):
            fay = self.say(bio="New words")
        self.assertEqual(fay.proposed, {"bio": "New words"})
        self.assertIn("unchecked", self.case().reasons)

    def test_blocked_phrase_in_a_handle_waits(self):
        BlockRule.objects.create(kind="phrase", value="casino")
        blocking.forget()
        fay = self.say(username="casino")
        self.assertEqual((fay.username, fay.proposed), ("fay", {"username": "casino"}))
        self.assertFalse(FormerHandle.objects.exists())


class SeenTests(HoldingTestCase):
    def setUp(self):
        super().setUp()
        self.say(bio=AD, department="Canary lab", links=["https://canary.example/"])
        self.say(display_name="Canary name", wechat="canary_wx", hometown="Canary town")

    def test_nobody_but_member_and_moderators_sees_it_anywhere(self):
        pages = [
            self.fay.get_absolute_url(),
            "/en/members/",
            "/en/members/?q=canary",
            "/en/members/?department=Canary+lab",
            "/en/search/?q=canary+town",
            f"/feeds/en/by/{self.fay.username}.atom",
            "/sitemap.xml",
        ]
        for who in (None, self.bob, self.wei, self.nina):
            for page in pages:
                with self.subTest(who=who, page=page):
                    # What was asked for stands in the box and in the address of the page.
                    html = self.html(page, who).replace('value="canary"', "")
                    for echo in (
                        "canary town",
                        "?q=canary",
                        "Canary+lab",
                        "Canary%2Blab",
                        "Canary lab is not one",
                    ):
                        html = html.replace(echo, "")
                    self.assertNotIn("Canary", html)
                    self.assertNotIn("canary_wx", html)

    def test_what_was_shown_before_is_hidden_but_name_and_choices_stay(self):
        html = self.html(self.fay.get_absolute_url(), self.bob)
        self.assertNotIn("2019", html)
        self.assertNotIn("Biology", html)
        self.assertIn("<h1>Fay</h1>", html)

    def test_filters_of_the_directory_do_not_give_it_away(self):
        self.assertNotIn("Biology", self.html("/en/members/", self.bob))
        self.assertNotIn("@fay", self.html("/en/members/?department=Biology", self.bob))
        Member.objects.filter(pk=self.fay.pk).update(profile_held=False)
        self.assertIn("Biology", self.html("/en/members/", self.bob))

    def test_member_reads_it_with_a_kind_word(self):
        html = self.html(self.fay.get_absolute_url(), self.fay)
        self.assertIn("awaits review", html)
        self.assertIn("代开发票", html)
        self.assertIn("Canary name", html)
        self.assertNotIn(
            "代开发票", self.client.get(self.fay.get_absolute_url() + "?as=member").content.decode()
        )
        settings = self.html(reverse("members:edit_profile"), self.fay)
        self.assertIn("awaits review", settings)
        self.assertIn('value="canary_wx"', settings)

    def test_nobody_else_is_told_that_something_waits(self):
        self.assertNotIn("await", self.html(self.fay.get_absolute_url(), self.bob))
        self.assertIn("await review", self.html(self.fay.get_absolute_url(), self.mona))

    def test_form_sent_again_as_it_is_changes_nothing(self):
        self.login(self.fay)
        page = self.client.get(reverse("members:edit_profile"))
        data = {
            field.html_name: field.value()
            for field in page.context["form"]
            if field.value() is not None
        }
        before = self.row().proposed
        response = self.client.post(reverse("members:edit_profile"), data, follow=True)
        self.assertEqual(self.row().proposed, before)
        self.assertEqual(response.status_code, 200)

    def test_export_of_the_member_holds_it(self):
        self.assertEqual(
            exporting.own_data(self.row())["profile.json"]["proposed"]["wechat"], "canary_wx"
        )

    def test_it_goes_when_the_member_leaves(self):
        fay = self.row()
        leaving.ask(fay, removes_contributions=False)
        Departure.objects.update(due_at=fay.date_joined)
        self.assertTrue(leaving.leave(fay.pk))
        gone = self.row()
        self.assertEqual((gone.proposed, gone.profile_held), ({}, False))
        self.assertIsNone(self.case())


class DecidingTests(HoldingTestCase):
    def setUp(self):
        super().setUp()
        self.say(bio=AD, display_name="Fay Lin", username="faylin")

    def test_approved_it_is_shown_and_the_handle_is_theirs(self):
        self.assertTrue(self.act("approve"))
        fay = self.row()
        self.assertEqual((fay.bio, fay.display_name, fay.username), (AD, "Fay Lin", "faylin"))
        self.assertEqual((fay.proposed, fay.profile_held), ({}, False))
        self.assertEqual(Member.objects.by_handle("fay"), fay)
        decision = Decision.objects.get()
        self.assertEqual((decision.action, decision.by), ("approve", self.mona))
        self.assertIn(AD, decision.text)
        self.assertIsNone(self.case())
        run_due()  # the search table
        self.assertIn("Fay Lin", self.html("/en/members/?q=fay+lin", self.bob))

    def test_approval_teaches_and_undo_unteaches(self):
        self.act("approve")
        run_due()
        self.assertEqual(Lesson.objects.get().label, "ham")
        self.assertTrue(undoing.undo(Decision.objects.get(), self.mona))
        self.assertIsNotNone(Lesson.objects.get().unlearned_at)

    def test_approval_undone_brings_back_every_text_and_the_wait(self):
        before = Member.objects.filter(pk=self.fay.pk).values().get()
        self.act("approve")
        self.assertTrue(undoing.undo(Decision.objects.get(), self.mona))
        self.assertEqual(Member.objects.filter(pk=self.fay.pk).values().get(), before)
        self.assertIsNotNone(self.case())

    def test_removed_it_goes_what_was_shown_is_shown_again_and_a_mail_says_why(self):
        self.assertTrue(self.act("remove", reason="It is advertising."))
        fay = self.row()
        self.assertEqual((fay.bio, fay.display_name), ("I came in 2019.", "Fay"))
        self.assertEqual((fay.proposed, fay.profile_held), ({}, False))
        self.assertIn(AD, Decision.objects.get().text)
        run_due()
        message = mail.outbox[0]
        self.assertEqual(message.to, [fay.email])
        self.assertIn("It is advertising.", message.body)
        self.assertIn("代开发票", message.body)

    def test_removal_undone_lets_it_wait_again(self):
        before = Member.objects.filter(pk=self.fay.pk).values().get()
        self.act("remove")
        self.assertTrue(undoing.undo(Decision.objects.get(), self.mona))
        self.assertEqual(Member.objects.filter(pk=self.fay.pk).values().get(), before)

    def test_spam_is_taught_and_nobody_is_written_to(self):
        self.assertTrue(self.act("spam"))
        run_due()
        self.assertEqual(Lesson.objects.get().label, "spam")
        self.assertEqual(mail.outbox, [])
        self.assertEqual(self.row().proposed, {})

    def test_removed_after_reports_what_was_shown_goes_too_and_comes_back(self):
        Case.objects.all().delete()
        Member.objects.filter(pk=self.fay.pk).update(proposed={}, profile_held=False)
        profile_holding.hide(self.fay)
        case = waiting.open_case(Case.Kind.PROFILE, self.fay, self.fay, ["reports_hide"])
        case.reports.create(reporter=self.bob, reason="rude", text="Look")
        self.assertTrue(self.act("remove"))
        fay = self.row()
        self.assertEqual((fay.bio, fay.department, fay.wechat, fay.links), ("", "", "", []))
        self.assertFalse(fay.profile_held)
        self.assertTrue(undoing.undo(Decision.objects.get(), self.mona))
        fay = self.row()
        self.assertEqual(
            (fay.bio, fay.department, fay.profile_held), ("I came in 2019.", "Biology", True)
        )

    def test_hidden_after_reports_and_found_harmless_it_is_shown_again(self):
        Case.objects.all().delete()
        Member.objects.filter(pk=self.fay.pk).update(proposed={}, profile_held=False)
        before = Member.objects.filter(pk=self.fay.pk).values().get()
        self.assertTrue(profile_holding.hide(self.fay))
        self.assertFalse(profile_holding.hide(self.fay))
        waiting.open_case(Case.Kind.PROFILE, self.fay, self.fay, ["reports_hide"])
        self.assertNotIn("2019", self.html(self.fay.get_absolute_url(), self.bob))
        self.assertTrue(self.act("approve"))
        self.assertEqual(Member.objects.filter(pk=self.fay.pk).values().get(), before)

    def test_hiding_can_be_undone(self):
        Case.objects.all().delete()
        Member.objects.filter(pk=self.fay.pk).update(proposed={}, profile_held=False)
        kept = profile_holding.hide(self.fay)
        case = waiting.open_case(Case.Kind.PROFILE, self.fay, self.fay, ["reports_hide"])
        decision = Decision.objects.create(case=case, action="hide", before=kept)
        self.assertTrue(undoing.undo(decision, self.mona))
        self.assertFalse(self.row().profile_held)

    def test_reported_and_found_harmless_nothing_changes(self):
        Case.objects.all().delete()
        Member.objects.filter(pk=self.fay.pk).update(proposed={}, profile_held=False)
        waiting.open_case(Case.Kind.PROFILE, self.fay, self.fay, ["reported"])
        before = Member.objects.filter(pk=self.fay.pk).values().get()
        self.assertTrue(self.act("approve"))
        self.assertEqual(Member.objects.filter(pk=self.fay.pk).values().get(), before)
        self.assertIsNone(self.case())

    def test_handle_taken_meanwhile_is_left_out(self):
        make_member("faylin")
        self.assertTrue(self.act("approve"))
        self.assertEqual((self.row().username, self.row().bio), ("fay", AD))

    def test_second_click_changes_nothing(self):
        case = self.case()
        self.assertTrue(case_acting.act_on(case, "approve", self.mona))
        self.assertFalse(case_acting.act_on(Case.objects.get(), "approve", self.mona))
        self.assertFalse(profile_holding.approve(self.row(), self.mona))
        self.assertEqual(Decision.objects.count(), 1)

    def test_nobody_decides_about_their_own(self):
        Member.objects.filter(pk=self.mona.pk).update(profile_held=True)
        for verb in (profile_holding.approve, profile_holding.remove, profile_holding.mark_spam):
            self.assertFalse(verb(self.row(self.mona), self.mona))
        self.assertTrue(self.row(self.mona).profile_held)

    def test_change_made_since_is_not_overwritten_by_undo(self):
        self.act("approve")
        self.say(bio="Other words.")
        self.assertFalse(undoing.undo(Decision.objects.get(), self.mona))
        self.assertEqual(self.row().bio, "Other words.")

    def test_page_of_the_case_shows_old_and_new_side_by_side(self):
        page = reverse("admin:moderation_case_change", args=[self.case().pk])
        html = self.html(page, self.mona)
        for words in ("Until now", "Proposed", "I came in 2019.", "代开发票", "Fay Lin", "faylin"):
            self.assertIn(words, html)
        self.assertIn('value="approve"', html)

    def test_queue_shows_it_and_acts(self):
        html = self.html("/admin/moderation/case/", self.mona)
        self.assertIn("代开发票", html)
        self.assertIn("I came in 2019.", html)
        self.assertIn("Others do not see this text until you decide.", html)

    def test_acts_are_for_those_who_decide(self):
        url = reverse("admin:moderation_case_decide", args=[self.case().pk])
        for who in (None, self.bob, self.fay, self.wei):
            self.login(who)
            self.assertIn(self.client.post(url, {"act": "approve"}).status_code, {302, 403, 404})
            self.assertTrue(self.row().profile_held)
        self.login(self.mona)
        self.client.post(url, {"act": "approve"})
        self.assertFalse(self.row().profile_held)
