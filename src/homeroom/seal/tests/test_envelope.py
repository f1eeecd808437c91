"""The gateway's reading of a file's outside."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pysequoia import CipherSuite, Profile, Tsk, encrypt

from homeroom.seal.envelope import LARGEST, Envelope, NotSealed, Outside, read_envelope
from homeroom.seal.keys import Cert, encryption_key_names, make_opening_key
from homeroom.seal.tests.conftest import ROWS
from homeroom.seal.tests.gpg import Gpg, certificate_of, computer

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
MARKER = b"\xca\x03PGP"


def envelope(content: bytes) -> Envelope:
    return read_envelope(io.BytesIO(content))


def fault(content: bytes) -> Outside:
    with pytest.raises(NotSealed) as refused:
        envelope(content)
    return refused.value.reason


def test_carls_export_names_its_recipient(sealed: bytes, certificate: Cert) -> None:
    told = envelope(sealed)
    assert len(told.recipients) == 1
    assert set(told.recipients) <= encryption_key_names(certificate)
    assert (told.is_armoured, told.size) == (False, len(sealed))


def test_carl_may_use_armour(armoured: bytes, certificate: Cert) -> None:
    told = envelope(armoured)
    assert told.is_armoured
    assert set(told.recipients) <= encryption_key_names(certificate)
    assert envelope(armoured.replace(b"\n", b"\r\n")).recipients == told.recipients


def test_carl_may_seal_for_himself_too(office: Gpg, certificate: Cert, carl: Cert) -> None:
    told = envelope(office.seal(ROWS, "--encrypt-to", carl.fingerprint, "-se", to=certificate))
    assert len(told.recipients) == 2
    assert set(told.recipients) & encryption_key_names(carl)
    assert set(told.recipients) & encryption_key_names(certificate)


@pytest.mark.parametrize(
    "words",
    [("-z", "0", "-se"), ("--rfc4880", "-se"), ("--openpgp", "-se"), ("-e",), ("--compress-algo", "bzip2", "-se")],
    ids=" ".join,
)
def test_an_ordinary_way_to_seal_is_taken(office: Gpg, certificate: Cert, words: tuple[str, ...]) -> None:
    assert len(envelope(office.seal(ROWS * 200, *words, to=certificate)).recipients) == 1


def test_an_export_in_many_parts_is_read_to_its_end(office: Gpg, certificate: Cert) -> None:
    content = office.seal(bytes(range(256)) * 4096, "-z", "0", "-se", to=certificate)
    assert envelope(content).size == len(content) > 1 << 20
    assert fault(content[:-1]) is Outside.TRUNCATED
    assert fault(content + b"Nina") is Outside.PLAIN_AFTER


def test_the_new_kind_of_message_is_read_as_well() -> None:
    key = Tsk.generate("Harbor", profile=Profile.RFC9580, cipher_suite=CipherSuite.Cv25519)
    certificate = certificate_of(key)
    told = envelope(encrypt(ROWS, recipients=[certificate], armor=False))
    assert len(told.recipients[0]) == 64
    assert set(told.recipients) <= encryption_key_names(certificate)


@pytest.mark.parametrize(
    "content", [ROWS, b"PK\x03\x04" + ROWS, b"\xef\xbb\xbf" + ROWS, b"\xff\xfeN\0i\0", b"\x1f\x8b"]
)
def test_a_file_that_rosa_forgot_to_seal_is_plain(content: bytes) -> None:
    assert fault(content) is Outside.PLAIN


def test_an_empty_file_is_empty() -> None:
    assert fault(b"") is Outside.EMPTY


def test_a_file_over_the_limit_is_too_large() -> None:
    class Huge(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            return LARGEST + 1 if whence == 2 else super().seek(offset, whence)

    assert fault_of_file(Huge(b"\x84")) is Outside.TOO_LARGE


def fault_of_file(file: io.BytesIO) -> Outside:
    with pytest.raises(NotSealed) as refused:
        read_envelope(file)
    return refused.value.reason


def test_hidden_recipients_are_refused(office: Gpg, certificate: Cert, carl: Cert) -> None:
    always = ("--trust-model", "always")
    hidden = office.seal(ROWS, *always, "-R", certificate.fingerprint, "-se")
    thrown = office.seal(ROWS, "--throw-keyids", "-se", to=certificate)
    mixed = office.seal(ROWS, *always, "-R", carl.fingerprint, "-se", to=certificate)
    assert {fault(hidden), fault(thrown), fault(mixed)} == {Outside.HIDDEN_RECIPIENT}


def test_a_password_is_no_seal(office: Gpg, certificate: Cert) -> None:
    alone = office.run("--passphrase", "orange", "-c", given=ROWS)
    beside = office.seal(ROWS, "--passphrase", "orange", "-c", "-se", to=certificate)
    assert fault(alone) is fault(beside) is Outside.SYMMETRIC


def test_signed_and_not_sealed_is_said_so(office: Gpg) -> None:
    assert fault(office.run("-z", "0", "-s", given=ROWS)) is Outside.SIGNED_ONLY
    assert fault(office.run("--clearsign", given=ROWS)) is Outside.SIGNED_ONLY
    assert fault(office.run("-s", given=ROWS)) is Outside.PLAIN
    assert fault(office.run("--store", "-z", "0", given=ROWS)) is Outside.PLAIN


def test_a_key_in_place_of_an_export_is_said_so(portal: Tsk, certificate: Cert) -> None:
    assert fault(bytes(certificate)) is fault(str(certificate).encode()) is Outside.KEY
    assert fault(bytes(portal)) is fault(str(portal).encode()) is Outside.PRIVATE_KEY


def test_no_protection_against_changes_is_refused(sealed: bytes) -> None:
    head, body = split(sealed)
    assert fault(head + b"\xc9\xff" + len(body).to_bytes(4) + body) is Outside.NO_INTEGRITY
    assert fault(head + b"\xd4\xff" + len(body).to_bytes(4) + body) is Outside.UNSUPPORTED
    assert fault(head + b"\xd2\xff" + len(body).to_bytes(4) + b"\x07" + body[1:]) is Outside.UNSUPPORTED


def split(sealed: bytes) -> tuple[bytes, bytes]:
    """Returns the recipient's packet of gpg (old header, one byte of length), and the content of the sealed packet."""
    head = sealed[: 2 + sealed[1]]
    return head, sealed[len(head) + 3 :]


@pytest.mark.parametrize("plain", [b"Nina Ruiz", b"\n", b"\0", b"\xcb\x0bb\0\0\0\0\0Nina", b"\xac\x0bb\0\0\0\0\0Nina"])
def test_plain_bytes_after_the_seal_are_refused(sealed: bytes, plain: bytes) -> None:
    assert fault(sealed + plain) is Outside.PLAIN_AFTER


def test_plain_bytes_before_and_within_are_refused(sealed: bytes, armoured: bytes) -> None:
    head, _ = split(sealed)
    assert fault(b"Nina" + sealed) is fault(b"Nina\n" + armoured) is Outside.PLAIN
    assert fault(head + b"Nina" + sealed[len(head) :]) is Outside.PLAIN_WITHIN
    assert fault(head + b"\xcb\x0bb\0\0\0\0\0Nina" + sealed[len(head) :]) is Outside.PLAIN_WITHIN
    assert fault(head + b"\xca\x03Leo" + sealed[len(head) :]) is Outside.PLAIN_WITHIN


def test_plain_text_around_armour_is_refused(armoured: bytes) -> None:
    first, _, rest = armoured.partition(b"\n")
    assert fault(armoured + b"Nina Ruiz") is Outside.PLAIN_AFTER
    assert fault(armoured + b"\n" * 5000 + b"Nina Ruiz") is Outside.PLAIN_AFTER
    assert fault(armoured + armoured) is Outside.TWO_MESSAGES
    assert fault(first + b"\nNina Ruiz 07\n" + rest) is Outside.PLAIN_WITHIN
    assert fault(first + b"\nComment: " + b"Nina" * 200 + b"\n" + rest) is Outside.PLAIN_WITHIN
    assert envelope(first + b"\nVersion: PGP Desktop 10\n" + rest)


def test_two_messages_are_refused(sealed: bytes) -> None:
    assert fault(sealed + sealed) is Outside.TWO_MESSAGES


def test_markers_and_padding_mean_nothing(sealed: bytes) -> None:
    padding = b"\xd5\x04abcd"
    assert envelope(MARKER + padding + sealed + MARKER + padding).recipients == envelope(sealed).recipients
    assert fault(MARKER * 3) is Outside.TRUNCATED
    assert fault(MARKER * 100_000 + sealed) is Outside.RECIPIENTS_MANY


def test_a_crowd_of_recipients_is_refused(sealed: bytes) -> None:
    head, _ = split(sealed)
    assert len(envelope(head * 31 + sealed).recipients) == 32
    assert fault(head * 32 + sealed) is Outside.RECIPIENTS_MANY
    assert fault(sealed[len(head) :]) is Outside.NO_RECIPIENT


def test_parts_of_a_few_bytes_are_refused(sealed: bytes) -> None:
    head, body = split(sealed)
    parts = b"".join(b"\xe0" + body[at : at + 1] for at in range(len(body)))
    assert fault(head + b"\xd2" + parts + b"\0") is Outside.MALFORMED


def test_a_file_cut_off_anywhere_is_never_taken(sealed: bytes, armoured: bytes) -> None:
    assert {fault(sealed[:at]) for at in range(1, len(sealed))} == {Outside.TRUNCATED}
    whole = armoured.rstrip()
    reasons = {fault(whole[:at]) for at in range(1, len(whole))}
    assert reasons <= {Outside.TRUNCATED, Outside.PLAIN, Outside.MALFORMED, Outside.PLAIN_WITHIN}


def test_any_byte_changed_ends_in_an_envelope_or_a_reason(sealed: bytes, armoured: bytes) -> None:
    for content in (sealed, armoured):
        for at in range(len(content)):
            for bits in (0x01, 0x40, 0x80, 0xFF):
                changed = bytearray(content)
                changed[at] ^= bits
                envelope_or_reason(bytes(changed))


def envelope_or_reason(content: bytes) -> Envelope | Outside:
    try:
        return envelope(content)
    except NotSealed as refused:
        assert str(refused)
        return refused.reason


@SHARED
@given(after=st.binary(min_size=1, max_size=300))
def test_whatever_follows_the_seal_is_refused(sealed: bytes, armoured: bytes, after: bytes) -> None:
    assume(not re.match(rb"[\xca\xd5\xa8\xa9\xaa\xab]", after))  # markers and padding
    assert fault(sealed + after) in set(Outside)
    assume(after.strip())
    assert fault(armoured + after) in {Outside.PLAIN_AFTER, Outside.TWO_MESSAGES}


@SHARED
@given(start=st.integers(0, 110), new=st.binary(max_size=12), gone=st.integers(0, 12))
def test_a_changed_beginning_never_surprises(sealed: bytes, armoured: bytes, start: int, new: bytes, gone: int) -> None:
    for content in (sealed, armoured):
        envelope_or_reason(content[:start] + new + content[start + gone :])


@SHARED
@given(content=st.binary(max_size=2000) | st.binary(max_size=300).map(lambda more: b"\x84" + more))
def test_any_bytes_end_in_an_envelope_or_a_reason(content: bytes) -> None:
    envelope_or_reason(content)


@SHARED
@given(text=st.text(max_size=400))
def test_any_text_under_armours_head_ends_in_a_reason(text: str) -> None:
    assert envelope_or_reason(b"-----BEGIN PGP MESSAGE-----\n" + text.encode()) in set(Outside)


def test_a_foot_of_white_space_costs_no_time(armoured: bytes) -> None:
    head = armoured.partition(b"=")[0]
    assert fault(head + b" \n" * 30_000 + b"=") in set(Outside)


def test_the_envelope_needs_no_key_library() -> None:
    code = "import sys, homeroom.seal.envelope; sys.exit(any(m in sys.modules for m in ('pysequoia','cryptography')))"
    source = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(source)})


def test_another_portals_file_names_another_key(certificate: Cert) -> None:
    harbor = certificate_of(make_opening_key("Harbor"))
    with computer(harbor) as gpg:
        told = envelope(gpg.seal(ROWS, "-e", to=harbor))
    assert not set(told.recipients) & encryption_key_names(certificate)
