"""Where articles are written."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from caisu.core import images
from caisu.core.bilingual import LANGUAGES, column
from caisu.core.models import Image
from members.models import Member
from news import publishing
from news.models import Article

from .acts import VERBS, ActsAdmin


class ArticleForm(forms.ModelForm):
    """The article, and a cover straight from the editor's disk."""

    new_cover = forms.FileField(
        label=_("upload a new cover"),
        required=False,
        widget=forms.FileInput(attrs={"accept": images.ACCEPT}),
        help_text=_(
            "Or choose one that is here already, by its number, with the magnifying glass."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "author" in self.fields:
            allowed = Q(standing=Member.Standing.ACTIVE) | Q(pk=self.instance.author_id)
            self.fields["author"].queryset = Member.objects.filter(allowed)

    def clean_publish_at(self):
        """What is out keeps its time; a year must be one that a calendar of this site can show."""
        at = self.cleaned_data["publish_at"]
        if at is None and self.instance.status in {
            Article.Status.PUBLISHED,
            Article.Status.ARCHIVED,
        }:
            return self.instance.publish_at
        if at is not None and not 2000 <= at.year <= 2100:
            raise forms.ValidationError(
                _("A time between the years 2000 and 2100, please."), code="year"
            )
        return at

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
        return upload and (images.name_of(upload), images.read(upload))


class WritingAdmin(ActsAdmin):
    """The page on which an article is written."""

    form = ArticleForm
    autocomplete_fields = ["tags"]
    raw_id_fields = ["cover", "author"]
    change_form_template = "admin/news/article/change_form.html"
    readonly_fields = [
        "cover_now",
        "shown_status",
        "view_count",
        "comment_count",
        "created_at",
        "updated_at",
    ]
    fieldsets = [
        (
            _("Chinese"),
            {
                "fields": ["title_zh_hans", "summary_zh_hans", "body_zh_hans"],
                "classes": ["language-panel"],
            },
        ),
        (
            _("English"),
            {"fields": ["title_en", "summary_en", "body_en"], "classes": ["language-panel"]},
        ),
        (
            _("Where and for whom"),
            {
                "fields": [
                    "category",
                    "tags",
                    "cover_now",
                    "new_cover",
                    "cover",
                    "audience",
                    "is_featured",
                    "comments_open",
                ]
            },
        ),
        (
            _("Publication"),
            {
                "fields": [
                    "shown_status",
                    "publish_at",
                    "slug",
                    "author",
                    "byline",
                    "view_count",
                    "comment_count",
                    "created_at",
                    "updated_at",
                ]
            },
        ),
    ]

    @admin.display(description=_("cover now"))
    def cover_now(self, article):
        if not article.cover:
            return "–"
        return format_html('<img src="{}" alt="" height="90">', images.thumbnail_url(article.cover))

    def get_changeform_initial_data(self, request):
        return {"author": request.user.pk, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request, obj=None):
        """Only what was never out is deleted; the rest is withdrawn, and its address answers 410."""
        deletable = obj is None or obj.status in {Article.Status.DRAFT, Article.Status.SUBMITTED}
        return deletable and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if new_cover := form.cleaned_data.get("new_cover"):
            name, picture = new_cover
            obj.cover = images.store(picture, Image(name=name, uploaded_by=request.user))
        publishing.save(obj, request.user, tags=form.cleaned_data["tags"])

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for name in VERBS:
            if f"_{name}" in request.POST:
                if not self.has_publish_permission(request):
                    raise PermissionDenied
                self.act(request, [form.instance], name)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        status = obj.status if obj else Article.Status.DRAFT
        fitting = {
            Article.Status.DRAFT: ["publish"],
            Article.Status.SUBMITTED: ["publish", "back_to_draft"],
            Article.Status.PUBLISHED: ["archive", "withdraw"],
            Article.Status.ARCHIVED: ["publish", "withdraw"],
            Article.Status.WITHDRAWN: ["publish", "back_to_draft"],
        }[status]
        if obj and obj.status == Article.Status.PUBLISHED and obj.is_scheduled:
            fitting = ["withdraw", "back_to_draft"]
        context["verbs"] = (
            [(name, VERBS[name][1]) for name in fitting]
            if self.has_publish_permission(request)
            else []
        )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def view_on_site(self, obj):
        return obj.get_absolute_url()
