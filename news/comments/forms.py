import uuid

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from caisu.core import markup
from members.moderation.models import Report

from .models import MAX_LENGTH, Comment


class PlainTextField(forms.CharField):
    """Text without control characters; everything else stays as it was typed."""

    widget = forms.Textarea

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n")
        # Normalising takes time by the square of a hostile text: too long a one is refused as it is.
        return text if len(text) > 1.1 * self.max_length else markup.clean_text(text)


class CommentForm(forms.Form):
    """A comment or, with ``parent``, a reply. ``token`` makes the form count once."""

    body = PlainTextField(
        label=pgettext_lazy("comment form", "Your comment"),
        max_length=MAX_LENGTH,
        error_messages={
            "required": _("Write something first, please."),
            "max_length": ngettext_lazy(
                "At most %(limit_value)d character, please; yours has %(show_value)d.",
                "At most %(limit_value)d characters, please; yours has %(show_value)d.",
                "limit_value",
            ),
        },
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": False}),
    )
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, article, **kwargs):
        super().__init__(*args, auto_id="comment-%s", **kwargs)
        self.article = article
        self.fields["body"].widget.attrs.pop(
            "maxlength", None
        )  # a browser would cut the text in silence
        self.answered = None

    def clean_parent(self):
        pk = self.cleaned_data["parent"]
        if pk:
            self.answered = Comment.objects.select_related("author", "root").filter(pk=pk).first()
            if self.answered is None or not (
                self.answered.is_shown and self.answered.article_id == self.article.pk
            ):
                self.answered = None
                self.data = self.data.copy()
                self.data["parent"] = ""
                raise forms.ValidationError(
                    _(
                        "The comment that you answer is no longer there. Send again to add yours by itself."
                    ),
                    code="gone",
                )
        return pk


class EditForm(forms.ModelForm):
    body = CommentForm.base_fields["body"]

    class Meta:
        model = Comment
        fields = ["body"]


class ReportForm(forms.ModelForm):
    """Why a comment should be looked at."""

    text = PlainTextField(
        label=pgettext_lazy("report form", "Anything to add?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.ChoiceField(
        label=pgettext_lazy("report form", "What is wrong with it?"),
        choices=[c for c in Report.Reason.choices if c[0] != Report.Reason.BROKEN],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Report
        fields = ["reason", "text"]
