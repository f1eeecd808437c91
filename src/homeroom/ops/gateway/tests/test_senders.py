"""The end of a sender's signing key."""

from datetime import UTC, datetime, timedelta

from homeroom.ops.gateway.senders import signs_until
from homeroom.seal.keys import make_sender_key


def test_the_portal_knows_the_end_of_the_key_itself_and_an_earlier_one_that_the_operator_names() -> None:
    key = make_sender_key("Carl Webb", lifetime=timedelta(days=365)).extract_certificate()
    month = datetime.now(UTC) + timedelta(days=30)
    assert signs_until(key, None) == signs_until(key, month + timedelta(days=900)) == key.expiration
    assert signs_until(key, month) == month
