"""The verbs of a member's own post, from draft to published and changed."""

from datetime import timedelta
from uuid import uuid4

from django.core import mail
from django.utils import timezone

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_article, make_member, make_upload
from members.models import Member
from members.moderation import deciding
from members.moderation.models import Case, Decision, State
from news import publishing, reviewing, revisions
from news.models import Article, Category, Revision, WorkingCopy

Status = Article.Status
Action = Decision.Action


class ReviewingTestCase(CastTestCase):
    def draft(self, author=None, **changes):
        values = {"title_zh_hans": "", "body_zh_hans": "", "title_en": "Snow", **changes}
        return make_article(
            author=author or self.alice,
            is_post=True,
            status=Status.DRAFT,
            publish_at=None,
            meant_for="en",
            **values,
        )

    def submitted(self, author=None, **changes):
        post = self.draft(author, **changes)
        self.assertTrue(reviewing.submit(post, post.author))
        return post

    def published(self, author=None, **changes):
        post = self.submitted(author, **changes)
        self.assertTrue(reviewing.publish(post, self.wei))
        run_due()
        mail.outbox.clear()
        return self.fresh(post)

    def fresh(self, thing):
        return type(thing).objects.get(pk=thing.pk)

    def case(self, post):
        return Case.objects.about(post).open().first()

    def sent(self):
        run_due()
        return mail.outbox


class AuthorTests(ReviewingTestCase):
    def begin(self, token, author=None, **changes):
        values = {"title_en": "Snow", "category": self.article.category, "meant_for": "en"}
        return reviewing.begin(Article(**values, **changes), author or self.alice, [], token)

    def test_new_post_is_its_authors_draft_with_a_first_revision(self):
        post, first = self.begin(uuid4())
        self.assertEqual((post.author, post.is_post, post.status), (self.alice, True, "draft"))
        self.assertEqual((first.by, first.number, post.version), (self.alice, 1, 1))

    def test_same_form_twice_is_one_post_but_another_members_is_not(self):
        token = uuid4()
        post, _first = self.begin(token)
        again, nothing = self.begin(token)
        self.assertEqual((again, nothing), (post, None))
        other, _first = self.begin(token, self.bob)
        self.assertNotEqual(other, post)

    def test_submitted_post_is_held_with_a_case_that_says_why(self):
        post = self.submitted(self.nina, body_en='<p>See <a href="https://x.example/">it</a></p>')
        self.assertEqual((post.status, post.state, post.is_public), ("submitted", "held", False))
        case = self.case(post)
        self.assertEqual((case.kind, case.member), (Case.Kind.SUBMISSION, self.nina))
        self.assertEqual(case.reasons[:4], ["submitted", "pending", "first", "links"])
        self.assertEqual(post.revisions.first().action, Revision.Action.SUBMITTED)
        self.assertEqual(self.sent(), [])  # no mail to editors: the desk shows it

    def test_link_in_either_language_is_a_reason(self):
        for changes in (
            {"body_zh_hans": "<p>见 https://x.example/ 。</p>", "title_zh_hans": "雪"},
            {"summary_en": "At www.x.example today."},
        ):
            post = self.submitted(
                make_member(f"eve{Article.objects.count()}", approved_count=3), **changes
            )
            self.assertEqual(self.case(post).reasons[:2], ["submitted", "links"])

    def test_trusted_author_waits_as_well(self):
        self.assertEqual(self.case(self.submitted()).reasons, ["submitted"])

    def test_moderator_waits_but_editor_is_out_at_once(self):
        self.assertEqual(self.submitted(self.mona).state, State.HELD)
        own = self.submitted(self.wei)
        self.assertTrue(own.is_public)
        self.assertFalse(Case.objects.about(own).exists())
        self.assertEqual(self.sent(), [])

    def test_address_is_made_from_the_title_at_submission(self):
        post = self.draft(slug="untitled")
        post.title_en = "Ice on the Portneuf"
        reviewing.write(post, self.alice, [], post.version)
        reviewing.submit(post, self.alice)
        self.assertEqual(self.fresh(post).slug, "ice-on-the-portneuf")

    def test_nothing_without_a_text_or_that_waits_already_is_submitted(self):
        self.assertFalse(reviewing.submit(self.draft(body_en=""), self.alice))
        post = self.submitted()
        self.assertFalse(reviewing.submit(post, self.alice))
        self.assertEqual(Case.objects.about(post).count(), 1)

    def test_taken_back_it_is_a_draft_and_nothing_waits(self):
        post = self.submitted()
        self.assertTrue(reviewing.take_back(post, self.alice))
        self.assertEqual((post.status, self.fresh(post).state), ("draft", "visible"))
        self.assertIsNone(self.case(post))
        self.assertFalse(reviewing.take_back(post, self.alice))
        self.assertFalse(Decision.objects.exists())
        self.assertTrue(reviewing.submit(post, self.alice))

    def test_deleted_only_as_a_draft_that_was_never_out(self):
        self.assertFalse(reviewing.delete(self.submitted()))
        out = self.published()
        publishing.withdraw(out, self.wei)
        publishing.back_to_draft(out, self.wei)
        self.assertFalse(reviewing.delete(out))
        draft = self.draft()
        self.assertTrue(reviewing.delete(draft))
        self.assertFalse(Article.objects.filter(slug=draft.slug).exists())

    def test_write_notices_what_an_editor_changed_meanwhile(self):
        post = self.submitted()
        stale = self.fresh(post)
        post.title_en = "Snow, mended"
        publishing.save(post, self.wei)
        stale.title_en = "Snow, mine"
        with self.assertRaises(publishing.Conflict):
            reviewing.write(stale, self.alice, [], stale.version)
        self.assertEqual(self.fresh(post).title_en, "Snow, mended")


class PublishTests(ReviewingTestCase):
    def test_what_a_moderator_took_down_a_moment_ago_is_not_published(self):
        post = self.submitted()
        opened = self.fresh(post)
        self.assertTrue(deciding.mark_spam(self.fresh(post), self.mona))
        self.assertFalse(reviewing.publish(opened, self.wei))
        now = self.fresh(post)
        self.assertEqual((now.state, now.status), (State.SPAM, Status.SUBMITTED))

    def test_author_hears_in_their_language_and_is_admitted_by_the_first(self):
        Member.objects.filter(pk=self.nina.pk).update(language="zh-hans")
        post = self.submitted(Member.objects.get(pk=self.nina.pk))
        self.assertTrue(reviewing.publish(post, self.wei))
        self.assertTrue(self.fresh(post).is_public)
        self.assertEqual(self.fresh(self.nina).standing, Member.Standing.ACTIVE)
        self.assertFalse(Case.objects.about(post).open().exists())
        addresses = [message.to for message in self.sent()]
        self.assertEqual(addresses, [["nina@example.org"]] * 2)  # admitted, and published
        path = f"http://testserver/zh-hans/news/{post.year}/{post.slug}/"
        self.assertEqual(len([each for each in mail.outbox if path in each.body]), 1)

    def test_second_click_sends_nothing(self):
        post = self.submitted()
        reviewing.publish(post, self.wei)
        self.assertFalse(reviewing.publish(post, self.wei))
        self.assertEqual(len(self.sent()), 1)

    def test_scheduled_post_says_when(self):
        post, later = self.submitted(), timezone.now() + timedelta(days=2)
        reviewing.publish(post, self.wei, later)
        self.assertIn("It will appear on", self.sent()[0].body)

    def test_editors_article_is_no_post_and_writes_to_nobody(self):
        article = make_article(status=Status.DRAFT, publish_at=None)
        self.assertTrue(reviewing.publish(article, self.wei))
        self.assertEqual(self.sent(), [])

    def test_editor_who_wrote_it_as_a_member_needs_nobodys_approval(self):
        post = self.submitted(self.mona)
        Article.objects.filter(pk=post.pk).update(author=self.wei)
        post = self.fresh(post)
        self.assertTrue(reviewing.publish(post, self.wei))
        self.assertTrue(self.fresh(post).is_public)
        self.assertIsNone(self.case(post))
        self.assertEqual(self.sent(), [])

    def test_what_was_refused_or_has_holes_is_not_published(self):
        post = self.submitted()
        reviewing.refuse(post, self.wei, "No.")
        self.assertFalse(reviewing.publish(self.fresh(post), self.wei))
        self.assertFalse(reviewing.publish(self.draft(body_en=""), self.wei))
        self.assertEqual(self.fresh(post).status, "submitted")


class BackToDraftTests(ReviewingTestCase):
    def test_post_that_waits_is_not_sent_back_in_silence(self):
        post = self.submitted()
        self.assertFalse(reviewing.back_to_draft(post, self.wei))
        self.assertEqual((self.fresh(post).status, self.fresh(post).state), ("submitted", "held"))

    def test_other_articles_are_drafts_again_as_ever(self):
        article = make_article(status=Status.WITHDRAWN)
        self.assertTrue(reviewing.back_to_draft(article, self.wei))
        self.assertEqual(self.fresh(article).status, "draft")


class GiveBackTests(ReviewingTestCase):
    def test_returned_with_a_note_it_is_a_draft_again(self):
        post = self.submitted()
        self.assertTrue(reviewing.give_back(post, self.wei, "Which street?"))
        post = self.fresh(post)
        self.assertEqual((post.status, post.state), ("draft", "visible"))
        self.assertTrue(post.is_editable_by(self.alice))
        decision = Decision.objects.get()
        self.assertEqual(
            (decision.action, decision.by, decision.reason, decision.before),
            (Action.RETURN, self.wei, "Which street?", {"state": "held"}),
        )
        self.assertEqual(decision.text, "Snow\n\nThe text is here.")
        self.assertFalse(decision.case.is_open)
        last = post.revisions.first()
        self.assertEqual((last.action, last.by, last.note), ("returned", self.wei, "Which street?"))
        message = self.sent()[0]
        self.assertEqual(message.to, ["alice@example.org"])
        for words in ("Which street?", f"http://testserver/en/news/submit/{post.pk}/"):
            self.assertIn(words, message.body)
        self.assertIn("Snow", message.subject)

    def test_it_can_be_submitted_again_and_published(self):
        post = self.submitted()
        reviewing.give_back(post, self.wei, "Which street?")
        self.assertTrue(reviewing.submit(post, self.alice))
        self.assertTrue(reviewing.publish(post, self.wei))
        self.assertEqual(Case.objects.about(post).count(), 2)

    def test_long_note_is_whole_in_the_decision_and_cut_in_the_revision(self):
        post, note = self.submitted(), "A long note. " * 50
        reviewing.give_back(post, self.wei, note)
        self.assertEqual(Decision.objects.get().reason, note)
        self.assertEqual(len(post.revisions.first().note), 200)

    def test_second_click_and_own_post_change_nothing(self):
        post = self.submitted()
        reviewing.give_back(post, self.wei, "Why?")
        self.assertFalse(reviewing.give_back(post, self.wei, "Why?"))
        self.assertFalse(reviewing.refuse(post, self.wei, "Why?"))
        own = self.submitted(self.mona)
        self.assertFalse(reviewing.give_back(own, self.mona, "Why?"))
        self.assertFalse(reviewing.refuse(own, self.mona, "Why?"))
        self.assertEqual((Decision.objects.count(), self.fresh(own).status), (1, "submitted"))

    def test_author_who_left_is_not_written_to(self):
        post = self.submitted()
        Member.objects.filter(pk=self.alice.pk).update(email="")
        self.assertTrue(reviewing.give_back(self.fresh(post), self.wei, "Why?"))
        self.assertEqual(self.sent(), [])


class RefuseTests(ReviewingTestCase):
    def test_refused_it_is_down_for_good_with_the_reason(self):
        post = self.submitted()
        self.assertTrue(reviewing.refuse(post, self.wei, "An advertisement."))
        post = self.fresh(post)
        self.assertEqual((post.status, post.state), ("submitted", "removed"))
        self.assertTrue(post.is_readable_by(self.alice))
        self.assertFalse(post.is_editable_by(self.alice))
        self.assertFalse(reviewing.submit(post, self.alice))
        self.assertFalse(reviewing.take_back(post, self.alice))
        decision = Decision.objects.get()
        self.assertEqual((decision.action, decision.reason), (Action.REFUSE, "An advertisement."))
        message = self.sent()[0]
        page = f"http://testserver/en/accounts/decisions/{decision.pk}/"
        for words in ("An advertisement.", page):
            self.assertIn(words, message.body)

    def test_approved_count_is_not_touched(self):
        reviewing.refuse(self.submitted(), self.wei, "No.")
        self.assertEqual(self.fresh(self.alice).approved_count, 10)

    def test_refused_one_can_be_reconsidered(self):
        post = self.submitted()
        self.assertFalse(reviewing.reconsider(post, self.wei))
        reviewing.refuse(post, self.wei, "An advertisement.")
        self.assertTrue(reviewing.reconsider(post, self.wei, "It is not."))
        post = self.fresh(post)
        self.assertEqual((post.status, post.state), ("submitted", "held"))
        self.assertEqual(Decision.objects.first().action, Action.RESTORE)
        self.assertTrue(self.case(post).is_open)
        self.assertTrue(reviewing.publish(post, self.wei))

    def test_moderator_who_takes_it_down_closes_the_case(self):
        for verb, state in ((deciding.remove, "removed"), (deciding.mark_spam, "spam")):
            post = self.submitted()
            with self.subTest(verb=verb.__name__):
                self.assertTrue(verb(post, self.mona))
                self.assertEqual(self.fresh(post).state, state)
                self.assertIsNone(self.case(post))
                self.assertNotIn(post, reviewing.awaiting_review())


class EditTests(ReviewingTestCase):
    def test_a_change_waits_on_when_the_post_gets_another_author(self):
        post = self.published()
        changed = self.fresh(post)
        changed.title_en = "Changed"
        self.assertTrue(reviewing.propose(post, self.alice, changed, []))
        post = self.fresh(post)
        post.author = self.bob
        publishing.save(post, self.wei)
        self.assertIn(post, reviewing.awaiting_review())
        seen = reviewing.seen(post, reviewing.proposal_for(post))
        self.assertTrue(reviewing.accept_edit(post, self.wei, seen))
        self.assertIsNone(self.case(post))
        self.assertEqual(self.fresh(post).title_en, "Changed")

    def test_pictures_of_a_change_that_waits_are_in_use(self):
        post = self.published()
        image = images.receive(make_upload(), self.alice)
        changed = self.fresh(post)
        changed.body_en = f'<p>x</p><figure><img src="{images.url(image)}"></figure>'
        self.assertTrue(reviewing.propose(post, self.alice, changed, []))
        self.assertFalse(Image.objects.unused().exists())
        (use,) = images.uses(image)
        self.assertEqual(use, WorkingCopy.objects.get())

    def setUp(self):
        super().setUp()
        self.post = self.published(body_en="<p>First.</p><p>Second.</p>")

    def propose(self, **changes):
        edited = self.fresh(self.post)
        for name, value in changes.items():
            setattr(edited, name, value)
        return reviewing.propose(self.fresh(self.post), self.alice, edited, [])

    def proposal(self):
        return reviewing.proposal_for(self.fresh(self.post))

    def accept(self, by=None, state=None, note=""):
        state = state or reviewing.seen(self.fresh(self.post), self.proposal())
        return reviewing.accept_edit(self.fresh(self.post), by or self.wei, state, note)

    def test_edit_waits_while_the_old_text_stays(self):
        self.assertTrue(self.propose(title_en="Snow again"))
        post = self.fresh(self.post)
        self.assertEqual((post.title_en, post.is_public), ("Snow", True))
        self.assertEqual(self.case(post).reasons, ["edited"])
        self.assertEqual(self.proposal().base, post.version)
        self.assertIn(post, reviewing.awaiting_review())

    def test_edit_without_a_change_is_none(self):
        self.assertFalse(self.propose())
        self.assertFalse(WorkingCopy.objects.exists())

    def test_accepted_it_is_the_text_and_the_author_hears(self):
        second = Category.objects.create(slug="life", name_zh_hans="生活", name_en="Life")
        self.propose(title_en="Snow again", category=second)
        self.assertTrue(self.accept(note="Change by Alice"))
        post = self.fresh(self.post)
        self.assertEqual(
            (post.title_en, post.category, post.is_public), ("Snow again", second, True)
        )
        last = post.revisions.first()
        self.assertEqual((last.by, last.note), (self.wei, "Change by Alice"))
        decision = Decision.objects.first()
        self.assertEqual((decision.action, decision.by), (Action.APPROVE, self.wei))
        self.assertIn("Snow again", decision.text)
        self.assertIsNone(self.case(post))
        self.assertFalse(WorkingCopy.objects.exists())
        self.assertIn(post.slug, self.sent()[0].body)
        self.assertEqual(self.fresh(self.alice).approved_count, 11)  # of the post, not of the edit

    def test_only_what_an_author_may_change_is_taken_over(self):
        self.propose(title_en="Snow again")
        copy = self.proposal()
        copy.fields |= {"status": "withdrawn", "audience": "members", "author": self.bob.pk}
        copy.fields |= {"is_pinned": True, "slug": "mine", "publish_at": None, "byline": "God"}
        copy.save()
        before = revisions.fields_of(self.fresh(self.post))
        self.accept()
        after = revisions.fields_of(self.fresh(self.post))
        self.assertEqual({name for name in after if after[name] != before[name]}, {"title_en"})

    def test_what_an_editor_changed_since_stays_unless_both_changed_it(self):
        self.propose(title_en="Snow again")
        post = self.fresh(self.post)
        post.body_en = "<p>First, mended.</p><p>Second.</p>"
        publishing.save(post, self.wei)
        edits = reviewing.edits_in(self.fresh(post), self.proposal())
        self.assertEqual([(each.name, each.at_odds) for each in edits], [("title_en", False)])
        self.accept()
        post = self.fresh(post)
        self.assertEqual(
            (post.title_en, post.body_en), ("Snow again", "<p>First, mended.</p><p>Second.</p>")
        )

    def test_what_both_changed_is_at_odds(self):
        self.propose(title_en="Snow again")
        post = self.fresh(self.post)
        post.title_en = "Snow, mended"
        publishing.save(post, self.wei)
        edits = reviewing.edits_in(self.fresh(post), self.proposal())
        self.assertEqual([(each.now, each.at_odds) for each in edits], [("Snow, mended", True)])

    def test_what_changed_under_the_editors_eyes_is_not_accepted(self):
        self.propose(title_en="Snow again")
        state = reviewing.seen(self.fresh(self.post), self.proposal())
        self.propose(title_en="Cheap watches")
        with self.assertRaises(reviewing.Stale):
            self.accept(state=state)
        self.assertEqual(self.fresh(self.post).title_en, "Snow")

    def test_returned_the_author_keeps_the_text(self):
        self.propose(title_en="Snow again")
        self.assertTrue(reviewing.give_back_edit(self.fresh(self.post), self.wei, "Why again?"))
        copy = reviewing.copy_of(self.post, self.alice)
        self.assertEqual((copy.submitted_at, copy.fields["title_en"]), (None, "Snow again"))
        self.assertEqual((self.fresh(self.post).title_en, self.case(self.post)), ("Snow", None))
        self.assertEqual(Decision.objects.first().action, Action.RETURN)
        self.assertIn("Why again?", self.sent()[0].body)
        self.assertFalse(reviewing.give_back_edit(self.fresh(self.post), self.wei, "Why again?"))
        self.assertTrue(self.propose(title_en="Snow, once more"))

    def test_taken_back_or_thrown_away_nothing_waits(self):
        self.propose(title_en="Snow again")
        self.assertTrue(reviewing.take_back_edit(self.post, self.alice))
        self.assertFalse(reviewing.take_back_edit(self.post, self.alice))
        self.assertIsNone(self.case(self.post))
        self.propose(title_en="Snow again")
        self.assertTrue(reviewing.forget(self.post, self.alice))
        self.assertIsNone(self.case(self.post))
        self.assertFalse(reviewing.forget(self.post, self.alice))

    def test_nobody_decides_about_their_own_edit(self):
        Article.objects.filter(pk=self.post.pk).update(author=self.mona)
        post = self.fresh(self.post)
        edited = self.fresh(post)
        edited.title_en = "Mine"
        reviewing.propose(post, self.mona, edited, [])
        state = reviewing.seen(post, reviewing.proposal_for(post))
        self.assertFalse(reviewing.accept_edit(post, self.mona, state))
        self.assertFalse(reviewing.give_back_edit(post, self.mona, "Why?"))
        self.assertIsNotNone(self.case(post))

    def test_links_of_an_author_who_is_not_trusted_are_a_reason(self):
        Member.objects.filter(pk=self.alice.pk).update(approved_count=3)
        self.alice.refresh_from_db()
        self.propose(body_en='<p><a href="https://watches.example/">Watches</a></p>')
        self.assertEqual(
            self.case(self.post).reasons, ["edited", "links", "link_later", "other_host"]
        )
