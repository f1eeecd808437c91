"""A confirmation opens only the restoration that it is about, and only if that is the newest one."""

from homeroom.portal.membership.requests.tests.registering import register
from homeroom.portal.membership.requests.tests.students import apply
from homeroom.portal.membership.restore.tests.restoring import Told, back, propose, restore, value
from homeroom.portal.membership.tests.acting import appoint
from tests.school import School


def test_a_yes_that_comes_late_opens_no_older_restoration(own_school: School) -> None:
    appoint(own_school, "pat")
    restore(own_school)
    back(own_school, "carl")
    assert propose(own_school) == "proposed"
    restore(own_school)
    assert value(own_school, "SELECT open_after_restoration(p) FROM proposal p ORDER BY id DESC LIMIT 1") is False
    assert value(own_school, "SELECT count(*) FROM restoration WHERE confirmed_at IS NULL") == 2


def test_no_one_registers_until_a_restoration_is_confirmed(own_school: School) -> None:
    own_school.change("UPDATE district SET registering = 'approve first', registering_students = 'approve first'")
    assert register(own_school, "mia") and apply(own_school, "kid")
    restore(own_school)
    assert register(own_school, "ben") is None and apply(own_school, "lad") is None


def test_a_proposal_to_open_counts_the_notes_of_its_own_restoration(own_school: School) -> None:
    note: Told = ("duty", "bo", None, "applied", {})
    restore(own_school, note, note)
    restore(own_school, note)
    back(own_school, "carl")
    assert propose(own_school) == "proposed" and value(own_school, "SELECT payload->'notes' FROM proposal ORDER BY id DESC LIMIT 1") == 1


def test_a_note_about_someone_who_exists_makes_no_second_person(school: School) -> None:
    made = """SELECT person_here_or_made(jsonb_build_object('uuid', uuid, 'sourced_id', sourced_id, 'given_name', given_name, 'family_name', family_name))
        FROM person WHERE id = %s"""
    assert value(school, made, school.ids["lou"]) == school.ids["lou"]
