"""The first rows: Social Security numbers refuse the file, habits are noted once, and no content is repeated."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.glance import glance
from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.social_security import looks_like_ssn
from homeroom.formats.spec import Table
from homeroom.formats.table import read_layout
from homeroom.formats.tests.exports import CATEGORIES, USERS, csv_of, nina

RANDOM = Random(7)


def numbers(count: int, form: str) -> list[str]:
    drawn = [(RANDOM.randint(1, 665), RANDOM.randint(1, 99), RANDOM.randint(1, 9999)) for _ in range(count)]
    return [form.format(*parts) for parts in drawn]


WRITTEN, SPACED, BARE = "{:03}-{:02}-{:04}", "{:03} {:02} {:04}", "{:03}{:02}{:04}"


def glanced(text: str, table: Table = USERS) -> tuple[Note, ...]:
    blocks = [text.encode()]
    return glance(blocks, read_layout(blocks, table))


def with_column(values: list[str], name: str = "localNo") -> str:
    lines = csv_of(USERS, *(nina(sourcedId=f"n{number}") for number in range(len(values)))).splitlines()
    return "\r\n".join(f"{line},{cell}" for line, cell in zip(lines, [name, *values], strict=True))


@pytest.mark.parametrize(("form", "count"), [(WRITTEN, 3), (SPACED, 3), (WRITTEN, 500), (BARE, 20), (BARE, 500)])
def test_a_strange_column_of_social_security_numbers_refuses_the_file(form, count):
    with pytest.raises(PackageRefused) as refused:
        glanced(with_column(numbers(count, form)))
    assert refused.value.reason is Reason.SOCIAL_SECURITY
    assert refused.value.column == f"column {len(USERS.names) + 1}"


@pytest.mark.parametrize("name", ["identifier", "userMasterIdentifier", "username", "sourcedId"])
def test_an_identifier_that_is_one_refuses_the_file_though_we_would_not_read_it(name):
    text = csv_of(USERS, *(nina(**{name: number}) for number in numbers(30, WRITTEN)))
    with pytest.raises(PackageRefused) as refused:
        glanced(text)
    assert (refused.value.reason, refused.value.column) == (Reason.SOCIAL_SECURITY, name)


@pytest.mark.parametrize("form", [WRITTEN, SPACED, BARE])
def test_a_name_column_with_three_of_them_refuses_the_file(form):
    """The number of real names in it doesn't matter."""
    middle = [*("Maria Jo Lee Ann".split() * 50), *numbers(3, form)]
    with pytest.raises(PackageRefused) as refused:
        glanced(csv_of(USERS, *(nina(middleName=name) for name in middle)))
    assert (refused.value.reason, refused.value.column) == (Reason.SOCIAL_SECURITY, "middleName")


def test_another_text_column_full_of_them_refuses_the_file():
    with pytest.raises(PackageRefused):
        glanced(csv_of(CATEGORIES, *({"sourcedId": f"c{n}", "title": title} for n, title in enumerate(numbers(5, WRITTEN)))), CATEGORIES)
    glanced(csv_of(CATEGORIES, *({"sourcedId": f"c{n}", "title": title} for n, title in enumerate(numbers(50, BARE)))), CATEGORIES)


def test_nine_digits_are_many_districts_own_student_numbers():
    glanced(csv_of(USERS, *(nina(identifier=number) for number in numbers(200, BARE))))
    glanced(with_column([str(910_000_000 + number) for number in range(500)]))
    glanced(with_column([str(123_400_000 + number) for number in range(500)]))


@given(st.lists(st.text(max_size=12), max_size=40))
def test_texts_are_no_social_security_numbers(values):
    assert not looks_like_ssn(value for value in values if not value.isdigit())


def test_phone_numbers_and_dates_are_none():
    assert not looks_like_ssn(f"555-010-{number:04}" for number in range(100))
    assert not looks_like_ssn(f"2014-06-{number:02}" for number in range(1, 29))
    assert not looks_like_ssn(["", " "] * 50)


def test_a_few_strangers_do_not_hide_a_column_of_them():
    assert looks_like_ssn([*numbers(95, WRITTEN), "none", "n/a", "", ""])


def test_a_filled_password_column_is_reported_and_not_read():
    notes = glanced(csv_of(USERS, nina(password="tulip7")))
    assert notes == (Note(Reason.PASSWORDS, "users.csv", "password"),)
    assert "tulip" not in repr(notes)


def test_habits_are_noted_once_for_a_column():
    rows = [
        nina(sourcedId=f"PS:{number}", enabledUser="TRUE", grades="Seventh", status="active") for number in range(50)
    ]
    assert set(glanced(csv_of(USERS, *rows))) == {
        Note(Reason.ID_CHARACTERS, "users.csv", "sourcedId"),
        Note(Reason.WORD_CASE, "users.csv", "enabledUser"),
        Note(Reason.GRADE_UNKNOWN, "users.csv", "grades"),
        Note(Reason.STATUS_IN_BULK, "users.csv", "status"),
    }


def test_an_export_as_the_standard_wants_it_says_nothing():
    assert glanced(csv_of(USERS, nina())) == ()
