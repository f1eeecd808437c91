"""Header rows: which are read in another order, and which refuse the file, with the right name of a column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.header import Layout, match_header
from homeroom.formats.oneroster import TABLES
from homeroom.formats.reasons import SENTENCES, Note, PackageRefused, Reason
from homeroom.formats.table import read_layout
from homeroom.formats.tests.exports import CATEGORIES, NINA, USERS

NAMES = list(USERS.names)


def refusal(names: list[str]) -> tuple[Reason, str | None]:
    with pytest.raises(PackageRefused) as refused:
        match_header(names, USERS)
    assert refused.value.file == "users.csv"
    return refused.value.reason, refused.value.column


def notes(layout: Layout) -> set[tuple[Reason, str | None]]:
    return {(note.reason, note.column) for note in layout.notes}


def without(name: str) -> list[str]:
    return [other for other in NAMES if other != name]


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_the_standards_own_header_says_nothing(table):
    layout = match_header(table.names, table)
    assert layout.notes == ()
    assert layout.columns == table.read_columns
    assert [table.names[place] for place in layout.places] == [column.name for column in table.read_columns]


@given(st.permutations(NAMES))
def test_columns_in_any_order_are_found_by_name(names):
    layout = match_header(names, USERS)
    assert [names[place] for place in layout.places] == [column.name for column in USERS.read_columns]
    assert notes(layout) <= {(Reason.COLUMN_ORDER, None)}
    assert bool(layout.notes) == (names != NAMES)


@given(st.sampled_from([column.name for column in USERS.read_columns if column.required]))
def test_a_missing_column_that_must_be_there_is_named(name):
    assert refusal(without(name)) == (Reason.COLUMN_MISSING, name)


def test_a_missing_column_that_may_be_missing_is_noted():
    assert notes(match_header(without("middleName"), USERS)) == {(Reason.COLUMN_OPTIONAL_MISSING, "middleName")}
    assert notes(match_header(without("password"), USERS)) == set()


@given(st.sampled_from(NAMES), st.integers(0, len(NAMES)))
def test_a_doubled_column_is_named(name, place):
    assert refusal([*NAMES[:place], name, *NAMES[place:]]) == (Reason.COLUMN_DOUBLED, name)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("given_name", "givenName"),
        ("Given Name", "givenName"),
        ("givenNme", "givenName"),
        ("familyNames", "familyName"),
        ("agentSourcedId", "agentSourcedIds"),
        ("emial", "email"),
    ],
)
def test_a_misspelled_column_is_reported_with_the_nearest_correct_name(written, right):
    """This includes optional columns. Otherwise everyone's email would be lost without a warning."""
    names = [written if name == right else name for name in NAMES]
    assert refusal(names) == (Reason.COLUMN_MISSPELT, right)


@given(st.sampled_from(USERS.read_columns))
def test_other_capitals_are_read_with_a_note(column):
    names = [name.upper() if name == column.name else name for name in NAMES]
    layout = match_header(names, USERS)
    expected = set() if column.name.isupper() else {(Reason.COLUMN_CASE, None)}
    assert notes(layout) == expected
    assert layout.place(column.name) == NAMES.index(column.name)


def test_further_columns_are_passed_over_and_only_strange_ones_noted():
    layout = match_header([*NAMES, "metadata.bus", "lunch", "9"], USERS)
    count = len(NAMES)
    assert notes(layout) == {
        (Reason.COLUMN_UNKNOWN, "lunch"),
        (Reason.COLUMN_UNKNOWN, f"column {count + 3}"),
    }
    assert layout.unknown == (count, count + 1, count + 2)
    assert layout.width == count + 3


def test_a_row_about_nina_in_place_of_the_header_is_not_repeated():
    with pytest.raises(PackageRefused) as refused:
        match_header([NINA, "", "", "true", "nina", "", "Nina", "Ruiz"], USERS)
    assert refused.value.reason is Reason.HEADER_MISSING
    assert "Nina" not in f"{refused.value} {refused.value.column} {refused.value.sentence}"


@pytest.mark.parametrize(
    "name",
    [
        "ssn",
        "SSN",
        "studentSSN",
        "student_ssn",
        "SSN_last4",
        "SocialSecurityNumber",
        "social security no.",
        "metadata.ssn",
    ],
)
def test_a_column_named_for_social_security_numbers_refuses_the_file(name):
    assert refusal([*NAMES, name]) == (Reason.SOCIAL_SECURITY, f"column {len(NAMES) + 1}")


@pytest.mark.parametrize("name", ["className", "businessName", "lessonNumber", "assnType", "passNo"])
def test_a_column_name_with_ssn_in_it_by_accident_is_not_refused(name):
    match_header([*NAMES, name], USERS)


@pytest.mark.parametrize(
    "header",
    [
        b'"sourcedId,status\n',
        b"sourced\0Id,status\n",
        b"sourcedId,\xff\n",
        b"sourcedId," + b"x" * 300_000,
        b"sourcedId" + b",x" * 500,
    ],
)
def test_a_header_that_cannot_be_read_refuses_the_file(header):
    with pytest.raises(PackageRefused) as refused:
        read_layout([header], CATEGORIES)
    assert refused.value.reason is Reason.HEADER_UNREADABLE


def test_a_note_is_a_place_and_a_code():
    assert SENTENCES[Note(Reason.COLUMN_ORDER, "users.csv").reason]


@pytest.mark.parametrize("header", [b"sourcedId;status;title\r\n", b"sourcedId\ttitle", b'"sourcedId"|"title"'])
def test_other_marks_than_commas_between_the_cells_are_named_as_such(header):
    with pytest.raises(PackageRefused) as refused:
        read_layout([header], CATEGORIES)
    assert refused.value.reason is Reason.SEPARATOR
