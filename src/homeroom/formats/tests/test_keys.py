"""A sourcedId of any form becomes one UUID, the same each night, and no two become the same one."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.keys import key_of

NINAS_SCORE = "98f9a21c-cdfb-4695-92d1-df77d9292afb"


def test_a_uuid_is_its_own_key():
    assert str(key_of("result", NINAS_SCORE)) == NINAS_SCORE


def test_the_key_of_a_text_never_changes():
    """Another hash would end every row of every portal and make it again."""
    assert str(key_of("result", "x")) == "647033c8-a2df-854c-aa64-9fb0ce946505"


@given(st.text(min_size=1, max_size=50))
def test_anything_else_becomes_a_uuid_of_version_8(sourced_id):
    key = key_of("result", sourced_id)
    assert (key.version, key.variant) == (8, uuid.RFC_4122) or str(key) == sourced_id
    assert key == key_of("result", sourced_id)
    assert key != key_of("line_item", sourced_id) or str(key) == sourced_id


def test_capitals_make_another_row():
    assert key_of("result", NINAS_SCORE.upper()) != key_of("result", NINAS_SCORE)


@given(st.text(min_size=1, max_size=20))
def test_no_identifier_can_be_written_to_meet_anothers_hash(sourced_id):
    key = key_of("result", sourced_id)
    assert key_of("result", str(key)) != key or str(key) == sourced_id
