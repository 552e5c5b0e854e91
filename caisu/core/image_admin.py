"""The library of pictures at the desk: found, described, replaced and deleted, with what shows them."""

from hashlib import sha256

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import actions as admin_actions
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from . import decoding, images, markup
from .bilingual import LANGUAGES, column
from .jobs import is_alive
from .models import Image

THUMBNAIL = 96
PREVIEW = 480
WORDS = ["alt_zh_hans", "alt_en", "credit"]
# At one time, to an editor who looks for one.
CHOICE = 24
USES_SHOWN = 20


def file_field(label):
    return forms.FileField(
        label=label,
        help_text=_("JPEG, PNG, WebP or GIF, up to 10 MB. Where it was taken is not kept."),
        widget=forms.FileInput(attrs={"accept": decoding.ACCEPT}),
    )


class NewImageForm(forms.ModelForm):
    """A file beside what is said about the picture in it."""

    upload = file_field(_("File"))
    user = None  # set by ImageAdmin: whose library it is looked up in

    class Meta:
        model = Image
        fields = ["name", *WORDS]

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        self.digest = images.digest_of(upload)
        self.existing = images.find(self.digest, self.user)
        self.picture = None if self.existing else images.read(upload)
        return upload

    def clean(self):
        cleaned = super().clean()
        if "upload" in cleaned and not cleaned.get("name"):
            cleaned["name"] = images.name_of(cleaned["upload"])
        return cleaned


class ReplaceForm(forms.Form):
    upload = file_field(_("New file"))


class UseFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter of pictures", "use")
    parameter_name = "used"

    def lookups(self, request, model_admin):
        return [
            ("yes", pgettext("filter of pictures", "Used")),
            ("no", pgettext("filter of pictures", "Unused")),
        ]

    def queryset(self, request, queryset):
        chosen = {"yes": queryset.used, "no": queryset.unused}.get(self.value(), queryset.all)
        return chosen()


class DescriptionFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter of pictures", "description")
    parameter_name = "undescribed"

    def lookups(self, request, model_admin):
        return [
            ("any", pgettext("filter of pictures", "Missing in a language")),
            ("zh-hans", pgettext("filter of pictures", "Missing in Chinese")),
            ("en", pgettext("filter of pictures", "Missing in English")),
        ]

    def queryset(self, request, queryset):
        languages = {"any": LANGUAGES, **{code: [code] for code in LANGUAGES}}
        missing = Q()
        for language in languages.get(self.value(), []):
            missing |= Q(**{column("alt", language): ""})
        return queryset.filter(missing)


class MineFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter of pictures", "uploader")
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("yes", pgettext("filter of pictures", "Me"))]

    def queryset(self, request, queryset):
        return queryset.filter(uploaded_by=request.user) if self.value() else queryset


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin):
    list_display = [
        "thumbnail",
        "title",
        "descriptions",
        "size",
        "use",
        "uploaded",
    ]
    list_display_links = ["thumbnail", "title"]
    list_filter = [UseFilter, DescriptionFilter, MineFilter, "audience", "uploaded_at"]
    list_per_page = 48
    list_max_show_all = 48
    show_full_result_count = False
    search_fields = ["name", "alt_zh_hans", "alt_en", "credit", "token"]
    readonly_fields = [
        "preview",
        "size",
        "address",
        "audience",
        "uploaded_by",
        "uploaded_at",
    ]
    actions = ["make_sizes", "delete_selected"]

    class Media:
        css = {"all": ["css/media.css"]}

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("choose/", view(self.choose), name="core_image_choose"),
            path("<path:object_id>/replace/", view(self.replace_view), name="core_image_replace"),
            path("<path:object_id>/sizes/", view(self.sizes_view), name="core_image_sizes"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("uploaded_by").with_use_count()

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["upload", "name", *WORDS]
        return ["preview", "name", *WORDS, *self.readonly_fields[1:]]

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = NewImageForm
            # The field of the file is the form's own, none of the model.
            kwargs["fields"] = ["name", *WORDS]
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    # --- One more, or the same once more

    def save_form(self, request, form, change):
        image = super().save_form(request, form, change)
        existing = getattr(form, "existing", None)
        if existing is None:
            return image
        existing.was_there = True
        may_describe = self.has_change_permission(request, existing)
        typed = {name: form.cleaned_data[name] for name in WORDS}
        for name, words in typed.items():
            if words and may_describe and not getattr(existing, name):
                setattr(existing, name, words)
        existing.not_taken = [
            words for name, words in typed.items() if words and words != getattr(existing, name)
        ]
        return existing

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        elif obj.pk:
            obj.save(update_fields=WORDS)
        else:
            obj.uploaded_by = request.user
            obj.digest = form.digest
            images.store(form.picture, obj)

    def log_addition(self, request, obj, message):
        if not hasattr(obj, "was_there"):
            return super().log_addition(request, obj, message)
        return None

    def response_add(self, request, obj, post_url_continue=None):
        if not hasattr(obj, "was_there"):
            return super().response_add(request, obj, post_url_continue)
        messages.warning(request, _("This picture was in the library already. Here it is."))
        if obj.not_taken:
            text = _("It has other words already, so these were not taken: %(words)s")
            messages.warning(request, text % {"words": " / ".join(obj.not_taken)})
        if admin.options.IS_POPUP_VAR in request.POST:  # what asked for a picture gets this one
            return super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(reverse("admin:core_image_change", args=[obj.pk]))

    # --- Lists

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        state = images.sizes(changelist.result_list)
        for image in changelist.result_list:
            image.sizes = state[image.pk]
        return changelist

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None:
            state = [image.sizes for image in changelist.result_list]
            self.tell_progress(request, response, state)
        return response

    def tell_progress(self, request, response, state):
        """Says what is still being made, and has the page come again while there is hope."""
        waiting = sum(one.waiting for one in state)
        working = bool(waiting) and is_alive()
        response.context_data |= {
            "waiting": waiting,
            "working": working,
            "failed": sum(one.failed for one in state),
            "jobs": self.jobs_address(request),
        }
        if working:
            response["Refresh"] = "3"

    def jobs_address(self, request):
        """Where failed jobs are listed, for those who may see them."""
        if not request.user.has_perm("core.view_backgroundjob"):
            return ""
        query = {"status": "FAILED", "q": images.make_renditions.name}
        return reverse("admin:core_backgroundjob_changelist", query=query)

    @method_decorator(require_safe)
    def choose(self, request):
        """Pictures as JSON, the newest first, for the editor's own dialog."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = markup.clean_text(request.GET.get("q", ""))[:100]
        found, _distinct = self.get_search_results(request, Image.objects.order_by("-pk"), words)
        before = request.GET.get("before", "")
        if before.isdecimal():
            found = found.filter(pk__lt=int(before[:18]))
        chosen = list(found[: CHOICE + 1])
        return JsonResponse(
            {
                "pictures": [images.described(image) for image in chosen[:CHOICE]],
                "older": chosen[CHOICE - 1].pk if len(chosen) > CHOICE else None,
            }
        )

    # --- One picture

    def change_view(self, request, object_id, form_url="", extra_context=None):
        image = self.get_object(request, unquote(object_id))
        if image is None or not self.has_view_or_change_permission(request, image):
            return super().change_view(request, object_id, form_url, extra_context)
        state = images.sizes([image])[image.pk]
        context = {
            **self.use_context(request, image),
            "sizes": state,
            "sizes_text": sizes_ready(state),
            "may_replace": self.has_change_permission(request, image),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def use_context(self, request, image):
        """What a page says of where a picture is used."""
        using = images.uses(image)
        return {
            "uses": self.shown_uses(request, using),
            "use_count": len(using),
            "more_uses": max(0, len(using) - USES_SHOWN),
        }

    def shown_uses(self, request, using):
        """Kind, title and address of what shows a picture, as far as ``request.user`` may know it."""
        shown = []
        for use in using[:USES_SHOWN]:
            kind = capfirst(use._meta.verbose_name)
            desk = self.admin_site._registry.get(type(use))
            if desk is None or not desk.has_view_permission(request, use):
                shown.append({"kind": kind})
                continue
            name = f"admin:{use._meta.app_label}_{use._meta.model_name}_change"
            address = reverse(name, args=[use.pk])
            shown.append({"kind": kind, "title": str(use), "address": address})
        return shown

    def page(self, request, image, title, template, **context):
        """A page about one picture, beside the form."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": image,
            "picture": self._shown(image, PREVIEW),
            "media": self.media,
            **context,
        }
        return TemplateResponse(request, f"admin/core/image/{template}", context)

    def replace_view(self, request, object_id):
        """Another file for a picture, wherever it is shown."""
        image = get_object_or_404(Image, pk=_key(object_id))
        if not self.has_change_permission(request, image):
            raise PermissionDenied
        form = ReplaceForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and self.replaced(request, image, form):
            return HttpResponseRedirect(reverse("admin:core_image_sizes", args=[image.pk]))
        return self.page(
            request,
            image,
            _("Replace the picture"),
            "replace.html",
            form=form,
            **self.use_context(request, image),
        )

    def replaced(self, request, image, form):
        """Replaces a picture, or says at the field why not; whether it did."""
        try:
            if image.digest and image.digest == images.digest_of(form.cleaned_data["upload"]):
                raise ValidationError(_("This is the very file that is here now."), "same")
            images.replace(image, form.cleaned_data["upload"])
        except ValidationError as error:
            form.add_error("upload", error)
            return False
        self.log_change(request, image, [{"changed": {"fields": [str(_("File"))]}}])
        text = _("The picture was replaced. Please check that its descriptions still fit.")
        messages.success(request, text)
        return True

    def sizes_view(self, request, object_id):
        """How far the sizes of a picture are; a button to try again when that has failed."""
        image = get_object_or_404(Image, pk=_key(object_id))
        if not self.has_view_or_change_permission(request, image):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request, image):
                raise PermissionDenied
            images.remake([image])
            return HttpResponseRedirect(request.path)
        state = images.sizes([image])[image.pk]
        may_change = self.has_change_permission(request, image)
        title = _("Sizes of the picture")
        response = self.page(
            request,
            image,
            title,
            "sizes.html",
            sizes_text=sizes_ready(state),
            may_change=may_change,
        )
        self.tell_progress(request, response, [state])
        return response

    @admin.action(description=_("Make missing sizes again"), permissions=["change"])
    def make_sizes(self, request, queryset):
        count = images.remake(queryset)
        if not count:
            messages.info(request, _("No size is missing that is not being made already."))
            return
        text = ngettext(
            "The sizes of %(count)d picture are being made again.",
            "The sizes of %(count)d pictures are being made again.",
            count,
        )
        messages.success(request, text % {"count": count})

    # --- Deleting: what shows a picture is named before

    def delete_view(self, request, object_id, extra_context=None):
        image = self.get_object(request, unquote(object_id))
        if image is None or not self.has_delete_permission(request, image):
            return super().delete_view(request, object_id, extra_context)
        seen = self.mark({image.pk: images.uses(image)})
        if request.method == "POST" and request.POST.get("seen", "") != seen:
            self.warn_of_uses(request)
            return HttpResponseRedirect(request.get_full_path())
        context = {"pictures": self.for_deletion(request, [image]), "seen": seen}
        return super().delete_view(request, object_id, {**context, **(extra_context or {})})

    @admin.action(
        description=admin_actions.delete_selected.short_description,  # type: ignore[attr-defined]
        permissions=["delete"],
    )
    def delete_selected(self, request, queryset):
        seen = self.mark(images.uses_of(queryset))
        if request.POST.get("post") and request.POST.get("seen", "") != seen:
            self.warn_of_uses(request)
            request.POST = request.POST.copy()
            del request.POST["post"]  # the question is asked once more
        response = admin_actions.delete_selected(self, request, queryset)
        if response is not None:
            pictures = self.for_deletion(request, queryset)
            response.context_data |= {"pictures": pictures, "seen": seen}
        return response

    def warn_of_uses(self, request):
        text = _("Nothing was deleted: please look first at where these pictures are used now.")
        messages.warning(request, text)

    def mark(self, using):
        """What stands for these uses in a form, so that none is deleted unseen; empty for none."""
        rows = sorted(f"{pk} {use._meta.label} {use.pk}" for pk in using for use in using[pk])
        return sha256("\n".join(rows).encode()).hexdigest()[:32] if rows else ""

    def for_deletion(self, request, pictures):
        """The pictures with their uses, as the question shows them."""
        pictures = list(pictures)
        using = images.uses_of(pictures)
        return [
            {
                "image": image,
                "shown": self._shown(image, THUMBNAIL),
                "uses": self.shown_uses(request, using[image.pk]),
                "more_uses": max(0, len(using[image.pk]) - USES_SHOWN),
            }
            for image in pictures
        ]

    def get_deleted_objects(self, objs, request):
        """The pictures alone: rows that only tie them to what shows them mean nothing to a person."""
        _objects, _counts, lacking, protected = super().get_deleted_objects(objs, request)
        names = [str(image) for image in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, lacking, protected

    def delete_model(self, request, obj):
        images.discard(obj)

    def delete_queryset(self, request, queryset):
        for image in queryset:
            images.discard(image)

    # --- Columns

    @admin.display(description=pgettext_lazy("column of a list", "Picture"))
    def thumbnail(self, image):
        return self._shown(image, THUMBNAIL)

    @admin.display(description=pgettext_lazy("column of a list", "Picture"))
    def preview(self, image):
        return self._shown(image, PREVIEW)

    @admin.display(description=_("name"), ordering="name")
    def title(self, image):
        return image

    @admin.display(description=_("descriptions and credit"))
    def descriptions(self, image):
        lines = [
            format_html('<span lang="{}">{}</span>', language, words)
            if words
            else format_html('<span class="missing">{}</span>', missing)
            for language, words, missing in [
                ("zh-Hans", image.alt_zh_hans, _("Chinese description missing")),
                ("en", image.alt_en, _("English description missing")),
            ]
        ]
        if image.credit:
            lines.append(format_html('<span class="credit">© {}</span>', image.credit))
        return mark_safe("".join(lines))

    @admin.display(description=_("Size"), ordering="width")
    def size(self, image):
        lines = [format_html("<span>{} × {}</span>", image.width, image.height)]
        if image.file_size:
            lines.append(format_html("<span>{}</span>", filesizeformat(image.file_size)))
        state = getattr(image, "sizes", None)
        if state is not None and state.ready < state.wanted:
            lines.append(
                format_html(
                    '<a class="sizes{}" href="{}">{}</a>',
                    " failed" if state.failed else "",
                    reverse("admin:core_image_sizes", args=[image.pk]),
                    sizes_ready(state),
                )
            )
        return mark_safe("".join(lines))

    @admin.display(description=pgettext_lazy("column of a list", "Use"), ordering="use_count")
    def use(self, image):
        text = pgettext("picture", "unused")
        if image.use_count:
            text = ngettext("%(count)d use", "%(count)d uses", image.use_count)
        return format_html(
            "<span>{}</span><span>{}</span>",
            text % {"count": image.use_count},
            image.get_audience_display(),
        )

    @admin.display(
        description=pgettext_lazy("column of a list", "Uploaded"), ordering="uploaded_at"
    )
    def uploaded(self, image):
        at = date_format(timezone.localtime(image.uploaded_at), "SHORT_DATE_FORMAT")
        return format_html("<span>{}</span><span>{}</span>", image.uploaded_by or "–", at)

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


def sizes_ready(state):
    """“Sizes ready: 1 of 3”."""
    text = _("Sizes ready: %(ready)d of %(wanted)d")
    if state.failed:
        text = _("Sizes ready: %(ready)d of %(wanted)d, the rest failed")
    return text % {"ready": state.ready, "wanted": state.wanted}


def _key(object_id):
    """The key in an address, or one that nothing has."""
    return int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
