"""An import taken back: every table as it was before, newest first, or a reason why not."""


import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import register_carlo, state_of, taken_back


@pytest.fixture(autouse=True)
def carlo(portal: Lincoln) -> None:
    register_carlo(portal)


def test_a_night_taken_back_leaves_every_row_as_it_was(settled: Lincoln, export: Export) -> None:
    before = state_of(settled)
    export.row("results", "quiz-algebra-nina")["score"] = "3"
    export.row("users", "leo")["familyName"] = "Ruiz-Castillo"
    export.drop("results", lambda row: row["sourcedId"] == "quiz-algebra-max")
    export.tables["attendance"][0]["Attendance_date"] = "2026-11-04"
    settled.send(export)
    assert state_of(settled) != before
    assert taken_back(settled)["state"] == "undone"
    assert state_of(settled) == before


def test_a_first_import_taken_back_leaves_an_empty_portal(portal: Lincoln, export: Export) -> None:
    before = state_of(portal)
    portal.send(export)
    assert taken_back(portal)["state"] == "undone"
    assert state_of(portal) == before
    assert portal.send(export)["state"] == "imported"
