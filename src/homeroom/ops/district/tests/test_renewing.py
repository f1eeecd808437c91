"""A district's computer makes its next signing key before the old one ends, and signs with it once the portal knows it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.district import pinned as pinning
from homeroom.ops.district.pinned import Pinned, make_next_key, use_next_key, write_pinned
from homeroom.ops.district.sending import ends_soon
from homeroom.seal.keys import make_opening_key, make_receipt_key, read_certificate, written


@pytest.fixture
def lincoln(tmp_path: Path) -> Pinned:
    opening, receipts = (make("Lincoln Unified").extract_certificate() for make in (make_opening_key, make_receipt_key))
    words: dict[str, str | int] = {
        "fingerprint": opening.fingerprint.lower(), "sender": "lincoln-it", "host": "import.example.org", "port": 2222, "host_key": "ssh-ed25519 AAAA",
    }  # fmt: skip
    return write_pinned(tmp_path, "lincoln", words, written(opening).encode(), written(receipts).encode())


def certificate(path: Path) -> str:
    return read_certificate(path.read_bytes()).fingerprint


def test_the_old_key_signs_until_the_portal_knows_the_new_one(lincoln: Pinned) -> None:
    config, old = lincoln.folder.parent, certificate(lincoln.sign_public)
    new = certificate(make_next_key(config, "").next_public)
    assert new != old and certificate(make_next_key(config, "lincoln").next_public) == new, "asked twice, it is one key"
    assert lincoln.signer().extract_certificate().fingerprint == certificate(lincoln.sign_public) == old
    assert use_next_key(config, "").signer().extract_certificate().fingerprint == certificate(lincoln.sign_public) == new
    assert sorted(path.name for path in lincoln.folder.glob("next*")) == []
    with pytest.raises(NotDone, match="Make one with `homeroom renew`"):
        use_next_key(config, "")


def test_a_switch_that_was_killed_is_done_by_the_same_command(lincoln: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    config = lincoln.folder.parent
    new = certificate(make_next_key(config, "").next_public)
    with monkeypatch.context() as killed:
        killed.setattr(pinning.Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            use_next_key(config, "")
    assert lincoln.signer().extract_certificate().fingerprint != new, "the old key still signs"
    assert use_next_key(config, "").signer().extract_certificate().fingerprint == new


def test_sealing_says_that_the_key_ends_soon(lincoln: Pinned) -> None:
    end = lincoln.signer().extract_certificate().expiration
    assert end is not None and ends_soon(lincoln, datetime.now(UTC)) == ""
    assert "lincoln ends on" in ends_soon(lincoln, end - timedelta(days=30)) and "ended on" in ends_soon(lincoln, end)
