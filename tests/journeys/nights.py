"""Makes nightly files from the district's export: what a school really changes, and what goes wrong."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from homeroom.ops.demo.madeup.sheets import write_zip
from homeroom.ops.demo.madeup.variants import Rows, read_texts, rows_of, text_of, with_rows


def with_scores(export: Path, out: Path, student: str, score: str) -> int:
    """Gives every third assignment of the student a new score. Returns how many changed."""
    changed = 0

    def change(rows: Rows) -> Rows:
        nonlocal changed
        own = [row for row in rows if row["studentSourcedId"] == student and row["score"] not in ("", score)]
        for row in own[::3]:
            row["score"] = score
            changed += 1
        return rows

    with_rows(export, out, "results.csv", change)
    return changed


def with_shifted_names(export: Path, out: Path) -> None:
    """Makes the mistake of a query that lost a column. Family names are in the column of given names."""

    def shift(rows: Rows) -> Rows:
        for row in rows:
            row["givenName"], row["familyName"] = row["familyName"], row["middleName"] or row["givenName"]
        return rows

    with_rows(export, out, "users.csv", shift)


def with_another_child(export: Path, out: Path, student: str, given: str, family: str, born: str) -> None:
    """Gives the student's sourcedId to someone else."""
    texts = read_texts(export)
    change_one(texts, "users.csv", student, givenName=given, familyName=family)
    change_one(texts, "demographics.csv", student, birthDate=born)
    write_zip(out, texts)


def with_next_year(export: Path, out: Path, as_of: date) -> None:
    """Makes the summer's file: next year's session, and a class for each class of this year. This year's classes stay until their year has ended."""
    texts = read_texts(export)
    start, end = as_of + timedelta(days=60), as_of + timedelta(days=360)
    add(texts, "academicSessions.csv", lambda _: [year_after(start, end)])
    add(texts, "classes.csv", lambda rows: [{**row, **next_class(row, end)} for row in rows])
    add(texts, "enrollments.csv", lambda rows: [{**row, **next_seat(row, start, end)} for row in rows])
    write_zip(out, texts)


def year_after(start: date, end: date) -> dict[str, str]:
    years = str(end.year)
    return {
        "sourcedId": next_session(end),
        "title": f"School year that ends in {years}",
        "type": "schoolYear",
        "startDate": str(start),
        "endDate": str(end),
        "schoolYear": years,
    }


def next_session(end: date) -> str:
    return f"Y-{end.year}-next"


def next_class(row: dict[str, str], end: date) -> dict[str, str]:
    return {
        "sourcedId": f"{row['sourcedId']}-next",
        "title": f"{row['title']} next year",
        "termSourcedIds": next_session(end),
    }


def next_seat(row: dict[str, str], start: date, end: date) -> dict[str, str]:
    return {
        "sourcedId": f"{row['sourcedId']}-next",
        "classSourcedId": f"{row['classSourcedId']}-next",
        "beginDate": str(start),
        "endDate": str(end),
    }


def change_one(texts: dict[str, str], name: str, sourced_id: str, **cells: str) -> None:
    rows = rows_of(texts[name])
    for row in rows:
        if row["sourcedId"] == sourced_id:
            row.update(cells)
    texts[name] = text_of(texts[name], rows)


def add(texts: dict[str, str], name: str, more: Callable[[Rows], Rows]) -> None:
    rows = rows_of(texts[name])
    texts[name] = text_of(texts[name], [*rows, *more(rows)])
