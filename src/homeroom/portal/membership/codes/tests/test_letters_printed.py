"""The values that an office sends to print letters, and which codes a new letter ends."""

from typing import Any

import pytest

from homeroom.portal.letters import code
from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.codes.tests.test_letters import contact
from homeroom.portal.membership.requests.tests.registering import office_of
from homeroom.portal.membership.tests.acting import ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PRINT = "SELECT print_letters(%s::uuid[], %s::bytea[], 'post')"
ENDED = "SELECT k.ended_at IS NOT NULL FROM contact_code k JOIN contact c ON c.id = k.contact_id WHERE c.name = %s ORDER BY k.id"


@pytest.fixture
def office(own_school: School) -> School:
    """Nina's record has Mia and Ben Ruiz as contacts."""
    office_of(own_school)
    for name in ("Mia", "Ben"):
        contact(own_school, f"{name} Ruiz", mail=f"{name}@mail.example")
    return own_school


def prints(school: School, *names: str, codes: list[bytes] | None = None) -> bool:
    digests = [code.digest(code.new_code()) for _ in names] if codes is None else codes
    return ask(school, "rosa", PRINT, [[identity(f"letter to {name} Ruiz") for name in names], digests]) is not None


def ended(school: School, name: str) -> list[Any]:
    with school.connect("owner") as owner:
        return [over for (over,) in owner.execute(ENDED.encode(), [f"{name} Ruiz"])]


def test_a_letter_to_no_one_or_with_the_wrong_number_of_codes_is_not_printed(office: School) -> None:
    one = code.digest(code.new_code())
    assert not prints(office) and not prints(office, "Mia", "Zoe", codes=[one]) and not prints(office, "Mia", codes=[one[:31]])
    assert ended(office, "Mia") == []


def test_a_registrar_prints_none_for_an_adult_of_her_own_child(office: School) -> None:
    office.change("UPDATE contact SET person_id = %s WHERE name = 'Mia Ruiz'", office.ids["dee"])
    assert prints(office, "Mia")
    tie(office, "rosa", "max")
    assert not prints(office, "Mia") and prints(office, "Ben")


def test_a_new_letter_ends_no_code_of_another_contact(office: School) -> None:
    assert prints(office, "Mia") and prints(office, "Ben") and prints(office, "Ben")
    assert ended(office, "Mia") == [False] and ended(office, "Ben") == [True, False]


@pytest.mark.parametrize("change", ["used_at = now() - interval '1 day'", "ended_at = now() - interval '1 day'"])
def test_a_code_that_was_used_or_ended_before_stays_as_it_was(office: School, change: str) -> None:
    first = "SELECT to_jsonb(k) FROM contact_code k ORDER BY id LIMIT 1"
    assert prints(office, "Mia")
    office.change(f"UPDATE contact_code SET {change}")
    with office.connect("owner") as owner:
        before = owner.execute(first).fetchone()
        owner.commit()
        assert prints(office, "Mia") and owner.execute(first).fetchone() == before


def test_an_office_prints_two_hundred_letters_and_codes_an_hour(office: School) -> None:
    """Another administrator can add some for a day."""
    made = "INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at) SELECT c.id, sha256(n::text::bytea), 'post', %s, now() FROM contact c," \
        " generate_series(1, %s::integer) n WHERE c.name = 'Mia Ruiz'"  # fmt: skip
    office.change(made, office.ids["rosa"], 180)
    office.change("INSERT INTO code (person_id, side, kind, digest, expires_at, made_by_id, checked) SELECT %s, 'family', 'password', sha256(n::text::bytea),"
                  " now(), %s, 'known' FROM generate_series(1, 19) n", office.ids["dee"], office.ids["rosa"])  # fmt: skip
    assert not prints(office, "Mia", "Ben"), "two more would be 201"
    assert prints(office, "Mia")
    office.change("INSERT INTO cap_raise (person_id, by_id, until, students, why) VALUES (%s, %s, now() + interval '1 day', 1, 'August')",
                  office.ids["rosa"], office.ids["carl"])  # fmt: skip
    assert prints(office, "Ben") and not prints(office, "Ben")
    office.change("UPDATE contact_code SET made_at = made_at - interval '1 hour'")
    assert prints(office, "Mia", "Ben")


def test_the_page_says_that_the_hours_letters_are_printed(office: School) -> None:
    office.change("INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at) SELECT c.id, sha256(n::text::bytea), 'post', %s, now()"
                  " FROM contact c, generate_series(1, 200) n WHERE c.name = 'Ben Ruiz'", office.ids["rosa"])  # fmt: skip
    form = {"school": str(identity("middle")), "contact": str(identity("letter to Mia Ruiz")), "way": "post"}
    assert "200 letters and codes" in Browser("rosa", "staff").post("/office/letters/print", form).words
