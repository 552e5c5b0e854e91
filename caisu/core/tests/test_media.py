"""Who gets which uploaded file, and who may send one."""

from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client, override_settings
from django.urls import reverse

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase, make_upload


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

    def test_an_avatar_is_there_for_who_knows_its_name(self):
        name = default_storage.save(f"avatars/{'a' * 32}.webp", images.square(make_upload()))
        response = self.get(settings.MEDIA_URL + name)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response["Content-Type"], "image/webp")
        self.assertEqual(response["Cache-Control"], "public, max-age=604800")

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
            {"url": images.url(image), "width": 800, "height": 600, "token": image.token},
        )
        self.assertEqual((image.uploaded_by, image.audience), (self.wei, "staff"))
        self.assertEqual(self.client.get(response.json()["url"]).status_code, 200)

    def test_others_are_refused(self):
        for member in [None, self.nina, self.alice, self.mona]:
            self.login(member)
            response = self.send()
            self.assertEqual(response.status_code, 403, member)
            self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertFalse(Image.objects.exists())

    def test_what_is_no_picture_is_told_in_the_editors_language(self):
        self.login(self.wei)
        response = self.send(ContentFile(b"hello", name="x.png"), headers={"accept-language": "en"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertEqual(
            response.content.decode(),
            "This file is not a picture that we can read. JPEG, PNG, WebP and GIF work.",
        )

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
