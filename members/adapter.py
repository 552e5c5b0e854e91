from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from caisu.core import mail
from caisu.core.models import SiteSettings
from caisu.core.throttling import TooManyRequests

from . import addresses, capping, mailboxes, reauthentication
from .joining import INVITATION_KEY, invitation_of
from .models import Member

STANDING_SALT = "members.standing"
STANDING_SECONDS = 30 * 60
# The same of an unknown name, of a wrong password, and of an account that has none.
NO_MATCH = _(
    "No account goes with this login and this password. Look for a typing mistake, or let us mail you a code."
)


class AccountAdapter(DefaultAccountAdapter):
    """Where allauth's flows meet our members, mails and addresses."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "incorrect_code": _("That is not the code."),
        # Said of passwords and of codes alike.
        "too_many_login_attempts": _(
            "That was too often for now. Wait a few minutes, or log in another way."
        ),
    }

    def is_open_for_signup(self, request):
        """By invitation, if the webmaster wants it so; a code in the link is kept for the way."""
        code, invitation = invitation_of(request)
        if invitation:
            request.session[INVITATION_KEY] = code
            return True
        return SiteSettings.load().signup_mode != SiteSettings.SignupMode.INVITATION

    def get_login_stages(self):
        ours = {
            "allauth.account.stages.EmailVerificationStage": "members.stages.CodeStage",
            "allauth.account.stages.LoginByCodeStage": "members.stages.LoginCodeStage",
        }
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def save_user(self, request, user, form, commit=True):
        user.display_name = form.cleaned_data["display_name"]
        user.language = get_language()
        user.signed_up_from = mailboxes.computer(request.META.get("REMOTE_ADDR"))
        for _attempt in range(3):
            try:
                with transaction.atomic():
                    return super().save_user(request, user, form, commit)
            except IntegrityError:  # somebody of the same name was faster: the next free handle
                if Member.objects.filter(email=user.email).exists():
                    raise  # … or of the same address
                user.username = ""
        return super().save_user(request, user, form, commit)

    def populate_username(self, request, user):
        user.username = Member.objects.free_handle(user.display_name)

    def clean_email(self, email):
        """Wherever an address is typed to be proven: one that mail can reach."""
        if not mailboxes.can_get_mail(email):
            raise ValidationError(
                _("Before the @, only Latin letters, digits and signs reach a mailbox."),
                code="unreachable",
            )
        return email

    def send_mail(self, template_prefix, email, context):
        """Rendered now, in the reader's language; handed to the worker, so that nobody waits for SMTP."""
        if not self._may_send_to(email):
            return
        site = SiteSettings.load()
        context = {"email": email, "site": site, "site_url": settings.SITE_URL, **context}
        context.pop("request", None)
        reader = Member.objects.filter(email=email.lower()).first()
        with override(reader.language if reader else get_language()):
            mail.enqueue(self.render_mail(template_prefix, email, context))

    def _may_send_to(self, email):
        """Counts mail to an address that nobody has proven, unless its sender has done so."""
        if getattr(self.request, "mail_is_counted", False):
            return True
        proven = EmailAddress.objects.filter(email=email.lower(), verified=True).exists()
        try:
            capping.count_mail(proven=proven)
        except TooManyRequests:
            if self.request and self.request.user.is_authenticated:
                raise
            # To a stranger the answer is the same, with mail or without it.
            return False
        return True

    def pre_login(self, request, user, *, email=None, **kwargs):
        """Nobody gets in by a code to an address that the account no longer has."""
        if email and not addresses.belongs_to(user, email):
            return HttpResponseRedirect(reverse("account_login"))
        return super().pre_login(request, user, email=email, **kwargs)

    def get_reauthentication_methods(self, user):
        if not user.is_authenticated:
            return []
        return reauthentication.ways(super().get_reauthentication_methods(user))

    def can_delete_email(self, email_address):
        """An account keeps its address: without one a login could never be confirmed."""
        return not email_address.primary

    def get_login_redirect_url(self, request):
        return reverse("news:front")

    get_signup_redirect_url = get_login_redirect_url
    get_logout_redirect_url = get_login_redirect_url

    def get_email_verification_redirect_url(self, email_address):
        """Back to the list of one's addresses, for who was in already and has added one."""
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return reverse("news:front")

    def get_password_change_redirect_url(self, request):
        return reverse("members:security")

    def is_safe_url(self, url):
        try:
            return super().is_safe_url(url)
        except ValueError:  # one that nobody can read, such as https://[
            return False

    def respond_user_inactive(self, request, user):
        """After the right password: why there is no session, on a page that only they can open."""
        token = signing.dumps(user.pk, salt=STANDING_SALT)
        return HttpResponseRedirect(reverse("moderation:standing", args=[token]))
