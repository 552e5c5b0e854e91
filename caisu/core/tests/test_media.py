"""Who gets which uploaded file, and who may send one."""

from datetime import UTC, datetime
from io import BytesIO
from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.core.tests.test_images import encoded, make_bomb, make_file
from caisu.tests.cast import CastTestCase, make_member, make_upload

DAY = 24 * 60 * 60


def at(seconds):
    """Signatures are made and read so long after a certain moment."""
    return mock.patch("django.core.signing.time.time", return_value=1_800_000_000 + seconds)


class ServeTests(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.image = images.receive(make_upload(), by=cls.wei)
        run_due()
        cls.address = images.url(cls.image)

    def show_to(self, audience):
        Image.objects.update(audience=audience)

    def get(self, address, **headers):
        return self.client.get(address, headers=headers)

    def test_a_public_picture_is_for_everyone_and_every_cache(self):
        self.show_to(Image.Audience.EVERYONE)
        for member in [None, self.nina, self.alice, self.wei]:
            self.login(member)
            response = self.get(self.address)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response["Cache-Control"], "public, max-age=31536000, immutable")
            self.assertNotIn("Cookie", response.get("Vary", ""))
            self.assertEqual(b"".join(response)[8:12], b"WEBP")

    def test_headers_let_it_be_nothing_but_a_picture(self):
        self.show_to(Image.Audience.EVERYONE)
        for address, kind in [
            (self.address, "image/webp"),
            (images.fallback_url(self.image), "image/jpeg"),
        ]:
            response = self.get(address)
            self.assertEqual(response["Content-Type"], kind)
            self.assertEqual(response["X-Content-Type-Options"], "nosniff")
            self.assertEqual(response["Content-Disposition"], "inline")
            self.assertIn("default-src 'none'", response["Content-Security-Policy"])
            self.assertEqual(response["Cross-Origin-Resource-Policy"], "cross-origin")
            self.assertEqual(int(response["Content-Length"]), len(b"".join(response)))

    def test_a_picture_for_members_is_for_full_members(self):
        self.show_to(Image.Audience.MEMBERS)
        for member, status in [(self.alice, 200), (self.wei, 200), (self.nina, 403)]:
            self.login(member)
            response = self.get(self.address)
            self.assertEqual(response.status_code, status, member)
        self.login(self.alice)
        response = self.get(self.address)
        self.assertEqual(response["Cache-Control"], "private, no-store")
        self.assertIn("Cookie", response["Vary"])
        self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")

    def test_a_visitor_is_asked_to_log_in_for_it(self):
        self.show_to(Image.Audience.MEMBERS)
        response = self.get(self.address)
        self.assertEqual(response.status_code, 302)
        self.assertIn(reverse("account_login"), response["Location"])
        self.assertIn(f"next={self.address}", response["Location"])

    def test_a_picture_of_no_public_article_exists_for_editors_only(self):
        self.show_to(Image.Audience.STAFF)
        for member, status in [
            (None, 404),
            (self.nina, 404),
            (self.alice, 404),
            (self.wei, 200),
            (self.root, 200),
        ]:
            self.login(member)
            response = self.get(self.address)
            self.assertEqual(response.status_code, status, member)
        self.assertEqual(response["Cache-Control"], "private, no-store")

    def test_the_audience_is_that_of_all_its_files(self):
        self.show_to(Image.Audience.STAFF)
        for name in ["full.webp", "1200.jpg", "480.webp"]:
            self.assertEqual(self.get(images.url(self.image, name)).status_code, 404)
        self.show_to(Image.Audience.EVERYONE)
        for name in ["full.webp", "1200.jpg", "480.webp"]:
            self.assertEqual(self.get(images.url(self.image, name)).status_code, 200)

    def test_an_avatar_is_there_for_whom_its_owner_lets_see_it(self):
        name = default_storage.save(f"avatars/{'a' * 32}.webp", images.square(make_upload()))
        self.assertEqual(self.get(settings.MEDIA_URL + name).status_code, 404)
        make_member("carol", avatar=name, visibility="everyone", avatar_audience="everyone")
        response = self.get(settings.MEDIA_URL + name)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response["Content-Type"], "image/webp")
        self.assertEqual(response["Cache-Control"], "public, max-age=300, must-revalidate")

    def test_nothing_else_exists(self):
        self.show_to(Image.Audience.EVERYONE)
        default_storage.save("secret.txt", ContentFile(b"x"))
        default_storage.save("avatars/short.webp", ContentFile(b"x"))
        default_storage.save(f"avatars/{'b' * 32}.html", ContentFile(b"x"))
        token = self.image.token
        for path in [
            "secret.txt",
            "avatars/short.webp",
            f"avatars/{'b' * 32}.html",
            "avatars/",
            f"avatars/{'c' * 32}.webp",
            "../settings.py",
            "..%2f..%2fsettings.py",
            f"images/{token}/../../secret.txt",
            f"images/{token}/",
            f"images/{token}/99.webp",
            f"images/{token}/full.webp/",
            f"images/{token}/full.webp%0a",
            f"images/{'0' * 32}/full.webp",
            "/etc/passwd",
            "",
        ]:
            self.assertEqual(self.get(f"/media/{path}").status_code, 404, path)

    def test_a_browser_that_has_it_gets_no_second_copy(self):
        self.show_to(Image.Audience.EVERYONE)
        etag = self.get(self.address)["ETag"]
        response = self.get(self.address, if_none_match=etag)
        self.assertEqual(response.status_code, 304)
        self.assertEqual(response["ETag"], etag)
        self.assertIn("immutable", response["Cache-Control"])
        self.assertEqual(self.get(self.address, if_none_match='"other"').status_code, 200)

    def test_head_tells_the_size_and_sends_nothing(self):
        self.show_to(Image.Audience.EVERYONE)
        response = self.client.head(self.address)
        self.assertEqual(response.status_code, 200)
        self.assertGreater(int(response["Content-Length"]), 0)
        self.assertEqual(b"".join(response), b"")

    def test_a_replaced_picture_has_another_version(self):
        old = images.receive(make_upload(size=(64, 48)), by=self.wei)
        self.show_to(Image.Audience.EVERYONE)
        before = self.get(images.url(old))
        with self.captureOnCommitCallbacks(execute=True):
            new = images.replace(old, make_upload(size=(300, 200), kind="PNG"))
        for address in [images.url(new), images.url(old), f"{images.url(old)}?v=7"]:
            response = self.get(address, if_none_match=before["ETag"])
            self.assertEqual(response.status_code, 200)
            self.assertNotEqual(response["ETag"], before["ETag"])
            self.assertEqual(Pillow.open(BytesIO(b"".join(response))).size, (300, 200))
        with override_settings(MEDIA_ACCEL="/protected/"):
            response = self.get(images.url(new))
        self.assertEqual(response["X-Accel-Redirect"], f"/protected/images/{new.token}/1-full.webp")

    def test_a_size_that_is_not_there_now_is_given_at_full_size_and_not_kept(self):
        self.show_to(Image.Audience.EVERYONE)
        Image.objects.update(renditions=[])
        response = self.get(images.url(self.image, "480.webp"))
        self.assertEqual(response["Cache-Control"], "private, no-store")
        self.assertEqual(Pillow.open(BytesIO(b"".join(response))).size, (640, 480))
        self.show_to(Image.Audience.STAFF)
        self.assertEqual(self.get(images.url(self.image, "480.webp")).status_code, 404)

    def test_who_sent_it_sees_it_before_anybody_else(self):
        self.show_to(Image.Audience.STAFF)
        Image.objects.update(uploaded_by=self.nina)
        for member, status in [(None, 404), (self.alice, 404), (self.nina, 200), (self.wei, 200)]:
            self.login(member)
            response = self.get(self.address)
            self.assertEqual(response.status_code, status, member)
        Image.objects.update(uploaded_by=None)
        self.login(None)  # nobody is not the nobody who sent it
        self.assertEqual(self.get(self.address).status_code, 404)

    def test_a_key_opens_this_picture_for_a_day(self):
        other = images.receive(make_upload(size=(60, 40)), by=self.wei)
        key = images.preview_key(self.image.token, datetime.fromtimestamp(1_800_000_000, UTC))
        for audience in [Image.Audience.STAFF, Image.Audience.MEMBERS]:
            self.show_to(audience)
            closed = 404 if audience == Image.Audience.STAFF else 302
            for image, now, tried, status in [
                (self.image, DAY - 60, key, 200),
                (self.image, DAY + 60, key, closed),
                (other, 60, key, closed),
                (self.image, 60, key[:-1], closed),
                (self.image, 60, "", closed),
                (self.image, 60, "x" * 5000, closed),
                (self.image, 60, "\0", closed),
            ]:
                with at(now):
                    response = self.get(images.url(image, key=tried))
                self.assertEqual(response.status_code, status, (audience, now, tried))
                if status == 200:
                    self.assertEqual(response["Cache-Control"], "private, no-store")

    def test_a_public_picture_with_a_key_is_kept_by_no_cache(self):
        self.show_to(Image.Audience.EVERYONE)
        keyed = images.url(self.image, key=images.preview_key(self.image.token, timezone.now()))
        self.assertEqual(self.get(keyed)["Cache-Control"], "private, no-store")
        self.assertIn("public", self.get(f"{self.address}?key=x")["Cache-Control"])

    def test_nothing_can_be_written_here(self):
        self.assertEqual(self.client.post(self.address).status_code, 405)

    @override_settings(MEDIA_ACCEL="/protected/")
    def test_nginx_may_send_the_file(self):
        self.show_to(Image.Audience.EVERYONE)
        response = self.get(self.address)
        self.assertEqual(
            response["X-Accel-Redirect"], f"/protected/images/{self.image.token}/full.webp"
        )
        self.assertEqual(response.content, b"")
        self.assertEqual(response["Content-Type"], "image/webp")
        self.show_to(Image.Audience.STAFF)
        response = self.get(self.address)
        self.assertEqual(response.status_code, 404)
        self.assertNotIn("X-Accel-Redirect", response)

    def test_a_public_picture_costs_one_query(self):
        self.show_to(Image.Audience.EVERYONE)
        with self.assertNumQueries(1):
            self.get(self.address)


class UploadTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.address = reverse("upload")

    def send(self, file=None, **extra):
        data = {"upload": file or make_upload(size=(800, 600))}
        return self.client.post(self.address, data, **extra)

    def test_an_editor_gets_the_address_of_the_picture(self):
        self.login(self.wei)
        response = self.send()
        image = Image.objects.get()
        self.assertEqual(
            response.json(),
            {
                "pk": image.pk,
                "token": image.token,
                "url": images.url(image),
                "thumbnail": images.fallback_url(image),
                "name": "photo",
                "alt_zh_hans": "",
                "alt_en": "",
                "credit": "",
                "width": 800,
                "height": 600,
            },
        )
        self.assertEqual((image.uploaded_by, image.audience), (self.wei, "staff"))
        self.assertEqual(self.client.get(response.json()["url"]).status_code, 200)

    def test_a_member_sends_one_for_a_post_and_sees_it(self):
        for member in [self.alice, self.mona]:
            self.login(member)
            response = self.send(make_upload(size=(800, 600 + member.pk)))
            self.assertEqual(response.status_code, 200, member)
            image = Image.objects.get(token=response.json()["token"])
            self.assertEqual((image.uploaded_by, image.audience), (member, "staff"))
            shown = self.client.get(response.json()["url"])
            self.assertEqual(shown.status_code, 200)
            self.assertEqual(shown["Cache-Control"], "private, no-store")
            self.login(self.bob)
            self.assertEqual(self.client.get(response.json()["url"]).status_code, 404)

    def test_the_same_file_is_the_same_picture(self):
        self.login(self.alice)
        first, second = self.send().json(), self.send().json()
        self.assertEqual(first, second)
        Image.objects.update(alt_en="Alice's gate", credit="Alice")
        self.login(self.bob)
        other = self.send().json()
        self.assertNotEqual(other["token"], first["token"])
        self.assertEqual((other["alt_en"], other["credit"]), ("", ""))
        self.login(self.wei)  # the library is open to editors
        self.assertEqual(self.send().json()["credit"], "Alice")

    def test_others_are_refused(self):
        eve = make_member("eve")
        self.client.force_login(eve)
        eve.stand(eve.Standing.BANNED)
        for login in [lambda: None, lambda: self.login(None), lambda: self.login(self.nina)]:
            login()
            response = self.send()
            self.assertEqual(response.status_code, 403)
            self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertFalse(Image.objects.exists())

    def test_a_member_sends_twenty_a_day(self):
        self.login(self.alice)
        with mock.patch("caisu.core.throttling.clock", return_value=100 * DAY + 9000):
            for _ in range(20):
                self.assertEqual(self.client.post(self.address).status_code, 400)
            response = self.send(headers={"accept-language": "en"})
            self.assertEqual(response.status_code, 429)
            self.assertEqual(response["Retry-After"], str(DAY - 9000 + 1))
            self.assertEqual(
                response.content.decode(),
                "You can send 20 pictures a day. There may be more in 22 hours.",
            )
            self.login(self.bob)
            self.assertEqual(self.send().status_code, 200)
        self.assertEqual(Image.objects.count(), 1)
        self.login(self.alice)
        with mock.patch("caisu.core.throttling.clock", return_value=101 * DAY):
            self.assertEqual(self.send().status_code, 200)

    def test_more_than_10_mb_are_refused(self):
        self.login(self.alice)
        file = ContentFile(bytes(10 * 1024 * 1024 + 1), name="x.jpg")
        response = self.send(file, headers={"accept-language": "en"})
        self.assertEqual(response.status_code, 400)
        self.assertIn("larger than 10 MB", response.content.decode())

    def test_what_is_no_picture_is_told_in_the_editors_language(self):
        self.login(self.wei)
        response = self.send(ContentFile(b"hello", name="x.png"), headers={"accept-language": "en"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertEqual(
            response.content.decode(),
            "This file is not a picture that we can read. JPEG, PNG, WebP and GIF work.",
        )

    def test_bad_pictures_are_told_in_each_language(self):
        half = make_file(size=(640, 480)).read()[:1200]
        self.login(self.wei)
        for file, english, chinese in [
            (ContentFile(half, name="half.jpg"), "damaged or incomplete", "损坏"),
            (make_bomb(20_000), "more than 50 million pixels", "5000万像素"),
            (
                ContentFile(b"<svg xmlns='http://www.w3.org/2000/svg'/>", name="x.svg"),
                "not a picture that we can read",
                "不是我们能读取的图片",
            ),
        ]:
            for language, words in [("en", english), ("zh-hans", chinese)]:
                file.seek(0)
                response = self.send(file, headers={"accept-language": language})
                self.assertEqual(response.status_code, 400)
                self.assertIn(words, response.content.decode())
        self.assertFalse(Image.objects.exists())

    def test_strange_pictures_come_in_clean(self):
        frames = [Pillow.new("RGB", (60, 40), (0, 0, number // 2)) for number in range(500)]
        self.login(self.wei)
        for file, name, kept in [
            (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), "a.gif", "a"),
            (
                make_file(mode="CMYK", colour=(9, 9, 9, 9)),
                "../../etc/passwd.jpg",
                "passwd",
            ),
            (make_file("PNG", mode="I;16", colour=40_000), "照" * 300 + ".png", "照" * 150),
            (make_file(size=(60, 40)), "😀 门.jpg", "😀 门"),
        ]:
            file.name = name
            response = self.send(file)
            self.assertEqual(response.status_code, 200, name)
            self.assertEqual(response.json()["name"], kept)

    def test_a_request_without_a_file_is_refused(self):
        self.login(self.wei)
        self.assertEqual(self.client.post(self.address, {"upload": "text"}).status_code, 400)

    def test_the_token_against_forgery_is_needed(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.wei)
        self.assertEqual(client.post(self.address, {"upload": make_upload()}).status_code, 403)
        self.assertFalse(Image.objects.exists())

    def test_it_cannot_be_read(self):
        self.login(self.wei)
        self.assertEqual(self.client.get(self.address).status_code, 405)

    def test_twenty_a_minute_are_enough(self):
        self.login(self.wei)
        with mock.patch("caisu.core.throttling.clock", return_value=1_000_000):
            for _ in range(20):
                self.assertEqual(self.client.post(self.address).status_code, 400)
            response = self.send()
            self.assertEqual(response.status_code, 429)
            self.assertIn("Retry-After", response)
            self.login(self.root)  # counted for each by themselves
            self.assertEqual(self.send().status_code, 200)
