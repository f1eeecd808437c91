"""Who may not answer: anyone related to the child or to the adult who asks, by any row, and no one about themselves."""

import json
from typing import Any

import pytest

from homeroom.portal.membership.requests.tests.registering import (
    answers,
    looked,
    match,
    newest,
    office_of,
    prove,
    register,
)
from homeroom.portal.membership.tests.acting import appoint, ask
from tests.cast import identity
from tests.school import School

BAR = "UPDATE restriction SET person_id = %s, student_id = %s"


@pytest.fixture
def office(own_school: School) -> School:
    """Dana and Carl are administrators of the district. She is Kai's mother."""
    appoint(own_school, "dana")
    return office_of(own_school)


def on_file(school: School, person: str, child: str) -> None:
    school.change("""INSERT INTO contact (uuid, sourced_id, student_id, person_id, relationship, delivery_id)
        SELECT gen_random_uuid(), %s, %s, %s, 'aunt', max(id) FROM delivery""", f"{person} of {child}", school.ids[child], school.ids[person])  # fmt: skip


def inspects(school: School, who: str) -> str:
    """This person asks to inspect Nina's record. Returns the request's UUID."""
    school.change("DELETE FROM inspection")
    school.change("INSERT INTO inspection (uuid, student_id, person_id, asked_at) VALUES (%s, %s, %s, now())",
                  identity("nina's"), school.ids["nina"], school.ids[who])  # fmt: skip
    return str(identity("nina's"))


def answers_inspection(school: School, who: str, which: str) -> str:
    return str(ask(school, who, "SELECT answer_inspection(%s, 'on paper', NULL)", [which]))


def one(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode(), values).fetchone() or (None,))[0]


def test_no_one_may_decide_about_anyone_without_a_session(school: School) -> None:
    assert one(school, "SELECT may_decide_about(%s)", school.ids["nina"]) is False


def test_an_administrator_cannot_answer_a_question_about_herself_or_a_child_she_is_restricted_from(office: School) -> None:
    answer = "SELECT propose_answer(%s, 'new person')"
    office.change("UPDATE question SET person_id = %s WHERE uuid = %s", office.ids["dana"], identity("question"))
    assert ask(office, "dana", answer, [identity("question")]) == ""
    office.change("UPDATE question SET person_id = %s WHERE uuid = %s", office.ids["nina"], identity("question"))
    office.change(BAR, office.ids["dana"], office.ids["nina"])
    assert ask(office, "dana", answer, [identity("question")]) == "" and ask(office, "carl", answer, [identity("question")]) == "answered"


def test_a_registrar_views_nothing_of_her_own_child_next_to_a_request_for_that_name(office: School) -> None:
    on_file(office, "rosa", "nina")
    register(office)
    which = newest(office)["uuid"]
    beside = "SELECT coalesce(jsonb_agg(name), '[]') FROM records_beside(%s)"
    views = "SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'request'"
    assert looked(office, "rosa", "request", which, beside, which) == [] and one(office, views) == 0
    assert looked(office, "carl", "request", which, beside, which) == ["Nina Ruiz"] and one(office, views) == 1


def test_an_administrator_restricted_from_the_child_cannot_open_it_to_a_requester(office: School) -> None:
    """Lou has no access to Nina any more and isn't in her record."""
    office.change(BAR, office.ids["dana"], office.ids["nina"])
    which = inspects(office, "lou")
    assert answers_inspection(office, "dana", which) == "" and answers_inspection(office, "carl", which) == "on paper"


def test_an_administrator_cannot_answer_a_contact_of_their_own_child_about_another_child(office: School) -> None:
    """Ana and Mia are aunts of Kai, and Dana is his mother."""
    on_file(office, "ana", "kai")
    which = inspects(office, "ana")
    assert answers_inspection(office, "dana", which) == "" and answers_inspection(office, "carl", which) == "on paper"
    register(office)
    match(office)
    on_file(office, "mia", "kai")
    assert answers(office, "dana") == "" and answers(office, "carl") == "approved"


def test_the_operator_gives_no_one_access_to_a_person_no_file_lists_as_a_student(office: School) -> None:
    said = json.dumps({"basis": "order", "start": "2026-01-01", "views": ["grades"], "rights": [], "proof": "in person"})
    tie = "SELECT set_tie_by_operator(%s, %s, 'parent', %s)"
    assert one(office, tie, office.ids["dee"], office.ids["bo"], said) == "" and one(office, tie, office.ids["dee"], 0, said) == ""
    office.change("UPDATE person SET is_student = true WHERE sourced_id = 'bo'")
    assert one(office, tie, office.ids["dee"], office.ids["bo"], said) != ""


def test_an_address_verified_later_does_not_reopen_an_answered_request(office: School) -> None:
    register(office)
    match(office)
    assert answers(office, "rosa", "declined") == "declined"
    register(office, "zoe", "Zoe", "Stone")
    match(office)
    prove(office, "mia", "mia@mail.example")
    prove(office, "zoe", "zoe@mail.example")
    assert one(office, "SELECT jsonb_agg(matched_at IS NULL ORDER BY id) FROM registration") == [False, True]
