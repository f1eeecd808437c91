"""A rehearsal's report about an export: the receipt in sentences."""

import pytest

from homeroom.ops.demo.own_export import SHOWN, told


def test_rows_and_notes_are_said_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"file": "users.csv", "line": 7, "column": "email", "reason": "blank", "sentence": "The cell is blank."}
    note = {"reason": "status-in-bulk", "where": "orgs.csv status", "sentence": "Status is filled."}
    rows, counts = [row] * (SHOWN + 3), {"person": {"new": 2, "refused": 53}}
    told({"sentence": "The file was imported.", "counts": counts, "rows": rows, "notes": [note]})
    said = capsys.readouterr().out
    assert "users.csv" in said and row["sentence"] in said and "and 3 rows more" in said
    assert f"orgs.csv status: {note['sentence']}" in said
