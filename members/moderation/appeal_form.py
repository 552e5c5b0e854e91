from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import markup

from .models import Appeal


class AppealForm(forms.ModelForm):
    """What somebody answers to a decision about them."""

    text = forms.CharField(
        label=pgettext_lazy("appeal", "Your answer"),
        max_length=Appeal._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("You can answer once. Another moderator reads it, where there is one."),
        error_messages={"required": _("Write in a few words why, please.")},
    )

    class Meta:
        model = Appeal
        fields = ["text"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A browser would cut the text in silence.
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_text(self):
        text = markup.clean_text(self.cleaned_data["text"])
        if markup.is_blank(text):
            raise forms.ValidationError(self.fields["text"].error_messages["required"], "required")
        return text
