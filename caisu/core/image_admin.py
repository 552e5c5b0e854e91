from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import images
from .models import Image

THUMBNAIL = 96
PREVIEW = 480


class NewImageForm(forms.ModelForm):
    """A file beside what is said about the picture in it."""

    upload = forms.FileField(
        label=_("File"),
        help_text=_("JPEG, PNG, WebP or GIF, up to 10 MB. Where it was taken is not kept."),
        widget=forms.FileInput(attrs={"accept": images.ACCEPT}),
    )

    class Meta:
        model = Image
        fields = ["name", "alt_zh_hans", "alt_en", "credit"]

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        self.picture = images.read(upload)
        return upload

    def clean(self):
        cleaned = super().clean()
        if "upload" in cleaned and not cleaned.get("name"):
            cleaned["name"] = images.name_of(cleaned["upload"])
        return cleaned


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin):
    list_display = [
        "thumbnail",
        "name",
        "alt_zh_hans",
        "alt_en",
        "size",
        "audience",
        "uploaded_by",
        "uploaded_at",
    ]
    list_display_links = ["thumbnail", "name"]
    list_filter = ["audience", "uploaded_at"]
    list_select_related = ["uploaded_by"]
    list_per_page = 50
    search_fields = ["name", "alt_zh_hans", "alt_en", "credit", "token"]
    readonly_fields = ["preview", "size", "address", "audience", "uploaded_by", "uploaded_at"]

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["upload", "name", "alt_zh_hans", "alt_en", "credit"]
        return ["preview", "name", "alt_zh_hans", "alt_en", "credit", *self.readonly_fields[1:]]

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = NewImageForm
            # The field of the file is the form's own, none of the model.
            kwargs["fields"] = ["name", "alt_zh_hans", "alt_en", "credit"]
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.uploaded_by = request.user
            images.store(form.picture, obj)

    def delete_model(self, request, obj):
        images.discard(obj)

    def delete_queryset(self, request, queryset):
        for image in queryset:
            images.discard(image)

    @admin.display(description=pgettext_lazy("column of a list", "Picture"))
    def thumbnail(self, image):
        return self._shown(image, THUMBNAIL)

    @admin.display(description=pgettext_lazy("column of a list", "Picture"))
    def preview(self, image):
        return self._shown(image, PREVIEW)

    @admin.display(description=_("Size"), ordering="width")
    def size(self, image):
        return f"{image.width} × {image.height}"

    @admin.display(description=_("Address"))
    def address(self, image):
        return format_html('<a href="{0}">{0}</a>', images.url(image))

    def _shown(self, image, longest):
        """The picture in a square of ``longest`` pixels; its words stand beside it."""
        scale = min(1, longest / max(image.width, image.height))
        return format_html(
            '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
            images.thumbnail_url(image),
            max(1, round(image.width * scale)),
            max(1, round(image.height * scale)),
            image.alt or image.name,
        )
