"""What an editor types about an article: the form, and the same as JSON for a working copy."""

import re
import secrets
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.widgets import HiddenInput
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from caisu.core import decoding, images, markup
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.desk import MomentWidget
from caisu.core.models import Image
from members.models import Member
from news import publishing
from news.models import Article, Revision
from news.models.article import validate_slug
from news.revisions import CONTENT, TEXTS, fields_of

ZONES = {
    "America/Boise": gettext_lazy("Mountain Time (America/Boise)"),
    "Asia/Shanghai": gettext_lazy("Beijing time (Asia/Shanghai)"),
}
DESCRIBING = (*(column("alt", code) for code in LANGUAGES), "credit")
COVER_FIELDS = tuple(f"cover_{name}" for name in DESCRIBING)
DRAFT = r"[0-9a-z]{8,32}"
KEYS = ("category", "cover", "author")
SWITCHES = ("is_featured", "is_pinned", "comments_open")
CHOICES = {"meant_for": Article.MeantFor.values, "audience": Article.Audience.values}
# Kept in a working copy as they were typed.
TYPED = (
    *(*TEXTS, "byline", "source", "source_url", "slug", "note"),
    *(*COVER_FIELDS, "cover_described", "publish_at_0", "publish_at_1"),
)


def zone():
    """The site's time zone, by a name that people know."""
    name = timezone.get_current_timezone_name()
    key = getattr(timezone.get_current_timezone(), "key", name)
    return ZONES.get(key, key)


def moment(at):
    """A time in full, to the second where it has any, with its zone."""
    local = timezone.localtime(at)
    clock = date_format(local, "H:i:s" if local.second else "H:i")
    date = date_format(local, pgettext("format of a date", "F j, Y"))
    return pgettext("a moment", "%(date)s, %(clock)s, %(zone)s") % {
        "date": date,
        "clock": clock,
        "zone": zone(),
    }


# --- What was typed, as JSON


def key_in(value):
    """A primary key, or None: what is no number points at nothing."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def token_in(value):
    """The token of a form, or nothing where something else was sent."""
    return value if re.fullmatch(DRAFT, value) else ""


def typed(data):
    """The form as it was sent, for a working copy: right or wrong, but nothing that is no text.

    Args:
        data: a QueryDict.
    """
    fields = {
        name: data[name].replace("\r\n", "\n").replace("\x00", "") for name in TYPED if name in data
    }
    fields |= {name: key_in(data[name]) for name in KEYS if name in data}
    fields |= {name: name in data for name in SWITCHES}
    fields |= {name: data[name] for name, known in CHOICES.items() if data.get(name) in known}
    fields["tags"] = sorted({key for value in data.getlist("tags") if (key := key_in(value))})
    return fields


def initial_of(fields):
    """A working copy as the initial values of the form."""
    initial = {name: value for name, value in fields.items() if name not in {"token", "publish_at"}}
    if "publish_at_0" in fields:
        # A list: what is no time stands in its two fields as it was typed.
        initial["publish_at"] = [fields["publish_at_0"], fields.get("publish_at_1", "")]
    return initial


def data_of(fields, names):
    """Those fields of a revision as a browser would send them: names with lists of values."""
    data = {}
    for name in names:
        value = fields.get(name)
        if name == "publish_at":
            at = timezone.localtime(datetime.fromisoformat(value)) if value else None
            data["publish_at_0"] = [f"{at:%Y-%m-%d}" if at else ""]
            data["publish_at_1"] = [f"{at:%H:%M:%S}" if at else ""]
        elif name == "tags":
            data[name] = [str(key) for key in value or []]
        elif name in SWITCHES:
            data[name] = ["on"] if value else []
        else:
            data[name] = ["" if value is None else str(value)]
    return data


# --- The form


class PublishAtField(forms.SplitDateTimeField):
    """A time on the clocks of the site, which once a year skip an hour and once repeat one."""

    kept = None  # the time that the article has

    def compress(self, data_list):
        if not data_list or data_list[0] in self.empty_values or data_list[1] in self.empty_values:
            return super().compress(data_list)
        naive = datetime.combine(*data_list)
        # Untouched, it stays to the microsecond, and in the one of two hours that it was in.
        if self.kept and naive == timezone.make_naive(self.kept).replace(microsecond=0):
            return self.kept
        if not 2000 <= naive.year <= 2100:
            raise ValidationError(_("A time between the years 2000 and 2100, please."), "year")
        tz = timezone.get_current_timezone()
        first, second = (naive.replace(tzinfo=tz, fold=fold).utcoffset() for fold in (0, 1))
        if first != second:
            clock = f"{naive:%H:%M}"
            if first < second:
                raise ValidationError(
                    _(
                        "There is no %(clock)s on that day: the clocks go forward. Choose a time "
                        "an hour later."
                    ),
                    "no_such_time",
                    {"clock": clock},
                )
            raise ValidationError(
                _(
                    "%(clock)s comes twice on that day: the clocks go back. Choose a time an hour "
                    "before or after."
                ),
                "twice",
                {"clock": clock},
            )
        return timezone.make_aware(naive, tz)


class SlugField(forms.SlugField):
    """An address. It breaks one rule at a time: the article's, not Django's for slugs as well."""

    default_validators = (validate_slug,)


class ArticleForm(forms.ModelForm):
    """The article; a cover from the editor's disk, and what is said about the cover."""

    # Which copy of the admin's form this is and what it started from.
    base = forms.IntegerField(required=False, min_value=0, widget=HiddenInput)
    draft = forms.RegexField(f"^{DRAFT}$", required=False, widget=HiddenInput)
    copy = forms.IntegerField(required=False, min_value=1, widget=HiddenInput)
    cover_described = forms.CharField(required=False, max_length=20, widget=HiddenInput)

    publish_at = PublishAtField(
        label=gettext_lazy("publish at"), required=False, widget=MomentWidget
    )
    new_cover = forms.FileField(
        label=gettext_lazy("upload a new cover"),
        required=False,
        widget=forms.FileInput(attrs={"accept": decoding.ACCEPT}),
    )
    cover_alt_zh_hans = forms.CharField(
        label=gettext_lazy("description in Chinese"), max_length=250, required=False
    )
    cover_alt_en = forms.CharField(
        label=gettext_lazy("description in English"), max_length=250, required=False
    )
    cover_credit = forms.CharField(
        label=pgettext_lazy("of a picture", "credit"), max_length=150, required=False
    )
    note = forms.CharField(
        label=gettext_lazy("note for this revision"),
        max_length=Revision._meta.get_field("note").max_length,
        required=False,
        help_text=gettext_lazy("For colleagues: it stands in the history."),
    )
    in_step = forms.BooleanField(
        label=gettext_lazy("No change needed in the other language"), required=False
    )
    working_copy = None  # set by the page that goes on with one

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.declared_fields:
            self.fields[name].label = capfirst(self.fields[name].label)
        article, cover = self.instance, self.instance.cover
        if "author" in self.fields:
            allowed = Q(standing=Member.Standing.ACTIVE) | Q(pk=article.author_id)
            self.fields["author"].queryset = Member.objects.filter(allowed)
        if "meant_for" in self.fields:
            self.fields["meant_for"].required = False
        if "publish_at" in self.fields:
            self.fields["publish_at"].kept = article.publish_at
            self.fields["publish_at"].help_text = _(
                "%(zone)s, where it is now %(clock)s. Leave it empty to publish at once; a time to "
                "come schedules, a past one dates back."
            ) % {"zone": zone(), "clock": date_format(timezone.localtime(), "H:i")}
        self.initial |= {"base": article.version, "draft": secrets.token_hex(8)}
        self.initial["cover_described"] = str(cover.pk) if cover else ""
        for field, name in zip(COVER_FIELDS, DESCRIBING, strict=True):
            self.initial[field] = getattr(cover, name) if cover else ""
        if self.working_copy:
            self.initial |= initial_of(self.working_copy.fields)
            self.initial |= {"base": self.working_copy.base, "copy": self.working_copy.pk}

    def clean_meant_for(self):
        return self.cleaned_data["meant_for"] or self.instance.meant_for

    def clean_publish_at(self):
        """What is out keeps its time."""
        at = self.cleaned_data["publish_at"]
        out = {Article.Status.PUBLISHED, Article.Status.ARCHIVED}
        return self.instance.publish_at if at is None and self.instance.status in out else at

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug and not publishing.slug_is_free(slug, self.instance):
            raise ValidationError(
                _("Another article has this address, or had it once. Choose another one."), "taken"
            )
        return slug

    def clean(self):
        cleaned = super().clean()
        pairs = [(column("title", code), column("body", code)) for code in LANGUAGES]
        if "_publish" in self.data and not any(cleaned.get(t) and cleaned.get(b) for t, b in pairs):
            self.add_error(
                None, _("To publish, write a title and a text in at least one language.")
            )
        return cleaned

    def clean_new_cover(self):
        upload = self.cleaned_data["new_cover"]
        return upload and (upload, images.digest_of(upload), images.read(upload))

    def describe_cover(self, cover, is_new):
        """Sets what was typed about the cover; returns whether that changed anything.

        The words belong to the picture that the form showed. Where another was chosen by its number
        only, they stay with neither; a new one from the editor's disk takes what was typed.
        """
        if not is_new and self.cleaned_data["cover_described"] != str(cover.pk):
            return False
        changed = False
        for field, name in zip(COVER_FIELDS, DESCRIBING, strict=True):
            value = markup.clean_text(self.cleaned_data[field])
            told = not is_new or field in self.changed_data
            if field in self.data and told and value != getattr(cover, name):
                setattr(cover, name, value)
                changed = True
        return changed

    def fields_typed(self):
        """What a valid form says, with the keys of a revision."""
        fields = fields_of(self.instance)
        fields["tags"] = sorted(tag.pk for tag in self.cleaned_data["tags"])
        return {name: fields[name] for name in (*CONTENT, "slug", "author", "publish_at")}


def store_cover(form, by):
    """Keeps a cover that came from the editor's disk; returns its Image, or None."""
    if not (new_cover := form.cleaned_data.get("new_cover")):
        return None
    upload, digest, picture = new_cover
    name = images.name_of(upload)
    return images.find(digest, by) or images.store(
        picture, Image(name=name, uploaded_by=by, digest=digest)
    )
