"""Where a member is logged in: on which device, from which part of the net, when last."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import pre_save
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from .models import Member

# As much of an address as tells a campus from a café, and nobody from their neighbour.
PREFIX = {4: 16, 6: 32}

# Of those that name each other, the more special comes first.
BROWSERS = [
    ("MicroMessenger", "WeChat"),
    ("QQBrowser", "QQ Browser"),
    ("QQ/", "QQ"),
    ("EdgA?(?:iOS)?/", "Edge"),
    ("OPR/|Opera", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("UCBrowser", "UC Browser"),
    ("Firefox/|FxiOS", "Firefox"),
    ("Chrome/|Chromium/|CriOS", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("HarmonyOS|OpenHarmony", "HarmonyOS"),
    ("iPhone|iPod", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X|Macintosh", "Mac"),
    ("Linux|X11", "Linux"),
]


def network(address: str) -> str:
    """The first address of the network that ``address`` is in: ``134.50.7.8`` → ``134.50.0.0``."""
    whole = ip_network(address)
    return str(whole.supernet(new_prefix=PREFIX[whole.version]).network_address)


def place(address: str) -> str:
    """How a network is shown: ``134.50.x.x``, ``2001:db8:…``."""
    start = ip_network(address).network_address
    if start.version == 4:
        return ".".join([*str(start).split(".")[:2], "x", "x"])
    return ":".join(f"{int(group, 16):x}" for group in start.exploded.split(":")[:2]) + ":…"


def device(user_agent: str) -> tuple[str, str]:
    """Browser and system in a user agent's words; empty where it says nothing that we know."""

    def first(names: list[tuple[str, str]]) -> str:
        return next((name for pattern, name in names if re.search(pattern, user_agent)), "")

    return first(BROWSERS), first(SYSTEMS)


def of(member: Member) -> list[UserSession]:
    """The sessions in which ``member`` is still logged in, last seen first; two queries.

    What has expired or was ended elsewhere is forgotten on the way.
    """
    noted = list(UserSession.objects.filter(user=member).order_by("-last_seen_at", "-pk"))
    kept = Session.objects.filter(
        session_key__in=[session.session_key for session in noted], expire_date__gt=timezone.now()
    )
    # A password that was changed elsewhere ends a session without deleting it.
    proof = member.get_session_auth_hash()
    alive = {
        session.session_key
        for session in kept
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), proof)
    }
    if gone := [session.pk for session in noted if session.session_key not in alive]:
        UserSession.objects.filter(pk__in=gone).delete()
    return [session for session in noted if session.session_key in alive]


@transaction.atomic
def end(sessions: Iterable[UserSession]) -> int:
    """Ends sessions: whoever is in one is logged out at the next request; returns how many."""
    sessions = list(sessions)
    keys = [session.session_key for session in sessions]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_all(member: Member) -> int:
    """Ends every session of ``member``; returns how many there were."""
    return end(UserSession.objects.filter(user=member))


def forget_the_rest_of_the_address(instance: UserSession, **kwargs: Any) -> None:
    """The full address is never written."""
    instance.ip = network(instance.ip)


def connect() -> None:
    pre_save.connect(
        forget_the_rest_of_the_address, sender=UserSession, dispatch_uid="members.sessions"
    )
