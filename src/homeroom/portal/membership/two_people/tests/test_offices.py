"""Administrators: given again after it ended, never given twice, and what ends with it."""

from homeroom.portal.membership.tests.acting import (
    age_proofs,
    appoint,
    ask,
    newest,
    offices_of,
    pass_time,
    propose,
    second,
    stop,
)
from homeroom.portal.membership.two_people.tests.test_two_people import carried_out, office
from tests.cast import identity
from tests.school import School

__all__ = ["office"]

END = "SELECT end_administrator(%s, %s, 'leaves')"


def test_a_former_administrator_can_get_the_office_again(office: School) -> None:
    appoint(office, "bo")
    office.change("UPDATE administrator SET end_date = today() WHERE person_id = %s", office.ids["bo"])
    assert propose(office, "carl", "bo") == "proposed" and second(office, "pat") == "confirmed"
    pass_time(office)
    assert carried_out(office) == 1 and offices_of(office, "bo") == 1


def test_a_person_the_operator_made_an_administrator_meanwhile_is_not_made_one_again(office: School) -> None:
    propose(office, "carl", "bo")
    second(office, "pat")
    appoint(office, "bo")
    pass_time(office)
    assert carried_out(office) == 1 and newest(office)[1] == "not possible" and offices_of(office, "bo") == 1


def test_an_office_that_is_not_there_ends_no_other_and_does_not_ask_who_it_is(office: School) -> None:
    nothing = identity("nothing")
    assert ask(office, "carl", END, [identity("dana"), nothing]) == "" and offices_of(office, "dana") == 1
    age_proofs(office)
    assert ask(office, "carl", END, [nothing, identity("middle")]) == "" and ask(office, "carl", END, [identity("dana"), None]) == "again"


def test_ending_an_office_stops_proposals_that_need_it_and_wait_for_a_second_approval(office: School) -> None:
    appoint(office, "dana", at="middle")
    assert propose(office, "dana", "bo", "middle") == propose(office, "dana", "rosa", "elementary") == "proposed"
    assert propose(office, "dana", "bo") == "proposed" and second(office, "pat") == "confirmed" and stop(office, "pat") == "stopped"
    assert ask(office, "carl", END, [identity("dana"), None]) == "ended"
    with office.connect("owner") as owner:
        found = owner.execute("SELECT p.sourced_id, q.state, d.sourced_id FROM proposal q JOIN person p ON p.id = q.person_id"
                              " LEFT JOIN person d ON d.id = q.decided_by_id AND q.state = 'stopped' ORDER BY q.id").fetchall()  # fmt: skip
    assert found == [("bo", "waiting", None), ("rosa", "stopped", "carl"), ("bo", "stopped", "pat")]
