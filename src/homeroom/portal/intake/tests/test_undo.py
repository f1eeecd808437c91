"""Undo of an import. Every table is as it was before, newest import first, or there is a reason why not and nothing changes."""

import threading
import time
from datetime import timedelta

import psycopg
import pytest

from homeroom.portal.intake.applying import tables
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import carry_out, decide, sent_after_undo, state_of, taken_back
from homeroom.portal.jobs import sweep
from homeroom.portal.place import Place

UNDONE = {"state": "undone", "answer": ""}


pytestmark = pytest.mark.usefixtures("carlo")


def refused(why: str) -> dict[str, str]:
    return {"state": "imported", "answer": why}


def rename_leo(portal: Lincoln, export: Export, name: str = "Ruiz-Castillo") -> str:
    export.row("users", "leo")["familyName"] = name
    assert portal.send(export)["state"] == "imported"
    return portal.sent[-1]


def with_kim(export: Export) -> Export:
    export.add("users", sourcedId="kim", enabledUser="true", username="kim", givenName="Kim", familyName="Reed")
    export.add("roles", sourcedId="role-kim", userSourcedId="kim", roleType="primary", role="student", orgSourcedId="middle")
    return export


def by_hand(portal: Lincoln, statement: str) -> None:
    with portal.connect() as owner:
        assert owner.execute(statement).rowcount == 1


def test_a_night_taken_back_leaves_every_row_as_it_was(settled: Lincoln, export: Export) -> None:
    before, as_of = state_of(settled), settled.signed
    export.row("results", "quiz-algebra-nina")["score"] = "3"
    export.drop("results", lambda row: row["sourcedId"] == "quiz-algebra-max")
    rename_leo(settled, export)
    assert state_of(settled) != before
    assert taken_back(settled) == UNDONE
    assert state_of(settled) == before
    receipt = settled.last_receipt(settled.sent[-1])
    assert (receipt["state"], receipt["reason"]) == ("undone", "undone")
    assert settled.ask("SELECT max(signed_at) FROM delivery WHERE state = 'imported'") == as_of, "as of goes back too"
    receipt = sent_after_undo(settled, export, as_of + timedelta(seconds=20))
    assert receipt["state"] == "imported", "older than the undone one, newer than the last"


def test_a_question_that_a_rejected_file_asked_about_a_newcomer_does_not_keep_the_import(settled: Lincoln, export: Export) -> None:
    before = state_of(settled)
    with_kim(export).add("demographics", sourcedId="kim", birthDate="2014-05-06")
    assert settled.send(export)["state"] == "imported"
    night = settled.sent[-1]
    export.row("users", "kim").update(givenName="Tom", familyName="Vega")
    export.row("demographics", "kim")["birthDate"] = "2013-01-02"
    assert settled.send(export)["reason"] == "other-person"
    with settled.connect() as owner:
        owner.execute("INSERT INTO answer (question_id, answer, proposed_by_id) SELECT q.id, 'new person', p.id FROM question q, person p"
                      " WHERE p.given_name = 'Carlo'")  # fmt: skip
    decide(settled, "reject")
    carry_out(settled)
    assert taken_back(settled, night) == UNDONE
    assert state_of(settled) == before


def test_the_families_whose_scores_it_had_changed_read_that_it_was_taken_back(settled: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["score"] = "3"
    settled.send(export)
    signed = settled.signed
    taken_back(settled)
    entry = settled.ask(
        "SELECT l.event, p.given_name, s.counts, l.reason, c.sourced_id FROM ledger l JOIN ledger_student s ON s.entry_id = l.id"
        " JOIN person p ON p.id = l.person_id JOIN person c ON c.id = s.student_id WHERE l.event = 'undo'"
    )
    assert entry == ("undo", "Carlo", {"scores": 1}, f"{signed:%Y-%m-%dT%H:%M:%SZ}", "nina")
    assert settled.ask("SELECT count(*) FROM ledger WHERE event = 'import'") == 2, "the ledger forgets nothing"


@pytest.mark.parametrize("worth_it", [1, 2_000])
def test_a_first_import_taken_back_leaves_an_empty_portal(
    portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch, worth_it: int
) -> None:
    """Filled in one step, as a large district's tables are, or row by row."""
    monkeypatch.setattr(tables, "WORTH_IT", worth_it)
    before = state_of(portal)
    counts = portal.send(export)["counts"]
    assert taken_back(portal) == UNDONE
    assert state_of(portal) == before
    assert sent_after_undo(portal, export)["counts"] == counts


@pytest.mark.parametrize("worth_it", [1, 2_000])
def test_attendance_that_first_comes_later_is_taken_back_and_the_rest_stays(
    portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch, worth_it: int
) -> None:
    monkeypatch.setattr(tables, "WORTH_IT", worth_it)
    marks = export.tables.pop("attendance")
    portal.send(export)
    before = state_of(portal)
    export.tables["attendance"] = marks
    rename_leo(portal, export)
    export.tables["attendance"][0]["Attendance_status"] = "tardy"
    portal.send(export)
    assert taken_back(portal, portal.sent[-1]) == UNDONE
    assert taken_back(portal, portal.sent[-2]) == UNDONE
    assert state_of(portal) == before


def test_an_older_import_waits_until_the_newer_one_is_taken_back(settled: Lincoln, export: Export) -> None:
    before = state_of(settled)
    older = rename_leo(settled, export)
    newer = rename_leo(settled, export, "Ruiz-Reed")
    after = state_of(settled)
    assert taken_back(settled, older) == refused("undo-newer-first")
    assert state_of(settled) == after
    assert taken_back(settled, newer) == taken_back(settled, older) == UNDONE
    assert state_of(settled) == before


def test_an_undo_does_not_lose_an_edit_made_since_the_file(settled: Lincoln, export: Export) -> None:
    rename_leo(settled, export)
    by_hand(settled, "UPDATE person SET preferred_given_name = 'Lee' WHERE sourced_id = 'leo'")
    after = state_of(settled)
    assert taken_back(settled) == refused("undo-written-since")
    assert state_of(settled) == after


def test_nor_is_it_where_a_later_import_came_over_it(settled: Lincoln, export: Export) -> None:
    older = rename_leo(settled, export)
    by_hand(settled, "UPDATE person SET preferred_given_name = 'Lee' WHERE sourced_id = 'leo'")
    newer = rename_leo(settled, export, "Ruiz-Reed")
    assert taken_back(settled, newer) == UNDONE
    assert taken_back(settled, older) == refused("undo-written-since")
    assert settled.ask("SELECT preferred_given_name FROM person WHERE sourced_id = 'leo'") == "Lee"


def test_undo_is_refused_after_someone_edits_a_new_row_or_a_row_of_a_bulk_loaded_table(
    portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "WORTH_IT", 1)
    portal.send(export)
    portal.send(with_kim(export))
    by_hand(portal, "UPDATE person SET preferred_given_name = 'Kimmy' WHERE sourced_id = 'kim'")
    assert taken_back(portal) == refused("undo-written-since")
    by_hand(portal, "UPDATE person SET preferred_given_name = '' WHERE sourced_id = 'kim'")
    by_hand(portal, "UPDATE contact SET is_confidential = true WHERE relationship = 'mother'")
    with portal.connect() as owner:
        owner.execute("DELETE FROM row_image WHERE kind = 'by hand' AND table_name = 'person'")
    assert taken_back(portal) == UNDONE, "nobody wrote what this one wrote"
    assert taken_back(portal, portal.sent[0]) == refused("undo-written-since")


def test_edits_before_the_file_or_in_other_rows_stay_and_do_not_block_the_undo(settled: Lincoln, export: Export) -> None:
    by_hand(settled, "UPDATE person SET preferred_given_name = 'Lee' WHERE sourced_id = 'leo'")
    before = state_of(settled)
    rename_leo(settled, export)
    assert taken_back(settled) == UNDONE
    assert state_of(settled) == before
    assert sent_after_undo(settled, export)["state"] == "imported"
    by_hand(settled, "UPDATE person SET preferred_given_name = 'Maxi' WHERE sourced_id = 'max'")
    assert taken_back(settled) == UNDONE
    assert settled.ask("SELECT string_agg(preferred_given_name, ' ' ORDER BY preferred_given_name) FROM person WHERE preferred_given_name <> ''") == "Lee Maxi"


TIE = """INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, proof, state,
    is_confidential) SELECT gen_random_uuid(), a.id, k.id, 'parent', '2026-08-01', '{grades}', true, true, true, 'in person', 'approved',
    false FROM person a, person k WHERE a.sourced_id = 'ana' AND k.sourced_id = 'kim'"""
OFFICE = "INSERT INTO administrator (person_id, start_date) SELECT id, '2026-08-01' FROM person WHERE sourced_id = 'kim'"
DECIDED = """INSERT INTO decision (delivery_id, verdict, by_id, done_at) SELECT (SELECT min(id) FROM delivery), 'approve', id, now()
    FROM person WHERE sourced_id = 'kim'"""


@pytest.mark.parametrize("made", [TIE, OFFICE, DECIDED], ids=["a tie", "an office", "a decision"])
def test_an_undo_leaves_later_work_that_depends_on_a_new_row(settled: Lincoln, export: Export, made: str) -> None:
    settled.send(with_kim(export))
    by_hand(settled, made)
    after = state_of(settled)
    assert taken_back(settled) == refused("undo-rested-on")
    assert state_of(settled) == after


def test_after_thirty_days_it_is_too_late_and_what_was_before_is_gone(settled: Lincoln, export: Export) -> None:
    rename_leo(settled, export)
    (settled.folder / "secrets" / "jobs").write_text(settled.server.passwords["jobs"])
    kept = settled.ask("SELECT count(*) FROM row_image"), settled.ask("SELECT count(*) FROM bucket_image")
    assert all(kept)
    sweep(Place.read(settled.folder), settled.now + timedelta(days=400))
    assert (settled.ask("SELECT count(*) FROM row_image"), settled.ask("SELECT count(*) FROM bucket_image")) == kept, "however late jobs thinks it is"
    with settled.connect() as owner:
        owner.execute("UPDATE row_image SET at = at - interval '30 days 1 minute'")
        owner.execute("UPDATE bucket_image SET at = at - interval '30 days 1 minute'")
    assert taken_back(settled) == refused("undo-too-late")
    sweep(Place.read(settled.folder), settled.now)
    assert settled.ask("SELECT (SELECT count(*) FROM row_image) + (SELECT count(*) FROM bucket_image)") == 0
    assert taken_back(settled) == refused("undo-too-late")


def test_an_upgrade_that_adds_a_column_hinders_nothing_and_one_that_takes_a_column_does(settled: Lincoln, export: Export) -> None:
    first = rename_leo(settled, export)
    second = rename_leo(settled, export, "Ruiz-Reed")
    by_hand_before = "SELECT family_name FROM person WHERE sourced_id = 'leo'"
    with settled.connect() as owner:
        owner.execute("ALTER TABLE person ADD COLUMN pronouns text NOT NULL DEFAULT 'they'")
    assert taken_back(settled, second) == UNDONE
    assert settled.ask(by_hand_before) == "Ruiz-Castillo"
    assert settled.ask("SELECT pronouns FROM person WHERE sourced_id = 'leo'") == "they"
    with settled.connect() as owner:
        owner.execute("ALTER TABLE person DROP COLUMN middle_name")
    assert taken_back(settled, first) == refused("undo-upgraded")
    assert settled.ask(by_hand_before) == "Ruiz-Castillo"


def test_each_import_is_taken_back_by_the_columns_of_its_own_day(settled: Lincoln, export: Export) -> None:
    first = rename_leo(settled, export)
    with settled.connect() as owner:
        owner.execute("ALTER TABLE person ADD COLUMN pronouns text NOT NULL DEFAULT 'they'")
    second = rename_leo(settled, export, "Ruiz-Reed")
    for night, name in ((second, "Ruiz-Castillo"), (first, "Ruiz")):
        assert taken_back(settled, night) == UNDONE
        assert settled.ask("SELECT family_name FROM person WHERE sourced_id = 'leo'") == name


def test_an_undo_waits_for_a_concurrent_write_and_does_not_lose_it(settled: Lincoln, export: Export) -> None:
    rename_leo(settled, export)
    answers: list[dict[str, str]] = []
    undoing = threading.Thread(target=lambda: answers.append(taken_back(settled)))
    with settled.connect() as owner:
        owner.execute("UPDATE person SET preferred_given_name = 'Lee' WHERE sourced_id = 'leo'")
        undoing.start()
        time.sleep(1)
        owner.commit()
    undoing.join(30)
    assert answers == [refused("undo-written-since")]
    assert settled.ask("SELECT preferred_given_name FROM person WHERE sourced_id = 'leo'") == "Lee"


def test_intake_writes_nothing_that_could_not_be_taken_back(settled: Lincoln) -> None:
    with settled.connect("intake") as intake, pytest.raises(psycopg.errors.IntegrityError, match="no import has begun"):
        intake.execute("UPDATE person SET family_name = 'Quimby' WHERE sourced_id = 'leo'")
