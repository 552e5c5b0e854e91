"""Bodies of articles: HTML, written in an editor, sanitised before it is kept."""

from __future__ import annotations

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
from django.utils.translation import pgettext_lazy

from . import markup

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
    "caption": pgettext_lazy("editor", "Caption (optional)"),
    "removePicture": pgettext_lazy("editor", "Remove the picture"),
    "uploading": pgettext_lazy("editor", "Uploading {name}"),
    "uploaded": pgettext_lazy("editor", "The picture is in its place."),
    "busy": pgettext_lazy("editor", "A picture is still on its way. Please wait a moment."),
    "failed": pgettext_lazy("editor", "{name} did not arrive. Please try again."),
    "tooLarge": pgettext_lazy("editor", "{name} is larger than 10 MB."),
    "tooMany": pgettext_lazy("editor", "Too many pictures at once. Please wait a minute."),
    "remote": pgettext_lazy(
        "editor",
        "Pictures from other sites were left out: {count}. Save them to your computer, then add "
        "them here.",
    ),
    "dismiss": pgettext_lazy("editor", "Close this message"),
    "broken": pgettext_lazy("editor", "The editor could not start. You can write HTML here."),
}


class RichTextWidget(forms.Textarea):
    """A textarea of HTML that static/js/richtext.js turns into an editor.

    Args:
        uploads: whether pictures may be sent to the upload view.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, *, uploads: bool = True) -> None:
        self.uploads = uploads
        super().__init__({"rows": 20, "class": "richtext-source", **(attrs or {})})

    class Media:
        css = {"all": ["css/richtext.css"]}
        js = [Script("js/richtext.js", type="module")]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        from . import images  # its models have fields of ours

        context = super().get_context(name, value, attrs)
        settings = {
            # The address of TipTap's bundle is told here, and imported from there: an import
            # statement in our module would miss its hashed name (rewriting such statements,
            # support_js_module_import_aggregation, would go through all of the minified bundle).
            "editor": static("django_prose_editor/editor.js"),
            "upload": reverse("upload") if self.uploads else "",
            "accept": images.ACCEPT,
            "maxBytes": images.MAX_BYTES,
            "labels": {key: str(label) for key, label in LABELS.items()},
        }
        context["widget"]["attrs"]["data-richtext"] = json.dumps(settings, ensure_ascii=False)
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
        widget = kwargs.get("widget", AdminTextareaWidget)
        if widget is AdminTextareaWidget:  # the admin's own choice for every TextField
            kwargs["widget"] = RichTextWidget(
                attrs={"lang": self.language} if self.language else {}
            )
        return super().formfield(**kwargs)

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
