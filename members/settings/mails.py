"""What a member wants to hear of by mail."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..models import Member


class MailsForm(forms.Form):
    mailed_about = forms.ChoiceField(
        label=_("Write to me about"),
        choices=Member.MailedAbout.choices,
        widget=forms.RadioSelect,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request):
    """Which notifications come by mail as well; one who waits for approval chooses, too."""
    data = request.POST if request.method == "POST" else None
    form = MailsForm(data, initial={"mailed_about": request.user.mailed_about})
    if form.is_valid():
        changed = Member.objects.filter(pk=request.user.pk).exclude(**form.cleaned_data)
        if changed.update(**form.cleaned_data):
            messages.success(request, _("Saved."))
        else:
            messages.info(request, _("Nothing was changed."))
        return redirect("members:notification_settings")
    return render(request, "members/settings/mails.html", {"form": form})
