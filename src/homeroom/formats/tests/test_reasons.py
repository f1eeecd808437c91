"""Every reason has one sentence that says what to do and repeats nothing, and some file really causes it."""

import re
from pathlib import Path

import pytest

from homeroom.formats import oneroster, oneroster_11
from homeroom.formats.reasons import SENTENCES, PackageRefused, Reason
from homeroom.formats.spec import Kind

ROOM = Path(__file__).parent
# These need other rows or the last file, so intake finds and tests them.
INTAKES_OWN = {
    Reason.ID_DOUBLED, Reason.REFERENCE_DANGLING, Reason.REFERENCE_BLANKED, Reason.DELTA_ALONE, Reason.NO_ROWS, Reason.STUDENT_ERASED,
    Reason.DATE_TIME_READ, Reason.DATE_MONTH_FIRST, Reason.DATE_DAY_FIRST, Reason.SCORE_LETTERS, Reason.DUE_DATE_BLANK,
}  # fmt: skip


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_sentences_for_a_person(reason):
    sentence = SENTENCES[reason]
    assert re.fullmatch(r"[A-Z].*|manifest.*\.", sentence)
    assert not re.search(r"%\w|\{\d?\}|invalid|error|please", sentence, re.IGNORECASE), "no value, no blame"
    assert re.fullmatch(r"[a-z0-9-]+", reason.value)


@pytest.mark.parametrize("reason", sorted(set(Reason) - INTAKES_OWN))
def test_a_reason_is_expected_by_a_test_of_this_room(reason):
    texts = "".join(path.read_text() for path in ROOM.glob("test_*.py") if path.name != "test_reasons.py")
    assert f"Reason.{reason.name}" in texts


def test_a_refusal_tells_its_code_its_place_and_nothing_else():
    refused = PackageRefused(Reason.COLUMN_MISSING, "users.csv", "givenName")
    assert str(refused) == "column-missing"
    assert refused.sentence == SENTENCES[Reason.COLUMN_MISSING]


@pytest.mark.parametrize("tables", [oneroster.TABLES, oneroster_11.TABLES], ids=["1.2", "1.1"])
def test_only_columns_with_a_purpose_are_read(tables):
    """A new column is read only if someone writes down why."""
    never = {
        "password", "pronouns", "sex", "asian", "white", "cityOfBirth", "countryOfBirthCode", "preferredMiddleName",
        "hispanicOrLatinoEthnicity", "username", "userIds", "identifier",
    }  # fmt: skip
    for table in tables.values():
        read = {column.name for column in table.read_columns}
        assert not read & never or table.stem == "orgs"
        assert not read or table.into or table.stem in {t.stem for t in oneroster.NEVER_OPENED}
    assert {column.name for column in tables["demographics"].read_columns} == {"sourcedId", "status", "birthDate"}
    assert {column.name for column in tables["orgs"].read_columns} & never == {"identifier"}  # a school's number


@pytest.mark.parametrize("tables", [oneroster.TABLES, oneroster_11.TABLES], ids=["1.2", "1.1"])
def test_references_lead_to_tables_and_words_have_lists(tables):
    for table in tables.values():
        assert set(table.key) <= set(table.names)
        for column in table.columns:
            assert column.refers_to is None or column.refers_to in tables
            assert (column.kind is Kind.WORD) == bool(column.enum)


def test_the_catalogues_are_those_of_the_standards():
    """In addition to the manifest, 1.1 has 13 files and 1.2 has 21. Homeroom adds two of its own."""
    assert len(oneroster_11.TABLES) == 13 + 2
    assert len(oneroster.TABLES) == 21 + 2
