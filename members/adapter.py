from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, override

from caisu.core import mail
from caisu.core.models import SiteSettings

from .models import Invitation, Member

INVITATION_KEY = "invitation"
STANDING_SALT = "members.standing"
STANDING_SECONDS = 30 * 60


class AccountAdapter(DefaultAccountAdapter):
    """Where allauth's flows meet our members, mails and addresses."""

    def is_open_for_signup(self, request):
        """By invitation, if the webmaster wants it so; a code in the link is kept for the way."""
        code = request.GET.get("invitation") or request.session.get(INVITATION_KEY, "")
        if code.isprintable() and Invitation.objects.filter(code=code, used_at=None).exists():
            request.session[INVITATION_KEY] = code
            return True
        return SiteSettings.load().signup_mode != SiteSettings.SignupMode.INVITATION

    def get_login_stages(self):
        ours = {"allauth.account.stages.EmailVerificationStage": "members.stages.CodeStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def save_user(self, request, user, form, commit=True):
        user.display_name = form.cleaned_data["display_name"]
        user.language = get_language()
        user.signed_up_from = request.META.get("REMOTE_ADDR") or None
        for _attempt in range(3):
            try:
                with transaction.atomic():
                    return super().save_user(request, user, form, commit)
            except IntegrityError:  # somebody of the same name was faster: the next free handle
                user.username = ""
        return super().save_user(request, user, form, commit)

    def populate_username(self, request, user):
        user.username = Member.objects.free_handle(user.display_name)

    def send_mail(self, template_prefix, email, context):
        """Rendered now, in the reader's language; handed to the worker, so that nobody waits for SMTP."""
        site = SiteSettings.load()
        context = {"email": email, "site": site, "site_url": settings.SITE_URL, **context}
        context.pop("request", None)
        reader = Member.objects.filter(email=email.lower()).first()
        with override(reader.language if reader else get_language()):
            mail.enqueue(self.render_mail(template_prefix, email, context))

    def send_account_already_exists_mail(self, email):
        """Takes as long as a sign-up that makes an account: what takes time there is the hash."""
        make_password("spent for the time it takes")
        super().send_account_already_exists_mail(email)

    def can_delete_email(self, email_address):
        """An account keeps its address: without one a login could never be confirmed."""
        return not email_address.primary

    def get_login_redirect_url(self, request):
        return reverse("news:front")

    get_signup_redirect_url = get_login_redirect_url
    get_logout_redirect_url = get_login_redirect_url

    def get_email_verification_redirect_url(self, email_address):
        return reverse("news:front")

    def respond_user_inactive(self, request, user):
        """After the right password: why there is no session, on a page that only they can open."""
        token = signing.dumps(user.pk, salt=STANDING_SALT)
        return HttpResponseRedirect(reverse("moderation:standing", args=[token]))
