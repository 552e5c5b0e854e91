"""The way back from an act of the list, offered for ten minutes to whoever did it."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from news import restoring

KEY = "undo"
OFFERED = timedelta(minutes=10)


def offer(request, batch, count, what):
    """Remembers the act in the session of its editor."""
    request.session[KEY] = {
        "batch": str(batch),
        "count": count,
        "what": what,
        "until": (timezone.now() + OFFERED).timestamp(),
    }


def offered(request):
    """The act that may be undone now, or None."""
    act = request.session.get(KEY)
    if act and act["until"] > timezone.now().timestamp():
        return act
    return None


@require_POST
def undo(request):
    """Undoes the last act; what was changed since stays as it is now."""
    if not request.user.has_perm("news.publish_article"):
        raise PermissionDenied
    act = offered(request)
    request.session.pop(KEY, None)
    undone, left = restoring.undo(UUID(act["batch"]), request.user) if act else (0, 0)
    if undone:
        messages.success(
            request,
            ngettext(
                "%(count)d article is as it was before.",
                "%(count)d articles are as they were before.",
                undone,
            )
            % {"count": undone},
        )
    if left:
        messages.warning(
            request,
            ngettext(
                "%(count)d article was changed since and stays as it is now.",
                "%(count)d articles were changed since and stay as they are now.",
                left,
            )
            % {"count": left},
        )
    if not undone and not left:
        messages.warning(request, _("There is nothing to undo any more."))
    return redirect("admin:news_article_changelist")
