from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import markup

from .models import Report


class IssueForm(forms.ModelForm):
    """Report an issue with the site; open to visitors too."""

    reason = forms.ChoiceField(
        label=pgettext_lazy("report form", "What is it about?"), choices=Report.Reason.choices
    )
    text = forms.CharField(
        label=pgettext_lazy("report form", "What happened, or what did you expect?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Tell us in a few words what is wrong, please.")},
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
