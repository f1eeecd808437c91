"""A security key in software. It makes a passkey and signs with it, for tests that need no browser (WebAuthn, ES256)."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from os import urandom
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


@dataclass
class Device:
    """`origin` and `host` are those of its browser. `is_verifying` means that it has a PIN or a fingerprint. `counter` grows with each use."""

    origin: str = "http://localhost:8000"
    host: str = "localhost"
    is_verifying: bool = True
    counter: int = 1
    credential: bytes = field(default_factory=lambda: urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user: bytes = b""

    def made(self, options: str) -> str:
        """Returns what a page gets from navigator.credentials.create(), as JSON."""
        asked = json.loads(options)
        self.user = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential, public)
        flags = self._flags() | AuthenticatorData.FLAG.AT
        found = AuthenticatorData.create(sha256(self.host.encode()).digest(), flags, self.counter, bytes(attested))
        client = self._client("webauthn.create", asked["challenge"])
        response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(AttestationObject.create("none", found, {}))}
        return self._answer(response)

    def signed(self, options: str) -> str:
        """Returns what a page gets from navigator.credentials.get(), as JSON."""
        self.counter += 1
        found = AuthenticatorData.create(sha256(self.host.encode()).digest(), self._flags(), self.counter)
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        signature = self.key.sign(found + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(found),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(self.user),
        }
        return self._answer(response)

    def _flags(self) -> AuthenticatorData.FLAG:
        return PRESENT | VERIFIED if self.is_verifying else PRESENT

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
