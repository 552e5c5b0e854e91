"""Who likes, follows and hears of what is said in the demo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from members.models import Member
from members.notifications import telling as notifications
from members.notifications.models import Notification
from news.comments import following, liking, telling
from news.comments.models import Comment, Reading

# So long ago everybody looked in, but for those who have written since.
LAST_VISIT = timedelta(hours=10)


def listen(said: Iterable[tuple[dict[str, Any], Comment]], now: datetime) -> None:
    """Lets everything be heard in the order in which it was said, without a mail.

    Args:
        said: rows of the content, each with the comment made of it.
    """
    members = {member.username: member for member in Member.objects.all()}
    for row, comment in sorted(said, key=lambda each: each[1].created_at):
        if not comment.is_shown:
            continue
        following.joined(comment.article, comment.author)
        following.see(comment.article, comment.author, comment.created_at)
        telling.spread.call(comment.pk, True)
        for username in row.get("likes", ()):
            liking.like(comment, members[username])
        subject = telling.subject(comment)
        caused = Notification.objects.filter(Q(subject=subject) | Q(topic=subject))
        caused.update(created_at=comment.created_at)
    last = now - LAST_VISIT
    Reading.objects.filter(seen_at__lt=last).update(seen_at=last)
    Notification.objects.filter(created_at__lt=last).update(seen_at=last)
    notifications.prune()
