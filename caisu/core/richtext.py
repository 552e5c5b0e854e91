"""Bodies of articles: HTML, written in an editor, sanitised before it is kept."""

from __future__ import annotations

import copy
import json
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.widgets import Script
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext_lazy

from . import decoding, markup

# Ten times a long article; what is more comes from a mistake, or means ill.
MAX_LENGTH = 300_000

LABELS = {
    "toolbar": pgettext_lazy("editor", "Formatting"),
    "paragraph": pgettext_lazy("editor", "Text"),
    "heading2": pgettext_lazy("editor", "Heading"),
    "heading3": pgettext_lazy("editor", "Subheading"),
    "heading4": pgettext_lazy("editor", "Small heading"),
    "bold": pgettext_lazy("editor", "Bold"),
    "italic": pgettext_lazy("editor", "Italic"),
    "bulletList": pgettext_lazy("editor", "List"),
    "orderedList": pgettext_lazy("editor", "Numbered list"),
    "blockquote": pgettext_lazy("editor", "Quote"),
    "link": pgettext_lazy("editor", "Link"),
    "table": pgettext_lazy("editor", "Table"),
    "rule": pgettext_lazy("editor", "Line"),
    "picture": pgettext_lazy("editor", "Picture"),
    "library": pgettext_lazy("editor", "Picture from the library"),
    "undo": pgettext_lazy("editor", "Undo"),
    "redo": pgettext_lazy("editor", "Redo"),
    "addRow": pgettext_lazy("editor", "Add a row below"),
    "deleteRow": pgettext_lazy("editor", "Delete the row"),
    "addColumn": pgettext_lazy("editor", "Add a column after"),
    "deleteColumn": pgettext_lazy("editor", "Delete the column"),
    "toggleHeader": pgettext_lazy("editor", "Heading row on or off"),
    "deleteTable": pgettext_lazy("editor", "Delete the table"),
    "linkAddress": pgettext_lazy("editor", "Address"),
    "linkHint": pgettext_lazy("editor", "https://…, an e-mail address, or a page of this site: /…"),
    "linkWrong": pgettext_lazy("editor", "This is not an address that a link can have."),
    "apply": pgettext_lazy("editor", "Apply"),
    "removeLink": pgettext_lazy("editor", "Remove the link"),
    "cancel": pgettext_lazy("editor", "Cancel"),
    "alt": pgettext_lazy("editor", "Description"),
    "altHint": pgettext_lazy("editor", "What the picture shows, for those who cannot see it"),
    "credit": pgettext_lazy("editor", "Credit"),
    "creditHint": pgettext_lazy("editor", "Who made it, or where it comes from (optional)"),
    "caption": pgettext_lazy("editor", "Caption (optional)"),
    "removePicture": pgettext_lazy("editor", "Remove the picture"),
    "uploading": pgettext_lazy("editor", "Uploading {name}"),
    "uploaded": pgettext_lazy("editor", "The picture is in its place."),
    "busy": pgettext_lazy("editor", "A picture is still on its way. Please wait a moment."),
    "failed": pgettext_lazy("editor", "{name} did not arrive. Please try again."),
    "tooLarge": pgettext_lazy("editor", "{name} is larger than 10 MB."),
    "tooMany": pgettext_lazy("editor", "Too many pictures at once. Please wait a minute."),
    "pasted": pgettext_lazy("editor", "Pasted picture"),
    "dismiss": pgettext_lazy("editor", "Close this message"),
    "tooLong": pgettext_lazy(
        "editor",
        "This text is too long to be saved. Please shorten it, or make two articles of it.",
    ),
    "notOpened": pgettext_lazy(
        "editor", "This text is too long for the editor. Please shorten it here."
    ),
    "broken": pgettext_lazy("editor", "The editor could not start. You can write HTML here."),
    "searchPictures": pgettext_lazy("picture library", "Search pictures"),
    "search": pgettext_lazy("picture library", "Search"),
    "older": pgettext_lazy("picture library", "Older pictures"),
    "loading": pgettext_lazy("picture library", "Looking for pictures"),
    "noPictures": pgettext_lazy("picture library", "There are no pictures yet."),
    "noneFound": pgettext_lazy("picture library", "No picture has these words."),
    "libraryFailed": pgettext_lazy(
        "picture library",
        "The library did not answer. Please try again; you may have to log in again.",
    ),
    "again": pgettext_lazy("picture library", "Try again"),
    "nameless": pgettext_lazy("picture library", "Picture without a name"),
    "close": pgettext_lazy("picture library", "Close"),
}


def _counted(count: int) -> dict[str, str]:
    """Labels with a number in them, in the form that goes with this number."""
    return {
        "words": npgettext("editor", "{count} word", "{count} words", count),
        "characters": npgettext("editor", "{count} character", "{count} characters", count),
        "minutes": npgettext("editor", "{count} minute to read", "{count} minutes to read", count),
        "found": npgettext("picture library", "{count} picture", "{count} pictures", count),
        "remote": npgettext(
            "editor",
            "{count} picture from another site was left out. Open it, save it and drop it in here:",
            "{count} pictures from other sites were left out. Open them, save them and drop "
            "them in here:",
            count,
        ),
        "unreachable": npgettext(
            "editor",
            "{count} picture lies on your computer and did not come along. Add it from there.",
            "{count} pictures lie on your computer and did not come along. Add them from there.",
            count,
        ),
    }


def labels() -> dict[str, Any]:
    """All words of the editor in the active language.

    Those with a number in them are pairs by the names that JavaScript has for plurals
    (Intl.PluralRules): ``{"one": "{count} word", "other": "{count} words"}``.
    """
    one, other = _counted(1), _counted(2)
    pairs = {name: {"one": one[name], "other": other[name]} for name in one}
    return {name: str(label) for name, label in LABELS.items()} | pairs


# Parts of the editor. Their addresses are told to it, and imported from there when it starts: not
# all of them are our own, and names are hashed in imports between our own only (static_files).
MODULES = {
    "tiptap": "django_prose_editor/editor.js",
    "elements": "js/richtext/elements.js",
    "paste": "js/richtext/paste.js",
    "figures": "js/richtext/figures.js",
    "bar": "js/richtext/bar.js",
    "links": "js/richtext/links.js",
    "uploads": "js/richtext/uploads.js",
    "library": "js/richtext/library.js",
    "counting": "js/richtext/counting.js",
}


def editor_settings(*, uploads: bool, library: bool, compact: bool = False) -> dict[str, Any]:
    """What static/js/richtext.js and its parts need to know, ready for JSON.

    For the library alone, outside an editor: ``(await import(settings.modules.library))
    .choosePicture(settings)`` gives a promise of a picture, or of null.

    Args:
        uploads: whether pictures may be sent to the upload view.
        library: whether pictures may be chosen that are here already; for staff.
        compact: whether the toolbar is the smaller one, for members' own posts.
    """
    return {
        "modules": {name: static(path) for name, path in MODULES.items()},
        "upload": reverse("upload") if uploads else "",
        "library": reverse("admin:core_image_choose") if library else "",
        "compact": compact,
        "accept": decoding.ACCEPT,
        "maxBytes": decoding.MAX_BYTES,
        "maxLength": MAX_LENGTH,
        "labels": labels(),
    }


class RichTextWidget(forms.Textarea):
    """A textarea of HTML that static/js/richtext.js turns into an editor.

    Args:
        uploads, library, compact: see :func:`editor_settings`.
    """

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        uploads: bool = True,
        library: bool = False,
        compact: bool = False,
    ) -> None:
        self.options = {"uploads": uploads, "library": library, "compact": compact}
        super().__init__({"rows": 20, "class": "richtext-source", **(attrs or {})})

    class Media:
        css = {"all": ["css/richtext.css"]}
        js = [Script("js/richtext.js", type="module")]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        settings = json.dumps(editor_settings(**self.options), ensure_ascii=False)
        context["widget"]["attrs"]["data-richtext"] = settings
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: the browser would point at the textarea, which the editor hides."""
        return False


class RichTextField(models.TextField):
    """HTML for the body of an article. Whatever is saved by a form or a model is sanitised.

    The editor takes the language of the column from its name (``body_zh_hans``, ``body_en``).
    """

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        if value and len(value) > MAX_LENGTH:
            raise ValidationError(
                _("This text is too long: %(length)d characters, of at most %(limit)d."),
                "max_length",
                {"length": len(value), "limit": MAX_LENGTH},
            )
        # Before the checks: a body of nothing but a script is empty.
        return super().clean(markup.sanitise(value) if value else value, model_instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if value and isinstance(value, str):
            value = markup.sanitise(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **kwargs: Any) -> Any:
        widget = kwargs.get("widget", RichTextWidget)
        if widget is AdminTextareaWidget:  # the admin's own choice for every TextField
            widget = RichTextWidget(library=True)
        if isinstance(widget, type) and issubclass(widget, RichTextWidget):
            widget = widget()
        if isinstance(widget, RichTextWidget) and self.language:
            widget = copy.deepcopy(widget)  # a form may give one to both languages
            widget.attrs.setdefault("lang", self.language)
        return super().formfield(**kwargs | {"widget": widget})

    @property
    def language(self) -> str:
        """The language of the column as HTML names it, or nothing."""
        for ending, language in {"_zh_hans": "zh-Hans", "_en": "en"}.items():
            if self.name.endswith(ending):
                return language
        return ""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
