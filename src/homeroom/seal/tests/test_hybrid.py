"""Exports that a later quantum computer must not open: sealed for ML-KEM-768 with X25519, and never for X25519 alone where a portal has both keys."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from pysequoia import CipherSuite, Profile, encrypt
from pysequoia.packet import PacketPile
from pysequoia.packet import Tag as PacketTag

from homeroom.seal import hybrid, keys, sealing
from homeroom.seal.envelope import read_envelope, wrapped_key
from homeroom.seal.hybrid import WrongHybrid, make_opening_keys, named_hybrid, read_hybrid
from homeroom.seal.keys import Cert, NotACertificate, Tsk
from homeroom.seal.packets import FileSource, Tag, packets
from homeroom.seal.tests.conftest import ROWS
from homeroom.seal.tests.gpg import certificate_of, computer
from homeroom.seal.tests.reading import opened, reason

LINCOLN, HARBOR = make_opening_keys("Lincoln Unified"), make_opening_keys("Harbor")
OFFICE = keys.make_sender_key("Lincoln office")
BODY = 3  # bytes of the first packet's header


def written(key: Tsk) -> bytes:
    return keys.written(key.extract_certificate()).encode()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sealed(tmp_path_factory.mktemp("sealed"), LINCOLN)


def sealed(folder: Path, portal: tuple[Tsk, Tsk]) -> bytes:
    source, out = folder / "export.zip", folder / "export.zip.gpg"
    source.write_bytes(ROWS)
    certificate, other = (certificate_of(key) for key in portal)
    sealing.seal(source, certificate, OFFICE, out, pinned=certificate.fingerprint, hybrid=other)
    return out.read_bytes()


def test_an_export_is_sealed_for_the_hybrid_key_alone_and_opens_with_it(content: bytes) -> None:
    names = keys.encryption_key_names(certificate_of(LINCOLN[1]))
    found, told = opened(content, LINCOLN, [certificate_of(OFFICE)])
    assert found == ROWS and len(told.recipients) == 1 and set(told.recipients) <= names
    tags = {packet.tag: packet.body.read(1 << 16) for packet in packets(FileSource(io.BytesIO(content)))}
    assert (tags[Tag.PKESK][0], tags[Tag.PKESK][2 + tags[Tag.PKESK][1]]) == (6, 35)
    assert tags[Tag.SEIPD][:3] == b"\2\x09\2", "AES-256 in OCB"
    assert reason(content, LINCOLN[:1], [certificate_of(OFFICE)]) == "not-for-us"


def test_gpg_seals_with_the_same_portals_other_certificate() -> None:
    with computer(certificate_of(LINCOLN[0])) as gpg:
        carl = gpg.make_key("Carl Webb")
        found, _ = opened(gpg.seal(ROWS, to=certificate_of(LINCOLN[0])), LINCOLN, [carl])
    assert found == ROWS


def test_harbor_cannot_open_lincolns_file_even_under_its_own_name(content: bytes) -> None:
    assert reason(content, HARBOR, []) == "not-for-us"
    lincoln, harbor = (bytes.fromhex(read_envelope(io.BytesIO(each)).recipients[0]) for each in (content, sealed_for_harbor()))
    assert reason(content.replace(lincoln, harbor), HARBOR, []) == "broken-seal"


def sealed_for_harbor() -> bytes:
    return encrypt(ROWS, recipients=[certificate_of(HARBOR[1])], armor=False)


def test_one_changed_byte_of_either_half_and_the_file_is_never_opened(content: bytes) -> None:
    point, capsule, length, wrapped = BODY + 36, BODY + 36 + 32, BODY + 36 + 32 + 1088, BODY + 36 + 32 + 1089
    for at in (point, point + 31, capsule, capsule + 500, length - 1, length, wrapped, wrapped + 39):
        changed = bytearray(content)
        changed[at] ^= 1
        assert reason(bytes(changed), LINCOLN, [certificate_of(OFFICE)]) == "broken-seal", at
    changed = bytearray(content)
    changed[point : point + 32] = bytes(32)  # a point that makes every shared secret zero
    assert reason(bytes(changed), LINCOLN, [certificate_of(OFFICE)]) == "broken-seal"
    changed = bytearray(content)
    changed[point - 1] = 18  # the algorithm of the other key
    assert reason(bytes(changed), LINCOLN, [certificate_of(OFFICE)]) == "broken-seal"


def test_the_older_form_of_a_session_key_is_refused_for_the_hybrid_key(content: bytes) -> None:
    end = BODY + (content[1] - 192 << 8) + content[2] + 192  # of the first packet, by its header (RFC 9580 4.2.1.2)
    first, rest = packets(FileSource(io.BytesIO(content))), content[end:]
    assert rest.startswith(b"\xd2")
    key = wrapped_key(next(first))
    body = b"\3" + bytes.fromhex(key.recipient[:16]) + key.content
    assert reason(b"\xc1\xff" + len(body).to_bytes(4) + body + rest, LINCOLN, []) == "unsupported-cipher"


def test_the_pinned_certificate_names_the_hybrid_one() -> None:
    assert named_hybrid(certificate_of(LINCOLN[0])) == certificate_of(LINCOLN[1]).fingerprint
    found = read_hybrid(written(LINCOLN[1]), certificate_of(LINCOLN[0]))
    assert found is not None and found.fingerprint == certificate_of(LINCOLN[1]).fingerprint
    with pytest.raises(WrongHybrid, match="Ask its operator for hybrid"):
        read_hybrid(None, certificate_of(LINCOLN[0]))
    with pytest.raises(WrongHybrid, match="belongs to another"):
        read_hybrid(written(HARBOR[1]), certificate_of(LINCOLN[0]))


def test_a_portal_from_before_has_no_hybrid_certificate_and_takes_none() -> None:
    older = certificate_of(keys.make_opening_key("Lincoln Unified"))
    assert read_hybrid(None, older) is None
    with pytest.raises(WrongHybrid, match="belongs to another"):
        read_hybrid(written(LINCOLN[1]), older)


def test_no_one_who_hands_the_certificate_on_can_remove_what_it_names() -> None:
    """Its fingerprint stays the same if packets are left out, so the pinned fingerprint doesn't notice."""
    certificate = certificate_of(LINCOLN[0])
    whole = list(PacketPile.from_bytes(bytes(certificate)))
    at = next(at for at, packet in enumerate(whole) if packet.tag == PacketTag.UserID)
    for kept in ([*whole[:at], *whole[at + 2 :]], [*whole[: at + 1], *whole[at + 2 :]]):
        assert Cert.from_packets(kept).fingerprint == certificate.fingerprint
        with pytest.raises(NotACertificate, match="no signed name"):
            named_hybrid(Cert.from_packets(kept))
    changed = bytearray(bytes(certificate))
    place = changed.index(certificate_of(LINCOLN[1]).fingerprint.encode())
    changed[place : place + 64] = certificate_of(HARBOR[1]).fingerprint.encode()
    with pytest.raises(NotACertificate, match="no signed name"):
        named_hybrid(Cert.from_bytes(bytes(changed)))


def test_a_hybrid_certificate_that_ended_or_is_not_hybrid_is_refused(tmp_path: Path) -> None:
    plain = Tsk.generate("x", profile=Profile.RFC9580, cipher_suite=CipherSuite.Cv25519)
    ended = hybrid.make_hybrid_key("Lincoln Unified", lifetime=timedelta(seconds=1))  # it is backdated by a minute
    for other, word in ((certificate_of(plain), "another key"), (certificate_of(ended), "expired"), (keys.revoked(LINCOLN[1]), "revoked")):
        with pytest.raises(WrongHybrid, match=word):
            hybrid.check_hybrid(other)
    with pytest.raises(WrongHybrid, match="expired"):
        sealed(tmp_path, (LINCOLN[0], ended))
    assert not (tmp_path / "export.zip.gpg").exists()
