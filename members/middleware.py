from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from . import addresses, presence, reauthentication, second_factor
from .models import Terms, TermsAcceptance

SESSION_KEY = "terms"


class TermsMiddleware:
    """Asks a member to accept a new version of the user agreement before they write.

    Reading stays free: every page has a line about it (``request.terms_due`` says so), and only
    those on which one writes wait until it is accepted. What was being written passes. Who does not
    agree can hide, take their data along and leave.
    """

    PAGES = frozenset(
        [
            "news:post_new",
            "news:post_edit",
            "comments:edit",
            "members:edit_profile",
            "members:avatar",
            "members:invitations",
        ]
    )

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.terms_due = SimpleLazyObject(lambda: is_due(request))
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        writes = request.resolver_match.view_name in self.PAGES
        if writes and request.method == "GET" and request.terms_due:
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('members:terms')}?{query}")
        return None


def is_due(request):
    """Whether the reader is a member who has not accepted the agreement in force.

    The session remembers the version that was accepted, so that this costs no query of its own.
    """
    if not request.user.is_authenticated:
        return False
    current = Terms.current_id()
    if not current or request.session.get(SESSION_KEY) == current:
        return False
    if TermsAcceptance.objects.filter(member=request.user, terms=current).exists():
        request.session[SESSION_KEY] = current
        return False
    return True


class LastSeenMiddleware:
    """Notes on which day a member was last here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # Only if somebody looked already: a page that needs no session stays without.
        if request.session.accessed and request.user.is_authenticated:
            presence.note(request, request.user)
        return response


class SecondFactorMiddleware:
    """Leads staff without a second factor from the desk to where they set one up.

    Whatever was sent there is lost, not done. Once it is set up the way leads back.
    """

    KEY = "desk_waits"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "admin" not in request.resolver_match.app_names:
            return None
        if not request.user.is_staff or not second_factor.is_missing(request.user):
            return None
        if request.resolver_match.url_name == "logout":
            return None
        desk = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        request.session[self.KEY] = desk
        messages.warning(
            request,
            _(
                "Who works at the desk logs in with a second step, so that a password that was"
                " found out opens nothing. Add a passkey or an authenticator app; it takes a minute."
            ),
        )
        return redirect("members:security")


class ReauthenticationMiddleware:
    """Asks again who it is, also those whom allauth asks nothing: who have neither password nor
    second factor. And lets no code in that went to an address which the account no longer has.
    """

    # allauth's pages that change how somebody logs in.
    PAGES = frozenset(
        [
            "account_email",
            "account_change_password",
            "account_set_password",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_add_webauthn",
            "mfa_edit_webauthn",
            "mfa_list_webauthn",
            "mfa_remove_webauthn",
            "mfa_download_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_view_recovery_codes",
            "socialaccount_connections",
            # For who is logged in these connect an account that could log in from then on.
            "google_login",
            "github_login",
            "weixin_login",
        ]
    )
    RESETS = frozenset(["account_confirm_password_reset_code", "account_complete_password_reset"])

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.view_name
        if name in self.RESETS and addresses.drop_orphaned_reset(request):
            return redirect("account_reset_password")
        if name not in self.PAGES or not request.user.is_authenticated:
            return None
        return None if reauthentication.is_recent(request) else reauthentication.ask(request)
