from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

import segno
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import SimpleTestCase
from django.utils import timezone
from django.utils.translation import override
from PIL import Image as Pillow

from caisu.core import images
from caisu.core.models import SiteSettings
from caisu.tests.cast import CastTestCase, make_article, make_upload
from members.moderation.models import State
from news.models import Article
from news.sharing import cards, pictures
from news.sharing.views import DRAWINGS
from news.templatetags.sharing import card_url

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIZES = {"card": (1200, 630), "poster": (1080, 1440)}


def addresses(article):
    return [
        f"/n/{article.pk}/qr.png",
        *(f"/n/{article.pk}/{code}/{kind}.png" for code in ("zh-hans", "en") for kind in SIZES),
    ]


def opened(response):
    assert response.content.startswith(SIGNATURE)
    return Pillow.open(BytesIO(response.content))


def is_near(pixel, colour=(0x40, 0x60, 0x80)):
    """Whether a pixel is of the colour of uploaded pictures, give or take JPEG and 256 colours."""
    return all(abs(a - b) < 6 for a, b in zip(pixel, colour, strict=True))


def files_of(article):
    try:
        return sorted(default_storage.listdir(f"shares/{article.pk}")[1])
    except FileNotFoundError:
        return []


class PicturesTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.clear()
        self.addCleanup(self.clear)

    def clear(self):
        """Numbers of articles begin anew in the next test; so do their folders."""
        with patch.object(pictures.Article.objects, "published", Article.objects.none):
            pictures.prune()


class PermissionTests(PicturesTestCase):
    def statuses(self, article, who):
        self.login(who)
        return {self.client.get(url).status_code for url in addresses(article)}

    def test_public_ones_are_for_everyone_and_for_caches(self):
        for who in (None, self.nina, self.bob, self.wei):
            self.login(who)
            for url in addresses(self.article):
                response = self.client.get(url)
                self.assertEqual(response.status_code, 200, url)
                self.assertEqual(response["Content-Type"], "image/png")
                self.assertEqual(response["Cache-Control"], "public, max-age=3600")
                self.assertNotIn("Cookie", response.get("Vary", ""))
                self.assertEqual(response["Cross-Origin-Resource-Policy"], "cross-origin")

    def test_closed_ones_are_as_closed_as_the_text(self):
        tomorrow = timezone.now() + timedelta(days=1)
        closed = {
            "draft": make_article(status="draft", publish_at=None),
            "scheduled": make_article(publish_at=tomorrow),
            "held": make_article(state=State.HELD),
            "removed": make_article(state=State.REMOVED),
            "withdrawn": make_article(status="withdrawn", released_at=timezone.now()),
        }
        for name, article in closed.items():
            for who in (None, self.nina, self.bob, self.alice, self.mona):
                with self.subTest(name, who=who):
                    self.assertEqual(self.statuses(article, who), {404})
            with self.subTest(name, who=self.wei):
                self.assertEqual(self.statuses(article, self.wei), {200})
                for url in addresses(article):
                    response = self.client.get(url)
                    self.assertEqual(response["Cache-Control"], "private, no-store")
                    self.assertIn("Cookie", response["Vary"])
                    self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")

    def test_a_members_own_post_is_shown_to_its_author(self):
        post = make_article(
            status="submitted", publish_at=None, author=self.alice, state=State.HELD, is_post=True
        )
        self.assertEqual(self.statuses(post, self.alice), {200})
        self.assertEqual(self.statuses(post, self.bob), {404})
        self.assertEqual(self.statuses(post, None), {404})

    def test_members_only_ones_are_for_members(self):
        article = make_article(audience="members")
        for who in (self.bob, self.wei, self.mona):
            self.assertEqual(self.statuses(article, who), {200})
            self.assertEqual(
                self.client.get(addresses(article)[1])["Cache-Control"], "private, no-store"
            )
        for who in (None, self.nina):
            self.assertEqual(self.statuses(article, who), {404})

    def test_one_that_is_kept_is_closed_with_its_article(self):
        self.assertEqual(self.statuses(self.article, None), {200})
        Article.objects.filter(pk=self.article.pk).update(audience="members")
        self.assertEqual(self.statuses(self.article, None), {404})
        Article.objects.filter(pk=self.article.pk).update(status="withdrawn", audience="everyone")
        self.assertEqual(self.statuses(self.article, None), {404})
        etag = self.client.get(addresses(make_article())[1])["ETag"]
        response = self.client.get(addresses(self.article)[1], headers={"if-none-match": etag})
        self.assertEqual(response.status_code, 404)

    def test_kept_files_have_no_other_address(self):
        self.client.get(addresses(self.article)[1])
        (name,) = files_of(self.article)
        self.login(self.root)
        response = self.client.get(f"/media/shares/{self.article.pk}/{name}")
        self.assertEqual(response.status_code, 404)

    def test_a_language_that_it_lacks_another_kind_and_no_article_are_404(self):
        chinese = make_article(title_en="", body_en="", summary_en="")
        wrong = [
            f"/n/{chinese.pk}/en/card.png",
            f"/n/{chinese.pk}/en/poster.png",
            f"/n/{self.article.pk}/fr/card.png",
            f"/n/{self.article.pk}/en/stamp.png",
            f"/n/{self.article.pk}/en/card.jpg",
            "/n/999999/qr.png",
            "/n/99999999999999999999999/en/card.png",
        ]
        for url in wrong:
            self.assertEqual(self.client.get(url).status_code, 404, url)
        self.assertEqual(self.client.get(f"/n/{chinese.pk}/zh-hans/card.png").status_code, 200)

    def test_only_reading(self):
        for url in addresses(self.article):
            self.assertEqual(self.client.post(url).status_code, 405)
            self.assertEqual(self.client.head(url).status_code, 200)


class KeepingTests(PicturesTestCase):
    url = property(lambda self: f"/n/{self.article.pk}/en/card.png")

    def test_sizes(self):
        for kind, size in SIZES.items():
            for code in ("zh-hans", "en"):
                response = self.client.get(f"/n/{self.article.pk}/{code}/{kind}.png")
                self.assertEqual(opened(response).size, size)

    def test_drawn_once_and_the_same_each_time(self):
        first = self.client.get(self.url).content
        with patch.dict(pictures.DRAW, card=None):  # drawing again would raise
            self.assertEqual(self.client.get(self.url).content, first)
        for name in files_of(self.article):
            default_storage.delete(f"shares/{self.article.pk}/{name}")
        self.assertEqual(self.client.get(self.url).content, first)

    def test_reader_who_has_it_gets_304_and_nothing_is_drawn(self):
        etag = self.client.get(self.url)["ETag"]
        for url, tag in (
            (self.url, etag),
            (addresses(self.article)[0], self.client.get(addresses(self.article)[0])["ETag"]),
        ):
            with patch.dict(pictures.DRAW, card=None):
                response = self.client.get(url, headers={"if-none-match": tag})
            self.assertEqual((response.status_code, response.content), (304, b""))
            self.assertEqual(response["Cache-Control"], "public, max-age=3600")
        other = self.client.get(f"/n/{self.article.pk}/en/poster.png")["ETag"]
        self.assertNotEqual(other, etag)

    def test_an_edit_makes_a_new_one_and_removes_the_old(self):
        poster = self.client.get(f"/n/{self.article.pk}/en/poster.png")
        chinese = self.client.get(f"/n/{self.article.pk}/zh-hans/card.png")
        before = self.client.get(self.url)
        self.assertEqual(len(files_of(self.article)), 3)
        Article.objects.filter(pk=self.article.pk).update(title_en="Another title")
        after = self.client.get(self.url, headers={"if-none-match": before["ETag"]})
        self.assertEqual(after.status_code, 200)
        self.assertNotEqual(after["ETag"], before["ETag"])
        self.assertNotEqual(after.content, before.content)
        names = files_of(self.article)
        self.assertEqual(len(names), 3)
        self.assertEqual(sum(name.startswith("card-en-") for name in names), 1)
        # What the edit did not touch stays.
        self.assertEqual(
            self.client.get(f"/n/{self.article.pk}/zh-hans/card.png")["ETag"], chinese["ETag"]
        )
        self.assertNotEqual(
            self.client.get(f"/n/{self.article.pk}/en/poster.png")["ETag"], poster["ETag"]
        )

    def test_everything_on_it_counts(self):
        def digest():
            article = Article.objects.select_related("category", "cover").get(pk=self.article.pk)
            return pictures.sheet_of(article, "en").digest

        seen = [digest()]
        cover = images.receive(make_upload(), by=self.wei)
        article = self.article

        def change(thing, **values):
            for name, value in values.items():
                setattr(thing, name, value)
            thing.save()
            seen.append(digest())

        change(article, summary_en="Another summary.")
        change(article, cover=cover)
        change(cover, version=cover.version + 1)
        change(article, audience="members")
        change(article, publish_at=article.publish_at - timedelta(days=3))
        change(article.category, colour="#123456")
        change(article.category, name_en="Elsewhere")
        with patch.object(SiteSettings, "load", return_value=SiteSettings(name_en="Another name")):
            seen.append(digest())
        with self.settings(SITE_URL="https://caisu.example.org"):
            seen.append(digest())
        with patch.object(cards, "DESIGN", cards.DESIGN + 1):
            seen.append(digest())
        self.assertEqual(len(set(seen)), len(seen))
        # … and what is not on it does not.
        last = digest()
        change(article, body_en="<p>New words.</p>", view_count=99, title_zh_hans="别的")
        self.assertEqual(digest(), last)

    def test_half_a_file_is_drawn_anew(self):
        whole = self.client.get(self.url).content
        (name,) = files_of(self.article)
        path = f"shares/{self.article.pk}/{name}"
        default_storage.delete(path)
        default_storage.save(path, ContentFile(whole[:2000]))
        self.assertEqual(self.client.get(self.url).content, whole)
        self.assertEqual(files_of(self.article), [name])
        with default_storage.open(path) as file:
            self.assertEqual(file.read(), whole)

    def test_drawn_twice_at_once_leaves_one_file(self):
        sheet = pictures.sheet_of(self.article, "en")

        def quicker():  # another request finishes in the middle of this one
            pictures.picture(self.article, "card", sheet, lambda: None)

        one = pictures.picture(self.article, "card", sheet, quicker)
        self.assertEqual(files_of(self.article), [f"card-en-{sheet.digest}.png"])
        self.assertEqual(pictures.picture(self.article, "card", sheet, self.fail), one)

    def test_a_cover_is_shown_and_a_missing_file_is_not_remembered(self):
        def pixels():
            card = opened(self.client.get(self.url)).convert("RGB")
            poster = opened(self.client.get(f"/n/{self.article.pk}/en/poster.png"))
            return [is_near(card.getpixel((600, 200))), is_near(poster.getpixel((200, 200)))]

        self.assertEqual(pixels(), [False, False])
        cover = images.receive(make_upload(size=(900, 1600)), by=self.wei)
        Article.objects.filter(pk=self.article.pk).update(cover=cover)
        self.assertEqual(pixels(), [True, True])
        for name in files_of(self.article):
            default_storage.delete(f"shares/{self.article.pk}/{name}")
        with patch.object(images, "file_path", return_value="images/nowhere.jpg"):
            self.assertEqual(opened(self.client.get(self.url)).size, SIZES["card"])
        self.assertEqual(files_of(self.article), [])

    def test_drawing_is_limited_and_what_is_kept_is_not(self):
        kept = self.client.get(self.url)
        self.assertEqual(kept.status_code, 200)
        for _n in range(DRAWINGS.times - 1):
            DRAWINGS.hit("127.0.0.1")
        response = self.client.get(f"/n/{self.article.pk}/zh-hans/card.png")
        self.assertEqual(response.status_code, 429)
        self.assertIn("Retry-After", response)
        for _n in range(3):
            self.assertEqual(self.client.get(self.url).status_code, 200)
            self.assertEqual(self.client.get(addresses(self.article)[0]).status_code, 200)

    def test_queries(self):
        SiteSettings.load()
        for url in addresses(self.article):
            with self.subTest(url), self.assertNumQueries(1):
                self.client.get(url)

    def test_pictures_of_what_is_not_public_any_more_are_pruned(self):
        gone = make_article()
        for article in (self.article, gone):
            self.client.get(addresses(article)[1])
        Article.objects.filter(pk=gone.pk).update(status="withdrawn")
        self.assertEqual(pictures.prune(), 1)
        self.assertEqual(files_of(gone), [])
        self.assertEqual(len(files_of(self.article)), 1)
        self.assertEqual(pictures.prune(), 0)


class CodeTests(PicturesTestCase):
    def test_every_pixel_is_that_of_the_link(self):
        response = self.client.get(f"/n/{self.article.pk}/qr.png")
        picture = opened(response).convert("L")
        link = f"http://testserver/n/{self.article.pk}/"
        matrix = list(segno.make_qr(link, error="m").matrix_iter(border=4))
        scale = picture.width // len(matrix)
        self.assertGreaterEqual(picture.width, 600)
        self.assertEqual(picture.size, (scale * len(matrix),) * 2)
        middle = [scale * n + scale // 2 for n in range(len(matrix))]
        shown = [[picture.getpixel((x, y)) == 0 for x in middle] for y in middle]
        self.assertEqual(shown, [[bool(dark) for dark in row] for row in matrix])
        self.assertEqual(picture.crop((0, 0, picture.width, 4 * scale)).getextrema(), (255, 255))

    def test_the_poster_holds_the_same_code(self):
        with self.settings(SITE_URL="https://caisu.example.org"):
            response = self.client.get(f"/n/{self.article.pk}/zh-hans/poster.png")
            code = cards.code(f"https://caisu.example.org/n/{self.article.pk}/", 216).convert("RGB")
        poster = opened(response)
        left = 1080 - 84 - code.width
        tops = [
            top
            for top in range(1160, 1440 - code.height)
            if poster.crop((left, top, left + code.width, top + code.height)).tobytes()
            == code.tobytes()
        ]
        self.assertEqual(len(tops), 1)


class DrawingTests(SimpleTestCase):
    sheet = cards.Sheet(
        language="zh-hans",
        title="标题",
        summary="摘要。",
        category="本地新闻",
        colour="#c3272b",
        date="2026年11月23日",
        note="",
        site="爱达荷州立大学中国学生学者联谊会",
        site_other="Chinese Association of Idaho State University",
        link="https://caisu.example.org/n/1/",
        link_shown="caisu.example.org/n/1/",
        call="长按识别二维码阅读全文",
        cover="",
    )

    def test_any_title_summary_and_cover_can_be_drawn(self):
        covers = [
            None,
            Pillow.new("RGB", (1200, 800), "#406080"),
            Pillow.new("RGB", (40, 1200), "#406080"),
            Pillow.new("RGB", (1, 1), "#406080"),
        ]
        for title in ("雪", "雪" * 150, "W" * 150, "😀", "（" * 150, "a b " * 37, "，。！"):
            for summary in ("", "摘要。" * 100, "w" * 300):
                for language in ("zh-hans", "en"):
                    sheet = replace(self.sheet, title=title, summary=summary, language=language)
                    cover = covers[len(title + summary) % len(covers)]
                    self.assertEqual(cards.draw_card(sheet, cover).size, SIZES["card"])
                    self.assertEqual(cards.draw_poster(sheet, cover).size, SIZES["poster"])

    def test_a_long_name_of_the_site_stays_beside_the_code(self):
        sheet = replace(self.sheet, site="很长的名字" * 20, site_other="A very long name " * 6)
        plain, long = (cards.draw_poster(each, None) for each in (self.sheet, sheet))
        beside = (1080 - 84 - 240, 1180, 1080, 1430)
        self.assertEqual(plain.crop(beside).tobytes(), long.crop(beside).tobytes())

    def test_transparent_covers_lie_on_paper(self):
        picture = cards.on_paper(Pillow.new("RGBA", (4, 4), (0, 0, 0, 0)))
        self.assertEqual((picture.mode, picture.getpixel((1, 1))), ("RGB", (0xFA, 0xF6, 0xEE)))


class CardUrlTests(PicturesTestCase):
    def url(self, language="en", **context):
        article = Article.objects.select_related("category", "cover").get(pk=self.article.pk)
        with override(language):
            return card_url(context, article)

    def test_is_absolute_in_the_language_shown_and_changes_with_the_picture(self):
        before = self.url()
        self.assertRegex(
            before, rf"^http://testserver/n/{self.article.pk}/en/card\.png\?v=[0-9a-f]{{8}}$"
        )
        self.assertIn("/zh-hans/card.png", self.url("zh-hans"))
        self.assertEqual(self.client.get(before).status_code, 200)
        Article.objects.filter(pk=self.article.pk).update(title_en="Another title")
        self.assertNotEqual(self.url(), before)
        Article.objects.filter(pk=self.article.pk).update(title_en="", body_en="", summary_en="")
        self.assertIn("/zh-hans/card.png", self.url())

    def test_asks_nothing_of_the_cache_where_the_page_has_the_settings(self):
        site = SiteSettings.load()
        with patch.object(SiteSettings, "load", side_effect=AssertionError):
            self.url(site=site)
