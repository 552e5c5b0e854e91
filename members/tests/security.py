"""A member who is logged in and has just proved it once more."""

import time
from hashlib import sha256
from unittest import mock

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.cache import cache
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from caisu.tests.cast import PASSWORD

from .entrance import EntranceTestCase, path

PUBLIC_KEY = ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})


def later(seconds):
    """The clock of allauth, so many seconds on."""
    return mock.patch("time.time", return_value=time.time() + seconds)


def one_time_password(secret):
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_totp(member):
    """Sets up one-time passwords and recovery codes; returns the secret of the former."""
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    RecoveryCodes.activate(member)
    return secret


def with_passkey(member):
    """A passkey as allauth keeps it; nobody has its other half."""
    data = AuthenticatorData.create(
        sha256(b"testserver").digest(),
        AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT,
        0,
        AttestedCredentialData.create(bytes(16), b"some passkey", PUBLIC_KEY),
    )
    response = {
        "clientDataJSON": websafe_encode(
            b'{"type": "webauthn.create", "challenge": "AA", "origin": ""}'
        ),
        "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
    }
    id = websafe_encode(b"some passkey")
    credential = {"id": id, "rawId": id, "type": "public-key", "response": response}
    credential["clientExtensionResults"] = {"credProps": {"rk": True}}
    return WebAuthn.add(member, "My phone", credential).instance


def without_password(member):
    member.set_unusable_password()
    member.save()


class SecurityTestCase(EntranceTestCase):
    def prove(self, client=None):
        """Types the password once more."""
        cache.clear()
        (client or self.client).post(path("account_reauthenticate"), {"password": PASSWORD})

    def enter(self, member):
        """Logged in, in English, and proved."""
        self.login(member)
        self.client.get("/language/en/")
        self.prove()
