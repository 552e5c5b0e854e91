"""What the webmaster may change about the filter: rules, block list; and what the classifier knows."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from caisu.core.desk import MOMENTS

from . import blocking
from .filtering.classifier import ENOUGH_DECISIONS
from .filtering.rules import RULES
from .models import BlockRule, HouseRules, SpamModel


def _words(rule):
    words = _("weight %(weight)g; holds by itself") if rule.strong else _("weight %(weight)g")
    return format_html("{} <small>({})</small>", rule.reason, words % {"weight": rule.weight})


class HouseRulesForm(forms.ModelForm):
    rules_on = forms.MultipleChoiceField(
        label=_("rules"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Take the tick off a rule that holds what it should not."),
    )

    class Meta:
        model = HouseRules
        fields = ["reports_to_hide", "crowd_until", "spam_text_days"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rules_on"].choices = [(rule.name, _words(rule)) for rule in RULES.values()]
        self.initial["rules_on"] = [name for name in RULES if name not in self.instance.rules_off]

    def save(self, commit=True):
        on = self.cleaned_data["rules_on"]
        self.instance.rules_off = [name for name in RULES if name not in on]
        return super().save(commit)


@admin.register(HouseRules)
class HouseRulesAdmin(admin.ModelAdmin):
    """One row: the list leads straight to it."""

    form = HouseRulesForm
    formfield_overrides = MOMENTS
    fields = ["reports_to_hide", "crowd_until", "spam_text_days", "rules_on"]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rules, _created = HouseRules.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:moderation_houserules_change", args=[rules.pk]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class BlockRuleForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        kind, value = cleaned.get("kind"), cleaned.get("value")
        if kind and value:
            try:
                cleaned["value"] = blocking.normal(kind, value)
            except ValidationError as error:
                self.add_error("value", error)
        if kind == BlockRule.Kind.NETWORK and not cleaned.get("expires_at"):
            cleaned["expires_at"] = timezone.now() + blocking.NETWORK_ENDS_AFTER
        return cleaned


@admin.register(BlockRule)
class BlockRuleAdmin(admin.ModelAdmin):
    """The block list. Moderators add to it from a clean-up only."""

    form = BlockRuleForm
    formfield_overrides = MOMENTS
    list_display = ["value", "kind", "hits", "last_hit_at", "expires_at", "by", "note"]
    list_filter = ["kind"]
    list_select_related = ["by"]
    search_fields = ["value", "note"]
    fields = ["kind", "value", "note", "expires_at"]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.by = request.user
        super().save_model(request, obj, form, change)
        blocking.forget()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        blocking.forget()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        blocking.forget()


@admin.register(SpamModel)
class SpamModelAdmin(admin.ModelAdmin):
    """What the classifier has learned. It is taught by decisions, not by hand."""

    list_display = ["language", "spam", "ham", "decisions", "does", "trained_at"]
    list_display_links = None

    @admin.display(description=_("what it does"))
    def does(self, model):
        if model.decisions < ENOUGH_DECISIONS or model.threshold is None:
            return _("advises: it holds nothing before %(count)d decisions") % {
                "count": ENOUGH_DECISIONS
            }
        return _("holds what reads like spam")

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("moderation.decide")

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
