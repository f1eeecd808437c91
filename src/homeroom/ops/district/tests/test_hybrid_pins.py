"""A district's computer pins a portal's hybrid certificate, and then seals for nothing less."""

from pathlib import Path

import pytest

from homeroom.ops.district.pinned import Pinned, pin_anew, write_pinned
from homeroom.ops.district.sending import seal_file
from homeroom.seal.envelope import read_envelope
from homeroom.seal.hybrid import WrongHybrid, make_opening_keys
from homeroom.seal.keys import Tsk, encryption_key_names, hand_over, make_opening_key, make_receipt_key, written

PLAIN, HYBRID = make_opening_keys("Lincoln Unified")
HARBOR = make_opening_keys("Harbor")


def text(key: Tsk) -> bytes:
    return written(key.extract_certificate()).encode()


def pin(config: Path, plain: Tsk = PLAIN, hybrid: Tsk | None = HYBRID) -> Pinned:
    words: dict[str, str | int] = {
        "fingerprint": plain.extract_certificate().fingerprint.lower(), "sender": "lincoln-it", "host": "import.example.org", "port": 2222,
        "host_key": "ssh-ed25519 AAAA",
    }  # fmt: skip
    return write_pinned(config, "lincoln", words, text(plain), text(make_receipt_key("Lincoln Unified")), hybrid and text(hybrid))


def recipients(config: Path) -> frozenset[str]:
    export = config / "export.zip"
    export.write_bytes(b"PK")
    with seal_file(config, "lincoln", export, config / "export.zip.gpg").open("rb") as file:
        return frozenset(read_envelope(file).recipients)


def test_exports_are_sealed_for_the_hybrid_key_alone(tmp_path: Path) -> None:
    pin(tmp_path)
    assert recipients(tmp_path) <= encryption_key_names(HYBRID.extract_certificate())


def test_a_portal_from_before_is_pinned_without_one(tmp_path: Path) -> None:
    older = make_opening_key("Lincoln Unified")
    assert pin(tmp_path, older, None).hybrid() is None
    assert recipients(tmp_path) <= encryption_key_names(older.extract_certificate())


def test_a_hybrid_certificate_that_was_left_out_or_exchanged_is_not_pinned(tmp_path: Path) -> None:
    for other in (None, HARBOR[1]):
        with pytest.raises(WrongHybrid):
            pin(tmp_path, PLAIN, other)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_sealed_once_the_pinned_file_is_gone_or_exchanged(tmp_path: Path) -> None:
    file = pin(tmp_path).folder / "hybrid.asc"
    file.write_bytes(text(HARBOR[1]))
    with pytest.raises(WrongHybrid, match="belongs to another"):
        recipients(tmp_path)
    file.unlink()
    with pytest.raises(WrongHybrid, match="Ask its operator for hybrid"):
        recipients(tmp_path)
    assert not (tmp_path / "export.zip.gpg").exists()


def test_a_new_certificate_comes_with_its_own_hybrid_one(tmp_path: Path) -> None:
    older, (plain, hybrid) = make_opening_key("Lincoln Unified"), make_opening_keys("Lincoln Unified")
    pin(tmp_path, older, None)
    statement = hand_over(older, plain.extract_certificate())
    for other in (None, HYBRID):
        with pytest.raises(WrongHybrid):
            pin_anew(tmp_path, "lincoln", statement, other and text(other))
    assert recipients(tmp_path) <= encryption_key_names(older.extract_certificate()), "the old pin still holds"
    pin_anew(tmp_path, "lincoln", statement, text(hybrid))
    assert recipients(tmp_path) <= encryption_key_names(hybrid.extract_certificate())
