"""The pages where a mailed code is typed: at the sign-up, for a login, for a new password.

allauth does the work. What it leaves to wish for is here, once for the three of them: a code that
is over says so, wrong ones are counted aloud, and a new one can be had on every page.
"""

from __future__ import annotations

import math
import time
from email.utils import parseaddr

from allauth.account import views
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.email_verification import consume_email_verification_rate_limit
from allauth.account.internal.flows.email_verification_by_code import (
    EMAIL_VERIFICATION_CODE_SESSION_KEY,
)
from allauth.account.internal.flows.password_reset_by_code import (
    PASSWORD_RESET_VERIFICATION_SESSION_KEY,
)
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, stash_login
from allauth.account.stages import EmailVerificationStage, LoginByCodeStage, LoginStageController
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caisu.core.throttling import Limit

RESEND_AFTER = 30  # seconds
MOST_RESENDS = 5
# Many requests side by side cannot see each other's wrong codes in the session; the cache counts
# them one by one. Twice what the page allows, for codes that were only half typed.
TRIES = Limit("code", times=10, seconds=30 * 60)


def seconds_to_wait(process: AbstractCodeVerificationProcess) -> int:
    """How many seconds until another code may be asked for; 0 if at once."""
    since = time.time() - process.state.get("sent_at", process.state["at"])
    return max(0, math.ceil(RESEND_AFTER - since))


class CodePage:
    """What the three pages have in common; each names where its code is kept and renewed."""

    session_key = ""
    # The page where a code is asked for from the start.
    start = ""
    # The name of its limit in the settings.
    limit = ""
    _process = None

    def dispatch(self, request, *args, **kwargs):
        # allauth forgets a code that is over; whoever comes for it is told, and offered another.
        email = self.address(request)
        response = super().dispatch(request, *args, **kwargs)
        if self._process is not None:
            return response
        if email:
            return self.over(email)
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_next_url() or reverse("news:front"))
        messages.info(request, _("There is no code to type here any more. You can ask for one."))
        return HttpResponseRedirect(self.passthrough_next_url(reverse(self.start)))

    def address(self, request):
        """Where this visitor's code went, be it over or not; empty if there was none."""
        return (request.session.get(self.session_key) or {}).get("email") or ""

    def over(self, email):
        """The page that stands in for one whose code is over, by time or by wrong ones."""
        context = {
            "email": email,
            "start": reverse(self.start),
            "is_change": self.start == "account_email",
            "next": self.get_next_url() or "",
        }
        return render(self.request, "account/code_over.html", context)

    def post(self, request, *args, **kwargs):
        if request.POST.get("action") == "resend":
            self.resend()
            return HttpResponseRedirect(self.passthrough_next_url(request.path))
        TRIES.hit(f"{request.session.session_key}:{self._process.state['at']}")
        return super().post(request, *args, **kwargs)

    def resend(self):
        """Mails another code, unless that was asked for too soon or too often, and says which."""
        process = self._process
        wait = seconds_to_wait(process)
        if wait:
            words = ngettext(
                "A code is on its way to you. You can ask for another in %(number)d second.",
                "A code is on its way to you. You can ask for another in %(number)d seconds.",
                wait,
            )
            messages.warning(self.request, words % {"number": wait})
        elif process.is_resend_quota_reached(MOST_RESENDS) or not self.may_send(process):
            messages.warning(
                self.request,
                _(
                    "That is all the codes we mail for now. The last one is still good; look for it."
                ),
            )
        else:
            self.send(process)
            messages.success(
                self.request, _("We have sent a new code. The one before it is no longer good.")
            )

    def may_send(self, process):
        """Counts one more mail to the address; False if that would be too many."""
        return ratelimit.consume(
            self.request, action=self.limit, key=process.state["email"].lower()
        )

    def send(self, process):
        """A new code with half an hour and five tries of its own.

        Who only pretends to wait for one gets the same mail as before once more: it may be that
        one that did not arrive.
        """
        now = time.time()
        process.state.update(at=now, sent_at=now, failed_attempts=0)
        process.record_resend()
        if stage := getattr(self, "stage", None):
            # The login that waits for the code lives as long.
            stage.login.initiated_at = now
            stash_login(self.request, stage.login)
        process.send()
        process.persist()

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        if not self._process.user:
            kwargs["code"] = ""  # no code is right where none was sent
        return kwargs

    def get_context_data(self, **kwargs):
        process = self._process
        return super().get_context_data(**kwargs) | {
            "wait": seconds_to_wait(process),
            "can_resend": not process.is_resend_quota_reached(MOST_RESENDS),
            "mail_sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        }

    def form_invalid(self, form):
        """Counts a code that is wrong, not one that is half typed, and says how many are left."""
        process = self._process
        if form.has_error("code", "incorrect_code"):
            if not process.record_invalid_attempt():
                return self.over(process.state["email"])
            left = process.max_attempts - process.state["failed_attempts"]
            words = ngettext(
                "That is not the code. %(number)d try left.",
                "That is not the code. %(number)d tries left.",
                left,
            )
            form.errors["code"] = form.error_class([words % {"number": left}])
        return self.render_to_response(self.get_context_data(form=form))


class ConfirmEmail(CodePage, views.ConfirmEmailVerificationCodeView):
    """The code that proves an address, of a newcomer or of a member who changes it."""

    session_key = EMAIL_VERIFICATION_CODE_SESSION_KEY
    start = "account_request_login_code"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            self.start = "account_email"
        # Of an address that is known already allauth only pretends to have sent a code. That page
        # must end as the real one does: with the attempt to log in.
        waiting = LoginStageController.enter(request, EmailVerificationStage.key)
        state = request.session.get(self.session_key)
        if state and request.user.is_anonymous and not waiting:
            request.session.pop(self.session_key)
            return self.over(state["email"])
        return super().dispatch(request, *args, **kwargs)

    def may_send(self, process):
        # Sending counts by itself.
        return consume_email_verification_rate_limit(
            self.request, process.state["email"], dry_run=True
        )

    def send(self, process):
        process.generate_code()
        super().send(process)


class ConfirmLogin(CodePage, views.ConfirmLoginCodeView):
    """The code that is a login."""

    session_key = LOGIN_SESSION_KEY
    start = "account_request_login_code"
    limit = "request_login_code"

    def address(self, request):
        # The same place in the session serves logins that wait for something else.
        login = request.session.get(self.session_key) or {}
        stage = (login.get("state") or {}).get("stages", {}).get("current")
        return super().address(request) if stage == LoginByCodeStage.key else ""


class ConfirmReset(CodePage, views.ConfirmPasswordResetCodeView):
    """The code before a new password."""

    session_key = PASSWORD_RESET_VERIFICATION_SESSION_KEY
    start = "account_reset_password"
    limit = "reset_password"

    def form_valid(self, form):
        """From here on the session may set a password: nobody may know its key from before."""
        response = super().form_valid(form)
        self.request.session.cycle_key()
        return response


class CompleteReset(views.CompletePasswordResetView):
    """The new password itself, for half an hour after the code."""

    def dispatch(self, request, **kwargs):
        response = super().dispatch(request, **kwargs)
        if self._process is None:
            messages.warning(
                request, _("That took longer than half an hour. Ask for a new code, please.")
            )
        return response
