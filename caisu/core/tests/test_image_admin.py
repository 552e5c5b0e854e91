"""The library of pictures at the desk."""

from datetime import timedelta
from unittest import mock

from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core import images
from caisu.core.jobs import run_due
from caisu.core.jobs.models import Worker
from caisu.core.models import Image
from caisu.core.tests.test_images import _folders, make_file, make_image, make_page
from caisu.tests.cast import CastTestCase, make_article
from news import publishing

LIST = "admin:core_image_changelist"


class DeskTestCase(CastTestCase):
    """Wei is at the desk, and reads English."""

    def setUp(self):
        super().setUp()
        self.login(self.wei)
        self.client.cookies["language"] = "en"

    def at(self, name, *args):
        return reverse(f"admin:core_image_{name}", args=args)


class ImageAdminTests(DeskTestCase):
    def test_a_picture_is_added_from_a_file(self):
        response = self.client.post(
            reverse("admin:core_image_add"),
            {"upload": make_file(), "alt_en": "Gate", "alt_zh_hans": "", "name": "", "credit": ""},
        )
        self.assertRedirects(response, reverse("admin:core_image_changelist"))
        image = Image.objects.get()
        self.assertEqual((image.name, image.alt_en, image.uploaded_by), ("photo", "Gate", self.wei))
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

    def test_strangers_do_not_get_in(self):
        for member in [None, self.alice]:
            self.login(member)
            response = self.client.get(reverse("admin:core_image_changelist"))
            self.assertIn(response.status_code, {302, 403})

    def test_a_file_that_is_there_already_leads_to_the_first(self):
        first = images.receive(make_file(), by=self.alice)
        Image.objects.update(alt_en="A gate")
        response = self.client.post(
            self.at("add"),
            {"upload": make_file(), "alt_en": "Gate", "alt_zh_hans": "门", "credit": ""},
            follow=True,
        )
        self.assertRedirects(response, self.at("change", first.pk))
        self.assertContains(response, "This picture was in the library already.")
        self.assertContains(response, "so these were not taken: Gate")
        image = Image.objects.get()
        self.assertEqual((image.alt_en, image.alt_zh_hans), ("A gate", "门"))
        self.assertFalse(LogEntry.objects.exists())

    def test_a_window_that_asked_for_a_picture_gets_the_first(self):
        first = images.receive(make_file(), by=self.wei)
        response = self.client.post(
            self.at("add"), {"upload": make_file(), "_popup": "1", "name": "", "alt_en": ""}
        )
        self.assertContains(response, f"&quot;value&quot;: &quot;{first.pk}&quot;")

    def test_its_page_names_what_shows_it(self):
        image = make_image()
        page = make_page(image)
        article = make_article(title_en="Lantern fair", cover=image)
        publishing.refresh(article)
        response = self.client.get(self.at("change", image.pk))
        self.assertContains(response, "Where it is used")
        for use in [page, article]:
            name = f"admin:{use._meta.app_label}_{use._meta.model_name}_change"
            if use == article:
                self.assertContains(
                    response, f'<a href="{reverse(name, args=[use.pk])}">Lantern fair'
                )
            else:  # pages are the webmaster's
                self.assertNotContains(response, reverse(name, args=[use.pk]))
                self.assertContains(response, "Page: one that is not open to you")
        self.login(self.root)
        self.assertContains(self.client.get(self.at("change", image.pk)), "About us</a>")

    def test_a_picture_that_nothing_shows_says_so(self):
        self.assertContains(
            self.client.get(self.at("change", make_image().pk)), "Nothing shows it."
        )


class ListTests(DeskTestCase):
    def fill(self, number, **changes):
        for _ in range(number):
            image = make_image(uploaded_by=self.wei, **changes)
            make_page(image, slug=f"page-{image.pk}")

    def assertCountConstant(self, **changes):
        address = reverse(LIST)
        self.fill(1, **changes)
        self.client.get(address)
        with CaptureQueriesContext(connection) as at_one:
            self.assertContains(self.client.get(address), "/media/images/")
        self.fill(19, **changes)
        with self.assertNumQueries(len(at_one)):
            self.client.get(address)

    def test_it_asks_as_much_for_twenty_as_for_one(self):
        self.assertCountConstant(renditions=[480, 960, 1600])

    def test_it_asks_as_much_for_twenty_that_are_being_made(self):
        self.assertCountConstant(renditions=[])

    def test_it_is_bounded(self):
        for _ in range(60):
            make_image()
        for query in ["", "?all="]:
            response = self.client.get(reverse(LIST) + query)
            self.assertEqual(len(response.context_data["cl"].result_list), 48)

    def test_a_row_says_all_that_is_known(self):
        make_page(image := make_image(alt_zh_hans="大门", credit="Li", file_size=2048, name="gate"))
        response = self.client.get(reverse(LIST))
        for words in ["大门", "English description missing", "© Li", "2000 × 1000", "2.0\xa0KB"]:
            self.assertContains(response, words)
        self.assertNotContains(response, "Chinese description missing")
        self.assertContains(response, "<span>1 use</span><span>Everyone</span>")
        self.assertContains(response, images.thumbnail_url(image))

    def found(self, query):
        response = self.client.get(reverse(LIST) + query)
        return [image.name for image in response.context_data["cl"].result_list]

    def test_it_is_searched_and_filtered(self):
        make_page(make_image(name="used", alt_zh_hans="门", alt_en="Gate", credit="Li Wei"))
        make_image(name="mine", uploaded_by=self.wei, alt_zh_hans="门")
        make_image(name="english", alt_en="Gate", uploaded_by=self.root)
        for query, names in {
            "?used=yes": ["used"],
            "?used=no": ["english", "mine"],
            "?undescribed=any": ["english", "mine"],
            "?undescribed=zh-hans": ["english"],
            "?undescribed=en": ["mine"],
            "?mine=yes": ["mine"],
            "?q=门": ["mine", "used"],
            "?q=li+wei": ["used"],
            "?q=nothing": [],
            "?audience__exact=everyone": ["used"],
        }.items():
            self.assertEqual(self.found(query), names, query)


class ProgressTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.image = images.receive(make_file(size=(2000, 1000)), by=self.wei)
        self.pages = [reverse(LIST), self.at("sizes", self.image.pk)]
        Worker.objects.create(pk="w", seen_at=timezone.now())

    def fail(self):
        with mock.patch.object(images, "_encoded", side_effect=OSError):
            for hours in range(12):
                run_due(timezone.now() + timedelta(hours=hours))

    def test_pages_come_again_until_all_sizes_are_there(self):
        Image.objects.update(renditions=[480])
        for address in self.pages:
            response = self.client.get(address)
            self.assertEqual(response["Refresh"], "3", address)
            self.assertContains(response, "Sizes ready: 1 of 3")
            self.assertContains(response, "This page looks again every three seconds.")
        run_due()
        for address in self.pages:
            response = self.client.get(address)
            self.assertNotIn("Refresh", response)
            self.assertNotContains(response, 'class="making')

    def test_a_page_with_typed_text_does_not_come_again_by_itself(self):
        response = self.client.get(self.at("change", self.image.pk))
        self.assertNotIn("Refresh", response)
        self.assertContains(response, "Sizes ready: 0 of 3")
        self.assertContains(response, self.at("sizes", self.image.pk))

    def test_without_a_worker_they_say_so_and_stay(self):
        Worker.objects.all().delete()
        for address in self.pages:
            response = self.client.get(address)
            self.assertNotIn("Refresh", response)
            self.assertContains(response, "No worker is running")

    def test_a_failure_is_told_with_its_job_to_those_who_may_see_it(self):
        self.fail()
        jobs = reverse("admin:core_backgroundjob_changelist")
        for member, may_see in [(self.wei, False), (self.root, True)]:
            self.login(member)
            self.client.get("/language/en/")
            for address in self.pages:
                response = self.client.get(address)
                self.assertNotIn("Refresh", response)
                self.assertContains(response, "could not be made")
                self.assertEqual(f"{jobs}?status=FAILED&amp;q=" in response.text, may_see)

    def test_a_button_tries_again(self):
        self.fail()
        address = self.at("sizes", self.image.pk)
        self.assertContains(self.client.get(address), "Try again")
        self.assertRedirects(self.client.post(address), address)
        self.assertNotContains(self.client.get(address), "Try again")
        run_due()
        self.image.refresh_from_db()
        self.assertEqual(self.image.renditions, [480, 960, 1600])

    def test_so_does_an_action_for_many(self):
        self.fail()
        data = {"action": "make_sizes", "_selected_action": [self.image.pk]}
        response = self.client.post(reverse(LIST), data, follow=True)
        self.assertContains(response, "The sizes of 1 picture are being made again.")
        response = self.client.post(reverse(LIST), data, follow=True)
        self.assertContains(response, "No size is missing")

    def test_others_do_not_get_in(self):
        self.fail()
        address = self.at("sizes", self.image.pk)
        for member in [None, self.nina, self.alice, self.mona]:
            self.login(member)
            for response in [self.client.get(address), self.client.post(address)]:
                self.assertIn(response.status_code, {302, 403}, member)
        self.assertTrue(images.sizes([self.image])[self.image.pk].failed)

    def test_what_is_not_there_is_not_found(self):
        for key in ["999", "x", "9" * 30]:
            self.assertEqual(self.client.get(self.at("sizes", key)).status_code, 404)


class ReplaceTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.image = images.receive(make_file(), by=self.wei)
        self.address = self.at("replace", self.image.pk)

    def send(self, file):
        return self.client.post(self.address, {"upload": file})

    def version(self):
        return Image.objects.get(pk=self.image.pk).version

    def test_it_works_and_is_written_down(self):
        with self.captureOnCommitCallbacks(execute=True):
            response = self.send(make_file("PNG", size=(600, 700)))
        self.assertRedirects(
            response, self.at("sizes", self.image.pk), fetch_redirect_response=False
        )
        self.assertEqual(self.version(), 1)
        self.assertEqual(LogEntry.objects.get().user, self.wei)
        response = self.client.get(self.at("sizes", self.image.pk))
        self.assertContains(response, "The picture was replaced.")
        self.assertContains(response, "?v=1")

    def test_it_warns_of_what_shows_it(self):
        self.assertContains(self.client.get(self.address), "Nothing shows it.")
        publishing.refresh(make_article(title_en="Lantern fair", cover=self.image))
        response = self.client.get(self.address)
        self.assertContains(response, "It is used in 1 place")
        self.assertContains(response, "Lantern fair</a>")

    def test_bad_files_are_told_at_the_field_and_change_nothing(self):
        for file, words in [
            (ContentFile(b"hello", name="x.jpg"), "This file is not a picture"),
            (make_file(), "This is the very file that is here now."),
            ("", "This field is required."),
        ]:
            response = self.send(file)
            self.assertEqual(response.status_code, 200)
            self.assertContains(response, words)
        self.assertEqual(self.version(), 0)

    def test_others_may_not(self):
        for member in [None, self.nina, self.alice, self.mona]:
            self.login(member)
            for response in [self.client.get(self.address), self.send(make_file(size=(60, 40)))]:
                self.assertIn(response.status_code, {302, 403}, member)
        self.assertEqual(self.version(), 0)

    def test_what_is_not_there_is_not_found(self):
        self.assertEqual(self.client.get(self.at("replace", 999)).status_code, 404)


class DeleteTests(DeskTestCase):
    def setUp(self):
        super().setUp()
        self.image = images.receive(make_file(), by=None)
        self.address = self.at("delete", self.image.pk)

    def use(self):
        article = make_article(
            title_en="Lantern fair",
            cover=self.image,
            body_en=f'<p>b</p><figure><img src="{images.url(self.image)}"></figure>',
        )
        publishing.refresh(article)
        return article

    def bulk(self, **data):
        data = {
            "action": "delete_selected",
            "_selected_action": [*Image.objects.values_list("pk", flat=True)],
            **data,
        }
        return self.client.post(reverse(LIST), data, follow=True)

    def seen(self, response):
        return {"post": "yes", "seen": response.context["seen"]}

    def test_one_goes_with_its_files(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(self.address, {"post": "yes"}, follow=True)
        self.assertFalse(Image.objects.exists())
        self.assertNotIn(self.image.token, _folders())

    def test_several_go_with_their_files(self):
        other = images.receive(make_file(size=(60, 40)), by=None)
        with self.captureOnCommitCallbacks(execute=True):
            self.bulk(post="yes")
        self.assertFalse(Image.objects.exists())
        self.assertFalse({self.image.token, other.token} & set(_folders()))

    def test_one_in_use_goes_once_its_uses_were_named(self):
        article = self.use()
        response = self.client.post(self.address, {"post": "yes"}, follow=True)
        self.assertContains(response, "Nothing was deleted")
        self.assertContains(response, "Lantern fair</a>")
        self.assertNotContains(response, "relationship")
        self.client.post(self.address, self.seen(response))
        self.assertFalse(Image.objects.exists())
        article.refresh_from_db()
        self.assertIsNone(article.cover)
        self.client.logout()
        response = self.client.get(article.get_absolute_url().replace("/zh-hans/", "/en/"))
        self.assertContains(response, "<p>b</p>")
        self.assertNotContains(response, self.image.token)

    def test_a_use_that_came_meanwhile_is_named_first(self):
        response = self.client.get(self.address)
        self.use()
        self.client.post(self.address, self.seen(response))
        self.assertTrue(Image.objects.exists())

    def test_of_several_the_uses_are_named_too(self):
        self.use()
        response = self.bulk(post="yes")
        self.assertContains(response, "Nothing was deleted")
        self.assertContains(response, "Lantern fair</a>")
        self.assertTrue(Image.objects.exists())
        self.bulk(**self.seen(response))
        self.assertFalse(Image.objects.exists())

    def test_others_may_not(self):
        for member in [None, self.nina, self.alice, self.mona]:
            self.login(member)
            for response in [
                self.client.get(self.address),
                self.client.post(self.address, {"post": "yes"}),
            ]:
                self.assertIn(response.status_code, {302, 403}, member)
            self.bulk(post="yes")
        self.assertTrue(Image.objects.exists())


class ChooseTests(DeskTestCase):
    def get(self, query=""):
        return self.client.get(self.at("choose") + query)

    def test_the_newest_come_first_in_parts(self):
        rows = [make_image(name=f"n{number}") for number in range(50)]
        seen, query = [], ""
        for expected in [24, 24, 2]:
            response = self.get(query)
            answer = response.json()
            self.assertEqual(len(answer["pictures"]), expected)
            seen += [picture["pk"] for picture in answer["pictures"]]
            query = f"?before={answer['older']}"
        self.assertIsNone(answer["older"])
        self.assertEqual(seen, [image.pk for image in reversed(rows)])
        self.assertIn("no-store", response["Cache-Control"])

    def test_it_tells_what_the_editor_needs(self):
        image = make_image(name="n", alt_en="e", alt_zh_hans="z", credit="c", version=1)
        base = f"/media/images/{image.token}"
        self.assertEqual(
            self.get().json(),
            {
                "pictures": [
                    {
                        "pk": image.pk,
                        "token": image.token,
                        "url": f"{base}/full.webp?v=1",
                        "thumbnail": f"{base}/480.webp?v=1",
                        "name": "n",
                        "alt_zh_hans": "z",
                        "alt_en": "e",
                        "credit": "c",
                        "width": 2000,
                        "height": 1000,
                    }
                ],
                "older": None,
            },
        )

    def test_it_is_searched(self):
        make_image(name="gate"), make_image(alt_zh_hans="大门"), make_image(credit="Li Wei")
        for words, count in {"gate": 1, "大门": 1, "li wei": 1, "": 3, "x": 0, "%00": 3}.items():
            self.assertEqual(len(self.get(f"?q={words}").json()["pictures"]), count, words)
        self.assertEqual(self.get("?q=" + "x" * 5000).json()["pictures"], [])

    def test_nonsense_is_passed_over(self):
        make_image()
        for before in ["x", "-1", "", "9" * 40]:
            self.assertEqual(len(self.get(f"?before={before}").json()["pictures"]), 1, before)

    def test_twenty_cost_as_much_as_one(self):
        make_image()
        self.get()
        with CaptureQueriesContext(connection) as at_one:
            self.get()
        for _ in range(19):
            make_image()
        with self.assertNumQueries(len(at_one)):
            self.get()

    def test_only_staff_who_may_see_pictures_choose(self):
        image = make_image(uploaded_by=self.alice)
        for member, status in [
            (None, 302),
            (self.nina, 403),
            (self.alice, 403),
            (self.mona, 403),
            (self.root, 200),
        ]:
            self.login(member)
            response = self.get()
            if response.status_code == 302 and member:
                response = self.client.get(response["Location"])
            self.assertEqual(response.status_code, status, member)
            self.assertEqual(image.token in response.text, status == 200)

    def test_it_is_only_read(self):
        self.assertEqual(self.client.post(self.at("choose")).status_code, 405)
