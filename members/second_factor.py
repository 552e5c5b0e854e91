"""Passkeys, one-time passwords and recovery codes, and who cannot do without."""

from __future__ import annotations

import base64
import logging
import secrets

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from caisu.core.models import SiteSettings

from . import sessions
from .models import Member

logger = logging.getLogger("caisu.members")


def lock() -> MultiFernet:
    """What secrets are kept under: the site's own key writes, older ones still read.

    Fernet is AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec.
    """
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    salted_hmac(
                        "members.second_factor", "", secret=key, algorithm="sha256"
                    ).digest()
                )
            )
            for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]
    )


class MFAAdapter(DefaultMFAAdapter):
    """Where allauth's second factors meet our site."""

    def encrypt(self, text: str) -> str:
        return lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was encrypted; a secret that nobody knows if the key for it is gone.

        No code fits that one: who has lost the key asks the webmaster for a new start.
        """
        try:
            return lock().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("A second factor was set up under another SECRET_KEY; it opens nothing.")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: Member, type: Authenticator.Type) -> str:
        """What the new passkey is called unless its owner says otherwise: by the device at hand."""
        user_agent = context.request.headers.get("User-Agent", "")
        name = sessions.device(user_agent)[1] or gettext("Passkey")
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return name if number == 1 else f"{name} {number}"

    def get_totp_issuer(self) -> str:
        return SiteSettings.load().short_name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": self.get_totp_issuer()}


def is_missing(member: Member) -> bool:
    """Whether ``member`` works at the desk and has yet to set up a second factor."""
    return settings.STAFF_SECOND_FACTOR and member.is_staff and not is_mfa_enabled(member)


def reset(member: Member) -> int:
    """Takes every second factor from a member who has lost theirs; returns how many there were."""
    count, _by_model = Authenticator.objects.filter(user=member).delete()
    return count
