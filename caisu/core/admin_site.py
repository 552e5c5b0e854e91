from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AdminSite(admin.AdminSite):
    """The desk. It has no login of its own: that would pass by the limits and second factors."""

    site_header = _("CAISU desk")
    site_title = _("CAISU desk")
    index_title = _("What waits")
    enable_nav_sidebar = True

    def login(self, request, extra_context=None):
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(
            request.GET.get("next", reverse("admin:index")), reverse("account_login")
        )
