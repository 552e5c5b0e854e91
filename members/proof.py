"""A small proof of work before a sign-up (ALTCHA, https://altcha.org): costs a person nothing, a crowd of robots their time.

The browser fetches a challenge, tries numbers until one fits, and sends it along. Nobody is refused
for want of it.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import altcha
from django.core.cache import cache
from django.utils.crypto import salted_hmac

ALGORITHM = "PBKDF2/SHA-256"
# Rounds of each try. A number between half of TRIES and TRIES fits, so that the work is bounded.
COST = 1000
TRIES = 400
# Long enough for a slow telephone, short enough that none are hoarded.
LIVES = 20 * 60
# Longer than any that a browser sends.
_LONGEST = 4000


def _key(purpose: str) -> bytes:
    return salted_hmac("members.proof", purpose, algorithm="sha256").digest()


def challenge() -> dict[str, Any]:
    """A new challenge for the widget, signed with the site's secret key."""
    return altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=TRIES - secrets.randbelow(TRIES // 2),
        expires_at=int(time.time()) + LIVES,
        hmac_secret=_key("challenge"),
        hmac_key_secret=_key("solution"),
    ).to_dict()


def is_valid(payload: str) -> bool:
    """Whether a challenge of ours is solved, in time and for the first time; uses it up.

    Args:
        payload: what the widget sends: a challenge with its solution, as JSON in Base64.
    """
    if not payload or len(payload) > _LONGEST:
        return False
    try:
        given = altcha.Payload.from_base64(payload)
        result = altcha.verify_solution(given, _key("challenge"), hmac_key_secret=_key("solution"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    # The signature is ours from here on, so it names the challenge.
    return result.verified and cache.add(f"proof:{given.challenge.signature}", 1, LIVES + 1)
