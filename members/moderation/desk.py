"""What the pages of moderators in the admin have in common."""

from django import forms
from django.contrib import messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class DecidePermission:
    """View and act with ``moderation.decide``; nothing is added, changed or deleted by hand."""

    def has_decide_permission(self, request):
        return request.user.has_perm("moderation.decide")

    def has_module_permission(self, request):
        return self.has_decide_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.has_decide_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class DecideForm(forms.Form):
    """What a moderator may say beside the button."""

    reason = forms.CharField(
        label=_("reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Mailed to the person concerned when something is removed, refused, closed or answered."
        ),
    )


def told(request, done, skipped):
    """One line on what a bulk act did, one on what it left alone."""
    if done:
        messages.success(
            request,
            ngettext("%(count)d thing is decided.", "%(count)d things are decided.", done)
            % {"count": done},
        )
    if skipped:
        messages.warning(
            request,
            ngettext(
                "%(count)d thing was left as it is: the act does not fit it, or is not yours.",
                "%(count)d things were left as they are: the act does not fit them, or is not yours.",
                skipped,
            )
            % {"count": skipped},
        )
