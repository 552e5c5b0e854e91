import time
import uuid

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from caisu.core import markup, quoting
from members import trust

from .models import MAX_LENGTH, Comment

OPENED = "comments.opened"  # salt
LONGEST = 24 * 3600  # seconds; who takes longer has copied a form, or gone to bed


class PlainTextField(forms.CharField):
    """Text without control characters; everything else stays as it was typed.

    A text in which nothing is to be seen is none.
    """

    widget = forms.Textarea

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n")
        # Normalising takes time by the square of a hostile text: too long a one is refused as it is.
        if len(text) > 1.1 * self.max_length:
            return text
        text = markup.clean_text(text)
        return "" if markup.is_blank(quoting.own_words(text)) else text


class StampField(forms.Field):
    """When the form was shown, signed; cleaned, for how many seconds somebody had it before them.

    None where that cannot be told, and never an error.
    """

    widget = forms.HiddenInput

    def clean(self, value):
        try:
            taken = time.time() - signing.loads(value or "", salt=OPENED)
        except signing.BadSignature:
            return None
        return taken if 0 <= taken <= LONGEST else None


def with_few_links(text, author):
    """The text, if it has no more links than its author may use; those of others it quotes are free."""
    if words := trust.too_many_links(len(markup.links(quoting.own_words(text))), author):
        raise forms.ValidationError(words, code="links")
    return text


class CommentForm(forms.Form):
    """A comment or, with ``parent``, a reply, by ``reader``. ``token`` makes the form count once."""

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

    # Empty where the form came with a text that was written before.
    opened = StampField(initial=lambda: signing.dumps(time.time(), salt=OPENED))

    def __init__(self, *args, article, reader, **kwargs):
        super().__init__(*args, auto_id="comment-%s", **kwargs)
        self.article, self.reader = article, reader
        self.fields["body"].widget.attrs.pop(
            "maxlength", None
        )  # a browser would cut the text in silence
        self.answered = None

    def clean_body(self):
        return with_few_links(self.cleaned_data["body"], self.reader)

    def clean_parent(self):
        pk = self.cleaned_data["parent"]
        if pk:
            self.answered = Comment.objects.select_related("author", "root").filter(pk=pk).first()
            if self.answered is None or not (
                self.answered.is_shown
                and self.answered.is_known_to(self.reader)
                and self.answered.article_id == self.article.pk
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

    def clean_body(self):
        return with_few_links(self.cleaned_data["body"], self.instance.author)


class CloseForm(forms.Form):
    """Whether a conversation is closed or opened again, and why."""

    act = forms.ChoiceField(choices=[("close", ""), ("reopen", "")], widget=forms.HiddenInput)
    reason = PlainTextField(
        label=pgettext_lazy("closing a conversation", "Why?"),
        help_text=_("For the log of decisions; readers do not see it."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
