from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Member, Terms
from .names import validate_display_name
from .profiles import check_name


class SignupForm(forms.Form):
    """Our part of the sign-up form; the address and the password are allauth's."""

    display_name = forms.CharField(
        label=pgettext_lazy("sign-up form", "Name"),
        max_length=Member._meta.get_field("display_name").max_length,
        validators=[validate_display_name],
        help_text=_("Shown beside what you write, in any script. It need not be your legal name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    field_order = ["email", "display_name", "password1"]

    def clean_display_name(self):
        name = " ".join(self.cleaned_data["display_name"].split())
        check_name(name)
        return name

    def signup(self, request, user):
        """Called once the member is saved: pressing the button accepted the agreement under it."""
        if terms := Terms.in_force():
            terms.accept(user)
