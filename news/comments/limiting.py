"""How often somebody may comment, change a comment, and take one back."""

from __future__ import annotations

from uuid import UUID

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caisu.core.templatetags.site import date_and_time
from caisu.core.throttling import Limit, TooManyRequests
from members import trust
from members.models import Member

from .models import Comment

# After Discourse's defaults.
EDITS = Limit("comment-edit", times=30, seconds=24 * 3600)
DELETES = Limit("comment-delete", times=2, seconds=60)
DELETES_IN_A_DAY = Limit("comment-delete-day", times=10, seconds=24 * 3600)
FORM_KNOWN = 3600  # seconds in which a form that was sent is known again


class TooSoon(TooManyRequests):
    """A comment comes too soon after others; ``words`` say when it may be sent."""

    def __init__(self, retry_after: int, words: str) -> None:
        super().__init__(retry_after)
        self.words = words


def count_comment(author: Member, form: UUID) -> None:
    """Counts a new comment; a form that is sent twice counts once.

    Args:
        form: the token of the form.

    Raises:
        TooSoon: it is too many for now; nothing was counted but the attempt.
    """
    key = f"comment-counted:{author.pk}:{form}"
    if not cache.add(key, True, FORM_KNOWN):
        return
    try:
        _check_first_day(author)
        trust.limits(author).comments.hit(author.pk)
    except TooSoon:
        cache.delete(key)
        raise
    except TooManyRequests as error:
        cache.delete(key)
        raise TooSoon(error.retry_after, _in_seconds(error.retry_after)) from error


def _check_first_day(author: Member) -> None:
    now = trust.limits(author)
    if now.comments_today is None or now.first_day_ends is None:
        return
    written = Comment.objects.filter(author=author)[: now.comments_today].count()
    if written >= now.comments_today:
        left = (now.first_day_ends - timezone.now()).total_seconds()
        words = ngettext(
            "On their first day new members write %(count)d comment. Keep this one, and send it "
            "after %(when)s.",
            "On their first day new members write %(count)d comments. Keep this one, and send it "
            "after %(when)s.",
            now.comments_today,
        ) % {"count": now.comments_today, "when": date_and_time(now.first_day_ends)}
        raise TooSoon(max(1, int(left) + 1), words)


def _in_seconds(seconds: int) -> str:
    return ngettext(
        "That was quick. Wait %(count)d second, then send it again: your text is still here.",
        "That was quick. Wait %(count)d seconds, then send it again: your text is still here.",
        seconds,
    ) % {"count": seconds}


def count_edit(author: Member) -> None:
    """Counts a change of a comment.

    Raises:
        TooSoon: see count_comment().
    """
    try:
        EDITS.hit(author.pk)
    except TooManyRequests as error:
        words = _("You have changed many comments today. Keep your text, and try again tomorrow.")
        raise TooSoon(error.retry_after, words) from error


def count_delete(author: Member) -> None:
    """Counts a comment that its author takes back.

    Raises:
        TooManyRequests: it is one too many for now.
    """
    DELETES.hit(author.pk)
    DELETES_IN_A_DAY.hit(author.pk)
