"""The forms in which members say who they are, and to whom."""

import re
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import decoding, markup
from caisu.core.images import Crop
from caisu.core.models import Audience
from members import profiles
from members.models import Member
from members.places import LANGUAGES

# The oldest of us came with the college of then; nobody has arrived later than next year.
FIRST_YEAR = 1947
# Of a thousand: where the square stands, and how large it is at least.
PART = re.compile(r"[0-9]{1,3}|1000")
LEAST_PART = 100
# As WeChat itself asks for one: 6 to 20 letters, digits, _ or -, a letter first.
WECHAT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}\Z")

AUDIENCES = [
    (Audience.EVERYONE, pgettext_lazy("audience", "Everyone")),
    (Audience.MEMBERS, pgettext_lazy("audience", "Members")),
    (Audience.NOBODY, pgettext_lazy("audience", "Only me and staff")),
]


class Line(forms.CharField):
    """One line of text, with nothing invisible in it."""

    def to_python(self, value):
        return " ".join(markup.clean_text(super().to_python(value)).split())


class Paragraphs(forms.CharField):
    """Several lines. A browser sends each end of a line as two characters and counts one."""

    widget = forms.Textarea

    def to_python(self, value):
        return markup.clean_text(super().to_python(value))


class WebAddress(forms.URLField):
    """An address on the web: https://, http://, or neither."""

    default_validators = [URLValidator(schemes=["http", "https"])]


class NameForm(forms.ModelForm):
    """What a newcomer may change before they are approved: what they gave at sign-up."""

    class Meta:
        model = Member
        fields = ["display_name"]
        widgets = {"display_name": forms.TextInput(attrs={"autocomplete": "nickname"})}

    def clean_display_name(self):
        name = " ".join(self.cleaned_data["display_name"].split())
        if name != self.initial["display_name"]:
            profiles.check_name(name, self.instance)
        return name


class ProfileForm(NameForm):
    """All that stands on the visiting card but the picture, each beside who sees it."""

    bio = Paragraphs(
        label=_("About me"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    department = Line(
        label=_("Department"),
        max_length=100,
        required=False,
        help_text=_("At the university or at work."),
    )
    hometown = Line(
        label=_("Hometown"),
        max_length=100,
        required=False,
        help_text=_("City or county, or wherever home is."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages I speak"),
        choices=LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    arrived = forms.IntegerField(
        label=_("Year of arrival"),
        required=False,
        help_text=_("When you came to Pocatello."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4}),
    )
    wechat = forms.CharField(
        label=_("WeChat ID"),
        required=False,
        max_length=20,
        validators=[
            RegexValidator(
                WECHAT,
                _("A WeChat ID has 6 to 20 letters, digits, _ or -, and begins with a letter."),
            )
        ],
        help_text=_("The ID under which others add you, not your phone number."),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    class Meta(NameForm.Meta):
        fields = [
            *("display_name", "username", "bio", "affiliation", "department"),
            *("province", "hometown", "arrived", "languages", "wechat"),
        ]
        labels = {
            "username": _("Handle"),
            "affiliation": _("I am a"),
            "province": _("Home province"),
        }
        help_texts = {
            "username": _(
                "In addresses and mentions: small letters, digits, hyphen, underscore. "
                "It can change once in 30 days, and the old one goes on leading to you."
            ),
        }
        widgets = {
            **NameForm.Meta.widgets,
            "username": forms.TextInput(
                attrs={"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number, (name, address) in enumerate(self.link_slots(), 1):
            self.fields[name] = WebAddress(
                label=_("Link %(number)d") % {"number": number},
                required=False,
                max_length=200,
                assume_scheme="https",
                initial=address,
                widget=forms.URLInput(attrs={"placeholder": "https://"}),
            )
        for name in self.audience_fields():
            self.fields[name] = forms.ChoiceField(
                label=_("Who sees it"), choices=AUDIENCES, initial=getattr(self.instance, name)
            )
        self.fields["affiliation"].choices = [("", "—"), *Member.Affiliation.choices]
        self.fields["province"].choices = [
            ("", _("Elsewhere, or not said")),
            *self.fields["province"].choices[1:],
        ]

    def link_slots(self):
        """Name and address of each of the places for a link."""
        links = [*self.instance.links, *[""] * Member.MOST_LINKS]
        return [(f"link_{number}", links[number - 1]) for number in range(1, Member.MOST_LINKS + 1)]

    @staticmethod
    def audience_fields():
        """Those that this form asks for; of picture and address the page of privacy asks."""
        return [f"{n}_audience" for n in Member.PRIVATE_FIELDS if n not in {"avatar", "email"}]

    def rows(self):
        """What stands together on the page: the fields, and the one that says who sees them."""
        parts = {
            "bio": ["bio"],
            "affiliation": ["affiliation"],
            "department": ["department"],
            "hometown": ["province", "hometown"],
            "arrived": ["arrived"],
            "languages": ["languages"],
            "links": [name for name, _address in self.link_slots()],
            "wechat": ["wechat"],
        }
        return [
            (name, [self[field] for field in fields], self[f"{name}_audience"])
            for name, fields in parts.items()
        ]

    def clean_username(self):
        handle = self.cleaned_data["username"]
        if handle not in {self.initial["username"], self.instance.username}:
            profiles.check_handle(handle, self.instance)
        return handle

    def clean_arrived(self):
        year, last = self.cleaned_data["arrived"], timezone.localdate().year + 1
        if year is not None and not FIRST_YEAR <= year <= last:
            raise ValidationError(
                _("A year from %(first)d to %(last)d, please."),
                code="year",
                params={"first": FIRST_YEAR, "last": last},
            )
        return year

    def clean_languages(self):
        spoken = set(self.cleaned_data["languages"])
        return [code for code, _name in LANGUAGES if code in spoken]

    def clean(self):
        values = super().clean()
        names = [name for name, _address in self.link_slots()]
        for name in names:
            link = values.get(name) or ""
            # What stands before an @, or turns the text around, hides the place that it leads to.
            if "@" in urlsplit(link).netloc or markup.clean_text(link) != link:
                self.add_error(name, ValidationError(_("Enter a valid URL."), code="invalid"))
        links = [values.pop(name, "") for name in names]
        values["links"] = list(dict.fromkeys(link for link in links if link))
        return values


class AvatarForm(forms.Form):
    """A picture, and the square of it that was chosen: parts of a thousand, see ``Crop``."""

    picture = forms.FileField(
        label=pgettext_lazy("of a member", "Picture"),
        help_text=_("JPEG, PNG, WebP or GIF, at most 10 MB. A square of it is kept."),
        widget=forms.FileInput(attrs={"accept": decoding.ACCEPT}),
        error_messages={"required": _("Choose a picture first.")},
    )

    def crop(self):
        """The chosen square; the middle where nothing, or nonsense, was sent."""
        sent = {name: self.data.get(name, "") for name in ("x", "y", "size")}
        parts = {name: int(text) for name, text in sent.items() if PART.fullmatch(text)}
        if parts.get("size", 1000) < LEAST_PART:
            del parts["size"]
        return Crop(**{name: part / 1000 for name, part in parts.items()})


class PrivacyForm(forms.ModelForm):
    """The profile as a whole, and what the profile's own form does not ask for."""

    visibility = forms.ChoiceField(
        label=_("Who sees my profile"),
        choices=[
            (
                Audience.EVERYONE,
                _("Everyone: it opens without login, and your name on posts leads to it."),
            ),
            (
                Audience.MEMBERS,
                _("Members: you stand in the directory; visitors see only your name."),
            ),
            (
                Audience.NOBODY,
                _("Only me and staff: you are in no list, and no link leads to you."),
            ),
        ],
        widget=forms.RadioSelect,
    )
    avatar_audience = forms.ChoiceField(label=_("Who sees my picture"), choices=AUDIENCES)
    email_audience = forms.ChoiceField(
        label=_("Who sees my e-mail address"),
        choices=AUDIENCES,
        help_text=_("The address that you log in with."),
    )

    class Meta:
        model = Member
        fields = ["visibility", "avatar_audience", "email_audience"]
