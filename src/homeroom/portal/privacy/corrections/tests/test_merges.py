"""A request follows the record of its student, or of the adult who asks, into the record that it is merged into. Access stays where it was given."""

from typing import Any

import pytest

from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.privacy.corrections.tests.test_corrections import NEWEST, answers, asks, due, state
from homeroom.portal.privacy.corrections.tests.test_hearings import appeals
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PATH = f"/children/{identity('max')}/corrections"
VALUE = "SELECT value_on_record(about, of_row, student_id) FROM correction ORDER BY id DESC LIMIT 1"
ROWS = {
    "score": "INSERT INTO result (id, line_item_id, student_id, score, score_date, status) SELECT %s, %s, %s, %s, today(), 1",
    "mark": "INSERT INTO attendance_mark (id, school_id, student_id, day, status) SELECT %s, %s, %s, today() - 9, %s",
}


def joins(school: School, old: str = "max", into: str = "kai") -> None:
    """An import joins the two records, as the cast's one joined Max's and Kai's."""
    school.change("UPDATE merge SET old_id = %s, into_id = %s", school.ids[old], school.ids[into])
    school.change("SELECT move_corrections(delivery_id) FROM merge")


def parts(school: School) -> str:
    return str(ask(school, "carl", "SELECT undo_merge(%s)", [identity("merge")]))


def of_newest(school: School) -> Any:
    return one(school, "SELECT s.sourced_id || ' ' || p.sourced_id FROM correction c JOIN person s ON s.id = c.student_id"
               " JOIN person p ON p.id = c.person_id ORDER BY c.id DESC LIMIT 1")  # fmt: skip


@pytest.fixture
def asked(own_school: School) -> School:
    """Dee asked about the name of her son Max."""
    assert asks(own_school, "dee", wanted="Moss-Reed", child="max") == "asked"
    return own_school


def test_a_request_that_waits_moves_with_its_record_and_stays_open(asked: School) -> None:
    joins(asked)
    assert of_newest(asked) == "kai dee" and due(asked) == 0 and state(asked) == "waiting dee"
    assert "Moss-Reed" in Browser("dee").open(PATH).words and "Moss-Reed" in Browser("dee").open(PATH.replace("corrections", "everything")).words
    assert answers(asked, "refused", said="No.") == "refused" and told(asked, "dee")[-1] == "request answered"
    assert appeals(asked, who="dee") == "asked" and due(asked) == 0
    assert Browser("dee").post(PATH, {"which": one(asked, NEWEST)}).headers["Location"] == f"{PATH}?then=withdrawn"


def test_the_other_record_brings_the_agreed_value(asked: School) -> None:
    joins(asked)
    assert answers(asked, value="Moss-Reed") == "agreed"
    asked.change("UPDATE person SET family_name = 'Moss-Reed' WHERE sourced_id = 'max'")
    assert due(asked) == 0, "no file brings it"
    asked.change("UPDATE person SET family_name = 'Moss-Reed' WHERE sourced_id = 'kai'")
    assert due(asked) == 1 and state(asked) == "corrected dee" and told(asked, "dee")[-1] == "corrected"


@pytest.mark.parametrize(("about", "place", "values"), [("score", "fractions quiz", (7, 9)), ("mark", "middle", ("late", "absent"))])
def test_a_score_and_a_mark_are_found_under_the_id_that_the_other_record_has(own_school: School, about: str, place: str, values: tuple[Any, Any]) -> None:
    old, new = (identity(f"{about}/{each}") for each in ("first", "second"))
    where = one(own_school, "SELECT id FROM line_item LIMIT 1" if about == "score" else "SELECT id FROM school LIMIT 1")
    own_school.change(ROWS[about], old, where, own_school.ids["max"], values[0])
    assert asks(own_school, "dee", {"mark": "attendance"}.get(about, about), "x", row=old, child="max") == "asked"
    table = {"score": "result", "mark": "attendance_mark"}[about]
    own_school.change(f"UPDATE {table} SET student_id = %s, ended_at = now() WHERE id = %s", own_school.ids["kai"], old)
    own_school.change(ROWS[about], new, where, own_school.ids["kai"], values[1])
    joins(own_school)
    assert one(own_school, VALUE) == str(values[1])
    own_school.change(f"UPDATE {table} SET ended_at = NULL WHERE id = %s", old)
    assert one(own_school, VALUE) == str(values[0]), "the row as it was moved comes first"


def test_taking_the_records_apart_moves_it_back(asked: School) -> None:
    joins(asked)
    assert parts(asked) == "undone" and of_newest(asked) == "max dee" and due(asked) == 0 and "Moss-Reed" in Browser("dee").open(PATH).words


def test_a_request_closes_on_its_way_back_if_the_same_was_asked_about_since(asked: School) -> None:
    joins(asked)
    assert asks(asked, "dee", wanted="Reed", child="max") == "asked"
    assert parts(asked) == "undone" and state(asked) == "closed dee, waiting dee"
    assert one(asked, "SELECT event FROM ledger WHERE event LIKE 'correction%%' ORDER BY id DESC LIMIT 1") == "correction closed"


def test_one_of_two_about_the_same_value_stays(asked: School) -> None:
    asked.change("INSERT INTO correction (student_id, person_id, about, value_wanted, ground, why) SELECT %s, person_id, about, 'X', ground, why"
                 " FROM correction WHERE value_wanted = 'Moss-Reed'", asked.ids["kai"])  # fmt: skip
    joins(asked)
    assert one(asked, "SELECT student_id FROM correction WHERE value_wanted = 'Moss-Reed'") == asked.ids["max"]


def test_a_restriction_about_either_record_closes_it(asked: School) -> None:
    joins(asked)
    asked.change("INSERT INTO restriction (uuid, person_id, student_id, effect, basis, start_date, paper_kept_at, made_by_id)"
                 " VALUES (gen_random_uuid(), %s, %s, 'no access', 'court order', today(), 'Room 4', %s)",
                 asked.ids["dee"], asked.ids["kai"], asked.ids["carl"])  # fmt: skip
    assert due(asked) == 1 and state(asked) == "closed dee"


def of_age(school: School) -> None:
    school.change("UPDATE majority SET applied_at = now() WHERE student_id = %s", school.ids["max"])
    assert asks(school, "max", child="max", side="student", wanted="Moss-Reed") == "asked"


def test_an_adult_of_the_first_record_does_not_answer(own_school: School) -> None:
    """Dana has access to Max's record and none to the other."""
    of_age(own_school)
    appoint(own_school, "dana")
    own_school.change("UPDATE tie SET student_id = %s WHERE adult_id = %s", own_school.ids["max"], own_school.ids["dana"])
    joins(own_school)
    which = one(own_school, NEWEST)
    assert answers(own_school, who="dana") == "" and Browser("dana", "staff").open(f"/office/corrections/{which}").status == 404
    assert "for their own record" not in Browser("dana", "staff").open("/office/requests").words and answers(own_school, value="Moss-Reed") == "agreed"


def test_the_person_who_asked_keeps_the_request_when_their_own_record_is_joined(asked: School) -> None:
    joins(asked, "dee", "tia")
    assert of_newest(asked) == "max tia" and due(asked) == 0
    assert "Moss-Reed" in Browser("dee").open(PATH).words
    assert answers(asked, "refused", said="No.") == "refused" and told(asked, "dee")[-1] == "request answered"
    assert ask(asked, "dee", "SELECT add_statement(%s, 'Ours.')", [one(asked, NEWEST)], side="family") == "kept"
    assert "Your statement" in Browser("dee").open(f"/children/{identity('max')}").words
    assert ask(asked, "tia", "SELECT ask_for_hearing(%s)", [one(asked, NEWEST)], side="family") == "", "access doesn't follow"
    assert parts(asked) == "undone" and of_newest(asked) == "max dee"


def test_a_student_of_18_keeps_the_request_too(own_school: School) -> None:
    of_age(own_school)
    joins(own_school)
    assert of_newest(own_school) == "kai kai" and due(own_school) == 0
    assert appeals(own_school, "withdraw_correction", "max", "student") == "withdrawn"
