from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from caisu.core import mail, markup
from caisu.core.models import SiteSettings
from caisu.core.throttling import Limit

from ..models import Application

SAVES = Limit("application", times=20, seconds=3600)


class PlainText(forms.CharField):
    """Typed text without what turns or breaks it; its length is that of the model's field."""

    def __init__(self, *, of, **kwargs):
        length = Application._meta.get_field(of).max_length
        super().__init__(max_length=length, widget=forms.Textarea(attrs={"rows": 6}), **kwargs)
        # The browser would cut off what is pasted, without a word.
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value):
        return markup.clean_text(super().to_python(value))


class WhyForm(forms.Form):
    why = PlainText(
        of="why",
        label=_("Why would you like to join?"),
        required=False,
        help_text=_(
            "A sentence about you helps whoever approves you: what you study or do, whom you know here."
            " Only they read it."
        ),
    )


class AnswerForm(forms.Form):
    answer = PlainText(
        of="answer",
        label=_("Your answer"),
        error_messages={"required": _("Write an answer first, please.")},
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application(request):
    """What happens until a newcomer is approved: they say why they come, and answer what is asked."""
    if not request.user.is_pending:
        return redirect("members:settings")
    mine = Application.objects.filter(member=request.user).first()
    mine = mine or Application(member=request.user)
    answering = request.method == "POST" and "answer" in request.POST and mine.asked_at
    telling = request.method == "POST" and "why" in request.POST
    why_form = WhyForm(request.POST if telling else None, initial={"why": mine.why})
    answer_form = AnswerForm(request.POST if answering else None, initial={"answer": mine.answer})
    if telling and why_form.is_valid():
        SAVES.hit(request.user.pk)
        values = {"why": why_form.cleaned_data["why"]}
        Application.objects.update_or_create(member=request.user, defaults=values)
        messages.success(request, _("Saved. Thank you."))
        return redirect("members:application")
    if answering and answer_form.is_valid():
        SAVES.hit(request.user.pk)
        if answer(mine.pk, answer_form.cleaned_data["answer"]):
            messages.success(request, _("Your answer is on its way. Thank you."))
        return redirect("members:application")
    context = {"application": mine, "why_form": why_form, "answer_form": answer_form}
    return render(request, "members/settings/application.html", context)


@transaction.atomic
def answer(pk, text):
    """Keeps an answer; whoever looks after the site hears of the first to each question."""
    mine = Application.objects.select_for_update().select_related("member").get(pk=pk)
    if not (mine.asked_at and mine.member.is_pending):
        return False
    is_first = mine.answered_at is None
    mine.answer, mine.answered_at = text, timezone.now()
    mine.save(update_fields=["answer", "answered_at"])
    if is_first:
        queue = reverse("admin:moderation_case_changelist")
        mail.send(
            "members/answered",
            SiteSettings.load().contact_email,
            settings.LANGUAGE_CODE,
            member=mine.member,
            url=f"{settings.SITE_URL}{queue}?kind__exact=signup",
        )
    return True
