import re
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caisu.core.images import receive
from caisu.core.models import Image
from caisu.core.roles import EDITOR
from caisu.tests.cast import CastTestCase, make_article, make_member, make_upload
from members.moderation.models import State
from news import drafting, publishing
from news.models import Article, FormerSlug, Tag, WorkingCopy
from news.models.article import validate_slug


class ArticleAdminTests(CastTestCase):
    def values(self, **changes):
        return {
            "title_zh_hans": "初雪",
            "title_en": "First snow",
            "summary_zh_hans": "",
            "summary_en": "",
            "body_zh_hans": "<p>下雪了。</p>",
            "body_en": '<p onclick="x()">It snows.</p><script>alert(1)</script>',
            "category": self.article.category_id,
            "audience": "everyone",
            "author": self.wei.pk,
            "comments_open": "on",
            "publish_at_0": "",
            "publish_at_1": "",
            "slug": "",
            "byline": "",
            **changes,
        }

    def add(self, who=None, **changes):
        self.login(who or self.wei)
        return self.client.post(reverse("admin:news_article_add"), self.values(**changes))

    def test_editor_writes_a_draft_in_both_languages(self):
        self.assertEqual(self.add(_save="").status_code, 302)
        article = Article.objects.latest("pk")
        self.assertEqual(
            (article.status, article.slug, article.author), ("draft", "first-snow", self.wei)
        )
        self.assertEqual(article.body_en, "<p>It snows.</p>")

    def test_an_address_that_is_none_comes_back_with_an_error(self):
        self.login(self.wei)
        change = reverse("admin:news_article_change", args=[self.article.pk])
        for slug in ("", "a b/c"):
            response = self.client.post(
                change, self.values(slug=slug, title_en="", title_zh_hans="")
            )
            self.assertEqual(response.status_code, 200, slug)
            self.assertContains(response, "errorlist")

    def test_editor_publishes_in_one_language_with_a_picture(self):
        cover = receive(make_upload(), self.wei)
        self.add(title_en="", body_en="", cover=cover.pk, _publish="Publish")
        article = Article.objects.latest("pk")
        self.assertTrue(article.is_public)
        self.assertEqual(article.slug, "chu-xue")
        self.login(None)
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, "下雪了。")
        self.assertContains(page, cover.token)
        self.assertEqual(self.client.get(f"/media/images/{cover.token}/full.webp").status_code, 200)

    def test_cover_comes_straight_from_the_editors_disk(self):
        self.add(new_cover=make_upload("first-snow.jpg"), _publish="Publish")
        article = Article.objects.latest("pk")
        self.assertEqual((article.cover.name, article.cover.audience), ("first-snow", "everyone"))
        self.assertEqual(article.cover.uploaded_by, self.wei)

    def test_picture_that_is_no_picture_is_refused_and_the_text_stays(self):
        upload = SimpleUploadedFile("virus.jpg", b"MZ not a picture", "image/jpeg")
        response = self.add(new_cover=upload)
        self.assertContains(response, "errorlist")
        self.assertContains(response, "下雪了。")
        self.assertEqual(Image.objects.count(), 0)

    def test_time_to_come_schedules(self):
        later = timezone.localtime() + timedelta(days=2)
        self.add(
            publish_at_0=later.strftime("%Y-%m-%d"), publish_at_1="09:00:00", _publish="Publish"
        )
        article = Article.objects.latest("pk")
        self.assertTrue(article.is_scheduled)
        self.assertEqual(timezone.localtime(article.publish_at).hour, 9)

    def test_without_any_title_the_form_comes_back_with_everything(self):
        response = self.add(title_zh_hans="", title_en="", body_zh_hans="<p>没有标题的正文</p>")
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "没有标题的正文")
        self.assertContains(response, "errornote")

    def test_heading_alone_is_not_published_and_comes_back(self):
        response = self.add(body_zh_hans="", body_en="", _publish="Publish")
        self.assertContains(response, "初雪")
        self.assertEqual(Article.objects.count(), 1)

    def test_published_article_keeps_its_time(self):
        self.login(self.wei)
        url = reverse("admin:news_article_change", args=[self.article.pk])
        before = self.article.publish_at
        self.assertEqual(self.client.post(url, self.values(slug="story-1")).status_code, 302)
        self.article.refresh_from_db()
        self.assertEqual(self.article.publish_at, before)

    def test_years_beyond_the_calendar_are_told(self):
        for year in ("0001", "9999"):
            response = self.add(publish_at_0=f"{year}-01-01", publish_at_1="00:00:00")
            self.assertContains(response, "errorlist")

    def test_author_is_an_active_member(self):
        self.assertContains(self.add(author=self.nina.pk), "errorlist")

    def test_taken_or_reserved_address_is_told(self):
        for slug in (self.article.slug, "2026", "Große"):
            self.assertContains(self.add(slug=slug), "errorlist")

    def test_an_address_is_told_one_rule_in_plain_words(self):
        errors = self.add(slug="Big Snow!").context["adminform"].form.errors["slug"]
        self.assertEqual(errors, [str(validate_slug.message)])

    def test_the_page_is_called_by_its_article(self):
        self.login(self.wei)
        english = {"headers": {"accept-language": "en"}}
        page = self.client.get(f"/admin/news/article/{self.article.pk}/change/", **english)
        self.assertContains(page, "<h1>Story 1</h1>")
        page = self.client.get("/admin/news/article/add/", **english)
        self.assertContains(page, "<h1>Write an article</h1>")

    def test_only_editors_write(self):
        for who in (self.bob, self.nina, self.mona):
            self.assertIn(self.add(who).status_code, {302, 403})
        self.login(None)
        self.client.post(reverse("admin:news_article_add"), self.values())
        self.assertEqual(Article.objects.count(), 1)

    def test_status_cannot_be_sent_along(self):
        self.add(status="published", state="removed", view_count="9999", _save="")
        article = Article.objects.latest("pk")
        self.assertEqual(
            (article.status, article.state, article.view_count), ("draft", State.VISIBLE, 0)
        )

    def test_buttons_fit_the_status(self):
        self.login(self.wei)
        for status, there, absent in (
            ("draft", "_publish", "_withdraw"),
            ("published", "_withdraw", "_publish"),
            ("archived", "_publish", "_archive"),
        ):
            article = make_article(status=status)
            page = self.client.get(reverse("admin:news_article_change", args=[article.pk]))
            self.assertContains(page, f'name="{there}"')
            self.assertNotContains(page, f'name="{absent}"')

    def test_bulk_acts_say_what_they_did(self):
        draft = make_article(status="draft", publish_at=None)
        self.login(self.wei)
        url = reverse("admin:news_article_changelist")
        data = {"action": "publish", "_selected_action": [draft.pk, self.article.pk]}
        self.client.get("/language/en/")
        response = self.client.post(url, data, follow=True)
        self.assertContains(response, "1 article is now published.")
        self.assertContains(response, "1 article was left as it is.")
        draft.refresh_from_db()
        self.assertTrue(draft.is_public)

    def test_what_was_out_is_withdrawn_not_deleted(self):
        self.login(self.wei)
        url = reverse("admin:news_article_delete", args=[self.article.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 403)
        draft = make_article(status="draft", publish_at=None)
        url = reverse("admin:news_article_delete", args=[draft.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 302)
        was_out = make_article()
        publishing.refresh(was_out)
        for verb in (publishing.withdraw, publishing.back_to_draft):
            self.assertTrue(verb(was_out, self.wei))
        url = reverse("admin:news_article_delete", args=[was_out.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 403)

    # --- Time

    def at(self, date, clock, **changes):
        return self.add(publish_at_0=date, publish_at_1=clock, **changes)

    def messages_of(self, response):
        self.assertEqual(response.status_code, 302)
        page = self.client.get(reverse("admin:news_article_changelist"))
        return " ".join(str(message) for message in page.context["messages"])

    def test_time_is_kept_to_the_second_and_in_the_zone_of_the_site(self):
        self.at("2027-07-01", "09:30:07")
        summer = Article.objects.latest("pk")
        self.assertEqual(summer.publish_at, datetime(2027, 7, 1, 15, 30, 7, tzinfo=UTC))
        self.at("2027-01-15", "09:30:00")
        winter = Article.objects.latest("pk")
        self.assertEqual(winter.publish_at, datetime(2027, 1, 15, 16, 30, tzinfo=UTC))

    @override_settings(TIME_ZONE="Asia/Shanghai")
    def test_another_time_zone_is_named_and_meant(self):
        with timezone.override("Asia/Shanghai"):
            self.at("2027-07-01", "09:30:00")
            self.client.get("/language/en/")
            page = self.client.get(reverse("admin:news_article_add"))
        self.assertContains(page, "Beijing time (Asia/Shanghai)")
        article = Article.objects.latest("pk")
        self.assertEqual(article.publish_at, datetime(2027, 7, 1, 1, 30, tzinfo=UTC))

    def test_hours_that_the_clocks_skip_or_repeat_are_told_at_the_field(self):
        self.login(self.wei)
        self.client.get("/language/en/")
        for date, clock, words in (
            ("2027-03-14", "02:30:00", "There is no 02:30 on that day"),
            ("2026-11-01", "01:30:00", "01:30 comes twice on that day"),
        ):
            data = self.values(publish_at_0=date, publish_at_1=clock)
            page = self.client.post(reverse("admin:news_article_add"), data)
            self.assertContains(page, words, count=2)  # above the form and at the field
            self.assertContains(page, f'value="{clock}"')
        self.assertEqual(Article.objects.count(), 1)

    def test_an_article_out_in_the_repeated_hour_is_saved_as_it_is(self):
        at = datetime(2026, 11, 1, 8, 30, 5, 123456, tzinfo=UTC)  # 01:30 for the second time
        Article.objects.update(publish_at=at)
        self.login(self.wei)
        url = reverse("admin:news_article_change", args=[self.article.pk])
        data = self.values(slug="story-1", publish_at_0="2026-11-01", publish_at_1="01:30:05")
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.article.refresh_from_db()
        self.assertEqual(self.article.publish_at, at)

    def test_the_form_shows_the_second_in_both_languages_and_sends_it_back(self):
        at = datetime(2026, 7, 1, 15, 30, 7, 123456, tzinfo=UTC)
        Article.objects.update(publish_at=at)
        for language in ("zh-hans", "en"):
            page = self.page_of(self.article, language)
            self.assertContains(page, 'value="2026-07-01"')
            self.assertContains(page, 'value="09:30:07"')
            data = self.values(slug="story-1", publish_at_0="2026-07-01", publish_at_1="09:30:07")
            url = reverse("admin:news_article_change", args=[self.article.pk])
            self.assertEqual(self.client.post(url, data).status_code, 302)
            self.article.refresh_from_db()
            self.assertEqual(self.article.publish_at, at)

    def test_the_message_says_what_happened_and_when(self):
        self.login(self.wei)
        self.client.get("/language/en/")
        url = reverse("admin:news_article_add")
        said = self.messages_of(self.client.post(url, self.values(_save="")))
        self.assertIn("“First snow” is saved as a draft.", said)
        later = self.values(publish_at_0="2030-05-01", publish_at_1="09:00:00", _publish="")
        said = self.messages_of(self.client.post(url, later))
        self.assertIn("is scheduled for May 1, 2030, 09:00, Mountain Time (America/Boise).", said)
        past = self.values(publish_at_0="2024-05-01", publish_at_1="09:00:09", _publish="")
        said = self.messages_of(self.client.post(url, past))
        article = Article.objects.latest("pk")
        self.assertIn(f'“First snow” is published. <a href="{article.get_absolute_url()}">', said)
        self.assertIn("Its date is in the past: May 1, 2024, 09:00:09", said)
        article.refresh_from_db()
        self.assertEqual((article.year, article.is_public), (2024, True))

    def test_a_published_article_is_put_off_and_comes_out_again(self):
        self.login(self.wei)
        self.client.get("/language/en/")
        url = reverse("admin:news_article_change", args=[self.article.pk])
        data = self.values(slug="story-1", publish_at_0="2030-05-01", publish_at_1="09:00:00")
        said = self.messages_of(self.client.post(url, data))
        self.assertIn("is scheduled for May 1, 2030", said)
        self.article.refresh_from_db()
        self.assertTrue(self.article.is_scheduled)
        self.assertIsNone(self.article.released_at)

    # --- Address

    def test_address_of_another_article_is_refused_even_if_it_was_given_up(self):
        self.login(self.wei)
        self.client.get("/language/en/")
        old = make_article(slug="was-mine")
        FormerSlug.objects.create(slug="long-ago", article=old)
        for slug in ("was-mine", "long-ago"):
            page = self.add(slug=slug)
            self.assertContains(page, "errorlist")
            self.assertContains(page, 'href="#id_slug"')

    def test_a_new_address_of_a_public_article_redirects_and_says_so(self):
        publishing.save(self.article, self.wei)
        self.login(self.wei)
        self.client.get("/language/en/")
        url = reverse("admin:news_article_change", args=[self.article.pk])
        said = self.messages_of(self.client.post(url, self.values(slug="new-address")))
        self.assertIn("The old address leads to the new one", said)
        self.assertEqual(FormerSlug.objects.get().slug, "story-1")

    # --- Languages

    def change(self, article=None, **changes):
        article = article or self.article
        self.login(self.wei)
        url = reverse("admin:news_article_change", args=[article.pk])
        return self.client.post(url, self.values(slug=article.slug, **changes))

    def page_of(self, article, language="en"):
        self.login(self.wei)
        self.client.get(f"/language/{language}/")
        return self.client.get(reverse("admin:news_article_change", args=[article.pk]))

    def test_what_the_other_language_lacks_is_shown_until_it_follows(self):
        self.change()
        self.change(body_zh_hans="<p>下雪了。</p><p>路滑。</p>")
        self.article.refresh_from_db()
        self.assertEqual(self.article.stale, "en")
        page = self.page_of(self.article)
        self.assertContains(page, "The text in Chinese has changed since")
        self.assertContains(page, "<ins>路滑。</ins>")
        self.assertNotContains(page, "<li>下雪了。</li>")
        self.assertContains(page, "No change needed in the other language")
        self.change(body_zh_hans="<p>下雪了。</p><p>路滑。</p>", in_step="on")
        self.article.refresh_from_db()
        self.assertEqual(self.article.stale, "")
        self.assertNotContains(self.page_of(self.article), "has changed since")

    def test_a_small_mend_leaves_nobody_behind(self):
        self.change()
        self.change(title_en="First snow, mended", in_step="on")
        self.article.refresh_from_db()
        self.assertEqual(self.article.stale, "")

    def test_an_article_for_one_language_keeps_what_was_typed_in_the_other(self):
        self.change(meant_for="zh-hans", title_en="Kept all the same")
        self.article.refresh_from_db()
        self.assertEqual(self.article.meant_for, "zh-hans")
        self.assertEqual(self.article.title_en, "Kept all the same")
        page = self.page_of(self.article)
        self.assertNotContains(page, "translation not-meant")
        self.assertNotContains(page, "has changed since")

    # --- Cover

    def test_what_is_said_about_the_cover_goes_to_the_picture(self):
        cover = receive(make_upload(), self.wei)
        words = {"cover_alt_zh_hans": "雪山", "cover_alt_en": "Mountain", "cover_credit": "Alice"}
        self.change(cover=cover.pk, cover_described=cover.pk, **words)
        cover.refresh_from_db()
        self.assertEqual(
            (cover.alt_zh_hans, cover.alt_en, cover.credit), ("雪山", "Mountain", "Alice")
        )
        page = self.page_of(Article.objects.get(pk=self.article.pk))
        self.assertContains(page, 'value="雪山"')

    def test_words_for_one_cover_do_not_go_to_another(self):
        one, two = receive(make_upload(), self.wei), receive(make_upload(size=(99, 99)), self.wei)
        two.alt_en = "Two"
        two.save()
        self.change(cover=two.pk, cover_described=one.pk, cover_alt_en="One", cover_credit="X")
        two.refresh_from_db()
        self.assertEqual((two.alt_en, two.credit), ("Two", ""))

    def test_a_new_cover_takes_the_words_and_an_empty_number_takes_it_away(self):
        self.change(new_cover=make_upload(), cover_alt_en="Fresh")
        self.article.refresh_from_db()
        self.assertEqual(self.article.cover.alt_en, "Fresh")
        self.change(cover="")
        self.article.refresh_from_db()
        self.assertIsNone(self.article.cover)

    def test_a_file_that_is_here_already_is_no_second_picture(self):
        self.change(new_cover=make_upload())
        self.change(make_article(), new_cover=make_upload())
        self.assertEqual(Image.objects.count(), 1)

    # --- Nothing typed is lost

    def autosave(self, **changes):
        data = self.values(article=self.article.pk, base="0", draft="a" * 16, **changes)
        return self.client.post(reverse("admin:news_article_autosave"), data)

    def test_autosave_keeps_what_is_typed_right_or_wrong(self):
        self.login(self.wei)
        response = self.autosave(
            title_en="T" * 300, publish_at_0="soon", category="x", cover="9" * 30, tags=["7", "y"]
        )
        self.assertEqual(response.status_code, 200)
        copy = WorkingCopy.objects.get()
        self.assertEqual(response.json()["copy"], copy.pk)
        self.assertEqual(copy.fields["title_en"], "T" * 300)
        self.assertEqual((copy.fields["category"], copy.fields["cover"]), (None, None))
        self.assertEqual(copy.fields["tags"], [7])
        url = reverse("admin:news_article_change", args=[self.article.pk])
        page = self.client.get(url)
        self.assertContains(page, f"?copy={copy.pk}")
        self.assertContains(page, 'value="Story 1"')
        page = self.client.get(f"{url}?copy={copy.pk}")
        self.assertContains(page, "T" * 300)
        self.assertContains(page, 'value="soon"')
        self.article.refresh_from_db()
        self.assertEqual(self.article.title_en, "Story 1")

    def test_autosave_climbs_the_ladder(self):
        url = reverse("admin:news_article_autosave")
        for who, status in ((None, 401), (self.bob, 401), (self.nina, 401), (self.mona, 403)):
            self.login(who)
            self.assertEqual(self.autosave().status_code, status, who)
            self.assertEqual(self.client.get(url).status_code, status, who)
        self.login(self.wei)
        for wrong in ("0", "-1", "x", "9" * 40):
            self.assertEqual(self.client.post(url, {"article": wrong}).status_code, 404)
        self.assertEqual(self.client.put(url).status_code, 405)
        odd = {"draft": "\x00", "title_en": "a\x00b", "note": "\x00", "base": "x", "copy": "x"}
        self.assertEqual(self.client.post(url, odd).status_code, 200)
        self.assertEqual(WorkingCopy.objects.get().fields["title_en"], "ab")
        WorkingCopy.objects.all().delete()
        big = self.client.post(url, self.values(summary_en="x" * 1_300_000))
        self.assertEqual(big.status_code, 413)
        self.assertEqual(WorkingCopy.objects.count(), 0)
        statuses = {self.client.post(url, {}).status_code for _n in range(100)}
        self.assertEqual(statuses, {200, 429})

    def test_autosave_tells_who_else_writes_and_a_fresh_token(self):
        self.login(self.wei)
        self.autosave(title_en="By Wei")
        self.login(self.root)
        url = reverse("admin:news_article_autosave")
        answer = self.client.get(url, {"article": self.article.pk}).json()
        self.assertEqual((answer["writing"], answer["member"]), (["Wei"], self.root.pk))
        self.assertEqual(len(answer["token"]), 64)
        self.client.get("/language/en/")
        page = self.client.get(reverse("admin:news_article_change", args=[self.article.pk]))
        self.assertContains(page, "Wei is writing in this article now.")
        self.assertNotContains(page, "By Wei")

    def test_saving_forgets_the_copy_and_a_late_autosave_brings_none_back(self):
        self.login(self.wei)
        self.autosave(title_en="Typed")
        response = self.change(title_en="Typed", draft="a" * 16, base="0")
        self.assertEqual(WorkingCopy.objects.count(), 0)
        self.assertIn("saved-" + "a" * 16, response.cookies)
        self.autosave(title_en="Typed before the click")
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_unsaved_new_drafts_are_listed_continued_and_discarded(self):
        self.login(self.wei)
        autosave, add = reverse("admin:news_article_autosave"), reverse("admin:news_article_add")
        copy = self.client.post(autosave, self.values(title_zh_hans="半篇", draft="b" * 16)).json()
        page = self.client.get(add)
        self.assertContains(page, "半篇")
        page = self.client.get(f"{add}?copy={copy['copy']}")
        self.assertContains(page, 'value="半篇"')
        discard = reverse("admin:news_copy_discard", args=[copy["copy"]])
        for who, status in ((None, 302), (self.bob, 403), (self.root, 404)):
            self.login(who)
            self.assertEqual(self.client.post(discard).status_code, status, who)
            if who == self.root:
                self.assertNotContains(self.client.get(add), "半篇")
        self.login(self.wei)
        self.assertEqual(self.client.get(discard).status_code, 405)
        self.assertEqual(WorkingCopy.objects.count(), 1)
        self.assertRedirects(self.client.post(discard), add)
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_a_new_article_saved_from_a_draft_leaves_no_draft(self):
        self.login(self.wei)
        autosave = reverse("admin:news_article_autosave")
        copy = self.client.post(autosave, self.values(draft="b" * 16)).json()["copy"]
        self.add(copy=copy, draft="c" * 16)
        self.assertEqual(Article.objects.count(), 2)
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_a_form_sent_after_the_session_ended_waits_behind_the_login(self):
        self.login(self.wei)
        url = reverse("admin:news_article_change", args=[self.article.pk])
        self.client.get(url)
        self.client.session.flush()
        data = self.values(title_en="An hour of work", base="0", writer=self.wei.pk)
        response = self.client.post(url, data)
        self.assertEqual(response.status_code, 302)
        self.assertIn("login", response["Location"])
        self.assertEqual(WorkingCopy.objects.count(), 0)
        self.client.force_login(self.wei)
        response = self.client.get(url)
        copy = WorkingCopy.objects.get()
        self.assertRedirects(response, f"{url}?copy={copy.pk}")
        self.assertContains(self.client.get(response["Location"]), "An hour of work")
        self.assertEqual(self.client.get(url).status_code, 200)  # once

    def test_what_one_editor_typed_is_not_handed_to_the_next(self):
        self.login(self.wei)
        url = reverse("admin:news_article_change", args=[self.article.pk])
        self.client.session.flush()
        self.client.post(url, self.values(title_en="Mine alone", writer=self.wei.pk))
        self.client.force_login(self.root)
        page = self.client.get(url)
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, "Mine alone")
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_strangers_cannot_fill_the_sessions(self):
        url = reverse("admin:news_article_add")
        self.client.logout()
        self.client.cookies.clear()
        self.client.post(url, self.values())
        self.assertNotIn("sessionid", self.client.cookies)
        self.client.cookies["sessionid"] = "x" * 32
        statuses = [self.client.post(url, self.values()).status_code for _n in range(12)]
        self.assertEqual((statuses[0], statuses[-1]), (302, 429))

    # --- The page

    def test_who_may_only_look_sees_the_texts_and_no_button(self):
        guest = make_member("guest", is_staff=True)
        guest.user_permissions.add(Permission.objects.get(codename="view_article"))
        self.login(guest)
        url = reverse("admin:news_article_change", args=[self.article.pk])
        page = self.client.get(url)
        self.assertContains(page, "The text is here.")
        for name in ("_save", "_publish", "_preview", "note", "new_cover"):
            self.assertNotContains(page, f'name="{name}"')
        for data in ({"_preview": ""}, {"_resolve": "1"}, {"_save": ""}):
            self.assertEqual(self.client.post(url, self.values(**data)).status_code, 403)
        self.assertEqual(WorkingCopy.objects.count(), 0)

    def test_mistakes_are_listed_with_links_and_mark_their_panel(self):
        self.client.get("/language/en/")
        self.login(self.wei)
        self.client.get("/language/en/")
        page = self.client.post(
            reverse("admin:news_article_add"), self.values(title_en="T" * 200, category="")
        )
        self.assertContains(page, "2 things are not right yet")
        self.assertContains(page, '<a href="#id_title_en">')
        self.assertContains(page, '<a href="#id_category">')
        self.assertContains(page, "data-wrong", count=1)
        self.assertContains(page, "T" * 200)

    def test_a_note_and_its_limit(self):
        self.change(note="Typos")
        self.assertEqual(self.article.revisions.first().note, "Typos")
        page = self.change(note="n" * 201)
        self.assertContains(page, "n" * 201)
        self.assertContains(page, "errorlist")

    def test_page_costs_the_same_whatever_hangs_on_the_article(self):
        article = make_article()
        counts = []
        for many in (1, 20):
            while article.tags.count() < many:
                number = article.tags.count()
                tag = Tag.objects.create(slug=f"t{number}", name_zh_hans="标", name_en=f"T{number}")
                article.tags.add(tag)
                image = receive(make_upload(size=(40 + number, 40)), self.wei)
                article.body_en += (
                    f'<figure><img src="/media/images/{image.token}/full.webp"></figure>'
                )
                publishing.save(article, self.wei)
                editor = make_member(f"editor{number}", EDITOR)
                drafting.keep(editor, {"title_en": f"By {number}"}, article)
                drafting.keep(self.wei, {"title_en": f"New {number}"}, token=f"{number:08d}")
            article.cover = image
            publishing.save(article, self.wei)
            self.page_of(article)
            for url in (
                reverse("admin:news_article_change", args=[article.pk]),
                reverse("admin:news_article_add"),
            ):
                with CaptureQueriesContext(connection) as captured:
                    self.assertEqual(self.client.get(url).status_code, 200)
                counts.append(len(captured))
        self.assertEqual(counts[:2], counts[2:])
        self.assertLessEqual(max(counts), 16)

    def test_page_in_both_languages_asks_nothing_of_another_host(self):
        for language in ("zh-hans", "en"):
            page = self.page_of(self.article, language).content.decode()
            self.assertNotRegex(page, r'(?:src|srcset|action)="(?:https?:)?//')
            self.assertNotIn(' style="', page)
            ids = re.findall(r'\bid="([^"]+)"', page)
            self.assertEqual(sorted(ids), sorted(set(ids)))
