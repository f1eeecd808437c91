"""Which line items are grades after the district changed its choice: right away, after the next file, and after an undo."""

import pytest

from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import taken_back

QUIZZES, GRADES = ([f"{section}-{kind}" for section in ("Algebra", "English", "Reading")] for kind in ("Quiz", "Grade"))
UNDONE = {"state": "undone", "answer": ""}


pytestmark = pytest.mark.usefixtures("carlo")


def choose(portal: Lincoln, *titles: str) -> None:
    with portal.connect() as owner:
        assert owner.execute("SELECT write_grade_categories(%s, NULL, 'operator')", [list(titles)]).fetchone() == ("kept",)


def marked(portal: Lincoln) -> list[str]:
    return list(portal.ask("SELECT array_agg(title ORDER BY title) FROM line_item WHERE is_grade") or [])


def retitled(export: Export) -> Export:
    for row in export.tables["lineItems"]:
        row["description"] = "Anew"
    return export


def test_a_choice_applies_right_away_and_to_every_later_file(settled: Lincoln, export: Export) -> None:
    assert marked(settled) == GRADES
    choose(settled, "homework")
    assert marked(settled) == QUIZZES
    assert settled.send(retitled(export))["state"] == "imported"
    assert marked(settled) == QUIZZES


def test_a_choice_holds_for_districts_that_send_changes_alone(settled: Lincoln, export: Export) -> None:
    """A delta without line items reads no whole table. The choice itself marked them."""
    choose(settled, "homework")
    export.row("results", "quiz-algebra-nina")["score"] = "3"
    assert settled.send(delta(export, results=[export.row("results", "quiz-algebra-nina")]))["state"] == "imported"
    assert marked(settled) == QUIZZES


def test_a_choice_keeps_no_import_from_being_taken_back_and_outlives_it(settled: Lincoln, export: Export) -> None:
    settled.send(retitled(export))
    choose(settled, "Homework")
    assert taken_back(settled) == UNDONE
    assert settled.ask("SELECT count(*) FROM line_item WHERE description <> ''") == 0
    assert marked(settled) == QUIZZES
    assert taken_back(settled, settled.sent[0]) == UNDONE, "the first one, too, which had made the rows"
    assert marked(settled) == []


def test_a_line_item_edited_by_hand_still_keeps_its_import_from_being_undone(settled: Lincoln, export: Export) -> None:
    """The control: only a changed mark doesn't count as an edit by hand."""
    settled.send(retitled(export))
    with settled.connect() as owner:
        owner.execute("UPDATE line_item SET is_grade = NOT is_grade, title = 'By hand'")
    assert taken_back(settled)["answer"] == "undo-written-since"
