"""The page of the sign-up, and the challenge that its browser solves."""

import math

from allauth.account import views as allauth_views
from django.http import JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from caisu.core.models import SiteSettings
from caisu.core.throttling import TooManyRequests

from . import capping, joining, proof


class SignupView(allauth_views.SignupView):
    def get_initial(self):
        _code, invitation = joining.invitation_of(self.request)
        invited = {"email": invitation.email} if invitation and invitation.email else {}
        return {**invited, **super().get_initial()}

    def get_context_data(self, **kwargs):
        code, invitation = joining.invitation_of(self.request)
        site = SiteSettings.load()
        vouched = invitation and invitation.invited_by.is_trusted
        return super().get_context_data(
            invitation=invitation,
            useless=joining.why_unusable(code) if code and not invitation else "",
            waits=site.signup_mode != SiteSettings.SignupMode.OPEN and not vouched,
            trusted_domains=site.trusted_domains.split(),
            **kwargs,
        )

    def closed(self):
        code, _invitation = joining.invitation_of(self.request)
        return self.response_class(
            request=self.request,
            template=self.template_name_signup_closed,
            context={"useless": joining.why_unusable(code) if code else ""},
        )

    def form_valid(self, form):
        """Counts the mail before anybody looks whose the address is."""
        try:
            capping.count_signup_mail(self.request.META.get("REMOTE_ADDR"))
        except TooManyRequests as error:
            minutes = math.ceil(error.retry_after / 60)
            form.add_error(
                None,
                ngettext(
                    "So many people are signing up that we cannot mail another code just now. "
                    "Try again in a minute.",
                    "So many people are signing up that we cannot mail another code just now. "
                    "Try again in %(minutes)d minutes.",
                    minutes,
                )
                % {"minutes": minutes},
            )
            response = self.form_invalid(form)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        self.request.mail_is_counted = True
        return super().form_valid(form)


@require_safe
@never_cache
def challenge(request):
    """A fresh piece of work for the browser of somebody who signs up."""
    return JsonResponse(proof.challenge())
