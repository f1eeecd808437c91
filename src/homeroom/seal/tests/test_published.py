"""Test vectors that others published, in the folder `published`. A library that computes something else makes one of these fail.

rfc9580-*: RFC 9580, A.3, A.4 and A.8, as in the test data of rnp 0.18.1. rfc9980-*: RFC 9980, A.1 (version 6, Ed25519 with ML-KEM-768 and X25519), as in the
test data of rpgp. slip39.json: SLIP-39, all 45 of vectors.json, python-shamir-mnemonic 0.3.0. xwing.json: each entry names its source.
"""

import io
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from pysequoia import decrypt
from shamir_mnemonic import MnemonicError, combine_mnemonics

from homeroom.seal import keys
from homeroom.seal.broken import SealBroken
from homeroom.seal.envelope import source_of, wrapped_key
from homeroom.seal.opening.decipher import deciphered
from homeroom.seal.opening.session import SessionKey, opening_keys, unwrap
from homeroom.seal.opening.shares import opens
from homeroom.seal.opening.wrapped import open_with
from homeroom.seal.packets import FileSource, Tag, packets
from homeroom.seal.shares import ShareOdd, read_share
from homeroom.seal.tests.reading import opened, reason
from homeroom.seal.wrapping import Pair

PUBLISHED = Path(__file__).parent / "published"
SHARES = json.loads((PUBLISHED / "slip39.json").read_text())
XWING = json.loads((PUBLISHED / "xwing.json").read_text())

# RFC 9580, A.9 to A.11: the session key and the sealed packet of "Hello, world!". The key comes from a password, which no portal takes.
SEALED = {
    "eax": (
        "3881bafe985412459b86c36f98cb9a5e",
        "d269020701069ff90e3b321964f3a42913c8dcc6619325015227efb7eaeaa49f04c2e674175d4a3d226ed6afcb9ca9ac122c1470e11c63d4c0ab241c6a938ad48bf99a5a99b9"
        "0bba8325de61047540258ab7959a95ad051dda96eb15431dfef5f5e2255ca78261546e339a",
    ),
    "ocb": (
        "28e79ab82397d3c63de24ac217d7b791",
        "d26902070206"
        "20a661f731fc9a3032b5623326027e3a5d8db5748ebeff0b0c5910d09ecdd641ff9fd38562758035bc49754ce1bf3fffa7dad0a3b8104f5133cf42a4100a83eef4ca1b4801"
        "a8846bf42bcda7c8ce9d65e212f301cbcd98fdcade694a877ad4247323f6e857",
    ),
    "gcm": (
        "1936fc8568980274bb900d8319360c77",
        "d26902070306fcb94490bcb98bbdc9d106c6090266940f72e89edc21b5596b1576b101ed0f9ffc6fc6d65bbfd24dcd0790966e6d1e85a30053784cb1d8b6a0699ef12155a7b2"
        "ad6258531b57651fd7777912fa95e35d9b40216f69a4c248db28ff4331f1632907399e6ff9",
    ),
}
LITERAL = bytes.fromhex("cb1362000000000048656c6c6f2c20776f726c6421")


def plain(mode: str) -> bytes:
    key, sealed = SEALED[mode]
    packet = next(packets(FileSource(io.BytesIO(bytes.fromhex(sealed)))))
    return b"".join(deciphered(packet.body, SessionKey(None, bytes.fromhex(key))))


@pytest.mark.parametrize("mode", ["ocb", "gcm"])
def test_the_newer_packets_of_rfc_9580_are_deciphered(mode: str) -> None:
    assert plain(mode).startswith(LITERAL)


def test_eax_of_rfc_9580_is_refused_because_no_library_of_ours_knows_it() -> None:
    with pytest.raises(SealBroken) as broken:
        plain("eax")
    assert broken.value.reason == "unsupported-cipher"


def test_certificate_and_key_of_rfc_9580_are_read() -> None:
    certificate = keys.read_certificate((PUBLISHED / "rfc9580-a.3-certificate.asc").read_bytes())
    secret = keys.Tsk.from_bytes((PUBLISHED / "rfc9580-a.4-secret.asc").read_bytes())
    assert certificate.fingerprint == secret.extract_certificate().fingerprint == "cb186c4f0609a697e4d52dfa6c722b0c1f1e27c18a56708f6525ec27bad9acc9"
    assert "12c83f1e706f6308fe151a417743a1f033790e93e9978488d1db378da9930885" in keys.encryption_key_names(certificate)


def test_x25519_alone_in_the_newer_form_is_refused_because_no_portal_has_such_a_key() -> None:
    """The message is whole: pysequoia opens it."""
    message = (PUBLISHED / "rfc9580-a.8-message.asc").read_bytes()
    secret = keys.Tsk.from_bytes((PUBLISHED / "rfc9580-a.4-secret.asc").read_bytes())
    assert decrypt(message, decryptor=secret.decryptor()).bytes == b"Hello, world!"
    assert opening_keys([secret]) == []
    assert reason(message, [secret], []) == "not-for-us"


def test_the_hybrid_message_of_rfc_9980_is_opened_and_its_signature_is_valid() -> None:
    secret = keys.Tsk.from_bytes((PUBLISHED / "rfc9980-a.1-secret.asc").read_bytes())
    content, told = opened((PUBLISHED / "rfc9980-a.1-message.asc").read_bytes(), [secret], [secret.extract_certificate()])
    assert content == b"Testing\n"
    assert told.signer_fingerprint == "c789e17d9dbdca7b3c833a3c063feb0353f80ad911fe27868fb0645df803e947"
    assert told.recipients == ("dafe0eebb2675ecfcdc20a23fe89ca5d12e83f527dfa354b6dcf662131a48b9d",)


def test_the_session_key_of_rfc_9980_is_unwrapped() -> None:
    (key,) = opening_keys([keys.Tsk.from_bytes((PUBLISHED / "rfc9980-a.1-secret.asc").read_bytes())])
    with (PUBLISHED / "rfc9980-a.1-message.asc").open("rb") as file:
        wrapped = next(wrapped_key(packet) for packet in packets(source_of(file)[0]) if packet.tag == Tag.PKESK)
    assert unwrap(key, wrapped.content, names_cipher=False) == SessionKey(
        None, bytes.fromhex("94a3b8c9784463bb96b682cddf549adb23579b75bcb646f989d7cfe3e6e14435")
    )


@pytest.mark.parametrize(("name", "shares", "secret", "_root"), SHARES, ids=[name for name, *_ in SHARES])
def test_every_share_of_slip_39_is_joined_or_refused(name: str, shares: list[str], secret: str, _root: str) -> None:
    if secret:
        assert combine_mnemonics(shares, b"TREZOR").hex() == secret
    else:
        with pytest.raises(MnemonicError):
            combine_mnemonics(shares, b"TREZOR")


def test_only_shares_of_a_restore_keys_kind_are_read() -> None:
    """Two of three, 256 bits, one group."""
    assert len(SHARES) == 45
    assert {int(name.split(".")[0]) for name, shares, *_ in SHARES if all(is_read(each) for each in shares)} == {23, 24, 45}


def is_read(share: str) -> bool:
    try:
        read_share(share)
    except ShareOdd:
        return False
    return True


@pytest.mark.parametrize("vector", XWING, ids=[f"{at} {each['source'].split(',')[0]}" for at, each in enumerate(XWING, 1)])
def test_x_wing_makes_the_published_public_half_and_shared_secret(vector: dict[str, str]) -> None:
    secret, public, capsule, shared = (bytes.fromhex(vector[name]) for name in ("sk", "pk", "ct", "ss"))
    assert opens(secret, public)
    assert open_with(Pair(secret, public), capsule + hpke(shared, b"context", b"a data key"), b"context") == b"a data key"


def hpke(shared: bytes, info: bytes, content: bytes) -> bytes:
    """Seals with a shared secret as RFC 9180, 5.1 and 5.2 say, for X-Wing, HKDF-SHA256 and AES-256-GCM."""
    suite = b"HPKE" + bytes.fromhex("647a00010002")

    def extract(salt: bytes, label: bytes, material: bytes) -> bytes:
        return HKDF.extract(hashes.SHA256(), salt or bytes(32), b"HPKE-v1" + suite + label + material)

    def expand(secret: bytes, label: bytes, about: bytes, size: int) -> bytes:
        return HKDFExpand(hashes.SHA256(), size, size.to_bytes(2) + b"HPKE-v1" + suite + label + about).derive(secret)

    about = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return AESGCM(expand(secret, b"key", about, 32)).encrypt(expand(secret, b"base_nonce", about, 12), content, None)
