"""The field and the editor of article bodies."""

import json
import re
import tempfile
import time
import tracemalloc
from pathlib import Path
from unittest import mock

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.forms import modelform_factory
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import translation

from caisu.core import richtext
from caisu.core.models import Page
from caisu.core.richtext import RichTextField, RichTextWidget
from caisu.tests.cast import CastTestCase

DIRTY = '<p onclick="x">a<script>alert(1)</script></p>'
CLEAN = "<p>a</p>"


class FieldTests(CastTestCase):
    def make_page(self, **changes):
        return Page(slug="about", title_en="About", **changes)

    def test_what_a_form_sends_is_sanitised(self):
        page = self.make_page(body_en=DIRTY)
        page.full_clean()
        self.assertEqual(page.body_en, CLEAN)

    def test_what_a_model_saves_is_sanitised(self):
        page = self.make_page(body_en=DIRTY)
        page.save()
        self.assertEqual(page.body_en, CLEAN)
        page.refresh_from_db()
        self.assertEqual(page.body_en, CLEAN)
        Page.objects.bulk_create([Page(slug="b", title_en="B", body_zh_hans=DIRTY)])
        self.assertEqual(Page.objects.get(slug="b").body_zh_hans, CLEAN)

    def test_what_is_too_long_is_refused(self):
        page = self.make_page(body_en="x" * (richtext.MAX_LENGTH + 1))
        with self.assertRaises(ValidationError) as caught:
            page.full_clean()
        self.assertEqual(caught.exception.error_dict["body_en"][0].code, "max_length")

    def test_five_megabytes_of_tags_are_refused_at_once_and_kept_in_the_form(self):
        self.login(self.root)
        body = "<div>" * 1_000_000
        data = {"slug": "a", "title_en": "A", "body_en": body}
        began = time.process_time()
        self.client.post(reverse("admin:core_page_add"), data)
        self.assertLess(time.process_time() - began, 2)
        tracemalloc.start()
        response = self.client.post(reverse("admin:core_page_add"), data)
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        self.assertEqual(response.status_code, 200)
        form = response.context["adminform"].form
        [error] = form.errors.as_data()["body_en"]
        self.assertEqual(error.code, "max_length")
        self.assertEqual(error.params, {"length": 5_000_000, "limit": richtext.MAX_LENGTH})
        self.assertEqual(form["body_en"].value(), body)
        self.assertLess(memory, 150_000_000)
        self.assertFalse(Page.objects.exists())

    def test_a_body_of_nothing_but_code_is_empty(self):
        field = RichTextField()
        field.set_attributes_from_name("body")
        with self.assertRaises(ValidationError) as caught:
            field.clean("<script>x</script>", None)
        self.assertEqual(caught.exception.code, "blank")

    def test_migrations_see_a_text_field(self):
        self.assertEqual(
            Page._meta.get_field("body_en").deconstruct()[1], "django.db.models.TextField"
        )

    def test_the_editor_knows_the_language_of_its_column(self):
        for name, language in {"body_zh_hans": "zh-Hans", "body_en": "en"}.items():
            widget = Page._meta.get_field(name).formfield().widget
            self.assertIsInstance(widget, RichTextWidget)
            self.assertEqual(widget.attrs["lang"], language)

    def test_a_widget_for_both_languages_learns_each(self):
        widget = RichTextWidget(compact=True)
        form = modelform_factory(
            Page,
            fields=["body_zh_hans", "body_en"],
            widgets={"body_zh_hans": widget, "body_en": widget},
        )
        languages = [field.widget.attrs["lang"] for field in form().fields.values()]
        self.assertEqual(languages, ["zh-Hans", "en"])
        self.assertTrue(form().fields["body_en"].widget.options["compact"])
        self.assertNotIn("lang", widget.attrs)

    def test_the_library_is_for_the_admin(self):
        field = Page._meta.get_field("body_en")
        self.assertFalse(field.formfield().widget.options["library"])
        in_admin = field.formfield(widget=AdminTextareaWidget)
        self.assertEqual(
            in_admin.widget.options, {"uploads": True, "library": True, "compact": False}
        )

    def test_a_form_may_choose_another_widget(self):
        field = Page._meta.get_field("body_en").formfield(widget=forms.TextInput)
        self.assertIsInstance(field.widget, forms.TextInput)

    def test_the_admin_shows_the_editor(self):
        self.login(self.root)
        response = self.client.get(reverse("admin:core_page_add"))
        self.assertContains(response, "data-richtext=", 2)
        self.assertContains(response, 'type="module"')
        self.assertContains(response, "js/richtext.js")
        self.assertContains(response, "css/richtext.css")


class WidgetTests(SimpleTestCase):
    def settings_of(self, widget, language="en"):
        with translation.override(language):
            context = widget.get_context("body", "<p>a</p>", {"id": "id_body"})
        return json.loads(context["widget"]["attrs"]["data-richtext"])

    def test_it_is_a_textarea_of_html_without_javascript(self):
        html = RichTextWidget().render("body", "<p>a</p>", {"id": "id_body"})
        self.assertIn("<textarea", html)
        self.assertIn("&lt;p&gt;a&lt;/p&gt;</textarea>", html)
        self.assertNotIn("style=", html)

    def test_it_tells_where_its_parts_and_the_upload_are(self):
        settings = self.settings_of(RichTextWidget())
        self.assertTrue(settings["modules"]["tiptap"].endswith("django_prose_editor/editor.js"))
        for path in richtext.MODULES.values():
            self.assertTrue(finders.find(path), path)
        self.assertEqual(settings["upload"], reverse("upload"))
        self.assertEqual(self.settings_of(RichTextWidget(uploads=False))["upload"], "")

    def test_its_parts_have_hashed_names_and_import_none_by_a_plain_one(self):
        for path in ["js/richtext.js", *richtext.MODULES.values()]:
            if path.startswith("js/"):
                source = Path(finders.find(path)).read_text(encoding="utf-8")
                self.assertNotRegex(
                    source, r"(?m)^\s*(import|export)\b[^(]*\bfrom\b|^\s*import\s+[\"']"
                )
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        storage = ManifestStaticFilesStorage(location=folder.name)
        paths = richtext.MODULES.values()
        files = {path: finders.find(path) for path in [*paths, "django_prose_editor/editor.js.map"]}
        for path, found in files.items():
            storage.save(path, ContentFile(Path(found).read_bytes()))
        known = {path: (storage, path) for path in files}
        for _name, _hashed, processed in storage.post_process(known):
            self.assertNotIsInstance(processed, Exception)
        with mock.patch("caisu.core.richtext.static", storage.url):
            modules = self.settings_of(RichTextWidget())["modules"]
        for name, path in richtext.MODULES.items():
            self.assertRegex(modules[name], rf"/{Path(path).stem}\.[0-9a-f]{{12}}\.js$")

    def test_the_library_is_told_to_those_who_may_use_it(self):
        self.assertEqual(self.settings_of(RichTextWidget())["library"], "")
        settings = self.settings_of(RichTextWidget(library=True))
        self.assertEqual(settings["library"], reverse("admin:core_image_choose"))

    def test_every_label_is_there(self):
        labels = self.settings_of(RichTextWidget())["labels"]
        self.assertEqual(labels["bold"], "Bold")
        self.assertEqual(labels["words"], {"one": "{count} word", "other": "{count} words"})
        self.assertLessEqual(set(richtext.LABELS), set(labels))
        for path in ["js/richtext.js", *richtext.MODULES.values()]:
            if path.startswith("js/"):
                source = Path(finders.find(path)).read_text(encoding="utf-8")
                for name in re.findall(r"labels\.(\w+)", source):
                    self.assertIn(name, labels)

    def test_the_browser_does_not_insist_on_a_hidden_field(self):
        class Form(forms.ModelForm):
            class Meta:
                model = Page
                fields = ["body_en"]

        form = Form()
        form.fields["body_en"].required = True
        self.assertNotIn("required", str(form["body_en"]))

    def test_other_text_fields_keep_their_textarea(self):
        self.assertNotIsInstance(models.TextField().formfield().widget, RichTextWidget)
