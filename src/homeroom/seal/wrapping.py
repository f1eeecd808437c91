"""X-Wing key pairs, bytes that are sealed for them, and backup streams that are sealed as they pass. opening/wrapped.py opens them.

X-Wing joins X25519 and ML-KEM-768. Data stored for years stays sealed even if one of the two is broken, also by a quantum computer.
"""

import hashlib
import io
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import tink
from tink import hybrid, secret_key_access, streaming_aead
from tink.proto import hpke_pb2, tink_pb2

SECRET = 32  # bytes of an X-Wing secret key: a seed
PUBLIC = 1216  # bytes of its public half
_KIND = hybrid.hybrid_key_templates.X_WING_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_RAW
_STREAM = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
_PRIVATE_URL, _PUBLIC_URL = ("type.googleapis.com/google.crypto.tink." + name for name in ("HpkePrivateKey", "HpkePublicKey"))

hybrid.register()
streaming_aead.register()


class KeyOdd(Exception):
    """The bytes are not a key of the kind that is needed. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`secret` opens what was sealed for `public`. Its repr shows neither."""

    secret: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"Pair({named(self.public)})"


def make_pair() -> Pair:
    made = json.loads(tink.json_proto_keyset_format.serialize(tink.new_keyset_handle(_KIND), secret_key_access.TOKEN))
    key = hpke_pb2.HpkePrivateKey.FromString(b64decode(made["key"][0]["keyData"]["value"]))
    return Pair(bytes(key.private_key), bytes(key.public_key.public_key))


def named(public: bytes) -> str:
    """Returns a public half's name for people to compare: 32 hex digits of its SHA-256, in groups of four."""
    digest = hashlib.sha256(public).hexdigest()[:32].upper()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def seal_for(public: bytes, plain: bytes, context: bytes) -> bytes:
    """Seals short bytes for one key. Opening them needs the same context. Raises KeyOdd."""
    return bytes(public_handle(public).primitive(hybrid.HybridEncrypt).encrypt(plain, context))


def public_handle(public: bytes) -> tink.KeysetHandle:
    """Raises KeyOdd."""
    if len(public) != PUBLIC:
        raise KeyOdd(f"A public key has {PUBLIC} bytes, and this one {len(public)}. Copy it anew from where it was made.")
    value = hpke_pb2.HpkePublicKey(params=_params(), public_key=public).SerializeToString()
    return _handle(_PUBLIC_URL, value, "ASYMMETRIC_PUBLIC")


def private_handle(pair: Pair) -> tink.KeysetHandle:
    """For opening/wrapped.py. Raises KeyOdd."""
    if (len(pair.secret), len(pair.public)) != (SECRET, PUBLIC):
        raise KeyOdd("This is no pair of keys of the vault. Name the key file that `homeroom keys` made.")
    public = hpke_pb2.HpkePublicKey(params=_params(), public_key=pair.public)
    value = hpke_pb2.HpkePrivateKey(public_key=public, private_key=pair.secret).SerializeToString()
    return _handle(_PRIVATE_URL, value, "ASYMMETRIC_PRIVATE")


def _params() -> hpke_pb2.HpkeParams:
    return hpke_pb2.HpkeParams(kem=hpke_pb2.X_WING, kdf=hpke_pb2.HKDF_SHA256, aead=hpke_pb2.AES_256_GCM)


def _handle(url: str, value: bytes, material: str) -> tink.KeysetHandle:
    data = {"typeUrl": url, "value": b64encode(value).decode(), "keyMaterialType": material}
    key = {"keyData": data, "status": "ENABLED", "keyId": 1, "outputPrefixType": "RAW"}
    written = json.dumps({"primaryKeyId": 1, "key": [key]})
    try:
        return tink.json_proto_keyset_format.parse(written, secret_key_access.TOKEN)
    except tink.TinkError as odd:
        raise KeyOdd("This is no key that can be used. Copy it anew from where it was made.") from odd


def new_data_key() -> bytes:
    """Returns a key for one backup's segments: AES-256-GCM in pieces of 1 MiB, with a derived key for each stream."""
    handle = tink.new_keyset_handle(_STREAM)
    return bytes(tink.proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


def stream_primitive(data_key: bytes) -> streaming_aead.StreamingAead:
    """Raises KeyOdd."""
    try:
        tink_pb2.Keyset.FromString(data_key)
        return tink.proto_keyset_format.parse(data_key, secret_key_access.TOKEN).primitive(streaming_aead.StreamingAead)
    except Exception as odd:  # protobuf and tink have kinds of their own
        raise KeyOdd("This is no data key of a backup.") from odd


class _Sink(io.RawIOBase):
    """Keeps what tink writes until it is fetched."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        self.held.append(bytes(piece))  # type: ignore[call-overload]  # a buffer
        return len(self.held[-1])

    def fetch(self) -> Iterator[bytes]:
        held, self.held = self.held, []
        yield from held


def sealed(data_key: bytes, pieces: Iterable[bytes], context: bytes) -> Iterator[bytes]:
    """Yields the sealed stream, about 1 MiB at a time, and holds no more of it. A stream that was cut off does not open."""
    sink = _Sink()
    with stream_primitive(data_key).new_encrypting_stream(sink, context) as stream:
        for piece in pieces:
            stream.write(piece)
            yield from sink.fetch()
    yield from sink.fetch()
