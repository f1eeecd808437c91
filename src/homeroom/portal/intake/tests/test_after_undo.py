"""A file after an undo may have the fault of the undone one. It is put on hold, and its page shows what would come back."""

import pytest

from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import carry_out, decide, sent_after_undo, taken_back

pytestmark = pytest.mark.usefixtures("carlo")


def renamed(portal: Lincoln, export: Export, name: str = "Ruiz-Castillo") -> Export:
    """Imports a file in which Leo has another name, and undoes the import."""
    export.row("users", "leo")["familyName"] = name
    assert portal.send(export)["state"] == "imported"
    taken_back(portal)
    return export


def ends(receipt: dict[str, str]) -> tuple[str, str | None]:
    return receipt["state"], receipt["reason"]


def test_the_same_fault_is_held_and_its_page_shows_it(settled: Lincoln, export: Export) -> None:
    assert ends(settled.send(renamed(settled, export))) == ("held", "after-undo")
    assert settled.ask("SELECT family_name FROM person WHERE sourced_id = 'leo'") == "Ruiz"
    assert settled.ask("SELECT c.sourced_id, c.marks FROM change c")[0] == "leo"
    assert settled.ask("SELECT d.rows->0->'new'->>'family_name' FROM change_detail d") == "Ruiz-Castillo"
    undone = settled.ask("SELECT id FROM delivery WHERE state = 'undone'")
    assert settled.ask("SELECT reasons FROM delivery WHERE state = 'held'") == [["after-undo", {"undone": undone}]]


def test_once_a_file_is_approved_the_next_is_imported_without_a_question(settled: Lincoln, export: Export) -> None:
    assert sent_after_undo(settled, renamed(settled, export))["state"] == "imported"
    assert settled.send(export)["state"] == "imported"


def test_a_rejected_file_asks_again_of_the_next(settled: Lincoln, export: Export) -> None:
    assert ends(settled.send(renamed(settled, export))) == ("held", "after-undo")
    decide(settled, "reject")
    carry_out(settled)
    assert ends(settled.send(export)) == ("held", "after-undo")


def test_an_undone_first_import_holds_the_next_one(portal: Lincoln, export: Export) -> None:
    assert portal.send(export)["state"] == "imported"
    taken_back(portal)
    assert ends(portal.send(export)) == ("held", "after-undo")
    decide(portal, "approve")
    carry_out(portal)
    assert portal.last_receipt(portal.sent[-1])["counts"]["person"]["new"] == len(export.tables["users"])


def test_a_file_with_none_of_its_tables_is_imported(settled: Lincoln, export: Export) -> None:
    renamed_leo = {**export.row("users", "leo"), "familyName": "Ruiz-Castillo"}
    assert settled.send(delta(export, users=[renamed_leo]))["state"] == "imported"
    taken_back(settled)
    score = {**export.row("results", "quiz-algebra-nina"), "score": "3"}
    assert settled.send(delta(export, results=[score]))["state"] == "imported"
    assert ends(settled.send(delta(export, users=[renamed_leo]))) == ("held", "after-undo")


def test_an_import_undone_before_the_upgrade_holds_any_file(settled: Lincoln, export: Export) -> None:
    """An earlier release did not store which files an import had."""
    renamed(settled, export)
    with settled.connect() as owner:
        owner.execute("UPDATE delivery SET files = '{}'")
    assert ends(settled.send(delta(export, results=[export.row("results", "quiz-algebra-nina")]))) == ("held", "after-undo")
