"""The images that an undo uses: those of one import and of no other. Also what an undo neither reads nor removes."""

import pytest

from homeroom.portal.intake.applying import tables
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_undo import UNDONE, by_hand, refused, rename_leo, with_kim
from homeroom.portal.intake.tests.undone import state_of, taken_back
from tests.school import School, calls_of

pytestmark = pytest.mark.usefixtures("carlo")

QUESTION = """INSERT INTO question (delivery_id, kind, person_id, sourced_id, given_name, family_name, applied_by_id)
    SELECT max(d.id), 'returned', p.id, p.sourced_id, 'Tom', 'Vega', {} FROM delivery d, person p WHERE p.sourced_id = '{}' GROUP BY p.id"""
IMAGE = "INSERT INTO row_image (id, delivery_id, at, kind, table_name, rows) VALUES (%s, %s, now(), %s, %s, '{1}')"


def test_two_nights_are_taken_back_that_made_changed_and_removed_rows_of_the_same_tables(settled: Lincoln, export: Export) -> None:
    """The first file renames Leo, ends an enrollment of Max, changes a class's term and adds a course. The second adds Kim and a second term of a class."""
    states = [state_of(settled)]
    export.drop("enrollments", lambda row: row["sourcedId"] == "english-max")
    export.row("classes", "last-year")["termSourcedIds"] = "fall"
    export.add("courses", sourcedId="art", title="Art", orgSourcedId="middle")
    first = rename_leo(settled, export)
    states.append(state_of(settled))
    export.row("classes", "algebra")["termSourcedIds"] = "fall,spring"
    with_kim(export).add("enrollments", sourcedId="english-kim", classSourcedId="english", userSourcedId="kim", schoolSourcedId="middle", role="student")
    assert settled.send(export)["state"] == "imported"
    images = "SELECT array_agg(DISTINCT table_name || ' ' || kind) FROM row_image WHERE delivery_id = (SELECT {}(id) FROM delivery WHERE id > 1)"
    assert {"section_term gone", "enrollment changed", "course new"} <= set(settled.ask(images.format("min")))
    assert {"section_term new", "enrollment new"} <= set(settled.ask(images.format("max")))
    assert taken_back(settled) == UNDONE
    assert state_of(settled) == states.pop()
    assert taken_back(settled, first) == UNDONE
    assert state_of(settled) == states.pop()


def test_a_table_that_was_changed_throughout_is_not_emptied(portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file fills another table in one step."""
    monkeypatch.setattr(tables, "WORTH_IT", 1)
    marks = export.tables.pop("attendance")
    for row in export.tables["users"]:
        row |= {"email": "", "phone": "", "sms": ""}
    export.row("users", "ana")["phone"] = "555 010 0100"
    assert portal.send(export)["state"] == "imported"
    before = state_of(portal)
    export.tables["attendance"] = marks
    export.row("users", "ana")["phone"] = "555 010 0101"
    assert portal.send(export)["state"] == "imported"
    assert portal.ask("SELECT array_agg(DISTINCT table_name) FROM row_image WHERE kind = 'filled' AND delivery_id = (SELECT max(id) FROM delivery)") \
        == ["attendance_mark"]  # fmt: skip
    assert portal.ask("SELECT array_agg(DISTINCT delivery_id) FROM contact_detail") == [portal.ask("SELECT max(id) FROM delivery")]
    assert taken_back(portal) == UNDONE
    assert state_of(portal) == before


def test_a_question_about_someone_else_still_waits_after_an_undo(settled: Lincoln, export: Export) -> None:
    settled.send(with_kim(export))
    for about in ("leo", "kim"):
        by_hand(settled, QUESTION.format("NULL", about))
    by_hand(settled, "INSERT INTO answer (question_id, answer, proposed_by_id) SELECT q.id, 'new person', p.id FROM question q, person p"
                     " WHERE p.given_name = 'Carlo' AND q.sourced_id = 'leo'")  # fmt: skip
    assert taken_back(settled) == UNDONE
    assert settled.ask("SELECT string_agg(q.sourced_id || ' ' || a.answer, '') FROM question q LEFT JOIN answer a ON a.question_id = q.id") == "leo new person"


def test_a_question_that_was_carried_out_keeps_the_person_it_is_about(settled: Lincoln, export: Export) -> None:
    settled.send(with_kim(export))
    by_hand(settled, QUESTION.format("min(d.id)", "kim"))
    before = state_of(settled)
    assert taken_back(settled) == refused("undo-rested-on")
    assert state_of(settled) == before


def test_an_import_whose_first_image_was_swept_is_too_late_to_undo(settled: Lincoln, export: Export) -> None:
    rename_leo(settled, export)
    with settled.connect() as owner:
        owner.execute("DELETE FROM row_image WHERE kind = 'begun' AND delivery_id = (SELECT max(id) FROM delivery)")
    assert taken_back(settled) == refused("undo-too-late")
    assert settled.ask("SELECT family_name FROM person WHERE sourced_id = 'leo'") == "Ruiz-Castillo"


def test_a_changed_row_that_is_gone_is_not_passed_over(settled: Lincoln, export: Export) -> None:
    export.row("demographics", "leo")["birthDate"] = "2014-03-05"
    assert settled.send(export)["state"] == "imported"
    by_hand(settled, "DELETE FROM demographic d USING person p WHERE p.id = d.person_id AND p.sourced_id = 'leo'")
    with settled.connect() as owner:
        owner.execute("DELETE FROM row_image WHERE kind = 'by hand'")
    before = state_of(settled)
    assert taken_back(settled) == refused("undo-rested-on")
    assert state_of(settled) == before


def test_tables_that_only_tables_of_the_import_point_to_are_emptied_in_one_step(portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results point to line items, and a tie may point to a person."""
    monkeypatch.setattr(tables, "WORTH_IT", 1)
    portal.send(export)
    emptied = set(portal.ask("""SELECT undo_filled(i.delivery_id, array_agg(DISTINCT i.table_name) || '{result_score_scale,line_item_score_scale}')
        FROM row_image i WHERE i.kind IN ('new', 'filled') GROUP BY i.delivery_id"""))
    assert emptied >= {"attendance_mark", "result", "line_item"} and not emptied & {"person", "school"}


def test_rows_that_no_one_wrote_by_hand_are_not_read(own_school: School) -> None:
    own_school.change("UPDATE course SET title = 'Mathematics'")
    own_school.change(IMAGE, 90, own_school.ids["file"], "new", "category")
    with own_school.connect("owner") as owner:
        (last,) = owner.execute("SELECT id FROM row_image WHERE kind = 'by hand' AND table_name = 'course'").fetchone() or (0,)
    for table, since, reads in (("course", last - 1, 1), ("course", last, 0), ("section", last - 1, 0), ("category", 89, 0)):
        read = calls_of(own_school, "images_as_rows", "SELECT written_by_hand(%s, %s, %s)", table, own_school.ids["file"], since)
        assert read == reads, (table, since)


def test_tables_are_looked_at_for_an_import_that_filled_one(own_school: School) -> None:
    own_school.change(IMAGE, 90, own_school.ids["file"], "new", "category")
    own_school.change(IMAGE, 91, None, "filled", "category")
    statement, file = "SELECT undo_filled(%s, '{category}')", own_school.ids["file"]
    assert calls_of(own_school, "columns_of", statement, file) == 0
    own_school.change("UPDATE row_image SET delivery_id = %s WHERE id = 91", file)
    assert calls_of(own_school, "columns_of", statement, file) > 0
