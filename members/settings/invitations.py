"""Inviting newcomers, and what became of one's invitations."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from caisu.core.models import SiteSettings
from caisu.core.throttling import TooManyRequests
from members import inviting
from members.models import Invitation, Member

PAGE = 30


class MailForm(forms.Form):
    """To whom an invitation is mailed, and what the member adds."""

    email = forms.EmailField(
        label=gettext_lazy("Their e-mail address"),
        max_length=Invitation._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=pgettext_lazy("mail", "Language of the mail"),
        choices=Member._meta.get_field("language").choices,
    )
    words = forms.CharField(
        label=gettext_lazy("A line from you"),
        max_length=inviting.LONGEST_WORDS,
        required=False,
        help_text=gettext_lazy("Plain text without links. It stands in the mail and is not kept."),
    )

    def clean_words(self):
        words = self.cleaned_data["words"]
        if link := inviting.found_link(words):
            raise forms.ValidationError(
                _("Leave links out, please: “%(link)s” looks like one."),
                code="link",
                params={"link": link},
            )
        return words


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mine(request):
    """The member's invitations; two ways to make another one."""
    member = request.user
    if not member.is_full_member:
        raise PermissionDenied(_("Inviting opens once you are approved."))
    form = MailForm(initial={"language": get_language()})
    wait = None
    if request.method == "POST":
        try:
            if "email" not in request.POST:
                return _made(request, inviting.invite(member))
            form = MailForm(request.POST)
            if form.is_valid():
                return _made(request, inviting.invite_by_mail(member, **form.cleaned_data))
        except TooManyRequests as limit:
            wait = limit.retry_after
            # The site's own limit on mail to strangers passes within the hour: the same words do.
            messages.error(request, _too_many(wait))
    page = Paginator(member.invitations.all(), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "invitations": _shown(page, member),
        "by_invitation_only": SiteSettings.load().signup_mode == SiteSettings.SignupMode.INVITATION,
        "may_invite_from": inviting.may_invite_from(member),
        "a_day": inviting.DAILY.times,
    }
    status = 429 if wait else 200
    response = render(request, "members/settings/invitations.html", context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _made(request, invitation):
    if invitation.email:
        words = _(
            "The invitation is made, and a mail is on its way to %(email)s, unless one of ours went there "
            "in the last 30 days. The link below works either way."
        )
        messages.success(request, words % {"email": invitation.email})
    else:
        messages.success(request, _("The invitation is made: copy its link and send it."))
    return redirect(f"{reverse('members:invitations')}#invitation-{invitation.pk}")


def _too_many(seconds):
    hours = max(1, round(seconds / 3600))
    return ngettext(
        "That is enough for now: %(a_day)d invitations a day. Try again in about %(hours)d hour.",
        "That is enough for now: %(a_day)d invitations a day. Try again in about %(hours)d hours.",
        hours,
    ) % {"a_day": inviting.DAILY.times, "hours": hours}


def _shown(page, member):
    """Each invitation of a page with its state, its link, and who came by it, if they may be named."""
    invitations = list(page)
    came = [invitation.used_by_id for invitation in invitations if invitation.used_at]
    named = Member.objects.visible_to(member).filter(pk__in=came).in_bulk()
    for invitation in invitations:
        invitation.invited_by = member
        invitation.state = inviting.state_of(invitation)
        invitation.link = inviting.link_to(invitation)
        invitation.newcomer = named.get(invitation.used_by_id)
    return invitations


@require_POST
@login_required
def revoke(request, pk):
    """Takes back one of the member's own invitations that nobody has used."""
    if not request.user.is_full_member:
        raise PermissionDenied
    invitation = get_object_or_404(request.user.invitations, pk=pk)
    if inviting.revoke(invitation):
        messages.success(request, _("The invitation is taken back: its link opens nothing now."))
    else:
        messages.info(request, _("This invitation was over already. Nothing was changed."))
    return redirect("members:invitations")
