"""When a member was last here, by the day; and in which session, by the hour."""

from __future__ import annotations

import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from .models import Member

KEY = "seen"
SECONDS = 60 * 60


def note(request: HttpRequest, member: Member) -> bool:
    """Notes that ``member`` is here today, at most once in an hour of a session; returns whether it did."""
    now = int(time.time())
    if now - request.session.get(KEY, 0) < SECONDS:
        return False
    request.session[KEY] = now
    Member.objects.filter(pk=member.pk).update(last_seen_on=timezone.localdate())
    sessions = UserSession.objects.filter(session_key=request.session.session_key)
    sessions.update(last_seen_at=timezone.now())
    return True


def note_login(sender: Any, request: HttpRequest, user: Member, **kwargs: Any) -> None:
    note(request, user)


def connect() -> None:
    user_logged_in.connect(note_login, dispatch_uid="members.note_login")
