"""No file brings an erased student back until the student is admitted again: not the same file, a changed one or a delta."""

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import register_carlo, sent_after_undo, taken_back

ERASE = "SELECT count(*) FROM person p, erase_student(p.id, 'letter of Nov 20') WHERE p.sourced_id = 'nina'"
LEFT = """SELECT (SELECT count(*) FROM person WHERE sourced_id = 'nina'), (SELECT count(*) FROM result), (SELECT count(*) FROM attendance_mark),
    (SELECT count(*) FROM enrollment), (SELECT count(*) FROM contact), (SELECT count(*) FROM demographic), (SELECT count(*) FROM result_score_scale)"""
KNOWN = "SELECT count(*) FROM row_hashes WHERE bucket >= 0"
NINAS = "SELECT count(*) FROM result r JOIN person p ON p.id = r.student_id WHERE p.sourced_id = 'nina'"


@pytest.fixture
def erased(settled: Lincoln, export: Export) -> Lincoln:
    register_carlo(settled)
    with settled.connect() as owner:
        assert (owner.execute(ERASE).fetchone() or (0,))[0] > 5
    return settled


def notes_of(receipt: dict[str, object]) -> set[str]:
    notes = receipt["notes"]
    assert isinstance(notes, list)
    return {str(note["where"]) for note in notes if note["reason"] == "student-erased"}


def test_sending_the_same_file_again_brings_no_one_back(erased: Lincoln, export: Export) -> None:
    left = erased.ask(LEFT)
    receipt = erased.send(export)
    assert receipt["state"] == "imported" and not receipt["rows"]
    assert erased.ask(LEFT) == left and left[0] == 0
    assert {"enrollments.csv", "results.csv"} <= notes_of(receipt), "lines that were known by their hash"


def test_a_changed_file_brings_no_erased_person_back_on_any_night(erased: Lincoln, export: Export) -> None:
    left = erased.ask(LEFT)
    for grade in ("08", "09"):
        export.row("users", "nina")["grades"] = grade
        export.row("users", "leo")["grades"] = grade
        for row in export.tables["results"]:
            row["score"] = "1" + grade[1]
        receipt = erased.send(export)
        assert receipt["state"] == "imported" and not receipt["rows"]
        assert {"users.csv", "roles.csv", "results.csv"} <= notes_of(receipt)
        assert erased.ask(LEFT) == left
        assert erased.ask("SELECT grade_levels FROM person WHERE sourced_id = 'leo'") == [grade], "others' rows are read as ever"


def test_an_import_from_before_is_not_taken_back(erased: Lincoln) -> None:
    """The import's images had her rows."""
    assert taken_back(erased) == {"state": "imported", "answer": "undo-too-late"}
    assert erased.ask(LEFT)[0] == 0


def test_an_import_from_after_is_taken_back_as_ever(erased: Lincoln, export: Export) -> None:
    left = erased.ask(LEFT)
    export.row("users", "leo")["grades"] = "04"
    erased.send(export)
    assert taken_back(erased)["state"] == "undone"
    assert erased.ask(LEFT) == left
    assert sent_after_undo(erased, export)["state"] == "imported" and erased.ask(LEFT) == left


def test_a_readmitted_student_comes_with_the_next_file(erased: Lincoln, export: Export) -> None:
    assert erased.send(export)["state"] == "imported"
    known = erased.ask(KNOWN)
    with erased.connect() as owner:
        assert owner.execute("SELECT admit_student('nina'), admit_student('leo')").fetchone() == (1, 0)
    assert erased.ask(KNOWN) == known > 0, "a file's lines that were known still are"
    receipt = erased.send(export)
    assert receipt["state"] == "imported" and not notes_of(receipt)
    assert erased.ask("SELECT given_name FROM person WHERE sourced_id = 'nina'") == "Nina"
    assert erased.ask(NINAS) == sum(row["studentSourcedId"] == "nina" for row in export.tables["results"])
