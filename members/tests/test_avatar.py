"""A member's picture: sent, cut, replaced, removed, and who gets the file."""

from io import BytesIO
from unittest import mock

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from PIL import Image as Pillow

from caisu.core.images import Crop
from caisu.core.models import Audience
from caisu.tests.cast import make_member, make_upload
from members import profiles
from members.models import Member

from .entrance import EntranceTestCase, path

RED, BLUE = (200, 30, 30), (30, 30, 200)


def two_halves(size=(600, 300)):
    """A picture that is red on the left and blue on the right."""
    picture = Pillow.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return SimpleUploadedFile("halves.png", buffer.getvalue(), "image/png")


class AvatarTests(EntranceTestCase):
    def setUp(self):
        super().setUp()
        self.page = path("members:avatar")

    def send(self, who, upload=None, **data):
        self.login(who)
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.page, {"picture": upload or make_upload(), **data})

    def avatar(self, member):
        member.refresh_from_db()
        return member.avatar.name

    def colours(self):
        """Of the left and the right edge of Alice's picture: r or b."""
        with default_storage.open(self.avatar(self.alice)) as file:
            picture = Pillow.open(file).convert("RGB")
        self.assertEqual(picture.size, (256, 256))
        edges = [picture.getpixel((x, 128)) for x in (20, 236)]
        return "".join("r" if red > blue else "b" for red, _green, blue in edges)

    def test_page_opens_in_both_languages(self):
        self.login(self.alice)
        for language in ("en", "zh-hans"):
            response = self.client.get(path("members:avatar", language=language))
            self.assertContains(response, 'type="file"')

    def test_picture_is_taken(self):
        response = self.send(self.alice)
        self.assertRedirects(response, self.page)
        self.assertRegex(self.avatar(self.alice), r"^avatars/[0-9a-f]{32}\.webp$")
        self.assertContains(self.client.get(self.page), self.alice.avatar.url)

    def test_only_full_members_send_one(self):
        self.login(None)
        self.assertRedirects(
            self.send(None),
            f"{path('account_login')}?next={self.page}",
            fetch_redirect_response=False,
        )
        self.assertEqual(self.send(self.nina).status_code, 403)
        self.assertEqual(self.client.get(self.page).status_code, 403)
        self.assertEqual(self.avatar(self.nina), "")

    def test_nobody_changes_that_of_another(self):
        self.send(self.bob, pk=self.alice.pk, username="alice", id=self.alice.pk)
        self.assertEqual(self.avatar(self.alice), "")
        self.assertTrue(self.avatar(self.bob))

    def test_other_methods_are_refused(self):
        self.login(self.alice)
        self.assertEqual(self.client.put(self.page).status_code, 405)

    def test_middle_is_cut_out_unless_a_square_is_sent(self):
        for data, expected in (
            ({}, "rb"),
            ({"x": "0", "y": "500", "size": "1000"}, "rr"),
            ({"x": "1000", "y": "500", "size": "1000"}, "bb"),
            ({"x": "0", "y": "0", "size": "500"}, "rr"),
            ({"x": "nonsense", "y": "-5", "size": "0"}, "rb"),
            ({"x": "9999", "y": "1e3", "size": "٣٠٠"}, "rb"),
        ):
            with self.subTest(**data):
                self.assertEqual(self.send(self.alice, two_halves(), **data).status_code, 302)
                self.assertEqual(self.colours(), expected)

    def test_square_is_one_whatever_the_shape(self):
        for size in ((600, 300), (300, 600), (1, 1), (3, 4000)):
            for crop in (Crop(), Crop(0, 0, 0.1), Crop(1, 1, 1)):
                left, top, right, bottom = crop.box(*size)
                self.assertAlmostEqual(right - left, bottom - top)
                self.assertGreaterEqual(min(left, top), 0)
                self.assertLessEqual(right, size[0] + 1e-6)
                self.assertLessEqual(bottom, size[1] + 1e-6)

    def test_new_one_has_a_new_name_and_the_old_file_is_gone(self):
        self.send(self.alice)
        old = self.avatar(self.alice)
        self.send(self.alice, two_halves())
        new = self.avatar(self.alice)
        self.assertNotEqual(old, new)
        self.assertFalse(default_storage.exists(old))
        self.assertTrue(default_storage.exists(new))
        self.assertEqual(self.client.get(f"/media/{old}").status_code, 404)

    def test_one_is_taken_away_with_its_file(self):
        self.send(self.alice)
        old = self.avatar(self.alice)
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(self.page, {"remove": "1"})
        self.assertRedirects(response, self.page)
        self.assertEqual(self.avatar(self.alice), "")
        self.assertFalse(default_storage.exists(old))
        self.assertFalse(profiles.remove_avatar(self.alice))

    def test_what_is_no_picture_is_refused_and_the_old_one_stays(self):
        self.send(self.alice)
        old = self.avatar(self.alice)
        svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
        for content in (b"", b"not a picture", svg, make_upload().read()[:200]):
            with self.subTest(content=content[:20]):
                upload = SimpleUploadedFile("me.jpg", content, "image/jpeg")
                response = self.send(self.alice, upload)
                self.assertContains(response, 'class="errorlist"')
                self.assertEqual(self.avatar(self.alice), old)
        self.assertContains(self.client.post(self.page, {}), "Choose a picture first")

    def test_failure_leaves_no_file_and_the_old_picture(self):
        self.send(self.alice)
        old = self.avatar(self.alice)
        before = set(default_storage.listdir("avatars")[1])
        with (
            mock.patch.object(Member, "save", side_effect=DatabaseError),
            self.assertRaises(DatabaseError),
        ):
            profiles.set_avatar(self.alice, make_upload())
        self.assertEqual(set(default_storage.listdir("avatars")[1]), before)
        self.assertEqual(self.avatar(self.alice), old)

    def test_so_many_in_an_hour(self):
        for _time in range(10):
            self.assertEqual(self.send(self.alice).status_code, 302)
        response = self.send(self.alice)
        self.assertEqual(response.status_code, 429)
        self.assertIn("Retry-After", response)


class AvatarFileTests(EntranceTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.carol = make_member("carol")
        profiles.set_avatar(cls.carol, make_upload())

    def show(self, **changes):
        Member.objects.filter(pk=self.carol.pk).update(**changes)

    def get(self, who):
        self.login(who)
        return self.client.get(self.carol.avatar.url)

    def assertStatuses(self, expected):
        for who, status in expected.items():
            with self.subTest(who=who):
                response = self.get(who)
                self.assertEqual(response.status_code, status)
                if status == 200:
                    self.assertEqual(response["Cache-Control"], "private, no-store")
                    self.assertIn("Cookie", response["Vary"])
                if status == 302:
                    self.assertIn(
                        path("account_login", language="zh-hans")[8:], response["Location"]
                    )

    def test_for_everyone_it_is_public_but_not_for_long(self):
        self.show(visibility=Audience.EVERYONE, avatar_audience=Audience.EVERYONE)
        for who in (None, self.nina, self.bob, self.carol):
            response = self.get(who)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response["Cache-Control"], "public, max-age=300, must-revalidate")
            self.assertEqual(response["Content-Type"], "image/webp")
            self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")
            self.assertNotIn("Cookie", response.get("Vary", ""))

    def test_the_narrower_of_profile_and_picture_counts(self):
        for visibility, audience in (
            (Audience.EVERYONE, Audience.MEMBERS),
            (Audience.MEMBERS, Audience.EVERYONE),
        ):
            self.show(visibility=visibility, avatar_audience=audience)
            members = dict.fromkeys([self.bob, self.wei, self.mona, self.carol], 200)
            self.assertStatuses({None: 302, self.nina: 404, **members})
        for visibility, audience in (
            (Audience.NOBODY, Audience.EVERYONE),
            (Audience.EVERYONE, Audience.NOBODY),
        ):
            self.show(visibility=visibility, avatar_audience=audience)
            strangers = dict.fromkeys([None, self.nina, self.bob, self.wei], 404)
            self.assertStatuses({**strangers, self.mona: 200, self.carol: 200})

    def test_of_whoever_is_not_active_it_is_gone(self):
        for standing in (Member.Standing.PENDING, Member.Standing.BANNED, Member.Standing.LEFT):
            self.show(
                standing=standing,
                is_active=standing == Member.Standing.PENDING,
                visibility=Audience.EVERYONE,
                avatar_audience=Audience.EVERYONE,
            )
            self.assertStatuses({None: 404, self.bob: 404, self.mona: 200})

    def test_hiding_works_for_a_browser_that_has_it(self):
        self.show(visibility=Audience.EVERYONE, avatar_audience=Audience.EVERYONE)
        etag = self.get(self.bob)["ETag"]
        same = self.client.get(self.carol.avatar.url, headers={"if-none-match": etag})
        self.assertEqual(same.status_code, 304)
        self.show(avatar_audience=Audience.NOBODY)
        for method in ("get", "head"):
            call = getattr(self.client, method)
            answer = call(
                self.carol.avatar.url, headers={"if-none-match": etag, "range": "bytes=0-9"}
            )
            self.assertEqual(answer.status_code, 404)

    def test_file_that_is_nobodys_does_not_exist(self):
        name = default_storage.save(f"avatars/{'a' * 32}.webp", make_upload())
        self.login(self.root)
        self.assertEqual(self.client.get(f"/media/{name}").status_code, 404)

    def test_page_shows_it_to_whom_it_is_for(self):
        url = self.carol.avatar.url
        for audience, readers in {
            Audience.EVERYONE: [None, self.bob, self.mona, self.carol],
            Audience.MEMBERS: [self.bob, self.mona, self.carol],
            Audience.NOBODY: [self.mona, self.carol],
        }.items():
            self.show(visibility=Audience.EVERYONE, avatar_audience=audience)
            for who in (None, self.bob, self.mona, self.carol):
                with self.subTest(audience=audience, who=who):
                    self.login(who)
                    page = self.client.get(self.address(self.carol)).content.decode()
                    self.assertEqual(url in page, who in readers)

    def test_beside_comments_it_stands_only_if_it_is_for_everyone(self):
        self.comment.author = self.carol
        self.comment.save()
        for visibility, audience, shown in (
            (Audience.EVERYONE, Audience.EVERYONE, True),
            (Audience.EVERYONE, Audience.MEMBERS, False),
            (Audience.MEMBERS, Audience.EVERYONE, False),
        ):
            self.show(visibility=visibility, avatar_audience=audience)
            for who in (None, self.bob):
                with self.subTest(visibility=visibility, audience=audience, who=who):
                    self.login(who)
                    page = self.client.get(self.address(self.article)).content.decode()
                    self.assertIn("Carol", page)
                    self.assertEqual(self.carol.avatar.url in page, shown)
