from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from .models import Terms, TermsAcceptance

SESSION_KEY = "terms"


class TermsMiddleware:
    """Asks a member who reads on to accept a new version of the user agreement.

    What they were writing passes: only pages are held back. The session remembers the version
    that was accepted, so that this costs no query of its own.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "GET" and self.applies_to(request) and not self.accepted(request):
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('members:terms')}?{query}")
        return self.get_response(request)

    def applies_to(self, request):
        path = request.path
        if not path.startswith(tuple(f"/{code}/" for code, _name in settings.LANGUAGES)):
            return False
        free = (
            reverse("members:terms"),
            reverse("account_logout"),
            reverse("moderation:report"),
            reverse("core:page", args=["x"])[:-2],
        )
        return not path.startswith(free) and request.user.is_authenticated

    def accepted(self, request):
        current = Terms.current_id()
        if not current or request.session.get(SESSION_KEY) == current:
            return True
        if TermsAcceptance.objects.filter(member=request.user, terms=current).exists():
            request.session[SESSION_KEY] = current
            return True
        return False
