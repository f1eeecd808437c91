"""Forms that a district may accept. Each cell becomes what the standard writes, or stays as it is and is refused as before."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats import oneroster, oneroster_11
from homeroom.formats.reasons import Reason
from homeroom.formats.table import BadRow, Row, read_layout, strict_rows
from homeroom.formats.tolerances import Tolerance, cure_of, in_order, read_as, tolerant
from homeroom.formats.values import fault_of

TERMS, WORK, SCORES = oneroster.TABLES["academicSessions"], oneroster.TABLES["lineItems"], oneroster_11.TABLES["results"]
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def start(*chosen: Tolerance):
    return tolerant(TERMS, chosen).column("startDate")


@given(DAYS, st.sampled_from(["T00:00:00.000Z", "T00:00:00Z", " 00:00:00", "T00:00:00+00:00"]))
def test_a_day_at_midnight_is_the_day(day, time):
    assert read_as(start(Tolerance.DATE_TIMES), f"{day}{time}") == (str(day), Tolerance.DATE_TIMES)
    assert fault_of(start(), f"{day}{time}") is Reason.DATE_FORM


@pytest.mark.parametrize("cell", ["2026-08-24T07:00:00.000Z", "2026-08-24T00:00:01Z", "2026-08-24T00:00:00-07:00", "2026-08-24T"])
def test_another_time_is_no_day(cell):
    assert fault_of(start(Tolerance.DATE_TIMES), read_as(start(Tolerance.DATE_TIMES), cell)[0]) is Reason.DATE_FORM


@given(DAYS, st.booleans())
def test_slashes_are_read_in_the_order_that_was_chosen(day, is_padded):
    month, of_month = (f"{day.month:02}", f"{day.day:02}") if is_padded else (day.month, day.day)
    assert read_as(start(Tolerance.SLASH_DATES, Tolerance.MONTH_FIRST), f"{month}/{of_month}/{day.year}")[0] == str(day)
    assert read_as(start(Tolerance.SLASH_DATES, Tolerance.DAY_FIRST), f"{of_month}/{month}/{day.year}")[0] == str(day)


@given(st.text(max_size=30))
def test_no_cell_that_the_standard_refuses_passes_without_a_choice(cell):
    assert tolerant(TERMS, ()) is TERMS
    assert read_as(start(), cell) == (cell, None)


@given(st.text("0123456789/-T:Z ", max_size=24), st.sets(st.sampled_from(list(Tolerance))))
def test_a_cell_is_read_as_a_date_or_refused(cell, chosen):
    read, used = read_as(in_order(tolerant(TERMS, chosen), None).column("startDate"), cell)
    assert used or read == cell
    if fault_of(start(), read) is None and read.strip():
        date.fromisoformat(read)


def test_a_file_that_shows_both_orders_is_refused_row_by_row():
    assert read_as(in_order(tolerant(TERMS, [Tolerance.SLASH_DATES]), None).column("startDate"), "8/24/2026") == ("8/24/2026", None)


@pytest.mark.parametrize(("table", "column", "cell", "cure"), [
    (TERMS, "startDate", "8/24/2026", Tolerance.SLASH_DATES), (TERMS, "startDate", "24/8/2026", Tolerance.SLASH_DATES),
    (TERMS, "startDate", "2026-08-24T00:00:00.000Z", Tolerance.DATE_TIMES), (TERMS, "startDate", "Aug 24", None),
    (TERMS, "startDate", "32/32/2026", None), (TERMS, "startDate", "", None), (WORK, "dueDate", " ", Tolerance.BLANK_DUE_DATES),
    (WORK, "assignDate", "", None), (SCORES, "score", "B+", Tolerance.LETTER_SCORES), (SCORES, "score", "12 of 15", None),
    (oneroster.TABLES["results"], "score", "B+", None), (TERMS, "schoolYear", "B", None),
])  # fmt: skip
def test_a_refused_cell_says_what_would_let_it_pass(table, column, cell, cure):
    assert cure_of(table, table.column(column), cell) is cure


def test_rows_say_what_was_let_pass_in_them_and_what_would_let_them_pass():
    table = tolerant(WORK, [Tolerance.DATE_TIMES])
    head = "sourcedId,title,assignDate,dueDate,classSourcedId,categorySourcedId,academicSessionSourcedId"
    lines = ["a,A,2026-08-24T00:00:00Z,2026-08-25,c,k,t", "b,B,2026-08-24,,c,k,t", "c,C,2026-08-24,8/25/2026,c,k,t", ""]
    blocks = ["\r\n".join([head, *lines]).encode()]
    one, two, three = strict_rows(blocks, read_layout(blocks, table))
    assert isinstance(one, Row) and one.let_pass == (Tolerance.DATE_TIMES,) and "2026-08-24" in one.values
    assert two == BadRow(3, "dueDate", Reason.REQUIRED, Tolerance.BLANK_DUE_DATES)
    assert three == BadRow(4, "dueDate", Reason.DATE_FORM, Tolerance.SLASH_DATES)
