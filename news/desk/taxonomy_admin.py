"""Categories and tags in the admin."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from caisu.core.desk import NamedCells
from news import tagging
from news.models import Article, Category, Tag

from .article_form import key_in

# What goes along with a tag that is deleted; Django's own name is of no language.
tagged = Article.tags.through._meta
tagged.verbose_name, tagged.verbose_name_plural = _("use in an article"), _("uses in articles")


class ColourInput(forms.TextInput):
    input_type = "color"


class CategoryForm(forms.ModelForm):
    class Meta:
        model = Category
        fields = [
            *("slug", "name_zh_hans", "name_en", "description_zh_hans", "description_en"),
            *("colour", "order"),
        ]
        widgets = {"colour": ColourInput}


class CategoryAdmin(NamedCells, admin.ModelAdmin):
    form = CategoryForm
    list_display = ["name_zh_hans", "name_en", "slug", "swatch", "articles", "order"]
    list_editable = ["order"]
    ordering = ["order", "slug"]
    fields = [
        ("name_zh_hans", "name_en"),
        ("description_zh_hans", "description_en"),
        "slug",
        "colour",
        "order",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(article_total=Count("articles"))

    def get_readonly_fields(self, request, obj=None):
        """An address that readers may have kept stays."""
        return ["slug"] if obj and obj.articles.exists() else []

    @admin.display(description=_("colour"))
    def swatch(self, category):
        return format_html(
            '<svg class="swatch" viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1"'
            ' fill="{0}"/></svg> {0}',
            category.colour,
        )

    @admin.display(description=pgettext_lazy("column of a list", "Articles"))
    def articles(self, category):
        return format_html(
            '<a href="{}?category__id__exact={}">{}</a>',
            reverse("admin:news_article_changelist"),
            category.pk,
            category.article_total,
        )


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(
        Tag.objects.none(), label=_("keep"), widget=forms.RadioSelect, empty_label=None
    )


class TagAdmin(admin.ModelAdmin):
    list_display = ["name_zh_hans", "name_en", "slug", "in_articles", "merged_names"]
    search_fields = ["name_zh_hans", "name_en", "slug"]
    fields = ["name_zh_hans", "name_en", "slug"]
    ordering = ["slug"]
    list_per_page = 100
    actions = ["merge"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.merge_view)
        return [path("merge/", view, name="news_tag_merge"), *super().get_urls()]

    def get_queryset(self, request):
        tags = super().get_queryset(request).current()
        return tags.annotate(article_total=Count("articles")).prefetch_related("merged")

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj and obj.articles.exists() else []

    @admin.display(
        description=pgettext_lazy("column of a list", "Articles"), ordering="article_total"
    )
    def in_articles(self, tag):
        return format_html(
            '<a href="{}?tags__id__exact={}">{}</a>',
            reverse("admin:news_article_changelist"),
            tag.pk,
            tag.article_total,
        )

    @admin.display(description=_("was also"))
    def merged_names(self, tag):
        return (
            pgettext("between items of a list", ", ").join(str(each) for each in tag.merged.all())
            or "–"
        )

    @admin.action(description=_("Merge the chosen tags into one"), permissions=["change"])
    def merge(self, request, queryset):
        if queryset.count() < 2:
            messages.error(request, _("Choose the tags that mean the same: two or more."))
            return None
        keys = ",".join(str(tag.pk) for tag in queryset)
        return redirect(f"{reverse('admin:news_tag_merge')}?tags={keys}")

    def merge_view(self, request):
        """Asks which of the chosen tags stays, and merges the others into it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        asked = request.GET.get("tags", "").split(",")[:100]
        keys = {key for each in asked if (key := key_in(each))}
        tags = self.get_queryset(request).filter(pk__in=keys)
        if len(tags) < 2:
            messages.error(request, _("Choose the tags that mean the same: two or more."))
            return redirect("admin:news_tag_changelist")
        form = MergeForm(request.POST if request.method == "POST" else None)
        form.fields["into"].queryset = tags
        form.fields["into"].label_from_instance = lambda tag: (
            f"{tag.name_zh_hans} / {tag.name_en} ({tag.article_total})"
        )
        if form.is_valid():
            into = form.cleaned_data["into"]
            moved = tagging.merge([tag for tag in tags if tag != into], into)
            messages.success(
                request,
                ngettext(
                    "Merged into “%(tag)s”; %(count)d article changed its tag.",
                    "Merged into “%(tag)s”; %(count)d articles changed their tags.",
                    moved,
                )
                % {"tag": into, "count": moved},
            )
            return redirect("admin:news_tag_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge tags"),
            "opts": self.opts,
            "form": form,
        }
        return render(request, "admin/news/tag/merge.html", context)
