"""The opener's results for files from districts."""

import fcntl
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pysequoia import SignatureMode, encrypt, sign

from homeroom.seal import keys, sealing
from homeroom.seal.keys import Cert, Tsk
from homeroom.seal.opening.run import CHUNK
from homeroom.seal.tests.conftest import CARL, ROWS
from homeroom.seal.tests.gpg import Gpg, certificate_of, computer
from homeroom.seal.tests.reading import opened, reason

CHANGED = {"broken-seal", "not-for-us"}


def test_carls_export_is_opened_and_tells_who_signed_it_and_when(
    sealed: bytes, portal: Tsk, certificate: Cert, carl: Cert
) -> None:
    content, told = opened(sealed, [portal], [carl])
    assert content == ROWS
    assert told.signer_fingerprint == carl.fingerprint
    assert abs(told.signed_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert set(told.recipients) <= keys.encryption_key_names(certificate)
    assert not told.is_armoured


def test_armor_is_opened_and_reported(armoured: bytes, portal: Tsk, carl: Cert) -> None:
    content, told = opened(armoured, [portal], [carl])
    assert (content, told.is_armoured) == (ROWS, True)


@pytest.mark.parametrize(
    "words",
    [
        ("-z", "0", "-se"),
        ("-z", "9", "-se"),
        ("--compress-algo", "zlib", "-se"),
        ("--compress-algo", "bzip2", "-se"),
        ("--textmode", "-se"),
        ("--rfc4880", "-se"),
        ("--openpgp", "-se"),
        ("--cipher-algo", "AES128", "-se"),
        ("--digest-algo", "SHA256", "-se"),
        ("--for-your-eyes-only", "-se"),
        ("--set-filename", "nina-ruiz.csv", "-se"),
    ],
    ids=" ".join,
)
def test_every_ordinary_way_to_seal_is_opened(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, words: tuple[str, ...]
) -> None:
    content = random.Random(7).randbytes(300_000) + ROWS * 20
    if "--textmode" in words:
        content = ROWS * 20
    assert opened(office.seal(content, *words, to=certificate), [portal], [carl])[0] == content


def test_a_file_by_its_name_is_opened(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, tmp_path: Path) -> None:
    for size in (0, 1, 511, 512, 65_535, 65_536, 65_537, 131_072, 1_000_000):
        source = tmp_path / "export.zip"
        source.write_bytes(random.Random(size).randbytes(size))
        for words in ((), ("-z", "0")):
            assert opened(office.seal_file(source, certificate, *words), [portal], [carl])[0] == source.read_bytes()


@pytest.mark.parametrize("kind", ["rsa3072", "nistp256", "ed25519"])
def test_a_sender_may_sign_with_a_key_of_his_own_kind(portal: Tsk, certificate: Cert, kind: str) -> None:
    with computer(certificate) as gpg:
        signer = gpg.make_key("vendor", kind=kind)
        sealed = gpg.seal(ROWS, to=certificate)
    assert opened(sealed, [portal], [signer])[1].signer_fingerprint == signer.fingerprint


@pytest.mark.parametrize("size", [0, 5, 4095, 65_536, 4_194_304 - 25, 4_194_304, 9_000_000])
def test_a_file_that_homeroom_sealed_can_be_opened(portal: Tsk, certificate: Cert, tmp_path: Path, size: int) -> None:
    signer, source, out = keys.make_sender_key("Lincoln office"), tmp_path / "export.zip", tmp_path / "export.zip.pgp"
    source.write_bytes(random.Random(size).randbytes(size))
    sealing.seal(source, certificate, signer, out, pinned=certificate.fingerprint)
    content, told = opened(out.read_bytes(), [portal], [certificate_of(signer)])
    assert content == source.read_bytes()
    assert told.signer_fingerprint == signer.extract_certificate().fingerprint


def test_a_file_for_carl_too_is_opened(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    sealed = office.seal(ROWS, "--encrypt-to", carl.fingerprint, "-se", to=certificate)
    content, told = opened(sealed, [portal], [carl])
    assert content == ROWS
    assert len(told.recipients) == 2


def test_the_old_key_still_opens(sealed: bytes, portal: Tsk, carl: Cert) -> None:
    assert opened(sealed, [keys.make_opening_key("Lincoln Unified"), portal], [carl])[0] == ROWS


def test_an_expired_portal_key_still_opens() -> None:
    brief = keys.make_opening_key("Lincoln Unified", lifetime=timedelta(seconds=1))  # it is backdated by a minute
    signer = keys.make_sender_key("Lincoln office")
    assert keys.is_expired(certificate_of(brief), at=datetime.now(UTC))
    sealed = encrypt(ROWS, recipients=[certificate_of(brief)], signer=signer.signer(), armor=False)
    assert opened(sealed, [brief], [certificate_of(signer)])[0] == ROWS


def test_harbors_portal_cannot_open_lincolns_file(sealed: bytes, carl: Cert) -> None:
    assert reason(sealed, [keys.make_opening_key("Harbor")], [carl]) == "not-for-us"


def test_an_unknown_signer_is_refused(sealed: bytes, portal: Tsk) -> None:
    stranger = certificate_of(keys.make_sender_key("Lincoln office"))
    assert reason(sealed, [portal], [stranger]) == "unknown-signer"
    assert reason(sealed, [portal], []) == "unknown-signer"


def test_a_revoked_signer_is_refused_whenever_he_signed(portal: Tsk, certificate: Cert) -> None:
    with computer(certificate) as gpg:
        gpg.make_key("lost laptop")
        sealed = gpg.seal(ROWS, to=certificate)
        assert opened(sealed, [portal], [gpg.certificate("lost laptop")])
        assert reason(sealed, [portal], [gpg.revoked("lost laptop")]) == "revoked-signer"


def test_an_expired_signer_is_refused(portal: Tsk, certificate: Cert) -> None:
    with computer() as gpg:
        then = ("--faked-system-time", "20250101T000000!")
        signer = gpg.make_key("last year", *then, lasting="30d")
        gpg.take(certificate)
        sealed = gpg.run(*then, "--ignore-time-conflict", "--ignore-valid-from", "--trust-model", "always", "-r",
                         certificate.fingerprint, "-se", given=ROWS)  # fmt: skip
    assert reason(sealed, [portal], [signer]) == "expired-signer"


def test_a_signature_from_the_future_is_refused(portal: Tsk, certificate: Cert) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y%m%dT%H%M%S")
    with computer(certificate) as gpg:
        signer = gpg.make_key("fast clock")
        sealed = gpg.seal(ROWS, "--faked-system-time", f"{tomorrow}!", "-se", to=certificate)
    assert reason(sealed, [portal], [signer]) == "future-signature"


def test_a_weak_signature_is_refused(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    for weak in ("SHA1", "RIPEMD160"):
        sealed = office.seal(ROWS, "--digest-algo", weak, "--allow-weak-digest-algos", "-se", to=certificate)
        assert reason(sealed, [portal], [carl]) == "bad-signature"


def test_an_unsigned_file_is_refused(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    assert reason(office.seal(ROWS, "-e", to=certificate), [portal], [carl]) == "unsigned"
    assert reason(office.seal(ROWS, "-z", "0", "-e", to=certificate), [portal], [carl]) == "unsigned"
    assert reason(encrypt(ROWS, recipients=[certificate], armor=False), [portal], [carl]) == "unsigned"


def test_a_file_that_is_refused_outside_is_refused_inside_too(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, sealed: bytes
) -> None:
    hidden = office.seal(ROWS, "--throw-keyids", "-se", to=certificate)
    for content, code in (
        (b"", "empty"),
        (ROWS, "plain"),
        (sealed + b"Nina", "plain-after"),
        (hidden, "hidden-recipient"),
        (office.run("--passphrase", "orange", "-c", given=ROWS), "symmetric"),
        (office.run("-z", "0", "-s", given=ROWS), "signed-only"),
        (sealed[:-40], "truncated"),
    ):
        assert reason(content, [portal], [carl]) == code


def test_another_cipher_than_aes_is_refused(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    for cipher in ("CAMELLIA256", "TWOFISH"):
        sealed = office.seal(ROWS, "--cipher-algo", cipher, "-se", to=certificate)
        assert reason(sealed, [portal], [carl]) == "unsupported-cipher"


def test_more_than_one_signature_is_refused(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    office.make_key("second signer")
    sealed = office.seal(ROWS, "-u", CARL, "-u", "second signer", "-se", to=certificate)
    assert reason(sealed, [portal], [carl]) == "unreadable-content"


def test_a_key_or_a_message_inside_the_seal_is_refused(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, sealed: bytes
) -> None:
    detached = sign(keys.make_sender_key("x").signer(), ROWS, mode=SignatureMode.DETACHED, armor=False)
    for content in (bytes(carl), sealed, b"Nina", b"", detached):
        assert reason(resealed(office, content, certificate), [portal], [carl]) == "unreadable-content"


def resealed(office: Gpg, packets: bytes, certificate: Cert) -> bytes:
    """Encrypts packets as they are. With --no-literal, gpg leaves out what it would put around them."""
    return office.seal(packets, "--no-literal", "-z", "0", "-e", to=certificate)


def test_a_signature_moved_to_other_rows_does_not_hold(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    signed = office.run("-z", "0", "-s", given=ROWS)
    assert opened(resealed(office, signed, certificate), [portal], [carl])[0] == ROWS
    for changed in (signed.replace(b"Nina", b"Anna"), signed.replace(b"Leo,Ruiz", b"Max,Moss")):
        assert reason(resealed(office, changed, certificate), [portal], [carl]) == "bad-signature"


def test_a_seal_that_explodes_is_refused(office: Gpg, portal: Tsk, certificate: Cert, carl: Cert) -> None:
    sealed = office.seal(bytes(40 << 20), "-z", "9", "-se", to=certificate)
    assert len(sealed) < 200_000
    assert reason(sealed, [portal], [carl]) == "seal-explodes"


def small(office: Gpg, certificate: Cert, tmp_path: Path) -> list[bytes]:
    """Returns the same few rows in each kind of packet: checked, compressed and in chunks."""
    source, out = tmp_path / "small", tmp_path / "small.pgp"
    source.write_bytes(ROWS[:100])
    signer = keys.make_sender_key("Lincoln office")
    sealing.seal(source, certificate, signer, out, pinned=certificate.fingerprint)
    (tmp_path / "signer").write_bytes(bytes(certificate_of(signer)))
    return [
        office.seal(ROWS[:100], "-z", "0", "-se", to=certificate),
        office.seal(ROWS, to=certificate),
        out.read_bytes(),
    ]


def test_one_changed_byte_anywhere_and_it_is_never_opened(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, tmp_path: Path
) -> None:
    contents = small(office, certificate, tmp_path)
    senders = [carl, keys.read_certificate((tmp_path / "signer").read_bytes())]
    for content in contents:
        assert opened(content, [portal], senders)
        head = content.rindex(b"\xd2", 0, 130)  # start of the sealed packet
        for at in [
            *range(0, head + 6, 3),
            *range(head + 6, len(content), 23),
            *range(len(content) - 24, len(content), 4),
        ]:
            changed = bytearray(content)
            changed[at] ^= 0x10
            code = reason(bytes(changed), [portal], senders)
            assert code in CHANGED or at < head + 45, (at, code)


def test_cut_off_anywhere_and_it_is_never_opened(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, tmp_path: Path
) -> None:
    for content in small(office, certificate, tmp_path):
        for at in range(1, len(content), 9):
            assert reason(content[:at], [portal], [carl]) == "truncated"


def test_a_large_file_changed_near_its_end_gives_no_verdict(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert
) -> None:
    content = bytearray(office.seal(random.Random(1).randbytes(40 << 20), "-z", "0", "-se", to=certificate))
    for at in (len(content) // 2, len(content) - 30):
        changed = content.copy()
        changed[at] ^= 1
        assert reason(bytes(changed), [portal], [carl]) == "broken-seal"


def test_a_file_is_opened_even_if_the_system_gives_no_wider_pipe(
    office: Gpg, portal: Tsk, certificate: Cert, carl: Cert, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, asked = random.Random(2).randbytes(3 << 20), []

    def refused(_handle: int, wish: int, size: int) -> int:
        asked.append((wish, size))
        raise PermissionError

    monkeypatch.setattr(fcntl, "fcntl", refused)
    assert opened(office.seal(content, "-se", to=certificate), [portal], [carl])[0] == content
    assert asked == [(fcntl.F_SETPIPE_SZ, CHUNK)] * 2


MADE_BY_RPGP = Path(__file__).parent / "made_by_rpgp"  # another implementation's files, with the newer packets


@pytest.mark.parametrize("name", ["ocb", "ocb-plain", "gcm", "gcm-plain"])
def test_newer_packets_sealed_by_another_implementation_can_be_opened(name: str) -> None:
    lincoln = keys.read_secrets(MADE_BY_RPGP / "opening.pgp")
    vendor = keys.read_certificate((MADE_BY_RPGP / "vendor.asc").read_bytes())
    content = (MADE_BY_RPGP / f"{name}.pgp").read_bytes()
    found, told = opened(content, lincoln, [vendor])
    assert found == b"s-1,Nina,Ruiz,07\r\n" * 20
    assert told.signer_fingerprint == vendor.fingerprint
    for at in range(len(content) - 200, len(content), 19):
        changed = bytearray(content)
        changed[at] ^= 1
        assert reason(bytes(changed), lincoln, [vendor]) == "broken-seal"


def test_a_mode_that_no_library_of_ours_knows_is_refused_as_such() -> None:
    lincoln = keys.read_secrets(MADE_BY_RPGP / "opening.pgp")
    vendor = keys.read_certificate((MADE_BY_RPGP / "vendor.asc").read_bytes())
    assert reason((MADE_BY_RPGP / "eax.pgp").read_bytes(), lincoln, [vendor]) == "unsupported-cipher"
