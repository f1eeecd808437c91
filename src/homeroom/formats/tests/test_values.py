"""One cell: Nina's birth date, a score, a school year, and everything that only looks like one."""

import math
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats import oneroster
from homeroom.formats.columns import YES_NO, number
from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Column, Kind, Purpose
from homeroom.formats.values import (
    PATTERNS,
    fault_of,
    grade_levels,
    ids_in,
    plain_word,
    remark_of,
    scale_pairs,
    school_year,
)

ID = Column("sourcedId", Kind.GUID, Purpose.SAME_ROW, required=True)
IDS = Column("termSourcedIds", Kind.GUIDS, Purpose.JOIN)
DAY = Column("birthDate", Kind.DATE, Purpose.BIRTH)
TIME = Column("dateLastModified", Kind.DATETIME, Purpose.SAME_ROW)
YEAR = Column("schoolYear", Kind.YEAR, Purpose.SCHEDULE)
SCORE = number("score", Purpose.GRADES)
LATE = Column("late", Kind.WORD, Purpose.GRADES, enum=YES_NO)
ROLE = Column("role", Kind.WORD, Purpose.ROLE, enum=oneroster.ROLES, is_open=True)
SCALE = Column("scoreScaleValue", Kind.SCALE, Purpose.GRADES)
LEVELS = Column("grades", Kind.GRADES, Purpose.LEVEL)


@given(st.text(st.sampled_from("abcXYZ0189./@_-"), min_size=1, max_size=255))
def test_every_identifier_of_the_standard_passes_without_a_word(identifier):
    assert fault_of(ID, identifier) is None
    assert remark_of(ID, identifier) is None


@pytest.mark.parametrize("identifier", ["PS:12", "Room 4", "{12}", "a" * 100 + " b"])
def test_identifiers_of_real_exports_pass_with_a_remark(identifier):
    assert fault_of(ID, identifier) is None
    assert remark_of(ID, identifier) is Reason.ID_CHARACTERS


@pytest.mark.parametrize("identifier", [" a", "a ", "a,b", 'a"b', "ñ", "a\nb", "a\n", "a\tb", "x" * 256])
def test_an_invalid_identifier_does_not_pass(identifier):
    assert fault_of(ID, identifier) is Reason.ID_FORM


def test_a_list_of_terms_may_have_spaces_between():
    assert fault_of(IDS, "T1, T2,T3") is None
    assert ids_in("T1, T2,T3,") == ["T1", "T2", "T3"]
    assert fault_of(IDS, "T1,,T2") is Reason.ID_FORM


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_of_two_centuries_is_a_date(day):
    assert fault_of(DAY, day.isoformat()) is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2014-02-30", Reason.DATE_IMPOSSIBLE),
        ("2014-13-01", Reason.DATE_IMPOSSIBLE),
        ("2014-00-10", Reason.DATE_IMPOSSIBLE),
        ("0000-01-01", Reason.DATE_IMPOSSIBLE),
        ("1899-12-31", Reason.DATE_RANGE),
        ("2101-01-01", Reason.DATE_RANGE),
        ("06/02/2014", Reason.DATE_FORM),
        ("20140602", Reason.DATE_FORM),
        ("2014-6-2", Reason.DATE_FORM),
        ("2014-06-02T00:00:00.000Z", Reason.DATE_FORM),
        ("2014-06-02\n", Reason.DATE_FORM),
        ("٢٠١٤-٠٦-٠٢", Reason.DATE_FORM),
    ],
)
def test_days_that_do_not_exist_and_values_that_are_not_dates_get_different_reasons(cell, reason):
    assert fault_of(DAY, cell) is reason


def test_times_are_in_utc():
    assert fault_of(TIME, "2026-11-23T18:12:00.000Z") is None
    assert remark_of(TIME, "2026-11-23T18:12:00.000Z") is None
    assert fault_of(TIME, "2026-11-23 18:12") is Reason.DATETIME_FORM
    assert fault_of(TIME, "yesterday") is Reason.DATETIME_FORM


@pytest.mark.parametrize("cell", ["2026-11-23", "2026-11-23 18:12:00", "2026-11-23T18:12:00-08:00", "2026-11-23T18:12:00.000+0000"])
def test_times_as_real_exports_write_them_are_read_with_a_remark(cell):
    assert fault_of(TIME, cell) is None
    assert remark_of(TIME, cell) is Reason.TIME_LOOSE


def test_a_list_of_ids_with_braces_or_blanks_is_read_with_a_remark():
    agents = Column("agentSourcedIds", Kind.GUIDS, Purpose.FAMILY)
    assert fault_of(agents, "{9F3A}, PS 12") is None
    assert ids_in("{9F3A}, PS 12") == ["{9F3A}", "PS 12"]
    assert remark_of(agents, "{9F3A}, PS 12") is Reason.ID_CHARACTERS
    assert remark_of(agents, "ana, rui") is None


@pytest.mark.parametrize(("cell", "year"), [("2026", 2026), ("2025-2026", 2026), ("2025-26", 2026)])
def test_a_school_year_is_the_year_in_which_it_ends(cell, year):
    assert fault_of(YEAR, cell) is None
    assert school_year(cell) == year
    assert remark_of(YEAR, cell) is (Reason.YEAR_SPAN if "-" in cell else None)


@pytest.mark.parametrize("cell", ["26", "2025/2026", "2025-2027", "2026-2025", "2025-27", "SY2026", "2025-2026-2027"])
def test_other_years_are_none(cell):
    assert fault_of(YEAR, cell) is Reason.YEAR_FORM


@given(st.floats(-1e9, 1e9))
def test_every_score_that_python_writes_is_read(score):
    assert fault_of(SCORE, repr(score)) is None


def test_extra_credit_is_a_score_like_any_other():
    assert fault_of(SCORE, "11") is None
    assert fault_of(SCORE, "-2") is None


@pytest.mark.parametrize(
    "cell", ["NaN", "nan", "inf", "-Infinity", "1,5", "1_000", "0x10", "A", "9 of 10", " 9", "9 ", "٩", "."]
)
def test_a_value_that_only_looks_like_a_number_is_not_one(cell):
    assert fault_of(SCORE, cell) is Reason.NUMBER_FORM


@pytest.mark.parametrize("cell", ["1e400", "1e10", "-1e10", "9" * 400])
def test_numbers_beyond_any_score_are_out_of_bounds(cell):
    assert fault_of(SCORE, cell) is Reason.NUMBER_RANGE


@given(st.text(max_size=12))
def test_whatever_passes_as_a_number_is_finite(cell):
    if cell.strip() and fault_of(SCORE, cell) is None:
        assert math.isfinite(float(cell))


def test_words_are_the_standards_and_capitals_a_remark():
    assert fault_of(LATE, "true") is None
    assert remark_of(LATE, "true") is None
    assert fault_of(LATE, "TRUE") is None
    assert remark_of(LATE, "TRUE") is Reason.WORD_CASE
    assert plain_word(LATE, "TRUE") == "true"
    assert fault_of(LATE, "yes") is Reason.WORD_UNKNOWN


@pytest.mark.parametrize("cell", ["fully_graded", "FullyGraded", "Fully-Graded", " fully graded"])
def test_words_with_other_joints_are_read_with_a_remark(cell):
    status = oneroster.results.column("scoreStatus")
    assert fault_of(status, cell) is None
    assert remark_of(status, cell) is Reason.WORD_CASE
    assert plain_word(status, cell) == "fully graded"


def test_a_districts_own_role_passes_where_the_standard_lets_it():
    assert fault_of(ROLE, "ext:nurse") is None
    assert remark_of(ROLE, "ext:nurse") is None
    assert fault_of(ROLE, "nurse") is Reason.WORD_UNKNOWN
    assert fault_of(LATE, "ext:maybe") is Reason.WORD_UNKNOWN


def test_score_scales_are_pairs():
    assert fault_of(SCALE, "{A:90-100}, {B:80-89}") is None
    assert scale_pairs("{A:90-100}, {B : 80-89}") == [("A", "90-100"), ("B", "80-89")]
    assert fault_of(SCALE, "A:90-100") is Reason.SCALE_FORM


def test_grade_levels_are_given_in_ceds_codes():
    assert grade_levels("7") == ["07"]
    assert grade_levels("K,1") == ["KG", "01"]
    assert grade_levels("KG,12,other") == ["KG", "12", "Other"]
    assert remark_of(LEVELS, "7,8") is None
    assert fault_of(LEVELS, "Seventh") is None
    assert remark_of(LEVELS, "Seventh") is Reason.GRADE_UNKNOWN


@given(st.sampled_from([ID, IDS, DAY, TIME, YEAR, SCORE, LATE, ROLE, SCALE, LEVELS]), st.text(max_size=20))
def test_any_text_ends_in_a_reason_or_passes(column, cell):
    fault = fault_of(column, cell)
    assert fault is None or fault in Reason
    if fault is None:
        remark_of(column, cell)


@pytest.mark.parametrize("pattern", PATTERNS.values())
def test_the_fast_path_can_use_the_same_patterns(pattern):
    """Rust's expressions have no lookarounds and no back-references."""
    assert "(?=" not in pattern
    assert "(?!" not in pattern
    assert not re.search(r"\\[1-9]", pattern)
