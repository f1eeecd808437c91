"""A bad row is left out with its line, column and reason. The other rows are imported."""

from collections.abc import Callable
from random import randbytes

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln

type Spoil = Callable[[Export], object]


def cell(stem: str, key: str, column: str, value: str) -> Spoil:
    return lambda export: export.row(stem, key).update({column: value})


def line_of(export: Export, stem: str, key: str) -> int:
    return export.tables[stem].index(export.row(stem, key)) + 2


BAD: dict[str, tuple[str, str, str, str, str]] = {
    "no number": ("results", "quiz-algebra-nina", "score", "A+", "number-form"),
    "NaN": ("results", "quiz-algebra-nina", "score", "NaN", "number-form"),
    "infinity": ("results", "quiz-algebra-nina", "score", "inf", "number-form"),
    "1e400": ("results", "quiz-algebra-nina", "score", "1e400", "number-range"),
    "another status": ("results", "quiz-algebra-nina", "scoreStatus", "graded", "word-unknown"),
    "no status": ("results", "quiz-algebra-nina", "scoreStatus", "", "required"),
    "a day that is none": ("results", "quiz-algebra-nina", "scoreDate", "2026-02-30", "date-impossible"),
    "an American date": ("results", "quiz-algebra-nina", "scoreDate", "10/06/2026", "date-form"),
    "work that is not there": ("results", "quiz-algebra-nina", "lineItemSourcedId", "gone", "reference-dangling"),
    "a student who is not there": ("results", "quiz-algebra-nina", "studentSourcedId", "gone", "reference-dangling"),
    "a section that is not there": ("enrollments", "algebra-nina", "classSourcedId", "gone", "reference-dangling"),
    "no term": ("classes", "last-year", "termSourcedIds", "gone", "reference-dangling"),
    "reversed": ("academicSessions", "spring", "endDate", "2025-01-01", "dates-reversed"),
    "an id with a quotation mark": ("users", "s7", "sourcedId", 's"7', "id-form"),
    "a cell of 70 KiB": ("lineItems", "reading-grade", "title", randbytes(35 << 10).hex(), "cell-too-large"),
    "NUL": ("users", "s7", "familyName", "Re\0ed", "nul"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_row_that_cannot_be_taken(portal: Lincoln, export: Export, what: str) -> None:
    stem, key, column, value, reason = BAD[what]
    line = line_of(export, stem, key)
    export.row(stem, key)[column] = value
    receipt = portal.send(export)
    assert receipt["state"] == "imported"
    found = [(row["file"], row["line"], row["column"], row["reason"]) for row in receipt["rows"]]
    column = "" if reason == "nul" else column
    assert (f"{stem}.csv", line, column, reason) in found
    assert portal.ask("SELECT count(*) FROM refused_row") == len(found)


def test_the_same_sourced_id_twice_keeps_the_first(portal: Lincoln, export: Export) -> None:
    twin = dict(export.row("results", "quiz-algebra-nina"), score="1")
    export.tables["results"].append(twin)
    receipt = portal.send(export)
    last = len(export.tables["results"]) + 1
    assert [(row["line"], row["column"], row["reason"]) for row in receipt["rows"]] == [(last, "sourcedId", "id-doubled")]
    assert portal.ask("SELECT count(*) FROM result WHERE score = 1") == 0


@pytest.mark.parametrize("stem", sorted(Export().tables))
def test_a_row_written_twice_counts_once(portal: Lincoln, export: Export, stem: str) -> None:
    export.tables[stem].append(dict(export.tables[stem][0]))
    receipt = portal.send(export)
    assert receipt["state"] == "imported", receipt["sentence"]
    last = len(export.tables[stem]) + 1
    assert [(row["file"], row["line"], row["reason"]) for row in receipt["rows"]] == [(f"{stem}.csv", last, "id-doubled")]


def test_a_birth_date_written_twice_raises_one_question_about_the_person(settled: Lincoln, given_away: Export) -> None:
    given_away.tables["demographics"].append(dict(given_away.row("demographics", "nina")))
    assert settled.send(given_away)["state"] == "held"
    assert settled.ask("SELECT count(*) FROM question") == 1


def test_a_twin_that_comes_tomorrow_does_not_replace_the_row_that_is_still_there(settled: Lincoln, export: Export) -> None:
    twin = dict(export.row("results", "quiz-algebra-nina"), score="1")
    export.tables["results"].insert(0, twin)
    for _ in range(2):
        receipt = settled.send(export)
        assert [(row["line"], row["reason"]) for row in receipt["rows"]] == [(2, "id-doubled")]
        assert settled.ask("SELECT count(*) FROM result WHERE score = 1") == 0


def test_a_row_refused_last_night_is_read_again(portal: Lincoln, export: Export) -> None:
    missing = export.row("users", "s8")
    export.tables["users"].remove(missing)
    assert portal.send(export)["counts"]["enrollment"]["refused"] == 2
    export.tables["users"].append(missing)
    receipt = portal.send(export)
    assert receipt["rows"] == []
    assert receipt["counts"]["enrollment"]["new"] == receipt["counts"]["result"]["new"] == 2


def test_more_than_the_highest_score_is_extra_credit(portal: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["score"] = "11"
    assert portal.send(export)["rows"] == []
    assert portal.ask("SELECT max(score) FROM result") == 11


def test_an_agent_who_is_not_in_the_export_is_no_contact_and_no_fault(portal: Lincoln, export: Export) -> None:
    export.row("users", "leo")["agentSourcedIds"] = "ana,uncle"
    assert portal.send(export)["rows"] == []
    assert portal.ask("SELECT count(*) FROM contact WHERE kind = 'agent'") == 3


def encoded(export: Export, stem: str, convert: Callable[[str], bytes]) -> None:
    export.raw[f"{stem}.csv"] = convert(export.text(stem).decode())


WRITTEN: dict[str, tuple[Callable[[str], bytes], str]] = {
    "a byte-order mark": (lambda text: b"\xef\xbb\xbf" + text.encode(), ""),
    "LF": (lambda text: text.replace("\r\n", "\n").encode(), ""),
    "CR": (lambda text: text.replace("\r\n", "\r").encode(), ""),
    "Latin-1": (lambda text: text.encode("cp1252"), "legacy-encoding"),
    "Latin-1 before UTF-8": (lambda text: text.replace("Nina", "Niña").encode("cp1252").replace(b"Mu\xf1oz", "Muñoz".encode()), "mixed-encoding"),
    "UTF-8 before Latin-1": (lambda text: text.replace("Nina", "Niña").encode().replace("Muñoz".encode(), b"Mu\xf1oz"), "mixed-encoding"),
    "no last line end": (lambda text: text.rstrip("\r\n").encode(), ""),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_real_exports_write_as_they_like(portal: Lincoln, export: Export, how: str) -> None:
    export.row("users", "ana")["familyName"] = "Muñoz"
    convert, note = WRITTEN[how]
    encoded(export, "users", convert)
    receipt = portal.send(export)
    assert (receipt["state"], receipt["rows"]) == ("imported", [])
    assert [each["reason"] for each in receipt["notes"]] == ([note] if note else [])
    assert portal.ask("SELECT family_name FROM person WHERE sourced_id = 'ana'") == "Muñoz"


def test_an_unclosed_quotation_mark_costs_one_row(portal: Lincoln, export: Export) -> None:
    encoded(export, "results", lambda text: text.replace("quiz-algebra-nina,", 'quiz-algebra-nina,"', 1).encode())
    receipt = portal.send(export)
    assert [(row["file"], row["reason"]) for row in receipt["rows"]] == [("results.csv", "quote-unclosed")]
    assert portal.ask("SELECT count(*) FROM result") == len(export.tables["results"]) - 1


def test_ten_megabytes_in_one_cell_cost_one_row(portal: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["comment"] = randbytes(5 << 20).hex()
    receipt = portal.send(export)
    line = line_of(export, "results", "quiz-algebra-nina")
    assert [(row["file"], row["line"], row["column"], row["reason"]) for row in receipt["rows"]] == [
        ("results.csv", line, "comment", "cell-too-large")
    ]


def test_passwords_race_and_sex_never_come_into_the_database(portal: Lincoln, export: Export) -> None:
    export.row("users", "nina")["password"] = "canary-password"
    export.row("demographics", "nina").update(sex="female", asian="true", cityOfBirth="canary-city")
    receipt = portal.send(export)
    assert {note["reason"] for note in receipt["notes"]} >= {"passwords"}
    with portal.connect() as owner:
        tables = [name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
        for table in tables:
            assert owner.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%canary%'").fetchone() == (0,)
