from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.stages import EmailVerificationStage, LoginByCodeStage
from allauth.account.utils import has_verified_email
from django.http import HttpResponseRedirect
from django.urls import reverse

from . import capping


class CodeStage(EmailVerificationStage):
    """Does not hold a visitor back who leaves the page of the code for the login or the sign-up.

    Who signed up with an address that has an account already is told so by mail, and told to log
    in. Who mistyped the address signs up again.
    """

    def is_resumable(self, request):
        return False

    def handle(self):
        """Whose code is on its way to this very browser goes on with that one."""
        member = self.login.user
        if member and has_verified_email(member, self.login.email):
            return super().handle()
        process = EmailVerificationProcess.resume(self.request) if member else None
        if process and process.user == member:
            return HttpResponseRedirect(reverse(self.urlname)), True
        capping.check_codes_of(self.login.email or member.email, self.request)
        if not self.login.signup:
            # Who has the right password may hear that we can mail them nothing just now.
            capping.count_mail()
            self.request.mail_is_counted = True
        return super().handle()


class LoginCodeStage(LoginByCodeStage):
    """As above: who asked for a code may still log in by password."""

    def is_resumable(self, request):
        return False
