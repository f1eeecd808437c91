"""Carl seals without gpg, and reads the receipts."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pysequoia import Cert, Tsk

from homeroom.seal import keys, sealing
from homeroom.seal.envelope import read_envelope
from homeroom.seal.tests.conftest import ROWS
from homeroom.seal.tests.gpg import certificate_of, computer


@pytest.fixture(scope="module")
def receipts() -> Tsk:
    return keys.make_receipt_key("Lincoln Unified")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    path.write_bytes(ROWS)
    return path


def test_a_file_that_carl_seals_is_complete_and_for_the_portal(export: Path, tmp_path: Path, certificate: Cert) -> None:
    out = tmp_path / "export.zip.pgp"
    sealing.seal(export, certificate, keys.make_sender_key("Lincoln office"), out, pinned=certificate.fingerprint)
    with out.open("rb") as file:
        assert set(read_envelope(file).recipients) <= keys.encryption_key_names(certificate)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.zip", "export.zip.pgp"]


def test_another_certificate_than_the_pinned_one_is_refused(export: Path, tmp_path: Path, certificate: Cert) -> None:
    forged = certificate_of(keys.make_opening_key("Lincoln Unified"))
    with pytest.raises(sealing.WrongCertificate, match="Do not send"):
        sealing.seal(export, forged, keys.make_sender_key("x"), tmp_path / "out", pinned=certificate.fingerprint)
    assert not (tmp_path / "out").exists()


def test_the_pin_may_be_typed_from_the_printed_sheet(certificate: Cert) -> None:
    sealing.check_certificate(certificate, keys.spelled(certificate.fingerprint).lower() + "\n")


def test_an_expired_or_revoked_certificate_is_refused() -> None:
    brief = keys.make_opening_key("Lincoln Unified", lifetime=timedelta(seconds=1))
    expired = certificate_of(brief)
    for certificate, word in ((expired, "expired"), (keys.revoked(keys.make_opening_key("L")), "revoked")):
        while word == "expired" and not keys.is_expired(certificate, at=keys.datetime.now(keys.UTC)):
            pass
        with pytest.raises(sealing.WrongCertificate, match=word):
            sealing.check_certificate(certificate, certificate.fingerprint)


def test_a_missing_export_leaves_nothing_behind(tmp_path: Path, certificate: Cert) -> None:
    with pytest.raises(sealing.SealFailed, match=r"export\.zip"):
        sealing.seal(
            tmp_path / "export.zip",
            certificate,
            keys.make_sender_key("x"),
            tmp_path / "out",
            pinned=certificate.fingerprint,
        )
    assert not list(tmp_path.iterdir())


def test_a_receipt_can_be_checked_with_plain_gpg(receipts: Tsk) -> None:
    said = {"homeroom": 1, "sentence": "Imported: 2 new students.", "rows": [], "notes": ["- a dash", "ñ", "From here"]}
    text = sealing.sign_receipt(json.dumps(said, ensure_ascii=False, indent=1), receipts)
    assert sealing.verify_receipt(text, certificate_of(receipts)) == said
    with computer(certificate_of(receipts)) as gpg:
        done = subprocess.run(
            ["gpg", "--batch", "--verify"], env=gpg.environment, input=text.encode(), capture_output=True
        )
    assert done.returncode == 0, done.stderr
    assert b"Good signature" in done.stderr


def test_a_receipt_that_a_gateway_made_up_is_forged(receipts: Tsk) -> None:
    certificate = certificate_of(receipts)
    text = sealing.sign_receipt('{"state": "refused"}', receipts)
    for forged in (
        text.replace("refused", "imported"),
        sealing.sign_receipt('{"state": "imported"}', keys.make_receipt_key("Gateway")),
        sealing.sign_receipt('["imported"]', receipts),
        sealing.sign_receipt("imported", receipts),
        '{"state": "imported"}',
        "",
    ):
        with pytest.raises(sealing.ReceiptForged):
            sealing.verify_receipt(forged, certificate)


def test_text_around_the_signed_part_does_not_count(receipts: Tsk) -> None:
    text = sealing.sign_receipt('{"state": "refused"}', receipts)
    for around in ('{"state": "imported"}\n' + text, text + '\n{"state": "imported"}'):
        try:
            assert sealing.verify_receipt(around, certificate_of(receipts)) == {"state": "refused"}
        except sealing.ReceiptForged as refused:
            assert "not signed" in str(refused)
