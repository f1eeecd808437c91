"""`homeroom send --wait` reads a file's receipts and takes the latest that the portal signed."""

import pytest

from homeroom.ops.district.outcome import Outcome, latest

DIGEST = "ab" * 32


def said(state: str, at: str = "", **words: object) -> dict[str, object]:
    return {"digest": DIGEST, "portal": "lincoln", "state": state, "at": at, "sentence": f"It is {state}."} | words


def state(*receipts: dict[str, object]) -> str | None:
    found = latest(receipts, DIGEST, "lincoln")
    return found.state if found else None


def test_the_latest_receipt_counts_however_the_gateway_lists_them() -> None:
    held, imported, undone = said("held", "2026-11-25T01:00:00"), said("imported", "2026-11-25T08:00:00"), said("undone", "2026-11-26T08:00:00")
    assert state(held) == "held"
    assert state(held, imported) == state(imported, held) == "imported"
    assert state(undone, held, imported) == "undone"


def test_the_last_listed_receipt_of_one_second_counts() -> None:
    assert state(said("held"), said("imported")) == "imported"


def test_receipts_of_other_files_portals_and_states_do_not_count() -> None:
    assert state(said("imported", digest="cd" * 32)) is None
    assert state(said("imported", portal="harbor")) is None
    assert state(said("held"), said("sunk", "2099-01-01")) == "held"


@pytest.mark.parametrize(
    ("end", "code"), [("imported", 0), ("refused", 3), ("held", 5), ("rejected", 6), ("undone", 7)]
)
def test_every_end_has_an_exit_code_of_its_own(end: str, code: int) -> None:
    found = latest([said(end)], DIGEST, "lincoln")
    assert found and found.code == code and found.told().startswith(f"It is {end}.")


def test_a_held_file_says_who_must_decide() -> None:
    found = latest([said("held")], DIGEST, "lincoln")
    assert found and "must decide" in found.told()
    assert found.as_json()["state"] == "held"


def test_rows_are_reported_in_groups_so_that_no_fault_hides_another() -> None:
    groups = [{"file": "results.csv", "column": "score", "reason": "number-form", "count": 1204, "lines": [2, 3], "absent": "",
               "sentence": "This isn't a number."},
              {"file": "enrollments.csv", "column": "classSourcedId", "reason": "reference-dangling", "count": 1, "lines": [9], "absent": "classes.csv",
               "sentence": "The row points nowhere."}]  # fmt: skip
    rows = [{"file": "results.csv", "line": line, "column": "score", "reason": "number-form"} for line in range(2, 202)]
    notes = [{"reason": "reference-blanked", "where": "roles.csv orgSourcedId", "sentence": "It was blanked.", "count": 166}]
    told = Outcome("held", "d", "Held.", rows=rows, notes=notes, groups=groups).told()
    scores, enrollments = (next(line for line in told.splitlines() if str(group["file"]) in line) for group in groups)
    assert f"score, rows: 1,204 (lines 2, 3 …): {groups[0]['sentence']}" in scores
    assert f"classSourcedId, rows: 1 (lines 9): {groups[1]['sentence']}" in enrollments and "classes.csv" in enrollments
    assert f"roles.csv orgSourcedId: {notes[0]['sentence']} Rows: 166." in told and "rows more" not in told


def test_rows_and_notes_are_sentences() -> None:
    row = {"file": "users.csv", "line": 12, "column": "email", "reason": "blank", "sentence": "The cell is blank."}
    note = {"reason": "armoured", "where": "", "sentence": "It is in letters."}
    told = Outcome("imported", DIGEST, "The file was imported.", {}, [row] * 25, [note]).told()
    assert f"line 12, email: {row['sentence']}" in told and "users.csv" in told and "and 5 rows more" in told and f"Note: {note['sentence']}" in told


def test_a_row_that_is_at_fault_as_a_whole_names_no_column() -> None:
    row = {"file": "users.csv", "line": 12, "column": "", "reason": "row-short", "sentence": "Too few cells."}
    assert f"users.csv, line 12: {row['sentence']}" in Outcome("imported", DIGEST, "The file was imported.", {}, [row]).told()
