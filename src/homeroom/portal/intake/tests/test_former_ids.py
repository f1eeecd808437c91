"""Leo is in the file as leo-2, which two administrators confirmed. Then someone is sent under leo, which was Leo's ID."""

import pytest

from homeroom.portal.intake.tests.deltas import delta, ended
from homeroom.portal.intake.tests.export import Export, Row
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import NINA, answered, approve, id_of, question, say, seen, with_tie_to
from homeroom.portal.intake.tests.undone import carry_out, decide_undo, register_carlo, state_of

UMA: Row = {"sourcedId": "leo", "enabledUser": "true", "username": "leo", "givenName": "Uma", "familyName": "Vega"}
ROLE: Row = {"sourcedId": "role-uma", "userSourcedId": "leo", "roleType": "primary", "role": "student", "orgSourcedId": "elementary"}
SEAT: Row = {"sourcedId": "reading-uma", "classSourcedId": "reading", "userSourcedId": "leo", "schoolSourcedId": "elementary", "role": "student"}
BORN: Row = {"sourcedId": "leo", "birthDate": "2015-09-09"}
SCORE: Row = {"sourcedId": "uma-1", "lineItemSourcedId": "reading-quiz", "studentSourcedId": "leo", "scoreDate": "2026-10-07",
              "scoreStatus": "fully graded", "score": "3"}  # fmt: skip
OF_LEO = "SELECT count(*) FROM result WHERE student_id = %s AND ended_at IS NULL"


@pytest.fixture
def moved(office: Lincoln, back_again: Export) -> Lincoln:
    """Leo's ID was leo, and is leo-2 now."""
    office.send(back_again)
    assert answered(office, "same person") == ""
    return office


def uma_comes(export: Export) -> Export:
    """Adds another child under Leo's former sourcedId. Leo stays in the file under leo-2."""
    for stem, row in (("users", UMA), ("roles", ROLE), ("demographics", BORN), ("enrollments", SEAT), ("results", SCORE)):
        export.add(stem, **row)
    return export


def test_another_child_under_leos_former_id_raises_a_question_and_is_mixed_with_no_one(moved: Lincoln, back_again: Export) -> None:
    leo = id_of(moved, "leo-2")
    before = moved.ask(OF_LEO, leo)
    receipt = moved.send(uma_comes(back_again))
    assert (receipt["state"], receipt["reason"], receipt["numbers"]) == ("held", "other-person", {"count": 1})
    assert moved.ask("SELECT person_id, given_name, birth_date::text FROM question WHERE applied_by_id IS NULL") == (leo, "Uma", "2015-09-09")
    assert approve(moved) == "questions-open"
    assert answered(moved, "new person") == ""
    uma = id_of(moved, "leo")
    assert uma != leo and id_of(moved, "leo-2") == leo
    assert moved.ask(OF_LEO, leo) == before and moved.ask(OF_LEO, uma) == 1
    assert moved.ask("SELECT ended_at FROM person WHERE id = %s", leo) is None
    assert seen(moved, "ana") == NINA
    with_tie_to(moved, "leo")
    assert seen(moved, "dee")["scores"] == {"Max", "Uma"}
    assert moved.send(back_again)["state"] == "imported"
    assert moved.ask("SELECT count(*) FROM question WHERE applied_by_id IS NULL") == 0


def test_the_answer_new_person_is_taken_back_exactly(moved: Lincoln, back_again: Export) -> None:
    register_carlo(moved)
    moved.send(uma_comes(back_again))
    before = state_of(moved)
    assert answered(moved, "new person") == ""
    decide_undo(moved)
    carry_out(moved)
    after = state_of(moved)
    assert {table for table in before if before[table] != after[table]} <= {"question", "answer"}
    assert moved.send(back_again)["state"] == "held"


def test_a_row_that_two_say_is_leos_is_his_and_they_are_not_asked_again(moved: Lincoln, back_again: Export) -> None:
    leo = id_of(moved, "leo-2")
    before = moved.ask(OF_LEO, leo)
    moved.send(uma_comes(back_again))
    assert answered(moved, "same person") == ""
    assert moved.ask(OF_LEO, leo) == before + 1
    assert moved.ask("SELECT given_name FROM person WHERE id = %s", leo) == "Leo"  # the row under Leo's current ID comes first
    assert moved.send(back_again)["state"] == "imported"


def test_a_merge_of_two_who_are_both_in_the_file_is_not_carried_out(moved: Lincoln, back_again: Export) -> None:
    moved.send(uma_comes(back_again))
    assert answered(moved, "merge") == "answered-twice"
    assert say(moved, "carl", "withdraw_answer", question(moved)) == "open"
    assert answered(moved, "new person") == ""


def _same_name(export: Export) -> None:
    export.row("users", "leo").update(givenName="Leo", familyName="Ruiz")


def _no_birth_date(export: Export) -> None:
    export.drop("demographics", lambda row: row["sourcedId"] == "leo")


@pytest.mark.parametrize("change", [_same_name, _no_birth_date])
def test_a_name_alone_or_a_birth_date_alone_is_asked_about_too(moved: Lincoln, back_again: Export, change: object) -> None:
    leo = id_of(moved, "leo-2")
    change(uma_comes(back_again))  # type: ignore[operator]
    assert moved.send(back_again)["reason"] == "other-person"
    assert answered(moved, "new person") == ""
    assert id_of(moved, "leo") != leo


def test_a_row_under_leos_former_id_that_cannot_be_read_gives_him_nothing(moved: Lincoln, back_again: Export) -> None:
    leo = id_of(moved, "leo-2")
    before = moved.ask(OF_LEO, leo)
    uma_comes(back_again).row("users", "leo")["enabledUser"] = "perhaps"
    receipt = moved.send(back_again)
    assert receipt["state"] == "imported" and receipt["counts"]["result"]["refused"] == 1
    assert moved.ask(OF_LEO, leo) == before


@pytest.mark.parametrize("files", [("users", "demographics", "results"), ("users", "results")])
def test_a_delta_with_another_child_under_leos_former_id_is_asked_about(moved: Lincoln, back_again: Export, files: tuple[str, ...]) -> None:
    leo = id_of(moved, "leo-2")
    before = moved.ask(OF_LEO, leo)
    rows = {"users": [UMA], "demographics": [BORN], "results": [SCORE]}
    receipt = moved.send(delta(back_again, **{stem: rows[stem] for stem in files}))
    assert (receipt["state"], receipt["reason"]) == ("held", "other-person")
    assert moved.ask(OF_LEO, leo) == before


def test_while_the_question_is_open_a_file_without_people_gives_leo_nothing(moved: Lincoln, back_again: Export) -> None:
    """The file that asked is not approved. Another sender's file names the child only by the ID."""
    leo = id_of(moved, "leo-2")
    before = moved.ask(OF_LEO, leo)
    moved.send(uma_comes(back_again))
    with moved.connect() as owner:
        owner.execute("INSERT INTO signer (fingerprint, sender, certificate) VALUES (repeat('A', 40), 'lincoln-sis', 'another')")
        owner.execute("UPDATE delivery SET signer_id = repeat('A', 40), sender = 'lincoln-sis' WHERE state = 'held'")
    receipt = moved.send(delta(back_again, results=[SCORE]))
    assert moved.ask(OF_LEO, leo) == before
    assert receipt["counts"]["result"]["refused"] == 1


def test_a_delta_that_names_leo_by_his_former_id_alone_is_his(moved: Lincoln, back_again: Export) -> None:
    leo = id_of(moved, "leo-2")
    before = moved.ask(OF_LEO, leo)
    assert moved.send(delta(back_again, results=[SCORE]))["state"] == "imported"
    assert moved.ask(OF_LEO, leo) == before + 1


def test_deleting_the_old_record_ends_no_one(moved: Lincoln, back_again: Export) -> None:
    leo = id_of(moved, "leo-2")
    assert moved.send(delta(back_again, users=[ended("leo")], demographics=[ended("leo")]))["state"] == "imported"
    assert moved.ask("SELECT ended_at FROM person WHERE id = %s", leo) is None
    assert moved.ask("SELECT count(*) FROM demographic WHERE person_id = %s AND ended_at IS NULL", leo) == 1
    assert seen(moved, "ana") == NINA
