from allauth.account.stages import EmailVerificationStage


class CodeStage(EmailVerificationStage):
    """Does not hold a visitor back who leaves the page of the code for the login or the sign-up.

    Who signed up with an address that has an account already is told so by mail, and told to log
    in. Who mistyped the address signs up again.
    """

    def is_resumable(self, request):
        return False
