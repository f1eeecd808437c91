"""A sender's signing key: its end, and its length."""

from datetime import UTC, datetime, timedelta

import pytest
from pysequoia import CipherSuite, Profile, Tsk

from homeroom.ops.answers import NotDone
from homeroom.ops.gateway.senders import _write_signer, signs_until
from homeroom.seal.keys import is_short, make_sender_key, written
from tests.school import School


def test_the_portal_knows_the_end_of_the_key_itself_and_an_earlier_one_that_the_operator_names() -> None:
    key = make_sender_key("Carl Webb", lifetime=timedelta(days=365)).extract_certificate()
    month = datetime.now(UTC) + timedelta(days=30)
    assert signs_until(key, None) == signs_until(key, month + timedelta(days=900)) == key.expiration
    assert signs_until(key, month) == month


@pytest.mark.parametrize(
    ("suite", "profile", "short"),
    [(CipherSuite.RSA2k, Profile.RFC4880, True), (CipherSuite.RSA2k, Profile.RFC9580, True), (CipherSuite.RSA3k, Profile.RFC4880, False),
     (CipherSuite.Cv25519, Profile.RFC4880, False), (CipherSuite.Cv25519, Profile.RFC9580, False)],
)  # fmt: skip
def test_rsa_needs_3072_bits(suite: CipherSuite, profile: Profile, short: bool) -> None:
    assert is_short(Tsk.generate("Carl Webb", profile=profile, cipher_suite=suite).extract_certificate()) is short


def test_a_new_short_key_is_refused_and_a_registered_one_may_last_longer(own_school: School) -> None:
    key = Tsk.generate("Carl Webb", profile=Profile.RFC4880, cipher_suite=CipherSuite.RSA2k).extract_certificate()
    with own_school.connect("owner") as owner:
        with pytest.raises(NotDone, match="fewer than 3072 bits"):
            _write_signer(owner, "lincoln-old", key, None)
        owner.execute("INSERT INTO signer (fingerprint, sender, certificate) VALUES (%s, 'lincoln-old', %s)", [key.fingerprint.upper(), written(key)])
        _write_signer(owner, "lincoln-old", key, datetime.now(UTC) + timedelta(days=30))
