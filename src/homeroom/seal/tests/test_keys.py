"""Keys are made, read, kept and replaced."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pysequoia import Tsk

from homeroom.seal import keys
from homeroom.seal.hybrid import make_opening_keys
from homeroom.seal.keys import Cert
from homeroom.seal.tests.gpg import Gpg, certificate_of, computer


def test_a_portals_certificate_tells_its_fingerprint_and_expiry(portal: Tsk, certificate: Cert, office: Gpg) -> None:
    assert certificate.expiration is not None
    assert timedelta(days=729) < certificate.expiration - datetime.now(UTC) < timedelta(days=731)
    assert not keys.is_expired(certificate, at=datetime.now(UTC))
    assert keys.is_expired(certificate, at=datetime.now(UTC) + timedelta(days=731))
    assert keys.spelled("ab12cd34") == "AB12 CD34"
    listed = office.run("--with-colons", "--list-keys", certificate.fingerprint).decode()
    encrypting = [
        line.split(":")[4].lower() for line in listed.splitlines() if line.startswith("sub") and ":e:" in line
    ]
    assert {name for name in keys.encryption_key_names(certificate) if len(name) == 16} == set(encrypting)
    assert certificate.fingerprint in keys.key_names(certificate)


def test_a_certificate_is_read_armoured_or_not(certificate: Cert) -> None:
    assert keys.read_certificate(bytes(certificate)).fingerprint == certificate.fingerprint
    assert keys.read_certificate(keys.written(certificate).encode()).fingerprint == certificate.fingerprint


def test_a_file_that_is_not_a_certificate_is_refused_with_a_message(portal: Tsk, certificate: Cert) -> None:
    for content in (
        b"",
        b"Nina",
        bytes(portal),
        str(portal).encode(),
        bytes(certificate) * 2 + bytes(portal),
        b"\x99" * 2**21,
    ):
        with pytest.raises(keys.NotACertificate, match="gpg --export"):
            keys.read_certificate(content)
    with pytest.raises(keys.NotACertificate, match="secret key"):
        keys.read_certificate(str(portal).encode())


def test_a_certificate_made_of_a_secret_key_is_written_without_it(portal: Tsk) -> None:
    text = keys.written(portal.extract_certificate())
    assert "PRIVATE" not in text
    assert keys.read_certificate(text.encode()).fingerprint == portal.extract_certificate().fingerprint


def test_secrets_are_kept_for_their_owner_alone(portal: Tsk, tmp_path: Path) -> None:
    path = tmp_path / "opening.pgp"
    path.write_text("older")
    path.chmod(0o644)
    second = keys.make_opening_key("Lincoln Unified")
    keys.write_secrets([second, portal], path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [key.extract_certificate().fingerprint for key in keys.read_secrets(path)] == [
        second.extract_certificate().fingerprint,
        portal.extract_certificate().fingerprint,
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["opening.pgp"]


def test_secrets_that_cannot_be_read_get_a_sentence(certificate: Cert, tmp_path: Path) -> None:
    path = tmp_path / "opening.pgp"
    for content in (None, b"", b"Nina", bytes(certificate)):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(keys.NotASecretKey, match=r"opening\.pgp"):
            keys.read_secrets(path)


def test_the_old_key_opens_for_thirty_days_more() -> None:
    third, second, first = (keys.make_opening_key("Lincoln Unified") for _ in range(3))
    now = datetime.now(UTC)
    assert keys.still_opening([third, second, first], at=now + timedelta(days=29)) == [third, second, first]
    assert keys.still_opening([third, second, first], at=now + timedelta(days=31)) == [third]
    assert keys.still_opening([third], at=now + timedelta(days=9999)) == [third]


def test_the_hybrid_key_opens_as_long_as_the_key_that_names_it() -> None:
    third, second, first = (make_opening_keys("Lincoln Unified") for _ in range(3))
    older = keys.make_opening_key("Lincoln Unified")
    whole, now = [*third, *second, *first, older], datetime.now(UTC)
    assert keys.still_opening(whole, at=now + timedelta(days=29)) == whole
    assert keys.still_opening(whole, at=now + timedelta(days=31)) == [*third]
    assert keys.still_opening([*third], at=now + timedelta(days=9999)) == [*third]


def test_a_new_certificate_is_handed_over_by_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "opening.pgp"
    old, (new, hybrid) = keys.make_opening_key("Lincoln Unified"), make_opening_keys("Lincoln Unified")
    keys.write_secrets([old], path)
    statement = keys.replace_key(path, new, hybrid)
    fingerprints = [key.extract_certificate().fingerprint for key in keys.read_secrets(path)]
    assert fingerprints == [key.extract_certificate().fingerprint for key in (new, hybrid, old)]
    handed = keys.verify_hand_over(statement, certificate_of(old))
    assert handed.fingerprint == new.extract_certificate().fingerprint
    with pytest.raises(keys.HandOverForged):
        keys.verify_hand_over(statement, certificate_of(keys.make_opening_key("Harbor")))
    with pytest.raises(keys.HandOverForged):
        keys.verify_hand_over(keys.written(handed), certificate_of(old))


def test_a_revoked_key_is_known_as_such() -> None:
    assert keys.revoked(keys.make_sender_key("Lincoln")).is_revoked


def test_a_key_of_a_kind_that_cannot_be_checked_is_refused_when_it_is_registered() -> None:
    with computer() as gpg:
        rare = gpg.make_key("vendor", kind="brainpoolP256r1")
        old = gpg.make_key("old vendor", "--cert-digest-algo", "SHA1", kind="rsa2048")
    for certificate in (rare, old):
        with pytest.raises(keys.NotACertificate, match="ed25519"):
            keys.read_certificate(bytes(certificate))
