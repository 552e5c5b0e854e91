from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import markup

from .models import Report

WORDS_NEEDED = _("Tell us in a few words what is wrong, please.")


class ReportForm(forms.Form):
    """Why a contribution or a profile should be looked at."""

    reason = forms.ChoiceField(
        label=pgettext_lazy("report form", "What is wrong with it?"),
        choices=[each for each in Report.Reason.choices if each[0] != Report.Reason.BROKEN],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=pgettext_lazy("report form", "Anything to add?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A browser would cut the text in silence.
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_text(self):
        return markup.clean_text(self.cleaned_data["text"])

    def clean(self):
        super().clean()
        told = self.cleaned_data.get("text", "x")
        if self.cleaned_data.get("reason") == Report.Reason.OTHER and markup.is_blank(told):
            self.add_error("text", WORDS_NEEDED)


class IssueForm(forms.ModelForm):
    """Report an issue with the site; open to visitors too."""

    reason = forms.ChoiceField(
        label=pgettext_lazy("report form", "What is it about?"), choices=Report.Reason.choices
    )
    text = forms.CharField(
        label=pgettext_lazy("report form", "What happened, or what did you expect?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": WORDS_NEEDED},
    )
    url = forms.CharField(
        label=pgettext_lazy("report form", "Page"),
        max_length=500,
        required=False,
        help_text=_("The address of the page, if it is about one."),
    )
    # A person leaves it empty: the style sheet hides it.
    website = forms.CharField(required=False, label=_("Leave this empty"))

    class Meta:
        model = Report
        fields = ["reason", "text", "url", "name", "email"]

    def __init__(self, *args, reporter=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)
        if reporter:
            del self.fields["name"], self.fields["email"]

    def clean_text(self):
        return markup.clean_text(self.cleaned_data["text"])

    @property
    def all_that_it_says(self):
        """What a filter looks at: an advertisement may stand in any field."""
        said = [self.cleaned_data.get(name, "") for name in ("text", "name", "url")]
        return "\n".join(each for each in said if each)
