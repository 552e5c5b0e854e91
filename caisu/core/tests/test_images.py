"""Pictures on their way in, in pages, and out again."""

import zlib
from io import BytesIO
from struct import pack
from unittest import mock

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.template import Context, Template
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from caisu.core import images, markup
from caisu.core.jobs import run_due
from caisu.core.models import Image
from caisu.tests.cast import CastTestCase


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
        self.assertRefused(make_file("WEBP", size=(4200, 4200), method=0), "too_many_pixels")
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

    def test_no_file_stays_when_the_row_cannot_be_saved(self):
        before = _folders()
        with (
            mock.patch.object(Image, "save", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
        ):
            images.receive(make_file(), by=None)
        self.assertEqual(_folders(), before)

    def test_long_and_strange_names_are_kept_as_far_as_they_go(self):
        for name, kept in {
            "../../etc/照片 😀.jpg": "照片 😀",
            "x" * 300 + ".png": "x" * 150,
            "a\0b\u202egpj.exe": "abgpj",
        }.items():
            file = make_file()
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

    def test_richtext_leaves_out_discarded_pictures(self):
        image = make_image()
        body = self.body(image)
        image.delete()
        self.assertNotIn("<img", self.render("{{ body|richtext }}", body=body))


class ImageAdminTests(CastTestCase):
    def setUp(self):
        super().setUp()
        self.login(self.root)

    def test_a_picture_is_added_from_a_file(self):
        response = self.client.post(
            reverse("admin:core_image_add"),
            {"upload": make_file(), "alt_en": "Gate", "alt_zh_hans": "", "name": "", "credit": ""},
        )
        self.assertRedirects(response, reverse("admin:core_image_changelist"))
        image = Image.objects.get()
        self.assertEqual(
            (image.name, image.alt_en, image.uploaded_by), ("photo", "Gate", self.root)
        )
        run_due()
        image.refresh_from_db()
        self.assertEqual(image.renditions, [480])

    def test_a_wrong_file_is_refused_at_its_field(self):
        with translation.override("en"):
            response = self.client.post(
                reverse("admin:core_image_add"),
                {"upload": ContentFile(b"hello", name="x.jpg"), "alt_en": "Gate"},
            )
        self.assertEqual(response.status_code, 200)
        self.assertIn("upload", response.context["adminform"].form.errors)
        self.assertContains(response, 'value="Gate"')
        self.assertFalse(Image.objects.exists())

    def test_words_and_name_can_be_changed_and_nothing_else(self):
        image = make_image()
        address = reverse("admin:core_image_change", args=[image.pk])
        self.assertContains(self.client.get(address), images.url(image))
        self.client.post(
            address,
            {"name": "n", "alt_en": "e", "alt_zh_hans": "z", "credit": "c", "audience": "everyone"},
        )
        image.refresh_from_db()
        self.assertEqual(
            (image.name, image.alt_en, image.alt_zh_hans, image.credit, image.audience),
            ("n", "e", "z", "c", "staff"),
        )

    def test_deleting_removes_the_files(self):
        image = images.receive(make_file(), by=None)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                reverse("admin:core_image_delete", args=[image.pk]), {"post": "yes"}, follow=True
            )
        self.assertNotIn(image.token, _folders())

    def test_deleting_several_removes_their_files(self):
        keys = [images.receive(make_file(), by=None) for _ in range(2)]
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                reverse("admin:core_image_changelist"),
                {
                    "action": "delete_selected",
                    "_selected_action": [k.pk for k in keys],
                    "post": "yes",
                },
            )
        self.assertFalse(Image.objects.exists())
        self.assertFalse({k.token for k in keys} & set(_folders()))

    def test_the_list_asks_as_much_for_twenty_as_for_one(self):
        address = reverse("admin:core_image_changelist")
        make_image(uploaded_by=self.wei)
        self.client.get(address)
        with CaptureQueriesContext(connection) as at_one:
            response = self.client.get(address)
        self.assertContains(response, "480.webp")
        for _ in range(19):
            make_image(uploaded_by=self.wei)
        with self.assertNumQueries(len(at_one)):
            self.client.get(address)

    def test_strangers_do_not_get_in(self):
        for member in [None, self.alice]:
            self.login(member)
            response = self.client.get(reverse("admin:core_image_changelist"))
            self.assertIn(response.status_code, {302, 403})
