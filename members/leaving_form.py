from django import forms
from django.utils.translation import gettext_lazy as _


class LeavingForm(forms.Form):
    """What becomes of what somebody wrote, when they go. Nothing is chosen for them."""

    STAYS, GOES = "stays", "goes"

    contributions = forms.ChoiceField(
        label=_("What you wrote"),
        choices=[
            (STAYS, _("It stays, under “former member”. Conversations remain whole.")),
            (GOES, _("It goes too: my posts and comments are emptied.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one, please.")},
    )

    @property
    def removes(self):
        return self.cleaned_data["contributions"] == self.GOES
