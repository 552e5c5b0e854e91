"""How a member logs in: what is set up, and the page that asks who they are once more."""

from email.utils import parseaddr

from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.models import EmailAddress
from allauth.account.views import BaseReauthenticateView
from allauth.core.ratelimit import respond_429
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import addresses, capping, codes, sessions, social
from ..middleware import SecondFactorMiddleware
from ..reauthentication import MailedCode


@login_required
@require_safe
def overview(request):
    """What is set up now, a line each, with a link to where it is changed."""
    member = request.user
    factors = {}
    for factor in Authenticator.objects.filter(user=member):
        factors.setdefault(factor.type, []).append(factor)
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    emails = list(EmailAddress.objects.filter(user=member, verified=True).order_by("-primary"))
    context = {
        "passkeys": factors.get(Authenticator.Type.WEBAUTHN, []),
        "totp": factors.get(Authenticator.Type.TOTP),
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
        "sessions": len(sessions.of(member)),
        "has_password": member.has_usable_password(),
        "emails": [address.email for address in emails] or [member.email],
        "ends_with_graduation": all(
            addresses.ends_with_graduation(address.email) for address in emails
        ),
        "accounts": SocialAccount.objects.filter(user=member).count(),
        "providers": social.enabled(),
        # Who was led here from the desk, and has done what it takes, goes on there.
        "desk": factors and request.session.pop(SecondFactorMiddleware.KEY, ""),
    }
    return render(request, "members/settings/security.html", context)


@method_decorator(login_required, name="dispatch")
class Reauthenticate(BaseReauthenticateView):
    """A code by mail, for who has neither a password nor a second factor."""

    template_name = "members/settings/reauthenticate.html"
    form_class = ConfirmLoginCodeForm

    def get(self, request, *args, **kwargs):
        self.code = MailedCode.current(request) or MailedCode.begin(request)
        if self.code is None:
            capping.check_codes_of(request.user.email, request)
        return super().get(request, *args, **kwargs) if self.code else respond_429(request)

    def post(self, request, *args, **kwargs):
        self.code = MailedCode.current(request)
        here = self.passthrough_next_url(request.path)
        if self.code is None:
            messages.warning(request, _("This code is no longer valid. We have sent a new one."))
            return HttpResponseRedirect(here)
        if request.POST.get("action") == "resend":
            if not self.code.resend():
                messages.error(request, _("A code was sent just now. Wait a little, please."))
            return HttpResponseRedirect(here)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"code": self.code.code}

    def form_valid(self, form):
        self.code.finish(self.request.user)
        return super().form_valid(form)

    def form_invalid(self, form):
        if self.code.record_invalid_attempt():
            return super().form_invalid(form)
        messages.warning(
            self.request, _("That was wrong five times. We have sent you another code.")
        )
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {
            "verify_form": context["form"],
            "email": self.code.state["email"],
            "can_resend": self.code.can_resend,
            "wait": codes.seconds_to_wait(self.code),
            "mail_sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        }


reauthenticate = Reauthenticate.as_view()
