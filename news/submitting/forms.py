import re
import uuid
from html import unescape

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core import decoding, images, markup, richtext
from caisu.core.bilingual import LANGUAGES, active, column
from caisu.core.media import UPLOADS, UPLOADS_OF_A_MEMBER
from caisu.core.models import Image
from caisu.core.throttling import TooManyRequests
from members import trust
from news.models import Article, Category, Tag
from news.reviewing import UNTITLED

MAX_TAGS = 5
# Whoever writes without the editor writes no tags; what has one of these is HTML.
KNOWN_TAGS = {*markup.TAGS, *markup.RENAMED, *markup.DROPPED_WITH_CONTENT, "span"}
SCHEME = re.compile(r"https?://", re.IGNORECASE)
LINK = re.compile(r'<a [^>]*href="([^"]+)"')
HTML = re.compile(rf"</?(?:{'|'.join(sorted(KNOWN_TAGS))})(?:\s[^<>]*)?/?>", re.IGNORECASE)


def languages_of(meant_for):
    """The languages that a value of Article.MeantFor means."""
    return LANGUAGES if meant_for == Article.MeantFor.BOTH else (meant_for,)


def as_html(text):
    """The body as the editor sends it; what was typed without it gets its paragraphs."""
    if len(text) > richtext.MAX_LENGTH or HTML.search(text):
        return text
    return str(markup.plain(text, links=False))


class PostForm(forms.ModelForm):
    """A member's own post. What is not among its fields cannot be sent along.

    Args:
        author: who writes; pictures are theirs.
        finished: whether it is to be handed in; a draft may have holes.
    """

    new_cover = forms.FileField(
        label=pgettext_lazy("post form", "Picture above the text"),
        required=False,
        widget=forms.FileInput(attrs={"accept": decoding.ACCEPT}),
        help_text=_("Up to 10 MB. It also stands beside the title in lists."),
    )
    source_url = forms.URLField(
        label=pgettext_lazy("post form", "Link to it there"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    no_cover = forms.BooleanField(label=_("Leave this picture out"), required=False)
    cover_token = forms.CharField(required=False, widget=forms.HiddenInput)
    # Number of the revision that the author started from.
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # Makes the form count once.
    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta:
        model = Article
        fields = [
            "meant_for",
            *(column(part, code) for code in LANGUAGES for part in ("title", "summary", "body")),
            *("category", "tags", "source", "source_url"),
        ]
        widgets = {
            "meant_for": forms.RadioSelect,
            **{column("summary", code): forms.Textarea(attrs={"rows": 3}) for code in LANGUAGES},
            **{
                column("body", code): richtext.RichTextWidget(
                    uploads=True, library=False, compact=True
                )
                for code in LANGUAGES
            },
            "tags": forms.CheckboxSelectMultiple,
        }
        labels = {
            "meant_for": pgettext_lazy("post form", "Which language do you write in?"),
            "source": pgettext_lazy("post form", "Where it was published first"),
        }
        help_texts = {
            "source": _("Only if it is a reprint. Please make sure that you may share it."),
            **{
                column("summary", code): _("One or two sentences. They stand in lists.")
                for code in LANGUAGES
            },
        }

    def __init__(self, *args, author, finished=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.author, self.finished = author, finished
        self.received = None
        fields = self.fields
        fields["category"].queryset = Category.objects.all()
        fields["category"].empty_label = None
        fields["tags"].queryset = Tag.objects.current()
        fields["tags"].help_text = _("At most five.")
        fields["base"].initial = self.instance.version
        for code, lang in {"zh-hans": "zh-Hans", "en": "en"}.items():
            for part in ("title", "summary"):
                attributes = fields[column(part, code)].widget.attrs
                attributes["lang"] = lang
                attributes.pop("maxlength", None)  # a browser would cut the text in silence
            title = self.initial.get(column("title", code))
            if title == UNTITLED[code]:
                self.initial[column("title", code)] = ""
        if not self.instance.pk:
            self.initial["meant_for"] = active()
        self.initial["cover_token"] = self.instance.cover.token if self.instance.cover else ""
        if not fields["tags"].queryset.exists():
            del fields["tags"]
        if not author.is_full_member:
            # Pictures come with approval.
            del fields["new_cover"]
            for code in LANGUAGES:
                widget = fields[column("body", code)].widget
                widget.options = {**widget.options, "uploads": False}

    @property
    def panels(self):
        """For each language its code, its name and its three fields."""
        names = {
            "zh-hans": pgettext_lazy("language of a text", "Chinese"),
            "en": pgettext_lazy("language of a text", "English"),
        }
        return [
            (code, names[code], [self[column(part, code)] for part in ("title", "summary", "body")])
            for code in LANGUAGES
        ]

    @property
    def cover(self):
        """The picture above the text as things stand, also before anything is saved."""
        return self.received or self._named_cover()

    def _named_cover(self):
        token = (self.data.get("cover_token") if self.is_bound else "") or ""
        now = self.instance.cover
        if token and (now is None or now.token != token):
            return Image.objects.filter(token=token[:32], uploaded_by=self.author).first() or now
        return now

    def clean_new_cover(self):
        """The picture is kept whatever is wrong elsewhere: a browser sends it only once."""
        upload = self.cleaned_data["new_cover"]
        if not upload:
            return None
        limit = UPLOADS if self.author.has_perm("core.add_image") else UPLOADS_OF_A_MEMBER
        try:
            limit.hit(self.author.pk)
        except TooManyRequests as error:
            raise forms.ValidationError(
                _("You have sent many pictures today. Please send this one tomorrow."), "too_many"
            ) from error
        self.received = images.receive(upload, by=self.author)
        self.data = self.data.copy()
        self.data["cover_token"] = self.received.token
        return self.received

    def clean_token(self):
        return self.cleaned_data["token"] or uuid.uuid4()

    def clean_tags(self):
        tags = self.cleaned_data["tags"]
        if len(tags) > MAX_TAGS:
            raise forms.ValidationError(_("At most five tags, please."), "too_many")
        return tags

    def clean(self):
        cleaned = super().clean()
        for code in LANGUAGES:
            for part in ("title", "summary", "body"):
                name = column(part, code)
                if name in cleaned:
                    cleaned[name] = _tidied(part, cleaned[name])
        cleaned["source"] = markup.clean_text(cleaned.get("source") or "")
        meant = cleaned.get("meant_for")
        if meant and self.finished:
            self._check_whole(cleaned, meant)
            self._check_newcomers_limits(cleaned)
        elif meant and not any(cleaned.get(column("title", code)) for code in LANGUAGES):
            first = languages_of(meant)[0]
            cleaned[column("title", first)] = UNTITLED[first]
        return cleaned

    def _check_whole(self, cleaned, meant):
        """A title and a text in each language that it is meant for, and nothing in the other."""
        for code in LANGUAGES:
            title, body = column("title", code), column("body", code)
            if code in languages_of(meant):
                if title not in self.errors and cleaned.get(title) in {"", UNTITLED[code]}:
                    self.add_error(title, _("Write a title first, please."))
                if body not in self.errors and not _has_content(cleaned.get(body) or ""):
                    self.add_error(body, _("Write a text first, please."))
            elif any(cleaned.get(column(part, code)) for part in ("title", "summary", "body")):
                message = _(
                    "There is something in the other language as well. Choose both languages, or empty it."
                )
                self.add_error("meant_for", message)

    def _check_newcomers_limits(self, cleaned):
        """Few links in a text and few pictures in a post; a draft may have as many as it likes."""
        pictures = set()
        for code in LANGUAGES:
            name = column("body", code)
            body = cleaned.get(name) or ""
            if len(body) > richtext.MAX_LENGTH:
                continue  # refused as it is
            body = markup.sanitise(body)
            pictures |= images.in_html(body)
            if words := trust.too_many_links(len(_links_in(body)), self.author):
                self.add_error(name, forms.ValidationError(words, "links"))
        cover = None if cleaned.get("no_cover") and not self.received else self.cover
        if words := trust.too_many_pictures(len(pictures) + bool(cover), self.author):
            field = "new_cover" if "new_cover" in self.fields else None
            self.add_error(field, forms.ValidationError(words, "pictures"))

    def _post_clean(self):
        super()._post_clean()
        left_out = self.cleaned_data.get("no_cover") and not self.received
        self.instance.cover = None if left_out else self.cover

    @property
    def chosen_tags(self):
        """The tags of a valid form."""
        return list(self.cleaned_data.get("tags") or [])


def _tidied(part, text):
    if part == "title":
        return " ".join(markup.clean_text(text).split())
    return as_html(text) if part == "body" else markup.clean_text(text)


def _links_in(body):
    """The places that a clean body leads to or names; one that is both counts once."""
    found = {*map(unescape, LINK.findall(body)), *markup.links(markup.text_of(body))}
    return {SCHEME.sub("", link).rstrip("/") for link in found}


def _has_content(body):
    """Whether there is anything to read or see in a body; what is too long is told elsewhere."""
    if len(body) > richtext.MAX_LENGTH:
        return True
    clean = markup.sanitise(body)
    return bool(markup.text_of(clean) or images.in_html(clean))
