"""Pictures on their way in, in pages, and out again."""

import zlib
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from struct import pack
from unittest import mock
from urllib.parse import quote

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.template import Context, Template
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from caisu.core import images, markup
from caisu.core.jobs import run_due
from caisu.core.models import Image, Page
from caisu.tests.cast import CastTestCase, make_article
from news import publishing


def encoded(picture, kind="JPEG", **options):
    """A picture as an uploaded file."""
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return ContentFile(buffer.getvalue(), name=f"photo.{kind.lower()}")


def make_file(kind="JPEG", size=(640, 480), colour="#406080", mode="RGB", **options):
    return encoded(Pillow.new(mode, size, colour), kind, **options)


def receive(file, by):
    """A picture with its renditions."""
    image = images.receive(file, by)
    run_due()
    return image


def make_bomb(side):
    """A PNG of a few kB that unpacks to side × side pixels."""

    def chunk(kind, data):
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    header = pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return ContentFile(b"\x89PNG\r\n\x1a\n" + parts, name="bomb.png")


def opened(name):
    with default_storage.open(name) as file:
        picture = Pillow.open(file)
        picture.load()
    return picture


class ReadTests(TestCase):
    def assertRefused(self, file, code):
        with self.assertRaises(ValidationError) as caught:
            images.read(file)
        self.assertEqual(caught.exception.code, code)

    def test_the_four_kinds_are_read(self):
        for kind in ["JPEG", "PNG", "WEBP", "GIF"]:
            picture = images.read(make_file(kind))
            self.assertEqual((picture.mode, picture.size), ("RGB", (640, 480)), kind)

    def test_all_modes_become_colour(self):
        for mode, kind, colour in [
            ("L", "PNG", 64),
            ("1", "PNG", 1),
            ("P", "PNG", 3),
            ("CMYK", "JPEG", (9, 9, 9, 9)),
            ("L", "JPEG", 64),
        ]:
            picture = images.read(make_file(kind, mode=mode, colour=colour))
            self.assertEqual(picture.mode, "RGB", (mode, kind))

    def test_sixteen_bits_keep_their_brightness(self):
        picture = images.read(make_file("PNG", mode="I;16", colour=40000))
        self.assertEqual(picture.getpixel((5, 5)), (156, 156, 156))

    def test_transparency_stays(self):
        for mode, colour in [("RGBA", (9, 99, 200, 40)), ("LA", (9, 40))]:
            picture = images.read(make_file("PNG", mode=mode, colour=colour))
            self.assertEqual((picture.mode, picture.getpixel((5, 5))[3]), ("RGBA", 40))
        palette = images.read(make_file("GIF", mode="P", colour=3, transparency=3))
        self.assertEqual((palette.mode, palette.getpixel((5, 5))[3]), ("RGBA", 0))

    def test_of_an_animation_the_first_frame_is_taken(self):
        frames = [Pillow.new("RGB", (60, 40), (0, 5 * number, 0)) for number in range(50)]
        for kind in ["GIF", "WEBP"]:
            file = encoded(
                frames[0], kind, save_all=True, append_images=frames[1:], **{"lossless": True}
            )
            self.assertEqual(images.read(file).getpixel((5, 5)), (0, 0, 0), kind)

    def test_a_turned_picture_is_set_upright(self):
        picture = Pillow.new("RGB", (80, 40), "white")
        picture.paste("black", (0, 0, 20, 40))  # the left, which orientation 6 turns to the top
        for orientation, size, dark in [
            (1, (80, 40), (5, 20)),
            (2, (80, 40), (75, 20)),
            (3, (80, 40), (75, 20)),
            (4, (80, 40), (5, 20)),
            (5, (40, 80), (20, 5)),
            (6, (40, 80), (20, 5)),
            (7, (40, 80), (20, 75)),
            (8, (40, 80), (20, 75)),
        ]:
            exif = Pillow.Exif()
            exif[ExifTags.Base.Orientation] = orientation
            read = images.read(encoded(picture, exif=exif, quality=95))
            self.assertEqual(read.size, size, orientation)
            self.assertLess(read.getpixel(dark)[0], 40, orientation)

    def test_the_longer_side_is_limited(self):
        self.assertEqual(images.read(make_file(size=(4800, 1000))).size, (2400, 500))
        self.assertEqual(images.read(make_file("PNG", size=(600, 7200))).size, (200, 2400))
        self.assertEqual(images.read(make_file("PNG", size=(9000, 1))).size, (2400, 1))

    def test_numbers_mean_the_colours_of_the_profile(self):
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        # What it calls red is green.
        exchanged = (
            srgb.replace(b"rXYZ", b"____").replace(b"gXYZ", b"rXYZ").replace(b"____", b"gXYZ")
        )
        for profile, loudest in [(srgb, 0), (exchanged, 1), (b"nonsense", 0)]:
            read = images.read(make_file(colour="#c02020", icc_profile=profile))
            colour = read.getpixel((5, 5))
            self.assertEqual(colour.index(max(colour)), loudest)
            self.assertAlmostEqual(max(colour), 0xC0, delta=5)
            self.assertNotIn("icc_profile", read.info)

    def test_a_profile_for_another_kind_of_picture_is_passed_over(self):
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        read = images.read(make_file(colour="#c02020", icc_profile=lab))
        self.assertAlmostEqual(read.getpixel((5, 5))[0], 0xC0, delta=5)

    def test_what_is_no_picture_is_refused(self):
        for content in [
            b"",
            b"hello",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"%PDF-1.4",
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            b"GIF89a",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x10\x00\x00\x00WEBPVP8 ",
            b"\xff\xd8\xff\xe0",
        ]:
            self.assertRefused(ContentFile(content, name="x.jpg"), "not_a_picture")

    def test_other_formats_are_refused_though_pillow_reads_them(self):
        for kind in ["BMP", "TIFF", "PPM", "ICO"]:
            self.assertRefused(make_file(kind, size=(64, 64)), "not_a_picture")

    def test_half_a_picture_is_refused(self):
        noise = Pillow.effect_noise((640, 480), 80).convert("RGB")
        for kind in ["JPEG", "PNG", "WEBP", "GIF"]:
            whole = encoded(noise, kind).read()
            for part in [0.3, 0.6, 0.9]:
                half = ContentFile(whole[: int(len(whole) * part)], name="half")
                with self.assertRaises(ValidationError, msg=f"{kind} {part}"):
                    images.read(half)

    def test_a_bomb_is_refused_before_it_is_unpacked(self):
        bomb = make_bomb(20_000)
        self.assertLess(bomb.size, 100_000)
        with mock.patch.object(Pillow.Image, "load", side_effect=AssertionError("unpacked")):
            self.assertRefused(bomb, "too_many_pixels")
            self.assertRefused(make_bomb(10_000), "too_many_pixels")  # Pillow only warns of it
            self.assertRefused(make_bomb(7_100), "too_many_pixels")  # Pillow finds nothing in it

    def test_webp_has_a_lower_limit(self):
        self.assertRefused(make_file("WEBP", size=(3800, 3800), method=0), "too_many_pixels")
        self.assertEqual(
            images.read(make_file("WEBP", size=(3000, 3000), method=0)).size, (2400, 2400)
        )

    def test_a_file_of_more_than_10_mb_is_refused(self):
        self.assertRefused(ContentFile(bytes(10 * 1024 * 1024 + 1), name="x.jpg"), "too_large")

    def test_messages_come_in_the_language_of_the_sender(self):
        with translation.override("en"), self.assertRaises(ValidationError) as caught:
            images.read(ContentFile(b"hello"))
        self.assertIn("This file is not a picture", caught.exception.messages[0])


class ReceiveTests(CastTestCase):
    def test_a_picture_gets_its_row_files_and_renditions(self):
        image = receive(make_file(size=(2000, 1500)), by=self.wei)
        image.refresh_from_db()
        self.assertEqual((image.width, image.height), (2000, 1500))
        self.assertEqual((image.name, image.uploaded_by), ("photo", self.wei))
        self.assertEqual(image.audience, Image.Audience.STAFF)
        self.assertEqual(image.renditions, [480, 960, 1600])
        for name, kind, size in [
            ("full.webp", "WEBP", (2000, 1500)),
            ("1200.jpg", "JPEG", (1200, 900)),
            ("480.webp", "WEBP", (480, 360)),
            ("960.webp", "WEBP", (960, 720)),
            ("1600.webp", "WEBP", (1600, 1200)),
        ]:
            picture = opened(f"images/{image.token}/{name}")
            self.assertEqual((picture.format, picture.size), (kind, size))

    def test_a_small_picture_has_no_larger_renditions(self):
        image = receive(make_file(size=(960, 40)), by=None)
        image.refresh_from_db()
        self.assertEqual(image.renditions, [480])
        self.assertEqual(opened(f"images/{image.token}/1200.jpg").size, (960, 40))

    def test_place_camera_and_comments_are_not_kept(self):
        exif = Pillow.Exif()
        exif[ExifTags.Base.Make] = "SecretCamera"
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (42.0, 52.0, 1.0)
        image = receive(
            encoded(Pillow.new("RGB", (600, 400)), exif=exif, comment=b"SecretComment"), by=None
        )
        for name in ["full.webp", "1200.jpg", "480.webp"]:
            with default_storage.open(f"images/{image.token}/{name}") as file:
                content = file.read()
            self.assertNotIn(b"Secret", content)
            self.assertEqual(dict(Pillow.open(BytesIO(content)).getexif()), {})

    def test_the_dominant_colour_is_that_of_the_largest_part(self):
        picture = Pillow.new("RGB", (200, 100), "#205080")
        picture.paste("#ffffff", (0, 0, 60, 100))
        image = images.receive(encoded(picture, "PNG"), by=None)
        self.assertEqual(image.colour, "#205080")

    def test_transparent_pictures_stand_on_white_where_they_must(self):
        image = images.receive(make_file("PNG", mode="RGBA", colour=(0, 0, 0, 0)), by=None)
        self.assertEqual(opened(f"images/{image.token}/1200.jpg").getpixel((5, 5)), (255, 255, 255))
        self.assertEqual(opened(f"images/{image.token}/full.webp").getpixel((5, 5))[3], 0)
        self.assertEqual(image.colour, "#ffffff")

    def test_a_file_is_kept_once_for_whoever_may_know_of_the_first(self):
        first = images.receive(make_file(), by=self.alice)
        for member, same in [
            (self.alice, True),  # her own
            (self.wei, True),  # editors may see all
            (self.bob, False),  # would learn that somebody has sent it
            (self.mona, False),  # staff, but not for pictures
            (None, False),
        ]:
            image = images.receive(make_file(), by=member)
            self.assertEqual(image == first, same, member)
            if not same:
                self.assertEqual(image.uploaded_by, member)
                image.delete()
        self.assertNotEqual(images.receive(make_file(size=(64, 48)), by=self.alice), first)

    def test_the_size_of_its_largest_file_is_kept(self):
        image = images.receive(make_file(), by=None)
        self.assertEqual(
            default_storage.size(images.file_path(image, images.FULL)), image.file_size
        )

    def test_no_file_stays_when_the_row_cannot_be_saved(self):
        before = _folders()
        with (
            mock.patch.object(Image, "save", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
        ):
            images.receive(make_file(), by=None)
        self.assertEqual(_folders(), before)

    def test_long_and_strange_names_are_kept_as_far_as_they_go(self):
        for number, (name, kept) in enumerate(
            {
                "../../etc/照片 😀.jpg": "照片 😀",
                "x" * 300 + ".png": "x" * 150,
                "a\0b\u202egpj.exe": "abgpj",
            }.items()
        ):
            file = make_file(size=(60, 40 + number))
            file.name = name
            self.assertEqual(images.receive(file, by=None).name, kept)

    def test_making_renditions_twice_changes_nothing(self):
        image = receive(make_file(size=(1000, 500)), by=None)
        images.make_renditions.func(image.pk)
        image.refresh_from_db()
        self.assertEqual(image.renditions, [480, 960])
        files = default_storage.listdir(f"images/{image.token}")[1]
        self.assertCountEqual(files, ["full.webp", "1200.jpg", "480.webp", "960.webp"])

    def test_making_renditions_of_a_discarded_picture_leaves_nothing(self):
        image = receive(make_file(size=(1000, 500)), by=None)
        pk = image.pk
        Image.objects.filter(pk=pk).update(renditions=[])

        def gone(*_args):
            Image.objects.filter(pk=pk).delete()
            return mock.DEFAULT

        with mock.patch.object(images, "_encoded", wraps=images._encoded, side_effect=gone):
            images.make_renditions.func(pk)
        self.assertNotIn(image.token, _folders())
        images.make_renditions.func(pk)  # and again, now that it is gone

    def test_discarding_takes_row_and_files_once_it_is_certain(self):
        image = receive(make_file(size=(1000, 500)), by=None)
        with self.captureOnCommitCallbacks() as callbacks:
            images.discard(image)
            self.assertIn(image.token, _folders())
        self.assertFalse(Image.objects.filter(token=image.token).exists())
        for callback in callbacks:
            callback()
        self.assertNotIn(image.token, _folders())

    def test_square_is_the_middle_under_an_unguessable_name(self):
        picture = Pillow.new("RGB", (600, 300), "white")
        picture.paste("#802020", (150, 0, 450, 300))
        content = images.square(encoded(picture, "PNG"))
        self.assertRegex(content.name, r"^[0-9a-f]{32}\.webp$")
        square = Pillow.open(content)
        self.assertEqual((square.format, square.size), ("WEBP", (256, 256)))
        for corner in [(3, 3), (252, 252)]:
            self.assertAlmostEqual(square.getpixel(corner)[0], 0x80, delta=12)
        self.assertEqual(Pillow.open(images.square(make_file(), size=64)).size, (64, 64))

    def test_square_refuses_what_is_no_picture(self):
        with self.assertRaises(ValidationError):
            images.square(ContentFile(b"hello", name="me.jpg"))


class ReplaceTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.image = receive(make_file(size=(1000, 500)), by=self.wei)
        self.image.refresh_from_db()

    def files(self):
        return sorted(default_storage.listdir(f"images/{self.image.token}")[1])

    def replace(self, file):
        with self.captureOnCommitCallbacks(execute=True):
            return images.replace(self.image, file)

    def test_the_new_picture_stands_where_the_old_one_stood(self):
        Image.objects.update(alt_en="A gate", audience=Image.Audience.EVERYONE)
        new = self.replace(make_file("PNG", size=(600, 700), colour="#c02020"))
        self.assertEqual((new.pk, new.token), (self.image.pk, self.image.token))
        self.assertEqual((new.width, new.height, new.version), (600, 700, 1))
        self.assertEqual((new.colour, new.alt_en, new.audience), ("#c02020", "A gate", "everyone"))
        self.assertNotEqual(new.digest, self.image.digest)
        self.assertEqual(new.renditions, [])
        run_due()
        new.refresh_from_db()
        self.assertEqual(new.renditions, [480])
        self.assertEqual(self.files(), ["1-1200.jpg", "1-480.webp", "1-full.webp"])
        self.assertEqual(opened(images.file_path(new, images.FULL)).size, (600, 700))

    def test_addresses_tell_the_version(self):
        base = f"/media/images/{self.image.token}"
        self.assertEqual(images.url(self.image), f"{base}/full.webp")
        new = self.replace(make_file(size=(600, 700)))
        run_due()
        new.refresh_from_db()
        self.assertEqual(images.url(new), f"{base}/full.webp?v=1")
        self.assertEqual(images.fallback_url(new), f"{base}/1200.jpg?v=1")
        self.assertEqual(images.thumbnail_url(new), f"{base}/480.webp?v=1")
        self.assertEqual(images.srcset(new), f"{base}/480.webp?v=1 480w, {base}/full.webp?v=1 600w")

    def test_a_second_replacement_leaves_nothing_of_the_first(self):
        self.replace(make_file(size=(600, 700)))
        run_due()
        new = self.replace(make_file(size=(300, 200)))
        run_due()
        self.assertEqual(new.version, 2)
        self.assertEqual(self.files(), ["2-1200.jpg", "2-full.webp"])
        with self.captureOnCommitCallbacks(execute=True):
            images.discard(new)
        self.assertNotIn(new.token, _folders())

    def test_a_failure_in_the_middle_leaves_the_old_picture_whole(self):
        before, files = Image.objects.values().get(), self.files()
        write = images._write

        def second_fails(image, name, content):
            if name == images.FALLBACK:
                raise OSError("disk full")
            write(image, name, content)

        failures = [
            mock.patch.object(images, "_write", side_effect=second_fails),
            mock.patch.object(Image, "save", side_effect=RuntimeError),
            mock.patch.object(images, "_encoded", side_effect=MemoryError),
            mock.patch("caisu.core.jobs.declaring.Job.enqueue", side_effect=RuntimeError),
        ]
        for failure in failures:
            with failure, self.assertRaises((OSError, RuntimeError, MemoryError)):
                self.replace(make_file(size=(600, 700)))
            self.assertEqual(Image.objects.values().get(), before)
            self.assertEqual(self.files(), files)
        with self.assertRaises(ValidationError):
            self.replace(ContentFile(b"hello", name="x.png"))
        self.assertEqual(self.files(), files)

    def test_old_files_stay_until_the_change_is_certain(self):
        files = self.files()
        with self.captureOnCommitCallbacks() as callbacks:
            images.replace(self.image, make_file(size=(600, 700)))
        self.assertLessEqual(set(files), set(self.files()))
        for callback in callbacks:
            callback()
        self.assertEqual(self.files(), ["1-1200.jpg", "1-full.webp"])

    def test_a_job_that_was_at_work_on_the_old_one_leaves_nothing(self):
        Image.objects.update(renditions=[])

        def replaced(*_args):
            Image.objects.update(version=1)
            return mock.DEFAULT

        with mock.patch.object(images, "_encoded", wraps=images._encoded, side_effect=replaced):
            images.make_renditions.func(self.image.pk)
        self.assertEqual(Image.objects.get().renditions, [])
        self.assertNotIn("480.webp", "".join(_files_or_none(self.image.token)))

    def test_what_was_deleted_meanwhile_cannot_be_replaced(self):
        Image.objects.all().delete()
        with self.assertRaises(Image.DoesNotExist):
            images.replace(self.image, make_file(size=(600, 700)))

    def test_the_file_that_it_had_is_new_again(self):
        self.replace(make_file(size=(600, 700)))
        self.assertNotEqual(images.receive(make_file(size=(1000, 500)), by=self.wei), self.image)
        self.assertEqual(images.receive(make_file(size=(600, 700)), by=self.wei), self.image)


def _files_or_none(token):
    try:
        return default_storage.listdir(f"images/{token}")[1]
    except FileNotFoundError:
        return []


class SizesTests(CastTestCase):
    def state(self, image):
        image.refresh_from_db()
        return images.sizes([image])[image.pk]

    def test_they_are_counted_while_they_come(self):
        image = images.receive(make_file(size=(2000, 1000)), by=None)
        self.assertEqual(self.state(image), images.Sizes(0, 3))
        self.assertTrue(self.state(image).waiting)
        counts = []
        encode = images._encoded

        def encoded_and_counted(*args):
            counts.append(self.state(image).ready)
            return encode(*args)

        with mock.patch.object(images, "_encoded", encoded_and_counted):
            run_due()
        self.assertEqual(counts, [0, 1, 2])
        self.assertEqual(self.state(image), images.Sizes(3, 3))
        self.assertFalse(self.state(image).waiting)

    def test_a_job_that_gave_up_is_told_and_tried_again(self):
        image = images.receive(make_file(size=(1000, 500)), by=None)
        with mock.patch.object(images, "_encoded", side_effect=OSError):
            now = timezone.now()
            for hours in range(12):
                run_due(now + timedelta(hours=hours))
        self.assertEqual(self.state(image), images.Sizes(0, 2, failed=True))
        self.assertEqual(images.remake([image]), 1)
        self.assertTrue(self.state(image).waiting)
        self.assertEqual(images.remake([image]), 0)
        run_due()
        self.assertEqual(self.state(image), images.Sizes(2, 2))

    def test_without_any_job_there_is_one_again(self):
        image = images.receive(make_file(size=(1000, 500)), by=None)
        run_due()
        Image.objects.update(renditions=[480])
        self.assertTrue(self.state(image).failed)
        images.remake([image])
        run_due()
        self.assertEqual(self.state(image), images.Sizes(2, 2))

    def test_one_query_tells_of_all(self):
        for number in [1, 20]:
            rows = [make_image(renditions=[]) for _ in range(number)]
            with self.assertNumQueries(1):
                images.sizes(rows)
        with self.assertNumQueries(0):
            images.sizes([make_image_row(renditions=[480, 960, 1600])])


def _folders():
    try:
        return default_storage.listdir("images")[0]
    except FileNotFoundError:
        return []


def make_image(**changes):
    """A row without files."""
    values = {
        "width": 2000,
        "height": 1000,
        "colour": "#123456",
        "renditions": [480, 960],
        **changes,
    }
    return Image.objects.create(**values)


def make_image_row(**changes):
    """One that is not saved."""
    return Image(**{"pk": 1, "width": 2000, "height": 1000, **changes})


def make_page(*pictures, slug="about", **changes):
    body = "".join(
        f'<p>a</p><figure><img src="{images.url(image)}"></figure>' for image in pictures
    )
    return Page.objects.create(slug=slug, title_en="About us", body_en=body, **changes)


class UsesTests(CastTestCase):
    def test_articles_and_pages_are_found_by_cover_and_body(self):
        cover, inside, unused = make_image(), make_image(), make_image()
        body = f'<figure><img src="{images.url(inside)}"></figure>'
        article = make_article(cover=cover, body_en=body)
        publishing.refresh(article)
        page = make_page(inside)
        self.assertEqual(images.uses(cover), [article])
        self.assertCountEqual(images.uses(inside), [article, page])
        self.assertEqual(images.uses(unused), [])

    def test_they_are_counted_and_filtered(self):
        shown, unused = make_image(), make_image()
        for number in range(3):
            make_page(shown, slug=f"page-{number}")
        article = make_article(cover=shown)
        publishing.refresh(article)
        counts = {image.pk: image.use_count for image in Image.objects.with_use_count()}
        self.assertEqual(counts, {shown.pk: 4, unused.pk: 0})
        self.assertEqual(list(Image.objects.used()), [shown])
        self.assertEqual(list(Image.objects.unused()), [unused])

    def test_all_are_told_with_as_many_queries_as_one(self):
        rows = [make_image() for _ in range(20)]
        for number, image in enumerate(rows):
            make_page(image, slug=f"page-{number}")
            publishing.refresh(make_article(cover=image))
        with CaptureQueriesContext(connection) as at_one:
            images.uses(rows[0])
        with self.assertNumQueries(len(at_one)):
            images.uses_of(rows)

    def test_for_what_everybody_may_see_nobody_else_is_asked(self):
        image, dropped = make_image(), make_image()
        article = make_article(cover=image, body_en=f'<img src="{images.url(dropped)}">')
        make_page(image)
        publishing.refresh(article)
        self.assertEqual(self.audiences(image, dropped), ["everyone", "everyone"])
        article.body_en = "<p>nothing</p>"
        article.save()
        with mock.patch.object(images, "uses_of", wraps=images.uses_of) as asked:
            publishing.refresh(article)
        asked.assert_called_once_with([dropped])
        self.assertEqual(self.audiences(image, dropped), ["everyone", "staff"])

    def test_a_page_opens_its_pictures_and_closes_what_it_alone_has_shown(self):
        alone, shared = make_image(), make_image()
        publishing.refresh(make_article(cover=shared))
        page = make_page(alone, shared)
        self.assertCountEqual(page.images.all(), [alone, shared])
        self.assertEqual(self.audiences(alone, shared), ["everyone", "everyone"])
        page.body_en = "<p>nothing</p>"
        page.save()
        self.assertEqual(page.images.count(), 0)
        self.assertEqual(self.audiences(alone, shared), ["staff", "everyone"])

    def test_the_pictures_of_older_pages_are_noted_and_forgotten_again(self):
        migration = import_module("caisu.core.migrations.0005_pictures_of_pages")
        image, other = make_image(), make_image()
        page = make_page(image)
        page.images.clear()
        images.set_audience([image], Image.Audience.STAFF)
        migration.note(apps, None)
        self.assertEqual(list(page.images.all()), [image])
        self.assertEqual(self.audiences(image, other), ["everyone", "staff"])
        migration.forget(apps, None)
        self.assertEqual(page.images.count(), 0)

    def test_deleting_a_page_closes_them_too(self):
        image = make_image()
        make_page(image).delete()
        self.assertEqual(self.audiences(image), ["staff"])
        make_page(image)
        self.login(self.root)
        self.client.post(
            reverse("admin:core_page_changelist"),
            {
                "action": "delete_selected",
                "_selected_action": Page.objects.values_list("pk", flat=True),
                "post": "yes",
            },
        )
        self.assertFalse(Page.objects.exists())
        self.assertEqual(self.audiences(image), ["staff"])

    def audiences(self, *rows):
        return [Image.objects.get(pk=image.pk).audience for image in rows]


class AudienceTests(TestCase):
    def test_the_number_of_changes_is_told(self):
        one, two = make_image(), make_image(audience=Image.Audience.EVERYONE)
        self.assertEqual(images.set_audience(Image.objects.all(), Image.Audience.EVERYONE), 1)
        self.assertEqual(images.set_audience([one, two], Image.Audience.MEMBERS), 2)
        self.assertEqual(images.set_audience([], Image.Audience.STAFF), 0)
        one.refresh_from_db()
        self.assertEqual(one.audience, Image.Audience.MEMBERS)

    def test_tokens_are_found_in_html(self):
        one, two = "1" * 32, "2" * 32
        html = f'<img src="/media/images/{one}/full.webp"><p>/media/images/{two}/480.webp</p>'
        self.assertEqual(images.in_html(html * 2), {one, two})
        self.assertEqual(images.in_html("<p>/media/images/short/full.webp</p>"), set())


class PictureTagTests(TestCase):
    def render(self, source, **context):
        return Template("{% load pictures %}" + source).render(Context(context))

    def test_picture_has_sources_size_and_words(self):
        image = make_image(alt_en='A "red" gate')
        base = f"/media/images/{image.token}"
        with translation.override("en"):
            html = self.render('{% picture image sizes="50vw" %}', image=image)
        self.assertHTMLEqual(
            html,
            f'<picture><source type="image/webp" srcset="{base}/480.webp 480w, {base}/960.webp 960w, '
            f'{base}/full.webp 2000w" sizes="50vw"><img src="{base}/1200.jpg" width="2000" '
            'height="1000" alt="A &quot;red&quot; gate" data-colour="#123456" loading="lazy" '
            'decoding="async"></picture>',
        )

    def test_eager_pictures_are_fetched_first(self):
        html = self.render("{% picture image eager=True %}", image=make_image())
        self.assertIn('fetchpriority="high"', html)
        self.assertNotIn("lazy", html)

    def test_decorative_pictures_have_empty_words(self):
        html = self.render('{% picture image alt="" %}', image=make_image(alt_en="Gate"))
        self.assertIn('alt=""', html)

    def test_no_picture_is_nothing(self):
        self.assertEqual(self.render("{% picture image %}", image=None), "")

    def test_addresses_for_cards_and_lists(self):
        image = make_image()
        base = f"/media/images/{image.token}"
        for name, expected in [
            ("picture_url", f"{base}/full.webp"),
            ("fallback_url", f"{base}/1200.jpg"),
            ("thumbnail_url", f"{base}/480.webp"),
        ]:
            self.assertEqual(self.render("{{ image|" + name + " }}", image=image), expected)
        image.renditions = []  # not made yet
        self.assertEqual(self.render("{{ image|thumbnail_url }}", image=image), f"{base}/1200.jpg")

    def body(self, *pictures, alt=""):
        figures = [
            f'<figure><img src="{images.url(image)}" alt="{alt}"><figcaption>c</figcaption></figure>'
            for image in pictures
        ]
        return markup.sanitise("<p>a</p>" + "".join(figures))

    def test_richtext_shows_pictures_in_all_sizes_with_one_query(self):
        for number in [1, 20]:
            body = self.body(*(make_image() for _ in range(number)))
            with self.assertNumQueries(1):
                html = self.render("{{ body|richtext }}", body=body)
            self.assertEqual(html.count("<picture>"), number)
            self.assertEqual(html.count(" 960w"), number)
            self.assertEqual(html.count("</picture><figcaption>c</figcaption>"), number)

    def test_richtext_without_pictures_asks_nothing(self):
        with self.assertNumQueries(0):
            self.assertEqual(self.render("{{ body|richtext }}", body="<p>a</p>"), "<p>a</p>")
            self.assertEqual(self.render("{{ body|richtext }}", body=""), "")

    def test_richtext_takes_the_words_of_the_place_before_those_of_the_picture(self):
        image = make_image(alt_en="own", alt_zh_hans="own")
        body = self.body(image, alt="&quot;a&quot; &lt;b&gt; <i>")
        self.assertIn(
            'alt="&quot;a&quot; &lt;b&gt; &lt;i&gt;"', self.render("{{ body|richtext }}", body=body)
        )
        self.assertIn('alt="own"', self.render("{{ body|richtext }}", body=self.body(image)))

    def test_richtext_leaves_out_discarded_pictures_with_all_that_stood_around_them(self):
        gone, there = make_image(), make_image()
        src, other = images.url(gone), images.url(there)
        gone.delete()
        for body, left in {
            f'<p>a</p><figure><img src="{src}"><figcaption>c</figcaption></figure>': "<p>a</p>",
            f'<figure><img src="{src}"><small>by me</small><figcaption>c</figcaption></figure>': "",
            f'<figure><a href="/"><img src="{src}"></a></figure><p>b</p>': "<p>b</p>",
            f'<figure><p><img src="{src}"></p><figcaption>c</figcaption></figure>': "",
            f'<p><img src="{src}"></p><p>b</p>': "<p>b</p>",
            f'<p>a <a href="/x"><img src="{src}"></a></p>': "<p>a </p>",
            f'<ul><li><img src="{src}"></li></ul>': "",
        }.items():
            self.assertEqual(self.render("{{ body|richtext }}", body=body), left)
        table = "<figure><table><tr><td>1</td></tr></table><figcaption>c</figcaption></figure>"
        html = self.render("{{ body|richtext }}", body=table + f'<p>b<img src="{src}"></p>')
        self.assertEqual(html, table + "<p>b</p>")
        both = f'<figure><img src="{src}"><img src="{other}"><figcaption>c</figcaption></figure>'
        html = self.render("{{ body|richtext }}", body=both)
        self.assertEqual((html.count("<figure>"), html.count("<picture>")), (1, 1))
        self.assertIn("<figcaption>c</figcaption>", html)

    def test_a_preview_gives_keys_for_its_pictures(self):
        image = make_image(version=2)
        since = timezone.now() - timedelta(hours=3)
        key = quote(images.preview_key(image.token, since))
        for source, context in [
            ("{{ body|richtext_keyed:since }}", {"body": self.body(image)}),
            ("{% picture image keyed=since %}", {"image": image}),
        ]:
            html = self.render(source, since=since, **context)
            self.assertEqual(html.count(f"?v=2&amp;key={key}"), 4)
        self.assertNotIn("key=", self.render("{{ body|richtext }}", body=self.body(image)))

    def test_pictures_lead_to_themselves_in_full_unless_they_lead_elsewhere(self):
        image = make_image(alt_en="words", alt_zh_hans="words")
        full = images.url(image)
        html = self.render("{{ body|richtext|opening }}", body=self.body(image))
        self.assertIn(f'<a class="full" href="{full}"><picture>', html)
        self.assertIn("</picture></a><figcaption>", html)
        linked = markup.sanitise(f'<p><a href="/b">b <img src="{full}"></a> <img src="{full}"></p>')
        html = self.render("{{ body|richtext|opening }}", body=linked)
        self.assertEqual(html.count('class="full"'), 1)
        self.assertLess(html.index("</a>"), html.index('class="full"'))
        html = self.render("{% picture image alt='' as shown %}{{ shown|opening }}", image=image)
        self.assertRegex(html, r'<a class="full" href="[^"]+" aria-label="[^"]+">')
        keyed = "{% picture image keyed=since as shown %}{{ shown|opening }}"
        html = self.render(keyed, image=image, since=timezone.now())
        self.assertRegex(html, r'<a class="full" href="[^"]+full\.webp\?key=[^"]+">')
        self.assertEqual(self.render("{{ none|opening }}", none=""), "")

    def test_links_of_members_give_no_credit(self):
        body = markup.sanitise(
            '<p><a href="https://a.example/" title="t">a</a> &lt;a href="/"&gt; <a href="/b">b</a></p>'
        )
        html = self.render("{{ body|members_richtext }}", body=body + self.body(make_image()))
        rel = 'rel="nofollow ugc noopener"'
        self.assertIn(f'<a href="https://a.example/" title="t" {rel}>a</a>', html)
        self.assertIn(f'&lt;a href="/"&gt; <a href="/b" {rel}>b</a>', html)
        self.assertEqual(html.count("rel="), 2)
        self.assertIn("<picture>", html)
