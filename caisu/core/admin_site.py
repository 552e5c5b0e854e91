from functools import update_wrapper

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _


class AdminSite(admin.AdminSite):
    """The desk. It has no login of its own: that would pass by the limits and second factors.

    At an address of the webmaster's own choice (ADMIN_PATH) it is an unknown page to strangers.
    """

    site_header = _("CAISU desk")
    site_title = _("CAISU desk")
    index_title = _("What waits")
    enable_nav_sidebar = True

    def get_urls(self):
        ours = self.admin_view(self.view_on_site)
        address = "r/<int:content_type_id>/<path:object_id>/"
        return [path(address, ours, name="view_on_site"), *super().get_urls()]

    def view_on_site(self, request, content_type_id, object_id):
        """Leads to the page of a thing, but only whom the desk shows the thing itself.

        Django's own does so for all staff, and addresses tell: the handle of a member who hides, the
        title of a draft.
        """
        kind = get_object_or_404(ContentType, pk=content_type_id)
        desk = self._registry.get(kind.model_class())
        thing = desk and desk.get_object(request, object_id)
        if thing is None or not desk.has_view_or_change_permission(request, thing):
            raise Http404
        if not hasattr(thing, "get_absolute_url"):
            raise Http404
        return redirect(thing)

    def password_change(self, request, extra_context=None):
        """There is one page for it, with its limits and the mail about it."""
        return redirect("account_change_password")

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if not self.has_permission(request):
                self.refuse(request)
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    def login(self, request, extra_context=None):
        if not self.has_permission(request):
            self.refuse(request)
        return redirect_to_login(
            request.GET.get("next", reverse("admin:index")), reverse("account_login")
        )

    def refuse(self, request):
        """Turns away whom a login would not help; a visitor may have one."""
        if settings.ADMIN_PATH != "admin/":
            raise Http404
        if request.user.is_authenticated:
            raise PermissionDenied
